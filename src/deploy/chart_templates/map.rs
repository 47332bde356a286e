//! Maps in templates: entries that an action writes as a whole.

use super::chart::UnreadValues;
use super::included::alone;
use super::indentation::is_misplaced;
use super::meaning::Meaning;
use super::{Action, Chart, Template, own_name};
use crate::deploy::chart::fill::is_empty;
use crate::deploy::chart::items::{self, entry, text as item_of};
use crate::deploy::chart::render::{Rendered, render};
use crate::deploy::content::{Content, DataEntry, Group, Refusal};
use crate::deploy::kubernetes::objects::Map;
use crate::deploy::loader::Loader;
use crate::deploy::{Outer, block};
use crate::diagnostic::Finding;
use crate::source_name::SourceName;
use crate::span::{FileId, Piece, Span};
use crate::syntax::{DataFormat, Entry, Item, Value, parse};
use crate::vfs::path::{format_of, join};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// The maps of a template, once for each layer of values.
#[derive(Default)]
pub struct Maps(Vec<Layered>);

struct Layered {
    map: Map,
    /// The file that is merged over the values of the chart.
    over: Option<String>,
    /// The keys whose values are not set.
    unset: Vec<String>,
}

impl Layered {
    /// Marks the entries without values as the caller's: whoever installs the chart may set them.
    fn leave_to_callers(&mut self) {
        for datum in &mut self.map.data {
            if self.unset.contains(&datum.key) {
                let name = SourceName::within(&self.map.identity.file, &datum.key);
                let (text, pieces) = (String::new(), Vec::new());
                datum.content = Content::Unevaluated { name, text, pieces, is_of_caller: true };
            }
        }
    }
}

impl Maps {
    /// Adds the maps of a template.
    pub fn add(&mut self, template: &Template<'_>, loader: &Loader<'_>) {
        for object in template.objects() {
            let mut object = object;
            for entry in object.value.as_entries_mut().into_iter().flatten() {
                if entry.key == "metadata" {
                    template.fill(&mut entry.item);
                }
            }
            let Some(mut map) = Map::of(template.outer(), &object) else { continue };
            let mut unset = Vec::new();
            let (mut added, mut further) = (Vec::new(), None);
            for group in object.entries() {
                if Group::of(&group.key, &map.identity.kind).is_some() {
                    let name = map.identity.name().to_owned();
                    let known = map.data.iter().map(|datum| (datum.key.as_str(), datum)).collect();
                    let reader = Reader { template, loader, map: name, known };
                    added.extend(reader.entries(group, &mut unset));
                    let (inner, rest) = reader.rest(group, &map.identity.kind, &mut unset);
                    added.extend(inner);
                    further = further.or(rest);
                }
            }
            let new: HashSet<&str> = added.iter().map(|new: &DataEntry| new.key.as_str()).collect();
            map.data.retain(|datum| !new.contains(datum.key.as_str()));
            map.data.extend(added);
            map.further = further;
            let over = template.layer.over.clone();
            if let Some(over) = &over {
                map.identity.file.clone_from(over);
            }
            self.0.push(Layered { map, over, unset });
        }
    }

    /// The maps that are checked: those of the chart's own values, and those that other values change.
    pub fn settle(self, chart: &Chart, loader: &Loader<'_>) -> Vec<Map> {
        let (own, others): (Vec<_>, Vec<_>) =
            self.0.into_iter().partition(|one| one.over.is_none());
        let is_other = |other: &Layered, own: &Layered| {
            other.map.identity.is(&own.map.identity.kind, own.map.identity.name())
        };
        let mut maps = Vec::new();
        for mut base in own {
            let variants: Vec<&Layered> = others
                .iter()
                .filter(|other| is_other(other, &base) && other.map.data != base.map.data)
                .collect();
            let is_completed =
                |key: &String| variants.iter().any(|other| !other.unset.contains(key));
            let is_left = base.unset.iter().any(is_completed);
            let is_installed =
                !base.unset.is_empty() && !chart.is_read && is_installed_nearby(chart, loader);
            let sets_any = |one: &&&Layered| {
                one.unset.is_empty() || base.unset.iter().any(|key| !one.unset.contains(key))
            };
            let removes_any =
                |one: &&&Layered| one.unset.iter().any(|key| !base.unset.contains(key));
            let changed = variants.iter().filter(|one| sets_any(one) || removes_any(one));
            maps.extend(changed.map(|one| one.map.clone()));
            if is_left {
                continue;
            }
            // Values that come from elsewhere are not found here.
            if is_installed {
                base.leave_to_callers();
            }
            maps.push(base.map);
        }
        maps
    }
}

