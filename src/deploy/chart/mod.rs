//! Values of the Refinery chart: the files that the chart generates from `config` and `rules`.
//!
//! They may be at the top level, under the alias of a dependency, or nested in objects of Flux and
//! Argo CD. This follows Helm: the text is read as YAML 1.1 and aliases are resolved, the values
//! are merged over the chart's defaults, `__default__` is added to rules without it, template
//! actions are replaced, and the result is serialized again.

pub mod facts;
pub mod fill;
pub mod find;
pub mod installed;
pub mod items;
pub mod layers;
pub mod local;
pub mod mistyped;
mod other;
pub mod render;
pub mod set;
pub mod source;
pub mod stack;
pub mod template;
pub mod unread;
pub mod unusable;
pub mod wrapped;

use super::kubernetes::not_strings::find_in_variables;
use super::launch::LaunchSpec;
use super::resolve::UNKNOWN_FILE;
use super::workload::pin_of_image;
use super::{EmbeddedFile, HOW_TO_RENDER, Opened, Outer, at, block, gitops, word};
use crate::diagnostic::Finding;
use crate::notice::Notice;
use crate::release::{Named, Pin};
use crate::schema::Kind;
use crate::sniff::containers::has_template;
use crate::sniff::recognise::{Generation, Recognised, recognise};
use crate::source_name::SourceName;
use crate::span::{FileId, Piece, Span};
use crate::syntax::{DataFormat, Item, Value};
use facts::{Chart, merge};
use fill::{fill, is_empty};
use find::{Found, find_with, is_beside_name, is_beside_spec, is_nested, is_ours};
use installed::{Installed, installed, is_on};
use items::{entry, map, text};
use other::{is_of_another, runs_another};
use render::{Rendered, render};
use template::evaluate_all;
use unread::{find_misplaced, find_nested, find_unread};

/// Opens all values for the chart in a document.
pub fn open_values(outer: Outer<'_>, item: &Item, opened: &mut Opened) {
    let is_known =
        |path: &[String]| outer.chart.is_some_and(|source| source.has_values_at(path, item));
    for found in find_with(item, &is_known) {
        // Another chart may run Refinery.
        let is_in_other = || found.around.iter().any(|item| gitops::names_other_chart(item));
        if !is_ours(found.values) && is_in_other() {
            continue;
        }
        if outer.chart.is_some_and(|source| source.is_guessed && !source.is_own)
            && outer.base_values.is_empty()
            && !is_ours(found.values)
            && (runs_another(found.values) || is_of_another(outer.name, found.values))
        {
            continue;
        }
        // In a chart of one's own they are set elsewhere, and its templates say what they are.
        let is_unset = |kind: &Kind| found.values.get(kind.word()).is_none_or(is_empty);
        if outer.chart.is_some_and(|source| source.is_own) && Kind::ALL.iter().all(is_unset) {
            continue;
        }
        let chart_nearby = || {
            let source = outer.chart?;
            Some((source.chart_at(&found.path)?, format!("in `{}`", source.name)))
        };
        let chart = gitops::chart(&found.around);
        let chart = chart.map(|chart| (chart, "next to the values".to_owned()));
        let instance = Instance::of(outer, &found, chart.or_else(chart_nearby));
        let is_here = is_known(&found.path);
        let is_certain = outer.chart.is_some_and(|source| !source.is_guessed);
        let is_named = instance.is_named || is_certain && is_here;
        let instance = Instance { is_named, ..instance };
        let is_own = outer.chart.is_some_and(|source| source.is_own);
        if !is_own {
            let variables = found.values.get("environment");
            opened.unchecked.extend(find_in_variables(variables));
        }
        // Without a version it installs the newest one.
        let is_of_honeycomb = found.around.iter().copied().any(gitops::is_of_honeycomb);
        if is_named || is_of_honeycomb || is_here && !is_own {
            opened.unchecked.extend(find_unread(found.values, &instance.chart));
        }
        let is_unused = is_beside_name(&found.around, &found.path)
            || is_beside_spec(&found.around, &found.path)
            || !is_here && outer.chart.is_some_and(|source| source.lacks_values(&found.path, item));
        if is_nested(&found.around, &found.path) {
            opened.unchecked.extend(find_nested(&found.path, &found.around));
        } else if is_unused {
            opened.unchecked.extend(find_misplaced(&found.path, &found.around));
        }
        match instance.launch.release.as_ref().filter(|pin| pin.is_first_generation()) {
            Some(pin) => {
                let beginning = Span::new(outer.file, 0, 0);
                let finding = pin.finding().map(|finding| match finding.primary() {
                    Some(_) => finding,
                    None => finding.at(beginning, "values for a chart that installs it"),
                });
                opened.unchecked.extend(finding);
            }
            None => instance.open(opened),
        }
    }
}

