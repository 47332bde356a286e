//! Folders with Refinery's files that a change moves or removes, although something still applies or
//! installs them.

use super::Sources;
use crate::deploy::Deployment;
use crate::deploy::gone_folders::{GoneFolders, Repositories};
use crate::deploy::resolve::UNKNOWN_FILE;
use crate::diagnostic::Finding;
use crate::git::remotes::{remote_names, repository_name};
use crate::vfs::Vfs;
use crate::vfs::decode::text_of;
use crate::vfs::path::split;
use std::collections::BTreeSet;
use std::path::Path;

impl Sources {
    /// Reports references to folders that had files `before`. The file systems are those before and after
    /// the change.
    pub fn report_lost_folders(&mut self, before: &Self, [old, new]: [&dyn Vfs; 2]) {
        let files = before.deployments.iter().flat_map(Deployment::files);
        let files =
            files.map(|file| before.files.get(before.files.outermost(file)).name.file().to_owned());
        let mut gone = BTreeSet::new();
        for file in files.collect::<BTreeSet<_>>() {
            let above = std::iter::successors(Some(split(&file).0), |at| Some(split(at).0));
            let above = above.take_while(|at| !at.is_empty());
            let is_gone = |at: &&str| has_files(old, at) && !has_files(new, at);
            gone.extend(above.take_while(is_gone).map(str::to_owned));
        }
        if gone.is_empty() {
            return;
        }
        let folders: Vec<&str> = gone.iter().map(String::as_str).collect();
        let Ok(walk) = new.walk(Path::new("."), |_| true) else { return };
        let names: Vec<String> = walk.files.into_iter().map(|file| file.name).collect();
        let above = |name: &str| {
            let above = std::iter::successors(Some(split(name).0), |at| Some(split(at).0));
            above.take_while(|at| !at.is_empty()).map(str::to_owned).collect::<Vec<_>>()
        };
        let existing: BTreeSet<String> = names.iter().flat_map(|name| above(name)).collect();
        let own = remote_names();
        let is_own = |url: &str| own.is_empty() || own.contains(&repository_name(url));
        let texts = names.iter().filter_map(|name| Some((name, text_of(name, new)?)));
        let texts: Vec<(&String, String)> = texts.collect();
        let mut repositories = Repositories::default();
        for (name, text) in &texts {
            repositories.add(name, text);
        }
        let gone =
            GoneFolders { folders: &folders, is_own: &is_own, existing: &existing, repositories };
        for (name, text) in texts {
            // A parameter may be the last part.
            let may_name = |folder: &&str| text.contains(split(folder).1);
            if !folders.iter().any(may_name) {
                continue;
            }
            let file = self.files.add(name.as_str(), text.as_str());
            for place in gone.find_uses(name, file, &text) {
                let message =
                    format!("this change moves or removes a folder that `{name}` still refers to");
                let help = "correct the path, or remove what refers to the folder";
                let finding = Finding::new(&UNKNOWN_FILE, message);
                self.unchecked.push(finding.at(place, "no such folder").help(help));
            }
        }
    }
}

/// Whether a folder has files. Git knows no other folders, but they stay in the work tree.
fn has_files(store: &dyn Vfs, folder: &str) -> bool {
    let path = Path::new(folder);
    store.is_folder(path) && store.walk(path, |_| true).is_ok_and(|walk| !walk.files.is_empty())
}