/// Whether a file near a chart names its folder, and so may install it with other values.
fn is_installed_nearby(chart: &Chart, loader: &Loader<'_>) -> bool {
    let near = loader.loaded.near.near(loader.store, &join(&chart.folder, "values.yaml"));
    let own = own_name(&chart.folder);
    let within = format!("{}/", chart.folder);
    let is_outside = |name: &str| !name.starts_with(&within);
    !own.is_empty()
        && near.iter().any(|file| is_outside(&file.name) && file.text.contains(&format!("/{own}")))
}

/// Reads the entries of a map.
struct Reader<'r, 't> {
    template: &'r Template<'t>,
    loader: &'r Loader<'r>,
    map: String,
    /// The entries without their actions.
    known: HashMap<&'r str, &'r DataEntry>,
}

impl Reader<'_, '_> {
    /// The entries that actions write, and those whose text has actions.
    fn entries(&self, group: &Entry, unset: &mut Vec<String>) -> Vec<DataEntry> {
        let mut found = Vec::new();
        let entries = group.item.entries();
        for entry in entries {
            match self.whole(entry) {
                Some(action) => {
                    let (datum, is_set) = self.datum(entry, action);
                    if !is_set {
                        unset.push(entry.key.clone());
                    }
                    found.push(datum);
                }
                None => found.extend(self.as_template(entry)),
            }
        }
        let Some(start) = group.key_span.map(|span| span.range().end) else { return found };
        let end = entries.last().and_then(|entry| entry.key_span).map(|span| span.range().start);
        let end = end.unwrap_or_else(|| self.blank_after(start));
        for action in self.template.actions_in(start, end) {
            found.extend(self.several(action));
        }
        found
    }

    /// What a helper adds to the entries, and what stands for others with unknown keys.
    fn rest(
        &self,
        group: &Entry,
        kind: &str,
        unset: &mut Vec<String>,
    ) -> (Vec<DataEntry>, Option<DataEntry>) {
        let Some(action) = self.further(group) else { return (Vec::new(), None) };
        if let Some(found) = self.included(action, group, kind, unset) {
            return found;
        }
        let place = Span::new(self.template.outer.file, action.range.start, action.range.end);
        let content = self.within(&group.key, action.written(), place);
        (Vec::new(), Some(DataEntry { key: group.key.clone(), content, is_binary: false }))
    }

    /// The entries that a helper writes; `None` unless it is a text with entries.
    fn included(
        &self,
        action: &Action,
        group: &Entry,
        kind: &str,
        unset: &mut Vec<String>,
    ) -> Option<(Vec<DataEntry>, Option<DataEntry>)> {
        let chart = self.template.chart;
        let (helper, body) = chart.included(action)?;
        let text = alone(&helper.text, &body);
        let outer = Outer::of(&helper.name, helper.file, &text);
        let template = Template::read(outer, chart, self.template.layer)?;
        let document = template.documents.first().filter(|it| !it.entries().is_empty())?;
        let key_span = Some(Span::new(helper.file, body.start, body.start));
        let group = Entry { key_span, item: document.clone(), ..group.clone() };
        let name = entry("name", item_of(&self.map));
        let object = [
            entry("apiVersion", item_of("v1")),
            entry("kind", item_of(kind)),
            entry("metadata", items::map(vec![name])),
            group.clone(),
        ];
        let mut map = Map::of(template.outer(), &items::map(object.to_vec()))?;
        let known = map.data.iter().map(|datum| (datum.key.as_str(), datum)).collect();
        let reader =
            Reader { template: &template, loader: self.loader, map: self.map.clone(), known };
        let added = reader.entries(&group, unset);
        // Helpers in helpers stay as they are.
        let further = reader.further(&group).map(|action| {
            let place = Span::new(helper.file, action.range.start, action.range.end);
            let content = reader.within(&group.key, action.written(), place);
            DataEntry { key: group.key.clone(), content, is_binary: false }
        });
        map.data.retain(|datum| !added.iter().any(|new| new.key == datum.key));
        map.data.extend(added);
        Some((map.data, further))
    }

