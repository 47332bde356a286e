//! The name of a field, prepared for lookups.

/// The name of a field with its hash, for lookups in many spans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    pub(super) text: Box<str>,
    pub(super) hash: u32,
}

impl Name {
    pub fn new(text: &str) -> Self {
        Self { text: text.into(), hash: hash(text) }
    }
}

/// FNV-1a; names with equal hashes are compared as strings.
pub(super) fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, b| (hash ^ u32::from(b)).wrapping_mul(0x0100_0193))
}
