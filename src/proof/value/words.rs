//! Searches for a string that gives the required results of all readers, or proves that there is
//! none.
//!
//! Characters that no reader distinguishes are treated as one; shorter strings are tried first.

use super::reader::{CharClasses, Reader};
use crate::proof::budget::Budget;
use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};
use std::collections::BTreeSet;
use std::ops::Range;

/// The limit of combined states; a pattern against a pattern may need many.
const MAX_STATES: usize = 4000;
/// Strings that are tried if a result depends on more than the readers.
const MAX_TEXTS: usize = 3000;
const MAX_CHARS: usize = 400;
/// Fewer characters are not compared with each other.
const FEW_CHARS: usize = 40;
/// The cost of a combined state, compared to that of a step of one reader.
const STEPS_PER_STATE: usize = 8;
/// The same for a character that a reader compares with: readers are made for each search.
const STEPS_PER_CHAR: usize = 8;

/// The state of a reader that can no longer give the required result.
const LOST: u32 = u32::MAX - 1;
/// A step that was not followed yet.
const OPEN: u32 = u32::MAX - 2;

/// A reader and its required result.
#[derive(Debug)]
pub struct Wanted<'p> {
    pub reader: Reader<'p>,
    pub answer: bool,
}

/// The result of a search.
#[derive(Debug, PartialEq)]
pub enum Search<T> {
    Found(T),
    /// There is no such string.
    Nothing,
    /// Undecided within the limits.
    Open,
}

/// If strings are also parsed as numbers, each of these is distinct.
const OF_NUMBERS: &str = "0123456789+-._abcdefinptxyABCDEFINPTXY";

/// What a test needs from a string besides the readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beyond {
    Nothing,
    /// Its number.
    Number,
}

/// Searches for a string for which all readers give the required results and that `test` accepts.
pub fn search<T>(
    wanted: &mut [Wanted],
    beyond: Beyond,
    budget: &mut Budget,
    mut test: impl FnMut(&str) -> Option<T>,
) -> Search<T> {
    // A cheap reader may make the others unnecessary.
    wanted.sort_by_key(|wanted| wanted.reader.cost());
    let Some(alphabet) = alphabet(wanted, beyond, budget) else { return Search::Open };
    let mut graph = Graph::new(wanted.len());
    let mut at = 0;
    while at < graph.nodes.len() {
        if graph.nodes.len() > MAX_STATES {
            return Search::Open;
        }
        if graph.is_end(at, wanted)
            && let Some(found) = test(&graph.text(at))
        {
            return Search::Found(found);
        }
        if !budget.spend(graph.expand(at, wanted, &alphabet)) {
            return Search::Open;
        }
        at += 1;
    }
    if graph.nodes.iter().any(|node| node.is_end) {
        graph.try_texts(budget, test)
    } else {
        Search::Nothing
    }
}

/// One character for each indistinguishable set, readable ones first.
fn alphabet(wanted: &[Wanted], beyond: Beyond, budget: &mut Budget) -> Option<Vec<char>> {
    let size: usize = wanted.iter().map(|wanted| wanted.reader.size()).sum();
    if !budget.spend(STEPS_PER_CHAR * size) {
        return None;
    }
    let classes: Vec<CharClasses<'_>> =
        wanted.iter().map(|wanted| wanted.reader.classes()).collect();
    let mut cuts = BTreeSet::from([0]);
    for classes in &classes {
        classes.add_cuts(&mut cuts);
    }
    let of_numbers = OF_NUMBERS.chars().filter(|_| beyond == Beyond::Number);
    cuts.extend(of_numbers.flat_map(|c| [u32::from(c), u32::from(c) + 1]));
    let mut chars = Vec::new();
    let mut starts = cuts.into_iter().peekable();
    while let Some(low) = starts.next() {
        let high = starts.peek().map_or(u32::from(char::MAX), |next| next - 1);
        chars.extend(representative(low, high));
    }
    chars.sort_by_key(|c| {
        let rank = match c {
            'a'..='z' => 0,
            '0'..='9' => 1,
            ' '..='~' => 2,
            _ => 3,
        };
        (rank, *c)
    });
    if chars.len() > FEW_CHARS {
        let cost: usize = wanted.iter().map(|wanted| wanted.reader.cost()).sum();
        if !budget.spend(cost * chars.len()) {
            return None;
        }
        let mut seen = HashSet::new();
        chars.retain(|c| {
            let is_digit = beyond == Beyond::Number && OF_NUMBERS.contains(*c);
            let classes: Vec<usize> = classes.iter().map(|classes| classes.of(*c)).collect();
            seen.insert((is_digit.then_some(*c), classes))
        });
    }
    (chars.len() <= MAX_CHARS).then_some(chars)
}

