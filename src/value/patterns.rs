//! Strings of a fixed format: API keys, versions, names.
//!
//! Must not know which keys expect which format: `schema` does.

/// The length of the shortest API keys, in bytes.
pub const SHORTEST_API_KEY: usize = 20;

/// Whether this is a Honeycomb API key: 32 lower-case hexadecimal digits, 20 to 23 letters and digits,
/// or `hc`, a kind, a region of two letters, `_` and 58 lower-case letters and digits.
pub fn is_api_key(text: &str) -> bool {
    let classic = text.len() == 32 && text.bytes().all(|b| matches!(b, b'a'..=b'f' | b'0'..=b'9'));
    let short = (SHORTEST_API_KEY..=23).contains(&text.len()) && is_alphanumeric(text);
    classic || short || is_long_api_key(text)
}

/// Whether releases up to v2.5.0 accept this as an API key: it starts with 32 lower-case hexadecimal
/// digits, or ends with 20 letters and digits.
pub fn has_api_key(text: &str) -> bool {
    let is_hex = |b: &u8| matches!(b, b'a'..=b'f' | b'0'..=b'9');
    let begins = text.as_bytes().get(..32).is_some_and(|start| start.iter().all(is_hex));
    let ending = text.bytes().rev().take_while(u8::is_ascii_alphanumeric).count();
    begins || ending >= 20
}

fn is_long_api_key(text: &str) -> bool {
    let Some(after) = text.strip_prefix("hc") else {
        return false;
    };
    let Some((kind, secret)) = after.split_once('_') else {
        return false;
    };
    let is_lower = |b: u8| b.is_ascii_lowercase();
    kind.len() == 3
        && kind.bytes().all(is_lower)
        && secret.len() == 58
        && secret.bytes().all(|b| is_lower(b) || b.is_ascii_digit())
}

/// Whether this is `v`, digits, a dot, digits.
pub fn is_minor_version(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let parts = text.strip_prefix('v').and_then(|version| version.split_once('.'));
    parts.is_some_and(|(major, minor)| digits(major) && digits(minor))
}

/// Whether this is empty or consists of ASCII letters and digits.
pub fn is_alphanumeric(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// Whether this is the name of a Honeycomb header, in upper or lower case.
pub fn is_reserved_header(name: &str) -> bool {
    let starts_with = |prefix: &str| {
        name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    starts_with("x-honeycomb-") || starts_with("x-hny-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_api_keys() {
        let long = format!("hcaic_{}", "0z".repeat(29));
        for key in [
            "0123456789abcdef0123456789abcdef",
            "abcdefghij0123456789",
            "ABCDEFGHIJ0123456789xyz",
            &long,
        ] {
            assert!(is_api_key(key), "{key}");
        }
        let longer = format!("{long}0");
        let line = format!("{}\n", "a".repeat(20));
        for key in [
            "",
            "abcdefghij012345678",
            "abcdefghij0123456789xyza",
            "0123456789abcdef0123456789abcdeF",
            "0123456789abcdef0123456789abcdeg",
            "abcdefghij012345678ä",
            &longer,
            &long.replace("hcaic", "hcai1"),
            &long.replace('z', "Z"),
            &line,
        ] {
            assert!(!is_api_key(key), "{key}");
        }
    }

    #[test]
    fn knows_api_keys_of_old_releases() {
        let classic = "0123456789abcdef0123456789abcdef";
        let short = "a".repeat(20);
        for key in
            [classic, &format!("{classic} and more"), &short, &format!("-{short}"), &"A".repeat(40)]
        {
            assert!(has_api_key(key), "{key}");
        }
        for key in ["", &short[1..], &format!("{short}-"), &format!("{short}\n"), "ä"] {
            assert!(!has_api_key(key), "{key}");
        }
    }

    #[test]
    fn knows_minor_versions() {
        assert!(is_minor_version("v2.0") && is_minor_version("v007.10"));
        for text in ["", "v2", "2.0", "v2.", "v.0", "v2.0.0", "v2.0\n", "V2.0", "v2.٣"] {
            assert!(!is_minor_version(text), "{text:?}");
        }
    }

    #[test]
    fn knows_names() {
        assert!(is_alphanumeric("") && is_alphanumeric("aZ09"));
        assert!(!is_alphanumeric("a-b") && !is_alphanumeric("ä") && !is_alphanumeric("a\n"));
        assert!(is_reserved_header("X-Honeycomb-Team") && is_reserved_header("x-HNY-"));
        assert!(
            !is_reserved_header("x-hny")
                && !is_reserved_header("my-x-hny-a")
                && !is_reserved_header("x-hnyä")
        );
    }
}
