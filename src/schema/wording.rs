//! What we say about each fault of shape: the place, the reason, the repair.

use super::key::Key;
use super::suggest::{homes, nearest};
use super::{Kind, Schema};
use crate::check;
use crate::diagnostic::Finding;
use crate::span::Span;
use crate::syntax::{Entry, Item, Value};
use crate::value::duration::Duration;
use crate::value::memory_size::MemorySize;
use serde_json::Value as Json;

check!(
    UNKNOWN_GROUP,
    "schema/unknown-group",
    Error,
    "no such group of keys exists in this release",
    "the engine's validator refuses names that it does not know, and the process exits"
);
check!(
    UNKNOWN_KEY,
    "schema/unknown-key",
    Error,
    "no such key exists here in this release",
    "the engine's validator refuses names that it does not know, and the process exits"
);
check!(
    MISSING_KEY,
    "schema/missing-key",
    Error,
    "a key that must be written is not",
    "the engine's validator refuses the file, and the process exits"
);
check!(
    EMPTY_VALUE,
    "schema/empty-value",
    Error,
    "a key stands without a value",
    "the engine's validator takes an empty value for a mistake, not for the default, and the \
     process exits"
);
check!(
    WRONG_TYPE,
    "schema/wrong-type",
    Error,
    "the value is not of the key's type",
    "the engine's validator refuses the file, and the process exits"
);
check!(
    BAD_FORMAT,
    "schema/bad-format",
    Error,
    "the value cannot be read as what the key wants",
    "the engine's validator refuses the file, and the process exits"
);
check!(
    NOT_A_CHOICE,
    "schema/not-a-choice",
    Error,
    "the value is none of the allowed ones",
    "the engine compares letter by letter and refuses anything else, and the process exits"
);
check!(
    OUT_OF_RANGE,
    "schema/out-of-range",
    Error,
    "the value is beyond the key's limit",
    "the engine's validator refuses the file, and the process exits"
);
check!(
    CONFLICTING_KEYS,
    "schema/conflicting-keys",
    Error,
    "two keys that exclude each other are both written",
    "the engine's validator refuses the file, and the process exits"
);
check!(
    MIXED_LIST,
    "schema/mixed-list",
    Error,
    "a list of values holds more than one type",
    "the engine's validator wants all elements of one type, and the process exits"
);
check!(
    RESERVED_HEADER,
    "schema/reserved-header",
    Error,
    "a header is set that belongs to Honeycomb",
    "the engine's validator refuses headers that begin with x-honeycomb- or x-hny-"
);

/// A value with the key it stands under.
pub struct Place<'s, 'i> {
    /// `Traces.SendDelay`, `Samplers.prod.RulesBasedSampler.Rules[0]`.
    pub path: String,
    pub key_span: Option<Span>,
    pub item: &'i Item,
    pub key: Key<'s>,
}

impl Place<'_, '_> {
    /// The last name of the path; the whole file where there is none.
    fn name(&self) -> &str {
        if self.path.is_empty() { "the file" } else { &self.path }
    }

    fn at_value(&self, finding: Finding, text: impl Into<String>) -> Finding {
        match self.item.span.or(self.key_span) {
            Some(span) => finding.at(span, text).refuses(),
            None => finding.refuses(),
        }
    }

    fn at_key(&self, finding: Finding, text: impl Into<String>) -> Finding {
        match self.key_span.or_else(|| self.item.span.map(beginning)) {
            Some(span) => finding.at(span, text).refuses(),
            None => finding.refuses(),
        }
    }
}

fn beginning(span: Span) -> Span {
    Span { end: span.end.min(span.start + 1), ..span }
}

pub fn unknown_key(schema: &Schema, place: &Place<'_, '_>, entry: &Entry) -> Finding {
    let name = &entry.key;
    let top = place.path.is_empty();
    let check = if top { &UNKNOWN_GROUP } else { &UNKNOWN_KEY };
    let noun = if top && schema.kind == Kind::Config { "group" } else { "key" };
    let message = if top {
        format!("`{name}` is no {noun} of a Refinery {} file", schema.kind.word())
    } else {
        format!("`{}` has no key `{name}`", place.path)
    };
    let finding = Finding::new(check, message).refuses();
    let finding = match entry.key_span {
        Some(span) => finding.at(span, "unknown"),
        None => finding,
    };
    match advice(schema, place, name) {
        Some(advice) => finding.help(advice),
        None => finding,
    }
}

