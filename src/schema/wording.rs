//! The findings about missing keys and about values of the wrong type.

use super::Schema;
use super::advice::{Advice, bool_of_word};
use super::formats::advise_on_host_port;
use super::key::Key;
use super::node::Node;
use super::phrases::{allowed, list, plain, some, written};
use super::place::Place;
use super::spelling::one_in;
use crate::check;
use crate::diagnostic::{Edit, Finding};
use crate::span::Span;
use crate::syntax::{Entry, Item, Value, is_plain_text};

check!(
    MISSING_KEY,
    "schema/missing-key",
    Error,
    kind: Verdict,
    "missing required key",
    "Refinery's validator rejects the file, and the process exits."
);
check!(
    EMPTY_VALUE,
    "schema/empty-value",
    Error,
    kind: Verdict,
    "key without a value",
    "Refinery's validator rejects an empty value; it does not use the default. The process exits."
);
check!(
    WRONG_TYPE,
    "schema/wrong-type",
    Error,
    kind: Verdict,
    "value of the wrong type",
    "Refinery's validator rejects the file, and the process exits."
);
check!(
    CONFLICTING_KEYS,
    "schema/conflicting-keys",
    Error,
    kind: Verdict,
    "two keys that exclude each other",
    "Refinery's validator rejects the file, and the process exits."
);
check!(
    MIXED_LIST,
    "schema/mixed-list",
    Error,
    kind: Verdict,
    "list with values of more than one type",
    "Refinery's validator expects all items to be of one type, and the process exits."
);
check!(
    RESERVED_HEADER,
    "schema/reserved-header",
    Error,
    kind: Verdict,
    "header that is reserved for Honeycomb",
    "Refinery's validator rejects headers that start with x-honeycomb- or x-hny-."
);

pub fn missing_key(place: &Place<'_, '_>, name: &str) -> Finding {
    let message = format!("missing required key `{name}` in {}", place.name());
    let finding = Finding::new(&MISSING_KEY, message);
    if let Some((entry, span)) = almost_default(place, name) {
        return finding
            .at(span, format!("a target named `{}`", entry.key))
            .help(format!("rename `{}` to `{name}`, the target of all other traces", entry.key))
            .perhaps_fixed_by(Edit::Replace(span, name.to_owned()))
            .refuses();
    }
    let where_to = if place.is_whole_file() { "in this file" } else { "here" };
    place
        .at_key(finding, format!("`{name}` is required {where_to}"))
        .help(format!("add {}", written_out(place.key, name)))
}

/// The target that is meant for all traces that no other target has, by almost its name.
fn almost_default<'i>(place: &Place<'_, 'i>, name: &str) -> Option<(&'i Entry, Span)> {
    let plain = |name: &str| name.trim_matches(|c: char| !c.is_alphabetic()).to_lowercase();
    let is_free = |entry: &&Entry| plain(&entry.key) == plain(name);
    let entry = place.item.entries().iter().find(is_free).filter(|_| name == "__default__")?;
    Some((entry, entry.key_span?))
}

/// A child key with a value for it.
fn written_out(key: Key<'_>, name: &str) -> String {
    let Some(child) = key.child(name) else { return format!("`{name}:`") };
    if let Some(sample) = child.sample() {
        let sample = plain(sample);
        // A list depends on the traffic.
        return match child.wanted() {
            wanted if wanted == "a list" => format!("`{name}:` with {wanted}, such as `{sample}`"),
            _ => format!("`{name}: {sample}`"),
        };
    }
    if !child.go_type().contains("struct") {
        return format!("`{name}:` with {}", child.wanted());
    }
    if let Some(inner) = child.required_child() {
        let sample = child.child(inner).and_then(|inner| inner.sample());
        let inner = sample
            .map_or_else(|| format!("{inner}:"), |sample| format!("{inner}: {}", plain(sample)));
        return format!("`{name}:` with `{inner}` under it");
    }
    let known: Vec<String> = child.usable_children().map(str::to_owned).collect();
    format!("`{name}:` with one of {} under it", some(&known))
}

pub fn empty(place: &Place<'_, '_>) -> Finding {
    let finding = Finding::new(&EMPTY_VALUE, format!("{} has no value", place.name()));
    let help = match (place.key.keyword("default"), place.key.required_child()) {
        (Some(default), _) => format!("delete the key to use the default, `{}`", plain(default)),
        (_, Some(name)) => format!("write {} under it", written_out(place.key, name)),
        _ if !place.key.choices().is_empty() => allowed(&place.key.choices()),
        _ if place.key.keyword("properties").is_some() => {
            let known: Vec<String> = place.key.usable_children().map(str::to_owned).collect();
            format!("write one of {} under it, or delete the key", some(&known))
        }
        _ => "write a value or delete the key".to_owned(),
    };
    place.at_key(finding, format!("expected {}", place.key.wanted())).help(help)
}

