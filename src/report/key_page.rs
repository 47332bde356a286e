//! A key as a page: what it does, and how each release treats it.
//!
//! Everything but the description is derived from the schemas of the releases.

use super::page::{fill, indented};
use super::releases::ranges;
use crate::schema::{Described, Key, Node, Release, Removal, releases};

/// The width of the labels.
const LABEL: usize = 14;

/// The label of the allowed values.
const ALLOWED: &str = "allowed";

/// Facts of a key in one release: labels and texts.
type Facts = Vec<(&'static str, String)>;

/// What a release does with a key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Status {
    Unknown,
    Used,
    /// It is accepted and not used.
    Ignored,
    Removed(Removal),
}

/// The page of a key or a group.
pub fn write_key_page(described: &Described, width: usize) -> String {
    let row = |label: &str, text: &str| {
        let label = if label.is_empty() { String::new() } else { format!("{label}:") };
        let (head, indent) = (format!("{label:<LABEL$}"), " ".repeat(LABEL));
        indented(text, width, &head, &indent)
    };
    let rows = |label: &str, texts: Vec<String>| {
        let labels = std::iter::once(label).chain(std::iter::repeat(""));
        labels.zip(texts).map(|(label, text)| row(label, &text)).collect::<String>()
    };
    let known: Vec<(Release, Facts)> = releases()
        .into_iter()
        .filter(|release| status(described, *release) == Status::Used)
        .filter_map(|release| Some((release, facts(described, release)?)))
        .collect();
    let kind = described.kind.word();
    let mut page = format!("{} ({kind})\n\n{}\n\n", described.name, fill(described.text(), width));
    for (label, text) in known.last().map(|(_, newest)| newest).into_iter().flatten() {
        page += &row(label, text);
    }
    page += &rows("releases", spans(described));
    page += &rows("changed", changes(&known));
    if let Some(instead) = releases().last().and_then(|newest| described.replacement(*newest)) {
        page += &row("instead", instead);
    }
    let keys: Vec<&str> =
        described.children().filter_map(|key| Some(key.name.split_once('.')?.1)).collect();
    if !keys.is_empty() {
        page += &row("keys", &keys.join(", "));
    }
    for (index, trap) in described.traps().enumerate() {
        page += if index == 0 { "\npitfalls:\n" } else { "" };
        page += &indented(trap, width, "- ", "  ");
    }
    page
}

fn status(described: &Described, release: Release) -> Status {
    match (described.key(release), described.removal(release)) {
        (None, _) => Status::Unknown,
        (_, Some(removal)) => Status::Removed(removal),
        (Some(key), None) if key.is_decoded() => Status::Used,
        _ => Status::Ignored,
    }
}

/// Which releases use the key, and what the others do with it.
fn spans(described: &Described) -> Vec<String> {
    let all: Vec<(Release, Status)> =
        releases().into_iter().map(|release| (release, status(described, release))).collect();
    let runs = all.chunk_by(|(_, one), (_, other)| one == other);
    let count = runs.clone().count();
    let line = |(index, run): (usize, &[(Release, Status)])| {
        let (first, status) = run.first()?;
        let names: Vec<String> = run.iter().map(|(release, _)| release.to_string()).collect();
        let span = match (index, index + 1 == count) {
            (0, true) => "all".to_owned(),
            (_, true) => format!("since {first}"),
            _ => ranges(names.iter().map(String::as_str)),
        };
        let effect = match status {
            Status::Unknown if index == 0 => return None,
            Status::Unknown => ": Refinery does not know it",
            Status::Used => "",
            Status::Ignored => ": accepted, but has no effect",
            Status::Removed(Removal { is_refused: true, stops_reload: true }) => {
                ": Refinery refuses to start with it, and rejects every live reload"
            }
            Status::Removed(Removal { is_refused: true, stops_reload: false }) => {
                ": Refinery refuses to start with it, but accepts it at a live reload"
            }
            Status::Removed(Removal { stops_reload: true, .. }) => {
                ": has no effect, and Refinery rejects every live reload"
            }
            Status::Removed(_) => ": has no effect",
        };
        Some(span + effect)
    };
    runs.enumerate().filter_map(line).collect()
}

