//! Texts in maps that belong to no pods in sight: which of them are Refinery's.
//!
//! By their keys; and where one half of a deployment is known by these, the other half by its name,
//! for a file that is empty or broken has no keys to be known by.

use super::describe::Described;
use super::objects::{Map, Objects};
use crate::deploy::content::{Content, Datum, Loaded, load};
use crate::deploy::deployment_spec::DeploymentSpec;
use crate::deploy::launch::LaunchSpec;
use crate::deploy::loader::Loader;
use crate::deploy::templates::{find_template, is_of_chart};
use crate::deploy::{EmbeddedFile, HOW_TO_RENDER};
use crate::diagnostic::Finding;
use crate::release::Pin;
use crate::schema::Kind;
use crate::sniff::containers::is_unrendered;
use crate::sniff::file_name::{kind_of_name, theme};
use crate::sniff::flaw::first_action;
use crate::sniff::recognise::{Generation, Recognised};
use crate::span::FileId;
use crate::vfs::input_error::InputError;
use crate::vfs::path::{format_of, split_extension};
use std::collections::HashSet;

/// A text that is Refinery's and belongs to no pods.
#[derive(Clone, Copy)]
pub struct Loose<'o> {
    pub map: &'o Map,
    pub datum: &'o Datum,
    pub recognised: Recognised,
}

/// What was found among the texts that no pods read.
#[derive(Default)]
pub struct Rest<'o> {
    pub loose: Vec<Loose<'o>>,
    pub unchecked: Vec<Finding>,
    /// Each with the file that it is about.
    pub notices: Vec<(String, String)>,
}

impl<'o> Rest<'o> {
    /// Finds all of them that are not `used`.
    pub fn of(objects: &'o Objects, used: &HashSet<String>, around: &Loader<'_>) -> Self {
        let all: Vec<Seen<'o>> = objects.maps.iter().map(|map| Seen::of(map, around)).collect();
        let mut rest = Self::default();
        for seen in &all {
            if let Some(pin) = seen.map.release.as_ref().filter(|p| p.is_first_generation()) {
                rest.leave_v1(seen, pin, used);
                continue;
            }
            for (datum, recognised) in &seen.texts {
                if datum.content.name().is_some_and(|name| used.contains(name)) {
                    continue;
                }
                let recognised = recognised.or_else(|| seen.guess(datum, &all));
                rest.take(seen.map, datum, recognised, around);
            }
            if seen.texts.iter().any(|(datum, what)| what.is_some() || is_used(datum, used)) {
                let others = seen.texts.iter().filter(|(datum, _)| !is_used(datum, used));
                rest.unchecked.extend(others.filter_map(|(datum, _)| datum.find_missing(around)));
            }
        }
        rest
    }

    /// Says that a map is not checked, if pods have not said so.
    fn leave_v1(&mut self, seen: &Seen<'o>, pin: &Pin, used: &HashSet<String>) {
        let is_news =
            |(datum, what): &(&Datum, Option<Recognised>)| what.is_some() && !is_used(datum, used);
        if seen.texts.iter().any(is_news) {
            self.unchecked.extend(pin.finding());
        }
    }

    pub fn is_silent(&self) -> bool {
        self.loose.is_empty() && self.unchecked.is_empty() && self.notices.is_empty()
    }

    fn take(
        &mut self,
        map: &'o Map,
        datum: &'o Datum,
        recognised: Option<Recognised>,
        around: &Loader<'_>,
    ) {
        if let (Content::Within { name, text, pieces, .. }, true) =
            (&datum.content, is_template(datum))
        {
            let Some(piece) = pieces.first() else { return };
            let outer = around.shelf.files.get(piece.outer.file);
            if recognised.is_some() || is_unrendered(&outer.text) {
                if is_of_chart(&outer.name, around) {
                    let notice = format!("{name}: a template, not judged; {HOW_TO_RENDER}");
                    self.notices.push((outer.name.clone(), notice));
                } else {
                    self.unchecked.extend(find_template(name, text, pieces, around));
                }
            }
            return;
        }
        let Some(recognised) = recognised else { return };
        match datum.find_refused() {
            Some(finding) => self.unchecked.push(finding),
            None => self.loose.push(Loose { map, datum, recognised }),
        }
    }
}

fn is_used(datum: &Datum, used: &HashSet<String>) -> bool {
    datum.content.name().is_some_and(|name| used.contains(name))
}

fn is_template(datum: &Datum) -> bool {
    datum.text().is_some_and(|text| first_action(text).is_some())
}

/// A map, and what its texts are by their keys.
struct Seen<'o> {
    map: &'o Map,
    texts: Vec<(&'o Datum, Option<Recognised>)>,
    /// Is it Refinery's by its name?
    is_ours: bool,
}

impl<'o> Seen<'o> {
    fn of(map: &'o Map, around: &Loader<'_>) -> Self {
        let texts = map.data.iter();
        let texts = texts.map(|datum| (datum, datum.recognise(datum.likely_path(), around)));
        let name = map.identity.name().to_ascii_lowercase();
        let is_ours = ["refinery", "sampl"].iter().any(|word| name.contains(word));
        Self { map, texts: texts.collect(), is_ours }
    }

