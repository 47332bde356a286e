//! The first trace: samplers are made when one arrives, long after validation.
//!
//! Every target's sampler is built and asked about an ordinary trace and about traces that reach
//! each rule with a sampler of its own. All ways to stop the process are looked for, not the first.

use super::specs::{find_target, targets};
use super::witness::{self, Budget, Found};
use super::{sample_trace, trace_text};
use crate::check;
use crate::config::setting::{Record, Setting};
use crate::diagnostic::Finding;
use crate::engine::key_fields::{COMPUTED_PREFIX, ROOT_PREFIX};
use crate::engine::spec::{RuleSpec, RulesSpec, SamplerSpec, Target};
use crate::engine::{Death, Process, Sampler, Trace};
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
        let crashes = find_crashes(name, &as_seen(target, quirks));
        let verdict = if crashes.iter().any(|crash| crash.verdict == FirstTrace::Crashes) {
            FirstTrace::Crashes
        } else {
            crashes.first().map_or(FirstTrace::Handled, |crash| crash.verdict)
        };
        self.verdicts.push((name.to_owned(), verdict));
        for Crash { death, verdict, trace } in crashes {
            let finding = describe(name, verdict, death).help(help(name, death, trace.as_ref()));
            self.findings.push(match place(rules, name) {
                Some(span) => finding.at(span, format!("{death}: {}", fate(death, quirks))),
                None => finding,
            });
        }
    }
}

/// One way in which a target stops the process.
struct Crash {
    death: Death,
    /// Of any trace, or of some.
    verdict: FirstTrace,
    trace: Option<Trace>,
}

/// The target as a release takes it: what it does not stumble over is harmless in the result.
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

/// A name that means nothing special to a release becomes one that no span has either.
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

/// All ways in which a target stops the process, each once.
fn find_crashes(name: &str, target: &Target) -> Vec<Crash> {
    let mut process = Process::new();
    let sampler = match process.build(name, target, 0) {
        Ok(sampler) => sampler,
        Err(death) => return crashes_of_building(name, target, death),
    };
    let mut crashes: Vec<Crash> = Vec::new();
    let mut send = |verdict, trace: Trace| {
        // Twice: some counts are looked at when there is one.
        let death = (0..2).find_map(|_| process.decide(&sampler, &trace, 0).err());
        if let Some(death) = death
            && crashes.iter().all(|crash| crash.death != death)
        {
            crashes.push(Crash { death, verdict, trace: Some(trace) });
        }
    };
    send(FirstTrace::Crashes, sample_trace::ordinary());
    if let (Target::Rules(spec), Sampler::Rules(rules)) = (target, &sampler) {
        let first_match = |trace: &Trace| rules.first_match(trace).map(|(number, _)| number);
        let decided = spec.rules.iter().enumerate();
        let decided = decided.filter_map(|(n, rule)| Some((n, rule.as_ref()?)));
        let mut budget = Budget::default();
        let mut unknown = Vec::new();
        for (number, rule) in decided.filter(|(_, rule)| rule.sampler.is_some()) {
            let draft = sample_trace::for_rule(rule);
            match witness::find(spec, number, draft, &mut budget, first_match) {
                Found::Trace(trace) => send(FirstTrace::CrashesOnSome, trace),
                Found::Nothing => {}
                Found::GaveUp => unknown.push(rule),
            }
        }
        for death in unknown.into_iter().filter_map(|rule| death_alone(name, rule)) {
            if crashes.iter().all(|crash| crash.death != death) {
                crashes.push(Crash { death, verdict: FirstTrace::CrashesOnSome, trace: None });
            }
        }
    }
    crashes
}

/// How a rule stops the process where every trace reaches it.
fn death_alone(name: &str, rule: &RuleSpec) -> Option<Death> {
    let rule = RuleSpec { conditions: None, ..rule.clone() };
    let target = Target::Rules(RulesSpec { rules: vec![Some(rule)], ..RulesSpec::default() });
    let mut process = Process::new();
    let sampler = process.build(name, &target, 0).ok()?;
    (0..2).find_map(|_| process.decide(&sampler, &sample_trace::ordinary(), 0).err())
}

/// A sampler that cannot be built stops the process at any trace; rules may hold several such.
fn crashes_of_building(name: &str, target: &Target, first: Death) -> Vec<Crash> {
    let mut deaths = vec![first];
    if let Target::Rules(spec) = target {
        for rule in &spec.rules {
            let rules = RulesSpec { rules: vec![rule.clone()], ..spec.clone() };
            let death = Process::new().build(name, &Target::Rules(rules), 0).err();
            deaths.extend(death.filter(|death| !deaths.contains(death)));
        }
    }
    let crash = |death| Crash { death, verdict: FirstTrace::Crashes, trace: None };
    deaths.into_iter().map(crash).collect()
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
        FirstTrace::CrashesOnSome => format!("some traces for {target} stop the process"),
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
