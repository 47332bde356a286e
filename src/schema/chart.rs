//! Facts about the Refinery Helm chart, as data.
//!
//! Must not know how Helm uses them (`deploy` does).

use super::{Release, packed, parse};
use serde_json::Value as Json;
use std::sync::LazyLock;

/// What stands in `schemas/refinery-chart.json`.
pub fn facts() -> &'static Json {
    static FACTS: LazyLock<Json> = LazyLock::new(|| parse(packed!("refinery-chart.json")));
    &FACTS
}

/// The newest chart that installs this release by itself, or the next older one; the newest of all
/// where no release is named.
pub fn chart_of(release: Option<Release>) -> Option<Release> {
    let charts = facts()["charts"].as_object().into_iter().flatten();
    let fits = charts.filter_map(|(chart, installs)| {
        let installs = Release::parse(installs.as_str()?)?;
        let is_older = release.is_none_or(|release| installs <= release);
        is_older.then_some((installs, Release::parse(chart)?))
    });
    fits.max().map(|(_, version)| version)
}
