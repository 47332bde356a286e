//! A summary for a job's page: the verdicts as a table, then each deployment's findings.
//!
//! Whatever comes from files is escaped, letter by letter. Must not quote a file.

use super::printable::one_line;
use super::releases::{group, ranges};
use super::view::{Count, Deployment, Located, View};
use super::wording::{answers, conclusion, message};
use crate::diagnostic::Severity;
use std::fmt::Write as _;

/// Findings of one deployment that are shown; a job's page holds a megabyte.
const LIMIT: usize = 50;

pub fn render(view: &View<'_>) -> String {
    let sign = if view.blocked { '✘' } else { '✔' };
    let mut out = format!("## Refinery preflight {sign} {}\n", conclusion(view));
    if !view.deployments.is_empty() {
        out.push_str("\n| deployment | Refinery | fresh start | hot reload | first trace |\n");
        out.push_str("|---|---|---|---|---|\n");
        view.deployments.iter().flat_map(rows).for_each(|row| out.push_str(&row));
    }
    view.deployments.iter().map(details).for_each(|details| out.push_str(&details));
    let touched = view.touched.iter().map(ToString::to_string);
    for line in view.notices.iter().cloned().chain(touched) {
        let _ = write!(out, "\n{}\n", prose(&line));
    }
    out
}

fn rows(deployment: &Deployment<'_>) -> Vec<String> {
    let name = escape(&deployment.name());
    let rows: Vec<String> = group(&deployment.report.verdicts)
        .into_iter()
        .map(|group| {
            let releases = escape(&ranges(group.releases));
            let cells = answers(group.verdict);
            let cells = cells.map(|a| format!(" {} {} |", a.sign.mark(), prose(&a.text)));
            format!("| {name} | {releases} |{}\n", cells.concat())
        })
        .collect();
    if rows.is_empty() { vec![format!("| {name} | not judged | | | |\n")] } else { rows }
}

/// Closed unless it holds an error.
fn details(deployment: &Deployment<'_>) -> String {
    let findings = &deployment.findings;
    if findings.is_empty() {
        return String::new();
    }
    let count = Count::of(findings);
    let open = if count.errors > 0 { " open" } else { "" };
    let name = escape(&deployment.name());
    let mut out = format!("\n<details{open}><summary>{name}: {count}</summary>\n\n");
    findings.iter().take(LIMIT).for_each(|finding| out.push_str(&item(finding)));
    if let Some(more) = findings.len().checked_sub(LIMIT).filter(|more| *more > 0) {
        let _ = writeln!(out, "- and {more} more");
    }
    out + "\n</details>\n"
}

fn item(finding: &Located<'_>) -> String {
    let sign = match finding.severity() {
        Severity::Error => "✘",
        Severity::Warning => "⚠",
        Severity::Note => "ℹ",
    };
    let start = finding.start();
    let place = format!("{}:{}:{}", finding.file(), start.line, start.column);
    let mut out = format!(
        "- {sign} **{}** {} at {}<br>{}\n",
        finding.severity().word(),
        code(finding.id()),
        code(&place),
        prose(&message(finding)),
    );
    if let Some(help) = &finding.finding.help {
        let _ = writeln!(out, "  - help: {}", prose(help));
    }
    let _ = writeln!(out, "  - why: {}", prose(finding.finding.check.why));
    out
}

/// Our sentences: what stands between backticks is code.
fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escape(text);
    }
    let part = |(index, part): (usize, &&str)| {
        if index % 2 == 1 { code(part) } else { escape(part) }
    };
    parts.iter().enumerate().map(part).collect()
}

/// Not backticks: those could be closed from within.
fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("<code>{}</code>", escape(text)) }
}

/// Nothing of it is markup, a link or a mention. By entities and not by backslashes, which mean
/// nothing within HTML.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // A tag of its own, for mentions are looked for in the finished text.
            '@' => out.push_str("<span>@</span>"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '!' | '|' | '~' | '$' | ':' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_markup() {
        for (text, expected) in [
            ("a|b", "a&#124;b"),
            ("</details><script>", "&lt;/details&gt;&lt;script&gt;"),
            ("[x](http://y) *z*", "&#91;x&#93;(http&#58;//y) &#42;z&#42;"),
            ("@octocat &amp;", "<span>@</span>octocat &amp;amp;"),
            ("a\nb", "a␊b"),
        ] {
            assert_eq!(escape(text), expected, "{text}");
        }
    }

    #[test]
    fn backticks_in_pairs_are_code() {
        assert_eq!(prose("use `a|b` here"), "use <code>a&#124;b</code> here");
        assert_eq!(prose("`a`, `b`"), "<code>a</code>, <code>b</code>");
        assert_eq!(prose("one ` alone"), "one &#96; alone");
    }
}
