//! The texts of a run as they come in, each with what can be said of it before parsing.
//!
//! Holds the limit on all of them together. Must not decide which belong together.

use super::EmbeddedFile;
use super::Source;
use crate::check;
use crate::diagnostic::Finding;
use crate::sniff::v1::find_legacy;
use crate::span::{Files, Span, Window};
use crate::syntax::DataFormat;
use crate::vfs::decode::decode;
use crate::vfs::input_error::InputError;
use crate::vfs::path::split_extension;
use crate::vfs::read::{MAX_TOTAL, too_much};
use std::collections::HashMap;

check!(
    UNKNOWN_FORMAT,
    "start/unknown-format",
    Error,
    "the file's extension is none that the engine reads",
    "the engine chooses between YAML, TOML and JSON by the extension alone, in these spellings: \
     yaml, yml, toml, json, all in small or all in large letters; it exits at any other"
);

/// Texts, in the order in which they were put here.
#[derive(Default)]
pub struct LoadedFiles {
    pub files: Files,
    /// Whole files by their names.
    known: HashMap<String, LoadedFile>,
    /// Texts out of other files, by the names that reports give them.
    within: HashMap<String, Vec<LoadedFile>>,
    bytes: u64,
}

/// A file on the shelf, with the findings on it.
#[derive(Clone)]
pub struct LoadedFile {
    pub source: Source,
    pub findings: Vec<Finding>,
}

impl LoadedFile {
    /// The same for a process that finds it under a name of this format.
    #[must_use]
    pub fn read_as(mut self, format: Option<DataFormat>) -> Self {
        if self.source.format != format {
            self.source.format = format;
            self.findings.retain(|finding| finding.check != &UNKNOWN_FORMAT);
        }
        self
    }
}

impl LoadedFiles {
    /// Puts a text here that was taken out of another file.
    ///
    /// # Errors
    /// All files together are too large.
    pub fn put_within(&mut self, part: EmbeddedFile) -> Result<LoadedFile, InputError> {
        let EmbeddedFile { name, format, text, pieces, file: outer, fault, .. } = part;
        let window = Window::new(outer, pieces);
        // Several pods may read the same text.
        let is_same = |known: &&LoadedFile| {
            let file = self.files.get(known.source.file);
            known.source.format == format
                && file.text == text
                && file.window.as_ref() == Some(&window)
        };
        if let Some(known) = self.within.get(&name).and_then(|all| all.iter().find(is_same)) {
            return Ok(known.clone());
        }
        self.count(text.len())?;
        let file = self.files.add_within(name.clone(), text, window);
        let legacy = find_legacy(file, format, &self.files.get(file).text);
        let findings = fault.map(|fault| fault.finding(file)).into_iter().chain(legacy).collect();
        let loaded = LoadedFile { source: Source { file, format }, findings };
        self.within.entry(name).or_default().push(loaded.clone());
        Ok(loaded)
    }

    fn count(&mut self, bytes: usize) -> Result<(), InputError> {
        self.bytes += bytes as u64;
        if self.bytes > MAX_TOTAL { Err(too_much()) } else { Ok(()) }
    }

    /// Decodes a file and looks at its outside.
    ///
    /// # Errors
    /// All files together are too large.
    pub fn put(
        &mut self,
        name: &str,
        format: Option<DataFormat>,
        bytes: Vec<u8>,
    ) -> Result<LoadedFile, InputError> {
        self.count(bytes.len())?;
        let decoded = decode(bytes, format);
        let file = self.files.add(name, decoded.text);
        let mut findings = Vec::new();
        if format.is_none() {
            findings.push(unknown_format(name).at(Span::new(file, 0, 0), "this file"));
        }
        findings.extend(decoded.fault.map(|fault| fault.finding(file)));
        findings.extend(find_legacy(file, format, &self.files.get(file).text));
        let shelved = LoadedFile { source: Source { file, format }, findings };
        self.known.insert(name.to_owned(), shelved.clone());
        Ok(shelved)
    }

    /// A whole file that is here already.
    pub fn find(&self, name: &str) -> Option<&LoadedFile> {
        self.known.get(name)
    }
}

/// Says that the engine reads no file of this name.
pub fn unknown_format(name: &str) -> Finding {
    let extension = split_extension(name).1;
    let finding = if extension.is_empty() {
        Finding::new(&UNKNOWN_FORMAT, format!("`{name}` has no extension"))
    } else {
        Finding::new(&UNKNOWN_FORMAT, format!("`{name}` has the unknown extension `.{extension}`"))
    };
    let stem = name.strip_suffix(extension).unwrap_or(name).trim_end_matches('.');
    finding.help(format!("rename it to `{stem}.yaml`")).refuses()
}
