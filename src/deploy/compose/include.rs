//! The files that a compose project includes.
//!
//! Must not open them.

use super::UNFOLLOWED;
use super::layer::{Read, read};
use super::mounts::{Mounted, path_of};
use super::project::Project;
use super::words::several;
use crate::deploy::Outer;
use crate::deploy::loader::Loader;
use crate::diagnostic::Finding;
use crate::span::Span;
use crate::syntax::{Item, Value};
use crate::vfs::input_error::InputError;
use crate::vfs::path::split;

/// A file that is included.
pub struct Include {
    /// As it is written.
    written: String,
    span: Option<Span>,
    /// The name of the file, or why nobody knows it.
    name: Result<String, String>,
    /// The folder from which its paths lead on, where that is not its own.
    folder: Option<String>,
}

/// The files that a project includes: each by its path, or some that are laid over each other.
pub fn included(project: &mut Project) -> Vec<Include> {
    let all = project.layers.iter().filter_map(|layer| layer.item.get("include"));
    let all: Vec<Item> = all.flat_map(several).cloned().collect();
    let mut includes = Vec::new();
    for mut item in all {
        let written = item.clone();
        project.variables.fill(&mut item);
        let is_map = matches!(item.value, Value::Map(_));
        let paths = |item: &Item| -> Vec<Item> {
            let path = if is_map { item.get("path") } else { Some(item) };
            path.map(several).unwrap_or_default().to_vec()
        };
        let folder = item.get("project_directory").map(|folder| path_of(folder, &project.folder));
        let folder = folder.and_then(|folder| match folder {
            Mounted::Path(folder) => Some(folder),
            Mounted::Of(..) | Mounted::Unknown(_) => None,
        });
        for (path, written) in paths(&item).iter().zip(paths(&written)) {
            includes.push(Include {
                written: written.text().unwrap_or("?").to_owned(),
                span: path.span,
                name: match path_of(path, &project.folder) {
                    Mounted::Path(name) => Ok(name),
                    Mounted::Unknown(why) => Err(why),
                    Mounted::Of(..) => Err("it is not understood".to_owned()),
                },
                folder: folder.clone(),
            });
        }
    }
    includes
}

/// The name of an included file that can be read, with the folder from which its paths lead on; else
/// why it cannot be followed.
///
/// # Errors
/// It is there and cannot be read.
pub fn find_included(
    include: &Include,
    around: &mut Loader<'_>,
) -> Result<Result<(String, String), String>, InputError> {
    let name = match &include.name {
        Ok(name) => name,
        Err(why) => return Ok(Err(why.clone())),
    };
    let folder = include.folder.clone().unwrap_or_else(|| split(name).0.to_owned());
    Ok(match read(around, name)? {
        Read::Layers(_) => Ok((name.clone(), folder)),
        Read::Missing => Err("it is not there".to_owned()),
        Read::Unreadable => Err("it cannot be read as YAML".to_owned()),
    })
}

impl Include {
    /// Says that it is not followed, and whether its name alone makes it likely that it runs Refinery.
    pub fn finding(&self, outer: Outer<'_>, why: &str) -> (Finding, bool) {
        let message =
            format!("{}: `{}` is included and not checked: {why}", outer.name, self.written);
        let place = self.span.unwrap_or(Span::new(outer.file, 0, 0));
        let finding = Finding::new(&UNFOLLOWED, message).at(place, "included here");
        let may_run = self.written.to_ascii_lowercase().contains("refinery");
        (finding.help("name a file of the repository"), may_run)
    }
}
