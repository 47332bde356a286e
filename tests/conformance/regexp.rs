//! Compares regular expressions with recordings of Go's `regexp`.
//!
//! The cases are in `fixtures/regexp`. More recordings are outside of the repository, in `../shared`;
//! without them that test is skipped.

use proptest::prelude::*;
use refinery_preflight::internals::engine::regexp::{PatternFault, Reason, Regexp};
use serde_json::Value;
use std::ops::Range;

const RECORDINGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/conformance/values.jsonl");
const VERDICTS: &str = include_str!("../../fixtures/regexp/verdicts.jsonl");
const LARGE: &str = include_str!("../../fixtures/regexp/large.jsonl");
const MATCHES: &str = include_str!("../../fixtures/regexp/matches.jsonl");

fn lines(text: &str) -> impl Iterator<Item = Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}")))
}

/// Go's name for an error.
fn name_in_go(reason: Reason) -> &'static str {
    match reason {
        Reason::Escape => "invalid escape sequence",
        Reason::TrailingBackslash => "trailing backslash at end of expression",
        Reason::RangeOrder | Reason::ClassName | Reason::UnicodeName => {
            "invalid character class range"
        }
        Reason::OpenClass => "missing closing ]",
        Reason::OpenGroup => "missing closing )",
        Reason::StrayClose => "unexpected )",
        Reason::GroupSyntax => "invalid or unsupported Perl syntax",
        Reason::GroupName => "invalid named capture",
        Reason::NothingToRepeat => "missing argument to repetition operator",
        Reason::RepeatedRepeat => "invalid nested repetition operator",
        Reason::RepeatCount | Reason::RepeatOrder | Reason::RepeatProduct => "invalid repeat count",
        Reason::Depth => "expression nests too deeply",
        Reason::Size => "expression too large",
    }
}

/// Whether Go reports the whole pattern, or all that follows, instead of the exact place.
fn is_vague_in_go(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::OpenClass
            | Reason::OpenGroup
            | Reason::StrayClose
            | Reason::GroupName
            | Reason::UnicodeName
    )
}

fn range(at: &Value) -> Option<Range<usize>> {
    let [start, end] = [at.get(0)?, at.get(1)?].map(|n| n.as_u64().and_then(|n| n.try_into().ok()));
    Some(start?..end?)
}

fn check_place(pattern: &str, fault: &PatternFault, theirs: Option<Range<usize>>) {
    let Some(theirs) = theirs else {
        return assert_eq!(fault.reason, Reason::TrailingBackslash, "{pattern}");
    };
    if is_vague_in_go(fault.reason) {
        assert!(theirs.start <= fault.at.start && fault.at.end <= theirs.end, "{pattern}");
    } else {
        assert_eq!(fault.at, theirs, "{pattern}");
    }
}

fn verdict(pattern: &str) -> Option<&'static str> {
    Regexp::new(pattern).err().map(|fault| name_in_go(fault.reason))
}

#[test]
fn patterns_are_accepted_as_by_go() {
    let mut refused = 0;
    for case in lines(VERDICTS) {
        let pattern = case["pattern"].as_str().expect("a pattern");
        assert_eq!(verdict(pattern), case["refused"].as_str(), "{pattern}");
        if let Err(fault) = Regexp::new(pattern) {
            check_place(pattern, &fault, range(&case["at"]));
            refused += 1;
        }
    }
    assert!(refused > 250, "only {refused} patterns are rejected");
}

#[test]
fn large_patterns_are_accepted_as_by_go() {
    for case in lines(LARGE) {
        let part = |part: &Value| {
            let count = part[1].as_u64().and_then(|n| n.try_into().ok()).expect("a count");
            part[0].as_str().expect("a text").repeat(count)
        };
        let pattern: String = case["parts"].as_array().expect("parts").iter().map(part).collect();
        assert_eq!(verdict(&pattern), case["refused"].as_str(), "{}", case["parts"]);
    }
}

