//! What one condition's answer says of another's, where both see the same.
//!
//! Must not know rules: that two conditions are asked of one span is their affair.

use super::grid::{counts, exact, grid, reads_text, texts};
use crate::engine::Value;
use crate::engine::condition::Condition;
use crate::engine::predicate::Predicate;

/// Wherever `one` holds, `other` does.
pub fn implies(one: &Condition, other: &Condition) -> bool {
    let (p, q) = (one.predicate(), other.predicate());
    if one.counts() {
        return counts(p, q)
            .is_some_and(|values| every(&values, |v| !p.holds(v, true) || q.holds(v, true)));
    }
    let missing = !holds_missing(p) || holds_missing(q);
    missing && implies_where_it_exists(p, q)
}

/// No value and no missing field fulfils both.
pub fn excludes(one: &Condition, other: &Condition) -> bool {
    let (p, q) = (one.predicate(), other.predicate());
    let both = |v: &Value| p.holds(v, true) && q.holds(v, true);
    if one.counts() {
        return counts(p, q).is_some_and(|values| every(&values, |v| !both(v)));
    }
    let missing = !holds_missing(p) || !holds_missing(q);
    let values = values_of(p, q).or_else(|| values_of(q, p));
    missing
        && (needs_absence(p)
            || needs_absence(q)
            || values.is_some_and(|values| every(&values, |v| !both(v)))
            || lacks_part(p, q)
            || lacks_part(q, p))
}

/// It holds in no span.
pub fn never(condition: &Condition) -> bool {
    let p = condition.predicate();
    let fails = |values: Vec<Value>| every(&values, |v| !p.holds(v, true));
    match p {
        Predicate::Never => true,
        Predicate::NotExists => condition.counts(),
        _ if condition.counts() => counts(p, p).is_some_and(fails),
        _ => !holds_missing(p) && grid(p, p).is_some_and(fails),
    }
}

/// It holds in every span.
pub fn always(condition: &Condition) -> bool {
    let p = condition.predicate();
    let holds = |values: Vec<Value>| every(&values, |v| p.holds(v, true));
    match p {
        Predicate::Exists => condition.counts(),
        Predicate::Contains(part) => part.is_empty() && !condition.counts(),
        _ if condition.counts() => counts(p, p).is_some_and(holds),
        _ => holds_missing(p) && grid(p, p).is_some_and(holds),
    }
}

/// Whether a span without the field fulfils it.
fn holds_missing(predicate: &Predicate) -> bool {
    predicate.holds(&Value::Null, false)
}

fn implies_where_it_exists(p: &Predicate, q: &Predicate) -> bool {
    if needs_absence(p) || matches!(q, Predicate::Exists) {
        return true;
    }
    let values = values_of(p, q);
    values.is_some_and(|values| every(&values, |v| !p.holds(v, true) || q.holds(v, true)))
        || is_weaker_part(p, q)
}

/// Values that stand for all that fulfil `p`, as far as `q` can tell them apart.
fn values_of(p: &Predicate, q: &Predicate) -> Option<Vec<Value>> {
    let by_text = || texts(p).filter(|_| reads_text(q));
    exact(p).or_else(by_text).or_else(|| grid(p, q))
}

fn needs_absence(predicate: &Predicate) -> bool {
    matches!(predicate, Predicate::Never | Predicate::NotExists)
}

/// What the text certainly holds.
fn part(predicate: &Predicate) -> Option<&str> {
    match predicate {
        Predicate::StartsWith(part) | Predicate::Contains(part) => Some(part),
        _ => None,
    }
}

fn is_weaker_part(p: &Predicate, q: &Predicate) -> bool {
    match (p, q) {
        (Predicate::DoesNotContain(p), Predicate::DoesNotContain(q)) => q.contains(p.as_str()),
        (_, Predicate::Contains(q)) => part(p).is_some_and(|p| p.contains(q.as_str())),
        _ => false,
    }
}

/// `q` forbids what `p` holds.
fn lacks_part(p: &Predicate, q: &Predicate) -> bool {
    match q {
        Predicate::DoesNotContain(q) => part(p).is_some_and(|p| p.contains(q.as_str())),
        _ => false,
    }
}

