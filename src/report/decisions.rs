//! The sampling decisions for traces, for people and for programs.
//!
//! The reason and the key are in Refinery's own form. Must not decide anything.

use super::escape::{self, one_line};
use crate::engine::spec::{RuleSpec, RulesSpec, SamplerSpec, Target};
use crate::engine::{Crash, Keep};
use crate::traces::{Decided, TraceResult, why_not};
use std::fmt::{self, Write as _};

/// The decisions for traces of one target.
pub struct DecisionReport<'a> {
    pub target: &'a str,
    pub spec: &'a Target,
}

impl DecisionReport<'_> {
    /// One object on a line: `{"id","target","rule","reason","rate","key","keep"}`.
    ///
    /// `rule` is null if no rule decided; `keep` is true, false or `"chance"`. `late_spans` is present
    /// only if spans arrive after the decision. A trace that crashes Refinery has `{"id","target","error","exit_status"}`.
    pub fn json_line(&self, result: &TraceResult) -> String {
        /// Longer lines are moved while they grow.
        const USUAL_LENGTH: usize = 256;
        let mut line = String::with_capacity(USUAL_LENGTH);
        push_member(&mut line, "{\"id\":", &result.id);
        push_member(&mut line, ",\"target\":", self.target);
        // Writing to a String cannot fail.
        let _ = match &result.outcome {
            Ok(decided) => self.push_decided(&mut line, decided, result.late),
            Err(crash) => {
                push_member(&mut line, ",\"error\":", &crash.to_string());
                write!(line, ",\"exit_status\":{}", crash.exit_status())
            }
        };
        line.push_str("}\n");
        line
    }

    fn push_decided(&self, line: &mut String, decided: &Decided, late: u64) -> fmt::Result {
        match self.rule(decided.rule) {
            Some(rule) => push_member(line, ",\"rule\":", &rule.name),
            None => line.push_str(",\"rule\":null"),
        }
        push_member(line, ",\"reason\":", &decided.reason);
        write!(line, ",\"rate\":{}", decided.rate)?;
        push_member(line, ",\"key\":", &decided.key);
        line.push_str(match decided.keep {
            Keep::Yes => ",\"keep\":true",
            Keep::No => ",\"keep\":false",
            Keep::Chance => ",\"keep\":\"chance\"",
        });
        if late > 0 {
            write!(line, ",\"late_spans\":{late}")?;
        }
        Ok(())
    }
}

/// `start` is the key and what is around it.
fn push_member(line: &mut String, start: &str, text: &str) {
    line.push_str(start);
    escape::push_json_string(line, text);
}

impl<'a> DecisionReport<'a> {
    fn rules(&self) -> &'a [Option<RuleSpec>] {
        match self.spec {
            Target::Rules(RulesSpec { rules, .. }) => rules,
            _ => &[],
        }
    }

    fn rule(&self, number: Option<usize>) -> Option<&'a RuleSpec> {
        self.rules().get(number?)?.as_ref()
    }

    /// Several lines, for people.
    pub fn paragraph(&self, result: &TraceResult) -> String {
        match &result.outcome {
            Ok(decided) => {
                let fate = match decided.keep {
                    Keep::Yes => "kept".to_owned(),
                    Keep::No => "dropped".to_owned(),
                    Keep::Chance => format!("1 in {} is kept", decided.rate),
                };
                let late = late_line(result.late);
                format!("{}: {fate}\n{}{late}", one_line(&result.id), self.details(decided))
            }
            Err(crash) => {
                format!("{}: Refinery exits\n{}", one_line(&result.id), self.end(*crash))
            }
        }
    }

    fn end(&self, crash: Crash) -> String {
        let status = crash.exit_status();
        line("target", self.target)
            + &line("why", &format!("{crash}; it exits with status {status}"))
    }

    fn details(&self, decided: &Decided) -> String {
        let mut out = line("target", self.target);
        for (rule, reason) in self.rules().iter().flatten().zip(&decided.mismatches) {
            out += &line("not", &format!("{}: {}", named(rule), why_not(rule, *reason)));
        }
        if let Some(rule) = self.rule(decided.rule) {
            out += &line("rule", &named(rule));
        } else if matches!(self.spec, Target::Rules(_)) {
            out += &line("rule", "no rule matches, so the trace is kept");
        }
        if let Some(sampler) = self.sampler(decided) {
            out += &line("sampler", sampler.name());
            if !matches!(sampler, SamplerSpec::Deterministic { .. }) {
                out += &line("key", &decided.key);
            }
        }
        out + &line("rate", &decided.rate.to_string()) + &line("reason", &decided.reason)
    }

    fn sampler(&self, decided: &Decided) -> Option<&'a SamplerSpec> {
        match self.spec {
            Target::Single(sampler) => Some(sampler),
            _ => self.rule(decided.rule)?.sampler.as_ref()?.sampler.as_ref(),
        }
    }
}

