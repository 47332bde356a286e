//! The predicate of a condition on one value: every operator with every type.
//!
//! `condition` looks the value up and `convert` converts it.

use super::convert::{compare, to_bool, to_float, to_int};
use super::crash::Crash;
use super::regexp::Regexp;
use super::spec::ConditionSpec;
use super::value::Value;
use foldhash::HashSet;
use std::cmp::Ordering;
use std::sync::Arc;

/// A test of a value.
#[derive(Clone, Debug)]
pub enum Predicate {
    /// The operator is unknown or cannot use its value: no trace ever matches.
    Never,
    Exists,
    NotExists,
    /// Compared without conversion; values that cannot be compared never match.
    Untyped(Relation, Value),
    Text(Relation, String),
    Int(Relation, i64),
    Float(Relation, f64),
    /// Equal to this boolean, or different from it.
    Bool {
        equal: bool,
        wanted: bool,
    },
    StartsWith(String),
    Contains(String),
    DoesNotContain(String),
    In(List),
    NotIn(List),
    Matches(Arc<Regexp>),
}

/// A comparison of two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// The values of `in` and `not-in`, in the type of the lookup.
#[derive(Clone, Debug)]
pub enum List {
    Text(HashSet<String>),
    Int(HashSet<i64>),
    Float(Vec<f64>),
}

impl Relation {
    fn parse(operator: &str) -> Option<Self> {
        match operator {
            "=" => Some(Self::Equal),
            "!=" => Some(Self::NotEqual),
            "<" => Some(Self::Less),
            "<=" => Some(Self::LessOrEqual),
            ">" => Some(Self::Greater),
            ">=" => Some(Self::GreaterOrEqual),
            _ => None,
        }
    }

    /// `None` means no order: NaN differs from everything.
    pub fn holds(self, order: Option<Ordering>) -> bool {
        match self {
            Self::Equal => order == Some(Ordering::Equal),
            Self::NotEqual => order != Some(Ordering::Equal),
            Self::Less => order == Some(Ordering::Less),
            Self::LessOrEqual => order.is_some_and(Ordering::is_le),
            Self::Greater => order == Some(Ordering::Greater),
            Self::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
        }
    }
}

impl Predicate {
    /// Parses operator, type and value.
    ///
    /// # Errors
    /// Refinery would crash at the first tested value.
    pub fn new(spec: &ConditionSpec) -> Result<Self, Crash> {
        if let Some(relation) = Relation::parse(&spec.operator) {
            return Ok(Self::typed(relation, &spec.datatype, &spec.value));
        }
        let text = || spec.value.text().into_owned();
        Ok(match spec.operator.as_str() {
            "exists" => Self::Exists,
            "not-exists" => Self::NotExists,
            "starts-with" => Self::StartsWith(text()),
            "contains" => Self::Contains(text()),
            "does-not-contain" => Self::DoesNotContain(text()),
            "matches" => match Regexp::new(&text()) {
                Ok(pattern) => Self::Matches(Arc::new(pattern)),
                Err(_) => Self::Never,
            },
            "in" | "not-in" => return Self::in_list(spec),
            _ => Self::Never,
        })
    }

    /// The predicate of an unprepared condition: operators that need no preparation still work.
    pub fn unprepared(spec: &ConditionSpec) -> Self {
        match (spec.operator.as_str(), Relation::parse(&spec.operator)) {
            (_, Some(relation)) => Self::Untyped(relation, spec.value.clone()),
            ("exists", _) => Self::Exists,
            ("not-exists", _) => Self::NotExists,
            _ => Self::Never,
        }
    }

    /// A value that does not convert to the type is compared without conversion.
    fn typed(relation: Relation, datatype: &str, value: &Value) -> Self {
        let untyped = || Self::Untyped(relation, value.clone());
        match (datatype, relation) {
            ("string", _) => Self::Text(relation, value.text().into_owned()),
            ("int", _) => to_int(value).map_or_else(untyped, |n| Self::Int(relation, n)),
            ("float", _) => to_float(value).map_or_else(untyped, |n| Self::Float(relation, n)),
            ("bool", Relation::Equal) => Self::Bool { wanted: to_bool(value), equal: true },
            ("bool", Relation::NotEqual) => Self::Bool { wanted: to_bool(value), equal: false },
            _ => untyped(),
        }
    }

