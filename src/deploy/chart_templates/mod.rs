//! Templates of a user's own chart: the maps and pods that they become.
//!
//! Only what has one plain meaning is evaluated: values and files of the chart, as a whole entry of a
//! map or as a word of any other object. Everything else stays a template, which is not checked.
//! Honeycomb's own chart is modelled from its values alone (`chart` does).

mod actions;
pub mod around;
pub mod chart;
mod expression;
mod functions;
mod hidden;
mod included;
mod indentation;
pub mod installed;
mod layers;
mod map;
mod meaning;
mod open;
pub mod values;

use super::chart::facts::Chart as Facts;
use super::documents::documents;
use super::kubernetes::nested;
use super::kubernetes::objects::Map;
use super::loader::Loader;
use super::templates::chart_of;
use super::{CHART_FILE, Opened, Outer, gitops, open_layers, read_item, unfold};
use crate::sniff::containers::only_includes;
use crate::span::FileId;
use crate::syntax::{Item, Value};
use crate::vfs::input_error::InputError;
use crate::vfs::path::{format_of, join, split};
use actions::{Action, Skeleton, skeleton};
use chart::{Chart, Layer};
use expression::Context;
use globset::GlobBuilder;
use hidden::Hidden;
use included::{alone, helper_files, load};
use indentation::ONE_WORD;
use installed::installed;
use layers::read_layers;
use map::Maps;
use meaning::Meaning;

/// The maximum depth of folders with files of a chart.
const DEEPEST: usize = 6;

/// Opens a template of a chart; returns whether it was understood.
///
/// # Errors
/// A file of the chart cannot be read.
pub fn open_template(
    outer: Outer<'_>,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<bool, InputError> {
    let Some(folder) = chart_of(outer.name, loader) else { return Ok(false) };
    if !outer.text.contains("{{") || is_of_honeycomb(&folder, loader) {
        return Ok(false);
    }
    if only_includes(outer.text) && !mentions_refinery(&folder, loader) {
        return Ok(false);
    }
    let chart = if let Some(known) = loader.loaded.charts.get(&folder) {
        known
    } else {
        let chart = Chart::read(folder, loader)?;
        loader.loaded.charts.add(chart)
    };
    // All values are elsewhere.
    let is_unset = |layer: &Layer| layer.values.entries().is_empty() && layer.unread.is_none();
    if outer.text.contains(".Values") && chart.layers.iter().all(is_unset) {
        return Ok(false);
    }
    let included = included_object(outer.text, &chart);
    let outer = match &included {
        Some((file, text)) => Outer { file: *file, text, ..outer },
        None => outer,
    };
    let mut all = Vec::new();
    for layer in &chart.layers {
        let Some(template) = Template::read(outer, &chart, layer) else { return Ok(false) };
        all.push(template);
    }
    let base = all.first().filter(|base| !base.objects().is_empty());
    let Some(base) = base else { return Ok(false) };
    for object in base.objects() {
        if Map::of(outer, &object).is_none() {
            let is_open = base.is_open(&object);
            opened.objects.add_part(base.outer(), &base.filled(object), is_open);
        }
    }
    let uses: Vec<Item> = base.uses();
    for item in uses {
        let item = unfold(base.outer(), item, loader, opened);
        open_layers(base.outer(), &item, loader, opened)?;
    }
    let mut maps = Maps::default();
    for template in &all {
        maps.add(template, loader);
    }
    opened.objects.maps.extend(maps.settle(&chart, loader));
    Ok(true)
}

/// Whether the values or templates of a chart mention Refinery.
pub fn mentions_refinery(folder: &str, loader: &Loader<'_>) -> bool {
    let mut folders = [folder.to_owned(), join(folder, "templates")].into_iter();
    folders.any(|folder| {
        let names = loader.names(&folder).into_iter().filter(|name| format_of(name).is_some());
        let text = |name: String| loader.peek(&join(&folder, &name)).ok().flatten();
        names.filter_map(text).any(|text| text.contains("refinery"))
    })
}

/// The text of the helper that a template consists of, and its file.
fn included_object(template: &str, chart: &Chart) -> Option<(FileId, String)> {
    let Skeleton { text, actions, .. } = skeleton(template, &|_, _| None);
    let is_blank = |text: &str| text.lines().all(|line| line.trim().is_empty() || line == "---");
    let action = actions.first().filter(|_| actions.len() == 1 && is_blank(&text))?;
    let (helper, body) = chart.included(action)?;
    Some((helper.file, alone(&helper.text, &body)))
}

/// Whether there is a chart of one's own in a folder, with templates.
pub fn is_own(folder: &str, loader: &Loader<'_>) -> bool {
    let has_description = loader.names(folder).iter().any(|name| name == CHART_FILE);
    has_description
        && loader.is_folder(&join(folder, "templates"))
        && !is_of_honeycomb(folder, loader)
}

