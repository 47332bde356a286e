//! The mounts of a service.
//!
//! Must not open files.

use super::words::{known, several};
use crate::deploy::content::{Content, DataEntry};
use crate::span::Span;
use crate::syntax::{Item, Value};
use crate::vfs::path::join;
use std::rc::Rc;

/// A mount of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// A folder or file of the container; `/` if unknown.
    pub target: String,
    pub what: Mounted,
    pub span: Option<Span>,
    /// The key of the service that declares it; empty if its image provides it.
    pub key: &'static str,
}

/// What is mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mounted {
    /// A file or folder, named like all files of a run.
    Path(String),
    /// An element of the top-level `configs`, `secrets` or `volumes`.
    Definition(&'static str, String),
    /// A file in its Dockerfile.
    Text(Rc<DataEntry>),
    /// A file that `by` excludes from the build context. The build fails if the file is named.
    Excluded { name: String, by: String, is_named: bool },
    /// A file that is copied together with others to this path, which is not a folder.
    NotInFolder(String),
    /// Why its content is unknown.
    Unknown(String),
}

/// All mounts of a service in a project in this folder, in order.
pub fn mounts(service: &Item, folder: &str) -> Vec<Mount> {
    let all = |key| service.get(key).map(several).unwrap_or_default();
    let under = |key| move |mount: Mount| Mount { key, ..mount };
    let volumes = all("volumes").iter().map(|item| volume(item, folder)).map(under("volumes"));
    let section = ["configs", "secrets"].into_iter();
    let section =
        section.flat_map(|key| all(key).iter().map(move |item| use_of(key, item)).map(under(key)));
    let empty = all("tmpfs").iter().map(|item| {
        let target = known(item).map(|text| text.split(':').next().unwrap_or_default().to_owned());
        Mount::new(item, target, Mounted::Unknown("it is a tmpfs mount".to_owned()))
    });
    let empty = empty.map(under("tmpfs"));
    let of_others = all("volumes_from").iter().map(|item| {
        Mount::new(item, None, Mounted::Unknown("`volumes_from` may provide it".to_owned()))
    });
    let of_others = of_others.map(under("volumes_from"));
    volumes.chain(section).chain(empty).chain(of_others).collect()
}

impl Mount {
    /// A file that is copied to the path that is its key.
    pub fn of_copy(entry: DataEntry) -> Self {
        let target = join("/", &entry.key);
        let (what, span) = match &entry.content {
            Content::File { name, named } => (Mounted::Path(name.clone()), Some(*named)),
            _ => (Mounted::Text(Rc::new(entry)), None),
        };
        Self { target, what, span, key: "" }
    }

    /// With an unknown target the mount may be anywhere.
    fn new(item: &Item, target: Option<String>, what: Mounted) -> Self {
        let span = item.beginning();
        let target = target.filter(|target| target.starts_with('/'));
        let what = match what {
            Mounted::Path(_) | Mounted::Definition(..) if target.is_none() => {
                Mounted::Unknown(depends_on(item))
            }
            what => what,
        };
        Self { target: join("/", &target.unwrap_or_default()), what, span, key: "" }
    }
}

fn volume(item: &Item, folder: &str) -> Mount {
    let Value::Map(_) = item.value else { return short_volume(item, folder) };
    let text = |key| item.get(key).and_then(known);
    let source = match (text("type").as_deref(), item.get("source")) {
        (Some("bind"), Some(source)) => path_of(source, folder),
        (Some("tmpfs"), _) => Mounted::Unknown("it is a tmpfs mount".to_owned()),
        (_, source) => volume_named(&source.and_then(known).unwrap_or_default()),
    };
    Mount::new(item, text("target"), source)
}

/// `source:target:options`, or only a target.
fn short_volume(item: &Item, folder: &str) -> Mount {
    let text = item.text().unwrap_or_default();
    let parts = split(text);
    let target =
        |at: usize| parts.get(at).filter(|part| !is_open(item, part)).map(ToString::to_string);
    let Some(source) = parts.first().filter(|_| parts.len() > 1) else {
        return Mount::new(item, target(0), volume_named(""));
    };
    let what = match source.chars().next() {
        _ if is_open(item, source) => match from_here(source) {
            Some(path) => host_path(&path, folder),
            None => Mounted::Unknown(depends_on(item)),
        },
        Some('.' | '/' | '~') => host_path(source, folder),
        _ if source.contains(':') => Mounted::Unknown(outside(source)),
        _ => volume_named(source),
    };
    Mount::new(item, target(1), what)
}

/// Whether a part of a string depends on an unknown variable.
fn is_open(item: &Item, part: &str) -> bool {
    !item.unknown.is_empty() && part.contains('$')
}

