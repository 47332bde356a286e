//! An entry of a `ConfigMap` or Secret → a file of a deployment.
//!
//! Must not decide which entry is which file.

use super::deployment_spec::FileRef;
use super::loaded::unknown_format;
use super::loader::Loader;
use super::templates::{find_template, is_of_chart};
use super::texts::{clip, replace_in_lines};
use super::{Outer, block, not_rendered, word};
use crate::check;
use crate::diagnostic::Finding;
use crate::schema::Kind;
use crate::sniff::flaw::{first_action, ytt_annotation};
use crate::sniff::recognise::{Recognised, recognise};
use crate::source_name::SourceName;
use crate::span::{FileId, Piece, Span};
use crate::syntax::{Entry, Value};
use crate::value::replaced::without_actions;
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
    kind: Verdict,
    "a file that a deployment embeds does not exist or cannot be read",
    "The command or tool that embeds the file, such as `kubectl`, Kustomize or Terraform, fails here, so \
     nothing is rolled out and the file is not checked. If the file is only created before that, check the \
     result."
);
check!(
    INVALID_DATA,
    "start/invalid-map-data",
    Error,
    kind: Verdict,
    "Kubernetes rejects a ConfigMap or Secret, or a key of one",
    "Kubernetes rejects the object, so nothing is rolled out. Keys may contain letters, digits, `-`, `_` and \
     `.`; values are strings, or base64 in `binaryData` and in `data` of a Secret. `kubectl`, Argo CD and \
     Flux also reject unknown fields."
);

/// Base64 as Go's JSON decoder accepts it, because that reads the objects.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

/// How the values of `data`, `stringData` or `binaryData` are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Text,
    /// Text in base64.
    Base64,
    /// Binary data in base64, which cannot become variables.
    Binary,
}

impl Group {
    /// The group with this key in a map of this kind.
    pub fn of(key: &str, kind: &str) -> Option<Self> {
        match (key, kind) {
            ("data", "Secret") => Some(Self::Base64),
            ("stringData", "Secret") | ("data", _) => Some(Self::Text),
            ("binaryData", kind) if kind != "Secret" => Some(Self::Binary),
            _ => None,
        }
    }
}

/// An entry of a `ConfigMap` or Secret: a key and its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataEntry {
    pub key: String,
    pub content: Content,
    /// Binary data cannot become a variable.
    pub is_binary: bool,
}

/// Where the content of an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// In a file of its own; `named` is where that file is named.
    File { name: String, named: Span },
    /// Embedded in another file. `fault` says which bytes are not valid text.
    Within { name: SourceName, text: String, pieces: Vec<Piece>, fault: Option<Fault> },
    /// It depends on an expression. If it `is_of_caller`, who gives it a value is checked for it.
    Unevaluated { name: SourceName, text: String, pieces: Vec<Piece>, is_of_caller: bool },
    /// Kubernetes rejects it.
    Refused { name: SourceName, span: Option<Span>, why: Refusal },
}

/// Why Kubernetes rejects an entry of a map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is not a string; the text says what it is.
    NotAString(String),
    /// The text says what is wrong with it.
    NotBase64(String),
    /// Its key has characters that Kubernetes does not allow.
    InvalidKey,
    /// The indentation in its template makes it something else than a string.
    Indentation,
}

impl Refusal {
    fn text(&self) -> &str {
        match self {
            Self::NotAString(text) | Self::NotBase64(text) => text,
            Self::InvalidKey => "is not a valid key of a ConfigMap or Secret",
            Self::Indentation => {
                "is not a single string, because of its indentation in the template"
            }
        }
    }

    fn help(&self) -> &'static str {
        match self {
            Self::NotAString(_) => {
                "write it as a string: `|`, then the lines of the file, indented by two more spaces"
            }
            Self::NotBase64(_) => {
                "encode it in base64, or move it to a key for strings: `stringData` of a Secret, \
                 `data` of a ConfigMap"
            }
            Self::InvalidKey => {
                "use only letters, digits, `-`, `_` and `.`, and choose the folder in `items` or \
                 `mountPath`"
            }
            Self::Indentation => {
                "indent the value 2 spaces more than its key, such as `nindent 4` for a key \
                 indented by 2"
            }
        }
    }
}

impl Content {
    /// The name that reports use.
    pub fn name(&self) -> Option<&str> {
        let name = match self {
            Self::File { name, .. } => name,
            Self::Within { name, .. }
            | Self::Refused { name, .. }
            | Self::Unevaluated { name, .. } => name.as_str(),
        };
        Some(name).filter(|name| !name.is_empty())
    }

    /// Replaces a prefix of the place that its name states.
    pub fn rename(&mut self, before: &str, after: &str) {
        if let Self::Within { name, .. } | Self::Refused { name, .. } = self
            && let Some(key) = name.place().strip_prefix(before)
        {
            *name = SourceName::within(name.file(), format!("{after}{key}"));
        }
    }
}

