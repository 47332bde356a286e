//! Tests what the checks claim about random rules with random traces.
//!
//! Rules reported as unreachable or unsatisfiable and conditions reported as redundant are tested
//! with the engine. In turn, rules that are unreachable by construction must be reported.

use crate::chance::Chance;
use crate::random_rules::{Written, condition, print, rules, trace};
use refinery_preflight::internals::discover::Request;
use refinery_preflight::internals::discover::gather::gather;
use refinery_preflight::internals::engine::spec::{RuleSpec, RulesSpec, Target};
use refinery_preflight::internals::engine::{Process, Sampler, Trace};
use refinery_preflight::internals::pipeline::{CheckOptions, Schemas, check_with};
use refinery_preflight::internals::schema::releases;
use refinery_preflight::internals::syntax::DataFormat;
use refinery_preflight::internals::verdict::StartUp;
use std::collections::BTreeSet;
use std::num::NonZero;
use std::{fs, thread};

/// The claims about the rules of a file, by number.
#[derive(Default)]
struct Claims {
    unreachable: BTreeSet<usize>,
    unsatisfiable: BTreeSet<usize>,
    redundant: BTreeSet<(usize, usize)>,
    /// Rules with contradictory values.
    contradictory: BTreeSet<usize>,
}

/// The checks that report that a rule never matches.
const UNSATISFIABLE: [&str; 5] = [
    "rules/unsatisfiable-rule",
    "rules/condition-without-operator",
    "rules/invalid-pattern",
    "rules/unsupported-list-value",
    "rules/root-span-in-span-scope",
];

struct Checker {
    question: CheckOptions,
    schemas: Vec<Schemas>,
    folder: tempfile::TempDir,
}

impl Checker {
    fn new() -> Self {
        let question = CheckOptions {
            releases: releases().split_off(releases().len() - 1),
            ..CheckOptions::default()
        };
        let schemas = question.schemas();
        Self { question, schemas, folder: tempfile::tempdir().expect("a folder") }
    }

    fn claims(&self, rules: &[Written], nested: bool) -> Claims {
        let (text, lines) = print(rules, nested);
        let path = self.folder.path().join("rules.yaml");
        fs::write(&path, &text).expect("writable");
        let request = Request { rules: vec![path.display().to_string()], ..Request::default() };
        let mut sources = gather(&request, &mut std::io::empty()).expect("a rules file");
        let report = check_with(&self.schemas, &mut sources, &self.question);
        let deployment = &report.deployments[0];
        let start_up = deployment.verdicts[0].start_up;
        assert_ne!(start_up, StartUp::Refused, "{text}{:?}", deployment.findings);
        let mut claims = Claims::default();
        for reported in &deployment.findings {
            let finding = &reported.finding;
            let of = |at: u32| lines[text[..at as usize].matches('\n').count()];
            let places =
                finding.labels.iter().filter_map(|label| Some((label, of(label.span.start)?)));
            for (label, (rule, condition)) in places {
                match finding.check.id {
                    "rules/unreachable" | "rules/redundant-rule"
                        if ["unreachable", "never reached"].contains(&&*label.text) =>
                    {
                        claims.unreachable.insert(rule);
                    }
                    "rules/redundant-condition" if label.primary => {
                        claims.redundant.insert((rule, condition.expect("a condition's line")));
                    }
                    "rules/contradictory-values" => drop(claims.contradictory.insert(rule)),
                    id if UNSATISFIABLE.contains(&id) => drop(claims.unsatisfiable.insert(rule)),
                    _ => {}
                }
            }
        }
        claims
    }
}

fn load(rules: &[Written], nested: bool) -> RulesSpec {
    match crate::rules::load(DataFormat::Yaml, &print(rules, nested).0, "__default__") {
        Target::Rules(rules) => rules,
        other => panic!("{other:?}"),
    }
}

/// The prepared rules.
struct Engine(Process, Sampler);

