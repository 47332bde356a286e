//! A check as a page, and all checks as a list.

use super::json;
use crate::diagnostic::Check;
use serde::Serialize;
use std::fmt::Write;
use textwrap::{Options, WordSeparator, WordSplitter};

/// The page of a check: what it finds, why that matters and how to fix it.
pub fn write_page(check: &Check, width: usize) -> String {
    let paragraph = |title: &str, text: &str| {
        format!("\n{}", indented(text, width, title, &" ".repeat(title.len())))
    };
    let mut page = format!("{}[{}]\n", check.severity.word(), check.id);
    page += &paragraph("what:   ", check.summary);
    page += &paragraph("why:    ", check.why);
    if let Some(shown) = &check.page {
        page += &paragraph("fix:    ", shown.fix);
        page += &example("before", shown.before);
        page += &example("after", &shown.after());
    }
    page
}

/// Wraps a text, without breaks inside words.
pub fn fill(text: &str, width: usize) -> String {
    textwrap::fill(text, options(width))
}

/// A paragraph with a head, and other lines indented.
pub fn indented(text: &str, width: usize, head: &str, indent: &str) -> String {
    let options = options(width).initial_indent(head).subsequent_indent(indent);
    textwrap::fill(text, options).trim_end().to_owned() + "\n"
}

fn options(width: usize) -> Options<'static> {
    Options::new(width)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
}

fn example(title: &str, text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("    {line}")).collect();
    format!("\n{title}:\n\n{}\n", lines.join("\n"))
}

/// One line for each check.
pub fn list_checks(checks: &[&Check]) -> String {
    let widest = checks.iter().map(|check| check.id.len()).max().unwrap_or(0);
    let mut list = String::new();
    for check in checks {
        let (id, severity) = (check.id, check.severity.word());
        // Writing to a String never fails.
        let _ = writeln!(list, "{id:widest$}  {severity:7}  {}", check.summary);
    }
    list
}

/// A check, as programs read it.
#[derive(Serialize)]
struct JsonCheck {
    check: &'static str,
    severity: &'static str,
    /// Whether it is a verdict, which only the command line can suppress.
    verdict: bool,
    summary: &'static str,
    why: &'static str,
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    example: Option<JsonExample>,
}

#[derive(Serialize)]
struct JsonExample {
    before: &'static str,
    after: String,
}

/// All checks as JSON.
pub fn checks_as_json(checks: &[&'static Check]) -> String {
    let checks = checks.iter().map(|check| JsonCheck {
        check: check.id,
        severity: check.severity.word(),
        verdict: check.is_verdict(),
        summary: check.summary,
        why: check.why,
        url: check.url(),
        fix: check.page.as_ref().map(|page| page.fix),
        example: check
            .page
            .as_ref()
            .map(|page| JsonExample { before: page.before, after: page.after() }),
    });
    json::text(&checks.collect::<Vec<_>>())
}
