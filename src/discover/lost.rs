//! Files of Refinery's that an earlier state has, and that are no longer recognised in their place.
//!
//! A file that was checked before a change and still exists cannot become something else silently:
//! neither a plain file nor one inside another file, such as an entry of a `ConfigMap`.

use super::Sources;
use super::ledger::Outcome;
use super::unchecked::UNREADABLE;
use crate::deploy::places::{find_place, find_similar_place, is_of_other_chart};
use crate::diagnostic::Finding;
use crate::schema::Kind;
use crate::sniff::containers::has_version;
use crate::sniff::unrecognised::{Condition, examine};
use crate::source_name::SourceName;
use crate::span::{FileId, Span};
use crate::vfs::Vfs;
use crate::vfs::decode::decode;
use crate::vfs::path::{format_of, split_extension};
use std::cell::OnceCell;
use std::collections::{BTreeMap, HashSet};
use std::path::Path;

impl Sources {
    /// Reports what `before` checked, still exists in some form, and is not checked now. The file
    /// systems are those before and after the change.
    pub fn report_lost(&mut self, before: &Self, [old, new]: [&dyn Vfs; 2]) {
        let (known, were) = (self.checked(), before.checked());
        let count = |all: &BTreeMap<SourceName, Kind>, name: &SourceName, kind: Kind| {
            all.iter().filter(|(other, its)| other.file() == name.file() && **its == kind).count()
        };
        let of_kind = |all: &BTreeMap<SourceName, Kind>, kind: Kind| {
            all.values().filter(|its| **its == kind).count()
        };
        // A file that moved within its container file is not lost.
        let is_fewer = |name, kind| count(&known, name, kind) < count(&were, name, kind);
        let mut accounted: HashSet<String> =
            self.unchecked.iter().filter_map(|finding| self.file_of(finding)).collect();
        let left = self.ledger.iter();
        let excluded = left.filter(|(_, outcome)| matches!(outcome, Outcome::Excluded(_)));
        accounted.extend(excluded.map(|(name, _)| name.to_owned()));
        let new_files = OnceCell::new();
        for (name, &kind) in &were {
            let is_lost = !known.contains_key(name) && is_fewer(name, kind);
            if !is_lost || accounted.contains(name.file()) {
                continue;
            }
            let is_moved = of_kind(&known, kind) >= of_kind(&were, kind);
            let mut finding = self.find_lost(name, kind, new, is_moved);
            if finding.is_none() && !is_moved && read(name.file(), new).is_none() {
                let new_files = new_files.get_or_init(|| self.unrecognised_since(old));
                finding = self.find_broken_replacement(name, kind, new_files, new);
            }
            self.unchecked.extend(finding);
        }
    }

    /// Reports a file that still exists but is no longer recognised.
    fn find_lost(
        &mut self,
        name: &SourceName,
        kind: Kind,
        new: &dyn Vfs,
        is_moved: bool,
    ) -> Option<Finding> {
        let text = read(name.file(), new)?;
        let file = self.files.add(name.file(), text.as_str());
        if is_of_other_chart(name, file, &text) {
            return None;
        }
        let place = if name.place().is_empty() {
            Some(top(file, &text))
        } else {
            let of_keys = || has_version(&text).then(|| top(file, &text));
            find_place(name, file, &text).or_else(|| {
                // Another file of the kind may be where it went.
                let similar = || find_similar_place(name, file, &text).or_else(of_keys);
                (!is_moved).then(similar)?
            })
        };
        let message = format!(
            "`{name}` was a Refinery {} file before this change and is not recognised now",
            kind.word()
        );
        let help = "restore it, or remove it and what refers to it";
        Some(Finding::new(&UNREADABLE, message).at(place?, "not checked").help(help))
    }

    /// The files that are not Refinery's and that an earlier state does not have.
    fn unrecognised_since(&self, old: &dyn Vfs) -> Vec<String> {
        let left = self.ledger.iter().filter(|(_, why)| matches!(why, Outcome::NotRefinery(_)));
        let files = left.map(|(file, _)| file).filter(|file| !file.ends_with('/'));
        files.filter(|file| read(file, old).is_none()).map(str::to_owned).collect()
    }

    /// Reports a new file that replaces a removed one: it has the same name in another
    /// folder or with another extension, or the same place inside.
    fn find_broken_replacement(
        &mut self,
        name: &SourceName,
        kind: Kind,
        new_files: &[String],
        new: &dyn Vfs,
    ) -> Option<Finding> {
        let stem = |file: &str| split_extension(file).0.to_lowercase();
        for file in new_files {
            let is_plain = name.place().is_empty();
            if is_plain && stem(file) != stem(name.file()) {
                continue;
            }
            let Some(text) = read(file, new) else { continue };
            let condition = examine(format_of(file), &text);
            if is_plain && matches!(condition, Condition::OtherKeys { is_foreign: true, .. }) {
                continue;
            }
            let id = self.files.add(file.as_str(), text.as_str());
            let inner = SourceName::within(file, name.place());
            let place = if is_plain { Some(top(id, &text)) } else { find_place(&inner, id, &text) };
            if let Some(place) = place {
                let message = format!(
                    "`{file}` is not recognised, but replaces the Refinery {} file `{name}`",
                    kind.word()
                );
                let help = "fix the file, or rename it if it is not for Refinery";
                return Some(
                    Finding::new(&UNREADABLE, message).at(place, "not checked").help(help),
                );
            }
        }
        None
    }

    /// The files of all deployments, by name.
    fn checked(&self) -> BTreeMap<SourceName, Kind> {
        let halves = self.deployments.iter().flat_map(|deployment| {
            let config = deployment.config.iter().map(|source| (source, Kind::Config));
            config.chain(deployment.rules.iter().map(|source| (source, Kind::Rules)))
        });
        halves.map(|(source, kind)| (self.files.get(source.file).name.clone(), kind)).collect()
    }

    fn file_of(&self, finding: &Finding) -> Option<String> {
        let place = finding.primary()?;
        Some(self.files.get(self.files.outermost(place.file)).name.file().to_owned())
    }
}

fn read(name: &str, vfs: &dyn Vfs) -> Option<String> {
    let bytes = vfs.read(Path::new(name), name).ok()?;
    Some(decode(bytes, format_of(name)).text)
}

/// The first line.
fn top(file: FileId, text: &str) -> Span {
    Span::new(file, 0, text.lines().next().map_or(0, str::len))
}
