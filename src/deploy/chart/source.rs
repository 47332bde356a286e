//! The chart that a file has values for, according to other files: the description of a chart in its
//! folder or nearby, or a file that installs the Refinery chart with it.
//!
//! Must not open values.

use super::facts::Chart;
use super::set::{Setting, settings_in};
use crate::deploy::content::Group;
use crate::deploy::loader::Loader;
use crate::deploy::near::{NearFile, resolve_folder, resolve_from_top};
use crate::deploy::pins::{Installation, Relation, find_chart, installs_other};
use crate::deploy::{CHART_FILE, REQUIREMENTS_FILE, at, list, read_item};
use crate::sniff::containers::{has_line, may_be_values};
use crate::sniff::file_name::{is_values, suggests_values};
use crate::span::FileId;
use crate::syntax::{DataFormat, Item};
use crate::vfs::Vfs;
use crate::vfs::path::{folder_path, format_of, join, split};
use std::path::Path;

/// The locked dependencies of a chart.
const LOCK_FILE: &str = "Chart.lock";

/// The values that a chart brings along.
const VALUES_FILE: &str = "values.yaml";

/// The kinds of objects whose entries may be values.
const MAPS: [&str; 2] = ["ConfigMap", "Secret"];

/// Where a `HelmRelease` of Flux has values.
const IN_RELEASE: [&str; 2] = ["spec", "values"];

/// How deep charts in the folders of others are followed.
const DEEPEST: usize = 3;

/// A chart, and where a file has values for it.
#[derive(Clone, Debug, Default)]
pub struct ChartSource {
    /// The file that names the chart, as reports show it.
    pub name: String,
    /// The chart, in the form of `Chart.yaml`.
    pub description: String,
    /// The text of `Chart.lock`.
    pub lock: Option<String>,
    /// The tag of the image, if it is set outside the values.
    pub tag: Option<String>,
    places: Vec<Place>,
    /// Whether only the path of the file suggests it. The chart may be another one for Refinery.
    pub is_guessed: bool,
    /// Whether the chart is another one, with templates of its own.
    pub is_own: bool,
    /// The key of all values that a chart without templates takes: those of its only dependency.
    pub only_key: Option<String>,
    /// The name of the release of Flux whose values these are; the chart may be named elsewhere.
    release: Option<String>,
    /// Values files that those of this file are merged over, lowest first.
    pub bases: Vec<String>,
    /// Single values that are set over those of the whole file.
    pub settings: Vec<Setting>,
    /// Whether other values are merged over those of this file wherever it is used.
    pub is_layer: bool,
}

/// A place of values in a file.
#[derive(Clone, Debug)]
struct Place {
    at: Position,
    /// The path of these values in those of the chart.
    own: Vec<String>,
}

#[derive(Clone, Debug)]
enum Position {
    Path(Vec<String>),
    /// Under this key, at any depth, except for services of compose.
    Key(String),
    /// In each entry of a `ConfigMap`.
    Entries,
}

impl Position {
    fn is_at(&self, path: &[String]) -> bool {
        match self {
            Self::Path(known) => known == path,
            Self::Key(key) => {
                path.last() == Some(key) && path.first().is_none_or(|first| first != "services")
            }
            Self::Entries => {
                let is_group = |key: &str| MAPS.iter().any(|kind| Group::of(key, kind).is_some());
                matches!(path, [group, _] if is_group(group))
            }
        }
    }
}

impl ChartSource {
    /// The Refinery chart for which all of a file is values, with its version if that is known.
    pub fn of_file(name: &str, version: Option<&str>) -> Self {
        let place = Place { at: Position::Path(Vec::new()), own: Vec::new() };
        let version = version.map(|version| version.replace(['"', '\\', '\n'], ""));
        let version = version.map(|version| format!("version: \"{version}\"\n"));
        Self {
            name: name.to_owned(),
            description: format!("name: refinery\n{}", version.unwrap_or_default()),
            places: vec![place],
            ..Self::default()
        }
    }

