//! Amazon ECS: containers of task definitions that run Refinery.
//!
//! Fields are those of `RegisterTaskDefinition` in the Amazon ECS API reference, in the spelling of
//! JSON, `CloudFormation` or Terraform. A volume of a task is on a machine or in a file system,
//! never in the repository. Must not resolve locations (`resolve` does).

use super::chart::items::map;
use super::command::{Command, Word};
use super::compose::{as_service, only_image, open_built};
use super::loader::Loader;
use super::mount::{Mount, Mounted};
use super::resolve::resolve;
use super::workload::{Contents, Workload, is_official, is_refinery, pin_of_image};
use super::{Opened, Outer, word};
use crate::deploy::UNCLEAR_COMMAND;
use crate::machine::Machine;
use crate::notice::Notice;
use crate::release::Pin;
use crate::schema::Kind;
use crate::source_name::SourceName;
use crate::syntax::{Entry, Item, Value};
use crate::value::Duration;
use crate::vfs::input_error::InputError;
use crate::vfs::path::{join, split};
use std::collections::BTreeMap;

/// The maximum nesting depth at which task definitions are found.
const DEEPEST: usize = 8;

/// How long ECS waits for a process to stop.
const GRACE: Duration = Duration(30_000_000_000);

/// The `cpu` units of one processor.
const CPU_UNITS: u32 = 1024;

/// Describes the deployments of all containers that run Refinery.
///
/// # Errors
/// A file that it names cannot be read.
pub fn open_tasks(
    outer: Outer<'_>,
    item: &Item,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    let mut tasks = Vec::new();
    find_tasks(item, 0, &mut tasks);
    for task in tasks {
        let containers = field(task, "containerDefinitions").and_then(Item::list);
        for container in containers.unwrap_or_default() {
            let workload = workload(outer, task, container);
            if open_image(outer, container, &workload, loader, opened)? {
                continue;
            }
            if runs_refinery(&workload) {
                opened.notices.extend(workload.notices.iter().cloned());
                opened.take(&workload, resolve(&workload, loader)?);
            }
        }
    }
    Ok(())
}

fn find_tasks<'i>(item: &'i Item, depth: usize, tasks: &mut Vec<&'i Item>) {
    if field(item, "containerDefinitions").is_some() {
        tasks.push(item);
    } else if depth < DEEPEST {
        let inner = item.entries().iter().map(|entry| &entry.item);
        for inner in inner.chain(item.list().unwrap_or_default()) {
            find_tasks(inner, depth + 1, tasks);
        }
    }
}

/// Describes the deployment of a container with a custom image, if it is the one that a Dockerfile
/// beside the task builds. Returns whether it is.
fn open_image(
    outer: Outer<'_>,
    container: &Item,
    workload: &Workload<'_>,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<bool, InputError> {
    let is_own = !is_official(&workload.image)
        && workload.release.as_ref().is_none_or(|pin| !pin.is_first_generation());
    let is_ours = is_refinery(&workload.image) || workload.title.contains("refinery");
    if !is_own || !is_ours || !workload.mounts.is_empty() {
        return Ok(false);
    }
    let Some(dockerfile) = only_image(split(outer.name).0, loader) else { return Ok(false) };
    let variables = workload.variables.iter().map(|(name, word)| Entry {
        key: name.clone(),
        key_span: word.span,
        item: value_of(word),
    });
    let settings = [
        ("environment", Some(map(variables.collect()))),
        ("command", field(container, "command").cloned()),
        ("entrypoint", field(container, "entryPoint").cloned()),
    ];
    let item = as_service(settings, workload.place);
    open_built(outer, &dockerfile, &item, &workload.title, loader, opened)
}

/// The value of a variable; null if it is unknown.
fn value_of(word: &Word) -> Item {
    Item::new(word.text.clone().map_or(Value::Null, Value::Text), word.span)
}

