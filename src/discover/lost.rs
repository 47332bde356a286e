//! Files of Refinery's that an earlier state has, and that are no longer recognised in their place.
//!
//! A file that was checked before a change and still exists cannot become something else silently:
//! neither a plain file nor one inside another file, such as an entry of a `ConfigMap`.

use super::Sources;
use super::ledger::Outcome;
use super::unchecked::UNREADABLE;
use crate::deploy::places::find_place;
use crate::diagnostic::Finding;
use crate::schema::Kind;
use crate::source_name::SourceName;
use crate::span::Span;
use crate::vfs::Vfs;
use crate::vfs::decode::decode;
use crate::vfs::path::format_of;
use std::collections::{BTreeMap, HashSet};
use std::path::Path;

impl Sources {
    /// Reports what `before` checked, still exists, and is not checked now.
    pub fn report_lost(&mut self, before: &Self, now: &dyn Vfs) {
        let (known, were) = (self.checked(), before.checked());
        let count = |all: &BTreeMap<SourceName, Kind>, name: &SourceName, kind: Kind| {
            all.iter().filter(|(other, its)| other.file() == name.file() && **its == kind).count()
        };
        // A file that moved within its container file is not lost.
        let is_fewer = |name, kind| count(&known, name, kind) < count(&were, name, kind);
        let mut accounted: HashSet<String> =
            self.unchecked.iter().filter_map(|finding| self.file_of(finding)).collect();
        let left = self.ledger.iter();
        let excluded = left.filter(|(_, outcome)| matches!(outcome, Outcome::Excluded(_)));
        accounted.extend(excluded.map(|(name, _)| name.to_owned()));
        for (name, &kind) in &were {
            let is_lost = !known.contains_key(name) && is_fewer(name, kind);
            if is_lost && !accounted.contains(name.file()) {
                let finding = self.find_lost(name, kind, now);
                self.unchecked.extend(finding);
            }
        }
    }

    fn find_lost(&mut self, name: &SourceName, kind: Kind, now: &dyn Vfs) -> Option<Finding> {
        let bytes = now.read(Path::new(name.file()), name.file()).ok()?;
        let text = decode(bytes, format_of(name.file())).text;
        let file = self.files.add(name.file(), text.as_str());
        let place = if name.place().is_empty() {
            Some(Span::new(file, 0, text.lines().next().map_or(0, str::len)))
        } else {
            find_place(name, file, &text)
        };
        let word = kind.word();
        let message = format!(
            "`{name}` was a Refinery {word} file before this change and is not recognised now"
        );
        let help = "restore it, or remove it and what refers to it";
        Some(Finding::new(&UNREADABLE, message).at(place?, "not checked").help(help))
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
