//! Turns a fuzzer's bytes into a deployment and options to check it with.

use refinery_preflight::internals::deploy::{Deployment, Source};
use refinery_preflight::internals::discover::Sources;
use refinery_preflight::internals::pipeline::CheckOptions;
use refinery_preflight::internals::schema::releases;
use refinery_preflight::internals::span::Files;
use refinery_preflight::internals::syntax::DataFormat;

/// Separates the config from the rules. A text without it is a config only.
const SEPARATOR: &str = "\n%%%%\n";

const FORMATS: [DataFormat; 3] = [DataFormat::Yaml, DataFormat::Toml, DataFormat::Json];

/// The first byte selects the release and the format, the rest is text.
pub fn read(bytes: &[u8]) -> Option<(Sources, CheckOptions)> {
    let (&choice, text) = bytes.split_first()?;
    let text = std::str::from_utf8(text).ok()?;
    let releases = releases();
    let release = *releases.get(usize::from(choice / 3) % releases.len())?;
    let format = *FORMATS.get(usize::from(choice % 3))?;
    let (config, rules) = match text.split_once(SEPARATOR) {
        Some((config, rules)) => (config, Some(rules)),
        None => (text, None),
    };
    let mut files = Files::default();
    let mut add = |name, text: &str| {
        vec![Source { file: files.add(name, text.to_owned()), format: Some(format) }]
    };
    let deployment = Deployment {
        config: add("config", config),
        rules: rules.map(|rules| add("rules", rules)).unwrap_or_default(),
        ..Deployment::default()
    };
    let sources = Sources { files, deployments: vec![deployment], ..Sources::default() };
    Some((sources, CheckOptions { releases: vec![release], ..CheckOptions::default() }))
}
