//! The volumes of a pod → the mounts of a container, like the kubelet.
//!
//! Kubernetes documentation: "Volumes" (`configMap`, `secret`, `emptyDir`, `projected`, "Using
//! subPath"), "Projected Volumes", "`ConfigMap`s", "Secrets".

use super::expand::expand;
use super::is_true;
use super::missing_key::missing_key;
use super::variables::Env;
use super::view::View;
use crate::deploy::mount::{Mount, Mounted, Texts};
use crate::deploy::{at, list};
use crate::diagnostic::Finding;
use crate::span::Span;
use crate::syntax::Item;
use crate::vfs::path::{below, join};

/// Further mounts are ignored.
const MOST: usize = 1000;

/// The mounts of a container, and findings about missing keys.
#[derive(Default)]
pub struct Volumes<'o> {
    pub mounts: Vec<Mount<'o>>,
    pub findings: Vec<Finding>,
}

/// Reads the mounts of a container.
pub fn mounts_of<'o>(pod: &Item, container: &Item, view: View<'o>, env: &Env) -> Volumes<'o> {
    let mut volumes = Volumes::default();
    for mount in list(container, "volumeMounts").iter().take(MOST) {
        let text = |key| mount.get(key).and_then(Item::text);
        let target = join("/", text("mountPath").unwrap_or_default());
        let volume = text("name").and_then(|name| volume_of(pod, name));
        let what = match volume {
            Some(volume) => volumes.open(pod, container, volume, view),
            None => Mounted::Unknown("its volume is not in `volumes` of the pod".to_owned()),
        };
        let part = match text("subPathExpr") {
            Some(written) => expand(written, |name| env.look_up(name)),
            None => Some(text("subPath").unwrap_or_default().to_owned()),
        };
        let what = match (what, part) {
            (what, Some(part)) => cut(what, part.trim_matches('/')),
            (_, None) => Mounted::Unknown("its `subPathExpr` is unknown".to_owned()),
        };
        volumes.mounts.push(Mount { target, what, span: mount.beginning() });
    }
    volumes
}

/// The kinds and names of all maps in the volumes of a pod.
pub fn maps_shown(pod: &Item) -> Vec<(&'static str, &str)> {
    let volumes = list(pod, "volumes").iter();
    volumes.flat_map(sources).filter_map(|source| Some((source.kind?, source.name?))).collect()
}

pub fn volume_of<'i>(pod: &'i Item, name: &str) -> Option<&'i Item> {
    list(pod, "volumes").iter().rfind(|volume| has_name(volume, name))
}

fn has_name(item: &Item, name: &str) -> bool {
    item.get("name").and_then(Item::text) == Some(name)
}

/// The part of a mount that `subPath` selects.
fn cut<'o>(what: Mounted<'o>, part: &str) -> Mounted<'o> {
    let Mounted::Texts(Texts { known, unknown, missing, further }) = what else { return what };
    let known =
        known.into_iter().filter_map(|(path, datum)| Some((below(&path, part)?.to_owned(), datum)));
    // Unknown content above the part may reach into it.
    let unknown = unknown.into_iter().filter_map(|(path, why)| match below(&path, part) {
        Some(rest) => Some((rest.to_owned(), why)),
        None => below(part, &path).map(|_| (String::new(), why)),
    });
    let missing = missing.iter().filter_map(|path| Some(below(path, part)?.to_owned())).collect();
    Mounted::Texts(Texts { known: known.collect(), unknown: unknown.collect(), missing, further })
}

/// A source of files in a volume.
struct Source<'i> {
    /// `None` if it is not a map.
    kind: Option<&'static str>,
    name: Option<&'i str>,
    /// The keys and their paths; `None` for all keys under their own names.
    items: Option<Vec<(&'i Item, &'i str)>>,
    is_optional: bool,
    /// Paths that the cluster fills with unknown content.
    paths: Vec<&'i str>,
}

