//! The findings about values that have the wrong format or are out of range.

use super::advice::{Advice, bool_of_word};
use super::phrases::{plain, written};
use super::place::Place;
use super::spelling::{duration, memory};
use super::{Quirk, Schema};
use crate::check;
use crate::diagnostic::Finding;
use crate::value::duration::Duration;
use crate::value::host_port::split_host_port;
use crate::value::memory_size::MemorySize;
use crate::value::url::parse_http_url;

check!(
    BAD_FORMAT,
    "schema/bad-format",
    Error,
    kind: Verdict,
    "malformed value",
    "Refinery's validator rejects the file, and the process exits."
);
check!(
    OUT_OF_RANGE,
    "schema/out-of-range",
    Error,
    kind: Verdict,
    "value out of range",
    "Refinery's validator rejects the file, and the process exits."
);
pub fn bad_format(schema: &Schema, place: &Place<'_, '_>) -> Finding {
    let written = written(place.item);
    let wanted = place.key.wanted();
    let found = match written.as_str() {
        _ if place.key.is_secret() => "but this is not one".to_owned(),
        "" => "but it is empty".to_owned(),
        written => format!("not `{written}`"),
    };
    let finding = Finding::new(&BAD_FORMAT, format!("{} must be {wanted}, {found}", place.name()));
    let finding = place.at_value(finding, reason(place, &written));
    match advise(schema, place, &written) {
        Some(advice) => advice.offer(finding, place.item.span),
        None => finding,
    }
}

/// Why the reader of that format stopped.
fn reason(place: &Place<'_, '_>, written: &str) -> String {
    let reason = match place.key.text("format") {
        Some("go-duration") => Duration::parse(written).err().map(|e| e.to_string()),
        Some("memory-size") => MemorySize::parse(written).err().map(|e| e.to_string()),
        Some("host-port") => split_host_port(written).err().map(|e| e.to_string()),
        Some("http-url") => parse_http_url(written).err().map(|e| e.to_string()),
        _ => None,
    };
    reason.unwrap_or_else(|| format!("not {}", place.key.wanted()))
}

fn advise(schema: &Schema, place: &Place<'_, '_>, written: &str) -> Option<Advice> {
    let advice = |words: &str| Some(Advice::Text(words.to_owned()));
    if written.contains("${") {
        return advice(on_variables(schema));
    }
    if schema.quirks().has(Quirk::ExpandsVariables)
        && place.key.is_expanded()
        && let Some(braced) = with_braces(written)
    {
        let help = format!("write `{braced}`: Refinery only replaces variables in braces");
        return Some(Advice::Unsafe(help, braced));
    }
    let compact: String = written.split_whitespace().collect();
    match place.key.text("format")? {
        "go-duration" => Some(advise_on_duration(&compact, written)),
        "memory-size" if MemorySize::parse(&compact).is_ok() => Some(Advice::write(compact)),
        "memory-size" => match memory(written) {
            Some(meant) => Some(Advice::write(meant)),
            None => advice("write a number with a unit and no space: `512Mi`, `4Gb`"),
        },
        "host-port" => Some(advise_on_host_port(place, &compact)),
        "http-url" => Some(advise_on_url(&compact)),
        "minor-version" => advice("write `v` and two numbers: `v2.0`"),
        "alphanumeric" => advice("remove all other characters, spaces and dashes too"),
        "api-key" | "api-key-loose" => {
            advice("write a Honeycomb API key, or delete this key: an empty value is rejected too")
        }
        "api-key-or-empty" => advice("write a Honeycomb API key, or delete this key"),
        "go-bool-word" => bool_of_word(written).map(|b| Advice::write(b.to_string())),
        _ => None,
    }
}

/// `$NAME` and `$(NAME)` as `${NAME}`, if a text has such a reference.
fn with_braces(written: &str) -> Option<String> {
    let mut braced = String::new();
    let mut rest = written;
    while let Some((before, after)) = rest.split_once('$') {
        let inner = after.strip_prefix('(').unwrap_or(after);
        let is_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        let (name, tail) = inner.split_at(inner.find(|c| !is_name(c)).unwrap_or(inner.len()));
        let tail = if inner.len() < after.len() { tail.strip_prefix(')')? } else { tail };
        if !name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_') {
            return None;
        }
        braced.extend([before, "${", name, "}"]);
        rest = tail;
    }
    (!braced.is_empty()).then(|| braced + rest)
}

