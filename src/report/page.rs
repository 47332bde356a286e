//! A check as a page, and all checks as a list.

use crate::diagnostic::Check;
use std::fmt::Write;
use textwrap::{Options, fill};

/// The page of a check: what it finds, why that matters and how to fix it.
pub fn write_page(check: &Check, width: usize) -> String {
    let paragraph = |title: &str, text: &str| {
        let indent = " ".repeat(title.len());
        let options = Options::new(width).initial_indent(title).subsequent_indent(&indent);
        format!("\n{}\n", fill(text, options))
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
