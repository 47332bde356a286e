//! Variables that Flux replaces in the manifests of a folder: `postBuild` of its Kustomizations.
//!
//! Several Kustomizations may apply one folder, such as those of clusters that share it. What each
//! of them makes of the manifests is a variant.

mod kustomizations;
mod variables;

use super::content::{Content, DataEntry};
use super::deployment_spec::{DeploymentSpec, FileRef};
use super::kubernetes::objects::{Map, Objects};
use super::loader::Loader;
use super::{EmbeddedFile, Outer};
use crate::source_name::SourceName;
use crate::span::{FileId, Files, Piece, Span};
use crate::syntax::Item;
use crate::vfs::input_error::InputError;
use crate::vfs::path::split;
pub use kustomizations::applied_folders;
use kustomizations::{Applying, Reach, applying};
use std::ops::Range;
use variables::{REFERENCE, Variables};

/// The kind of objects whose values are scalars of their own. Maps have texts instead.
const RELEASE: &str = "HelmRelease";

/// A mark of objects in which nothing is replaced.
const DISABLED: &str = "kustomize.toolkit.fluxcd.io/substitute: disabled";

/// What one Kustomization makes of manifests.
pub struct Variant<T> {
    pub made: T,
    by: Option<Applying>,
    /// Whether others make something else of them.
    has_others: bool,
}

/// What each Kustomization makes of the objects of a folder; at least one.
///
/// # Errors
/// A file cannot be read.
pub fn variants(
    objects: Objects,
    folder: &str,
    loader: &mut Loader<'_>,
) -> Result<Vec<Variant<Objects>>, InputError> {
    if !has_references(&objects, loader) {
        return Ok(vec![Variant::plain(objects)]);
    }
    let mut made = Vec::new();
    for by in of_objects(applying(folder, loader)?) {
        let mut filled = objects.clone();
        if let Some(variables) = &by.variables {
            for map in &mut filled.maps {
                fill(map, variables, loader)?;
            }
            for release in &mut filled.releases {
                variables.fill_item(&mut release.item);
            }
        }
        made.push((filled, by));
    }
    let is_same = |one: &Objects, other: &Objects| {
        let maps = one.maps.iter().map(|map| &map.data);
        let releases = one.releases.iter().map(|release| &release.item);
        maps.eq(other.maps.iter().map(|map| &map.data))
            && releases.eq(other.releases.iter().map(|release| &release.item))
    };
    Ok(distinct(made, objects, is_same))
}

/// What each Kustomization makes of an item in a file; at least one.
///
/// # Errors
/// A file cannot be read.
pub fn variants_of_item(
    outer: Outer<'_>,
    item: Item,
    loader: &mut Loader<'_>,
) -> Result<Vec<Variant<Item>>, InputError> {
    let is_release = item.get("kind").and_then(Item::text) == Some(RELEASE);
    if !(is_release && outer.text.contains(REFERENCE)) || outer.text.contains(DISABLED) {
        return Ok(vec![Variant::plain(item)]);
    }
    let fill = |by: Applying| {
        let mut filled = item.clone();
        if let Some(variables) = &by.variables {
            variables.fill_item(&mut filled);
        }
        (filled, by)
    };
    let made = applying(split(outer.name).0, loader)?.into_iter().map(fill).collect();
    Ok(distinct(made, item, |one, other| one == other))
}

/// The Kustomizations whose variables are those of the objects. Kustomize may change objects before
/// their variables are replaced: on their own they have unknown values.
fn of_objects(all: Vec<Applying>) -> Vec<Applying> {
    let (through, mut own): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|one| one.reach == Reach::Through);
    if own.is_empty() {
        let replacing = through.into_iter().find(|one| one.variables.is_some());
        own.extend(replacing.map(|it| Applying { variables: Some(Variables::unknown()), ..it }));
    }
    own
}

/// The variants that differ; the plain one if there are none.
fn distinct<T>(
    made: Vec<(T, Applying)>,
    plain: T,
    is_same: impl Fn(&T, &T) -> bool,
) -> Vec<Variant<T>> {
    let mut all: Vec<Variant<T>> = Vec::new();
    for (made, by) in made {
        if !all.iter().any(|known| is_same(&known.made, &made)) {
            all.push(Variant { made, by: Some(by), has_others: false });
        }
    }
    let has_others = all.len() > 1;
    for one in &mut all {
        one.has_others = has_others;
    }
    if all.is_empty() { vec![Variant::plain(plain)] } else { all }
}

