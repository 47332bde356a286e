//! The fields that the sampler of a target reads: nothing else of a span must be kept.

use super::key_fields::{ROOT_PREFIX, condition_fields};
use super::spec::{RuleSpec, SamplerSpec, Target};
use foldhash::fast::RandomState;
use std::collections::HashSet;
use std::sync::Arc;

/// The prefix of Refinery's metadata.
pub const META_PREFIX: &str = "meta.";

/// What kind of data an event is.
pub const SIGNAL: &str = "meta.signal_type";

/// Names of fields.
#[derive(Debug, Default)]
pub struct ReadFields {
    names: HashSet<Arc<str>, RandomState>,
    /// A bit for each of their lengths.
    lengths: u64,
    /// Nested fields are looked up in all fields.
    are_all: bool,
    /// All metadata of Refinery's.
    has_meta: bool,
}

impl ReadFields {
    /// Every field.
    pub fn all() -> Self {
        Self { are_all: true, ..Self::default() }
    }

    /// Fields with these names.
    pub fn of_names(names: &[String]) -> Self {
        let mut read = Self::default();
        for name in names {
            read.add(name);
        }
        read
    }

    pub fn of_target(target: &Target) -> Self {
        let mut read = Self::default();
        match target {
            Target::Null | Target::Empty => {}
            Target::Single(sampler) => read.add_sampler(sampler),
            Target::Rules(rules) => {
                read.are_all = rules.check_nested_fields;
                rules.rules.iter().flatten().for_each(|rule| read.add_rule(rule));
            }
        }
        read
    }

    fn add_rule(&mut self, rule: &RuleSpec) {
        for condition in rule.conditions.iter().flatten().flatten() {
            condition_fields(condition).for_each(|name| self.add(name));
        }
        let sampler = rule.sampler.iter().filter_map(|sampler| sampler.sampler.as_ref());
        sampler.for_each(|sampler| self.add_sampler(sampler));
    }

    fn add_sampler(&mut self, sampler: &SamplerSpec) {
        sampler.sampling_fields().iter().for_each(|name| self.add(name));
    }

    fn add(&mut self, name: &str) {
        self.insert(name.strip_prefix(ROOT_PREFIX).unwrap_or(name).into());
    }

    fn insert(&mut self, name: Arc<str>) {
        self.lengths |= length_bit(&name);
        self.names.insert(name);
    }

    /// With what ingest reads: metadata, and some other fields.
    #[must_use]
    pub fn for_ingest<'n>(&self, names: impl IntoIterator<Item = &'n String>) -> Self {
        let mut read = Self { has_meta: true, ..self.clone() };
        names.into_iter().for_each(|name| read.insert(name.as_str().into()));
        // Every span of an export has it.
        read.insert(SIGNAL.into());
        read
    }

    /// With the fields that another sampler reads.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.names.extend(other.names);
        self.lengths |= other.lengths;
        self.are_all |= other.are_all;
        self.has_meta |= other.has_meta;
        self
    }

    /// Whether metadata of Refinery's is read.
    pub fn has_metadata(&self) -> bool {
        self.has_meta || self.are_all || self.names.iter().any(|n| n.starts_with(META_PREFIX))
    }

    pub fn has(&self, name: &str) -> bool {
        self.has_any_like(name) || self.get(name).is_some()
    }

    /// The name as spans share it; `None` if the field is not read.
    pub fn find(&self, name: &str) -> Option<Arc<str>> {
        let known = self.get(name).cloned();
        known.or_else(|| self.has_any_like(name).then(|| name.into()))
    }

    fn has_any_like(&self, name: &str) -> bool {
        self.are_all || self.has_meta && name.starts_with(META_PREFIX)
    }

    /// Most names of spans are not read, and have other lengths than those that are.
    fn get(&self, name: &str) -> Option<&Arc<str>> {
        if self.lengths & length_bit(name) == 0 {
            return None;
        }
        self.names.get(name)
    }
}

fn length_bit(name: &str) -> u64 {
    1 << name.len().min(63)
}

/// Copies the names, so that threads do not count references to the same ones.
impl Clone for ReadFields {
    fn clone(&self) -> Self {
        let names = self.names.iter().map(|name| Arc::from(&**name)).collect();
        Self { names, ..*self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::spec::{ConditionSpec, DynamicSpec, KeySpec, RuleSamplerSpec, RulesSpec};

    #[test]
    fn fields_of_conditions_and_keys_are_read() {
        let condition = |field: &str, fields: &[&str]| {
            let fields = fields.iter().map(ToString::to_string).collect();
            Some(ConditionSpec { field: field.to_owned(), fields, ..ConditionSpec::default() })
        };
        let key = KeySpec { field_list: vec!["root.k".to_owned()], ..KeySpec::default() };
        let sampler = SamplerSpec::Dynamic(DynamicSpec { key, ..DynamicSpec::default() });
        let rule = RuleSpec {
            conditions: Some(vec![condition("a", &[]), condition("", &["root.b", "c"]), None]),
            sampler: Some(RuleSamplerSpec { sampler: Some(sampler), sampling_fields: vec![] }),
            ..RuleSpec::default()
        };
        let target = |check_nested_fields| {
            let rules = vec![None, Some(rule.clone())];
            ReadFields::of_target(&Target::Rules(RulesSpec { rules, check_nested_fields }))
        };
        let read = target(false).clone();
        for (name, is_read) in
            [("a", true), ("b", true), ("c", true), ("k", true), ("root.b", false), ("d", false)]
        {
            assert_eq!(read.find(name).is_some(), is_read, "{name}");
        }
        assert_eq!(target(true).find("d").as_deref(), Some("d"));
    }
}
