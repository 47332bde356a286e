//! Which keys, flags and variables have secret values, including likely misspellings.
//!
//! Refinery's own are defined in `schemas/`. Must not look at values.

use strsim::osa_distance;

/// Longer words are not misspelled keys.
const LONGEST: usize = 48;

// The names in the schema of the config, which `build.rs` collects.
include!(concat!(env!("OUT_DIR"), "/secret_names.rs"));

/// Whether a key of this name has a secret value. Accepts near misses, any case, `_`, `-` and any
/// prefix: `Passwrd`, `api_key`, `METRICS_API_KEY`.
pub fn is_secret_key(word: &str) -> bool {
    let Some(word) = NormalizedName::of(word) else { return false };
    if word.is_harmless() {
        return false;
    }
    word.ends_with_any(&KEYS) || ALL.iter().any(|name| name.is_near(&word))
}

/// Whether this flag, without its dashes, takes a secret.
pub fn is_secret_flag(word: &str) -> bool {
    FLAGS.contains(&word)
}

/// Whether this is a name that Refinery knows. Masking it everywhere would make messages
/// incomprehensible.
pub fn is_name(word: &str) -> bool {
    NormalizedName::of(word).is_some_and(|word| word.is_harmless() || ALL.contains(&word))
}

/// A name in lower case without `_`, `-` and dots.
#[derive(PartialEq, Eq)]
struct NormalizedName {
    /// Zero after the last.
    bytes: [u8; LONGEST],
    length: usize,
    /// A bit for each letter in it.
    letters: u32,
}

impl NormalizedName {
    /// A name that is normalized already.
    const fn known(text: &str) -> Self {
        let mut name = Self { bytes: [0; LONGEST], length: text.len(), letters: 0 };
        let mut at = 0;
        while at < text.len() {
            let byte = text.as_bytes()[at];
            name.bytes[at] = byte;
            name.letters |= 1 << (byte & 31);
            at += 1;
        }
        name
    }

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

    /// Whether it is a known name that is not secret.
    fn is_harmless(&self) -> bool {
        HARMLESS.binary_search_by(|known| known.text().cmp(self.text())).is_ok()
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
    use crate::schema::Kind;
    use crate::schema::key::Key;
    use crate::schema::secret_names::SecretNames;

    #[test]
    fn tables_have_the_names_of_the_schema() {
        let names = SecretNames::of(&Kind::Config.document().to_json());
        let texts = |table: &'static [NormalizedName]| table.iter().map(NormalizedName::as_str);
        assert!(texts(&KEYS).eq(&names.keys) && texts(&ALL).eq(&names.all));
        assert!(texts(&HARMLESS).eq(&names.harmless) && FLAGS.iter().eq(&names.flags));
        assert!(KEYS.len() > 5 && ALL.len() > KEYS.len() && HARMLESS.len() > 90);
    }

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
            "HONEYCOMB_CONFIG_KEY",
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
