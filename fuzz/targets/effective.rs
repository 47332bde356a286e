//! Prints the effective values of any deployment, as YAML and as JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use refinery_preflight::internals::pipeline::{Parsed, Schemas, hide_secrets};
use refinery_preflight::internals::rehearse::Acceptance;
use refinery_preflight::internals::report::effective::{Effective, Texts};

fuzz_target!(|bytes: &[u8]| {
    let Some((mut sources, options)) = refinery_preflight_fuzz::read(bytes) else { return };
    let secrets = hide_secrets(&mut sources.files);
    let schemas = Schemas::of(options.releases[0]);
    let parsed = Parsed::new(&sources.deployments[0], &sources.files, &options, &secrets);
    let start = parsed.analyze(&schemas).start;
    if start.acceptance == Acceptance::Refused {
        return;
    }
    let effective = Effective {
        texts: Texts::of_all(&sources.files),
        config: Some((&schemas.config, &start.config)),
        rules: (!parsed.documents.rules.is_empty()).then_some((&schemas.rules, &start.rules)),
    };
    assert!(!effective.to_yaml().is_empty());
    assert!(effective.to_json().is_object());
});
