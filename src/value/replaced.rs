//! Values that a tool replaces before Refinery reads the file: those of Argo CD's vault plugin,
//! variables of Flux whose values are not found, actions of templates that other tools render, and
//! expressions of Terraform.
//!
//! They are unknown, whatever their key is and whatever it accepts.

/// The start of a placeholder, and a mark that it contains.
const PLACEHOLDERS: [(&str, &str); 4] =
    [("<path:", "#"), ("<flux=", ""), ("<template=", ""), (OF_EXPRESSION, "")];

/// As long as `${`, so that what follows keeps its place.
const OF_EXPRESSION: &str = "«";

/// What stands for a variable of Flux with an unknown value.
pub fn of_flux(name: &str) -> String {
    format!("<flux={name}>")
}

/// What stands for a value that a variable or a template decides. Charts evaluate actions in their
/// values, so nothing of their syntax stays, nor a colon, which separates hosts from ports.
pub fn of_template(written: &str) -> String {
    let name = written.replace(['<', '>', '\n', '$', '%', '{', '}', ':'], "");
    format!("<template={}>", name.trim())
}

/// The name that [`of_template`] was given, if the text is such a placeholder.
pub fn name_in_template(text: &str) -> Option<&str> {
    text.strip_prefix("<template=")?.strip_suffix('>')
}

/// A text with placeholders for its template actions.
pub fn without_actions(text: &str) -> String {
    let (mut filled, mut rest) = (String::new(), text);
    while let Some((before, from)) = rest.split_once("{{") {
        let Some((action, after)) = from.split_once("}}") else { break };
        filled.extend([before, &of_template(action.trim_matches(['-', ' ']))]);
        rest = after;
    }
    filled + rest
}

/// A text with placeholders for expressions of Terraform, each as long as the expression; `None` if one
/// has several lines, is not closed, or is a directive.
pub fn without_expressions(text: &str) -> Option<String> {
    let (mut filled, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(['$', '%']) {
        let (before, from) = rest.split_at(at);
        filled.push_str(before);
        if from.starts_with("%{") {
            return None;
        }
        let length = if from.starts_with("${") { expression(from)? } else { 1 };
        let (found, after) = from.split_at(length);
        match found.strip_prefix("${").and_then(|inner| inner.strip_suffix('}')) {
            Some(inner) => filled.extend([OF_EXPRESSION, &as_name(inner), ">"]),
            None => filled.push_str(found),
        }
        rest = after;
    }
    Some(filled + rest)
}

/// The length of an expression at the start of a text, on its first line.
fn expression(text: &str) -> Option<usize> {
    let (mut depth, mut is_quoted) = (0, false);
    for (at, c) in text.lines().next()?.char_indices() {
        match c {
            '"' => is_quoted = !is_quoted,
            '{' if !is_quoted => depth += 1,
            '}' if !is_quoted => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// An expression without characters that mean something in YAML, in as many bytes.
fn as_name(expression: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let one = |c: char| if is_plain(c) { c.to_string() } else { "_".repeat(c.len_utf8()) };
    expression.chars().map(one).collect()
}

/// Whether a part of a text is replaced.
pub fn is_replaced(text: &str) -> bool {
    placeholders(text).next().is_some()
}

/// The parts of a text that are replaced.
pub fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    memchr::memchr2_iter(b'<', OF_EXPRESSION.as_bytes()[0], text.as_bytes()).filter_map(|at| {
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
    fn placeholders_have_names_without_syntax() {
        for (written, name) in [("$KEY", "KEY"), ("{{ .key }}", ".key"), ("${{ env.A }}", "env.A")]
        {
            let text = of_template(written);
            assert!(is_replaced(&text) && !text.contains(['{', '$']), "{text}");
            assert_eq!(name_in_template(&text), Some(name));
        }
        assert_eq!(name_in_template("2.9.4"), None);
    }

    #[test]
    fn actions_become_placeholders() {
        for (text, expected) in [
            ("APIKey: \"{{ .key }}\"", "APIKey: \"<template=.key>\""),
            ("{{- .a -}}/{{ .b | trim }}", "<template=.a>/<template=.b | trim>"),
            ("{{ .a", "{{ .a"),
        ] {
            assert_eq!(without_actions(text), expected, "{text}");
        }
    }

    #[test]
    fn expressions_become_placeholders() {
        for (text, expected) in [
            ("a: ${x}\nb: \"${y[\"}\"]}:1\"", Some("a: «x>\nb: \"«y_____>:1\"")),
            ("a: $x 5% $${y}", Some("a: $x 5% $«y>")),
            ("a: ${\n  x}", None),
            ("%{ if x }a%{ endif }", None),
            ("a: 1", Some("a: 1")),
        ] {
            let filled = without_expressions(text);
            assert_eq!(filled.as_deref(), expected, "{text}");
            assert!(filled.is_none_or(|filled| filled.len() == text.len()), "{text}");
        }
    }

    #[test]
    fn finds_placeholders() {
        for (text, expected) in [
            ("«x>:80", "«x>"),
            ("<path:secret/data/x#key>", "<path:secret/data/x#key>"),
            ("a<path:b#c>d<path:e#f | base64decode>", "<path:b#c> <path:e#f | base64decode>"),
            ("a<flux=b>", "<flux=b>"),
            ("<path:b> <your key#1> <x>", ""),
            ("<path:b#c", ""),
        ] {
            let found: Vec<&str> = placeholders(text).collect();
            assert_eq!(found.join(" "), expected, "{text}");
        }
    }
}
