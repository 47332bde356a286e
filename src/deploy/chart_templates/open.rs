//! Whether what is unknown in a template may be about the files or the command of a container.

use super::actions::{Skeleton, inside, is_alone, next_action};
use crate::deploy::kubernetes::pod_fields::{MAPPINGS, STRINGS};
use std::ops::Range;

/// Keys whose entries are containers.
const OF_CONTAINERS: [&str; 2] = ["containers", "initContainers"];

/// Keys below which an action may write those.
const AROUND: [&str; 2] = ["spec", "template"];

/// Whether actions in a part of a template may write files or commands of containers, or conditions leave
/// such out.
pub fn is_open(template: &str, skeleton: &Skeleton, part: &Range<usize>) -> bool {
    let within = |range: &&Range<usize>| range.start < part.end && part.start < range.end;
    let actions = skeleton.actions.iter().map(|action| &action.range).filter(within);
    let blocks = skeleton.undecided.iter().chain(&skeleton.hidden).filter(within);
    let lines = || blocks.flat_map(|block| lines_of(template, block));
    actions.into_iter().any(|action| writes_files(template, action))
        || lines().any(|line| is_about_files(template, line))
}

/// The lines that begin in a part of a template.
fn lines_of<'t>(template: &'t str, part: &Range<usize>) -> impl Iterator<Item = Range<usize>> + 't {
    let text = template.get(part.clone()).unwrap_or_default();
    let mut at = part.start;
    text.split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        start..at
    })
}

/// Whether an action may write what names files: alone on its lines, or as the value of such a key.
fn writes_files(template: &str, action: &Range<usize>) -> bool {
    let start = start_of_line(template, action.start);
    if is_alone(template, action) {
        let said = inside(&template[action.clone()]);
        let column = width(said).unwrap_or(action.start - start);
        let key = parent_key(template, start, column);
        return key.is_none_or(|key| is_of_files(key) || AROUND.contains(&key));
    }
    let before = template[start..action.start].trim().trim_start_matches("- ");
    before.strip_suffix(':').is_some_and(is_of_files)
}

/// Whether a line has a key that names files, or is directly below one.
fn is_about_files(template: &str, line: Range<usize>) -> bool {
    let text = template[line.clone()].trim_start();
    if text.starts_with("{{") {
        let action = next_action(template, line.start).filter(|action| action.start < line.end);
        return action.is_some_and(|action| {
            let is_control = ["if", "else", "end", "with", "range"];
            let said = inside(&template[action.clone()]);
            !is_control.contains(&said.split_whitespace().next().unwrap_or_default())
                && writes_files(template, &action)
        });
    }
    let column = line.len() - text.len();
    let key = text.trim_start_matches("- ").split(':').next().unwrap_or_default();
    let parent = || parent_key(template, line.start, column).unwrap_or_default();
    // A key of a container does not name files because of its place alone.
    let is_entry =
        || is_of_files(parent()) && (text.starts_with('-') || !OF_CONTAINERS.contains(&parent()));
    !text.is_empty() && (is_of_files(key) || is_entry())
}

/// The key whose value has an entry in this column, by the lines before it.
fn parent_key(template: &str, before: usize, column: usize) -> Option<&str> {
    let mut limit = column;
    for line in template[..before].lines().rev() {
        let text = line.trim_start();
        let at = line.len() - text.len();
        if at >= limit || text.is_empty() || text.starts_with(['#', '{']) {
            continue;
        }
        let (entry, at) = match text.strip_prefix("- ") {
            Some(entry) => (entry.trim_start(), line.len() - entry.trim_start().len()),
            None => (text, at),
        };
        let key = entry.split_once(':').filter(|_| at < limit).map(|(key, _)| key.trim());
        let is_item = text.starts_with('-');
        match key {
            Some(key) if !is_item || entry.trim_end().ends_with(':') => return Some(key),
            // An item of a list, which may begin in the column of its key.
            _ if is_item => limit = line.len() - text.len() + 1,
            _ => {}
        }
    }
    None
}