    /// The same in the values of a chart that depends on it.
    fn nested_under(self, key: &str) -> Self {
        let under = |Place { at, own }| match at {
            Position::Path(path) => {
                let path = std::iter::once(key.to_owned()).chain(path).collect();
                Place { at: Position::Path(path), own }
            }
            at => Place { at, own },
        };
        Self { places: self.places.into_iter().map(under).collect(), ..self }
    }

    /// Whether there are values for the Refinery chart at a path of keys in a document.
    pub fn has_values_at(&self, path: &[String], document: &Item) -> bool {
        self.is_about(document) && self.places.iter().any(|place| place.at.is_at(path))
    }

    /// Whether the chart depends on Refinery's under a name that a document has no values for, while
    /// it has Refinery's at the top of this path.
    pub fn lacks_values(&self, path: &[String], document: &Item) -> bool {
        let is_key = |place: &Place| matches!(&place.at, Position::Path(path) if path.len() == 1);
        let is_there = |place: &Place| match &place.at {
            Position::Path(path) => {
                path.iter().try_fold(document, |item, key| item.get(key)).is_some()
            }
            Position::Key(_) | Position::Entries => true,
        };
        path.len() == 1
            && !(self.is_guessed || self.is_own || self.places.is_empty())
            && self.places.iter().all(|place| is_key(place) && !is_there(place))
    }

    /// The same at any path of the document.
    pub fn has_values_in(&self, document: &Item) -> bool {
        fn is_below(
            item: &Item,
            path: &mut Vec<String>,
            is_place: &dyn Fn(&[String]) -> bool,
        ) -> bool {
            is_place(path)
                || item.entries().iter().any(|entry| {
                    path.push(entry.key.clone());
                    let is_here = is_below(&entry.item, path, is_place);
                    path.pop();
                    is_here
                })
        }
        is_below(document, &mut Vec::new(), &|path| self.has_values_at(path, document))
    }

    /// Whether a document has the values of the release, if that is known, and no other chart.
    fn is_about(&self, document: &Item) -> bool {
        let Some(release) = &self.release else { return true };
        let name = at(document, &["metadata", "name"]).and_then(Item::text);
        name == Some(release) && at(document, &["spec", "chart"]).is_none()
    }

    /// Whether there may be values for the Refinery chart in the file.
    pub fn is_for_refinery(&self) -> bool {
        !self.places.is_empty()
    }

    /// Whether all of the file is values.
    pub fn is_whole(&self) -> bool {
        self.release.is_none() && self.places.iter().any(|place| place.at.is_at(&[]))
    }

    /// Whether the file of this name certainly has values. Files beside a chart may be something else.
    pub fn is_values_file(&self, name: &str) -> bool {
        let is_certain = self.name != CHART_FILE || is_values(name);
        is_certain && self.is_for_refinery() && !(self.is_guessed || self.is_in_object())
    }

    /// Whether the values are in an object in the file.
    fn is_in_object(&self) -> bool {
        self.places.iter().any(|place| match &place.at {
            Position::Path(path) => path[..] == IN_RELEASE,
            Position::Key(_) => false,
            Position::Entries => true,
        })
    }

    /// Whether it is the chart in the folder of the file, which installs Refinery by a dependency or is
    /// Honeycomb's own.
    pub fn is_in_folder(&self) -> bool {
        self.name == CHART_FILE && !(self.is_guessed || self.is_own || self.places.is_empty())
    }

    /// Whether a single value of this name is for Refinery.
    pub fn has_setting(&self, name: &str) -> bool {
        self.places.iter().any(|place| {
            let path = place.own.join(".");
            let rest = name.strip_prefix(&path);
            rest.is_some_and(|rest| path.is_empty() || rest.starts_with('.'))
        })
    }

    /// Values with the single values that are set over them.
    pub fn with_settings(&self, mut values: Item) -> Item {
        for setting in &self.settings {
            setting.apply(&mut values);
        }
        values
    }

    /// Whether the entries of a map in the file are values.
    pub fn has_entries(&self) -> bool {
        self.places.iter().any(|place| matches!(place.at, Position::Entries))
    }

