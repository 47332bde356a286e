//! Reads traces from a stream of unknown format: one trace per line, or OTLP exports or batches of
//! events, which are read as a whole because the spans of a trace may lie anywhere in them.

use super::document::Json;
use super::grouped::Grouped;
use super::{Route, batch, lines, otlp};
use crate::engine::ingest::IdFields;
use crate::engine::{KeyFields, Trace};
use std::io::{self, BufRead, Read};

/// The bytes that one line, or all exports and batches together, may have.
const MAX_PART: u64 = 64 << 20;

/// Why a stream has no valid traces, and where.
#[derive(Debug, thiserror::Error)]
pub enum BadInput {
    /// Lines and columns count from 1, columns in characters.
    #[error("line {line}, column {column}: {message}")]
    Line { line: usize, column: usize, message: String },
    /// Refinery rejects this export.
    #[error("line {line}: Refinery rejects this export: {message}")]
    Refused { line: usize, message: String },
    #[error("line {line}: more than {} MiB in one line, export or batch", MAX_PART >> 20)]
    TooLarge { line: usize },
    #[error("{0}")]
    Unreadable(#[from] io::Error),
    #[error("no traces found")]
    Empty,
}

/// The key that identifies an export.
const EXPORT: &str = "resourceSpans";

/// The traces of a stream, in order.
pub struct Input<'i> {
    reader: Box<dyn BufRead + 'i>,
    /// How many lines are read.
    line: usize,
    /// The first trace of a stream of lines, or all traces of exports and batches.
    ready: std::vec::IntoIter<Trace>,
    /// Lines follow, one trace each.
    has_lines: bool,
    /// On which way plain traces arrive.
    route: Route,
}

impl<'i> Input<'i> {
    /// Finds out the format. Exports and batches pass through Refinery's ingest, with the ID fields
    /// of the deployment and the key fields of the target; plain traces have the types of a route.
    ///
    /// # Errors
    /// There is no trace, the first line is not one, or Refinery rejects an export.
    pub fn open(
        reader: Box<dyn BufRead + 'i>,
        ids: &IdFields,
        keys: &KeyFields,
        route: Route,
    ) -> Result<Self, BadInput> {
        let ready = Vec::new().into_iter();
        let mut input = Self { reader, line: 0, ready, has_lines: true, route };
        let first = input.read_line()?.ok_or(BadInput::Empty)?;
        let value = Json::parse(&first).ok();
        if value.as_ref().is_some_and(|value| !is_events(value)) {
            input.ready = vec![route.carry(lines::read(input.line, &first)?)].into_iter();
            return Ok(input);
        }
        let start = input.line;
        let mut traces = Grouped::default();
        let mut add = |line, part: &Json<'_>| {
            let done = match part {
                Json::List(_) => batch::add(part, ids, keys, &mut traces),
                _ => otlp::add(part, ids, keys, &mut traces),
            };
            done.map_err(|message| BadInput::Refused { line, message })
        };
        if let Some(value) = value {
            // One part on each line, none of which is kept.
            add(start, &value)?;
            drop(value);
            let mut room = MAX_PART.saturating_sub(first.len() as u64);
            while let Some(line) = input.read_line()? {
                let size = line.len() as u64 + 1;
                room = room.checked_sub(size).ok_or(BadInput::TooLarge { line: start })?;
                add(input.line, &lines::parse(input.line, &line)?)?;
            }
        } else {
            // One document over several lines.
            let whole = format!("{first}\n{}", input.read_rest(&first)?);
            match Json::parse(&whole) {
                Ok(value) if is_events(&value) => add(start, &value)?,
                _ => return Err(lines::read(start, &first).err().unwrap_or(BadInput::Empty)),
            }
        }
        let traces = traces.into_traces();
        if traces.is_empty() {
            return Err(BadInput::Empty);
        }
        input.ready = traces.into_iter();
        input.has_lines = false;
        Ok(input)
    }

    /// The next line that is not blank.
    fn read_line(&mut self) -> Result<Option<String>, BadInput> {
        loop {
            let mut line = String::new();
            let size = (&mut self.reader).take(MAX_PART + 1).read_line(&mut line)?;
            if size == 0 {
                return Ok(None);
            }
            self.line += 1;
            if size as u64 > MAX_PART {
                return Err(BadInput::TooLarge { line: self.line });
            }
            let line = if self.line == 1 { line.trim_start_matches('\u{feff}') } else { &line };
            if !line.trim().is_empty() {
                return Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned()));
            }
        }
    }

    fn read_rest(&mut self, first: &str) -> Result<String, BadInput> {
        let mut rest = String::new();
        let room = MAX_PART.saturating_sub(first.len() as u64);
        let size = (&mut self.reader).take(room + 1).read_to_string(&mut rest)?;
        if size as u64 > room { Err(BadInput::TooLarge { line: self.line }) } else { Ok(rest) }
    }
}

impl Iterator for Input<'_> {
    type Item = Result<Trace, BadInput>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(trace) = self.ready.next() {
            return Some(Ok(trace));
        }
        if !self.has_lines {
            return None;
        }
        match self.read_line() {
            Ok(line) => line.map(|line| Ok(self.route.carry(lines::read(self.line, &line)?))),
            Err(error) => Some(Err(error)),
        }
    }
}

/// Whether a value is an export, or a batch of events.
fn is_events(value: &Json<'_>) -> bool {
    value.get(EXPORT).is_some() || batch::is_batch(value)
}
