//! The first trace: samplers are made when one arrives, long after validation.
//!
//! Every target's sampler is built and asked about an ordinary trace and about traces made to reach
//! each of its rules.

use super::specs::{find_target, targets};
use super::{sample_trace, trace_text};
use crate::check;
use crate::config::setting::{Record, Setting};
use crate::diagnostic::Finding;
use crate::engine::spec::Target;
use crate::engine::{Death, Process, Trace};
use crate::schema::{Quirk, ReleaseQuirks};
use crate::span::Span;
use crate::verdict::FirstTrace;

check!(
    NO_SAMPLER,
    "first-trace/no-sampler",
    Error,
    "a target has no sampler",
    "samplers are made at the first trace, so the engine's own validation passes; the process then \
     exits, and with it every process that has the same rules"
);
check!(
    DEATH,
    "first-trace/death",
    Error,
    "a trace stops the process",
    "samplers are made and asked when traces arrive, so the engine's own validation passes; the \
     process then panics, and with it every process that has the same rules"
);

/// What stands for all targets that the rules do not name: they get `__default__`'s sampler.
pub const UNLISTED: &str = "an-unlisted-one";

const DEFAULT: &str = "__default__";

/// The verdict on every target, with what kills.
#[derive(Debug, Default)]
pub struct FirstTraces {
    pub verdicts: Vec<(String, FirstTrace)>,
    pub findings: Vec<Finding>,
}

/// Sends traces to every target, and to one that the rules do not list.
pub fn judge(rules: &Record, quirks: ReleaseQuirks) -> FirstTraces {
    let mut judged = FirstTraces::default();
    for (name, target) in targets(rules) {
        judged.add(rules, name, &target, quirks);
    }
    let default = judged.verdicts.iter().find(|(name, _)| name == DEFAULT).map(|(_, v)| *v);
    match default {
        Some(verdict) => judged.verdicts.push((UNLISTED.to_owned(), verdict)),
        None => judged.add(rules, UNLISTED, &find_target(rules, DEFAULT).1, quirks),
    }
    judged
}

impl FirstTraces {
    fn add(&mut self, rules: &Record, name: &str, target: &Target, quirks: ReleaseQuirks) {
        let (verdict, killer) = judge_target(name, target, quirks);
        self.verdicts.push((name.to_owned(), verdict));
        if let Some((death, trace)) = killer {
            let finding = describe(name, verdict, death).help(help(name, death, trace.as_ref()));
            self.findings.push(match place(rules, name) {
                Some(span) => finding.at(span, format!("{death}: {}", fate(death, quirks))),
                None => finding,
            });
        }
    }
}

type Killer = (Death, Option<Trace>);

fn judge_target(
    name: &str,
    target: &Target,
    quirks: ReleaseQuirks,
) -> (FirstTrace, Option<Killer>) {
    let is_fatal = |death: &Death| match death {
        Death::UnknownRuleSampler => quirks.has(Quirk::ExitsOnBadRuleSampler),
        Death::EmptyField => quirks.has(Quirk::ExtractsFieldsAtIngest),
        _ => true,
    };
    let mut process = Process::new();
    let sampler = match process.build(name, target, 0) {
        Ok(sampler) => sampler,
        Err(death) if is_fatal(&death) => return (FirstTrace::Dies, Some((death, None))),
        Err(_) => return (FirstTrace::Survives, None),
    };
    let mut traces = vec![sample_trace::ordinary()];
    if let Target::Rules(rules) = target {
        traces.extend(sample_trace::for_rules(rules));
    }
    for (number, trace) in traces.into_iter().enumerate() {
        // Twice: some counts are looked at when there is one.
        for _ in 0..2 {
            if let Err(death) = process.decide(&sampler, &trace, 0)
                && is_fatal(&death)
            {
                let verdict = if number == 0 { FirstTrace::Dies } else { FirstTrace::SomeTraces };
                return (verdict, Some((death, Some(trace))));
            }
        }
    }
    (FirstTrace::Survives, None)
}

fn describe(name: &str, verdict: FirstTrace, death: Death) -> Finding {
    let target = if name == UNLISTED {
        "a target that the rules do not list".to_owned()
    } else {
        format!("`{name}`")
    };
    let check = match death {
        Death::UnknownSampler | Death::UnknownRuleSampler | Death::NullTarget => &NO_SAMPLER,
        _ => &DEATH,
    };
    let message = match verdict {
        FirstTrace::SomeTraces => format!("some traces for {target} stop the process"),
        _ => format!("the first trace for {target} stops the process"),
    };
    Finding::new(check, message)
}

/// The target's name, or else where the targets are.
fn place(rules: &Record, name: &str) -> Option<Span> {
    let all = rules.get("Samplers")?;
    let own = all.record().and_then(|targets| targets.get(name));
    let place = |setting: &Setting| setting.key_span.or(setting.span());
    own.and_then(place).or_else(|| place(all))
}

/// What comes of it. What is met while spans come in ends a request over HTTP, and no more.
fn fate(death: Death, quirks: ReleaseQuirks) -> String {
    let status = death.exit_status();
    if quirks.has(Quirk::ExtractsFieldsAtIngest) && death.is_met_at_ingest() {
        format!("over gRPC the process exits with status {status}, over HTTP it answers 500")
    } else {
        format!("the process exits with status {status}")
    }
}

fn help(name: &str, death: Death, trace: Option<&Trace>) -> String {
    let repair = match death {
        _ if name == UNLISTED => "write a target `__default__` with a sampler",
        Death::UnknownSampler | Death::NullTarget => {
            "write a sampler under the target, indented below its name"
        }
        Death::UnknownRuleSampler => "write a sampler under `Sampler`, or remove that key",
        Death::NullRule | Death::NullCondition => "remove the `-` that has nothing behind it",
        Death::EmptyField => "name the field, or remove the empty text from the list",
        Death::NegativeInterval | Death::NotStarted => {
            "write an interval of at least 1ms, or remove the key for its default"
        }
        Death::DivisionByZero | Death::NegativeRate => "write a rate of at least 1",
        Death::NoComparison => "write values of one type: text, whole numbers or fractions",
    };
    match trace {
        Some(trace) => format!("{repair}; a trace that does it: {}", trace_text::write(trace)),
        None => repair.to_owned(),
    }
}
