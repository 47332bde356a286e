//! The stages before boot, told from what was found on the way through them: from the command line
//! to the loaded files.

use super::stage::{Outcome, Stage};
use super::start_up::Start;
use crate::diagnostic::{Effect, Finding};

/// In the engine's order.
const STAGES: [&str; 6] =
    ["command line", "environment", "finding files", "reading", "validation", "loading"];

/// Which of them a finding belongs to.
fn stage_of(finding: &Finding) -> &'static str {
    let id = finding.check.id;
    match id.split('/').next().unwrap_or_default() {
        "syntax" => "reading",
        "schema" | "version" => "validation",
        _ => match id {
            "start/bad-command-line" | "start/exits-immediately" => "command line",
            "start/bad-override" | "start/bad-runtime-variable" => "environment",
            "start/bad-location"
            | "start/unknown-format"
            | "start/missing-file"
            | "start/generator-file-missing"
            | "start/other-file-read"
            | "start/only-last-file-used" => "finding files",
            "start/empty-file-rejected" | "start/merge-crash" => "reading",
            "start/unusable-format" => "validation",
            _ => "loading",
        },
    }
}

/// All stages before boot. Behind one that fails, those that nothing was found in are not reached.
pub fn walk(start: &Start) -> Vec<Stage> {
    let mut failed = false;
    let mut stages = Vec::new();
    for name in STAGES {
        let findings = start.findings.iter().filter(|finding| stage_of(finding) == name);
        let stage = stage(name, findings.cloned().collect(), failed);
        failed |= stage.outcome == Outcome::Fails;
        stages.push(stage);
    }
    stages
}

fn stage(name: &'static str, findings: Vec<Finding>, failed: bool) -> Stage {
    let outcome = if findings.iter().any(Finding::stops_start) {
        Outcome::Fails
    } else if failed {
        Outcome::Skipped("not reached")
    } else if let Some(variables) = depends_on(&findings) {
        Outcome::Depends(variables)
    } else {
        Outcome::Passes
    };
    Stage { name, outcome, decided: Vec::new(), findings }
}

/// The variables that decide, each once.
fn depends_on(findings: &[Finding]) -> Option<String> {
    let names = findings.iter().flat_map(|finding| match &finding.effect {
        Effect::DependsOn(variables) => variables.iter().map(|(name, _)| name.as_str()).collect(),
        _ => Vec::new(),
    });
    let names: std::collections::BTreeSet<&str> = names.collect();
    (!names.is_empty()).then(|| names.into_iter().collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::effective_value::Record;
    use crate::diagnostic::{Check, CheckKind, Severity, checks};
    use crate::verdict::FreshStart;
    use std::collections::BTreeMap;

    static SYNTAX: Check = Check {
        id: "syntax/test",
        kind: CheckKind::Verdict,
        severity: Severity::Error,
        summary: "",
        why: "",
        page: None,
    };
    static SCHEMA: Check = Check {
        id: "schema/test",
        kind: CheckKind::Verdict,
        severity: Severity::Error,
        summary: "",
        why: "",
        page: None,
    };

    fn outcomes(findings: Vec<Finding>) -> Vec<Outcome> {
        let start = Start {
            verdict: FreshStart::No,
            findings,
            config: Record::default(),
            rules: Record::default(),
            depends_on: BTreeMap::new(),
        };
        walk(&start).into_iter().map(|stage| stage.outcome).collect()
    }

    #[test]
    fn nothing_is_reached_behind_a_failure() {
        let skipped = Outcome::Skipped("not reached");
        let passes = || Outcome::Passes;
        let expected =
            [passes(), passes(), passes(), Outcome::Fails, skipped.clone(), skipped.clone()];
        assert_eq!(outcomes(vec![Finding::new(&SYNTAX, "bad").refuses()]), expected);
        let both = [&SYNTAX, &SCHEMA].map(|check| Finding::new(check, "bad").refuses());
        assert_eq!(outcomes(both.to_vec())[4], Outcome::Fails);
    }

    #[test]
    fn what_only_warns_passes() {
        assert!(outcomes(vec![Finding::new(&SCHEMA, "odd")]).iter().all(|o| *o == Outcome::Passes));
    }

    #[test]
    fn unknown_variables_decide() {
        let depends = |name: &str| {
            let variables = vec![(name.to_owned(), "a port".to_owned())];
            Finding::new(&SCHEMA, "?").with(Effect::DependsOn(variables))
        };
        let outcomes = outcomes(vec![depends("B"), depends("A"), depends("B")]);
        assert_eq!(outcomes[4], Outcome::Depends("A, B".to_owned()));
    }

    #[test]
    fn nothing_is_reached_past_a_file_that_is_missing() {
        for id in ["start/missing-file", "start/bad-location"] {
            let check = checks().into_iter().find(|check| check.id == id).unwrap();
            let start = Start {
                verdict: FreshStart::No,
                findings: vec![Finding::new(check, "x").refuses()],
                config: Record::default(),
                rules: Record::default(),
                depends_on: BTreeMap::new(),
            };
            let outcomes: Vec<_> = walk(&start).into_iter().map(|stage| stage.outcome).collect();
            let not_reached = Outcome::Skipped("not reached");
            let expected = [Outcome::Passes, Outcome::Passes, Outcome::Fails];
            assert_eq!(outcomes[..3], expected, "{id}");
            assert!(outcomes[3..].iter().all(|outcome| *outcome == not_reached), "{id}");
        }
    }
}
