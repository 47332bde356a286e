//! A sampler at the level of its target instead of under it.
//!
//! Refinery reads this as an empty target, followed by another target.

use super::key::Key;
use super::violation::Violation;
use super::{Kind, Schema};
use crate::diagnostic::Edit;
use crate::syntax::{Entry, Item, Value};

/// The indentation of a level. Most files use this, and any number works.
const LEVEL: usize = 2;

/// Explains the violations of empty targets that are followed by a sampler.
pub fn explain_misplaced(schema: &Schema, item: &Item, violations: &mut Vec<Violation>) {
    let Some(samplers) = item.get("Samplers").filter(|_| schema.kind == Kind::Rules) else {
        return;
    };
    let Some(target) = schema.root().child("Samplers").and_then(|key| key.child("")) else {
        return;
    };
    for pair in samplers.entries().windows(2) {
        let [empty, follower] = pair else { continue };
        if empty.item.value == Value::Null && is_sampler(target, &follower.key) {
            let path = format!("Samplers.{}", empty.key);
            for violation in violations.iter_mut().filter(|violation| violation.path == path) {
                explain(violation, empty, follower);
            }
            // Once it is in its place its keys are, too.
            let below = format!("Samplers.{}", follower.key);
            violations.retain(|violation| violation.path != below);
        }
    }
}

/// Whether this is a sampler type: those are the keys of a target.
fn is_sampler(target: Key<'_>, name: &str) -> bool {
    target.children().any(|(sampler, _)| sampler == name)
}

fn explain(violation: &mut Violation, empty: &Entry, follower: &Entry) {
    let (Some(span), Some(block)) = (follower.key_span, follower.item.span) else { return };
    let finding = violation.finding.clone();
    violation.finding = finding
        .at(span, "this is read as another target, one level up")
        .help(format!("indent `{}` under `{}`", follower.key, empty.key))
        .fixed_by(Edit::Indent(span.to(block), LEVEL));
}