    /// The chart that the values at this path are for.
    pub fn chart_at(&self, path: &[String]) -> Option<Chart> {
        let place = self.places.iter().find(|place| place.at.is_at(path))?;
        Chart::described(&self.description, self.lock.as_deref(), &place.own)
    }
}

/// Finds the chart that a file has values for.
pub fn find_source(name: &str, text: &str, loader: &Loader<'_>) -> Option<ChartSource> {
    let own = || find_other_chart(loader.store, name).filter(|_| may_be_values(text));
    if !loader.loaded.near.may_install(loader.store, name) {
        return own();
    }
    find_in_folder(loader.store, split(name).0, DEEPEST).or_else(|| {
        let others =
            || find_installed(loader, name).or_else(|| find_parent_chart(loader, name, text));
        // The values of another chart are read as those of a chart of one's own.
        let is_other = || installs_other(&loader.loaded.near, loader.store, name);
        let guess = || {
            let of_other = || ChartSource {
                name: name.to_owned(),
                is_guessed: true,
                is_own: true,
                ..ChartSource::default()
            };
            let other = is_other().then(of_other);
            other.or_else(|| is_suggested(name, loader).then(|| guess_from_path(name)))
        };
        may_be_values(text).then(|| others().or_else(guess))?.or_else(own)
    })
}

/// Whether values in a file of this name are merged over those in another one, so that it may be empty.
pub fn is_layered(name: &str, loader: &Loader<'_>) -> bool {
    let near = &loader.loaded.near;
    near.may_install(loader.store, name)
        && find_installed(loader, name).is_some_and(|source| !source.bases.is_empty())
}

/// The chart of another name, with templates, whose own values a file has. Only the templates say what
/// the values are.
fn find_other_chart(store: &dyn Vfs, name: &str) -> Option<ChartSource> {
    let folder = split(name).0;
    let source = read_source(store, folder, CHART_FILE)?;
    has_templates(store, folder).then_some(ChartSource { is_guessed: true, is_own: true, ..source })
}

/// The copy of Honeycomb's chart that an object of Argo CD or Flux installs by its path, with the
/// places of the values in the object.
pub fn source_of_path(name: &str, object: &Item, store: &dyn Vfs) -> Option<ChartSource> {
    let spec = object.get("spec")?;
    let path = |item: &Item| item.get("path").and_then(Item::text).map(str::to_owned);
    let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
    let single = spec.get("source").and_then(path);
    let single = single.map(|path| (keys(&["spec", "source", "helm"]), path));
    let several = list(spec, "sources").iter().enumerate();
    let several = several.filter_map(|(at, source)| {
        Some((keys(&["spec", "sources", &format!("[{at}]"), "helm"]), path(source)?))
    });
    let flux = at(spec, &["chart", "spec", "chart"]).and_then(Item::text);
    let flux = flux.map(|chart| (keys(&["spec"]), chart.to_owned()));
    let mut all = single.into_iter().chain(several).chain(flux);
    all.find_map(|(around, path)| {
        let folder = resolve_from_top(split(name).0, &path, store)?;
        let source = read_source(store, &folder, CHART_FILE)?;
        Chart::is_of_honeycomb(&source.description).then_some(())?;
        let places = ["values", "valuesObject"].map(|key| Place {
            at: Position::Path([around.clone(), vec![key.to_owned()]].concat()),
            own: Vec::new(),
        });
        let name = join(&folder, CHART_FILE);
        Some(ChartSource { name, places: places.into(), ..source })
    })
}

/// Whether the values file of a chart is beside the description of a chart of another name.
fn is_of_other_chart(loader: &Loader<'_>, name: &str) -> bool {
    let description = read_source(loader.store, split(name).0, CHART_FILE);
    let chart = description.and_then(|source| Chart::name(&source.description));
    chart.is_some_and(|chart| chart != "refinery")
}

/// Whether the path of a file alone suggests that it has values, such as `refinery/values.yaml`.
pub fn is_suggested(name: &str, loader: &Loader<'_>) -> bool {
    suggests_values(name) && !is_of_other_chart(loader, name)
}

/// Values by their path alone, for an unknown version.
fn guess_from_path(name: &str) -> ChartSource {
    ChartSource { is_guessed: true, ..ChartSource::of_file(name, None) }
}

