//! What is known about the machines that Refinery runs on.
//!
//! A machine file, the settings and the workloads around a config all use this description. Nothing
//! here probes a machine (`rehearse::host` does).

use crate::diagnostic::Subject;
use crate::span::Span;
use crate::value::{Duration, MemorySize};
use serde::{Deserialize, Deserializer, de};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// A machine and the other nodes of its cluster, as far as they are described. In TOML:
///
/// ```toml
/// cores = 8
/// memory = "4Gi"
/// grace = "35s"
/// hostname = "refinery-0"
/// ports-in-use = [9090]
/// redis = "accepts"
/// replicas = 3
/// spans-per-second = 60000
/// span-bytes = 2000
/// lose = 1
/// restarts = {config = true}
/// [interfaces]
/// eth0 = ["10.0.0.5", "fd00::5"]
/// [variables]
/// POD_IP = "10.0.0.5"
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Machine {
    /// Processors that Refinery may use; by default it runs one worker for each.
    pub cores: Option<u32>,
    /// Memory in bytes that the process may use before it is killed.
    #[serde(deserialize_with = "memory")]
    pub memory: Option<u64>,
    /// Grace period between the request to stop and the kill.
    #[serde(deserialize_with = "duration")]
    pub grace: Option<Duration>,
    pub hostname: Option<String>,
    /// TCP ports that other processes listen on.
    pub ports_in_use: Vec<u16>,
    /// How Redis answers Refinery.
    pub redis: Option<RedisAnswer>,
    /// All network interfaces with their addresses.
    pub interfaces: Option<BTreeMap<String, Vec<IpAddr>>>,
    /// Environment variables that are set.
    pub variables: BTreeMap<String, String>,
    /// Environment variables that are set to an unknown value.
    #[serde(skip)]
    pub unknown_variables: BTreeSet<String>,
    #[serde(skip)]
    pub places: Places,
    /// Nodes of the cluster, including this one.
    pub replicas: Option<u32>,
    /// Spans that all nodes together receive per second.
    pub spans_per_second: Option<u64>,
    /// Size of an ordinary span in bytes, as sent.
    pub span_bytes: Option<u64>,
    /// Nodes that fail at once; by default one.
    pub lose: Option<u32>,
    /// The PodDisruptionBudget.
    #[serde(skip)]
    pub budget: Option<Budget>,
    /// Which files restart the nodes when they change, one node after another.
    pub restarts: Restarts,
}

/// A variable as it is set: its name, its value if known, and where.
pub type SetVariable = (String, Option<String>, Option<Span>);

/// Where variables are set, by name, and where the command is. Machines that differ only in this are
/// equal.
#[derive(Clone, Debug, Default)]
pub struct Places {
    variables: BTreeMap<String, Span>,
    pub command: Option<Span>,
}

impl Places {
    /// Where the command or variable is written, if that is in a file.
    pub fn of(&self, subject: &Subject) -> Option<Span> {
        match subject {
            Subject::Command => self.command,
            Subject::Variable(name) => self.variables.get(name).copied(),
        }
    }
}

impl PartialEq for Places {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Places {}

/// A PodDisruptionBudget: how many nodes must stay during an eviction, and where that is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    pub keeps: Keeps,
    pub span: Option<Span>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    AtLeast(Share),
    AllBut(Share),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    Count(u32),
    Percent(u32),
}

impl Budget {
    /// How many of `nodes` may be evicted at once.
    pub fn evictable(self, nodes: u32) -> u32 {
        match self.keeps {
            Keeps::AtLeast(share) => nodes.saturating_sub(share.of(nodes)),
            Keeps::AllBut(share) => share.of(nodes).min(nodes),
        }
    }
}

impl Share {
    /// Kubernetes rounds up both `minAvailable` and `maxUnavailable`.
    fn of(self, nodes: u32) -> u32 {
        match self {
            Self::Count(count) => count,
            Self::Percent(percent) => nodes.saturating_mul(percent).div_ceil(100),
        }
    }
}

/// The kinds of files whose change restarts the nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Restarts {
    pub config: bool,
    pub rules: bool,
}

/// How Redis answers a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RedisAnswer {
    Accepts,
    /// It answers, but rejects the credentials.
    Refuses,
    Unreachable,
}

impl Machine {
    /// Whether there is certainly no other node.
    pub fn is_alone(&self) -> bool {
        self.replicas == Some(1)
    }

    /// How many of `nodes` are lost at once: the configured number, or as many as may be evicted,
    /// or one.
    pub fn lost(&self, nodes: u32) -> u32 {
        let drained = || self.budget.map_or(1, |budget| budget.evictable(nodes).max(1));
        self.lose.unwrap_or_else(drained)
    }