pub fn wrong_type(schema: &Schema, place: &Place<'_, '_>) -> Finding {
    if let Value::Mixed(pairs) = &place.item.value {
        return odd_key(place, pairs);
    }
    let wanted = place.key.wanted();
    let found = place.item.value.noun();
    let message = format!("{} must be {wanted}, not {found}", place.name());
    let finding = place.at_value(Finding::new(&WRONG_TYPE, message), format!("this is {found}"));
    if let Some(fix) = unglue(place) {
        return finding.help(layout(place).unwrap_or_default()).fixed_by(fix);
    }
    if let Some(help) = layout(place) {
        return finding.help(help);
    }
    let choices = place.key.choices();
    if !choices.is_empty() {
        return finding.help(allowed(&choices));
    }
    match advise(place) {
        Some(advice) => advice.offer(finding, place.item.span),
        None => match later_list(schema, place).or_else(|| valid_value(place.key)) {
            Some(advice) => finding.help(advice),
            None => finding,
        },
    }
}

/// What to write where a mapping or a list is expected and something else is there.
fn layout(place: &Place<'_, '_>) -> Option<String> {
    let wanted = place.key.wanted();
    let children = place.key.keyword("properties").or(place.key.keyword("additionalProperties"));
    match &place.item.value {
        Value::List(items) if wanted == "a mapping" => {
            let first = items.iter().find_map(|item| item.entries().first());
            if let Some(list) = first.and_then(|entry| list_of(place.key, &entry.key)) {
                return Some(format!("write `{list}:` on a line of its own above the list"));
            }
            Some(match first {
                Some(entry) => {
                    let what = match items.len() {
                        1 => format!("the `- ` before `{}`", entry.key),
                        _ => "the `- ` of every item".to_owned(),
                    };
                    format!("remove {what}: a mapping is expected, not a list")
                }
                None => "write `key: value` pairs, without `- `".to_owned(),
            })
        }
        Value::Map(entries) if wanted == "a list" => entries.first().map(|entry| {
            format!(
                "start the item with `- {}`, and indent the rest of it by 2 more spaces",
                entry.key
            )
        }),
        Value::List(items) if !wanted.contains("list") && items.len() == 1 => {
            Some("write the value without `[` and `]`".to_owned())
        }
        Value::Text(text) if wanted == "a list" && text.starts_with('-') => {
            Some("write a space after each `-`".to_owned())
        }
        Value::Text(text) if wanted == "a mapping" && is_glued(text) => {
            let (name, value) = text.split_once(':')?;
            let value = value.split_whitespace().next().unwrap_or_default();
            Some(format!("write a space after the `:`, as in `{name}: {value}`"))
        }
        Value::Int(_) | Value::Text(_) | Value::Float(_) if wanted == "a mapping" => {
            children?;
            let raw = place.item.raw.as_str();
            match place.key.required_child() {
                Some(name) if !raw.is_empty() => Some(format!("write `{name}: {raw}` under it")),
                Some(name) => Some(format!("write {} under it", written_out(place.key, name))),
                None if is_child(place) => {
                    let name = written(place.item);
                    Some(format!(
                        "write `{name}:` on the next line, indented, with its keys under it"
                    ))
                }
                None => {
                    let known: Vec<String> =
                        place.key.usable_children().map(str::to_owned).collect();
                    Some(match known.as_slice() {
                        [] => "write `key: value` pairs under it, each on a line of its own"
                            .to_owned(),
                        _ => format!("write one of {} under it", some(&known)),
                    })
                }
            }
        }
        _ => None,
    }
}

/// Whether the value is the name of a child key, such as `Sampler: DynamicSampler`.
fn is_child(place: &Place<'_, '_>) -> bool {
    place.item.text().is_some_and(|text| place.key.usable_children().any(|name| name == text))
}

/// The child whose list elements have this key.
fn list_of<'s>(key: Key<'s>, name: &str) -> Option<&'s str> {
    let has = |element: Key<'_>| element.children().any(|(child, _)| child == name);
    let found = key.children().find(|(_, child)| child.element().is_some_and(has));
    found.map(|(list, _)| list)
}

/// The space after the `:` of `key:value`.
fn unglue(place: &Place<'_, '_>) -> Option<Edit> {
    let Value::Text(text) = &place.item.value else { return None };
    let span = place.item.span?;
    let is_one = span.range().len() == text.len() && !text.contains(char::is_whitespace);
    if place.key.wanted() != "a mapping" || !is_one || !is_glued(text) {
        return None;
    }
    let at = span.range().start + text.find(':')? + 1;
    Some(Edit::Replace(Span::new(span.file, at, at), " ".to_owned()))
}

