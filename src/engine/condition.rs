//! A single condition: the value of a span that it tests, and its predicate.
//!
//! Whether one span must match all conditions is decided in `rules`.

use super::convert::to_bool;
use super::crash::Crash;
use super::key_fields::{COMPUTED_PREFIX, ROOT_PREFIX, condition_fields};
use super::name::Name;
use super::predicate::Predicate;
use super::spec::ConditionSpec;
use super::special_path::find_text;
use super::trace::Trace;
use super::value::{Fields, Lookup, Value};
use std::borrow::Cow;

/// The only computed field.
const DESCENDANTS: &str = "NUM_DESCENDANTS";

/// A prepared condition.
#[derive(Clone, Debug)]
pub struct Condition {
    subject: Subject,
    predicate: Predicate,
    /// The value that `has-root-span` requires, if that is the operator.
    pub wants_root: Option<bool>,
}

#[derive(Clone, Debug, PartialEq)]
enum Subject {
    Descendants,
    /// The first of these fields that a span has.
    Fields(Vec<Place>),
}

/// A field, and the span in which it is looked up.
#[derive(Clone, Debug, PartialEq)]
struct Place {
    written: String,
    of_root: bool,
    /// Without `root.`.
    name: Name,
}

impl Place {
    fn new(written: &str) -> Self {
        let of_root = written.strip_prefix(ROOT_PREFIX);
        Self {
            written: written.to_owned(),
            of_root: of_root.is_some(),
            name: Name::new(of_root.unwrap_or(written)),
        }
    }
}

/// The value of one span that a condition tests.
struct Tested<'t> {
    value: Cow<'t, Value>,
    exists: bool,
    /// Whether every span of the trace gives the same value.
    same_for_all: bool,
}

/// The result for one span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    pub holds: bool,
    pub same_for_all: bool,
}

impl Condition {
    /// Prepares a condition.
    ///
    /// # Errors
    /// Refinery crashes on it.
    pub fn new(spec: &ConditionSpec) -> Result<Self, Crash> {
        let is_ambiguous = !spec.field.is_empty() && !spec.fields.is_empty();
        let is_descendants = spec.field.strip_prefix(COMPUTED_PREFIX) == Some(DESCENDANTS);
        Ok(Self {
            subject: if is_descendants {
                Subject::Descendants
            } else {
                Subject::Fields(condition_fields(spec).map(Place::new).collect())
            },
            predicate: if is_ambiguous {
                Predicate::unprepared(spec)
            } else {
                Predicate::new(spec)?
            },
            wants_root: (spec.operator == "has-root-span").then(|| to_bool(&spec.value)),
        })
    }

    /// The predicate on the tested value.
    pub fn predicate(&self) -> &Predicate {
        &self.predicate
    }

    /// Whether it tests the number of spans: an integer above zero.
    pub fn counts(&self) -> bool {
        self.subject == Subject::Descendants
    }

    /// The names of the tested fields in order, as written.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let places = match &self.subject {
            Subject::Descendants => &[][..],
            Subject::Fields(places) => places,
        };
        places.iter().map(|place| place.written.as_str())
    }

    /// Whether it holds for a trace: for the root span that it asks for, or for any span.
    pub fn holds_somewhere(&self, trace: &Trace, nested: bool) -> bool {
        if let Some(wanted) = self.wants_root {
            return trace.root().is_some() == wanted;
        }
        let mut lookup = match &self.subject {
            Subject::Fields(places) if let [place] = &places[..] => Some(Lookup::new(&place.name)),
            _ => None,
        };
        for span in trace.spans() {
            let answer = self.evaluate_by(trace, span, nested, |name, span| match &mut lookup {
                Some(lookup) => lookup.get(span),
                None => span.get(name),
            });
            if answer.holds || answer.same_for_all {
                return answer.holds;
            }
        }
        false
    }

    /// Evaluates the condition for one span.
    pub fn evaluate(&self, trace: &Trace, span: &Fields, nested: bool) -> Answer {
        self.evaluate_by(trace, span, nested, |name, span| span.get(name))
    }

    /// The same; `get` finds a field of a span.
    fn evaluate_by<'t>(
        &self,
        trace: &'t Trace,
        span: &'t Fields,
        nested: bool,
        get: impl FnMut(&Name, &'t Fields) -> Option<&'t Value>,
    ) -> Answer {
        let tested = match &self.subject {
            Subject::Descendants => Tested {
                value: Cow::Owned(Value::Int(trace.descendants())),
                exists: true,
                same_for_all: true,
            },
            Subject::Fields(places) => find_field(places, trace, span, nested, get),
        };
        let holds = self.predicate.holds(&tested.value, tested.exists);
        Answer { holds, same_for_all: tested.same_for_all }
    }
}

