//! Container files, which embed Refinery's files or describe how it is launched: Helm values,
//! `ConfigMap`s, compose files, kustomizations.
//!
//! Extracts the files inside, each with a source map to the file that a person edits. Must not
//! check them, nor decide which belong together.

mod ansible;
mod ansible_loop;
mod ansible_template;
mod application_set;
mod argo_sources;
mod argument;
mod block;
mod blueprint;
mod chart;
pub mod chart_pin;
mod chart_templates;
mod chart_values;
mod command;
pub mod compose;
pub mod content;
mod copied;
mod deployment;
pub mod deployment_spec;
mod document_reader;
mod documents;
mod ecs;
pub mod embedded_file;
mod encoded;
mod flux;
mod fly;
mod folder_commands;
mod folder_uses;
mod gitops;
pub mod gone_folders;
mod hcl;
mod helm_command;
mod helmfile;
mod here_document;
mod kamal;
mod known_names;
pub mod kubernetes;
mod kustomize;
pub mod launch;
pub mod loaded;
pub mod loader;
pub mod location;
mod managed;
pub mod map_use;
mod mount;
mod named_map;
pub mod near;
mod nested_documents;
mod nomad;
pub mod object_index;
mod parameters;
mod path_pattern;
pub mod pins;
mod placed;
mod placed_beside;
mod placed_units;
mod placeholder;
pub mod places;
mod plain_lines;
pub mod resolve;
mod rules_map;
mod script;
mod shell;
mod strings;
mod template_patch;
mod templates;
mod test_source;
mod texts;
pub mod unit;
pub mod unlinked;
pub mod unmerged;
pub mod workload;

use crate::notice::Notice;
pub use deployment::{Deployment, Source};
pub use test_source::{Recording, TestSource};

use crate::diagnostic::Finding;
use crate::sniff::classify::is_empty_overlay;
use crate::sniff::containers::{
    includes_others, is_template, may_define_task, may_generate, may_hold, may_hold_files, may_run,
};
use crate::sniff::file_name::{
    builds_image, is_fly_app, is_hcl, is_helmfile, is_kamal_deploy, is_render_blueprint, is_values,
    manages_machine, renders_values, sets_up_machine,
};
use crate::sniff::shebang::is_script_file;
use crate::source_name::SourceName;
use crate::span::{File, FileId, Piece, Span};
use crate::syntax::{DataFormat, Dialect, Item, parse, read_document_as};
use crate::vfs::input_error::InputError;
use crate::vfs::path::{format_of, join, split};
pub use ansible::FOLDERS as VARIABLE_FOLDERS;
use chart::layers::Values;
use chart::mistyped::find_mistyped;
use chart::source::{ChartSource, source_of_path};
pub use chart::source::{find_source, is_layered, is_suggested};
use chart::unread::find_misspelled;
pub use chart::unread::find_unread_in;
pub use chart::unusable::find_unusable;
use chart::{open_values, render};
use chart_templates::around::read_around;
use chart_templates::values::read_values;
pub use chart_values::open_stack;
use chart_values::{follow_files, open_charts, open_layers, unfold};
use compose::{open_image, open_services};
use deployment_spec::{DeploymentSpec, FileRef};
use document_reader::{read_item, read_item_as, read_or_fault};
use documents::documents;
use ecs::open_tasks;
pub use embedded_file::EmbeddedFile;
use fly::open_app;
pub use hcl::{holds_inputs, is_valid as is_valid_hcl, reach_of_inputs};
use hcl::{open_hcl, rendered};
use kubernetes::identity::Identity;
use kubernetes::invalid_maps::find_invalid;
use kubernetes::objects::Objects;
use kubernetes::sealed::find_sealed;
use kustomize::{
    find_empty, find_unreadable, is_about_refinery, open_kustomization, open_patched,
    renders_charts,
};
use loader::Loader;
pub use managed::FOLDERS as DATA_FOLDERS;
use nested_documents::NestedDocument;
use resolve::Resolved;
pub use resolve::UnknownFile;
use rules_map::open_rules_map;
pub use script::command_strings::{FOLDERS as FOLDER_KEYS, open_commands};
use script::windows::in_shell_syntax;
use script::{open_embedded, open_script};
use std::mem::take;
use std::ops::Range;
use templates::{find_template, is_of_chart};
use unit::{InstalledFiles, InstalledVariables, Unit};
use unlinked::UnlinkedContainer;
use unmerged::find_unmerged;
use workload::Workload;

