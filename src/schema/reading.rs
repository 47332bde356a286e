//! Which fix of a text that cannot be parsed makes a valid file.
//!
//! From the characters alone, a line may belong to several columns; often only one of them yields
//! keys that this release has. Must not look for mistakes (`syntax` does).

use super::Schema;
use super::validate::validate;
use crate::diagnostic::{Edit, Finding, Fix};
use crate::span::FileId;
use crate::syntax::tree::{Body, Style};
use crate::syntax::{Item, Tree, Value, read_document, yaml};

/// How much text is read again for the fixes of one file, in bytes.
const BUDGET: usize = 2 << 20;

/// Of each finding with several explanations takes the one that makes the file valid, if it is the
/// only one; its fix is safe then.
pub fn settle_fixes(schema: &Schema, text: &str, findings: &mut [Finding]) {
    let mut budget = BUDGET;
    for index in 0..findings.len() {
        if let Some(settled) = settle(schema, text, findings, index, &mut budget) {
            findings[index] = settled;
        }
    }
}

fn settle(
    schema: &Schema,
    text: &str,
    findings: &[Finding],
    index: usize,
    budget: &mut usize,
) -> Option<Finding> {
    let own = findings[index].fix.as_ref()?;
    let alternatives = own.alternatives.iter();
    let readings: Vec<&Finding> = std::iter::once(&findings[index]).chain(alternatives).collect();
    let others = findings.iter().enumerate().filter(|(other, _)| *other != index);
    let others: Vec<&Edit> = others.filter_map(|(_, f)| Some(&f.fix.as_ref()?.edit)).collect();
    let mut valid: Vec<(&Finding, Item)> = Vec::new();
    for reading in readings {
        let Some(fix) = reading.fix.as_ref() else { continue };
        *budget = budget.checked_sub(text.len())?;
        if let Some(item) = read(schema, text, &fix.edit, &others) {
            valid.push((reading, item));
        }
    }
    let (chosen, item) = valid.first()?;
    if valid.iter().any(|(_, other)| !is_same(item, other)) {
        return None;
    }
    let fix = chosen.fix.as_ref()?;
    let fix = Fix { is_safe: fix.needs_proof, ..Fix::new(fix.edit.clone(), false) };
    Some(Finding { fix: Some(fix), ..(*chosen).clone() })
}

/// The file with an edit and with those others that do not overlap it, if it is valid then.
fn read(schema: &Schema, text: &str, edit: &Edit, others: &[&Edit]) -> Option<Item> {
    let Edit::Replace(span, new) = edit else { return None };
    let mut made = vec![(span.range(), new)];
    for other in others {
        if let Edit::Replace(span, new) = other
            && made.iter().all(|(known, _)| {
                span.range().end <= known.start || known.end <= span.range().start
            })
        {
            made.push((span.range(), new));
        }
    }
    made.sort_by_key(|(range, _)| range.start);
    let mut fixed = text.to_owned();
    for (range, new) in made.iter().rev() {
        fixed.get(range.clone())?;
        fixed.replace_range(range.clone(), new);
    }
    let composed = yaml::compose(FileId(0), &fixed).ok()?;
    let tree = Some(composed.tree).filter(|_| composed.second.is_none())?;
    let (item, findings) = read_document(&tree);
    let is_valid =
        findings.is_empty() && !goes_on(&tree, &fixed) && validate(schema, &item).is_empty();
    is_valid.then_some(item)
}

/// A text without quotes takes several lines: what looks like keys or items may be part of it.
fn goes_on(tree: &Tree, text: &str) -> bool {
    tree.nodes().any(|node| {
        let is_plain = matches!(node.body, Body::Scalar { style: Style::Plain, .. });
        is_plain && text.get(node.span.range()).is_some_and(|words| words.contains('\n'))
    })
}

/// Whether two values are equal, wherever they are.
fn is_same(a: &Item, b: &Item) -> bool {
    match (&a.value, &b.value) {
        (Value::Map(a), Value::Map(b)) => {
            let same = |(a, b): (&crate::syntax::Entry, &crate::syntax::Entry)| {
                a.key == b.key && is_same(&a.item, &b.item)
            };
            a.len() == b.len() && a.iter().zip(b).all(same)
        }
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b))
        }
        (a, b) => a == b,
    }
}
