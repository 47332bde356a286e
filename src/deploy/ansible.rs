//! Ansible tasks: their variables, `lookup`, and the containers that they start.
//!
//! Only strings that have one plain meaning are evaluated. Must not decide what is copied where.

use super::ansible_loop::unroll;
use super::ansible_template::{printed, render};
use super::chart::layers::Values;
use super::chart::render::{self, scalar};
use super::compose::open_container;
use super::copied::is_target_file;
use super::launch::LaunchSpec;
use super::loader::Loader;
use super::near::resolve;
use super::{EmbeddedFile, Opened, Outer, block};
use crate::schema::Kind;
use crate::sniff::file_name::{kind_of_name, without_template};
use crate::sniff::recognise::{Generation, Recognised};
use crate::source_name::SourceName;
use crate::span::{Piece, Span};
use crate::syntax::{DataFormat, Entry, Item, Value};
use crate::vfs::input_error::InputError;
use crate::vfs::path::{below, format_of, join, split, with_parents};
use std::collections::BTreeSet;

/// The maximum nesting depth of tasks, and of variables in variables.
const DEEPEST: usize = 16;

/// The maximum number of files with variables.
const MOST_FILES: usize = 200;

/// Folders with variables, beside a playbook, in a role or in an inventory.
pub const FOLDERS: [&str; 4] = ["defaults", "vars", "group_vars", "host_vars"];

/// Modules that start a container.
const CONTAINERS: [&str; 5] = [
    "docker_container",
    "community.docker.docker_container",
    "community.general.docker_container",
    "podman_container",
    "containers.podman.podman_container",
];

