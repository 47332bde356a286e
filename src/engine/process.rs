//! The sampling state of one Refinery process: its running dynamic samplers, and which rules share
//! them.
//!
//! The caller supplies the time and receives probabilities, so a run is reproducible.

use super::crash::Crash;
use super::decision::{Decision, Keep};
use super::deterministic::Deterministic;
use super::dynamic::{Dynamic, Nanos};
use super::key::TraceKey;
use super::key_fields::KeyFields;
use super::rules::{Outcome, Rule, Rules};
use super::sampler::{Prepared, Sampler};
use super::single::Single;
use super::spec::{KeySpec, RuleSpec, RulesSpec, SamplerSpec, Target, ThroughputSpec};
use super::trace::Trace;
use foldhash::{HashMap, HashMapExt};

/// The state that a process keeps between traces.
#[derive(Clone, Debug)]
pub struct Process {
    peers: i64,
    running: Vec<Running>,
    by_name: HashMap<String, usize>,
}

#[derive(Clone, Debug)]
struct Running {
    sampler: Dynamic,
    /// The goal in events per second of all peers together, if configured like that.
    cluster_goal: Option<i64>,
}

impl Default for Process {
    fn default() -> Self {
        Self::new()
    }
}

impl Process {
    /// A process without peers.
    pub fn new() -> Self {
        Self { peers: 1, running: Vec::new(), by_name: HashMap::new() }
    }

    /// Sets the number of peers; Refinery ignores an empty list.
    pub fn set_peers(&mut self, peers: i64, now: Nanos) {
        if peers > 0 {
            self.peers = peers;
        }
        self.share_goals(now);
    }

    /// Creates the sampler of a target, like the first trace for it does.
    ///
    /// # Errors
    /// Creating it crashes the process.
    pub fn build(&mut self, target: &str, spec: &Target, now: Nanos) -> Result<Sampler, Crash> {
        KeyFields::of_target(spec)?;
        match spec {
            Target::Null => Err(Crash::NullTarget),
            Target::Empty => Err(Crash::UnknownSampler),
            Target::Single(spec) => self.single(target, spec, now).map(Sampler::Single),
            Target::Rules(spec) => self.rules(target, spec, now).map(Sampler::Rules),
        }
    }

