//! A job summary in Markdown: a table of verdicts, then the findings of each deployment.
//!
//! All text from files is escaped. Must not quote files.

use super::basis;
use super::escape::one_line;
use super::releases::{Group, group, ranges};
use super::view::{Count, Deployment, Located, View};
use super::wording::{answers, conclusion, coverage, message};
use crate::diagnostic::Severity;
use crate::machine::Restarts;
use crate::rehearse::change::waits_for_restart;
use crate::verdict::Reported;
use std::fmt::Write as _;

/// The maximum number of findings that are shown for one deployment.
const LIMIT: usize = 50;
/// The maximum size of the table and of the whole summary in bytes: GitHub drops summaries that are
/// larger than 1 MiB.
const SIZE_LIMITS: [usize; 2] = [250_000, 1_000_000];

pub fn render(view: &View<'_>) -> String {
    let sign = if view.blocked { '✘' } else { '✔' };
    let mut out = format!("## Refinery preflight {sign} {}\n", conclusion(view));
    let is_compared = view.deployments.iter().any(|deployment| deployment.report.is_compared);
    if !view.deployments.is_empty() {
        let changes = if is_compared { " changes take effect |" } else { "" };
        let questions = "| deployment | Refinery | start-up | live reload | first trace |";
        let columns = questions.matches('|').count() - 1 + usize::from(is_compared);
        let _ = writeln!(out, "\n{questions}{changes}\n|{}", "---|".repeat(columns));
    }
    let rows = view.deployments.iter().flat_map(|deployment| rows(deployment, is_compared));
    fill(&mut out, SIZE_LIMITS[0], rows);
    fill(&mut out, SIZE_LIMITS[1], view.deployments.iter().map(details));
    let touched = view.touched.iter().map(ToString::to_string);
    let excluded = view.excluded();
    let excluded = excluded.map(|[name, by, reason]| format!("{name}: excluded by {by}: {reason}"));
    let lines = view.notices().cloned().chain(excluded).chain(touched);
    let lines = lines.chain(basis::lines(view)).chain([coverage(view)]);
    fill(&mut out, SIZE_LIMITS[1], lines.map(|line| format!("\n{}\n", prose(&line))));
    out
}

/// Adds parts up to the size limit, and says how many were left out.
pub(super) fn fill(out: &mut String, limit: usize, parts: impl Iterator<Item = String>) {
    let mut left_out = 0;
    for part in parts {
        if left_out == 0 && out.len() + part.len() <= limit {
            out.push_str(&part);
        } else {
            left_out += usize::from(!part.is_empty());
        }
    }
    if left_out > 0 {
        let _ = writeln!(out, "\nand {left_out} more, left out because of the size limit");
    }
}

fn rows(deployment: &Deployment<'_>, is_compared: bool) -> Vec<String> {
    let name = escape(&deployment.name());
    let row = |group: Group<'_>| {
        let cells = answers(group.verdict);
        let cells = cells.map(|a| format!(" {} {} |", a.sign.mark(), prose(&a.text))).concat();
        let changes =
            if is_compared { format!(" {} |", changes(deployment, &group)) } else { String::new() };
        let releases = escape(&ranges(group.releases));
        format!("| {name} | {releases} |{cells}{changes}\n")
    };
    let rows: Vec<String> = group(&deployment.report.verdicts).into_iter().map(row).collect();
    if rows.is_empty() { vec![format!("| {name} | not checked | | | |\n")] } else { rows }
}

/// When the changes take effect in running nodes.
fn changes(deployment: &Deployment<'_>, group: &Group<'_>) -> String {
    let report = deployment.report;
    if !report.is_compared || group.verdict.live_reload.fails() {
        return "–".to_owned();
    }
    let holds = |releases: &[String]| releases.iter().any(|r| group.releases.contains(&&**r));
    let waiting = |r: &&Reported| waits_for_restart(r.finding.check) && holds(&r.releases);
    match (report.restarts, report.all().filter(waiting).count()) {
        (Restarts { config: true, rules: true }, _) => {
            "at a restart, which the change causes".to_owned()
        }
        (Restarts { config: true, rules: false }, _) => {
            "config at a restart, which the change causes; rules at a live reload".to_owned()
        }
        (_, 0) => "at a live reload".to_owned(),
        (_, number) => format!("at a live reload, {number} only at a restart"),
    }
}

/// A collapsible section, open if there is an error.
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

/// Converts a message, with text between backticks as code.
pub(super) fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escape(text);
    }
    let part = |(index, part): (usize, &&str)| {
        if index % 2 == 1 { code(part) } else { escape(part) }
    };
    parts.iter().enumerate().map(part).collect()
}

/// Uses an element, because text could contain backticks.
fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("<code>{}</code>", escape(text)) }
}

/// Escapes markup, links and mentions. Uses entities, because backslashes have no effect in HTML.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // In its own element, because GitHub searches the rendered text for mentions.
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
    fn text_is_never_markup() {
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
    fn parts_over_the_limit_are_counted() {
        let mut out = "x".to_owned();
        fill(&mut out, 4, ["ab", "", "cd", "", "e"].map(str::to_owned).into_iter());
        assert_eq!(out, "xab\nand 2 more, left out because of the size limit\n");
    }

    #[test]
    fn backticks_in_pairs_are_code() {
        assert_eq!(prose("use `a|b` here"), "use <code>a&#124;b</code> here");
        assert_eq!(prose("`a`, `b`"), "<code>a</code>, <code>b</code>");
        assert_eq!(prose("one ` alone"), "one &#96; alone");
    }
}
