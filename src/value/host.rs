//! The host of a URL with its port, as Go's `net/url` accepts it.
//!
//! Must not know schemes, users or paths: `url` does. Texts without a scheme that are `host:port`
//! are for `host_port`.

use super::percent::{Fault, Part, unescape};
use std::net::Ipv6Addr;

/// The host with its escapes undone. An IPv6 address keeps its brackets and a zone its `%`.
///
/// # Errors
/// A port that is no number, a character or an escape that hosts do not allow, brackets around
/// anything but an IPv6 address.
pub fn read_host(text: &str) -> Result<String, Fault<'_>> {
    match text.rfind('[') {
        Some(0) => read_literal(text),
        Some(start) => {
            let at = text.get(start..).unwrap_or(text);
            Err(Fault { at, reason: "a bracket can only open a host" })
        }
        None => {
            let port = text.rfind(':').and_then(|start| text.get(start..)).unwrap_or("");
            check_port(port)?;
            unescape(text, Part::Host).map(into_text)
        }
    }
}

/// An IPv6 address in brackets, perhaps with a zone behind `%25`, perhaps with a port.
fn read_literal(text: &str) -> Result<String, Fault<'_>> {
    let unclosed = Fault { at: text, reason: "the bracket around the address is not closed" };
    let (opened, port) = text.rsplit_once(']').ok_or(unclosed)?;
    let inside = opened.strip_prefix('[').unwrap_or(opened);
    check_port(port)?;
    let (address, zone) = inside.split_at(inside.find("%25").unwrap_or(inside.len()));
    let address_text = into_text(unescape(address, Part::Host)?);
    let zone_text = into_text(unescape(zone, Part::Zone)?);
    let literal = format!("{address_text}{zone_text}");
    if !is_ipv6(&literal) {
        return Err(Fault { at: inside, reason: "brackets can only hold an IPv6 address" });
    }
    Ok(format!("[{literal}]{port}"))
}

/// Nothing, or a colon with digits behind it; there may be none, and their value is not looked at.
fn check_port(text: &str) -> Result<(), Fault<'_>> {
    let valid = match text.strip_prefix(':') {
        Some(digits) => digits.bytes().all(|b| b.is_ascii_digit()),
        None => text.is_empty(),
    };
    if valid { Ok(()) } else { Err(Fault { at: text, reason: "the port must be a number" }) }
}

/// An address whose zone, if it has one, is not empty.
fn is_ipv6(literal: &str) -> bool {
    let (address, zone) = literal.split_once('%').unwrap_or((literal, "none"));
    !zone.is_empty() && address.parse::<Ipv6Addr>().is_ok()
}

/// Bytes that are not UTF-8 can only come from escapes; no later reader minds which they are.
pub(super) fn into_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts() {
        for (text, host) in [
            ("", ""),
            ("h:", "h:"),
            ("h:99999", "h:99999"),
            ("::1", "::1"),
            ("a_b<\"$", "a_b<\"$"),
            ("%C3%A4", "ä"),
            ("h%25", "h%"),
            ("[::ffff:1.2.3.4]:1", "[::ffff:1.2.3.4]:1"),
            ("[fe80::1%25a%20b]", "[fe80::1%a b]"),
        ] {
            assert_eq!(read_host(text), Ok(host.to_owned()), "{text}");
        }
    }

    #[test]
    fn refuses_and_points() {
        for (text, at) in [
            ("h:8a", ":8a"),
            ("h{", "{"),
            ("a[::1]", "[::1]"),
            ("[::1", "[::1"),
            ("[::1]x", "x"),
            ("[1.2.3.4]", "1.2.3.4"),
            ("[h]", "h"),
            ("[::1%25]", "::1%25"),
            ("[1::%2541%2f]", "%2f"),
            ("[00001::]", "00001::"),
        ] {
            assert_eq!(read_host(text).map_err(|fault| fault.at), Err(at), "{text}");
        }
    }
}
