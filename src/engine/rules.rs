//! Rules: the first one that matches a trace decides.
//!
//! `process` samples, and `condition` tests spans.

use super::condition::Condition;
use super::crash::Crash;
use super::decision::Keep;
use super::single::Single;
use super::spec::{ConditionSpec, RuleSpec};
use super::trace::Trace;
use super::value::Fields;

/// The prepared rules of a target.
#[derive(Clone, Debug)]
pub struct Rules {
    pub rules: Vec<Rule>,
    pub nested: bool,
}

/// A prepared rule.
#[derive(Clone, Debug)]
pub struct Rule {
    scope: Scope,
    conditions: Vec<Condition>,
    /// In Refinery's words, including the reason of its sampler.
    pub reason: String,
    pub outcome: Outcome,
}

/// What happens to a matching trace.
#[derive(Clone, Debug)]
pub enum Outcome {
    Rate { rate: u64, keep: Keep },
    Sampler(Single),
}

/// Why a rule does not match a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MismatchReason {
    /// This condition, counted from 0. Of several spans, the one that matches the most conditions
    /// is used.
    Condition(usize),
    /// The trace has no spans.
    NoSpans,
}

/// The scope of the conditions of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// Each condition may match a different span.
    Trace,
    /// All conditions must match the same span.
    Span,
    /// Every trace matches: there are no conditions, or the scope is unknown.
    Any,
}

impl Rules {
    /// The number of the first rule from this one on that matches.
    pub fn first_match(&self, trace: &Trace, from: usize) -> Option<usize> {
        let mut rules = self.rules.iter().enumerate().skip(from);
        rules.find(|(_, rule)| rule.matches(trace, self.nested)).map(|(number, _)| number)
    }

    /// For each rule before the first matching one, why it does not match.
    pub fn mismatches(&self, trace: &Trace) -> Vec<MismatchReason> {
        self.rules.iter().map_while(|rule| rule.mismatches(trace, self.nested)).collect()
    }
}

impl Rule {
    /// Prepares a rule; `sampler` is its prepared sampler.
    ///
    /// # Errors
    /// Refinery crashes on a condition.
    pub fn new(spec: &RuleSpec, sampler: Option<Single>) -> Result<Self, Crash> {
        let (scope, prefix) = match spec.scope.as_str() {
            "span" => (Scope::Span, "rules/span/"),
            "trace" | "" => (Scope::Trace, "rules/trace/"),
            _ => (Scope::Any, "rules/invalid scope/"),
        };
        let reason = match &sampler {
            Some(sampler) => format!("{prefix}{}:{}", spec.name, sampler.reason()),
            None => format!("{prefix}{}", spec.name),
        };
        let written = spec.conditions.as_deref();
        let conditions = written.unwrap_or_default().iter().map(|c| prepare(c.as_ref()));
        Ok(Self {
            scope: if written.is_none() { Scope::Any } else { scope },
            conditions: conditions.collect::<Result<_, _>>()?,
            reason,
            outcome: sampler.map_or_else(|| Outcome::of(spec), Outcome::Sampler),
        })
    }

    /// The rule with only these of its conditions, by their numbers.
    #[must_use]
    pub fn with_conditions(&self, numbers: &[usize]) -> Self {
        let kept = numbers.iter().filter_map(|number| self.conditions.get(*number).cloned());
        Self {
            scope: self.scope,
            conditions: kept.collect(),
            reason: self.reason.clone(),
            outcome: self.outcome.clone(),
        }
    }

    /// Whether a trace matches.
    pub fn matches(&self, trace: &Trace, nested: bool) -> bool {
        match self.scope {
            Scope::Any => true,
            Scope::Trace => self.conditions.iter().all(|c| c.holds_somewhere(trace, nested)),
            Scope::Span => self.matches_one_span(trace, nested),
        }
    }

    fn matches_one_span(&self, trace: &Trace, nested: bool) -> bool {
        for span in trace.spans() {
            match self.matches_span(trace, span, nested) {
                Ok(()) => return true,
                Err(mismatch) if mismatch.same_for_all => return false,
                Err(_) => {}
            }
        }
        false
    }

    fn matches_span(&self, trace: &Trace, span: &Fields, nested: bool) -> Result<(), Mismatch> {
        for (condition, asked) in self.conditions.iter().enumerate() {
            let answer = asked.evaluate(trace, span, nested);
            if !answer.holds {
                return Err(Mismatch { condition, same_for_all: answer.same_for_all });
            }
        }
        Ok(())
    }

    /// The conditions of a rule that does not match, without any of which it would.
    pub fn near_misses(&self, trace: &Trace, nested: bool) -> Vec<usize> {
        match self.scope {
            Scope::Any => Vec::new(),
            Scope::Trace => self.only(|c| c.holds_somewhere(trace, nested)).into_iter().collect(),
            Scope::Span => {
                let spans = trace.spans().iter();
                let only = |span| self.only(|c| c.evaluate(trace, span, nested).holds);
                let mut all: Vec<usize> = spans.filter_map(only).collect();
                all.sort_unstable();
                all.dedup();
                all
            }
        }
    }

    /// The condition that does not hold, if there is exactly one.
    fn only(&self, holds: impl Fn(&Condition) -> bool) -> Option<usize> {
        let mut wrong = self.conditions.iter().enumerate().filter(|(_, c)| !holds(c));
        let (number, _) = wrong.next()?;
        wrong.next().is_none().then_some(number)
    }