    /// The action that writes further entries with unknown keys.
    fn further(&self, group: &Entry) -> Option<&Action> {
        let skeleton = &self.template.skeleton.text;
        let column = |at: usize| at - skeleton[..at].rfind('\n').map_or(0, |end| end + 1);
        let entries = group.item.entries();
        let last = entries.last().and_then(|entry| entry.key_span).map(|span| span.range().start);
        let own = last.map(column);
        let start = group.key_span?.range().end;
        let end = group.item.span.map_or(start, |span| span.range().end.max(start));
        let end = self.blank_after(end.saturating_sub(1));
        let wholes: Vec<&Action> = entries.iter().filter_map(|entry| self.whole(entry)).collect();
        let writes_entries = |action: &&Action| {
            let at = action.range.start;
            let begins_line = skeleton[at - column(at)..at].trim().is_empty();
            let is_after = last.is_some_and(|last| last < at);
            let is_unknown = || matches!(self.template.meaning(action), Meaning::Unknown);
            begins_line
                && own.is_none_or(|own| own == column(at))
                && !wholes.iter().any(|whole| whole.range == action.range)
                && (is_after || is_unknown())
        };
        self.template.actions_in(start, end).find(writes_entries)
    }

    /// The end of the lines after a place that only have actions.
    fn blank_after(&self, start: usize) -> usize {
        let text = &self.template.skeleton.text;
        let rest = text.get(start..).unwrap_or_default();
        let first = rest.find('\n').map_or(rest.len(), |end| end + 1);
        let blank = rest[first..].split_inclusive('\n').take_while(|line| line.trim().is_empty());
        start + first + blank.map(str::len).sum::<usize>()
    }

    /// The only action that writes the value of an entry.
    fn whole(&self, entry: &Entry) -> Option<&Action> {
        let start = entry.key_span?.range().end;
        let end = self.blank_after(start);
        let mut actions = self.template.actions_in(start, end);
        let action = actions.next().filter(|_| actions.next().is_none())?;
        let text = &self.template.outer.text;
        let around = [text.get(start..action.range.start)?, text.get(action.range.end..end)?];
        let is_mark = |c: char| c.is_whitespace() || ":|>-+\"'".contains(c) || c.is_ascii_digit();
        around.iter().all(|part| without_actions(part).chars().all(is_mark)).then_some(action)
    }

    /// What an action writes as the value of a key, and whether that is set.
    fn datum(&self, entry: &Entry, action: &Action) -> (DataEntry, bool) {
        let (datum, is_set) = self.datum_alone(&entry.key, action);
        let text = match &datum.content {
            Content::Within { text, .. } => Some(text.clone()),
            Content::File { name, .. } => self.loader.peek(name).ok().flatten(),
            Content::Refused { .. } | Content::Unevaluated { .. } => None,
        };
        if text.is_none_or(|text| !self.is_misplaced(entry, action, &text)) {
            return (datum, is_set);
        }
        let place = Span::new(self.template.outer.file, action.range.start, action.range.end);
        let content = Content::Refused {
            name: SourceName::within(self.template.name(), format!("{}:{}", self.map, entry.key)),
            span: Some(place),
            why: Refusal::Indentation,
        };
        (DataEntry { content, ..datum }, is_set)
    }

    /// Whether an action does not write its text as one string after a key.
    fn is_misplaced(&self, entry: &Entry, action: &Action, text: &str) -> bool {
        let Some(start) = entry.key_span.map(|span| span.range().start) else { return false };
        let skeleton = &self.template.skeleton.text;
        let column = start - skeleton[..start].rfind('\n').map_or(0, |end| end + 1);
        let before = skeleton.get(start..action.range.start).unwrap_or_default();
        let written = self.template.outer.text.get(action.range.clone()).unwrap_or_default();
        let is_known =
            !matches!(self.template.meaning(action), Meaning::Unknown | Meaning::Files(_));
        is_known && is_misplaced(&entry.key, (column, before), written, text)
    }

    fn datum_alone(&self, key: &str, action: &Action) -> (DataEntry, bool) {
        let place = Span::new(self.template.outer.file, action.range.start, action.range.end);
        let entry = |content| DataEntry { key: key.to_owned(), content, is_binary: false };
        let meaning = self.template.meaning(action);
        if let Some(unread) = &self.template.layer.unread
            && matches!(meaning, Meaning::Value(..) | Meaning::Encoded(..))
        {
            return (entry(content_of(unread)), true);
        }
        match meaning {
            Meaning::File(name) => (DataEntry::on_disk(key, name, place), true),
            Meaning::Value(item, path) => {
                let is_set = !is_empty(&item);
                (entry(self.plain(key, (&item, &path), place)), is_set)
            }
            Meaning::Encoded(item, path) => {
                let is_set = !is_empty(&item);
                (entry(self.encoded(key, (&item, &path), place)), is_set)
            }
            Meaning::Files(_) | Meaning::Unknown => {
                (entry(self.within(key, action.written(), place)), true)
            }
        }
    }

