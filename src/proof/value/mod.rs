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
use crate::engine::predicate::{List, Predicate};
use crate::engine::{Fields, Value, path};

/// A test of a value.
#[derive(Clone, Debug)]
pub enum Test {
    /// The predicate of a condition.
    Plain(Predicate),
    /// The predicate on the string that a lookup of nested fields returns for the value.
    Printed(Predicate),
    IsMap,
    /// JSON can represent it.
    IsFinite,
}

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

/// All required results for a value.
#[derive(Clone, Debug, Default)]
pub struct Requirements<'p> {
    plain: Vec<Literal<'p>>,
    /// For the string that a lookup of nested fields returns.
    printed: Vec<Literal<'p>>,
    is_map: Option<bool>,
    is_finite: Option<bool>,
}

impl<'p> Requirements<'p> {
    pub fn of(predicates: impl Iterator<Item = (&'p Predicate, bool)>) -> Self {
        let plain = predicates.map(|(predicate, answer)| Literal { predicate, answer }).collect();
        Self { plain, ..Self::default() }
    }

    pub fn add(&mut self, test: &'p Test, answer: bool) {
        match test {
            Test::Plain(predicate) => self.plain.push(Literal { predicate, answer }),
            Test::Printed(predicate) => self.printed.push(Literal { predicate, answer }),
            Test::IsMap => self.is_map = Some(answer),
            Test::IsFinite => self.is_finite = Some(answer),
        }
    }

    fn literals(&self) -> impl Iterator<Item = &Literal<'p>> + Clone {
        self.plain.iter().chain(&self.printed)
    }

    fn hold(&self, value: &Value) -> bool {
        let fits = |wanted: Option<bool>, is: bool| wanted.is_none_or(|wanted| wanted == is);
        fits(self.is_map, matches!(value, Value::Map(_)))
            && fits(self.is_finite, value.is_finite())
            && self.plain.iter().all(|literal| literal.holds(value))
            && self.hold_printed(value)
    }

    fn hold_printed(&self, value: &Value) -> bool {
        if self.printed.is_empty() {
            return true;
        }
        if !value.is_finite() {
            return self.printed.iter().all(Literal::holds_missing);
        }
        let text = Value::Text(path::text_of(value));
        self.printed.iter().all(|literal| literal.holds(&text))
    }

    /// Whether a result is required that only a missing field gives.
    fn fail_for_every_value(&self) -> bool {
        let fails = |literal: &Literal| match literal.predicate {
            Predicate::Exists => !literal.answer,
            Predicate::Never | Predicate::NotExists => literal.answer,
            _ => false,
        };
        let is_printed = self.is_finite == Some(true);
        self.plain.iter().any(fails) || (is_printed && self.printed.iter().any(fails))
    }

    fn hold_missing(&self) -> bool {
        self.is_map != Some(true)
            && self.is_finite != Some(false)
            && self.literals().all(Literal::holds_missing)
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

/// Searches for a value in the domain that meets all requirements.
pub fn find(domain: Domain, wanted: &Requirements, budget: &mut Budget) -> Found {
    let sizes = wanted.literals().map(|literal| 1 + size(literal.predicate));
    if !budget.spend(1 + sizes.sum::<usize>()) {
        return Found::Open;
    }
    if !matches!(domain, Domain::Count(_)) && wanted.hold_missing() {
        return Found::Missing;
    }
    if domain == Domain::Nested && wanted.is_map == Some(true) {
        return find_nested_map(wanted, budget);
    }
    if wanted.fail_for_every_value() {
        return Found::Impossible;
    }
    let mut tested = 0;
    let mut holds = |value: &Value| {
        let fails = |literal: &Literal| !literal.holds(value);
        let failed = wanted.plain.iter().position(fails);
        tested += failed.unwrap_or(wanted.plain.len());
        failed.is_none() && wanted.hold(value)
    };
    let may_be = |value: &Value| domain != Domain::Common || !is_rare(value);
    let likely = candidates::of(domain, wanted.literals());
    let found = likely.into_iter().find(|value| may_be(value) && holds(value));
    if !budget.spend(tested) {
        return Found::Open;
    }
    if let Some(value) = found {
        return Found::Value(value);
    }
    // A list with NaN, in which no nested field is found, is not searched for.
    let mut is_open = wanted.is_finite == Some(false)
        || (wanted.is_finite.is_none() && !wanted.printed.is_empty());
    for class in texts::classes(domain) {
        match texts::find(*class, domain, wanted, budget) {
            words::Search::Found(value) => return Found::Value(value),
            words::Search::Nothing => {}
            words::Search::Open => is_open = true,
        }
    }
    if is_open { Found::Open } else { Found::Impossible }
}

/// A nested mapping, which gets fields of its own later.
fn find_nested_map(wanted: &Requirements, budget: &mut Budget) -> Found {
    let object = Value::Text("{}".to_owned());
    if wanted.plain.iter().all(|literal| literal.holds(&object)) {
        return Found::Value(Value::Map(Fields::default()));
    }
    match texts::find_object(&wanted.plain, budget) {
        words::Search::Nothing => Found::Impossible,
        _ => Found::Open,
    }
}
