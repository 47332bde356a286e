//! The key by which a dynamic sampler counts a trace: its distinct values, field by field.
//!
//! `dynamic` counts them.

use super::key_fields::ROOT_PREFIX;
use super::name::Name;
use super::number_text::plain_float;
use super::spec::KeySpec;
use super::trace::Trace;
use super::value::{Fields, Lookup, Value};
use std::borrow::Cow;
use std::fmt::Write;

/// Refinery stops at the hundredth distinct value and omits it.
const LIMIT: usize = 100;

/// Longer keys are moved while they grow.
const USUAL_LENGTH: usize = 64;

/// Builds the key of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceKey {
    fields: Vec<Name>,
    root_fields: Vec<Name>,
    use_trace_length: bool,
}

impl TraceKey {
    pub fn new(spec: &KeySpec) -> Self {
        let mut names = spec.field_list.clone();
        names.sort();
        let (mut fields, mut root_fields) = (Vec::new(), Vec::new());
        for name in &names {
            match name.strip_prefix(ROOT_PREFIX) {
                Some(name) => root_fields.push(Name::new(name)),
                None => fields.push(Name::new(name)),
            }
        }
        Self { fields, root_fields, use_trace_length: spec.use_trace_length }
    }

    /// `a•b•,` for each field, `value,` for each root field, then the number of spans.
    pub fn build(&self, trace: &Trace) -> String {
        let mut key = String::with_capacity(USUAL_LENGTH);
        let (mut seen, mut values) = (0, Vec::new());
        for field in &self.fields {
            distinct(trace.spans(), field, &mut seen, &mut values);
            push_values(&mut key, &values);
        }
        for value in trace.root().iter().flat_map(|root| self.root_values(root)) {
            key.push_str(&value.text());
            key.push(',');
        }
        if self.use_trace_length {
            // Writing to a String cannot fail.
            let _ = write!(key, "{}", trace.descendants());
        }
        key
    }

    fn root_values<'t>(&self, root: &'t Fields) -> impl Iterator<Item = &'t Value> {
        self.root_fields.iter().filter_map(|name| root.get(name))
    }
}

/// Replaces `values` by the distinct values of a field, sorted. `seen` counts those of all fields, up
/// to the limit.
fn distinct<'t>(
    spans: &'t [Fields],
    field: &'t Name,
    seen: &mut usize,
    values: &mut Vec<Cow<'t, str>>,
) {
    values.clear();
    let (mut last, mut lookup) = (None, Lookup::new(field));
    for value in spans.iter().filter_map(|span| lookup.get(span)) {
        if *seen >= LIMIT {
            break;
        }
        // Consecutive spans mostly have equal values, and formatting a number is expensive. Floats
        // are excluded: 0 and -0 are equal but format differently.
        if matches!(value, Value::Int(_) | Value::Text(_)) && last.replace(value) == Some(value) {
            continue;
        }
        let text = key_text(value);
        if !values.contains(&text) {
            *seen += 1;
            if *seen < LIMIT {
                values.push(text);
            }
        }
    }
    values.sort_unstable();
}

/// The text of a value in a key. Numbers have no exponent here, unlike in root fields.
pub fn key_text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Float(n) => Cow::Owned(plain_float(*n)),
        other => other.text(),
    }
}

fn push_values(key: &mut String, values: &[Cow<'_, str>]) {
    if values.is_empty() {
        return;
    }
    // Refinery treats the empty string as already written.
    for value in values.iter().filter(|value| !value.is_empty()) {
        key.push_str(value);
        key.push('•');
    }
    key.push(',');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(fields: &[&str], use_trace_length: bool) -> TraceKey {
        let field_list = fields.iter().map(ToString::to_string).collect();
        TraceKey::new(&KeySpec { field_list, max_keys: 0, use_trace_length })
    }

    fn trace(spans: &[(&str, Value)]) -> Trace {
        let mut trace = Trace::new("t");
        for (name, value) in spans {
            trace.push(Fields::new([((*name).to_owned(), value.clone())]));
        }
        trace
    }

    #[test]
    fn sorts_fields_and_distinct_values() {
        let mut trace = trace(&[
            ("b", Value::Int(10)),
            ("a", Value::Text("y".to_owned())),
            ("a", Value::Text("x".to_owned())),
            ("b", Value::Int(9)),
            ("a", Value::Text("y".to_owned())),
        ]);
        trace.push_root(Fields::new([("r".to_owned(), Value::Float(1e6))]));
        assert_eq!(key(&["b", "root.r", "a", "none"], true).build(&trace), "x•y•,10•9•,1e+06,6");
    }

    #[test]
    fn formats_numbers_without_exponents_and_null_like_go() {
        let values = [Value::Float(1e6), Value::Null, Value::Float(0.0), Value::Float(-0.0)];
        let trace = trace(&values.map(|value| ("a", value)));
        assert_eq!(key(&["a"], false).build(&trace), "-0•0•1000000•<nil>•,");
    }

    #[test]
    fn omits_empty_strings() {
        let empty = || Value::Text(String::new());
        let both = trace(&[("a", Value::Int(1)), ("a", empty())]);
        assert_eq!(key(&["a"], false).build(&both), "1•,");
        assert_eq!(key(&["a"], false).build(&trace(&[("a", empty())])), ",");
    }

    #[test]
    fn without_fields_all_traces_have_one_key() {
        assert_eq!(key(&[], false).build(&trace(&[("a", Value::Int(1))])), "");
        assert_eq!(key(&["root.a"], false).build(&trace(&[("a", Value::Int(1))])), "");
    }

    #[test]
    fn stops_before_the_hundredth_value() {
        let mut trace = Trace::new("t");
        for n in 0..200 {
            let pairs = [("a", n), ("b", n % 2), ("z", 1)];
            let pairs = pairs.map(|(name, n)| (name.to_owned(), Value::Int(n)));
            trace.push(Fields::new(pairs));
        }
        assert_eq!(key(&["b", "a", "z"], false).build(&trace).matches('•').count(), 99);
        assert_eq!(key(&["b", "z"], false).build(&trace), "0•1•,1•,");
    }
}
