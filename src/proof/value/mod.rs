//! A value that gives predicates the answers that are wanted of them, or the proof that there is none.
//!
//! Likely values are tried first. Where none fits, each type is searched completely: numbers by
//! ranges, texts by automata; what of a list, a mapping or a large number conditions see is its text.
//! Every value found has answered every predicate of the engine's. Must not know spans or rules.

mod candidates;
mod decimal;
mod numbers;
mod reader;
mod texts;
mod words;

use super::budget::Budget;
use crate::engine::Value;
use crate::engine::predicate::Predicate;

/// An answer that is wanted of a predicate.
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

/// Which values there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Domain {
    /// Any, or none at all.
    Field,
    /// Any but a rare one, or none at all.
    Common,
    /// A text, or none at all.
    Nested,
    /// A whole number, at least this.
    Count(i64),
}

/// No client means to send it: NaN, an infinity, or an integer that is held without a sign.
pub fn is_rare(value: &Value) -> bool {
    match value {
        Value::Float(n) => !n.is_finite(),
        Value::Uint(_) => true,
        _ => false,
    }
}

/// What became of the search for a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    Value(Value),
    /// The field must not be there.
    Missing,
    Impossible,
    /// There may be one, which the search did not find within its limits.
    Open,
}

/// Looks for a value of the domain for which all literals hold.
pub fn find(domain: Domain, literals: &[Literal], budget: &mut Budget) -> Found {
    if !budget.spend(1 + literals.len()) {
        return Found::Open;
    }
    if !matches!(domain, Domain::Count(_)) && literals.iter().all(Literal::holds_missing) {
        return Found::Missing;
    }
    let holds = |value: &Value| literals.iter().all(|literal| literal.holds(value));
    let may_be = |value: &Value| domain != Domain::Common || !is_rare(value);
    let likely = candidates::of(domain, literals);
    if let Some(value) = likely.into_iter().find(|value| may_be(value) && holds(value)) {
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
