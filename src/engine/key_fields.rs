//! Which fields of a span the engine takes out of it for a target, at ingest and again before a
//! decision.
//!
//! Must not build keys (`key`) nor read values.

use super::death::Death;
use super::spec::{ConditionSpec, RuleSpec, RulesSpec, Target};
use std::collections::BTreeSet;

/// What a field name begins with that means the trace's root.
pub const ROOT_PREFIX: &str = "root.";

/// What the name of a field begins with that no span holds.
pub const COMPUTED_PREFIX: &str = "?.";

/// The fields that are taken out of a root span, and out of any other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyFields {
    /// Without their `root.`, the root's own first.
    pub all: Vec<String>,
    pub non_root: Vec<String>,
}

impl KeyFields {
    /// The fields of a target, or how the engine dies looking for them.
    pub fn of_target(target: &Target) -> Result<Self, Death> {
        match target {
            Target::Null => Err(Death::NullTarget),
            Target::Empty => Ok(Self::default()),
            Target::Single(sampler) => Self::of(sampler.sampling_fields()),
            Target::Rules(rules) => Self::of(rules_fields(rules)?),
        }
    }

    /// Sorts names by where they are looked for; computed ones are looked for nowhere.
    pub fn of(names: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, Death> {
        let mut fields = Self::default();
        for name in names {
            let name = name.as_ref();
            match name.strip_prefix(ROOT_PREFIX) {
                _ if name.is_empty() => return Err(Death::EmptyField),
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

/// The names in all rules, each once, sorted; a null rule has none.
fn rules_fields(spec: &RulesSpec) -> Result<BTreeSet<&str>, Death> {
    let mut names = BTreeSet::new();
    for rule in spec.rules.iter().flatten() {
        add_rule(rule, &mut names)?;
    }
    Ok(names)
}

fn add_rule<'s>(rule: &'s RuleSpec, names: &mut BTreeSet<&'s str>) -> Result<(), Death> {
    for condition in rule.conditions.iter().flatten() {
        let condition = condition.as_ref().ok_or(Death::NullCondition)?;
        names.extend(condition_fields(condition));
    }
    let sampler = rule.sampler.iter().flat_map(|sampler| &sampler.sampling_fields);
    names.extend(sampler.map(String::as_str));
    Ok(())
}

/// `Field` is the only one of `Fields` where that is empty; an empty `Field` is none.
pub(super) fn condition_fields(spec: &ConditionSpec) -> impl Iterator<Item = &str> {
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
    fn roots_come_first_and_computed_ones_nowhere() {
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
    fn an_empty_name_or_a_null_is_the_end() {
        for (target, death) in [
            (rules(&[Some(condition("", &[""]))], &[]), Death::EmptyField),
            (rules(&[Some(condition("a", &[]))], &[""]), Death::EmptyField),
            (rules(&[None], &[""]), Death::NullCondition),
            (Target::Null, Death::NullTarget),
        ] {
            assert_eq!(KeyFields::of_target(&target), Err(death));
        }
        assert!(KeyFields::of_target(&rules(&[Some(condition("", &[]))], &[])).is_ok());
        assert_eq!(KeyFields::of_target(&Target::Empty), Ok(KeyFields::default()));
    }
}
