//! Analyses the rules of one target: which are reachable, which can never match, which conditions
//! are redundant.

use super::budget::Budget;
use super::search::{Answer, cover, search};
use super::space::{Rule, Semantics, Space, Subject};
use super::value::{Domain, is_rare};
use crate::engine::rules::Rule as EngineRule;
use crate::engine::spec::{RuleSpec, RulesSpec};
use crate::engine::{Fields, Trace, Value};

/// Steps for one question, for all questions about a target, and for all targets of a deployment.
pub const STEPS_OF_QUESTION: usize = 4_000_000;
pub const STEPS_OF_TARGET: usize = 40_000_000;
pub const STEPS_OF_DEPLOYMENT: usize = 40_000_000;
/// Further rules and conditions are not analysed.
pub const MAX_RULES: usize = 1000;
pub const MAX_CONDITIONS: usize = 50;

/// The result for the rules of a target, by their numbers from 0.
#[derive(Clone, Debug, Default)]
pub struct Analysis {
    pub rules: Vec<Reachability>,
    pub redundant: Vec<Redundant>,
    pub rare: Vec<Rare>,
    /// A trace that matches no rule, if one was found.
    pub unmatched: Option<Box<Trace>>,
}

/// The result for one rule.
#[derive(Clone, Debug, PartialEq)]
pub enum Reachability {
    /// This trace matches it first.
    Reached(Box<Trace>),
    /// No trace satisfies these conditions together; the set is minimal.
    Unsatisfiable(Vec<usize>),
    /// Every trace that matches it also matches one of these earlier rules; the set is minimal.
    Shadowed(Vec<usize>),
    /// Nothing was proved within the limits.
    Unknown,
    /// The rule is null or crashes Refinery.
    Skipped,
}

/// A condition without which its rule matches the same traces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redundant {
    pub rule: usize,
    pub condition: usize,
    /// The conditions of the rule that imply it; empty if it always matches.
    pub because: Vec<usize>,
}

/// A rule that only rare field values reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rare {
    pub rule: usize,
    /// The conditions that no other values satisfy together, if any.
    pub conditions: Vec<usize>,
    /// Otherwise the earlier rules that match every other trace.
    pub covered_by: Vec<usize>,
}

impl Analysis {
    pub fn of(spec: &RulesSpec, semantics: Semantics) -> Self {
        Self::within(spec, semantics, &mut Budget::new(STEPS_OF_TARGET))
    }

    /// The results for all targets of a deployment; empty for those without rules.
    pub fn of_all<'s>(
        specs: impl Iterator<Item = Option<&'s RulesSpec>>,
        semantics: Semantics,
    ) -> Vec<Self> {
        let mut left = Budget::new(STEPS_OF_DEPLOYMENT);
        let mut analyze = |spec| Self::within(spec, semantics, &mut left);
        specs.map(|spec| spec.map_or_else(Self::default, &mut analyze)).collect()
    }

    fn within(spec: &RulesSpec, semantics: Semantics, left: &mut Budget) -> Self {
        let budget = left.share(STEPS_OF_TARGET);
        let mut analyst = Analyst::new(spec, semantics, budget);
        let rules: Vec<_> =
            (0..spec.rules.len()).map(|number| analyst.reachability(number)).collect();
        let redundant = (0..spec.rules.len())
            .filter(|number| {
                !matches!(rules[*number], Reachability::Unsatisfiable(_) | Reachability::Skipped)
            })
            .flat_map(|number| match &rules[number] {
                Reachability::Reached(trace) => analyst.redundant(number, Some(trace)),
                _ => analyst.redundant(number, None),
            })
            .collect();
        let unmatched = analyst.unmatched();
        analyst.space.fields = Domain::Common;
        let rare = rules.iter().enumerate().filter(|(_, reachability)| match reachability {
            Reachability::Reached(trace) => has_rare_value(trace),
            _ => false,
        });
        let rare = rare.filter_map(|(number, _)| analyst.rare(number)).collect();
        left.spend(budget.minus(analyst.left));
        Self { rules, redundant, rare, unmatched }
    }
}

/// Whether a field of a trace is rare.
pub fn has_rare_value(trace: &Trace) -> bool {
    trace.spans().iter().flat_map(Fields::iter).any(|(_, value)| is_rare(value))
}

struct Analyst<'s> {
    spec: &'s RulesSpec,
    space: Space,
    rules: Vec<Option<Rule>>,
    left: Budget,
    /// Rules that are never reached cover nothing that others do not.
    is_dead: Vec<bool>,
}

