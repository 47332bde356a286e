//! Loads parsed files like Refinery at start-up, with everything that it rejects.
//!
//! Refinery validates a config three times: the merged files, the typed values, and those again
//! with defaults and overrides. It validates rules twice, without defaults and overrides.

use super::decode::Decoder;
use super::defaults::complete;
use super::dependencies::{find_dependencies, mark_replaced};
use super::effective_value::{EffectiveValue, Origin, Record};
use super::environment::Environment;
use super::expand::{expand_item, expand_settings};
use super::loaded_shape::LoadedShape;
use super::merge::merge;
use super::overrides::Overrides;
use super::write::write;
use crate::diagnostic::{Effect, Finding};
use crate::schema::{Kind, Quirk, Schema, Violation, find_violations, find_violations_among};
use crate::syntax::{DataFormat, Document, Entry, Item, Value};
use std::collections::HashSet;

/// The values of one kind of file, and the findings made on the way to them.
#[derive(Debug, Default)]
pub struct Loaded {
    pub record: Record,
    /// The process ends while it reads the files.
    pub crash: Option<Finding>,
    /// Variables and flags whose values cannot be used.
    pub overrides: Vec<Finding>,
    /// What the validator refuses or warns of.
    pub validation: Vec<Finding>,
    /// What the loader refuses or changes.
    pub loading: Vec<Finding>,
}

/// The content of a file, and its format.
#[derive(Clone, Copy)]
pub struct Source<'i> {
    pub format: DataFormat,
    /// All of it, as the validator reads it.
    pub item: &'i Item,
    /// The part of it that the loader decodes, or all of it.
    pub loaded: &'i Item,
    /// Whether the document is null.
    pub is_null: bool,
}

/// Reads what the loader decodes of a document, which is less than the validator reads. `None` if the
/// document cannot be parsed.
pub fn read_loaded(schema: &Schema, document: &Document) -> Option<(Item, Vec<Finding>)> {
    document.read_into(LoadedShape::new(document.format, schema.root()))
}

/// What affects loading besides the files.
#[derive(Clone, Copy)]
pub struct LoadContext<'a> {
    pub overrides: &'a Overrides<'a>,
    pub environment: &'a Environment,
    /// Whether Refinery validates the files.
    pub validates: bool,
}

