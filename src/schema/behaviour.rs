//! What changed in the engine between releases apart from its keys: one table of switches.

use super::release::Release;

/// How a release behaves where releases differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behaviour {
    /// `${NAME}` in values is replaced from the environment.
    pub expands_variables: bool,
    /// Removed keys refuse the start, or warn, by the release's own number.
    pub checks_removed_keys: bool,
    /// The config is validated again once defaults and overrides are in force.
    pub validates_twice: bool,
    /// An amount of memory of a million units or more is written in a form (`1.5e+06K`) that
    /// v2.2.0 cannot read back.
    pub writes_great_sizes_with_exponents: bool,
    /// A YAML file without any document reads as nothing; before, it is refused.
    pub reads_empty_files: bool,
    /// `-c` and `-r` may be repeated; before, the last one counts.
    pub several_files: bool,
}

impl Behaviour {
    pub fn of(release: Release) -> Self {
        let since = |major, minor, patch| release >= Release::new(major, minor, patch);
        Self {
            expands_variables: since(2, 9, 5),
            checks_removed_keys: since(3, 0, 0),
            writes_great_sizes_with_exponents: since(2, 0, 1) && !since(2, 3, 0),
            reads_empty_files: since(2, 9, 2),
            validates_twice: since(2, 0, 1),
            several_files: since(2, 8, 0),
        }
    }
}