/// Where the name exists, when it came, or what was probably meant.
fn advice(schema: &Schema, place: &Place<'_, '_>, name: &str) -> Option<String> {
    if let Some(later) = later_key(schema, place, name) {
        return Some(format!("`{name}` exists since {later}; remove it, or run that release"));
    }
    let siblings = place.key.children().filter(|(_, k)| !k.is("misplaced")).map(|(n, _)| n);
    if let Some(near) = nearest(name, siblings) {
        return Some(format!("did you mean `{near}`?"));
    }
    let homes = homes(schema.root(), name);
    if !homes.is_empty() && schema.kind == Kind::Config {
        return Some(format!("`{name}` belongs under `{}`", homes.join("` or `")));
    }
    let spread = place.key.children().find(|(_, group)| group.child(name).is_some());
    spread.map(|(group, _)| format!("`{name}` belongs under `{group}`, one level deeper"))
}

/// The release that brought a key which this one lacks.
fn later_key(schema: &Schema, place: &Place<'_, '_>, name: &str) -> Option<String> {
    let mut key = schema.all_releases();
    for part in place.path.split('.').filter(|p| !p.is_empty()) {
        let (part, indexed) = match part.split_once('[') {
            Some((part, _)) => (part, true),
            None => (part, false),
        };
        key = key.child(part)?;
        key = if indexed { key.element()? } else { key };
    }
    let child = key.children().find(|&(n, _)| n == name)?.1;
    child.fact_text("since").map(str::to_owned)
}

pub fn missing_key(place: &Place<'_, '_>, name: &str) -> Finding {
    let finding = Finding::new(&MISSING_KEY, format!("{} lacks `{name}`", quoted(place.name())));
    let sample = place.key.child(name).and_then(|k| sample(&k));
    let help = match sample {
        Some(sample) => format!("write `{name}: {sample}`"),
        None => format!("write `{name}:` with what belongs under it"),
    };
    place.at_key(finding, format!("`{name}` must stand under this")).help(help)
}

fn quoted(name: &str) -> String {
    if name == "the file" { name.to_owned() } else { format!("`{name}`") }
}

/// A value that the key would take.
fn sample(key: &Key<'_>) -> Option<String> {
    if let Some(value) = key.keyword("const").or_else(|| key.keyword("default")) {
        return Some(value.to_string());
    }
    Some(match key.type_name()? {
        "int" if key.keyword("properties").is_none() => "2".to_owned(),
        "string-list" => "[service.name]".to_owned(),
        _ => return None,
    })
}

pub fn empty(place: &Place<'_, '_>) -> Finding {
    let finding = Finding::new(&EMPTY_VALUE, format!("{} has no value", quoted(place.name())));
    let help = match place.key.keyword("default") {
        Some(default) => format!("delete the key to get its default, {}", plain(default)),
        None => "write a value or delete the key".to_owned(),
    };
    place.at_key(finding, format!("wants {}", place.key.wanted())).help(help)
}

pub fn wrong_type(place: &Place<'_, '_>) -> Finding {
    let wanted = place.key.wanted();
    let found = place.item.value.noun();
    let finding = Finding::new(
        &WRONG_TYPE,
        format!("{} wants {wanted}, and this is {found}", quoted(place.name())),
    );
    let finding = place.at_value(finding, format!("this is {found}"));
    match repair(place) {
        Some(repair) => finding.help(repair),
        None => finding,
    }
}

