//! What a rehearsal may know of the machine that it stands for, and the only part of it that may
//! touch one.
//!
//! Hermetic: nothing is bound, resolved or dialled, and what the machine alone decides is said to
//! depend on it, unless a description of the machine says more. Live: the machine itself is asked.
//! Who asks cannot tell one from the other.

mod cgroup;
mod machine;
mod network;
mod redis;

pub use redis::{Client, Greeting};

use crate::value::MemorySize;
use crate::verdict::Touch;
use network::Network;
use serde::{Deserialize, Deserializer, de};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// A machine, as far as it is known. As TOML:
///
/// ```toml
/// cores = 8
/// memory = "4Gi"
/// hostname = "refinery-0"
/// ports-in-use = [9090]
/// redis = "accepts"
/// replicas = 3
/// spans-per-second = 60000
/// span-bytes = 2000
/// lose = 1
/// [interfaces]
/// eth0 = ["10.0.0.5", "fd00::5"]
/// [variables]
/// POD_IP = "10.0.0.5"
/// ```
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct World {
    /// Processors that the engine may use; it runs a worker for each unless told otherwise.
    pub cores: u32,
    /// Bytes that the process may use before it is killed.
    #[serde(deserialize_with = "memory")]
    pub memory: Option<u64>,
    pub hostname: Option<String>,
    /// TCP ports that another process listens at.
    ports_in_use: Vec<u16>,
    /// How Redis meets the engine.
    redis: Option<Greeting>,
    /// All interfaces with their addresses.
    pub interfaces: Option<BTreeMap<String, Vec<IpAddr>>>,
    /// Environment variables that are set.
    pub variables: BTreeMap<String, String>,
    /// Nodes of the cluster, this one included.
    pub replicas: Option<u32>,
    /// What all nodes together take in.
    pub spans_per_second: Option<u64>,
    /// Bytes of an ordinary span, as it is sent.
    pub span_bytes: Option<u64>,
    /// Nodes that fail at once; one unless told otherwise.
    pub lose: Option<u32>,
    /// The network of this machine, where that is asked.
    #[serde(skip)]
    network: Option<Network>,
    /// Somebody has said what the machine is like.
    #[serde(skip)]
    is_given: bool,
}

/// Why nothing can listen at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    PortInUse,
    NotOfThisMachine,
    NotResolved,
    NotPermitted,
    Other,
}

impl Default for World {
    /// An ordinary machine of four cores, and nothing else known.
    fn default() -> Self {
        Self {
            cores: 4,
            memory: None,
            hostname: None,
            ports_in_use: Vec::new(),
            redis: None,
            interfaces: None,
            variables: BTreeMap::new(),
            replicas: None,
            spans_per_second: None,
            span_bytes: None,
            lose: None,
            network: None,
            is_given: false,
        }
    }
}

