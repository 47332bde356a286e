//! Removed keys that a release still knows by name.
//!
//! Since v3.0.0 Refinery compares its own version with the last release that had the key: up to
//! that release it warns, after it, it rejects the file (facts D01–D04).

use super::key::Key;
use super::violation::Violation;
use super::{Quirk, Release, ReleaseQuirks, Schema};
use crate::check;
use crate::diagnostic::{Edit, Effect, Finding};
use crate::span::Span;
use crate::syntax::{Entry, Item};

check!(
    REMOVED_KEY,
    "version/removed-key",
    Error,
    kind: Verdict,
    "key that this release no longer has",
    "Since v3.0.0 Refinery exits at start-up if a key was removed before its release (a build \
     without a version number only warns). Running processes keep the old configuration, so nobody \
     notices until the next restart."
);
check!(
    DEPRECATED_KEY,
    "version/deprecated-key",
    Error,
    kind: Verdict,
    "key that has no effect and stops live reload",
    "Refinery starts with a warning, but counts that warning as an error at every live reload: no \
     later change of either file takes effect."
);

/// What Refinery does with a removed key that it still knows by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removal {
    /// It refuses to start; otherwise it warns.
    pub is_refused: bool,
    /// It counts the warning as an error at a live reload.
    pub stops_reload: bool,
}

/// `None` if the key is not removed, or the release does not look.
pub fn removal(key: Key<'_>, release: Release) -> Option<Removal> {
    if !ReleaseQuirks::of(release).has(Quirk::ChecksRemovedKeys) {
        return None;
    }
    let last = padded(key.fact_text("last-version")?)?;
    // A live reload does not know the release: it warns about keys that Refinery has an explanation
    // for, and treats a warning as an error.
    Some(Removal { is_refused: release > last, stops_reload: key.is("explained") })
}

/// Removed groups and keys that a config still has.
pub fn find_removed(schema: &Schema, item: &Item) -> Vec<Violation> {
    let root = schema.root();
    let mut violations = Vec::new();
    for group in item.entries() {
        let Some(key) = root.child(&group.key) else {
            continue;
        };
        violations.extend(describe_removed(schema, &[&group.key], group, item.entries(), key));
        for entry in group.item.entries() {
            if let Some(key) = key.child(&entry.key) {
                let path = [&group.key, &entry.key];
                violations.extend(describe_removed(
                    schema,
                    &path,
                    entry,
                    group.item.entries(),
                    key,
                ));
            }
        }
    }
    violations
}

fn describe_removed(
    schema: &Schema,
    path: &[&String],
    entry: &Entry,
    siblings: &[Entry],
    key: Key<'_>,
) -> Option<Violation> {
    let last = key.fact_text("last-version")?;
    let span: Span = entry.key_span?;
    let Removal { is_refused, stops_reload: explained } = removal(key, schema.release)?;
    let path = path.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(".");
    let finding = if is_refused {
        Finding::new(&REMOVED_KEY, format!("`{path}` was removed after {last}"))
            .at(span, "Refinery refuses to start with it")
            .with(if explained { Effect::Refuses } else { Effect::RefusesStart })
    } else {
        Finding::new(&DEPRECATED_KEY, format!("`{path}` is deprecated since {last}"))
            .at(span, "has no effect, and stops every live reload")
            .with(if explained { Effect::RefusesReload } else { Effect::Nothing })
    };
    let new = key.fact_text("renamed");
    let finding = match new.filter(|new| siblings.iter().any(|other| other.key == *new)) {
        Some(new) => finding.help(format!("remove it: `{new}`, its new name, is already set")),
        None => add_fix(
            finding.help(key.fact_text("instead").unwrap_or("delete the key")),
            entry,
            path.contains('.'),
            key,
        ),
    };
    Some(Violation { path, finding })
}

/// Renames the key or removes it. Removing is only safe if nothing replaces the key: the purpose of a
/// whole group, or of a key with a replacement, may still matter.
fn add_fix(finding: Finding, entry: &Entry, is_in_group: bool, key: Key<'_>) -> Finding {
    let Some(span) = entry.key_span else { return finding };
    let lines = Edit::RemoveLines(entry.item.span.map_or(span, |value| span.to(value)));
    let is_safe = is_in_group && !key.is("translate");
    match key.fact_text("renamed").map(|name| Edit::Replace(span, name.to_owned())) {
        Some(name) if is_in_group => finding.fixed_by(name),
        Some(name) => finding.perhaps_fixed_by(name),
        None if is_safe => finding.fixed_by(lines),
        None => finding.perhaps_fixed_by(lines),
    }
}

/// `v2.6` stands for v2.6.0.
fn padded(version: &str) -> Option<Release> {
    Release::parse(version).or_else(|| Release::parse(&format!("{version}.0")))
}
