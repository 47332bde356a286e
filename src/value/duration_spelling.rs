//! Suggests the Go spelling for durations in other spellings, such as `2 days`.
//!
//! Must not decide what a valid duration is: `duration` does.

use super::duration_unit::{split_unit, unit_named};

/// The text without spaces and with Go's units; `None` if a unit is unknown. The result may still be
/// invalid.
pub(super) fn respell(text: &str) -> Option<String> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace() && *c != '_').collect();
    let body = compact.trim_start_matches(['-', '+']);
    let mut respelled =
        if text.trim_start().starts_with('-') { "-".to_owned() } else { String::new() };
    let mut rest = body;
    while !rest.is_empty() {
        let (number, after) = rest
            .split_at(rest.find(|c: char| c != '.' && !c.is_ascii_digit()).unwrap_or(rest.len()));
        let (word, next) = split_unit(after);
        respelled.push_str(&respell_term(number, &word.to_lowercase())?);
        rest = next;
    }
    Some(respelled)
}

/// A number with its unit in Go's spelling. Go has no days and weeks, so they become hours.
fn respell_term(number: &str, word: &str) -> Option<String> {
    let in_hours =
        |hours: u64| Some(format!("{}h", number.parse::<u64>().ok()?.checked_mul(hours)?));
    let unit = match word {
        "d" | "day" | "days" => return in_hours(24),
        "w" | "week" | "weeks" => return in_hours(7 * 24),
        "hr" | "hrs" | "hour" | "hours" => "h",
        "min" | "mins" | "minute" | "minutes" => "m",
        "sec" | "secs" | "second" | "seconds" => "s",
        "msec" | "msecs" | "millisecond" | "milliseconds" => "ms",
        known if unit_named(known).is_some() => known,
        _ => return None,
    };
    Some(format!("{number}{unit}"))
}

#[cfg(test)]
mod tests {
    use crate::value::duration::Duration;

    #[test]
    fn suggests_what_was_meant() {
        for (text, suggestion) in [
            ("1h 30m", Some("1h30m")),
            ("-2d", Some("-48h")),
            ("10 Seconds", Some("10s")),
            ("1_000ms", Some("1000ms")),
            ("30", None),
            ("soon", None),
        ] {
            assert_eq!(
                Duration::parse(text).unwrap_err().suggestion.as_deref(),
                suggestion,
                "{text}"
            );
        }
    }
}
