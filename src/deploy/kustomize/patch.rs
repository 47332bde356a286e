//! Patches of maps and pods: strategic merges and JSON patches.
//!
//! Must not know the structure of objects (`merge` and `operation` do).

use super::build_state::BuildState;
use super::kustomization::Kustomization;
use super::merge::{RETAINED, directive, has_other_directive, merge};
use super::operation::Operation;
use super::patch_check::{CheckedPatch, check_patch};
use super::unfollowed::find_unreadable;
use crate::deploy::content::DataEntry;
use crate::deploy::content::Group;
use crate::deploy::documents::documents;
use crate::deploy::kubernetes::identity::Identity;
use crate::deploy::kubernetes::objects::{Map, Objects, entries};
use crate::deploy::texts::{clip, through};
use crate::deploy::{Outer, block, list, read_item_as};
use crate::diagnostic::Finding;
use crate::span::{FileId, Piece, Span, Window};
use crate::syntax::{Dialect, Entry, Item, Value};
use crate::vfs::input_error::InputError;
use std::collections::HashSet;

/// The maximum number of operations of a JSON patch.
const MOST: usize = 1000;

/// The key that wraps a list of operations.
const OPERATIONS: &str = "operations";

/// A patch.
struct Patch<'k> {
    /// The name of its file.
    name: String,
    file: FileId,
    text: String,
    pieces: Vec<Piece>,
    /// The value in the kustomization: a path, or the text itself.
    named: String,
    /// `target`, if set.
    target: Option<&'k Item>,
}

/// Applies all patches of a kustomization.
///
/// # Errors
/// All files together are too large.
pub fn apply_patches(
    here: &Kustomization,
    state: &mut BuildState<'_, '_>,
    built: &mut Objects,
) -> Result<(), InputError> {
    let simple = here.list("patchesStrategicMerge").iter().map(|text| (Some(text), text, None));
    let full = here.list("patches").iter().chain(here.list("patchesJson6902"));
    let full = full
        .map(|patch| (patch.get("patch"), patch.get("path").unwrap_or(patch), patch.get("target")));
    for (inline, path, target) in simple.chain(full) {
        let read = match read_file(here, path, state, built, target)? {
            None => inline.and_then(|inline| {
                let text = inline.text()?;
                check_patch(here, state, built, &CheckedPatch { named: text, text, target });
                read_inline(here, inline, target)
            }),
            read => read,
        };
        if let Some(patch) = read {
            patch.apply(here, state, built);
        }
    }
    Ok(())
}

/// Reads a patch file, if it may match a built object.
fn read_file<'k>(
    here: &Kustomization,
    path: &Item,
    state: &mut BuildState<'_, '_>,
    built: &mut Objects,
    target: Option<&'k Item>,
) -> Result<Option<Patch<'k>>, InputError> {
    let Some(path) = path.text().filter(|path| !path.contains('\n')) else { return Ok(None) };
    let named = path.to_owned();
    let name = here.path(path);
    state.collected.insert(name.clone());
    let absent = format!("the patch file `{path}` does not exist");
    let Some(text) = state.peek(here, &name, path, &absent) else { return Ok(None) };
    let patch = CheckedPatch { named: path, text: &text, target };
    let is_read = check_patch(here, state, built, &patch);
    let is_named = |identity: &mut Identity| identity.names.iter().any(|name| text.contains(name));
    if is_read && target.is_none() && !built.identities_mut().any(is_named) {
        return Ok(None);
    }
    let read = state.loader.text(&name)?;
    Ok(read.map(|(file, text)| {
        let bytes = 0..text.len();
        let pieces = vec![Piece::written(bytes.clone(), Span::new(file, 0, bytes.end))];
        Patch { name, file, text, pieces, named, target }.with_key()
    }))
}

