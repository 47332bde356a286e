//! The engine's start-up, walked in this process without the engine.
//!
//! Holds one file per stage and the verdicts that come of them. Must not open files nor print.

mod agent;
pub mod boot;
pub mod change;
mod collector;
pub mod early;
pub mod first_trace;
pub mod fresh_start;
mod interval;
mod listeners;
mod logger;
mod peer_list;
mod peers;
mod pubsub;
pub mod reload;
mod sample_trace;
pub mod specs;
pub mod stage;
mod telemetry;
pub mod trace_text;
mod transmission;
mod walk;
mod watcher;
mod witness;
pub mod world;

pub use fresh_start::{Setting, Start, judge_fresh_start};
pub use walk::{Rehearsal, rehearse};
pub use world::{World, is_loopback};
