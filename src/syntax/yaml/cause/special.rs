//! Plain values that start with a character that has a meaning in YAML.

use super::line::Line;
use super::quote::{advice, quoted};
use super::{Applicability, Cause, TextEdit, Trial};
use std::ops::Range;

pub fn find(trial: &Trial<'_>) -> Option<Cause> {
    trial.suspects().find_map(|at| {
        let line = &trial.lines[at];
        let value = line.value()?;
        let words = line.slice(value.clone());
        let (mark, reason) = meaning(words)?;
        let edit = quoted(line, value.clone());
        trial.helps(&edit).then(|| {
            let place = value.start..value.start + mark.len();
            let (message, label) = reason.words(mark);
            Cause::new(message, place, label).help(advice(&edit)).with_edit(edit)
        })
    })
}

/// The meaning of a character in YAML.
enum Meaning {
    Reserved,
    Alias,
    Anchor,
    Tag,
    Block,
    Directive,
    Flow,
    Indicator,
}

impl Meaning {
    fn words(&self, mark: &str) -> (String, String) {
        let mark = if mark == "`" { "a backtick".to_owned() } else { format!("`{mark}`") };
        let reserved = |what: &str| {
            (format!("a value that starts with {mark} must be quoted"), what.to_owned())
        };
        match self {
            Self::Reserved => reserved("reserved in YAML"),
            Self::Alias => reserved("starts an alias in YAML"),
            Self::Anchor => reserved("starts an anchor in YAML"),
            Self::Tag => reserved("starts a tag in YAML"),
            Self::Block => reserved("starts a multi-line string in YAML"),
            Self::Directive => reserved("starts a directive in YAML"),
            Self::Flow => reserved("starts a list or mapping in YAML"),
            Self::Indicator => reserved("has a special meaning in YAML"),
        }
    }
}

fn meaning(words: &str) -> Option<(&str, Meaning)> {
    let first = words.chars().next()?;
    let meaning = match first {
        '@' | '`' => Meaning::Reserved,
        '*' => Meaning::Alias,
        '&' => Meaning::Anchor,
        '!' => Meaning::Tag,
        '|' | '>' => Meaning::Block,
        '%' => Meaning::Directive,
        // A value that ends with the matching bracket is a collection, even with errors inside.
        '[' if !words.ends_with(']') && words.contains(']') => Meaning::Flow,
        '{' if !words.ends_with('}') && words.contains('}') => Meaning::Flow,
        ',' | ']' | '}' | '?' | ':' => Meaning::Indicator,
        _ => return None,
    };
    let length =
        if words.starts_with("!=") || words.starts_with(">=") { 2 } else { first.len_utf8() };
    Some((&words[..length], meaning))
}

/// `{{ .Values.x }}`: a template that has not been rendered.
pub fn find_template(trial: &Trial<'_>) -> Option<Cause> {
    let at = trial.suspects().find(|&at| template(&trial.lines[at]).is_some())?;
    let place = template(&trial.lines[at])?;
    let rendered = |line: &Line<'_>| {
        template(line)?;
        Some(match line.value() {
            Some(value) => quoted(line, value),
            None => TextEdit { at: line.first()..line.end, text: String::new() },
        })
    };
    let rendered: Vec<TextEdit> = trial.lines.iter().filter_map(rendered).collect();
    trial.progress_of(&rendered)?;
    let cause = Cause::new("this file is a template", place, "a template expression, not YAML")
        .help("render the template and check the result; Refinery does not render templates")
        .with_edit(trial.joined(&rendered)?);
    Some(cause.applicability(Applicability::NotOffered))
}

fn template(line: &Line<'_>) -> Option<Range<usize>> {
    let words = line.slice(line.start..line.last());
    let (open, close) = if words.contains("{{") { ("{{", "}}") } else { ("{%", "%}") };
    let start = words.find(open)?;
    let end = words[start..].find(close).map_or(words.len(), |end| start + end + 2);
    Some(line.start + start..line.start + end)
}
