//! Whether a change of a file can change a deployment, by its name and content.
//!
//! Most changes of YAML files in a repository have nothing to do with Refinery. This finds too many
//! changes rather than too few. Files that others refer to matter whatever is in them (`scope`).

use super::candidate::is_suspect;
use crate::deploy::near::{may_pin, mentions, reach};
use crate::deploy::{
    CHART_FILE, DATA_FOLDERS, REQUIREMENTS_FILE, VARIABLE_FOLDERS, holds_inputs, reach_of_inputs,
};
use crate::git::entry::{Entry, Kind};
use crate::git::trees::GitTrees;
use crate::sniff::classify::{classify_file, may_be_used};
use crate::sniff::containers::{is_of_flux, may_be_values, may_set_variables};
use crate::sniff::file_name::{
    is_about_refinery, is_candidate, is_rule_test, kind_of_name, may_matter, without_template,
};
use crate::syntax::DataFormat;
use crate::vfs::decode::decode;
use crate::vfs::path::{format_of, join, split, split_extension};
use git2::Oid;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

/// Files that may affect deployments in any folder.
const USED_FAR: [&str; 5] =
    [CHART_FILE, REQUIREMENTS_FILE, "kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Caches which contents may matter, because consecutive states share most of their files.
pub struct Relevance<'r> {
    trees: &'r GitTrees<'r>,
    mentioning: RefCell<HashMap<Oid, bool>>,
    relevant: RefCell<HashMap<Oid, bool>>,
    values: RefCell<HashMap<Oid, bool>>,
    replacing: RefCell<HashMap<Oid, bool>>,
}

/// What is known about some changes.
#[derive(Default)]
pub struct Noted {
    /// Whether one of them can change a deployment even if no other file refers to it.
    pub is_relevant: bool,
    /// Folders of Kubernetes objects about Refinery.
    pub applied: BTreeSet<String>,
    /// Folders with changed maps, which may have values of variables.
    pub maps: BTreeSet<String>,
    /// Files that may be values for the chart if another file says so, by their content.
    pub values: BTreeSet<String>,
    /// Files that are not known to be something else, by their names.
    pub open: BTreeSet<String>,
    /// Files that can change a deployment even if no other file refers to them.
    pub relevant: BTreeSet<String>,
    /// Submodules whose files are not there.
    pub submodules: BTreeSet<String>,
    /// Folders in and below which they may affect any deployment.
    pub whole: BTreeSet<String>,
}

impl<'r> Relevance<'r> {
    pub fn new(trees: &'r GitTrees<'r>) -> Self {
        let (mentioning, relevant) = (RefCell::default(), RefCell::default());
        let (values, replacing) = (RefCell::default(), RefCell::default());
        Self { trees, mentioning, relevant, values, replacing }
    }

    /// Records what is known about a changed entry of a folder. Files that mention Refinery may pin
    /// its release for deployments in other folders.
    pub fn note(&self, folder: &str, entry: &Entry, noted: &mut Noted) {
        if entry.kind == Kind::Submodule {
            noted.submodules.insert(join(folder, &entry.name));
        }
        let pins = may_pin(&entry.name) && self.mentions_refinery(entry);
        if pins {
            // Values of a chart, and pods that mount what a kustomization generates, may be in any folder.
            let is_far = USED_FAR.contains(&&*entry.name);
            noted.whole.insert(if is_far { String::new() } else { reach(folder).to_owned() });
        }
        let has_variables = folder.split('/').any(has_variables);
        let by_name = may_matter(&entry.name);
        // In a folder such as `refinery/rules` it may be anything that is unusable.
        let is_half = is_candidate(&entry.name)
            && kind_of_name(split(folder).1).is_some()
            && is_about_refinery(&join(folder, &entry.name));
        let matters = pins
            || is_half
            || self.matters_alone(folder, entry, by_name)
            || has_variables && self.may_be_used(entry);
        if matters && self.has_objects(entry) {
            noted.applied.insert(folder.to_owned());
            if self.has_maps(entry) {
                noted.maps.insert(folder.to_owned());
            }
        }
        if matters && has_variables {
            // Tasks, inventories, states and manifests are in other folders.
            noted.whole.insert(String::new());
        }
        if matters && is_helper(folder, &entry.name) {
            // Charts in any folder may use those of a library.
            noted.whole.insert(String::new());
        }
        if entry.kind == Kind::File && holds_inputs(&entry.name) {
            noted.whole.insert(reach_of_inputs(folder).to_owned());
            noted.is_relevant = true;
        }
        if self.is_of_flux(entry) {
            noted.whole.insert(String::new());
            noted.is_relevant = true;
        }
        if entry.kind == Kind::File && by_name != Some(false) {
            noted.open.insert(join(folder, &entry.name));
        }
        if entry.kind == Kind::File && self.may_be_values(entry) {
            noted.values.insert(join(folder, &entry.name));
        }
        noted.is_relevant |= matters;
        noted.relevant.extend(matters.then(|| join(folder, &entry.name)));
    }

