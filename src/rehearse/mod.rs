//! The engine's start-up, reload and first trace, walked stage by stage.

pub mod specs;
