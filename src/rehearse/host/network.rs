//! Probes the network of this machine: each question once, with a short timeout. Nothing stays
//! open.

use super::redis::{Client, word};
use super::{Denial, is_everywhere};
use crate::machine::RedisAnswer;
use crate::value::host_port::split_host_port;
use crate::verdict::Touch;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, ToSocketAddrs};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

/// Timeout of one answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Timeout of all answers together.
const PATIENCE_IN_ALL: Duration = Duration::from_secs(20);

/// The answers so far, and the remaining time.
pub struct Network {
    left: Mutex<Duration>,
    touched: Mutex<Vec<Touch>>,
    names: Memo<String, Option<Vec<IpAddr>>>,
    listeners: Memo<(String, u16), Option<Result<(), Denial>>>,
    redis_answers: Memo<Client, Option<RedisAnswer>>,
}

impl Default for Network {
    fn default() -> Self {
        Self {
            left: Mutex::new(PATIENCE_IN_ALL),
            touched: Mutex::default(),
            names: Memo::default(),
            listeners: Memo::default(),
            redis_answers: Memo::default(),
        }
    }
}

impl Network {
    pub fn touched(&self) -> Vec<Touch> {
        lock(&self.touched).clone()
    }

    /// Opens the listener that Refinery would open and closes it. `None` if the port is a name, or
    /// the host does not resolve in time.
    pub fn listen(&self, host: &str, port: &str) -> Option<Result<(), Denial>> {
        let port = if port.is_empty() { 0 } else { port.parse().ok()? };
        self.listeners.answer((host.to_owned(), port), || {
            if is_everywhere(host) {
                return Some(self.bind_everywhere(port));
            }
            let addresses = self.resolve(host)?;
            // Go prefers the first IPv4 address of a name.
            let first = addresses.iter().find(|address| address.is_ipv4()).or(addresses.first());
            Some(first.map_or(Err(Denial::NotResolved), |address| self.bind(*address, port)))
        })
    }

    /// Go listens on both address families with one socket if the machine has both, even for
    /// `0.0.0.0`.
    fn bind_everywhere(&self, port: u16) -> Result<(), Denial> {
        match self.bind(Ipv6Addr::UNSPECIFIED.into(), port) {
            Err(Denial::NotOfThisMachine | Denial::Other) => {
                self.bind(Ipv4Addr::UNSPECIFIED.into(), port)
            }
            answer => answer,
        }
    }

    fn bind(&self, address: IpAddr, port: u16) -> Result<(), Denial> {
        let address = SocketAddr::new(address, port);
        // Like Go, this may reuse the address of a listener that was closed recently.
        let bound = TcpListener::bind(address).map(drop);
        let outcome = bound.as_ref().map_or_else(word, |()| "free, closed again".to_owned());
        self.note("bind", address.to_string(), outcome);
        bound.map_err(|error| denial(&error))
    }

    /// The answer of the first address that is reachable.
    pub fn ask_redis(&self, client: &Client) -> Option<RedisAnswer> {
        self.redis_answers.answer(client.clone(), || {
            for address in &client.addresses {
                match self.call(client, address) {
                    Some(RedisAnswer::Unreachable) => {}
                    answer => return answer,
                }
            }
            Some(RedisAnswer::Unreachable)
        })
    }

    fn call(&self, client: &Client, address: &str) -> Option<RedisAnswer> {
        let unreachable = Some(RedisAnswer::Unreachable);
        let Ok((host, port)) = split_host_port(address) else { return unreachable };
        let Ok(port) = port.parse() else { return unreachable };
        // Go connects to this machine if no host is given.
        let host = if host.is_empty() { "localhost" } else { host };
        for ip in self.resolve(host)? {
            let at = SocketAddr::new(ip, port);
            let (answer, how) = self.within_time(|patience| client.call(at, patience))?;
            self.note("dial", at.to_string(), how);
            if answer != unreachable {
                return answer;
            }
        }
        unreachable
    }

    /// All addresses of a name, possibly none; `None` after a timeout.
    pub fn resolve(&self, host: &str) -> Option<Vec<IpAddr>> {
        if let Ok(address) = host.parse() {
            return Some(vec![address]);
        }
        self.names.answer(host.to_owned(), || {
            let resolved = self.within_time(|patience| look_up(host, patience)).flatten();
            let outcome = match &resolved {
                None => ErrorKind::TimedOut.to_string(),
                Some(all) if all.is_empty() => "not found".to_owned(),
                Some(all) => all.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(", "),
            };
            self.note("resolve", host.to_owned(), outcome);
            resolved
        })
    }

