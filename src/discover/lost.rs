//! Refinery's files in an earlier state that are no longer recognised in their place.
//!
//! A file that was checked before a change and still exists cannot become something else silently:
//! neither a plain file nor one inside another file, such as an entry of a `ConfigMap`.

use super::Sources;
use super::ledger::Outcome;
use super::mention::{mention_of, start_of_refinery};
use super::path_filter::is_of_tool;
use super::unchecked::UNREADABLE;
use crate::deploy::places::{find_place, find_sealed, find_similar_place, is_of_other_chart};
use crate::deploy::resolve::UNKNOWN_FILE;
use crate::deploy::{Deployment, is_valid_hcl};
use crate::diagnostic::Finding;
use crate::schema::Kind;
use crate::sniff::comment::is_comment;
use crate::sniff::containers::has_version;
use crate::sniff::file_name::{is_copy, is_hcl, kind_of_name};
use crate::sniff::unrecognised::{Condition, examine};
use crate::source_name::SourceName;
use crate::span::{FileId, Span, Window};
use crate::vfs::decode::text_of;
use crate::vfs::path::{folder_path, format_of, join, split, split_extension};
use crate::vfs::{Skip, Vfs};
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

/// Extensions of documents, in which the name of a file refers to nothing.
const DOCUMENTS: [&str; 7] = ["adoc", "csv", "html", "md", "mdx", "rst", "txt"];

impl Sources {
    /// Reports what `before` checked, still exists in some form, and is not checked now. The file
    /// systems are those before and after the change.
    pub fn report_lost(&mut self, before: &Self, [old, new]: [&dyn Vfs; 2]) {
        let (known, were) = (self.checked(), before.checked());
        let count = |all: &BTreeMap<SourceName, Kind>, name: &SourceName, kind: Kind| {
            all.iter().filter(|(other, its)| other.file() == name.file() && **its == kind).count()
        };
        let of_kind = |all: &BTreeMap<SourceName, Kind>, kind: Kind| {
            all.values().filter(|its| **its == kind).count()
        };
        // A file that moved within its container file is not lost.
        let is_fewer = |name, kind| count(&known, name, kind) < count(&were, name, kind);
        let mut accounted: HashSet<String> =
            self.unchecked.iter().filter_map(|finding| self.file_of(finding)).collect();
        let left = self.ledger.iter();
        let excluded = left.filter(|(_, outcome)| matches!(outcome, Outcome::Excluded(_)));
        accounted.extend(excluded.map(|(name, _)| name.to_owned()));
        let new_files = OnceCell::new();
        for (name, &kind) in &were {
            let is_other = known.get(name).is_some_and(|its| *its != kind);
            if is_other && kind_of_name(name.as_str()) == Some(kind) {
                let finding = self.find_lost(name, kind, [old, new], false);
                self.unchecked.extend(finding);
                continue;
            }
            let is_lost = !known.contains_key(name) && is_fewer(name, kind);
            let is_merged = || count(&known, name, kind) == 0 && self.is_merged(name.file(), kind);
            if !is_lost || accounted.contains(name.file()) || is_merged() {
                continue;
            }
            // A common file may replace those of several environments.
            let is_new = |(other, its): (&SourceName, &Kind)| {
                *its == kind && !were.contains_key(other) && other.file() != name.file()
            };
            let is_moved =
                of_kind(&known, kind) >= of_kind(&were, kind) || known.iter().any(is_new);
            let mut finding = self.find_lost(name, kind, [old, new], is_moved);
            let is_gone = finding.is_none() && text_of(name.file(), new).is_none();
            if is_gone && is_moved {
                finding = self.find_still_named(name, new);
            } else if is_gone {
                let new_files = new_files.get_or_init(|| self.unrecognised_since(old));
                finding = self
                    .find_broken_replacement(name, kind, new_files, new)
                    .or_else(|| self.find_out_of_sight(name, kind, [old, new]))
                    .or_else(|| self.find_still_named(name, new))
                    .or_else(|| self.find_left(name, kind, before));
            }
            self.unchecked.extend(finding);
        }
        let unsupplied = self.unsupplied(before, &accounted);
        for (container, halves) in unsupplied {
            if is_still_there(&container, [old, new]) {
                let finding = self.find_unsupplied(&container, &halves, new);
                self.unchecked.extend(finding);
            }
        }
    }