/// How to get the text that Refinery will read.
const HOW_TO_RENDER: &str =
    "render it first, for example with `helm template … | refinery-preflight check -`";

/// What to say about parts of a command that only the shell or the orchestrator knows.
const UNCLEAR_COMMAND: &str = "parts of its command are unknown";

/// Why a template of a chart is not checked, and what to do.
fn not_rendered() -> String {
    format!("not checked, because it is a template; {HOW_TO_RENDER}")
}

/// The description of a chart, in its folder.
pub const CHART_FILE: &str = "Chart.yaml";
/// The dependencies of a chart for Helm 2.
pub const REQUIREMENTS_FILE: &str = "requirements.yaml";

/// The contents of a container file.
#[derive(Default)]
pub struct Opened {
    pub parts: Vec<EmbeddedFile>,
    /// Kubernetes objects that are applied directly.
    pub objects: Objects,
    pub described: Vec<DeploymentSpec>,
    /// Files that this one is based on.
    pub bases: Vec<String>,
    /// Files whose objects this one changes before they are applied.
    pub collected: Vec<String>,
    /// Files with changes of objects, which are checked with these objects.
    pub patches: Vec<String>,
    /// Values files with which the chart is installed.
    pub values: Vec<String>,
    /// Values files for Honeycomb's own chart, which reads `config` and `rules` at the top level.
    pub top_values: Vec<String>,
    /// Files that are copied to the machine, and commands that start Refinery with such files.
    pub installed: Vec<InstalledFiles>,
    pub units: Vec<Unit>,
    pub variables: Vec<InstalledVariables>,
    /// Values files that others are merged over.
    pub layers: Vec<String>,
    /// Whether it is a values file that no chart is installed with alone.
    pub is_layer: bool,
    /// Dockerfiles of described services.
    pub built: Vec<String>,
    /// Containers and commands that lack a file of theirs.
    pub lacking: Vec<SourceName>,
    /// The names of entries, files and folders for Refinery 1.x.
    pub v1: Vec<String>,
    /// Files of containers that were not found.
    pub unknown: Vec<UnknownFile>,
    /// The names of `ConfigMap`s with rules that values refer to, with their places.
    pub maps_elsewhere: Vec<(String, Option<Span>)>,
    /// Containers whose files are unknown.
    pub unlinked: Vec<UnlinkedContainer>,
    /// Findings about what cannot be checked, outside of any deployment.
    pub unchecked: Vec<Finding>,
    /// One line each: what is not checked, and why.
    pub notices: Vec<Notice>,
}

impl Opened {
    /// The number of known containers that run Refinery.
    fn runners(&self) -> usize {
        self.described.len() + self.unlinked.len()
    }

    /// Adds a resolved container.
    fn take(&mut self, workload: &Workload<'_>, resolved: Resolved) {
        let Resolved { spec, used: _, v1, is_whole: _, unchecked, unknown, notices } = resolved;
        if spec.as_ref().is_none_or(DeploymentSpec::names_no_file) {
            self.unlinked.push(UnlinkedContainer::of(workload));
        }
        let lacks_file = |spec: &&DeploymentSpec| spec.findings.iter().any(Finding::stops_start);
        self.lacking.extend(spec.iter().filter(lacks_file).map(|spec| spec.name.clone()));
        self.described.extend(spec);
        self.v1.extend(v1);
        self.unchecked.extend(unchecked);
        self.unknown.extend(unknown);
        self.notices.extend(notices);
    }

    /// Records the files that values in a file are merged over.
    fn add_layers(&mut self, over: &str, below: &[Values]) {
        let names: Vec<&str> = below.iter().map(|values| values.name.as_str()).collect();
        self.notices.push(Notice::on(over, format!("merged over {}", names.join(", "))));
        self.layers.extend(names.into_iter().map(str::to_owned));
    }

