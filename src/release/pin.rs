//! Releases as named by files and the command line: image tags, chart versions, words.
//!
//! A name that is not a known release is kept as written, with the known release that is checked
//! instead.

use super::number::{Release, parse_numbers};
use super::select::select;
use super::{Evidence, known, newest, releases};
use crate::check;
use crate::diagnostic::{Check, Finding};
use crate::span::Span;

check!(
    UNKNOWN_RELEASE,
    "version/unknown-release",
    Warning,
    "the deployed Refinery release is unknown, or its version is not understood",
    "The files are checked for the nearest known release. Another release may accept keys that \
     this one rejects, and reject what this one accepts."
);

check!(
    FIRST_GENERATION,
    "version/first-generation",
    Warning,
    "the deployment runs Refinery 1.x, which is not checked",
    "Refinery 1.x reads other keys from other files than 2.0 and later, so its start-up is not \
     checked."
);

/// A release as named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// A known release, or the newest known one of a line such as `3.2`.
    Known(Release),
    /// The number of an unknown release.
    Version(Release),
    /// A release of 1.x, as written.
    First(String),
    /// A moving or opaque name, such as `latest`, a branch or a digest: as written, and the nearest
    /// known release.
    Moving(String, Release),
    /// Not understood, and why.
    Unclear(String),
}

impl Named {
    /// Parses the tag of an image, or `appVersion` of a chart.
    pub fn of_tag(tag: &str) -> Self {
        let (version, suffix) = split_suffix(tag);
        let moving = |near| Self::Moving(tag.to_owned(), near);
        let Some(numbers) = parse_numbers(version).filter(|n| (1..=3).contains(&n.len())) else {
            return moving(newest());
        };
        if numbers[0] < 2 {
            return Self::First(tag.to_owned());
        }
        let release = match numbers[..] {
            [major, minor, patch] => Release::new(major, minor, patch),
            _ => match select(version, &releases()).as_deref() {
                Ok([release]) => *release,
                _ => return moving(nearest(line_end(&numbers))),
            },
        };
        if is_prerelease(suffix) {
            return moving(nearest(release));
        }
        if known(release).is_some() { Self::Known(release) } else { Self::Version(release) }
    }

    /// Parses the tag and digest of an image; a tag in a comment explains a digest. `None` without
    /// either.
    pub fn of_image(image: &str, comment: Option<&str>) -> Option<Self> {
        let (path, digest) = match image.split_once('@') {
            Some((path, digest)) => (path, Some(digest)),
            None => (image, None),
        };
        let last = path.rsplit('/').next().unwrap_or_default();
        let tag = last.split_once(':').map(|(_, tag)| tag).filter(|tag| !tag.is_empty());
        match (tag, digest) {
            (Some(tag), _) => Some(Self::of_tag(tag)),
            (None, None) => None,
            (None, Some(digest)) => Some(match comment.and_then(version_in) {
                Some(version) => Self::of_tag(version),
                None => Self::Moving(shorten(digest), newest()),
            }),
        }
    }

    /// The known release that is checked; `None` for 1.x.
    pub fn release(&self) -> Option<Release> {
        match self {
            Self::Known(release) | Self::Moving(_, release) => Some(*release),
            Self::Version(version) => Some(nearest(*version)),
            Self::First(_) => None,
            Self::Unclear(_) => Some(newest()),
        }
    }

    /// Whether the release that runs is the one that is checked.
    pub fn is_known(&self) -> bool {
        matches!(self, Self::Known(_))
    }
}

/// Whether it is a full version, such as `3.5.0` or `3.5.0-rc1`, even of a release that does not
/// exist.
pub fn is_version(text: &str) -> bool {
    parse_numbers(split_suffix(text).0).is_some_and(|numbers| numbers.len() == 3)
}

/// The newest known release that is not newer than this one.
pub fn nearest(version: Release) -> Release {
    let all = releases();
    let older = all.iter().rev().find(|known| **known <= version);
    older.or(all.first()).copied().unwrap_or(version)
}

/// Splits `2.9.4-amd64` into `2.9.4` and `-amd64`.
fn split_suffix(tag: &str) -> (&str, &str) {
    let version = tag.strip_prefix('v').unwrap_or(tag);
    version.split_at(version.find(['-', '+']).unwrap_or(version.len()))
}

fn is_prerelease(suffix: &str) -> bool {
    let word = suffix.trim_start_matches('-');
    suffix.starts_with('-')
        && ["alpha", "beta", "rc", "dev", "pre", "snapshot", "nightly"]
            .iter()
            .any(|sign| word.to_ascii_lowercase().split(['-', '.']).any(|w| w.starts_with(sign)))
}

/// The last possible release of a line such as `3.9`.
fn line_end(numbers: &[u16]) -> Release {
    let number = |at: usize| numbers.get(at).copied().unwrap_or(u16::MAX);
    Release::new(number(0), number(1), number(2))
}

/// The first full version in a comment.
fn version_in(comment: &str) -> Option<&str> {
    let words = comment.split(|c: char| !(c.is_ascii_alphanumeric() || ".-+_".contains(c)));
    words.map(|word| word.trim_matches('.')).find(|word| is_version(word))
}

/// Shortens a digest, like image tools do.
fn shorten(digest: &str) -> String {
    const DIGITS: usize = 19;
    digest.chars().take(DIGITS).collect()
}

/// A named release, and where it is named. Equality ignores the span.
#[derive(Clone, Debug)]
pub struct Pin {
    pub named: Named,
    /// Such as `image.tag in values.yaml`.
    pub place: String,
    pub span: Option<Span>,
    /// The variable whose value names the release, if it is not known.
    pub variable: Option<String>,
}