    fn mismatches(&self, trace: &Trace, nested: bool) -> Option<MismatchReason> {
        if self.matches(trace, nested) {
            return None;
        }
        let condition = if self.scope == Scope::Span {
            let spans = trace.spans().iter();
            let mismatches = spans.filter_map(|span| self.matches_span(trace, span, nested).err());
            mismatches.map(|mismatch| mismatch.condition).max()
        } else {
            self.conditions.iter().position(|c| !c.holds_somewhere(trace, nested))
        };
        Some(condition.map_or(MismatchReason::NoSpans, MismatchReason::Condition))
    }
}

/// The first condition that a span does not match.
struct Mismatch {
    condition: usize,
    /// No span matches it.
    same_for_all: bool,
}

fn prepare(spec: Option<&ConditionSpec>) -> Result<Condition, Crash> {
    Condition::new(spec.ok_or(Crash::NullCondition)?)
}

impl Outcome {
    /// `Drop` overrides a rate, and a rate that is not above zero drops as well.
    fn of(spec: &RuleSpec) -> Self {
        let keep = match u64::try_from(spec.sample_rate) {
            Ok(rate) if !spec.drop => Keep::one_in(rate),
            _ => Keep::No,
        };
        // Refinery reports a negative rate as a number near 2⁶⁴.
        Self::Rate { rate: spec.sample_rate.cast_unsigned(), keep }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::value::Value;

    fn condition(field: &str, operator: &str, value: i64) -> ConditionSpec {
        ConditionSpec {
            field: field.to_owned(),
            operator: operator.to_owned(),
            value: Value::Int(value),
            ..ConditionSpec::default()
        }
    }

    fn rule(scope: &str, conditions: Vec<ConditionSpec>) -> RuleSpec {
        RuleSpec {
            name: "r".to_owned(),
            scope: scope.to_owned(),
            conditions: Some(conditions.into_iter().map(Some).collect()),
            ..RuleSpec::default()
        }
    }

    /// Two spans: `a` is 1 in one, and `b` is 2 in the other, the root span.
    fn trace() -> Trace {
        let span = |name: &str, n| Fields::new([(name.to_owned(), Value::Int(n))]);
        let mut trace = Trace::new("t");
        trace.push(span("a", 1));
        trace.push_root(span("b", 2));
        trace
    }

    fn matches(spec: &RuleSpec, trace: &Trace) -> bool {
        Rule::new(spec, None).unwrap().matches(trace, false)
    }

    #[test]
    fn conditions_may_match_different_spans() {
        let conditions = vec![condition("a", "=", 1), condition("b", "=", 2)];
        assert!(matches(&rule("trace", conditions.clone()), &trace()));
        assert!(matches(&rule("", conditions.clone()), &trace()));
        assert!(!matches(&rule("span", conditions), &trace()));
    }

    #[test]
    fn a_negative_condition_only_needs_one_span() {
        assert!(matches(&rule("trace", vec![condition("a", "not-exists", 0)]), &trace()));
    }

    #[test]
    fn missing_conditions_match_and_an_empty_list_needs_a_span() {
        let none = RuleSpec { conditions: None, scope: "span".to_owned(), ..RuleSpec::default() };
        let empty = Trace::new("t");
        assert!(matches(&none, &empty));
        assert!(matches(&rule("trace", vec![]), &empty));
        assert!(!matches(&rule("span", vec![]), &empty));
        assert!(matches(&rule("span", vec![]), &trace()));
    }

    #[test]
    fn an_unknown_scope_matches_every_trace() {
        let spec = rule("traces", vec![condition("nowhere", "exists", 0)]);
        assert!(matches(&spec, &trace()));
        assert_eq!(Rule::new(&spec, None).unwrap().reason, "rules/invalid scope/r");
    }

    #[test]
    fn has_root_span_needs_the_trace_scope() {
        let spec = |scope| rule(scope, vec![condition("", "has-root-span", 1)]);
        assert!(matches(&spec("trace"), &trace()));
        assert!(!matches(&spec("trace"), &Trace::new("t")));
        assert!(!matches(&spec("span"), &trace()));
    }

    #[test]
    fn a_mismatch_in_a_root_field_ends_the_search() {
        let conditions = vec![condition("root.b", "=", 3), condition("a", "=", 1)];
        assert!(!matches(&rule("span", conditions), &trace()));
        let conditions = vec![condition("root.b", "=", 2), condition("a", "=", 1)];
        assert!(matches(&rule("span", conditions), &trace()));
    }

    #[test]
    fn reports_the_mismatched_condition() {
        let mismatches = |spec: &RuleSpec, trace: &Trace| {
            Rule::new(spec, None).unwrap().mismatches(trace, false)
        };
        let conditions = vec![condition("a", "=", 1), condition("b", "=", 2)];
        assert_eq!(mismatches(&rule("trace", conditions.clone()), &trace()), None);
        assert_eq!(
            mismatches(&rule("span", conditions), &trace()),
            Some(MismatchReason::Condition(1))
        );
        let conditions = vec![condition("a", "=", 1), condition("b", "=", 3)];
        assert_eq!(
            mismatches(&rule("trace", conditions), &trace()),
            Some(MismatchReason::Condition(1))
        );
        assert_eq!(
            mismatches(&rule("span", vec![]), &Trace::new("t")),
            Some(MismatchReason::NoSpans)
        );
    }

    #[test]
    fn rates_and_drops() {
        for (sample_rate, drop, rate, keep) in [
            (0, false, 0, Keep::No),
            (1, false, 1, Keep::Yes),
            (10, false, 10, Keep::Chance),
            (10, true, 10, Keep::No),
            (-5, false, u64::MAX - 4, Keep::No),
        ] {
            let spec = RuleSpec { sample_rate, drop, ..RuleSpec::default() };
            match Rule::new(&spec, None).unwrap().outcome {
                Outcome::Rate { rate: r, keep: k } => assert_eq!((r, k), (rate, keep)),
                Outcome::Sampler(_) => unreachable!(),
            }
        }
    }
}