    /// Records the single values that are set over those of a file.
    fn add_settings(&mut self, name: &str, source: &ChartSource) {
        let names: Vec<&str> = source.settings.iter().map(|it| it.name.as_str()).collect();
        if !names.is_empty() {
            let text = format!("checked with what {} sets: {}", source.name, names.join(", "));
            self.notices.push(Notice::on(name, text));
        }
    }

    /// Adds findings about what cannot be checked, each once.
    fn report(&mut self, findings: impl IntoIterator<Item = Finding>) {
        for finding in findings {
            if !self.unchecked.contains(&finding) {
                self.unchecked.push(finding);
            }
        }
    }

    /// Marks everything that it describes as one of several variants.
    fn mark(&mut self, which: &str) {
        for spec in &mut self.described {
            spec.name = spec.name.variant(which);
            for file in spec.config.iter_mut().chain(&mut spec.rules) {
                if let FileRef::Embedded(part) = file {
                    part.name = part.name.variant(which);
                }
            }
        }
        for part in &mut self.parts {
            part.name = part.name.variant(which);
            part.bond = format!("{} {which}", part.bond);
        }
        for Identity { namespace, .. } in self.objects.identities_mut() {
            let own = if namespace.is_empty() { "" } else { " " };
            namespace.extend([own, which]);
        }
    }

    /// Adds what another text contains.
    fn absorb(&mut self, other: Self) {
        self.parts.extend(other.parts);
        self.objects.absorb(other.objects);
        self.described.extend(other.described);
        self.unlinked.extend(other.unlinked);
        self.v1.extend(other.v1);
        self.values.extend(other.values);
        self.top_values.extend(other.top_values);
        self.installed.extend(other.installed);
        self.units.extend(other.units);
        self.variables.extend(other.variables);
        self.layers.extend(other.layers);
        self.built.extend(other.built);
        self.lacking.extend(other.lacking);
        self.unknown.extend(other.unknown);
        self.report(other.unchecked);
        self.notices.extend(other.notices);
    }

    /// Whether it has anything to report or check.
    pub fn says_anything(&self, loader: &Loader<'_>) -> bool {
        let is_silent =
            self.parts.is_empty() && self.described.is_empty() && self.notices.is_empty();
        !(is_silent && self.unchecked.is_empty() && self.unknown.is_empty())
            || kubernetes::applied::is_any(&self.objects, loader)
    }
}

/// The outer file.
#[derive(Clone, Copy)]
pub struct Outer<'t> {
    pub name: &'t str,
    pub file: FileId,
    pub text: &'t str,
    /// The offset of the current document in the text.
    pub start: usize,
    /// The chart that its values are for.
    pub chart: Option<&'t ChartSource>,
    /// Other files that some of the values come from.
    pub base_values: &'t [Values],
}

impl<'t> Outer<'t> {
    /// A single file.
    fn of(name: &'t str, file: FileId, text: &'t str) -> Self {
        Self { name, file, text, start: 0, chart: None, base_values: &[] }
    }

    /// Whether it is this file, or one that some of the values come from.
    fn has(&self, file: FileId) -> bool {
        file == self.file || self.base_values.iter().any(|values| values.file == file)
    }

    /// The text of a file that some of the values come from.
    fn text_of(&self, file: FileId) -> &str {
        let base = self.base_values.iter().find(|values| values.file == file);
        base.map_or(self.text, |values| &values.text)
    }
}