/// Refinery looks up nested fields in the span of the last place, under the names as written.
fn find_field<'t>(
    places: &[Place],
    trace: &'t Trace,
    span: &'t Fields,
    nested: bool,
    mut get: impl FnMut(&Name, &'t Fields) -> Option<&'t Value>,
) -> Tested<'t> {
    let mut same_for_all = true;
    let mut last = span;
    for place in places {
        let meant = if place.of_root { trace.root() } else { Some(span) };
        same_for_all &= place.of_root;
        last = meant.unwrap_or(span);
        if let Some(value) = meant.and_then(|span| get(&place.name, span)) {
            return Tested { value: Cow::Borrowed(value), exists: true, same_for_all };
        }
    }
    let text = places.iter().filter(|_| nested).find_map(|place| find_text(last, &place.written));
    Tested {
        exists: text.is_some(),
        value: text.map_or(Cow::Borrowed(&Value::Null), |text| Cow::Owned(Value::Text(text))),
        same_for_all: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(fields: &[(&str, Value)]) -> Fields {
        Fields::new(fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())))
    }

    fn condition(fields: &[&str], operator: &str, value: Value) -> Condition {
        let fields = fields.iter().map(ToString::to_string).collect();
        let operator = operator.to_owned();
        Condition::new(&ConditionSpec { fields, operator, value, ..ConditionSpec::default() })
            .unwrap()
    }

    /// A child span with `a` and `n.x`, and optionally a root span with `r`.
    fn trace(has_root: bool) -> Trace {
        let nested = Value::Map(span(&[("x", Value::Int(5))]));
        let mut trace = Trace::new("t");
        trace.push(span(&[("a", Value::Int(1)), ("n", nested)]));
        if has_root {
            trace.push_root(span(&[("r", Value::Int(2)), ("root.odd", Value::Int(3))]));
        }
        trace
    }

    fn holds(condition: &Condition, trace: &Trace, nested: bool) -> (bool, bool) {
        let answer = condition.evaluate(trace, &trace.spans()[0], nested);
        (answer.holds, answer.same_for_all)
    }

    #[test]
    fn tests_the_first_existing_field() {
        let both = condition(&["root.r", "a"], "=", Value::Int(1));
        assert_eq!(holds(&both, &trace(true), false), (false, true));
        assert_eq!(holds(&both, &trace(false), false), (true, false));
        let other_way = condition(&["a", "root.r"], "=", Value::Int(1));
        assert_eq!(holds(&other_way, &trace(true), false), (true, false));
    }

    #[test]
    fn a_missing_root_has_no_fields() {
        let absent = condition(&["root.r"], "not-exists", Value::Null);
        assert_eq!(holds(&absent, &trace(false), false), (true, false));
        assert_eq!(holds(&absent, &trace(true), false), (false, true));
        let odd = condition(&["root.odd"], "exists", Value::Null);
        assert!(!holds(&odd, &trace(true), false).0);
    }

    #[test]
    fn a_missing_field_name_never_exists() {
        assert!(holds(&condition(&[], "not-exists", Value::Null), &trace(true), false).0);
        assert!(!holds(&condition(&[], "exists", Value::Null), &trace(true), true).0);
    }

    #[test]
    fn nested_values_are_strings_and_never_of_the_root() {
        let number = condition(&["n.x"], "=", Value::Int(5));
        let text = condition(&["n.x"], "=", Value::Text("5".to_owned()));
        let of_root = condition(&["root.n.x"], "exists", Value::Null);
        assert!(!holds(&number, &trace(true), true).0);
        assert!(holds(&text, &trace(true), true).0);
        assert!(!holds(&text, &trace(true), false).0);
        assert!(!holds(&of_root, &trace(true), true).0);
    }

    #[test]
    fn descendants_are_only_computed_for_field() {
        let spec = |field: &str, fields: &[&str]| ConditionSpec {
            field: field.to_owned(),
            fields: fields.iter().map(ToString::to_string).collect(),
            operator: "=".to_owned(),
            value: Value::Int(2),
            datatype: String::new(),
        };
        for (spec, answer) in [
            (spec("?.NUM_DESCENDANTS", &[]), (true, true)),
            (spec("", &["?.NUM_DESCENDANTS"]), (false, false)),
            (spec("?.NUM_DESCENDANT", &[]), (false, false)),
        ] {
            let condition = Condition::new(&spec).unwrap();
            assert_eq!(holds(&condition, &trace(true), false), answer, "{spec:?}");
        }
    }

    #[test]
    fn field_with_fields_leaves_the_predicate_unprepared() {
        let spec = ConditionSpec {
            field: "a".to_owned(),
            fields: vec!["n".to_owned()],
            operator: "contains".to_owned(),
            value: Value::Text("x".to_owned()),
            datatype: String::new(),
        };
        assert!(!holds(&Condition::new(&spec).unwrap(), &trace(true), false).0);
        let spec = ConditionSpec { operator: "exists".to_owned(), ..spec };
        assert!(holds(&Condition::new(&spec).unwrap(), &trace(true), false).0);
    }

    #[test]
    fn has_root_span_reads_booleans() {
        for (value, wants) in [
            (Value::Bool(true), true),
            (Value::Text("t".to_owned()), true),
            (Value::Text("yes".to_owned()), false),
            (Value::Null, false),
        ] {
            let condition = condition(&[], "has-root-span", value);
            assert_eq!(condition.wants_root, Some(wants));
        }
    }
}