/// Loads config files, first to last.
pub fn load_config(schema: &Schema, files: &[Source<'_>], context: LoadContext<'_>) -> Loaded {
    let LoadContext { overrides, environment, validates } = context;
    let validate = |files: &[&Item]| validate_config(schema, files, environment);
    let (mut loaded, merged) = match load(schema, files, validates, validate) {
        Ok(loaded) => loaded,
        Err(crash) => return crashed(*crash),
    };
    loaded.record = complete(schema.root(), loaded.record);
    loaded.overrides.extend(overrides.apply(schema.root(), &mut loaded.record));
    if validates && schema.quirks().has(Quirk::ValidatesTwice) && !loaded.is_refused() {
        validate_effective(schema, environment, &merged, &mut loaded);
    }
    if schema.quirks().has(Quirk::ExpandsVariables) {
        expand_settings(&mut loaded.record, environment);
    }
    loaded
}

/// Loads rules files, first to last.
pub fn load_rules(schema: &Schema, files: &[Source<'_>], validates: bool) -> Loaded {
    let validate = |files: &[&Item]| Ok(find_all(schema, merge(files)?));
    let loaded = load(schema, files, validates, validate);
    loaded.map_or_else(|crash| crashed(*crash), |(loaded, _)| loaded)
}

/// The violations of merged files, and these.
type Validated = Result<(Vec<Violation>, Item), Box<Finding>>;

/// Validates the merged files, then decodes each. A decoding error for a value that the validator
/// has rejected is not reported. Also returns what was validated.
fn load(
    schema: &Schema,
    files: &[Source<'_>],
    validates: bool,
    validate: impl FnOnce(&[&Item]) -> Validated,
) -> Result<(Loaded, Item), Box<Finding>> {
    let items: Vec<&Item> = files.iter().map(|file| file.item).collect();
    let unvalidated = || (Vec::new(), Item::new(Value::Null, None));
    let (violations, merged) = if validates { validate(&items)? } else { unvalidated() };
    let mut decode_errors = Vec::new();
    let mut record = Record::default();
    let resets = schema.kind == Kind::Rules && schema.quirks().has(Quirk::ResetsRulesAtNull);
    for file in files {
        let mut decoder = Decoder::of(file.format, schema.quirks());
        if resets && file.is_null {
            record = Record::default();
        }
        decoder.file(schema.root(), file.loaded, &mut record);
        decode_errors.append(&mut decoder.violations);
    }
    let refused: HashSet<String> =
        violations.iter().filter(|f| f.finding.stops_start()).map(|f| f.path.clone()).collect();
    let decode_errors = decode_errors.into_iter().filter(|error| !refused.contains(&error.path));
    let loading = decode_errors.map(|error| error.finding).collect();
    let validation = violations.into_iter().map(|violation| violation.finding).collect();
    Ok((Loaded { record, validation, loading, ..Loaded::default() }, merged))
}

fn validate_config(schema: &Schema, files: &[&Item], environment: &Environment) -> Validated {
    let mut merged = merge(files)?;
    if schema.quirks().has(Quirk::ExpandsVariables) {
        expand_item(&mut merged, environment);
    }
    Ok(find_all(schema, merged))
}

/// The violations of merged files, and the values that may be some.
fn find_all(schema: &Schema, mut merged: Item) -> (Vec<Violation>, Item) {
    mark_replaced(&mut merged);
    let mut violations = find_violations(schema, &merged);
    violations.extend(find_dependencies(schema, &merged));
    (violations, merged)
}

/// A crash ends loading.
fn crashed(crash: Finding) -> Loaded {
    Loaded { crash: Some(crash), ..Loaded::default() }
}

impl Loaded {
    fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.crash.iter().chain(&self.overrides).chain(&self.validation).chain(&self.loading)
    }

    fn is_refused(&self) -> bool {
        self.findings().any(Finding::stops_start)
    }
}

/// Validates the effective values, which include overrides for the first time.
fn validate_effective(
    schema: &Schema,
    environment: &Environment,
    merged: &Item,
    loaded: &mut Loaded,
) {
    let mut written = write(schema, &loaded.record);
    drop_blank_keys(&mut written);
    if schema.quirks().has(Quirk::ExpandsVariables) {
        expand_item(&mut written, environment);
    }
    mark_replaced(&mut written);
    let doubted = find_changed(&written, merged, &loaded.record);
    let mut violations = find_violations_among(schema, &written, &doubted);
    violations.extend(find_dependencies(schema, &written));
    for violation in violations {
        let finding = blame_override(&loaded.record, violation);
        // One variable may override several keys.
        let hangs_on_same = |known: &Finding| {
            matches!(finding.effect, Effect::DependsOn(_)) && known.effect == finding.effect
        };
        let is_same = |known: &Finding| {
            (known.check, &known.message) == (finding.check, &finding.message)
                || finding.labels.is_empty() && hangs_on_same(known)
        };
        if !loaded.findings().any(is_same) {
            loaded.validation.push(finding);
        }
    }
}

/// The written settings whose values may be invalid although the files are valid: not defaults, which
/// are valid (a test validates those of all releases), nor values that are written as in the files.
fn find_changed(written: &Item, merged: &Item, record: &Record) -> Item {
    let is_set = |setting: &EffectiveValue| setting.origin != Origin::Default;
    let groups = written.entries().iter().filter_map(|entry| {
        let group = record.get(&entry.key)?;
        let in_files = merged.get(&entry.key);
        let is_changed = |key: &&Entry| {
            let setting = group.record().and_then(|record| record.get(&key.key));
            let before = in_files.and_then(|group| group.get(&key.key));
            setting.is_some_and(is_set)
                && before.is_none_or(|before| !is_same_scalar(&before.value, &key.item.value))
        };
        let keys: Vec<Entry> = entry.item.entries().iter().filter(is_changed).cloned().collect();
        let is_kept = is_set(group) || !keys.is_empty();
        let item = Item { value: Value::Map(keys), ..Item::new(Value::Null, None) };
        is_kept.then(|| Entry { key: entry.key.clone(), key_span: entry.key_span, item })
    });
    Item::new(Value::Map(groups.collect()), None)
}

fn is_same_scalar(one: &Value, other: &Value) -> bool {
    !matches!(one, Value::List(_) | Value::Map(_) | Value::Mixed(_)) && one == other
}

/// A value from the command line or environment has no position in a file, so the message names it.
fn blame_override(record: &Record, violation: Violation) -> Finding {
    let mut finding = violation.finding;
    let mut names = violation.path.split(['.', '[']);
    let group = names.next().and_then(|group| record.get(group)?.record());
    let setting = group.zip(names.next()).and_then(|(group, key)| group.get(key));
    if let Some(origin @ (Origin::Flag(_) | Origin::Variable(_))) = setting.map(|s| &s.origin) {
        finding.message = format!("{origin}: {}", finding.message);
        finding = origin.attribute(finding);
    }
    finding
}

/// Refinery itself fills in dummies for missing keys to satisfy its validator.
fn drop_blank_keys(written: &mut Item) {
    const OF: [&str; 4] = ["HoneycombLogger", "LegacyMetrics", "OTelMetrics", "OTelTracing"];
    let is_blank = |e: &Entry| e.key == "APIKey" && e.item.text() == Some("");
    for group in written.entries_mut().iter_mut().filter(|g| OF.contains(&g.key.as_str())) {
        if let Some(entries) = group.item.value.as_entries_mut() {
            entries.retain(|e| !is_blank(e));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::effective_value::Typed;
    use crate::schema::releases;
    use crate::span::FileId;
    use crate::syntax::{parse, read_document};

    #[test]
    fn values_that_differ_from_the_files_are_validated_again() {
        let newest = *releases().last().unwrap();
        let schema = Schema::new(Kind::Config, newest);
        let text = "Network: {ListenAddr: 'a:1', PeerListenAddr: 'b:2'}\nTraces: {SendDelay: 2s}\n";
        let tree = parse(FileId(0), DataFormat::Yaml, text).tree.unwrap();
        let (item, _) = read_document(&tree);
        let mut record = Record::default();
        Decoder::default().file(schema.root(), &item, &mut record);
        let mut record = complete(schema.root(), record);
        let changed = |record: &Record| {
            let groups = find_changed(&write(&schema, record), &item, record);
            let keys = groups.entries().iter().flat_map(|group| group.item.entries());
            keys.map(|entry| entry.key.clone()).collect::<Vec<_>>()
        };
        assert_eq!(changed(&record), [""; 0]);
        for group in record.values_mut() {
            let Typed::Record(group) = &mut group.typed else { continue };
            let Some(address) = group.take("ListenAddr") else { continue };
            let typed = Typed::Text("nowhere".to_owned());
            *group.get_mut("ListenAddr") = EffectiveValue { typed, ..address };
        }
        assert_eq!(changed(&record), ["ListenAddr"]);
    }

    #[test]
    fn defaults_are_valid_where_they_are_validated() {
        let schemas = releases().into_iter().map(|release| Schema::new(Kind::Config, release));
        for schema in schemas.filter(|schema| schema.quirks().has(Quirk::ValidatesTwice)) {
            let record = complete(schema.root(), Record::default());
            let mut written = write(&schema, &record);
            drop_blank_keys(&mut written);
            let no_file = Item::new(Value::Null, None);
            assert_eq!(find_changed(&written, &no_file, &record).entries().len(), 0);
            let invalid = find_violations(&schema, &written).into_iter().map(|v| v.path);
            // Every file must have the version of its format.
            let invalid: Vec<String> =
                invalid.filter(|path| !path.starts_with("General")).collect();
            assert_eq!(invalid, Vec::<String>::new(), "{}", schema.release);
        }
    }
}
