//! The fields that the sampler of a target reads, in all spans or only in the root span.

use super::field_use::{FieldUse, KeyOf, Treatment};
use super::hasher::Hasher;
use super::nested::{Steps, is_plain};
use crate::engine::condition::Condition;
use crate::engine::key_fields::ROOT_PREFIX;
use crate::engine::name::Name;
use crate::engine::spec::{ConditionSpec, KeySpec, RuleSpec, Target};
use crate::engine::{Fields, Value};
use crate::proof::Semantics;
use crate::traces::Requirements;
use std::collections::BTreeMap;

/// All fields that a sampler uses.
#[derive(Debug, Default)]
pub struct UsedFields {
    fields: BTreeMap<String, Field>,
    /// Paths of nested lookups.
    paths: Steps,
    /// A path with wildcards or other syntax may reach anything.
    needs_all: bool,
}

#[derive(Debug)]
struct Field {
    name: Name,
    uses: FieldUse,
    /// Whether spans other than the root span need it.
    in_all_spans: bool,
}

impl UsedFields {
    pub fn of(target: &Target, semantics: Semantics) -> Self {
        let mut fields = Self::default();
        match target {
            Target::Null | Target::Empty => {}
            Target::Single(sampler) => fields.add_key(sampler.key()),
            Target::Rules(rules) => {
                for rule in rules.rules.iter().flatten() {
                    fields.add_rule(rule, rules.check_nested_fields, semantics);
                }
            }
        }
        fields
    }

    /// The requirements, as the first line of a recording states them.
    pub fn requirements(&self) -> Requirements {
        let one = |(name, field): (&String, &Field)| {
            (name.clone(), field.uses.requirements(!field.in_all_spans))
        };
        Requirements { fields: self.fields.iter().map(one).collect(), any_field: self.needs_all }
    }

    /// Lets the values of these fields stay as they are.
    pub fn keep(&mut self, names: &[String]) {
        for name in names {
            let field = self.field(name);
            field.in_all_spans = true;
            field.uses.is_kept = true;
        }
    }

    fn add_rule(&mut self, rule: &RuleSpec, nested: bool, semantics: Semantics) {
        for condition in rule.conditions.iter().flatten().flatten() {
            self.add_condition(condition, nested, semantics);
        }
        let sampler = rule.sampler.as_ref().and_then(|sampler| sampler.sampler.as_ref());
        self.add_key(sampler.and_then(|sampler| sampler.key()));
    }

    fn add_condition(&mut self, spec: &ConditionSpec, nested: bool, semantics: Semantics) {
        // Refinery exits on it.
        let Ok(condition) = Condition::new(spec) else { return };
        for written in condition.names() {
            let of_root = written.strip_prefix(ROOT_PREFIX);
            let field = self.field(of_root.unwrap_or(written));
            field.in_all_spans |= of_root.is_none();
            field.uses.is_direct = true;
            field.uses.is_nested |= nested;
            // Other releases may answer differently.
            field.uses.is_kept |= semantics == Semantics::Unknown;
            field.uses.add(spec, condition.predicate());
            if nested && is_plain(written) {
                self.paths.end_of(written).add(spec, condition.predicate());
            } else if nested {
                self.needs_all = true;
            }
        }
    }

    fn add_key(&mut self, key: Option<&KeySpec>) {
        for written in key.iter().flat_map(|key| &key.field_list) {
            if let Some(name) = written.strip_prefix(ROOT_PREFIX) {
                self.field(name).uses.add_key(KeyOf::Root);
            } else {
                let field = self.field(written);
                field.in_all_spans = true;
                field.uses.add_key(KeyOf::Spans);
            }
        }
    }

    fn field(&mut self, name: &str) -> &mut Field {
        self.fields.entry(name.to_owned()).or_insert_with(|| Field {
            name: Name::new(name),
            uses: FieldUse::default(),
            in_all_spans: false,
        })
    }

    /// The used fields of a span, with values that are as good.
    pub fn thin(
        &self,
        span: &Fields,
        is_root: bool,
        hasher: &Hasher,
        count: &mut dyn FnMut(&str, Treatment),
    ) -> BTreeMap<String, Value> {
        let mut thinned = BTreeMap::new();
        if self.needs_all {
            for (name, value) in span.iter() {
                count(name, Treatment::Kept);
                thinned.insert(name.to_owned(), value.clone());
            }
            return thinned;
        }
        for (name, field) in &self.fields {
            let Some(value) = span.get(&field.name) else { continue };
            if is_root || field.in_all_spans {
                let (value, treatment) = field.uses.replace(value, hasher);
                count(name, treatment);
                thinned.insert(name.clone(), value);
            }
        }
        for (name, steps) in self.paths.beginnings() {
            let found = span.iter().find(|(known, _)| *known == name).map(|(_, value)| value);
            let Some(value @ (Value::Map(_) | Value::List(_))) = found else { continue };
            if thinned.contains_key(name) {
                // Also used as a whole.
                count(name, Treatment::Kept);
                thinned.insert(name.to_owned(), value.clone());
            } else if let Some(value) = steps.prune(name, value, hasher, count) {
                thinned.insert(name.to_owned(), value);
            }
        }
        thinned
    }
}
