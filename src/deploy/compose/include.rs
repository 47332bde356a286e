//! `include` of a compose project.
//!
//! Must not open the services of included files.

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

/// An included file.
pub struct Include {
    /// The path as written.
    written: String,
    span: Option<Span>,
    /// The name of the file, or why it is unknown.
    name: Result<String, String>,
    /// `project_directory`, the base of its paths, if set.
    folder: Option<String>,
    /// Whether it is merged over the included file before it.
    pub is_over: bool,
}

/// The files that a project includes: single paths, or lists of files that are merged.
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
            _ => None,
        });
        for (at, (path, written)) in paths(&item).iter().zip(paths(&written)).enumerate() {
            includes.push(Include {
                written: written.text().unwrap_or("?").to_owned(),
                span: path.span,
                name: match path_of(path, &project.folder) {
                    Mounted::Path(name) => Ok(name),
                    Mounted::Unknown(why) => Err(why),
                    _ => Err("it is not understood".to_owned()),
                },
                folder: folder.clone(),
                is_over: at > 0,
            });
        }
    }
    includes
}

/// The name of an included file and the folder that its paths are relative to, or why it cannot be
/// followed.
///
/// # Errors
/// The file exists but cannot be read.
pub fn find_included(
    include: &Include,
    loader: &mut Loader<'_>,
) -> Result<Result<(String, String), String>, InputError> {
    let name = match &include.name {
        Ok(name) => name,
        Err(why) => return Ok(Err(why.clone())),
    };
    let folder = include.folder.clone().unwrap_or_else(|| split(name).0.to_owned());
    Ok(match read(loader, name)? {
        Read::Layers(_) => Ok((name.clone(), folder)),
        Read::Missing => Err("it does not exist".to_owned()),
        Read::Unreadable => Err("it cannot be read as YAML".to_owned()),
    })
}

impl Include {
    /// The finding for a file that cannot be followed, and whether its name suggests that it runs
    /// Refinery.
    pub fn finding(&self, outer: Outer<'_>, why: &str) -> (Finding, bool) {
        let message =
            format!("{}: included file `{}` is not checked: {why}", outer.name, self.written);
        let place = self.span.unwrap_or(Span::new(outer.file, 0, 0));
        let finding = Finding::new(&UNFOLLOWED, message).at(place, "included here");
        let may_run = self.written.to_ascii_lowercase().contains("refinery");
        (finding.help("include a file in this repository"), may_run)
    }
}