/// `key:value` without the space.
fn is_glued(text: &str) -> bool {
    let glued = text.split_once(':').filter(|(_, value)| !value.starts_with([' ', '/']));
    glued.is_some_and(|(name, _)| !name.is_empty() && name.chars().all(char::is_alphanumeric))
}

/// If one key is not a string, Refinery reads the whole mapping as another type.
fn odd_key(place: &Place<'_, '_>, pairs: &[(Item, Item)]) -> Finding {
    let odd = pairs.iter().map(|(key, _)| key).find(|key| !matches!(key.value, Value::Text(_)));
    let Some((key, span)) = odd.and_then(|key| Some((key, key.span?))) else {
        return other_rule(place, "type");
    };
    let noun = key.value.noun();
    let message = format!("a key of {} must be a string, not {noun}", place.name());
    Finding::new(&WRONG_TYPE, message)
        .at(span, format!("this is {noun}"))
        .help(format!("put the key in quotes: `\"{}\"`", key.raw))
        .refuses()
}

/// A list where only later releases take one.
fn later_list(schema: &Schema, place: &Place<'_, '_>) -> Option<String> {
    let types = schema.key_of_all_releases(&place.path)?.keyword("type")?.as_array()?;
    let is_taken = matches!(place.item.value, Value::List(_)) && types.iter().any(|t| t == "array");
    is_taken.then(|| {
        "later releases accept a list here: write one value, or run one of them".to_owned()
    })
}

/// A value that is valid for a key.
fn valid_value(key: Key<'_>) -> Option<String> {
    let wanted = key.wanted();
    if let Some(default) = key.keyword("default").map(plain).filter(|text| !text.is_empty()) {
        return Some(if wanted.contains("such as") {
            format!("the default is `{default}`")
        } else {
            format!("write {wanted}, such as the default, `{default}`")
        });
    }
    key.sample().map(|example| format!("write {wanted}, such as `{}`", plain(example)))
}

/// What to write instead, where the value's own text says it.
fn advise(place: &Place<'_, '_>) -> Option<Advice> {
    let raw = if place.key.is_secret() { "…" } else { &place.item.raw };
    let name = place.key.type_name().or_else(|| place.key.text("type"))?;
    match (name, &place.item.value) {
        (_, Value::Text(text)) if text.contains("${") => Some(Advice::Text(
            "Refinery replaces environment variables in strings only, not in numbers, booleans, \
             durations or sizes"
                .to_owned(),
        )),
        ("duration", Value::Int(_) | Value::Float(_)) => Some(Advice::Unsafe(
            format!("add a unit: `{raw}s`, or `{raw}ms` for milliseconds"),
            format!("{raw}s"),
        )),
        ("int" | "percentage", Value::Text(_) | Value::Float(_)) if share(place).is_some() => {
            share(place)
        }
        ("int" | "percentage", Value::Float(n)) if n.fract() == 0.0 && n.abs() < 1e15 => {
            let help = format!("write it without fraction or exponent: `{n:.0}`");
            Some(Advice::Safe(help, format!("{n:.0}")))
        }
        ("int" | "percentage", Value::Text(text)) if whole_number(text).is_some() => {
            let number = whole_number(text)?;
            Some(Advice::Safe(format!("remove the quotes: `{number}`"), number))
        }
        ("float", Value::Text(text)) if text.parse::<f64>().is_ok() => {
            Some(Advice::Safe(format!("remove the quotes: `{text}`"), text.clone()))
        }
        ("bool", Value::Text(text)) => {
            let Some(meant) = bool_of_word(text) else {
                return Some(Advice::Text("write `true` or `false`".to_owned()));
            };
            let meant = meant.to_string();
            let quotes = if *text == meant { " without quotes" } else { "" };
            Some(Advice::Safe(format!("write `{meant}`{quotes}"), meant))
        }
        ("bool" | "default-true", Value::Int(n @ (0 | 1))) => {
            Some(Advice::write((*n == 1).to_string()))
        }
        ("string-list", Value::Text(text)) => Some(one_element(text)),
        ("string" | "host-port" | "url", Value::Map(_) | Value::List(_)) => None,
        (_, Value::Float(_)) if place.key.text("format") == Some("minor-version") => {
            Some(Advice::write(format!("v{raw}")))
        }
        ("host-port", _) => Some(advise_on_host_port(place, raw)),
        ("scalar-or-list" | "any-scalar", Value::Time) | ("string" | "url", _) => {
            let quoted = format!("\"{raw}\"");
            let help = format!("put it in quotes: `{quoted}`");
            // What is not shown is not written either, and no number is an address in quotes.
            Some(if place.key.is_secret() || name == "url" {
                Advice::Text(help)
            } else {
                Advice::Safe(help, quoted)
            })
        }
        _ => None,
    }
}

