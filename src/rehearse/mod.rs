//! The engine's start-up, walked in this process without the engine.
//!
//! Holds one file per stage and the verdicts that come of them. Must not open files nor print.

mod agent;
pub mod boot;
pub mod change;
mod collector;
pub mod first_trace;
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
pub mod start;
mod telemetry;
pub mod trace_text;
mod transmission;
mod walk;
mod watcher;
mod witness;
pub mod world;

pub use start::{Acceptance, Setting, Start, start};
pub use walk::{Rehearsal, rehearse};
pub use world::{World, is_loopback};