/// Why a reference to a variable is still there when the value is looked at.
pub fn on_variables(schema: &Schema) -> &'static str {
    if schema.quirks().has(Quirk::ExpandsVariables) {
        "set the variable: where it is unset or empty, Refinery keeps the text as it is written"
    } else {
        "Refinery replaces variables only since v2.9.5: write the value itself, or run that release"
    }
}

fn advise_on_duration(compact: &str, written: &str) -> Advice {
    if Duration::parse(compact).is_ok() && compact != written {
        return Advice::write(compact);
    }
    if let Some(meant) = duration(written) {
        return Advice::write(meant);
    }
    if !written.is_empty() && written.bytes().all(|b| b.is_ascii_digit()) {
        let help = format!("add a unit: `{written}s`, or `{written}ms` for milliseconds");
        return Advice::Unsafe(help, format!("{written}s"));
    }
    match compact.strip_suffix('d').and_then(|days| days.parse::<u32>().ok()) {
        Some(days) => {
            let hours = format!("{}h", days.saturating_mul(24));
            Advice::Safe(format!("there is no unit for days: write `{hours}`"), hours)
        }
        None => {
            Advice::Text("write a number with a unit: `300ms`, `10s`, `1m30s`, `2h`".to_owned())
        }
    }
}

/// The host as it is written with the port that such a key usually has, or the other way round.
pub fn advise_on_host_port(place: &Place<'_, '_>, compact: &str) -> Advice {
    const ANY: (&str, &str) = ("0.0.0.0", "8080");
    let sample = place.key.sample().map(plain).unwrap_or_default();
    let (host, port) = sample.rsplit_once(':').unwrap_or(ANY);
    let written = compact.split_once("://").map_or(compact, |(_, rest)| rest);
    let written = written.rsplit('@').next().unwrap_or_default().trim_end_matches('/');
    if split_host_port(written).is_ok() {
        let help = format!("write only host and port: `{written}`");
        return Advice::Safe(help, written.to_owned());
    }
    let whole = if !written.is_empty() && written.bytes().all(|b| b.is_ascii_digit()) {
        format!("{host}:{written}")
    } else if written.is_empty() || written.contains([':', '/', '@', '$']) {
        return Advice::Text(format!("write host and port: `{host}:{port}`"));
    } else {
        format!("{written}:{port}")
    };
    Advice::Unsafe(format!("write host and port: `{whole}`"), whole)
}

fn advise_on_url(compact: &str) -> Advice {
    let has_scheme = compact.contains("://");
    let scheme = if compact.contains(':') && !compact.ends_with(":443") { "http" } else { "https" };
    let whole = format!("{scheme}://{compact}");
    if !has_scheme && parse_http_url(&whole).is_ok() {
        Advice::Unsafe(format!("write `{whole}`"), whole)
    } else {
        Advice::Text("write a whole URL: `https://host` or `http://host:port`".to_owned())
    }
}

pub fn out_of_range(place: &Place<'_, '_>, keyword: &str) -> Finding {
    let limit = place.key.keyword(keyword).map(plain).unwrap_or_default();
    let rule = match keyword {
        "maximum" | "quantityMaximum" => format!("at most {limit}"),
        "quantityMinimumOrZero" => format!("0s, or at least {limit}"),
        _ => format!("at least {limit}"),
    };
    let written = written(place.item);
    let finding = Finding::new(&OUT_OF_RANGE, format!("{} must be {rule}", place.name()));
    let finding = place.at_value(finding, format!("`{written}` is not {rule}"));
    let is_size = place.key.text("format") == Some("memory-size");
    if is_size && Duration::parse(&written).is_ok() {
        return finding.help(format!(
            "Refinery reads `{written}` as a duration here: write `{}`",
            written.to_uppercase()
        ));
    }
    match place.key.keyword("default") {
        Some(default) => finding.help(format!("the default is {}", plain(default))),
        None => finding,
    }
}

#[cfg(test)]
mod tests {
    use super::with_braces;

    #[test]
    fn references_get_braces() {
        for (written, braced) in [
            ("$ADDR", Some("${ADDR}")),
            ("$(HOST):$PORT", Some("${HOST}:${PORT}")),
            ("localhost", None),
            ("$1", None),
            ("pa$word", None),
            ("$(HOST", None),
        ] {
            assert_eq!(with_braces(written).as_deref(), braced, "{written}");
        }
    }
}
