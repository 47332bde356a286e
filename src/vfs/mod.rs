//! Where bytes come from: the disk, standard input, environment files, and the one trait by which
//! all that holds files is read.
//!
//! With `git` and `rehearse/world` the only module that touches files or the process's environment.
//! Must not know Refinery.

pub mod decode;
pub mod environment;
pub mod input_error;
pub mod path;
pub mod read;
pub mod store;
pub mod write;
