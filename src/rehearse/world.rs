//! What a rehearsal may know of the machine that it stands for.
//!
//! Hermetic: nothing is bound, resolved or dialled. What the machine alone decides is said to depend
//! on it, unless a description of the machine says more.

use crate::value::MemorySize;
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
/// replicas = 3
/// spans-per-second = 60000
/// span-bytes = 2000
/// lose = 1
/// [interfaces]
/// eth0 = ["10.0.0.5", "fd00::5"]
/// [variables]
/// POD_IP = "10.0.0.5"
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct World {
    /// Processors that the engine may use; it runs a worker for each unless told otherwise.
    pub cores: u32,
    /// Bytes that the process may use before it is killed.
    #[serde(deserialize_with = "memory")]
    pub memory: Option<u64>,
    pub hostname: Option<String>,
    /// TCP ports that another process listens at.
    pub ports_in_use: Vec<u16>,
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
}

impl Default for World {
    /// An ordinary machine of four cores, and nothing else known.
    fn default() -> Self {
        Self {
            cores: 4,
            memory: None,
            hostname: None,
            ports_in_use: Vec::new(),
            interfaces: None,
            variables: BTreeMap::new(),
            replicas: None,
            spans_per_second: None,
            span_bytes: None,
            lose: None,
        }
    }
}

impl World {
    /// Reads a description.
    ///
    /// # Errors
    /// What is wrong with it, with its place.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// Is it an address of this machine? None where nobody knows.
    pub fn has_address(&self, address: IpAddr) -> Option<bool> {
        let interfaces = self.interfaces.as_ref()?;
        Some(interfaces.values().flatten().any(|own| *own == address))
    }
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
        assert_eq!(world.ports_in_use, [80]);
        assert_eq!((world.replicas, world.lose), (Some(3), Some(2)));
        assert_eq!((world.spans_per_second, world.span_bytes), (Some(60_000), Some(2_000)));
        assert_eq!(world.has_address("10.0.0.5".parse().unwrap()), Some(true));
        assert_eq!(world.has_address("10.0.0.6".parse().unwrap()), Some(false));
        assert_eq!(World::default().has_address("10.0.0.6".parse().unwrap()), None);
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        for text in ["core = 2", "memory = \"4 G\"", "memory = 4", "[interfaces]\neth0 = [\"x\"]"] {
            assert!(World::parse(text).is_err(), "{text}");
        }
    }
}