/// The chart in a folder, if it is the Refinery chart or depends on it, directly or through charts
/// in other folders.
fn find_in_folder(store: &dyn Vfs, folder: &str, depth: usize) -> Option<ChartSource> {
    let source = read_source(store, folder, CHART_FILE)?;
    if is_own(store, folder) || only_installs_others(&source.description) {
        let own = ChartSource {
            is_guessed: true,
            is_own: true,
            ..ChartSource::of_file(CHART_FILE, None)
        };
        return Some(own);
    }
    let places = Chart::places(&source.description);
    if !places.is_empty() {
        let only_key = only_key(store, folder, &places);
        let place = |path: Vec<String>| Place { at: Position::Path(path.clone()), own: path };
        let places = places.into_iter().map(place).collect();
        let settings = updates(store, folder);
        return Some(ChartSource { places, only_key, settings, ..source });
    }
    let depth = depth.checked_sub(1)?;
    let dependencies = Chart::dependencies(&source.description);
    let local =
        dependencies.iter().filter_map(|it| Some((join(folder, it.path()?), it.key.clone())));
    let packed = join(folder, "charts");
    let names = store.names(folder_path(&packed)).into_iter().map(|name| join(&packed, &name));
    let packed = names.filter_map(|inner| {
        let name = Chart::name(&read_source(store, &inner, CHART_FILE)?.description)?;
        let dependency = dependencies.iter().find(|dependency| dependency.name == name);
        Some((inner, dependency.map_or(name, |dependency| dependency.key.clone())))
    });
    let mut all = local.chain(packed);
    all.find_map(|(inner, key)| {
        let source = find_in_folder(store, &inner, depth)?;
        let name = join(&inner, &source.name);
        Some(ChartSource { name, ..source.nested_under(&key) })
    })
}

/// The only key whose values a chart without templates uses, given the paths of Refinery's values.
fn only_key(store: &dyn Vfs, folder: &str, places: &[Vec<String>]) -> Option<String> {
    match places {
        [path] if !has_templates(store, folder) => path.first().cloned(),
        _ => None,
    }
}

/// The values that an image updater of Argo CD has written for the chart in a folder.
fn updates(store: &dyn Vfs, folder: &str) -> Vec<Setting> {
    let names = store.names(folder_path(folder)).into_iter();
    let names = names.filter(|name| {
        name.starts_with(".argocd-source") && format_of(name) == Some(DataFormat::Yaml)
    });
    let read = |name: String| {
        let path = join(folder, &name);
        let bytes = store.read(Path::new(&path), &path).ok()?;
        let item = read_item(FileId(0), &String::from_utf8_lossy(&bytes)).ok()?;
        item.get("helm").map(settings_in)
    };
    names.filter_map(read).flatten().collect()
}

/// Whether a chart named `refinery`, not Honeycomb's, only depends on charts of other names.
fn only_installs_others(description: &str) -> bool {
    let dependencies = Chart::dependencies(description);
    Chart::name(description).is_some_and(|name| name == "refinery")
        && !Chart::is_of_honeycomb(description)
        && !dependencies.is_empty()
        && dependencies.iter().all(|it| !it.name.contains("refinery") && it.path().is_none())
}

/// Whether there is a chart named `refinery` in a folder that is not Honeycomb's, with templates.
fn is_own(store: &dyn Vfs, folder: &str) -> bool {
    let description = read_source(store, folder, CHART_FILE).map(|source| source.description);
    has_templates(store, folder)
        && description.is_some_and(|it| Chart::is_other(&it) || Chart::is_unsigned(&it))
}

fn has_templates(store: &dyn Vfs, folder: &str) -> bool {
    store.is_folder(Path::new(&join(folder, "templates")))
}

/// The description of the chart in a folder, with no places.
fn read_source(store: &dyn Vfs, folder: &str, name: &str) -> Option<ChartSource> {
    let read = |file: &str| {
        let path = join(folder, file);
        String::from_utf8(store.read(Path::new(&path), &path).ok()?).ok()
    };
    let mut description = read(name)?;
    if name == CHART_FILE
        && let Some(requirements) = read(REQUIREMENTS_FILE)
    {
        description = format!("{}\n{requirements}", description.trim_end());
    }
    let (name, lock) = (name.to_owned(), read(LOCK_FILE));
    Some(ChartSource { name, description, lock, ..ChartSource::default() })
}

