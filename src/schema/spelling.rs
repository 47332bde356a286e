//! What people write instead of valid values: units as words, rates as shares, operators of other
//! languages.
//!
//! Knows what a value is meant to be. Must not contain messages about it (`wording`, `formats`).

use crate::value::duration::Duration;
use crate::value::memory_size::MemorySize;

/// Operators by the names that other languages have for them.
const OPERATORS: [(&str, &[&str]); 15] = [
    ("=", &["==", "===", "eq", "equal", "equals", "is", "equalto"]),
    ("!=", &["<>", "!==", "/=", "~=", "≠", "ne", "neq", "notequal", "notequals", "isnot", "not"]),
    (">=", &["=>", "≥", "gte", "ge", "greaterorequal", "greaterthanorequal", "atleast"]),
    ("<=", &["=<", "≤", "lte", "le", "lessorequal", "lessthanorequal", "atmost"]),
    (">", &["gt", "greater", "greaterthan", "above", "over"]),
    ("<", &["lt", "less", "lessthan", "below", "under"]),
    ("starts-with", &["startswith", "startwith", "beginswith", "prefix", "hasprefix"]),
    ("contains", &["contain", "includes", "include", "like", "has", "substring"]),
    ("does-not-contain", &["doesnotcontain", "notcontains", "notcontain", "excludes", "notlike"]),
    ("exists", &["exist", "present", "isset", "notnull"]),
    (
        "not-exists",
        &[
            "notexists",
            "notexist",
            "doesnotexist",
            "doesnotexists",
            "missing",
            "absent",
            "isnull",
            "null",
        ],
    ),
    ("has-root-span", &["hasrootspan", "hasroot", "rootspan"]),
    ("matches", &["=~", "~", "regex", "regexp", "match", "re", "matchesregex"]),
    ("in", &["isin", "oneof", "anyof", "isoneof"]),
    ("not-in", &["notin", "nin", "noneof", "isnotin"]),
];

/// The operator that a name of another language stands for.
pub fn operator(written: &str) -> Option<&'static str> {
    let is_joint = |c: char| matches!(c, '-' | '_' | ' ' | '.');
    let lower = written.trim().to_lowercase();
    let compact: String = lower.chars().filter(|c| !is_joint(*c)).collect();
    let found = OPERATORS.iter().find(|(name, others)| {
        let is_it = |other: &&str| *other == lower || *other == compact;
        others.iter().any(is_it) || name.replace('-', "") == compact
    });
    found.map(|(name, _)| *name)
}

/// Of how many traces one is kept, where the share that is kept is written: `0.05`, `5%`, `1/20`.
pub fn one_in(written: &str) -> Option<u64> {
    let compact: String = written.chars().filter(|c| !c.is_whitespace()).collect();
    let share = if let Some(percent) = compact.strip_suffix('%') {
        percent.parse::<f64>().ok()? / 100.0
    } else if let Some((one, many)) = compact.split_once(['/', ':']) {
        one.parse::<f64>().ok()? / many.parse::<f64>().ok()?
    } else if let Some((one, many)) = compact.split_once("in") {
        one.parse::<f64>().ok()? / many.parse::<f64>().ok()?
    } else {
        compact.parse::<f64>().ok().filter(|share| *share < 1.0)?
    };
    let number = (1.0 / share).round();
    let is_rate = share > 0.0 && share <= 1.0 && number < 1e15;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 to 1e15")]
    is_rate.then_some(number as u64)
}

/// A duration with its units in words: `10 seconds`, `5min`; or with what does not belong to it.
pub fn duration(written: &str) -> Option<String> {
    const UNITS: [(&str, &[&str]); 6] = [
        ("ms", &["ms", "msec", "msecs", "millis", "millisecond", "milliseconds"]),
        ("s", &["s", "sec", "secs", "second", "seconds"]),
        ("m", &["m", "min", "mins", "minute", "minutes"]),
        ("h", &["h", "hr", "hrs", "hour", "hours"]),
        ("us", &["us", "usec", "micros", "microsecond", "microseconds"]),
        ("ns", &["ns", "nanos", "nanosecond", "nanoseconds"]),
    ];
    let text = written.trim().trim_end_matches([',', ';']).to_lowercase();
    let mut rest = text.as_str();
    let mut whole = String::new();
    while !rest.trim_start().is_empty() {
        rest = rest.trim_start();
        let (number, after) = rest.split_at(rest.find(|c: char| !is_digit(c))?);
        let after = after.trim_start();
        let end = after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len());
        let (word, after) = after.split_at(end);
        let (unit, _) = UNITS.iter().find(|(_, names)| names.contains(&word))?;
        whole.push_str(number);
        whole.push_str(unit);
        rest = after.trim_start().trim_start_matches("and ");
    }
    (Duration::parse(&whole).is_ok() && whole != written).then_some(whole)
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || c == '.'
}

