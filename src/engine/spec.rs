//! The sampler of a target as written: plain structs without derived values.
//!
//! A zero cannot be distinguished from a missing key; where Refinery can distinguish them there is
//! an `Option`.

use super::value::Value;
use crate::value::Duration;

/// The value of a target.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// `production:` with nothing after it.
    Null,
    /// No sampler of a known type.
    Empty,
    Single(SamplerSpec),
    Rules(RulesSpec),
}

/// A sampler that can also be used in a rule.
#[derive(Clone, Debug, PartialEq)]
pub enum SamplerSpec {
    Deterministic { sample_rate: i64 },
    Dynamic(DynamicSpec),
    EmaDynamic(EmaDynamicSpec),
    EmaThroughput(EmaThroughputSpec),
    WindowedThroughput(WindowedThroughputSpec),
    TotalThroughput(TotalThroughputSpec),
}

/// The key by which a dynamic sampler groups traces.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeySpec {
    pub field_list: Vec<String>,
    pub max_keys: i64,
    pub use_trace_length: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DynamicSpec {
    pub sample_rate: i64,
    pub clear_frequency: Duration,
    pub key: KeySpec,
}

/// The parameters of a moving average.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EmaSpec {
    pub adjustment_interval: Duration,
    pub weight: f64,
    pub age_out_value: f64,
    pub burst_multiple: f64,
    pub burst_detection_delay: u64,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct EmaDynamicSpec {
    pub goal_sample_rate: i64,
    pub ema: EmaSpec,
    pub key: KeySpec,
}

/// The goal in events per second, of this process or of all peers together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ThroughputSpec {
    pub goal_per_second: i64,
    pub use_cluster_size: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct EmaThroughputSpec {
    pub throughput: ThroughputSpec,
    pub initial_sample_rate: i64,
    pub ema: EmaSpec,
    pub key: KeySpec,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct WindowedThroughputSpec {
    pub throughput: ThroughputSpec,
    pub update_frequency: Duration,
    pub lookback_frequency: Duration,
    pub key: KeySpec,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TotalThroughputSpec {
    pub throughput: ThroughputSpec,
    pub clear_frequency: Duration,
    pub key: KeySpec,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct RulesSpec {
    /// `None` is a null rule.
    pub rules: Vec<Option<RuleSpec>>,
    pub check_nested_fields: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct RuleSpec {
    pub name: String,
    pub sample_rate: i64,
    pub drop: bool,
    pub scope: String,
    /// `None` matches every trace; an empty list matches every trace that has spans. A `None`
    /// element is a null condition.
    pub conditions: Option<Vec<Option<ConditionSpec>>>,
    pub sampler: Option<RuleSamplerSpec>,
}

/// A rule's `Sampler`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RuleSamplerSpec {
    /// The sampler that is used; `None` if there is none of a known type.
    pub sampler: Option<SamplerSpec>,
    /// The fields that ingest extracts; if there are several samplers, those of another one.
    pub sampling_fields: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConditionSpec {
    pub field: String,
    pub fields: Vec<String>,
    pub operator: String,
    pub value: Value,
    pub datatype: String,
}

impl SamplerSpec {
    /// Its name in a rules file.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Deterministic { .. } => "DeterministicSampler",
            Self::Dynamic(_) => "DynamicSampler",
            Self::EmaDynamic(_) => "EMADynamicSampler",
            Self::EmaThroughput(_) => "EMAThroughputSampler",
            Self::WindowedThroughput(_) => "WindowedThroughputSampler",
            Self::TotalThroughput(_) => "TotalThroughputSampler",
        }
    }

    /// Its key, if it has one.
    pub fn key(&self) -> Option<&KeySpec> {
        match self {
            Self::Deterministic { .. } => None,
            Self::Dynamic(spec) => Some(&spec.key),
            Self::EmaDynamic(spec) => Some(&spec.key),
            Self::EmaThroughput(spec) => Some(&spec.key),
            Self::WindowedThroughput(spec) => Some(&spec.key),
            Self::TotalThroughput(spec) => Some(&spec.key),
        }
    }

    /// Its key, for changes.
    pub fn key_mut(&mut self) -> Option<&mut KeySpec> {
        Some(match self {
            Self::Deterministic { .. } => return None,
            Self::Dynamic(spec) => &mut spec.key,
            Self::EmaDynamic(spec) => &mut spec.key,
            Self::EmaThroughput(spec) => &mut spec.key,
            Self::WindowedThroughput(spec) => &mut spec.key,
            Self::TotalThroughput(spec) => &mut spec.key,
        })
    }

    /// Its goal in events per second, if it has one.
    pub fn throughput(&self) -> Option<ThroughputSpec> {
        match self {
            Self::EmaThroughput(spec) => Some(spec.throughput),
            Self::WindowedThroughput(spec) => Some(spec.throughput),
            Self::TotalThroughput(spec) => Some(spec.throughput),
            Self::Deterministic { .. } | Self::Dynamic(_) | Self::EmaDynamic(_) => None,
        }
    }

    /// The fields of its key.
    pub fn sampling_fields(&self) -> &[String] {
        self.key().map_or(&[], |key| &key.field_list)
    }
}
