//! Refinery's keys in values, where the chart does not read them.

use super::facts::Chart;
use super::what;
use crate::check;
use crate::deploy::gitops::{self, is_key_of_values};
use crate::deploy::loader::Loader;
use crate::deploy::read_item;
use crate::diagnostic::Finding;
use crate::schema::Kind;
use crate::syntax::{Entry, Item, Value};
use crate::vfs::input_error::InputError;
use strsim::levenshtein;

check!(
    UNREAD,
    "intake/unread-value",
    Error,
    kind: Verdict,
    "config or rules under a key that the Refinery chart ignores",
    "The chart reads the config from `config` and the rules from `rules`, and ignores other keys. \
     Refinery starts with the chart's defaults instead.",
);

/// The key of the map with the rules.
const RULES_MAP: &str = "RulesConfigMapName";

/// Other spellings of the keys that the chart reads.
const SPELLINGS: [(&str, &[&str]); 2] = [
    ("config", &["configs", "configuration", "conf", "cfg"]),
    ("rules", &["rule", "sampling", "samplers", "samplingrules"]),
];

/// Whether some key in values looks like Refinery's, where the chart does not read it.
pub fn has_unread(values: &Item) -> bool {
    values.entries().iter().any(|entry| suggest(values, entry).is_some())
}

/// Reports keys of Refinery's in values for this chart.
pub fn find_unread(values: &Item, chart: &Chart) -> Vec<Finding> {
    let defaults = chart.values();
    let mut found = Vec::new();
    for entry in values.entries() {
        let is_unknown = defaults.get(&entry.key).is_none();
        let known = defaults.entries().iter().map(|known| known.key.as_str());
        let mut known = known.chain([RULES_MAP]);
        let is_other_case = |key: &&str| *key != entry.key && key.eq_ignore_ascii_case(&entry.key);
        match suggest(values, entry).filter(|_| is_unknown) {
            Some(suggestion) => found.push(find(entry, suggestion)),
            None => match known.find(is_other_case).filter(|_| is_unknown) {
                Some(key) => found.push(find(entry, Suggestion::Rename(key))),
                None => found.extend(find_below(values, entry)),
            },
        }
    }
    found
}

/// The same for a file, all of which is values.
///
/// # Errors
/// The file cannot be read.
pub fn find_unread_in(name: &str, loader: &mut Loader<'_>) -> Result<Vec<Finding>, InputError> {
    let Some((file, text)) = loader.text(name)? else { return Ok(Vec::new()) };
    let values = read_item(file, &text).ok();
    Ok(values.map(|values| find_unread(&values, &Chart::of(None))).unwrap_or_default())
}

/// Reports config and rules that are nested in another value.
fn find_below(values: &Item, entry: &Entry) -> Option<Finding> {
    let inner = entry.item.entries().iter().filter(|_| !is_file_key(&entry.key));
    let mut inner = inner.filter(|inner| is_file_key(&inner.key));
    let lost = inner.find(|inner| lost_kind(values, &inner.item).is_some())?;
    let message = format!("the Refinery chart does not read `{}.{}`", entry.key, lost.key);
    let finding = Finding::new(&UNREAD, message).at_some(lost.key_span, "ignored");
    Some(finding.help(format!("move `{}` to the top of the values", lost.key)))
}

/// Reports misspelled keys of values next to the name of the Refinery chart.
pub fn find_misspelled(document: &Item) -> Vec<Finding> {
    const KEYS: [&str; 6] =
        ["values", "valueFiles", "valuesFiles", "valuesFrom", "valuesInline", "valuesObject"];
    let uses = gitops::uses(document).into_iter();
    let places = uses.flat_map(|item| [Some(item), item.get("helm")].into_iter().flatten());
    let entries = places.flat_map(Item::entries).filter(|entry| !is_key_of_values(&entry.key));
    let misspelled = entries.filter_map(|entry| {
        let near = KEYS.iter().find(|key| levenshtein(key, &entry.key) <= 1)?;
        Some(find_misnamed(entry, near))
    });
    misspelled.collect()
}

