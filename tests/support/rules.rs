//! Loads targets from rules files, for tests that compare sampling decisions.

use refinery_preflight::internals::config::decode::Decoder;
use refinery_preflight::internals::config::effective_value::Record;
use refinery_preflight::internals::engine::spec::Target;
use refinery_preflight::internals::rehearse::specs::targets;
use refinery_preflight::internals::schema::{Kind, Schema, releases};
use refinery_preflight::internals::span::FileId;
use refinery_preflight::internals::syntax::{DataFormat, parse, read_document};
use std::sync::LazyLock;

static SCHEMA: LazyLock<Schema> =
    LazyLock::new(|| Schema::new(Kind::Rules, *releases().last().unwrap()));

/// The target with the given name in a rules file of the newest release.
pub fn load(format: DataFormat, rules: &str, name: &str) -> Target {
    let parsed = parse(FileId(0), format, rules);
    let (document, _) = read_document(&parsed.tree.unwrap());
    let (mut decoder, mut record) = (Decoder::default(), Record::default());
    decoder.file(SCHEMA.root(), &document, &mut record);
    assert!(decoder.violations.is_empty(), "{rules}");
    let found = targets(&record).into_iter().find(|(n, _)| *n == name);
    found.unwrap_or_else(|| panic!("there is no {name} in {rules}")).1
}
