//! Talks to Redis, as far as authentication goes.

use crate::machine::RedisAnswer;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// Addresses and credentials of a client. Must not be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Client {
    /// `host:port`; one that answers is enough.
    pub addresses: Vec<String>,
    pub username: String,
    pub password: String,
    pub auth_code: String,
    pub uses_tls: bool,
}

/// The longest accepted reply, in bytes.
const LONGEST_REPLY: usize = 512;

/// Error codes of Redis, which contain no secret.
const WORDS: [&str; 5] = ["WRONGPASS", "NOAUTH", "NOPERM", "LOADING", "ERR"];

impl Client {
    /// Connects to one address with a timeout and describes the result. The answer is `None` if it
    /// would need TLS.
    pub fn call(&self, address: SocketAddr, patience: Duration) -> (Option<RedisAnswer>, String) {
        let until = Instant::now() + patience;
        let stream = match TcpStream::connect_timeout(&address, patience) {
            Ok(stream) => stream,
            Err(error) => return (Some(RedisAnswer::Unreachable), word(&error)),
        };
        if self.uses_tls {
            return (None, "connected; did not authenticate because of TLS".to_owned());
        }
        match self.introduce(stream, until) {
            Ok(None) => (Some(RedisAnswer::Accepts), "accepted".to_owned()),
            Ok(Some(refusal)) => (Some(RedisAnswer::Refuses), format!("rejected, {refusal}")),
            Err(error) => (Some(RedisAnswer::Unreachable), format!("connected, {}", word(&error))),
        }
    }

    /// Sends username and password first, then the auth code, like Refinery. Returns the error code
    /// if Redis rejects them.
    fn introduce(&self, mut stream: TcpStream, until: Instant) -> io::Result<Option<&'static str>> {
        let mut commands = Vec::new();
        if !self.password.is_empty() {
            let words = ["AUTH", &self.username, &self.password];
            commands.push(command(words.into_iter().filter(|word| !word.is_empty())));
        }
        if !self.auth_code.is_empty() {
            commands.push(command(["AUTH", &self.auth_code].into_iter()));
        }
        if commands.is_empty() {
            commands.push(command(["PING"].into_iter()));
        }
        for command in commands {
            stream.set_write_timeout(Some(left(until)?))?;
            stream.write_all(command.as_bytes())?;
            let reply = read_line(&mut stream, until)?;
            if !reply.starts_with(b"+") {
                return Ok(Some(refusal(&reply)));
            }
        }
        Ok(None)
    }
}

/// A command in the Redis protocol.
fn command<'w>(words: impl Iterator<Item = &'w str> + Clone) -> String {
    let head = format!("*{}\r\n", words.clone().count());
    words.fold(head, |text, word| text + &format!("${}\r\n{word}\r\n", word.len()))
}

fn read_line(stream: &mut TcpStream, until: Instant) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    while !line.contains(&b'\n') && line.len() < LONGEST_REPLY {
        let mut buffer = [0; LONGEST_REPLY];
        stream.set_read_timeout(Some(left(until)?))?;
        let read = stream.read(&mut buffer)?;
        if read == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        line.extend_from_slice(buffer.get(..read).unwrap_or_default());
    }
    Ok(line)
}

fn left(until: Instant) -> io::Result<Duration> {
    match until.saturating_duration_since(Instant::now()) {
        Duration::ZERO => Err(ErrorKind::TimedOut.into()),
        left => Ok(left),
    }
}

/// The code of an error reply; its text might contain a secret.
fn refusal(reply: &[u8]) -> &'static str {
    let is_it =
        |word: &&&str| reply.strip_prefix(b"-").is_some_and(|r| r.starts_with(word.as_bytes()));
    WORDS.iter().find(is_it).copied().unwrap_or("unknown error")
}

/// The kind of an I/O error.
pub fn word(error: &io::Error) -> String {
    match error.kind() {
        // A read that times out returns this.
        ErrorKind::WouldBlock => ErrorKind::TimedOut.to_string(),
        ErrorKind::UnexpectedEof => "connection closed".to_owned(),
        kind => kind.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::thread;

    const PATIENCE: Duration = Duration::from_millis(300);

    fn client(password: &str, auth_code: &str, uses_tls: bool) -> Client {
        Client {
            addresses: Vec::new(),
            username: String::new(),
            password: password.to_owned(),
            auth_code: auth_code.to_owned(),
            uses_tls,
        }
    }

    /// Sends one reply per received command and returns what it received. Without more replies it
    /// keeps the connection open until the client is gone, or closes it.
    fn meet(
        client: &Client,
        replies: &'static [&str],
        closes: bool,
    ) -> (Option<RedisAnswer>, String, String) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut heard = Vec::new();
            let mut buffer = [0; 512];
            for reply in replies {
                let read = stream.read(&mut buffer).unwrap();
                heard.extend_from_slice(&buffer[..read]);
                stream.write_all(reply.as_bytes()).unwrap();
            }
            while !closes && stream.read(&mut buffer).is_ok_and(|read| read > 0) {}
            String::from_utf8(heard).unwrap()
        });
        let (answer, how) = client.call(address, PATIENCE);
        (answer, how, server.join().unwrap())
    }

    #[test]
    fn classifies_answers_of_redis() {
        for (replies, closes, answer, how) in [
            (&["+OK\r\n"] as &[&str], false, RedisAnswer::Accepts, "accepted"),
            (&["-WRONGPASS code\r\n"], false, RedisAnswer::Refuses, "rejected, WRONGPASS"),
            (&["-code\r\n"], false, RedisAnswer::Refuses, "rejected, unknown error"),
            (&["HTTP/1.1 400\r\n"], false, RedisAnswer::Refuses, "rejected, unknown error"),
            (&["+"], true, RedisAnswer::Unreachable, "connected, connection closed"),
            (&["+"], false, RedisAnswer::Unreachable, "connected, timed out"),
            (&[], false, RedisAnswer::Unreachable, "connected, timed out"),
        ] {
            let (met, described, _) = meet(&client("", "code", false), replies, closes);
            assert_eq!((met, &*described), (Some(answer), how), "{replies:?} {closes}");
        }
    }

    #[test]
    fn sends_the_password_before_the_auth_code() {
        let both = Client { username: "me".to_owned(), ..client("pass", "code", false) };
        let (answer, _, heard) = meet(&both, &["+OK\r\n", "-ERR\r\n"], false);
        assert_eq!(answer, Some(RedisAnswer::Refuses));
        let first = "*3\r\n$4\r\nAUTH\r\n$2\r\nme\r\n$4\r\npass\r\n";
        assert_eq!(heard, format!("{first}*2\r\n$4\r\nAUTH\r\n$4\r\ncode\r\n"));
        let (answer, _, heard) = meet(&client("", "", false), &["+PONG\r\n"], false);
        assert_eq!((answer, &*heard), (Some(RedisAnswer::Accepts), "*1\r\n$4\r\nPING\r\n"));
    }

    #[test]
    fn does_not_authenticate_over_tls() {
        let (answer, how, heard) = meet(&client("", "code", true), &[], false);
        assert_eq!((answer, &*heard), (None, ""));
        assert!(how.ends_with("TLS"), "{how}");
    }

    #[test]
    fn a_closed_port_is_unreachable() {
        let address = SocketAddr::from(([127, 0, 0, 1], 1));
        let (answer, how) = client("", "code", false).call(address, PATIENCE);
        assert_eq!((answer, &*how), (Some(RedisAnswer::Unreachable), "connection refused"));
    }
}