fn late_line(late: u64) -> String {
    match late {
        0 => String::new(),
        1 => line("late", "1 span arrives after the decision"),
        _ => line("late", &format!("{late} spans arrive after the decision")),
    }
}

fn line(word: &str, text: &str) -> String {
    format!("  {word:<8} {}\n", one_line(text))
}

fn named(rule: &RuleSpec) -> String {
    format!("`{}`", rule.name)
}

#[cfg(test)]
#[expect(clippy::redundant_closure_for_method_calls, reason = "the method has one lifetime")]
mod tests {
    use super::*;
    use crate::engine::spec::ConditionSpec;
    use crate::engine::{Fields, Trace, Value};
    use crate::traces::Run;

    fn rule(name: &str, scope: &str, conditions: &[(&str, &str, Value)]) -> RuleSpec {
        let conditions = conditions.iter().map(|(field, operator, value)| {
            Some(ConditionSpec {
                field: (*field).to_owned(),
                operator: (*operator).to_owned(),
                value: value.clone(),
                ..ConditionSpec::default()
            })
        });
        RuleSpec {
            name: name.to_owned(),
            sample_rate: 10,
            scope: scope.to_owned(),
            conditions: Some(conditions.collect()),
            ..RuleSpec::default()
        }
    }

    fn report(
        rules: Vec<Option<RuleSpec>>,
        write: fn(&DecisionReport<'_>, &TraceResult) -> String,
    ) -> String {
        let spec = Target::Rules(RulesSpec { rules, check_nested_fields: false });
        let mut trace = Trace::new("t\n1");
        trace.push_root(Fields::new([("a".to_owned(), Value::Int(5))]));
        let result = Run::new("prod", &spec, 0).decide(&trace);
        write(&DecisionReport { target: "prod", spec: &spec }, &result)
    }

    #[test]
    fn says_why_earlier_rules_did_not_match() {
        let rules = [
            rule("great", "", &[("a", ">", Value::Int(9))]),
            rule("both", "span", &[("a", "exists", Value::Null), ("b", "exists", Value::Null)]),
            rule("rootless", "", &[("", "has-root-span", Value::Bool(false))]),
            rule("five", "", &[("a", "=", Value::Int(5))]),
        ];
        let expected = "t␊1: 1 in 10 is kept
  target   prod
  not      `great`: no span has `a > 9`
  not      `both`: no span that matches the other conditions has `b exists`
  not      `rootless`: the trace has a root span
  rule     `five`
  rate     10
  reason   rules/trace/five
";
        assert_eq!(report(rules.map(Some).into(), |r, result| r.paragraph(result)), expected);
    }

    #[test]
    fn json_has_one_line_per_trace() {
        let five = vec![Some(rule("five", "", &[("a", "=", Value::Int(5))]))];
        let decided = r#"{"id":"t\n1","target":"prod","rule":"five","reason":"rules/trace/five","rate":10,"key":"","keep":"chance"}"#;
        let none = r#"{"id":"t\n1","target":"prod","rule":null,"reason":"no rule matched","rate":1,"key":"","keep":true}"#;
        let crash = r#"{"id":"t\n1","target":"prod","error":"a rule is null","exit_status":2}"#;
        for (rules, line) in [(five, decided), (vec![], none), (vec![None], crash)] {
            assert_eq!(report(rules, |r, result| r.json_line(result)), format!("{line}\n"));
        }
    }
}
