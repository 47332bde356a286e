//! Searches for a trace that reaches a rule past all rules before it.
//!
//! The search is bounded. It starts from a trace that satisfies the rule's own conditions and
//! changes it until no earlier rule matches. The sampler itself decides which rule matches, so
//! every trace that is found is correct; finding none proves nothing.

use crate::engine::convert::{to_bool, to_int};
use crate::engine::spec::{ConditionSpec, RulesSpec};
use crate::engine::{Fields, Trace, Value};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// The most traces tried for one rule.
const MAX_DRAFTS: usize = 400;

/// The most spans created for a condition on their number.
pub const MAX_SPANS: i64 = 1_000;

/// A trace to try: each span has the same fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    pub has_root: bool,
    pub spans: usize,
    pub fields: BTreeMap<String, Value>,
}

impl Draft {
    pub fn trace(&self) -> Trace {
        let mut trace = Trace::new("a-trace-for-a-rule");
        let fields = || Fields::new(self.fields.clone());
        if self.has_root {
            trace.push_root(fields());
        }
        (usize::from(self.has_root)..self.spans).for_each(|_| trace.push(fields()));
        trace
    }
}

/// What all searches for a deployment may cost together: the number of spans passed to rules, and of
/// their fields.
pub struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(1_000_000)
    }
}

/// The result of a search.
pub enum Found {
    Trace(Trace),
    /// All relevant changes were tried.
    Nothing,
    /// The budget was used up.
    GaveUp,
}

/// Searches for a trace that matches rule `wanted` (counted from 0) first. `first_match` returns
/// the rule that a trace matches.
pub fn find(
    spec: &RulesSpec,
    pool: &Pool,
    wanted: usize,
    start: Draft,
    budget: &mut Budget,
    first_match: impl Fn(&Trace) -> Option<usize>,
) -> Found {
    let mut tried = vec![start.clone()];
    let mut open = vec![start];
    while let Some(draft) = open.pop() {
        if draft.spans * (1 + draft.fields.len()) > budget.0 {
            return Found::GaveUp;
        }
        let trace = draft.trace();
        let hit = first_match(&trace);
        if hit == Some(wanted) {
            return Found::Trace(trace);
        }
        let rules = hit.map_or(spec.rules.len(), |hit| hit + 1);
        let cost = draft.spans * (rules + draft.fields.len());
        if cost > budget.0 || tried.len() > MAX_DRAFTS {
            return Found::GaveUp;
        }
        budget.0 -= cost;
        // If an earlier rule matches, change something that it tests. If a later rule or none
        // matches, the draft no longer satisfies the wanted rule.
        let Some(rule) = hit.filter(|hit| *hit < wanted) else { continue };
        for next in pool.changes(&draft, conditions(spec, rule)) {
            if tried.len() > MAX_DRAFTS {
                break;
            }
            if !tried.contains(&next) {
                tried.push(next.clone());
                open.push(next);
            }
        }
    }
    Found::Nothing
}

fn conditions(spec: &RulesSpec, rule: usize) -> impl Iterator<Item = &ConditionSpec> {
    spec.rules.get(rule).into_iter().flatten().flat_map(|rule| &rule.conditions).flatten().flatten()
}

/// The values that the conditions of a target distinguish.
pub struct Pool {
    of_fields: BTreeMap<String, Vec<Value>>,
    numbers: BTreeSet<usize>,
}

impl Pool {
    pub fn of(spec: &RulesSpec) -> Self {
        let mut pool = Self { of_fields: BTreeMap::new(), numbers: BTreeSet::from([1]) };
        let mut known = HashSet::new();
        for condition in (0..spec.rules.len()).flat_map(|rule| conditions(spec, rule)) {
            for name in names(condition).filter(|name| is_real(name)) {
                if name.starts_with("?.") {
                    pool.numbers.extend(numbers_near(&condition.value));
                    continue;
                }
                let name = plain(name);
                let values = pool.of_fields.entry(name.to_owned()).or_default();
                let near = values_near(&condition.value);
                values.extend(near.into_iter().filter(|v| known.insert((name, format!("{v:?}")))));
            }
        }
        pool
    }

