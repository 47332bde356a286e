//! Reads traces from a stream of unknown format: one trace per line, or exports or batches of events,
//! whose spans belong to traces wherever they are.
//!
//! The stream is split into parts, which can be read independently of each other.

use super::document::Json;
use super::intake::{Arrivals, Intake};
use super::otlp::message;
use super::plain::PlainReader;
use super::thinned::{MissingData, Requirements, missing_text};
use super::{Route, batch, lines, otlp};
use crate::decompress::{decompressed, is_zstd};
use crate::engine::ingest::Arrival;
use crate::engine::{ReadFields, Trace};
use bumpalo::Bump;
use memchr::{memchr, memchr_iter};
use std::borrow::Cow;
use std::io::{self, Read};
use std::string::FromUtf8Error;

/// The bytes that a line, a document or a message may have.
const MAX_PART: usize = 64 << 20;

/// The bytes that several lines are read in.
const BLOCK: usize = 128 << 10;

/// The number of blocks that are read at once.
const BLOCKS: usize = 16;

/// Why a stream has no valid traces, and where.
#[derive(Debug, thiserror::Error)]
pub enum BadInput {
    /// Lines and columns count from 1, columns in characters.
    #[error("line {line}, column {column}: {message}")]
    Line { line: usize, column: usize, message: String },
    /// Refinery rejects this export.
    #[error("{place}: Refinery rejects this export: {message}")]
    Refused { place: String, message: String },
    #[error("line {line}: more than {} MiB in one line, export or batch", MAX_PART >> 20)]
    TooLarge { line: usize },
    #[error("more than {} MiB in one message", MAX_PART >> 20)]
    LargeMessage,
    #[error("message {number}: {message}")]
    Message { number: usize, message: String },
    #[error("message {number} is truncated")]
    Truncated { number: usize },
    #[error(
        "the traces of all exports and batches need more than {} MiB of memory; split the file",
        most >> 20
    )]
    TooMuch { most: usize },
    /// It does not answer what the rules ask.
    #[error("{}", missing_text(.0))]
    MissingData(Vec<MissingData>),
    #[error("{0}")]
    Unreadable(#[from] io::Error),
    #[error("no traces found")]
    Empty,
}

/// The key that identifies an export.
const EXPORT: &str = "resourceSpans";

/// What a stream consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// One trace per line.
    Traces,
    /// One export or batch per line.
    Events,
    /// One export or batch over several lines.
    Document,
    /// OTLP messages, each after its size or alone, and those after their size also in JSON and
    /// compressed one by one.
    Messages { are_sized: bool },
}

/// A stream of traces.
pub struct Input<'i> {
    reader: Box<dyn Read + 'i>,
    /// What was read but does not belong to a part yet.
    rest: Vec<u8>,
    is_end: bool,
    /// How many lines or messages are in parts.
    count: usize,
    format: Format,
    thinned: Option<Requirements>,
}

/// Some of the traces or events of a stream.
#[derive(Debug)]
pub enum Part {
    /// Whole lines, and the number of the first.
    Lines { first: usize, text: String },
    /// A JSON document that begins at this line.
    Document { line: usize, text: String },
    /// An OTLP message, and its number.
    Message { number: usize, bytes: Vec<u8> },
}

impl<'i> Input<'i> {
    /// Finds out the format.
    ///
    /// # Errors
    /// There is nothing, or the first line is neither a trace nor an export nor a batch.
    pub fn open(reader: Box<dyn Read + 'i>) -> Result<Self, BadInput> {
        let (rest, format) = (Vec::new(), Format::Traces);
        let mut input = Self { reader, rest, is_end: false, count: 0, format, thinned: None };
        input.fill(BLOCK)?;
        if let Some(are_sized) = message::find(&input.rest) {
            input.format = Format::Messages { are_sized };
            return Ok(input);
        }
        if input.rest.starts_with("\u{feff}".as_bytes()) {
            input.rest.drain(.."\u{feff}".len());
        }
        let first = input.peek_line()?;
        if let Some(thinned) = Requirements::read(&first) {
            input.thinned =
                Some(thinned.map_err(|error| lines::invalid(input.count + 1, &first, &error))?);
            input.skip_line();
            return Ok(input);
        }
        let arena = Bump::new();
        match Json::parse(&first, &arena) {
            Ok(value) if is_events(value) => input.format = Format::Events,
            Ok(_) => {}
            Err(_) => {
                input.fill(MAX_PART + 1)?;
                let text = str::from_utf8(&input.rest).unwrap_or_default();
                if !Json::parse(text, &arena).is_ok_and(is_events) {
                    // Says what is wrong with the line.
                    let fields = ReadFields::default();
                    let mut reader = PlainReader::new(&fields);
                    let found = lines::read(input.count + 1, &first, &mut reader);
                    return Err(found.err().unwrap_or(BadInput::Empty));
                }
                input.format = Format::Document;
            }
        }
        Ok(input)
    }