    fn in_list(spec: &ConditionSpec) -> Result<Self, Crash> {
        let values = match &spec.value {
            Value::List(items) => items.as_slice(),
            single @ (Value::Text(_) | Value::Int(_) | Value::Float(_)) => {
                std::slice::from_ref(single)
            }
            _ => return Ok(Self::Never),
        };
        let negative = spec.operator == "not-in";
        let list = match spec.datatype.as_str() {
            "" | "string" => List::Text(values.iter().map(|v| v.text().into_owned()).collect()),
            "int" => List::Int(values.iter().filter_map(to_int).collect()),
            "float" => List::Float(values.iter().filter_map(to_float).collect()),
            "bool" => return Ok(Self::Never),
            _ if negative => return Err(Crash::NoComparison),
            _ => return Ok(Self::Never),
        };
        Ok(if negative { Self::NotIn(list) } else { Self::In(list) })
    }

    /// Whether a field's value matches; a missing field has the value `Null`.
    pub fn holds(&self, value: &Value, exists: bool) -> bool {
        match self {
            Self::Never => false,
            Self::Exists => exists,
            Self::NotExists => !exists,
            Self::Untyped(relation, wanted) => {
                let order = compare(value, wanted);
                exists && order.is_some() && relation.holds(order)
            }
            Self::Text(relation, wanted) => relation.holds(Some(value.text().as_ref().cmp(wanted))),
            Self::Int(relation, wanted) => {
                exists && to_int(value).is_some_and(|n| relation.holds(Some(n.cmp(wanted))))
            }
            Self::Float(relation, wanted) => {
                exists && to_float(value).is_some_and(|n| relation.holds(n.partial_cmp(wanted)))
            }
            Self::Bool { wanted, equal } => exists && (to_bool(value) == *wanted) == *equal,
            Self::StartsWith(part) => value.text().starts_with(part.as_str()),
            Self::Contains(part) => value.text().contains(part.as_str()),
            Self::DoesNotContain(part) => !value.text().contains(part.as_str()),
            Self::In(list) => list.contains(value),
            Self::NotIn(list) => !list.contains(value),
            Self::Matches(pattern) => pattern.is_match(&value.text()),
        }
    }
}