/// Opens a list of tasks or plays; returns it with what its variables and lookups mean. Contents that
/// are variables are opened here, wherever the variables are set.
///
/// # Errors
/// A file with variables cannot be read.
pub fn open_tasks(
    outer: Outer<'_>,
    mut document: Item,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<Item, InputError> {
    if document.list().is_none() {
        return Ok(document);
    }
    if outer.text.contains("{{") || outer.text.contains("template:") {
        let variables = Variables::read(outer, &document, loader)?;
        unroll(&mut document, &|name| variables.list(name), 0);
        variables.fill(outer, &mut document, 0, loader, opened);
        variables.render_templates(outer, &document, 0, loader)?;
    }
    let mut copies = Vec::new();
    find_copies(outer, &document, 0, loader, &mut copies);
    open_containers((outer, &copies), &document, 0, loader, opened)?;
    Ok(document)
}

/// The paths on the machine to which tasks copy files, and the files.
fn find_copies(
    outer: Outer<'_>,
    item: &Item,
    depth: usize,
    loader: &Loader<'_>,
    found: &mut Vec<(String, String)>,
) {
    for Entry { key, item, .. } in item.entries() {
        let is_copy = ["copy", "template"].contains(&module(key));
        let text = |key| item.get(key).and_then(Item::text);
        if let (true, Some(source), Some(target)) = (is_copy, text("src"), text("dest"))
            && let Some(name) = resolve(split(outer.name).0, source, loader.store)
        {
            let own = split(without_template(&name).unwrap_or(&name)).1;
            let target = if target.ends_with('/') { join(target, own) } else { target.to_owned() };
            found.push((target, name));
        }
    }
    let inner = item.entries().iter().map(|entry| &entry.item);
    for inner in inner.chain(item.list().unwrap_or_default()).filter(|_| depth < DEEPEST) {
        find_copies(outer, inner, depth + 1, loader, found);
    }
}

/// The name of a module without its collection.
fn module(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or_default()
}

/// A task with the files that are copied to the machine in place of their paths there.
fn with_copies(outer: Outer<'_>, task: &Item, copies: &[(String, String)]) -> Item {
    let mut task = task.clone();
    let up = "../".repeat(split(outer.name).0.split('/').filter(|part| !part.is_empty()).count());
    let volumes = task.entries_mut().iter_mut().filter(|entry| entry.key == "volumes");
    for entry in volumes {
        let Value::List(volumes) = &mut entry.item.value else { continue };
        let split = volumes.iter().flat_map(|volume| {
            let Some((source, target)) = volume.text().and_then(|text| text.split_once(':')) else {
                return vec![volume.clone()];
            };
            let copied = copies.iter().filter_map(|(path, name)| {
                let inner = below(path, source)?.trim_start_matches('/');
                let mount = target.split(':').next().unwrap_or_default();
                let target = if inner.is_empty() { target.to_owned() } else { join(mount, inner) };
                Some(Item::new(Value::Text(format!("./{up}{name}:{target}")), volume.span))
            });
            let copied: Vec<Item> = copied.collect();
            if copied.is_empty() { vec![volume.clone()] } else { copied }
        });
        *volumes = split.collect();
    }
    task
}

/// Opens the containers that tasks start.
fn open_containers(
    (outer, copies): (Outer<'_>, &[(String, String)]),
    item: &Item,
    depth: usize,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    for entry in item.entries() {
        if CONTAINERS.contains(&entry.key.as_str()) {
            let task = with_copies(outer, &entry.item, copies);
            open_container(outer, &task, Vec::new(), loader, opened)?;
        }
    }
    let inner = item.entries().iter().map(|entry| &entry.item);
    for inner in inner.chain(item.list().unwrap_or_default()).filter(|_| depth < DEEPEST) {
        open_containers((outer, copies), inner, depth + 1, loader, opened)?;
    }
    Ok(())
}

/// A variable and its values, each with the file that sets it.
pub struct Variable {
    pub name: String,
    pub item: Item,
    pub file: String,
}

struct Variables(Vec<Variable>);

impl Variables {
    /// The variables that tasks in a file may have: of the plays in it, and in files near it.
    fn read(
        outer: Outer<'_>,
        document: &Item,
        loader: &mut Loader<'_>,
    ) -> Result<Self, InputError> {
        let mut all = Vec::new();
        for play in document.list().unwrap_or_default() {
            all.extend(
                play.get("vars").map(|vars| variables(vars, outer.name)).unwrap_or_default(),
            );
        }
        for name in files_near(outer.name, loader) {
            if let Some(Ok(values)) = Values::read(name.clone(), loader)? {
                all.extend(variables(&values.item, &name));
            }
        }
        Ok(Self(all))
    }

    fn of<'v>(&'v self, name: &'v str) -> impl Iterator<Item = &'v Variable> {
        self.0.iter().filter(move |variable| variable.name == name)
    }

    /// The list that a variable is, if nothing overrides it.
    fn list(&self, name: &str) -> Option<Item> {
        let mut all = self.of(name);
        let item = all.next().map(|variable| &variable.item).filter(|_| all.next().is_none())?;
        item.list().and(Some(item.clone()))
    }

    /// Evaluates the strings below an item.
    fn fill(
        &self,
        outer: Outer<'_>,
        item: &mut Item,
        depth: usize,
        loader: &mut Loader<'_>,
        opened: &mut Opened,
    ) {
        if depth >= DEEPEST {
            return;
        }
        if let Some(read) = self.looked_up(outer, item, loader) {
            *item = read;
            return;
        }
        match &mut item.value {
            Value::Text(text) if text.contains("{{") => *text = self.filled(text, 0),
            Value::List(items) => {
                for item in items {
                    self.fill(outer, item, depth + 1, loader, opened);
                }
            }
            Value::Map(entries) => {
                self.open_content(outer, entries, loader, opened);
                for entry in entries {
                    self.fill(outer, &mut entry.item, depth + 1, loader, opened);
                }
            }
            _ => {}
        }
    }

    /// The text of the file that a value looks up, in that file.
    fn looked_up(&self, outer: Outer<'_>, item: &Item, loader: &mut Loader<'_>) -> Option<Item> {
        let path = self.filled(item.text().and_then(only_expression).and_then(lookup)?, 0);
        let name = resolve(split(outer.name).0, &path, loader.store)?;
        let (file, text) = loader.text_in_sight(&name).ok()??;
        let span = Span::new(file, 0, text.len());
        Some(Item::new(Value::Text(text), Some(span)))
    }

    /// Evaluates the content of a file: a lookup becomes the path that it reads, and a variable is
    /// opened as a file of each place that sets it.
    fn open_content(
        &self,
        outer: Outer<'_>,
        entries: &mut Vec<Entry>,
        loader: &Loader<'_>,
        opened: &mut Opened,
    ) {
        let Some(at) = entries.iter().position(|entry| entry.key == "content") else { return };
        let Some(expression) = entries[at].item.text().and_then(only_expression) else { return };
        if let Some(path) = lookup(expression) {
            entries[at].item.value = Value::Text(path.to_owned());
            "src".clone_into(&mut entries[at].key);
            return;
        }
        let path = entries.iter().find(|entry| matches!(entry.key.as_str(), "dest" | "path"));
        let path = path.and_then(|entry| entry.item.text()).unwrap_or_default();
        let path = self.filled(path, 0);
        let Some(kind) = kind_of_name(&path).filter(|_| is_target_file(&path)) else { return };
        let (name, filters) = expression.split_once('|').unwrap_or((expression, ""));
        let found =
            self.of(name.trim()).map(|variable| variable.file(&path, kind, filters, loader));
        let found: Option<Vec<EmbeddedFile>> = found.collect();
        let Some(found) = found.filter(|found| !found.is_empty()) else { return };
        let bond = format!("{}#{}", outer.name, outer.start);
        opened.parts.extend(found.into_iter().map(|file| {
            let bond = format!("{bond}#{}", file.name.file());
            EmbeddedFile { bond, ..file }
        }));
        entries.remove(at);
    }

    /// Renders the templates of tasks, as far as their variables are known.
    fn render_templates(
        &self,
        outer: Outer<'_>,
        item: &Item,
        depth: usize,
        loader: &mut Loader<'_>,
    ) -> Result<(), InputError> {
        for Entry { key, item, .. } in item.entries() {
            let source = item.get("src").and_then(Item::text).filter(|_| module(key) == "template");
            let name = source.and_then(|path| resolve(split(outer.name).0, path, loader.store));
            let Some(name) = name else { continue };
            if let Some((file, text)) =
                loader.text_in_sight(&name)?.filter(|it| it.1.contains("{{"))
                && let Some(rendered_text) = render(file, &text, &|name| self.agreed(name))
            {
                loader.loaded.rendered_texts.borrow_mut().insert(name, rendered_text);
            }
        }
        let inner = item.entries().iter().map(|entry| &entry.item);
        for inner in inner.chain(item.list().unwrap_or_default()).filter(|_| depth < DEEPEST) {
            self.render_templates(outer, inner, depth + 1, loader)?;
        }
        Ok(())
    }

    /// The value of a variable that is the same wherever it is set.
    fn agreed(&self, name: &str) -> Option<String> {
        let mut all = self.of(name).map(|variable| &variable.item);
        let first = all.next()?;
        let text = printed(first).filter(|_| all.all(|other| other.value == first.value))?;
        let text = self.filled(&text, 1);
        (!text.contains("{{")).then_some(text)
    }

    /// A string with the values of its variables. Those that are unknown stay.
    fn filled(&self, text: &str, depth: usize) -> String {
        let (mut filled, mut rest) = (String::new(), text);
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((inside, after)) = after.split_once("}}") else { break };
            filled.push_str(before);
            let value = self.value(inside.trim(), depth);
            filled.push_str(&value.unwrap_or_else(|| format!("{{{{{inside}}}}}")));
            rest = after;
        }
        filled + rest
    }

    fn value(&self, name: &str, depth: usize) -> Option<String> {
        match name {
            // Where a path starts that is relative to a playbook or a role.
            "playbook_dir" => return Some(".".to_owned()),
            "role_path" => return Some("..".to_owned()),
            _ => {}
        }
        let item = &self.of(name).next().filter(|_| depth < DEEPEST)?.item;
        let text = item.text().map(str::to_owned).or_else(|| scalar(&item.value))?;
        let text = self.filled(&text, depth + 1);
        (!text.contains('\n')).then_some(text)
    }
}

impl Variable {
    /// The file that is written with the variable; `None` if its filters may change it.
    pub fn file(
        &self,
        path: &str,
        kind: Kind,
        filters: &str,
        loader: &Loader<'_>,
    ) -> Option<EmbeddedFile> {
        const ENCODERS: [&str; 4] = ["to_nice_yaml", "to_yaml", "to_nice_json", "to_json"];
        const NEUTRAL: [&str; 4] = ["trim", "string", "indent", "default"];
        let filters = filters.split('|').map(str::trim).filter(|filter| !filter.is_empty());
        let names: Vec<&str> =
            filters.map(|filter| filter.split('(').next().unwrap_or_default().trim()).collect();
        let is_encoded = names.iter().any(|name| ENCODERS.contains(name));
        let is_known = |name: &&str| ENCODERS.contains(name) || NEUTRAL.contains(name);
        names.iter().all(is_known).then_some(())?;
        let span = self.item.span.or_else(|| self.item.beginning())?;
        let (text, pieces) = match &self.item.value {
            Value::Text(text) if !is_encoded => {
                let file = loader.loaded.files.get(span.file);
                let outer = Outer::of(&self.file, span.file, &file.text);
                (text.clone(), block::pieces(outer, span, text))
            }
            // Without a filter a mapping is printed as Python does, which is JSON except for its words.
            Value::Null => (String::new(), vec![Piece::written(0..0, span)]),
            _ => {
                let rendered = render::render(&self.item, span);
                (rendered.text, rendered.pieces)
            }
        };
        Some(EmbeddedFile {
            name: SourceName::within(&self.file, &self.name),
            recognised: Recognised { kind, generation: Generation::Second },
            format: format_of(path),
            text,
            pieces,
            bond: String::new(),
            launch: LaunchSpec::default(),
            file: span.file,
            fault: None,
        })
    }
}

fn variables(item: &Item, file: &str) -> Vec<Variable> {
    let variable = |entry: &Entry| {
        let mut item = entry.item.clone();
        item.span = item.span.or(entry.key_span);
        Variable { name: entry.key.clone(), item, file: file.to_owned() }
    };
    item.entries().iter().map(variable).collect()
}

/// The files with variables around a file: those of its role, of the folders above, and of
/// inventories in these.
fn files_near(name: &str, loader: &Loader<'_>) -> BTreeSet<String> {
    let own = split(name).0;
    let above = with_parents(own);
    let is_inventory = |name: &String| {
        let own = split(name).1;
        own.starts_with("inventor") || own == "environments" || own == "envs"
    };
    let mut folders: Vec<String> = above.take(DEEPEST).map(str::to_owned).collect();
    for folder in folders.clone() {
        let inner = loader.names(&folder).into_iter().map(|name| join(&folder, &name));
        for inventory in inner.filter(is_inventory).filter(|name| loader.is_folder(name)) {
            let names = loader.names(&inventory).into_iter().map(|name| join(&inventory, &name));
            folders.extend(names.filter(|name| loader.is_folder(name)));
            folders.push(inventory);
        }
    }
    let mut files = BTreeSet::new();
    for folder in folders.iter().flat_map(|folder| FOLDERS.map(|inner| join(folder, inner))) {
        add_files(&folder, 0, loader, &mut files);
    }
    files.into_iter().take(MOST_FILES).collect()
}

fn add_files(folder: &str, depth: usize, loader: &Loader<'_>, files: &mut BTreeSet<String>) {
    const INNER: usize = 2;
    for path in loader.names(folder).iter().map(|name| join(folder, name)) {
        if loader.is_folder(&path) {
            if depth < INNER {
                add_files(&path, depth + 1, loader, files);
            }
        } else if format_of(&path) == Some(DataFormat::Yaml) {
            files.insert(path);
        }
    }
}

/// The expression that a string consists of.
fn only_expression(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    (!inner.contains("{{")).then(|| inner.trim())
}

/// The path of the file that an expression reads.
fn lookup(expression: &str) -> Option<&str> {
    let (function, rest) = expression.split_once('(')?;
    ["lookup", "query"].contains(&function.trim()).then_some(())?;
    let (arguments, after) = rest.rsplit_once(')')?;
    after.trim().is_empty().then_some(())?;
    let mut words = arguments.split(',').map(|word| word.trim().trim_matches(['"', '\'']));
    let plugin = words.next()?.rsplit('.').next()?;
    ["file", "template"].contains(&plugin).then_some(())?;
    words.next().filter(|path| !path.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::read_item;
    use crate::span::FileId;

    #[test]
    fn reads_lookups() {
        for (expression, expected) in [
            ("lookup('file', 'a.yaml')", Some("a.yaml")),
            ("lookup(\"ansible.builtin.template\", 'a.j2')", Some("a.j2")),
            ("lookup('env', 'A')", None),
            ("lookup('file', 'a') | trim", None),
            ("a", None),
        ] {
            assert_eq!(lookup(expression), expected, "{expression}");
        }
    }

    #[test]
    fn fills_variables() {
        let item = read_item(FileId(0), "a: x\nb: '{{ a }}/y'\nc: 1\nd: {e: f}\n").unwrap();
        let variables = Variables(variables(&item, "v.yml"));
        for (text, expected) in [
            ("{{ a }}", "x"),
            ("{{ b }}/{{c}}", "x/y/1"),
            ("{{ d }} {{ e }}", "{{ d }} {{ e }}"),
            ("{{ playbook_dir }}/z", "./z"),
            ("{{ open", "{{ open"),
        ] {
            assert_eq!(variables.filled(text, 0), expected, "{text}");
        }
    }
}
