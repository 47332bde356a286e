//! Traces that exercise rules, verdicts that need rare values, and limits.

use crate::planted::read;
use refinery_preflight::internals::engine::spec::{RuleSpec, RulesSpec};
use refinery_preflight::internals::engine::{Fields, Trace};
use refinery_preflight::internals::proof::{
    About, Analysis, Answer, Exerciser, Reachability, Semantics, Verdict, all_are_decided,
    are_equal, find_differences,
};

/// Only NaN matches.
const RARE: &str = "span a = 5, a = 6";

fn exerciser(rules: &str) -> Exerciser {
    Exerciser::new(&read(rules), Semantics::Engine)
}

fn is_possible(answer: &Answer) -> bool {
    matches!(answer, Answer::Possible(_))
}

/// The text of a field of any span.
fn text_of(answer: &Answer, name: &str) -> Option<String> {
    let Answer::Possible(trace) = answer else { panic!("{answer:?}") };
    let fields = trace.spans().iter().flat_map(Fields::iter);
    fields.filter(|(field, _)| *field == name).map(|(_, value)| value.to_string()).next()
}

#[test]
fn traces_fail_at_a_condition() {
    let mut one = exerciser("span a = x, b = y, c = z");
    let answer = one.fails_at(0, 1);
    assert_eq!(text_of(&answer, "a").as_deref(), Some("x"));
    assert_ne!(text_of(&answer, "b").as_deref(), Some("y"));
    let answer = one.fails_only_at(0, 1);
    assert_eq!(text_of(&answer, "c").as_deref(), Some("z"));
    assert_ne!(text_of(&answer, "b").as_deref(), Some("y"));
    // Without the first condition it is the same rule.
    let mut one = exerciser("span a exists, a = x");
    assert_eq!(one.fails_only_at(0, 0), Answer::Impossible(vec![0]));
    assert!(is_possible(&one.fails_only_at(0, 1)));
}

#[test]
fn earlier_rules_do_not_match() {
    let mut two = exerciser("span b = y\nspan b = y, c = z");
    assert_eq!(two.matching(&[1]), Answer::Impossible(vec![0]));
    assert!(is_possible(&two.matching(&[0, 1])));
    assert!(is_possible(&exerciser(RARE).decided_by(0)));
    assert!(!is_possible(&exerciser(RARE).matching(&[0])));
}

#[test]
fn later_rules_decide_instead() {
    let is_last = |number: Option<usize>| number == Some(2);
    let mut three = exerciser("span a = x\nspan a exists\nspan b not-exists");
    assert_eq!(three.decided_instead(0, None, is_last), Answer::Impossible(Vec::new()));
    assert!(is_possible(&three.decided_instead(0, None, |number| number == Some(1))));
    // What the rule decides is not decided by another.
    let mut two = exerciser("span b exists, a = x\nspan b exists, a = x, c exists");
    let is_other = |number: Option<usize>| number == Some(1);
    assert_eq!(two.decided_instead(0, Some(0), is_other), Answer::Impossible(Vec::new()));
    // Familiar values are asked for.
    let mut rare = exerciser("span a = 5, a = 6\nspan b not-exists");
    assert_eq!(rare.decided_instead(0, None, is_other), Answer::Impossible(Vec::new()));
    let mut rules = read("span a = x\nspan a exists");
    rules.rules[1] = None;
    let mut with_null = Exerciser::new(&rules, Semantics::Engine);
    assert_eq!(with_null.decided_instead(0, None, is_other), Answer::Unknown);
    let mut many = read("span a = x");
    many.rules.resize(1001, None);
    let mut many = Exerciser::new(&many, Semantics::Engine);
    assert_eq!(many.decided_instead(0, None, |_| false), Answer::Unknown);
}

/// Whether no rule that drops decides traces that match all of these.
fn verdict(rules: &str, all: &str, has_rare_values: bool) -> Verdict {
    let rules = read(rules);
    let all: Vec<RuleSpec> = read(all).rules.into_iter().flatten().collect();
    let about = About { all: &all, none: &[], has_rare_values, semantics: Semantics::Engine };
    all_are_decided(&rules, &about, |rule, _| rule.is_some())
}

