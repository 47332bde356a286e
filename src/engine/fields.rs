//! Named values in the order of their names: a span's fields, or a mapping inside one.
//!
//! Must not know traces, roots or paths.

use super::value::Value;

/// A field's name, made ready for being looked up in many spans.
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

/// FNV-1a; two names with one hash are still told apart by their text.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, b| (hash ^ u32::from(b)).wrapping_mul(0x0100_0193))
}

/// Names with their values; a name occurs once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fields {
    /// In the order of the names' bytes, because the engine prints them so.
    sorted: Vec<(Box<str>, Value)>,
    /// The hashes of the names, side by side: looking through them touches one or two cache lines.
    hashes: Box<[u32]>,
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
        let hashes = sorted.iter().map(|(name, _)| hash(name)).collect();
        let finite = sorted.iter().all(|(_, value)| value.is_finite());
        Self { sorted, hashes, finite }
    }

    /// Keeps these from being looked up by name; they are still there to be printed.
    pub fn hide(&mut self, names: &[String]) {
        let hidden = self.sorted.iter().map(|(name, _)| names.iter().any(|n| **n == **name));
        for (at, _) in hidden.enumerate().filter(|(_, hidden)| *hidden) {
            if let Some(hash) = self.hashes.get_mut(at) {
                // No name of this text has this hash.
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
        assert_eq!(fields.get(&Name::new("b")), Some(&Value::Int(3)));
        assert_eq!(fields.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(fields.get(&Name::new("")), None);
    }

    #[test]
    fn names_with_one_hash_are_told_apart() {
        let twins = ["costarring", "liquid"].map(Name::new);
        assert_eq!(twins[0].hash, twins[1].hash);
        let fields = Fields::new([("liquid".to_owned(), Value::Int(1))]);
        assert_eq!(twins.map(|name| fields.get(&name).is_some()), [false, true]);
    }

    #[test]
    fn what_is_hidden_is_printed_and_not_found() {
        let mut fields = Fields::new(["a", "b"].map(|n| (n.to_owned(), Value::Int(1))));
        fields.hide(&["b".to_owned(), "c".to_owned()]);
        assert_eq!(["a", "b"].map(|n| fields.get(&Name::new(n)).is_some()), [true, false]);
        assert_eq!(fields.iter().count(), 2);
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
