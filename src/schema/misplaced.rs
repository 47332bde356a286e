//! A sampler that stands beside its target instead of under it.
//!
//! To the engine the target is empty and the sampler is another target.

use super::key::Key;
use super::validate::Fault;
use super::{Kind, Schema};
use crate::diagnostic::Edit;
use crate::syntax::{Entry, Item, Value};

/// How far a level is indented; most files do so, and any number will do.
const LEVEL: usize = 2;

/// Says so on the faults of empty targets that a sampler follows.
pub fn explain_misplaced(schema: &Schema, item: &Item, faults: &mut Vec<Fault>) {
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
            for fault in faults.iter_mut().filter(|fault| fault.path == path) {
                explain(fault, empty, follower);
            }
            // Once it is in its place its keys are, too.
            let below = format!("Samplers.{}", follower.key);
            faults.retain(|fault| fault.path != below);
        }
    }
}

/// The keys of a target are the types of sampler.
fn is_sampler(target: Key<'_>, name: &str) -> bool {
    target.children().any(|(sampler, _)| sampler == name)
}

fn explain(fault: &mut Fault, empty: &Entry, follower: &Entry) {
    let (Some(span), Some(block)) = (follower.key_span, follower.item.span) else { return };
    let finding = fault.finding.clone();
    fault.finding = finding
        .at(span, "this is read as another target, one level up")
        .help(format!("indent `{}` under `{}`", follower.key, empty.key))
        .fixed_by(Edit::Indent(span.to(block), LEVEL));
}
