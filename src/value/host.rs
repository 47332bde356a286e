//! The host and port of a URL, as Go's `net/url` accepts them.
//!
//! Must not know schemes, users or paths (`url` does). `host_port` reads `host:port` without a scheme.

use super::percent::{Part, UrlError, unescape};
use std::net::Ipv6Addr;

/// Decodes a host. An IPv6 address keeps its brackets, and a zone its `%`.
///
/// # Errors
/// The port is not a number, a character or escape is not allowed in hosts, or brackets contain anything but an
/// IPv6 address.
pub fn read_host(text: &str) -> Result<String, UrlError<'_>> {
    match text.rfind('[') {
        Some(0) => read_literal(text),
        Some(start) => {
            let at = text.get(start..).unwrap_or(text);
            Err(UrlError { at, reason: "only allowed at the start of the host" })
        }
        None => {
            let port = text.rfind(':').and_then(|start| text.get(start..)).unwrap_or("");
            check_port(port)?;
            unescape(text, Part::Host).map(into_text)
        }
    }
}

/// An IPv6 address in brackets, optionally with a zone after `%25` and a port.
fn read_literal(text: &str) -> Result<String, UrlError<'_>> {
    let unclosed = UrlError { at: text, reason: "unclosed bracket" };
    let (opened, port) = text.rsplit_once(']').ok_or(unclosed)?;
    let inside = opened.strip_prefix('[').unwrap_or(opened);
    check_port(port)?;
    let (address, zone) = inside.split_at(inside.find("%25").unwrap_or(inside.len()));
    let address_text = into_text(unescape(address, Part::Host)?);
    let zone_text = into_text(unescape(zone, Part::Zone)?);
    let literal = format!("{address_text}{zone_text}");
    if !is_ipv6(&literal) {
        return Err(UrlError { at: inside, reason: "not an IPv6 address" });
    }
    Ok(format!("[{literal}]{port}"))
}

/// Accepts nothing, or a colon and any number of digits, of any value.
fn check_port(text: &str) -> Result<(), UrlError<'_>> {
    let valid = match text.strip_prefix(':') {
        Some(digits) => digits.bytes().all(|b| b.is_ascii_digit()),
        None => text.is_empty(),
    };
    if valid { Ok(()) } else { Err(UrlError { at: text, reason: "port is not a number" }) }
}

/// Whether this is an IPv6 address, without a zone or with a non-empty one.
fn is_ipv6(literal: &str) -> bool {
    let (address, zone) = literal.split_once('%').unwrap_or((literal, "none"));
    !zone.is_empty() && address.parse::<Ipv6Addr>().is_ok()
}

/// Invalid UTF-8, which only escapes can produce, is replaced: no later step depends on it.
pub(super) fn into_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_go_accepts() {
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
    fn rejects_other_forms_and_points_at_them() {
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
