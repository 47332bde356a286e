//! What changes for the traces of one target.

use super::outcome::{Outcome, as_rules};
use super::side::Side;
use super::traffic::Traffic;
use crate::engine::spec::Target;
use crate::engine::{Crash, Process, Trace};
use crate::proof::{Semantics, find_differences};
use crate::rehearse::specs::DEFAULT;

/// What changes for the traces of one target.
pub struct TargetPlan {
    /// An environment or dataset, or `__default__`.
    pub name: String,
    /// The targets that decide before and after, by their names: `__default__` where the rules do
    /// not list this one.
    pub decided_by: [String; 2],
    pub specs: [Target; 2],
    pub meaning: Meaning,
    /// Why Refinery exits on the first trace, before and after.
    pub crashes: [Option<Crash>; 2],
    /// The decisions about recorded traffic, if there is some.
    pub traffic: Option<Traffic>,
}

/// Whether the rules mean the same before and after.
#[derive(Clone, Debug, PartialEq)]
pub enum Meaning {
    /// It is proved that every trace is decided the same.
    Equal,
    /// Some traces are decided otherwise.
    Different {
        differences: Vec<Difference>,
        /// Whether there are more than these.
        are_more: bool,
        /// For how many pairs of rules nothing was proved.
        unknown: usize,
    },
    /// Nothing was proved within the limits, for this many pairs of rules.
    Undecided { unknown: usize },
    /// A rule cannot be analysed.
    TooLarge,
    /// One of the releases evaluates conditions in ways that are not modelled.
    OtherRelease,
    /// Refinery exits on the first trace, before or after.
    Crash,
}

/// Traces that are decided otherwise, by the rules that decide them.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    pub deciders: [Decider; 2],
    /// One of these traces.
    pub witness: Box<Trace>,
}

/// What decides a trace, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decider {
    /// The number of the rule, counted from 0; `None` if no rule matches, or there are no rules.
    pub rule: Option<usize>,
    /// Its name in a message.
    pub name: String,
    pub outcome: Outcome,
}

/// The most differences that are searched for in a target.
const MOST: usize = 100;

