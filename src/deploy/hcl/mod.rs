//! HCL files of Terraform and Nomad: values for the chart, manifests, task definitions, jobs, and
//! Refinery's files in strings.

mod blocks;
mod call;
mod calls;
mod containers;
mod encoded;
mod file_functions;
mod files;
mod inputs;
mod json;
mod manifests;
mod parse;
pub mod paths;
mod pods;
mod read;
mod siblings;
mod template;
mod value_content;

use super::chart::layers::Values;
use super::chart::stack::merge_layers;
use super::compose::open_bake;
use super::copied::open_moved;
use super::ecs::open_tasks;
use super::kubernetes;
use super::loader::Loader;
use super::nested_documents::{self, NestedDocument};
use super::nomad::open_jobs;
use super::script::open_embedded;
use super::strings;
use super::templates::find_template;
use super::{EmbeddedFile, Opened, Outer, block, gitops, list, open_item, open_values, unfold};
use crate::check;
use crate::diagnostic::Finding;
use crate::schema::Kind;
use crate::sniff::containers::has_version;
use crate::sniff::file_name::{is_hcl, without_template};
use crate::span::{File, Span};
use crate::syntax::{Entry, Item, Value};
use crate::value::replaced::{is_replaced, without_expressions};
use crate::vfs::input_error::InputError;
use call::Call;
use calls::calls;
pub use calls::{holds_inputs, reach_of_inputs};
use containers::open_containers;
use encoded::write_files;
use files::{describe_arguments, describe_files, file_of};
use inputs::is_of_caller;
pub use inputs::rendered;
use manifests::write_strings;
pub use parse::is_valid;
use paths::{file_named, files_named, find_missing, names_our_file};
use pods::add_objects;
use read::{Given, Reading, has_expression, read};
use siblings::siblings;
use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

check!(
    UNREADABLE,
    "intake/invalid-hcl",
    Error,
    kind: Verdict,
    "a Terraform or Nomad file with Refinery's files cannot be read",
    "Terraform or Nomad fails on it, so nothing is rolled out and Refinery's files in it are not \
     checked."
);

/// How many readings of a file are opened, one for each choice of the files that it reads.
const MOST_READINGS: usize = 100;

/// Where a value is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Other,
    /// A text with values of the chart, or a list of them.
    Texts,
    /// Values of the chart that are written in HCL.
    Values,
}

/// Opens a file.
///
/// # Errors
/// A file that it names cannot be read.
pub fn open_hcl(
    outer: Outer<'_>,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    let calls = calls(outer, loader);
    let Some((first, others)) = calls.split_first() else {
        open_readings(outer, &Given::default(), loader, opened)?;
        return Ok(());
    };
    let given = |call: &Rc<Call>| Given { call: Some(Rc::clone(call)), ..Given::default() };
    let mut documents = vec![open_readings(outer, &given(first), loader, opened)?];
    for call in others {
        let mut inner = Opened::default();
        let document = open_readings(outer, &given(call), loader, &mut inner)?;
        if !documents.contains(&document) {
            inner.mark(&call.name);
            opened.absorb(inner);
            documents.push(document);
        }
    }
    Ok(())
}

