//! Tests the claims of `proof` about rules with the engine.
//!
//! Every rule reported as reachable is reached by the given trace. Other claims are tested with
//! random traces made from the rules' own values. Rules that are unreachable by construction must
//! be found, and rules that only look unreachable must not.

use crate::chance::Chance;
use crate::planted::{DIFFERENT, EQUAL, KINDS, LIVE, NESTED_KINDS, NESTED_LIVE, plant, read};
use crate::random_specs::{condition, rules, trace, values};
use crate::variables::{first_seed, number};
use refinery_preflight::internals::engine::spec::{RuleSpec, RulesSpec, Target};
use refinery_preflight::internals::engine::{Fields, Process, Sampler, Trace, Value};
use refinery_preflight::internals::proof::{About, all_are_decided, are_equal, is_without_effect};
use refinery_preflight::internals::proof::{Analysis, Outcome, Reachability, Semantics, Verdict};

/// Prepared rules.
struct Engine(Process, Sampler);

impl Engine {
    fn new(rules: Vec<RuleSpec>, check_nested_fields: bool) -> Self {
        let rules = rules.into_iter().map(Some).collect();
        let mut process = Process::new();
        let target = Target::Rules(RulesSpec { rules, check_nested_fields });
        let sampler = process.build("t", &target, 0).expect("rules that the engine survives");
        Self(process, sampler)
    }

    fn first_match(&mut self, trace: &Trace) -> Option<usize> {
        self.0.decide(&self.1, trace, 0).expect("a decision").rule
    }
}

/// A claim about rules of a file, as other rules that must behave like this.
enum Claim {
    /// The last rule is unreachable.
    LastIsNot(Engine, usize),
    /// This rule is unreachable by traces without rare values.
    IsRare(Engine, usize),
    /// Both match the same traces.
    Alike(Engine, Engine),
}

impl Claim {
    fn is_refuted_by(&mut self, trace: &Trace) -> bool {
        match self {
            Self::LastIsNot(engine, last) => engine.first_match(trace) == Some(*last),
            Self::IsRare(engine, number) => {
                !has_rare_value(trace) && engine.first_match(trace) == Some(*number)
            }
            Self::Alike(one, other) => one.first_match(trace) != other.first_match(trace),
        }
    }
}

#[derive(Debug, Default)]
struct Figures {
    reached: usize,
    never: usize,
    covered: usize,
    by_several: usize,
    unknown: usize,
    redundant: usize,
    rare: usize,
    /// How often a claim was tested with a trace.
    tests: usize,
}

fn rule(spec: &RulesSpec, number: usize) -> RuleSpec {
    spec.rules[number].clone().expect("a rule")
}

/// A rule with only these of its conditions.
fn part(spec: &RulesSpec, number: usize, conditions: &[usize]) -> RuleSpec {
    let rule = rule(spec, number);
    let written = rule.conditions.clone().unwrap_or_default();
    let kept = conditions.iter().map(|condition| written[*condition].clone()).collect();
    RuleSpec { conditions: Some(kept), ..rule }
}

fn claims(spec: &RulesSpec, analysis: &Analysis, figures: &mut Figures) -> Vec<(String, Claim)> {
    let engine = |rules| Engine::new(rules, spec.check_nested_fields);
    let mut claims = Vec::new();
    let mut all = engine(spec.rules.iter().flatten().cloned().collect());
    for (number, reachability) in analysis.rules.iter().enumerate() {
        match reachability {
            Reachability::Reached(trace) => {
                figures.reached += 1;
                assert_eq!(all.first_match(trace), Some(number), "{trace:?}\n{spec:#?}");
            }
            Reachability::Unsatisfiable(conditions) => {
                figures.never += 1;
                let alone = engine(vec![part(spec, number, conditions)]);
                let claim = Claim::LastIsNot(alone, 0);
                claims.push((format!("{number} never matches by {conditions:?}"), claim));
            }
            Reachability::Shadowed(by) => {
                figures.covered += 1;
                figures.by_several += usize::from(by.len() > 1);
                let rules = by.iter().chain([&number]).map(|n| rule(spec, *n)).collect();
                let claim = Claim::LastIsNot(engine(rules), by.len());
                claims.push((format!("{number} is covered by {by:?}"), claim));
            }
            Reachability::Unknown => {
                figures.unknown += 1;
                println!("unknown: rule {number} of {spec:#?}\n");
            }
            Reachability::Skipped => panic!("rule {number} is skipped"),
        }
    }
    for rare in &analysis.rare {
        figures.rare += 1;
        let rules = spec.rules.iter().flatten().cloned().collect();
        claims.push((format!("{rare:?}"), Claim::IsRare(engine(rules), rare.rule)));
    }
    for redundant in &analysis.redundant {
        figures.redundant += 1;
        let mut more = redundant.because.clone();
        more.push(redundant.condition);
        let one = engine(vec![part(spec, redundant.rule, &redundant.because)]);
        let other = engine(vec![part(spec, redundant.rule, &more)]);
        claims.push((format!("{redundant:?}"), Claim::Alike(one, other)));
    }
    claims
}

