//! The first trace: Refinery creates samplers when a trace arrives, long after validation.
//!
//! Builds the sampler of every target and passes it a typical trace, and traces that reach each
//! rule with its own sampler. Reports every crash, not only the first.

use super::specs::{DEFAULT, find_target, targets};
use super::witness::{self, Budget, Found, Pool};
use super::{sample_trace, trace_text};
use crate::check;
use crate::config::effective_value::{EffectiveValue, Record};
use crate::diagnostic::Finding;
use crate::engine::key_fields::{COMPUTED_PREFIX, ROOT_PREFIX};
use crate::engine::spec::{RuleSpec, RulesSpec, SamplerSpec, Target};
use crate::engine::{Crash, Process, Sampler, Trace};
use crate::schema::{Quirk, ReleaseQuirks};
use crate::span::Span;
use crate::syntax::Document;
use crate::verdict::FirstTrace;
use std::cell::LazyCell;

check!(
    NO_SAMPLER,
    "first-trace/no-sampler",
    Error,
    kind: Verdict,
    "a target has no sampler",
    "Refinery creates samplers at the first trace, so its own validation passes. It then exits on \
     every node that has these rules."
);
check!(
    CRASH,
    "first-trace/crash",
    Error,
    kind: Verdict,
    "a trace crashes Refinery",
    "Refinery creates and calls samplers when traces arrive, so its own validation passes. It \
     then panics on every node that has these rules."
);

/// Stands for all targets that are not in the rules; they use the sampler of `__default__`.
pub const UNLISTED: &str = "an-unlisted-one";

/// The verdict on every target, and the findings about crashes.
#[derive(Debug, Default)]
pub struct FirstTraces {
    pub verdicts: Vec<(String, FirstTrace)>,
    pub findings: Vec<Finding>,
}

/// Sends traces to every target, and to one that is not in the rules. `written` are the files of the rules.
pub fn check_first_traces(
    rules: &Record,
    written: &[Document],
    quirks: ReleaseQuirks,
) -> FirstTraces {
    let mut traces = FirstTraces::default();
    let mut budget = Budget::default();
    for (name, target) in targets(rules) {
        traces.add((rules, written), name, &target, quirks, &mut budget);
    }
    let default = traces.verdicts.iter().find(|(name, _)| name == DEFAULT).map(|(_, v)| *v);
    if let Some(verdict) = default {
        traces.verdicts.push((UNLISTED.to_owned(), verdict));
    } else {
        let target = find_target(rules, DEFAULT).1;
        traces.add((rules, written), UNLISTED, &target, quirks, &mut budget);
    }
    traces
}

impl FirstTraces {
    fn add(
        &mut self,
        (rules, written): (&Record, &[Document]),
        name: &str,
        target: &Target,
        quirks: ReleaseQuirks,
        budget: &mut Budget,
    ) {
        let crashes = find_crashes(name, &as_seen(target, quirks), budget);
        let verdict = if crashes.iter().any(|crash| crash.verdict == FirstTrace::Crashes) {
            FirstTrace::Crashes
        } else {
            crashes.first().map_or(FirstTrace::Handled, |crash| crash.verdict)
        };
        self.verdicts.push((name.to_owned(), verdict));
        for TargetCrash { cause, verdict, trace } in crashes {
            let help = match cause {
                Crash::UnknownSampler => advise_on_rules(written, name)
                    .unwrap_or_else(|| help(name, cause, trace.as_ref())),
                _ => help(name, cause, trace.as_ref()),
            };
            let finding = describe(name, verdict, cause).help(help);
            self.findings.push(match place(rules, name) {
                Some(span) => finding.at(span, format!("{cause}: {}", consequence(cause, quirks))),
                None => finding,
            });
        }
    }
}

/// One crash of a target.
struct TargetCrash {
    cause: Crash,
    /// Whether every trace crashes, or only some.
    verdict: FirstTrace,
    trace: Option<Trace>,
}

/// The target as a release reads it, without what does not crash that release.
fn as_seen(target: &Target, quirks: ReleaseQuirks) -> Target {
    let mut target = target.clone();
    match &mut target {
        Target::Single(sampler) => key_as_seen(sampler, quirks),
        Target::Rules(rules) => {
            for rule in rules.rules.iter_mut().flatten() {
                rule_as_seen(rule, quirks);
            }
        }
        _ => {}
    }
    target
}

