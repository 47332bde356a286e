//! A text of a map → a file of a deployment.
//!
//! Must not choose which text is which file.

use super::build::Builder;
use super::concern::recognise_file;
use super::kustomization::Kustomization;
use super::objects::{Content, Datum};
use crate::check;
use crate::deploy::HOW_TO_RENDER;
use crate::deploy::deployment_spec::FileRef;
use crate::deploy::loaded::unknown_format;
use crate::diagnostic::Finding;
use crate::schema::Kind;
use crate::sniff::containers::has_template;
use crate::sniff::recognise::recognise;
use crate::span::{Piece, Span};
use crate::vfs::input_error::InputError;
use crate::vfs::path::format_of;

check!(
    MISSING_FILE,
    "start/generator-file-missing",
    Warning,
    "a generator takes in a file that does not exist",
    "Kustomize stops there, so nothing is rolled out; where the file is only made before the build, \
     judge what it makes"
);

/// A text as a file of the deployment, if it can be judged.
///
/// # Errors
/// The file in which it lies cannot be read.
pub fn half(
    kind: Kind,
    path: &str,
    datum: &Datum,
    here: &Kustomization,
    builder: &mut Builder<'_, '_>,
) -> Result<Option<FileRef>, InputError> {
    match &datum.content {
        Content::File { name, .. } => open(kind, path, name, here, builder),
        Content::Within { name, text, .. } if has_template(text) => {
            let what = format!("{name}: a template, not judged; {HOW_TO_RENDER}");
            builder.notices.push(what);
            Ok(None)
        }
        Content::Within { name, text, pieces } => {
            let (name, text, pieces) = (name.clone(), text.clone(), pieces.clone());
            Ok(Some(FileRef::within(kind, format_of(path), name, text, pieces, here.file)))
        }
        Content::Sealed => {
            builder.say(here, &format!("`{path}` is in base64, not judged"));
            Ok(None)
        }
    }
}

fn open(
    kind: Kind,
    path: &str,
    name: &str,
    here: &Kustomization,
    builder: &mut Builder<'_, '_>,
) -> Result<Option<FileRef>, InputError> {
    if builder.peek(here, name, &format!("`{name}` does not exist")).is_none() {
        return Ok(None);
    }
    let Some(shelved) = builder.around.file(name)? else { return Ok(None) };
    if shelved.source.format == format_of(path) {
        return Ok(Some(FileRef::OnDisk(shelved)));
    }
    // The engine goes by the name that the file has for the process.
    let file = shelved.source.file;
    let text = builder.around.shelf.files.get(file).text.clone();
    let pieces = vec![Piece::written(0..text.len(), Span::new(file, 0, text.len()))];
    Ok(Some(FileRef::within(kind, format_of(path), name.to_owned(), text, pieces, file)))
}

/// Is a text of this kind, by its keys?
pub fn is_of(kind: Kind, path: &str, datum: &Datum, builder: &Builder<'_, '_>) -> bool {
    let what = match &datum.content {
        Content::File { name, .. } => recognise_file(name, path, builder.around),
        Content::Within { text, .. } => recognise(format_of(path), text),
        Content::Sealed => None,
    };
    what.is_some_and(|what| what.kind == kind)
}

/// Says that the engine cannot read a file under this path, if it cannot. Where a file lies open
/// under such a name, that is known of it already.
pub fn find_unknown_format(path: &str, datum: &Datum) -> Option<Finding> {
    let place = match &datum.content {
        Content::File { name, named } => format_of(name).map(|_| *named),
        Content::Within { pieces, .. } => pieces.first().map(|piece| piece.outer),
        Content::Sealed => None,
    };
    place
        .filter(|_| format_of(path).is_none())
        .map(|place| unknown_format(path).at(place, "this file"))
}

/// Says that a file is not there, if it is not.
pub fn find_missing(datum: &Datum, builder: &Builder<'_, '_>) -> Option<Finding> {
    let Content::File { name, named } = &datum.content else { return None };
    let is_missing = matches!(builder.around.peek(name), Ok(None));
    is_missing.then(|| {
        Finding::new(&MISSING_FILE, format!("`{name}` does not exist"))
            .at(*named, "taken in here")
            .help("check the spelling, and whether git tracks the file")
    })
}
