//! Matches a string with a program.
//!
//! Follows all alternatives at once, character by character, so the time is at most the length of
//! the string times the size of the program.

use super::program::{At, Program, Step};
use super::tree::Look;

/// The characters before and after a position in a string, if any.
#[derive(Clone, Copy, Default)]
pub struct Place {
    pub before: Option<char>,
    pub after: Option<char>,
}

impl Place {
    fn fits(self, look: Look) -> bool {
        match look {
            Look::TextStart => self.before.is_none(),
            Look::TextEnd => self.after.is_none(),
            Look::LineStart => matches!(self.before, None | Some('\n')),
            Look::LineEnd => matches!(self.after, None | Some('\n')),
            Look::WordBoundary => is_word(self.before) != is_word(self.after),
            Look::NotWordBoundary => is_word(self.before) == is_word(self.after),
        }
    }
}

pub fn is_word(c: Option<char>) -> bool {
    c.is_some_and(|c| c == '_' || c.is_ascii_alphanumeric())
}

/// The instructions reached at one position, without duplicates.
pub struct Reached {
    pub members: Vec<At>,
    positions: Vec<u32>,
}

impl Reached {
    pub fn new(steps: usize) -> Self {
        Self { members: Vec::new(), positions: vec![0; steps] }
    }

    /// Returns whether it is new.
    fn insert(&mut self, at: At) -> bool {
        let position = &mut self.positions[at as usize];
        if self.members.get(*position as usize) == Some(&at) {
            return false;
        }
        *position = u32::try_from(self.members.len()).unwrap_or(u32::MAX);
        self.members.push(at);
        true
    }
}

impl Program {
    /// Whether any part of the string matches.
    pub fn is_match(&self, text: &str) -> bool {
        let mut reached = Reached::new(self.steps.len());
        let mut entries = Vec::new();
        let mut chars = text.chars();
        let mut before = None;
        loop {
            let place = Place { before, after: chars.next() };
            if before.is_none() || !self.is_anchored() {
                entries.push(self.start);
            }
            if self.follow(&mut reached, &mut entries, place) {
                return true;
            }
            let Some(c) = place.after else {
                return false;
            };
            entries.extend(reached.members.drain(..).filter_map(|at| self.advance(at, c)));
            if entries.is_empty() && self.is_anchored() {
                return false;
            }
            before = Some(c);
        }
    }

    pub fn is_anchored(&self) -> bool {
        matches!(self.steps[self.start as usize], Step::Look(Look::TextStart, _))
    }

    /// Follows the entries without consuming a character; returns whether they reach the end.
    pub fn follow(&self, reached: &mut Reached, entries: &mut Vec<At>, place: Place) -> bool {
        while let Some(at) = entries.pop() {
            if !reached.insert(at) {
                continue;
            }
            match self.steps[at as usize] {
                Step::Match => return true,
                Step::Fork(one, other) => entries.extend([other, one]),
                Step::Look(look, next) if place.fits(look) => entries.push(next),
                _ => {}
            }
        }
        false
    }

    /// The next instruction after this character.
    pub fn advance(&self, at: At, c: char) -> Option<At> {
        match self.steps[at as usize] {
            Step::Char(wanted, next) => (wanted == u32::from(c)).then_some(next),
            Step::OneOf(set, next) => self.sets[set as usize].contains(c).then_some(next),
            Step::NotNewline(next) => (c != '\n').then_some(next),
            Step::Any(next) => Some(next),
            Step::Match | Step::Fork(..) | Step::Look(..) => None,
        }
    }
}
