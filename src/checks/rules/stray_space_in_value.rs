//! A string that begins or ends with a space.

use crate::check;
use crate::checks::attributes::texts;
use crate::checks::{CheckContext, ConditionAt};
use crate::diagnostic::Finding;

check!(
    STRAY_SPACE_IN_VALUE,
    "rules/stray-space-in-value",
    Warning,
    "a value starts or ends with a space, and is compared with it",
    "Refinery compares strings character by character. A space or line break at the end, which a \
     block scalar (`|`) adds, is part of the value.",
    "Remove the space.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: sample the shop
          SampleRate: 100
          Conditions:
            - Field: service.name
              Operator: \"=\"
              Value: \"shop \"
",
    change: "\"shop \"" => "shop",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    context.conditions().filter_map(report).collect()
}

fn report(condition: ConditionAt) -> Option<Finding> {
    if !condition.has_operator(&["=", "!=", "in", "not-in"]) {
        return None;
    }
    let text = texts(&condition.spec.value).find(|text| is_stray(text))?;
    let shown = text.replace(char::is_whitespace, "␣");
    Some(
        Finding::new(
            &STRAY_SPACE_IN_VALUE,
            format!("the value \"{shown}\" has a space at its end"),
        )
        .help(format!("write `{}`", text.trim()))
        .at_some(condition.value("Value"), "compared with the space"),
    )
}

fn is_stray(text: &str) -> bool {
    let bare = text.trim();
    bare != text && !bare.is_empty()
}
