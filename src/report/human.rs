//! The report for a terminal: findings with their lines, then the verdicts, then a summary line.
//!
//! A deployment without problems takes one line. Must not decide anything, and must only colour if
//! the style says so.

use super::basis;
use super::escape::one_line;
use super::releases::{Group, group, ranges};
use super::snippet;
use super::view::{Count, Deployment, Located, View};
use super::wording::{
    Answer, Sign, answers, conclusion, coverage, fixable, limited, summary_if_good,
};
use super::{Detail, Style, statistics};
use crate::diagnostic::{Finding, Severity};
use crate::verdict::{FileOutcome, FileRecord};
use anstyle::{AnsiColor, Style as Paint};
use std::collections::BTreeSet;
use textwrap::{Options, WordSeparator, WordSplitter};

/// On narrower terminals lines are left to the terminal to wrap.
const LEAST_WIDTH: usize = 40;

/// A space at which lines are not broken. It cannot occur in escaped text.
const GLUE: &str = "\u{10ffff}";

pub fn render(view: &View<'_>, style: &Style, detail: &Detail) -> String {
    let printer = Printer { style: Style { width: style.width.max(LEAST_WIDTH), ..*style } };
    let mut explained = BTreeSet::new();
    let (shown, more) = limited(view, detail);
    let findings = shown.into_iter().map(|finding| {
        let first = explained.insert(finding.id()) || detail.verbose;
        printer.finding(finding, first) + "\n"
    });
    let findings: String = findings.collect();
    let statistics =
        if detail.statistics { statistics::render(view) + "\n" } else { String::new() };
    let more = more.map(|line| printer.notice(&line)).unwrap_or_default();
    if detail.quiet {
        return findings + &statistics + &more;
    }
    let notices = view.notices().map(|notice| printer.notice(notice));
    let verdicts = view.deployments.iter().map(|deployment| printer.deployment(deployment));
    let mut verdicts: Vec<String> = verdicts.collect();
    verdicts.dedup();
    let touched = view.touched.iter().map(|touch| printer.notice(&touch.to_string()));
    let excluded = view
        .excluded()
        .map(|[name, by, reason]| printer.notice(&format!("{name}: excluded by {by}: {reason}")));
    let files = view.files.iter().filter(|_| detail.verbose).filter_map(describe_outcome);
    let files = files.map(|line| printer.notice(&line));
    let coverage = printer.notice(&coverage(view));
    let basis = basis::lines(view).into_iter().map(|line| printer.notice(&line));
    let rest = notices.chain(excluded).chain(files).chain(touched).chain(verdicts);
    let last = rest.chain(basis).chain([coverage, printer.conclusion(view)]);
    [findings, statistics, more].into_iter().chain(last).collect()
}

/// Describes what happened to a file. `None` for excluded files, which are listed separately.
fn describe_outcome(file: &FileRecord) -> Option<String> {
    let what = match &file.outcome {
        FileOutcome::Checked(_) => "checked".to_owned(),
        FileOutcome::NotRefinery(why) => format!("not a Refinery file: {why}"),
        FileOutcome::CannotCheck => "could not be checked".to_owned(),
        FileOutcome::Excluded { .. } => return None,
    };
    Some(format!("{}: {what}", file.name))
}

/// The marker of a finding that `--fix` can fix.
fn fix_marker(finding: &Finding) -> &'static str {
    match &finding.fix {
        Some(fix) if fix.is_safe => " [fixable]",
        Some(_) => " [fixable, unsafe]",
        None => "",
    }
}

struct Printer {
    style: Style,
}

impl Printer {
    fn paint(&self, text: &str, paint: Paint) -> String {
        if self.style.colour { format!("{paint}{text}{paint:#}") } else { text.to_owned() }
    }