/// Splits at colons, except in braces and after a drive letter.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut open) = (Vec::new(), 0, 0_u32);
    for (at, c) in text.char_indices() {
        match c {
            '{' => open += 1,
            '}' => open = open.saturating_sub(1),
            ':' if open == 0 && !is_drive(&text[start..at]) => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn is_drive(part: &str) -> bool {
    part.len() == 1 && part.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// Resolves a path in a project in this folder.
pub fn path_of(item: &Item, folder: &str) -> Mounted {
    let path = known(item).or_else(|| from_here(item.text()?));
    path.map_or_else(|| Mounted::Unknown(depends_on(item)), |path| host_path(&path, folder))
}

/// Compose runs in the project's folder, so `$PWD` means that folder.
fn from_here(path: &str) -> Option<String> {
    let rest = ["${PWD}", "$PWD"].iter().find_map(|here| path.strip_prefix(here))?;
    (rest.starts_with('/') && !rest.contains('$')).then(|| format!(".{rest}"))
}

/// A path of the host: known if it is relative to the project's folder.
fn host_path(source: &str, folder: &str) -> Mounted {
    if source.contains("://") {
        return Mounted::Unknown(format!("`{source}` is on the network"));
    }
    if source.starts_with(['/', '~']) || source.contains('\\') || source.contains(':') {
        return Mounted::Unknown(outside(source));
    }
    Mounted::Path(join(folder, source))
}

fn outside(source: &str) -> String {
    format!("`{source}` is on the host that runs it")
}

fn volume_named(name: &str) -> Mounted {
    match name {
        "" => Mounted::Unknown("it is in a volume".to_owned()),
        name => Mounted::Definition("volumes", name.to_owned()),
    }
}

/// Says which unknown variables an item depends on.
pub fn depends_on(item: &Item) -> String {
    let names: Vec<String> = item.unknown.iter().map(|name| format!("`{name}`")).collect();
    match &names[..] {
        [] => "it is not understood".to_owned(),
        names => format!("it depends on {}", names.join(", ")),
    }
}

/// A reference to an element of `configs` or `secrets`: a name, or a mapping with a target.
fn use_of(key: &'static str, item: &Item) -> Mount {
    let is_map = matches!(item.value, Value::Map(_));
    let source = if is_map { item.get("source").and_then(known) } else { known(item) };
    let base = if key == "secrets" { "/run/secrets" } else { "/" };
    let target = match item.get("target") {
        Some(target) => known(target),
        None => source.clone(),
    };
    let what = match source {
        Some(source) => Mounted::Definition(key, source),
        None => Mounted::Unknown(depends_on(item)),
    };
    Mount::new(item, target.map(|target| join(base, &target)), what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::FileId;
    use crate::syntax::{DataFormat, Dialect, parse, read_document_as};

    fn mounts_of(service: &str) -> Vec<Mount> {
        let tree = parse(FileId(0), DataFormat::Yaml, service).tree.unwrap();
        mounts(&read_document_as(Dialect::Helm, &tree).0, "deploy")
    }

    #[test]
    fn pwd_is_the_project_folder() {
        for (path, here) in [
            ("${PWD}/a.yaml", Some("./a.yaml")),
            ("$PWD/a", Some("./a")),
            ("$PWDS/a", None),
            ("${PWD}/${X}", None),
            ("x/${PWD}", None),
        ] {
            assert_eq!(from_here(path).as_deref(), here, "{path}");
        }
    }

    fn path(name: &str) -> Mounted {
        Mounted::Path(name.to_owned())
    }

    #[test]
    fn reads_volumes_in_both_forms() {
        for (volume, target, what) in [
            ("./a.yaml:/etc/a.yaml:ro", "/etc/a.yaml", Some(path("deploy/a.yaml"))),
            ("../conf:/etc/refinery/", "/etc/refinery", Some(path("conf"))),
            ("{type: bind, source: ./a, target: /b/../c}", "/c", Some(path("deploy/a"))),
            ("{type: bind, source: a/b, target: /c}", "/c", Some(path("deploy/a/b"))),
            (
                "data:/etc/refinery",
                "/etc/refinery",
                Some(Mounted::Definition("volumes", "data".to_owned())),
            ),
            ("/etc/refinery", "/etc/refinery", None),
            ("/opt/a.yaml:/etc/a.yaml", "/etc/a.yaml", None),
            ("~/a.yaml:/etc/a.yaml", "/etc/a.yaml", None),
            ("'C:\\a.yaml:/etc/a.yaml'", "/etc/a.yaml", None),
            ("{type: volume, target: /c}", "/c", None),
            ("{type: bind, target: /c}", "/c", None),
            ("1", "/", None),
            ("[a]", "/", None),
        ] {
            let [mount] = &mounts_of(&format!("volumes:\n  - {volume}\n"))[..] else { panic!() };
            let is_known = !matches!(mount.what, Mounted::Unknown(_));
            assert_eq!((&*mount.target, is_known), (target, what.is_some()), "{volume}");
            assert!(what.is_none_or(|what| mount.what == what), "{volume}");
        }
    }

    #[test]
    fn configs_and_secrets_have_default_targets() {
        for (written, target) in [
            ("configs: [a]", "/a"),
            ("configs: [{source: a, target: b/c}]", "/b/c"),
            ("secrets: [a]", "/run/secrets/a"),
            ("secrets: [{source: a, target: b}]", "/run/secrets/b"),
            ("secrets: [{source: a, target: /b}]", "/b"),
        ] {
            let [Mount { target: found, what, .. }] = &mounts_of(written)[..] else { panic!() };
            assert_eq!(found, target, "{written}");
            assert!(matches!(what, Mounted::Definition(_, name) if name == "a"), "{written}");
        }
    }
}