impl World {
    /// Reads a description.
    ///
    /// # Errors
    /// What is wrong with it, with its place.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        let world: Self = toml::from_str(text)?;
        Ok(Self { is_given: true, ..world })
    }

    /// A machine with these limits; none where more is known of it already.
    pub fn limited(&self, memory: Option<u64>, cores: Option<u32>) -> Option<Self> {
        let is_news = memory.is_some() || cores.is_some();
        let base = Self::default();
        let cores = cores.unwrap_or(base.cores);
        (is_news && !self.is_given).then_some(Self { cores, memory, ..base })
    }

    /// This machine, in a process that has these variables. What a config decides is asked later.
    pub fn live(variables: BTreeMap<String, String>) -> Self {
        Self {
            cores: machine::cores(&variables),
            memory: machine::memory(),
            hostname: machine::hostname(),
            interfaces: machine::interfaces(),
            variables,
            network: Some(Network::default()),
            is_given: true,
            ..Self::default()
        }
    }

    /// Can a process listen at this port of this host? None where nobody knows.
    pub fn listen(&self, host: &str, port: &str) -> Option<Result<(), Denial>> {
        match &self.network {
            Some(network) => network.listen(host, port),
            None => self.described_listener(host, port),
        }
    }

    fn described_listener(&self, host: &str, port: &str) -> Option<Result<(), Denial>> {
        if port.parse().is_ok_and(|port: u16| self.ports_in_use.contains(&port)) {
            return Some(Err(Denial::PortInUse));
        }
        if is_everywhere(host) || is_loopback(host) {
            return Some(Ok(()));
        }
        let is_own = self.has_address(host.parse().ok()?)?;
        Some(if is_own { Ok(()) } else { Err(Denial::NotOfThisMachine) })
    }

    /// Is it an address of this machine? None where nobody knows.
    pub fn has_address(&self, address: IpAddr) -> Option<bool> {
        let interfaces = self.interfaces.as_ref()?;
        Some(interfaces.values().flatten().any(|own| *own == address))
    }

    /// How does Redis meet this client? None where nobody knows.
    pub fn greet_redis(&self, client: &Client) -> Option<Greeting> {
        match &self.network {
            Some(network) => network.greet_redis(client),
            None => self.redis,
        }
    }

    /// All that was looked at and done on a live machine, in order; nothing elsewhere.
    pub fn touched(&self) -> Vec<Touch> {
        let Some(network) = &self.network else { return Vec::new() };
        let list =
            |names: Vec<&str>| if names.is_empty() { "none".into() } else { names.join(", ") };
        let interfaces = self.interfaces.iter().flatten().map(|(name, _)| name.as_str()).collect();
        let memory = self.memory.map_or("unknown".to_owned(), |bytes| format!("{bytes} bytes"));
        let mut touched = vec![
            Touch::new("read", "environment", format!("{} variables", self.variables.len())),
            Touch::new("read", "processors", self.cores.to_string()),
            Touch::new("read", "memory limit", memory),
            Touch::new("read", "hostname", self.hostname.as_deref().unwrap_or("unknown")),
            Touch::new("read", "interfaces", list(interfaces)),
        ];
        touched.extend(network.touched());
        touched
    }
}

/// An address that stands for all of the machine's.
pub fn is_everywhere(host: &str) -> bool {
    matches!(host, "" | "0.0.0.0" | "::")
}

/// An address that no other machine reaches.
pub fn is_loopback(host: &str) -> bool {
    host == "localhost" || host == "::1" || host.starts_with("127.")
}

fn memory<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let text = String::deserialize(deserializer)?;
    MemorySize::parse(&text).map(|size| Some(size.0)).map_err(de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_description() {
        let text = "cores = 2\nmemory = \"1Gi\"\nports-in-use = [80]\nreplicas = 3\nlose = 2\n\
                    spans-per-second = 60000\nspan-bytes = 2000\n[interfaces]\neth0 = [\"10.0.0.5\"]\n";
        let world = World::parse(text).unwrap();
        assert_eq!((world.cores, world.memory), (2, Some(1 << 30)));
        assert_eq!((world.replicas, world.lose), (Some(3), Some(2)));
        assert_eq!((world.spans_per_second, world.span_bytes), (Some(60_000), Some(2_000)));
        assert_eq!(world.listen("", "80"), Some(Err(Denial::PortInUse)));
        assert_eq!(world.listen("10.0.0.5", "81"), Some(Ok(())));
        assert_eq!(world.listen("10.0.0.6", "81"), Some(Err(Denial::NotOfThisMachine)));
        assert_eq!(world.listen("name", "81"), None);
        assert_eq!(world.has_address("10.0.0.5".parse().unwrap()), Some(true));
        assert_eq!(world.has_address("10.0.0.6".parse().unwrap()), Some(false));
        assert_eq!(World::default().has_address("10.0.0.6".parse().unwrap()), None);
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        assert_eq!(World::parse("redis = \"refuses\"").unwrap().redis, Some(Greeting::Refuses));
        for text in [
            "core = 2",
            "memory = \"4 G\"",
            "memory = 4",
            "redis = 1",
            "[interfaces]\neth0 = [\"x\"]",
        ] {
            assert!(World::parse(text).is_err(), "{text}");
        }
    }
}
