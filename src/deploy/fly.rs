//! Fly.io: the app of a `fly.toml` that runs Refinery.
//!
//! Tables are those of Fly's app configuration: `[[files]]` puts files of the repository into the
//! machine. Must not resolve locations (`resolve` does).

use super::command::{Command, Word};
use super::compose::{as_service, open_built};
use super::content::{DataEntry, Group};
use super::loader::Loader;
use super::mount::{Mount, Mounted, Texts};
use super::resolve::resolve;
use super::workload::{Contents, Workload, pin_of_image};
use super::{Opened, Outer, UNCLEAR_COMMAND, at, list, word};
use crate::machine::Machine;
use crate::notice::Notice;
use crate::source_name::SourceName;
use crate::span::Piece;
use crate::syntax::{Entry, Item};
use crate::vfs::input_error::InputError;
use crate::vfs::path::{join, split};

/// Describes the deployment of each process that runs Refinery.
///
/// # Errors
/// A file that it names cannot be read.
pub fn open_app(
    outer: Outer<'_>,
    app: &Item,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    // Without files of its own, the app only pins the release of the files beside it, or runs an image
    // that is built with them.
    if list(app, "files").is_empty() {
        return open_build(outer, app, loader, opened);
    }
    let entries: Vec<DataEntry> =
        list(app, "files").iter().filter_map(|file| inline(outer, file)).collect();
    for (name, command) in commands_of(app) {
        let workload = workload(outer, app, name, command, &entries);
        if workload.runs_refinery() {
            opened.notices.extend(workload.notices.iter().cloned());
            opened.take(&workload, resolve(&workload, loader)?);
        }
    }
    Ok(())
}

/// The processes of an app by name, each with its command.
fn commands_of(app: &Item) -> Vec<(&str, Option<&Item>)> {
    match app.get("processes").map(Item::entries).unwrap_or_default() {
        [] => vec![("app", at(app, &["experimental", "cmd"]))],
        processes => {
            processes.iter().map(|entry| (entry.key.as_str(), Some(&entry.item))).collect()
        }
    }
}

/// Describes the deployments of an app whose image a Dockerfile builds.
fn open_build(
    outer: Outer<'_>,
    app: &Item,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    // What volumes hide is unknown.
    if at(app, &["build", "image"]).is_some() || app.get("mounts").is_some() {
        return Ok(());
    }
    let named = at(app, &["build", "dockerfile"]).and_then(word);
    let dockerfile = join(split(outer.name).0, named.as_deref().unwrap_or("Dockerfile"));
    let place = [app.get("build"), app.get("env")].into_iter().flatten().next().or(Some(app));
    let place = place.and_then(Item::beginning);
    for (name, command) in commands_of(app) {
        let settings = [
            ("environment", app.get("env").cloned()),
            ("command", command.cloned()),
            ("entrypoint", at(app, &["experimental", "entrypoint"]).cloned()),
        ];
        let item = as_service(settings, place);
        open_built(outer, &dockerfile, &item, name, loader, opened)?;
    }
    Ok(())
}

/// The content of a file that `raw_value` has in base64.
fn inline(outer: Outer<'_>, file: &Item) -> Option<DataEntry> {
    let key = file.get("guest_path").and_then(word)?;
    let entry = file.entry("raw_value")?;
    let entry = Entry { key, ..entry.clone() };
    let placed = |pieces: Vec<Piece>| pieces;
    Some(DataEntry::of(outer, "files", Group::Base64, &entry, &placed))
}

fn workload<'o>(
    outer: Outer<'_>,
    app: &Item,
    title: &str,
    command: Option<&Item>,
    entries: &'o [DataEntry],
) -> Workload<'o> {
    let name = SourceName::within(outer.name, title);
    let written = at(app, &["build", "image"]);
    let image = written.and_then(word).unwrap_or_default();
    let words = command.map(words).unwrap_or_default();
    let entrypoint = at(app, &["experimental", "entrypoint"]).map(words_of_list);
    let command = Command::of_container(entrypoint.as_deref(), &words);
    let unclear = (!command.is_whole).then(|| Notice::on(name.clone(), UNCLEAR_COMMAND));
    let variables = app.get("env").map(Item::entries).unwrap_or_default().iter();
    let variable =
        |entry: &Entry| (entry.key.clone(), Word { text: word(&entry.item), span: entry.key_span });
    let release = pin_of_image(&image, "its image");
    Workload {
        title: title.to_owned(),
        file: outer.file,
        place: written.and_then(|image| image.span),
        // Secrets of the app are variables too, but hardly name files.
        is_open: false,
        is_evident: true,
        contents: Contents::of(&image),
        is_partial: false,
        working_dir: None,
        variables: variables.map(variable).collect(),
        mounts: mounts(outer, app, entries),
        machine: Machine::default(),
        release: release.map(|pin| pin.at(written.and_then(|image| image.span))),
        findings: Vec::new(),
        notices: unclear.into_iter().collect(),
        name,
        image,
        command,
    }
}

fn words(command: &Item) -> Vec<Word> {
    match command.text() {
        Some(text) => {
            let words = shlex::split(text).unwrap_or_default().into_iter();
            words.map(|text| Word { text: Some(text), span: command.span }).collect()
        }
        None => words_of_list(command),
    }
}

fn words_of_list(list: &Item) -> Vec<Word> {
    let items = list.list().unwrap_or_default().iter();
    items.map(|item| Word { text: word(item), span: item.span }).collect()
}

fn mounts<'o>(outer: Outer<'_>, app: &Item, entries: &'o [DataEntry]) -> Vec<Mount<'o>> {
    let of_file = |file: &Item| {
        let target = join("/", &file.get("guest_path").and_then(word)?);
        let inline = entries.iter().find(|entry| join("/", &entry.key) == target);
        let what = match (file.get("local_path").and_then(word), inline) {
            (Some(path), _) => Mounted::Path(join(split(outer.name).0, &path)),
            (None, Some(entry)) => Mounted::Texts(Texts::of_one(entry)),
            (None, None) => Mounted::Unknown("it is a secret of the app".to_owned()),
        };
        Some(Mount { target, what, span: file.get("guest_path").and_then(|path| path.span) })
    };
    let volumes =
        app.get("mounts").map(|mounts| mounts.list().unwrap_or(std::slice::from_ref(mounts)));
    let of_volume = |volume: &Item| {
        let target = join("/", &volume.get("destination").and_then(word)?);
        let what = Mounted::Unknown("it is in a volume".to_owned());
        Some(Mount { target, what, span: volume.get("destination").and_then(|path| path.span) })
    };
    let files = list(app, "files").iter().filter_map(of_file);
    files.chain(volumes.unwrap_or_default().iter().filter_map(of_volume)).collect()
}
