//! Recorded traces on the command line: how they arrive, and what is wrong with them.

use super::console::Failure;
use crate::traces::{BadInput, Route};
use crate::value::Duration;
use clap::ValueEnum;

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

/// The failure for a file that has no valid traces.
pub fn invalid_traces(file: &str, error: &BadInput) -> Failure {
    Failure::unusable(
        format!("invalid traces in `{file}`: {error}"),
        "expected JSON with one trace per line, an OTLP export in JSON or protobuf, or a batch of \
         events",
    )
}
