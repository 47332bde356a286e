//! Paths that people give → the files of Refinery's that are there.
//!
//! Must not put them together.

use super::Request;
use crate::sniff::classify::{FileClass, guess_class};
use crate::syntax::DataFormat;
use crate::vfs::decode::decode;
use crate::vfs::input_error::{InputError, InputProblem};
use crate::vfs::path::{format_of, name_of};
use crate::vfs::read::read_to_limit;
use crate::vfs::store::Vfs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// What standard input is called where nobody says; it is YAML then.
const STDIN: &str = "<stdin>";

/// A file of Refinery's, or one that holds some, not yet on the shelf.
#[derive(Clone)]
pub struct Item {
    pub name: String,
    pub sort: FileClass,
    pub format: Option<DataFormat>,
    pub content: Content,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Content {
    Bytes(Vec<u8>),
    At(PathBuf),
}

/// What a search has brought.
#[derive(Default)]
pub struct Found {
    /// Sorted by name.
    pub items: Vec<Item>,
    /// How many files had an extension of ours.
    pub looked_at: usize,
    pub notices: Vec<String>,
}

/// Finds all items at these paths.
///
/// # Errors
/// Something that is named is not there, is not Refinery's, or cannot be read.
pub fn discover(
    store: &dyn Vfs,
    request: &Request,
    paths: &[PathBuf],
    stdin: &mut dyn Read,
) -> Result<Found, InputError> {
    let mut found = Found::default();
    for path in paths {
        if path.as_os_str() == "-" {
            found.items.push(read_stdin(request, stdin)?);
        } else if store.is_folder(path) {
            found.add_folder(store, path)?;
        } else {
            let name = name_of(path);
            let bytes = store.read(path, &name)?;
            found.items.push(identify(&name, format_of(&name), bytes)?);
        }
    }
    // What was handed over as bytes goes before what lies on the disk under the same name.
    found.items.sort_by(|a, b| (&a.name, &a.content).cmp(&(&b.name, &b.content)));
    found.items.dedup_by(|later, earlier| later.name == earlier.name);
    Ok(found)
}

impl Found {
    fn add_folder(&mut self, store: &dyn Vfs, path: &Path) -> Result<(), InputError> {
        let walked = store.walk(path)?;
        self.looked_at += walked.looked_at;
        self.notices.extend(walked.notices);
        self.items.extend(walked.found.into_iter().map(|found| Item {
            format: format_of(&found.name),
            name: found.name,
            sort: found.sort,
            content: Content::At(found.path),
        }));
        Ok(())
    }
}

fn read_stdin(request: &Request, stdin: &mut dyn Read) -> Result<Item, InputError> {
    let bytes = read_to_limit(stdin, request.stdin_filename.as_deref().unwrap_or(STDIN))?;
    match &request.stdin_filename {
        Some(given) => {
            let name = name_of(Path::new(given));
            identify(&name, format_of(&name), bytes)
        }
        None => identify(STDIN, Some(DataFormat::Yaml), bytes),
    }
}

fn identify(name: &str, format: Option<DataFormat>, bytes: Vec<u8>) -> Result<Item, InputError> {
    let text = decode(bytes.clone(), format).text;
    let sort = guess_class(format, &text, name).ok_or_else(|| not_recognised(name))?;
    Ok(Item { name: name.to_owned(), sort, format, content: Content::Bytes(bytes) })
}

/// Says that a file that is named neither is Refinery's nor holds any.
pub fn not_recognised(name: &str) -> InputError {
    InputError::new(
        InputProblem::NotRecognised,
        format!("`{name}` is neither a Refinery config nor a rules file, by its keys"),
        "if it is one all the same, name it with -c or -r",
    )
}
