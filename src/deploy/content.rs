//! A text under a key of a map → a file of a deployment.
//!
//! Must not choose which text is which file.

use super::deployment_spec::FileRef;
use super::kubernetes::objects::Group;
use super::loaded::unknown_format;
use super::loader::Loader;
use super::templates::{find_template, is_of_chart};
use super::texts::clip;
use super::{HOW_TO_RENDER, Outer, block, word};
use crate::check;
use crate::diagnostic::Finding;
use crate::git::ignored::is_ignored;
use crate::schema::Kind;
use crate::sniff::flaw::first_action;
use crate::sniff::recognise::{Recognised, recognise};
use crate::span::{FileId, Piece, Span};
use crate::syntax::{Entry, Value};
use crate::vfs::decode::{Fault, decode};
use crate::vfs::input_error::{InputError, InputProblem};
use crate::vfs::path::format_of;
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

check!(
    MISSING_FILE,
    "start/generator-file-missing",
    Error,
    "a generator takes in a file that does not exist or cannot be read",
    "Kustomize stops there, so nothing is rolled out and the file is not checked; where the file is \
     only made before the build, check what that makes"
);
check!(
    INVALID_DATA,
    "start/invalid-map-data",
    Error,
    "a key of a ConfigMap or Secret that Kubernetes refuses",
    "Kubernetes takes the whole object only if `data` of a ConfigMap and `stringData` hold strings, and \
     `data` of a Secret and `binaryData` hold base64; nothing is rolled out otherwise"
);

/// Go's reader of JSON, which reads the objects.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

/// A text under its key.
#[derive(Clone, Debug)]
pub struct Datum {
    pub key: String,
    pub content: Content,
    /// No variable can be made of it.
    pub is_binary: bool,
}

/// Where a text is kept.
#[derive(Clone, Debug)]
pub enum Content {
    /// In a file that lies open; the place where that is named.
    File { name: String, named: Span },
    /// In a file that says more. `fault` says where the bytes were no text.
    Within { name: String, text: String, pieces: Vec<Piece>, fault: Option<Fault> },
    /// Kubernetes does not take it, and why.
    Refused { name: String, span: Option<Span>, why: String },
}

impl Content {
    /// What a report calls the text.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::File { name, .. } | Self::Within { name, .. } | Self::Refused { name, .. } => {
                Some(name)
            }
        }
        .map(String::as_str)
        .filter(|name| !name.is_empty())
    }

    /// Puts another beginning in the place of one that the name has.
    pub fn rename(&mut self, before: &str, after: &str) {
        if let Self::Within { name, .. } | Self::Refused { name, .. } = self
            && let Some(key) = name.strip_prefix(before)
        {
            *name = format!("{after}{key}");
        }
    }
}

impl Datum {
    /// An entry of an object; `placed` leads from places in the text at hand to those in its file.
    pub fn of(
        outer: Outer<'_>,
        map: &str,
        group: Group,
        entry: &Entry,
        placed: &dyn Fn(Vec<Piece>) -> Vec<Piece>,
    ) -> Self {
        let key = entry.key.clone();
        let name = format!("{}#{map}:{key}", outer.name);
        let span = entry.item.span.or(entry.key_span);
        let content = match (string_of(entry), span) {
            (Ok(text), Some(span)) if group == Group::Text => {
                let pieces = placed(block::pieces(outer, span, &text));
                Content::Within { name, text, pieces, fault: None }
            }
            (Ok(text), Some(span)) => {
                let as_whole = |text: &str| placed(vec![Piece::written(0..text.len(), span)]);
                match decode_base64(&text) {
                    Ok(bytes) => {
                        let decoded = decode(bytes, format_of(&key));
                        let pieces = as_whole(&decoded.text);
                        Content::Within { name, text: decoded.text, pieces, fault: decoded.fault }
                    }
                    Err(why) => {
                        let span = as_whole(&text).first().map(|piece| piece.outer);
                        Content::Refused { name, span, why }
                    }
                }
            }
            (Ok(_), None) => Content::Refused { name, span, why: "has no place".to_owned() },
            (Err(why), span) => {
                let placed = span
                    .and_then(|span| Some(placed(vec![Piece::written(0..1, span)]).first()?.outer));
                Content::Refused { name, span: placed, why }
            }
        };
        Self { key, content, is_binary: group == Group::Binary }
    }

    /// A file that lies open, under a key.
    pub fn on_disk(key: &str, name: String, named: Span) -> Self {
        let content = Content::File { name, named };
        Self { key: key.to_owned(), content, is_binary: false }
    }

    /// A part of a scalar, such as what follows `key=`.
    pub fn cut(name: String, key: &str, text: &str, start: usize, pieces: Vec<Piece>) -> Self {
        let content = Content::Within {
            name,
            text: text.to_owned(),
            pieces: clip(pieces, start..start + text.len()),
            fault: None,
        };
        Self { key: key.to_owned(), content, is_binary: false }
    }

    /// What it is called for the process, where nobody says: its key, or, if a mount has to give that
    /// another name, the file's own.
    pub fn likely_path(&self) -> &str {
        match &self.content {
            Content::File { name, .. } if format_of(&self.key).is_none() => name,
            _ => &self.key,
        }
    }

    /// What a text certainly is, by its keys, where a process finds it under this path.
    pub fn recognise(&self, path: &str, around: &Loader<'_>) -> Option<Recognised> {
        match &self.content {
            Content::File { name, .. } => {
                let text = around.peek(name).ok().flatten()?;
                recognise(Some(format_of(path)?), &text)
            }
            Content::Within { text, .. } => recognise(format_of(path), text),
            Content::Refused { .. } => None,
        }
    }