    /// A link for terminals (OSC 8).
    fn link(&self, text: &str, url: &str) -> String {
        if self.style.links {
            format!("\u{1b}]8;;{url}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\")
        } else {
            text.to_owned()
        }
    }

    /// Breaks `head` and `text` into lines; those after the first are indented by `indent`.
    fn wrap(&self, head: &str, text: &str, indent: usize) -> String {
        let indent = " ".repeat(indent);
        let options = Options::new(self.style.width)
            .subsequent_indent(&indent)
            .break_words(false)
            .word_separator(WordSeparator::AsciiSpace)
            .word_splitter(WordSplitter::NoHyphenation);
        // A line that starts with `+` or ends after a mark looks torn.
        let line = format!("{head}{}", one_line(text)).replace(" + ", &format!("{GLUE}+ "));
        textwrap::fill(&line, options).replace(GLUE, " ") + "\n"
    }

    /// Prints a finding. Only the first one of a check explains why it matters.
    fn finding(&self, located: &Located<'_>, first: bool) -> String {
        let (finding, check) = (located.finding, located.finding.check);
        let severity = located.severity();
        let head = format!("{}[{}]", severity.word(), self.link(check.id, &check.url()));
        let head = self.paint(&head, bold(colour(severity))) + ": ";
        let message = format!("{}{}", finding.message, fix_marker(finding));
        let mut out = self.wrap(&head, &message, 2) + &snippet::draw(located, &self.style);
        if located.marks.is_empty() {
            out.push_str(&self.annotation("file", located.file()));
        }
        if let Some(help) = &finding.help {
            out.push_str(&self.annotation("help", help));
        }
        if first {
            out.push_str(&self.annotation("why", check.why));
        }
        if located.new == Some(false) {
            out.push_str(&self.annotation("old", "present before this change"));
        }
        if let Some(doubt) = located.doubt {
            out.push_str(&self.annotation("but", doubt));
        }
        if let Some(only) = &located.only {
            out.push_str(&self.annotation("only", &format!("Refinery {only}")));
        }
        out
    }

    fn annotation(&self, word: &str, text: &str) -> String {
        let head = self.paint(&format!("  {word}:"), bold(AnsiColor::Cyan));
        let gap = GLUE.repeat(5_usize.saturating_sub(word.len()));
        self.wrap(&format!("{head}{gap}"), text, 8)
    }

    fn notice(&self, notice: &str) -> String {
        let wrapped = self.wrap(&format!("·{GLUE}"), notice, 2);
        self.paint(wrapped.trim_end(), Paint::new().dimmed()) + "\n"
    }

    fn deployment(&self, deployment: &Deployment<'_>) -> String {
        if deployment.report.is_of_no_files() {
            return String::new();
        }
        let name = unbroken(&one_line(&deployment.name()));
        let groups = group(&deployment.report.verdicts);
        if groups.is_empty() {
            let is_left = deployment.findings.iter().all(|f| f.severity() < Severity::Error);
            let sign = self.sign(if is_left { Sign::NotReached } else { Sign::Bad });
            let name = self.paint(&name, Paint::new().bold());
            return self.wrap(&format!("{sign}{GLUE}{name}"), ": not checked", 2);
        }
        let blocking = deployment.findings.iter().filter(|finding| finding.blocks);
        let blocking = Count::of(blocking).to_string();
        groups.iter().map(|group| self.verdict(&name, group, &blocking)).collect()
    }

    /// If Refinery starts but findings block, the line must not look like a pass.
    fn verdict(&self, name: &str, group: &Group<'_>, blocking: &str) -> String {
        let releases = one_line(&ranges(group.releases.iter().copied()));
        let refinery = format!("Refinery{GLUE}{releases}");
        let title = self.paint(name, Paint::new().bold());
        if let Some(good) = summary_if_good(group.verdict) {
            let (sign, but) = match blocking {
                "" => (Sign::Good, String::new()),
                blocking => (Sign::Bad, format!("; blocked by {blocking}")),
            };
            let sign = self.sign(sign);
            let head = format!("{sign}{GLUE}{title} ·{GLUE}{refinery}");
            return self.wrap(&head, &format!(": {good}{but}"), 2);
        }
        let head = self.wrap(&format!("{title} ·{GLUE}{refinery}"), "", 2);
        let lines = answers(group.verdict).map(|answer| self.answer(&answer));
        head + &lines.concat() + &self.needs(group)
    }

    fn answer(&self, answer: &Answer) -> String {
        let head = format!("  {:<12} {} ", answer.question, self.sign(answer.sign));
        self.wrap(&head.replace(' ', GLUE), &one_line(&answer.text), 17)
    }

    /// Describes the value that each unknown variable must have.
    fn needs(&self, group: &Group<'_>) -> String {
        let needs = group.verdict.variables.iter().enumerate().map(|(index, (name, what))| {
            let word = if index == 0 { "needs" } else { "" };
            self.wrap(
                &format!("  {word:<12}   ").replace(' ', GLUE),
                &one_line(&format!("`{name}`: {what}")),
                17,
            )
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
        let fixable = fixable(view).map(|fixable| format!("; {fixable}")).unwrap_or_default();
        self.wrap(&self.paint(&conclusion(view), bold(colour)), &fixable, 2)
    }
}

/// The names of a deployment, between which a line may be broken, but not within one.
fn unbroken(names: &str) -> String {
    let glued = names.replace(' ', GLUE);
    let glued = glued.replace(&format!("{GLUE}+{GLUE}"), &format!("{GLUE}+ "));
    glued.strip_suffix(' ').map(|rest| format!("{rest}{GLUE}")).unwrap_or(glued)
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
