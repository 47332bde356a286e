//! Files in maps that no known pod mounts: which of them are Refinery's.
//!
//! They are recognised by their keys. If one of config and rules is recognised, the other is
//! recognised by its name, because an empty or broken file has no keys.

use super::describe::Described;
use super::objects::{Map, Objects};
use crate::deploy::content::{Content, DataEntry, Loaded, load};
use crate::deploy::deployment_spec::DeploymentSpec;
use crate::deploy::launch::LaunchSpec;
use crate::deploy::loader::Loader;
use crate::deploy::templates::{find_template, is_of_chart};
use crate::deploy::{EmbeddedFile, not_rendered};
use crate::diagnostic::Finding;
use crate::notice::Notice;
use crate::release::Pin;
use crate::schema::Kind;
use crate::sniff::containers::is_unrendered;
use crate::sniff::file_name::{kind_of_name, theme};
use crate::sniff::flaw::first_action;
use crate::sniff::recognise::{Generation, Recognised};
use crate::source_name::SourceName;
use crate::span::FileId;
use crate::syntax::DataFormat;
use crate::vfs::input_error::InputError;
use crate::vfs::path::{format_of, split_extension};
use std::collections::{BTreeSet, HashMap, HashSet};

/// A file of Refinery's that no pod mounts.
#[derive(Clone, Copy)]
pub struct UnmountedFile<'o> {
    pub map: &'o Map,
    pub datum: &'o DataEntry,
    pub recognised: Recognised,
}

/// The result of the search.
#[derive(Default)]
pub struct Unmounted<'o> {
    pub files: Vec<UnmountedFile<'o>>,
    pub unchecked: Vec<Finding>,
    pub notices: Vec<Notice>,
}

impl<'o> Unmounted<'o> {
    /// Finds all files of Refinery's that are not `used`.
    pub fn of(objects: &'o Objects, used: &HashSet<String>, loader: &Loader<'_>) -> Self {
        let all: Vec<RecognisedMap<'o>> = objects
            .maps
            .iter()
            .filter(|map| !map.is_only_mounted)
            .map(|map| RecognisedMap::of(map, loader))
            .collect();
        let mut near: HashMap<&str, Neighbours> = HashMap::new();
        for map in &all {
            near.entry(&map.map.identity.namespace).or_default().add(map);
        }
        let mut unmounted = Self::default();
        for candidate in &all {
            if let Some(pin) = candidate.map.release.as_ref().filter(|p| p.is_first_generation()) {
                unmounted.leave_v1(candidate, pin, used);
                continue;
            }
            for (datum, recognised) in &candidate.texts {
                if datum.content.name().is_some_and(|name| used.contains(name)) {
                    continue;
                }
                let near = &near[candidate.map.identity.namespace.as_str()];
                let recognised = match recognised {
                    Some(recognised) => Some(candidate.correct(datum, *recognised, near)),
                    None => candidate.guess(datum, near),
                };
                unmounted.take(candidate.map, datum, recognised, loader);
            }
            let is_ours =
                candidate.texts.iter().any(|(datum, what)| what.is_some() || is_used(datum, used));
            // A single value that is not a string makes Kubernetes reject the whole map.
            let refused = candidate
                .map
                .data
                .iter()
                .filter(|datum| (is_ours || is_misplaced(datum)) && !is_used(datum, used));
            unmounted.unchecked.extend(refused.filter_map(DataEntry::find_refused));
            if is_ours {
                let others = candidate.texts.iter().filter(|(datum, _)| !is_used(datum, used));
                unmounted
                    .unchecked
                    .extend(others.filter_map(|(datum, _)| datum.find_missing(loader)));
            }
        }
        unmounted
    }

    /// Reports that a map for 1.x is not checked, unless its pods already do.
    fn leave_v1(&mut self, candidate: &RecognisedMap<'o>, pin: &Pin, used: &HashSet<String>) {
        let is_news = |(datum, what): &(&DataEntry, Option<Recognised>)| {
            what.is_some() && !is_used(datum, used)
        };
        if candidate.texts.iter().any(is_news) {
            self.unchecked.extend(pin.finding());
        }
    }

    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.unchecked.is_empty() && self.notices.is_empty()
    }

    fn take(
        &mut self,
        map: &'o Map,
        datum: &'o DataEntry,
        recognised: Option<Recognised>,
        loader: &Loader<'_>,
    ) {
        if let (Content::Within { name, text, pieces, .. }, true) =
            (&datum.content, is_template(datum))
        {
            let Some(piece) = pieces.first() else { return };
            let outer = loader.loaded.files.get(piece.outer.file);
            if recognised.is_some() || is_unrendered(&outer.text) {
                if is_of_chart(outer.name.file(), loader) {
                    self.notices.push(Notice::on(name.clone(), not_rendered()));
                } else {
                    self.unchecked.extend(find_template(name.as_str(), text, pieces, loader));
                }
            }
            return;
        }
        let Some(recognised) = recognised else { return };
        match datum.find_refused() {
            Some(finding) => self.unchecked.push(finding),
            None => self.files.push(UnmountedFile { map, datum, recognised }),
        }
    }
}

