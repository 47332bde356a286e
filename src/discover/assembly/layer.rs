//! A config that is only a part of one, next to a whole one: it may be merged over that.

use super::Assembly;
use crate::discover::pair::{Member, Pair};
use crate::notice::Notice;
use crate::schema::Kind;
use crate::sniff::containers::has_version;
use crate::vfs::path::split;

impl Assembly {
    /// How to say that a config is merged over another one, instead of being checked as a whole.
    pub(super) fn find_layer(&self, pair: Pair) -> Option<Notice> {
        let at = pair.config?;
        let member = self.members.get(at).filter(|member| member.bond.is_empty())?;
        let is_whole = |at: usize| {
            let file = self.member_files.get(at).map(|file| file.source.file);
            file.is_some_and(|file| has_version(&self.loaded.files.get(file).text))
        };
        let is_beside = |other: &Member| {
            other.recognised.kind == Kind::Config
                && other.bond.is_empty()
                && split(other.name.file()).0 == split(member.name.file()).0
        };
        let mut all = self.members.iter().enumerate();
        let (_, base) = all.find(|(at, other)| is_beside(other) && is_whole(*at))?;
        (!is_whole(at)).then(|| {
            let (name, base) = (&member.name, &base.name);
            let text = format!(
                "checked on its own; if Refinery merges it over `{base}`, add to the settings \
                 file: `[[deployment]]` with `config = [\"{base}\", \"{name}\"]`"
            );
            Notice::on(name.clone(), text)
        })
    }
}