    /// Whether a deployment has a file of this kind that includes parts of this file.
    fn is_merged(&self, file: &str, kind: Kind) -> bool {
        let sources = self.deployments.iter().flat_map(|deployment| match kind {
            Kind::Config => &deployment.config,
            Kind::Rules => &deployment.rules,
        });
        let windows = sources.filter_map(|source| self.files.get(source.file).window.as_ref());
        let mut drawn = windows.flat_map(Window::files);
        drawn.any(|drawn| self.files.get(drawn).name.file() == file)
    }

    /// Containers that `before` gave files of some kinds, and that have none of these now.
    fn unsupplied(
        &self,
        before: &Self,
        accounted: &HashSet<String>,
    ) -> BTreeMap<SourceName, Vec<Kind>> {
        let count = |sources: &Self, file: Option<&str>, kind: Kind| {
            let of_kind = sources.supplied.iter().filter(|(_, its)| *its == kind);
            of_kind.filter(|(name, _)| file.is_none_or(|file| name.file() == file)).count()
        };
        // A container that was renamed, or moved to another file, is not one of them; nor is one that has a
        // file in fewer variants.
        let is_fewer = |file, kind| count(self, file, kind) < count(before, file, kind);
        let is_variant = |name: &SourceName, kind| {
            let is_same = |other: &SourceName| other.without_variant() == name.without_variant();
            self.supplied.iter().any(|(other, its)| *its == kind && is_same(other))
        };
        let gone = before.supplied.difference(&self.supplied).filter(|(name, kind)| {
            !is_variant(name, *kind)
                && is_fewer(Some(name.file()), *kind)
                && is_fewer(None, *kind)
                && !accounted.contains(name.file())
        });
        let mut halves: BTreeMap<SourceName, Vec<Kind>> = BTreeMap::new();
        for (name, kind) in gone {
            halves.entry(name.clone()).or_default().push(*kind);
        }
        halves
    }

    /// Reports a container that has lost its files although its own file still starts Refinery.
    fn find_unsupplied(
        &mut self,
        container: &SourceName,
        halves: &[Kind],
        new: &dyn Vfs,
    ) -> Option<Finding> {
        let text = text_of(container.file(), new)?;
        let line = start_of_refinery(&text)?;
        let file = self.files.add(container.file(), text.as_str());
        let halves: Vec<&str> = halves.iter().map(|kind| kind.word()).collect();
        let halves = halves.join(" and ");
        let message = format!(
            "`{container}` still starts Refinery, but no longer provides its {halves}, as it did before \
             this change"
        );
        let help = "correct the path, or remove what starts Refinery";
        let finding = Finding::new(&UNKNOWN_FILE, message);
        Some(finding.at(Span::new(file, line.start, line.end), "not checked").help(help))
    }

    /// Reports a file that still exists but is no longer recognised.
    fn find_lost(
        &mut self,
        name: &SourceName,
        kind: Kind,
        [old, new]: [&dyn Vfs; 2],
        is_moved: bool,
    ) -> Option<Finding> {
        let text = text_of(name.file(), new)?;
        let file = self.files.add(name.file(), text.as_str());
        let before = text_of(name.file(), old).unwrap_or_default();
        // Another file overrides what is in this one.
        let is_overridden = is_moved && before == text;
        let is_disabled = || !name.place().is_empty() && is_commented_out(&before, &text);
        if is_overridden || is_disabled() || is_of_other_chart(name, file, &text) {
            return None;
        }
        let place = if name.place().is_empty() {
            Some(top(file, &text))
        } else {
            let of_keys = || has_version(&text).then(|| top(file, &text));
            find_place(name, file, &text).or_else(|| {
                // Another file of the kind may be where it went.
                let replaced =
                    || is_replaced(name.file(), &before, &text).then(|| top(file, &text));
                let similar = || find_similar_place(name, file, &text).or_else(of_keys);
                (!is_moved).then(|| similar().or_else(replaced))?
            })
        };
        let message = format!(
            "`{name}` was a Refinery {} file before this change and is not recognised now",
            kind.word()
        );
        let help = "restore it, or remove it and what refers to it";
        Some(Finding::new(&UNREADABLE, message).at(place?, "not checked").help(help))
    }

