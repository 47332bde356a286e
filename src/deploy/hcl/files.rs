//! Files in HCL: mappings from file names to content, such as the data of a `ConfigMap`, and
//! resources that write one file, such as an object of a bucket.
//!
//! Their names say which are Refinery's, whatever they contain.

use super::encoded::write_files;
use super::inputs::is_of_caller;
use super::paths::{file_named, find_missing, is_from_here, path_in};
use super::read::has_expression;
use crate::deploy::content::DataEntry;
use crate::deploy::deployment_spec::{DeploymentSpec, FileRef};
use crate::deploy::launch::LaunchSpec;
use crate::deploy::loader::Loader;
use crate::deploy::templates::find_template;
use crate::deploy::{Opened, Outer, block, read_item, word};
use crate::schema::Kind;
use crate::sniff::containers::has_version;
use crate::sniff::file_name::{
    is_about_refinery, is_hcl, is_of_other_program, is_of_refinery, is_values, kind_of_name,
    sets_up_machine, theme, without_template,
};
use crate::sniff::flaw::{Flaw, find_flaw};
use crate::source_name::SourceName;
use crate::span::{FileId, Span};
use crate::syntax::{DataFormat, Entry, Item, Value};
use crate::vfs::input_error::InputError;
use crate::vfs::path::{format_of, split, split_extension};

/// The maximum nesting depth of mappings.
const DEEPEST: usize = 32;

/// Attributes that say where a resource writes a file.
const TARGETS: [&str; 6] = ["key", "name", "filename", "destination", "path", "remote_path"];

/// Attributes with the content of that file.
const CONTENTS: [&str; 5] = ["content", "content_base64", "value", "secret_data", "data"];

/// Attributes with the path of a file with the content.
const SOURCES: [&str; 2] = ["source", "source_path"];

/// Files of one mapping, in the order of their kinds.
struct Group<'i> {
    spec: DeploymentSpec,
    /// Files whose content is in HCL: the name of the file, and where it is.
    written: Vec<(Kind, &'i str, &'i Item)>,
    /// Whether the content of one is certainly Refinery's.
    is_ours: bool,
    /// Whether no program can use one as a config, so that nothing shows whose it is.
    is_unusable: bool,
}

/// Describes all files.
///
/// # Errors
/// A file cannot be read.
pub fn describe_files(
    outer: Outer<'_>,
    document: &Item,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    let mut waiting = vec![(document, String::new(), false, 0)];
    while let Some((item, path, is_about, depth)) = waiting.pop() {
        if depth >= DEEPEST {
            continue;
        }
        let is_about = is_about || is_named_refinery(item);
        let mut group = Group::new(outer, &path);
        if let Some(SingleFile { target, kind, source, is_path }) =
            single_file(item, &path, Some(outer.file))
        {
            group.add(outer, (kind, target, source), is_path, loader)?;
            group.is_ours = true;
        } else {
            for entry in item.entries() {
                let kind = plain_kind(&entry.key).or_else(|| kind_of_source(outer, entry, loader));
                let input = kind_of_input(&path, entry);
                if let Some(kind) = input.or(kind) {
                    let named = (kind, entry.key.as_str(), &entry.item);
                    group.add(outer, named, input.is_some(), loader)?;
                }
            }
        }
        group.finish(outer, is_about, loader, opened);
        for entry in item.entries() {
            let is_about = is_about || is_about_refinery(&entry.key);
            waiting.push((&entry.item, format!("{path}{}.", entry.key), is_about, depth + 1));
        }
        let path = path.trim_end_matches('.');
        for (at, item) in item.list().unwrap_or_default().iter().enumerate() {
            waiting.push((item, format!("{path}[{at}]."), is_about, depth + 1));
        }
    }
    Ok(())
}

/// Describes the files that templates are given as arguments, such as scripts that write them to a
/// machine.
///
/// # Errors
/// A file cannot be read.
pub fn describe_arguments(
    outer: Outer<'_>,
    arguments: Vec<Item>,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    for (at, mut given) in arguments.into_iter().enumerate() {
        write_files(&mut given, "");
        let mut group = Group::new(outer, &format!("templatefile[{at}]"));
        for entry in given.entries() {
            let text = entry.item.text().unwrap_or_default();
            let is_file =
                text.starts_with("${file(") || file_of(outer, &entry.item, loader).is_some();
            let name = entry.key.to_ascii_lowercase().replace("refinery", "");
            let kind = kind_of_name(&name).filter(|_| theme(&name).is_empty());
            if let Some(kind) = kind.filter(|_| is_file) {
                group.add(outer, (kind, entry.key.as_str(), &entry.item), false, loader)?;
            }
        }
        // Other programs have such files, too.
        group.is_unusable = false;
        group.finish(outer, false, loader, opened);
    }
    Ok(())
}

/// The kind that a file name stands for, if it has no other words.
fn plain_kind(name: &str) -> Option<Kind> {
    format_of(name)?;
    kind_of_name(name).filter(|_| theme(split_extension(name).0).is_empty())
}

