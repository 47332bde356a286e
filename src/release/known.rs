//! The releases known in this run: those of this program and those that it has learned.

use super::built_in::{Evidence, Known, built_in, table};
use super::{Release, learned};
use jiff::civil::Date;

/// All known releases, oldest first; learned facts about a release replace documented ones.
fn all() -> Vec<Known> {
    let learned = learned::all();
    let is_learned = |known: &Known| learned.iter().any(|(release, _)| *release == known.release);
    let mut all: Vec<Known> = table().filter(|known| !is_learned(known)).collect();
    all.extend(learned.iter().map(|(release, file)| Known {
        release: *release,
        date: file.date.or(built_in(*release).and_then(|known| known.date)),
        evidence: Evidence::Learned,
    }));
    all.sort_by_key(|known| known.release);
    all
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
    use crate::release::nearest_built_in;

    #[test]
    fn releases_are_sorted_and_have_dates() {
        let table: Vec<_> = table().collect();
        assert!(table.is_sorted_by_key(|known| known.release));
        assert_eq!(Some(newest()), table.last().map(|known| known.release));
        let evidence = |release: &str| known(Release::parse(release).unwrap()).unwrap().evidence;
        assert_eq!(evidence("v3.2.2"), Evidence::Proved);
        assert_eq!(evidence("v3.3.0"), Evidence::Documented);
        assert_eq!(known(Release::new(2, 9, 8)), None);
        assert_eq!(nearest_built_in(Release::new(9, 0, 0)), newest());
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
        ] {
            assert_eq!(newest_on(day.parse().unwrap()).to_string(), expected, "{day}");
        }
        assert_eq!(newest_on("2099-01-01".parse().unwrap()), newest());
    }
}