/// Whether a container runs Refinery: by its official image or, for other images of that name, by
/// the files that it names.
fn runs_refinery(workload: &Workload<'_>) -> bool {
    let has_variable = |kind: &Kind| workload.variables.contains_key(kind.locating().variable);
    is_official(&workload.image)
        || workload.release.as_ref().is_some_and(Pin::is_first_generation)
        || is_refinery(&workload.image)
            && (workload.command.names_any() || Kind::ALL.iter().any(has_variable))
}

fn workload<'o>(outer: Outer<'_>, task: &Item, container: &Item) -> Workload<'o> {
    let text = |key| field(container, key).and_then(known);
    let title = text("name").unwrap_or("?".to_owned());
    let name = SourceName::within(outer.name, &title);
    let image = text("image").unwrap_or_default();
    let written = field(container, "image").and_then(|image| image.span);
    let release = pin_of_image(&image, "its image").map(|pin| pin.at(written));
    let mut notices = Vec::new();
    let entrypoint = field(container, "entryPoint").map(words).filter(|words| !words.is_empty());
    let arguments = field(container, "command").map(words).unwrap_or_default();
    let command = Command::of_container(entrypoint.as_deref(), &arguments);
    if !command.is_whole {
        notices.push(Notice::on(name.clone(), UNCLEAR_COMMAND));
    }
    Workload {
        title,
        file: outer.file,
        place: field(container, "name").and_then(|item| item.span).or(container.beginning()),
        is_open: !listed(container, "environmentFiles").is_empty(),
        is_evident: true,
        contents: Contents::of(&image),
        is_partial: false,
        working_dir: text("workingDirectory"),
        variables: variables(container),
        mounts: mounts(container),
        machine: machine(task, container),
        release,
        findings: Vec::new(),
        name,
        image,
        command,
        notices,
    }
}

/// Finds a field in the spelling of JSON, `CloudFormation` (`ContainerDefinitions`) or Terraform
/// (`container_definitions`).
fn field<'i>(item: &'i Item, name: &str) -> Option<&'i Item> {
    let is_it = |key: &str| {
        let plain = key.chars().filter(|&c| c != '_');
        plain.flat_map(char::to_lowercase).eq(name.chars().flat_map(char::to_lowercase))
    };
    item.entries().iter().find(|entry| is_it(&entry.key)).map(|entry| &entry.item)
}

fn listed<'i>(item: &'i Item, name: &str) -> &'i [Item] {
    field(item, name).and_then(Item::list).unwrap_or_default()
}

/// The string of a scalar; `None` if it is an expression of `CloudFormation` or Terraform.
fn known(item: &Item) -> Option<String> {
    word(item).filter(|text| !text.contains("${"))
}

fn words(list: &Item) -> Vec<Word> {
    let is_known = |part: &str| !part.contains("${");
    let word_of = |item: &Item| match word(item) {
        Some(text) => Word::several(&text, item.span, is_known),
        None => vec![Word { text: None, span: item.span }],
    };
    match &list.value {
        Value::List(items) => items.iter().flat_map(word_of).collect(),
        Value::Null => Vec::new(),
        _ => vec![Word { text: None, span: list.span }],
    }
}

/// The variables of `environment`, and of `secrets`, whose values are unknown.
fn variables(container: &Item) -> BTreeMap<String, Word> {
    let pair = |item: &Item, text: Option<String>| {
        Some((field(item, "name").and_then(known)?, Word { text, span: item.beginning() }))
    };
    let plain = listed(container, "environment").iter();
    let plain = plain.filter_map(|item| pair(item, field(item, "value").and_then(known)));
    let secrets = listed(container, "secrets").iter().filter_map(|item| pair(item, None));
    plain.chain(secrets).collect()
}

