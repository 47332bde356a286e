//! The facts of the Refinery chart for Helm, as data.
//!
//! Must not know what Helm does with them (`source` does).

use super::{packed, parse};
use serde_json::Value as Json;
use std::sync::LazyLock;

/// What stands in `schemas/refinery-chart.json`.
pub fn facts() -> &'static Json {
    static FACTS: LazyLock<Json> = LazyLock::new(|| parse(packed!("refinery-chart.json")));
    &FACTS
}
