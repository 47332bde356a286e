//! What is in force in any deployment, as text and as JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use refinery_preflight::pipeline::{Schemas, read, rehearse_with};
use refinery_preflight::report::effective::Effective;
use refinery_preflight::verdict::FreshStart;

fuzz_target!(|bytes: &[u8]| {
    let Some((sources, question)) = refinery_preflight_fuzz::read(bytes) else { return };
    let (deployment, release) = (&sources.deployments[0], question.releases[0]);
    let schemas = Schemas::of(release).expect("our schemas are sound");
    let documents = read(deployment, &sources.files);
    let start = rehearse_with(deployment, &documents, &schemas, &question).start;
    if start.verdict == FreshStart::No {
        return;
    }
    let effective = Effective {
        files: &sources.files,
        config: Some((&schemas.config, &start.config)),
        rules: (!documents.rules.is_empty()).then_some((&schemas.rules, &start.rules)),
    };
    assert!(!effective.to_yaml().is_empty());
    assert!(effective.to_json().is_object());
});
