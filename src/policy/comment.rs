//! Parses suppression comments: `# preflight: ignore[group/name] reason`, or the same with
//! `# refinery-preflight:`.
//!
//! Works on the text, because trees have no comments. Must not know findings.

use crate::span::{FileId, Span};
use jiff::civil::Date;
use memchr::memmem;
use std::cell::LazyCell;
use std::ops::Range;

/// The prefixes of suppression comments.
const PREFIXES: [&str; 2] = ["# preflight:", "# refinery-preflight:"];

/// Frequent misspellings of the prefixes.
const NEAR_MISSES: [&str; 4] =
    ["#preflight:", "#refinery-preflight:", "# preflight-ignore:", "# refinery-preflight-ignore:"];

/// Starts the word that gives the last day of a suppression.
const UNTIL: &str = "until=";

/// A suppression comment.
#[derive(Debug, PartialEq, Eq)]
pub struct Comment {
    pub span: Span,
    /// The check ids, as written, and their places.
    pub checks: Vec<(String, Span)>,
    pub reason: String,
    /// The last day on which the comment applies, and where that is written.
    pub until: Option<(Date, Span)>,
    /// The bytes of the lines that the comment applies to.
    pub covers: Range<usize>,
}

/// A suppression comment that cannot be parsed, and why.
#[derive(Debug, PartialEq, Eq)]
pub struct Malformed {
    pub span: Span,
    pub why: &'static str,
}

/// All suppression comments of a text, in order.
pub fn read_comments(file: FileId, text: &str) -> Vec<Result<Comment, Malformed>> {
    // Few files have any, and all of these contain the program's name.
    if memmem::find(text.as_bytes(), b"preflight").is_none() {
        return Vec::new();
    }
    let lines = &LazyCell::new(|| Lines::of(text));
    let with_prefix = |prefix: &'static str| {
        text.match_indices(prefix).filter(|&(at, _)| begins_comment(text, at)).map(|(at, _)| at)
    };
    let comments = PREFIXES.into_iter().flat_map(|prefix| {
        with_prefix(prefix)
            .filter_map(move |at| Some((at, read_comment(file, text, lines, at, prefix)?)))
    });
    let misses =
        NEAR_MISSES.into_iter().flat_map(|prefix| with_prefix(prefix).map(move |at| (at, prefix)));
    let misses =
        misses.filter_map(|(at, prefix)| Some((at, Err(near_miss(file, text, at, prefix)?))));
    let mut all: Vec<_> = comments.chain(misses).collect();
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, comment)| comment).collect()
}

/// A suppression comment with a misspelt prefix.
fn near_miss(file: FileId, text: &str, at: usize, prefix: &str) -> Option<Malformed> {
    let line = text[at..].lines().next().unwrap_or_default();
    line[prefix.len()..].trim_start().starts_with("ignore").then(|| Malformed {
        span: Span::new(file, at, at + prefix.len()),
        why: "write `# preflight: ignore[CHECK] REASON`",
    })
}

/// A `#` starts a comment at the beginning of the text or after white space.
fn begins_comment(text: &str, at: usize) -> bool {
    text[..at].chars().next_back().is_none_or(char::is_whitespace)
}

/// A suppression comment. `None` for other comments that start with the program's name.
fn read_comment(
    file: FileId,
    text: &str,
    lines: &LazyCell<Lines, impl FnOnce() -> Lines>,
    at: usize,
    prefix: &str,
) -> Option<Result<Comment, Malformed>> {
    let line = text[at..].lines().next().unwrap_or_default().trim_end();
    let content = line[prefix.len()..].trim_start();
    let is_ours = prefix == PREFIXES[0]
        || ["ignore", "disable", "suppress"].iter().any(|w| content.starts_with(w));
    is_ours.then(|| read_words(file, text, lines, at, line, content))
}

fn read_words(
    file: FileId,
    text: &str,
    lines: &Lines,
    at: usize,
    line: &str,
    content: &str,
) -> Result<Comment, Malformed> {
    let span = Span::new(file, at, at + line.len());
    let refuse = |why| Malformed { span, why };
    let list = content.strip_prefix("ignore[").ok_or(refuse("expected `ignore[CHECK] REASON`"))?;
    let (list, rest) = list.split_once(']').ok_or(refuse("missing `]` after the checks"))?;
    let place = |part: &str| {
        let start = at + (part.as_ptr() as usize - line.as_ptr() as usize);
        Span::new(file, start, start + part.len())
    };
    let ids = list.split(',').map(str::trim);
    let checks: Vec<_> = ids.map(|id| (id.to_owned(), place(id))).collect();
    let mut until = None;
    let mut reason = Vec::new();
    for word in rest.split_whitespace() {
        match word.strip_prefix(UNTIL) {
            Some(day) => until = Some((read_day(day).map_err(refuse)?, place(word))),
            None => reason.push(word),
        }
    }
    if reason.is_empty() {
        return Err(refuse("add a reason after `]`"));
    }
    let covers = lines.find_covered(text, at);
    Ok(Comment { span, checks, reason: reason.join(" "), until, covers })
}

fn read_day(day: &str) -> Result<Date, &'static str> {
    day.parse().map_err(|_| "write the date as `until=2027-01-31`")
}

/// The lines of a text, to find what many comments apply to.
struct Lines {
    starts: Vec<usize>,
    /// For each line the first line from it on that is neither empty nor only a comment.
    content: Vec<usize>,
    /// For each such line the next one that is not indented more.
    block_ends: Vec<usize>,
}

