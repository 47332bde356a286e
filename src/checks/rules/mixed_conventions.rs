//! Old and new names of one attribute, each in some of the conditions.

use crate::check;
use crate::checks::CheckContext;
use crate::checks::attributes::{RENAMED, plain_name};
use crate::diagnostic::Finding;
use crate::span::Span;
use std::collections::BTreeSet;

check!(
    MIXED_CONVENTIONS,
    "rules/mixed-conventions",
    Note,
    "some rules use the old name of an attribute, others its new name",
    "OpenTelemetry renamed many attributes, and a span usually has one of the names. A condition \
     on the other name does not match it. `Fields` with both names uses the one that a span has.",
    "Test both names with `Fields`, or use one name everywhere.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep server errors
          SampleRate: 1
          Conditions:
            - Field: http.status_code
              Operator: \">=\"
              Value: 500
              Datatype: int
        - Name: sample successes
          SampleRate: 50
          Conditions:
            - Field: http.response.status_code
              Operator: \"<\"
              Value: 400
              Datatype: int
        - Name: sample the rest
          SampleRate: 10
",
    change: "Field: http.response.status_code" => "Field: http.status_code",
);

register!(find);

/// Where names are used: which of them, what they are compared with, and the place.
struct Use {
    names: BTreeSet<String>,
    how: String,
    span: Option<Span>,
}

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let uses = uses(context);
    let used: BTreeSet<&str> = uses.iter().flat_map(|u| &u.names).map(String::as_str).collect();
    let are_used = |(old, new): &(&str, &str)| used.contains(old) && used.contains(new);
    let mut findings = Vec::new();
    for (old, new) in RENAMED.into_iter().filter(are_used) {
        let (olds, news) = (only(&uses, old, new), only(&uses, new, old));
        let (Some(first_old), Some(first_new)) = (olds.first(), news.first()) else { continue };
        let how = |uses: &[&Use]| uses.iter().map(|u| u.how.clone()).collect::<BTreeSet<_>>();
        // Testing both names in the same way is deliberate.
        if how(&olds) == how(&news) {
            continue;
        }
        let message = format!("`{old}` and `{new}` are two names of one attribute");
        let finding = Finding::new(&MIXED_CONVENTIONS, message)
            .help(format!("write `Fields: [{new}, {old}]` in both places"))
            .at_some(first_old.span, "the old name")
            .at_some(first_new.span, "the new name");
        findings.push(finding);
    }
    findings
}

fn uses(context: &CheckContext<'_>) -> Vec<Use> {
    let plain = |name: &String| plain_name(name).to_owned();
    let asked = context.conditions().filter_map(|condition| {
        let names: BTreeSet<_> = condition.fields().map(|(_, name)| plain(&name)).collect();
        let (key, _) = condition.fields().next()?;
        let spec = condition.spec;
        let how = format!("{} {} {}", spec.operator, spec.value, spec.datatype);
        Some(Use { names, how, span: condition.value(key) })
    });
    let counted = context.samplers().map(|sampler| Use {
        names: sampler.spec.sampling_fields().iter().map(plain).collect(),
        how: "a key".to_owned(),
        span: sampler.value("FieldList"),
    });
    asked.chain(counted).collect()
}

/// The uses of one name without the other.
fn only<'u>(uses: &'u [Use], name: &str, other: &str) -> Vec<&'u Use> {
    uses.iter().filter(|u| u.names.contains(name) && !u.names.contains(other)).collect()
}