impl List {
    fn contains(&self, value: &Value) -> bool {
        match self {
            Self::Text(texts) => texts.contains(value.text().as_ref()),
            Self::Int(numbers) => to_int(value).is_some_and(|n| numbers.contains(&n)),
            Self::Float(numbers) => to_float(value).is_some_and(|n| numbers.contains(&n)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(operator: &str, datatype: &str, value: Value) -> ConditionSpec {
        let (operator, datatype) = (operator.to_owned(), datatype.to_owned());
        ConditionSpec { operator, value, datatype, ..ConditionSpec::default() }
    }

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    fn list(items: &[&str]) -> Value {
        Value::List(items.iter().map(|item| text(item)).collect())
    }

    /// Operator, type, the condition's value, the field's value, the result.
    type Case = (&'static str, &'static str, Value, Option<Value>, bool);

    fn check(cases: impl IntoIterator<Item = Case>) {
        for (operator, datatype, wanted, field, answer) in cases {
            let case = format!("{operator} {datatype} {wanted:?} {field:?}");
            let predicate = Predicate::new(&spec(operator, datatype, wanted)).unwrap();
            let holds = predicate.holds(field.as_ref().unwrap_or(&Value::Null), field.is_some());
            assert_eq!(holds, answer, "{case}");
        }
    }

    #[test]
    fn unknown_operators_never_match() {
        check([
            ("", "", text("a"), Some(text("a")), false),
            ("==", "string", text("a"), Some(text("a")), false),
            ("has-root-span", "", Value::Bool(true), Some(Value::Bool(true)), false),
        ]);
    }

    #[test]
    fn invalid_patterns_never_match() {
        check([
            ("matches", "", text("["), Some(text("[")), false),
            ("matches", "", text("(?=x)"), Some(text("x")), false),
            ("matches", "int", Value::Int(5), Some(Value::Int(150)), true),
        ]);
    }

    #[test]
    fn in_supports_strings_and_numbers() {
        check([
            ("in", "bool", list(&["true"]), Some(Value::Bool(true)), false),
            ("not-in", "bool", list(&["x"]), Some(Value::Bool(true)), false),
            ("in", "", Value::Bool(true), Some(Value::Bool(true)), false),
            ("not-in", "", Value::Null, Some(text("x")), false),
            ("not-in", "", Value::Long(5), Some(text("x")), false),
            ("in", "", Value::Int(5), Some(text("5")), true),
            ("in", "other", text("5"), Some(text("5")), false),
            ("in", "int", list(&["5", "abc"]), Some(Value::Float(5.9)), true),
            ("not-in", "int", list(&["5"]), Some(text("abc")), true),
            ("in", "float", list(&["NaN"]), Some(Value::Float(f64::NAN)), false),
            ("in", "float", Value::Float(0.0), Some(Value::Float(-0.0)), true),
        ]);
        let unknown = spec("not-in", "other", text("5"));
        assert_eq!(Predicate::new(&unknown).unwrap_err(), Crash::NoComparison);
    }

    #[test]
    fn compares_values_that_do_not_convert_as_they_are() {
        check([
            ("=", "int", text("abc"), Some(text("abc")), true),
            ("=", "int", text("5.0"), Some(Value::Int(5)), false),
            ("=", "float", Value::Bool(true), Some(Value::Bool(true)), true),
            ("=", "other", Value::Int(5), Some(Value::Float(5.0)), true),
        ]);
    }

    #[test]
    fn int_truncates_fractions() {
        check([
            ("=", "int", Value::Float(1.9), Some(Value::Float(1.2)), true),
            ("!=", "int", Value::Int(1), Some(text("1.5")), false),
            ("!=", "int", Value::Int(1), None, false),
        ]);
    }

    #[test]
    fn booleans_have_no_order_and_other_values_are_false() {
        check([
            (">", "bool", Value::Bool(false), Some(Value::Bool(true)), true),
            (">", "bool", text("false"), Some(Value::Bool(true)), false),
            ("=", "bool", Value::Bool(false), Some(text("junk")), true),
            ("=", "bool", Value::Bool(false), None, false),
            ("!=", "bool", Value::Bool(true), Some(text("junk")), true),
        ]);
    }

    #[test]
    fn only_compares_similar_types_without_a_datatype() {
        check([
            ("=", "", text("200"), Some(Value::Int(200)), false),
            ("!=", "", text("200"), Some(Value::Int(200)), false),
            (">=", "", Value::Float(1.5), Some(Value::Int(2)), true),
            ("!=", "", Value::Null, Some(Value::Int(2)), true),
            ("!=", "", Value::Null, None, false),
            ("=", "", Value::Null, Some(Value::Int(2)), false),
            ("<", "", Value::Int(0), Some(Value::Null), true),
        ]);
    }

    #[test]
    fn string_operators_read_missing_fields_as_nil() {
        check([
            ("!=", "string", text("x"), None, true),
            (">", "string", text("5"), None, true),
            ("does-not-contain", "", text("x"), None, true),
            ("not-in", "", text("x"), None, true),
            ("matches", "", text(".*"), None, true),
            ("contains", "", text("nil"), None, true),
            ("starts-with", "", text("<"), None, true),
            ("in", "string", text("<nil>"), None, true),
        ]);
    }

    #[test]
    fn compares_lists_and_large_numbers_as_formatted() {
        check([
            ("=", "string", list(&["a", "b"]), Some(text("[a b]")), true),
            ("!=", "string", list(&["a"]), Some(text("a")), true),
            ("=", "", list(&["a"]), Some(text("a")), false),
            ("in", "", Value::Float(1e6), Some(Value::Int(1_000_000)), false),
            ("in", "", Value::Float(1e6), Some(text("1e+06")), true),
            ("contains", "", list(&["a", "b"]), Some(text("x[a b]")), true),
        ]);
    }

    #[test]
    fn nan_differs_from_everything() {
        check([
            ("!=", "float", Value::Float(1.0), Some(text("nan")), true),
            ("<=", "float", Value::Float(1.0), Some(text("nan")), false),
        ]);
    }

    #[test]
    fn unprepared_conditions_support_simple_operators() {
        for (operator, answer) in
            [("exists", true), ("=", true), ("contains", false), ("in", false)]
        {
            let predicate = Predicate::unprepared(&spec(operator, "string", text("a")));
            assert_eq!(predicate.holds(&text("a"), true), answer, "{operator}");
        }
    }
}