impl Lines {
    fn of(text: &str) -> Self {
        let mut at = 0;
        let mut starts = Vec::new();
        let mut indents = Vec::new();
        for line in text.split_inclusive('\n') {
            starts.push(at);
            indents.push((!is_empty_or_comment(line)).then(|| indent(line)));
            at += line.len();
        }
        let count = starts.len();
        let (mut content, mut block_ends) = (vec![count; count], vec![count; count]);
        // The content lines after the current one, none indented more than the one before it.
        let mut open: Vec<(usize, usize)> = Vec::new();
        let mut next = count;
        for (line, indent) in indents.into_iter().enumerate().rev() {
            if let Some(indent) = indent {
                while open.last().is_some_and(|(_, later)| *later > indent) {
                    open.pop();
                }
                block_ends[line] = open.last().map_or(count, |(later, _)| *later);
                open.push((line, indent));
                next = line;
            }
            content[line] = next;
        }
        Self { starts, content, block_ends }
    }

    /// The lines that a comment applies to: its own line after a value, else the block below it.
    fn find_covered(&self, text: &str, at: usize) -> Range<usize> {
        let line_start = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let end = line_end(text, at);
        if !text[line_start..at].trim().is_empty() {
            return line_start..end;
        }
        let start = |line: usize| self.starts.get(line).copied().unwrap_or(text.len());
        let line = self.starts.partition_point(|start| *start < end);
        let Some(&first) = self.content.get(line) else { return text.len()..text.len() };
        let block_end = self.block_ends.get(first).map_or(text.len(), |end| start(*end));
        start(first)..block_end
    }
}

/// The start of the next line, or the end of the text.
fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |n| at + n + 1)
}

/// Whether a line is empty or only holds a comment.
fn is_empty_or_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty() || line.starts_with('#')
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Result<Comment, Malformed> {
        let mut comments = read_comments(FileId(0), text);
        assert_eq!(comments.len(), 1, "{text}");
        comments.remove(0)
    }

    #[test]
    fn a_comment_has_checks_a_reason_and_a_date() {
        let text = "a: 1 # preflight: ignore[rules/a, b/c] we know until=2027-01-31 well\nb: 2\n";
        let comment = one(text).unwrap();
        let ids: Vec<&str> = comment.checks.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids, ["rules/a", "b/c"]);
        assert_eq!(&text[comment.checks[1].1.range()], "b/c");
        assert_eq!(comment.reason, "we know well");
        assert_eq!(comment.until.map(|(day, _)| day.to_string()), Some("2027-01-31".to_owned()));
        assert_eq!(&text[comment.span.range()], text[5..].lines().next().unwrap());
    }

    #[test]
    fn the_full_program_name_is_accepted() {
        let comment = one("a: 1 # refinery-preflight: ignore[rules/a] we know\n").unwrap();
        assert_eq!((comment.checks[0].0.as_str(), comment.reason.as_str()), ("rules/a", "we know"));
    }

    #[test]
    fn a_comment_covers_its_line_or_the_block_below() {
        for (text, covered) in [
            ("a: 1\nb: 2 # preflight: ignore[x/y] r\nc: 3\n", "b: 2 # preflight: ignore[x/y] r\n"),
            (
                "# preflight: ignore[x/y] r\n# more\n\na:\n  b: 1\n\n  c: 2\nd: 3\n",
                "a:\n  b: 1\n\n  c: 2\n",
            ),
            (
                "r:\n  # preflight: ignore[x/y] r\n  - n: 1\n    m: 2\n  - n: 3\n",
                "  - n: 1\n    m: 2\n",
            ),
            ("a: 1\n# preflight: ignore[x/y] r", ""),
        ] {
            assert_eq!(&text[one(text).unwrap().covers], covered, "{text}");
        }
    }

    #[test]
    fn other_comments_are_ignored() {
        for text in
            ["a: b# preflight: ignore[x/y] r", "# preflight ignore[x/y] r", "# see preflight:"]
        {
            assert!(read_comments(FileId(0), text).is_empty(), "{text}");
        }
    }

    #[test]
    fn misspelt_prefixes_are_malformed() {
        for text in [
            "#preflight: ignore[x/y] r",
            "a: b #preflight: ignore[x/y] r",
            "#refinery-preflight:ignore[x/y]",
        ] {
            assert!(one(text).unwrap_err().why.contains("# preflight: ignore["), "{text}");
        }
        for text in ["# refinery-preflight: see README", "a#preflight: ignore[x/y] r"] {
            assert!(read_comments(FileId(0), text).is_empty(), "{text}");
        }
    }

    #[test]
    fn incomplete_comments_are_malformed() {
        for (text, word) in [
            ("# preflight: ignore", "expected"),
            ("# preflight: disable[x/y] r", "expected"),
            ("# preflight: ignore[x/y r", "missing `]`"),
            ("# refinery-preflight: ignore[x/y]", "reason"),
            ("# preflight: ignore[x/y]", "reason"),
            ("# preflight: ignore[x/y] until=2027-01-31", "reason"),
            ("# preflight: ignore[x/y] r until=soon", "date"),
            ("# preflight: ignore[x/y] r until=2027-02-30", "date"),
        ] {
            assert!(one(text).unwrap_err().why.contains(word), "{text}");
        }
    }
}
