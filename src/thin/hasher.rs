//! Keyed hashes: without the key, nobody can find out by guessing which value has a hash.

use sha1::{Digest, Sha1};
use std::fmt::Write;
use std::hash::{BuildHasher, RandomState};

/// So many IDs are tried before one stays as it is. Refinery keeps about as many traces in all for
/// each that it keeps with such a rate.
const MAX_TRIES: u32 = 1 << 24;

/// Hashes values with a key.
pub struct Hasher {
    key: Vec<u8>,
}

impl Hasher {
    pub fn new(key: &[u8]) -> Self {
        Self { key: key.to_vec() }
    }

    /// With a random key.
    pub fn random() -> Self {
        let part = |_| RandomState::new().hash_one("").to_be_bytes();
        Self { key: (0..4).flat_map(part).collect() }
    }

    /// The hash of a value, which is neither a number nor a word such as `true`. It is the same in all
    /// fields, because a key without some of its fields may equal one without others.
    pub fn token(&self, text: &str) -> String {
        format!("#{}", hex(&self.digest(0, text), 8))
    }

    /// The first ID made from this one that fits; the ID itself if none is found.
    pub fn id(&self, id: &str, fits: impl Fn(&str) -> bool) -> String {
        let mut made = (1..MAX_TRIES).map(|number| hex(&self.digest(number, id), 16));
        made.find(|made| fits(made)).unwrap_or_else(|| id.to_owned())
    }

    /// The nested form keeps the key secret whatever is hashed.
    fn digest(&self, number: u32, text: &str) -> Vec<u8> {
        let inner = Sha1::new()
            .chain_update(&self.key)
            .chain_update(number.to_be_bytes())
            .chain_update(text)
            .finalize();
        Sha1::new().chain_update(&self.key).chain_update(inner).finalize().to_vec()
    }
}

fn hex(digest: &[u8], bytes: usize) -> String {
    digest.iter().take(bytes).fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_depend_on_key_and_value() {
        let one = Hasher::new(b"one");
        let token = one.token("x");
        assert_eq!((token.len(), &token), (17, &Hasher::new(b"one").token("x")));
        for other in [
            one.token("y"),
            Hasher::new(b"two").token("x"),
            Hasher::random().token("x"),
            Hasher::random().token("x"),
        ] {
            assert_ne!(other, token);
        }
    }

    #[test]
    fn the_first_id_that_fits_is_used() {
        let hasher = Hasher::new(b"key");
        let first = hasher.id("t", |_| true);
        assert_eq!(first.len(), 32);
        let other = hasher.id("t", |id| id != first && id.starts_with('7'));
        assert!(other.starts_with('7') && other != first);
    }
}
