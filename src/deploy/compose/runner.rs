//! Whether a service runs Refinery.

use super::service::Service;
use crate::deploy::command::{Command, Word};
use crate::deploy::workload::{is_official, is_refinery};
use crate::schema::Kind;
use crate::syntax::Item;
use crate::vfs::path::{below, split};

/// Whether a service runs Refinery: by its official image or, since other images have that name
/// too, by the files that it names.
pub fn runs_refinery(service: &Service) -> bool {
    let image = service.image.as_ref().and_then(Item::text);
    if image.is_some_and(is_official) {
        return true;
    }
    let has_name = image.is_some_and(is_refinery);
    let has_program = || {
        let entrypoint = service.entrypoint.as_deref().unwrap_or_default();
        Command::runs_refinery(
            &[entrypoint, service.command.as_deref().unwrap_or_default()].concat(),
        )
    };
    let has_files = || {
        let words = service.command.as_deref().unwrap_or_default();
        let command = Command::of_container(service.entrypoint.as_deref(), words);
        Kind::ALL.iter().any(|&kind| command.names(kind))
    };
    let folders = Kind::ALL.map(|kind| kind.locating().folder());
    let is_ours = |target: &str| folders.iter().any(|folder| below(target, folder).is_some());
    let has_mount = || service.mounts.iter().any(|mount| is_ours(&mount.target));
    let has_variable =
        || Kind::ALL.iter().any(|kind| service.variables.contains_key(kind.locating().variable));
    (has_name || has_program()) && has_files()
        || (has_name || image.is_none() || service.is_open) && (has_mount() || has_variable())
}

/// Whether a service with an image of any name seems to run Refinery.
pub fn may_run_refinery(name: &str, service: &Service) -> bool {
    let image = service.image.as_ref().and_then(Item::text).unwrap_or_default();
    let entrypoint = service.entrypoint.as_deref();
    let words = service.command.as_deref().unwrap_or_default();
    let targets = service.mounts.iter().map(|mount| mount.target.as_str());
    seems_to_run_refinery([name, image], entrypoint, words, targets)
}

/// Whether a container with an image of any name seems to run Refinery: its files are mounted where
/// Refinery looks for both, or flags name both. A name alone says little, because exporters and
/// tools have it, too.
pub fn seems_to_run_refinery<'m>(
    [name, image]: [&str; 2],
    entrypoint: Option<&[Word]>,
    command: &[Word],
    targets: impl Iterator<Item = &'m str>,
) -> bool {
    let image = image.rsplit('/').next().unwrap_or_default();
    let words: Vec<&Word> = entrypoint.unwrap_or_default().iter().chain(command).collect();
    if is_other_program(&words) || [name, image].into_iter().any(is_tool) {
        return false;
    }
    let command = Command::of_container(entrypoint, command);
    let names_refinery = |text: &str| text.to_ascii_lowercase().contains("refinery");
    let is_about = [name, image].into_iter().any(names_refinery)
        || words.iter().any(|word| word.text.as_deref().is_some_and(names_refinery));
    let targets: Vec<&str> = targets.collect();
    let has_mount = |kind: &Kind| targets.contains(&kind.locating().default);
    is_about && Kind::ALL.iter().all(|&kind| command.names(kind)) || Kind::ALL.iter().all(has_mount)
}

/// Whether the first word is a program, and not Refinery.
fn is_other_program(words: &[&Word]) -> bool {
    let first = words.first().map(|word| word.text.as_deref().unwrap_or_default());
    let is_engine = |word: &str| split(word).1 == "refinery";
    first.is_some_and(|first| !first.starts_with('-') && !is_engine(first))
}

/// Whether a name is that of a program that checks Refinery's files or prepares them.
fn is_tool(name: &str) -> bool {
    const WORDS: [&str; 8] =
        ["preflight", "lint", "valid", "check", "init", "exporter", "test", "reload"];
    let name = name.to_ascii_lowercase();
    WORDS.iter().any(|word| name.contains(word))
}