fn representative(low: u32, high: u32) -> Option<char> {
    let first = |from: char, to: char| {
        let c = low.max(u32::from(from));
        (c <= high.min(u32::from(to))).then(|| char::from_u32(c)).flatten()
    };
    let readable = first('a', 'z').or_else(|| first('A', 'Z')).or_else(|| first(' ', '~'));
    readable.or_else(|| (low..=high).find_map(char::from_u32))
}

/// The reachable combined states of all readers.
struct Graph {
    nodes: Vec<Node>,
    numbers: HashMap<Vec<u32>, usize>,
    /// By reader.
    steps: Vec<Steps>,
    /// The characters that lead to other nodes, by the node that they lead from.
    edges: Vec<(char, usize)>,
}

/// The steps of a reader that were followed: by state, then by the position of the character in the alphabet.
#[derive(Clone, Default)]
struct Steps(Vec<Vec<u32>>);

impl Steps {
    /// The next state if this step was followed before.
    fn known(&self, state: u32, position: usize) -> Option<u32> {
        let next = *self.0.get(state as usize)?.get(position)?;
        (next != OPEN).then_some(next)
    }

    fn set(&mut self, state: u32, position: usize, characters: usize, next: u32) {
        let at = state as usize;
        // Where a reader rejects everything, there is nothing to follow.
        if state < OPEN && self.0.len() <= at {
            self.0.resize(at + 1, Vec::new());
        }
        if let Some(row) = self.0.get_mut(at) {
            row.resize(characters, OPEN);
            row[position] = next;
        }
    }
}

impl Wanted<'_> {
    /// The state after a character, or `LOST`.
    fn step(&mut self, state: u32, c: char) -> u32 {
        let next = self.reader.step(state, c);
        let is_lost = self.reader.is_settled(next) && self.reader.answer(next) != self.answer;
        if is_lost { LOST } else { next }
    }
}

struct Node {
    /// Until its characters are followed.
    states: Vec<u32>,
    from: Option<(usize, char)>,
    edges: Range<usize>,
    is_end: bool,
}

impl Graph {
    fn new(readers: usize) -> Self {
        let mut graph = Self {
            nodes: Vec::new(),
            numbers: HashMap::new(),
            steps: vec![Steps::default(); readers],
            edges: Vec::new(),
        };
        graph.add(&vec![0; readers], None);
        graph
    }

    fn add(&mut self, states: &[u32], from: Option<(usize, char)>) -> usize {
        if let Some(&number) = self.numbers.get(states) {
            return number;
        }
        self.numbers.insert(states.to_vec(), self.nodes.len());
        self.nodes.push(Node { states: states.to_vec(), from, edges: 0..0, is_end: false });
        self.nodes.len() - 1
    }

    fn is_end(&mut self, at: usize, wanted: &mut [Wanted]) -> bool {
        let node = &mut self.nodes[at];
        let mut pairs = wanted.iter_mut().zip(&node.states);
        node.is_end = pairs.all(|(wanted, state)| wanted.reader.answer(*state) == wanted.answer);
        node.is_end
    }