/// The number for a share or an amount that is written otherwise.
fn share(place: &Place<'_, '_>) -> Option<Advice> {
    let written = written(place.item);
    let name = place.path.rsplit('.').next()?;
    if name.ends_with("SampleRate") {
        let meaning = format!("`{name}` is N in \"keep 1 in N traces\"");
        return Some(match one_in(&written) {
            Some(rate) => Advice::Unsafe(
                format!("{meaning}: for `{written}`, write `{rate}`"),
                rate.to_string(),
            ),
            None if written.parse::<f64>().is_ok_and(|n| n >= 1.0) => return None,
            None => Advice::Text(format!("{meaning}: write an integer such as `10`")),
        });
    }
    let grouped = written.replace(',', "");
    if grouped != written && written.split(',').skip(1).all(|group| group.len() == 3) {
        return grouped.parse::<u64>().ok().map(|_| Advice::write(grouped));
    }
    if !name.ends_with("Percentage") {
        return None;
    }
    let percent = if let Some(number) = written.strip_suffix('%') {
        number.trim().parse::<u32>().ok()?.to_string()
    } else {
        let share = written.parse::<f64>().ok().filter(|share| (0.0..1.0).contains(share))?;
        format!("{:.0}", share * 100.0)
    };
    Some(Advice::write(percent))
}

/// An integer in a text, which may have a fraction of zero.
fn whole_number(text: &str) -> Option<String> {
    let number = text.split_once('.').filter(|(_, rest)| rest.bytes().all(|b| b == b'0'));
    let number = number.map_or(text, |(whole, _)| whole);
    number.parse::<i64>().ok().map(|number| number.to_string())
}

/// A text as a list of itself; one that holds a mark of lists may have been meant as several.
fn one_element(text: &str) -> Advice {
    let is_several = text.contains([',', '[', ']', '{', '}', '#', '"', '\'', ' ']);
    let element = match text {
        _ if is_several || is_plain_text(text) => text.to_owned(),
        _ => format!("'{text}'"),
    };
    let list = format!("[{element}]");
    let help = format!("write a list: `{list}`");
    if is_several || text.contains(':') { Advice::Text(help) } else { Advice::Safe(help, list) }
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
                format!("header `{}` is reserved for Honeycomb", entry.key),
            )
            .help("remove it: Refinery sets these headers itself")
            .refuses();
            match entry.key_span {
                Some(span) => finding.at(span, "reserved"),
                None => finding,
            }
        })
        .collect()
}

pub fn mixed_list(place: &Place<'_, '_>) -> Finding {
    let finding =
        Finding::new(&MIXED_LIST, format!("{} has values of more than one type", place.name()));
    let odd = match &place.item.value {
        Value::List(items) => items.windows(2).find(|pair| {
            std::mem::discriminant(&pair[0].value) != std::mem::discriminant(&pair[1].value)
        }),
        _ => None,
    };
    let finding = match odd.and_then(|pair| Some((pair, pair[0].span?, pair[1].span?))) {
        Some((pair, before, after)) => finding
            .at(after, format!("this is {}", pair[1].value.noun()))
            .at(before, format!("and this is {}", pair[0].value.noun()))
            .refuses(),
        None => place.at_value(finding, "all items must be of one type"),
    };
    finding.help("put all of them in quotes, or none")
}

pub fn conflicting(place: &Place<'_, '_>) -> Finding {
    let names = place.key.keyword("conflicting").and_then(Node::as_array);
    let entries: Vec<&Entry> =
        names.into_iter().flatten().filter_map(|n| place.item.entry(n.as_str()?)).collect();
    let names: Vec<String> = entries.iter().map(|e| e.key.clone()).collect();
    let finding = Finding::new(&CONFLICTING_KEYS, format!("{} exclude each other", list(&names)));
    let finding = entries.iter().rev().filter_map(|e| e.key_span).fold(finding, |finding, span| {
        let text = if finding.labels.is_empty() { "excludes the other" } else { "the other" };
        finding.at(span, text)
    });
    finding.help(format!("keep one of {}", list(&names))).refuses()
}

/// A keyword of the schema that has no wording yet still makes a finding.
pub fn other_rule(place: &Place<'_, '_>, keyword: &str) -> Finding {
    let message = format!("{} violates the schema rule `{keyword}`", place.name());
    place.at_value(Finding::new(&WRONG_TYPE, message), "here")
}

/// A violation that leads to no key that the schema knows still stops the file.
pub fn lost(item: &Item, path: &str, keyword: &str) -> Finding {
    let message = format!("the value at `{path}` violates the schema rule `{keyword}`");
    let finding = Finding::new(&WRONG_TYPE, message).refuses();
    match item.beginning() {
        Some(span) => finding.at(span, "somewhere in this file"),
        None => finding,
    }
}