impl DataEntry {
    /// Reads an entry of an object. `placed` maps pieces in the given text to pieces in its file.
    pub fn of(
        outer: Outer<'_>,
        map: &str,
        group: Group,
        entry: &Entry,
        placed: &dyn Fn(Vec<Piece>) -> Vec<Piece>,
    ) -> Self {
        let key = entry.key.clone();
        let name = SourceName::within(outer.name, format!("{map}:{key}"));
        let span = entry.item.span.or(entry.key_span);
        let content = match (expression_of(outer, entry).map_or_else(|| string_of(entry), Ok), span)
        {
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
                        Content::Refused { name, span, why: Refusal::NotBase64(why) }
                    }
                }
            }
            (Ok(_), None) => {
                let why = Refusal::NotAString("cannot be located".to_owned());
                Content::Refused { name, span, why }
            }
            (Err(why), span) => {
                let placed = span
                    .and_then(|span| Some(placed(vec![Piece::written(0..1, span)]).first()?.outer));
                Content::Refused { name, span: placed, why: Refusal::NotAString(why) }
            }
        };
        Self { key, content, is_binary: group == Group::Binary }
    }

    /// An entry of a map, whose key Kubernetes checks.
    #[must_use]
    pub fn with_checked_key(self, span: Option<Span>) -> Self {
        let is_open = self.key.contains(['$', '{']);
        let is_valid = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if is_open || self.key.chars().all(is_valid) {
            return self;
        }
        let Some(name) = self.content.name() else { return self };
        let name: SourceName = name.into();
        let content = Content::Refused { name, span, why: Refusal::InvalidKey };
        Self { content, ..self }
    }

    /// An entry whose content is a file of its own.
    pub fn on_disk(key: &str, name: String, named: Span) -> Self {
        let content = Content::File { name, named };
        Self { key: key.to_owned(), content, is_binary: false }
    }

    /// An entry from a part of a scalar, such as what follows `key=`.
    pub fn cut(name: SourceName, key: &str, text: &str, start: usize, pieces: Vec<Piece>) -> Self {
        let content = Content::Within {
            name,
            text: text.to_owned(),
            pieces: clip(pieces, start..start + text.len()),
            fault: None,
        };
        Self { key: key.to_owned(), content, is_binary: false }
    }

    /// Replaces the actions of a template, whose values only an operator knows.
    pub fn leave_actions_unknown(&mut self) {
        self.replace_actions(&without_actions);
    }

    /// Replaces what follows the first action of each line.
    pub fn replace_actions(&mut self, fill: &dyn Fn(&str) -> String) {
        if let Content::Within { text, pieces, .. } = &mut self.content
            && first_action(text).is_some()
        {
            (*text, *pieces) = replace_in_lines(text, std::mem::take(pieces), "{{", fill);
        }
    }

    /// Whether reports use this name for it.
    pub fn has_name(&self, name: &str) -> bool {
        self.content.name().is_some_and(|known| known == name)
    }

    /// The content, if it is embedded in an object.
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Within { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The value of a variable that refers to it.
    pub fn value(&self) -> Option<&str> {
        self.text().filter(|_| !self.is_binary)
    }

    /// The most likely file name if no mount is known: the key, or the name of the file if the key
    /// has no extension that Refinery reads.
    pub fn likely_path(&self) -> &str {
        match &self.content {
            Content::File { name, .. } if format_of(&self.key).is_none() => name,
            _ => &self.key,
        }
    }

    /// Recognizes the content by its keys, as a file with this path.
    pub fn recognise(&self, path: &str, loader: &Loader<'_>) -> Option<Recognised> {
        match &self.content {
            Content::File { name, .. } => {
                let text = loader.peek(name).ok().flatten()?;
                recognise(Some(format_of(path)?), &text)
            }
            Content::Within { text, .. } => recognise(format_of(path), text),
            Content::Refused { .. } | Content::Unevaluated { .. } => None,
        }
    }

    /// Reports an entry that Kubernetes rejects.
    pub fn find_refused(&self) -> Option<Finding> {
        let Content::Refused { name, span, why } = &self.content else { return None };
        let finding = Finding::new(&INVALID_DATA, format!("`{name}` {}", why.text()));
        Some(finding.at_some(*span, "Kubernetes rejects this").help(why.help()).refuses())
    }

    /// Reports a file that does not exist.
    pub fn find_missing(&self, loader: &Loader<'_>) -> Option<Finding> {
        let Content::File { name, named } = &self.content else { return None };
        let is_missing = matches!(loader.peek(name), Ok(None)) && !loader.is_ignored(name);
        is_missing.then(|| {
            Finding::new(&MISSING_FILE, format!("`{name}` does not exist"))
                .at(*named, "named here")
                .help("check the path, and that git tracks the file")
        })
    }

    /// Reports a path whose extension Refinery does not read. A file of its own with such a name
    /// has that finding already.
    pub fn find_unknown_format(&self, path: &str) -> Option<Finding> {
        let place = match &self.content {
            Content::File { name, named } => format_of(name).map(|_| *named),
            Content::Within { pieces, .. } => pieces.first().map(|piece| piece.outer),
            Content::Refused { .. } | Content::Unevaluated { .. } => None,
        };
        place
            .filter(|_| format_of(path).is_none())
            .map(|place| unknown_format(path).at(place, "this file"))
    }
}

