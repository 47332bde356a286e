//! Any text in a file that may embed a Refinery configuration: it is extracted and checked without
//! internal errors, and every label lies within the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use refinery_preflight::internals::discover::Request;
use refinery_preflight::internals::discover::gather::gather;
use refinery_preflight::internals::pipeline::{CheckOptions, check};
use refinery_preflight::internals::schema::releases;

const NAMES: [&str; 4] = ["values.yaml", "compose.yaml", "kustomization.yaml", "objects.yaml"];

fuzz_target!(|bytes: &[u8]| {
    let Some((&choice, text)) = bytes.split_first() else { return };
    let name = NAMES[usize::from(choice) % NAMES.len()];
    let request = Request { stdin_filename: Some(name.to_owned()), ..Request::default() };
    let Ok(mut sources) = gather(&request, &mut &*text) else { return };
    let releases = releases().last().copied().into_iter().collect();
    let options = CheckOptions { releases, ..CheckOptions::default() };
    let report = check(&mut sources, &options);
    for reported in report.deployments.iter().flat_map(|deployment| &deployment.findings) {
        assert!(!reported.finding.check.id.starts_with("internal/"), "{reported:?}");
        for label in &reported.finding.labels {
            let text = &sources.files.get(label.span.file).text;
            assert!(text.get(label.span.range()).is_some(), "{:?}", label.span);
        }
    }
});
