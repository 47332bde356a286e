//! Named values sorted by name: the fields of a span, or a mapping inside one.

use super::value::Value;

/// The name of a field with its hash, for lookups in many spans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    text: Box<str>,
    hash: u32,
}

impl Name {
    pub fn new(text: &str) -> Self {
        Self { text: text.into(), hash: hash(text) }
    }
}

/// FNV-1a; names with equal hashes are compared as strings.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, b| (hash ^ u32::from(b)).wrapping_mul(0x0100_0193))
}

/// Names with their values; each name occurs once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fields {
    /// Sorted by the bytes of the names, because Refinery prints them in this order.
    sorted: Vec<(Box<str>, Value)>,
    /// The hashes of the names, stored together so that a search touches one or two cache lines.
    hashes: Box<[u32]>,
    finite: bool,
}

impl Fields {
    /// The last of several values with the same name is used.
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
        let hashes = sorted.iter().map(|(name, _)| hash(name)).collect();
        let finite = sorted.iter().all(|(_, value)| value.is_finite());
        Self { sorted, hashes, finite }
    }

    /// Hides these fields from lookups by name; they are still printed.
    pub fn hide(&mut self, names: &[String]) {
        let hidden = self.sorted.iter().map(|(name, _)| names.iter().any(|n| **n == **name));
        for (at, _) in hidden.enumerate().filter(|(_, hidden)| *hidden) {
            if let Some(hash) = self.hashes.get_mut(at) {
                // No name has this hash.
                *hash = !*hash;
            }
        }
    }

    pub fn get(&self, name: &Name) -> Option<&Value> {
        let hashes = self.hashes.iter().enumerate().filter(|(_, hash)| **hash == name.hash);
        let mut alike = hashes.filter_map(|(at, _)| self.sorted.get(at));
        alike.find(|(text, _)| *text == name.text).map(|(_, value)| value)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.sorted.iter().map(|(name, value)| (name.as_ref(), value))
    }

    /// Whether JSON can represent all values.
    pub(super) fn is_finite(&self) -> bool {
        self.finite
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_is_used() {
        let pairs = [("b", 1), ("a", 2), ("b", 3)].map(|(n, v)| (n.to_owned(), Value::Int(v)));
        let fields = Fields::new(pairs);
        assert_eq!(fields.get(&Name::new("b")), Some(&Value::Int(3)));
        assert_eq!(fields.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(fields.get(&Name::new("")), None);
    }

    #[test]
    fn distinguishes_names_with_equal_hashes() {
        let twins = ["costarring", "liquid"].map(Name::new);
        assert_eq!(twins[0].hash, twins[1].hash);
        let fields = Fields::new([("liquid".to_owned(), Value::Int(1))]);
        assert_eq!(twins.map(|name| fields.get(&name).is_some()), [false, true]);
    }

    #[test]
    fn hidden_fields_are_printed_but_not_found() {
        let mut fields = Fields::new(["a", "b"].map(|n| (n.to_owned(), Value::Int(1))));
        fields.hide(&["b".to_owned(), "c".to_owned()]);
        assert_eq!(["a", "b"].map(|n| fields.get(&Name::new(n)).is_some()), [true, false]);
        assert_eq!(fields.iter().count(), 2);
    }

    #[test]
    fn finds_values_that_json_cannot_represent() {
        let of = |value| Fields::new([("x".to_owned(), Value::List(vec![value]))]);
        assert!(of(Value::Float(1.0)).is_finite());
        assert!(!of(Value::Float(f64::NAN)).is_finite());
        assert!(
            !Fields::new([("y".to_owned(), Value::Map(of(Value::Float(f64::INFINITY))))])
                .is_finite()
        );
    }
}
