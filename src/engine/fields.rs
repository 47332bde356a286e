//! Named values in the order of their names: a span's fields, or a mapping inside one.
//!
//! Must not know traces, roots or paths.

use super::value::Value;

/// Names with their values; a name occurs once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fields {
    /// In the order of the names' bytes, for finding them and because the engine prints them so.
    sorted: Vec<(Box<str>, Value)>,
    finite: bool,
}

impl Fields {
    /// Of two values with one name the later counts.
    pub fn new(pairs: impl IntoIterator<Item = (String, Value)>) -> Self {
        let mut sorted: Vec<(Box<str>, Value)> =
            pairs.into_iter().map(|(name, value)| (name.into_boxed_str(), value)).collect();
        sorted.sort_by(|(a, _), (b, _)| a.cmp(b));
        sorted.dedup_by(|later, earlier| {
            let is_same = later.0 == earlier.0;
            if is_same {
                std::mem::swap(&mut later.1, &mut earlier.1);
            }
            is_same
        });
        let finite = sorted.iter().all(|(_, value)| value.is_finite());
        Self { sorted, finite }
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        let at = self.sorted.binary_search_by(|(n, _)| n.as_ref().cmp(name)).ok()?;
        self.sorted.get(at).map(|(_, value)| value)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.sorted.iter().map(|(name, value)| (name.as_ref(), value))
    }

    /// Whether JSON can say all of it.
    pub(super) fn is_finite(&self) -> bool {
        self.finite
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_later_value_counts() {
        let pairs = [("b", 1), ("a", 2), ("b", 3)].map(|(n, v)| (n.to_owned(), Value::Int(v)));
        let fields = Fields::new(pairs);
        assert_eq!(fields.get("b"), Some(&Value::Int(3)));
        assert_eq!(fields.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(fields.get(""), None);
    }

    #[test]
    fn knows_what_json_cannot_say() {
        let of = |value| Fields::new([("x".to_owned(), Value::List(vec![value]))]);
        assert!(of(Value::Float(1.0)).is_finite());
        assert!(!of(Value::Float(f64::NAN)).is_finite());
        assert!(
            !Fields::new([("y".to_owned(), Value::Map(of(Value::Float(f64::INFINITY))))])
                .is_finite()
        );
    }
}
