//! Rehearses Refinery's start-up, live reload and first traces without running Refinery.
//!
//! One file per stage of the start-up, and the verdicts. Opens no files and prints nothing.

mod agent;
pub mod boot;
pub mod change;
mod collector;
pub mod first_trace;
mod go_runtime;
pub mod host;
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
pub mod start_up;
mod telemetry;
pub mod trace_text;
mod transmission;
mod walk;
mod watcher;
mod witness;

pub use host::{Host, is_loopback};
pub use start_up::{Acceptance, Launch, Start, check_start_up};
pub use walk::{Rehearsal, rehearse};
