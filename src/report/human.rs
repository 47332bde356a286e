//! The report for a terminal: findings with their lines, then the verdicts, then one last line.
//!
//! What is well takes one line. Must not decide anything; must not colour unless told.

use super::Style;
use super::basis;
use super::escape::one_line;
use super::releases::{Group, group, ranges};
use super::snippet;
use super::view::{Deployment, Located, View};
use super::wording::{Answer, Sign, all_well, answers, conclusion, coverage};
use crate::diagnostic::Severity;
use anstyle::{AnsiColor, Style as Paint};
use std::collections::BTreeSet;
use textwrap::{Options, WordSeparator, WordSplitter};

/// Narrower terminals are wrapped by themselves.
const LEAST_WIDTH: usize = 40;

pub fn render(view: &View<'_>, style: &Style) -> String {
    let pen = Pen { style: Style { width: style.width.max(LEAST_WIDTH), ..*style } };
    let mut explained = BTreeSet::new();
    let findings = view.findings().into_iter().map(|finding| {
        let first = explained.insert(finding.id());
        pen.finding(finding, first) + "\n"
    });
    // A pairing that a verdict's line repeats needs no line of its own.
    let names: BTreeSet<String> = view.deployments.iter().map(Deployment::name).collect();
    let notices = view.notices.iter().filter(|notice| !names.contains(*notice));
    let notices = notices.map(|notice| pen.notice(notice));
    let verdicts = view.deployments.iter().map(|deployment| pen.deployment(deployment));
    let touched = view.touched.iter().map(|touch| pen.notice(&touch.to_string()));
    let mendable = mendable(view).map(|line| pen.notice(&line));
    let excluded = view
        .excluded()
        .map(|[name, by, reason]| pen.notice(&format!("{name}: excluded by {by}: {reason}")));
    let coverage = pen.notice(&coverage(view));
    let basis = basis::lines(view).into_iter().map(|line| pen.notice(&line));
    let last = mendable.into_iter().chain(basis).chain([coverage, pen.conclusion(view)]);
    findings.chain(notices).chain(excluded).chain(touched).chain(verdicts).chain(last).collect()
}

/// How many findings this program could mend itself.
fn mendable(view: &View<'_>) -> Option<String> {
    let findings = view.findings();
    let fixes = || findings.iter().filter_map(|located| located.finding.fix.as_ref());
    let certain = fixes().filter(|fix| fix.certain).count();
    match (certain, fixes().count() - certain) {
        (0, 0) => None,
        (certain, 0) => Some(format!("`--fix` mends {certain}")),
        (0, likely) => {
            Some(format!("`--fix --unsafe-fixes` mends {likely}; look at `--diff` first"))
        }
        (certain, likely) => {
            Some(format!("`--fix` mends {certain}, `--unsafe-fixes` {likely} more"))
        }
    }
}

struct Pen {
    style: Style,
}

impl Pen {
    fn paint(&self, text: &str, paint: Paint) -> String {
        if self.style.colour { format!("{paint}{text}{paint:#}") } else { text.to_owned() }
    }

    /// Breaks `head` and `text` into lines; those after the first are indented by `indent`.
    fn wrap(&self, head: &str, text: &str, indent: usize) -> String {
        let indent = " ".repeat(indent);
        let options = Options::new(self.style.width)
            .subsequent_indent(&indent)
            .word_separator(WordSeparator::AsciiSpace)
            .word_splitter(WordSplitter::NoHyphenation);
        textwrap::fill(&format!("{head}{}", one_line(text)), options) + "\n"
    }

