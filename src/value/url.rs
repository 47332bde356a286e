//! URLs, as Go's `net/url` parses and Refinery expects them.
//!
//! Only what verdicts need: URLs are not resolved, joined or printed, and queries are not parsed.

use super::error::ValueError;
use super::host::{into_text, read_host};
use super::percent::{Part, UrlError, unescape};

/// The parts of a URL that matter, decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Url {
    /// In lower case; empty if there is none.
    pub scheme: String,
    /// What follows the scheme if it is not a slash (`mailto:…`, `host:80`), as written.
    pub opaque: String,
    /// With its port, without its user; an IPv6 address in brackets.
    pub host: String,
    /// The path, with its leading slash unless it is relative.
    pub path: String,
}

/// Parses a URL as Refinery requires it: absolute, `http` or `https`, with a host.
///
/// # Errors
/// As [`parse_url`]; also if the text is empty, the scheme is another one, or there is no host.
pub fn parse_http_url(text: &str) -> Result<Url, ValueError> {
    if text.is_empty() {
        return Err(ValueError::new("empty URL"));
    }
    let url = parse_url(text)?;
    let scheme = text.get(..url.scheme.len()).unwrap_or("");
    match url.scheme.as_str() {
        "" => Err(ValueError::new("must start with http:// or https://")),
        "http" | "https" if url.host.is_empty() => Err(ValueError::new("missing host")),
        "http" | "https" => Ok(url),
        _ if url.host.is_empty() => Err(ValueError::new("must start with http:// or https://")),
        _ => Err(ValueError::within(text, scheme, "expected http or https")),
    }
}

/// Parses any URL; also accepts a path or an empty text.
///
/// # Errors
/// There is a control character before the fragment, an invalid escape, an invalid host or user, or a
/// colon after something that is not a scheme.
pub fn parse_url(text: &str) -> Result<Url, ValueError> {
    let (address, fragment) = text.split_once('#').unwrap_or((text, ""));
    let blame = |fault: UrlError<'_>| ValueError::within(text, fault.at, fault.reason);
    let url = read_address(address).map_err(blame)?;
    unescape(fragment, Part::Free).map_err(blame)?;
    Ok(url)
}

/// Parses a URL without its fragment.
fn read_address(text: &str) -> Result<Url, UrlError<'_>> {
    if let Some(start) = text.find(|c: char| c.is_ascii_control()) {
        let at = text.get(start..=start).unwrap_or(text);
        return Err(UrlError { at, reason: "control character" });
    }
    let (scheme, rest) = split_scheme(text)?;
    let hierarchy = rest.split_once('?').map_or(rest, |(before, _)| before);
    let mut url = Url { scheme: scheme.to_ascii_lowercase(), ..Url::default() };
    if !hierarchy.starts_with('/') {
        if !scheme.is_empty() {
            hierarchy.clone_into(&mut url.opaque);
            return Ok(url);
        }
        check_first_segment(hierarchy)?;
    }
    let (authority, path) = split_authority(scheme, hierarchy);
    url.host = read_authority(authority)?;
    url.path = into_text(unescape(path, Part::Free)?);
    Ok(url)
}

/// The scheme, empty if there is none, and what follows its colon.
fn split_scheme(text: &str) -> Result<(&str, &str), UrlError<'_>> {
    let in_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let (scheme, rest) = text.split_at(text.find(|c| !in_scheme(c)).unwrap_or(text.len()));
    match rest.strip_prefix(':') {
        Some(_) if scheme.is_empty() => {
            Err(UrlError { at: text, reason: "missing scheme before the colon" })
        }
        Some(after) if scheme.starts_with(|c: char| c.is_ascii_alphabetic()) => Ok((scheme, after)),
        _ => Ok(("", text)),
    }
}

/// Without a scheme, a colon before the first slash is not allowed: it would look like a scheme.
fn check_first_segment(path: &str) -> Result<(), UrlError<'_>> {
    let segment = path.split('/').next().unwrap_or(path);
    if segment.contains(':') {
        return Err(UrlError { at: segment, reason: "missing scheme, such as http://" });
    }
    Ok(())
}

/// The part between `//` and the next slash, and the path from that slash on.
fn split_authority<'a>(scheme: &str, hierarchy: &'a str) -> (&'a str, &'a str) {
    // Three slashes without a scheme are a path.
    let is_path = scheme.is_empty() && hierarchy.starts_with("///");
    match hierarchy.strip_prefix("//") {
        Some(rest) if !is_path => rest.split_at(rest.find('/').unwrap_or(rest.len())),
        _ => ("", hierarchy),
    }
}

/// Reads the host of an authority, and validates its user if there is one.
fn read_authority(authority: &str) -> Result<String, UrlError<'_>> {
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let host = read_host(host)?;
    let in_user = |c: char| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c);
    if user.chars().all(in_user) {
        unescape(user, Part::Free).map(|_| host)
    } else {
        Err(UrlError { at: user, reason: "contains a character that must be escaped" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> [String; 4] {
        let url = parse_url(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        [url.scheme, url.opaque, url.host, url.path]
    }

    #[test]
    fn splits_urls() {
        for (text, expected) in [
            ("HttpS://u:p@H:1/a%20b?%zz#f", ["https", "", "H:1", "/a b"]),
            ("", ["", "", "", ""]),
            ("*", ["", "", "", "*"]),
            ("a/b:c", ["", "", "", "a/b:c"]),
            ("//h/p", ["", "", "h", "/p"]),
            ("///p", ["", "", "", "///p"]),
            ("h:80/p?q", ["h", "80/p", "", ""]),
            ("x+y-1.z:", ["x+y-1.z", "", "", ""]),
            ("file:///p", ["file", "", "", "/p"]),
            ("http:%zz", ["http", "%zz", "", ""]),
            ("http://a@b@h", ["http", "", "h", ""]),
            // The check for control characters ends at the fragment.
            ("http://h#\n", ["http", "", "h", ""]),
        ] {
            assert_eq!(parts(text), expected, "{text}");
        }
    }

    #[test]
    fn rejects_other_forms_and_points_at_them() {
        for (text, at) in [
            ("http://h\n", "\n"),
            ("http://h\u{7f}/", "\u{7f}"),
            (":h", ":h"),
            ("1:2/3", "1:2"),
            ("a b:c", "a b:c"),
            ("http://h/%4", "%4"),
            ("http://h#%", "%"),
            ("http://u%@h", "%"),
            ("http://ü@h", "ü"),
            ("http://h:8x/", ":8x"),
            ("http://${HOST}", "{"),
        ] {
            let error = parse_url(text).unwrap_err();
            assert_eq!(error.at.map(|range| &text[range]), Some(at), "{text}");
        }
    }

    #[test]
    fn http_urls_need_a_scheme_and_a_host() {
        assert_eq!(parse_http_url("HTTP://h").map(|url| url.scheme), Ok("http".to_owned()));
        for text in
            ["", "h", "//h", "h:80", "http:", "http://", "http:///p", "http://u@", "ftp://h"]
        {
            assert!(parse_http_url(text).is_err(), "{text}");
        }
        assert_eq!(parse_http_url("ftp://h").unwrap_err().at, Some(0..3));
    }
}
