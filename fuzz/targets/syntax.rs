//! Parses any text in each of the three formats.
#![no_main]

use libfuzzer_sys::fuzz_target;
use refinery_preflight::internals::span::Files;
use refinery_preflight::internals::syntax::{DataFormat, Document};

fuzz_target!(|text: &str| {
    for format in [DataFormat::Yaml, DataFormat::Toml, DataFormat::Json] {
        let mut files = Files::default();
        let file = files.add("text", text.to_owned());
        let document = Document::read(file, format, text);
        for label in document.findings.iter().flat_map(|finding| &finding.labels) {
            assert!(text.get(label.span.range()).is_some(), "{:?}", label.span);
        }
    }
});