    /// What it answers, if it was thinned.
    pub fn thinned(&self) -> Option<&Requirements> {
        self.thinned.as_ref()
    }

    /// Whether it has events, whose traces are only complete at its end.
    pub fn has_events(&self) -> bool {
        self.format != Format::Traces
    }

    /// The next parts, in order; empty at the end.
    ///
    /// # Errors
    /// The stream cannot be read or has a part that is too large. What was before it is returned
    /// first.
    pub fn next_parts(&mut self) -> Result<Vec<Part>, BadInput> {
        let mut parts = Vec::new();
        for _ in 0..BLOCKS {
            match self.next_part() {
                Ok(Some(part)) => parts.push(part),
                Ok(None) => break,
                // The error is met again.
                Err(_) if !parts.is_empty() => break,
                Err(error) => return Err(error),
            }
        }
        Ok(parts)
    }

    fn next_part(&mut self) -> Result<Option<Part>, BadInput> {
        match self.format {
            Format::Traces | Format::Events => self.next_lines(),
            Format::Document => {
                let text = String::from_utf8(std::mem::take(&mut self.rest)).unwrap_or_default();
                let line = self.count + 1;
                Ok((!text.is_empty()).then_some(Part::Document { line, text }))
            }
            Format::Messages { are_sized } => self.next_message(are_sized),
        }
    }

    /// Reads until this many bytes are there, or the end.
    fn fill(&mut self, wanted: usize) -> Result<(), BadInput> {
        if self.is_end || self.rest.len() >= wanted {
            return Ok(());
        }
        let missing = wanted - self.rest.len();
        self.rest.reserve(missing.min(BLOCK));
        let read = (&mut self.reader).take(missing as u64).read_to_end(&mut self.rest)?;
        self.is_end = read < missing;
        Ok(())
    }

    /// The first line that is not blank. Removes blank lines before it.
    fn peek_line(&mut self) -> Result<String, BadInput> {
        loop {
            let end = self.find_line_end()?;
            let line = self.rest.get(..end).unwrap_or_default();
            let line = str::from_utf8(line).map_err(|_| not_utf8())?;
            if !line.trim().is_empty() {
                return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
            }
            if end >= self.rest.len() && self.is_end {
                return Err(BadInput::Empty);
            }
            self.skip_line();
            self.fill(BLOCK)?;
        }
    }

    /// Removes the first line, of which the end was read.
    fn skip_line(&mut self) {
        let end = memchr(b'\n', &self.rest).map_or(self.rest.len(), |end| end + 1);
        self.rest.drain(..end);
        self.count += 1;
    }

    /// Where the first line ends.
    fn find_line_end(&mut self) -> Result<usize, BadInput> {
        let mut from = 0;
        loop {
            let searched = self.rest.get(from..).unwrap_or_default();
            if let Some(at) = memchr(b'\n', searched) {
                return Ok(from + at);
            }
            from = self.rest.len();
            if from > MAX_PART {
                return Err(BadInput::TooLarge { line: self.count + 1 });
            }
            if self.is_end {
                return Ok(from);
            }
            self.fill((2 * from.max(BLOCK)).min(MAX_PART + 1))?;
        }
    }

    fn next_lines(&mut self) -> Result<Option<Part>, BadInput> {
        self.fill(BLOCK)?;
        if self.rest.is_empty() {
            return Ok(None);
        }
        let last = self.rest.iter().rposition(|&byte| byte == b'\n');
        let end = match last {
            _ if self.is_end && self.rest.len() <= BLOCK => self.rest.len(),
            Some(last) => last + 1,
            None => (self.find_line_end()? + 1).min(self.rest.len()),
        };
        let others = self.rest.split_off(end);
        let bytes = std::mem::replace(&mut self.rest, others);
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => self.keep_from_bad_line(error)?,
        };
        let first = self.count + 1;
        self.count += memchr_iter(b'\n', text.as_bytes()).count();
        Ok(Some(Part::Lines { first, text }))
    }

    /// The lines before one that is not UTF-8, which is met next.
    fn keep_from_bad_line(&mut self, error: FromUtf8Error) -> Result<String, BadInput> {
        let valid = error.utf8_error().valid_up_to();
        let mut bytes = error.into_bytes();
        let before = bytes.get(..valid).unwrap_or_default();
        let lines = before.iter().rposition(|&byte| byte == b'\n').ok_or_else(not_utf8)? + 1;
        let mut bad = bytes.split_off(lines);
        bad.append(&mut self.rest);
        self.rest = bad;
        String::from_utf8(bytes).map_err(|_| not_utf8())
    }

    fn next_message(&mut self, are_sized: bool) -> Result<Option<Part>, BadInput> {
        let number = self.count + 1;
        let size = if are_sized {
            self.fill(message::SIZE)?;
            match message::size(&self.rest) {
                None if self.rest.is_empty() => return Ok(None),
                None => return Err(BadInput::Truncated { number }),
                Some(size) if size > MAX_PART => return Err(BadInput::LargeMessage),
                Some(size) => {
                    self.fill(message::SIZE + size)?;
                    if self.rest.len() < message::SIZE + size {
                        return Err(BadInput::Truncated { number });
                    }
                    self.rest.drain(..message::SIZE);
                    size
                }
            }
        } else {
            self.fill(MAX_PART + 1)?;
            self.rest.len()
        };
        if size > MAX_PART {
            return Err(BadInput::LargeMessage);
        }
        if size == 0 && !are_sized {
            return Ok(None);
        }
        let others = self.rest.split_off(size);
        let bytes = std::mem::replace(&mut self.rest, others);
        self.count = number;
        Ok(Some(Part::Message { number, bytes }))
    }
}

