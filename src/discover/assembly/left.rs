//! Files that are left out, because they are checked with others or with another generation of Refinery.

use super::Assembly;
use crate::deploy::loaded::LoadedFile;
use crate::sniff::file_name::is_hcl;
use crate::source_name::SourceName;
use crate::span::Window;
use crate::vfs::path::split;
use std::collections::HashSet;
use std::mem::take;

/// Why files for 1.x are not checked if 1.x runs.
pub const V1: &str = "used by Refinery 1.x";

impl Assembly {
    /// Removes values that Terraform reads from another file, if that is checked on its own too.
    pub(super) fn leave_read_twice(&mut self) {
        let own: HashSet<String> =
            self.members.iter().map(|member| member.name.file().to_owned()).collect();
        let (members, loaded) = (take(&mut self.members), take(&mut self.member_files));
        // Those that other layers are merged over are not the same.
        let is_merged = |file: &LoadedFile| {
            let window = self.loaded.files.get(file.source.file).window.as_ref();
            window.is_some_and(|window| !window.is_of_one_file())
        };
        let merged = members.iter().zip(&loaded).filter(|(_, file)| is_merged(file));
        let merged: HashSet<String> = merged.map(|(member, _)| member.bond.clone()).collect();
        let all = members.into_iter().zip(loaded).zip(take(&mut self.launches));
        for ((member, file), launch) in all {
            let window = self.loaded.files.get(file.source.file).window.as_ref();
            let source =
                window.and_then(Window::first).map(|span| self.loaded.files.get(span.file));
            let name = source.map(|source| source.name.file());
            let is_taken = |name| {
                name != member.name.file() && own.contains(name) && !merged.contains(&member.bond)
            };
            // A template that Terraform renders is not read as it is.
            let rendered = self.loaded.rendered.borrow();
            let text = &self.loaded.files.get(file.source.file).text;
            let is_rendered = rendered.contains(member.name.as_str()) && text.contains("${");
            drop(rendered);
            if is_rendered {
                continue;
            }
            if !(is_hcl(member.name.file()) && name.is_some_and(is_taken)) {
                self.push(member, file, launch);
            }
        }
    }

    /// Removes values in patches.
    pub(super) fn leave_patches(&mut self) {
        let patches = take(&mut self.patches);
        self.leave(|name| patches.contains(name));
        self.patches = patches;
    }

    /// Removes values that are never used without others over them, if they are checked with those.
    pub(super) fn leave_layers(&mut self) {
        let (layers, merged) = (take(&mut self.layers), take(&mut self.merged));
        self.leave(|name| layers.contains(name) && merged.contains(name));
    }

    /// Removes the members in some files.
    fn leave(&mut self, is_left: impl Fn(&str) -> bool) {
        let (members, loaded) = (take(&mut self.members), take(&mut self.member_files));
        let all = members.into_iter().zip(loaded).zip(take(&mut self.launches));
        for ((member, file), launch) in all {
            if !is_left(member.name.file()) {
                self.push(member, file, launch);
            }
        }
    }

    /// Removes files for Refinery 1.x. If another release uses them too, they are checked with that
    /// deployment.
    pub(super) fn leave_v1(&mut self) {
        let v1 = take(&mut self.v1);
        // A folder stands for its direct files.
        let is_v1 = |name: &SourceName| {
            v1.iter().any(|known| name.as_str() == known || split(name.file()).0 == known)
        };
        let (mut members, mut loaded, mut launches) = (Vec::new(), Vec::new(), Vec::new());
        let all =
            self.members.drain(..).zip(self.member_files.drain(..)).zip(self.launches.drain(..));
        for ((member, file), launch) in all {
            if is_v1(&member.name) {
                self.ledger.leave(member.name.file(), V1);
                continue;
            }
            members.push(member);
            loaded.push(file);
            launches.push(launch);
        }
        (self.members, self.member_files, self.launches) = (members, loaded, launches);
        for (candidate, _) in
            self.candidates.extract_if(.., |(it, _)| is_v1(&SourceName::from(&it.name)))
        {
            self.ledger.leave(&candidate.name, V1);
        }
        self.v1 = v1;
    }
}
