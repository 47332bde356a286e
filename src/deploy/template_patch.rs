//! `templatePatch` of an `ApplicationSet`: a template in Go's syntax, whose result Argo CD merges over the
//! application that it makes for each set of parameters.
//!
//! References to parameters are evaluated. Conditions and loops are not; one around anything that may
//! change what Refinery reads is reported. Must not open what is in the applications.

use super::chart::facts::merge;
use super::gitops::{UNFOLLOWED, uses};
use super::loader::Loader;
use super::parameters::{filled, find};
use super::texts::replace_in_lines;
use super::{EmbeddedFile, Outer, at, block, read_item};
use crate::diagnostic::Finding;
use crate::span::{FileId, Window};
use crate::syntax::{Item, Value};

/// Parts of an application that decide what Refinery reads.
const RELEVANT: [&str; 10] = [
    "source",
    "helm",
    "kustomize",
    "alue",
    "arameter",
    "path:",
    "chart:",
    "targetRevision",
    "repoURL",
    "patches",
];

/// Words that open a part of a template, which `end` closes.
const OPENING: [&str; 4] = ["if", "range", "with", "define"];

/// The applications of a set with a patch, as sets without a patch: one for each result of the patch, with
/// its name if there are several. `None` if there is no patch. One that is not followed is reported if it
/// may concern Refinery.
pub fn variants(
    outer: Outer<'_>,
    set: &Item,
    loader: &Loader<'_>,
    unchecked: &mut Vec<Finding>,
) -> Option<Vec<(Option<String>, Item)>> {
    let written = patch_of(set)?;
    let text = written.text()?;
    let is_ours = !uses(set).is_empty() || text.contains("refinery");
    let Some(plain) = without_conditions(text) else {
        if is_ours {
            unchecked.push(unfollowed(written));
        }
        return None;
    };
    let pieces = block::pieces(outer, written.span?, text);
    let parameters = find(outer, set, loader);
    let title = at(set, &["spec", "template", "metadata", "name"]).and_then(Item::text);
    let mut texts: Vec<(String, Vec<_>)> = Vec::new();
    let mut titles = Vec::new();
    for known in parameters.iter().map(Some).chain(parameters.is_empty().then_some(None)) {
        let fill = |line: &str| known.and_then(|known| filled(line, known));
        let fill = |line: &str| fill(line).unwrap_or_else(|| line.to_owned());
        let one = replace_in_lines(&plain, pieces.clone(), "{{", &fill);
        if !texts.iter().any(|(text, _)| *text == one.0) {
            let title = title.and_then(|title| filled(title, known?));
            titles.push(title.unwrap_or_else(|| format!("application {}", texts.len() + 1)));
            texts.push(one);
        }
    }
    let is_single = texts.len() == 1;
    let mut all = Vec::new();
    for ((text, pieces), title) in texts.into_iter().zip(titles) {
        let Ok(patch) = read_item(outer.file, &text) else {
            if is_ours {
                unchecked.push(unfollowed(written));
            }
            return None;
        };
        let window = Window::new(outer.file, pieces);
        let patched = merged(set, &patch.relocated(&|span| window.outward(span)))?;
        all.push((Some(title).filter(|_| !is_single), patched));
    }
    Some(all)
}

/// Marks what was found in one of several applications.
pub fn name_parts<'p>(title: Option<&str>, parts: impl Iterator<Item = &'p mut EmbeddedFile>) {
    let Some(title) = title else { return };
    for part in parts {
        part.name = part.name.variant(title);
        part.bond = format!("{} {title}", part.bond);
    }
}

/// A set with its patch applied, whatever its parameters are; `None` if it has none that can be followed.
pub fn applied(set: &Item) -> Option<Item> {
    let plain = without_conditions(patch_of(set)?.text()?)?;
    merged(set, &read_item(FileId(0), &plain).ok()?)
}

fn patch_of(set: &Item) -> Option<&Item> {
    let is_set = set.get("kind").and_then(Item::text) == Some("ApplicationSet");
    at(set, &["spec", "templatePatch"]).filter(|_| is_set)
}

