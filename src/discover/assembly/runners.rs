//! Dockerfiles, scripts, and documents with commands.

use super::Assembly;
use crate::deploy::deployment_spec::{DeploymentSpec, FileRef};
use crate::deploy::loader::Loader;
use crate::deploy::{Opened, open, open_commands};
use crate::discover::pair::pair;
use crate::sniff::file_name::{builds_image, is_script};
use crate::sniff::shebang::may_be_script;
use crate::source_name::SourceName;
use crate::span::FileId;
use crate::vfs::Vfs;
use crate::vfs::input_error::InputError;
use std::collections::HashSet;
use std::mem::take;

impl Assembly {
    /// Opens Dockerfiles and scripts, which may create objects that pods use.
    pub(super) fn open_runners(
        &mut self,
        store: &dyn Vfs,
    ) -> Result<Vec<(SourceName, Opened)>, InputError> {
        let mut all = Vec::new();
        for runner in take(&mut self.runners) {
            let file = runner.source.file;
            let name = self.loaded.files.get(file).name.clone();
            let mut loader = Loader { store, loaded: &mut self.loaded };
            let is_runner = is_runner(name.as_str());
            let opened = if is_runner { open } else { open_commands }(file, &mut loader);
            let mut opened = opened?;
            self.applied.add(name.file(), take(&mut opened.objects), Vec::new());
            self.values.extend(take(&mut opened.values));
            self.top_values.extend(take(&mut opened.top_values));
            self.installed.extend(take(&mut opened.installed));
            self.units.extend(take(&mut opened.units));
            self.variables.extend(take(&mut opened.variables));
            all.push((name, opened));
        }
        Ok(all)
    }

    /// Describes what Dockerfiles and scripts run with files of no other deployment: a service may
    /// launch the same image or files in another way.
    pub(super) fn describe_runners(
        &mut self,
        runners: Vec<(SourceName, Opened)>,
    ) -> Result<(), InputError> {
        for (name, mut opened) in runners {
            let used: HashSet<FileId> =
                self.described.iter().flat_map(|(_, deployment)| deployment.files()).collect();
            let pairs = pair(&self.members);
            let paired = self.in_whole_pairs(&pairs);
            let is_paired =
                |file: &FileRef| paired.contains(self.loaded.files.get(file.id()).name.as_str());
            let is_new = |spec: &DeploymentSpec| {
                let is_whole = !(spec.config.is_empty() || spec.rules.is_empty());
                let is_lacking = opened.lacking.contains(&spec.name);
                let is_ours =
                    |file: &FileRef| !used.contains(&file.id()) && (is_whole || !is_paired(file));
                let is_built = self.built.contains(name.as_str());
                let mut files = spec.config.iter().chain(&spec.rules);
                is_lacking && !is_built || !spec.names_no_file() && files.all(is_ours)
            };
            let described = take(&mut opened.described).into_iter();
            opened.described = described.filter(is_new).collect();
            if !opened.v1.is_empty() {
                opened = Opened::default();
            }
            let is_empty = opened.described.is_empty()
                && opened.parts.is_empty()
                && opened.unchecked.is_empty()
                && opened.unknown.is_empty();
            match (is_empty, is_runner(name.as_str())) {
                (true, true) => self.ledger.leave(name.as_str(), "no Refinery deployment in it"),
                // Its reader may have found none.
                (false, false) => self.ledger.take(name.as_str()),
                _ => {}
            }
            for part in opened.parts {
                self.push_part(part, &[])?;
            }
            for spec in opened.described {
                self.load_described(&[], spec, Vec::new())?;
            }
            self.unchecked.extend(opened.unchecked);
            if !self.built.contains(name.as_str()) {
                self.unknown.extend(opened.unknown);
            }
            let notices = opened.notices.into_iter();
            self.notices.extend(notices.map(|notice| (name.to_string(), notice)));
        }
        Ok(())
    }
}

/// Whether a file that may hold Refinery's is a Dockerfile or a script.
pub fn is_runner(name: &str) -> bool {
    builds_image(name) || is_script(name) || may_be_script(name)
}
