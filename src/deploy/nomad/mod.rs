//! Nomad: tasks of jobs that run Refinery.
//!
//! Fields are those of Nomad's job specification. A template is a file in the folder of its task, which
//! is mounted as `/local`, `/secrets` and `/alloc` in containers. Must not resolve locations
//! (`resolve` does).

mod json;

use crate::deploy::command::{Command, Word};
use crate::deploy::content::{Content, DataEntry};
use crate::deploy::hcl::paths::file_named;
use crate::deploy::loader::Loader;
use crate::deploy::mount::{Mount, Mounted, Texts};
use crate::deploy::resolve::resolve;
use crate::deploy::workload::{Contents, Workload, pin_of_image};
use crate::deploy::{Opened, Outer, UNCLEAR_COMMAND, block, word};
use crate::machine::Machine;
use crate::notice::Notice;
use crate::source_name::SourceName;
use crate::syntax::{Entry, Item, Value};
use crate::value::Duration;
use crate::vfs::input_error::InputError;
use crate::vfs::path::{below, join};
use std::collections::BTreeMap;

/// How long Nomad waits for a process to stop.
const GRACE: Duration = Duration(5_000_000_000);

/// The folders of a task, by the variables that name them.
const FOLDERS: [(&str, &str); 3] = [
    ("NOMAD_TASK_DIR", "/local"),
    ("NOMAD_SECRETS_DIR", "/secrets"),
    ("NOMAD_ALLOC_DIR", "/alloc"),
];

/// A template of a task: where it is, relative to the folder of the task, and its content.
struct Template {
    destination: String,
    content: Option<DataEntry>,
}

/// A task, and the items that describe it.
struct Task<'i> {
    name: String,
    place: &'i Entry,
    body: &'i Item,
    group: &'i Item,
}

/// Describes the deployments of all tasks that run Refinery.
///
/// # Errors
/// A file that it names cannot be read.
pub fn open_jobs(
    outer: Outer<'_>,
    document: &Item,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    for task in tasks(document) {
        let templates = task.templates(outer, loader);
        let workload = task.workload(outer, &templates);
        if workload.runs_refinery() {
            opened.notices.extend(workload.notices.iter().cloned());
            opened.take(&workload, resolve(&workload, loader)?);
        }
    }
    Ok(())
}

/// The same for a job in the form of Nomad's API.
///
/// # Errors
/// A file that it names cannot be read.
pub fn open_json(
    outer: Outer<'_>,
    document: &Item,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    json::read(document).map_or(Ok(()), |job| open_jobs(outer, &job, loader, opened))
}

/// `job "…" { group "…" { task "…" { … } } }`.
fn tasks(document: &Item) -> Vec<Task<'_>> {
    let jobs = labelled(document, "job");
    let groups = jobs.iter().flat_map(|(_, job)| labelled(job, "group"));
    let of_group = |(_, group)| {
        let tasks = labelled(group, "task").into_iter();
        tasks.map(move |(place, body)| Task { name: place.key.clone(), place, body, group })
    };
    groups.flat_map(of_group).collect()
}

/// The blocks of a name, with their labels.
fn labelled<'i>(item: &'i Item, name: &str) -> Vec<(&'i Entry, &'i Item)> {
    let labels = item.get(name).map(Item::entries).unwrap_or_default();
    let of =
        |entry: &'i Entry| entry.item.list().unwrap_or_default().iter().map(move |b| (entry, b));
    labels.iter().flat_map(of).collect()
}

/// The blocks of a name without labels.
fn blocks<'i>(item: &'i Item, name: &str) -> &'i [Item] {
    match item.get(name) {
        Some(found) => found.list().unwrap_or(std::slice::from_ref(found)),
        None => &[],
    }
}

/// The attribute of the first block.
fn setting<'i>(item: &'i Item, name: &str, key: &str) -> Option<&'i Item> {
    blocks(item, name).iter().find_map(|block| block.get(key))
}

/// The text of a scalar, with the folders of the task in place of their variables; `None` if it
/// depends on anything else.
fn known(item: &Item) -> Option<String> {
    let fill =
        |text: String, (name, folder): &(&str, &str)| text.replace(&format!("${{{name}}}"), folder);
    word(item).map(|text| FOLDERS.iter().fold(text, fill)).filter(|text| !text.contains("${"))
}

fn words(list: Option<&Item>) -> Vec<Word> {
    let word_of = |item: &Item| match word(item) {
        Some(text) => {
            let text = known(item).unwrap_or(text);
            Word::several(&text, item.span, |part| !part.contains("${"))
        }
        None => vec![Word { text: None, span: item.span }],
    };
    match list.map(|list| &list.value) {
        Some(Value::List(items)) => items.iter().flat_map(word_of).collect(),
        Some(Value::Null) | None => Vec::new(),
        Some(_) => vec![Word { text: None, span: list.and_then(|list| list.span) }],
    }
}

