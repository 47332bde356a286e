//! The fields that Refinery extracts from a span for a target, at ingest and again before a
//! decision.
//!
//! `key` builds keys from them.

use super::crash::Crash;
use super::spec::{ConditionSpec, RuleSpec, RulesSpec, Target};
use std::collections::BTreeSet;

/// Prefix of field names of the root span.
pub const ROOT_PREFIX: &str = "root.";

/// Prefix of computed field names.
pub const COMPUTED_PREFIX: &str = "?.";

/// The fields extracted from a root span, and from any other span.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyFields {
    /// Without their `root.` prefix, root fields first.
    pub all: Vec<String>,
    pub non_root: Vec<String>,
}

impl KeyFields {
    /// The fields of a target.
    ///
    /// # Errors
    /// Refinery crashes while it collects them.
    pub fn of_target(target: &Target) -> Result<Self, Crash> {
        match target {
            Target::Null => Err(Crash::NullTarget),
            Target::Empty => Ok(Self::default()),
            Target::Single(sampler) => Self::of(sampler.sampling_fields()),
            Target::Rules(rules) => Self::of(rules_fields(rules)?),
        }
    }

    /// Sorts names by the span in which they are looked up; ignores computed fields.
    pub fn of(names: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, Crash> {
        let mut fields = Self::default();
        for name in names {
            let name = name.as_ref();
            match name.strip_prefix(ROOT_PREFIX) {
                _ if name.is_empty() => return Err(Crash::EmptyField),
                Some(name) => fields.all.push(name.to_owned()),
                None if name.starts_with(COMPUTED_PREFIX) => {}
                None => fields.non_root.push(name.to_owned()),
            }
        }
        fields.all.extend_from_slice(&fields.non_root);
        fields.all.dedup();
        Ok(fields)
    }
}

/// The names in all rules, sorted and without duplicates; a null rule has none.
fn rules_fields(spec: &RulesSpec) -> Result<BTreeSet<&str>, Crash> {
    let mut names = BTreeSet::new();
    for rule in spec.rules.iter().flatten() {
        add_rule(rule, &mut names)?;
    }
    Ok(names)
}

fn add_rule<'s>(rule: &'s RuleSpec, names: &mut BTreeSet<&'s str>) -> Result<(), Crash> {
    for condition in rule.conditions.iter().flatten() {
        let condition = condition.as_ref().ok_or(Crash::NullCondition)?;
        names.extend(condition_fields(condition));
    }
    let sampler = rule.sampler.iter().flat_map(|sampler| &sampler.sampling_fields);
    names.extend(sampler.map(String::as_str));
    Ok(())
}

/// If `Fields` is empty, `Field` is used, unless it is empty too.
pub fn condition_fields(spec: &ConditionSpec) -> impl Iterator<Item = &str> {
    let single = Some(spec.field.as_str()).filter(|f| !f.is_empty() && spec.fields.is_empty());
    single.into_iter().chain(spec.fields.iter().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::spec::RuleSamplerSpec;

    fn rules(conditions: &[Option<ConditionSpec>], sampling: &[&str]) -> Target {
        let sampling_fields = sampling.iter().map(ToString::to_string).collect();
        let rule = RuleSpec {
            conditions: Some(conditions.to_vec()),
            sampler: Some(RuleSamplerSpec { sampler: None, sampling_fields }),
            ..RuleSpec::default()
        };
        Target::Rules(RulesSpec { rules: vec![None, Some(rule)], check_nested_fields: false })
    }

    fn condition(field: &str, fields: &[&str]) -> ConditionSpec {
        let fields = fields.iter().map(ToString::to_string).collect();
        ConditionSpec { field: field.to_owned(), fields, ..ConditionSpec::default() }
    }

    #[test]
    fn sorts_root_fields_first_and_ignores_computed_fields() {
        let fields = KeyFields::of(["b", "root.c", "?.NUM_DESCENDANTS", "root.b", "rooted"]);
        let fields = fields.unwrap();
        assert_eq!(fields.all, ["c", "b", "rooted"]);
        assert_eq!(fields.non_root, ["b", "rooted"]);
    }

    #[test]
    fn collects_from_rules() {
        let target =
            rules(&[Some(condition("a", &[])), Some(condition("x", &["b", "c"]))], &["d", "a"]);
        assert_eq!(KeyFields::of_target(&target).unwrap().all, ["a", "b", "c", "d"]);
    }

    #[test]
    fn empty_names_and_nulls_crash() {
        for (target, crash) in [
            (rules(&[Some(condition("", &[""]))], &[]), Crash::EmptyField),
            (rules(&[Some(condition("a", &[]))], &[""]), Crash::EmptyField),
            (rules(&[None], &[""]), Crash::NullCondition),
            (Target::Null, Crash::NullTarget),
        ] {
            assert_eq!(KeyFields::of_target(&target), Err(crash));
        }
        assert!(KeyFields::of_target(&rules(&[Some(condition("", &[]))], &[])).is_ok());
        assert_eq!(KeyFields::of_target(&Target::Empty), Ok(KeyFields::default()));
    }
}