/// An amount of memory with its unit spelt otherwise: `500 MB`, `2 gigabytes`, `1G`.
pub fn memory(written: &str) -> Option<String> {
    let text = written.trim().trim_end_matches([',', ';']);
    let (number, unit) = text.split_at(text.find(|c: char| !is_digit(c))?);
    let unit = match &*unit.trim().to_lowercase() {
        "b" | "byte" | "bytes" => "",
        "k" | "kb" | "kilobyte" | "kilobytes" => "Kb",
        "m" | "mb" | "megabyte" | "megabytes" | "meg" => "Mb",
        "g" | "gb" | "gigabyte" | "gigabytes" | "gig" => "Gb",
        "t" | "tb" | "terabyte" | "terabytes" => "Tb",
        "ki" | "kib" | "kibibyte" | "kibibytes" => "Ki",
        "mi" | "mib" | "mebibyte" | "mebibytes" => "Mi",
        "gi" | "gib" | "gibibyte" | "gibibytes" => "Gi",
        "ti" | "tib" => "Ti",
        _ => return None,
    };
    let whole = format!("{number}{unit}");
    (MemorySize::parse(&whole).is_ok() && whole != written).then_some(whole)
}

/// The text without quotes that a word processor has bent.
pub fn straightened(written: &str) -> Option<&str> {
    const BENT: [char; 8] = ['“', '”', '„', '‘', '’', '‚', '«', '»'];
    let inner = written.trim_matches(BENT);
    (inner.len() < written.len()).then_some(inner)
}

/// Something of white space in a name that YAML takes for a letter.
pub fn odd_space(name: &str) -> Option<char> {
    name.chars().find(|c| c.is_whitespace() && !matches!(c, ' ' | '\t') || *c == '\u{200b}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_have_names_elsewhere() {
        for (written, meant) in [
            ("=>", Some(">=")),
            ("==", Some("=")),
            ("<>", Some("!=")),
            ("Equals", Some("=")),
            ("not_equal", Some("!=")),
            ("gte", Some(">=")),
            ("startswith", Some("starts-with")),
            ("starts_with", Some("starts-with")),
            ("not_exists", Some("not-exists")),
            ("regex", Some("matches")),
            ("NOT IN", Some("not-in")),
            ("sounds-like", None),
            ("", None),
        ] {
            assert_eq!(operator(written), meant, "{written}");
        }
    }

    #[test]
    fn a_share_is_one_in_so_many() {
        for (written, rate) in [
            ("0.05", Some(20)),
            ("5%", Some(20)),
            ("5 %", Some(20)),
            ("1/20", Some(20)),
            ("1 in 20", Some(20)),
            ("1:20", Some(20)),
            (".5", Some(2)),
            ("100%", Some(1)),
            ("0.33", Some(3)),
            ("0", None),
            ("0%", None),
            ("-0.5", None),
            ("1.5", None),
            ("20", None),
            ("all", None),
            ("1/0", None),
        ] {
            assert_eq!(one_in(written), rate, "{written}");
        }
    }

    #[test]
    fn units_are_words_too() {
        for (written, meant) in [
            ("10 seconds", Some("10s")),
            ("10sec", Some("10s")),
            ("1 minute 30 seconds", Some("1m30s")),
            ("5 Min", Some("5m")),
            ("2s,", Some("2s")),
            ("1.5 hours", Some("1.5h")),
            ("10", None),
            ("2s", None),
            ("soon", None),
            ("3 weeks", None),
        ] {
            assert_eq!(duration(written).as_deref(), meant, "{written}");
        }
        for (written, meant) in [
            ("500 MB", Some("500Mb")),
            ("2 gigabytes", Some("2Gb")),
            ("4 GiB", Some("4Gi")),
            ("4Gb", None),
            ("lots", None),
        ] {
            assert_eq!(memory(written).as_deref(), meant, "{written}");
        }
    }

    #[test]
    fn bent_quotes_go() {
        assert_eq!(straightened("“stdout”"), Some("stdout"));
        assert_eq!(straightened("don’t"), None);
    }
}