impl PartialEq for Pin {
    fn eq(&self, other: &Self) -> bool {
        self.named == other.named && self.place == other.place
    }
}

impl Eq for Pin {}

impl Pin {
    pub fn new(named: Named, place: impl Into<String>) -> Self {
        Self { named, place: place.into(), span: None, variable: None }
    }

    /// Whether it names a 1.x release, whose files are not checked.
    pub fn is_first_generation(&self) -> bool {
        matches!(self.named, Named::First(_))
    }

    /// Uses the version in a comment after a digest.
    pub fn explain(&mut self, comment: &str) {
        if let (Named::Moving(digest, _), Some(version)) = (&self.named, version_in(comment))
            && digest.starts_with("sha256:")
        {
            self.named = Named::of_tag(version);
        }
    }

    #[must_use]
    pub fn at(self, span: Option<Span>) -> Self {
        Self { span, ..self }
    }

    /// The finding if another release than the checked one may run.
    pub fn finding(&self) -> Option<Finding> {
        let place = &self.place;
        let checked = || self.named.release().map(dated).unwrap_or_default();
        let (check, message, help): (&'static Check, _, _) = match &self.named {
            Named::Known(_) => return None,
            Named::Version(version) => (
                &UNKNOWN_RELEASE,
                format!("unknown release {version} ({place}); checked as Refinery {}", checked()),
                "update this program, or pass a known release with `--refinery`".to_owned(),
            ),
            Named::Moving(text, _) => (
                &UNKNOWN_RELEASE,
                format!(
                    "`{text}` ({place}) does not identify a release; checked as Refinery {}",
                    checked()
                ),
                "pin a release, or pass the one that runs with `--refinery`".to_owned(),
            ),
            Named::Unclear(why) => (
                &UNKNOWN_RELEASE,
                format!("pin not understood ({place}): {why}; checked as Refinery {}", checked()),
                "set the release with `--refinery`, or with `refinery` in the settings".to_owned(),
            ),
            Named::First(version) => (
                &FIRST_GENERATION,
                format!("not checked: this deployment runs Refinery {version} ({place})"),
                "only Refinery 2.0 and later are checked".to_owned(),
            ),
        };
        Some(Finding::new(check, message).help(help).at_some(self.span, "this release"))
    }

    /// The doubt about errors if a newer release may run; `None` if the checked one runs.
    pub fn doubt(&self) -> Option<String> {
        match &self.named {
            Named::Known(_) | Named::First(_) => None,
            Named::Version(version) => Some(format!("{version} may accept this")),
            Named::Moving(..) | Named::Unclear(_) => {
                Some("a newer release may accept this".to_owned())
            }
        }
    }
}

/// A release with its date.
pub fn dated(release: Release) -> String {
    match known(release).and_then(|known| known.date) {
        Some(date) => format!("{release} of {date}"),
        None => release.to_string(),
    }
}

/// How well a release is known.
pub fn evidence(release: Release) -> Evidence {
    known(release).map_or(Evidence::Unknown, |known| known.evidence)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The newest release is named so, because it changes.
    fn shown(named: &Named) -> String {
        let release = match named.release() {
            Some(release) if release == newest() => "newest".to_owned(),
            Some(release) => release.to_string(),
            None => "-".to_owned(),
        };
        let sign = match named {
            Named::Known(_) => "=",
            Named::Version(_) => "?",
            Named::First(_) => "1",
            Named::Moving(..) => "~",
            Named::Unclear(_) => "!",
        };
        format!("{sign}{release}")
    }

    #[test]
    fn parses_tags() {
        for (tag, expected) in [
            ("2.9.4", "=v2.9.4"),
            ("v2.9.4", "=v2.9.4"),
            ("2.9.4-amd64", "=v2.9.4"),
            ("2.9.4-acme.7", "=v2.9.4"),
            ("2.9.4+build", "=v2.9.4"),
            ("3.2", "=v3.2.2"),
            ("2", "=v2.9.7"),
            ("2.9.8", "?v2.9.7"),
            ("9.4.1", "?newest"),
            ("9.4", "~newest"),
            ("9", "~newest"),
            ("3.0.0-beta1", "~v3.0.0"),
            ("3.1.0-alpine-rc2", "~v3.1.0"),
            ("latest", "~newest"),
            ("main", "~newest"),
            ("8f3c2a1", "~newest"),
            ("1.16.0", "1-"),
            ("0.9", "1-"),
            ("1", "1-"),
        ] {
            assert_eq!(shown(&Named::of_tag(tag)), expected, "{tag}");
        }
    }

    #[test]
    fn a_tag_or_comment_explains_a_digest() {
        const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef";
        for (image, comment, expected) in [
            ("honeycombio/refinery", None, None),
            ("localhost:5000/refinery", None, None),
            ("localhost:5000/refinery:2.9.4", None, Some("=v2.9.4")),
            (&format!("r/refinery:2.9.4@{DIGEST}"), None, Some("=v2.9.4")),
            (&format!("r/refinery@{DIGEST}"), None, Some("~newest")),
            (&format!("r/refinery@{DIGEST}"), Some(" v2.9.4, see above"), Some("=v2.9.4")),
            (&format!("r/refinery@{DIGEST}"), Some(" tag: 1.16.0."), Some("1-")),
            (&format!("r/refinery@{DIGEST}"), Some(" of 2026-01-02"), Some("~newest")),
        ] {
            let named = Named::of_image(image, comment);
            assert_eq!(named.as_ref().map(shown).as_deref(), expected, "{image} {comment:?}");
        }
        let Some(Named::Moving(text, _)) = Named::of_image(&format!("r@{DIGEST}"), None) else {
            panic!("it moves");
        };
        assert_eq!(text, "sha256:0123456789ab");
    }
}
