//! Texts that a document writes next to files that it copies: together they are the files of one process, such
//! as a config by Ansible's `copy` with `src` and rules by one with `content`.

use super::deployment_spec::{DeploymentSpec, FileRef};
use super::launch::LaunchSpec;
use super::placed::texts;
use super::{EmbeddedFile, Opened, Outer};
use crate::schema::Kind;
use crate::source_name::SourceName;
use crate::syntax::Item;
use crate::vfs::path::split;
use std::collections::HashMap;

/// Moves texts into the deployment of the files that the document copies to the same folder, if it lacks
/// their kind and there is only one of it.
pub fn join_copied(
    outer: Outer<'_>,
    document: &Item,
    files: &mut Vec<EmbeddedFile>,
    opened: &mut Opened,
) {
    if opened.installed.is_empty() {
        return;
    }
    let all = texts(outer, document);
    let paths: HashMap<&SourceName, &str> = all.iter().map(|one| (&one.name, one.path)).collect();
    let place = |file: &EmbeddedFile| {
        let path = paths.get(&file.name)?;
        Some((SourceName::within(outer.name, split(path).0), file.recognised.kind))
    };
    let mut counts: HashMap<(SourceName, Kind), usize> = HashMap::new();
    for place in files.iter().filter_map(place) {
        *counts.entry(place).or_default() += 1;
    }
    let specs = &mut opened.described;
    let is_joined = |file: &mut EmbeddedFile| {
        let is_only = place(file).filter(|place| counts.get(place) == Some(&1));
        is_only.is_some_and(|(name, kind)| {
            specs.iter().any(|spec| spec.name == name && lacks(spec, kind))
        })
    };
    let joined: Vec<EmbeddedFile> = files.extract_if(.., is_joined).collect();
    for file in joined {
        let Some((name, kind)) = place(&file) else { continue };
        let path = paths.get(&file.name).map(|path| (kind, (*path).to_owned()));
        let installed = opened.installed.iter_mut().find(|it| it.deployment == name);
        if let Some(installed) = installed {
            installed.paths.extend(path);
        }
        if let Some(spec) = opened.described.iter_mut().find(|spec| spec.name == name) {
            if spec.launch == LaunchSpec::default() {
                spec.launch = file.launch.clone();
            }
            spec.push(kind, FileRef::Embedded(Box::new(file)));
        }
    }
}

fn lacks(spec: &DeploymentSpec, kind: Kind) -> bool {
    match kind {
        Kind::Config => spec.config.is_empty(),
        Kind::Rules => spec.rules.is_empty(),
    }
}
