//! `JUnit` XML: a test suite per deployment, a test case per release, a failure per blocked case.
//!
//! Findings that do not fail the run become the output of their case. Must not quote files.

use super::basis;
use super::escape::{xml, xml_attribute as attribute};
use super::short;
use super::view::{Count, Deployment, Located, View};
use super::wording::answers;
use crate::verdict::Verdict;
use std::fmt::Write as _;

/// The test case of a deployment that could not be checked.
const UNCHECKED: &str = "read";

pub fn render(view: &View<'_>) -> String {
    let suites: Vec<Suite> = view.deployments.iter().map(|d| Suite::new(d)).collect();
    let excluded = view.excluded().count();
    let tests = suites.iter().map(|s| s.cases.len()).sum::<usize>() + excluded;
    let failures: usize = suites.iter().map(Suite::failures).sum();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let name = env!("CARGO_PKG_NAME");
    let _ = writeln!(
        out,
        "<testsuites name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{excluded}\">"
    );
    for suite in &suites {
        suite.write(&mut out);
    }
    write_excluded(&mut out, view);
    out + "</testsuites>\n"
}

/// Writes excluded files as skipped tests.
fn write_excluded(out: &mut String, view: &View<'_>) {
    let excluded: Vec<_> = view.excluded().collect();
    let count = excluded.len();
    if count == 0 {
        return;
    }
    let _ = writeln!(
        out,
        "  <testsuite name=\"excluded\" tests=\"{count}\" failures=\"0\" errors=\"0\" skipped=\"{count}\">"
    );
    for [name, by, reason] in excluded {
        let (name, why) = (attribute(name), attribute(&format!("excluded by {by}: {reason}")));
        let _ = writeln!(
            out,
            "    <testcase name=\"{name}\" classname=\"excluded\"><skipped message=\"{why}\"/></testcase>"
        );
    }
    out.push_str("  </testsuite>\n");
}

struct Suite {
    name: String,
    /// As which release it was checked, and why.
    basis: Option<String>,
    cases: Vec<Case>,
}

struct Case {
    name: String,
    /// Its message and text.
    failure: Option<(String, String)>,
    output: String,
}

impl Suite {
    fn new(deployment: &Deployment<'_>) -> Self {
        let verdicts = &deployment.report.verdicts;
        let mut cases: Vec<Case> =
            verdicts.iter().map(|v| Case::new(deployment, Some(v))).collect();
        if cases.is_empty() {
            cases.push(Case::new(deployment, None));
        }
        Self { name: deployment.name(), basis: basis::line(deployment), cases }
    }

    fn failures(&self) -> usize {
        self.cases.iter().filter(|case| case.failure.is_some()).count()
    }

    fn write(&self, out: &mut String) {
        let (name, tests, failures) = (attribute(&self.name), self.cases.len(), self.failures());
        let _ = writeln!(
            out,
            "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">"
        );
        if let Some(basis) = &self.basis {
            let basis = attribute(basis);
            let _ = writeln!(
                out,
                "    <properties><property name=\"release\" value=\"{basis}\"/></properties>"
            );
        }
        for case in &self.cases {
            case.write(out, &name);
        }
        out.push_str("  </testsuite>\n");
    }
}

impl Case {
    fn new(deployment: &Deployment<'_>, verdict: Option<&Verdict>) -> Self {
        let holds = |finding: &&Located<'_>| {
            let releases = finding.releases;
            verdict.is_none_or(|v| releases.is_empty() || releases.contains(&v.release))
        };
        let (failing, passing): (Vec<_>, Vec<_>) =
            deployment.findings.iter().filter(holds).partition(|f| f.blocks);
        let summary = Count::of(failing.iter().copied()).to_string();
        Self {
            name: verdict.map_or(UNCHECKED.to_owned(), |v| format!("Refinery {}", v.release)),
            failure: (!failing.is_empty()).then(|| (summary, paragraphs(&failing))),
            output: verdict.map(verdict_lines).unwrap_or_default() + &paragraphs(&passing),
        }
    }

    fn write(&self, out: &mut String, class: &str) {
        let name = attribute(&self.name);
        let _ = writeln!(out, "    <testcase name=\"{name}\" classname=\"{class}\">");
        if let Some((summary, text)) = &self.failure {
            let (summary, text) = (attribute(summary), xml(text));
            let _ = writeln!(out, "      <failure message=\"{summary}\">{text}</failure>");
        }
        if !self.output.is_empty() {
            let _ = writeln!(out, "      <system-out>{}</system-out>", xml(&self.output));
        }
        out.push_str("    </testcase>\n");
    }
}

fn verdict_lines(verdict: &Verdict) -> String {
    answers(verdict).map(|a| format!("{}: {} {}\n", a.question, a.sign.mark(), a.text)).concat()
}

fn paragraphs(findings: &[&Located<'_>]) -> String {
    findings.iter().map(|finding| paragraph(finding)).collect()
}

fn paragraph(finding: &Located<'_>) -> String {
    let line = short::line(finding);
    let help = finding.finding.help.as_ref().map(|help| format!("  help: {help}\n"));
    format!("{line}\n{}  why: {}\n", help.unwrap_or_default(), finding.finding.check.why)
}
