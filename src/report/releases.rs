//! Lists of releases as ranges: `v2.9.0–v3.2.2`.
//!
//! Must know about releases only which one follows which.

use crate::schema;
use crate::verdict::Verdict;
use std::sync::LazyLock;

/// Writes sorted releases as ranges. A range contains all existing releases between its ends.
pub fn ranges<'a>(releases: impl IntoIterator<Item = &'a str>) -> String {
    let mut runs: Vec<Vec<&str>> = Vec::new();
    for release in releases {
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|last| follows(last, release)) => run.push(release),
            _ => runs.push(vec![release]),
        }
    }
    let runs: Vec<String> = runs.iter().map(|run| range(run)).collect();
    runs.join(", ")
}

fn range(run: &[&str]) -> String {
    match run {
        [first, _, .., last] => format!("{first}–{last}"),
        few => few.join(", "),
    }
}

fn follows(earlier: &str, later: &str) -> bool {
    static KNOWN: LazyLock<Vec<String>> =
        LazyLock::new(|| schema::releases().iter().map(ToString::to_string).collect());
    KNOWN.windows(2).any(|pair| pair == [earlier, later])
}

/// A verdict and all releases that share it.
pub struct Group<'a> {
    pub verdict: &'a Verdict,
    pub releases: Vec<&'a str>,
}

/// Groups releases with equal verdicts.
pub fn group(verdicts: &[Verdict]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group> = Vec::new();
    for verdict in verdicts {
        match groups.iter_mut().find(|group| agree(group.verdict, verdict)) {
            Some(group) => group.releases.push(&verdict.release),
            None => groups.push(Group { verdict, releases: vec![&verdict.release] }),
        }
    }
    groups
}

fn agree(one: &Verdict, other: &Verdict) -> bool {
    *one == Verdict { release: one.release.clone(), ..other.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_consecutive_releases_form_a_range() {
        for (releases, expected) in [
            (&["v2.0.0"][..], "v2.0.0"),
            (&["v2.0.0", "v2.0.1"], "v2.0.0, v2.0.1"),
            (&["v2.0.0", "v2.0.1", "v2.0.2"], "v2.0.0–v2.0.2"),
            (&["v2.0.0", "v2.0.1", "v2.0.2", "v3.2.2"], "v2.0.0–v2.0.2, v3.2.2"),
            (&["v2.0.0", "v3.0.0", "v3.2.2"], "v2.0.0, v3.0.0, v3.2.2"),
            (&["unknown", "v2.0.0"], "unknown, v2.0.0"),
            (&[], ""),
        ] {
            assert_eq!(ranges(releases.iter().copied()), expected);
        }
    }

    #[test]
    fn all_releases_are_one_range() {
        let all: Vec<String> = schema::releases().iter().map(ToString::to_string).collect();
        let expected = format!("{}–{}", all[0], all[all.len() - 1]);
        assert_eq!(ranges(all.iter().map(String::as_str)), expected);
    }
}
