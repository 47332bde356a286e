//! A dynamic sampler without key fields.

use crate::check;
use crate::checks::{CheckContext, SamplerAt};
use crate::diagnostic::Finding;

check!(
    EMPTY_FIELD_LIST,
    "rules/empty-field-list",
    Warning,
    "a sampler with an empty `FieldList` gives all traffic one rate",
    "A dynamic sampler computes a rate for each combination of field values. Without fields there \
     is one combination, and rare traces are sampled like all others.",
    "List the fields that distinguish traces, or use a `DeterministicSampler` if one rate for all \
     is intended.",
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

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    context.samplers().filter_map(report).collect()
}

fn report(sampler: SamplerAt) -> Option<Finding> {
    // `UseTraceLength` adds the length of the trace to the key.
    let key =
        sampler.spec.key().filter(|key| key.field_list.is_empty() && !key.use_trace_length)?;
    let place = sampler.value("FieldList").or_else(|| sampler.span());
    let finding = Finding::new(&EMPTY_FIELD_LIST, "one rate for all traffic: `FieldList` is empty")
        .help("list fields in `FieldList`, or use a `DeterministicSampler`");
    Some(finding.at_some(place, format!("{} fields", key.field_list.len())))
}