fn has_rare_value(trace: &Trace) -> bool {
    let is_rare = |value: &Value| match value {
        Value::Float(n) => !n.is_finite(),
        Value::Uint(_) | Value::Float32(_) | Value::Other(_) => true,
        _ => false,
    };
    trace.spans().iter().any(|span| span.iter().any(|(_, value)| is_rare(value)))
}

fn challenge(spec: &RulesSpec, traces: usize, chance: &mut Chance, figures: &mut Figures) {
    let analysis = Analysis::of(spec, Semantics::Engine);
    let mut claims = claims(spec, &analysis, figures);
    let values = values(spec);
    figures.tests += claims.len() * traces;
    for _ in 0..if claims.is_empty() { 0 } else { traces } {
        let trace = trace(chance, &values);
        for (name, claim) in &mut claims {
            assert!(!claim.is_refuted_by(&trace), "{name}: {trace:?}\n{spec:#?}");
        }
    }
}

#[test]
fn claims_about_random_rules_hold() {
    let files = number("PROOF_FILES", 400);
    let traces = usize::try_from(number("PROOF_TRACES", 2000)).expect("a usize");
    let mut figures = Figures::default();
    for seed in 1..=files {
        let mut chance = Chance::new(seed + first_seed());
        let spec = rules(&mut chance);
        challenge(&spec, traces, &mut chance, &mut figures);
    }
    println!("{files} files, {traces} traces each: {figures:?}");
    let all = figures.reached + figures.never + figures.covered + figures.unknown;
    assert!(figures.unknown * 100 <= all, "{figures:?}");
    assert!(figures.covered * 100 > all && figures.never * 50 > all, "{figures:?}");
}

#[test]
fn finds_rules_that_are_unreachable_by_construction() {
    for (kind, rules) in KINDS.iter().enumerate() {
        let spec = read(rules);
        let analysis = Analysis::of(&spec, Semantics::Engine);
        let last = analysis.rules.last().expect("a rule");
        let is_unreachable =
            matches!(last, Reachability::Unsatisfiable(_) | Reachability::Shadowed(_));
        assert!(is_unreachable, "kind {kind}: {last:?}\n{rules}");
        for seed in 1..=6 {
            let mut chance = Chance::new(seed + 1000 * kind as u64);
            let (spec, unreachable) = plant(&spec, &mut chance);
            let mut figures = Figures::default();
            challenge(&spec, 300, &mut chance, &mut figures);
            let reachability = Analysis::of(&spec, Semantics::Engine).rules[unreachable].clone();
            let is_unreachable =
                matches!(reachability, Reachability::Unsatisfiable(_) | Reachability::Shadowed(_));
            assert!(
                is_unreachable,
                "kind {kind}, planted at {unreachable}: {reachability:?}\n{spec:#?}"
            );
        }
    }
}

#[test]
fn rules_that_only_look_unreachable_are_reached() {
    for rules in LIVE {
        let spec = read(rules);
        let analysis = Analysis::of(&spec, Semantics::Engine);
        let last = analysis.rules.last().expect("a rule");
        assert!(matches!(last, Reachability::Reached(_)), "{last:?}\n{rules}");
    }
}

#[test]
fn decides_rules_about_nested_fields() {
    let cases = NESTED_KINDS.map(|rules| (rules, false));
    for (rules, is_live) in cases.into_iter().chain(NESTED_LIVE.map(|rules| (rules, true))) {
        let spec = RulesSpec { check_nested_fields: true, ..read(rules) };
        let analysis = Analysis::of(&spec, Semantics::Engine);
        let last = analysis.rules.last().expect("a rule");
        assert_ne!(*last, Reachability::Unknown, "{rules}");
        assert_eq!(matches!(last, Reachability::Reached(_)), is_live, "{last:?}\n{rules}");
        challenge(&spec, 2000, &mut Chance::new(3), &mut Figures::default());
    }
}