fn every(values: &[Value], holds: impl Fn(&Value) -> bool) -> bool {
    values.iter().all(holds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::spec::ConditionSpec;

    /// `operator value`, with a type behind a colon: `>= 5 :int`.
    fn condition(written: &str) -> Condition {
        on("a", written)
    }

    fn on(field: &str, written: &str) -> Condition {
        let (written, datatype) = written.split_once(" :").unwrap_or((written, ""));
        let (operator, value) = written.split_once(' ').unwrap_or((written, ""));
        let value = value.parse().map(Value::Int).unwrap_or(match value {
            "true" => Value::Bool(true),
            _ => Value::Text(value.to_owned()),
        });
        let (field, operator) = (field.to_owned(), operator.to_owned());
        let datatype = datatype.to_owned();
        Condition::new(&ConditionSpec {
            field,
            operator,
            value,
            datatype,
            ..ConditionSpec::default()
        })
        .unwrap()
    }

    #[test]
    fn one_condition_is_part_of_another() {
        for (one, other, answer) in [
            (">= 500 :int", ">= 400 :int", true),
            (">= 400 :int", ">= 500 :int", false),
            ("> 4 :int", ">= 5 :int", true),
            ("> 4 :float", ">= 5 :float", false),
            ("= 5 :int", "exists", true),
            ("= 5", "exists", true),
            // NaN is equal to 5 and to every other number.
            ("= 5", "< 6", false),
            ("= 5", "<= 6", true),
            ("= 5 :int", ">= 5 :float", false),
            ("= abc", "starts-with ab", true),
            ("= abc", "matches ^a.c$", true),
            ("= abc :string", "contains b", true),
            ("= abc :string", "!= abd :string", true),
            // One looks at the type and the other at the text alone.
            ("!= abc", "!= abc :string", false),
            ("!= abc :string", "exists", false),
            ("> z :string", "exists", true),
            ("starts-with abc", "starts-with ab", true),
            ("starts-with ab", ">= ab :string", true),
            ("starts-with ab", "< ac :string", true),
            ("starts-with abc", "contains bc", true),
            ("contains abc", "starts-with a", false),
            ("does-not-contain a", "does-not-contain ab", true),
            ("does-not-contain ab", "does-not-contain a", false),
            ("= true :bool", "in true", false),
            ("= true :bool", "!= yes :string", true),
            ("not-exists", "does-not-contain x", true),
            ("not-exists", "contains nil", true),
            ("not-exists", "!= x", false),
            ("matches a", "matches a", false),
        ] {
            assert_eq!(implies(&condition(one), &condition(other)), answer, "{one} ⇒ {other}");
        }
    }

    #[test]
    fn two_conditions_contradict() {
        for (one, other, answer) in [
            ("= 5 :int", "= 6 :int", true),
            ("> 5 :int", "< 6 :int", true),
            ("> 5 :float", "< 6 :float", false),
            ("= 5", "= 6", false),
            ("> 6", "< 5", true),
            ("= a", "= b", true),
            ("= a", "= 5", true),
            ("= a", "= 5 :int", true),
            ("= a", "!= a :string", true),
            ("exists", "not-exists", true),
            ("= 5 :int", "not-exists", true),
            ("not-exists", "does-not-contain x", false),
            ("!= a :string", "not-exists", false),
            ("starts-with a", "starts-with b", true),
            ("starts-with a", "does-not-contain a", true),
            ("contains ab", "does-not-contain b", true),
            ("= a :string", "contains b", true),
            ("= true :bool", "= x :bool", true),
            ("= x :bool", "= y :bool", false),
            ("contains a", "contains b", false),
        ] {
            let (p, q) = (condition(one), condition(other));
            assert_eq!(excludes(&p, &q), answer, "{one} × {other}");
            assert_eq!(excludes(&q, &p), answer, "{other} × {one}");
        }
    }

    #[test]
    fn a_count_is_a_whole_number_above_zero() {
        let count = |written| on("?.NUM_DESCENDANTS", written);
        assert!(never(&count("< 1")) && never(&count("= x")) && never(&count("not-exists")));
        assert!(always(&count(">= 1")) && always(&count("!= 0 :int")) && always(&count("exists")));
        assert!(!never(&count("> 1000")) && !always(&count("> 1")));
        assert!(excludes(&count("= 5"), &count("= 6")));
        assert!(implies(&count("> 5"), &count(">= 6 :float")));
        assert!(!implies(&count("> 5"), &count("> 6")));
    }

    #[test]
    fn some_hold_always_or_never() {
        for (written, is_always, is_never) in [
            ("contains", true, false),
            ("starts-with", true, false),
            (">=  :string", true, false),
            ("<  :string", false, true),
            ("matches (", false, true),
            ("exists", false, false),
            ("= 5", false, false),
        ] {
            let condition = condition(written);
            assert_eq!((always(&condition), never(&condition)), (is_always, is_never), "{written}");
        }
    }
}
