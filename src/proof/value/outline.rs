//! What all texts of a type have in common: a beginning, and the characters that may occur.
//!
//! Most required texts do not fit most types, which saves the search with automata.

use super::Literal;
use crate::engine::predicate::{Predicate, Relation};

pub struct Outline {
    pub start: &'static str,
    /// The first characters; any if it is empty.
    pub first: &'static str,
    /// All characters; any if it is empty.
    pub chars: &'static str,
}

impl Outline {
    /// Whether a literal cannot be true for any text of the type.
    pub fn excludes(&self, literal: &Literal) -> bool {
        if !literal.answer {
            return false;
        }
        match literal.predicate {
            Predicate::Text(Relation::Equal, text) => {
                !text.starts_with(self.start) || self.has_foreign_char(text)
            }
            Predicate::StartsWith(part) => {
                !(part.starts_with(self.start) || self.start.starts_with(part.as_str()))
                    || self.has_foreign_char(part)
            }
            Predicate::Contains(part) => is_foreign(self.chars, part.chars()),
            _ => false,
        }
    }

    /// Whether nothing with this beginning is a text of the type.
    fn has_foreign_char(&self, text: &str) -> bool {
        is_foreign(self.first, text.chars().take(1)) || is_foreign(self.chars, text.chars())
    }
}

fn is_foreign(chars: &str, mut text: impl Iterator<Item = char>) -> bool {
    !chars.is_empty() && text.any(|c| !chars.contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excludes_what_no_text_of_the_type_has() {
        let list = Outline { start: "[", first: "", chars: "" };
        let map = Outline { start: "map[", first: "", chars: "" };
        let digits = Outline { start: "", first: "123456789", chars: "0123456789" };
        let text = str::to_owned;
        for (predicate, by_list, by_map, by_digits) in [
            (Predicate::StartsWith(text("")), false, false, false),
            (Predicate::StartsWith(text("[a")), false, true, true),
            (Predicate::StartsWith(text("ma")), true, false, true),
            (Predicate::StartsWith(text("map[x")), true, false, true),
            (Predicate::StartsWith(text("mop")), true, true, true),
            (Predicate::StartsWith(text("12")), true, true, false),
            (Predicate::StartsWith(text("02")), true, true, true),
            (Predicate::StartsWith(text("1a")), true, true, true),
            (Predicate::Contains(text("a")), false, false, true),
            (Predicate::Contains(text("01")), false, false, false),
            (Predicate::Text(Relation::Equal, text("[")), false, true, true),
            (Predicate::Text(Relation::Equal, text("ma")), true, true, true),
            (Predicate::Text(Relation::Equal, text("12")), true, true, false),
            (Predicate::Text(Relation::Equal, text("02")), true, true, true),
            (Predicate::Text(Relation::NotEqual, text("a")), false, false, false),
            (Predicate::DoesNotContain(text("a")), false, false, false),
        ] {
            let answers = [&list, &map, &digits].map(|outline| {
                let literal = |answer| Literal { predicate: &predicate, answer };
                assert!(!outline.excludes(&literal(false)), "{predicate:?}");
                outline.excludes(&literal(true))
            });
            assert_eq!(answers, [by_list, by_map, by_digits], "{predicate:?}");
        }
    }
}
