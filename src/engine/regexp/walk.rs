//! Matches a pattern against a string that is built on the way, one character at a time.
//!
//! A state determines how all continuations match, so strings that match can be searched for.
//! `automaton` numbers the states.

use super::machine::{Place, Reached, is_word};
use super::program::{At, Program, Step};
use super::tree::{Id, Look, Op, Tree};
use std::collections::BTreeSet;

/// The state of a match after a prefix.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Every continuation matches.
    Matched,
    /// Instructions that wait for a character, and a representative of the last character.
    Waiting(Vec<At>, Option<char>),
}

impl Standing {
    /// The number of instructions.
    pub fn size(&self) -> usize {
        match self {
            Self::Matched => 0,
            Self::Waiting(entries, _) => entries.len(),
        }
    }
}

/// A pattern prepared for walking.
#[derive(Clone, Copy, Debug)]
pub struct Walk<'p>(pub(super) &'p Program);

impl Walk<'_> {
    /// The number of instructions, all of which a step may follow.
    pub fn size(self) -> usize {
        self.0.steps.len()
    }

    /// The state before the first character.
    #[expect(clippy::unused_self, reason = "it is the first step of a walk")]
    pub fn start(self) -> Standing {
        Standing::Waiting(Vec::new(), None)
    }

    /// The state after one more character.
    pub fn step(self, standing: &Standing, c: char) -> Standing {
        let Standing::Waiting(_, before) = standing else { return Standing::Matched };
        let Some(reached) = self.reached(standing, Place { before: *before, after: Some(c) })
        else {
            return Standing::Matched;
        };
        let mut entries: Vec<At> =
            reached.into_iter().filter_map(|at| self.0.advance(at, c)).collect();
        entries.sort_unstable();
        entries.dedup();
        Standing::Waiting(entries, Some(stand_in(c)))
    }

    /// Whether the string matches if it ends here.
    pub fn ends(self, standing: &Standing) -> bool {
        let Standing::Waiting(_, before) = standing else { return true };
        self.reached(standing, Place { before: *before, after: None }).is_none()
    }

    /// Whether no continuation matches.
    pub fn is_hopeless(self, standing: &Standing) -> bool {
        let Standing::Waiting(entries, before) = standing else { return false };
        entries.is_empty() && before.is_some() && self.0.is_anchored()
    }

    /// Adds the code points at which the next state may change.
    pub fn add_cuts(self, cuts: &mut BTreeSet<u32>) {
        for step in &self.0.steps {
            match step {
                Step::Char(c, _) => cuts.extend([*c, c + 1]),
                Step::OneOf(set, _) => self.0.sets[*set as usize].add_cuts(cuts),
                Step::NotNewline(_) => cuts.extend([10, 11]),
                Step::Look(look, _) => add_cuts_of_look(*look, cuts),
                Step::Any(_) | Step::Match | Step::Fork(..) => {}
            }
        }
    }

    /// Which instructions accept a character, and how boundaries treat it.
    pub fn kind(self, c: char) -> Vec<bool> {
        let accepts = self.0.steps.iter().map(|step| match step {
            Step::Char(wanted, _) => u32::from(c) == *wanted,
            Step::OneOf(set, _) => self.0.sets[*set as usize].contains(c),
            Step::NotNewline(_) | Step::Look(..) | Step::Any(_) | Step::Match | Step::Fork(..) => {
                false
            }
        });
        accepts.chain([c == '\n', is_word(Some(c))]).collect()
    }

    /// The instructions reached at a position; `None` if the end is among them.
    fn reached(self, standing: &Standing, place: Place) -> Option<Vec<At>> {
        let Standing::Waiting(waiting, before) = standing else { return None };
        let mut entries = waiting.clone();
        if before.is_none() || !self.0.is_anchored() {
            entries.push(self.0.start);
        }
        let mut reached = Reached::new(self.0.steps.len());
        (!self.0.follow(&mut reached, &mut entries, place)).then_some(reached.members)
    }
}

/// The approximate number of instructions of a node, counting each range of a class.
pub fn weight(tree: &Tree, id: Id) -> u64 {
    let subs = tree.subs(id).iter();
    let inner = subs.fold(1, |sum: u64, sub| sum.saturating_add(weight(tree, *sub)));
    match &tree[id].op {
        Op::Literal(chars) => chars.len() as u64,
        Op::Class(class) => class.ranges().len() as u64,
        Op::Repeat { min, max, .. } => inner.saturating_mul(u64::from(max.unwrap_or(*min).max(1))),
        _ => inner,
    }
}

/// A representative of all characters that no assertion distinguishes.
fn stand_in(c: char) -> char {
    match c {
        '\n' => '\n',
        c if is_word(Some(c)) => 'a',
        _ => ' ',
    }
}

fn add_cuts_of_look(look: Look, cuts: &mut BTreeSet<u32>) {
    match look {
        Look::LineStart | Look::LineEnd => cuts.extend([10, 11]),
        Look::WordBoundary | Look::NotWordBoundary => {
            for (low, high) in [('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')] {
                cuts.extend([u32::from(low), u32::from(high) + 1]);
            }
        }
        Look::TextStart | Look::TextEnd => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::regexp::Regexp;

    #[test]
    fn walks_agree_with_the_machine() {
        let patterns = [
            "a", "^a", "a$", "^$", "", r"\bab\b", r"\Bb", "(?m)^b$", "(?i)ab+", "[^a]", "a.c",
            "a|^b", "(?s)a.c", "x*$", "(a|b)*c", "a{2,3}",
        ];
        let texts =
            ["", "a", "b", "ab", "AB", "a\nb", "b\n", "abc", "a c", "aac", "ba", "é", "aaa"];
        for pattern in patterns {
            let regexp = Regexp::new(pattern).unwrap();
            let walk = Walk(regexp.program().unwrap());
            for text in texts {
                let end = text.chars().fold(walk.start(), |at, c| walk.step(&at, c));
                assert_eq!(walk.ends(&end), regexp.is_match(text), "{pattern} {text:?}");
                assert!(!walk.is_hopeless(&end) || !regexp.is_match(text), "{pattern} {text:?}");
            }
        }
    }
}
