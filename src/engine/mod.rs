//! The engine: what it does with traces once it runs.
//!
//! Must not know files, spans of them or findings.

pub mod regexp;