/// What to write instead, where the value's own text says it.
fn repair(place: &Place<'_, '_>) -> Option<String> {
    let raw = &place.item.raw;
    match (place.key.type_name()?, &place.item.value) {
        ("duration", Value::Int(_) | Value::Float(_)) => {
            Some(format!("add a unit: `{raw}s`, or `{raw}ms` if milliseconds are meant"))
        }
        ("int" | "percentage", Value::Float(n)) if n.fract() == 0.0 && n.abs() < 1e15 => {
            Some(format!("write it without fraction or exponent: `{n:.0}`"))
        }
        ("int" | "percentage" | "float", Value::Text(text)) if text.parse::<f64>().is_ok() => {
            Some(format!("remove the quotes: `{text}`"))
        }
        ("bool", Value::Text(text)) => match &*text.to_lowercase() {
            "yes" | "y" | "on" | "t" | "1" | "true" => Some("write `true`".to_owned()),
            "no" | "n" | "off" | "f" | "0" | "false" => Some("write `false`".to_owned()),
            _ => None,
        },
        ("bool" | "default-true", Value::Int(n @ (0 | 1))) => Some(format!("write `{}`", *n == 1)),
        ("string" | "host-port" | "url", _) if !raw.is_empty() => {
            Some(format!("put it in quotes: `\"{raw}\"`"))
        }
        ("string-list", Value::Text(text)) => Some(format!("write a list: `[{text}]`")),
        (_, Value::Text(text)) if text.contains("${") => Some(
            "environment variables are replaced in text values alone, never in numbers, booleans, \
             durations or sizes"
                .to_owned(),
        ),
        _ => None,
    }
}

pub fn not_a_choice(place: &Place<'_, '_>) -> Finding {
    let choices: Vec<String> = match (place.key.keyword("enum"), place.key.keyword("const")) {
        (Some(Json::Array(choices)), _) => choices.iter().map(plain).collect(),
        (_, Some(only)) => vec![plain(only)],
        _ => Vec::new(),
    };
    let written = written(place.item);
    let finding =
        Finding::new(&NOT_A_CHOICE, format!("{} cannot be `{written}`", quoted(place.name())));
    let finding = place.at_value(finding, "none of the allowed values");
    let near = nearest(&written, choices.iter().map(String::as_str));
    finding.help(match near {
        Some(near) if choices.len() > 1 => format!("did you mean `{near}`?"),
        _ => format!("write {}", list(&choices)),
    })
}

pub fn reserved_headers(place: &Place<'_, '_>) -> Vec<Finding> {
    place
        .item
        .entries()
        .iter()
        .filter(|e| crate::value::patterns::is_reserved_header(&e.key))
        .map(|entry| {
            let finding = Finding::new(
                &RESERVED_HEADER,
                format!("`{}` is a header of Honeycomb's", entry.key),
            )
            .help("remove it: the engine sets these headers itself")
            .refuses();
            match entry.key_span {
                Some(span) => finding.at(span, "reserved"),
                None => finding,
            }
        })
        .collect()
}

/// Faults of the engine's own keywords.
pub fn custom(place: &Place<'_, '_>, keyword: &str) -> Finding {
    match keyword {
        "format" => bad_format(place),
        "sameType" => mixed_list(place),
        "conflicting" => conflicting(place),
        _ => out_of_range(place, keyword),
    }
}

fn bad_format(place: &Place<'_, '_>) -> Finding {
    let written = written(place.item);
    let wanted = place.key.wanted();
    let message = if place.key.is_secret() {
        format!("{} wants {wanted}, and this is none", quoted(place.name()))
    } else {
        format!("`{written}` is not {wanted}",)
    };
    let finding = place.at_value(Finding::new(&BAD_FORMAT, message), reason(place, &written));
    match format_repair(place, &written) {
        Some(repair) => finding.help(repair),
        None => finding,
    }
}

/// Why the reader of that format stopped.
fn reason(place: &Place<'_, '_>, written: &str) -> String {
    let reason = match place.key.text("format") {
        Some("go-duration") => Duration::parse(written).err().map(|e| e.to_string()),
        Some("memory-size") => MemorySize::parse(written).err().map(|e| e.to_string()),
        Some("host-port") => {
            crate::value::host_port::split_host_port(written).err().map(|e| e.to_string())
        }
        Some("http-url") => crate::value::url::parse_http_url(written).err().map(|e| e.to_string()),
        _ => None,
    };
    reason.unwrap_or_else(|| format!("not {}", place.key.wanted()))
}