    /// The files that are not Refinery's and that an earlier state does not have.
    fn unrecognised_since(&self, old: &dyn Vfs) -> Vec<String> {
        let left = self.ledger.iter().filter(|(_, why)| matches!(why, Outcome::NotRefinery(_)));
        let files = left.map(|(file, _)| file).filter(|file| !file.ends_with('/'));
        files.filter(|file| text_of(file, old).is_none()).map(str::to_owned).collect()
    }

    /// Reports a new file that replaces a removed one: it has the same name in another
    /// folder or with another extension, or the same place inside.
    fn find_broken_replacement(
        &mut self,
        name: &SourceName,
        kind: Kind,
        new_files: &[String],
        new: &dyn Vfs,
    ) -> Option<Finding> {
        let stem = |file: &str| split_extension(file).0.to_lowercase();
        let is_plain = name.place().is_empty();
        // Such as `config.yaml.j2` for `config.yaml`.
        let (folder, own) = split(name.file());
        let names = new.names(folder_path(folder)).into_iter();
        let sources = names.filter(|it| is_plain && split_extension(it).0 == own && !is_copy(it));
        let sources: Vec<String> = sources.map(|it| join(folder, &it)).collect();
        let is_alike = |file: &&String| !is_plain || stem(file) == stem(name.file());
        for file in new_files.iter().filter(is_alike).chain(&sources) {
            let Some(text) = text_of(file, new) else { continue };
            let condition = examine(format_of(file), &text);
            if is_plain && matches!(condition, Condition::OtherKeys { is_foreign: true, .. }) {
                continue;
            }
            let id = self.files.add(file.as_str(), text.as_str());
            let inner = SourceName::within(file, name.place());
            let place = if is_plain {
                Some(top(id, &text))
            } else {
                find_place(&inner, id, &text).or_else(|| find_sealed(&inner, id, &text))
            };
            if let Some(place) = place {
                let message = format!(
                    "`{file}` is not recognised, but replaces the Refinery {} file `{name}`",
                    kind.word()
                );
                let help = "fix the file, or rename it if it does not belong to Refinery";
                return Some(
                    Finding::new(&UNREADABLE, message).at(place, "not checked").help(help),
                );
            }
        }
        None
    }

    /// Reports a file that moved into a folder which is not searched, or whose folder is a link now.
    fn find_out_of_sight(
        &mut self,
        name: &SourceName,
        kind: Kind,
        [old, new]: [&dyn Vfs; 2],
    ) -> Option<Finding> {
        let place = replaced_folder(name.file(), [old, new]).or_else(|| {
            let is_skipped = |outcome: &Outcome| {
                *outcome == Outcome::NotRefinery(Skip::Vendored.reason().to_owned())
            };
            let skipped = self.ledger.iter().filter(|(_, outcome)| is_skipped(outcome));
            skipped
                .map(|(folder, _)| folder)
                .find_map(|folder| moved_into(folder, name.file(), [old, new]))
        })?;
        let text = text_of(&place, new).unwrap_or_default();
        let file = self.files.add(place.as_str(), text.as_str());
        let message = format!(
            "`{place}` replaces the Refinery {} file `{name}` and is not checked",
            kind.word()
        );
        let help =
            "move it to a folder that is searched, or exclude it in the settings with a reason";
        Some(Finding::new(&UNREADABLE, message).at(top(file, &text), "not checked").help(help))
    }

    /// Reports the counterpart of a removed file, which is on its own now.
    fn find_left(&self, name: &SourceName, kind: Kind, before: &Self) -> Option<Finding> {
        let is_named =
            |sources: &Self, file, name: &SourceName| sources.files.get(file).name == *name;
        let mut were = before.deployments.iter();
        let was = were.find(|was| was.files().any(|file| is_named(before, file, name)))?;
        let others: Vec<&SourceName> =
            was.files().map(|file| &before.files.get(file).name).filter(|it| *it != name).collect();
        let is_alone = |now: &&Deployment| now.config.is_empty() != now.rules.is_empty();
        let alone = self.deployments.iter().filter(is_alone).flat_map(Deployment::files);
        let left = alone.into_iter().find(|file| others.contains(&&self.files.get(*file).name))?;
        let message = format!(
            "the Refinery {} file `{name}` was removed, but `{}` is still there",
            kind.word(),
            self.files.get(left).name
        );
        let place = top(left, &self.files.get(left).text);
        let help = "restore the file, or remove both";
        Some(
            Finding::new(&UNREADABLE, message).at(place, "not checked together with it").help(help),
        )
    }