/// Whether a chart is the one that Honeycomb publishes, or a copy of it.
fn is_of_honeycomb(folder: &str, loader: &Loader<'_>) -> bool {
    let text = loader.peek(&join(folder, CHART_FILE)).ok().flatten().unwrap_or_default();
    Facts::is_of_honeycomb(&text)
}

impl Chart {
    fn read(folder: String, loader: &mut Loader<'_>) -> Result<Self, InputError> {
        let text = loader.peek(&join(&folder, CHART_FILE)).ok().flatten().unwrap_or_default();
        let nothing = || Item::new(Value::Map(Vec::new()), None);
        let description = read_item(FileId(0), &text).unwrap_or_else(|_| nothing());
        let mut files = Vec::new();
        list_files(&folder, "", 0, loader, &mut files);
        let names = helper_files(&folder, &files, loader);
        let helpers = names.iter().filter_map(|name| loader.peek(name).ok().flatten());
        let helpers = helpers.collect::<Vec<_>>().join("\n");
        let helper_files = load(&names, loader)?;
        let mut layers = read_layers(&folder, loader)?;
        let mut is_read = false;
        if let Some(base) = layers.first().map(|layer| layer.values.clone()) {
            let all = installed(&folder, &base, loader)?;
            layers.extend(all.layers);
            is_read = all.is_read;
        }
        let has_actions = |name: &&String| {
            let is_read = !name.starts_with("templates/") && format_of(name).is_some();
            let text = || loader.peek(&join(&folder, name)).ok().flatten();
            is_read && text().is_some_and(|text| text.contains("{{"))
        };
        let templates = files.iter().filter(has_actions).map(|name| join(&folder, name)).collect();
        let ignored = loader.peek(&join(&folder, ".helmignore")).ok().flatten();
        let hidden = Hidden::read(&ignored.unwrap_or_default());
        Ok(Self {
            folder,
            description,
            helpers,
            helper_files,
            files,
            hidden,
            templates,
            layers,
            is_read,
        })
    }

    /// The meaning of an expression with these values.
    fn with<T>(&self, layer: &Layer, evaluate: impl FnOnce(&Context<'_>) -> T) -> T {
        evaluate(&Context {
            folder: &self.folder,
            values: &layer.values,
            chart: &self.description,
            helpers: &self.helpers,
            is_template: &|name| self.templates.iter().any(|known| known == name),
            is_hidden: &|name| self.is_hidden(name),
            matching: &|pattern| self.matching(pattern),
        })
    }

    /// Whether `.Files` lacks a file that is there. It has no files outside of the chart, and knows the
    /// others by their plain paths.
    fn is_hidden(&self, name: &str) -> bool {
        let is_plain = !name.split('/').any(|part| matches!(part, "" | "." | ".."));
        !is_plain || self.hidden.has(name) && self.files.iter().any(|known| known == name)
    }

    /// The files that match a pattern.
    fn matching(&self, pattern: &str) -> Vec<String> {
        let built = GlobBuilder::new(pattern).literal_separator(true).build();
        let Ok(glob) = built else { return Vec::new() };
        let matcher = glob.compile_matcher();
        let names = self.files.iter().filter(|name| matcher.is_match(name));
        let names = names.filter(|name| !self.hidden.has(name));
        names.map(|name| join(&self.folder, name)).collect()
    }
}

fn list_files(
    folder: &str,
    within: &str,
    depth: usize,
    loader: &Loader<'_>,
    files: &mut Vec<String>,
) {
    let here = if within.is_empty() { folder.to_owned() } else { join(folder, within) };
    for name in loader.names(&here) {
        let name = if within.is_empty() { name } else { format!("{within}/{name}") };
        if !loader.is_folder(&join(folder, &name)) {
            files.push(name);
        } else if depth < DEEPEST && name != "charts" {
            list_files(folder, &name, depth + 1, loader, files);
        }
    }
}

/// A template with some values.
struct Template<'t> {
    outer: Outer<'t>,
    chart: &'t Chart,
    layer: &'t Layer,
    skeleton: Skeleton,
    documents: Vec<Item>,
}

impl<'t> Template<'t> {
    /// `None` if it is not YAML around its actions.
    fn read(outer: Outer<'t>, chart: &'t Chart, layer: &'t Layer) -> Option<Self> {
        let skeleton = chart.with(layer, |context| {
            skeleton(outer.text, &|condition, dot| context.holds(condition, dot))
        });
        let mut all = Vec::new();
        for range in documents(&skeleton.text) {
            let document = skeleton.text.get(range.clone())?;
            if !document.trim().is_empty() {
                all.push(read_item(outer.file, document).ok()?.moved(range.start));
            }
        }
        Some(Self { outer, chart, layer, skeleton, documents: all })
    }

