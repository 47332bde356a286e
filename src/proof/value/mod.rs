//! Finds a value that gives the required results of predicates, or proves that there is none.
//!
//! Likely values are tried first. If none fits, each type is searched completely: numbers by
//! ranges, strings by automata; of a list, a mapping or a large number, conditions only see the
//! formatted text. Every found value was checked with the engine's predicates.

mod candidates;
mod decimal;
mod formatted;
mod numbers;
mod outline;
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

/// Whether no client intends to send it: NaN, an infinity, an unsigned integer, a 32-bit float, or
/// another value that Refinery only formats.
pub fn is_rare(value: &Value) -> bool {
    match value {
        Value::Float(n) => !n.is_finite(),
        Value::Uint(_) | Value::Float32(_) | Value::Other(_) => true,
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
    let mut likely = candidates::of(domain, wanted.literals());
    let found = likely.find(|value| may_be(value) && holds(value));
    if !budget.spend(tested) {
        return Found::Open;
    }
    if let Some(value) = found {
        return Found::Value(value);
    }
    // A list with NaN, in which no nested field is found, is not searched for.
    let mut is_open = wanted.is_finite == Some(false)
        || (wanted.is_finite.is_none() && !wanted.printed.is_empty());
    let mut search = |found| match found {
        words::Search::Found(value) => Some(value),
        words::Search::Nothing => None,
        words::Search::Open => {
            is_open = true;
            None
        }
    };
    let found = texts::classes(domain)
        .iter()
        .find_map(|class| search(texts::find(*class, domain, wanted, budget)))
        .or_else(|| {
            let mut classes = formatted::classes(domain).iter();
            classes.find_map(|class| search(formatted::find(*class, wanted, budget)))
        });
    if let Some(value) = found {
        return Found::Value(value);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::predicate::Relation;
    use crate::engine::regexp::Regexp;

    fn found(domain: Domain, tests: &[(Test, bool)]) -> Found {
        let mut wanted = Requirements::default();
        for (test, answer) in tests {
            wanted.add(test, *answer);
        }
        find(domain, &wanted, &mut Budget::new(100_000_000))
    }

    fn plain(predicate: Predicate) -> (Test, bool) {
        (Test::Plain(predicate), true)
    }

    fn contains(part: &str) -> (Test, bool) {
        plain(Predicate::Contains(part.to_owned()))
    }

    fn starts_with(part: &str) -> (Test, bool) {
        plain(Predicate::StartsWith(part.to_owned()))
    }

    fn text(text: &str) -> (Test, bool) {
        plain(Predicate::Text(Relation::Equal, text.to_owned()))
    }

    fn untyped(relation: Relation, value: Value) -> (Test, bool) {
        plain(Predicate::Untyped(relation, value))
    }

    /// Only NaN has both results.
    fn nan() -> [(Test, bool); 2] {
        [5, 6].map(|n| untyped(Relation::Equal, Value::Int(n)))
    }

    #[test]
    fn what_json_cannot_represent_is_not_printed() {
        let is_nan = |found: &Found| matches!(found, Found::Value(Value::Float(n)) if n.is_nan());
        let [one, other] = nan();
        let nothing = (Test::Printed(Predicate::Exists), false);
        assert!(is_nan(&found(Domain::Field, &[one.clone(), other.clone(), nothing.clone()])));
        let something = (Test::Printed(Predicate::Exists), true);
        assert!(!is_nan(&found(Domain::Field, &[one, other, something])));
        // Lists with NaN are not searched for.
        let opaque = (Test::IsFinite, false);
        assert_eq!(found(Domain::Field, &[text("[NaN x]"), opaque.clone()]), Found::Open);
        assert_eq!(found(Domain::Field, &[text("[NaN x]"), nothing]), Found::Open);
        assert!(matches!(found(Domain::Field, &[opaque]), Found::Value(_)));
        assert!(is_rare(&Value::Uint(1)) && !is_rare(&Value::Int(1)));
        assert!(is_rare(&Value::Float32(1.0)) && is_rare(&Value::Other("&{[] 7}".to_owned())));
    }

    #[test]
    fn floats_of_both_sizes_may_be_not_finite() {
        let is_not = |relation, value| (Test::Plain(Predicate::Untyped(relation, value)), false);
        // The others are numbers with an order, or a string.
        for (name, relation) in
            [("NaN", Relation::Equal), ("+Inf", Relation::Greater), ("-Inf", Relation::Less)]
        {
            let no_text = is_not(Relation::GreaterOrEqual, Value::Text(String::new()));
            let no_number = is_not(relation, Value::Int(5));
            let found = found(Domain::Field, &[text(name), no_text, no_number]);
            let Found::Value(value @ Value::Float32(_)) = found else { panic!("{found:?}") };
            assert_eq!(value.text(), name);
        }
    }

    /// No string is one of these, so only a time is.
    #[test]
    fn times_of_other_zones_may_exist() {
        let no_text = Predicate::Untyped(Relation::GreaterOrEqual, Value::Text(String::new()));
        let time = |end| {
            [starts_with("2024-02-28 "), contains(end), (Test::Plain(no_text.clone()), false)]
        };
        assert_eq!(found(Domain::Field, &time(" +0100 CET")), Found::Open);
        let utc = found(Domain::Field, &time(" +0000 UTC"));
        assert!(matches!(utc, Found::Value(Value::Other(_))), "{utc:?}");
    }

    #[test]
    fn mappings_are_values() {
        let map = Found::Value(Value::Map(Fields::default()));
        let is_map = || (Test::IsMap, true);
        assert_eq!(found(Domain::Field, &[is_map()]), map);
        assert_eq!(found(Domain::Nested, &[is_map()]), map);
        // It may have fields that give it this text.
        assert_eq!(found(Domain::Nested, &[is_map(), contains("x")]), Found::Open);
        assert_eq!(found(Domain::Nested, &[is_map(), starts_with("x")]), Found::Impossible);
    }

    #[test]
    fn a_count_has_a_lower_bound() {
        let one = plain(Predicate::Int(Relation::Equal, 1));
        assert_eq!(found(Domain::Count(3), std::slice::from_ref(&one)), Found::Impossible);
        assert_eq!(found(Domain::Count(1), &[one]), Found::Value(Value::Int(1)));
    }

    #[test]
    fn strings_are_numbers_in_several_ways() {
        let float = |relation, n| Test::Plain(Predicate::Float(relation, n));
        let of_text = |tests: &[(Test, bool)]| match found(Domain::Field, tests) {
            Found::Value(Value::Text(text)) => text,
            other => panic!("{other:?}"),
        };
        let five = || (float(Relation::Equal, 5.0), true);
        assert_eq!(of_text(&[five(), starts_with("0")]), "05");
        assert!(matches!(of_text(&[five(), contains("e"), contains("0")]).parse(), Ok(5.0)));
        assert!(matches!(of_text(&[five(), starts_with("0"), contains(".")]).parse(), Ok(5.0)));
        // It is read as the nearest float.
        let tenth = (float(Relation::Equal, 0.1), true);
        let number = of_text(&[tenth, starts_with("0.1000000000000000"), contains("01")]);
        assert_eq!(number.parse(), Ok(0.1));
        let other = (float(Relation::Equal, 5.0), false);
        assert_eq!(of_text(&[other, contains("z"), contains("q")]).len(), 2);
        let other = (Test::Plain(Predicate::Int(Relation::Equal, 5)), false);
        assert_eq!(of_text(&[other, contains("z"), contains("q")]).len(), 2);
        let unordered = [
            (float(Relation::NotEqual, 5.0), true),
            (float(Relation::Less, 5.0), false),
            (float(Relation::Greater, 5.0), false),
            starts_with("n"),
        ];
        assert_eq!(of_text(&unordered), "nan");
    }

    #[test]
    fn numbers_have_texts() {
        let of_number = |tests: &[(Test, bool)]| match found(Domain::Field, tests) {
            Found::Value(value @ (Value::Int(_) | Value::Float(_))) => value.to_string(),
            other => panic!("{other:?}"),
        };
        let between = |low, high| {
            let bounds = [(Relation::Greater, low), (Relation::Less, high)];
            bounds.map(|(relation, n)| untyped(relation, Value::Float(n)))
        };
        let [low, high] = between(200_000.0, 900_000.0);
        let number = of_number(&[low, high, contains(".75"), contains("3")]);
        assert!(number.contains(".75") && number.contains('3'), "{number}");
        let [low, high] = between(2e6, 3e6);
        let million = of_number(&[low.clone(), high.clone(), starts_with("2.3"), contains("e+")]);
        assert!(million.starts_with("2.3") && million.ends_with("e+06"), "{million}");
        // There are too many texts with other exponents.
        assert_eq!(found(Domain::Field, &[low, high, contains("25"), contains("e+")]), Found::Open);
        let texts = ["5", "155"].map(str::to_owned).into_iter().collect();
        let [low, _] = between(10.0, 11.0);
        assert_eq!(of_number(&[low, plain(Predicate::In(List::Text(texts)))]), "155");
    }

    #[test]
    fn infinities_are_rare_and_not_in_json() {
        let beyond = || untyped(Relation::Greater, Value::Float(f64::MAX));
        assert!(matches!(found(Domain::Field, &[beyond()]), Found::Value(Value::Float(_))));
        assert_eq!(found(Domain::Common, &[beyond()]), Found::Impossible);
        let finite = (Test::IsFinite, true);
        assert_eq!(found(Domain::Field, &[beyond(), finite.clone()]), Found::Impossible);
        let above = plain(Predicate::Int(Relation::Greater, 5));
        assert_eq!(found(Domain::Field, &[above, (Test::IsMap, true)]), Found::Impossible);
        // A list of two strings.
        let printed = Predicate::Text(Relation::Equal, r#"["x","y"]"#.to_owned());
        let both = [text("[x y]"), (Test::Printed(printed), true), finite];
        assert_eq!(found(Domain::Field, &both), Found::Open);
    }

    #[test]
    fn too_many_states_are_open() {
        let matches = |pattern| plain(Predicate::Matches(Regexp::new(pattern).unwrap().into()));
        let both = [matches("^(a|b)*a(a|b){12}$"), matches("^(a|b)*b(a|b){12}$")];
        assert_eq!(found(Domain::Nested, &both), Found::Open);
        let both = [matches("^(a|b)*a(a|b){2}$"), matches("^(a|b)*b(a|b){2}$")];
        assert_eq!(found(Domain::Nested, &both), Found::Impossible);
    }
}