/// Opens the readings of a file, one for each choice of the files that it reads; returns the first.
fn open_readings(
    outer: Outer<'_>,
    given: &Given,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<Option<Item>, InputError> {
    let siblings = siblings(outer, loader);
    let inputs = given.call.iter().flat_map(|call| &call.files);
    let base_values: Vec<Values> = siblings.iter().chain(inputs).cloned().collect();
    let outer = Outer { base_values: &base_values, ..outer };
    let (mut waiting, mut first) = (vec![given.clone()], None);
    let mut left = MOST_READINGS;
    while let Some(given) = waiting.pop() {
        match read(outer, &siblings, &given, loader) {
            Ok(Reading { open: Some((expression, values)), .. })
                if !given.choices.contains_key(&expression) && values.len() <= left =>
            {
                left -= values.len();
                for value in values.into_iter().rev() {
                    let mut more = given.clone();
                    more.choices.insert(expression.clone(), value);
                    waiting.push(more);
                }
            }
            Ok(Reading { mut document, templates, arguments, .. }) => {
                let base_values: Vec<Values> =
                    base_values.iter().cloned().chain(templates).collect();
                let outer = Outer { base_values: &base_values, ..outer };
                write_files(&mut document, "");
                write_strings(&mut document);
                if first.is_none() {
                    open_once(outer, &document, &given, loader, opened)?;
                }
                first = first.or_else(|| Some(document.clone()));
                let mut read = Opened::default();
                open_reading(outer, document, loader, &mut read)?;
                describe_arguments(outer, arguments, loader, &mut read)?;
                add_reading(read, &given.choices, opened);
            }
            Err(place) => {
                opened.unchecked.extend(find_unreadable(outer, place, loader));
                return Ok(first);
            }
        }
    }
    Ok(first)
}

/// Reports a syntax error in a file with Refinery's files.
fn find_unreadable(outer: Outer<'_>, place: Span, loader: &Loader<'_>) -> Option<Finding> {
    let is_chart = || outer.text.contains("refinery") && outer.text.contains("honeycomb");
    (has_version(outer.text) || is_chart() || names_our_file(outer, loader)).then(|| {
        Finding::new(&UNREADABLE, format!("cannot read `{}` as HCL", outer.name))
            .at(place, "not valid here")
            .help("fix the syntax; `terraform validate` or `nomad job validate` shows more")
    })
}

/// Opens what does not depend on the choice of files.
fn open_once(
    outer: Outer<'_>,
    document: &Item,
    given: &Given,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    for object in kubernetes::nested::objects(document) {
        opened.objects.add(outer, object);
    }
    add_objects(outer, document, given, loader, &mut opened.objects);
    for NestedDocument { item, text } in nested_documents::find(outer, document) {
        // The names of other objects are not known.
        let kind = item.get("kind").and_then(Item::text);
        let is_map = kind.is_some_and(|kind| ["ConfigMap", "Secret"].contains(&kind));
        if !has_expression(&text) && (!is_replaced(&text) || is_map) {
            let strings = open_item(outer, item, &text, loader, opened)?;
            strings::add_unread(strings, opened);
        }
    }
    open_containers(outer, document, given, loader, opened)?;
    open_tasks(outer, document, loader, opened)?;
    open_jobs(outer, document, loader, opened)?;
    opened.unchecked.extend(gitops::find_parameters(document));
    open_moved(outer, document, loader, opened)?;
    open_embedded(outer, document, loader, opened)?;
    open_bake(outer, document, loader, opened)
}

/// Opens files and values.
fn open_reading(
    outer: Outer<'_>,
    mut document: Item,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    describe_files(outer, &document, loader, opened)?;
    let (open, whole): (Vec<_>, Vec<_>) = strings::find(outer, &document)
        .into_iter()
        .filter(|file| file.pieces.iter().all(|piece| piece.outer.file == outer.file))
        .partition(|file| has_expression(&file.text));
    let open = open.iter().filter_map(|EmbeddedFile { name, text, pieces, .. }| {
        let place = pieces.first().map(|piece| piece.outer);
        let missing = place.and_then(|place| find_missing(outer, text, place, loader));
        missing.or_else(|| find_template(name.as_str(), text, pieces, loader))
    });
    opened.report(open);
    opened.values.extend(values_files(outer, &document, loader));
    leave_open_values(outer, &mut document, Within::Other, loader, opened);
    let mut document = unfold(outer, document, loader, opened);
    let find_file = |text: &str, _: &Loader<'_>| file_named(outer, text);
    let below = merge_layers(outer, &mut document, &find_file, loader)?;
    if below.is_empty() {
        open_values(outer, &document, opened);
    } else {
        opened.add_layers(outer.name, &below);
        let siblings = outer.base_values.iter().cloned();
        let base_values: Vec<Values> = below.into_iter().chain(siblings).collect();
        open_values(Outer { base_values: &base_values, ..outer }, &document, opened);
    }
    strings::add_unread(whole, opened);
    Ok(())
}

/// The files that uses of the chart read values from.
fn values_files(outer: Outer<'_>, document: &Item, loader: &Loader<'_>) -> Vec<String> {
    let values = gitops::uses(document).into_iter().flat_map(|item| list(item, "values"));
    let files = |values: &Item| match file_of(outer, values, loader) {
        Some(file) => vec![file],
        None => files_named(outer, values.text().unwrap_or_default(), loader),
    };
    values.flat_map(files).collect()
}

/// Adds what a reading describes. Values that others describe too are left out.
fn add_reading(mut read: Opened, choices: &BTreeMap<String, String>, opened: &mut Opened) {
    let is_known = |part: &EmbeddedFile| {
        let is_same = |known: &EmbeddedFile| {
            known.name.without_variant() == part.name.as_str() && known.text == part.text
        };
        opened.parts.iter().any(is_same)
    };
    let new = read.parts.iter().filter(|part| !is_known(part));
    let new: HashSet<String> = new.map(|part| part.bond.clone()).collect();
    read.parts.retain(|part| new.contains(&part.bond));
    let choices = choices.iter().map(|(expression, value)| format!("{expression} = {value}"));
    let choices = choices.collect::<Vec<_>>().join(", ");
    if !choices.is_empty() {
        read.mark(&choices);
    }
    opened.absorb(read);
}

/// Removes values for the chart that depend on expressions, and reports them. Single values inside
/// others become placeholders.
fn leave_open_values(
    outer: Outer<'_>,
    item: &mut Item,
    within: Within,
    loader: &Loader<'_>,
    opened: &mut Opened,
) {
    // `app` is an input of a widely used module that installs one chart.
    let is_chart = gitops::names_chart(item) || item.get("app").is_some_and(gitops::names_chart);
    let is_input = |text: &str| has_expression(text) && is_of_caller(outer, text, loader);
    match &mut item.value {
        Value::Text(text) if within != Within::Other && is_input(text) => item.value = Value::Null,
        Value::Text(text) if within == Within::Values && has_expression(text) => {
            *text = without_expressions(&text.replace('\n', " ")).unwrap_or_default();
        }
        Value::Text(text)
            if within == Within::Texts && is_open_text(outer, item.span, text, loader) =>
        {
            opened.unchecked.extend(find_open(outer, item.span, text, loader));
            item.value = Value::Null;
        }
        Value::Text(text) if within == Within::Texts => {
            let source = item.span.map(|span| loader.loaded.files.get(span.file));
            let is_template = |source: &&File| {
                source.text != *text || without_template(source.name.as_str()).is_some()
            };
            let names = source.filter(is_template).map(|source| source.name.to_string());
            loader.loaded.rendered.borrow_mut().extend(names);
        }
        Value::List(items) => {
            for item in items {
                leave_open_values(outer, item, within, loader, opened);
            }
        }
        Value::Map(entries) => {
            let is_half = |key: &str| Kind::ALL.iter().any(|kind| kind.word() == key);
            entries
                .retain(|entry| !(is_half(&entry.key) && entry.item.text().is_some_and(is_input)));
            for Entry { key, item, .. } in entries {
                let inner = match within {
                    _ if is_chart && key == "values" => Within::Texts,
                    // All of a file may be one expression.
                    Within::Texts if is_half(key) && item.text().is_some() => Within::Texts,
                    Within::Texts | Within::Values => Within::Values,
                    Within::Other => Within::Other,
                };
                leave_open_values(outer, item, inner, loader, opened);
            }
        }
        _ => {}
    }
}

fn find_open(
    outer: Outer<'_>,
    span: Option<Span>,
    text: &str,
    loader: &Loader<'_>,
) -> Option<Finding> {
    let missing = span.and_then(|place| find_missing(outer, text, place, loader));
    if missing.is_some() {
        return missing;
    }
    let pieces = span.map(|span| block::pieces(outer, span, text)).unwrap_or_default();
    find_template(outer.name, text, &pieces, loader)
}

/// Whether values depend on an expression. A file that is not evaluated has nothing to do with
/// Refinery, and in one that is read as it is `${NAME}` is a variable of Refinery's environment.
fn is_open_text(outer: Outer<'_>, span: Option<Span>, text: &str, loader: &Loader<'_>) -> bool {
    let is_there = |name: &String| matches!(loader.peek(name), Ok(Some(_)));
    let is_foreign = || files_named(outer, text, loader).iter().any(is_there);
    let own = span.map(|span| loader.loaded.files.get(span.file));
    let is_read = || own.is_some_and(|file| !is_hcl(file.name.as_str()));
    has_expression(text) && !is_foreign() && !is_read()
}