fn mounts<'o>(container: &Item) -> Vec<Mount<'o>> {
    let of_volume = |item: &Item| {
        let name = field(item, "sourceVolume").and_then(known).unwrap_or_default();
        let target = field(item, "containerPath").and_then(known).unwrap_or_default();
        let what = Mounted::Unknown(format!("it is in the volume `{name}`"));
        Mount { target: join("/", &target), what, span: item.beginning() }
    };
    let of_others = |item: &Item| {
        let what = Mounted::Unknown("`volumesFrom` may provide it".to_owned());
        Mount { target: "/".to_owned(), what, span: item.beginning() }
    };
    let volumes = listed(container, "mountPoints").iter().map(of_volume);
    volumes.chain(listed(container, "volumesFrom").iter().map(of_others)).collect()
}

/// The limits of a container, or else of its task. `cpu` of a container is only a share, not a
/// limit.
fn machine(task: &Item, container: &Item) -> Machine {
    let of = |item, key| field(item, key).and_then(known);
    let memory = of(container, "memory").or_else(|| of(task, "memory"));
    let grace = of(container, "stopTimeout").and_then(|text| text.parse::<u32>().ok());
    Machine {
        memory: memory.and_then(|text| bytes(&text)),
        cores: of(task, "cpu").and_then(|text| processors(&text)),
        grace: Some(grace.map_or(GRACE, |seconds| Duration(i64::from(seconds) * 1_000_000_000))),
        ..Machine::default()
    }
}

/// Parses memory in MiB, or with a unit, such as `2 GB`.
fn bytes(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_uppercase();
    let (number, unit) = match text.strip_suffix("GB") {
        Some(number) => (number, 1 << 30),
        None => (text.as_str(), 1 << 20),
    };
    number.trim().parse::<u64>().ok()?.checked_mul(unit).filter(|&bytes| bytes > 0)
}

/// Parses processors in `cpu` units, or as `2 vCPU`.
fn processors(text: &str) -> Option<u32> {
    let text = text.trim().to_ascii_lowercase();
    let units = match text.strip_suffix("vcpu") {
        Some(count) => {
            let (whole, part) = count.trim().split_once('.').unwrap_or((count.trim(), "0"));
            let is_part = part.bytes().all(|digit| digit.is_ascii_digit());
            let whole = whole.parse::<u32>().ok().filter(|_| is_part)?.checked_mul(CPU_UNITS)?;
            whole.checked_add(u32::from(part.bytes().any(|digit| digit != b'0')))?
        }
        None => text.parse().ok()?,
    };
    Some(units.div_ceil(CPU_UNITS)).filter(|&count| count > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::read_item;
    use crate::span::FileId;

    #[test]
    fn limits_of_a_container_override_those_of_its_task() {
        let read = |text: &str| {
            let task = read_item(FileId(0), text).unwrap();
            let container = listed(&task, "containerDefinitions")[0].clone();
            let Machine { memory, cores, grace, .. } = machine(&task, &container);
            (memory.map(|bytes| bytes >> 20), cores, grace.map(|grace| grace.0 / 1_000_000_000))
        };
        let task =
            |own: &str| format!("{{cpu: '2048', memory: 4 GB, containerDefinitions: [{{{own}}}]}}");
        assert_eq!(read(&task("cpu: 256")), (Some(4096), Some(2), Some(30)));
        assert_eq!(read(&task("memory: 512, stopTimeout: 90")), (Some(512), Some(2), Some(90)));
        assert_eq!(read("{containerDefinitions: [{}]}"), (None, None, Some(30)));
    }

    #[test]
    fn parses_limits_in_both_forms() {
        for (text, expected) in [
            ("512", Some(512 << 20)),
            ("2GB", Some(2 << 30)),
            ("2 gb", Some(2 << 30)),
            ("x", None),
            ("0", None),
        ] {
            assert_eq!(bytes(text), expected, "{text}");
        }
        for (text, expected) in [
            ("256", Some(1)),
            ("1024", Some(1)),
            ("1025", Some(2)),
            ("2 vCPU", Some(2)),
            ("0.5 vCPU", Some(1)),
            ("1.5vcpu", Some(2)),
            ("0", None),
            ("x", None),
        ] {
            assert_eq!(processors(text), expected, "{text}");
        }
    }
}