    /// Why it matters is said with the first finding of a check.
    fn finding(&self, located: &Located<'_>, first: bool) -> String {
        let (finding, check) = (located.finding, located.finding.check);
        let severity = located.severity();
        let head = format!("{}[{}]", severity.word(), check.id);
        let head = self.paint(&head, bold(colour(severity))) + ": ";
        let mut out = self.wrap(&head, &finding.message, 2) + &snippet::draw(located, &self.style);
        if located.marks.is_empty() {
            out.push_str(&self.aside("file", located.file()));
        }
        if let Some(help) = &finding.help {
            out.push_str(&self.aside("help", help));
        }
        if first {
            out.push_str(&self.aside("why", check.why));
        }
        if located.new == Some(false) {
            out.push_str(&self.aside("old", "the files had it before"));
        }
        if let Some(doubt) = located.doubt {
            out.push_str(&self.aside("but", doubt));
        }
        if let Some(only) = &located.only {
            out.push_str(&self.aside("only", &format!("Refinery {only}")));
        }
        out
    }

    fn aside(&self, word: &str, text: &str) -> String {
        let head = self.paint(&format!("  {word}:"), bold(AnsiColor::Cyan));
        let gap = " ".repeat(5_usize.saturating_sub(word.len()));
        self.wrap(&format!("{head}{gap}"), text, 8)
    }

    fn notice(&self, notice: &str) -> String {
        let wrapped = self.wrap("· ", notice, 2);
        self.paint(wrapped.trim_end(), Paint::new().dimmed()) + "\n"
    }

    fn deployment(&self, deployment: &Deployment<'_>) -> String {
        if deployment.report.is_of_no_files() {
            return String::new();
        }
        let name = one_line(&deployment.name());
        let groups = group(&deployment.report.verdicts);
        if groups.is_empty() {
            let is_left = deployment.findings.iter().all(|f| f.severity() < Severity::Error);
            let sign = self.sign(if is_left { Sign::NotReached } else { Sign::Bad });
            return format!("{sign} {}: not checked\n", self.paint(&name, Paint::new().bold()));
        }
        groups.iter().map(|group| self.verdict(&name, group)).collect()
    }

    fn verdict(&self, name: &str, group: &Group<'_>) -> String {
        let releases = ranges(group.releases.iter().copied());
        let title = self.paint(name, Paint::new().bold());
        if let Some(all_well) = all_well(group.verdict) {
            return format!(
                "{} {title} · Refinery {releases}: {all_well}\n",
                self.sign(Sign::Good)
            );
        }
        let head = format!("{title} · Refinery {releases}\n");
        let lines = answers(group.verdict).map(|answer| self.answer(&answer));
        head + &lines.concat() + &self.needs(group)
    }

    fn answer(&self, answer: &Answer) -> String {
        let head = format!("  {:<12} {} ", answer.question, self.sign(answer.sign));
        self.wrap(&head, &one_line(&answer.text), 17)
    }

    /// What each variable must look like.
    fn needs(&self, group: &Group<'_>) -> String {
        let needs = group.verdict.variables.iter().enumerate().map(|(index, (name, what))| {
            let word = if index == 0 { "needs" } else { "" };
            self.wrap(&format!("  {word:<12}   "), &one_line(&format!("`{name}`: {what}")), 17)
        });
        needs.collect()
    }

    fn sign(&self, sign: Sign) -> String {
        let paint = match sign {
            Sign::Good => bold(AnsiColor::Green),
            Sign::Bad => bold(AnsiColor::Red),
            Sign::Depends => bold(AnsiColor::Yellow),
            Sign::NotReached => Paint::new().dimmed(),
        };
        self.paint(&sign.mark().to_string(), paint)
    }

    fn conclusion(&self, view: &View<'_>) -> String {
        let colour = if view.blocked { AnsiColor::Red } else { AnsiColor::Green };
        self.paint(&conclusion(view), bold(colour)) + "\n"
    }
}

fn bold(colour: AnsiColor) -> Paint {
    colour.on_default().bold()
}

fn colour(severity: Severity) -> AnsiColor {
    match severity {
        Severity::Error => AnsiColor::Red,
        Severity::Warning => AnsiColor::Yellow,
        Severity::Note => AnsiColor::Cyan,
    }
}