fn format_repair(place: &Place<'_, '_>, written: &str) -> Option<String> {
    let compact: String = written.split_whitespace().collect();
    match place.key.text("format")? {
        "go-duration" => {
            if Duration::parse(&compact).is_ok() && compact != written {
                return Some(format!("write `{compact}`"));
            }
            if let Some(days) = compact.strip_suffix('d').and_then(|d| d.parse::<u32>().ok()) {
                return Some(format!("days are unknown: write `{}h`", days.saturating_mul(24)));
            }
            Some("write a number with a unit: `300ms`, `10s`, `1m30s`, `2h`".to_owned())
        }
        "memory-size" if MemorySize::parse(&compact).is_ok() => Some(format!("write `{compact}`")),
        "memory-size" => Some("write a number with a unit and no blank: `512Mi`, `4Gb`".to_owned()),
        "host-port" => Some(format!("write host and port: `{}:8080`", host_of(written))),
        "http-url" => Some("write a whole URL: `https://host` or `http://host:port`".to_owned()),
        "minor-version" => Some("write `v` and two numbers: `v2.0`".to_owned()),
        "alphanumeric" => Some("use letters and digits alone".to_owned()),
        "api-key" => Some("delete the key if none is needed; an empty one is refused".to_owned()),
        "go-bool-word" => Some("write `true` or `false`".to_owned()),
        _ => None,
    }
}

fn host_of(written: &str) -> &str {
    let host = written.trim().trim_start_matches("http://").trim_start_matches("https://");
    if host.is_empty() || host.contains([':', '/', '$', ' ']) { "0.0.0.0" } else { host }
}

fn mixed_list(place: &Place<'_, '_>) -> Finding {
    let finding = Finding::new(&MIXED_LIST, format!("{} mixes types", quoted(place.name())));
    let finding = place.at_value(finding, "all elements must be of one type");
    finding.help("quote all of them, or none")
}

fn conflicting(place: &Place<'_, '_>) -> Finding {
    let names = place.key.keyword("conflicting").and_then(Json::as_array);
    let entries: Vec<&Entry> =
        names.into_iter().flatten().filter_map(|n| place.item.entry(n.as_str()?)).collect();
    let names: Vec<String> = entries.iter().map(|e| e.key.clone()).collect();
    let finding = Finding::new(&CONFLICTING_KEYS, format!("{} exclude each other", list(&names)));
    let finding = entries.iter().rev().filter_map(|e| e.key_span).fold(finding, |finding, span| {
        let text = if finding.labels.is_empty() { "this key" } else { "excludes this one" };
        finding.at(span, text)
    });
    finding.help(format!("keep one of {}", list(&names))).refuses()
}

fn out_of_range(place: &Place<'_, '_>, keyword: &str) -> Finding {
    let limit = place.key.keyword(keyword).map(plain).unwrap_or_default();
    let rule = match keyword {
        "maximum" | "quantityMaximum" => format!("at most {limit}"),
        "quantityMinimumOrZero" => format!("0s, or at least {limit}"),
        _ => format!("at least {limit}"),
    };
    let written = written(place.item);
    let finding = Finding::new(&OUT_OF_RANGE, format!("{} must be {rule}", quoted(place.name())));
    let finding = place.at_value(finding, format!("`{written}` is not {rule}"));
    let is_size = place.key.text("format") == Some("memory-size");
    if is_size && Duration::parse(&written).is_ok() {
        return finding.help(format!(
            "the engine reads `{written}` as a duration here: write `{}`",
            written.to_uppercase()
        ));
    }
    match place.key.keyword("default") {
        Some(default) => finding.help(format!("the default is {}", plain(default))),
        None => finding,
    }
}

/// A keyword of the schema that has no wording yet still makes a finding.
pub fn other(place: &Place<'_, '_>, keyword: &str) -> Finding {
    let message = format!("{} breaks the schema's rule `{keyword}`", quoted(place.name()));
    place.at_value(Finding::new(&WRONG_TYPE, message), "here")
}

/// A fault that leads to no key that the schema knows still stops the file.
pub fn lost(item: &Item, path: &str, keyword: &str) -> Finding {
    let message = format!("the value at `{path}` breaks the schema's rule `{keyword}`");
    let finding = Finding::new(&WRONG_TYPE, message).refuses();
    match item.span {
        Some(span) => finding.at(beginning(span), "somewhere in this file"),
        None => finding,
    }
}

/// A value as it is written, shortened.
fn written(item: &Item) -> String {
    let text = match &item.value {
        Value::Text(text) => text.as_str(),
        _ => item.raw.as_str(),
    };
    if text.chars().count() > 60 {
        format!("{}…", text.chars().take(57).collect::<String>())
    } else {
        text.to_owned()
    }
}

fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn list(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}
