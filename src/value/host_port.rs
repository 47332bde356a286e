//! Splits `host:port`, as Go's `net.SplitHostPort` does.
//!
//! Must not validate the host or the port: Refinery does not either.

use super::error::ValueError;

const NO_PORT: &str = "missing `:` and port";
const MANY_COLONS: &str = "too many colons; an IPv6 address needs brackets";

/// The host (without brackets) and the port. Both may be empty, and the port may be any text.
///
/// # Errors
/// There is no colon, more than one outside of the leading brackets, or an unexpected bracket.
pub fn split_host_port(text: &str) -> Result<(&str, &str), ValueError> {
    let (before, port) = text.rsplit_once(':').ok_or(ValueError::new(NO_PORT))?;
    let host = match text.strip_prefix('[') {
        Some(after_bracket) => bracketed_host(text, after_bracket)?,
        None => plain_host(text, before)?,
    };
    match host.find('[').or(host.find(']')) {
        Some(stray) => Err(stray_bracket(text, host.get(stray..).unwrap_or(host))),
        None => check_port(text, port).map(|()| (host, port)),
    }
}

fn bracketed_host<'a>(text: &str, after_bracket: &'a str) -> Result<&'a str, ValueError> {
    let (host, rest) = after_bracket
        .split_once(']')
        .ok_or_else(|| ValueError::at_start(text, text, "unclosed bracket"))?;
    match rest.strip_prefix(':') {
        Some(port) if !port.contains(':') => Ok(host),
        Some(_) => Err(ValueError::within(text, rest, MANY_COLONS)),
        None => Err(ValueError::within(text, rest, NO_PORT)),
    }
}

fn plain_host<'a>(text: &str, host: &'a str) -> Result<&'a str, ValueError> {
    if host.contains(':') { Err(ValueError::within(text, text, MANY_COLONS)) } else { Ok(host) }
}

fn check_port(text: &str, port: &str) -> Result<(), ValueError> {
    match port.find(['[', ']']) {
        Some(stray) => Err(stray_bracket(text, port.get(stray..).unwrap_or(port))),
        None => Ok(()),
    }
}

fn stray_bracket(text: &str, rest: &str) -> ValueError {
    ValueError::at_start(text, rest, "unexpected bracket")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits() {
        for (text, host, port) in [
            (":", "", ""),
            ("h:", "h", ""),
            ("h:99999", "h", "99999"),
            ("h:http", "h", "http"),
            ("a b:8 0", "a b", "8 0"),
            ("[::1]:80", "::1", "80"),
            ("[]:80", "", "80"),
            ("http://h", "http", "//h"),
        ] {
            assert_eq!(split_host_port(text), Ok((host, port)), "{text}");
        }
    }

    #[test]
    fn rejects_other_forms_and_points_at_them() {
        for (text, at) in [
            ("", None),
            ("h", None),
            ("::1", Some(0..3)),
            ("[::1]", None),
            ("[::1", Some(0..1)),
            ("[::1] :80", Some(5..9)),
            ("[a]:1:2", Some(3..7)),
            ("a[b:1", Some(1..2)),
            ("a]:1", Some(1..2)),
            ("[a[]:1", Some(2..3)),
            ("h:[1]", Some(2..3)),
        ] {
            assert_eq!(split_host_port(text).unwrap_err().at, at, "{text}");
        }
    }
}
