//! A field name that is nearly one of OpenTelemetry's.

use crate::check;
use crate::checks::CheckContext;
use crate::checks::attributes::{defined_names, is_defined, plain_name};
use crate::checks::typo::is_typo_of;
use crate::diagnostic::Finding;

check!(
    MISSPELT_FIELD,
    "rules/misspelt-field",
    Warning,
    "field name looks like a typo of a well-known one",
    "Refinery compares field names character by character, including case. A span without the \
     field does not match, and nothing is logged.",
    "Correct the name.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep errors
          SampleRate: 1
          Conditions:
            - Field: http.staus_code
              Operator: \">=\"
              Value: 500
              Datatype: int
",
    change: "staus" => "status",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let found = context.names().into_iter().filter_map(|(name, span)| {
        let plain = plain_name(&name);
        // Words such as `Error` are names of many libraries.
        let is_own = is_defined(plain) || !plain.contains(['.', '_']);
        let known = defined_names().find(|known| !is_own && is_typo_of(plain, known))?;
        let finding =
            Finding::new(&MISSPELT_FIELD, format!("`{plain}` looks like a typo of `{known}`"));
        Some(finding.help(format!("write `{known}`")).at_some(span, "a missing field"))
    });
    found.collect()
}