/// The line of an entry whose value an expression of ytt makes.
pub fn expression_of(outer: Outer<'_>, entry: &Entry) -> Option<String> {
    let key = entry.key_span.filter(|_| entry.item.value == Value::Null)?;
    let line = outer.text_of(key.file).get(key.range().start..)?.lines().next()?;
    ytt_annotation(line).map(|_| line.to_owned())
}

/// The string that Kubernetes reads from a value.
///
/// # Errors
/// Why Kubernetes rejects the value.
fn string_of(entry: &Entry) -> Result<String, String> {
    match &entry.item.value {
        Value::Text(text) => Ok(text.clone()),
        Value::Null => Ok(String::new()),
        Value::Map(_) | Value::Mixed(_) => Err("must be a string, not a mapping".to_owned()),
        Value::List(_) => Err("must be a string, not a list".to_owned()),
        _ => Err(format!("must be a string, not `{}`", word(&entry.item).unwrap_or_default())),
    }
}

/// Decodes base64 that may be split into lines.
fn decode_base64(text: &str) -> Result<Vec<u8>, String> {
    let text: String = text.chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
    BASE64
        .decode(text)
        .map_err(|error| format!("is not base64: {}", error.to_string().trim_end_matches('.')))
}

/// The result of loading an entry as a file.
pub enum Loaded {
    File(FileRef),
    /// It cannot be checked; this finding reports that.
    Unchecked(Finding),
    /// It cannot be checked here, which is not an error; the text says why.
    Silent(String),
}

/// Loads an entry as a file of a deployment. `file` is the outer file where the text has no
/// location.
///
/// # Errors
/// The file cannot be read.
pub fn load(
    kind: Kind,
    path: &str,
    datum: &DataEntry,
    file: FileId,
    loader: &mut Loader<'_>,
) -> Result<Loaded, InputError> {
    match &datum.content {
        Content::File { name, named } => load_file(path, name, *named, loader),
        Content::Within { name, text, pieces, .. } if first_action(text).is_some() => {
            if is_of_chart(name.file(), loader) {
                return Ok(Loaded::Silent(not_rendered()));
            }
            Ok(match find_template(name.as_str(), text, pieces, loader) {
                Some(finding) => Loaded::Unchecked(finding),
                None => Loaded::Silent("not checked, because it is a template".to_owned()),
            })
        }
        Content::Within { name, text, pieces, fault } => {
            let (name, text, pieces) = (name.clone(), text.clone(), pieces.clone());
            let file = pieces.first().map_or(file, |piece| piece.outer.file);
            let within = FileRef::within(kind, format_of(path), name, text, pieces, file);
            Ok(Loaded::File(within.faulty(fault.clone())))
        }
        Content::Unevaluated { name, text, pieces, is_of_caller } => {
            let finding = find_template(name.as_str(), text, pieces, loader);
            Ok(match finding.filter(|_| !is_of_caller) {
                Some(finding) => Loaded::Unchecked(finding),
                None => Loaded::Silent(format!("`{name}` is an input; checked where it is set")),
            })
        }
        Content::Refused { name, .. } => Ok(match datum.find_refused() {
            Some(finding) => Loaded::Unchecked(finding),
            None => Loaded::Silent(format!("Kubernetes rejects `{name}`")),
        }),
    }
}

fn load_file(
    path: &str,
    name: &str,
    named: Span,
    loader: &mut Loader<'_>,
) -> Result<Loaded, InputError> {
    let loaded = match loader.file(name) {
        Ok(Some(loaded)) => loaded,
        Ok(None) => return Ok(Loaded::Silent(format!("`{name}` does not exist"))),
        Err(error) if error.problem == InputProblem::TooLarge => return Err(error),
        Err(error) => {
            let finding = Finding::new(&MISSING_FILE, error.message).at(named, "named here");
            return Ok(Loaded::Unchecked(finding.help(error.advice)));
        }
    };
    // The path in the container decides the format.
    Ok(Loaded::File(FileRef::OnDisk(loaded.read_as(format_of(path)))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_base64_like_go() {
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