impl<'s> Analyst<'s> {
    fn new(spec: &'s RulesSpec, semantics: Semantics, left: Budget) -> Self {
        let mut space = Space::new(semantics);
        let rules = spec.rules.iter().take(MAX_RULES).map(|rule| {
            let rule = rule.as_ref().filter(|rule| is_of_size(rule))?;
            space.rule(rule, spec.check_nested_fields)
        });
        let rules: Vec<_> = rules.collect();
        let is_dead = vec![false; rules.len()];
        Self { spec, space, rules, left, is_dead }
    }

    fn reachability(&mut self, number: usize) -> Reachability {
        let Some(spec) = &self.spec.rules[number] else { return Reachability::Skipped };
        if number >= self.rules.len() || !is_of_size(spec) {
            return Reachability::Unknown;
        }
        let Some(rule) = self.rules[number].clone() else {
            return if ends(spec) { Reachability::Skipped } else { Reachability::Unknown };
        };
        let earlier = self.earlier(number);
        let needed = match self.ask(&[&rule], &earlier) {
            Answer::Possible(trace) => return Reachability::Reached(trace),
            Answer::Impossible(needed) => Some(needed),
            Answer::Unknown => None,
        };
        if let Answer::Impossible(_) = self.ask(&[&rule], &[]) {
            self.is_dead[number] = true;
            return Reachability::Unsatisfiable(self.contradiction(&rule));
        }
        match needed {
            Some(needed) => {
                // Those that cover it cover whatever it does.
                self.is_dead[number] = true;
                Reachability::Shadowed(self.cover(&rule, &earlier, &needed))
            }
            None => Reachability::Unknown,
        }
    }

    fn unmatched(&mut self) -> Option<Box<Trace>> {
        let is_read = |rule: &Option<Rule>| rule.is_some();
        if self.rules.len() < self.spec.rules.len() || !self.rules.iter().all(is_read) {
            return None;
        }
        match self.ask(&[], &self.earlier(self.rules.len())) {
            Answer::Possible(trace) => Some(trace),
            Answer::Impossible(_) | Answer::Unknown => None,
        }
    }

    /// Repeats the question for a reachable rule, without rare values.
    fn rare(&mut self, number: usize) -> Option<Rare> {
        let rule = self.rules[number].clone()?;
        let earlier = self.earlier(number);
        let Answer::Impossible(needed) = self.ask(&[&rule], &earlier) else { return None };
        let (conditions, covered_by) = match self.ask(&[&rule], &[]) {
            Answer::Impossible(_) => (self.contradiction(&rule), Vec::new()),
            _ => (Vec::new(), self.cover(&rule, &earlier, &needed)),
        };
        Some(Rare { rule: number, conditions, covered_by })
    }

    /// The numbers of the earlier rules that can match.
    fn earlier(&self, number: usize) -> Vec<usize> {
        let is_live = |other: &usize| self.rules[*other].is_some() && !self.is_dead[*other];
        (0..number).filter(is_live).collect()
    }

    /// A minimal set of earlier rules that match all traces of a rule.
    fn cover(&mut self, rule: &Rule, earlier: &[usize], needed: &[usize]) -> Vec<usize> {
        let mut budget = self.left.share(STEPS_OF_QUESTION);
        let before = budget;
        let none: Vec<_> = earlier.iter().filter_map(|n| self.rules[*n].as_ref()).collect();
        let cover = cover(&mut self.space, &[rule], &none, needed, &mut budget);
        self.left.spend(before.minus(budget));
        cover.into_iter().map(|at| earlier[at]).collect()
    }

    fn ask(&mut self, all: &[&Rule], none: &[usize]) -> Answer {
        let rules: Vec<_> = none.iter().filter_map(|n| self.rules[*n].as_ref()).collect();
        ask(&mut self.space, all, &rules, &mut self.left)
    }

    /// The numbers of a minimal set of conditions that no trace satisfies together.
    fn contradiction(&mut self, rule: &Rule) -> Vec<usize> {
        let mut kept: Vec<usize> = (0..rule.conditions.len()).collect();
        for condition in 0..rule.conditions.len() {
            let fewer: Vec<_> = kept.iter().copied().filter(|other| *other != condition).collect();
            if self.implies(rule, &fewer, None) {
                kept = fewer;
            }
        }
        kept
    }