/// The file of Refinery's that a value certainly is, if any.
pub fn what(item: &Item) -> Option<Recognised> {
    match &item.value {
        Value::Text(text) => recognise(Some(DataFormat::Yaml), text),
        Value::Map(_) => {
            recognise(Some(DataFormat::Yaml), &render(item, Span::new(FileId(0), 0, 0)).text)
        }
        _ => None,
    }
}

/// The release that `image.tag` in the values names.
fn pin_of_values(values: &Item, path: &[String]) -> Option<Pin> {
    let tag = at(values, &["image", "tag"])?;
    let text = word(tag).filter(|tag| !tag.is_empty())?;
    let repository = at(values, &["image", "repository"]).and_then(Item::text);
    let repository = repository.unwrap_or("honeycombio/refinery");
    let place = format!("`{}image.tag`", join(path));
    if has_template(&text) {
        let why = format!("`{text}` is a template");
        return Some(Pin::new(Named::Unclear(why), place).at(tag.span));
    }
    // The tag may be a digest.
    let sign = if text.starts_with("sha256:") { '@' } else { ':' };
    pin_of_image(&format!("{repository}{sign}{text}"), place).map(|pin| pin.at(tag.span))
}

/// One use of the chart.
struct Instance<'i> {
    outer: Outer<'i>,
    /// The values as written.
    written: &'i Item,
    /// The same, merged over the chart's defaults.
    values: Item,
    /// The `global` values.
    global: Option<Item>,
    chart: Chart,
    /// Whether a file names the chart.
    is_named: bool,
    /// What leads to the keys of the values: `refinery.`, empty at the top of the file.
    path: String,
    launch: LaunchSpec,
    unchecked: Vec<Finding>,
    notices: Vec<Notice>,
}

impl<'i> Instance<'i> {
    /// `chart` is the chart that a file names, and the place where it does.
    fn of(outer: Outer<'i>, found: &Found<'i>, chart: Option<(Chart, String)>) -> Self {
        let Found { values: written, around, path } = found;
        let mut notices = Vec::new();
        let set = outer.chart.filter(|_| path.is_empty()).and_then(|source| {
            let place = format!("`image.tag` in `{}`", source.name);
            Some(Pin::new(Named::of_tag(source.tag.as_deref()?), place))
        });
        let parameter = gitops::tag_parameter(around).map(|(tag, span)| {
            let place = "the parameter `image.tag`".to_owned();
            Pin::new(Named::of_tag(&tag), place).at(span)
        });
        let set = parameter.or(set);
        let release = set.or_else(|| pin_of_values(written, path)).or_else(|| {
            let (chart, place) = chart.as_ref()?;
            Some(Pin::new(chart.named.clone()?, format!("the chart version {place}")))
        });
        let named = release.as_ref().and_then(|pin| pin.named.release());
        let is_named = chart.is_some();
        let chart = chart.filter(|(chart, _)| chart.is_known());
        let is_certain = chart.is_some();
        let chart = chart.map_or_else(|| Chart::of(named), |(chart, _)| chart);
        let mut values = merge(written, chart.values());
        if let Some(entries) = values.value.as_entries_mut().filter(|_| is_certain) {
            entries.retain(|entry| !chart.is_too_old_for(&entry.key));
        }
        let path = join(path);
        let Installed { launch, unknown, names_files } = installed(&values, &chart);
        let arguments = values.entry("extraCommandArgs").filter(|_| names_files);
        let elsewhere = arguments.map(|entry| {
            Finding::new(
                &UNKNOWN_FILE,
                "`extraCommandArgs` refers to files that are not in this repository",
            )
            .at_some(entry.item.span.or(entry.key_span), "not checked")
            .help("put them under `config` and `rules` in the chart's values")
        });
        if !unknown.is_empty() && elsewhere.is_none() {
            let unknown = unknown.join(" ");
            let name = SourceName::within(outer.name, format!("{path}extraCommandArgs"));
            notices.push(Notice::on(name, format!("arguments not checked: `{unknown}`")));
        }
        let launch = LaunchSpec { release, ..launch };
        let global = global(written, around.last().copied());
        let unchecked = elsewhere.into_iter().collect();
        Self { outer, written, values, global, chart, is_named, path, launch, unchecked, notices }
    }

