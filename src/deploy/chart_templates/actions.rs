//! The actions of a template, and the text around them.
//!
//! The text keeps its length, so all places in it are those of the template. Must not evaluate
//! actions.

use std::ops::Range;

/// An action that writes something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    pub range: Range<usize>,
    /// What is in the braces.
    pub said: String,
    /// The argument of the `with` around it, which `.` stands for; `None` if that is unknown.
    pub dot: Option<String>,
}

impl Action {
    /// The action itself, on one line.
    pub fn written(&self) -> String {
        format!("{{{{ {} }}}}", self.said)
    }
}

/// A template without its actions.
#[derive(Debug, Default)]
pub struct Skeleton {
    /// The template, with a word in place of each action inside a line and spaces for all others. Lines
    /// that are left out become line ends: spaces would be part of a string around them.
    pub text: String,
    pub actions: Vec<Action>,
    /// Blocks that may be left out or repeated.
    pub undecided: Vec<Range<usize>>,
    /// What is certainly left out.
    pub hidden: Vec<Range<usize>>,
}

/// A block that is open at some place.
struct Block {
    /// Whether one of its branches is certainly taken.
    is_taken: bool,
    /// Whether some branch may be taken, skipped or repeated.
    is_undecided: bool,
    start: usize,
    /// What `.` stands for in it.
    dot: String,
    /// Whether it or a block around it is certainly skipped.
    is_hidden: bool,
}

/// Words that start a block.
const BLOCKS: [&str; 5] = ["if", "with", "range", "define", "block"];

/// Separates a template from its actions. `holds` says whether a condition holds, given the meaning of
/// `.`; branches that are not taken are left out, and so are those after one that may be taken.
pub fn skeleton(template: &str, holds: &dyn Fn(&str, &str) -> Option<bool>) -> Skeleton {
    let mut text = template.as_bytes().to_vec();
    let mut actions = Vec::new();
    let (mut undecided, mut hidden) = (Vec::new(), Vec::new());
    let mut blocks: Vec<Block> = Vec::new();
    let (mut at, mut skipped_from) = (0, None);
    while let Some(range) = next_action(template, at) {
        at = range.end;
        let said = inside(&template[range.clone()]).to_owned();
        let dot = blocks.last().map_or_else(|| ".".to_owned(), |block| block.dot.clone());
        let was_skipped = blocks.last().is_some_and(|block| block.is_hidden);
        let is_output = follow((&said, range.start), &dot, &mut blocks, holds, &mut |start| {
            undecided.push(start..range.end);
        });
        let is_skipped = blocks.last().is_some_and(|block| block.is_hidden);
        if was_skipped && !is_skipped {
            let part = skipped_from.take().unwrap_or(range.start)..range.start;
            leave_out(&mut text, part.clone());
            hidden.push(part);
        }
        if !was_skipped && is_skipped {
            skipped_from = Some(range.end);
        }
        if (is_output || said.starts_with("range ")) && !was_skipped {
            let dot = Some(dot).filter(|dot| dot != UNKNOWN);
            actions.push(Action { range: range.clone(), said, dot });
        }
        if is_output && !is_alone(template, &range) {
            replace(
                &mut text,
                range,
                |byte| if byte.is_ascii_alphanumeric() { byte } else { b'_' },
            );
        } else if is_output || !is_alone(template, &range) {
            blank(&mut text, range);
        } else {
            leave_out(&mut text, line_around(template, range));
        }
    }
    if let Some(start) = skipped_from {
        leave_out(&mut text, start..template.len());
        hidden.push(start..template.len());
    }
    Skeleton { text: String::from_utf8(text).unwrap_or_default(), actions, undecided, hidden }
}

/// What `.` stands for in a loop.
const UNKNOWN: &str = "?";

/// Opens or ends the block that an action is about; returns whether it writes something instead.
/// `leave` is given the start of each undecided block that ends.
fn follow(
    (said, start): (&str, usize),
    dot: &str,
    blocks: &mut Vec<Block>,
    holds: &dyn Fn(&str, &str) -> Option<bool>,
    leave: &mut dyn FnMut(usize),
) -> bool {
    let (word, rest) = said.split_once(char::is_whitespace).unwrap_or((said, ""));
    let rest = rest.trim();
    match word {
        "end" => {
            if let Some(block) = blocks.pop().filter(|block| block.is_undecided) {
                leave(block.start);
            }
        }
        "else" => {
            let around = blocks.iter().rev().nth(1);
            let is_hidden = around.is_some_and(|block| block.is_hidden);
            let dot = around.map_or_else(|| ".".to_owned(), |block| block.dot.clone());
            if let Some(block) = blocks.last_mut() {
                let further = rest.split_once(char::is_whitespace).map(|(_, condition)| condition);
                let holds = further.map_or(Some(true), |condition| holds(condition, &dot));
                // Of branches that may be taken, the first one is.
                let is_skipped = block.is_taken || block.is_undecided || holds == Some(false);
                block.is_hidden = is_hidden || is_skipped;
                block.is_taken |= holds == Some(true);
                block.is_undecided |= holds.is_none();
                block.dot = dot;
            }
        }
        "define" => {
            let dot = dot.to_owned();
            blocks.push(Block { is_taken: true, is_undecided: false, start, dot, is_hidden: true });
        }
        word if BLOCKS.contains(&word) => {
            let is_condition = matches!(word, "if" | "with");
            let holds = if is_condition { holds(rest, dot) } else { None };
            let own = match word {
                "with" => Some(if rest.contains(":=") { UNKNOWN } else { rest }.to_owned()),
                "range" => Some(UNKNOWN.to_owned()),
                _ => None,
            };
            let is_hidden = blocks.last().is_some_and(|block| block.is_hidden);
            blocks.push(Block {
                is_taken: holds == Some(true),
                is_undecided: holds.is_none(),
                start,
                dot: own.unwrap_or_else(|| dot.to_owned()),
                is_hidden: is_hidden || holds == Some(false),
            });
        }
        _ => return !(said.starts_with("/*") || said.contains(":=") || said.is_empty()),
    }
    false
}

