//! What a rehearsal may know of the machine that it stands for.
//!
//! Hermetic: nothing is bound, resolved or dialled. What the machine alone decides is said to depend
//! on it.

/// A machine, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World {
    /// Processors that the engine may use; it runs a worker for each unless told otherwise.
    pub cores: u32,
}

impl Default for World {
    /// An ordinary machine of four cores.
    fn default() -> Self {
        Self { cores: 4 }
    }
}