/// A source from a key of a volume or of `projected`; `None` if it provides no text.
fn source<'i>(key: &str, item: &'i Item) -> Option<Source<'i>> {
    let text = |key: &str| item.get(key).and_then(Item::text);
    let path = |item: &'i Item| Some((item.get("key")?, item.get("path")?.text()?));
    let items = item.get("items").and_then(Item::list).filter(|items| !items.is_empty());
    let (kind, name) = match key {
        "configMap" => (Some("ConfigMap"), text("name")),
        "secret" => (Some("Secret"), text("secretName").or(text("name"))),
        "downwardAPI" | "serviceAccountToken" | "clusterTrustBundle" | "podCertificate" => {
            (None, None)
        }
        _ => return None,
    };
    // Content from the cluster has the paths of its items, or of keys such as `path`.
    let own = || ["path", "keyPath", "certificateChainPath", "credentialBundlePath"].iter();
    let written = own().filter_map(|key| item.get(key)?.text());
    let written =
        list(item, "items").iter().filter_map(|item| item.get("path")?.text()).chain(written);
    let paths = if kind.is_none() { written.collect() } else { Vec::new() };
    Some(Source {
        kind,
        name,
        items: items.map(|items| items.iter().filter_map(path).collect()),
        is_optional: is_true(item.get("optional")),
        paths,
    })
}

/// All sources of a volume; empty for other types of volumes.
fn sources(volume: &Item) -> Vec<Source<'_>> {
    let projected = volume.get("projected").map(|all| list(all, "sources")).unwrap_or_default();
    let all = std::iter::once(volume).chain(projected);
    all.flat_map(Item::entries).filter_map(|entry| source(&entry.key, &entry.item)).collect()
}

impl<'o> Volumes<'o> {
    fn open(&mut self, pod: &Item, container: &Item, volume: &Item, view: View<'o>) -> Mounted<'o> {
        if volume.get("emptyDir").is_some() {
            return empty(pod, container, volume);
        }
        let is_known = ["configMap", "secret", "projected", "downwardAPI"];
        if !is_known.iter().any(|kind| volume.get(kind).is_some()) {
            let name = volume.get("name").and_then(Item::text).unwrap_or_default();
            return Mounted::Unknown(format!("it is in the volume `{name}`"));
        }
        let mut texts = Texts::default();
        for source in sources(volume) {
            self.show(&source, view, &mut texts);
        }
        Mounted::Texts(texts)
    }

    fn show(&mut self, source: &Source<'_>, view: View<'o>, texts: &mut Texts<'o>) {
        let (Some(kind), Some(name)) = (source.kind, source.name) else {
            let why = || "the cluster provides it".to_owned();
            texts.unknown.extend(source.paths.iter().map(|path| (join("", path), why())));
            return;
        };
        let Some(map) = view.map(kind, name) else {
            let near = view.near(kind, name).map(|near| format!(" (did you mean `{near}`?)"));
            let why = format!("the {kind} `{name}` was not found{}", near.unwrap_or_default());
            match &source.items {
                Some(items) => {
                    let paths = items.iter().map(|(_, path)| ((*path).to_owned(), why.clone()));
                    texts.unknown.extend(paths);
                }
                None => texts.unknown.push((String::new(), why)),
            }
            return;
        };
        match &source.items {
            None => {
                let all = map.data.iter().map(|datum| (datum.key.clone(), datum));
                texts.known.extend(all);
                texts.further = texts.further.or(map.further.as_ref());
            }
            Some(items) => {
                for (key, path) in items {
                    let datum = key.text().and_then(|key| map.get(key)).or(map.further.as_ref());
                    match datum {
                        Some(datum) => texts.known.push((join("", path), datum)),
                        None if source.is_optional => {}
                        None => {
                            self.findings.push(missing_key(key, kind, name, &map.data));
                            texts.missing.push(join("", path));
                        }
                    }
                }
            }
        }
    }
}

/// An `emptyDir` is empty if no other container can write to it.
fn empty<'o>(pod: &Item, container: &Item, volume: &Item) -> Mounted<'o> {
    let name = volume.get("name").and_then(Item::text).unwrap_or_default();
    let mounts_it =
        |other: &Item| list(other, "volumeMounts").iter().any(|mount| has_name(mount, name));
    let all = ["initContainers", "containers"].iter().flat_map(|key| list(pod, key));
    let is_shared = all.filter(|other| mounts_it(other)).count() > 1;
    if is_shared || at(container, &["lifecycle", "postStart"]).is_some() {
        return Mounted::Unknown(format!("another container may write to the volume `{name}`"));
    }
    Mounted::Texts(Texts::default())
}

/// The span of a container's name, or of its beginning.
pub fn place_of(container: &Item) -> Option<Span> {
    container.get("name").and_then(|name| name.span).or_else(|| container.beginning())
}
