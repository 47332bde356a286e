//! Files in which Refinery's own are kept, or which say with what it is run: Helm values,
//! `ConfigMap`s, compose files, kustomizations.
//!
//! Takes out what is inside, each text with the way back to where a person edits it. Must not judge
//! anything, nor decide which parts belong together.

mod block;
mod chart;
mod command;
mod compose;
pub mod content;
mod deployment;
pub mod deployment_spec;
mod documents;
mod ecs;
mod gitops;
pub mod kubernetes;
mod kustomize;
pub mod launch;
pub mod loaded;
pub mod loader;
pub mod location;
pub mod lone;
mod mount;
pub mod pins;
mod resolve;
mod templates;
mod texts;
pub mod workload;

pub use deployment::{Deployment, Source};

use crate::diagnostic::Finding;
use crate::schema::Kind;
use crate::sniff::containers::{
    is_template, may_define_task, may_generate, may_hold, may_hold_files, may_run,
};
use crate::sniff::recognise::{Generation, Recognised};
use crate::span::{File, FileId, Piece, Span};
use crate::syntax::{DUPLICATE_KEY, DataFormat, Dialect, Item, parse, read_document_as};
use crate::vfs::Vfs;
use crate::vfs::decode::Fault;
use crate::vfs::input_error::InputError;
use crate::vfs::path::name_of;
use chart::facts::merge;
use chart::layers::{Values, above, beneath, merged};
use chart::{open_values, render};
use compose::open_services;
use deployment_spec::DeploymentSpec;
use documents::documents;
use ecs::open_tasks;
use kubernetes::objects::Objects;
use kustomize::{find_unreadable, is_about_refinery, open_kustomization};
use launch::LaunchSpec;
use loader::Loader;
use lone::LoneProcess;
use pins::find_chart;
use resolve::Resolved;
use std::ops::Range;
use std::path::Path;
use templates::{find_template, is_of_chart};
use workload::Workload;

/// How to get at the text that the engine will see.
pub const HOW_TO_RENDER: &str =
    "render it first, such as with `helm template … | refinery-preflight check -`";

/// A file of Refinery's inside another file.
pub struct EmbeddedFile {
    /// The outer file's name and the place in it, such as `values.yaml#config`.
    pub name: String,
    pub recognised: Recognised,
    pub format: Option<DataFormat>,
    pub text: String,
    pub pieces: Vec<Piece>,
    /// Only parts of the same bond can belong together.
    pub bond: String,
    pub given: LaunchSpec,
    /// The outer file.
    pub file: FileId,
    /// Where its bytes were no text.
    pub fault: Option<Fault>,
}

/// What describes a chart, in its folder.
pub const CHART_FILE: &str = "Chart.yaml";
/// What it depends on, as `helm dependency update` found it.
const LOCK_FILE: &str = "Chart.lock";

/// What is in a container.
#[derive(Default)]
pub struct Opened {
    pub parts: Vec<EmbeddedFile>,
    /// Kubernetes objects that stand in it as they are applied.
    pub objects: Objects,
    pub described: Vec<DeploymentSpec>,
    /// Files that this one builds on.
    pub beneath: Vec<String>,
    /// Files whose objects this one changes before they are applied.
    pub collected: Vec<String>,
    /// The names of texts, files and folders that Refinery 1.x reads.
    pub v1: Vec<String>,
    /// Containers of which no file is known.
    pub lone: Vec<LoneProcess>,
    /// What could not be checked and belongs to no deployment.
    pub unchecked: Vec<Finding>,
    /// One line each: what is not judged, and why.
    pub notices: Vec<String>,
}

impl Opened {
    /// How many containers of Refinery are known.
    fn runners(&self) -> usize {
        self.described.len() + self.lone.len()
    }

    /// Adds what came of a container.
    fn take(&mut self, workload: &Workload<'_>, resolved: Resolved) {
        let Resolved { spec, used: _, v1, is_whole: _, unchecked, notices } = resolved;
        if spec.as_ref().is_none_or(DeploymentSpec::names_no_file) {
            self.lone.push(LoneProcess::of(workload));
        }
        self.described.extend(spec);
        self.v1.extend(v1);
        self.unchecked.extend(unchecked);
        self.notices.extend(notices);
    }

    /// Is there anything in it to say something of?
    pub fn says_anything(&self, around: &Loader<'_>) -> bool {
        let is_silent =
            self.parts.is_empty() && self.described.is_empty() && self.notices.is_empty();
        !(is_silent && self.unchecked.is_empty())
            || kubernetes::applied::is_any(&self.objects, around)
    }
}

