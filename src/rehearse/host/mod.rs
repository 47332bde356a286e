//! What a rehearsal knows about the machine that Refinery runs on. No other part of it may probe a
//! machine.
//!
//! Hermetic: nothing is bound, resolved or contacted, and the verdict depends on what only the
//! machine decides, unless a description of the machine says more. Live: the machine itself is
//! probed. Callers cannot tell the two apart.

mod cgroup;
mod local;
mod network;
mod redis;

pub use redis::Client;

use crate::counted::counted;
use crate::machine::{Machine, RedisAnswer};
use crate::verdict::Touch;
use network::Network;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

/// Processors of an ordinary machine.
const DEFAULT_CORES: u32 = 4;

/// A machine, as far as it is known.
#[derive(Default)]
pub struct Host {
    /// Its description.
    pub machine: Machine,
    /// The network of this machine, in live mode.
    network: Option<Arc<Network>>,
}

/// Why a process cannot listen on an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    PortInUse,
    NotOfThisMachine,
    NotResolved,
    NotPermitted,
    Other,
}

impl Host {
    /// Parses a description.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text).map(Self::of)
    }

    pub fn of(machine: Machine) -> Self {
        Self { machine, network: None }
    }

    /// The same, with gaps filled from `base`.
    #[must_use]
    pub fn over(&self, base: &Machine) -> Self {
        let machine = self.machine.clone().over(base);
        Self { machine, network: self.network.clone() }
    }

    /// This machine, for a process with these environment variables. The network is only probed
    /// when needed.
    pub fn live(variables: BTreeMap<String, String>) -> Self {
        let machine = Machine {
            cores: Some(local::cores(&variables)),
            memory: local::memory(),
            hostname: local::hostname(),
            interfaces: local::interfaces(),
            variables,
            ..Machine::default()
        };
        Self { machine, network: Some(Arc::new(Network::default())) }
    }

    /// Whether questions are answered by probing the network, in the order in which they are asked.
    pub fn is_live(&self) -> bool {
        self.network.is_some()
    }

    /// Processors that Refinery may use.
    pub fn cores(&self) -> u32 {
        self.machine.cores.unwrap_or(DEFAULT_CORES)
    }

    /// Whether the machine grants this many bytes at once; `None` if unknown.
    pub fn grants(&self, bytes: i128) -> Option<bool> {
        let bytes = u64::try_from(bytes).ok()?;
        self.network.as_ref().and_then(|_| local::grants(bytes))
    }

    /// Whether a file of the machine contains this kind of PEM block; `None` if unknown.
    pub fn has_block(&self, path: &str, kind: &str) -> Option<bool> {
        self.network.as_ref().map(|_| local::has_block(path, kind))
    }

    /// Whether a process can listen on this address; `None` if unknown.
    pub fn listen(&self, host: &str, port: &str) -> Option<Result<(), Denial>> {
        match &self.network {
            Some(network) => network.listen(host, port),
            None => self.described_listener(host, port),
        }
    }

    /// The port of a service, or `Some(None)` if there is none; `None` if unknown.
    pub fn service(&self, name: &str) -> Option<Option<u16>> {
        self.network.as_ref().map(|_| local::service(name))
    }

    fn described_listener(&self, host: &str, port: &str) -> Option<Result<(), Denial>> {
        if port.parse().is_ok_and(|port: u16| self.machine.ports_in_use.contains(&port)) {
            return Some(Err(Denial::PortInUse));
        }
        if is_everywhere(host) || is_loopback(host) {
            return Some(Ok(()));
        }
        if let Some((address, zone)) = host.split_once('%') {
            let own = self.machine.interfaces.as_ref()?.get(zone)?;
            return own.contains(&address.parse().ok()?).then_some(Ok(()));
        }
        let Some(address) = address(host) else {
            return (!is_domain_name(host)).then_some(Err(Denial::NotResolved));
        };
        Some(if self.has_address(address)? { Ok(()) } else { Err(Denial::NotOfThisMachine) })
    }

    /// The addresses of a host, possibly none; `None` if unknown.
    pub fn resolve(&self, host: &str) -> Option<Vec<IpAddr>> {
        if let Ok(address) = host.parse() {
            return Some(vec![address]);
        }
        match &self.network {
            _ if !is_domain_name(host) => Some(Vec::new()),
            Some(network) => network.resolve(host),
            None if host == "localhost" => Some(vec![Ipv4Addr::LOCALHOST.into()]),
            None => None,
        }
    }

    /// Whether this is an address of the machine; `None` if unknown.
    pub fn has_address(&self, address: IpAddr) -> Option<bool> {
        // Every machine has these, described or not; interfaces do not list other loopback
        // addresses.
        if [IpAddr::V4(Ipv4Addr::LOCALHOST), Ipv6Addr::LOCALHOST.into()].contains(&address) {
            return Some(true);
        }
        if address.is_loopback() && self.machine.interfaces.is_none() {
            return Some(false);
        }
        let interfaces = self.machine.interfaces.as_ref()?;
        Some(interfaces.values().flatten().any(|own| *own == address))
    }

    /// How Redis answers this client; `None` if unknown.
    pub fn ask_redis(&self, client: &Client) -> Option<RedisAnswer> {
        match &self.network {
            Some(network) => network.ask_redis(client),
            None => self.machine.redis,
        }
    }

    /// Everything probed on a live machine, in order; otherwise empty.
    pub fn touched(&self) -> Vec<Touch> {
        let Some(network) = &self.network else { return Vec::new() };
        let list =
            |names: Vec<&str>| if names.is_empty() { "none".into() } else { names.join(", ") };
        let interfaces =
            self.machine.interfaces.iter().flatten().map(|(name, _)| name.as_str()).collect();
        let memory =
            self.machine.memory.map_or("unknown".to_owned(), |bytes| format!("{bytes} bytes"));
        let mut touched = vec![
            Touch::new("read", "environment", counted(self.machine.variables.len(), "variable")),
            Touch::new("read", "processors", self.cores().to_string()),
            Touch::new("read", "memory limit", memory),
            Touch::new("read", "hostname", self.machine.hostname.as_deref().unwrap_or("unknown")),
            Touch::new("read", "interfaces", list(interfaces)),
        ];
        touched.extend(network.touched());
        touched
    }
}

