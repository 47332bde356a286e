//! The schemas of the config and rules files, projected to one release, and validation against
//! them.
//!
//! All facts about keys are in `schemas/`, none in code. Must not merge files or compute effective
//! values (`config` does), nor know what Refinery does at run time.

mod advice;
mod choice;
mod compiled;
mod describe;
mod descriptions;
mod editor;
pub mod flags;
mod formats;
mod instance;
pub mod key;
mod keywords;
mod learned;
mod misplaced;
mod node;
mod phrases;
mod place;
#[cfg(test)]
mod project;
mod quantity;
mod reading;
mod reference;
mod removed;
mod restrict;
#[cfg(test)]
mod secret_names;
pub mod secrets;
mod spelling;
mod suggest;
mod tables;
mod unknown;
mod unknown_type;
mod unvalidated;
mod validate;
mod violation;
mod wording;
mod wrong_file;

pub use crate::release::{Quirk, Release, ReleaseQuirks, releases};
pub use describe::knows_type;
pub use descriptions::{Described, NotFound, describe_all, find_described};
pub use editor::editor_schema;
pub use key::{Key, TakesEffect};
pub use learned::{facts_of, learn_file};
pub use node::Node;
pub use place::visit;
pub use reading::settle_fixes;
pub use removed::Removal;
pub use suggest::{different_letters, nearest};
pub use validate::{find_violations, find_violations_among};
pub use violation::Violation;

use crate::release::learned::learned;
use crate::release::nearest_built_in;

/// The two kinds of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
        Key::of(self.document())
    }

    /// The schema with the keys of all releases.
    fn document(self) -> &'static Node {
        match self {
            Self::Config => &tables::CONFIG,
            Self::Rules => &tables::RULES,
        }
    }

    /// The schema of the built-in release that is nearest to a release.
    fn document_of(self, release: Release) -> &'static Node {
        let releases = match self {
            Self::Config => &tables::CONFIG_OF,
            Self::Rules => &tables::RULES_OF,
        };
        let nearest = nearest_built_in(release).to_string();
        let found = releases.iter().find(|(name, _)| *name == nearest);
        found.map_or(self.document(), |(_, document)| document)
    }
}

/// The schema of one kind of file in one release.
pub struct Schema {
    pub kind: Kind,
    pub release: Release,
    document: &'static Node,
}

/// The schema as it is in a release, or in the nearest known one.
fn document(kind: Kind, release: Release) -> &'static Node {
    match learned(release) {
        Some(file) => Node::keep(&learned::learned_document(kind, release, &file)),
        None => kind.document_of(release),
    }
}

impl Schema {
    pub fn new(kind: Kind, release: Release) -> Self {
        Self { kind, release, document: document(kind, release) }
    }

    /// The root key, whose children are the groups.
    pub fn root(&self) -> Key<'_> {
        Key::of(self.document)
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
    pub fn options(&self) -> Vec<(&'static str, &'static Node)> {
        flags::options_of(self.document, self.release).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::compiled::compile;
    use super::restrict::{Values, restrict};
    use super::*;
    use serde_json::Value as Json;
    use std::path::Path;

    fn written(kind: Kind) -> Json {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
        let path = folder.join(format!("{}.schema.json", kind.word()));
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    #[test]
    fn the_schemas_of_all_releases_are_valid() {
        for release in releases() {
            for kind in Kind::ALL {
                let document = kind.document_of(release);
                let json = document.to_json();
                assert!(jsonschema::meta::is_valid(&json), "{kind:?} of {release}");
                assert!(compile(&restrict(Key::of(document), &Values::Any)).is_ok());
                let editors = editor_schema(kind, release);
                assert!(jsonschema::meta::is_valid(&editors), "{kind:?} of {release} for editors");
                assert!(jsonschema::validator_for(&editors).is_ok(), "{kind:?} of {release}");
            }
        }
    }

    #[test]
    fn tables_are_the_schemas_as_written() {
        for kind in Kind::ALL {
            let written = written(kind);
            assert_eq!(kind.document().to_json(), written);
            for release in releases() {
                let projected = project::project(&written, release);
                assert_eq!(kind.document_of(release).to_json(), projected, "{kind:?} of {release}");
            }
        }
    }
}
