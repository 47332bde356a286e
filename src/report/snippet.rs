//! Draws the lines of a finding with its labels.
//!
//! Miette draws one text at a time, so each place gets its own excerpt: the labelled lines and one
//! line of context, cut to the width of the terminal. The text around the excerpts is in `human`.

use super::Style;
use super::escape::one_line;
use super::place::{Text, floor_char};
use super::view::{Located, Mark};
use crate::counted::counted;
use crate::diagnostic::{Label, Severity};
use crate::span::{Files, Span};
use crate::vfs::input_error;
use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError,
    MietteSpanContents, SourceCode, SourceSpan, SpanContents, ThemeCharacters, ThemeStyles,
};
use std::fmt::{self, Write as _};

/// At most this many excerpts are drawn per finding; the rest is only counted.
const LIMIT: usize = 5;
/// Lines of context above and below a labelled line.
const CONTEXT: usize = 1;
const TAB: &str = "    ";
/// Columns that a line needs besides its text and number: spaces, a bar, two ellipses.
const FRAME: usize = 7;

/// Draws all places of a finding, the primary one first.
pub fn draw(finding: &Located<'_>, style: &Style) -> String {
    let groups = group_marks(finding);
    let excerpts = groups.iter().take(LIMIT).map(|marks| Excerpt::new(marks, style.width));
    let mut out: String =
        excerpts.map(|excerpt| excerpt.draw(finding.severity(), style.colour)).collect();
    if let Some(more) = groups.len().checked_sub(LIMIT).filter(|more| *more > 0) {
        let _ = writeln!(out, "  and {}", counted(more, "more place"));
    }
    out
}

/// Draws a place in a file that is not part of a report.
pub fn quote(quoted: &input_error::Excerpt, width: usize) -> String {
    let mut files = Files::default();
    let id = files.add(quoted.name.clone(), quoted.text.clone());
    let text = Text::new(files.get(id));
    let span = Span::new(id, quoted.span.start, quoted.span.end);
    let label = Label { span, text: quoted.label.clone(), primary: true };
    let (start, end) = text.positions(span);
    let mark = Mark { label: &label, text: &text, start, end };
    Excerpt::new(&[&mark], width).draw(Severity::Error, false)
}

/// Groups marks that are close enough to share an excerpt, in the order of their places.
fn group_marks<'m, 'a>(finding: &'m Located<'a>) -> Vec<Vec<&'m Mark<'a>>> {
    let mut marks: Vec<&Mark> = finding.marks.iter().collect();
    marks.sort_by_key(|m| (m.label.span.file, m.start.byte, m.end.byte));
    let mut groups: Vec<Vec<&Mark>> =
        marks.chunk_by(|a, b| are_close(a, b)).map(<[_]>::to_vec).collect();
    groups.sort_by_key(|group| !group.iter().any(|mark| mark.label.primary));
    groups
}

fn are_close(earlier: &Mark<'_>, later: &Mark<'_>) -> bool {
    let gap = later.start.line.saturating_sub(earlier.start.line);
    earlier.label.span.file == later.label.span.file && gap <= 2 * CONTEXT + 1
}

/// A few lines, presented to miette as if they were a file.
#[derive(Debug)]
struct Excerpt {
    /// `file:line:column` of the primary mark.
    name: String,
    text: String,
    first_line: usize,
    labels: Vec<LabeledSpan>,
    /// Which of the labels are primary.
    primary: Vec<bool>,
}

