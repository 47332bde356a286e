//! Compares versions as Go's `golang.org/x/mod/semver` does.
//!
//! Must not know Refinery's releases.

use std::cmp::Ordering;

/// The digits of major, minor and patch, and the identifiers of a prerelease.
struct Version<'a> {
    core: [&'a str; 3],
    prerelease: Vec<&'a str>,
}

/// Compares two versions, with or without a leading `v`. `v2` and `v2.1` are short for `v2.0.0` and
/// `v2.1.0`; build metadata is ignored. `None` if one of them is not a version.
pub fn compare(left: &str, right: &str) -> Option<Ordering> {
    let (left, right) = (parse(left)?, parse(right)?);
    let by_core = left.core.iter().zip(right.core).map(|(l, r)| compare_digits(l, r));
    let order = by_core.fold(Ordering::Equal, Ordering::then);
    Some(order.then_with(|| compare_prerelease(&left.prerelease, &right.prerelease)))
}

fn parse(text: &str) -> Option<Version<'_>> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let (text, build) = split_suffix(text, '+');
    let (core, prerelease) = split_suffix(text, '-');
    let mut numbers = core.split('.');
    let mut version = Version { core: ["0"; 3], prerelease: Vec::new() };
    let mut written = 0;
    for slot in &mut version.core {
        let Some(number) = numbers.next() else { break };
        *slot = Some(number).filter(|n| is_number(n) && !has_leading_zero(n))?;
        written += 1;
    }
    let is_full = written == 3;
    if numbers.next().is_some() || !is_full && (build.is_some() || prerelease.is_some()) {
        return None;
    }
    if let Some(prerelease) = prerelease {
        version.prerelease = prerelease.split('.').collect();
    }
    let build_fits = build.is_none_or(|build| build.split('.').all(is_identifier));
    let prerelease_fits =
        version.prerelease.iter().all(|i| is_identifier(i) && !has_leading_zero(i));
    (build_fits && prerelease_fits).then_some(version)
}

fn split_suffix(text: &str, mark: char) -> (&str, Option<&str>) {
    text.split_once(mark).map_or((text, None), |(before, suffix)| (before, Some(suffix)))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// Only numbers can have leading zeros: `0a` is not a number.
fn has_leading_zero(text: &str) -> bool {
    text.len() > 1 && text.starts_with('0') && is_number(text)
}

/// Compares numbers of any size without leading zeros: the longer is greater.
fn compare_digits(left: &str, right: &str) -> Ordering {
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}

/// A release is greater than its prereleases. Of two prereleases with the same prefix the longer is
/// greater.
fn compare_prerelease(left: &[&str], right: &[&str]) -> Ordering {
    if left.is_empty() || right.is_empty() {
        return left.is_empty().cmp(&right.is_empty());
    }
    let pairs = left.iter().zip(right).map(|(l, r)| compare_identifiers(l, r));
    pairs.fold(Ordering::Equal, Ordering::then).then(left.len().cmp(&right.len()))
}

/// Numbers are less than words.
fn compare_identifiers(left: &str, right: &str) -> Ordering {
    match (is_number(left), is_number(right)) {
        (true, true) => compare_digits(left, right),
        (false, false) => left.cmp(right),
        (left_number, right_number) => right_number.cmp(&left_number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_versions() {
        let ascending = [
            "v0.9",
            "v1.0.0-0",
            "v1.0.0-9",
            "1.0.0-10",
            "v1.0.0--",
            "v1.0.0-alpha",
            "v1.0.0-alpha.1",
            "v1.0.0-alpha.a",
            "v1.0.0-rc.2",
            "v1.0.0-rc.11",
            "v1",
            "v1.0.1",
            "1.9",
            "v1.21",
            "v3.0.0",
            "v99999999999999999999.0.0",
        ];
        for (i, left) in ascending.iter().enumerate() {
            for (j, right) in ascending.iter().enumerate() {
                assert_eq!(compare(left, right), Some(i.cmp(&j)), "{left} {right}");
            }
        }
        assert_eq!(compare("v2", "2.0.0+build.01-x"), Some(Ordering::Equal));
    }

    #[test]
    fn rejects_other_texts() {
        for text in [
            "",
            "v",
            "dev",
            "vv1",
            "v01.0.0",
            "v1.",
            "v1.2.3.4",
            "v1-a",
            "v1.2+b",
            "v1.2.3-",
            "v1.2.3-01",
            "v1.2.3-a..b",
            "v1.2.3+",
            "v1.2.3-ä",
            "v 1",
            "V1",
        ] {
            assert_eq!(compare(text, "v1.0.0"), None, "{text:?}");
        }
        assert_eq!(compare("v1.0.0-0a", "v1.0.0-0a"), Some(Ordering::Equal));
    }
}
