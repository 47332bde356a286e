//! A field name with characters that hardly belong to it.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    ODD_FIELD_NAME,
    "rules/odd-field-name",
    Warning,
    "a field name begins or ends with a blank, a quote or a backtick",
    "names are compared letter by letter, so that what came along from a document or a shell \
     belongs to the name, and no span has such a field",
    "write the bare name",
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

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    subject
        .names()
        .into_iter()
        .filter_map(|(name, span)| {
            let bare = name.trim_matches(is_odd);
            let finding =
                Finding::new(&ODD_FIELD_NAME, format!("no field is called \"{}\"", shown(&name)));
            let finding = finding.help(format!("write `{bare}`")).at_some(span, "letter by letter");
            (bare != name && !bare.is_empty()).then_some(finding)
        })
        .collect()
}

fn is_odd(c: char) -> bool {
    c.is_whitespace() || ['`', '"', '\''].contains(&c)
}

/// With its blanks made plain.
fn shown(name: &str) -> String {
    name.replace(char::is_whitespace, "␣")
}
