//! Read files → what the engine holds once it has started, and what stops it before.
//!
//! The engine looks at a config three times: at the merged files, at the typed values, and at
//! those again with defaults and overrides in force. Rules are looked at twice and get neither.

use super::decode::Decoder;
use super::defaults::complete;
use super::dependencies::find_dependencies;
use super::environment::Environment;
use super::expand::{expand_item, expand_settings};
use super::merge::merge;
use super::overrides::Overrides;
use super::setting::{Origin, Record};
use super::write::write;
use crate::diagnostic::{Effect, Finding};
use crate::schema::{Fault, Kind, Quirk, Schema, find_faults};
use crate::syntax::{DataFormat, Entry, Item};
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

/// What a file says, and in which language.
#[derive(Clone, Copy)]
pub struct Source<'i> {
    pub format: DataFormat,
    pub item: &'i Item,
    /// It says null.
    pub is_null: bool,
}

/// What the engine does with the files apart from what they say.
#[derive(Clone, Copy)]
pub struct Circumstances<'a> {
    pub overrides: &'a Overrides<'a>,
    pub environment: &'a Environment,
    /// The engine's validator looks at the files.
    pub validates: bool,
}

/// Loads config files, first to last.
pub fn load_config(
    schema: &Schema,
    files: &[Source<'_>],
    circumstances: Circumstances<'_>,
) -> Loaded {
    let Circumstances { overrides, environment, validates } = circumstances;
    let look = |files: &[&Item]| look_at_config(schema, files, environment);
    let mut loaded = match load(schema, files, validates, look) {
        Ok(loaded) => loaded,
        Err(crash) => return crashed(*crash),
    };
    loaded.record = complete(schema.root(), loaded.record);
    loaded.overrides.extend(overrides.apply(schema.root(), &mut loaded.record));
    if validates && schema.quirks().has(Quirk::ValidatesTwice) && !loaded.is_refused() {
        second_look(schema, environment, &mut loaded);
    }
    if schema.quirks().has(Quirk::ExpandsVariables) {
        expand_settings(&mut loaded.record, environment);
    }
    loaded
}

/// Loads rules files, first to last.
pub fn load_rules(schema: &Schema, files: &[Source<'_>], validates: bool) -> Loaded {
    let look = |files: &[&Item]| Ok(find_faults(schema, &merge(files)?));
    load(schema, files, validates, look).unwrap_or_else(|crash| crashed(*crash))
}

type Look = Result<Vec<Fault>, Box<Finding>>;

/// The validator's look at the merged files, then the loader's at each; of a value that the
/// validator has refused the loader's refusal is not told.
fn load(
    schema: &Schema,
    files: &[Source<'_>],
    validates: bool,
    look: impl FnOnce(&[&Item]) -> Look,
) -> Result<Loaded, Box<Finding>> {
    let items: Vec<&Item> = files.iter().map(|file| file.item).collect();
    let faults = if validates { look(&items)? } else { Vec::new() };
    let mut misfits = Vec::new();
    let mut record = Record::default();
    let resets = schema.kind == Kind::Rules && schema.quirks().has(Quirk::ResetsRulesAtNull);
    for file in files {
        let mut decoder = Decoder::of(file.format);
        if resets && file.is_null {
            record = Record::default();
        }
        decoder.record(schema.root(), "", file.item, &mut record);
        misfits.append(&mut decoder.faults);
    }
    let refused: HashSet<String> =
        faults.iter().filter(|f| f.finding.stops_start()).map(|f| f.path.clone()).collect();
    let misfits = misfits.into_iter().filter(|misfit| !refused.contains(&misfit.path));
    let loading = misfits.map(|misfit| misfit.finding).collect();
    let validation = faults.into_iter().map(|fault| fault.finding).collect();
    Ok(Loaded { record, validation, loading, ..Loaded::default() })
}

fn look_at_config(schema: &Schema, files: &[&Item], environment: &Environment) -> Look {
    let mut merged = merge(files)?;
    if schema.quirks().has(Quirk::ExpandsVariables) {
        expand_item(&mut merged, environment);
    }
    let mut faults = find_faults(schema, &merged);
    faults.extend(find_dependencies(schema, &merged));
    Ok(faults)
}

/// Nothing comes after a crash.
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

/// The validator's look at the values in force, where overrides are seen for the first time.
fn second_look(schema: &Schema, environment: &Environment, loaded: &mut Loaded) {
    let mut written = write(schema, &loaded.record);
    drop_blank_keys(&mut written);
    if schema.quirks().has(Quirk::ExpandsVariables) {
        expand_item(&mut written, environment);
    }
    let mut faults = find_faults(schema, &written);
    faults.extend(find_dependencies(schema, &written));
    for fault in faults {
        let finding = blame_override(&loaded.record, fault);
        // One variable may override many keys.
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

/// A value from the command line or the environment has no place in a file: it is named.
fn blame_override(record: &Record, fault: Fault) -> Finding {
    let mut finding = fault.finding;
    let mut names = fault.path.split(['.', '[']);
    let group = names.next().and_then(|group| record.get(group)?.record());
    let setting = group.zip(names.next()).and_then(|(group, key)| group.get(key));
    if let Some(origin @ (Origin::Flag(_) | Origin::Variable(_))) = setting.map(|s| &s.origin) {
        finding.message = format!("{origin}: {}", finding.message);
    }
    finding
}

/// The engine puts dummies where no key is set, to keep its own validator quiet.
fn drop_blank_keys(written: &mut Item) {
    const OF: [&str; 4] = ["HoneycombLogger", "LegacyMetrics", "OTelMetrics", "OTelTracing"];
    let is_blank = |e: &Entry| e.key == "APIKey" && e.item.text() == Some("");
    for group in written.entries_mut().iter_mut().filter(|g| OF.contains(&g.key.as_str())) {
        if let Some(entries) = group.item.value.as_entries_mut() {
            entries.retain(|e| !is_blank(e));
        }
    }
}