/// The set with a patch merged over its template, in place of the patch.
fn merged(set: &Item, patch: &Item) -> Option<Item> {
    let mut set = set.clone();
    let spec = set.entries_mut().iter_mut().find(|entry| entry.key == "spec")?;
    let Value::Map(entries) = &mut spec.item.value else { return None };
    entries.retain(|entry| entry.key != "templatePatch");
    let template = entries.iter_mut().find(|entry| entry.key == "template")?;
    template.item = merge(patch, template.item.clone());
    Some(set)
}

/// A template without its conditions and loops, with spaces in their place; `None` if one of them may
/// decide what Refinery reads.
fn without_conditions(text: &str) -> Option<String> {
    let mut plain = String::new();
    let (mut depth, mut rest) = (0_usize, text);
    // Whether the text after the last action is the first that a condition decides.
    let mut begins = false;
    while let Some(start) = rest.find("{{") {
        let end = start + rest.get(start..)?.find("}}")? + 2;
        let (before, action) = (&rest[..start], &rest[start..end]);
        let is_below = begins && is_below_relevant(&plain, before, action);
        if depth > 0 && (is_relevant(before) || is_below) {
            return None;
        }
        plain.push_str(&if depth > 0 { blank(before) } else { before.to_owned() });
        let said = action.trim_matches(['{', '}', '-', ' ']);
        let word = said.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let is_control = OPENING.contains(&word) || matches!(word, "end" | "else");
        if OPENING.contains(&word) {
            depth += 1;
        } else if word == "end" {
            depth = depth.checked_sub(1)?;
        }
        begins = is_control;
        let is_kept = depth == 0 && !is_control;
        plain.push_str(&if is_kept { action.to_owned() } else { blank(action) });
        rest = &rest[end..];
    }
    (depth == 0).then(|| plain + rest)
}

fn is_relevant(text: &str) -> bool {
    RELEVANT.iter().any(|word| text.contains(word))
}

/// Whether what a condition decides is below a relevant key, by the indentation of the text before it.
fn is_below_relevant(before: &str, inside: &str, action: &str) -> bool {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let (complete, own) = before.rsplit_once('\n').unwrap_or(("", before));
    if is_relevant(own) {
        return true;
    }
    let content = format!("{own}{inside}{action}");
    let Some(first) = content.lines().find(|line| !line.trim().is_empty()) else { return false };
    // The elements of a list may be in the column of its key.
    let mut limit = indent(first) + usize::from(first.trim_start().starts_with(['-', '{']));
    for line in complete.lines().rev().filter(|line| !line.trim().is_empty()) {
        if indent(line) < limit {
            if is_relevant(line) {
                return true;
            }
            limit = indent(line);
        }
    }
    false
}

fn blank(text: &str) -> String {
    let of = |c: char| if c == '\n' { "\n".to_owned() } else { " ".repeat(c.len_utf8()) };
    text.chars().map(of).collect()
}

fn unfollowed(patch: &Item) -> Finding {
    Finding::new(&UNFOLLOWED, "`templatePatch` is not evaluated")
        .at_some(patch.beginning(), "may change what Refinery reads")
        .help(
            "move what concerns Refinery out of conditions and loops, or check the rendered chart",
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_out_conditions_that_do_not_matter() {
        let policy =
            "spec:\n{{- if .auto }}\n  syncPolicy: {x: {{ .x }}}\n{{- end }}\n  source: {{ .a }}\n";
        let plain = without_conditions(policy).unwrap();
        assert_eq!(plain.len(), policy.len());
        let lines: Vec<&str> = plain.lines().map(str::trim_end).collect();
        assert_eq!(lines, ["spec:", "", "", "", "  source: {{ .a }}"]);
        for text in [
            "{{ if .a }}\nsource: x\n{{ end }}\n",
            "helm:\n{{ range .a }}\n- {{ .b }}\n  valueFiles: 1\n{{ end }}\n",
            "helm:\n  valueFiles:\n  {{- range .a }}\n  - {{ .b }}\n  {{- end }}\n",
            "spec:\n  source:\n    ref: {{ if .a }}b{{ else }}c{{ end }}\n",
            "{{ if .a }}",
            "{{ end }}",
        ] {
            assert_eq!(without_conditions(text), None, "{text}");
        }
    }
}