    /// The draft with one change that these conditions test. The last one is tried first.
    fn changes<'s>(
        &'s self,
        draft: &'s Draft,
        conditions: impl Iterator<Item = &'s ConditionSpec> + 's,
    ) -> impl Iterator<Item = Draft> + 's {
        conditions.flat_map(move |condition| {
            let looks_at_root = names(condition).any(|name| name.starts_with("root."));
            let turns_root = condition.operator == "has-root-span" || looks_at_root;
            let turned = turns_root.then(|| Draft { has_root: !draft.has_root, ..draft.clone() });
            turned.into_iter().chain(names(condition).flat_map(|name| self.values(draft, name)))
        })
    }

    /// The draft with other values of a field, or another number of spans.
    fn values<'d>(
        &'d self,
        draft: &'d Draft,
        name: &'d str,
    ) -> Box<dyn Iterator<Item = Draft> + 'd> {
        if name.starts_with("?.") {
            let spans = self.numbers.iter().filter(|spans| **spans != draft.spans);
            return Box::new(spans.map(|spans| Draft { spans: *spans, ..draft.clone() }));
        }
        let name = plain(name);
        let without = draft.fields.contains_key(name).then(|| {
            let mut fields = draft.fields.clone();
            fields.remove(name);
            Draft { fields, ..draft.clone() }
        });
        let values = self.of_fields.get(name).into_iter().flatten();
        let values = values.filter(move |value| draft.fields.get(name) != Some(*value));
        Box::new(without.into_iter().chain(values.map(move |value| {
            let mut fields = draft.fields.clone();
            fields.insert(name.to_owned(), value.clone());
            Draft { fields, ..draft.clone() }
        })))
    }
}

fn names(condition: &ConditionSpec) -> impl Iterator<Item = &str> {
    let single = Some(condition.field.as_str()).filter(|name| !name.is_empty());
    single.into_iter().chain(condition.fields.iter().map(String::as_str))
}

/// Names that no span has start with a zero byte.
pub fn is_real(name: &str) -> bool {
    !name.starts_with('\0')
}

fn plain(name: &str) -> &str {
    name.strip_prefix("root.").unwrap_or(name)
}

fn numbers_near(value: &Value) -> impl Iterator<Item = usize> {
    let n = to_int(value).unwrap_or(1).clamp(1, MAX_SPANS);
    [n - 1, n, n + 1].into_iter().filter(|n| *n > 0).filter_map(|n| usize::try_from(n).ok())
}

/// The value's neighbours on both sides, the value itself, and an unrelated one. The last one is
/// tried first.
fn values_near(value: &Value) -> Vec<Value> {
    let mut near = Vec::new();
    match value {
        Value::List(items) => near.extend(items.iter().take(3).flat_map(values_near)),
        Value::Int(n) | Value::Long(n) => {
            near.extend([n.saturating_sub(1), n.saturating_add(1), *n].map(Value::Int));
        }
        Value::Float(n) => near.extend([n - 1.0, n + 1.0, *n].map(Value::Float)),
        Value::Bool(b) => near.extend([!b, *b].map(Value::Bool)),
        Value::Text(text) => {
            near.extend(
                to_int(value)
                    .iter()
                    .flat_map(|n| [n.saturating_sub(1), n.saturating_add(1), *n].map(Value::Int)),
            );
            near.push(Value::Bool(!to_bool(value)));
            near.extend([format!("{text}~"), literal(text), text.clone()].map(Value::Text));
        }
        Value::Null => {}
        _ => near.push(value.clone()),
    }
    near.push(Value::Text("something-else".to_owned()));
    near
}

/// The literal characters of a simple pattern, which often match it.
pub fn literal(pattern: &str) -> String {
    pattern.chars().filter(|c| !"^$\\()[]{}*+?|".contains(*c)).collect()
}
