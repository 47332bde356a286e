//! Template functions whose result depends only on their arguments: those that compare, decide and
//! merge values.

use super::meaning::Meaning;
use crate::deploy::chart::facts::merge;
use crate::deploy::chart::fill::is_empty;
use crate::deploy::chart::items::map;
use crate::syntax::{Entry, Item, Value};

/// The result of a function; `None` if it is not one of these.
pub fn apply(name: &str, arguments: &[Meaning]) -> Option<Meaning> {
    let items = || arguments.iter().map(item).collect::<Option<Vec<&Item>>>();
    let known = |result: Option<Meaning>| result.unwrap_or(Meaning::Unknown);
    Some(match name {
        "eq" => known(items().and_then(|items| equals(&items)).map(of_bool)),
        "ne" => known(items().and_then(|items| equals(&items)).map(|equal| of_bool(!equal))),
        "not" => known(arguments.first().and_then(truth).map(|holds| of_bool(!holds))),
        "empty" => known(arguments.first().and_then(item).map(|item| of_bool(is_empty(item)))),
        "and" => first_that(arguments, false),
        "or" | "coalesce" => first_that(arguments, true),
        "ternary" => ternary(arguments),
        "hasKey" => known(has_key(arguments)),
        "dict" if arguments.is_empty() => of_item(map(Vec::new())),
        "merge" | "mustMerge" => known(items().and_then(|items| merged(items.into_iter()))),
        "mergeOverwrite" | "mustMergeOverwrite" => {
            known(items().and_then(|items| merged(items.into_iter().rev())))
        }
        "omit" => known(select(arguments, |is_named| !is_named)),
        "pick" => known(select(arguments, |is_named| is_named)),
        _ => return None,
    })
}

/// Whether a meaning counts as true; `None` if that is unknown.
pub fn truth(meaning: &Meaning) -> Option<bool> {
    match meaning {
        Meaning::Value(item, _) => Some(!is_empty(item)),
        Meaning::Files(names) => Some(!names.is_empty()),
        Meaning::File(_) | Meaning::Encoded(..) | Meaning::Unknown => None,
    }
}

fn of_item(item: Item) -> Meaning {
    Meaning::Value(item, Vec::new())
}

fn of_bool(value: bool) -> Meaning {
    of_item(Item::new(Value::Bool(value), None))
}

fn item(meaning: &Meaning) -> Option<&Item> {
    match meaning {
        Meaning::Value(item, _) => Some(item),
        _ => None,
    }
}

/// Whether the first value is one of the others. Values of different types cannot be compared, and the type
/// of a number depends on how Helm reads the values.
fn equals(items: &[&Item]) -> Option<bool> {
    let (first, others) = items.split_first()?;
    let mut is_equal = false;
    for other in others {
        is_equal |= match (&first.value, &other.value) {
            (Value::Null, Value::Null) => true,
            (Value::Null, _) | (_, Value::Null) => false,
            (Value::Text(one), Value::Text(other)) => one == other,
            (Value::Bool(one), Value::Bool(other)) => one == other,
            _ => return None,
        };
    }
    (!others.is_empty()).then_some(is_equal)
}

/// The first argument that counts as `wanted`, else the last. An unknown one before it may be it.
fn first_that(arguments: &[Meaning], wanted: bool) -> Meaning {
    let mut all = arguments.iter();
    let found = all.find(|argument| truth(argument).is_none_or(|holds| holds == wanted));
    let found = found.or(arguments.last()).cloned().unwrap_or(Meaning::Unknown);
    // Whatever the unknown one is, `and` does not hold if another one does not.
    let is_refuted = !wanted && arguments.iter().any(|argument| truth(argument) == Some(false));
    if found == Meaning::Unknown && is_refuted { of_bool(false) } else { found }
}

fn ternary(arguments: &[Meaning]) -> Meaning {
    let [yes, no, condition] = arguments else { return Meaning::Unknown };
    let chosen = truth(condition).map(|holds| if holds { yes } else { no });
    chosen.cloned().unwrap_or(Meaning::Unknown)
}

fn has_key(arguments: &[Meaning]) -> Option<Meaning> {
    let [container, key] = arguments else { return None };
    Some(of_bool(item(container)?.entry(item(key)?.text()?).is_some()))
}

/// Mappings, of which earlier ones count.
fn merged<'i>(mut items: impl Iterator<Item = &'i Item>) -> Option<Meaning> {
    let is_mapping = |item: &Item| matches!(item.value, Value::Map(_) | Value::Null);
    let first = items.next()?.clone();
    let all = items.try_fold(first, |over, below| {
        let are_mappings = is_mapping(&over) && is_mapping(below);
        are_mappings
            .then(|| if is_empty(&over) { below.clone() } else { merge(&over, below.clone()) })
    });
    all.map(of_item)
}

/// The entries of a mapping whose keys are among the other arguments, or are not.
fn select(arguments: &[Meaning], is_wanted: impl Fn(bool) -> bool) -> Option<Meaning> {
    let (container, keys) = arguments.split_first()?;
    let keys: Vec<&str> = keys.iter().map(|key| item(key)?.text()).collect::<Option<_>>()?;
    let mut selected = item(container)?.clone();
    let entries: &mut Vec<Entry> = selected.value.as_entries_mut()?;
    entries.retain(|entry| is_wanted(keys.contains(&entry.key.as_str())));
    let path = match container {
        Meaning::Value(_, path) => path.clone(),
        _ => Vec::new(),
    };
    Some(Meaning::Value(selected, path))
}