/// Only the item of a list matches the last rule, and lists are not searched for nested fields.
#[test]
fn what_is_not_supported_is_unknown() {
    let rules = "trace has-root-span true\nspan root starts-with [, root.0 = a";
    let spec = RulesSpec { check_nested_fields: true, ..read(rules) };
    let analysis = Analysis::of(&spec, Semantics::Engine);
    assert_eq!(analysis.rules.last(), Some(&Reachability::Unknown));
}

#[test]
fn witnesses_have_only_fields_that_matter() {
    let spec =
        RulesSpec { check_nested_fields: true, ..read("span n.x = 5, n.x|m.y <= [ :string") };
    let Reachability::Reached(trace) = &Analysis::of(&spec, Semantics::Engine).rules[0] else {
        panic!("it is reached");
    };
    let names: Vec<_> = trace.spans().iter().flat_map(Fields::iter).map(|(name, _)| name).collect();
    assert_eq!(names.len(), 1, "{trace:?}");
}

/// Refinery itself says which span is the root span, unless it is a log, and has one ID for all of them.
#[test]
fn metadata_that_refinery_sets_is_known() {
    let last = |rules| Analysis::of(&read(rules), Semantics::Engine).rules.pop();
    for dead in [
        "span meta.refinery.root = true, meta.refinery.root = false",
        "span meta.refinery.root = 5",
        "trace has-root-span true\nspan meta.refinery.root = true",
        "trace has-root-span false\nspan root.meta.refinery.root != true",
        "span meta.refinery.root exists\nspan meta.signal_type != log",
        "span meta.refinery.root not-exists, meta.signal_type = trace",
        "span meta.trace_id not-exists",
        "trace meta.trace_id = a, meta.trace_id = b",
        "trace meta.trace_id = a\nspan meta.trace_id = a, x = 5",
    ] {
        let last = last(dead);
        let is_dead =
            matches!(last, Some(Reachability::Unsatisfiable(_) | Reachability::Shadowed(_)));
        assert!(is_dead, "{last:?}\n{dead}");
    }
    for live in [
        "span meta.refinery.root = true, x = 5",
        "trace meta.refinery.root = true, meta.refinery.root = false",
        "span meta.refinery.root exists\ntrace x = 5",
        "span meta.refinery.root not-exists, meta.signal_type = log",
        "span meta.trace_id = a\nspan meta.trace_id starts-with a",
        "trace has-root-span true\nspan meta.refinery.root = false, meta.trace_id = b, x = 5",
    ] {
        let last = last(live);
        let Some(Reachability::Reached(trace)) = &last else { panic!("{last:?}\n{live}") };
        assert_eq!(trace.clone().with_metadata(), **trace, "{live}");
    }
}

/// `@this` finds every span, unless JSON cannot represent it.
#[test]
fn modifiers_find_more_than_a_key() {
    let spec = |rules| RulesSpec { check_nested_fields: true, ..read(rules) };
    let last = |rules| Analysis::of(&spec(rules), Semantics::Engine).rules.pop();
    let reached = last("trace @this not-exists");
    let Some(Reachability::Reached(trace)) = &reached else { panic!("{reached:?}") };
    let is_finite = |span: &Fields| span.iter().all(|(_, value)| value.is_finite());
    assert!(!trace.spans().iter().all(is_finite), "{trace:?}");
    // A key that only looks like one.
    let dead = last("trace @time exists\ntrace @time = 5");
    assert_eq!(dead, Some(Reachability::Shadowed(vec![0])));
    for live in ["trace !true = true", "trace [n] starts-with [", "trace @this.n = x\ntrace n = 1"]
    {
        assert!(matches!(last(live), Some(Reachability::Reached(_))), "{live}");
    }
    // Refinery adds fields to each span.
    for open in ["trace @this = x", "trace @keys contains n", "trace root.@this does-not-contain n"]
    {
        assert_eq!(last(open), Some(Reachability::Unknown), "{open}");
    }
}

/// The outcome of a trace.
fn outcome<'s>(spec: &'s RulesSpec, trace: &Trace) -> Outcome<'s> {
    let rules = spec.rules.iter().flatten().cloned().collect();
    let number = Engine::new(rules, spec.check_nested_fields).first_match(trace);
    Outcome::of(number.and_then(|number| spec.rules[number].as_ref()))
}

/// Tests a verdict on two lists of rules with the engine.
fn test_verdict(one: &RulesSpec, other: &RulesSpec, verdict: &Verdict, chance: &mut Chance) {
    match verdict {
        Verdict::Refuted(trace) => assert_ne!(outcome(one, trace), outcome(other, trace)),
        Verdict::Holds => {
            let values = values(one);
            for _ in 0..300 {
                let trace = trace(chance, &values);
                let outcomes = [outcome(one, &trace), outcome(other, &trace)];
                assert_eq!(outcomes[0], outcomes[1], "{trace:?}\n{one:#?}\n{other:#?}");
            }
        }
        Verdict::Unknown => {}
    }
}

