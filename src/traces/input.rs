//! Reads traces from text of unknown format: one trace per line, or OTLP exports.

use super::{lines, otlp};
use crate::engine::ingest::IdFields;
use crate::engine::{KeyFields, Trace};
use serde_json::Value as Json;

/// Why a text has no valid traces, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadInput {
    /// Lines and columns count from 1, columns in characters.
    #[error("line {line}, column {column}: {message}")]
    Line { line: usize, column: usize, message: String },
    /// Refinery rejects this export.
    #[error("line {line}: Refinery rejects this export: {message}")]
    Refused { line: usize, message: String },
    #[error("no traces found")]
    Empty,
}

/// The key that identifies an export.
const EXPORT: &str = "resourceSpans";

/// Reads all traces of a text. Exports pass through Refinery's ingest, with the ID fields of the
/// deployment and the key fields of the target; plain traces are used as they are.
///
/// # Errors
/// A line is not a trace, or Refinery rejects an export.
pub fn read(text: &str, ids: &IdFields, keys: &KeyFields) -> Result<Vec<Trace>, BadInput> {
    let text = text.trim_start_matches('\u{feff}');
    let traces = match exports(text) {
        Some(exports) => otlp::traces(&exports?, ids, keys)?,
        None => numbered(text).map(|(n, line)| lines::read(n, line)).collect::<Result<_, _>>()?,
    };
    if traces.is_empty() { Err(BadInput::Empty) } else { Ok(traces) }
}

/// Exports with their first lines, if the text contains any.
fn exports(text: &str) -> Option<Result<Vec<(usize, Json)>, BadInput>> {
    if !text.contains(EXPORT) {
        return None;
    }
    if let Ok(export) = serde_json::from_str::<Json>(text) {
        return export.get(EXPORT).is_some().then(|| Ok(vec![(1, export)]));
    }
    let (_, first) = numbered(text).next()?;
    serde_json::from_str::<Json>(first).ok()?.get(EXPORT)?;
    Some(numbered(text).map(|(n, line)| Ok((n, lines::parse(n, line)?))).collect())
}

/// Non-empty lines with their numbers.
fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    lines.filter(|(_, line)| !line.trim().is_empty())
}