/// The kind of a file that an entry reads, by one of their names.
fn kind_of_source(outer: Outer<'_>, entry: &Entry, loader: &Loader<'_>) -> Option<Kind> {
    let name = file_of(outer, &entry.item, loader)?;
    if is_of_other(&entry.key) {
        return None;
    }
    kind_of_label(&entry.key).or_else(|| kind_of_label(&name))
}

/// The kind of a file whose path is an input of a module, which reads it.
fn kind_of_input(path: &str, entry: &Entry) -> Option<Kind> {
    let is_input = path.starts_with("module.") || path.starts_with("inputs.");
    let file = entry.item.text().filter(|text| is_input && is_from_here(text))?;
    kind_of_label(&entry.key).filter(|_| !is_of_other(file) && is_alike(split(file).1))
}

/// The kind that a name stands for which may have other words. With no word for a kind, it must be the
/// name of Refinery and nothing else: `refinery_dashboard` is not a config.
fn kind_of_label(name: &str) -> Option<Kind> {
    let own = split(name).1;
    let says_kind = kind_of_name(&own.to_ascii_lowercase().replace("refinery", "")).is_some();
    kind_of_name(name).filter(|_| !is_of_other(own) && (says_kind || is_of_refinery(own)))
}

/// Whether a name is that of values for the chart or of a file of another program, such as
/// `refinery_values` and `refinery_otel_config`.
fn is_of_other(name: &str) -> bool {
    let own = split(name).1;
    is_values(own)
        || sets_up_machine(without_template(own).unwrap_or(own))
        || is_of_other_program(own.rsplit("refinery").next().unwrap_or_default())
}

/// The name of the file that a value was read from.
pub fn file_of(outer: Outer<'_>, item: &Item, loader: &Loader<'_>) -> Option<String> {
    let span = item.span.filter(|span| span.file != outer.file)?;
    let file = loader.loaded.files.get(span.file);
    // A part of a file is another value.
    (span.range() == (0..file.text.len())).then_some(())?;
    let name = file.name.to_string();
    // Local values of the module.
    (!is_hcl(&name)).then_some(name)
}

/// Whether the name of an object, such as that of a `ConfigMap`, has the word `refinery`.
fn is_named_refinery(item: &Item) -> bool {
    let metadata = item.get("metadata");
    let metadata = metadata.and_then(|it| it.list().map_or(Some(it), |blocks| blocks.first()));
    let names = [Some(item), metadata].into_iter().flatten().filter_map(|it| it.get("name"));
    names.filter_map(Item::text).any(is_about_refinery)
}

/// A file that a resource writes.
struct SingleFile<'i> {
    target: &'i str,
    kind: Kind,
    /// Its content, or the path of a file with it.
    source: &'i Item,
    is_path: bool,
}

/// The file that a resource writes, if its path is that of a config or rules file.
fn single_file<'i>(item: &'i Item, path: &'i str, own: Option<FileId>) -> Option<SingleFile<'i>> {
    let of = |keys: &[&str]| {
        let mut all = keys.iter().filter_map(|key| item.get(key));
        all.find(|source| source.text().is_some())
    };
    // A path in the container of a Nomad job.
    let is_in_job = path.starts_with("job.");
    let named = of(&SOURCES).filter(|_| !is_in_job);
    let (source, is_path) = (named.or_else(|| of(&CONTENTS))?, named.is_some());
    let label = path.trim_end_matches(['.', ']']).rsplit('.').next().unwrap_or_default();
    let label = label.split('[').next().unwrap_or_default();
    let targets = TARGETS.iter().filter_map(|key| item.get(key)?.text());
    // The label `refinery` alone does not say what a file is whose name says that it is another one.
    let is_named = targets.clone().any(|target| !has_expression(target));
    let is_vague = kind_of_label(&label.replace("refinery", "")).is_none();
    let targets = targets.chain((!(is_vague && is_named)).then_some(label));
    let is_ours = |target: &&str| {
        let bucket = item.get("bucket").and_then(Item::text).unwrap_or_default();
        let is_label = is_about_refinery(label) && theme(label).is_empty();
        is_label || is_about_refinery(target) || is_about_refinery(bucket)
    };
    // A parameter with the content of a file may have any name.
    let is_unread = source.text().is_some_and(|text| text.starts_with("${file("));
    let is_read = source.span.is_some_and(|span| Some(span.file) != own);
    let is_of_file = is_path || is_unread || is_read;
    // A program or archive is not one of Refinery's files.
    let source_name = source.text().unwrap_or_default();
    let is_document = !is_path || is_alike(split(source_name).1);
    let kind = |target: &str| {
        let is_whole = is_of_file && is_document && !target.contains('.');
        plain_kind(target).or_else(|| kind_of_label(target).filter(|_| is_whole))
    };
    let file = |target| Some(SingleFile { target, kind: kind(target)?, source, is_path });
    // Another provisioner of Packer makes it.
    let is_made = item.get("generated").and_then(word).as_deref() == Some("true");
    let targets = targets.filter(|_| !is_made);
    targets.filter(is_ours).find_map(file)
}

