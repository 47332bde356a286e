//! HCL files of Terraform and Nomad: values for the chart, manifests, task definitions, jobs, and
//! Refinery's files in strings.

mod read;

use super::deployment_spec::{DeploymentSpec, FileRef};
use super::ecs::open_tasks;
use super::kubernetes;
use super::launch::LaunchSpec;
use super::loader::Loader;
use super::nomad::open_jobs;
use super::strings;
use super::templates::find_template;
use super::{EmbeddedFile, Opened, Outer, block, gitops, open_values, unfold};
use crate::check;
use crate::diagnostic::Finding;
use crate::schema::Kind;
use crate::sniff::containers::has_version;
use crate::sniff::file_name::kind_of_name;
use crate::source_name::SourceName;
use crate::syntax::{DataFormat, Entry, Item, Value};
use crate::vfs::input_error::InputError;
use crate::vfs::path::format_of;
use read::read;

check!(
    UNREADABLE,
    "intake/invalid-hcl",
    Error,
    kind: Verdict,
    "a Terraform or Nomad file with Refinery's files cannot be read",
    "Terraform or Nomad stops there, so nothing is rolled out and Refinery's files in it are not \
     checked."
);

/// The maximum nesting depth of mappings.
const DEEPEST: usize = 32;

/// Opens a file.
///
/// # Errors
/// A file that it names cannot be read.
pub fn open_hcl(
    outer: Outer<'_>,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    let document = match read(outer, loader) {
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
    for object in kubernetes::nested::objects(&document) {
        opened.objects.add(outer, object);
    }
    open_tasks(outer, &document, loader, opened)?;
    open_jobs(outer, &document, loader, opened)?;
    opened.unchecked.extend(gitops::find_parameters(&document));
    describe_files(outer, &document, loader, opened)?;
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
    let document = unfold(outer, document, loader, opened);
    open_values(outer, &document, opened);
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
    match &mut item.value {
        Value::Text(text) if is_values && text.contains('\n') && has_expression(text) => {
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
            for Entry { key, item, .. } in entries {
                let is_values = is_chart && key == "values";
                leave_open_values(outer, item, is_values, loader, opened);
            }
        }
        _ => {}
    }
}

/// Whether a string depends on an expression that is not evaluated.
fn has_expression(text: &str) -> bool {
    text.contains("${") || text.contains("%{")
}

/// Describes mappings from file names to the content of files, such as the data of a `ConfigMap`.
fn describe_files(
    outer: Outer<'_>,
    document: &Item,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    let mut waiting = vec![(document, String::new(), 0)];
    while let Some((item, path, depth)) = waiting.pop() {
        if depth >= DEEPEST {
            continue;
        }
        let mut spec = DeploymentSpec {
            name: SourceName::within(outer.name, path.trim_end_matches('.')),
            config: Vec::new(),
            rules: Vec::new(),
            launch: LaunchSpec::default(),
            findings: Vec::new(),
        };
        let mut is_ours = false;
        for entry in item.entries() {
            waiting.push((&entry.item, format!("{path}{}.", entry.key), depth + 1));
            let Some(named) = entry.item.span.filter(|span| span.file != outer.file) else {
                continue;
            };
            let name = loader.loaded.files.get(named.file).name.to_string();
            let text = entry.item.text().unwrap_or_default();
            let kind = kind_of_name(&entry.key).or(kind_of_name(&name));
            let (Some(kind), Some(file)) = (kind, loader.file(&name)?) else { continue };
            is_ours |= has_version(text);
            let format = [&entry.key, &name].into_iter().find_map(|name| format_of(name));
            let file = file.read_as(format.or(Some(DataFormat::Yaml)));
            match kind {
                Kind::Config => spec.config.push(FileRef::OnDisk(file)),
                Kind::Rules => spec.rules.push(FileRef::OnDisk(file)),
            }
        }
        if is_ours {
            opened.described.push(spec);
        }
        let elements = item.list().unwrap_or_default().iter().enumerate();
        let path = path.trim_end_matches('.');
        waiting.extend(elements.map(|(at, item)| (item, format!("{path}[{at}]."), depth + 1)));
    }
    Ok(())
}