/// The number of spaces by which an action indents its text.
fn width(said: &str) -> Option<usize> {
    let (_, rest) = said.rsplit_once("indent ")?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// Whether a key of a pod has entries that name its files, or decide what it runs.
fn is_of_files(key: &str) -> bool {
    MAPPINGS.contains(&key) || STRINGS.contains(&key)
}

fn start_of_line(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}

#[cfg(test)]
mod tests {
    use super::super::actions::skeleton;
    use super::*;

    const POD: &str = "kind: Deployment
metadata:
  name: a
  META
spec:
  replicas: REPLICAS
  template:
    metadata:
      labels:
        LABELS
    spec:
      SPEC
      containers:
        - name: b
          image: IMAGE
          args: [-c, /a]
          CONTAINER
          resources:
            RESOURCES
          volumeMounts:
            - name: c
              mountPath: MOUNT
            MOUNTS
      volumes:
        - name: c
          configMap:
            name: MAP
        VOLUMES
      AFTER
";

    fn is_open_with(place: &str, action: &str) -> bool {
        let places = [
            "META",
            "REPLICAS",
            "LABELS",
            "SPEC",
            "IMAGE",
            "CONTAINER",
            "RESOURCES",
            "MOUNTS",
            "MOUNT",
            "MAP",
            "VOLUMES",
            "AFTER",
        ];
        let text = places.iter().fold(POD.to_owned(), |text, other| {
            text.replacen(other, if other == &place { action } else { "x: 1" }, 1)
        });
        let text = if place == "ARGS" { text.replacen("[-c, /a]", action, 1) } else { text };
        let skeleton = skeleton(&text, &|condition, _| match condition {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        });
        is_open(&text, &skeleton, &(0..text.len()))
    }

    #[test]
    fn actions_are_open_where_they_may_name_files() {
        let block = "{{- toYaml .Values.x | nindent 0 }}";
        for (place, action, expected) in [
            ("META", "{{- include \"labels\" . | nindent 2 }}", false),
            ("REPLICAS", "{{ .Values.x }}", false),
            ("LABELS", "{{- include \"labels\" . | nindent 8 }}", false),
            ("LABELS", "{{- include \"labels\" . | nindent 6 }}", false),
            ("SPEC", "{{- include \"pod\" . | nindent 6 }}", true),
            ("SPEC", "{{ .Values.x }}", true),
            ("IMAGE", "{{ .Values.x }}:{{ .Values.y }}", false),
            ("CONTAINER", "{{- include \"more\" . | nindent 10 }}", true),
            ("RESOURCES", "{{- toYaml .Values.x | nindent 12 }}", false),
            ("MOUNTS", "{{- toYaml .Values.x | nindent 12 }}", true),
            ("MOUNT", "{{ .Values.x }}", false),
            ("MAP", "{{ .Values.x }}-config", false),
            ("VOLUMES", "{{- toYaml .Values.x | nindent 8 }}", true),
            ("VOLUMES", "{{- toYaml .Values.x | indent 6 }}", true),
            ("AFTER", "{{- include \"more\" . | nindent 6 }}", true),
            ("AFTER", block, true),
            ("ARGS", "{{ .Values.x }}", true),
            ("ARGS", "[-c, {{ .Values.x }}]", false),
        ] {
            assert_eq!(is_open_with(place, action), expected, "{place} {action}");
        }
    }

    #[test]
    fn conditions_are_open_around_what_names_files() {
        for (place, body, expected) in [
            ("SPEC", "      nodeSelector:\n        a: b", false),
            ("SPEC", "      volumes:\n        - name: d", true),
            ("CONTAINER", "          env:\n            - name: D", true),
            ("CONTAINER", "          ports:\n            - containerPort: 1", false),
            ("MOUNTS", "            - name: d\n              mountPath: /d", true),
            ("VOLUMES", "        - name: d\n          emptyDir: {}", true),
            ("VOLUMES", "        {{- toYaml . | nindent 8 }}", true),
            ("LABELS", "        a: b", false),
        ] {
            for (condition, is_taken) in [("no", false), ("x", false), ("yes", true)] {
                let block = format!("{{{{- if {condition} }}}}\n{body}\n{{{{- end }}}}");
                let expected = expected && (!is_taken || body.contains("{{"));
                assert_eq!(is_open_with(place, &block), expected, "{place} {block}");
            }
        }
    }
}