fn read_inline<'k>(
    here: &Kustomization,
    inline: &Item,
    target: Option<&'k Item>,
) -> Option<Patch<'k>> {
    let text = inline.text()?.to_owned();
    let pieces = block::pieces(here.outer(), inline.span?, &text);
    let named = text.clone();
    Some(Patch { name: here.name.clone(), file: here.file, text, pieces, named, target }.with_key())
}

impl Patch<'_> {
    /// Wraps a list of operations in a mapping, because `read_item_as` only reads mappings.
    fn with_key(mut self) -> Self {
        let is_head = |line: &&str| {
            line.trim().is_empty() || line.starts_with("---") || line.starts_with('#')
        };
        let head: usize = self.text.split_inclusive('\n').take_while(is_head).map(str::len).sum();
        let key = match self.text.get(head..).and_then(|rest| rest.chars().next()) {
            Some('-') => format!("{OPERATIONS}:\n"),
            Some('[') => format!("{OPERATIONS}: "),
            _ => return self,
        };
        let rest = clip(self.pieces.clone(), head..self.text.len());
        let by = head + key.len();
        let rest = rest
            .into_iter()
            .map(|piece| Piece { inner: piece.inner.start + by..piece.inner.end + by, ..piece });
        self.pieces = clip(self.pieces, 0..head);
        self.pieces.extend(rest);
        self.text.insert_str(head, &key);
        self
    }

    fn apply(&self, here: &Kustomization, state: &mut BuildState<'_, '_>, built: &mut Objects) {
        let Self { name, file, text, .. } = self;
        for range in documents(text) {
            let outer = Outer { start: range.start, ..Outer::of(name, *file, text) };
            let document = text.get(range.clone()).unwrap_or_default();
            let item = match read_item_as(Dialect::Kustomize, *file, document) {
                Ok(item) => item.moved(range.start),
                Err(fault) => {
                    state.unchecked.push(self.find_unreadable(fault, range.start));
                    continue;
                }
            };
            if list(&item, OPERATIONS).len() > MOST {
                let what = format!("a patch with more than {MOST} operations is not supported");
                state.doubt(here, name, &what, None);
                continue;
            }
            let followed = match item.get(OPERATIONS).and_then(Item::list) {
                Some(operations) => {
                    let placed = self.placed(&item);
                    let placed = list(&placed, OPERATIONS);
                    self.operate(outer, operations, built).and(self.change(placed, built))
                }
                None => self.merge(outer, &item, built),
            };
            if let Err(about) = followed {
                let what = format!("a patch of `{about}` is not supported");
                state.doubt(here, &self.named, &what, Some(&about));
            }
        }
    }

    /// Reports a patch that cannot be read; `fault` is relative to `start`.
    fn find_unreadable(&self, fault: Option<Span>, start: usize) -> Finding {
        let whole = Span::new(self.file, 0, 1);
        let span = fault.map_or(whole, |span| span.moved(start));
        let piece = Piece::written(0..1, span);
        let placed = through(vec![piece], &self.pieces).first().map(|piece| piece.outer);
        find_unreadable(&self.name, self.file, placed)
    }

    /// Merges the patch into the matching objects.
    ///
    /// # Errors
    /// The name of an object for which this is not modelled.
    fn merge(&self, outer: Outer<'_>, patch: &Item, built: &mut Objects) -> Result<(), String> {
        let own = Identity::of(outer.name, patch);
        let mut chosen = Vec::new();
        for identity in built.identities_mut() {
            let is_meant = match self.target {
                Some(target) => is_target(target, identity)?,
                None => identity.is(&own.kind, own.name()),
            };
            chosen.push(is_meant);
        }
        let Some(first) = chosen.iter().position(|&is_meant| is_meant) else { return Ok(()) };
        if directive(patch) == Some("delete") {
            built.take_away(&chosen);
            return Ok(());
        }
        let is_for_map = chosen.iter().take(built.maps.len()).any(|&is_meant| is_meant);
        let is_other =
            |item: &Item| has_other_directive(item) || is_for_map && item.get(RETAINED).is_some();
        if patch.any(&is_other) {
            let identity = built.identities_mut().nth(first);
            return Err(identity.map(|i| i.name().to_owned()).unwrap_or_default());
        }
        let (maps, others) = chosen.split_at(built.maps.len());
        let (pods, releases) = others.split_at(built.pods.len());
        let placed = self.placed(patch);
        for (release, _) in built.releases.iter_mut().zip(releases).filter(|(_, it)| **it) {
            merge(&mut release.item, &placed, "");
            release.is_changed = true;
            release.patches.push(self.name.clone());
        }
        for (map, _) in built.maps.iter_mut().zip(maps).filter(|(_, is_meant)| **is_meant) {
            self.merge_map(outer, patch, map);
        }
        for (pods, _) in built.pods.iter_mut().zip(pods).filter(|(_, is_meant)| **is_meant) {
            merge(&mut pods.item, patch, "");
        }
        Ok(())
    }

    fn merge_map(&self, outer: Outer<'_>, patch: &Item, map: &mut Map) {
        let kind = map.identity.kind.clone();
        let replaces = |key: &&str| {
            let is_of_map = Group::of(key, &kind).is_some();
            is_of_map && patch.get(key).and_then(directive) == Some("replace")
        };
        let groups = ["data", "binaryData", "stringData"];
        if directive(patch) == Some("replace") || groups.iter().any(replaces) {
            map.data.clear();
        }
        let is_gone = |(_, entry): &(Group, &Entry)| entry.item.value == Value::Null;
        let (gone, put): (Vec<_>, Vec<_>) = entries(patch, &kind)
            .filter(|(_, entry)| !entry.key.starts_with('$'))
            .partition(is_gone);
        let gone: HashSet<&str> = gone.into_iter().map(|(_, entry)| entry.key.as_str()).collect();
        map.data.retain(|datum| !gone.contains(datum.key.as_str()));
        let name = map.identity.name();
        let put = put.into_iter().map(|(group, entry)| self.datum(outer, name, group, entry));
        let put: Vec<DataEntry> = put.collect();
        map.put(put);
    }

    /// Applies operations to the matching objects.
    ///
    /// # Errors
    /// The name of an object for which this is not modelled.
    fn operate(
        &self,
        outer: Outer<'_>,
        operations: &[Item],
        built: &mut Objects,
    ) -> Result<(), String> {
        let Some(target) = self.target else { return Ok(()) };
        for map in &mut built.maps {
            if is_target(target, &map.identity)? {
                let name = map.identity.name().to_owned();
                for item in operations {
                    let datum = |group, entry: &Entry| self.datum(outer, &name, group, entry);
                    let operation = Operation::of(item).ok_or(&name)?;
                    operation.change_map(map, &datum).ok_or(&name)?;
                }
            }
        }
        for pods in &mut built.pods {
            if is_target(target, &pods.identity)? {
                for item in operations {
                    let changed = Operation::of(item).and_then(|op| op.change(&mut pods.item));
                    changed.ok_or(pods.identity.name())?;
                }
            }
        }
        Ok(())
    }

    /// Applies operations, with their places in the file, to the matching objects that install
    /// charts.
    ///
    /// # Errors
    /// The name of an object for which this is not modelled.
    fn change(&self, operations: &[Item], built: &mut Objects) -> Result<(), String> {
        let Some(target) = self.target else { return Ok(()) };
        for release in &mut built.releases {
            if is_target(target, &release.identity)? {
                for item in operations {
                    let changed = Operation::of(item).and_then(|op| op.change(&mut release.item));
                    changed.ok_or(release.identity.name())?;
                }
                release.is_changed = true;
            }
        }
        Ok(())
    }

    /// An item of the patch, with its places in the file.
    fn placed(&self, item: &Item) -> Item {
        let window = Window::new(self.file, self.pieces.clone());
        item.clone().relocated(&|span| window.outward(span))
    }

    fn datum(&self, outer: Outer<'_>, map: &str, group: Group, entry: &Entry) -> DataEntry {
        DataEntry::of(outer, map, group, entry, &|pieces| through(pieces, &self.pieces))
    }
}