    /// Reports a file that names a removed one.
    fn find_still_named(&mut self, name: &SourceName, new: &dyn Vfs) -> Option<Finding> {
        let left = self.ledger.iter().map(|(entry, _)| entry.to_owned());
        let opened = self.files.iter().map(|file| file.name.file().to_owned());
        let seen: BTreeSet<String> = left.chain(opened).collect();
        let is_document = |entry: &str| DOCUMENTS.contains(&split_extension(entry).1);
        let may_name =
            |entry: &String| !(entry.ends_with('/') || is_document(entry) || is_of_tool(entry));
        let has_alike = seen.iter().any(|entry| is_alike(entry, name.file()));
        let mut naming = seen.into_iter().filter(may_name).filter_map(|entry| {
            let text = text_of(&entry, new)?;
            let at = mention_of((name.file(), has_alike), &entry, &text, new)?;
            Some((at, entry, text))
        });
        let (at, entry, text) = naming.next()?;
        drop(naming);
        // The other half may have been in the same file.
        let is_known = |finding: &Finding| {
            finding.primary().is_some_and(|place| place.range() == at)
                && self.file_of(finding).is_some_and(|file| file == entry)
        };
        if self.unchecked.iter().any(is_known) {
            return None;
        }
        let file = self.files.add(entry.as_str(), text.as_str());
        let message = format!("`{}` was removed, but `{entry}` still refers to it", name.file());
        let place = Span::new(file, at.start, at.end);
        let help = "restore the file, or remove what refers to it";
        Some(Finding::new(&UNKNOWN_FILE, message).at(place, "does not exist").help(help))
    }

    /// The files of all deployments, by name.
    fn checked(&self) -> BTreeMap<SourceName, Kind> {
        let halves = self.deployments.iter().flat_map(|deployment| {
            let config = deployment.config.iter().map(|source| (source, Kind::Config));
            config.chain(deployment.rules.iter().map(|source| (source, Kind::Rules)))
        });
        halves.map(|(source, kind)| (self.files.get(source.file).name.clone(), kind)).collect()
    }

    fn file_of(&self, finding: &Finding) -> Option<String> {
        let place = finding.primary()?;
        Some(self.files.get(self.files.outermost(place.file)).name.file().to_owned())
    }
}

/// Whether all lines removed from a text are now comments in it.
fn is_commented_out(before: &str, after: &str) -> bool {
    let lines = |text: &'_ str| -> HashSet<String> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && *line != "---");
        lines.map(str::to_owned).collect()
    };
    let (old, new) = (lines(before), lines(after));
    let comments: HashSet<&str> =
        new.iter().filter_map(|line| line.strip_prefix('#')).map(str::trim).collect();
    let mut gone = old.difference(&new).filter(|line| !is_comment(line)).peekable();
    gone.peek().is_some() && gone.all(|line| comments.contains(line.as_str()))
}

/// Whether a file still has the word that names one of its containers.
fn is_still_there(container: &SourceName, [old, new]: [&dyn Vfs; 2]) -> bool {
    let name = container.place().rsplit(['#', '/', '.']).next().unwrap_or_default();
    let has =
        |store: &dyn Vfs| text_of(container.file(), store).is_some_and(|text| text.contains(name));
    !has(old) || has(new)
}

/// Whether a text that held files of Refinery's was replaced by something that cannot hold any: nothing, what
/// a failed download leaves, a template, or an object without a name.
fn is_replaced(file: &str, before: &str, after: &str) -> bool {
    /// More lines are a file of another purpose.
    const MOST_LINES: usize = 3;
    let lines = |text: &'_ str| -> Vec<String> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && *line != "---");
        lines.map(str::to_owned).collect()
    };
    let (old, new) = (lines(before), lines(after));
    // Terraform may define anything else.
    let is_other = is_hcl(file) && after.contains(['{', '=']) && is_valid_hcl(after);
    let is_stub =
        new.len() <= MOST_LINES && !is_other && !new.iter().any(|line| old.contains(line));
    let is_template = !before.contains("{{") && new.iter().any(|line| line.starts_with("{{"));
    let is_binary = after.contains(['\0', '\u{fffd}']);
    let has = |key: &str| after.lines().any(|line| line.starts_with(key));
    let is_unnamed =
        has("apiVersion:") && has("kind:") && !has("metadata:") && before.contains("metadata:");
    is_stub || is_template || is_binary || is_unnamed && !has("configMapGenerator:")
}

