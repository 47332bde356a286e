//! Phrases that the messages of schema checks share.

use super::node::Node;
use crate::syntax::{Item, Value};

/// The maximum number of names in a sentence.
const MOST_NAMES: usize = 10;

/// `a`, `b`, …: up to ten names in backticks.
pub fn some(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().take(MOST_NAMES).map(|n| format!("`{n}`")).collect();
    let more = if names.len() > MOST_NAMES { ", …" } else { "" };
    quoted.join(", ") + more
}

/// What may be written instead of a value.
pub fn allowed(choices: &[String]) -> String {
    match choices {
        [only] => format!("the only allowed value is `{only}`"),
        _ => format!("allowed values: {}", some(choices)),
    }
}

/// `a`, `b` and `c`, in backticks.
pub fn list(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}

/// A value as it is written, at most 60 characters.
pub fn written(item: &Item) -> String {
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

/// A JSON value as text; strings without quotes.
pub fn plain(value: &Node) -> String {
    match value {
        Node::Text(text) => (*text).to_owned(),
        other => other.to_string(),
    }
}