#[test]
fn verdicts_are_about_the_requested_values() {
    assert_eq!(verdict("span a exists", "span a = 5", true), Verdict::Holds);
    assert!(matches!(verdict("span b exists", "span a = 5", true), Verdict::Refuted(_)));
    assert!(matches!(verdict("span b exists", RARE, true), Verdict::Refuted(_)));
    assert_eq!(verdict("span b exists", RARE, false), Verdict::Holds);
}

#[test]
fn several_differences_may_need_rare_values() {
    let list = |rates: [i64; 2]| {
        let mut list = read("span a = 5, a = 6\nspan b = 5, b = 6");
        for (rule, rate) in list.rules.iter_mut().flatten().zip(rates) {
            rule.sample_rate = rate;
        }
        list
    };
    let found = find_differences(&list([2, 3]), &list([4, 5]), 9).unwrap();
    let pairs: Vec<_> = found.differences.iter().map(|difference| difference.rules).collect();
    assert_eq!((pairs, found.unknown), (vec![[Some(0); 2], [Some(1); 2]], 0));
}

/// Only the item of a list matches, and lists are not searched for nested fields.
const OPEN: &str = "trace has-root-span true\nspan root starts-with [, root.0 = a";

#[test]
fn unknown_is_not_proved() {
    let one = RulesSpec { check_nested_fields: true, ..read(OPEN) };
    let mut other = one.clone();
    other.rules[1].as_mut().unwrap().sample_rate = 77;
    assert_eq!(are_equal(&one, &other), Verdict::Unknown);
    let about = About { all: &[], none: &[], has_rare_values: true, semantics: Semantics::Engine };
    let verdict = all_are_decided(&one, &about, |rule, _| rule != Some(1));
    assert_eq!(verdict, Verdict::Unknown);
}

fn results(rules: &str, nested: bool) -> Vec<Reachability> {
    let spec = RulesSpec { check_nested_fields: nested, ..read(rules) };
    Analysis::of(&spec, Semantics::Engine).rules
}

fn reached(rules: &str) -> Option<Box<Trace>> {
    match results(rules, true).pop() {
        Some(Reachability::Reached(trace)) => Some(trace),
        _ => None,
    }
}

#[test]
fn witnesses_have_nested_fields_and_unused_names() {
    assert!(reached("span n.x.y = 5 :int, n.x starts-with {").is_some());
    assert!(reached("span @this not-exists, nan not-exists").is_some());
    assert_eq!(results("trace ?.NUM_DESCENDANTS > 50000", false), [Reachability::Unknown]);
}

#[test]
fn limits_are_said() {
    let long = format!("span a matches {}", "a".repeat(1001));
    assert_eq!(results(&long, false), [Reachability::Unknown]);
    let many = format!("span {}", vec!["a exists"; 51].join(", "));
    let analysis = Analysis::of(&read(&many), Semantics::Engine);
    assert_eq!((&analysis.rules[..], analysis.unmatched), (&[Reachability::Unknown][..], None));
    let mut more = read("span a = x");
    more.rules.resize(1001, more.rules[0].clone());
    let analysis = Analysis::of(&more, Semantics::Engine);
    assert_eq!((analysis.rules.last(), analysis.unmatched), (Some(&Reachability::Unknown), None));
}

/// The first trace that is found also matches a rule that is not needed.
#[test]
fn only_rules_that_are_needed_cover_another() {
    let rules = "span a starts-with 1\nspan a < n :string\nspan a >= n :string\nspan a exists";
    let last = Analysis::of(&read(rules), Semantics::Engine).rules.pop();
    assert_eq!(last, Some(Reachability::Shadowed(vec![1, 2])));
}

#[test]
fn one_of_equal_conditions_is_redundant() {
    let analysis = Analysis::of(&read("span b exists, a = x, a = x"), Semantics::Engine);
    let found: Vec<_> = analysis.redundant.iter().map(|r| (r.condition, &r.because[..])).collect();
    assert_eq!(found, [(1, &[2][..])]);
}

/// Before v2.8.0 nothing is known but that equal conditions are equal.
#[test]
fn conditions_of_other_fields_differ_in_old_releases() {
    let result = |rules| Analysis::of(&read(rules), Semantics::Unknown).rules.pop();
    assert_eq!(result("span a = x\nspan b = x"), Some(Reachability::Unknown));
    assert_eq!(result("span a = x\nspan a = x"), Some(Reachability::Shadowed(vec![0])));
}
