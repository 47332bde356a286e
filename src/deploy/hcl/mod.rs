//! HCL files of Terraform and Nomad: values for the chart, manifests, task definitions, jobs, and
//! Refinery's files in strings.

mod encoded;
mod files;
mod inputs;
mod read;

use super::chart::layers::Values;
use super::chart::stack::merge_layers;
use super::compose::open_bake;
use super::ecs::open_tasks;
use super::kubernetes;
use super::loader::Loader;
use super::nested_documents::{self, NestedDocument};
use super::nomad::open_jobs;
use super::script::open_embedded;
use super::strings;
use super::templates::find_template;
use super::{EmbeddedFile, Opened, Outer, block, gitops, open_item, open_values, unfold};
use crate::check;
use crate::diagnostic::Finding;
use crate::schema::Kind;
use crate::sniff::containers::has_version;
use crate::syntax::{Entry, Item, Value};
use crate::vfs::input_error::InputError;
use encoded::write_files;
use files::describe_files;
use inputs::is_of_caller;
use read::{file_named, read, siblings};

check!(
    UNREADABLE,
    "intake/invalid-hcl",
    Error,
    kind: Verdict,
    "a Terraform or Nomad file with Refinery's files cannot be read",
    "Terraform or Nomad stops there, so nothing is rolled out and Refinery's files in it are not \
     checked."
);

/// Opens a file.
///
/// # Errors
/// A file that it names cannot be read.
pub fn open_hcl(
    outer: Outer<'_>,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    let siblings = siblings(outer, loader);
    let outer = Outer { base_values: &siblings, ..outer };
    let mut document = match read(outer, &siblings, loader) {
        Ok(document) => document,
        Err(place) => {
            let is_chart = || outer.text.contains("refinery") && outer.text.contains("honeycomb");
            if has_version(outer.text) || is_chart() {
                let message = format!("cannot read `{}` as HCL", outer.name);
                opened.unchecked.push(
                    Finding::new(&UNREADABLE, message).at(place, "not valid here").help(
                        "fix the syntax; `terraform validate` or `nomad job validate` shows more",
                    ),
                );
            }
            return Ok(());
        }
    };
    write_files(&mut document, "");
    for object in kubernetes::nested::objects(&document) {
        opened.objects.add(outer, object);
    }
    for NestedDocument { item, text } in nested_documents::find(outer, &document) {
        if !has_expression(&text) {
            let strings = open_item(outer, item, &text, loader, opened)?;
            strings::add_unread(strings, opened);
        }
    }
    open_tasks(outer, &document, loader, opened)?;
    open_jobs(outer, &document, loader, opened)?;
    opened.unchecked.extend(gitops::find_parameters(&document));
    describe_files(outer, &document, loader, opened)?;
    open_embedded(outer, &document, loader, opened)?;
    open_bake(outer, &document, loader, opened)?;
    let (open, whole): (Vec<_>, Vec<_>) = strings::find(outer, &document)
        .into_iter()
        .filter(|file| file.pieces.iter().all(|piece| piece.outer.file == outer.file))
        .partition(|file| has_expression(&file.text));
    let open = open.iter().filter_map(|EmbeddedFile { name, text, pieces, .. }| {
        find_template(name.as_str(), text, pieces, loader)
    });
    opened.unchecked.extend(open);
    let mut document = document;
    leave_open_values(outer, &mut document, false, loader, opened);
    let mut document = unfold(outer, document, loader, opened);
    let find_file = |text: &str, _: &Loader<'_>| file_named(outer, text);
    let below = merge_layers(outer, &mut document, &find_file, loader)?;
    if below.is_empty() {
        open_values(outer, &document, opened);
    } else {
        opened.add_layers(outer.name, &below);
        let base_values: Vec<Values> = below.into_iter().chain(siblings.iter().cloned()).collect();
        open_values(Outer { base_values: &base_values, ..outer }, &document, opened);
    }
    strings::add_unread(whole, opened);
    Ok(())
}

/// Removes values for the chart that depend on expressions, and reports them.
fn leave_open_values(
    outer: Outer<'_>,
    item: &mut Item,
    is_values: bool,
    loader: &Loader<'_>,
    opened: &mut Opened,
) {
    let is_chart = gitops::names_chart(item);
    let is_input = |text: &str| has_expression(text) && is_of_caller(outer, text, loader);
    match &mut item.value {
        Value::Text(text) if is_values && is_input(text) => item.value = Value::Null,
        Value::Text(text) if is_values && is_open_text(outer, text, loader) => {
            let pieces = item.span.map(|span| block::pieces(outer, span, text)).unwrap_or_default();
            opened.unchecked.extend(find_template(outer.name, text, &pieces, loader));
            item.value = Value::Null;
        }
        Value::List(items) => {
            for item in items {
                leave_open_values(outer, item, is_values, loader, opened);
            }
        }
        Value::Map(entries) => {
            let is_half = |key: &str| Kind::ALL.iter().any(|kind| kind.word() == key);
            entries
                .retain(|entry| !(is_half(&entry.key) && entry.item.text().is_some_and(is_input)));
            for Entry { key, item, .. } in entries {
                let is_values = is_chart && key == "values";
                leave_open_values(outer, item, is_values, loader, opened);
            }
        }
        _ => {}
    }
}

/// Whether values depend on an expression. A file that is not evaluated has nothing to do with
/// Refinery.
fn is_open_text(outer: Outer<'_>, text: &str, loader: &Loader<'_>) -> bool {
    let named = file_named(outer, text);
    let is_foreign = named.is_some_and(|name| matches!(loader.peek(&name), Ok(Some(_))));
    has_expression(text) && !is_foreign
}

/// Whether a string depends on an expression that is not evaluated.
fn has_expression(text: &str) -> bool {
    text.contains("${") || text.contains("%{")
}
