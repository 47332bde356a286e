//! Files for Refinery 1.x, and where their keys are now.
//!
//! The new places of keys come from the schemas.

use super::key_scan::{Key, key_scan};
use super::names::names;
use super::recognise::{Generation, recognise};
use crate::check;
use crate::diagnostic::Finding;
use crate::schema::Kind;
use crate::span::{FileId, Span};
use crate::syntax::DataFormat;

check!(
    LEGACY_FILE,
    "version/v1-file",
    Error,
    kind: Verdict,
    "a file for Refinery 1.x",
    "Refinery 2.0 and later have different groups and keys. Their validator rejects a 1.x file, \
     and the process exits."
);

/// Every current file has one of these, and none for 1.x has, so most files need no closer look.
const OF_TODAY: [&str; 2] = ["ConfigurationVersion", "RulesVersion"];

/// The maximum number of keys for which the new place is shown.
const MAX_LABELS: usize = 8;

/// Reports a text for Refinery 1.x.
pub fn find_legacy(file: FileId, format: Option<DataFormat>, text: &str) -> Option<Finding> {
    if OF_TODAY.iter().any(|key| text.contains(key)) {
        return None;
    }
    let recognised = recognise(format, text)?;
    if recognised.generation == Generation::Second {
        return None;
    }
    let keys = key_scan(format.unwrap_or(DataFormat::Toml), text);
    let finding = Finding::new(&LEGACY_FILE, message(recognised.kind)).refuses();
    Some(match recognised.kind {
        Kind::Config => point_at_keys(finding, file, &keys),
        Kind::Rules => point_at_sampler(finding, file, &keys),
    })
}

fn message(kind: Kind) -> String {
    format!("this {} file is for Refinery 1.x", kind.word())
}

fn point_at_keys(finding: Finding, file: FileId, keys: &[Key<'_>]) -> Finding {
    let mut group = "";
    let mut moves = Vec::new();
    for key in keys {
        let path = if key.top { key.name.to_owned() } else { format!("{group}.{}", key.name) };
        if key.top {
            group = key.name;
        }
        if let Some(now) = names().moved.get(&path).filter(|now| **now != path) {
            moves.push((span(file, key), whereabouts(now)));
        }
    }
    let help = "move the keys into the groups of Refinery 2, in a YAML file, and add \
                `General.ConfigurationVersion: 2`";
    moves.into_iter().take(MAX_LABELS).fold(finding.help(help), |f, (span, text)| f.at(span, text))
}

/// Where a key of 1.x is now, if it still exists.
fn whereabouts(now: &str) -> String {
    let mut key = Some(Kind::Config.root());
    for name in now.split('.') {
        key = key.and_then(|key| key.child(name));
    }
    match key.and_then(|key| key.fact_text("last-version")) {
        None => format!("now `{now}`"),
        Some(last) if last.starts_with("v1.") => "removed in 2.0".to_owned(),
        Some(last) => format!("now `{now}`, removed after {last}"),
    }
}

fn point_at_sampler(finding: Finding, file: FileId, keys: &[Key<'_>]) -> Finding {
    let is_old = |key: &&Key<'_>| matches!(key.name, "Sampler" | "rule");
    let finding = finding.help(
        "write a YAML file with `RulesVersion: 2` and, under `Samplers`, each target with the \
         sampler's name as the key above its settings; what was at the top level goes under \
         `__default__`",
    );
    match keys.iter().find(is_old) {
        Some(key) => finding.at(span(file, key), "1.x syntax"),
        None => finding,
    }
}

fn span(file: FileId, key: &Key<'_>) -> Span {
    Span::new(file, key.at, key.at + key.name.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_new_places_of_keys() {
        let text = "HoneycombAPI = \"x\"\n[InMemCollector]\nCacheCapacity = 1\n[StressRelief]\n";
        let finding = find_legacy(FileId(3), Some(DataFormat::Toml), text).unwrap();
        let labels: Vec<_> =
            finding.labels.iter().map(|l| (&text[l.span.range()], l.text.as_str())).collect();
        assert_eq!(labels[0], ("HoneycombAPI", "now `Network.HoneycombAPI`"));
        let gone = "now `Collection.CacheCapacity`, removed after v3.0.0";
        assert_eq!(labels[1], ("CacheCapacity", gone));
        assert_eq!(labels.len(), 2);
    }

    #[test]
    fn finds_only_old_files() {
        let find = |text| find_legacy(FileId(0), None, text);
        assert!(find("RulesVersion: 2\n").is_none());
        assert!(find("a: b\n").is_none());
        assert!(find("Sampler = 'DynamicSampler'\n").unwrap().primary().is_some());
    }
}