impl<T> Variant<T> {
    fn plain(made: T) -> Self {
        Self { made, by: None, has_others: false }
    }

    /// Names what was found in it, and says where the values of its variables are set.
    pub fn mark<'s>(
        &self,
        parts: &mut [EmbeddedFile],
        specs: impl IntoIterator<Item = &'s mut DeploymentSpec>,
        files: &Files,
    ) {
        let Some(by) = &self.by else { return };
        for part in parts {
            self.mark_part(part, by, files);
        }
        for spec in specs {
            if self.has_others {
                spec.name = named(&spec.name, by);
            }
            for file in spec.config.iter_mut().chain(&mut spec.rules) {
                if let FileRef::Embedded(part) = file {
                    self.mark_part(part, by, files);
                }
            }
        }
    }

    fn mark_part(&self, part: &mut EmbeddedFile, by: &Applying, files: &Files) {
        for piece in &mut part.pieces {
            let text = &files.get(piece.outer.file).text;
            let written = to_end_of_line(text, piece.outer.range());
            piece.set_at = written.contains(REFERENCE).then(|| {
                let variables = by.variables.as_ref();
                variables.and_then(|known| known.place_of(written)).unwrap_or(by.place)
            });
        }
        if self.has_others {
            part.name = named(&part.name, by);
            part.bond = format!("{} {}", part.bond, by.name);
        }
    }
}

fn named(name: &SourceName, by: &Applying) -> SourceName {
    name.variant(format_args!("Kustomization {}", by.name))
}

/// These bytes and the rest of their line: a finding about a value may be at its key.
fn to_end_of_line(text: &str, bytes: Range<usize>) -> &str {
    let rest = text.get(bytes.start..).unwrap_or_default();
    let end = rest.find('\n').unwrap_or(rest.len()).max(bytes.len());
    rest.get(..end).unwrap_or(rest)
}

/// Replaces variables in a map.
fn fill(map: &mut Map, variables: &Variables, loader: &mut Loader<'_>) -> Result<(), InputError> {
    if is_disabled(&map.identity.file, loader) {
        return Ok(());
    }
    for entry in &mut map.data {
        if !refers(entry, loader) {
            continue;
        }
        if let Content::File { name, .. } = &entry.content
            && let Some((file, text)) = loader.text(name)?
        {
            let (name, fault) = (SourceName::of_file(name), None);
            let pieces = lines_of(file, &text);
            entry.content = Content::Within { name, text, pieces, fault };
        }
        if let Content::Within { text, pieces, .. } = &mut entry.content {
            (*text, *pieces) = variables.fill_pieces(text, std::mem::take(pieces));
        }
    }
    Ok(())
}

/// Whether some map or release refers to variables.
pub fn has_references(objects: &Objects, loader: &Loader<'_>) -> bool {
    let is_reference = |item: &Item| item.text().is_some_and(|text| text.contains(REFERENCE));
    objects.maps.iter().flat_map(|map| &map.data).any(|entry| refers(entry, loader))
        || objects.releases.iter().any(|release| release.item.any(&is_reference))
}

fn refers(entry: &DataEntry, loader: &Loader<'_>) -> bool {
    match &entry.content {
        Content::Within { text, .. } => text.contains(REFERENCE),
        Content::File { name, .. } => {
            loader.peek(name).ok().flatten().is_some_and(|text| text.contains(REFERENCE))
        }
        Content::Refused { .. } | Content::Unevaluated { .. } => false,
    }
}

/// The lines of a file as they are.
fn lines_of(file: FileId, text: &str) -> Vec<Piece> {
    let mut start = 0;
    let lines = text.split_inclusive('\n').map(|line| {
        let range = start..start + line.len();
        start = range.end;
        Piece::written(range.clone(), Span::new(file, range.start, range.end))
    });
    lines.collect()
}

fn is_disabled(file: &str, loader: &Loader<'_>) -> bool {
    loader.peek(file).ok().flatten().is_some_and(|text| text.contains(DISABLED))
}
