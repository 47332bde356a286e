//! Refinery's files that a Dockerfile copies and that are in no build context around it.

use super::context::Context;
use crate::deploy::deployment_spec::DeploymentSpec;
use crate::deploy::launch::LaunchSpec;
use crate::deploy::loader::Loader;
use crate::deploy::resolve::MISSING_FILE;
use crate::diagnostic::Finding;
use crate::source_name::SourceName;
use crate::span::Span;
use crate::vfs::Skip;
use crate::vfs::path::join;

/// The image of a Dockerfile without files that it copies from the folders around it. `None` if all of
/// them may be made before the build, or are next to these folders.
pub fn describe(
    name: SourceName,
    absent: &[(String, Span)],
    folders: &[&str],
    loader: &Loader<'_>,
) -> Option<DeploymentSpec> {
    let adjacent: Vec<String> = folders.iter().flat_map(|folder| loader.adjacent(folder)).collect();
    let is_there = |source: &str| {
        adjacent.iter().any(|folder| Context::named(folder, loader).has(source, loader))
    };
    // Build output is made before the build.
    let is_made = |source: &str| {
        let mut parts = source.split('/');
        parts.any(|part| Skip::of_name(part, true).is_some())
            || folders.iter().any(|folder| loader.is_ignored(&join(folder, source)))
    };
    let missing = absent.iter().filter(|(source, _)| !(is_there(source) || is_made(source)));
    let findings = missing.map(|(source, span)| {
        let message = format!("no such file: `{source}`");
        let help = "check the path, and that git tracks the file";
        Finding::new(&MISSING_FILE, message).at(*span, "copied here").help(help).refuses()
    });
    let findings: Vec<Finding> = findings.collect();
    (!findings.is_empty())
        .then(|| DeploymentSpec { findings, ..DeploymentSpec::new(name, LaunchSpec::default()) })
}
