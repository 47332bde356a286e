//! Finds where texts repeat secrets, in time linear in the text for any number of them.

use super::{Secrets, UNMISTAKABLE};
use aho_corasick::Anchored;
use aho_corasick::automaton::Automaton;
use aho_corasick::nfa::noncontiguous::NFA;
use std::ops::Range;

/// Finds all secrets that are long enough not to be ordinary words.
pub struct Repeats(NFA);

impl Repeats {
    /// `None` if no secret is long enough.
    pub fn of(secrets: &Secrets) -> Option<Self> {
        let long = secrets.values.values().flatten().filter(|value| value.len() >= UNMISTAKABLE);
        let long: Vec<&String> = long.collect();
        // It only fails beyond two billion states, of which there are as many as bytes.
        (!long.is_empty()).then(|| NFA::new(long).ok())?.map(Self)
    }

    /// Every byte of the text that belongs to a secret, as sorted and disjoint ranges.
    pub fn find_in(&self, text: &str) -> Vec<Range<usize>> {
        let Self(automaton) = self;
        let mut found: Vec<Range<usize>> = Vec::new();
        let Ok(mut state) = automaton.start_state(Anchored::No) else { return found };
        for (at, byte) in text.bytes().enumerate() {
            state = automaton.next_state(Anchored::No, state, byte);
            if !automaton.is_match(state) {
                continue;
            }
            // The first pattern of a state is the longest of those that end here.
            let end = at + 1;
            let mut start = end - automaton.pattern_len(automaton.match_pattern(state, 0));
            while let Some(last) = found.pop_if(|last| last.end >= start) {
                start = start.min(last.start);
            }
            found.push(start..end);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_of_a_secret_is_found() {
        let secrets = Secrets::of(["abcdefgh", "efghijklm", "defghijk", "mmmmmmmm", "short"]);
        let repeats = Repeats::of(&secrets).unwrap();
        for (text, found) in [
            ("abcdefghijklm", &[(0, 13)][..]),
            ("xabcdefghx efghijklm", &[(1, 9), (11, 20)]),
            ("mmmmmmmmmm", &[(0, 10)]),
            ("defghijklm", &[(0, 10)]),
            ("short abcdefg", &[]),
        ] {
            let ranges: Vec<_> = found.iter().map(|&(start, end)| start..end).collect();
            assert_eq!(repeats.find_in(text), ranges, "{text}");
        }
        assert!(Repeats::of(&Secrets::of(["short"])).is_none());
    }
}