    /// The file with the text between the actions.
    fn outer(&self) -> Outer<'_> {
        Outer { text: &self.skeleton.text, ..self.outer }
    }

    /// Whether what is unknown about an object may be about the files of its pods.
    fn is_open(&self, object: &Item) -> bool {
        let all = documents(&self.skeleton.text);
        let start = object.beginning().map_or(0, |span| span.range().start);
        let part = all.into_iter().find(|part| part.contains(&start));
        let part = part.unwrap_or(0..self.outer.text.len());
        open::is_open(self.outer.text, &self.skeleton, &part)
    }

    fn objects(&self) -> Vec<Item> {
        self.documents.iter().flat_map(nested::objects).cloned().collect()
    }

    /// The documents that install Refinery's chart, unless their values depend on actions.
    fn uses(&self) -> Vec<Item> {
        let installs = |item: &&Item| !gitops::uses(item).is_empty() && !self.has_open_text(item);
        self.documents.iter().filter(installs).cloned().collect()
    }

    /// Whether an action writes a part of a text with several lines.
    fn has_open_text(&self, item: &Item) -> bool {
        let is_open = match (&item.value, item.span) {
            (Value::Text(text), Some(span)) if text.contains('\n') => {
                self.actions_in(span.range().start, span.range().end).next().is_some()
            }
            _ => false,
        };
        let mut inner = item.entries().iter().map(|entry| &entry.item);
        is_open
            || inner.any(|item| self.has_open_text(item))
            || item.list().unwrap_or_default().iter().any(|item| self.has_open_text(item))
    }

    fn meaning(&self, action: &Action) -> Meaning {
        match &action.dot {
            Some(dot) => self.chart.with(self.layer, |context| context.evaluate(&action.said, dot)),
            None => Meaning::Unknown,
        }
    }

    /// The actions in a part of the template.
    fn actions_in(&self, start: usize, end: usize) -> impl Iterator<Item = &Action> {
        let actions = &self.skeleton.actions;
        let first = actions.partition_point(|action| action.range.start < start);
        let rest = actions.get(first..).unwrap_or_default().iter();
        rest.take_while(move |action| action.range.end <= end)
    }

    /// The same object with words that actions write. Those that are unknown stay actions.
    fn filled(&self, mut item: Item) -> Item {
        self.fill(&mut item);
        item
    }

    fn fill(&self, item: &mut Item) {
        match &mut item.value {
            Value::Text(text) => {
                let span = item.span.filter(|span| span.file == self.outer.file);
                if let Some(filled) = span.and_then(|span| self.text_at(span.range())) {
                    *text = filled;
                    if let Some(value) = span.and_then(|span| self.value_at(span.range())) {
                        item.value = value;
                    }
                }
            }
            Value::List(items) => items.iter_mut().for_each(|item| self.fill(item)),
            Value::Map(entries) => entries.iter_mut().for_each(|entry| self.fill(&mut entry.item)),
            _ => {}
        }
    }

    /// The number or boolean that a scalar is if a single action writes it without quotes.
    fn value_at(&self, range: std::ops::Range<usize>) -> Option<Value> {
        let action = self.actions_in(range.start, range.end).next()?;
        let is_all = action.range == range;
        // A helper may put it in quotes.
        let may_quote = |name: &&str| ONE_WORD.contains(name) || ["include", "tpl"].contains(name);
        let is_quoted = action.said.split(|c: char| !c.is_alphanumeric()).any(|it| may_quote(&it));
        let word = self.meaning(action).word().filter(|_| is_all && !is_quoted)?;
        let read = read_item(self.outer.file, &format!("value: {word}")).ok()?;
        let value = read.get("value")?.value.clone();
        matches!(value, Value::Bool(_) | Value::Int(_) | Value::Float(_)).then_some(value)
    }

    /// The text of a scalar with actions; `None` without actions.
    fn text_at(&self, range: std::ops::Range<usize>) -> Option<String> {
        let mut at = range.start;
        let mut text = String::new();
        for action in self.actions_in(range.start, range.end) {
            text.push_str(self.outer.text.get(at..action.range.start)?);
            let word = self.meaning(action).word();
            text.push_str(&word.unwrap_or_else(|| action.written()));
            at = action.range.end;
        }
        if at == range.start {
            return None;
        }
        text.push_str(self.outer.text.get(at..range.end)?);
        let quote = ['"', '\''].into_iter().find(|quote| text.starts_with(*quote));
        let bare = quote.and_then(|quote| text.strip_prefix(quote)?.strip_suffix(quote));
        Some(bare.unwrap_or(&text).to_owned())
    }

    fn name(&self) -> &str {
        self.outer.name
    }
}

/// The name of a file without its folder.
fn own_name(name: &str) -> &str {
    split(name).1
}
