//! Parts of the rules that depend on values that a tool fills in: nothing is claimed about them.

use crate::diagnostic::Finding;
use crate::span::Span;
use crate::syntax::{Document, Entry, Item};
use crate::value::replaced::is_replaced;

/// The places of these parts.
#[derive(Default)]
pub struct OpenParts {
    /// Values that are not known, with their keys, and conditions with one.
    inner: Vec<Span>,
    /// Rules with one, and their names, which stand for a rule as a whole.
    rules: Vec<Span>,
}

impl OpenParts {
    pub fn of(rules: &[Document]) -> Self {
        let mut parts = Self::default();
        for item in rules.iter().filter_map(|document| document.item.as_ref()) {
            if is_open(item) {
                parts.add(item);
            }
        }
        parts
    }

    fn add(&mut self, item: &Item) {
        for entry in item.entries() {
            if is_filled_in(&entry.item) {
                self.inner.extend(place_of(entry));
            }
            for inner in entry.item.list().unwrap_or_default().iter().filter(|it| is_open(it)) {
                match entry.key.as_str() {
                    "Conditions" => self.inner.extend(inner.span),
                    "Rules" => {
                        let name = inner.get("Name").and_then(|name| name.span);
                        self.rules.extend(inner.span.into_iter().chain(name));
                    }
                    // A list with the value.
                    _ => self.inner.extend(place_of(entry)),
                }
                self.add(inner);
            }
            self.add(&entry.item);
        }
    }

    /// Whether a finding is about one of these parts.
    pub fn concern(&self, finding: &Finding) -> bool {
        let is_within = |place: Span, part: &Span| {
            let (inner, outer) = (place.range(), part.range());
            place.file == part.file && outer.start <= inner.start && inner.end <= outer.end
        };
        finding.labels.iter().any(|label| {
            self.rules.contains(&label.span)
                || self.inner.iter().any(|part| is_within(label.span, part))
        })
    }
}

/// Whether a value in it is not known.
fn is_open(item: &Item) -> bool {
    item.any(&is_filled_in)
}

fn is_filled_in(item: &Item) -> bool {
    item.text().is_some_and(is_replaced)
}

/// The place of a key and its value.
fn place_of(entry: &Entry) -> Option<Span> {
    let value = entry.item.span?;
    Some(entry.key_span.filter(|key| key.file == value.file).map_or(value, |key| key.to(value)))
}
