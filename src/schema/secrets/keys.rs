//! Which keys, flags and variables have secret values, including likely misspellings.
//!
//! Refinery's own are defined in `schemas/`. Must not look at values.

use crate::schema::Kind;
use crate::schema::Node;
use crate::schema::flags::options;
use crate::schema::key::Key;
use foldhash::fast::RandomState;
use std::collections::HashSet;
use std::hash::{Hash, Hasher};
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
    if KEYS.harmless.contains(&word) {
        return false;
    }
    word.ends_with_any(&KEYS.plain) || KEYS.all.iter().any(|name| name.is_near(&word))
}

/// Whether this flag, without its dashes, takes a secret.
pub fn is_secret_flag(word: &str) -> bool {
    KEYS.flags.contains(word)
}

/// Whether this is a name that Refinery knows. Masking it everywhere would make messages
/// incomprehensible.
pub fn is_name(word: &str) -> bool {
    NormalizedName::of(word)
        .is_some_and(|word| KEYS.harmless.contains(&word) || KEYS.all.contains(&word))
}

type Names = HashSet<&'static str, RandomState>;

struct Keys {
    /// Names of keys only.
    plain: Vec<NormalizedName>,
    /// Including variables and older names.
    all: Vec<NormalizedName>,
    flags: Names,
    /// Known names that are not secret.
    harmless: HashSet<NormalizedName, RandomState>,
}

static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let document = Kind::Config.document();
    let option_facts: Vec<_> = options(document).collect();
    let (mut names, mut flags, mut known) = (Names::default(), Names::default(), Names::default());
    let mut more: Names = HEADERS.into_iter().collect();
    let groups = Key::of(document).children();
    for (name, key) in groups.flat_map(|(group, key)| key.children().chain([(group, key)])) {
        if !key.is_secret() {
            known.insert(name);
            continue;
        }
        names.insert(name);
        more.extend(key.fact_text("v1").and_then(|old| old.rsplit(['.', '/']).next()));
        let named = key.fact("options").and_then(Node::as_array);
        for option in named.into_iter().flatten().filter_map(Node::as_str) {
            let facts = option_facts.iter().find(|(name, _)| *name == option);
            let fact = |part| facts.and_then(|(_, facts)| facts.get(part)?.as_str());
            more.extend(fact("env"));
            flags.extend(fact("flag"));
        }
    }
    let variables = option_facts.iter().filter_map(|(_, facts)| facts.get("env")?.as_str());
    let variables = variables.filter(|name| !more.contains(name)).filter_map(NormalizedName::of);
    let variables: Vec<NormalizedName> = variables.collect();
    let normalized = |names: Names| names.into_iter().filter_map(NormalizedName::of);
    let plain: Vec<NormalizedName> = normalized(names.clone()).collect();
    more.extend(names);
    // A variable of a key that some releases do not have may be secret as well.
    let harmless = variables.into_iter().filter(|name| !name.ends_with_any(&plain));
    let harmless = harmless.chain(normalized(known)).collect();
    Keys { plain, all: normalized(more).collect(), flags, harmless }
});

/// A name in lower case without `_`, `-` and dots.
#[derive(PartialEq, Eq)]
struct NormalizedName {
    /// Zero after the last.
    bytes: [u8; LONGEST],
    length: usize,
    /// A bit for each letter in it.
    letters: u32,
}

impl Hash for NormalizedName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(self.text());
    }
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

    fn text(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    fn ends_with_any(&self, endings: &[Self]) -> bool {
        endings.iter().any(|ending| self.text().ends_with(ending.text()))
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(self.text()).unwrap_or_default()
    }

    /// Equal except for one or two typing errors. Compares lengths and letters first, because files
    /// may have a million words.
    fn is_near(&self, other: &Self) -> bool {
        let slips = if self.length < 8 { 1 } else { 2 };
        self.length.abs_diff(other.length) <= slips
            && (self.letters ^ other.letters).count_ones() as usize <= 2 * slips
            && osa_distance(self.as_str(), other.as_str()) <= slips
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
            "REFINERY_HONEYCOMB_METRICS_API_KEY",
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
        for (group, key) in Key::of(document).children() {
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
