//! A dynamic sampler that tells no traces apart.

use crate::check;
use crate::checks::{SamplerAt, Subject};
use crate::diagnostic::Finding;

check!(
    NO_KEY_FIELDS,
    "rules/no-key-fields",
    Warning,
    "a sampler with an empty `FieldList` gives all traffic one rate",
    "a dynamic sampler learns a rate for each combination of values that its fields have; without \
     fields there is one combination, and rare traces are thinned out like all others",
    "name the fields that tell traces apart, or write a `DeterministicSampler` if one rate for \
     all is meant",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    DynamicSampler:
      SampleRate: 10
      FieldList: []
",
    change: "FieldList: []" => "FieldList: [http.route]",
);

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    subject.samplers().filter_map(report).collect()
}

fn report(sampler: SamplerAt) -> Option<Finding> {
    // The length of a trace tells it apart as well.
    let key =
        sampler.spec.key().filter(|key| key.field_list.is_empty() && !key.use_trace_length)?;
    let place = sampler.value("FieldList").or_else(|| sampler.span());
    let finding = Finding::new(&NO_KEY_FIELDS, "one rate for all traffic: there are no key fields")
        .help("name fields in `FieldList`, or use a `DeterministicSampler`");
    Some(finding.at_some(place, format!("{} fields", key.field_list.len())))
}
