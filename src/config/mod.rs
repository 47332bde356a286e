//! Files → the effective configuration: what the engine would hold, every value with its origin.
//!
//! Holds merging, decoding, defaults, overrides and `${NAME}`. Must not judge shape (`schema`) nor
//! know what the engine does with a value at run time (`rehearse`).

pub mod command_line;
pub mod decode;
pub mod defaults;
mod dependencies;
pub mod environment;
pub mod expand;
mod foreign;
pub mod load;
pub mod merge;
pub mod overrides;
mod scalar;
pub mod setting;
pub mod write;