    /// A value in YAML.
    fn encoded(&self, key: &str, (item, path): (&Item, &[String]), place: Span) -> Content {
        let Rendered { text, pieces } = render(item, item.span.unwrap_or(place));
        let name = self.name_of(key, item, path);
        Content::Within { name, text, pieces, fault: None }
    }

    /// Whether the body of a loop encodes values.
    fn encodes(&self, action: &Action) -> bool {
        let rest = self.template.outer.text.get(action.range.end..).unwrap_or_default();
        let mut inner = rest.split("{{").skip(1).map(|part| part.trim_start_matches(['-', ' ']));
        let mut body = inner.by_ref().take_while(|said| !said.starts_with("end"));
        body.any(|said| said.contains("toYaml") || said.contains("toJson"))
    }

    /// A value as a template prints it.
    fn plain(&self, key: &str, (item, path): (&Item, &[String]), place: Span) -> Content {
        let name = self.name_of(key, item, path);
        let (Value::Text(text), Some(span)) = (&item.value, item.span) else {
            // Go's format of other values is not the YAML of a file.
            let text = match &item.value {
                Value::Null => String::new(),
                Value::Text(text) => text.clone(),
                Value::Map(_) | Value::List(_) => "map[]".to_owned(),
                _ => render(item, place).text,
            };
            let pieces = vec![Piece::written(0..text.len(), item.span.unwrap_or(place))];
            return Content::Within { name, text, pieces, fault: None };
        };
        let file = self.loader.loaded.files.get(span.file);
        let outer = Outer::of(file.name.as_str(), span.file, &file.text);
        let pieces = block::pieces(outer, span, text);
        Content::Within { name, text: text.clone(), pieces, fault: None }
    }

    /// The name of the value of a key in the file that it is from.
    fn name_of(&self, key: &str, item: &Item, path: &[String]) -> SourceName {
        let span = item.beginning().or(item.span);
        let file = span.map(|span| self.loader.loaded.files.get(span.file).name.to_string());
        match file {
            Some(file) if !path.is_empty() => SourceName::within(&file, path.join(".")),
            _ => {
                let place = if path.is_empty() { key.to_owned() } else { path.join(".") };
                SourceName::within(self.template.name(), format!("{}:{place}", self.map))
            }
        }
    }

    fn within(&self, key: &str, text: String, place: Span) -> Content {
        let name = SourceName::within(self.template.name(), format!("{}:{key}", self.map));
        let pieces = vec![Piece::written(0..text.len(), place)];
        Content::Within { name, text, pieces, fault: None }
    }

    /// An entry with actions among its text: the text that they write. If that is unknown, it ends
    /// with an action here, unless what is around the actions cannot be read in any case.
    fn as_template(&self, entry: &Entry) -> Option<DataEntry> {
        let range = entry.item.span?.range();
        let end = self.blank_after(range.end.saturating_sub(1));
        let action = self.template.actions_in(range.start, end).next()?;
        let mut datum = DataEntry::clone(self.known.get(entry.key.as_str())?);
        if self.is_decided(range.start, end) {
            match self.written(&datum, range.start, end) {
                Some(content) => return Some(DataEntry { content, ..datum }),
                None if self.is_broken(&datum, range.start, end) => return Some(datum),
                None => {}
            }
        }
        if let Content::Within { text, pieces, .. } = &mut datum.content {
            let start = text.len();
            text.push_str(&action.written());
            text.push('\n');
            let Range { start: from, end } = action.range.clone();
            let place = Span::new(self.template.outer.file, from, end);
            pieces.push(Piece::written(start..text.len(), place));
        }
        Some(datum)
    }

    /// Whether no part of the template is left out or repeated as values decide.
    fn is_decided(&self, start: usize, end: usize) -> bool {
        let mut blocks = self.template.skeleton.undecided.iter();
        !blocks.any(|block| block.start < end && start < block.end)
    }

