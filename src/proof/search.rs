//! Decides whether a trace can match some rules and not others: finds such a trace, or proves that
//! there is none.
//!
//! A trace needs one span for each group of conditions that one span must satisfy, and a root span;
//! more spans only make more rules match. For each such shape, the clauses of `formula` are solved,
//! values are found for the answers, and the engine decides the resulting trace. If it matches a
//! forbidden rule, that rule is added to the clauses; answers that no value gives are excluded. So
//! the search ends with a trace that the engine confirms, or with none left.

use super::budget::Budget;
use super::formula::{Formula, Shape, Source, groups};
use super::sat::Outcome;
use super::space::{Answers, Rule, Semantics, Space, Subject};
use super::value::{Domain, Found};
use super::witness::build;
use crate::engine::{Trace, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The limit of conflicts for one solution.
const MAX_CONFLICTS: u64 = 2000;
/// The limit of steps to find out whether an answer contributes to a contradiction.
const STEPS_OF_CORE: usize = 20_000;
/// The number of rules added to the clauses at a time.
const MAX_ADDED: usize = 4;
/// Rules that need more spans are generated, or adversarial.
const MAX_SPANS: usize = 64;

/// The answer to a question.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// This trace exists; the engine has confirmed it.
    Possible(Box<Trace>),
    /// No trace exists. These forbidden rules suffice to exclude all.
    Impossible(Vec<usize>),
    /// Undecided within the limits.
    Unknown,
}

/// Searches for a trace that matches all rules of one list and none of the other.
pub fn search(space: &mut Space, all: &[&Rule], none: &[&Rule], budget: &mut Budget) -> Answer {
    let is_same = |rule: &&Rule| all.iter().any(|other| other.asks_as(rule));
    if let Some(number) = none.iter().position(is_same) {
        return Answer::Impossible(vec![number]);
    }
    let mut needed = BTreeSet::new();
    let mut is_open = false;
    for shape in shapes(all, none) {
        if shape.spans > MAX_SPANS {
            is_open = true;
            continue;
        }
        match search_shape(space, shape, all, none, budget) {
            Answer::Impossible(rules) => needed.extend(rules),
            Answer::Unknown => is_open = true,
            possible @ Answer::Possible(_) => return possible,
        }
    }
    if is_open { Answer::Unknown } else { Answer::Impossible(needed.into_iter().collect()) }
}

/// A minimal sufficient set of the forbidden rules, if it can be found within the budget.
pub fn cover(
    space: &mut Space,
    all: &[&Rule],
    none: &[&Rule],
    needed: &[usize],
    budget: &mut Budget,
) -> Vec<usize> {
    let mut is_covered = |by: &[usize]| {
        let rules: Vec<_> = by.iter().map(|number| none[*number]).collect();
        matches!(search(space, all, &rules, budget), Answer::Impossible(_))
    };
    if let Some(one) = needed.iter().find(|number| is_covered(&[**number])) {
        return vec![*one];
    }
    let mut kept = needed.to_vec();
    for number in needed.iter().rev() {
        let fewer: Vec<_> = kept.iter().copied().filter(|other| other != number).collect();
        if is_covered(&fewer) {
            kept = fewer;
        }
    }
    kept
}

/// Small traces first: they are easier to read.
fn shapes(all: &[&Rule], none: &[&Rule]) -> Vec<Shape> {
    let spans = all.iter().map(|rule| groups(rule).len()).sum::<usize>();
    let counted = all.iter().chain(none).flat_map(|rule| &rule.conditions);
    let is_counted = counted.into_iter().any(|condition| condition.subject == Subject::Count);
    let (with_root, without) = (spans + 1, spans.max(1));
    let between = if is_counted { 2..with_root } else { 0..0 };
    let fewer = if is_counted { 1..without } else { 0..0 };
    let rooted = std::iter::once(1).chain(between).chain((with_root > 1).then_some(with_root));
    let shape = |has_root| move |spans| Shape { has_root, spans };
    rooted.map(shape(true)).chain(fewer.chain([without]).map(shape(false))).collect()
}