fn is_used(datum: &DataEntry, used: &HashSet<String>) -> bool {
    datum.content.name().is_some_and(|name| used.contains(name))
}

/// Whether an entry is a group of config or rules: the lines of the file are not indented under its key.
fn is_misplaced(datum: &DataEntry) -> bool {
    let is_group = |kind: &Kind| kind.root().child(&datum.key).is_some();
    matches!(datum.content, Content::Refused { .. }) && Kind::ALL.iter().any(is_group)
}

fn is_template(datum: &DataEntry) -> bool {
    datum.text().is_some_and(|text| first_action(text).is_some())
}

/// A map with its entries as recognised by their keys.
struct RecognisedMap<'o> {
    map: &'o Map,
    texts: Vec<(&'o DataEntry, Option<Recognised>)>,
    /// Whether its name suggests Refinery.
    is_ours: bool,
    /// The kinds of files that it has, by their keys, and by their names.
    has: BTreeSet<Kind>,
    names: BTreeSet<Kind>,
}

/// What the maps of a namespace have.
#[derive(Default)]
struct Neighbours {
    has: BTreeSet<Kind>,
    /// The names of files in maps whose names suggest Refinery.
    names: BTreeSet<Kind>,
    /// The kinds that the names of files mean whose content is of the other kind.
    mistaken: BTreeSet<Kind>,
}

impl Neighbours {
    fn add(&mut self, map: &RecognisedMap<'_>) {
        self.has.extend(&map.has);
        let mistaken = |(datum, what): &(&DataEntry, Option<Recognised>)| {
            let named = kind_of_plain_name(datum.likely_path())?;
            (what.as_ref()?.kind != named).then_some(named)
        };
        self.mistaken.extend(map.texts.iter().filter_map(mistaken));
        if map.is_ours {
            self.names.extend(&map.names);
        }
    }
}

impl<'o> RecognisedMap<'o> {
    fn of(map: &'o Map, loader: &Loader<'_>) -> Self {
        let texts = map.data.iter();
        let texts = texts.map(|datum| (datum, datum.recognise(datum.likely_path(), loader)));
        let texts: Vec<_> = texts.collect();
        let has = texts.iter().filter_map(|(_, what)| Some(what.as_ref()?.kind)).collect();
        let names = texts.iter().filter_map(|(datum, _)| kind_of_plain_name(datum.likely_path()));
        let names = names.collect();
        let name = map.identity.name().to_ascii_lowercase();
        let is_ours = ["refinery", "sampl"].iter().any(|word| name.contains(word));
        Self { map, texts, is_ours, has, names }
    }

    /// What an entry is to Refinery: what its name means, if it has the content of the other half, and an
    /// entry of the other half's name is beside it, or they are swapped.
    fn correct(&self, datum: &DataEntry, recognised: Recognised, near: &Neighbours) -> Recognised {
        let is_swapped = near.mistaken.len() == Kind::ALL.len();
        match kind_of_plain_name(datum.likely_path()) {
            Some(kind) if is_swapped || self.names.contains(&recognised.kind) => {
                Recognised { kind, ..recognised }
            }
            _ => recognised,
        }
    }

    /// Guesses whether an unrecognised entry is config or rules, by its name and its neighbours.
    fn guess(&self, datum: &DataEntry, near: &Neighbours) -> Option<Recognised> {
        let kind = kind_of_plain_name(datum.likely_path())?;
        let is_binary = matches!(&datum.content, Content::Within { fault: Some(_), .. });
        if self.is_ours && is_binary {
            return Some(Recognised { kind, generation: Generation::Second });
        }
        let other = match kind {
            Kind::Config => Kind::Rules,
            Kind::Rules => Kind::Config,
        };
        let is_half = if self.has.contains(&other) || self.is_ours && self.names.contains(&other) {
            !self.has.contains(&kind)
        } else {
            // The halves may be in two maps, neither of them recognised.
            let has_other = near.has.contains(&other) || near.names.contains(&other);
            self.is_ours && has_other && !near.has.contains(&kind)
        };
        is_half.then_some(Recognised { kind, generation: Generation::Second })
    }
}

