//! Checks small rules files with mistakes that teams make, and others that only look like mistakes.
//!
//! `fixtures/rules/cases.txt` describes its own notation. Each case must have exactly the findings
//! that it names.

use refinery_preflight::internals::discover::Request;
use refinery_preflight::internals::discover::gather::gather;
use refinery_preflight::internals::pipeline::{CheckOptions, Schemas, check_with};
use refinery_preflight::internals::schema::releases;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;

const CASES: &str = "fixtures/rules/cases.txt";

/// A case: its first line, and the lines below it.
type Case<'t> = (&'t str, Vec<&'t str>);

fn cases(text: &str) -> Vec<Case<'_>> {
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.strip_prefix("  ") {
            None => cases.push((line, Vec::new())),
            Some(rule) => cases.last_mut().expect("a case").1.push(rule),
        }
    }
    cases
}

/// A rules file, and the number of the rule on each line, counted from 1; 0 for none.
#[derive(Default)]
struct Written {
    text: String,
    rules: Vec<usize>,
    rule: usize,
}

impl Written {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
        self.rules.push(self.rule);
    }

    fn rule(&mut self, written: &str) {
        self.rule += 1;
        let (name, rest) = written.split_once(" -> ").expect("an arrow");
        let (outcome, conditions) = rest.split_once(" if ").unwrap_or((rest, ""));
        let (outcome, scope) = match outcome.rsplit_once(' ') {
            Some((outcome, scope @ ("span" | "trace"))) => (outcome, scope),
            _ => (outcome, ""),
        };
        self.line(&format!("        - Name: {name:?}"));
        match outcome {
            "none" => {}
            "drop" => self.line("          Drop: true"),
            _ if outcome.starts_with('{') => self.line(&format!("          Sampler: {outcome}")),
            rate => self.line(&format!("          SampleRate: {rate}")),
        }
        if !scope.is_empty() {
            self.line(&format!("          Scope: {scope}"));
        }
        if !conditions.is_empty() {
            self.line("          Conditions:");
            conditions.split(" & ").for_each(|condition| self.condition(condition));
        }
    }

    fn condition(&mut self, written: &str) {
        let quoted = written.strip_prefix('"').and_then(|rest| rest.split_once('"'));
        let (field, rest) = match (quoted, written.split_once(' ')) {
            (Some((field, rest)), _) => (field, rest.trim_start()),
            (None, split) => split.expect("an operator"),
        };
        if field == "has-root-span" {
            self.line("            - Operator: has-root-span");
            return self.line(&format!("              Value: {rest}"));
        }
        let (rest, datatype) = rest.rsplit_once(" :").unwrap_or((rest, ""));
        let (operator, value) = rest.split_once(' ').unwrap_or((rest, ""));
        let fields: Vec<_> = field.split('|').collect();
        match fields.as_slice() {
            [field] => self.line(&format!("            - Field: {field:?}")),
            fields => self.line(&format!("            - Fields: {fields:?}")),
        }
        self.line(&format!("              Operator: \"{operator}\""));
        if !value.is_empty() {
            self.line(&format!("              Value: {value}"));
        }
        if !datatype.is_empty() {
            self.line(&format!("              Datatype: {datatype}"));
        }
    }
}

/// The rules of a target, with one for the rest if the last one has conditions.
fn write_rules(rules: &[&str], written: &mut Written) {
    written.line("    RulesBasedSampler:");
    let (mut rules, mut is_open) = (rules, false);
    while let [option @ ("open" | "nested"), rest @ ..] = rules {
        if *option == "nested" {
            written.line("      CheckNestedFields: true");
        } else {
            is_open = true;
        }
        rules = rest;
    }
    written.line("      Rules:");
    written.rule = 0;
    for rule in rules {
        written.rule(rule);
    }
    if !is_open && rules.last().is_some_and(|rule| rule.contains(" if ")) {
        written.rule("the remaining traces -> 10");
    }
    written.rule = 0;
}

