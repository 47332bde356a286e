//! The finding about a value that is not one of the allowed values.

use super::advice::Advice;
use super::formats::on_variables;
use super::node::Node;
use super::phrases::{allowed, written};
use super::place::Place;
use super::spelling::{operator, straightened};
use super::suggest::nearest;
use super::{Release, Schema};
use crate::check;
use crate::diagnostic::Finding;
use crate::span::Span;

check!(
    NOT_A_CHOICE,
    "schema/not-a-choice",
    Error,
    kind: Verdict,
    "value that is not one of the allowed values",
    "Refinery accepts these values exactly as written, rejects all others, and the process exits."
);
pub fn not_a_choice(schema: &Schema, place: &Place<'_, '_>) -> Finding {
    let choices = place.key.choices();
    let written = written(place.item);
    let mark = place.item.raw.as_str();
    if written.is_empty() && !mark.is_empty() {
        return unquoted_mark(place, mark, &choices);
    }
    let message = if written.is_empty() {
        format!("{} cannot be empty", place.name())
    } else {
        format!("invalid value `{written}` for {}", place.name())
    };
    let finding = place.at_value(Finding::new(&NOT_A_CHOICE, message), "not an allowed value");
    if written.contains("${") {
        return finding.help(on_variables(schema));
    }
    if let Some(later) = later_choice(schema, place, &written) {
        let help =
            format!("`{written}` was added in {later}: use another value, or run that release");
        return finding.help(help);
    }
    let has = |name: &&str| choices.iter().any(|choice| choice == name);
    let known = straightened(&written).or_else(|| operator(&written)).filter(has);
    let case = || choices.iter().map(String::as_str).find(|c| c.eq_ignore_ascii_case(&written));
    if let Some(meant) = known.or_else(case) {
        let help = if straightened(&written).is_some() {
            format!("these quotes are not quotes in YAML: write `{meant}`")
        } else {
            format!("write `{meant}`; {}", allowed(&choices))
        };
        return Advice::Safe(help, in_quotes(meant)).offer(finding, place.item.span);
    }
    match nearest(&written, choices.iter().map(String::as_str)) {
        Some(near) if choices.len() > 1 => {
            let help = format!("did you mean `{near}`? {}", capital(&allowed(&choices)));
            Advice::Unsafe(help, in_quotes(near)).offer(finding, place.item.span)
        }
        _ => finding.help(allowed(&choices)),
    }
}

/// A value that YAML takes for something else, such as `>` or `!=` without quotes.
fn unquoted_mark(place: &Place<'_, '_>, mark: &str, choices: &[String]) -> Finding {
    let what = match mark {
        "|" | ">" => "starts a multi-line string",
        _ => "is read as a tag",
    };
    let message = format!("{} is empty: without quotes `{mark}` {what}", place.name());
    let finding = Finding::new(&NOT_A_CHOICE, message);
    let span = place.item.span.map(|span| Span {
        end: span.start + u32::try_from(mark.len()).unwrap_or_default(),
        ..span
    });
    let finding = finding.at_some(span, "must be quoted").refuses();
    if choices.iter().any(|choice| choice == mark) {
        let quoted = format!("\"{mark}\"");
        return Advice::Safe(format!("put it in quotes: `{quoted}`"), quoted).offer(finding, span);
    }
    finding.help(allowed(choices))
}

/// A choice as YAML reads it back: operators start with characters that mean something else.
fn in_quotes(choice: &str) -> String {
    if choice.starts_with(char::is_alphabetic) {
        choice.to_owned()
    } else {
        format!("\"{choice}\"")
    }
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|c| c.to_uppercase().collect::<String>());
    first.unwrap_or_default() + characters.as_str()
}

/// The release that added a choice which this one does not have.
fn later_choice(schema: &Schema, place: &Place<'_, '_>, written: &str) -> Option<Release> {
    let key = schema.key_of_all_releases(&place.path)?;
    let has = |choices: Option<&Node>| {
        choices
            .and_then(Node::as_array)
            .is_some_and(|all| all.iter().any(|c| c.as_str() == Some(written)))
    };
    if !has(key.keyword("enum")) {
        return None;
    }
    let changes = key.fact("before").and_then(Node::as_object)?;
    let without =
        changes.iter().filter(|(_, patch)| patch.get("enum").is_some_and(|e| !has(Some(e))));
    without.filter_map(|(release, _)| Release::parse(release)).max()
}