/// Whether the target matches an object. Names may be patterns, of which only `.*` is supported.
///
/// # Errors
/// The name of the object, if that is not supported.
fn is_target(target: &Item, identity: &Identity) -> Result<bool, String> {
    let word = |key| target.get(key).and_then(Item::text).filter(|word| !word.is_empty());
    if word("kind").is_some_and(|kind| kind != identity.kind) {
        return Ok(false);
    }
    let is_unclear = |name: &str| name.contains(['^', '$', '[', '(', '|', '+', '?', '\\']);
    // Patterns are anchored.
    let name = word("name").map(|name| name.trim_start_matches('^').trim_end_matches('$'));
    if name.is_some_and(is_unclear) {
        return Err(identity.name().to_owned());
    }
    let selectors =
        [("labelSelector", &identity.labels), ("annotationSelector", &identity.annotations)];
    for (key, pairs) in selectors {
        let Some(selector) = word(key) else { continue };
        match selects(selector, pairs) {
            Some(true) => {}
            Some(false) => return Ok(false),
            None => return Err(identity.name().to_owned()),
        }
    }
    Ok(name.is_none_or(|name| identity.names.iter().any(|known| fits(name, known))))
}

/// Whether a selector such as `app=refinery,tier!=dev` selects an object with these labels; `None` if
/// it has sets, which are not modelled.
fn selects(selector: &str, labels: &[(String, String)]) -> Option<bool> {
    if selector.contains(['(', ')']) {
        return None;
    }
    let value = |key: &str| {
        let found = labels.iter().find(|(known, _)| known == key.trim());
        found.map(|(_, value)| value.as_str())
    };
    let meets = |term: &str| match (term.split_once("!="), term.split_once('=')) {
        (Some((key, wanted)), _) => value(key) != Some(wanted.trim()),
        (None, Some((key, wanted))) => {
            value(key) == Some(wanted.strip_prefix('=').unwrap_or(wanted).trim())
        }
        (None, None) => match term.strip_prefix('!') {
            Some(key) => value(key).is_none(),
            None => value(term).is_some(),
        },
    };
    Some(selector.split(',').map(str::trim).filter(|term| !term.is_empty()).all(meets))
}