/// The outer file.
#[derive(Clone, Copy)]
pub struct Outer<'t> {
    pub name: &'t str,
    pub file: FileId,
    pub text: &'t str,
    /// Where the document at hand begins in the text.
    pub start: usize,
    /// What says which chart values are of.
    pub beside: Option<Sheet<'t>>,
    /// Other files in which some of the values stand.
    pub beneath: &'t [Values],
}

/// A description of a chart, as `Chart.yaml` has it.
#[derive(Clone, Copy)]
pub struct Sheet<'t> {
    /// The file that a report names.
    pub name: &'t str,
    pub text: &'t str,
    /// What it was locked to.
    pub lock: Option<&'t str>,
    /// The tag of the image, where it is set beside the values.
    pub tag: Option<&'t str>,
}

/// What says which version of the chart values are for.
struct ChartFiles {
    name: String,
    description: String,
    lock: Option<String>,
    tag: Option<String>,
}

impl ChartFiles {
    fn sheet(&self) -> Sheet<'_> {
        let (lock, tag) = (self.lock.as_deref(), self.tag.as_deref());
        Sheet { name: &self.name, text: &self.description, lock, tag }
    }

    /// The chart that a file near it installs with these values.
    fn installed(store: &dyn Vfs, values: &str) -> Option<Self> {
        let described = |version: &str| {
            let version = version.replace(['"', '\\', '\n'], "");
            format!("name: refinery\nversion: \"{version}\"\n")
        };
        match find_chart(store, values) {
            Ok(pin) => pin.map(|pin| Self {
                name: pin.file,
                description: described(pin.version.as_deref().unwrap_or("*")),
                lock: None,
                tag: pin.tag,
            }),
            Err(why) => Some(Self {
                name: values.to_owned(),
                description: described(&why),
                lock: None,
                tag: None,
            }),
        }
    }
}

impl<'t> Outer<'t> {
    /// A file by itself.
    fn of(name: &'t str, file: FileId, text: &'t str) -> Self {
        Self { name, file, text, start: 0, beside: None, beneath: &[] }
    }

    /// The whole text of a file in which some of the values stand.
    fn text_of(&self, file: FileId) -> &str {
        let beneath = self.beneath.iter().find(|values| values.file == file);
        beneath.map_or(self.text, |values| &values.text)
    }
}

/// Opens a container that stands on the shelf.
///
/// # Errors
/// Something that it names cannot be read.
pub fn open(file: FileId, around: &mut Loader<'_>) -> Result<Opened, InputError> {
    let File { name, text, .. } = around.shelf.files.get(file).clone();
    let chart = chart_beside(around.store, &name);
    let chart = chart.or_else(|| {
        // Whoever is no file of values has nothing to ask for.
        let may_be_values = text.contains("config:") || text.contains("rules:");
        may_be_values.then(|| ChartFiles::installed(around.store, &name))?
    });
    let mut opened = Opened::default();
    for Range { start, end } in documents(&text) {
        let beside = chart.as_ref().map(ChartFiles::sheet);
        let outer = Outer { start, beside, ..Outer::of(&name, file, &text) };
        open_document(outer, &text[start..end], around, &mut opened)?;
    }
    if may_run(&text) {
        open_services(Outer::of(&name, file, &text), around, &mut opened)?;
    }
    opened.notices.dedup();
    Ok(opened)
}

/// Opens values files that are named for the purpose, each laid over those before it.
///
/// # Errors
/// One of them cannot be read, or not as Helm would.
pub fn open_stack(names: &[String], around: &mut Loader<'_>) -> Result<Opened, InputError> {
    let mut stack = Vec::new();
    for name in names {
        stack.push(Values::demand(name, around)?);
    }
    let mut opened = Opened::default();
    if let Some(Values { name, file, text, item }) = stack.pop() {
        let all = stack.iter().map(|values| &values.name).chain([&name]);
        let chart = all.rev().find_map(|name| chart_beside(around.store, name));
        let beside = chart.as_ref().map(ChartFiles::sheet);
        let outer = Outer { beside, ..Outer::of(&name, file, &text) };
        lay(outer, &item, &stack, &mut opened);
    }
    Ok(opened)
}

/// What describes the chart that values in this folder are of.
fn chart_beside(store: &dyn Vfs, name: &str) -> Option<ChartFiles> {
    let read = |file: &str| {
        let path = Path::new(name).with_file_name(file);
        let bytes = store.read(&path, &name_of(&path)).ok()?;
        String::from_utf8(bytes).ok()
    };
    let (name, lock) = (CHART_FILE.to_owned(), read(LOCK_FILE));
    Some(ChartFiles { name, description: read(CHART_FILE)?, lock, tag: None })
}

