//! Tests of a string that is built character by character.
//!
//! Each is a deterministic automaton whose states are numbered as they are reached. `words` chooses
//! the characters.

use super::decimal::{Decimal, DecimalReader, Form, Reading};
use crate::engine::predicate::Relation;
use crate::engine::regexp::Automaton;
use foldhash::HashMap;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::hash::Hash;

/// The state of a reader that rejects every continuation.
const NEVER: u32 = u32::MAX;

/// One test.
#[derive(Debug)]
pub enum Reader<'p> {
    /// Compares with a string.
    Order(Vec<char>, Relation),
    StartsWith(Vec<char>),
    Contains(Part),
    /// Is one of these.
    Among(Trie),
    Matches(Automaton<'p>),
    /// Is a number of the reader's form in one of the ranges.
    Within {
        reader: DecimalReader,
        states: States<Reading>,
        ranges: Vec<[Option<usize>; 2]>,
    },
}

/// Inclusive ranges; `None` is an open end.
pub type Range = (Option<Decimal>, Option<Decimal>);

/// States in the order in which they were reached.
#[derive(Debug)]
pub struct States<S>(Vec<S>, HashMap<S, u32>);

impl<S: Clone + Eq + Hash> States<S> {
    fn new(start: S) -> Self {
        Self(vec![start.clone()], HashMap::from_iter([(start, 0)]))
    }

    fn get(&self, number: u32) -> &S {
        &self.0[number as usize]
    }

    fn number(&mut self, state: S) -> u32 {
        if let Some(number) = self.1.get(&state) {
            return *number;
        }
        let number = u32::try_from(self.0.len()).unwrap_or(NEVER);
        self.0.push(state.clone());
        self.1.insert(state, number);
        number
    }
}

/// A searched string, with the prefix that may restart at each position.
#[derive(Debug)]
pub struct Part {
    chars: Vec<char>,
    shorter: Vec<usize>,
}

impl Part {
    fn new(chars: Vec<char>) -> Self {
        let mut shorter = vec![0; chars.len()];
        let mut length = 0;
        for at in 1..chars.len() {
            while length > 0 && chars[at] != chars[length] {
                length = shorter[length - 1];
            }
            length += usize::from(chars[at] == chars[length]);
            shorter[at] = length;
        }
        Self { chars, shorter }
    }

    fn step(&self, mut length: usize, c: char) -> usize {
        if length == self.chars.len() {
            return length;
        }
        while length > 0 && self.chars[length] != c {
            length = self.shorter[length - 1];
        }
        length + usize::from(self.chars[length] == c)
    }
}

/// Strings by their characters: for each node its children, and whether a string ends there.
#[derive(Debug, Default)]
pub struct Trie(Vec<(HashMap<char, u32>, bool)>);

impl Trie {
    fn new<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let mut trie = Self(vec![Default::default()]);
        for text in texts {
            let end = text.chars().fold(0, |at, c| {
                let next = u32::try_from(trie.0.len()).unwrap_or(NEVER);
                let child = *trie.0[at].0.entry(c).or_insert(next);
                if child == next {
                    trie.0.push(Default::default());
                }
                child as usize
            });
            trie.0[end].1 = true;
        }
        trie
    }
}

impl<'p> Reader<'p> {
    pub fn order(text: &str, relation: Relation) -> Self {
        Self::Order(text.chars().collect(), relation)
    }

    pub fn starts_with(text: &str) -> Self {
        Self::StartsWith(text.chars().collect())
    }

    pub fn contains(text: &str) -> Self {
        Self::Contains(Part::new(text.chars().collect()))
    }

