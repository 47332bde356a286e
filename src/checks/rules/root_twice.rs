//! A field name with `root.` twice.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    ROOT_TWICE,
    "rules/root-twice",
    Warning,
    "a field name says `root.` twice",
    "the first `root.` means the root span, and the second belongs to the name of a field that \
     hardly any span has",
    "write `root.` once",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep some
          SampleRate: 1
          Conditions:
            - Field: root.root.http.route
              Operator: exists
",
    change: "- Field: root.root.http.route" => "- Field: root.http.route",
);

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let twice = subject.names().into_iter().filter_map(|(name, span)| {
        let rest = name.strip_prefix("root.").filter(|rest| rest.starts_with("root."))?;
        let finding =
            Finding::new(&ROOT_TWICE, format!("`{name}` is the field `{rest}` of the root"));
        Some(finding.help(format!("write `{rest}`")).at_some(span, "`root.` twice"))
    });
    twice.collect()
}
