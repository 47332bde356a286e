//! Finds a value that gives the required results of predicates, or proves that there is none.
//!
//! Likely values are tried first. If none fits, each type is searched completely: numbers by
//! ranges, strings by automata; of a list, a mapping or a large number, conditions only see the
//! formatted text. Every found value was checked with the engine's predicates.

mod candidates;
mod decimal;
mod numbers;
mod reader;
mod texts;
mod words;

use super::budget::Budget;
use crate::engine::Value;
use crate::engine::predicate::{List, Predicate};

/// A required result of a predicate.
#[derive(Clone, Copy, Debug)]
pub struct Literal<'p> {
    pub predicate: &'p Predicate,
    pub answer: bool,
}

impl Literal<'_> {
    fn holds(&self, value: &Value) -> bool {
        self.predicate.holds(value, true) == self.answer
    }

    fn holds_missing(&self) -> bool {
        self.predicate.holds(&Value::Null, false) == self.answer
    }
}

/// The possible values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Domain {
    /// Any value, or a missing field.
    Field,
    /// Any value that is not rare, or a missing field.
    Common,
    /// A string, or a missing field.
    Nested,
    /// An integer of at least this.
    Count(i64),
}

/// Whether no client intends to send it: NaN, an infinity, or an unsigned integer.
pub fn is_rare(value: &Value) -> bool {
    match value {
        Value::Float(n) => !n.is_finite(),
        Value::Uint(_) => true,
        _ => false,
    }
}

/// How many values a predicate lists, which are sorted and searched.
fn size(predicate: &Predicate) -> usize {
    match predicate {
        Predicate::In(list) | Predicate::NotIn(list) => match list {
            List::Text(texts) => texts.len(),
            List::Int(numbers) => numbers.len(),
            List::Float(numbers) => numbers.len(),
        },
        _ => 0,
    }
}

/// The result of a search for a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    Value(Value),
    /// The field must be missing.
    Missing,
    Impossible,
    /// Undecided within the limits.
    Open,
}

/// Searches for a value in the domain for which all literals are true.
pub fn find(domain: Domain, literals: &[Literal], budget: &mut Budget) -> Found {
    let sizes = literals.iter().map(|literal| 1 + size(literal.predicate));
    if !budget.spend(1 + sizes.sum::<usize>()) {
        return Found::Open;
    }
    if !matches!(domain, Domain::Count(_)) && literals.iter().all(Literal::holds_missing) {
        return Found::Missing;
    }
    let mut tested = 0;
    let mut holds = |value: &Value| {
        let fails = |literal: &Literal| !literal.holds(value);
        let failed = literals.iter().position(fails);
        tested += failed.unwrap_or(literals.len());
        failed.is_none()
    };
    let may_be = |value: &Value| domain != Domain::Common || !is_rare(value);
    let likely = candidates::of(domain, literals);
    let found = likely.into_iter().find(|value| may_be(value) && holds(value));
    if !budget.spend(tested) {
        return Found::Open;
    }
    if let Some(value) = found {
        return Found::Value(value);
    }
    let mut is_open = false;
    for class in texts::classes(domain) {
        match texts::find(*class, domain, literals, budget) {
            words::Search::Found(value) => return Found::Value(value),
            words::Search::Nothing => {}
            words::Search::Open => is_open = true,
        }
    }
    if is_open { Found::Open } else { Found::Impossible }
}