#[test]
fn distinguishes_equal_from_different_rules() {
    let mut chance = Chance::new(7);
    for pair in EQUAL {
        let [one, other] = pair.map(read);
        let verdict = are_equal(&one, &other);
        assert_eq!(verdict, Verdict::Holds, "{pair:?}");
        test_verdict(&one, &other, &verdict, &mut chance);
    }
    for pair in DIFFERENT {
        let [one, other] = pair.map(read);
        let verdict = are_equal(&one, &other);
        assert!(matches!(verdict, Verdict::Refuted(_)), "{pair:?}: {verdict:?}");
        test_verdict(&one, &other, &verdict, &mut chance);
    }
}

#[test]
fn compares_random_rules_with_changed_ones() {
    let mut counts = [0; 3];
    for seed in 1..=120 {
        let mut chance = Chance::new(seed);
        let one = rules(&mut chance);
        let mut other = one.clone();
        let at = chance.below(other.rules.len());
        match chance.below(3) {
            0 => drop(other.rules.remove(at)),
            1 => {
                let rule = other.rules[at].as_mut().expect("a rule");
                rule.conditions.get_or_insert_default().reverse();
            }
            _ => {
                let rule = other.rules[at].as_mut().expect("a rule");
                let conditions = rule.conditions.get_or_insert_default();
                let end = conditions.len().min(1);
                conditions.splice(..end, [Some(condition(&mut chance))]);
            }
        }
        let verdict = are_equal(&one, &other);
        test_verdict(&one, &other, &verdict, &mut chance);
        counts[match verdict {
            Verdict::Holds => 0,
            Verdict::Refuted(_) => 1,
            Verdict::Unknown => 2,
        }] += 1;
    }
    println!("equal, different, unknown: {counts:?}");
    assert!(counts[0] > 30 && counts[1] > 30 && counts[2] < 4, "{counts:?}");
}

#[test]
fn proves_or_refutes_statements_about_all_traces() {
    let rules = read("trace@1 error = true, a exists\nspan@20 a = x\ntrace@0 a = x");
    let errors = [read("trace error = true").rules[0].clone().expect("a rule")];
    let errors =
        &About { all: &errors, none: &[], has_rare_values: true, semantics: Semantics::Engine };
    let is_kept = |_: Option<usize>, outcome: Outcome| outcome != Outcome::Dropped;
    let kept = all_are_decided(&rules, errors, is_kept);
    assert_eq!(kept, Verdict::Holds);
    let all_kept = all_are_decided(&rules, errors, |_, outcome| outcome == Outcome::Rate(1));
    // Without `a` no rule matches, which keeps everything as well.
    assert_eq!(all_kept, Verdict::Holds);
    let dropped = all_are_decided(&read("trace@0 b = x\ntrace@1 error = true"), errors, is_kept);
    let Verdict::Refuted(trace) = dropped else { panic!("{dropped:?}") };
    assert_eq!(trace.spans().len(), 1);
    let b = [read("trace b = x").rules[0].clone().expect("a rule")];
    let first = read("trace@0 b = x\ntrace@1 error = true");
    let others = About { none: &b, ..*errors };
    assert_eq!(all_are_decided(&first, &others, |number, _| number == Some(1)), Verdict::Holds);
    assert_eq!(is_without_effect(&rules, 2), Verdict::Holds);
    assert!(matches!(is_without_effect(&rules, 1), Verdict::Refuted(_)));
}

#[test]
fn finds_rules_that_only_rare_numbers_reach() {
    let rare = |rules| Analysis::of(&read(rules), Semantics::Engine).rare;
    let found = rare("span a >= 5, b exists, a <= 4");
    assert_eq!(found.iter().map(|rare| rare.conditions.clone()).collect::<Vec<_>>(), [[0, 2]]);
    // Integers and floats are covered, and strings compare with no number.
    let found = rare("trace a > 4\ntrace a <= 4\ntrace a >= 0, a <= 1, a = 1");
    assert_eq!(found, []);
    let found = rare("trace a < 5\ntrace a > 4\ntrace a = 5");
    assert_eq!(found.iter().map(|rare| rare.covered_by.clone()).collect::<Vec<_>>(), [[1]]);
    assert_eq!(rare("span a >= 4, a <= 5"), []);
}