/// Opens a loaded container file.
///
/// # Errors
/// Something that it names cannot be read.
pub fn open(file: FileId, loader: &mut Loader<'_>) -> Result<Opened, InputError> {
    let File { name, text, .. } = loader.loaded.files.get(file).clone();
    let name = name.as_str();
    let text = in_shell_syntax(name, rendered(name, text, loader));
    let mut opened = Opened::default();
    let outer = Outer::of(name, file, &text);
    let is_script = is_script_file(name, &text);
    if builds_image(name) || is_script {
        opened.unchecked.extend(find_unmerged(outer));
    }
    if builds_image(name) {
        open_image(outer, loader, &mut opened)?;
        return Ok(opened);
    }
    if is_script || sets_up_machine(name) && text.starts_with("#!") {
        open_script(outer, loader, &mut opened)?;
        return Ok(opened);
    }
    if is_hcl(name) {
        open_hcl(outer, loader, &mut opened)?;
        return Ok(opened);
    }
    if manages_machine(name) {
        managed::open_managed(outer, loader, &mut opened)?;
        return Ok(opened);
    }
    if chart_templates::open_template(outer, loader, &mut opened)? {
        return Ok(opened);
    }
    if is_empty_overlay(name, &text) {
        opened.unchecked.extend(find_empty(outer, loader));
    }
    let source = find_source(name, &text, loader);
    opened.is_layer = source.as_ref().is_some_and(|source| source.is_layer);
    let is_values_file = |source: &ChartSource| source.is_values_file(name);
    opened.values.extend(source.as_ref().is_some_and(is_values_file).then(|| name.to_owned()));
    let mut strings = Vec::new();
    if format_of(name) == Some(DataFormat::Toml) {
        if is_fly_app(name)
            && let Some(tree) = parse(file, DataFormat::Toml, &text).tree
        {
            let app = read_document_as(Dialect::Engine, &tree).0;
            open_app(outer, &app, loader, &mut opened)?;
        }
        opened.parts = strings::open_toml(outer);
        return Ok(opened);
    }
    for Range { start, end } in documents(&text) {
        let outer = Outer { start, chart: source.as_ref(), ..outer };
        strings.extend(open_document(outer, &text[start..end], loader, &mut opened)?);
    }
    if may_run(&text) || includes_others(name, &text) {
        open_services(outer, loader, &mut opened)?;
    }
    strings::add_unread(strings, &mut opened);
    // Helm reads the description of a chart first.
    let is_of_chart = !opened.parts.is_empty() && is_values(split(name).1);
    opened.values.extend(is_of_chart.then(|| join(split(name).0, CHART_FILE)));
    for (map, place) in take(&mut opened.maps_elsewhere) {
        open_rules_map((&map, place), name, loader, &mut opened)?;
    }
    opened.notices.dedup();
    Ok(opened)
}

