//! Recorded traces on the command line: how they arrive, and what is wrong with them.

use super::console::{Console, Failure};
use crate::config::defaults::complete;
use crate::decompress::decompressed;
use crate::deploy::Deployment;
use crate::engine::spec::Target;
use crate::pipeline::{Parsed, Schemas};
use crate::rehearse::Start;
use crate::rehearse::specs::{DEFAULT, find_target, targets};
use crate::report::escape::one_line;
use crate::schema::nearest;
use crate::traces::{BadInput, Input, MissingData, Route, missing_text};
use crate::value::Duration;
use crate::vfs::read::open_stream;
use clap::ValueEnum;
use std::io::Read;
use std::path::Path;

/// How plain traces reach Refinery.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum Arrival {
    /// Integers and floats keep their types.
    #[default]
    Otlp,
    /// JSON batches and events: every number is a float.
    Json,
    /// Integers from 128 on are unsigned, as compact encoders write them.
    Msgpack,
}

impl From<Arrival> for Route {
    fn from(arrival: Arrival) -> Self {
        match arrival {
            Arrival::Otlp => Self::Otlp,
            Arrival::Json => Self::Json,
            Arrival::Msgpack => Self::Msgpack,
        }
    }
}

/// Parses the time between two traces.
pub fn parse_interval(text: &str) -> Result<Duration, String> {
    match Duration::parse(text) {
        Ok(duration) if duration.0 >= 0 => Ok(duration),
        _ => Err("expected a duration such as `100ms`".to_owned()),
    }
}

/// How a deployment starts, for decisions about traces.
pub fn loaded(
    deployment: &Deployment,
    parsed: &Parsed<'_>,
    schemas: &Schemas,
) -> Result<Start, Failure> {
    if deployment.rules.is_empty() {
        return Err(Failure::unusable("no rules file", "pass one with `-r`"));
    }
    let mut start = parsed.analyze_start(schemas).start;
    if parsed.documents.config.is_empty() {
        start.config = complete(schemas.config.root(), start.config);
    }
    Ok(start)
}

/// The target for traces of `wanted`, which the rules list unless it is the default.
pub fn named_target<'r>(start: &'r Start, wanted: &'r str) -> Result<(&'r str, Target), Failure> {
    let (name, target) = find_target(&start.rules, wanted);
    if name == wanted || wanted == DEFAULT {
        return Ok((name, target));
    }
    let targets = targets(&start.rules);
    let names = targets.iter().map(|(name, _)| *name);
    let advice = match nearest(wanted, names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "omit `--target` for traces of targets that are not in the rules".to_owned(),
    };
    Err(Failure::unusable(format!("no target `{wanted}` in the rules"), advice))
}

/// Opens a file with traces, or standard input for `-`.
pub fn open_traces<'i>(file: &Path, stdin: &'i mut dyn Read) -> Result<Input<'i>, Failure> {
    let stream = decompressed(open_stream(file, stdin)?).map_err(BadInput::Unreadable);
    let input = stream.and_then(Input::open);
    input.map_err(|error| invalid_traces(&file.display().to_string(), &error))
}

/// Warns that traces were thinned for other rules.
pub fn warn_about(missing: &[MissingData], console: &mut Console<'_>) {
    if !missing.is_empty() {
        console.warn(&format!("warning: the traces were {}\n", one_line(&missing_text(missing))));
    }
}

/// The failure for a file that has no valid traces.
pub fn invalid_traces(file: &str, error: &BadInput) -> Failure {
    Failure::unusable(
        format!("invalid traces in `{file}`: {error}"),
        "expected JSON with one trace per line, an OTLP export in JSON or protobuf, or a batch of \
         events",
    )
}