    /// Subtracts the time of a question from the total.
    fn within_time<T>(&self, ask: impl FnOnce(Duration) -> T) -> Option<T> {
        let (left, begun) = (*lock(&self.left), Instant::now());
        let answer = (!left.is_zero()).then(|| ask(left.min(PATIENCE)));
        *lock(&self.left) = left.saturating_sub(begun.elapsed());
        answer
    }

    fn note(&self, act: &'static str, what: String, outcome: String) {
        lock(&self.touched).push(Touch { act, what, outcome });
    }
}

/// The system's resolver has no timeout, so it runs on a thread, which ends with its answer or with
/// the process.
fn look_up(host: &str, patience: Duration) -> Option<Vec<IpAddr>> {
    let (sender, receiver) = mpsc::channel();
    let host = host.to_owned();
    let ask = move || {
        let found = (host.as_str(), 0).to_socket_addrs().ok();
        let mut addresses: Vec<IpAddr> = found.into_iter().flatten().map(|a| a.ip()).collect();
        addresses.dedup();
        // The receiver is gone after a timeout.
        drop(sender.send(addresses));
    };
    let thread = thread::Builder::new().spawn(ask).ok()?;
    let resolved = receiver.recv_timeout(patience).ok()?;
    drop(thread.join());
    Some(resolved)
}

fn denial(error: &io::Error) -> Denial {
    match error.kind() {
        ErrorKind::AddrInUse => Denial::PortInUse,
        ErrorKind::AddrNotAvailable => Denial::NotOfThisMachine,
        ErrorKind::PermissionDenied => Denial::NotPermitted,
        _ => Denial::Other,
    }
}

/// No question is asked while a lock is held.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Caches answers.
struct Memo<Q, A>(Mutex<Vec<(Q, A)>>);

impl<Q, A> Default for Memo<Q, A> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<Q: PartialEq, A: Clone> Memo<Q, A> {
    fn answer(&self, question: Q, ask: impl FnOnce() -> A) -> A {
        let known = lock(&self.0).iter().find(|(q, _)| *q == question).map(|(_, a)| a.clone());
        known.unwrap_or_else(|| {
            let answer = ask();
            lock(&self.0).push((question, answer.clone()));
            answer
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(address: &str) -> Client {
        Client {
            addresses: vec![address.to_owned()],
            username: String::new(),
            password: String::new(),
            auth_code: String::new(),
            uses_tls: false,
        }
    }

    #[test]
    fn subtracts_waiting_from_the_total_time() {
        let network = Network::default();
        let granted = network.within_time(|patience| {
            thread::sleep(Duration::from_millis(3));
            patience
        });
        assert_eq!(granted, Some(PATIENCE));
        assert!(
            *lock(&network.left) <= PATIENCE_IN_ALL.checked_sub(Duration::from_millis(3)).unwrap()
        );
    }

    #[test]
    fn does_not_connect_without_time() {
        let network = Network { left: Mutex::new(Duration::ZERO), ..Network::default() };
        assert_eq!(network.ask_redis(&client("127.0.0.1:1")), None);
        assert_eq!(network.touched(), []);
    }

    #[test]
    fn invalid_addresses_are_unreachable() {
        for address in ["", "127.0.0.1", "127.0.0.1:redis", "127.0.0.1:65536"] {
            let network = Network::default();
            let answer = network.ask_redis(&client(address));
            assert_eq!(answer, Some(RedisAnswer::Unreachable), "{address}");
            assert_eq!(network.touched(), []);
        }
    }

    #[test]
    fn asks_each_question_once() {
        let network = Network::default();
        for _ in 0..2 {
            assert_eq!(network.listen("127.0.0.1", ""), Some(Ok(())));
            assert_eq!(network.listen("127.0.0.1", "0"), Some(Ok(())));
            assert_eq!(network.listen("127.0.0.1", "http"), None);
            assert_eq!(network.listen("203.0.113.1", "0"), Some(Err(Denial::NotOfThisMachine)));
        }
        let touched: Vec<String> = network.touched().iter().map(ToString::to_string).collect();
        assert_eq!(
            touched,
            ["bind 127.0.0.1:0: free, closed again", "bind 203.0.113.1:0: address not available"]
        );
    }
}
