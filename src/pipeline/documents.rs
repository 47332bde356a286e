//! The files of a deployment, parsed.

use crate::deploy::{Deployment, Source};
use crate::span::Files;
use crate::syntax::Document;

/// Config and rules, in the order in which Refinery reads them.
pub struct Documents {
    pub config: Vec<Document>,
    pub rules: Vec<Document>,
}

impl Documents {
    /// Parses the files whose format Refinery knows.
    pub(super) fn parse(deployment: &Deployment, files: &Files) -> Self {
        let parse = |sources: &[Source]| -> Vec<Document> {
            let known = sources.iter().filter_map(|source| Some((source.file, source.format?)));
            let parse = |(file, format)| Document::read(file, format, &files.get(file).text);
            known.map(parse).collect()
        };
        Self { config: parse(&deployment.config), rules: parse(&deployment.rules) }
    }
}