    /// Has it a file of a kind, by its keys?
    fn has(&self, kind: Kind) -> bool {
        self.texts.iter().any(|(_, what)| what.is_some_and(|what| what.kind == kind))
    }

    /// The half that a text without keys of ours is, by its name and what lies beside it.
    fn guess(&self, datum: &Datum, all: &[Self]) -> Option<Recognised> {
        let kind = kind_of_plain_name(datum.likely_path())?;
        let other = match kind {
            Kind::Config => Kind::Rules,
            Kind::Rules => Kind::Config,
        };
        let has_name =
            |(datum, _): &(&Datum, _)| kind_of_plain_name(datum.likely_path()) == Some(other);
        let near = || all.iter().filter(|seen| self.is_ours && seen.is_near(self));
        let is_half = if self.has(other) || self.is_ours && self.texts.iter().any(has_name) {
            !self.has(kind)
        } else {
            near().any(|seen| seen.has(other)) && !near().any(|seen| seen.has(kind))
        };
        is_half.then_some(Recognised { kind, generation: Generation::Second })
    }

    fn is_near(&self, other: &Self) -> bool {
        self.map.identity.namespace == other.map.identity.namespace
    }
}

/// What a file is by its name, where that has no word but those for the kinds of files.
fn kind_of_plain_name(path: &str) -> Option<Kind> {
    format_of(path)?;
    kind_of_name(path).filter(|_| theme(split_extension(path).0).is_empty())
}

impl Loose<'_> {
    /// How it is run, as far as pods or its map say.
    pub fn given(&self, objects: &Objects, described: &Described) -> LaunchSpec {
        let pods = objects.place_of(self.map).and_then(|place| described.given_for(place));
        let mut given = pods.cloned().unwrap_or_default();
        given.release = given.release.or_else(|| self.map.release.clone());
        given
    }

    /// The text as a part of its file; none where it lies in a file of its own.
    pub fn part(&self, bond: String, given: LaunchSpec) -> Option<EmbeddedFile> {
        let Content::Within { name, text, pieces, fault } = &self.datum.content else {
            return None;
        };
        Some(EmbeddedFile {
            name: name.clone(),
            recognised: self.recognised,
            format: format_of(self.datum.likely_path()),
            text: text.clone(),
            pieces: pieces.clone(),
            bond,
            given,
            file: pieces.first()?.outer.file,
            fault: fault.clone(),
        })
    }
}

/// Puts loose texts of one kustomization together: one config and one rules of all, else of one map,
/// else each alone.
///
/// # Errors
/// A file of theirs cannot be read.
pub fn put_together(
    here: &str,
    file: FileId,
    rest: Rest<'_>,
    (objects, described): (&Objects, &mut Described),
    around: &mut Loader<'_>,
) -> Result<(), InputError> {
    described.unchecked.extend(rest.unchecked);
    described.notices.extend(rest.notices);
    let of =
        |loose: &[Loose<'_>], kind| loose.iter().filter(|one| one.recognised.kind == kind).count();
    let is_pair = |loose: &[Loose<'_>]| Kind::ALL.iter().all(|&kind| of(loose, kind) < 2);
    let groups: Vec<(String, Vec<Loose<'_>>)> = if is_pair(&rest.loose) {
        vec![(here.to_owned(), rest.loose)]
    } else {
        let maps = objects.maps.iter();
        let of_map = |map: &Map| {
            let theirs = rest.loose.iter().filter(|one| std::ptr::eq(one.map, map));
            (format!("{here}#{}", map.identity.name()), theirs.copied().collect::<Vec<_>>())
        };
        let alone = |(name, loose): (String, Vec<_>)| {
            if is_pair(&loose) {
                return vec![(name, loose)];
            }
            loose.into_iter().map(|one| (name.clone(), vec![one])).collect()
        };
        maps.map(of_map).flat_map(alone).collect()
    };
    for (name, loose) in groups {
        let Some(first) = loose.first() else { continue };
        let given = first.given(objects, described);
        let mut spec = DeploymentSpec {
            name,
            config: Vec::new(),
            rules: Vec::new(),
            given,
            findings: Vec::new(),
        };
        for Loose { datum, recognised, .. } in loose {
            let path = datum.likely_path();
            spec.findings.extend(datum.find_unknown_format(path));
            match load(recognised.kind, path, datum, file, around)? {
                Loaded::File(file) if recognised.kind == Kind::Config => spec.config.push(file),
                Loaded::File(file) => spec.rules.push(file),
                Loaded::Unchecked(finding) => described.unchecked.push(finding),
                Loaded::Silent(why) => {
                    let notice = format!("{}: {why}", spec.name);
                    described.notices.push((here.to_owned(), notice));
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
    fn plain_names_say_what_a_file_is() {
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
