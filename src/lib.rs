//! The corridor: one line per room, in the order in which data walks through them.
//!
//! ```text
//! bytes ─▶ deployments ─▶ spanned tree ─▶ shape ─▶ effective config ─▶ rehearsal ─▶ verdicts ─▶ report
//!          source         syntax          schema   config              rehearse     judge       report
//!                                                                        ▲
//!                                                       engine, traces ──┘
//! ```

// The words that every room may use.
pub mod diagnostic;
pub mod machine;
pub mod span;
pub mod verdict;

pub mod value;

pub mod source;

pub mod syntax;

pub mod schema;

pub mod config;

pub mod engine;

pub mod traces;

pub mod rehearse;

pub mod checks;

pub mod judge;

pub mod policy;

pub mod mend;

pub mod history;

pub mod report;

pub mod cli;
