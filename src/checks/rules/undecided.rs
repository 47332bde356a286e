//! A rule of which it was not decided whether it is ever reached.

use crate::check;
use crate::checks::{RuleAt, Subject, TargetAt};
use crate::diagnostic::Finding;
use crate::proof::{Analysis, Fate, MOST_CONDITIONS, MOST_RULES, STEPS_OF_QUESTION};
use crate::schema::Quirk;

check!(
    UNDECIDED,
    "rules/undecided",
    Note,
    "whether a rule is ever reached was not decided: the analysis ended at a limit",
    "nothing is claimed of a rule that has too many conditions, comes after too many rules or needs \
     too many steps: it may be unreachable",
);

look!(find);

/// As many places as one looks at.
const MOST_LABELS: usize = 5;

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    // Of older releases only equal conditions are compared: there it is no exception.
    let is_exact = subject.ground.quirks.has(Quirk::AnswersAsNow);
    let analyses = subject.analyses().filter(|_| is_exact);
    analyses.filter_map(|(target, analysis)| report(target, analysis)).collect()
}

fn report(target: &TargetAt, analysis: &Analysis) -> Option<Finding> {
    let fates = analysis.rules.iter().enumerate();
    let undecided = fates.filter(|(_, fate)| **fate == Fate::Unknown);
    let rules: Vec<RuleAt> = undecided.filter_map(|(number, _)| target.rule(number)).collect();
    let first = rules.first()?;
    let message = match rules.len() - 1 {
        0 => format!("whether {} is ever reached was not decided", first.name()),
        more => {
            format!("whether {} and {more} more are ever reached was not decided", first.name())
        }
    };
    let help = format!(
        "the limits are {MOST_RULES} rules of a target, {MOST_CONDITIONS} conditions of a rule and \
         {STEPS_OF_QUESTION} steps for a question"
    );
    let labelled = rules.iter().take(MOST_LABELS);
    Some(labelled.fold(Finding::new(&UNDECIDED, message).help(help), |finding, rule| {
        finding.at_some(rule.span(), "not decided")
    }))
}