/// Whether a path is that of the same file of another environment: one of its folders differs.
fn is_alike(path: &str, file: &str) -> bool {
    let (parts, others) = (path.split('/'), file.split('/'));
    let is_own = split(path).1 == split(file).1 && parts.clone().count() == others.clone().count();
    is_own && parts.zip(others).filter(|(part, other)| part != other).count() == 1
}

/// The folder of a file that is something else now, such as a link.
fn replaced_folder(file: &str, [old, new]: [&dyn Vfs; 2]) -> Option<String> {
    let ends = file.match_indices('/').map(|(end, _)| &file[..end]);
    let is_replaced = |folder: &&str| {
        let (above, own) = split(folder);
        old.is_folder(Path::new(folder))
            && !new.is_folder(Path::new(folder))
            && new.names(folder_path(above)).iter().any(|name| name == own)
    };
    ends.into_iter().find(is_replaced).map(str::to_owned)
}

/// The new file of the same name in a folder.
fn moved_into(folder: &str, file: &str, [old, new]: [&dyn Vfs; 2]) -> Option<String> {
    let walk = new.walk(Path::new(folder), |name| format_of(name).is_some()).ok()?;
    let is_it = |name: &String| split(name).1 == split(file).1 && text_of(name, old).is_none();
    walk.files.into_iter().map(|file| file.name).find(is_it)
}

/// The first line.
fn top(file: FileId, text: &str) -> Span {
    Span::new(file, 0, text.lines().next().map_or(0, str::len))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_commented_out_if_all_that_are_gone_are_comments() {
        for (before, after, expected) in [
            ("a: 1\nb:\n  c: 2\n", "# a: 1\n# b:\n#   c: 2\n", true),
            ("a: 1\nb:\n  c: 2\n", "a: 1\n#b:\n#  c: 2\n", true),
            ("a: 1\nb: 2\n", "a: 1\n", false),
            ("a: 1\nb: 2\n", "a: 1\n#c: 2\n", false),
            ("a: 1\n", "a: 1\n", false),
        ] {
            assert_eq!(is_commented_out(before, after), expected, "{after:?}");
        }
    }

    #[test]
    fn what_cannot_hold_the_files_replaces_them() {
        let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  config.yaml: |\n    a: 1\n";
        for (file, after, expected) in [
            ("a.yaml", "", true),
            ("a.yaml", "404: Not Found\n", true),
            ("a.yaml", "{\"message\": \"Not Found\"}", true),
            ("a.yaml", "---\nerror: x\ncode: 1\n", true),
            ("a.yaml", "replicas: 2\nimage: a\nport: 80\nhost: b\n", false),
            ("a.yaml", "apiVersion: v1\nkind: ConfigMap\n", true),
            ("a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {}\n", false),
            ("a.yaml", "apiVersion: v1\nkind: ConfigMap\nconfigMapGenerator:\n- name: a\n", false),
            ("a.yaml", "apiVersion: v1\nmetadata: {name: a}\ndata:\n  {{- toYaml .x }}\n", true),
            ("a.yaml", "apiVersion: v1\nmetadata: {name: a}\nb: '{{ x }}'\nc: d\n", false),
            ("a.yaml", "apiVersion: v1\nmetadata: {name: a}\nx: \u{fffd}\ny: z\n", true),
            ("a.sh", "404: Not Found\n", true),
            ("main.tf", "", true),
            ("main.tf", "terraform {}\n", false),
            ("main.tf", "404: Not Found\n", true),
        ] {
            assert_eq!(is_replaced(file, map, after), expected, "{file} {after:?}");
        }
        assert!(!is_replaced("a.yaml", "a: '{{ x }}'\nb: c\n", "b: c\n{{ x }}\n"));
    }
}
