//! Probes this machine: processors, memory, hostname and interfaces, as Refinery sees them. Does
//! not use the network.

use super::cgroup;
use std::collections::BTreeMap;
use std::io::Read;
use std::net::IpAddr;

/// Go's `GOMAXPROCS` as Go 1.25 and later set it: the environment variable, or else the processors
/// available to the process, limited by its share of their time.
pub fn cores(variables: &BTreeMap<String, String>) -> u32 {
    let written = variables.get("GOMAXPROCS").and_then(|text| text.parse::<i32>().ok());
    match written.and_then(|n| u32::try_from(n).ok()) {
        Some(n) if n > 0 => n,
        _ => limited(processors(), cgroup::processors()),
    }
}

/// The share is rounded up, to at least two.
fn limited(processors: u32, share: Option<f64>) -> u32 {
    let fits = |n: &u32| share.is_some_and(|share| f64::from(*n) >= share);
    (2..processors).find(fits).unwrap_or(processors)
}

/// The processors that the scheduler may use for the process.
#[cfg(target_os = "linux")]
fn processors() -> u32 {
    let set = rustix::thread::sched_getaffinity(None);
    set.map_or(1, |set| set.count()).max(1)
}

#[cfg(not(target_os = "linux"))]
fn processors() -> u32 {
    std::thread::available_parallelism().map_or(1, |n| u32::try_from(n.get()).unwrap_or(u32::MAX))
}

/// Memory in bytes that the process may use: the limit of its control group, or the memory and swap
/// of the machine.
pub fn memory() -> Option<u64> {
    [cgroup::memory(), total()].into_iter().flatten().min()
}

#[cfg(target_os = "linux")]
#[allow(clippy::useless_conversion, reason = "the kernel's word is narrower on some machines")]
fn total() -> Option<u64> {
    let info = rustix::system::sysinfo();
    let units = u64::from(info.totalram).saturating_add(u64::from(info.totalswap));
    let bytes = units.saturating_mul(u64::from(info.mem_unit));
    (bytes > 0).then_some(bytes)
}

#[cfg(not(target_os = "linux"))]
fn total() -> Option<u64> {
    None
}

/// Whether the kernel grants this many bytes at once; `None` if that is uncertain.
pub fn grants(bytes: u64) -> Option<bool> {
    match std::fs::read_to_string("/proc/sys/vm/overcommit_memory").ok()?.trim() {
        "0" => Some(bytes <= total()?),
        "1" => Some(true),
        _ => None,
    }
}

/// Whether a file can be read and contains this kind of PEM block.
pub fn has_block(path: &str, kind: &str) -> bool {
    const MOST: u64 = 1 << 20;
    let mut text = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(MOST).read_to_end(&mut text));
    read.is_ok() && String::from_utf8_lossy(&text).contains(&format!("{kind}-----"))
}

#[cfg(unix)]
pub fn hostname() -> Option<String> {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    (!name.is_empty()).then_some(name)
}

#[cfg(not(unix))]
pub fn hostname() -> Option<String> {
    None
}

/// The TCP port of a service name on this machine.
pub fn service(name: &str) -> Option<u16> {
    find_service(&std::fs::read_to_string("/etc/services").ok()?, name)
}

/// Each line is a name, `port/protocol` and aliases; `#` starts a comment.
fn find_service(list: &str, name: &str) -> Option<u16> {
    list.lines().find_map(|line| {
        let mut words = line.split('#').next()?.split_whitespace();
        let (own, port) = (words.next()?, words.next()?.strip_suffix("/tcp")?);
        let is_it = |known: &str| known == name;
        (is_it(own) || words.any(is_it)).then(|| port.parse().ok())?
    })
}

/// Interfaces that have an address, with their addresses in the system's order.
pub fn interfaces() -> Option<BTreeMap<String, Vec<IpAddr>>> {
    let mut interfaces: BTreeMap<String, Vec<IpAddr>> = BTreeMap::new();
    for interface in if_addrs::get_if_addrs().ok()? {
        let address = interface.ip();
        interfaces.entry(interface.name).or_default().push(address);
    }
    Some(interfaces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_processors_like_go() {
        for (processors, share, cores) in [
            (8, None, 8),
            (8, Some(2.5), 3),
            (8, Some(3.0), 3),
            (8, Some(0.2), 2),
            (1, Some(0.2), 1),
            (4, Some(16.0), 4),
        ] {
            assert_eq!(limited(processors, share), cores, "{processors} {share:?}");
        }
    }

    #[test]
    fn the_variable_overrides_the_machine() {
        let with =
            |value: &str| cores(&BTreeMap::from([("GOMAXPROCS".to_owned(), value.to_owned())]));
        assert_eq!(with("77"), 77);
        let own = cores(&BTreeMap::new());
        assert!(own > 0);
        for ignored in ["0", "-3", "x", "", "5000000000"] {
            assert_eq!(with(ignored), own, "{ignored:?}");
        }
    }

    #[test]
    fn finds_services_by_all_their_names() {
        let list = "# a comment\nhttp-alt\t8080/tcp\twebcache # one more\nntp 123/udp\nbare\n";
        assert_eq!(find_service(list, "http-alt"), Some(8080));
        assert_eq!(find_service(list, "webcache"), Some(8080));
        for unknown in ["ntp", "one", "bare", "a", ""] {
            assert_eq!(find_service(list, unknown), None, "{unknown}");
        }
    }
}