impl Engine {
    fn new(rules: Vec<Option<RuleSpec>>, check_nested_fields: bool) -> Self {
        let mut process = Process::new();
        let target = Target::Rules(RulesSpec { rules, check_nested_fields });
        let sampler = process.build("t", &target, 0).expect("rules that the engine survives");
        Self(process, sampler)
    }

    fn first_match(&mut self, trace: &Trace) -> Option<usize> {
        self.0.decide(&self.1, trace, 0).expect("a decision").rule
    }
}

/// A claim about a single rule.
struct Alone {
    claim: String,
    engine: Engine,
    /// The rule without the redundant condition; `None` if the rule must never match.
    without: Option<Engine>,
}

fn alone(claims: &Claims, spec: &RulesSpec) -> Vec<Alone> {
    let single = |rule: RuleSpec| Engine::new(vec![Some(rule)], spec.check_nested_fields);
    let rule = |n: usize| spec.rules[n].clone().expect("a rule");
    let unsatisfiable = claims.unsatisfiable.iter().map(|&n| Alone {
        claim: format!("r{n} never matches"),
        engine: single(rule(n)),
        without: None,
    });
    let redundant = claims.redundant.iter().map(|&(n, c)| {
        let mut shorter = rule(n);
        shorter.conditions.as_mut().expect("conditions").remove(c);
        let claim = format!("condition {c} of r{n} is redundant");
        Alone { claim, engine: single(rule(n)), without: Some(single(shorter)) }
    });
    unsatisfiable.chain(redundant).collect()
}

/// Tests all claims about files on all processors and returns how many there were: by comparison of
/// rules, and about single rules.
fn challenge(files: u64, traces: usize) -> (usize, usize) {
    let workers = thread::available_parallelism().map_or(1, NonZero::get);
    let made: Vec<[usize; 3]> = thread::scope(|scope| {
        let work = |first| (1..=files).skip(first).step_by(workers);
        let started: Vec<_> = (0..workers)
            .map(|first| scope.spawn(move || challenge_files(work(first), traces)))
            .collect();
        started.into_iter().map(|worker| worker.join().expect("claims that hold")).collect()
    });
    let made: [usize; 3] = [0, 1, 2].map(|kind| made.iter().map(|made| made[kind]).sum());
    println!(
        "{files} files, {traces} traces each; unreachable, unsatisfiable, redundant: {made:?}"
    );
    (made[0] + made[2], made[1])
}

/// Tests the claims about the files with these seeds and returns how many there were: rules that are
/// unreachable, rules that are unsatisfiable, and conditions that are redundant.
fn challenge_files(seeds: impl Iterator<Item = u64>, traces: usize) -> [usize; 3] {
    let checker = Checker::new();
    let mut made = [0; 3];
    for seed in seeds {
        let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let (mut written, nested) = (rules(&mut chance), chance.below(4) == 0);
        for _ in 0..chance.below(4) {
            plant(&mut written, &mut chance);
        }
        let claims = checker.claims(&written, nested);
        let spec = load(&written, nested);
        let mut all = Engine::new(spec.rules.clone(), nested);
        let mut alone = alone(&claims, &spec);
        for (sum, part) in made.iter_mut().zip([
            claims.unreachable.len(),
            claims.unsatisfiable.len(),
            claims.redundant.len(),
        ]) {
            *sum += part;
        }
        for _ in 0..traces {
            let trace = trace(&mut chance);
            let file = || print(&written, nested).0;
            let first = all.first_match(&trace);
            let is_wrong = first.is_some_and(|n| claims.unreachable.contains(&n));
            assert!(!is_wrong, "{first:?} is reached by {trace:?}\n{}", file());
            for Alone { claim, engine, without } in &mut alone {
                let matches = engine.first_match(&trace);
                let expected = without.as_mut().and_then(|without| without.first_match(&trace));
                assert_eq!(matches, expected, "{claim}: {trace:?}\n{}", file());
            }
        }
    }
    made
}