/// The kind that a file name stands for, if it has no other words.
fn kind_of_plain_name(path: &str) -> Option<Kind> {
    format_of(path)?;
    kind_of_name(path).filter(|_| theme(split_extension(path).0).is_empty())
}

impl UnmountedFile<'_> {
    /// How it is launched, as far as pods or its map say.
    pub fn launch(&self, objects: &Objects, described: &Described) -> LaunchSpec {
        let pods = objects.place_of(self.map).and_then(|place| described.launch_for(place));
        let mut launch = pods.cloned().unwrap_or_default();
        launch.release = launch.release.or_else(|| self.map.release.clone());
        launch
    }

    /// Whether it is a file of its own.
    pub fn is_on_disk(&self) -> bool {
        matches!(self.datum.content, Content::File { .. })
    }

    /// The embedded file; `None` if it is a file of its own.
    pub fn part(&self, bond: String, launch: LaunchSpec) -> Option<EmbeddedFile> {
        let Content::Within { name, text, pieces, fault } = &self.datum.content else {
            return None;
        };
        Some(EmbeddedFile {
            name: name.clone(),
            recognised: self.recognised,
            // Where it is mounted, it may have an extension.
            format: format_of(self.datum.likely_path()).or(Some(DataFormat::Yaml)),
            text: text.clone(),
            pieces: pieces.clone(),
            bond,
            launch,
            file: pieces.first()?.outer.file,
            fault: fault.clone(),
        })
    }
}

/// Groups the unmounted files of a kustomization or script into deployments: all together if there is at most
/// one config and one rules file, else by map, else each on its own.
///
/// # Errors
/// A file cannot be read.
pub fn group_unmounted(
    here: &str,
    file: FileId,
    unmounted: Unmounted<'_>,
    (objects, described): (&Objects, &mut Described),
    loader: &mut Loader<'_>,
) -> Result<(), InputError> {
    described.unchecked.extend(unmounted.unchecked);
    described.notices.extend(unmounted.notices);
    let of = |files: &[UnmountedFile<'_>], kind| {
        files.iter().filter(|one| one.recognised.kind == kind).count()
    };
    let is_pair = |files: &[UnmountedFile<'_>]| Kind::ALL.iter().all(|&kind| of(files, kind) < 2);
    let groups: Vec<(SourceName, Vec<UnmountedFile<'_>>)> = if is_pair(&unmounted.files) {
        vec![(SourceName::of_file(here), unmounted.files)]
    } else {
        let maps = objects.maps.iter();
        let of_map = |map: &Map| {
            let theirs = unmounted.files.iter().filter(|one| std::ptr::eq(one.map, map));
            (SourceName::within(here, map.identity.name()), theirs.copied().collect::<Vec<_>>())
        };
        let alone = |(name, files): (SourceName, Vec<_>)| {
            if is_pair(&files) {
                return vec![(name, files)];
            }
            files.into_iter().map(|one| (name.clone(), vec![one])).collect()
        };
        maps.map(of_map).flat_map(alone).collect()
    };
    for (name, files) in groups {
        let Some(first) = files.first() else { continue };
        let launch = first.launch(objects, described);
        let mut spec = DeploymentSpec::new(name, launch);
        for UnmountedFile { datum, recognised, .. } in files {
            // Where it is mounted, it may have an extension.
            let path = datum.likely_path();
            let extended = format!("{path}.yaml");
            let path = if path.contains('.') { path } else { &extended };
            spec.findings.extend(datum.find_unknown_format(path));
            match load(recognised.kind, path, datum, file, loader)? {
                Loaded::File(file) => spec.push(recognised.kind, file),
                Loaded::Unchecked(finding) => described.unchecked.push(finding),
                Loaded::Silent(why) => {
                    described.notices.push(Notice::on(spec.name.clone(), why));
                }
            }
        }
        if !(spec.config.is_empty() && spec.rules.is_empty()) {
            described.specs.push((here.to_owned(), spec));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognises_plain_names() {
        for (name, kind) in [
            ("config.yaml", Some(Kind::Config)),
            ("refinery.yml", Some(Kind::Config)),
            ("refinery-config.toml", Some(Kind::Config)),
            ("a/rules.yaml", Some(Kind::Rules)),
            ("refinery_sampling-rules.json", Some(Kind::Rules)),
            ("samplers.yaml", Some(Kind::Rules)),
            ("otel-config.yaml", None),
            ("config", None),
            (".yaml", None),
        ] {
            assert_eq!(kind_of_plain_name(name), kind, "{name}");
        }
    }
}
