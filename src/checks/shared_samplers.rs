//! Which samplers of rules Refinery shares.

use super::{CheckContext, RuleAt, SamplerAt};
use crate::config::effective_value::{Record, Typed};
use crate::engine::process::running_name;
use crate::schema::Quirk;
use std::collections::{BTreeMap, HashMap};

/// Pairs of an earlier and a later sampler of a target's rules that Refinery shares.
pub fn shared_samplers<'a>(
    context: &'a CheckContext<'a>,
) -> impl Iterator<Item = (SamplerAt<'a>, SamplerAt<'a>)> {
    let shares = context.stage.quirks.has(Quirk::SharesRuleSamplers);
    context.targets().iter().filter(move |_| shares).flat_map(|target| {
        let mut first = HashMap::new();
        let samplers: Vec<_> = target.rules().filter_map(RuleAt::sampler).collect();
        samplers.into_iter().filter_map(move |sampler| {
            let earlier = *first.entry(running_name("", sampler.spec)?).or_insert(sampler);
            (earlier.rule?.number != sampler.rule?.number).then_some((earlier, sampler))
        })
    })
}

/// Whether both have the same settings, in any order.
pub fn have_equal_settings(one: SamplerAt<'_>, other: SamplerAt<'_>) -> bool {
    settings(one) == settings(other)
}

/// The non-zero settings of a sampler except its fields, by name.
fn settings(sampler: SamplerAt<'_>) -> BTreeMap<&str, &Typed> {
    let fields = sampler.setting.record().into_iter().flat_map(Record::iter);
    let written = fields.filter(|(name, value)| *name != "FieldList" && !value.typed.is_zero());
    written.map(|(name, value)| (name, &value.typed)).collect()
}
