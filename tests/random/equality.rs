//! Decides whether random lists of rules are equal to refactored ones, and different from mutants.
//!
//! A refactoring is equal by construction. A mutant is different if its verdict has a witness, which
//! the engine confirms; a verdict of equality is tested with random traces.

use crate::chance::Chance;
use crate::random_specs::{condition, rules, trace, values};
use crate::refactoring::{refactor, swap_separate};
use crate::variables::{first_seed, number};
use refinery_preflight::internals::engine::spec::{RulesSpec, Target};
use refinery_preflight::internals::engine::{Process, Sampler, Trace};
use refinery_preflight::internals::proof::{
    Analysis, Outcome, Reachability, Semantics, Verdict, are_equal,
};

/// Prepared rules, and their outcomes.
struct Engine<'s> {
    process: Process,
    sampler: Sampler,
    spec: &'s RulesSpec,
}

impl<'s> Engine<'s> {
    fn new(spec: &'s RulesSpec) -> Self {
        let mut process = Process::new();
        let target = Target::Rules(spec.clone());
        let sampler = process.build("t", &target, 0).expect("rules that the engine survives");
        Self { process, sampler, spec }
    }

    fn outcome(&mut self, trace: &Trace) -> Outcome<'s> {
        let number = self.process.decide(&self.sampler, trace, 0).expect("a decision").rule;
        Outcome::of(number.and_then(|number| self.spec.rules[number].as_ref()))
    }
}

/// Tests equality with random traces of the values of both.
fn test_equality(one: &RulesSpec, other: &RulesSpec, chance: &mut Chance) {
    let (mut engine, mut other_engine) = (Engine::new(one), Engine::new(other));
    let mut values = values(one);
    values.extend(crate::random_specs::values(other));
    for _ in 0..300 {
        let trace = trace(chance, &values);
        let outcomes = [engine.outcome(&trace), other_engine.outcome(&trace)];
        assert_eq!(outcomes[0], outcomes[1], "{trace:?}\n{one:#?}\n{other:#?}");
    }
}

#[test]
fn refactored_rules_are_equal() {
    let (mut equal, mut unknown) = (0, 0);
    for seed in 1..=number("EQUALITY_FILES", 80) {
        let mut chance = Chance::new(seed + first_seed());
        let mut one = rules(&mut chance);
        let mut other = one.clone();
        if chance.below(4) == 0 {
            [one, other] = swap_separate(&one, &mut chance);
        }
        let (other, steps) = refactor(&other, &mut chance);
        match are_equal(&one, &other) {
            Verdict::Holds => equal += 1,
            Verdict::Unknown => {
                println!("unknown: seed {seed}, {steps:?}");
                unknown += 1;
            }
            Verdict::Refuted(trace) => {
                panic!("seed {seed}: {steps:?}\n{trace:?}\n{one:#?}\n{other:#?}")
            }
        }
        test_equality(&one, &other, &mut chance);
    }
    println!("equal: {equal}, unknown: {unknown}");
    assert_eq!(unknown, 0, "equal: {equal}");
}

/// Changes one rule that some trace reaches, so that its traces have another outcome; or anything
/// else, which may have no effect.
pub fn mutate(spec: &RulesSpec, chance: &mut Chance) -> (RulesSpec, bool) {
    let mut other = spec.clone();
    let at = chance.below(spec.rules.len());
    let rule = other.rules[at].as_mut().expect("a rule");
    let conditions = rule.conditions.get_or_insert_default();
    let mut is_different = false;
    match chance.below(6) {
        0 => {
            let analysis = Analysis::of(spec, Semantics::Engine);
            is_different = matches!(analysis.rules[at], Reachability::Reached(_));
            (rule.sample_rate, rule.drop) = (77, false);
        }
        1 => drop(other.rules.remove(at)),
        2 => {
            let number = chance.below(conditions.len());
            let end = conditions.len().min(number + 1);
            conditions.splice(number..end, [Some(condition(chance))]);
        }
        3 => {
            let number = chance.below(conditions.len());
            let Some(Some(changed)) = conditions.get_mut(number) else { return (other, false) };
            changed.datatype = String::from(if changed.datatype.is_empty() { "int" } else { "" });
        }
        4 => rule.scope = String::from(if rule.scope == "span" { "trace" } else { "span" }),
        _ => conditions.truncate(1),
    }
    (other, is_different)
}

#[test]
fn mutants_are_different() {
    let wanted = number("EQUALITY_MUTANTS", 80);
    let (mut different, mut equal, mut unknown) = (0, 0, 0);
    for seed in 1.. {
        if different >= wanted {
            break;
        }
        let mut chance = Chance::new(seed + 10_000 + first_seed());
        let one = rules(&mut chance);
        let (other, is_different) = mutate(&one, &mut chance);
        match are_equal(&one, &other) {
            Verdict::Refuted(trace) => {
                let outcomes =
                    [Engine::new(&one).outcome(&trace), Engine::new(&other).outcome(&trace)];
                assert_ne!(outcomes[0], outcomes[1], "{trace:?}\n{one:#?}\n{other:#?}");
                different += 1;
            }
            Verdict::Holds => {
                assert!(!is_different, "seed {seed}: {one:#?}\n{other:#?}");
                test_equality(&one, &other, &mut chance);
                equal += 1;
            }
            Verdict::Unknown => unknown += 1,
        }
    }
    println!("different: {different}, equal: {equal}, unknown: {unknown}");
    assert!(equal > 0 && unknown * 100 <= different, "{equal} equal, {unknown} unknown");
}