    /// Finds redundant conditions. `matching` is a trace that the rule matches, if one is known.
    fn redundant(&mut self, number: usize, matching: Option<&Trace>) -> Vec<Redundant> {
        let Some(Some(rule)) = self.rules.get(number).cloned() else { return Vec::new() };
        let mut kept: Vec<usize> = (0..rule.conditions.len()).collect();
        let mut redundant = Vec::new();
        for condition in 0..rule.conditions.len() {
            let others: Vec<_> = kept.iter().copied().filter(|other| *other != condition).collect();
            let is_needed = matching.is_some_and(|trace| {
                let all = rule.with_conditions(&kept);
                self.is_needed(&all, &rule.with_conditions(&others), (number, condition), trace)
            });
            if is_needed || !self.implies(&rule, &others, Some(condition)) {
                continue;
            }
            // If two imply each other, one stays.
            kept.clone_from(&others);
            let mut because = others.clone();
            for other in others {
                let fewer: Vec<_> = because.iter().copied().filter(|c| *c != other).collect();
                if self.implies(&rule, &fewer, Some(condition)) {
                    because = fewer;
                }
            }
            redundant.push(Redundant { rule: number, condition, because });
        }
        redundant
    }

    /// Whether a trace that matches `all` conditions only matches the `others` after a change of the fields of
    /// this condition. Most conditions are like that, and need no search.
    fn is_needed(
        &mut self,
        all: &Rule,
        others: &Rule,
        (number, condition): (usize, usize),
        trace: &Trace,
    ) -> bool {
        let rule = self.rules[number].as_ref();
        let Some(Subject::Fields { places, .. }) =
            rule.and_then(|rule| rule.conditions.get(condition)).map(|it| &it.subject)
        else {
            return false;
        };
        let is_set =
            |name| self.space.metadata.is_some_and(|it| [it.root, it.trace_id].contains(&name));
        if places.iter().any(|place| is_set(place.name)) {
            return false;
        }
        let names: Vec<&str> = places.iter().map(|place| self.space.name(place.name)).collect();
        let conditions = self.spec.rules[number].as_ref().and_then(|rule| rule.conditions.as_ref());
        let written = conditions.and_then(|all| all.get(condition)?.as_ref());
        let own = written.map(|condition| match &condition.value {
            Value::List(items) => items.first().cloned().unwrap_or(Value::Null),
            value => value.clone(),
        });
        let others_of = [Value::Text("other".to_owned()), Value::Int(0)];
        let values = std::iter::once(None).chain(others_of.into_iter().chain(own).map(Some));
        let mut changed = values.map(|value| {
            let change = |span: &Fields| with_value(span, &names, value.as_ref());
            trace.clone().map(|span| change(&span))
        });
        let is_shown = |trace: Trace| {
            others.engine.matches(&trace, others.nested) && !all.engine.matches(&trace, all.nested)
        };
        self.left.spend(all.conditions.len() * trace.spans().len()) && changed.any(is_shown)
    }

    /// Whether a rule with some of the conditions only matches if one more does; or never, if there
    /// is no more.
    fn implies(&mut self, rule: &Rule, some: &[usize], more: Option<usize>) -> bool {
        let weak = rule.with_conditions(some);
        let strong = more.map(|more| {
            let all: Vec<_> = some.iter().copied().chain([more]).collect();
            rule.with_conditions(&all)
        });
        let none: Vec<_> = strong.iter().collect();
        let answer = ask(&mut self.space, &[&weak], &none, &mut self.left);
        matches!(answer, Answer::Impossible(_))
    }
}

/// The fields of a span, with this value for the named ones, or without them.
fn with_value(span: &Fields, names: &[&str], value: Option<&Value>) -> Fields {
    let others = span.iter().filter(|(name, _)| !names.contains(name));
    let others = others.map(|(name, value)| (name.to_owned(), value.clone()));
    let own = names.iter().filter_map(|name| Some(((*name).to_owned(), value?.clone())));
    Fields::new(others.chain(own))
}

/// Asks one question, within its own budget and what is left.
pub fn ask(space: &mut Space, all: &[&Rule], none: &[&Rule], left: &mut Budget) -> Answer {
    let mut budget = left.share(STEPS_OF_QUESTION);
    let before = budget;
    let answer = search(space, all, none, &mut budget);
    left.spend(before.minus(budget));
    answer
}

fn count(spec: &RuleSpec) -> usize {
    spec.conditions.as_ref().map_or(0, Vec::len)
}

