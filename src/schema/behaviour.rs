//! What changed in the engine between releases apart from its keys: one table of switches.

use super::release::Release;

/// How a release behaves where releases differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behaviour {
    /// `${NAME}` in values is replaced from the environment.
    pub expands_variables: bool,
    /// Removed keys refuse the start, or warn, by the release's own number.
    pub checks_removed_keys: bool,
    /// `-c` and `-r` may be repeated; before, the last one counts.
    pub several_files: bool,
}

impl Behaviour {
    pub fn of(release: Release) -> Self {
        let since = |major, minor, patch| release >= Release::new(major, minor, patch);
        Self {
            expands_variables: since(2, 9, 5),
            checks_removed_keys: since(3, 0, 0),
            several_files: since(2, 8, 0),
        }
    }
}