fn search_shape(
    space: &mut Space,
    shape: Shape,
    all: &[&Rule],
    none: &[&Rule],
    budget: &mut Budget,
) -> Answer {
    let mut formula = Formula::new(shape);
    let size = |rules: &[&Rule]| rules.iter().map(|rule| literals(shape, rule)).sum::<usize>();
    if !budget.spend(size(all)) {
        return Answer::Unknown;
    }
    formula.require(space, all);
    if space.semantics == Semantics::Unknown {
        if !budget.spend(size(none)) {
            return Answer::Unknown;
        }
        for rule in none {
            formula.forbid(space, rule);
        }
        let is_possible = formula.solve(MAX_CONFLICTS, budget) != Outcome::Unsatisfiable;
        return if is_possible {
            Answer::Unknown
        } else {
            Answer::Impossible((0..none.len()).collect())
        };
    }
    let mut added = BTreeSet::new();
    let mut is_open = false;
    while budget.spend(1) {
        match formula.solve(MAX_CONFLICTS, budget) {
            Outcome::Unknown => return Answer::Unknown,
            Outcome::Unsatisfiable if is_open => return Answer::Unknown,
            Outcome::Unsatisfiable => return Answer::Impossible(added.into_iter().collect()),
            Outcome::Satisfiable => {}
        }
        let (chosen, opaque) = formula.chosen();
        let values = match find_values(space, shape, &chosen, &mut formula, budget) {
            Values::Found(values) => Some(values),
            Values::RuledOut => continue,
            Values::Open => None,
        };
        let trace = values.as_ref().and_then(|values| build(space, shape, values, opaque));
        let fits = |trace: &Trace| all.iter().all(|rule| rule.engine.matches(trace, rule.nested));
        let Some(trace) = trace.filter(fits) else {
            // Assuming that there is such a trace, check which rules would help.
            let missing: Vec<usize> = (0..none.len()).filter(|n| !added.contains(n)).collect();
            for number in &missing {
                if added.insert(*number) && budget.spend(literals(shape, none[*number])) {
                    formula.forbid(space, none[*number]);
                }
            }
            if missing.is_empty() {
                is_open = true;
                match values {
                    Some(_) => formula.rule_out_all(&chosen),
                    None => rule_out_open(space, shape, &chosen, &mut formula, budget),
                }
            }
            continue;
        };
        if !budget.spend(none.len() * trace.spans().len().div_ceil(8)) {
            return Answer::Unknown;
        }
        let matching = |number: &usize| none[*number].engine.matches(&trace, none[*number].nested);
        let wrong: Vec<_> = (0..none.len()).filter(matching).take(MAX_ADDED).collect();
        if wrong.is_empty() {
            return Answer::Possible(Box::new(trace));
        }
        let mut is_new = false;
        for number in wrong {
            if added.insert(number) && budget.spend(literals(shape, none[number])) {
                formula.forbid(space, none[number]);
                is_new = true;
            }
        }
        if !is_new {
            formula.rule_out_all(&chosen);
            is_open = true;
        }
    }
    Answer::Unknown
}

/// The steps to create the literals of a rule.
fn literals(shape: Shape, rule: &Rule) -> usize {
    const STEPS: usize = 8;
    STEPS * rule.conditions.len() * shape.spans
}

enum Values {
    Found(BTreeMap<Source, Value>),
    /// No value gives some of the answers.
    RuledOut,
    /// No value was found for some of the answers.
    Open,
}

fn domain(space: &Space, shape: Shape, source: Source) -> Domain {
    match source {
        Source::Field(..) | Source::Opaque(_) => space.fields,
        Source::Nested(..) | Source::TraceId => Domain::Nested,
        Source::Count => Domain::Count(i64::try_from(shape.spans).unwrap_or(i64::MAX)),
    }
}

fn rule_out_open(
    space: &mut Space,
    shape: Shape,
    chosen: &BTreeMap<Source, Answers>,
    formula: &mut Formula,
    budget: &mut Budget,
) {
    for (source, answers) in chosen {
        if space.find(domain(space, shape, *source), answers, budget) == Found::Open {
            formula.rule_out(*source, answers);
        }
    }
}

fn find_values(
    space: &mut Space,
    shape: Shape,
    chosen: &BTreeMap<Source, Answers>,
    formula: &mut Formula,
    budget: &mut Budget,
) -> Values {
    let mut values = BTreeMap::new();
    let (mut is_ruled_out, mut is_open) = (false, false);
    for (source, answers) in chosen {
        let domain = domain(space, shape, *source);
        match space.find(domain, answers, budget) {
            Found::Missing => {}
            Found::Value(value) => drop(values.insert(*source, value)),
            Found::Impossible => {
                let core = core(space, domain, answers, budget);
                formula.rule_out(*source, &core);
                is_ruled_out = true;
            }
            Found::Open => is_open = true,
        }
    }
    // Answers that certainly have no value are enough to exclude a solution.
    match (is_ruled_out, is_open) {
        (true, _) => Values::RuledOut,
        (_, true) => Values::Open,
        _ => Values::Found(values),
    }
}

/// A minimal set of the answers that has no value.
fn core(space: &mut Space, domain: Domain, answers: &Answers, budget: &mut Budget) -> Answers {
    let mut core = Answers::new();
    let mut rest = answers.as_slice();
    loop {
        // Search for the most leading answers that can be dropped.
        let (mut unneeded, mut needed) = (0, rest.len() + 1);
        while needed - unneeded > 1 {
            let middle = unneeded.midpoint(needed);
            let fewer = core.iter().chain(&rest[middle..]).copied().collect();
            // A larger set excludes a solution as well, so the rest of the search is not starved.
            let mut share = budget.share(STEPS_OF_CORE);
            let before = share;
            let is_impossible = space.find(domain, &fewer, &mut share) == Found::Impossible;
            budget.spend(before.minus(share));
            if is_impossible { unneeded = middle } else { needed = middle }
        }
        let Some((first, others)) = rest.get(unneeded..).and_then(<[_]>::split_first) else {
            break;
        };
        core.push(*first);
        rest = others;
    }
    space.add_contradiction(domain, &core);
    core
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proof::space::{EXISTS, IS_FINITE, IS_MAP};

    #[test]
    fn a_core_has_only_what_is_needed() {
        let mut space = Space::new(Semantics::Engine);
        let needed = vec![(EXISTS, false), (IS_MAP, true)];
        let all = [needed.clone(), vec![(IS_FINITE, true)]].concat();
        let found = core(&mut space, Domain::Field, &all, &mut Budget::new(10_000));
        assert_eq!(found, needed);
    }
}