/// Opens a document; returns the strings in it that are files of Refinery's.
fn open_document(
    outer: Outer<'_>,
    document: &str,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<Vec<EmbeddedFile>, InputError> {
    match read_document(outer, document) {
        Ok(item) => {
            let item = ansible::open_tasks(outer, item.moved(outer.start), loader, opened)?;
            let mut strings = Vec::new();
            for variant in flux::variants_of_item(outer, item, loader)? {
                let known = (opened.parts.len(), opened.described.len());
                strings.extend(open_item(outer, variant.made.clone(), document, loader, opened)?);
                let Opened { parts, described, .. } = opened;
                let parts = parts.get_mut(known.0..).unwrap_or_default();
                let specs = described.iter_mut().skip(known.1);
                variant.mark(parts, specs, &loader.loaded.files);
            }
            Ok(strings)
        }
        Err(fault) => {
            let place = Span::new(outer.file, outer.start, outer.start + document.len());
            let pieces = vec![Piece::written(0..document.len(), place)];
            leave_unread(outer, document, pieces, fault, loader, opened);
            Ok(Vec::new())
        }
    }
}

/// Opens an item in a document; returns the strings in it that are files of Refinery's.
fn open_item(
    outer: Outer<'_>,
    item: Item,
    document: &str,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<Vec<EmbeddedFile>, InputError> {
    let patched = template_patch::variants(outer, &item, loader, &mut opened.unchecked);
    if let Some(variants) = patched.or_else(|| application_set::variants(outer, &item, loader)) {
        let mut strings = Vec::new();
        for (title, variant) in variants {
            let known = opened.parts.len();
            strings.extend(open_item(outer, variant, document, loader, opened)?);
            template_patch::name_parts(title.as_deref(), opened.parts.iter_mut().skip(known));
        }
        return Ok(strings);
    }
    for object in kubernetes::nested::objects(&item) {
        opened.objects.add(outer, object);
        opened.unchecked.extend(find_sealed(outer, object));
    }
    if may_define_task(document) {
        open_tasks(outer, &item, loader, opened)?;
        nomad::open_json(outer, &item, loader, opened)?;
    }
    if is_render_blueprint(outer.name) {
        blueprint::open_blueprint(outer, &item, loader, opened)?;
    }
    if is_kamal_deploy(outer.name) {
        kamal::open_accessories(outer, &item, loader, opened)?;
    }
    if may_generate(document) {
        open_kustomization(outer, &item, loader, opened)?;
    }
    open_patched(outer, &item, loader, opened)?;
    opened.unchecked.extend(gitops::find_parameters(&item));
    opened.unchecked.extend(find_misspelled(&item));
    opened.unchecked.extend(find_mistyped(&item));
    opened.unchecked.extend(find_invalid(outer, &item));
    follow_files(outer, &item, loader, opened)?;
    opened.unchecked.extend(argo_sources::find_unresolved(&item));
    // Services of compose have mounts and commands of their own, and a reader for them.
    if item.get("services").is_none() {
        copied::open_copied(outer, &item, loader, opened)?;
        open_embedded(outer, &item, loader, opened)?;
    }
    let mut strings = strings::find(outer, &item);
    strings.extend(placed::find(outer, &item, &strings));
    placed_units::launch(outer, &item, &mut strings, loader, opened);
    placed_beside::join_copied(outer, &item, &mut strings, opened);
    for NestedDocument { item, text } in nested_documents::find(outer, &item) {
        strings.extend(open_item(outer, item, &text, loader, opened)?);
    }
    if !renders_charts(&item) {
        let copy = source_of_path(outer.name, &item, loader.store);
        let outer = Outer { chart: outer.chart.or(copy.as_ref()), ..outer };
        open_charts(outer, item, loader, opened)?;
    }
    Ok(strings)
}

/// Parses a document. A helmfile is a template, and so are values that it renders.
fn read_document(outer: Outer<'_>, document: &str) -> Result<Item, Option<Span>> {
    if renders_values(outer.name) && document.contains("{{") && !is_helmfile(outer.name) {
        return read_values(outer, document).ok_or(None);
    }
    let mut item = read_item(outer.file, document).or_else(|fault| {
        let is_open = is_helmfile(outer.name) && is_template(document, fault);
        read_around(outer, document).filter(|_| is_open).ok_or(fault)
    })?;
    helmfile::inherit(&mut item);
    Ok(item)
}

/// An unreadable text is checked as it is, unless it is a template.
fn leave_unread(
    outer: Outer<'_>,
    text: &str,
    pieces: Vec<Piece>,
    fault: Option<Span>,
    loader: &Loader<'_>,
    opened: &mut Opened,
) {
    let is_for_chart = outer.chart.is_some_and(ChartSource::is_for_refinery);
    let is_whole = outer.text.len() == text.len();
    if is_template(text, fault) {
        // A template without Refinery's files is not reported.
        if !may_hold_files(text) {
            return;
        }
        if is_of_chart(outer.name, loader) {
            opened.notices.push(Notice::on(outer.name, not_rendered()));
        } else {
            opened.unchecked.extend(find_template(outer.name, text, &pieces, loader));
        }
    } else if is_for_chart && is_whole && !may_hold(text) {
        // Reported with all values files that Helm cannot read.
        opened.values.push(outer.name.to_owned());
    } else if is_for_chart || may_hold(text) {
        opened.parts.push(EmbeddedFile::unreadable(outer, text, pieces));
    } else if may_generate(text) && is_about_refinery(outer.name, text, loader) {
        let fault = fault.map(|span| span.moved(outer.start));
        opened.unchecked.push(find_unreadable(outer.name, outer.file, fault));
    }
}

/// The value at a path of keys.
fn at<'i>(item: &'i Item, path: &[&str]) -> Option<&'i Item> {
    path.iter().try_fold(item, |item, key| item.get(key))
}

/// The elements of a list; empty if there is no list.
fn list<'i>(item: &'i Item, key: &str) -> &'i [Item] {
    item.get(key).and_then(Item::list).unwrap_or_default()
}

/// A scalar as a string, including numbers and booleans.
fn word(item: &Item) -> Option<String> {
    item.text().map(str::to_owned).or_else(|| render::scalar(&item.value))
}