    pub fn among<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        Self::Among(Trie::new(texts))
    }

    pub fn matches(automaton: Automaton<'p>) -> Self {
        Self::Matches(automaton)
    }

    pub fn within(form: Form, ranges: &[Range]) -> Self {
        let mut bounds = Vec::new();
        let mut number = |bound: &Option<Decimal>| {
            bounds.push(bound.clone()?);
            Some(bounds.len() - 1)
        };
        let ranges = ranges.iter().map(|(low, high)| [number(low), number(high)]).collect();
        let reader = DecimalReader::new(form, bounds);
        let states = States::new(reader.start());
        Self::Within { reader, states, ranges }
    }

    pub fn step(&mut self, state: u32, c: char) -> u32 {
        if state == NEVER {
            return NEVER;
        }
        let at = state as usize;
        let numbered = |n: usize| u32::try_from(n).unwrap_or(NEVER);
        match self {
            Self::Order(word, _) => step_order(word, state, c),
            Self::StartsWith(word) if at == word.len() => state,
            Self::StartsWith(word) if word[at] == c => state + 1,
            Self::StartsWith(_) => NEVER,
            Self::Contains(part) => numbered(part.step(at, c)),
            Self::Among(trie) => trie.0[at].0.get(&c).copied().unwrap_or(NEVER),
            Self::Matches(automaton) => automaton.step(state, c),
            Self::Within { reader, states, .. } => {
                let next = reader.step(states.get(state), c);
                states.number(next)
            }
        }
    }

    /// The cost of a step, compared to that of a string.
    pub fn cost(&self) -> usize {
        match self {
            Self::Matches(automaton) => 8 + automaton.size() / 8,
            _ => 1,
        }
    }

    /// The result for a string that ends here.
    pub fn answer(&mut self, state: u32) -> bool {
        let at = state as usize;
        match self {
            Self::Order(word, relation) => relation.holds(Some(order_at(word, state))),
            _ if state == NEVER => false,
            Self::StartsWith(word) => at == word.len(),
            Self::Contains(part) => at == part.chars.len(),
            Self::Among(trie) => trie.0[at].1,
            Self::Matches(automaton) => automaton.ends(state),
            Self::Within { reader, states, ranges } => {
                let Some(orders) = reader.compare(states.get(state)) else { return false };
                ranges.iter().any(|[low, high]| {
                    low.is_none_or(|at| orders[at].is_ge())
                        && high.is_none_or(|at| orders[at].is_le())
                })
            }
        }
    }

    /// Whether every continuation has the same result.
    pub fn is_settled(&self, state: u32) -> bool {
        let at = state as usize;
        match self {
            Self::Order(word, _) => at > word.len(),
            _ if state == NEVER => true,
            Self::StartsWith(word) => at == word.len(),
            Self::Contains(part) => at == part.chars.len(),
            Self::Among(_) => false,
            Self::Matches(automaton) => automaton.is_settled(state),
            Self::Within { states, .. } => *states.get(state) == Reading::Not,
        }
    }

    /// About how many characters it compares with.
    pub fn size(&self) -> usize {
        match self {
            Self::Order(word, _) | Self::StartsWith(word) => word.len(),
            Self::Contains(part) => part.chars.len(),
            Self::Among(trie) => trie.0.len(),
            Self::Matches(automaton) => automaton.size(),
            Self::Within { .. } => NUMBERS.len(),
        }
    }

    /// The characters that it distinguishes.
    pub fn classes(&self) -> CharClasses<'_> {
        let chars: BTreeSet<char> = match self {
            Self::Matches(automaton) => return CharClasses::OfPattern(automaton),
            Self::Order(word, _) | Self::StartsWith(word) => word.iter().copied().collect(),
            Self::Contains(part) => part.chars.iter().copied().collect(),
            Self::Among(trie) => trie.0.iter().flat_map(|(next, _)| next.keys().copied()).collect(),
            Self::Within { .. } => NUMBERS.chars().collect(),
        };
        let cuts: BTreeSet<u32> =
            chars.into_iter().flat_map(|c| [u32::from(c), u32::from(c) + 1]).collect();
        CharClasses::Between(cuts.into_iter().collect())
    }
}

/// The characters that numbers consist of.
const NUMBERS: &str = "0123456789+-.";

/// Which characters a reader distinguishes.
pub enum CharClasses<'r> {
    /// Those on different sides of these code points.
    Between(Vec<u32>),
    OfPattern(&'r Automaton<'r>),
}

