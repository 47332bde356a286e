//! Files in which Refinery's own are kept: Helm values, `ConfigMap`s.
//!
//! Takes out what is inside, each text with the way back to where a person edits it. Must not judge
//! anything, nor decide which parts belong together.

mod block;
mod chart;
mod companion;
mod documents;
mod fill;
mod installed;
mod kubernetes;
mod look;
mod manifest;
mod render;
mod template;
mod values;
mod workload;

pub use companion::Companion;
pub use look::may_contain;
pub use workload::Workload;

use super::circumstances::Circumstances;
use super::recognise::{Generation, Recognised};
use crate::diagnostic::Finding;
use crate::schema::Kind;
use crate::span::{FileId, Piece, Span};
use crate::syntax::{DUPLICATE_KEY, DataFormat, Dialect, Item, parse, read_document_as};
use documents::documents;
use look::is_template;
use manifest::open_manifest;
use std::ops::Range;
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
    pub companions: Vec<Companion>,
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

/// Opens a container, beside which there may be the description of a chart.
pub fn open(file: FileId, name: &str, text: &str, beside: Option<&str>) -> Opened {
    let mut opened = Opened::default();
    for Range { start, end } in documents(text) {
        let outer = Outer { name, file, text, start, beside };
        open_document(outer, &text[start..end], &mut opened);
    }
    opened.notices.dedup();
    opened
}

fn open_document(outer: Outer<'_>, document: &str, opened: &mut Opened) {
    let parsed = parse(outer.file, DataFormat::Yaml, document);
    let read = parsed.tree.map(|tree| read_document_as(Dialect::Helm, &tree));
    let mut faults = read.iter().flat_map(|(_, findings)| findings).chain(&parsed.findings);
    // Of keys that are written twice Helm and Kubernetes take the last.
    let fault = faults.find(|f| f.stops_start() && f.check != &DUPLICATE_KEY);
    // The place is counted from the document's beginning.
    let fault = fault.map(Finding::primary);
    match (fault, read) {
        (None, Some((item, _))) => {
            let item = item.moved(outer.start);
            if kubernetes::kind(&item).is_some() {
                open_manifest(outer, &item, opened);
            }
            open_values(outer, &item, opened);
        }
        _ if is_template(document, fault.flatten()) => {
            opened.notices.push(format!("{}: a template, not judged; {HOW_TO_RENDER}", outer.name));
        }
        _ if may_contain(document) => opened.parts.push(Part::unreadable(outer, document)),
        _ => {}
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