    /// Follows all characters; returns the cost in steps of readers.
    fn expand(&mut self, at: usize, wanted: &mut [Wanted], alphabet: &[char]) -> usize {
        let mut steps = 0;
        let states = std::mem::take(&mut self.nodes[at].states);
        let mut next = Vec::with_capacity(states.len());
        let first = self.edges.len();
        for (position, &c) in alphabet.iter().enumerate() {
            next.clear();
            let mut readers = wanted.iter_mut().zip(&mut self.steps).zip(&states);
            let is_lost = readers.any(|((wanted, own), state)| {
                let to = own.known(*state, position).unwrap_or_else(|| {
                    steps += wanted.reader.cost() - 1;
                    let to = wanted.step(*state, c);
                    own.set(*state, position, alphabet.len(), to);
                    to
                });
                steps += 1;
                next.push(to);
                to == LOST
            });
            if !is_lost {
                steps += STEPS_PER_STATE;
                let number = self.add(&next, Some((at, c)));
                self.edges.push((c, number));
            }
        }
        self.nodes[at].edges = first..self.edges.len();
        steps
    }

    fn next(&self, at: usize) -> &[(char, usize)] {
        &self.edges[self.nodes[at].edges.clone()]
    }

    fn text(&self, at: usize) -> String {
        text_of(at, |at| self.nodes[at].from)
    }

    /// Tries all strings, not only one for each end.
    fn try_texts<T>(
        &self,
        budget: &mut Budget,
        mut test: impl FnMut(&str) -> Option<T>,
    ) -> Search<T> {
        let productive = self.productive();
        // Each string extends an earlier one, named by its number, by one character.
        let mut texts: Vec<(usize, Option<(usize, char)>)> = vec![(0, None)];
        let mut tried = 0;
        while let Some(&(at, _)) = texts.get(tried) {
            if tried == MAX_TEXTS || !budget.spend(1) {
                return Search::Open;
            }
            if self.nodes[at].is_end
                && let Some(found) = test(&text_of(tried, |number| texts[number].1))
            {
                return Search::Found(found);
            }
            let next = self.next(at).iter().filter(|(_, to)| productive[*to]);
            let room = (MAX_TEXTS + 1).saturating_sub(texts.len());
            texts.extend(next.take(room).map(|(c, to)| (*to, Some((tried, *c)))));
            tried += 1;
        }
        Search::Nothing
    }

    /// Whether each node can reach an end.
    fn productive(&self) -> Vec<bool> {
        let mut before = vec![Vec::new(); self.nodes.len()];
        for at in 0..self.nodes.len() {
            for (_, to) in self.next(at) {
                before[*to].push(at);
            }
        }
        let mut productive = vec![false; self.nodes.len()];
        let mut open: Vec<usize> =
            (0..self.nodes.len()).filter(|at| self.nodes[*at].is_end).collect();
        while let Some(at) = open.pop() {
            if !std::mem::replace(&mut productive[at], true) {
                open.extend(&before[at]);
            }
        }
        productive
    }
}

/// The string with this number, read back through the strings that it extends.
fn text_of(mut at: usize, from: impl Fn(usize) -> Option<(usize, char)>) -> String {
    let mut chars = Vec::new();
    while let Some((before, c)) = from(at) {
        chars.push(c);
        at = before;
    }
    chars.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readable_characters_represent_others() {
        for (low, high, expected) in [
            ('\0', char::MAX, Some('a')),
            ('\0', '`', Some('A')),
            ('\0', '@', Some(' ')),
            ('0', '@', Some('0')),
            ('b', 'b', Some('b')),
            ('c', 'é', Some('c')),
            ('[', '`', Some('[')),
            ('{', '~', Some('{')),
            ('\u{7f}', 'é', Some('\u{7f}')),
            ('\0', '\u{1f}', Some('\0')),
        ] {
            assert_eq!(representative(low.into(), high.into()), expected, "{low:?} {high:?}");
        }
        // No character.
        assert_eq!(representative(0xD800, 0xDFFF), None);
        assert_eq!(representative(0xD800, 0xE000), Some('\u{e000}'));
    }
}
