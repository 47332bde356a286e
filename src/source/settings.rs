//! Where the settings of a team lie: above the files that they are about.
//!
//! Must not read what they say.

use super::Sources;
use super::input_error::InputError;
use super::read::read_text;
use std::path::{Path, PathBuf};

const NAME: &str = ".refinery-preflight.toml";

/// The nearest settings above the first file, or here where there is none, up to the root of the
/// repository, and their text.
///
/// # Errors
/// They are there and cannot be read.
pub fn find_settings(sources: &Sources) -> Result<Option<(PathBuf, String)>, InputError> {
    let first = sources.files.ids().next().map_or(NAME, |id| &sources.files.get(id).name);
    let Ok(start) = std::path::absolute(first) else { return Ok(None) };
    for folder in start.ancestors().skip(1) {
        let file = folder.join(NAME);
        if file.is_file() {
            let text = read_text(&file)?;
            return Ok(Some((shorten(&file), text)));
        }
        if folder.join(".git").exists() {
            break;
        }
    }
    Ok(None)
}

/// As seen from here, where it lies below.
fn shorten(file: &Path) -> PathBuf {
    let here = std::path::absolute(".").unwrap_or_default();
    file.strip_prefix(here).map_or_else(|_| file.to_owned(), Path::to_owned)
}