/// The address that is written, if it is one. An IPv4 address may be written as an IPv6 address.
pub fn address(host: &str) -> Option<IpAddr> {
    host.parse().ok().map(|address: IpAddr| address.to_canonical())
}

/// Whether the address stands for all addresses of the machine.
pub fn is_everywhere(host: &str) -> bool {
    host.is_empty() || address(host).is_some_and(|address| address.is_unspecified())
}

/// Whether Go would look up such a name: labels of letters, digits, `_` and inner `-`, at most 63
/// bytes each, not only digits.
pub fn is_domain_name(name: &str) -> bool {
    let labels = name.strip_suffix('.').unwrap_or(name);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_number = labels.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    name.len() <= 254 && labels.split('.').all(is_label) && !is_number
}

/// Whether no other machine can reach the address.
pub fn is_loopback(host: &str) -> bool {
    host == "localhost" || address(host).is_some_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_description() {
        let text = "cores = 2\nmemory = \"1Gi\"\nports-in-use = [80]\nreplicas = 3\nlose = 2\n\
                    spans-per-second = 60000\nspan-bytes = 2000\n[interfaces]\neth0 = [\"10.0.0.5\", \"fd00::5\"]\n";
        let host = Host::parse(text).unwrap();
        let machine = &host.machine;
        assert_eq!((host.cores(), machine.memory), (2, Some(1 << 30)));
        assert_eq!((machine.replicas, machine.lose), (Some(3), Some(2)));
        assert_eq!((machine.spans_per_second, machine.span_bytes), (Some(60_000), Some(2_000)));
        assert_eq!(host.listen("", "80"), Some(Err(Denial::PortInUse)));
        assert_eq!(host.listen("10.0.0.5", "81"), Some(Ok(())));
        assert_eq!(host.listen("10.0.0.6", "81"), Some(Err(Denial::NotOfThisMachine)));
        assert_eq!(host.listen("name", "81"), None);
        assert_eq!(host.listen("::ffff:10.0.0.5", "81"), Some(Ok(())));
        assert_eq!(host.listen("::ffff:10.0.0.6", "81"), Some(Err(Denial::NotOfThisMachine)));
        assert_eq!(host.listen("fd00::5%eth0", "81"), Some(Ok(())));
        assert_eq!(host.listen("fd00::6%eth0", "81"), None);
        assert_eq!(host.listen("fd00::5%eth1", "81"), None);
        for everywhere in ["0::0", "0.0.0.0", "::ffff:0.0.0.0", ""] {
            assert_eq!(host.listen(everywhere, "81"), Some(Ok(())), "{everywhere}");
        }
        assert_eq!(host.has_address("10.0.0.5".parse().unwrap()), Some(true));
        assert_eq!(host.has_address("10.0.0.6".parse().unwrap()), Some(false));
        assert_eq!(Host::default().has_address("10.0.0.6".parse().unwrap()), None);
    }

    #[test]
    fn rejects_unknown_keys_and_values() {
        assert_eq!(
            Host::parse("redis = \"refuses\"").unwrap().machine.redis,
            Some(RedisAnswer::Refuses)
        );
        for text in [
            "core = 2",
            "memory = \"4 G\"",
            "memory = 4",
            "grace = 35",
            "grace = \"35 s\"",
            "redis = 1",
            "[interfaces]\neth0 = [\"x\"]",
        ] {
            assert!(Host::parse(text).is_err(), "{text}");
        }
    }
}
