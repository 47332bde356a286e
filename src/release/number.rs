//! The number of a release, `v3.2.2`.

use std::fmt;

/// A released version, `v3.2.2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release {
    major: u16,
    minor: u16,
    patch: u16,
}

impl Release {
    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self { major, minor, patch }
    }

    /// A release in a table.
    pub const fn literal([major, minor, patch]: [u16; 3]) -> Self {
        Self::new(major, minor, patch)
    }

    /// `v3.2.2` or `3.2.2`, all three numbers.
    pub fn parse(text: &str) -> Option<Self> {
        match *parse_numbers(text)? {
            [major, minor, patch] => Some(Self { major, minor, patch }),
            _ => None,
        }
    }

    /// The same, of what this program knows how to check: 2.0 and later.
    pub fn parse_checked(text: &str) -> Option<Self> {
        Self::parse(text).filter(|release| release.major >= 2)
    }

    pub(super) const fn numbers(self) -> [u16; 3] {
        [self.major, self.minor, self.patch]
    }

    pub(super) fn starts_with(self, numbers: &[u16]) -> bool {
        self.numbers().starts_with(numbers)
    }
}

pub(super) fn parse_numbers(text: &str) -> Option<Vec<u16>> {
    let text = text.strip_prefix('v').unwrap_or(text);
    text.split('.').map(|n| n.parse().ok()).collect()
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}.{}.{}", self.major, self.minor, self.patch)
    }
}