fn rule_as_seen(rule: &mut RuleSpec, quirks: ReleaseQuirks) {
    if rule.sampler.as_ref().is_some_and(|wrapper| wrapper.sampler.is_none())
        && !quirks.has(Quirk::ExitsOnBadRuleSampler)
    {
        rule.sampler = None;
    }
    for condition in rule.conditions.iter_mut().flatten().flatten() {
        if !quirks.has(Quirk::KnowsInOperator)
            && matches!(condition.operator.as_str(), "in" | "not-in")
        {
            condition.operator.clear();
        }
    }
    for condition in rule.conditions.iter_mut().flatten().flatten() {
        condition.fields.iter_mut().for_each(|name| name_as_seen(name, quirks));
        if !condition.field.is_empty() {
            name_as_seen(&mut condition.field, quirks);
        }
    }
    if let Some(wrapper) = &mut rule.sampler {
        wrapper.sampling_fields.iter_mut().for_each(|name| name_as_seen(name, quirks));
        wrapper.sampler.iter_mut().for_each(|sampler| key_as_seen(sampler, quirks));
    }
}

fn key_as_seen(sampler: &mut SamplerSpec, quirks: ReleaseQuirks) {
    if let Some(key) = sampler.key_mut() {
        key.field_list.iter_mut().for_each(|name| name_as_seen(name, quirks));
    }
}

/// Renames a field that is not special in a release, so that no span has it.
fn name_as_seen(name: &mut String, quirks: ReleaseQuirks) {
    let is_special = match name.as_str() {
        "" => quirks.has(Quirk::ExtractsFieldsAtIngest),
        name if name.starts_with(ROOT_PREFIX) => quirks.has(Quirk::KnowsRootFields),
        name if name.starts_with(COMPUTED_PREFIX) => quirks.has(Quirk::KnowsComputedFields),
        _ => true,
    };
    if !is_special {
        name.insert(0, '\0');
    }
}

/// All crashes of a target, each once.
fn find_crashes(name: &str, target: &Target, budget: &mut Budget) -> Vec<TargetCrash> {
    let mut process = Process::new();
    let sampler = match process.build(name, target, 0) {
        Ok(sampler) => sampler,
        Err(cause) => return crashes_of_building(name, target, cause),
    };
    let mut crashes: Vec<TargetCrash> = Vec::new();
    let mut send = |verdict, trace: Trace| {
        // Twice: some counts are only used when there is one.
        let cause = (0..2).find_map(|_| process.decide(&sampler, &trace, 0).err());
        if let Some(cause) = cause
            && crashes.iter().all(|crash| crash.cause != cause)
        {
            crashes.push(TargetCrash { cause, verdict, trace: Some(trace) });
        }
    };
    send(FirstTrace::Crashes, sample_trace::ordinary());
    if let (Target::Rules(spec), Sampler::Rules(rules)) = (target, &sampler) {
        let first_match = |trace: &Trace| rules.first_match(trace, 0);
        let decided = spec.rules.iter().enumerate();
        let decided = decided.filter_map(|(n, rule)| Some((n, rule.as_ref()?)));
        let pool = LazyCell::new(|| Pool::of(spec));
        let mut unknown = Vec::new();
        for (number, rule) in decided.filter(|(_, rule)| rule.sampler.is_some()) {
            let draft = sample_trace::for_rule(rule);
            match witness::find(spec, &pool, number, draft, budget, first_match) {
                Found::Trace(trace) => send(FirstTrace::CrashesOnSome, trace),
                Found::Nothing => {}
                Found::GaveUp => unknown.push(rule),
            }
        }
        for cause in unknown.into_iter().filter_map(|rule| crash_alone(name, rule)) {
            if crashes.iter().all(|crash| crash.cause != cause) {
                crashes.push(TargetCrash {
                    cause,
                    verdict: FirstTrace::CrashesOnSome,
                    trace: None,
                });
            }
        }
    }
    crashes
}

