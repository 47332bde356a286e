//! The schemas of the config and rules files, projected to one release, and validation against
//! them.
//!
//! All facts about keys are in `schemas/`, none in code. Must not merge files or compute effective
//! values (`config` does), nor know what Refinery does at run time.

mod choice;
mod describe;
mod editor;
pub mod flags;
mod formats;
mod instance;
pub mod key;
mod keywords;
mod learned;
mod misplaced;
mod phrases;
mod place;
mod project;
mod quantity;
mod reading;
mod removed;
mod repair;
pub mod secrets;
mod spelling;
mod suggest;
mod unknown;
mod unvalidated;
mod validate;
mod violation;
mod wording;
mod wrong_file;

pub use crate::release::{Quirk, Release, ReleaseQuirks, releases};
pub use describe::knows_type;
pub use editor::editor_schema;
pub use key::Key;
pub use learned::{facts_of, find_misfit};
pub use place::visit;
pub use reading::settle_fixes;
pub use suggest::nearest;
pub use validate::find_violations;
pub use violation::Violation;

use crate::packed;
use crate::release::learned::learned;
use crate::release::nearest_built_in;
use jsonschema::ValidationError;
use serde_json::Value as Json;
use std::borrow::Cow;
use std::sync::LazyLock;

/// The two kinds of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Config,
    Rules,
}

impl Kind {
    pub const ALL: [Self; 2] = [Self::Config, Self::Rules];

    pub fn word(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Rules => "rules",
        }
    }

    /// The root key of the file, with the keys of all releases.
    pub fn root(self) -> Key<'static> {
        Key::root(self.document())
    }

    fn document(self) -> &'static Json {
        static CONFIG: LazyLock<Json> = LazyLock::new(|| packed!("config.schema.json"));
        static RULES: LazyLock<Json> = LazyLock::new(|| packed!("rules.schema.json"));
        match self {
            Self::Config => &CONFIG,
            Self::Rules => &RULES,
        }
    }
}

/// The schema of one kind of file in one release.
pub struct Schema {
    pub kind: Kind,
    pub release: Release,
    document: Cow<'static, Json>,
    validator: jsonschema::Validator<instance::Engine>,
}

/// The newest release needs no projection: the patches for older releases are not JSON Schema
/// keywords.
fn document(kind: Kind, release: Release) -> Cow<'static, Json> {
    if let Some(file) = learned(release) {
        return Cow::Owned(learned::learned_document(kind, release, &file));
    }
    let whole = kind.document();
    // None is nearer to what comes after all.
    if nearest_built_in(release) == nearest_built_in(Release::new(u16::MAX, 0, 0)) {
        Cow::Borrowed(whole)
    } else {
        Cow::Owned(project::project(whole, release))
    }
}

/// The URI under which the validator finds the schema.
const ADDRESS: &str = "json-schema:///refinery";

/// Passes the schema as a referenced resource, because the validator does not check those against
/// the meta-schema at every start. A test does.
fn compile(
    document: &Json,
) -> Result<jsonschema::Validator<instance::Engine>, ValidationError<'static>> {
    let registry = jsonschema::Registry::new().add(ADDRESS, document)?.prepare()?;
    keywords::register(jsonschema::options_for::<instance::Engine>())
        .with_draft(jsonschema::Draft::Draft202012)
        .with_registry(&registry)
        .build(&serde_json::json!({ "$ref": ADDRESS }))
}

/// A built-in schema is invalid: a bug in this program.
#[derive(Debug, thiserror::Error)]
#[error("the built-in {kind} schema of {release} does not compile: {reason}")]
pub struct BrokenSchema {
    kind: &'static str,
    release: Release,
    reason: String,
}

impl Schema {
    /// Projects the schema to a release and compiles it.
    ///
    /// # Errors
    /// Never: a test compiles all schemas.
    pub fn new(kind: Kind, release: Release) -> Result<Self, BrokenSchema> {
        let document = document(kind, release);
        let broken = |reason: String| BrokenSchema { kind: kind.word(), release, reason };
        let validator = compile(&document).map_err(|reason| broken(reason.to_string()))?;
        Ok(Self { kind, release, document, validator })
    }

    /// The root key, whose children are the groups.
    pub fn root(&self) -> Key<'_> {
        Key::root(&self.document)
    }

    /// The key at a path, with the facts of all releases: when it was added, or where it belongs.
    fn key_of_all_releases(&self, path: &str) -> Option<Key<'static>> {
        self.kind.root().descendant(path)
    }

    /// Whether the release is older than a version such as `v3.1`.
    pub fn is_before(&self, minor_version: &str) -> bool {
        Release::parse(&format!("{minor_version}.0")).is_some_and(|other| self.release < other)
    }

    pub fn quirks(&self) -> ReleaseQuirks {
        ReleaseQuirks::of(self.release)
    }

    /// Command-line flags and variables that override keys, by Refinery's internal name.
    pub fn options(&self) -> Vec<(&str, &Json)> {
        flags::options_of(&self.document, self.release).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schemas_of_all_releases_are_valid() {
        for release in releases() {
            for kind in Kind::ALL {
                let document = project::project(kind.document(), release);
                assert!(jsonschema::meta::is_valid(&document), "{kind:?} of {release}");
                assert!(Schema::new(kind, release).is_ok(), "{kind:?} of {release}");
                let editors = editor_schema(kind, release);
                assert!(jsonschema::meta::is_valid(&editors), "{kind:?} of {release} for editors");
                assert!(jsonschema::validator_for(&editors).is_ok(), "{kind:?} of {release}");
            }
        }
    }
}
