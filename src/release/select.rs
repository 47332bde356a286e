//! Names of releases on the command line and in settings.

use super::number::{Release, parse_numbers};

/// A name that matches no release.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown Refinery release `{name}`; expected {oldest} to {newest}, `latest` or `all`")]
pub struct UnknownRelease {
    name: String,
    oldest: Release,
    newest: Release,
}

/// Turns names into releases of `known` (oldest first): `3.2.2`, `3.2` and `3` (the newest of
/// that line), `latest`, `all`; several separated by commas. Oldest first, without repetition.
///
/// # Errors
/// A name that matches no release.
pub fn select(names: &str, known: &[Release]) -> Result<Vec<Release>, UnknownRelease> {
    let mut chosen = Vec::new();
    for name in names.split(',').map(str::trim) {
        match name {
            "all" => chosen.extend_from_slice(known),
            "latest" => chosen.extend(known.last()),
            _ => {
                let numbers = parse_numbers(name).unwrap_or_default();
                let fits = |r: &&Release| !numbers.is_empty() && r.starts_with(&numbers);
                let newest = known.iter().rev().find(fits).ok_or_else(|| UnknownRelease {
                    name: name.to_owned(),
                    oldest: known.first().copied().unwrap_or(Release::new(0, 0, 0)),
                    newest: known.last().copied().unwrap_or(Release::new(0, 0, 0)),
                })?;
                chosen.push(*newest);
            }
        }
    }
    chosen.sort_unstable();
    chosen.dedup();
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Vec<Release> {
        ["v2.9.7", "v3.0.0", "v3.2.0", "v3.2.2"].iter().filter_map(|r| Release::parse(r)).collect()
    }

    fn names(spec: &str) -> Vec<String> {
        select(spec, &known()).unwrap().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_line_means_its_newest_release() {
        assert_eq!(names("3.2"), ["v3.2.2"]);
        assert_eq!(names("v2"), ["v2.9.7"]);
        assert_eq!(names("latest,3.0.0, 3"), ["v3.0.0", "v3.2.2"]);
        assert_eq!(names("all").len(), 4);
    }

    #[test]
    fn reports_unknown_releases() {
        for spec in ["4", "3.3", "", "latest,x", "3.2.2.1"] {
            assert!(select(spec, &known()).is_err(), "{spec}");
        }
    }
}