    /// Sets environment variables.
    pub fn set(&mut self, variables: impl Iterator<Item = SetVariable>) {
        for (name, value, place) in variables {
            self.variables.remove(&name);
            self.unknown_variables.remove(&name);
            self.places.variables.remove(&name);
            self.places.variables.extend(place.map(|place| (name.clone(), place)));
            match value {
                Some(value) => drop(self.variables.insert(name, value)),
                None => drop(self.unknown_variables.insert(name)),
            }
        }
    }

    /// This description, with gaps filled from `base`.
    #[must_use]
    pub fn over(self, base: &Self) -> Self {
        let below = base.clone();
        let mut all = below.clone();
        let known = self.variables.into_iter().map(|(name, value)| (name, Some(value)));
        let unknown = self.unknown_variables.into_iter().map(|name| (name, None));
        let place = |name: &String| self.places.variables.get(name).copied();
        all.set(known.chain(unknown).map(|(name, value)| {
            let place = place(&name);
            (name, value, place)
        }));
        let Self { variables, unknown_variables, mut places, .. } = all;
        places.command = self.places.command.or(places.command);
        let is_silent = self.ports_in_use.is_empty();
        Self {
            cores: self.cores.or(below.cores),
            memory: self.memory.or(below.memory),
            grace: self.grace.or(below.grace),
            hostname: self.hostname.or(below.hostname),
            ports_in_use: if is_silent { below.ports_in_use } else { self.ports_in_use },
            redis: self.redis.or(below.redis),
            interfaces: self.interfaces.or(below.interfaces),
            variables,
            unknown_variables,
            places,
            replicas: self.replicas.or(below.replicas),
            spans_per_second: self.spans_per_second.or(below.spans_per_second),
            span_bytes: self.span_bytes.or(below.span_bytes),
            lose: self.lose.or(below.lose),
            budget: self.budget.or(below.budget),
            restarts: Restarts {
                config: self.restarts.config || below.restarts.config,
                rules: self.restarts.rules || below.restarts.rules,
            },
        }
    }
}

fn memory<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let size = MemorySize::parse(&text);
    size.map(|size| Some(size.0))
        .map_err(|error| de::Error::custom(format!("invalid `memory`: {error}")))
}

fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let duration = Duration::parse(&text);
    duration.map(Some).map_err(|error| de::Error::custom(format!("invalid `grace`: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets_limit_evictions() {
        use Keeps::{AllBut, AtLeast};
        use Share::{Count, Percent};
        for (keeps, nodes, gone) in [
            (AllBut(Count(1)), 3, 1),
            (AllBut(Count(5)), 3, 3),
            (AllBut(Percent(50)), 3, 2),
            (AllBut(Percent(1)), 3, 1),
            (AllBut(Percent(0)), 3, 0),
            (AtLeast(Count(2)), 3, 1),
            (AtLeast(Count(4)), 3, 0),
            (AtLeast(Percent(50)), 3, 1),
            (AtLeast(Percent(67)), 3, 0),
            (AtLeast(Percent(100)), 3, 0),
        ] {
            let budget = Budget { keeps, span: None };
            assert_eq!(budget.evictable(nodes), gone, "{keeps:?} of {nodes}");
            let machine = Machine { budget: Some(budget), ..Machine::default() };
            assert_eq!(machine.lost(nodes), gone.max(1), "{keeps:?} of {nodes}");
            assert_eq!(Machine { lose: Some(7), ..machine }.lost(nodes), 7);
        }
    }

    #[test]
    fn descriptions_override_and_fill_gaps() {
        let machine = |text: &str| toml::from_str::<Machine>(text).unwrap();
        let above = machine("cores = 2\nports-in-use = [80]\nvariables = {A = \"1\", B = \"1\"}\n");
        let base = machine(
            "cores = 8\nmemory = \"1Gi\"\ngrace = \"35s\"\nhostname = \"h\"\nports-in-use = [81]\n\
             redis = \"refuses\"\nreplicas = 3\nspans-per-second = 5\nspan-bytes = 6\nlose = 2\n\
             restarts = {rules = true}\ninterfaces = {eth0 = [\"10.0.0.5\"]}\nvariables = {B = \
                                                                \"2\", C = \"2\"}\n",
        );
        let expected = Machine {
            cores: Some(2),
            ports_in_use: vec![80],
            variables: [("A", "1"), ("B", "1"), ("C", "2")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            ..base.clone()
        };
        assert_eq!(above.over(&base), expected);
        assert_eq!(Machine::default().over(&base), base);
        assert_eq!(expected.grace, Some(Duration(35_000_000_000)));
    }
}