    /// Decides a trace, and counts it if the sampler counts.
    ///
    /// # Errors
    /// The decision crashes the process.
    pub fn decide<'s>(
        &mut self,
        sampler: &'s Sampler,
        trace: &Trace,
        now: Nanos,
    ) -> Result<Decision<'s>, Crash> {
        self.settle(sampler, sampler.prepare(trace), now)
    }

    /// Decides a prepared trace, and counts it if the sampler counts.
    ///
    /// # Errors
    /// The decision crashes the process.
    pub fn settle<'s>(
        &mut self,
        sampler: &'s Sampler,
        prepared: Prepared,
        now: Nanos,
    ) -> Result<Decision<'s>, Crash> {
        let Prepared { rule, fixed, key, descendants } = prepared;
        let (single, reason) = match sampler {
            Sampler::Single(single) => (Some(single), single.reason()),
            Sampler::Rules(rules) => match rule.and_then(|number| rules.rules.get(number)) {
                Some(Rule { outcome: Outcome::Sampler(single), reason, .. }) => {
                    (Some(single), reason.as_str())
                }
                Some(Rule { reason, .. }) => (None, reason.as_str()),
                None => (None, "no rule matched"),
            },
        };
        let (rate, keep) = match (fixed, single) {
            (Some(fixed), _) => fixed,
            (None, Some(Single::Dynamic { counter, .. })) => {
                let running = self.running.get_mut(*counter).ok_or(Crash::UnknownSampler)?;
                let rate = running.sampler.rate(&key, descendants, now)?;
                let rate = u64::try_from(rate).map_err(|_| Crash::NegativeRate)?.max(1);
                (rate, Keep::one_in(rate))
            }
            (None, _) => return Err(Crash::UnknownSampler),
        };
        Ok(Decision { rate, reason, key, keep, rule })
    }

    fn rules(&mut self, target: &str, spec: &RulesSpec, now: Nanos) -> Result<Rules, Crash> {
        let prefix = format!("rules:{target}:");
        let rules = spec.rules.iter().map(|rule| self.rule(&prefix, rule.as_ref(), now));
        Ok(Rules { rules: rules.collect::<Result<_, _>>()?, nested: spec.check_nested_fields })
    }

    fn rule(&mut self, prefix: &str, spec: Option<&RuleSpec>, now: Nanos) -> Result<Rule, Crash> {
        let spec = spec.ok_or(Crash::NullRule)?;
        let sampler = match &spec.sampler {
            Some(wrapper) => {
                let sampler = wrapper.sampler.as_ref().ok_or(Crash::UnknownRuleSampler)?;
                Some(self.single(prefix, sampler, now)?)
            }
            None => None,
        };
        Rule::new(spec, sampler)
    }

    /// Samplers with the same type, prefix, rate and fields share the state that the first one
    /// started.
    fn single(&mut self, prefix: &str, spec: &SamplerSpec, now: Nanos) -> Result<Single, Crash> {
        let Some(facts) = Facts::of(spec) else {
            let SamplerSpec::Deterministic { sample_rate } = spec else {
                return Err(Crash::UnknownSampler);
            };
            return Deterministic::new(*sample_rate).map(Single::Deterministic);
        };
        let counter = self.counter(&facts.name(prefix), spec, now)?;
        if let (Some(throughput), Some(running)) = (facts.throughput, self.running.get_mut(counter))
            && throughput.use_cluster_size
        {
            running.cluster_goal = Some(throughput.goal_per_second);
        }
        KeyFields::of(&facts.key.field_list)?;
        self.share_goals(now);
        Ok(Single::Dynamic { key: TraceKey::new(facts.key), counter, reason: facts.kind })
    }

    /// The running sampler of that name, started if necessary.
    fn counter(&mut self, name: &str, spec: &SamplerSpec, now: Nanos) -> Result<usize, Crash> {
        if let Some(counter) = self.by_name.get(name) {
            return Ok(*counter);
        }
        let sampler = Dynamic::start(spec, now).ok_or(Crash::UnknownSampler)??;
        let counter = self.running.len();
        self.running.push(Running { sampler, cluster_goal: None });
        self.by_name.insert(name.to_owned(), counter);
        Ok(counter)
    }

    /// The share of each peer is rounded down, to at least one.
    fn share_goals(&mut self, now: Nanos) {
        for running in &mut self.running {
            if let Some(goal) = running.cluster_goal {
                running.sampler.set_goal((goal / self.peers).max(1), now);
            }
        }
    }
}

/// The name of a dynamic sampler in the process; samplers with the same name share their state.
pub fn running_name(prefix: &str, spec: &SamplerSpec) -> Option<String> {
    Facts::of(spec).map(|facts| facts.name(prefix))
}

/// The parts of a spec that distinguish dynamic samplers.
struct Facts<'s> {
    /// Also its reason, in Refinery's words.
    kind: &'static str,
    rate: i64,
    throughput: Option<ThroughputSpec>,
    key: &'s KeySpec,
}

impl<'s> Facts<'s> {
    fn of(spec: &'s SamplerSpec) -> Option<Self> {
        let by_rate = |kind, rate, key| Some(Self { kind, rate, throughput: None, key });
        let by_goal = |kind, throughput: ThroughputSpec, key| {
            let rate = throughput.goal_per_second;
            Some(Self { kind, rate, throughput: Some(throughput), key })
        };
        match spec {
            SamplerSpec::Deterministic { .. } => None,
            SamplerSpec::Dynamic(s) => by_rate("dynamic", s.sample_rate, &s.key),
            SamplerSpec::EmaDynamic(s) => by_rate("emadynamic", s.goal_sample_rate, &s.key),
            SamplerSpec::EmaThroughput(s) => by_goal("emathroughput", s.throughput, &s.key),
            SamplerSpec::WindowedThroughput(s) => {
                by_goal("windowedthroughput", s.throughput, &s.key)
            }
            SamplerSpec::TotalThroughput(s) => by_goal("totalthroughput", s.throughput, &s.key),
        }
    }