fn open_document(
    outer: Outer<'_>,
    document: &str,
    around: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    match read_item(outer.file, document) {
        Ok(item) => {
            let item = unfold(outer, item.moved(outer.start), around, opened);
            if kubernetes::kind(&item).is_some() {
                opened.objects.add(outer, &item);
            }
            if may_define_task(document) {
                open_tasks(outer, &item, around, opened)?;
            }
            if may_generate(document) {
                open_kustomization(outer, &item, around, opened)?;
            }
            open_layers(outer, &item, around, opened)?;
        }
        Err(fault) => leave_unread(outer, document, fault, around, opened),
    }
    Ok(())
}

/// An application of Argo CD with its values read, if they stand in a text.
fn unfold(outer: Outer<'_>, object: Item, around: &Loader<'_>, opened: &mut Opened) -> Item {
    let Some((start, text)) = gitops::values_text(outer, &object) else { return object };
    match read_item(outer.file, text) {
        Ok(values) => gitops::with_values(object, values.moved(start)),
        Err(fault) => {
            leave_unread(Outer { start, ..outer }, text, fault, around, opened);
            object
        }
    }
}

/// What cannot be read is judged as it stands, unless it is no finished text.
fn leave_unread(
    outer: Outer<'_>,
    document: &str,
    fault: Option<Span>,
    around: &Loader<'_>,
    opened: &mut Opened,
) {
    if is_template(document, fault) {
        // Of a template that holds none of the files there is nothing to check.
        if !may_hold_files(document) {
            return;
        }
        if is_of_chart(outer.name, around) {
            let what = "a template, not judged";
            opened.notices.push(format!("{}: {what}; {HOW_TO_RENDER}", outer.name));
        } else {
            let bytes = 0..document.len();
            let place = Span::new(outer.file, outer.start, outer.start + bytes.end);
            let piece = Piece::written(bytes, place);
            opened.unchecked.extend(find_template(outer.name, document, &[piece], around));
        }
    } else if may_hold(document) {
        opened.parts.push(EmbeddedFile::unreadable(outer, document));
    } else if may_generate(document) && is_about_refinery(outer.name, document, around) {
        let fault = fault.map(|span| span.moved(outer.start));
        opened.unchecked.push(find_unreadable(outer.name, outer.file, fault));
    }
}

/// Values as they stand, laid over others or with others laid over them.
fn open_layers(
    outer: Outer<'_>,
    item: &Item,
    around: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    if let Some(base) = beneath(outer.name, item, around)? {
        lay(outer, item, &[base], opened);
        return Ok(());
    }
    open_values(outer, item, opened);
    for layer in above(outer.name, item, around)? {
        match layer {
            Ok(Values { name, file, text, item: layer }) => {
                let layered = Outer { name: &name, file, text: &text, start: 0, ..outer };
                lay(layered, &layer, &[Values::of(outer, item)], opened);
            }
            Err(notice) => opened.notices.push(notice),
        }
    }
    Ok(())
}

/// Lays values over others, the first of which are the lowest.
fn lay(outer: Outer<'_>, item: &Item, beneath: &[Values], opened: &mut Opened) {
    if let Some(below) = merged(beneath) {
        let names: Vec<&str> = beneath.iter().map(|values| values.name.as_str()).collect();
        opened.notices.push(format!("{}: laid over {}", outer.name, names.join(", ")));
        open_values(Outer { beneath, ..outer }, &merge(item, below), opened);
    } else {
        open_values(outer, item, opened);
    }
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

impl EmbeddedFile {
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
            pieces: vec![Piece::written(bytes.clone(), Span::new(file, start, start + bytes.end))],
            bond: format!("{name}#{start}"),
            given: LaunchSpec::default(),
            file,
            fault: None,
        }
    }
}

/// What stands at a path of keys.
fn at<'i>(item: &'i Item, path: &[&str]) -> Option<&'i Item> {
    path.iter().try_fold(item, |item, key| item.get(key))
}

/// The elements of a list below a key; none where there is no list.
fn list<'i>(item: &'i Item, key: &str) -> &'i [Item] {
    item.get(key).and_then(Item::list).unwrap_or_default()
}

/// A scalar as a word: numbers and booleans as they read.
fn word(item: &Item) -> Option<String> {
    item.text().map(str::to_owned).or_else(|| render::scalar(&item.value))
}