    /// A text with the words that its actions write. `None` if one of them is unknown.
    fn written(&self, datum: &DataEntry, start: usize, end: usize) -> Option<Content> {
        let Content::Within { name, text, pieces, fault } = &datum.content else { return None };
        let mut filled = Filled::default();
        let mut actions = self.template.actions_in(start, end).peekable();
        for line in pieces {
            let outer = line.outer.range();
            let mut from = outer.start;
            while let Some(action) = actions.next_if(|action| action.range.end <= outer.end) {
                filled.copy(text, line, from..action.range.start)?;
                let word = self.template.meaning(action).word()?;
                let place = Span::new(line.outer.file, action.range.start, action.range.end);
                filled.push(&quoted(&word, &action.said), place);
                from = action.range.end;
            }
            filled.copy(text, line, from..outer.end)?;
        }
        let (name, fault) = (name.clone(), fault.clone());
        let Filled { text, pieces } = filled;
        actions.next().is_none().then_some(Content::Within { name, text, pieces, fault })
    }

    /// Whether a text cannot be parsed, whatever words its actions write.
    fn is_broken(&self, datum: &DataEntry, start: usize, end: usize) -> bool {
        // Several lines at once.
        if self.template.actions_in(start, end).any(|action| action.said.contains("indent")) {
            return false;
        }
        let format = format_of(datum.likely_path()).unwrap_or(DataFormat::Yaml);
        let parsed = datum.text().map(|text| parse(FileId(0), format, text));
        parsed.is_some_and(|it| it.tree.is_none() || it.findings.iter().any(Finding::stops_start))
    }

    /// The entries that one action writes: files, or all values of a mapping.
    fn several(&self, action: &Action) -> Vec<DataEntry> {
        let place = Span::new(self.template.outer.file, action.range.start, action.range.end);
        match self.template.meaning(action) {
            Meaning::Files(names) => {
                let on_disk =
                    |name: String| DataEntry::on_disk(own_name(&name), name.clone(), place);
                names.into_iter().map(on_disk).collect()
            }
            Meaning::Value(item, path) | Meaning::Encoded(item, path) => {
                let encodes = self.encodes(action);
                let value = |entry: &Entry| {
                    let path = [&path[..], std::slice::from_ref(&entry.key)].concat();
                    let content = if encodes {
                        self.encoded(&entry.key, (&entry.item, &path), place)
                    } else {
                        self.plain(&entry.key, (&entry.item, &path), place)
                    };
                    DataEntry { key: entry.key.clone(), content, is_binary: false }
                };
                item.entries().iter().map(value).collect()
            }
            Meaning::File(_) | Meaning::Unknown => Vec::new(),
        }
    }
}

/// All of a text that cannot be read. It is checked as a config, which reports the error.
fn content_of(unread: &UnreadValues) -> Content {
    let (text, pieces) = (unread.text.clone(), unread.pieces.clone());
    Content::Within { name: SourceName::of_file(&unread.name), text, pieces, fault: None }
}

/// A text that is being put together.
#[derive(Default)]
struct Filled {
    text: String,
    pieces: Vec<Piece>,
}

impl Filled {
    /// Adds a part of a line, at this place of the template. `None` if it is not there word for word.
    fn copy(&mut self, around: &str, line: &Piece, part: Range<usize>) -> Option<()> {
        let outer = line.outer.range();
        let is_verbatim = !line.is_added && outer.len() == line.inner.len();
        let from = part.start.checked_sub(outer.start).filter(|_| is_verbatim)?;
        let until = part.end.checked_sub(outer.start)?;
        let text = around.get(line.inner.start + from..line.inner.start + until)?;
        self.push(text, Span::new(line.outer.file, part.start, part.end));
        Some(())
    }

    fn push(&mut self, text: &str, place: Span) {
        let start = self.text.len();
        self.text.push_str(text);
        self.pieces.push(Piece::written(start..self.text.len(), place));
    }
}

/// A word as its action writes it, which may put it in quotes.
fn quoted(word: &str, said: &str) -> String {
    match said.rsplit(['|', ' ']).next() {
        _ if said.starts_with("quote ") => format!("{word:?}"),
        Some("quote") => format!("{word:?}"),
        Some("squote") => format!("'{}'", word.replace('\'', "''")),
        _ => word.to_owned(),
    }
}

/// A part of a template without its actions.
fn without_actions(part: &str) -> String {
    super::skeleton(part, &|_, _| None).text
}
