//! The releases known to this program, from `schemas/releases.json`.

use super::{Release, learned};
use crate::packed;
use jiff::civil::Date;
use serde::Deserialize;
use std::sync::LazyLock;

/// How well a release is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
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

/// The format of the file.
#[derive(Default, Deserialize)]
struct File {
    releases: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    name: String,
    date: Date,
    evidence: Evidence,
    /// `1.25`; of a release that is documented only, none if nobody says it.
    go: Option<String>,
}

fn table() -> &'static [Known] {
    static TABLE: LazyLock<Vec<Known>> = LazyLock::new(|| {
        let file: File = packed!("releases.json");
        let read = |row: Row| {
            let release = Release::parse(&row.name)?;
            Some(Known { release, date: Some(row.date), evidence: row.evidence })
        };
        file.releases.into_iter().filter_map(read).collect()
    });
    &TABLE
}

/// Of this program, apart from what a run has learned.
pub(super) fn built_in(release: Release) -> Option<Known> {
    table().iter().find(|known| known.release == release).copied()
}

/// The newest release that this program knows by itself and that is not newer than this one; the
/// oldest one where there is none.
pub fn nearest_built_in(release: Release) -> Release {
    let older = table().iter().rev().find(|known| known.release <= release);
    older.or(table().first()).map_or(release, |known| known.release)
}

/// All that is known, oldest first: what was learned of a release replaces what was documented.
fn all() -> Vec<Known> {
    let learned = learned::all();
    let is_learned = |known: &&Known| learned.iter().any(|(release, _)| *release == known.release);
    let mut all: Vec<Known> = table().iter().filter(|known| !is_learned(known)).copied().collect();
    all.extend(learned.iter().map(|(release, file)| Known {
        release: *release,
        date: file.date.or(built_in(*release).and_then(|known| known.date)),
        evidence: Evidence::Learned,
    }));
    all.sort_by_key(|known| known.release);
    all
}

/// The line of Go that builds a release: `25` for Go 1.25. A release that nobody says it of is taken
/// to be built like the one before it.
pub fn go_line(release: Release) -> u32 {
    static LINES: LazyLock<Vec<(Release, u32)>> = LazyLock::new(|| {
        let file: File = packed!("releases.json");
        let read = |row: Row| {
            let line = row.go?.strip_prefix("1.")?.parse().ok()?;
            Some((Release::parse(&row.name)?, line))
        };
        file.releases.into_iter().filter_map(read).collect()
    });
    let older = LINES.iter().rev().find(|(known, _)| *known <= release);
    older.or(LINES.first()).map_or(0, |(_, line)| *line)
}

/// All releases, oldest first.
pub fn releases() -> Vec<Release> {
    all().iter().map(|known| known.release).collect()
}

/// Finds a known release.
pub fn known(release: Release) -> Option<Known> {
    all().into_iter().find(|known| known.release == release)
}

/// The newest known release.
pub fn newest() -> Release {
    all().last().map_or(Release::new(0, 0, 0), |known| known.release)
}

/// The newest release on a day; the oldest one before the first release.
pub fn newest_on(day: Date) -> Release {
    let all = all();
    let was_there = |known: &&Known| known.date.is_some_and(|date| date <= day);
    let then = all.iter().filter(was_there).max_by_key(|known| known.release);
    then.or(all.first()).map_or_else(newest, |known| known.release)
}

/// The releases that became the newest after one day and up to another, by date.
pub fn newest_between(after: Date, until: Date) -> Vec<(Release, Date)> {
    let dated = |known: Known| Some((known.release, known.date?));
    let is_within = |(_, date): &(Release, Date)| after < *date && *date <= until;
    // Patch releases of an older line do not become the newest.
    let is_newest = |(release, date): &(Release, Date)| newest_on(*date) == *release;
    let mut found: Vec<_> =
        all().into_iter().filter_map(dated).filter(is_within).filter(is_newest).collect();
    found.sort_by_key(|(_, date)| *date);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_sorted_and_have_dates() {
        let table = table();
        assert_eq!(table.len(), 40);
        assert!(table.is_sorted_by_key(|known| known.release));
        assert_eq!(newest().to_string(), "v3.4.0");
        let evidence = |release: &str| known(Release::parse(release).unwrap()).unwrap().evidence;
        assert_eq!(evidence("v3.2.2"), Evidence::Proved);
        assert_eq!(evidence("v3.3.0"), Evidence::Documented);
        assert_eq!(known(Release::new(3, 4, 1)), None);
        assert_eq!(nearest_built_in(Release::new(9, 0, 0)), newest());
    }

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

    #[test]
    fn finds_releases_between_days() {
        let between = |after: &str, until: &str| {
            let found = newest_between(after.parse().unwrap(), until.parse().unwrap());
            found.iter().map(|(release, _)| release.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(between("2024-08-15", "2024-09-13"), ["v2.8.1", "v2.8.2"]);
        assert_eq!(between("2026-05-26", "2026-08-10"), ["v3.3.0"]);
        assert!(between("2026-08-10", "2026-09-07").is_empty());
    }

    #[test]
    fn finds_the_newest_release_on_a_day() {
        for (day, expected) in [
            ("2020-01-01", "v2.0.0"),
            ("2023-07-06", "v2.0.0"),
            ("2024-08-20", "v2.7.1"),
            // Two were published on that day.
            ("2024-09-05", "v2.8.1"),
            ("2026-08-09", "v3.2.2"),
            ("2026-08-10", "v3.3.0"),
            ("2099-01-01", "v3.4.0"),
        ] {
            assert_eq!(newest_on(day.parse().unwrap()).to_string(), expected, "{day}");
        }
    }
}
