//! The variables of a Kustomization of Flux, and texts and values with them replaced.
//!
//! A variable without a value becomes its default, or empty. Values from maps that are not found in
//! the repository are unknown. Must not read files.

use crate::deploy::read_item;
use crate::deploy::texts::replace_in_lines;
use crate::span::{FileId, Piece, Span};
use crate::syntax::{Item, Value};
use crate::value::replaced::of_flux;
use std::collections::BTreeMap;

/// The start of a reference.
pub const REFERENCE: &str = "${";

/// A value, and where it is set.
pub type Setting = (String, Option<Span>);

/// The variables of a Kustomization.
#[derive(Clone, Debug, Default)]
pub struct Variables {
    /// The values, and where they are set.
    known: BTreeMap<String, Setting>,
    /// Whether others may be set.
    pub is_open: bool,
}

impl Variables {
    /// Variables of which nothing is known.
    pub fn unknown() -> Self {
        Self { known: BTreeMap::new(), is_open: true }
    }

    /// Adds values; they override those before.
    pub fn extend(&mut self, values: impl IntoIterator<Item = (String, Setting)>) {
        self.known.extend(values);
    }

    /// Where the first variable that a text refers to is set.
    pub fn place_of(&self, text: &str) -> Option<Span> {
        let (_, reference) = text.split_once(REFERENCE)?;
        self.known.get(split_name(reference).0)?.1
    }

    /// A text with its variables replaced. `$${NAME}` stands for `${NAME}`.
    pub fn fill(&self, text: &str) -> String {
        let (mut filled, mut rest) = (String::new(), text);
        while let Some(at) = rest.find(REFERENCE) {
            let Some(end) = rest[at..].find('}').map(|end| at + end) else { break };
            let is_escaped = rest[..at].ends_with('$');
            filled.push_str(&rest[..at - usize::from(is_escaped)]);
            if is_escaped {
                filled.push_str(&rest[at..=end]);
            } else {
                filled.push_str(&self.value(&rest[at + REFERENCE.len()..end]));
            }
            rest = &rest[end + 1..];
        }
        filled + rest
    }

    /// The value of a reference: a name and perhaps a default.
    fn value(&self, reference: &str) -> String {
        let (name, rest) = split_name(reference);
        let default = [":=", ":-", "=", "-"].iter().find_map(|sign| rest.strip_prefix(sign));
        let known = self.known.get(name).map(|(value, _)| value);
        let known = known.filter(|value| !(rest.starts_with(':') && value.is_empty()));
        match (known, default) {
            (Some(value), _) if rest.is_empty() || default.is_some() => value.clone(),
            (None, _) if self.is_open => of_flux(name),
            (None, Some(default)) => default.to_owned(),
            (None, None) if rest.is_empty() => String::new(),
            // Other functions of the shell.
            _ => of_flux(name),
        }
    }

    pub fn fill_pieces(&self, text: &str, pieces: Vec<Piece>) -> (String, Vec<Piece>) {
        replace_in_lines(text, pieces, "$", &|rest| self.fill(rest))
    }

    /// Replaces in scalars, which become what YAML then reads.
    pub fn fill_item(&self, item: &mut Item) {
        match &mut item.value {
            Value::Text(text) if text.contains(REFERENCE) && !text.contains('\n') => {
                let filled = self.fill(text);
                let entry = read_item(FileId(0), &format!("value: {filled}")).ok();
                let read = entry.and_then(|entry| entry.get("value").cloned()).map(|it| it.value);
                let is_scalar = |value: &Value| !matches!(value, Value::Map(_) | Value::List(_));
                item.value = read.filter(is_scalar).unwrap_or(Value::Text(filled));
            }
            Value::List(items) => items.iter_mut().for_each(|item| self.fill_item(item)),
            Value::Map(entries) => {
                for entry in entries {
                    self.fill_item(&mut entry.item);
                }
            }
            _ => {}
        }
    }
}

/// The name at the start of a reference, and the rest.
fn split_name(reference: &str) -> (&str, &str) {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    reference.split_at(reference.find(|c| !is_part(c)).unwrap_or(reference.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(values: &[(&str, &str)], is_open: bool) -> Variables {
        let known =
            values.iter().map(|(name, value)| (name.to_string(), (value.to_string(), None)));
        Variables { known: known.collect(), is_open }
    }

    #[test]
    fn replaces_variables_like_flux() {
        let closed = variables(&[("a", "1"), ("e", "")], false);
        let open = variables(&[("a", "1"), ("e", "")], true);
        for (text, expected, unknown) in [
            ("x ${a} $a", "x 1 $a", "x 1 $a"),
            ("${b}", "", "<flux=b>"),
            ("${b:=2}/${b-3}", "2/3", "<flux=b>/<flux=b>"),
            ("${e:=2}/${e=3}", "2/", "<flux=e>/"),
            ("$${a}", "${a}", "${a}"),
            ("${a", "${a", "${a"),
            ("${b^^}", "<flux=b>", "<flux=b>"),
        ] {
            assert_eq!(closed.fill(text), expected, "{text}");
            assert_eq!(open.fill(text), unknown, "{text}");
        }
    }

    #[test]
    fn keeps_places_up_to_a_variable() {
        let variables = variables(&[("a", "long")], false);
        let text = "k: ${a}\nl: 1\n";
        let place = |start, end| Span::new(FileId(0), start, end);
        let pieces =
            vec![Piece::written(0..8, place(10, 18)), Piece::written(8..13, place(20, 25))];
        let (filled, pieces) = variables.fill_pieces(text, pieces);
        assert_eq!(filled, "k: long\nl: 1\n");
        let places: Vec<_> = pieces.iter().map(|piece| piece.outer.range()).collect();
        assert_eq!(places, [10..13, 13..18, 20..25]);
    }
}