/// Whether a text is hidden, or something that no program can use as a config.
fn is_unusable(text: &str) -> bool {
    let is_hidden =
        |flaw| matches!(flaw, Flaw::LfsPointer | Flaw::Encrypted(_) | Flaw::OtherEncoding);
    let has_keys = |item: &Item| item.list().is_some() || !item.entries().is_empty();
    find_flaw(Some(DataFormat::Yaml), text).is_some_and(is_hidden)
        || !(has_expression(text) || read_item(FileId(0), text).as_ref().is_ok_and(has_keys))
}

/// Whether a file name has the extension of a config or rules file, or of a template of one, or none.
fn is_alike(name: &str) -> bool {
    let (stem, extension) = split_extension(name);
    let is_template = ["tftpl", "tpl", "tmpl"].contains(&extension);
    extension.is_empty() || format_of(name).is_some() || is_template && is_alike(stem)
}

impl<'i> Group<'i> {
    fn new(outer: Outer<'_>, path: &str) -> Self {
        let name = SourceName::within(outer.name, path.trim_end_matches('.'));
        let spec = DeploymentSpec::new(name, LaunchSpec::default());
        Self { spec, written: Vec::new(), is_ours: false, is_unusable: false }
    }

    fn add(
        &mut self,
        outer: Outer<'_>,
        (kind, name, item): (Kind, &'i str, &'i Item),
        is_path: bool,
        loader: &mut Loader<'_>,
    ) -> Result<(), InputError> {
        let text = item.text().unwrap_or_default();
        let source = file_of(outer, item, loader).or_else(|| file_named(outer, text));
        let source = source.or_else(|| path_in(outer, text).filter(|_| is_path));
        let file = match &source {
            Some(source) if !loader.is_folder(source) => loader.file(source)?,
            _ => None,
        };
        match (file, &item.value) {
            (Some(file), _) => {
                let content = loader.loaded.files.get(file.source.file).text.clone();
                self.is_ours |= has_version(&content);
                self.is_unusable |= file.fault().is_some() || is_unusable(&content);
                // A template, with or without placeholders for its expressions.
                let is_filled = !text.starts_with("${file") && text != content;
                let is_read = file_of(outer, item, loader).is_some();
                let is_template = |name: &String| is_filled || without_template(name).is_some();
                let rendered = source.clone().filter(is_template).filter(|_| is_read);
                loader.loaded.rendered.borrow_mut().extend(rendered);
                if is_filled && has_expression(&content) {
                    self.written.push((kind, name, item));
                    return Ok(());
                }
                let mut names = [Some(name), source.as_deref()].into_iter().flatten();
                let format = names.find_map(format_of);
                self.put(kind, FileRef::OnDisk(file.read_as(format.or(Some(DataFormat::Yaml)))));
            }
            (None, Value::Text(_)) if is_path && source.is_some() => {
                let source = source.filter(|source| !loader.is_folder(source));
                let Some(source) = source else { return Ok(()) };
                let named = item.span.unwrap_or(Span::new(outer.file, 0, 0));
                let missing = DataEntry::on_disk(name, source, named).find_missing(loader);
                self.spec.findings.extend(missing);
            }
            (None, Value::Text(_) | Value::Null) => self.written.push((kind, name, item)),
            (None, _) => {}
        }
        Ok(())
    }

    fn put(&mut self, kind: Kind, file: FileRef) {
        match kind {
            Kind::Config => self.spec.config.push(file),
            Kind::Rules => self.spec.rules.push(file),
        }
    }

    /// Adds the deployment of the group, if its files are Refinery's.
    fn finish(
        mut self,
        outer: Outer<'_>,
        is_about: bool,
        loader: &Loader<'_>,
        opened: &mut Opened,
    ) {
        let is_written = |kind: Kind| self.written.iter().any(|(own, ..)| *own == kind);
        let has = |kind: Kind| match kind {
            Kind::Config => !self.spec.config.is_empty() || is_written(kind),
            Kind::Rules => !self.spec.rules.is_empty() || is_written(kind),
        };
        let is_pair = is_about && Kind::ALL.into_iter().all(has);
        if !(self.is_ours || is_pair || is_about && self.is_unusable) {
            return;
        }
        for (kind, name, item) in std::mem::take(&mut self.written) {
            let text = item.text().unwrap_or_default();
            let Some(span) = item.span else { continue };
            let pieces = block::pieces(outer, span, text);
            let place = format!("{}.{name}", self.spec.name.place());
            let within = SourceName::within(outer.name, place);
            if has_expression(text) && is_of_caller(outer, text, loader) {
                continue;
            }
            if let Some(missing) = find_missing(outer, text, span, loader) {
                opened.report([missing]);
                continue;
            }
            if has_expression(text) {
                opened.unchecked.extend(find_template(within.as_str(), text, &pieces, loader));
                continue;
            }
            let (text, format) = (text.to_owned(), format_of(name).or(Some(DataFormat::Yaml)));
            let Span { file, .. } = span;
            self.put(kind, FileRef::within(kind, format, within, text, pieces, file));
        }
        if !(self.spec.names_no_file() && self.spec.findings.is_empty()) {
            opened.described.push(self.spec);
        }
    }
}