/// Refinery crashes on it.
fn ends(spec: &RuleSpec) -> bool {
    EngineRule::new(&RuleSpec { sampler: None, ..spec.clone() }, None).is_err()
}

fn is_of_size(spec: &RuleSpec) -> bool {
    count(spec) <= MAX_CONDITIONS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::spec::ConditionSpec;

    fn rule(scope: &str, conditions: &[(&str, &str)]) -> RuleSpec {
        let conditions = conditions.iter().map(|(operator, value)| {
            Some(ConditionSpec {
                field: "a".to_owned(),
                operator: (*operator).to_owned(),
                value: Value::Text((*value).to_owned()),
                ..ConditionSpec::default()
            })
        });
        let conditions = Some(conditions.collect());
        RuleSpec { conditions, scope: scope.to_owned(), ..RuleSpec::default() }
    }

    /// The last rule is shadowed by the others together.
    fn covered() -> RulesSpec {
        let rules = [
            rule("span", &[("starts-with", "x"), ("contains", "y")]),
            rule("span", &[("starts-with", "x"), ("does-not-contain", "y")]),
            rule("span", &[("starts-with", "xz")]),
        ];
        let rules = rules.into_iter().map(Some).collect();
        RulesSpec { rules, check_nested_fields: false }
    }

    #[test]
    fn an_analysis_is_charged_to_the_deployment() {
        let spec = covered();
        let mut left = Budget::new(STEPS_OF_DEPLOYMENT);
        let first = Analysis::within(&spec, Semantics::Engine, &mut left);
        assert_eq!(first.rules[2], Reachability::Shadowed(vec![0, 1]));
        assert!(left.left() < STEPS_OF_DEPLOYMENT);
        // What one target has used is missing for the next.
        let used = STEPS_OF_DEPLOYMENT - left.left();
        let mut left = Budget::new(used);
        assert_eq!(Analysis::within(&spec, Semantics::Engine, &mut left).rules, first.rules);
        assert!(left.is_spent());
        let second = Analysis::within(&spec, Semantics::Engine, &mut left);
        assert!(second.rules.iter().all(|rule| *rule == Reachability::Unknown), "{second:?}");
    }

    #[test]
    fn what_is_not_found_is_not_called_impossible() {
        let mut rule = rule("span", &[("contains", "25"), ("contains", "e+")]);
        // There are too many texts with these exponents.
        for (operator, value) in [(">", 2e6), ("<", 3e6)] {
            let bound = ConditionSpec {
                field: "a".to_owned(),
                operator: operator.to_owned(),
                value: Value::Float(value),
                ..ConditionSpec::default()
            };
            rule.conditions.get_or_insert_default().push(Some(bound));
        }
        let spec = RulesSpec { rules: vec![Some(rule)], check_nested_fields: false };
        assert_eq!(Analysis::of(&spec, Semantics::Engine).rules, [Reachability::Unknown]);
    }

    #[test]
    fn further_rules_may_match_the_rest() {
        let mut rules = vec![Some(rule("span", &[("starts-with", "x")])); MAX_RULES];
        let unmatched = |rules: &[Option<RuleSpec>]| {
            let spec = RulesSpec { rules: rules.to_vec(), check_nested_fields: false };
            Analyst::new(&spec, Semantics::Engine, Budget::new(STEPS_OF_TARGET)).unmatched()
        };
        assert!(unmatched(&rules).is_some());
        rules.push(Some(RuleSpec::default()));
        assert_eq!(unmatched(&rules), None);
    }

    #[test]
    fn every_question_is_charged_to_the_target() {
        let spec = covered();
        let mut analyst = Analyst::new(&spec, Semantics::Engine, Budget::new(STEPS_OF_TARGET));
        let rule = analyst.rules[2].clone().unwrap();
        let mut before = analyst.left.left();
        let mut is_charged = |analyst: &Analyst<'_>| {
            analyst.left.left() < std::mem::replace(&mut before, analyst.left.left())
        };
        assert_eq!(analyst.ask(&[&rule], &[0, 1]), Answer::Impossible(vec![0, 1]));
        assert!(is_charged(&analyst));
        assert_eq!(analyst.cover(&rule, &[0, 1], &[0, 1]), [0, 1]);
        assert!(is_charged(&analyst));
        assert!(!analyst.implies(&rule, &[], Some(0)));
        assert!(is_charged(&analyst));
    }
}