    fn open(mut self, opened: &mut Opened) {
        if self.launch.machine.restarts.rules {
            let name = self.name_of("LiveReload");
            let what = "new rules restart the pods, so they must pass start-up, not a live reload";
            self.notices.push(Notice::on(name, what));
        }
        let is_elsewhere = is_on(&self.values, &["RulesConfigMapName"]);
        if let Some(name) = self.written.get("RulesConfigMapName").filter(|_| is_elsewhere) {
            opened.maps_elsewhere.extend(name.text().map(|map| (map.to_owned(), name.span)));
        }
        opened.unchecked.append(&mut self.unchecked);
        let is_old = Kind::ALL.iter().any(|&kind| self.generation(kind) == Some(Generation::First));
        for kind in Kind::ALL {
            // Charts for Refinery 1.x are not modelled, so none of their defaults are added.
            let is_absent = is_old && self.written.get(kind.word()).is_none();
            if is_absent || kind == Kind::Rules && is_elsewhere {
                continue;
            }
            if self.is_of_templates(kind) {
                if self.written.get(kind.word()).is_some() {
                    let why =
                        format!("not a {} file; the templates of the chart read it", kind.word());
                    self.notices.push(Notice::on(self.name_of(kind.word()), why));
                }
                continue;
            }
            match self.half(kind) {
                Ok(part) => opened.parts.push(part),
                Err(notice) => self.notices.push(notice),
            }
        }
        opened.notices.append(&mut self.notices);
    }

    /// The name of one of the values.
    fn name_of(&self, key: &str) -> SourceName {
        SourceName::within(self.outer.name, format!("{}{key}", self.path))
    }

    /// Whether a value is something else than a file of Refinery's, such as a part of one, which the
    /// templates of a chart of one's own put into it.
    fn is_of_templates(&self, kind: Kind) -> bool {
        let value = self.written.get(kind.word());
        let is_other = |item: &Item| what(item).is_none() && !is_empty(item);
        self.outer.chart.is_some_and(|source| {
            source.is_own && value.map_or(!source.is_for_refinery(), is_other)
        })
    }

    fn generation(&self, kind: Kind) -> Option<Generation> {
        self.written.get(kind.word()).and_then(what).map(|what| what.generation)
    }

    /// One of the two files, as Refinery reads it.
    fn half(&self, kind: Kind) -> Result<EmbeddedFile, Notice> {
        let name = self.name_of(kind.word());
        let written = self.written.entry(kind.word());
        let generation = self.generation(kind).unwrap_or(Generation::Second);
        let Rendered { text, pieces } = match written.map(|entry| &entry.item) {
            // The chart quotes a string; other charts pass it through.
            Some(item) if matches!(item.value, Value::Text(_)) && !self.is_named => {
                self.as_written(item, &name)?
            }
            Some(item) if generation == Generation::First => render(item, self.elsewhere(kind)),
            _ => self.rendered(kind, &name)?,
        };
        Ok(EmbeddedFile {
            name,
            recognised: Recognised { kind, generation },
            format: Some(DataFormat::Yaml),
            text,
            pieces,
            bond: format!("{}#{}{}", self.outer.name, self.path, self.outer.start),
            launch: self.launch.clone(),
            file: self.outer.file,
            fault: None,
        })
    }

