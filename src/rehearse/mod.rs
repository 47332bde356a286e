//! The engine's start-up, walked in this process without the engine.
//!
//! Holds one file per stage and the verdicts that come of them. Must not open files nor print.

pub mod fresh_start;

pub use fresh_start::{Setting, Start, judge_fresh_start};
