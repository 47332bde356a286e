//! Facts about the Helm chart of Refinery, as data.
//!
//! Must not know how Helm uses them (`deploy` does).

use super::range::Range;
use super::{Named, Release, newest};
use crate::packed;
use serde_json::Value as Json;
use std::sync::LazyLock;

/// The contents of `schemas/refinery-chart.json`.
pub fn facts() -> &'static Json {
    static FACTS: LazyLock<Json> = LazyLock::new(|| packed!("refinery-chart.json"));
    &FACTS
}

/// The newest chart that installs this release by default, or the next older one; without a release
/// the newest chart.
pub fn chart_of(release: Option<Release>) -> Option<Release> {
    let charts = facts()["charts"].as_object().into_iter().flatten();
    let fits = charts.filter_map(|(chart, installs)| {
        let installs = Release::parse(installs.as_str()?)?;
        let is_older = release.is_none_or(|release| installs <= release);
        is_older.then_some((installs, Release::parse(chart)?))
    });
    fits.max().map(|(_, version)| version)
}

/// All charts with the releases that they install, oldest first.
fn charts() -> impl Iterator<Item = (Release, Release)> {
    let charts = facts()["charts"].as_object().into_iter().flatten();
    charts.filter_map(|(chart, installs)| {
        Some((Release::parse(chart)?, Release::parse(installs.as_str()?)?))
    })
}

/// Resolves a chart version or range → the nearest known chart, and the release that it installs.
pub fn resolve(version: &str) -> (Option<Release>, Named) {
    let written = version.trim();
    let exact = Release::parse(written.split('+').next().unwrap_or_default());
    if let Some(chart) = exact {
        return resolve_exact(chart, written);
    }
    let Some(range) = Range::parse(written) else {
        return (None, Named::Unclear(format!("invalid chart version `{written}`")));
    };
    let Some((chart, installs)) = charts().filter(|(chart, _)| range.holds(*chart)).max() else {
        return (None, beyond(&range, written));
    };
    // The range also allows charts that are not known yet, which install the newest release.
    let is_open = later(newest_chart()).iter().any(|chart| range.holds(*chart));
    (Some(chart), Named::Known(if is_open { newest() } else { installs }))
}

fn resolve_exact(chart: Release, written: &str) -> (Option<Release>, Named) {
    let text = || format!("chart {written}");
    if chart.numbers()[0] < 2 {
        return (None, Named::First(format!("1.x, from {}", text())));
    }
    let older = charts().filter(|(known, _)| *known <= chart).max();
    match older {
        Some((known, installs)) if known == chart => (Some(known), Named::Known(installs)),
        // Charts after the last known one install the newest release.
        _ if chart > newest_chart() => (Some(newest_chart()), Named::Moving(text(), newest())),
        Some((known, installs)) => (Some(known), Named::Moving(text(), installs)),
        None => (None, Named::Moving(text(), newest())),
    }
}

fn newest_chart() -> Release {
    charts().map(|(chart, _)| chart).max().unwrap_or(Release::new(0, 0, 0))
}

/// The versions that the next chart may have.
fn later(chart: Release) -> [Release; 2] {
    let [major, minor, _] = chart.numbers();
    [Release::new(major, minor + 1, 0), Release::new(major + 1, 0, 0)]
}

/// Resolves a range that no known chart fits.
fn beyond(range: &Range, written: &str) -> Named {
    const CHARTS_OF_1: [u16; 2] = [30, 20];
    let [minors, patches] = CHARTS_OF_1;
    let mut old = (0..minors).flat_map(|minor| (0..patches).map(move |patch| (minor, patch)));
    if old.any(|(minor, patch)| range.holds(Release::new(1, minor, patch))) {
        return Named::First(format!("1.x, from chart {written}"));
    }
    let [next_minor, next_major] = later(newest_chart());
    let is_newer = range.holds(next_minor) || range.holds(next_major);
    if is_newer {
        return Named::Moving(format!("chart {written}"), newest());
    }
    Named::Unclear(format!("no known chart matches `{written}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolves_versions_and_ranges_to_releases() {
        let next = format!("~{}", later(newest_chart())[0].to_string().trim_start_matches('v'));
        for (version, expected) in [
            ("2.16.2", "Known(v2.9.4)"),
            ("2.16.2+acme", "Known(v2.9.4)"),
            ("2.16.x", "Known(v2.9.5)"),
            ("^2.16.0", "Known(v2.9.7)"),
            ("~2.16.0", "Known(v2.9.5)"),
            (">=2.16.0 <2.18.0", "Known(v2.9.5)"),
            ("2.0.0 - 2.9", "Known(v2.5.2)"),
            ("2.8.1 || 2.8.2", "Known(v2.4.3)"),
            (">=3.0.0", "Known(newest)"),
            ("*", "Known(newest)"),
            ("2.16.9", "Moving(chart 2.16.9, v2.9.5)"),
            ("9.9.0", "Moving(chart 9.9.0, newest)"),
            (&next, &format!("Moving(chart {next}, newest)")),
            ("1.16.0", "First(1.x, from chart 1.16.0)"),
            ("^1.2", "First(1.x, from chart ^1.2)"),
            ("~7.0.0", "Unclear(no known chart matches `~7.0.0`)"),
            ("main", "Unclear(invalid chart version `main`)"),
        ] {
            let shown = match resolve(version).1 {
                Named::Known(release) if release == newest() => "Known(newest)".to_owned(),
                Named::Known(release) => format!("Known({release})"),
                Named::Version(release) => format!("Version({release})"),
                Named::First(text) => format!("First({text})"),
                Named::Moving(text, near) if near == newest() => format!("Moving({text}, newest)"),
                Named::Moving(text, near) => format!("Moving({text}, {near})"),
                Named::Unclear(why) => format!("Unclear({why})"),
            };
            assert_eq!(shown, expected, "{version}");
        }
    }
}
