//! From files to the effective configuration, with the origin of every value: merging, decoding,
//! defaults, overrides and `${NAME}`.
//!
//! `schema` validates values; `rehearse` knows what Refinery does with them at run time.

pub mod command_line;
pub mod decode;
pub mod defaults;
mod dependencies;
pub mod effective_value;
pub mod environment;
pub mod expand;
mod foreign;
mod key_path;
pub mod load;
mod loaded_shape;
pub mod merge;
pub mod overrides;
mod scalar;
pub mod write;
