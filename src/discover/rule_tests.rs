//! Which files with tests of rules belong to which deployment: those beside its rules, and those
//! that the settings list.
//!
//! Must not read the tests themselves (`rule_tests` does).

use super::Sources;
use super::items::STDIN;
use crate::deploy::{Deployment, TestSource};
use crate::schema::Kind;
use crate::sniff::classify::{FileClass, classify};
use crate::sniff::file_name::is_rule_test;
use crate::sniff::rule_test::References;
use crate::span::{FileId, Files};
use crate::vfs::Vfs;
use crate::vfs::decode::decode;
use crate::vfs::input_error::InputError;
use crate::vfs::path::{format_of, join, split};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// The rules file that a file with tests is for.
///
/// # Errors
/// Why there is none.
pub fn rules_of(store: &dyn Vfs, name: &str, text: &str) -> Result<String, String> {
    let folder = split(name).0;
    let Some(rules) = References::of(text).rules else { return only_rules(store, folder) };
    let rules = join(folder, &rules);
    match store.read(Path::new(&rules), &rules) {
        Ok(_) => Ok(rules),
        Err(error) => Err(error.message),
    }
}

/// The only rules file of a folder.
fn only_rules(store: &dyn Vfs, folder: &str) -> Result<String, String> {
    let is_rules = |name: &String| {
        let Some(format) = format_of(name).filter(|_| !is_rule_test(name)) else { return false };
        let Ok(bytes) = store.read(Path::new(name), name) else { return false };
        let class = classify(Some(format), &decode(bytes, Some(format)).text);
        matches!(class, Some(FileClass::Refinery(found)) if found.kind == Kind::Rules)
    };
    let names = store.names(as_path(folder)).into_iter().map(|name| join(folder, &name));
    let mut rules: Vec<String> = names.filter(is_rules).collect();
    match rules.len() {
        1 => Ok(rules.remove(0)),
        0 => Err("no rules file in the same folder".to_owned()),
        count => Err(format!("{count} rules files in the same folder")),
    }
}

fn as_path(folder: &str) -> &Path {
    Path::new(if folder.is_empty() { "." } else { folder })
}

/// The files with tests in a folder.
pub fn tests_in(store: &dyn Vfs, folder: &str) -> Vec<String> {
    let names = store.names(as_path(folder)).into_iter().filter(|name| is_rule_test(name));
    names.map(|name| join(folder, &name)).collect()
}

/// Attaches the tests beside the rules of each deployment to it.
///
/// # Errors
/// A file with tests cannot be read.
pub fn attach_beside(
    sources: &mut Sources,
    store: &dyn Vfs,
    is_excluded: impl Fn(&str) -> bool,
) -> Result<(), InputError> {
    let rules = sources.deployments.iter().flat_map(|of| rules_files(of, &sources.files));
    let folders: BTreeSet<String> = rules.map(|name| split(name).0.to_owned()).collect();
    let tests = folders.iter().flat_map(|folder| tests_in(store, folder));
    let tests: Vec<String> = tests.filter(|name| !is_excluded(name)).collect();
    attach(sources, store, &tests)
}

/// Attaches the tests that the settings of the deployments list.
///
/// # Errors
/// A file with tests cannot be read.
pub fn attach_listed(sources: &mut Sources, store: &dyn Vfs) -> Result<(), InputError> {
    let mut tests = BTreeSet::new();
    for settings in &sources.effective_settings {
        let file = settings.file.as_ref().map_or("", |(name, _)| name);
        let listed = settings.settings.tests.iter();
        tests.extend(listed.map(|test| join(split(file).0, &test.path)));
    }
    attach(sources, store, &tests.into_iter().collect::<Vec<_>>())
}

fn attach(sources: &mut Sources, store: &dyn Vfs, tests: &[String]) -> Result<(), InputError> {
    let mut known: BTreeMap<String, FileId> = BTreeMap::new();
    for test in sources.deployments.iter().flat_map(|of| &of.tests) {
        known.insert(sources.files.get(test.file).name.as_str().to_owned(), test.file);
    }
    for name in tests.iter().filter(|name| !known.contains_key(*name)) {
        let text = decode(store.read(Path::new(name), name)?, format_of(name)).text;
        let rules = rules_of(store, name, &text);
        let holders = holders(sources, name, rules.as_deref().ok());
        if holders.is_empty() {
            continue;
        }
        let recordings = References::of(&text).recordings.into_iter();
        let recordings = recordings.map(|path| {
            let name = join(split(name).0, &path);
            let content = store.read(Path::new(&name), &name).map(Arc::from);
            (path, content)
        });
        let recordings = recordings.collect();
        let file = sources.files.add(name, text);
        sources.ledger.take(name);
        let source = TestSource { file, fault: rules.err(), recordings };
        for place in holders {
            if let Some(deployment) = sources.deployments.get_mut(place) {
                deployment.tests.push(source.clone());
            }
        }
    }
    Ok(())
}

/// The deployments with these rules. If the rules are not known, the first that has rules beside the
/// tests, or else the first of all, so that the fault is reported.
fn holders(sources: &Sources, name: &str, rules: Option<&str>) -> Vec<usize> {
    let of = |is_so: &dyn Fn(&str) -> bool| -> Vec<usize> {
        let deployments = sources.deployments.iter().enumerate();
        let with = deployments.filter(|(_, of)| rules_files(of, &sources.files).any(is_so));
        with.map(|(place, _)| place).collect()
    };
    let Some(rules) = rules else {
        let mut beside = of(&|file| split(file).0 == split(name).0);
        if beside.is_empty() {
            beside = of(&|_| true);
        }
        beside.truncate(1);
        return beside;
    };
    of(&|file| file == rules)
}

/// The names of the files that have the rules of a deployment.
fn rules_files<'s>(deployment: &'s Deployment, files: &'s Files) -> impl Iterator<Item = &'s str> {
    let outer = |id| files.get(files.outermost(id)).name.file();
    let names = deployment.rules.iter().map(move |source| outer(source.file));
    // Nothing is beside standard input without a name.
    names.filter(|name| *name != STDIN)
}