/// The crash of a rule if every trace reached it.
fn crash_alone(name: &str, rule: &RuleSpec) -> Option<Crash> {
    let rule = RuleSpec { conditions: None, ..rule.clone() };
    let target = Target::Rules(RulesSpec { rules: vec![Some(rule)], ..RulesSpec::default() });
    let mut process = Process::new();
    let sampler = process.build(name, &target, 0).ok()?;
    (0..2).find_map(|_| process.decide(&sampler, &sample_trace::ordinary(), 0).err())
}

/// A sampler that cannot be created crashes on every trace; several rules may have one.
fn crashes_of_building(name: &str, target: &Target, first: Crash) -> Vec<TargetCrash> {
    let mut causes = vec![first];
    if let Target::Rules(spec) = target {
        for rule in &spec.rules {
            let check_nested_fields = spec.check_nested_fields;
            let rules = RulesSpec { rules: vec![rule.clone()], check_nested_fields };
            let cause = Process::new().build(name, &Target::Rules(rules), 0).err();
            causes.extend(cause.filter(|cause| !causes.contains(cause)));
        }
    }
    let crash = |cause| TargetCrash { cause, verdict: FirstTrace::Crashes, trace: None };
    causes.into_iter().map(crash).collect()
}

fn describe(name: &str, verdict: FirstTrace, cause: Crash) -> Finding {
    let target = if name == UNLISTED {
        "a target that is not in the rules".to_owned()
    } else {
        format!("`{name}`")
    };
    let check = match cause {
        Crash::UnknownSampler | Crash::UnknownRuleSampler | Crash::NullTarget => &NO_SAMPLER,
        _ => &CRASH,
    };
    let message = match verdict {
        FirstTrace::CrashesOnSome => format!("some traces for {target} crash Refinery"),
        _ => format!("Refinery crashes on the first trace for {target}"),
    };
    Finding::new(check, message)
}

/// Position of the target's name, or else of `Samplers`.
fn place(rules: &Record, name: &str) -> Option<Span> {
    let all = rules.get("Samplers")?;
    let own = all.record().and_then(|targets| targets.get(name));
    let place = |setting: &EffectiveValue| setting.key_span.or(setting.span());
    own.and_then(place).or_else(|| place(all))
}

/// What to do about rules in a target that are not under their sampler.
fn advise_on_rules(written: &[Document], name: &str) -> Option<String> {
    const SAMPLER: &str = "RulesBasedSampler";
    let target =
        |document: &'_ Document| document.item.as_ref()?.get("Samplers")?.get(name).cloned();
    let target = written.iter().find_map(target).filter(|target| target.get("Rules").is_some())?;
    let indent = "indent `Rules` by 2 more spaces";
    Some(match target.get(SAMPLER) {
        Some(_) => format!("{indent}, so that it is under `{SAMPLER}`"),
        None => format!("write `{SAMPLER}:` above `Rules`, and {indent}"),
    })
}

/// What happens to the process. A crash while spans arrive only fails the request over HTTP.
fn consequence(cause: Crash, quirks: ReleaseQuirks) -> String {
    let status = cause.exit_status();
    if quirks.has(Quirk::ExtractsFieldsAtIngest) && cause.happens_at_ingest() {
        format!("over gRPC Refinery exits with status {status}, over HTTP it answers 500")
    } else {
        format!("Refinery exits with status {status}")
    }
}

fn help(name: &str, cause: Crash, trace: Option<&Trace>) -> String {
    let repair = match cause {
        _ if name == UNLISTED => "add a target `__default__` with a sampler",
        Crash::UnknownSampler | Crash::NullTarget => {
            "add a sampler under the target, indented below its name"
        }
        Crash::UnknownRuleSampler => "add a sampler under `Sampler`, or remove `Sampler`",
        Crash::NullRule | Crash::NullCondition => "remove the `-` that has nothing after it",
        Crash::EmptyField => "name the field, or remove the empty string from the list",
        Crash::NegativeInterval | Crash::NotStarted => {
            "use an interval of at least 1ms, or remove the key to use the default"
        }
        Crash::DivisionByZero | Crash::NegativeRate => "use a rate of at least 1",
        Crash::NoComparison => "use values of one type: strings, integers or floats",
    };
    match trace {
        Some(trace) => format!("{repair}; this trace crashes it: {}", trace_text::write(trace)),
        None => repair.to_owned(),
    }
}