impl TargetPlan {
    /// `None` if one of the states has no rules.
    pub fn new(name: &str, sides: [&Side<'_>; 2]) -> Option<Self> {
        let [old, new] = sides.map(|side| side.target(name));
        let ((old_name, old), (new_name, new)) = (old?, new?);
        let specs = [old, new];
        let meaning = Meaning::of(&specs, sides.map(|side| side.semantics));
        let crashes = specs.each_ref().map(crash);
        let decided_by = [old_name, new_name];
        Some(Self { name: name.to_owned(), decided_by, specs, meaning, crashes, traffic: None })
    }

    /// The rules of one state list this target, and those of the other do not.
    pub fn is_new(&self) -> bool {
        self.name != DEFAULT && self.decided_by[0] == DEFAULT && self.decided_by[1] != DEFAULT
    }

    pub fn is_removed(&self) -> bool {
        self.name != DEFAULT && self.decided_by[0] != DEFAULT && self.decided_by[1] == DEFAULT
    }

    /// What decides before (0) or after (1) if this rule matches.
    pub fn decider(&self, side: usize, rule: Option<usize>) -> Decider {
        let [old, new] = &self.specs;
        Decider::of(if side == 0 { old } else { new }, rule)
    }
}

impl Meaning {
    fn of(specs: &[Target; 2], semantics: [Semantics; 2]) -> Self {
        let [old, new] = specs;
        let (Some(old_rules), Some(new_rules)) = (as_rules(old), as_rules(new)) else {
            return Self::Crash;
        };
        if specs.iter().any(|target| crash(target).is_some()) {
            return Self::Crash;
        }
        if semantics[0] == semantics[1] && old_rules == new_rules {
            return Self::Equal;
        }
        if semantics != [Semantics::Engine; 2] {
            return Self::OtherRelease;
        }
        let Some(found) = find_differences(&old_rules, &new_rules, MOST) else {
            return Self::TooLarge;
        };
        let mut unknown = found.unknown;
        let are_more = found.differences.len() >= MOST;
        let mut differences = Vec::new();
        for difference in found.differences {
            let rules = [0, 1].map(|side| rule_of(&specs[side], difference.rules[side]));
            match confirm(specs, rules, &difference.witness) {
                Some(deciders) => {
                    differences.push(Difference { deciders, witness: difference.witness });
                }
                None => unknown += 1,
            }
        }
        match (differences.is_empty(), unknown) {
            (false, _) => Self::Different { differences, are_more, unknown },
            (true, 0) => Self::Equal,
            (true, _) => Self::Undecided { unknown },
        }
    }
}

/// Why Refinery exits when it creates the sampler of a target.
fn crash(target: &Target) -> Option<Crash> {
    Process::new().build("plan", target, 0).err()
}

/// The rule of a target; a single sampler has none, though it is compared as one.
fn rule_of(target: &Target, rule: Option<usize>) -> Option<usize> {
    rule.filter(|_| matches!(target, Target::Rules(_)))
}

/// What decides a trace according to the model of Refinery; `None` if it is not these rules.
fn confirm(specs: &[Target; 2], rules: [Option<usize>; 2], trace: &Trace) -> Option<[Decider; 2]> {
    let decide = |target: &Target, rule| {
        let mut process = Process::new();
        let sampler = process.build("plan", target, 0).ok()?;
        let decider = Decider::of(target, rule);
        match process.decide(&sampler, trace, 0) {
            Ok(decision) => (decision.rule == rule).then_some(decider),
            Err(crash) => Some(Decider { outcome: Outcome::Crash(crash.to_string()), ..decider }),
        }
    };
    let [old, new] = specs;
    Some([decide(old, rules[0])?, decide(new, rules[1])?])
}

impl Decider {
    pub fn of(target: &Target, rule: Option<usize>) -> Self {
        let outcome = Outcome::of_target(target, rule);
        let name = match (target, rule) {
            (Target::Rules(rules), Some(number)) => {
                let spec = rules.rules.get(number).and_then(Option::as_ref);
                match spec.map(|rule| rule.name.as_str()).filter(|name| !name.is_empty()) {
                    Some(name) => format!("`{name}`"),
                    None => format!("rule {}", number + 1),
                }
            }
            (Target::Rules(_), None) => "no rule".to_owned(),
            (Target::Single(sampler), _) => sampler.name().to_owned(),
            (Target::Null | Target::Empty, _) => "no sampler".to_owned(),
        };
        Self { rule, name, outcome }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Value;
    use crate::engine::spec::{ConditionSpec, RuleSpec, RulesSpec, SamplerSpec};

    fn rule(name: &str, field: &str, sample_rate: i64) -> RuleSpec {
        let condition = ConditionSpec {
            field: field.to_owned(),
            operator: "exists".to_owned(),
            value: Value::Null,
            ..ConditionSpec::default()
        };
        let conditions = (!field.is_empty()).then(|| vec![Some(condition)]);
        RuleSpec { name: name.to_owned(), sample_rate, conditions, ..RuleSpec::default() }
    }

    fn target(rules: &[RuleSpec]) -> Target {
        let rules = rules.iter().cloned().map(Some).collect();
        Target::Rules(RulesSpec { rules, check_nested_fields: false })
    }

    fn changes(old: Target, new: Target) -> Vec<String> {
        match Meaning::of(&[old, new], [Semantics::Engine; 2]) {
            Meaning::Different { differences, are_more: false, unknown: 0 } => differences
                .iter()
                .map(|difference| {
                    let [old, new] = &difference.deciders;
                    format!("{} {} → {} {}", old.name, old.outcome, new.name, new.outcome)
                })
                .collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_difference_for_each_pair_of_rules() {
        let (a, b, rest) = (rule("a", "a", 1), rule("b", "b", 0), rule("", "", 9));
        let old = target(&[a.clone(), b.clone(), rest.clone()]);
        let new = target(&[b.clone(), a.clone(), rest]);
        assert_eq!(changes(old.clone(), new), ["`a` kept → `b` dropped"]);
        let new = target(&[a, b, rule("", "", 3)]);
        assert_eq!(changes(old, new), ["rule 3 kept 1 in 9 → rule 3 kept 1 in 3"]);
    }

    #[test]
    fn a_single_sampler_is_compared_with_rules() {
        let single = |sample_rate| Target::Single(SamplerSpec::Deterministic { sample_rate });
        let all = target(&[]);
        assert_eq!(Meaning::of(&[single(1), all.clone()], [Semantics::Engine; 2]), Meaning::Equal);
        let expected = ["DeterministicSampler kept 1 in 4 by trace ID → no rule kept"];
        assert_eq!(changes(single(4), all), expected);
    }

    #[test]
    fn other_answers_are_not_differences() {
        let same = target(&[rule("a", "a", 1)]);
        let other = target(&[rule("a", "b", 1), rule("", "", 2)]);
        let of = |semantics| Meaning::of(&[same.clone(), other.clone()], semantics);
        let unknown = [Semantics::Unknown, Semantics::Engine];
        assert_eq!(of(unknown), Meaning::OtherRelease);
        let equal = Meaning::of(&[same.clone(), same.clone()], [Semantics::Unknown; 2]);
        assert_eq!(equal, Meaning::Equal);
        let crash = Meaning::of(&[same.clone(), Target::Empty], [Semantics::Engine; 2]);
        assert_eq!(crash, Meaning::Crash);
    }
}
