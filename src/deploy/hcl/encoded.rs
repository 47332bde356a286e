//! Files of Refinery's that Terraform encodes: `yamlencode({ RulesVersion = 2, … })` as the content of a
//! file.

use super::has_expression;
use super::paths::WRITERS;
use crate::deploy::chart::render::render;
use crate::sniff::recognise::recognise;
use crate::span::Span;
use crate::syntax::{DataFormat, Item, Value};
use crate::value::replaced::of_template;
use crate::vfs::path::format_of;

/// The attribute with values for a chart, which are read as they are.
const VALUES: &str = "values";

/// Replaces encoded files by their texts. What expressions decide in them is unknown.
pub fn write_files(item: &mut Item, key: &str) {
    let is_encoded = WRITERS.contains(&item.raw.as_str());
    if is_encoded && key != VALUES {
        let mut plain = item.clone();
        hide_expressions(&mut plain);
        let place = item.span.unwrap_or(Span::new(crate::span::FileId(0), 0, 0));
        let text = render(&plain, place).text;
        if format_of(key).is_some() || recognise(Some(DataFormat::Yaml), &text).is_some() {
            *item = Item::new(Value::Text(text), item.span);
            return;
        }
    }
    match &mut item.value {
        Value::Map(entries) => {
            for entry in entries {
                write_files(&mut entry.item, &entry.key);
            }
        }
        Value::List(items) => items.iter_mut().for_each(|item| write_files(item, key)),
        _ => {}
    }
}

fn hide_expressions(item: &mut Item) {
    match &mut item.value {
        Value::Text(text) if has_expression(text) => {
            *text = of_template(text);
        }
        Value::Map(entries) => {
            for entry in entries {
                hide_expressions(&mut entry.item);
            }
        }
        Value::List(items) => items.iter_mut().for_each(hide_expressions),
        _ => {}
    }
}
