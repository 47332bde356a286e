//! The states of a pattern, numbered as they are reached, and the steps between them.
//!
//! They are kept with the pattern, so that many searches follow each step only once.

use super::machine::is_word;
use super::walk::{Standing, Walk};
use foldhash::{HashMap, HashMapExt};
use std::collections::BTreeSet;
use std::sync::Mutex;

/// The number of a state; the first one is 0.
pub type StateId = u32;

/// The limit of instructions and steps in a table that is kept.
const MOST_KEPT: usize = 20_000;

/// A pattern as an automaton, for strings that are still being built.
#[derive(Debug)]
pub struct Automaton<'p> {
    walk: Walk<'p>,
    table: Table,
    /// Where the table is kept afterwards.
    kept: &'p Kept,
}

/// The table of a pattern while it is not in use.
pub type Kept = Mutex<Option<Table>>;

/// What is known about an automaton.
#[derive(Debug, Default)]
pub struct Table {
    states: Vec<Standing>,
    /// Whether a string that ends in a state matches; `None` if that is not known yet.
    ends: Vec<Option<bool>>,
    numbers: HashMap<Standing, StateId>,
    /// The number of instructions in all states.
    size: usize,
    next: HashMap<(StateId, char), StateId>,
    /// The code points at which the next state may change.
    cuts: Vec<u32>,
    /// The start of each range of characters that no instruction distinguishes, and its class. Ranges with
    /// the same class lead to the same states.
    classes: Vec<(u32, usize)>,
}

impl<'p> Automaton<'p> {
    pub(super) fn new(walk: Walk<'p>, kept: &'p Kept) -> Self {
        let table = kept.lock().ok().and_then(|mut kept| kept.take());
        Self { walk, table: table.unwrap_or_else(|| Table::new(walk)), kept }
    }

    /// The state after one more character.
    pub fn step(&mut self, state: StateId, c: char) -> StateId {
        if let Some(next) = self.table.next.get(&(state, c)) {
            return *next;
        }
        let next = match self.table.states.get(state as usize) {
            Some(standing) => self.table.number(self.walk.step(standing, c)),
            None => state,
        };
        self.table.next.insert((state, c), next);
        next
    }

    /// Whether the string matches if it ends in this state.
    pub fn ends(&mut self, state: StateId) -> bool {
        let at = state as usize;
        let Some(standing) = self.table.states.get(at) else { return false };
        let Some(known) = self.table.ends.get_mut(at) else { return self.walk.ends(standing) };
        *known.get_or_insert_with(|| self.walk.ends(standing))
    }

    /// Whether every continuation has the same result.
    pub fn is_settled(&self, state: StateId) -> bool {
        let is_settled =
            |standing: &Standing| *standing == Standing::Matched || self.walk.is_hopeless(standing);
        self.table.states.get(state as usize).is_some_and(is_settled)
    }

    /// The number of instructions.
    pub fn size(&self) -> usize {
        self.walk.size()
    }

    /// The code points at which the next state may change.
    pub fn cuts(&self) -> &[u32] {
        &self.table.cuts
    }

    /// Characters of one class lead to the same states.
    pub fn class(&self, c: char) -> usize {
        let after = self.table.classes.partition_point(|(start, _)| *start <= u32::from(c));
        let range = after.checked_sub(1).and_then(|at| self.table.classes.get(at));
        range.map_or(0, |(_, class)| *class)
    }
}

/// Keeps the table for the next use.
impl Drop for Automaton<'_> {
    fn drop(&mut self) {
        if self.table.size + self.table.next.len() <= MOST_KEPT
            && let Ok(mut kept) = self.kept.lock()
        {
            *kept = Some(std::mem::take(&mut self.table));
        }
    }
}

impl Table {
    fn new(walk: Walk) -> Self {
        let mut cuts = BTreeSet::from([0]);
        walk.add_cuts(&mut cuts);
        let mut table = Self {
            cuts: cuts.iter().copied().collect(),
            classes: classes(walk, cuts),
            ..Self::default()
        };
        table.number(walk.start());
        table
    }

    fn number(&mut self, standing: Standing) -> StateId {
        if let Some(number) = self.numbers.get(&standing) {
            return *number;
        }
        let number = StateId::try_from(self.states.len()).unwrap_or(StateId::MAX);
        self.size += standing.size();
        self.states.push(standing.clone());
        self.ends.push(None);
        self.numbers.insert(standing, number);
        number
    }
}

/// The class of each range of characters.
fn classes(walk: Walk, mut cuts: BTreeSet<u32>) -> Vec<(u32, usize)> {
    // Assertions such as `\b` and `(?m)$` also distinguish characters.
    let mut before = is_of_assertions(0);
    for code in 1..=128 {
        if std::mem::replace(&mut before, is_of_assertions(code)) != before {
            cuts.insert(code);
        }
    }
    let mut numbers: HashMap<Vec<bool>, usize> = HashMap::new();
    let in_range = |start: u32| {
        // Surrogates are not characters.
        let c = char::from_u32(if (0xD800..0xE000).contains(&start) { 0xE000 } else { start })?;
        let next = numbers.len();
        Some((start, *numbers.entry(walk.kind(c)).or_insert(next)))
    };
    cuts.into_iter().filter_map(in_range).collect()
}

/// What assertions see of a character.
fn is_of_assertions(code: u32) -> (bool, bool) {
    (code == u32::from('\n'), is_word(char::from_u32(code)))
}

#[cfg(test)]
mod tests {
    use crate::engine::regexp::Regexp;

    #[test]
    fn characters_of_one_class_lead_to_the_same_states() {
        let chars = ['a', 'b', 'B', '5', ' ', '\n', 'é', '\u{d7fe}', '\u{d7ff}', '\u{e000}'];
        let mut classes = 0;
        for pattern in ["[ab]", "(?i)b", r"\bab", "(?m)^b$", r"[^\x{D7FF}]c", r"\pL\d", "."] {
            let regexp = Regexp::new(pattern).unwrap();
            let mut automaton = regexp.automaton().unwrap();
            for (one, other) in chars.iter().flat_map(|c| chars.map(move |d| (*c, d))) {
                let is_same = automaton.class(one) == automaton.class(other);
                classes += usize::from(!is_same);
                let mut after =
                    |c| [0, automaton.step(0, 'a')].map(|state| automaton.step(state, c));
                assert!(!is_same || after(one) == after(other), "{pattern} {one:?} {other:?}");
            }
        }
        assert!(classes > 100, "{classes}");
    }

    #[test]
    fn states_are_kept_for_the_next_use() {
        let regexp = Regexp::new("^ab$").unwrap();
        let ends = || {
            let mut automaton = regexp.automaton().unwrap();
            let end = "ab".chars().fold(0, |state, c| automaton.step(state, c));
            (end, automaton.ends(end), automaton.ends(0))
        };
        assert_eq!((ends(), ends()), ((2, true, false), (2, true, false)));
    }
}