fn fits<'n>(pattern: &str, name: &'n str) -> bool {
    let Some((front, end)) = pattern.rsplit_once(".*") else { return pattern == name };
    let (start, middle) = front.split_once(".*").unwrap_or((front, ""));
    let inner = name.strip_prefix(start).and_then(|name| name.strip_suffix(end));
    let tail = |rest: &'n str, part| Some(rest.split_once(part)?.1);
    inner.is_some_and(|inner| middle.split(".*").try_fold(inner, tail).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selects_by_labels() {
        let labels = [("app", "refinery"), ("tier", "prod")];
        let labels = labels.map(|(key, value)| (key.to_owned(), value.to_owned()));
        for (selector, expected) in [
            ("app=refinery", Some(true)),
            ("app==refinery, tier=prod", Some(true)),
            ("app=refinery,tier=dev", Some(false)),
            ("app!=refinery", Some(false)),
            ("x!=y", Some(true)),
            ("app", Some(true)),
            ("!app", Some(false)),
            ("x", Some(false)),
            ("app in (refinery)", None),
        ] {
            assert_eq!(selects(selector, &labels), expected, "{selector}");
        }
    }

    #[test]
    fn matches_names_by_pattern() {
        for (pattern, name, expected) in [
            ("refinery", "refinery", true),
            ("refinery", "refinery-2", false),
            (".*", "x", true),
            ("a.*c", "abc", true),
            ("a.*c", "abcd", false),
            ("a.*b.*", "axb", true),
            ("a.*b.*c.*d", "abcd", true),
            ("a.*b.*c.*d", "acbd", false),
            ("ab.*bc", "abc", false),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
    }
}