impl Task<'_> {
    fn templates(&self, outer: Outer<'_>, loader: &Loader<'_>) -> Vec<Template> {
        let blocks = blocks(self.body, "template").iter();
        let template = |block: &Item| {
            let destination = block.get("destination").and_then(known)?;
            let content = block.get("data").and_then(|data| {
                let (text, span) = data.text().zip(data.span)?;
                if span.file != outer.file {
                    let name = loader.loaded.files.get(span.file).name.to_string();
                    return Some(DataEntry::on_disk(&destination, name, block.beginning()?));
                }
                if let Some(name) = file_named(outer, text) {
                    return Some(DataEntry::on_disk(&destination, name, span));
                }
                let name = SourceName::within(outer.name, format!("{}.{destination}", self.name));
                let (text, pieces) = (text.to_owned(), block::pieces(outer, span, text));
                let content = Content::Within { name, text, pieces, fault: None };
                Some(DataEntry { key: destination.clone(), content, is_binary: false })
            });
            Some(Template { destination, content })
        };
        blocks.filter_map(template).collect()
    }

    fn workload<'o>(&self, outer: Outer<'_>, templates: &'o [Template]) -> Workload<'o> {
        let config = |key: &str| setting(self.body, "config", key);
        let image = config("image").and_then(known).unwrap_or_default();
        let is_container = !image.is_empty();
        let entrypoint = Some(words(config("entrypoint"))).filter(|words| !words.is_empty());
        let command =
            config("command").map(|command| Word { text: known(command), span: command.span });
        let words = [command.into_iter().collect(), words(config("args"))].concat();
        let command = Command::of_container(entrypoint.as_deref(), &words);
        let name = SourceName::within(outer.name, &self.name);
        let unclear = (!command.is_whole).then(|| Notice::on(name.clone(), UNCLEAR_COMMAND));
        let release = pin_of_image(&image, "its image");
        let span = config("image").and_then(|image| image.span);
        let sets_variables = |block: &Item| {
            matches!(block.get("env").map(|env| &env.value), Some(Value::Bool(true)))
        };
        let has_variables = blocks(self.body, "template").iter().any(sets_variables);
        Workload {
            title: self.name.clone(),
            file: outer.file,
            place: self.place.key_span,
            is_open: has_variables || self.body.get("vault").is_some(),
            is_evident: true,
            contents: Contents::of(&image),
            is_partial: self.body.get("artifact").is_some(),
            working_dir: config("work_dir")
                .and_then(known)
                .or((!is_container).then(|| "/".to_owned())),
            variables: self.variables(),
            mounts: self.mounts(templates),
            machine: self.machine(),
            release: release.map(|pin| pin.at(span)),
            findings: Vec::new(),
            notices: unclear.into_iter().collect(),
            name,
            image,
            command,
        }
    }

    fn variables(&self) -> BTreeMap<String, Word> {
        let entries = blocks(self.body, "env").iter().flat_map(Item::entries);
        let word = |entry: &Entry| {
            (entry.key.clone(), Word { text: known(&entry.item), span: entry.key_span })
        };
        entries.map(word).collect()
    }

    /// Templates, then what `volumes`, `mount` and `volume_mount` put elsewhere.
    fn mounts<'o>(&self, templates: &'o [Template]) -> Vec<Mount<'o>> {
        let what = |template: &'o Template| match &template.content {
            Some(content) => Mounted::Texts(Texts::of_one(content)),
            None => Mounted::Unknown("its template is outside this file".to_owned()),
        };
        let own = templates.iter().map(|template| {
            let target = join("/", &template.destination);
            Mount { target, what: what(template), span: None }
        });
        // A mounted folder has the templates in it.
        let bound = |source: &str, target: String| {
            let (source, target) = (join("/", source), join("/", &target));
            let inside = templates.iter().filter_map(|template| {
                let destination = join("/", &template.destination);
                let target = join(&target, below(&destination, &source)?.trim_start_matches('/'));
                Some(Mount { target, what: what(template), span: None })
            });
            let inside: Vec<Mount<'_>> = inside.collect();
            let is_whole = inside.iter().any(|mount| mount.target == target);
            let what = Mounted::Unknown(format!("`{source}` is in the folder of the task"));
            let folder = (!is_whole).then_some(Mount { target, what, span: None });
            folder.into_iter().chain(inside)
        };
        let volumes = setting(self.body, "config", "volumes").and_then(Item::list);
        let volumes = volumes.unwrap_or_default().iter().filter_map(|volume| {
            let volume = known(volume)?;
            let mut parts = volume.split(':');
            Some(bound(parts.next()?, parts.next()?.to_owned()))
        });
        let volumes = volumes.flatten();
        let configs = blocks(self.body, "config").iter();
        let binds =
            configs.flat_map(|config| [blocks(config, "mount"), blocks(config, "mounts")].concat());
        let binds = binds.filter_map(|bind| {
            let target = bind.get("target").and_then(known)?;
            Some(bound(&bind.get("source").and_then(known).unwrap_or_default(), target))
        });
        let binds = binds.flatten();
        let others = blocks(self.body, "volume_mount").iter().filter_map(|mount| {
            let target = mount.get("destination").and_then(known)?;
            let name = mount.get("volume").and_then(known).unwrap_or_default();
            let what = Mounted::Unknown(format!("it is in the volume `{name}`"));
            Some(Mount { target, what, span: None })
        });
        own.chain(volumes).chain(binds).chain(others).collect()
    }

    fn machine(&self) -> Machine {
        let number = |name, key| setting(self.body, name, key).and_then(known)?.parse::<u64>().ok();
        let memory = number("resources", "memory_max").or_else(|| number("resources", "memory"));
        let grace = self.body.get("kill_timeout").and_then(known);
        Machine {
            memory: memory.and_then(|mib| mib.checked_mul(1 << 20)),
            cores: number("resources", "cores").and_then(|count| u32::try_from(count).ok()),
            grace: grace.map_or(Some(GRACE), |text| Duration::parse(&text).ok()),
            replicas: self.group.get("count").and_then(known).and_then(|text| text.parse().ok()),
            ..Machine::default()
        }
    }
}