    /// Says that Kubernetes refuses it, if it does.
    pub fn find_refused(&self) -> Option<Finding> {
        let Content::Refused { name, span, why } = &self.content else { return None };
        let help = if why.contains("base64") {
            "encode it in base64, or move it to where strings stand: `stringData` of a Secret, `data` of \
             a ConfigMap"
        } else {
            "write the file as a string: `|` and its lines below, indented by two spaces more"
        };
        let finding = Finding::new(&INVALID_DATA, format!("`{name}` {why}"));
        Some(finding.at_some(*span, "Kubernetes refuses this").help(help).refuses())
    }

    /// Says that a file is not there, if it is not.
    pub fn find_missing(&self, around: &Loader<'_>) -> Option<Finding> {
        let Content::File { name, named } = &self.content else { return None };
        let is_missing = matches!(around.peek(name), Ok(None)) && !is_ignored(name);
        is_missing.then(|| {
            Finding::new(&MISSING_FILE, format!("`{name}` does not exist"))
                .at(*named, "taken in here")
                .help("check the spelling, and whether git tracks the file")
        })
    }

    /// Says that Refinery cannot read a file under this path, if it cannot. Where a file lies open
    /// under such a name, that is known of it already.
    pub fn find_unknown_format(&self, path: &str) -> Option<Finding> {
        let place = match &self.content {
            Content::File { name, named } => format_of(name).map(|_| *named),
            Content::Within { pieces, .. } => pieces.first().map(|piece| piece.outer),
            Content::Refused { .. } => None,
        };
        place
            .filter(|_| format_of(path).is_none())
            .map(|place| unknown_format(path).at(place, "this file"))
    }
}

/// The string that Kubernetes takes a value for.
///
/// # Errors
/// Why it takes it for none.
fn string_of(entry: &Entry) -> Result<String, String> {
    match &entry.item.value {
        Value::Text(text) => Ok(text.clone()),
        Value::Null => Ok(String::new()),
        Value::Map(_) | Value::Mixed(_) => Err("is a mapping, not a string".to_owned()),
        Value::List(_) => Err("is a list, not a string".to_owned()),
        _ => Err(format!("is not a string, but `{}`", word(&entry.item).unwrap_or_default())),
    }
}

/// The bytes of a text in base64, in which lines may be parted.
fn decode_base64(text: &str) -> Result<Vec<u8>, String> {
    let text: String = text.chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
    BASE64
        .decode(text)
        .map_err(|error| format!("is not base64: {}", error.to_string().trim_end_matches('.')))
}

/// What became of a text that is to be a file.
pub enum Loaded {
    File(FileRef),
    /// It cannot be checked; the finding says why.
    Unchecked(Finding),
    /// It cannot be checked here, and why that is no fault.
    Silent(String),
}

/// A text as a file of a deployment. `file` is that in which it stands where the text has no place.
///
/// # Errors
/// The file in which it lies cannot be read.
pub fn load(
    kind: Kind,
    path: &str,
    datum: &Datum,
    file: FileId,
    around: &mut Loader<'_>,
) -> Result<Loaded, InputError> {
    match &datum.content {
        Content::File { name, named } => load_file(path, name, *named, around),
        Content::Within { name, text, pieces, .. } if first_action(text).is_some() => {
            let outer = name.split('#').next().unwrap_or_default();
            if is_of_chart(outer, around) {
                return Ok(Loaded::Silent(format!("a template, not checked; {HOW_TO_RENDER}")));
            }
            Ok(match find_template(name, text, pieces, around) {
                Some(finding) => Loaded::Unchecked(finding),
                None => Loaded::Silent("a template, not checked".to_owned()),
            })
        }
        Content::Within { name, text, pieces, fault } => {
            let (name, text, pieces) = (name.clone(), text.clone(), pieces.clone());
            let file = pieces.first().map_or(file, |piece| piece.outer.file);
            let within = FileRef::within(kind, format_of(path), name, text, pieces, file);
            Ok(Loaded::File(within.faulty(fault.clone())))
        }
        Content::Refused { name, .. } => Ok(match datum.find_refused() {
            Some(finding) => Loaded::Unchecked(finding),
            None => Loaded::Silent(format!("`{name}` is refused")),
        }),
    }
}

fn load_file(
    path: &str,
    name: &str,
    named: Span,
    around: &mut Loader<'_>,
) -> Result<Loaded, InputError> {
    let shelved = match around.file(name) {
        Ok(Some(shelved)) => shelved,
        Ok(None) => return Ok(Loaded::Silent(format!("`{name}` does not exist"))),
        Err(error) if error.problem == InputProblem::TooLarge => return Err(error),
        Err(error) => {
            let finding = Finding::new(&MISSING_FILE, error.message).at(named, "taken in here");
            return Ok(Loaded::Unchecked(finding.help(error.advice)));
        }
    };
    // Refinery uses the name that the file has for the process.
    Ok(Loaded::File(FileRef::OnDisk(shelved.read_as(format_of(path)))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_as_go_reads_it() {
        for (text, expected) in [
            ("YTogMQo=", Some("a: 1\n")),
            ("YTog\nMQo=\n", Some("a: 1\n")),
            ("", Some("")),
            ("YTogMQo", None),
            ("YTog MQo=", None),
            ("a: 1", None),
            ("_-==", None),
        ] {
            let decoded = decode_base64(text).ok().map(|bytes| String::from_utf8(bytes).unwrap());
            assert_eq!(decoded.as_deref(), expected, "{text:?}");
        }
    }
}