    fn may_be_values(&self, entry: &Entry) -> bool {
        let is_so = |bytes: Vec<u8>| may_be_values(&String::from_utf8_lossy(&bytes));
        is_yaml(&entry.name) && ask(&self.values, entry.id, || self.read(entry, is_so))
    }

    /// Whether it applies the manifests of any folder, and may replace variables in them.
    fn is_of_flux(&self, entry: &Entry) -> bool {
        let replaces = |bytes: Vec<u8>| is_of_flux(&String::from_utf8_lossy(&bytes));
        entry.kind == Kind::File
            && is_yaml(&entry.name)
            && ask(&self.replacing, entry.id, || self.read(entry, replaces))
    }

    /// Whether it may have Kubernetes objects.
    fn has_objects(&self, entry: &Entry) -> bool {
        let has_objects = |bytes: Vec<u8>| {
            let text = String::from_utf8_lossy(&bytes);
            text.contains("kind") && text.contains("apiVersion")
        };
        entry.kind == Kind::File && is_candidate(&entry.name) && self.read(entry, has_objects)
    }

    fn has_maps(&self, entry: &Entry) -> bool {
        self.read(entry, |bytes| may_set_variables(&String::from_utf8_lossy(&bytes)))
    }

    fn mentions_refinery(&self, entry: &Entry) -> bool {
        let is_known = |bytes: Vec<u8>| mentions(&bytes);
        entry.kind == Kind::File && ask(&self.mentioning, entry.id, || self.read(entry, is_known))
    }

    /// Whether an entry can matter if no other file refers to it.
    fn matters_alone(&self, folder: &str, entry: &Entry, by_name: Option<bool>) -> bool {
        let name = &entry.name;
        if is_rule_test(name) {
            return true;
        }
        match by_name {
            Some(false) if entry.kind == Kind::File => return false,
            // A deployment may use files of any name, such as those that a service mounts.
            None if entry.kind == Kind::File => {
                return ask(&self.relevant, entry.id, || self.may_be_used(entry));
            }
            _ => {}
        }
        let is_plain =
            entry.kind == Kind::File && is_candidate(name) && without_template(name).is_none();
        if !is_plain || name == CHART_FILE || is_suspect(name, "") {
            return true;
        }
        let is_relevant = |bytes: Vec<u8>| {
            let text = decode(bytes, format_of(name)).text;
            let may_be_baseline = text.contains("\"findings\"");
            may_be_baseline
                || may_set_variables(&text)
                || classify_file(&join(folder, name), format_of(name), &text).is_some()
                || is_suspect(name, &text)
        };
        ask(&self.relevant, entry.id, || self.read(entry, is_relevant))
    }

    fn may_be_used(&self, entry: &Entry) -> bool {
        entry.kind == Kind::File && self.read(entry, |bytes| may_be_used(&bytes))
    }

    /// A file that cannot be read may matter.
    fn read(&self, entry: &Entry, is_so: impl FnOnce(Vec<u8>) -> bool) -> bool {
        self.trees.content(entry.id).map_or(true, is_so)
    }
}

fn is_yaml(name: &str) -> bool {
    format_of(name) == Some(DataFormat::Yaml)
}

/// Whether a folder has variables of Ansible or data of Salt and Puppet, which files in any folder may use.
fn has_variables(folder: &str) -> bool {
    VARIABLE_FOLDERS.contains(&folder) || DATA_FOLDERS.contains(&folder)
}

/// Whether it has helpers of a chart.
fn is_helper(folder: &str, name: &str) -> bool {
    split_extension(name).1 == "tpl" && split(folder).1 == "templates"
}

/// The answer for a content, once it was found.
fn ask(known: &RefCell<HashMap<Oid, bool>>, id: Oid, find: impl FnOnce() -> bool) -> bool {
    *known.borrow_mut().entry(id).or_insert_with(find)
}
