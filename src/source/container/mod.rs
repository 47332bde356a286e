//! Files in which Refinery's own are kept, or which say with what it is run: Helm values,
//! `ConfigMap`s, compose files, kustomizations.
//!
//! Takes out what is inside, each text with the way back to where a person edits it. Must not judge
//! anything, nor decide which parts belong together.

mod block;
mod chart;
mod compose;
mod described;
mod documents;
mod kubernetes;
mod kustomize;
mod look;
mod manifest;
mod render;
mod template;
mod values;
mod workload;

pub use described::{Described, Half};
pub use look::{may_contain, names_others};
pub use workload::Workload;

use super::circumstances::Circumstances;
use super::input_error::InputError;
use super::path::{join, name_of, split};
use super::recognise::{Generation, Recognised};
use super::store::Store;
use super::surroundings::Surroundings;
use crate::diagnostic::Finding;
use crate::schema::Kind;
use crate::span::{File, FileId, Piece, Span};
use crate::syntax::{DUPLICATE_KEY, DataFormat, Dialect, Item, parse, read_document_as};
use compose::open_services;
use documents::documents;
use kustomize::open_kustomization;
use look::{is_template, may_generate, may_hold, may_run};
use manifest::open_manifest;
use std::ops::Range;
use std::path::Path;
use values::open_values;

/// How to get at the text that the engine will see.
pub const HOW_TO_RENDER: &str =
    "render it first, such as with `helm template … | refinery-preflight check -`";

/// A file of Refinery's inside another file.
pub struct Part {
    /// The outer file's name and the place in it, such as `values.yaml#config`.
    pub name: String,
    pub recognised: Recognised,
    pub format: Option<DataFormat>,
    pub text: String,
    pub pieces: Vec<Piece>,
    /// Only parts of the same bond can belong together.
    pub bond: String,
    pub given: Circumstances,
}

/// What is in a container.
#[derive(Default)]
pub struct Opened {
    pub parts: Vec<Part>,
    pub workloads: Vec<Workload>,
    pub described: Vec<Described>,
    /// Files that this one builds on.
    pub beneath: Vec<String>,
    /// One line each: what is not judged, and why.
    pub notices: Vec<String>,
}

/// The outer file.
#[derive(Clone, Copy)]
pub struct Outer<'t> {
    pub name: &'t str,
    pub file: FileId,
    pub text: &'t str,
    /// Where the document at hand begins in the text.
    pub start: usize,
    /// The text of `Chart.yaml` in the same folder.
    pub beside: Option<&'t str>,
}

impl Outer<'_> {
    /// What a path in the file leads to.
    fn path(&self, relative: &str) -> String {
        join(split(self.name).0, relative)
    }
}

/// Opens a container that stands on the shelf.
///
/// # Errors
/// Something that it names cannot be read.
pub fn open(file: FileId, around: &mut Surroundings<'_>) -> Result<Opened, InputError> {
    let File { name, text, .. } = around.shelf.files.get(file).clone();
    let chart = chart_beside(around.store, &name);
    let mut opened = Opened::default();
    for Range { start, end } in documents(&text) {
        let outer = Outer { name: &name, file, text: &text, start, beside: chart.as_deref() };
        open_document(outer, &text[start..end], around, &mut opened)?;
    }
    opened.notices.dedup();
    Ok(opened)
}

/// What describes the chart that values in this folder are of.
fn chart_beside(store: &dyn Store, name: &str) -> Option<String> {
    let path = Path::new(name).with_file_name("Chart.yaml");
    let bytes = store.read(&path, &name_of(&path)).ok()?;
    String::from_utf8(bytes).ok()
}

fn open_document(
    outer: Outer<'_>,
    document: &str,
    around: &mut Surroundings<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    match read_item(outer.file, document) {
        Ok(item) => {
            let item = item.moved(outer.start);
            if kubernetes::kind(&item).is_some() {
                open_manifest(outer, &item, opened);
            }
            if may_run(document) {
                open_services(outer, &item, around, opened)?;
            }
            if may_generate(document) {
                open_kustomization(outer, &item, around, opened)?;
            }
            open_values(outer, &item, opened);
        }
        Err(fault) if is_template(document, fault) => {
            opened.notices.push(format!("{}: a template, not judged; {HOW_TO_RENDER}", outer.name));
        }
        Err(_) if may_hold(document) => opened.parts.push(Part::unreadable(outer, document)),
        Err(_) if may_generate(document) && document.contains("refinery") => {
            let what = "cannot be read, so what it makes is not judged";
            opened.notices.push(format!("{}: {what}", outer.name));
        }
        Err(_) => {}
    }
    Ok(())
}

/// A document as Helm and Kubernetes' tools read it, with its places counted from its beginning.
///
/// # Errors
/// They cannot; where, if that is known.
fn read_item(file: FileId, document: &str) -> Result<Item, Option<Span>> {
    let parsed = parse(file, DataFormat::Yaml, document);
    let read = parsed.tree.map(|tree| read_document_as(Dialect::Helm, &tree));
    let mut faults = read.iter().flat_map(|(_, findings)| findings).chain(&parsed.findings);
    // Of keys that are written twice they take the last.
    let fault = faults.find(|f| f.stops_start() && f.check != &DUPLICATE_KEY).map(Finding::primary);
    match (fault, read) {
        (None, Some((item, _))) => Ok(item),
        (fault, _) => Err(fault.flatten()),
    }
}

impl Part {
    /// A document that Helm and Kubernetes cannot read any more than the engine: it is judged as it
    /// stands, and the fault is found.
    fn unreadable(outer: Outer<'_>, document: &str) -> Self {
        let Outer { name, file, start, .. } = outer;
        let bytes = 0..document.len();
        Self {
            name: name.to_owned(),
            recognised: Recognised { kind: Kind::Config, generation: Generation::Second },
            format: Some(DataFormat::Yaml),
            text: document.to_owned(),
            pieces: vec![Piece { outer: Span::new(file, start, start + bytes.end), inner: bytes }],
            bond: format!("{name}#{start}"),
            given: Circumstances::default(),
        }
    }
}

/// What stands at a path of keys.
fn at<'i>(item: &'i Item, path: &[&str]) -> Option<&'i Item> {
    path.iter().try_fold(item, |item, key| item.get(key))
}

/// A scalar as a word: numbers and booleans as they read.
fn word(item: &Item) -> Option<String> {
    item.text().map(str::to_owned).or_else(|| render::scalar(&item.value))
}