/// The next action from a place on, with its braces.
pub fn next_action(template: &str, from: usize) -> Option<Range<usize>> {
    let start = from + template.get(from..)?.find("{{")?;
    let (mut at, mut quote) = (start + 2, None);
    while let Some(c) = template.get(at..).and_then(|rest| rest.chars().next()) {
        match (quote, c) {
            (None, '}') if template[at..].starts_with("}}") => return Some(start..at + 2),
            (None, '"' | '`') => quote = Some(c),
            (Some('"'), '\\') => at += 1,
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
        at += c.len_utf8();
    }
    None
}

/// What is in the braces of an action.
pub fn inside(action: &str) -> &str {
    let said = action.strip_prefix("{{").and_then(|said| said.strip_suffix("}}"));
    let said = said.unwrap_or_default();
    let said = said.strip_prefix('-').unwrap_or(said);
    said.strip_suffix('-').unwrap_or(said).trim()
}

/// Whether nothing else is on the lines of an action.
pub fn is_alone(text: &str, range: &Range<usize>) -> bool {
    let is_space = |c: char| c.is_whitespace() && c != '\n';
    let before = text[..range.start].trim_end_matches(is_space);
    let after = text[range.end..].trim_start_matches(is_space);
    (before.is_empty() || before.ends_with('\n')) && (after.is_empty() || after.starts_with('\n'))
}

/// A part of a line, with the spaces around it.
fn line_around(text: &str, range: Range<usize>) -> Range<usize> {
    let start = text[..range.start].rfind('\n').map_or(0, |end| end + 1);
    let end = text[range.end..].find('\n').map_or(text.len(), |end| range.end + end);
    start..end
}

/// Replaces whole lines by line ends, and parts of lines by spaces.
fn leave_out(text: &mut [u8], range: Range<usize>) {
    let starts_line = range.start == 0 || text.get(range.start - 1) == Some(&b'\n');
    let ends_line = text.get(range.end).is_none_or(|byte| *byte == b'\n');
    let part = text.get(range.clone()).unwrap_or_default();
    let first = part.iter().position(|byte| *byte == b'\n').filter(|_| !starts_line);
    let last = part.iter().rposition(|byte| *byte == b'\n').filter(|_| !ends_line);
    let from = if starts_line { Some(range.start) } else { first.map(|at| range.start + at) };
    let until = if ends_line { Some(range.end) } else { last.map(|at| range.start + at) };
    blank(text, range);
    if let Some((from, until)) = from.zip(until) {
        replace(text, from..until.max(from), |_| b'\n');
    }
}

fn blank(text: &mut [u8], range: Range<usize>) {
    replace(text, range, |_| b' ');
}

/// Replaces all bytes of a part except line ends.
fn replace(text: &mut [u8], range: Range<usize>, by: impl Fn(u8) -> u8) {
    let part = text.get_mut(range).unwrap_or_default();
    for byte in part.iter_mut().filter(|byte| **byte != b'\n') {
        *byte = by(*byte);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(condition: &str, _: &str) -> Option<bool> {
        match condition {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        }
    }

    #[test]
    fn keeps_all_places() {
        for (template, text) in [
            ("a: {{ b }}c", "a: ___b___c"),
            ("a: |\n  {{- b | indent 2 }}\nc", "a: |\n                     \nc"),
            ("{{ if no }}a{{ end }}b", "                     b"),
            ("{{ if no }}a{{ else }}b{{ end }}c", "                      b         c"),
            ("{{ if yes }}a{{ else }}b{{ end }}c", "            a                    c"),
            (
                "{{ if no }}a{{ else if yes }}b{{ else }}c{{ end }}",
                "                             b                    ",
            ),
            ("{{ if x }}a{{ else }}b{{ end }}", "          a                    "),
            (
                "a: |\n  {{- if no }}\n  b\n  {{- end }}\nc",
                "a: |NNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNc",
            ),
            ("a: |\n {{- if yes }}\n b\n {{- end }}\nc", "a: |NNNNNNNNNNNNNNNN bNNNNNNNNNNNNNc"),
            (
                "{{ if no }}a{{ else if x }}b{{ else }}c{{ end }}",
                "                           b                    ",
            ),
            ("{{/* a */}}b", "           b"),
            ("{{ define \"x\" }}a{{ end }}b", "                          b"),
            ("{{ $a := 1 }}b", "             b"),
            ("{{ a }", "{{ a }"),
            ("x{{ \"}}\" }}", "x__________"),
            ("xé{{ \"é\" }}", "xé__________"),
        ] {
            let found = skeleton(template, &holds);
            assert_eq!(found.text, text.replace('N', "\n"), "{template}");
            assert_eq!(found.text.len(), template.len(), "{template}");
        }
    }

    #[test]
    fn finds_actions_and_what_the_dot_is() {
        let template = "{{ a }}{{ with .x }}{{ . }}{{ if y }}{{ toYaml . }}{{ end }}{{ end }}\
                        {{ range b }}{{ . }}{{ end }}{{ if no }}{{ c }}{{ end }}";
        let found = skeleton(template, &holds).actions;
        let shown = found
            .iter()
            .map(|action| format!("{}@{}", action.said, action.dot.as_deref().unwrap_or_default()));
        let shown: Vec<String> = shown.collect();
        assert_eq!(shown, ["a@.", ".@.x", "toYaml .@.x", "range b@.", ".@"]);
    }
}
