//! Files → the effective configuration: what the engine would hold, every value with its origin.
//!
//! Holds merging, decoding, defaults, overrides and `${NAME}`. Must not judge shape (`schema`) nor
//! know what the engine does with a value at run time (`rehearse`).

pub mod decode;
pub mod environment;
pub mod expand;
pub mod merge;
pub mod setting;