    /// A block string, as a chart of one's own passes it through.
    fn as_written(&self, item: &Item, name: &SourceName) -> Result<Rendered, Notice> {
        let text = item.text().unwrap_or_default();
        if has_template(text) {
            return Err(not_rendered(name, "a template"));
        }
        let pieces: Vec<Piece> =
            item.span.map_or(Vec::new(), |span| block::pieces(self.outer, span, text));
        Ok(Rendered { text: text.to_owned(), pieces })
    }

    fn rendered(&self, kind: Kind, name: &SourceName) -> Result<Rendered, Notice> {
        let values = self.values.get(kind.word());
        let mut item = values.cloned().unwrap_or_else(|| map(Vec::new()));
        match kind {
            Kind::Config => item = self.with_extras(item),
            Kind::Rules => self.add_default_sampler(&mut item),
        }
        evaluate_all(&mut item, &self.values)
            .map_err(|text| not_rendered(name, &format!("`{}`", text.trim())))?;
        Ok(render(&item, self.elsewhere(kind)))
    }

    /// Adds what the region and the debug service set, unless the user sets it.
    fn with_extras(&self, mut config: Item) -> Item {
        if is_on(&self.values, &["debug", "enabled"]) {
            let port = at(&self.values, &["debug", "port"]).and_then(word);
            let address = format!("localhost:{}", port.unwrap_or_default());
            fill(&mut config, &["Debugging", "DebugServiceAddr"], text(&address));
        }
        merge(&config, self.chart.region(&self.values, self.global.as_ref()))
    }

    fn add_default_sampler(&self, rules: &mut Item) {
        const DEFAULT: &str = "__default__";
        let Some(samplers) = rules.entries_mut().iter_mut().find(|e| e.key == "Samplers") else {
            return;
        };
        let Value::Map(targets) = &mut samplers.item.value else { return };
        let is_named = |item: &Item| {
            !matches!(&item.value, Value::Null) && item.value != Value::Map(Vec::new())
        };
        let place = targets.iter().position(|target| target.key == DEFAULT);
        if place.and_then(|at| targets.get(at)).is_some_and(|target| is_named(&target.item)) {
            return;
        }
        if let Some(sampler) = self.chart.default_sampler() {
            targets.retain(|target| target.key != DEFAULT);
            targets.push(entry(DEFAULT, sampler));
        }
    }

    /// The span for what the chart adds: the key that it is added under.
    fn elsewhere(&self, kind: Kind) -> Span {
        let own = self.written.entry(kind.word());
        let other = Kind::ALL.map(|kind| self.written.entry(kind.word()));
        let entry = own.or(other.into_iter().flatten().next());
        let place = entry.and_then(|entry| entry.key_span);
        place.unwrap_or(Span::new(self.outer.file, self.outer.start, self.outer.start))
    }
}

/// `global` of a parent chart overrides the chart's own.
fn global(written: &Item, parent: Option<&Item>) -> Option<Item> {
    let own = written.get("global").cloned();
    match (parent.and_then(|parent| parent.get("global")), own) {
        (Some(over), Some(own)) => Some(merge(over, own)),
        (over, own) => over.cloned().or(own),
    }
}

/// `releases[0].values.`
fn join(path: &[String]) -> String {
    path.iter().fold(String::new(), |path, key| match key.strip_prefix('[') {
        Some(_) => path.trim_end_matches('.').to_owned() + key + ".",
        None => path + key + ".",
    })
}

fn not_rendered(name: &SourceName, what: &str) -> Notice {
    let what = format!("not checked, because {what} must be rendered first; {HOW_TO_RENDER}");
    Notice::on(name.clone(), what)
}