impl Excerpt {
    /// An excerpt with marks of one file, sorted by place.
    fn new(marks: &[&Mark<'_>], width: usize) -> Self {
        let mut excerpt = Self {
            name: String::new(),
            text: String::new(),
            first_line: 1,
            labels: Vec::new(),
            primary: Vec::new(),
        };
        let (Some(first), Some(last)) = (marks.first(), marks.last()) else {
            return excerpt;
        };
        let named = marks.iter().find(|m| m.label.primary).unwrap_or(first);
        let name = one_line(named.text.name);
        excerpt.name = format!("{name}:{}:{}", named.start.line, named.start.column);
        excerpt.first_line = first.start.line.saturating_sub(CONTEXT).max(1);
        let end = (last.start.line + CONTEXT).min(first.text.last_line());
        let room = width.saturating_sub(end.to_string().len() + FRAME).max(20);
        for number in excerpt.first_line..=end {
            let here: Vec<&Mark> =
                marks.iter().copied().filter(|m| m.start.line == number).collect();
            let line = first.text.line(number);
            // The empty line after the last line end is not shown.
            if number <= last.start.line || !line.is_empty() {
                excerpt.push(line, first.text.line_start(number), &here, room);
            }
        }
        excerpt
    }

    /// Adds a line that starts at byte `start` of the file, with its marks.
    fn push(&mut self, line: &str, start: usize, marks: &[&Mark<'_>], room: usize) {
        let inside = |byte: usize| floor_char(line, byte.saturating_sub(start));
        let anchor = marks.iter().find(|m| m.label.primary).or(marks.first());
        let window = Window::new(line, anchor.map_or(0, |mark| inside(mark.start.byte)), room);
        let base = self.text.len();
        self.text.push_str(&window.draw(line));
        for mark in marks {
            // A mark of several lines ends at the end of its first line.
            let end =
                if mark.end.line > mark.start.line { line.len() } else { inside(mark.end.byte) };
            let (from, to) =
                (window.offset(line, inside(mark.start.byte)), window.offset(line, end));
            let text = one_line(mark.label.text.trim());
            let text = (!text.is_empty()).then_some(text);
            self.labels.push(LabeledSpan::new(text, base + from, to.saturating_sub(from)));
            self.primary.push(mark.label.primary);
        }
        self.text.push('\n');
    }

    /// Draws the excerpt without miette's headline, which `human` replaces by its own.
    fn draw(&self, severity: Severity, colour: bool) -> String {
        let handler = GraphicalReportHandler::new_themed(self.theme(severity, colour))
            .with_links(false)
            .without_primary_span_start()
            .without_syntax_highlighting()
            .with_context_lines(usize::MAX)
            .with_wrap_lines(false);
        let mut drawn = String::new();
        let _ = handler.render_report(&mut drawn, self);
        let lines = drawn.lines().skip(1).map(|line| line.trim_end().to_owned() + "\n");
        lines.collect()
    }

    /// Primary labels have the colour of the severity, the others are cyan.
    fn theme(&self, severity: Severity, colour: bool) -> GraphicalTheme {
        let characters = ThemeCharacters::unicode();
        if !colour {
            return GraphicalTheme { characters, styles: ThemeStyles::none() };
        }
        let ansi = ThemeStyles::ansi();
        let fault = match severity {
            Severity::Error => ansi.error,
            Severity::Warning => ansi.warning,
            Severity::Note => ansi.advice,
        };
        let highlights = self.primary.iter().map(|p| if *p { fault } else { ansi.advice });
        let highlights = highlights.collect();
        GraphicalTheme {
            characters,
            styles: ThemeStyles { highlights, link: ThemeStyles::none().link, ..ansi },
        }
    }
}

/// The visible part of a line: bytes `start..end`, on character boundaries.
struct Window {
    start: usize,
    end: usize,
}

impl Window {
    /// At most `room` characters, including the one at `anchor`.
    fn new(line: &str, anchor: usize, room: usize) -> Self {
        let (before, _) = line.split_at(anchor);
        let lead =
            |count: usize| before.char_indices().rev().nth(count - 1).map_or(0, |(at, _)| at);
        let fits = line.chars().take(room + 1).count() <= room;
        let near = before.chars().rev().take(room / 2 + 1).count() <= room / 2;
        let start = if fits || near { 0 } else { lead(room / 3) };
        let rest = line.get(start..).unwrap_or_default();
        let end = rest.char_indices().nth(room).map_or(line.len(), |(at, _)| start + at);
        Self { start, end }
    }

    fn lead(&self) -> &'static str {
        if self.start > 0 { "…" } else { "" }
    }

    fn draw(&self, line: &str) -> String {
        let shown = expand(line.get(self.start..self.end).unwrap_or_default());
        let tail = if self.end < line.len() { "…" } else { "" };
        format!("{}{shown}{tail}", self.lead())
    }

    /// Where a byte of the line is in the drawn text. Hidden bytes map to the nearest visible end.
    fn offset(&self, line: &str, byte: usize) -> usize {
        let before = line.get(self.start..byte.clamp(self.start, self.end)).unwrap_or_default();
        self.lead().len() + expand(before).len()
    }
}

fn expand(text: &str) -> String {
    one_line(&text.replace('\t', TAB))
}

impl fmt::Display for Excerpt {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Excerpt {}

impl Diagnostic for Excerpt {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let inner = self.text.read_span(span, before, after)?;
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            inner.data(),
            *inner.span(),
            inner.line() + self.first_line - 1,
            inner.column(),
            inner.line_count(),
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(line: &str, anchor: usize) -> (String, usize) {
        let window = Window::new(line, anchor, 20);
        (window.draw(line), window.offset(line, anchor))
    }

    #[test]
    fn a_window_shows_the_anchor() {
        let long: String = ('a'..='z').cycle().take(100).collect();
        for (line, anchor, drawn, offset) in [
            ("short", 2, "short", 2),
            ("\tx: 1", 1, "    x: 1", 4),
            ("a\x1bb", 2, "a␛b", 4),
            (&long, 3, "abcdefghijklmnopqrst…", 3),
            (&long, 50, "…stuvwxyzabcdefghijkl…", 9),
            (&long, 100, "…qrstuv", 9),
        ] {
            assert_eq!(window(line, anchor), (drawn.to_owned(), offset), "{line} at {anchor}");
        }
    }
}
