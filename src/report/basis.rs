//! Describes which release deployments were checked with, why, and how reliable that is.
//!
//! Every output format that has a place for it prints this.

use super::releases::ranges;
use super::view::{Deployment, View};
use crate::release::pin::{dated, evidence};
use crate::release::{Basis, Evidence, Release};

/// What the knowledge of a release is based on.
pub fn evidence_of(release: &str) -> Evidence {
    Release::parse(release).map_or(Evidence::Unknown, evidence)
}

/// One line for each way in which releases were chosen: `Refinery v3.2.2, by its image; proved by
/// recordings`. A release that a file pins is printed with its deployment.
pub fn lines(view: &View<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for deployment in &view.deployments {
        let line = line(deployment).map(|line| match deployment.report.basis {
            Basis::Pinned(_) => format!("{}: {line}", deployment.first_name()),
            _ => line,
        });
        lines.extend(line.filter(|line| !lines.contains(line)));
    }
    lines
}

/// The line of one deployment; `None` if it was checked with no release.
pub fn line(deployment: &Deployment<'_>) -> Option<String> {
    let report = deployment.report;
    let releases: Vec<&str> = report.verdicts.iter().map(|v| v.release.as_str()).collect();
    let what = match (&releases[..], &report.basis) {
        ([], _) => return None,
        ([release], Basis::Newest) => Release::parse(release).map_or((*release).to_owned(), dated),
        _ => ranges(releases.iter().copied()),
    };
    Some(format!("Refinery {what}, {}; {}", report.basis.reason(), describe_evidence(&releases)))
}

/// `proved by recordings`, with the releases if they differ in this.
fn describe_evidence(releases: &[&str]) -> String {
    let groups: Vec<&[&str]> =
        releases.chunk_by(|one, other| evidence_of(one) == evidence_of(other)).collect();
    let is_one = groups.len() == 1;
    let parts = groups.into_iter().filter_map(|group| {
        let basis = evidence_of(group.first()?).basis();
        Some(if is_one {
            basis.to_owned()
        } else {
            format!("{} {basis}", ranges(group.iter().copied()))
        })
    });
    parts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_with_different_evidence_are_listed_separately() {
        for (releases, expected) in [
            (&["v3.2.2"][..], "proved by recordings"),
            (&["v3.4.0"], "known from published notes"),
            (&["v3.9.0"], "unknown release"),
            (
                &["v3.2.1", "v3.2.2", "v3.3.0"],
                "v3.2.1, v3.2.2 proved by recordings, v3.3.0 known from published notes",
            ),
        ] {
            assert_eq!(describe_evidence(releases), expected);
        }
    }
}