/// How facts changed from release to release, newest first.
fn changes(known: &[(Release, Facts)]) -> Vec<String> {
    let mut changes = Vec::new();
    for pair in known.windows(2).rev() {
        let [(_, before), (release, after)] = pair else { continue };
        let mut labels: Vec<&str> = after.iter().chain(before).map(|(label, _)| *label).collect();
        labels.dedup();
        let mut seen = Vec::new();
        for label in labels {
            let of = |facts: &Facts| {
                let found = facts.iter().find(|(known, _)| *known == label);
                found.map(|(_, text)| text.clone()).unwrap_or_default()
            };
            let (was, is) = (of(before), of(after));
            if was != is && !seen.contains(&label) {
                seen.push(label);
                changes.push(format!("since {release}: {}", change(label, &was, &is)));
            }
        }
    }
    changes
}

fn change(label: &str, was: &str, is: &str) -> String {
    if label == ALLOWED {
        let was: Vec<&str> = was.split(", ").collect();
        let new: Vec<&str> = is.split(", ").filter(|choice| !was.contains(choice)).collect();
        return format!("also allows {}", new.join(", "));
    }
    let or_none = |text: &str| if text.is_empty() { "none".to_owned() } else { text.to_owned() };
    format!("{label} {} (before: {})", or_none(is), or_none(was))
}

/// What a release says about the key; `None` if it does not know it.
fn facts(described: &Described, release: Release) -> Option<Facts> {
    let key = described.key(release)?;
    let mut facts = Facts::new();
    let has_value = described.group().is_some() || described.name == "RulesVersion";
    if has_value {
        let unit = described.unit().map(|unit| format!(" ({unit})")).unwrap_or_default();
        facts.push(("type", type_of(key) + &unit));
        let is_required = described.is_required(release);
        facts.push(("required", if is_required { "yes" } else { "no" }.to_owned()));
        if let Some(default) = key.keyword("default").map(quoted).filter(|d| !d.is_empty()) {
            facts.push(("default", default));
        }
        facts.extend(limits(key).map(|limits| ("limits", limits)));
        facts.extend(choices(key).map(|choices| (ALLOWED, choices)));
        facts.push(("takes effect", described.takes_effect(key).to_string()));
    }
    let overrides = described.overrides(release);
    let join = |names: Vec<String>| (!names.is_empty()).then(|| names.join(", "));
    let variables = overrides.iter().filter_map(|(variable, _)| variable.map(ToOwned::to_owned));
    facts.extend(join(variables.collect()).map(|names| ("environment", names)));
    let flags = overrides.iter().filter_map(|(_, flag)| flag.map(|flag| format!("--{flag}")));
    facts.extend(join(flags.collect()).map(|names| ("flag", names)));
    Some(facts)
}

fn type_of(key: Key<'_>) -> String {
    let of_each = match (key.element(), key.keyword("additionalProperties")) {
        (Some(element), _) if element.keyword("properties").is_none() => {
            let each = element.wanted();
            format!(", each {each}")
        }
        _ => String::new(),
    };
    key.wanted() + &of_each
}

fn quoted(value: &Node) -> String {
    match value {
        Node::List(items) => items.iter().map(quoted).collect::<Vec<_>>().join(", "),
        Node::Map(members) if members.all.is_empty() => String::new(),
        Node::Text(text) => format!("`{text}`"),
        other => format!("`{other}`"),
    }
}

fn limits(key: Key<'_>) -> Option<String> {
    let of = |names: &[&str]| names.iter().find_map(|name| key.keyword(name)).map(quoted);
    let parts = [
        of(&["minimum", "quantityMinimum"]).map(|least| format!("at least {least}")),
        of(&["quantityMinimumOrZero"]).map(|least| format!("at least {least}, or zero")),
        of(&["maximum", "quantityMaximum"]).map(|most| format!("at most {most}")),
        key.keyword("minLength").map(|_| "not empty".to_owned()),
        key.keyword("propertyNames").map(|_| "no Honeycomb headers".to_owned()),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The allowed values; what Refinery takes others for, if it accepts them.
fn choices(key: Key<'_>) -> Option<String> {
    let mut choices: Vec<String> =
        key.choices().iter().map(|choice| format!("`{choice}`")).collect();
    if choices.is_empty() {
        choices = key.fact("choices")?.as_array()?.iter().map(quoted).collect();
    }
    let otherwise = key.fact_text("otherwise");
    let otherwise = otherwise.map(|word| format!("; any other value is treated as `{word}`"));
    Some(choices.join(", ") + &otherwise.unwrap_or_default())
}
