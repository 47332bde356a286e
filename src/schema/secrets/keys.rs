//! Which keys, flags and variables have secret values, including likely misspellings.
//!
//! Refinery's own are defined in `schemas/`. Must not look at values.

use crate::schema::Kind;
use crate::schema::Node;
use crate::schema::flags::options;
use crate::schema::key::Key;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use strsim::osa_distance;

/// Longer words are not misspelled keys.
const LONGEST: usize = 48;

/// HTTP headers with credentials, without `-` and in lower case.
const HEADERS: [&str; 2] = ["authorization", "xhoneycombteam"];

/// Whether a key of this name has a secret value. Accepts near misses, any case, `_`, `-` and any
/// prefix: `Passwrd`, `api_key`, `METRICS_API_KEY`.
pub fn is_secret_key(word: &str) -> bool {
    let Some(word) = NormalizedName::of(word) else { return false };
    let text = word.text();
    if KEYS.harmless.contains(text) {
        return false;
    }
    let ends = || KEYS.plain.iter().any(|key| text.ends_with(key.text()));
    ends() || KEYS.all.iter().any(|name| name.is_near(&word))
}

/// Whether this flag, without its dashes, takes a secret.
pub fn is_secret_flag(word: &str) -> bool {
    KEYS.flags.contains(word)
}

/// Whether this is a name that Refinery knows. Masking it everywhere would make messages
/// incomprehensible.
pub fn is_name(word: &str) -> bool {
    NormalizedName::of(word).is_some_and(|word| {
        let text = word.text();
        KEYS.harmless.contains(text) || KEYS.all.iter().any(|name| name.text() == text)
    })
}

struct Keys {
    /// Names of keys only.
    plain: Vec<NormalizedName>,
    /// Including variables and older names.
    all: Vec<NormalizedName>,
    flags: BTreeSet<&'static str>,
    /// Known names that are not secret.
    harmless: BTreeSet<String>,
}

static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let document = Kind::Config.document();
    let option_facts: BTreeMap<_, _> = options(document).collect();
    let mut names = BTreeSet::new();
    let mut more: BTreeSet<&str> = HEADERS.into();
    let mut flags = BTreeSet::new();
    let mut known = BTreeSet::new();
    let groups = Key::root(document).children();
    for (name, key) in groups.flat_map(|(group, key)| key.children().chain([(group, key)])) {
        if !key.is_secret() {
            known.insert(name);
            continue;
        }
        names.insert(name);
        more.extend(key.fact_text("v1").and_then(|old| old.rsplit(['.', '/']).next()));
        let named = key.fact("options").and_then(Node::as_array);
        for option in named.into_iter().flatten().filter_map(Node::as_str) {
            let fact = |part| option_facts.get(option).and_then(|fact| fact.get(part)?.as_str());
            more.extend(fact("env"));
            flags.extend(fact("flag"));
        }
    }
    let variables = option_facts.values().filter_map(|fact| fact.get("env")?.as_str());
    known.extend(variables.filter(|name| !more.contains(name)));
    let plain =
        |names: &BTreeSet<&str>| names.iter().filter_map(|n| NormalizedName::of(n)).collect();
    let keys: Vec<NormalizedName> = plain(&names);
    more.extend(names);
    let harmless =
        known.iter().filter_map(|name| Some(NormalizedName::of(name)?.text().to_owned()));
    Keys { plain: keys, all: plain(&more), flags, harmless: harmless.collect() }
});

/// A name in lower case without `_`, `-` and dots.
struct NormalizedName {
    bytes: [u8; LONGEST],
    length: usize,
    /// A bit for each letter in it.
    letters: u32,
}

impl NormalizedName {
    /// `None` if it is too long to be a key, or contains anything but ASCII letters and digits.
    fn of(word: &str) -> Option<Self> {
        let mut plain = Self { bytes: [0; LONGEST], length: 0, letters: 0 };
        for byte in word.bytes().filter(|b| !b"_-.".contains(b)) {
            if !byte.is_ascii_alphanumeric() {
                return None;
            }
            let byte = byte.to_ascii_lowercase();
            *plain.bytes.get_mut(plain.length)? = byte;
            plain.length += 1;
            plain.letters |= 1 << (byte & 31);
        }
        (plain.length > 0).then_some(plain)
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }

    /// Equal except for one or two typing errors. Compares lengths and letters first, because files
    /// may have a million words.
    fn is_near(&self, other: &Self) -> bool {
        let slips = if self.length < 8 { 1 } else { 2 };
        self.length.abs_diff(other.length) <= slips
            && (self.letters ^ other.letters).count_ones() as usize <= 2 * slips
            && osa_distance(self.text(), other.text()) <= slips
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelled_secret_keys_are_recognized() {
        for word in [
            "APIKey",
            "APIkey",
            "api_key",
            "api-key",
            "ApiKye",
            "APIKeys",
            "SendKey",
            "SendKeys",
            "ReceiveKeys",
            "RecieveKeys",
            "QueryAuthToken",
            "query_auth_tokn",
            "Password",
            "Passwrd",
            "passwd",
            "Pasword",
            "AuthCode",
            "AdditionalHeaders",
            "AdditionalHeader",
            "MetricsAPIKey",
            "LoggerAPIKey",
            "REFINERY_HONEYCOMB_API_KEY",
            "REFINERY_HONEYCOMB_APIKEY",
            "REFINERY_REDIS_PASSWORD",
            "POSTGRES_PASSWORD",
            "Authorization",
            "x-honeycomb-team",
        ] {
            assert!(is_secret_key(word), "{word}");
        }
    }

    #[test]
    fn other_keys_are_not_secret() {
        let document = Kind::Config.document();
        for (group, key) in Key::root(document).children() {
            assert!(!is_secret_key(group), "{group}");
            for (name, key) in key.children().filter(|(_, key)| !key.is_secret()) {
                assert!(!is_secret_key(name), "{name} {:?}", key.go_type());
            }
        }
        for word in ["", "key", "name", "value", "token", "SampleRate", "FieldList", "Rules"] {
            assert!(!is_secret_key(word), "{word}");
        }
    }

    #[test]
    fn flags_come_from_the_schema() {
        assert!(is_secret_flag("redis-password") && is_secret_flag("honeycomb-api-key"));
        assert!(!is_secret_flag("redis-host") && !is_secret_flag("config"));
    }
}
