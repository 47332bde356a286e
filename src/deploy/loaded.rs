//! The loaded files of a run, each with its findings before parsing.
//!
//! Enforces the limit on their total size. Must not decide which belong together.

use super::EmbeddedFile;
use super::Source;
use super::chart::render::Rendered;
use super::chart_templates::chart::Charts;
use super::known_names::KnownNames;
use super::near::NearFolders;
use super::object_index::ObjectIndexes;
use crate::check;
use crate::diagnostic::Finding;
use crate::git::ignored::IgnoredFiles;
use crate::sniff::v1::find_legacy;
use crate::source_name::SourceName;
use crate::span::{Files, Span, Window};
use crate::syntax::DataFormat;
use crate::vfs::decode::decode;
use crate::vfs::input_error::InputError;
use crate::vfs::path::split_extension;
use crate::vfs::read::{MAX_TOTAL, too_much};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

check!(
    UNKNOWN_FORMAT,
    "start/unknown-format",
    Error,
    kind: Verdict,
    "unknown file extension",
    "Refinery chooses between YAML, TOML and JSON by the extension alone: yaml, yml, toml or json, \
     all lower case or all upper case. It exits at any other extension."
);

/// Files, in the order in which they were added.
#[derive(Default)]
pub struct LoadedFiles {
    pub files: Files,
    /// Whole files by name.
    known: HashMap<String, LoadedFile>,
    /// Embedded files, by their names in reports.
    within: HashMap<SourceName, Vec<LoadedFile>>,
    bytes: u64,
    /// Files that may pin a release, which are read but not loaded.
    pub near: NearFolders,
    pub names: KnownNames,
    pub charts: Charts,
    pub objects: ObjectIndexes,
    pub ignored: IgnoredFiles,
    /// Templates that are checked where they are rendered.
    pub rendered: RefCell<HashSet<String>>,
    /// Templates with known values in place of their variables, by name.
    pub rendered_texts: RefCell<HashMap<String, Rendered>>,
}

/// A loaded file and its findings.
#[derive(Clone)]
pub struct LoadedFile {
    pub source: Source,
    pub findings: Vec<Finding>,
}

impl LoadedFile {
    /// The same file, read in another format.
    #[must_use]
    pub fn read_as(mut self, format: Option<DataFormat>) -> Self {
        if self.source.format != format {
            self.source.format = format;
            self.findings.retain(|finding| finding.check != &UNKNOWN_FORMAT);
        }
        self
    }

    /// Why no program can read it as text.
    pub fn fault(&self) -> Option<&Finding> {
        let is_own = |finding: &&Finding| finding.check == &UNKNOWN_FORMAT;
        self.findings.iter().filter(|it| !is_own(it)).find(|finding| finding.stops_start())
    }

    /// The findings on a file that contains others: Refinery does not read the file itself.
    pub fn findings_as_container(&self) -> Vec<Finding> {
        let is_own = |finding: &&Finding| finding.check == &UNKNOWN_FORMAT;
        self.findings.iter().filter(|finding| !is_own(finding)).cloned().collect()
    }
}

impl LoadedFiles {
    /// Adds an embedded file.
    ///
    /// # Errors
    /// All files together are too large.
    pub fn put_within(&mut self, part: EmbeddedFile) -> Result<LoadedFile, InputError> {
        let EmbeddedFile { name, format, text, pieces, file: outer, fault, .. } = part;
        let window = Window::new(outer, pieces);
        // Several pods may use the same file.
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

    /// Decodes and adds a file.
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
        let loaded = LoadedFile { source: Source { file, format }, findings };
        self.known.insert(name.to_owned(), loaded.clone());
        Ok(loaded)
    }

    /// A whole file that is already loaded.
    pub fn find(&self, name: &str) -> Option<&LoadedFile> {
        self.known.get(name)
    }
}

/// Reports a file name whose extension Refinery does not read.
pub fn unknown_format(name: &str) -> Finding {
    let extension = split_extension(name).1;
    let finding = if extension.is_empty() {
        Finding::new(&UNKNOWN_FORMAT, format!("`{name}` has no extension"))
    } else {
        Finding::new(&UNKNOWN_FORMAT, format!("unknown extension `.{extension}` of `{name}`"))
    };
    let stem = name.strip_suffix(extension).unwrap_or(name).trim_end_matches('.');
    finding
        .help(format!(
            "expected `.yaml`, `.yml`, `.toml` or `.json`: rename it, such as to `{stem}.yaml`"
        ))
        .refuses()
}