#[test]
fn claims_hold_for_random_traces() {
    let (reasoned, unsatisfiable) = challenge(200, 100_000);
    assert!(
        reasoned > 150 && unsatisfiable > 100,
        "too few claims to test: {reasoned}, {unsatisfiable}"
    );
}

/// Conditions that contradict each other in one span.
const CONTRADICTORY: [[&str; 2]; 10] = [
    ["Operator: '=', Value: 5, Datatype: int", "Operator: '=', Value: 6, Datatype: int"],
    ["Operator: '=', Value: a", "Operator: '=', Value: b"],
    ["Operator: '=', Value: 5", "Operator: '=', Value: 6"],
    ["Operator: '>', Value: 5, Datatype: float", "Operator: '<', Value: 4, Datatype: float"],
    ["Operator: exists", "Operator: not-exists"],
    ["Operator: not-exists", "Operator: '=', Value: a, Datatype: string"],
    ["Operator: starts-with, Value: a", "Operator: starts-with, Value: b"],
    ["Operator: contains, Value: ab", "Operator: does-not-contain, Value: b"],
    ["Operator: in, Value: [a, b]", "Operator: not-in, Value: [a, b, c]"],
    ["Operator: '=', Value: true, Datatype: bool", "Operator: '=', Value: false, Datatype: bool"],
];

/// Pairs of which the second implies the first.
const IMPLIED: [[&str; 2]; 8] = [
    ["Operator: '>=', Value: 4, Datatype: int", "Operator: '>=', Value: 5, Datatype: int"],
    ["Operator: '>', Value: 4.5, Datatype: float", "Operator: '=', Value: 5, Datatype: float"],
    ["Operator: exists", "Operator: '=', Value: a"],
    ["Operator: starts-with, Value: a", "Operator: '=', Value: abc, Datatype: string"],
    ["Operator: contains, Value: b", "Operator: starts-with, Value: abc"],
    ["Operator: in, Value: [a, b, c]", "Operator: in, Value: [a, c]"],
    ["Operator: '!=', Value: a, Datatype: string", "Operator: '=', Value: b, Datatype: string"],
    ["Operator: '<', Value: 6", "Operator: '<', Value: 5"],
];

/// Inserts a rule that no trace reaches and returns its position.
fn plant(written: &mut Vec<Written>, chance: &mut Chance) -> usize {
    let at = chance.below(written.len()) + 1;
    let on = |field: &str, rest: &str| format!("{{Field: {field}, {rest}}}");
    let field = *chance.one_of(&["a", "b", "n.x"]);
    let mut planted = Written {
        name: format!("p{}", written.len()),
        scope: "span",
        rate: 7,
        conditions: vec![condition(chance)],
    };
    match chance.below(4) {
        0 => planted.conditions.extend(chance.one_of(&CONTRADICTORY).map(|rest| on(field, rest))),
        1 => {
            planted.conditions.extend(written[at - 1].conditions.clone());
            planted.scope = written[at - 1].scope;
        }
        2 => {
            let [weak, strong] = chance.one_of(&IMPLIED).map(|rest| on(field, rest));
            written[at - 1].conditions = vec![weak];
            planted.conditions.push(strong);
        }
        _ => written[at - 1].conditions.clear(),
    }
    written.insert(at, planted);
    at
}

#[test]
fn reports_rules_that_are_unreachable_by_construction() {
    const MUTANTS: u64 = 500;
    let checker = Checker::new();
    let mut missed = Vec::new();
    for seed in 1..=MUTANTS {
        let mut chance = Chance(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let mut written = rules(&mut chance);
        let at = plant(&mut written, &mut chance);
        let claims = checker.claims(&written, false);
        let found = [&claims.unreachable, &claims.unsatisfiable, &claims.contradictory];
        if !found.iter().any(|rules| rules.contains(&at)) {
            missed.push(print(&written, false).0);
        }
    }
    assert!(missed.is_empty(), "{} of {MUTANTS} missed:\n{}", missed.len(), missed.join("\n"));
}