/// Reports a key of values that nothing reads, and the one that was probably meant.
pub fn find_misnamed(entry: &Entry, near: &str) -> Finding {
    let message = format!("nothing reads values under `{}`", entry.key);
    let finding = Finding::new(&UNREAD, message).at_some(entry.key_span, "ignored");
    finding.help(format!("did you mean `{near}`?"))
}

/// Reports values that are nested in others at the end of a path, although Honeycomb's chart reads them at
/// the top.
pub fn find_nested(path: &[String], around: &[&Item]) -> Option<Finding> {
    let key = path.last()?;
    let place = around.last()?.entry(key).and_then(|entry| entry.key_span);
    let message = format!("the Refinery chart does not read values under `{key}`");
    let finding = Finding::new(&UNREAD, message).at_some(place, "ignored");
    Some(finding.help(format!("move what is under `{key}` to the top of the values")))
}

/// Reports values for the Refinery chart at the end of a path that no chart reads, given the mappings
/// around each of its keys.
pub fn find_misplaced(path: &[String], around: &[&Item]) -> Option<Finding> {
    let keys = path.iter().rev().zip(around.iter().rev());
    let (key, around) = keys.into_iter().find(|(key, _)| !key.starts_with('['))?;
    let place = around.entry(key).and_then(|entry| entry.key_span);
    let message = format!("no chart reads the values under `{key}`");
    Some(
        Finding::new(&UNREAD, message)
            .at_some(place, "ignored")
            .help("use the key that the chart, or the tool that installs it, expects"),
    )
}

/// The kind of a nested file, if no file of that kind is at the top level. Otherwise it may hold an
/// anchor.
fn lost_kind(values: &Item, item: &Item) -> Option<Kind> {
    what(item).map(|what| what.kind).filter(|kind| values.get(kind.word()).is_none())
}

/// What to do with a key of values that the chart does not read, if it looks like Refinery's.
fn suggest(values: &Item, entry: &Entry) -> Option<Suggestion<'static>> {
    // It only holds an anchor.
    if entry.key.starts_with("x-") {
        return None;
    }
    let lower = entry.key.to_lowercase();
    let is_spelling = |key: &str, others: &[&str]| {
        entry.key != key && (lower == key || others.contains(&lower.as_str()))
    };
    let spelling = SPELLINGS.iter().find(|(key, others)| is_spelling(key, others));
    if let Some((key, _)) = spelling {
        return Some(Suggestion::Rename(key));
    }
    let is_typo = |key: &str| {
        let distance = levenshtein(&lower, key);
        distance > 0 && distance <= key.len() / 3 && lower != "roles"
    };
    if let Value::Map(_) = &entry.item.value
        && let Some((key, _)) = SPELLINGS.iter().find(|(key, _)| is_typo(key))
    {
        return Some(Suggestion::Rename(key));
    }
    if let Some(kind) = lost_kind(values, &entry.item).filter(|_| !is_file_key(&entry.key)) {
        return Some(Suggestion::Rename(kind.word()));
    }
    let is_group = |kind: &&Kind| kind.root().child(&entry.key).is_some();
    Kind::ALL.iter().find(is_group).map(|kind| Suggestion::MoveUnder(kind.word()))
}

/// Whether the chart reads the file under this key.
fn is_file_key(key: &str) -> bool {
    Kind::ALL.iter().any(|kind| kind.word() == key)
}

#[derive(Clone, Copy)]
enum Suggestion<'k> {
    MoveUnder(&'static str),
    Rename(&'k str),
}

fn find(entry: &Entry, suggestion: Suggestion<'_>) -> Finding {
    let help = match suggestion {
        Suggestion::MoveUnder(parent) => format!("move it under `{parent}`"),
        Suggestion::Rename(key) => format!("did you mean `{key}`?"),
    };
    Finding::new(&UNREAD, format!("the Refinery chart does not read `{}`", entry.key))
        .at_some(entry.key_span.or(entry.item.span), "ignored")
        .help(help)
}
