//! A folder → the files in it that are Refinery's.
//!
//! Must not read more of a file than it takes to recognise it.

use crate::git::ignored::Ignored;
use crate::sniff::classify::{FileClass, may_go_on, sort};
use crate::vfs::decode::decode;
use crate::vfs::input_error::{InputError, InputProblem};
use crate::vfs::path::{format_of, name_of};
use crate::vfs::read::{read_file, read_head, unreadable};
use std::io;
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// How much of a file decides what it is, in bytes.
pub const HEAD: usize = 64 << 10;

/// Folders that hold what others wrote or what a build made.
const FOREIGN: [&str; 7] = [
    "node_modules",
    "vendor",
    "third_party",
    "target",
    "bower_components",
    "site-packages",
    "__pycache__",
];

/// A file that is Refinery's.
pub struct Found {
    pub path: PathBuf,
    pub name: String,
    pub sort: FileClass,
}

/// What a walk has brought.
#[derive(Default)]
pub struct Walked {
    pub found: Vec<Found>,
    /// How many files had an extension of ours.
    pub looked_at: usize,
    pub notices: Vec<String>,
}

/// Walks one folder. Links to folders are not followed, so no circle can catch the walk.
///
/// # Errors
/// A folder, or a file with an extension of ours, cannot be read.
pub fn walk(root: &Path) -> Result<Walked, InputError> {
    let mut walked = Walked::default();
    let ignored = Ignored::around(root).unwrap_or_else(|why| {
        let root = name_of(root);
        walked.notices.push(format!("{root}: what git ignores is looked at too ({why})"));
        None
    });
    let is_ignored = |entry: &DirEntry| {
        let relative = entry.path().strip_prefix(root).unwrap_or(entry.path());
        ignored.as_ref().is_some_and(|ignored| ignored.covers(relative))
    };
    let is_wanted =
        |entry: &DirEntry| entry.depth() == 0 || is_candidate(entry) && !is_ignored(entry);
    let mut head = Vec::new();
    for entry in WalkDir::new(root).sort_by_file_name().into_iter().filter_entry(is_wanted) {
        let entry = entry.map_err(|error| cannot_walk(root, error))?;
        if entry.file_type().is_dir() || entry.path_is_symlink() && entry.path().is_dir() {
            continue;
        }
        walked.looked_at += 1;
        let name = name_of(entry.path());
        read_head(entry.path(), &name, HEAD as u64, &mut head)?;
        let format = format_of(&name);
        if head.len() == HEAD && may_go_on(&head) {
            head = read_file(entry.path(), &name).unwrap_or(head);
        }
        if let Some(sort) = sort(format, &decode(head.clone(), format).text) {
            walked.found.push(Found { path: entry.into_path(), name, sort });
        }
    }
    Ok(walked)
}

/// By its name alone, can this be ours or lead to what is?
fn is_candidate(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    if entry.file_type().is_dir() { !is_foreign(&name) } else { format_of(&name).is_some() }
}

/// A folder that is hidden, or whose name says that others fill it.
pub fn is_foreign(name: &str) -> bool {
    name.starts_with('.') || FOREIGN.contains(&name)
}

fn cannot_walk(root: &Path, error: walkdir::Error) -> InputError {
    let name = name_of(error.path().unwrap_or(root));
    let message = error.to_string();
    match error.into_io_error() {
        Some(error) => unreadable(&name, &error),
        None => unreadable(&name, &io::Error::other(message)),
    }
}

/// Says that nothing was found in these places.
pub fn nothing_found(places: &[String], looked_at: usize, notices: &[String]) -> InputError {
    let places: Vec<String> = places.iter().map(|place| format!("`{place}`")).collect();
    if !notices.is_empty() {
        return InputError::new(
            InputProblem::NothingFound,
            format!("there is nothing to judge in {}", places.join(", ")),
            notices.join("; "),
        );
    }
    InputError::new(
        InputProblem::NothingFound,
        format!(
            "no Refinery config or rules file in {}; {looked_at} YAML, TOML and JSON files were \
             looked at",
            places.join(", ")
        ),
        "name the files with -c and -r; hidden folders, vendored ones and what git ignores are \
         not walked",
    )
}
