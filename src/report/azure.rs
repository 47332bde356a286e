//! Logging commands of Azure Pipelines, which shows them as issues of the run.
//!
//! Azure knows errors and warnings; all else is printed as plain lines. Must not print anything that
//! a value could turn into a command.

use super::basis;
use super::escape::{disarm, one_line};
use super::short;
use super::view::{Located, View};
use super::wording::{advice, not_checked};
use crate::diagnostic::Severity;
use std::fmt::Write as _;

pub fn render(view: &View<'_>) -> String {
    let excluded = view
        .excluded()
        .map(|[name, by, reason]| plain(&format!("{name}: {}", not_checked(by, reason))));
    let releases = basis::lines(view).into_iter().map(|line| plain(&format!("release: {line}")));
    let findings = view.findings().into_iter().map(issue);
    findings.chain(excluded).chain(releases).map(|line| line + "\n").collect()
}

fn issue(finding: &Located<'_>) -> String {
    let kind = match finding.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => return plain(&short::line(finding)),
    };
    let mut place = format!("sourcepath={}", escape(finding.file()));
    if let Some(mark) = finding.primary() {
        let (line, column) = (mark.start.line, mark.start.column);
        let _ = write!(place, ";linenumber={line};columnnumber={column}");
    }
    let (code, text) = (escape(finding.id()), escape(&advice(finding)));
    format!("##vso[task.logissue type={kind};{place};code={code}]{text}")
}

fn plain(text: &str) -> String {
    disarm(&one_line(text))
}

/// Escapes a property or a message, as the agent decodes both.
fn escape(text: &str) -> String {
    let mut out = text.replace('%', "%AZP25");
    for (character, code) in [(';', "%3B"), ('\r', "%0D"), ('\n', "%0A"), (']', "%5D")] {
        out = out.replace(character, code);
    }
    one_line(&out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cannot_end_or_start_a_command() {
        assert_eq!(escape("a;b]c\r\n##vso[x]50%"), "a%3Bb%5Dc%0D%0A##vso[x%5D50%AZP25");
        assert_eq!(plain("##vso[task.complete]"), "#\\#vso[task.complete]");
        assert_eq!(plain("a\n##[error]b"), "a␊#\\#[error]b");
    }
}