fn not_utf8() -> BadInput {
    BadInput::Unreadable(io::Error::new(
        io::ErrorKind::InvalidData,
        "stream did not contain valid UTF-8",
    ))
}

impl Part {
    /// The lines that are not blank, with their numbers.
    fn lines(first: usize, text: &str) -> impl Iterator<Item = (usize, &str)> {
        let ends = memchr_iter(b'\n', text.as_bytes()).chain([text.len()]);
        let mut start = 0;
        let lines = (first..).zip(ends.map(move |end| {
            let line = text.get(start..end).unwrap_or_default();
            start = end + 1;
            line
        }));
        lines
            .map(|(number, line)| (number, line.trim_end_matches('\r')))
            .filter(|(_, line)| !line.trim().is_empty())
    }

    /// Reads traces, one per line, as they arrive on a route, and applies `work` to each; ends at an
    /// error. At least these fields are kept.
    pub fn map_traces<R>(
        &self,
        route: Route,
        fields: &ReadFields,
        mut work: impl FnMut(&Trace) -> R,
    ) -> Vec<Result<R, BadInput>> {
        let Self::Lines { first, text } = self else { return Vec::new() };
        let mut reader = PlainReader::new(fields);
        let has_metadata = fields.has_metadata();
        let mut results = Vec::new();
        for (number, line) in Self::lines(*first, text) {
            let trace = lines::read(number, line, &mut reader);
            let is_bad = trace.is_err();
            results.push(trace.map(|trace| {
                let carried = route.carry(trace);
                if has_metadata {
                    work(&carried.into_owned().with_metadata())
                } else {
                    work(&carried)
                }
            }));
            if is_bad {
                break;
            }
        }
        results
    }

    /// Reads exports and batches as Refinery takes them in.
    ///
    /// # Errors
    /// Something else is in it, or Refinery rejects an export.
    pub fn arrivals(&self, intake: &Intake) -> Result<Vec<Arrival>, BadInput> {
        let mut arrivals = Arrivals::default();
        let mut arena = Bump::new();
        let mut add = |place: String, part: Json<'_>| {
            let done = match part {
                Json::List(_) => batch::add(part, intake, &mut arrivals),
                _ => otlp::add(part, intake, &mut arrivals),
            };
            done.map_err(|message| BadInput::Refused { place, message })
        };
        match self {
            Self::Lines { first, text } => {
                for (number, line) in Self::lines(*first, text) {
                    add(format!("line {number}"), lines::parse(number, line, &arena)?)?;
                    arena.reset();
                }
            }
            Self::Document { line, text } => {
                add(format!("line {line}"), lines::parse(*line, text, &arena)?)?;
            }
            Self::Message { number, bytes } => {
                let place = format!("message {number}");
                let bytes = unpacked(*number, bytes)?;
                let bad = |message| BadInput::Message { number: *number, message };
                if message::is_json(&bytes) {
                    let text = str::from_utf8(&bytes).map_err(|error| bad(error.to_string()))?;
                    let json = Json::parse(text, &arena).map_err(|error| bad(error.to_string()))?;
                    add(place, json)?;
                } else {
                    let export = message::decode(&bytes).map_err(bad)?;
                    add(place, export.json(&arena))?;
                }
            }
        }
        Ok(arrivals.spans)
    }
}

/// A message without its own compression, if it has one.
fn unpacked(number: usize, bytes: &[u8]) -> Result<Cow<'_, [u8]>, BadInput> {
    if !is_zstd(bytes) {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut whole = Vec::new();
    let read = decompressed(bytes)
        .and_then(|stream| stream.take(MAX_PART as u64 + 1).read_to_end(&mut whole));
    match read {
        Ok(size) if size > MAX_PART => Err(BadInput::LargeMessage),
        Ok(_) => Ok(Cow::Owned(whole)),
        Err(error) => Err(BadInput::Message { number, message: error.to_string() }),
    }
}

/// Whether a value is an export, or a batch of events.
fn is_events(value: Json<'_>) -> bool {
    value.get(EXPORT).is_some() || batch::is_batch(value)
}
