//! A field name with stray characters.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    STRAY_CHARACTERS_IN_FIELD,
    "rules/stray-characters-in-field",
    Warning,
    "field name starts or ends with whitespace, a quote or a backtick",
    "Refinery compares field names character by character. A stray character, such as one copied \
     from a document or a shell, is part of the name, and no span has such a field.",
    "Write the name without them.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    DynamicSampler:
      SampleRate: 10
      FieldList:
        - http.method
        - status_code`
",
    change: "- status_code`" => "- status_code",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    context
        .names()
        .into_iter()
        .filter_map(|(name, span)| {
            let bare = name.trim_matches(is_odd);
            let finding = Finding::new(
                &STRAY_CHARACTERS_IN_FIELD,
                format!("no span has a field \"{}\"", shown(&name)),
            );
            let finding = finding
                .help(format!("write `{bare}`"))
                .at_some(span, "compared character by character");
            (bare != name && !bare.is_empty()).then_some(finding)
        })
        .collect()
}

fn is_odd(c: char) -> bool {
    c.is_whitespace() || ['`', '"', '\''].contains(&c)
}

/// Makes whitespace visible.
fn shown(name: &str) -> String {
    name.replace(char::is_whitespace, "␣")
}
