//! A fuzzer's bytes → a deployment and a question about it.

use refinery_preflight::pipeline::CheckOptions;
use refinery_preflight::schema::releases;
use refinery_preflight::deploy::{Deployment, Source};
use refinery_preflight::discover::Sources;
use refinery_preflight::span::Files;
use refinery_preflight::syntax::DataFormat;

/// Stands between the config and the rules; a text without it is a config alone.
const BETWEEN: &str = "\n%%%%\n";

const FORMATS: [DataFormat; 3] = [DataFormat::Yaml, DataFormat::Toml, DataFormat::Json];

/// The first byte chooses the release and the language, the rest is text.
pub fn read(bytes: &[u8]) -> Option<(Sources, CheckOptions)> {
    let (&choice, text) = bytes.split_first()?;
    let text = std::str::from_utf8(text).ok()?;
    let releases = releases();
    let release = *releases.get(usize::from(choice / 3) % releases.len())?;
    let format = *FORMATS.get(usize::from(choice % 3))?;
    let (config, rules) = match text.split_once(BETWEEN) {
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