fn write_case(lines: &[&str]) -> Written {
    let mut written = Written::default();
    written.line("RulesVersion: 2");
    written.line("Samplers:");
    let mut targets: Vec<(&str, &str, Vec<&str>)> = Vec::new();
    for line in lines {
        if let Some(target) = line.strip_prefix('@') {
            let (name, sampler) = target.split_once(" {").unwrap_or((target, ""));
            targets.push((name, sampler, Vec::new()));
        } else {
            if targets.is_empty() {
                targets.push(("__default__", "", Vec::new()));
            }
            targets.last_mut().expect("a target").2.push(line);
        }
    }
    if targets.iter().all(|(name, ..)| *name != "__default__") {
        written.line("  __default__: {DeterministicSampler: {SampleRate: 1}}");
    }
    for (name, sampler, rules) in targets {
        if sampler.is_empty() {
            written.line(&format!("  {name:?}:"));
            write_rules(&rules, &mut written);
        } else {
            written.line(&format!("  {name:?}: {{{sampler}"));
        }
    }
    written
}

struct Checker {
    options: CheckOptions,
    schemas: Vec<Schemas>,
    folder: tempfile::TempDir,
}

impl Checker {
    fn new() -> Self {
        let options = CheckOptions {
            releases: releases().split_off(releases().len() - 1),
            ..CheckOptions::default()
        };
        let schemas = options.schemas();
        Self { options, schemas, folder: tempfile::tempdir().expect("a folder") }
    }

    /// The findings, each alone and with the rules that it labels: `check` and `check@N`.
    fn findings(&self, written: &Written) -> (BTreeSet<String>, BTreeSet<String>) {
        let path = self.folder.path().join("rules.yaml");
        fs::write(&path, &written.text).expect("writable");
        let request = Request { rules: vec![path.display().to_string()], ..Request::default() };
        let mut sources = gather(&request, &mut std::io::empty()).expect("a rules file");
        let report = check_with(&self.schemas, &mut sources, &self.options);
        let (mut ids, mut places) = (BTreeSet::new(), BTreeSet::new());
        for reported in &report.deployments[0].findings {
            let finding = &reported.finding;
            ids.insert(finding.check.id.to_owned());
            for label in finding.labels.iter().filter(|label| label.primary) {
                let line = written.text[..label.span.start as usize].matches('\n').count();
                places.insert(format!("{}@{}", finding.check.id, written.rules[line]));
            }
        }
        (ids, places)
    }
}

#[test]
fn each_case_has_the_findings_that_it_names() {
    let text = fs::read_to_string(CASES).expect("the cases");
    let checker = Checker::new();
    let cases = cases(&text);
    assert!(cases.len() >= 300, "{} cases", cases.len());
    let mut faults = String::new();
    for (title, lines) in &cases {
        let (named, _) = title.split_once(": ").expect("a reason");
        let named: Vec<&str> = named.split(", ").filter(|id| *id != "nothing").collect();
        let written = write_case(lines);
        let (ids, places) = checker.findings(&written);
        let expected: BTreeSet<_> = named
            .iter()
            .map(|id| id.split_once('@').map_or(*id, |(id, _)| id).to_owned())
            .collect();
        let are_placed = named.iter().all(|id| !id.contains('@') || places.contains(*id));
        if ids != expected || !are_placed {
            let found = places.union(&ids).cloned().collect::<Vec<_>>();
            writeln!(faults, "{title}\n{}is reported as {found:?}", written.text).expect("memory");
        }
    }
    assert!(faults.is_empty(), "{faults}");
}

#[test]
fn cases_differ() {
    let text = fs::read_to_string(CASES).expect("the cases");
    let mut seen = BTreeSet::new();
    for (title, lines) in cases(&text) {
        assert!(!lines.is_empty() && seen.insert(lines.clone()), "{title} occurs twice: {lines:?}");
    }
}