#[test]
fn texts_match_as_in_go() {
    for case in lines(MATCHES) {
        let pattern = case["pattern"].as_str().expect("a pattern");
        let regexp = Regexp::new(pattern).expect("it is accepted");
        for text in case["texts"].as_array().expect("texts") {
            let (text, expected) = (text[0].as_str().expect("a text"), text[1] == true);
            assert_eq!(regexp.is_match(text), expected, "{pattern} on {text:?}");
        }
    }
}

#[test]
fn patterns_behave_as_recorded() {
    let Ok(recordings) = std::fs::read_to_string(RECORDINGS) else {
        println!("skipped: there are no recordings beside this crate");
        return;
    };
    let (mut verdicts, mut matches) = (0, 0);
    for line in lines(&recordings) {
        let text = line["in"].as_str().unwrap_or("");
        if line["kind"] == "regexp" {
            verdicts += 1;
            assert_eq!(Regexp::new(text).is_ok(), line["ok"] == true, "{text}");
        } else if line["kind"] == "match" {
            matches += 1;
            let (pattern, subject): (String, String) = serde_json::from_str(text).expect("a pair");
            let outcome = Regexp::new(&pattern).map(|regexp| regexp.is_match(&subject));
            let expected = (line["ok"] == true).then(|| line["v"] == true);
            assert_eq!(outcome.ok(), expected, "{text}");
        }
    }
    assert!(verdicts > 5000 && matches > 2000, "only {verdicts} patterns, {matches} matches");
}

#[test]
fn hostile_patterns_are_parsed_quickly() {
    let megabyte = |part: &str| part.repeat((1 << 20) / part.len());
    for (part, refused) in [
        ("(", true),
        ("(?:", true),
        ("(a|", true),
        ("[[:", true),
        (r"\p{", true),
        ("(?P<n>", true),
        ("x{1000}", true),
        (r"\pL", true),
        ("a|", false),
        ("[ab]c|[ab]d|", false),
        ("a{1,", false),
        ("(?i)", false),
    ] {
        assert_eq!(Regexp::new(&megabyte(part)).is_err(), refused, "{part}");
    }
    // Every branch is a prefix of the next, so that prefixes are factored out at every level.
    let ladder: String = (1..1400).map(|n| "a".repeat(n) + "|").collect();
    assert_eq!(verdict(&ladder), Some("expression nests too deeply"));
}

#[test]
fn hostile_matches_end_quickly() {
    let text = "a".repeat(500);
    for (pattern, expected) in
        [("(?:a?){500}a{500}", true), ("((a*)*)*b", false), (r"^(?:a|a|\w)+$", true)]
    {
        let regexp = Regexp::new(pattern).expect("it is accepted");
        assert_eq!(regexp.is_match(&text), expected, "{pattern}");
    }
}

/// Random patterns made of typical pieces, so that most of them are almost valid.
fn pattern() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        proptest::sample::select(vec![
            "a", "é", "|", "(", ")", "[", "]", "^", "-", "*", "+?", "{2}", "{3,900}", "{", "}",
            "\\", "(?i)", "(?<n>", "(?=", "\\Q", "\\E", "\\pL", "\\p{", "[:", ":]", "\\x{", "\\u",
            "\\1", ",", ".", "$", "\\b",
        ])
        .prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn the_place_of_an_error_is_within_the_pattern(pattern in pattern(), text in ".{0,6}") {
        match Regexp::new(&pattern) {
            Ok(regexp) => {
                regexp.is_match(&text);
            }
            Err(fault) => {
                prop_assert!(pattern.get(fault.at.clone()).is_some_and(|part| !part.is_empty()));
                fault.advice(&pattern);
                if let Some(repaired) = fault.repair(&pattern) {
                    prop_assert!(Regexp::new(&repaired).is_ok());
                }
            }
        }
    }
}