impl CharClasses<'_> {
    /// The class of a character: those of one class lead to the same states.
    pub fn of(&self, c: char) -> usize {
        match self {
            Self::Between(cuts) => cuts.partition_point(|&cut| cut <= u32::from(c)),
            Self::OfPattern(automaton) => automaton.class(c),
        }
    }

    /// Adds the code points at which the next state may change.
    pub fn add_cuts(&self, cuts: &mut BTreeSet<u32>) {
        match self {
            Self::Between(own) => cuts.extend(own),
            Self::OfPattern(automaton) => cuts.extend(automaton.cuts()),
        }
    }
}

/// States of a comparison: the length of the equal prefix, then less, then greater.
fn step_order(word: &[char], state: u32, c: char) -> u32 {
    let (at, end) = (state as usize, u32::try_from(word.len()).unwrap_or(NEVER - 2));
    match word.get(at) {
        _ if at > word.len() => state,
        None => end + 2,
        Some(expected) => match c.cmp(expected) {
            Ordering::Equal => state + 1,
            Ordering::Less => end + 1,
            Ordering::Greater => end + 2,
        },
    }
}

fn order_at(word: &[char], state: u32) -> Ordering {
    match (state as usize).checked_sub(word.len()) {
        // The string ends early, or was less at some character.
        None | Some(1) => Ordering::Less,
        Some(0) => Ordering::Equal,
        Some(_) => Ordering::Greater,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::regexp::Regexp;

    const TEXTS: [&str; 17] = [
        "",
        "a",
        "b",
        "ab",
        "aa",
        "aab",
        "aaab",
        "abab",
        "é",
        "5",
        "05",
        "-5",
        "5.0",
        "6",
        "+5",
        "\u{10ffff}",
        "aa\0",
    ];

    #[test]
    fn characters_of_one_class_lead_to_the_same_states() {
        let readers = || {
            [
                Reader::order("bd", Relation::Less),
                Reader::starts_with("bd"),
                Reader::contains("bd"),
                Reader::among(["bd", "c"]),
            ]
        };
        for (mut reader, own) in readers().into_iter().zip(readers()) {
            let classes = own.classes();
            for (one, other) in ('a'..='f').flat_map(|c| ('a'..='f').map(move |d| (c, d))) {
                let is_same = classes.of(one) == classes.of(other);
                for state in [0, 1] {
                    let next = [one, other].map(|c| reader.step(state, c));
                    assert!(!is_same || next[0] == next[1], "{reader:?} {one} {other}");
                }
            }
            assert!(classes.of('b') != classes.of('a') && classes.of('b') != classes.of('c'));
        }
    }

    #[test]
    fn readers_agree_with_strings() {
        let answer = |mut reader: Reader, text: &str| {
            let end = text.chars().fold(0, |state, c| reader.step(state, c));
            reader.answer(end)
        };
        let pattern = Regexp::new("^a+b?$").unwrap();
        for text in TEXTS {
            for word in TEXTS {
                let less = answer(Reader::order(word, Relation::Less), text);
                assert_eq!(less, text < word, "{text:?} < {word:?}");
                let equal = answer(Reader::order(word, Relation::Equal), text);
                assert_eq!(equal, text == word, "{text:?} = {word:?}");
                assert_eq!(answer(Reader::starts_with(word), text), text.starts_with(word));
                assert_eq!(answer(Reader::contains(word), text), text.contains(word));
                assert_eq!(
                    answer(Reader::among([word, "aab"]), text),
                    [word, "aab"].contains(&text)
                );
            }
            assert_eq!(
                answer(Reader::matches(pattern.automaton().unwrap()), text),
                pattern.is_match(text)
            );
            let range = (Some(Decimal::of_int(-5)), Some(Decimal::of_int(5)));
            let within = answer(Reader::within(Form::Whole, &[range]), text);
            assert_eq!(within, text.parse().is_ok_and(|n: i64| n.abs() <= 5), "{text:?}");
        }
    }
}