/// The chart that a nearby file installs with these values.
fn find_installed(loader: &Loader<'_>, values: &str) -> Option<ChartSource> {
    let Installation { pin, relation, bases, settings, is_layer } =
        find_chart(&loader.loaded.near, loader.store, values)?;
    let at = match relation {
        Relation::Names => Position::Path(Vec::new()),
        Relation::Maps => Position::Entries,
        Relation::Contains => Position::Path(IN_RELEASE.map(str::to_owned).to_vec()),
    };
    let folder = pin.as_ref().ok().and_then(|pin| {
        let folder = resolve_folder(split(&pin.file).0, &pin.chart, loader.store);
        let is_path = pin.chart.contains('/') && !pin.chart.contains("://");
        folder.filter(|_| is_path)
    });
    let is_own = folder.as_ref().is_some_and(|folder| is_own(loader.store, folder));
    // A chart in the repository that is named like Honeycomb's, and depends on it.
    let local = folder.and_then(|folder| find_in_folder(loader.store, &folder, DEEPEST));
    if let Some(local) = local.filter(|local| !is_own && local.is_for_refinery())
        && relation == Relation::Names
    {
        return Some(ChartSource { bases, settings, is_layer, ..local });
    }
    let release = pin.as_ref().ok().and_then(|pin| pin.release.clone());
    let release = release.filter(|_| relation == Relation::Contains);
    let (file, version, tag) = match pin {
        // With a tag alone the newest chart installs it.
        Ok(pin) => (pin.file, pin.version.or(pin.tag.as_ref().map(|_| "*".to_owned())), pin.tag),
        Err(why) => (values.to_owned(), Some(why), None),
    };
    let places = vec![Place { at, own: Vec::new() }];
    Some(ChartSource {
        tag,
        places,
        is_own,
        release,
        bases,
        settings,
        is_layer,
        ..ChartSource::of_file(&file, version.as_deref())
    })
}

/// A nearby chart that takes values under a key of this text. Its own values are below them.
fn find_parent_chart(loader: &Loader<'_>, name: &str, text: &str) -> Option<ChartSource> {
    let is_of_chart = read_source(loader.store, split(name).0, CHART_FILE).is_some();
    if is_of_chart && split(name).1 == VALUES_FILE {
        return None;
    }
    let near = loader.loaded.near.near(loader.store, name);
    let is_description =
        |file: &&NearFile| [CHART_FILE, REQUIREMENTS_FILE].contains(&file.own_name());
    let is_parent = |file: &&NearFile| is_description(file) && !is_own(loader.store, file.folder());
    near.iter().map(AsRef::as_ref).filter(is_parent).find_map(|file| {
        let own = Chart::places(&file.text);
        // If the key is nested in the file, the top level may be values of another chart.
        let is_at_top =
            |key: &String| text.lines().any(|line| line.starts_with(&format!("{key}:")));
        let only_key = only_key(loader.store, file.folder(), &own).filter(is_at_top);
        let places = own.into_iter().filter_map(|own| {
            let key = own.last().cloned().unwrap_or_else(|| "refinery".to_owned());
            let is_here = has_line(text, &[&format!("{key}:")]);
            is_here.then_some(Place { at: Position::Key(key), own })
        });
        let places: Vec<Place> = places.collect();
        let source = read_source(loader.store, file.folder(), file.own_name())?;
        let below = join(file.folder(), VALUES_FILE);
        let has_values = below != name && loader.store.read(Path::new(&below), &below).is_ok();
        // Values of the chart itself are not under a key.
        let is_nested = places.iter().all(|place| !place.own.is_empty());
        let bases = (has_values && is_nested).then_some(below).into_iter().collect();
        let name = file.name.clone();
        (!places.is_empty()).then_some(ChartSource { name, places, only_key, bases, ..source })
    })
}
