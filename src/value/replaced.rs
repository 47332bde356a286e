//! Values that a tool replaces before Refinery reads the file: those of Argo CD's vault plugin,
//! variables of Flux whose values are not found, and actions of templates that other tools render.
//!
//! They are unknown, whatever their key is and whatever it accepts.

/// The start of a placeholder, and a mark that it contains.
const PLACEHOLDERS: [(&str, &str); 3] = [("<path:", "#"), ("<flux:", ""), ("<template:", "")];

/// What stands for a variable of Flux with an unknown value.
pub fn of_flux(name: &str) -> String {
    format!("<flux:{name}>")
}

/// What stands for a value that the shell or a template decides.
pub fn of_template(written: &str) -> String {
    format!("<template:{}>", written.replace(['<', '>', '\n'], ""))
}

/// What stands for itself, or what [`of_template`] was made of.
pub fn written(text: &str) -> &str {
    let inner = text.strip_prefix("<template:").and_then(|rest| rest.strip_suffix('>'));
    inner.unwrap_or(text)
}

/// A text with placeholders for its template actions.
pub fn without_actions(text: &str) -> String {
    let (mut filled, mut rest) = (String::new(), text);
    while let Some((before, from)) = rest.split_once("{{") {
        let Some((action, after)) = from.split_once("}}") else { break };
        let name = action.trim_matches(['-', ' ']).replace(['<', '>'], "");
        filled.extend([before, "<template:", &name, ">"]);
        rest = after;
    }
    filled + rest
}

/// Whether a part of a text is replaced.
pub fn is_replaced(text: &str) -> bool {
    placeholders(text).next().is_some()
}

/// The parts of a text that are replaced.
pub fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    memchr::memchr_iter(b'<', text.as_bytes()).filter_map(|at| {
        let rest = &text[at..];
        let (_, mark) = PLACEHOLDERS.iter().find(|(start, _)| rest.starts_with(start))?;
        let (found, _) = rest.split_once('>')?;
        let is_one = found.contains(mark) && !found.contains('\n');
        is_one.then(|| &rest[..=found.len()])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_become_placeholders() {
        for (text, expected) in [
            ("APIKey: \"{{ .key }}\"", "APIKey: \"<template:.key>\""),
            ("{{- .a -}}/{{ .b | trim }}", "<template:.a>/<template:.b | trim>"),
            ("{{ .a", "{{ .a"),
        ] {
            assert_eq!(without_actions(text), expected, "{text}");
        }
    }

    #[test]
    fn finds_placeholders() {
        for (text, expected) in [
            ("<path:secret/data/x#key>", "<path:secret/data/x#key>"),
            ("a<path:b#c>d<path:e#f | base64decode>", "<path:b#c> <path:e#f | base64decode>"),
            ("a<flux:b>", "<flux:b>"),
            ("<path:b> <your key#1> <x>", ""),
            ("<path:b#c", ""),
        ] {
            let found: Vec<&str> = placeholders(text).collect();
            assert_eq!(found.join(" "), expected, "{text}");
        }
    }
}
