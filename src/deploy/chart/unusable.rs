//! Values files that Helm cannot read, so that it does not install the chart.

use crate::check;
use crate::deploy::loader::Loader;
use crate::deploy::placeholder::is_reference;
use crate::deploy::templates::is_of_chart;
use crate::deploy::{CHART_FILE, read_item, read_or_fault};
use crate::diagnostic::Finding;
use crate::sniff::containers::is_template;
use crate::sniff::file_name::without_template;
use crate::sniff::flaw::{Flaw, find_flaw};
use crate::span::{FileId, Span};
use crate::syntax::{DataFormat, Dialect, Entry, Item, TOP_LEVEL, Value};
use crate::vfs::input_error::InputError;
use crate::vfs::path::split;

check!(
    UNUSABLE,
    "intake/unusable-values",
    Error,
    kind: Verdict,
    "values for the Refinery chart that Helm, Argo CD or Flux rejects",
    "Helm, Argo CD or Flux rejects them, or the description of the chart, so the chart is not installed or \
     upgraded. What Refinery will run with was not checked."
);

/// The keys of a file that SOPS encrypted as a whole.
const ENCRYPTED: [&str; 2] = ["data", "sops"];

/// Reports a values file that Helm cannot read; `None` if there is no such file.
///
/// # Errors
/// The file cannot be read.
pub fn find_unusable(name: &str, loader: &mut Loader<'_>) -> Result<Option<Finding>, InputError> {
    // Helm renders the templates of a chart.
    if is_of_chart(name, loader) {
        return Ok(None);
    }
    let Some(loaded) = loader.file(name)? else { return Ok(None) };
    let file = loaded.source.file;
    let text = &loader.loaded.files.get(file).text;
    // Values may be empty, but not the description of a chart.
    let is_empty = |flaw| matches!(flaw, Flaw::Empty | Flaw::Comments | Flaw::NoKeys);
    let is_described = split(name).1 == CHART_FILE;
    let flaw = find_flaw(Some(DataFormat::Yaml), text);
    let flaw = flaw.filter(|flaw| stops_helm(*flaw, text) || is_described && is_empty(*flaw));
    Ok(match (flaw, loaded.fault().cloned()) {
        (None | Some(Flaw::OtherEncoding), Some(not_text)) => Some(not_text),
        (Some(flaw), _) => Some(flaw.finding(file, name, text)),
        // Other programs render a template before Helm reads it.
        (None, None) if without_template(name).is_some() => None,
        (None, None) => find_in_text(file, name, text),
    })
}

/// Whether there are no values in a text with this flaw.
fn stops_helm(flaw: Flaw, text: &str) -> bool {
    match flaw {
        // It keeps the keys of values that it encrypts one by one.
        Flaw::Encrypted("SOPS") => read_item(FileId(0), text)
            .is_ok_and(|item| item.entries().iter().all(|entry| ENCRYPTED.contains(&&*entry.key))),
        Flaw::LfsPointer | Flaw::OtherEncoding | Flaw::Encrypted(_) => true,
        Flaw::Empty | Flaw::Comments | Flaw::NoKeys | Flaw::Template(_) | Flaw::Wrapped { .. } => {
            false
        }
    }
}

fn find_in_text(file: FileId, name: &str, text: &str) -> Option<Finding> {
    let top = Span::new(file, 0, text.lines().next().map_or(0, str::len));
    match examine(file, text)? {
        Flawed::NoMapping => {
            Some(not_a_mapping(format!("Helm cannot read `{name}`: it is not a mapping"), top))
        }
        Flawed::Invalid(Some(finding)) => Some(*finding),
        Flawed::Invalid(None) => Some(invalid(format!("Helm cannot read `{name}` as YAML"), top)),
    }
}

/// Reports values in an entry of a map that Helm cannot read; `place` says which entry.
pub fn find_in_entry(place: &str, text: &str, span: Span) -> Option<Finding> {
    Some(match examine(span.file, text)? {
        Flawed::NoMapping => {
            not_a_mapping(format!("the values in {place} are not a mapping"), span)
        }
        Flawed::Invalid(_) => {
            invalid(format!("Helm cannot read the values in {place} as YAML"), span)
        }
    })
}

/// Reports values in a string that are not a mapping. Syntax errors are reported at their own place.
pub fn find_no_mapping(text: &str, span: Span) -> Option<Finding> {
    let is_other = matches!(examine(span.file, text), Some(Flawed::NoMapping));
    let message = "the values of the Refinery chart are not a mapping";
    is_other.then(|| not_a_mapping(message.to_owned(), span))
}

/// Reports values for a chart that another one depends on, if they are not a mapping.
pub fn find_no_table(entry: &Entry) -> Option<Finding> {
    let place = entry.item.beginning().or(entry.key_span)?;
    let message = format!("the values under `{}` are not a mapping", entry.key);
    (!is_mapping(&entry.item)).then(|| not_a_mapping(message, place))
}

/// Why Helm cannot read a text as values.
enum Flawed {
    NoMapping,
    /// It does not parse; the finding on the syntax error, if there is one.
    Invalid(Option<Box<Finding>>),
}

fn examine(file: FileId, text: &str) -> Option<Flawed> {
    // Flux, Argo CD or a plugin fills it in before Helm sees it.
    if is_reference(text) {
        return None;
    }
    match read_or_fault(Dialect::Helm, file, text) {
        Ok(item) if is_mapping(&item) => None,
        Ok(_) => Some(Flawed::NoMapping),
        Err(Some(finding)) if is_template(text, finding.primary()) => None,
        Err(Some(finding)) if finding.check == &TOP_LEVEL => Some(Flawed::NoMapping),
        Err(finding) => Some(Flawed::Invalid(finding)),
    }
}

fn not_a_mapping(message: String, span: Span) -> Finding {
    let finding = Finding::new(&UNUSABLE, message).at(span, "not a mapping");
    finding.help("write a mapping, such as `replicaCount: 3`")
}

fn invalid(message: String, span: Span) -> Finding {
    Finding::new(&UNUSABLE, message).at(span, "not valid YAML")
}

/// Whether values are a mapping or empty.
pub fn is_mapping(values: &Item) -> bool {
    matches!(values.value, Value::Map(_) | Value::Mixed(_) | Value::Null)
}
