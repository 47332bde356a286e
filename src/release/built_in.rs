//! The releases known to this program, from `schemas/releases.json`.

use super::Release;
use jiff::civil::{Date, date};

/// How well a release is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// Unknown: it is checked as the nearest known release.
    Unknown,
    /// Its keys were read from its binary.
    Learned,
    /// Its notes and documentation were read.
    Documented,
    /// Its behaviour was recorded.
    Proved,
}

impl Evidence {
    pub fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Learned => "learned",
            Self::Documented => "documented",
            Self::Proved => "proved",
        }
    }

    /// What it is based on, as part of a sentence.
    pub fn basis(self) -> &'static str {
        match self {
            Self::Unknown => "unknown release",
            Self::Learned => "known from its binary",
            Self::Documented => "known from published notes",
            Self::Proved => "proved by recordings",
        }
    }
}

/// A known release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    pub release: Release,
    /// The day on which it was published; of a learned one, that of its commit, if anybody says it.
    pub date: Option<Date>,
    pub evidence: Evidence,
}

/// The line of Go that builds a release, where anybody says it: `25` for Go 1.25.
type GoLine = Option<u32>;

const fn row(
    number: [u16; 3],
    (year, month, day): (i16, i8, i8),
    evidence: Evidence,
    go: GoLine,
) -> (Known, GoLine) {
    let release = Release::literal(number);
    (Known { release, date: Some(date(year, month, day)), evidence }, go)
}

// `ROWS`, which `build.rs` writes: all releases, oldest first.
include!(concat!(env!("OUT_DIR"), "/releases.rs"));

/// All of them, oldest first.
pub(super) fn table() -> impl DoubleEndedIterator<Item = Known> {
    ROWS.iter().map(|(known, _)| *known)
}

/// Finds a release.
pub(super) fn built_in(release: Release) -> Option<Known> {
    table().find(|known| known.release == release)
}

/// The newest release that this program knows by itself and that is not newer than this one; the
/// oldest one where there is none.
pub fn nearest_built_in(release: Release) -> Release {
    let older = table().rev().find(|known| known.release <= release);
    older.or_else(|| table().next()).map_or(release, |known| known.release)
}

/// The line of Go that builds a release: `25` for Go 1.25. A release without this fact is assumed
/// to be built like the one before it.
pub fn go_line(release: Release) -> u32 {
    let lines = || ROWS.iter().filter_map(|(known, go)| Some((known.release, (*go)?)));
    let older = lines().rev().find(|(known, _)| *known <= release);
    older.or_else(|| lines().next()).map_or(0, |(_, line)| line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_go_that_builds_a_release() {
        for (release, line) in [
            ("v2.0.0", 19),
            ("v2.9.3", 22),
            ("v2.9.4", 24),
            ("v3.2.2", 25),
            ("v3.3.0", 25),
            ("v9.0.0", 27),
        ] {
            assert_eq!(go_line(Release::parse(release).unwrap()), line, "{release}");
        }
    }
}
