//! Checks any deployment: no internal errors, and every output format can print the report.
#![no_main]

use libfuzzer_sys::fuzz_target;
use refinery_preflight::internals::pipeline::check;
use refinery_preflight::internals::report::{Format, Style, render};

fuzz_target!(|bytes: &[u8]| {
    let Some((mut sources, options)) = refinery_preflight_fuzz::read(bytes) else { return };
    let report = check(&mut sources, &options);
    let mut findings = report.deployments.iter().flat_map(|deployment| &deployment.findings);
    assert!(findings.all(|reported| !reported.finding.check.id.starts_with("internal/")));
    let style = Style { colour: false, width: 80, links: false };
    for format in [Format::Human, Format::Json, Format::Sarif] {
        assert!(!render(format, &report, &sources.files, &style).is_empty());
    }
});