    /// Joins fields with spaces, like Refinery.
    fn name(&self, prefix: &str) -> String {
        let mut fields = self.key.field_list.clone();
        fields.sort();
        format!("{prefix}:{}:{}:[{}]", self.kind, self.rate, fields.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::spec::{
        DynamicSpec, EmaDynamicSpec, EmaSpec, EmaThroughputSpec, RuleSamplerSpec,
        TotalThroughputSpec, WindowedThroughputSpec,
    };
    use crate::engine::value::Fields;
    use crate::value::Duration;

    const SECOND: Nanos = 1_000_000_000;

    fn trace(spans: usize) -> Trace {
        let mut trace = Trace::new("t");
        (0..spans).for_each(|_| trace.push(Fields::default()));
        trace
    }

    fn crash(target: &Target) -> Option<Crash> {
        let mut process = Process::new();
        match process.build("t", target, 0) {
            Ok(sampler) => process.decide(&sampler, &trace(2), 0).err(),
            Err(crash) => Some(crash),
        }
    }

    fn key(fields: &[&str]) -> KeySpec {
        let field_list = fields.iter().map(ToString::to_string).collect();
        KeySpec { field_list, ..KeySpec::default() }
    }

    fn dynamic(sample_rate: i64, fields: &[&str]) -> SamplerSpec {
        let key = key(fields);
        SamplerSpec::Dynamic(DynamicSpec { sample_rate, key, ..DynamicSpec::default() })
    }

    fn total(goal_per_second: i64, use_cluster_size: bool) -> SamplerSpec {
        SamplerSpec::TotalThroughput(TotalThroughputSpec {
            throughput: ThroughputSpec { goal_per_second, use_cluster_size },
            clear_frequency: Duration(SECOND),
            ..TotalThroughputSpec::default()
        })
    }

    fn rules(samplers: Vec<Option<SamplerSpec>>) -> Target {
        let rule = |sampler| {
            let sampler = Some(RuleSamplerSpec { sampler, sampling_fields: Vec::new() });
            Some(RuleSpec { name: "r".to_owned(), drop: true, sampler, ..RuleSpec::default() })
        };
        let rules = samplers.into_iter().map(rule).collect();
        Target::Rules(RulesSpec { rules, check_nested_fields: false })
    }

    #[test]
    fn missing_samplers_crash() {
        assert_eq!(crash(&Target::Empty), Some(Crash::UnknownSampler));
        assert_eq!(crash(&Target::Null), Some(Crash::NullTarget));
        assert_eq!(crash(&rules(vec![None])), Some(Crash::UnknownRuleSampler));
        assert_eq!(Crash::UnknownRuleSampler.exit_status(), 1);
        assert_eq!(Crash::NullTarget.exit_status(), 2);
    }

    #[test]
    fn null_rules_and_conditions_crash() {
        let null_condition =
            RuleSpec { conditions: Some(vec![None]), name: "x".to_owned(), ..RuleSpec::default() };
        for (rule, expected) in
            [(None, Crash::NullRule), (Some(null_condition), Crash::NullCondition)]
        {
            let spec = RulesSpec { rules: vec![rule], check_nested_fields: false };
            assert_eq!(crash(&Target::Rules(spec)), Some(expected));
        }
    }

    #[test]
    fn negative_rates_crash() {
        let initial = EmaThroughputSpec { initial_sample_rate: -1, ..EmaThroughputSpec::default() };
        let goal = EmaDynamicSpec { goal_sample_rate: -1, ..EmaDynamicSpec::default() };
        for spec in
            [dynamic(-1, &[]), SamplerSpec::EmaDynamic(goal), SamplerSpec::EmaThroughput(initial)]
        {
            assert_eq!(crash(&Target::Single(spec.clone())), Some(Crash::NegativeRate));
            assert_eq!(crash(&rules(vec![Some(spec)])), Some(Crash::NegativeRate));
        }
        let rate = SamplerSpec::Deterministic { sample_rate: 0 };
        assert_eq!(crash(&Target::Single(rate)), Some(Crash::DivisionByZero));
    }

    #[test]
    fn negative_intervals_crash() {
        let before = Duration(-1);
        let ema = EmaSpec { adjustment_interval: before, ..EmaSpec::default() };
        for (spec, expected) in [
            (
                SamplerSpec::Dynamic(DynamicSpec {
                    clear_frequency: before,
                    ..DynamicSpec::default()
                }),
                Crash::NegativeInterval,
            ),
            (
                SamplerSpec::EmaDynamic(EmaDynamicSpec {
                    ema: ema.clone(),
                    ..EmaDynamicSpec::default()
                }),
                Crash::NegativeInterval,
            ),
            (
                SamplerSpec::EmaThroughput(EmaThroughputSpec {
                    ema,
                    ..EmaThroughputSpec::default()
                }),
                Crash::NotStarted,
            ),
            (
                SamplerSpec::TotalThroughput(TotalThroughputSpec {
                    clear_frequency: before,
                    ..TotalThroughputSpec::default()
                }),
                Crash::NegativeInterval,
            ),
            (
                SamplerSpec::WindowedThroughput(WindowedThroughputSpec {
                    update_frequency: before,
                    ..WindowedThroughputSpec::default()
                }),
                Crash::NegativeInterval,
            ),
        ] {
            assert_eq!(crash(&Target::Single(spec)), Some(expected));
        }
    }

    #[test]
    fn empty_field_names_crash() {
        assert_eq!(crash(&Target::Single(dynamic(1, &[""]))), Some(Crash::EmptyField));
        assert_eq!(crash(&rules(vec![Some(dynamic(1, &["a", ""]))])), Some(Crash::EmptyField));
    }

    #[test]
    fn no_rules_keep_everything() {
        let mut process = Process::new();
        let sampler = process.build("t", &rules(vec![]), 0).unwrap();
        let decision = process.decide(&sampler, &trace(1), 0).unwrap();
        let reason = "no rule matched";
        let kept = Decision { rate: 1, reason, key: String::new(), keep: Keep::Yes, rule: None };
        assert_eq!(decision, kept);
    }

    #[test]
    fn a_sampler_overrides_drop() {
        let mut process = Process::new();
        let sampler = process.build("t", &rules(vec![Some(dynamic(4, &[]))]), 0).unwrap();
        let decision = process.decide(&sampler, &trace(1), 0).unwrap();
        assert_eq!(decision.reason, "rules/trace/r:dynamic");
        assert_eq!((decision.rate, decision.keep, decision.rule), (4, Keep::Chance, Some(0)));
    }

    #[test]
    fn equal_samplers_of_a_target_share_their_counts() {
        let mut process = Process::new();
        let started = |process: &mut Process, target: &str, spec: SamplerSpec| {
            process.build(target, &rules(vec![Some(spec)]), 0).unwrap();
            process.running.len()
        };
        let steps = [
            ("a", dynamic(2, &["x", "y"]), 1),
            ("a", dynamic(2, &["y", "x"]), 1),
            ("a", dynamic(2, &["x y"]), 1),
            ("a", dynamic(3, &["x", "y"]), 2),
            ("b", dynamic(2, &["x", "y"]), 3),
        ];
        for (target, spec, running) in steps {
            assert_eq!(started(&mut process, target, spec), running);
        }
        process.build("a", &Target::Single(dynamic(2, &["x", "y"])), 0).unwrap();
        assert_eq!(process.running.len(), 4);
    }

    #[test]
    fn the_first_of_equal_samplers_sets_the_interval() {
        let slow = TotalThroughputSpec {
            clear_frequency: Duration(9 * SECOND),
            ..match total(1, false) {
                SamplerSpec::TotalThroughput(spec) => spec,
                _ => unreachable!(),
            }
        };
        let mut process = Process::new();
        process.build("a", &Target::Single(SamplerSpec::TotalThroughput(slow)), 0).unwrap();
        let sampler = process.build("a", &Target::Single(total(1, false)), 0).unwrap();
        process.decide(&sampler, &trace(50), 0).unwrap();
        assert_eq!(process.decide(&sampler, &trace(1), SECOND).unwrap().rate, 1);
        assert_eq!(process.decide(&sampler, &trace(1), 9 * SECOND).unwrap().rate, 5);
    }

    /// The rate after 100 events in the first second.
    fn rate_of(spec: SamplerSpec, peers: i64) -> u64 {
        let mut process = Process::new();
        process.set_peers(peers, 0);
        let sampler = process.build("a", &Target::Single(spec), 0).unwrap();
        process.decide(&sampler, &trace(100), 0).unwrap();
        process.decide(&sampler, &trace(1), SECOND).unwrap().rate
    }

    #[test]
    fn a_clusters_goal_is_divided_by_its_peers() {
        assert_eq!(rate_of(total(50, false), 10), 2);
        assert_eq!(rate_of(total(50, true), 0), 2);
        assert_eq!(rate_of(total(50, true), 10), 20);
        assert_eq!(rate_of(total(59, true), 10), 20);
        assert_eq!(rate_of(total(5, true), 10), 100);
        // Zero means the default of 100 only if the cluster does not divide it.
        assert_eq!(rate_of(total(0, false), 1), 1);
        assert_eq!(rate_of(total(0, true), 1), 100);
    }
}
