//! The modules, in the order in which data flows through them.
//!
//! ```text
//! bytes ─▶ files ─▶ deployments ─▶ spanned tree ─▶ schema ─▶ effective config ─▶ rehearsal ─▶ checks ─▶ policy ─▶ report
//! vfs, git  sniff    deploy,discover  syntax                    config             rehearse
//!                                                                 engine, traces ──┘
//! ```

// The words that every module may use.
pub mod diagnostic;
pub mod machine;
pub mod span;
pub mod verdict;

pub mod value;

pub mod release;

pub mod syntax;

pub mod schema;

pub mod learn;

pub mod vfs;

pub mod git;

pub mod settings;

pub mod sniff;

pub mod deploy;

pub mod discover;

pub mod config;

pub mod engine;

pub mod traces;

pub mod proof;

pub mod rehearse;

pub mod checks;

pub mod pipeline;

pub mod policy;

pub mod fix;

pub mod history;

pub mod report;

pub mod cli;
