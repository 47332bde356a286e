//! A rule whose reachability could not be decided.

use crate::check;
use crate::checks::{CheckContext, RuleAt, TargetAt};
use crate::diagnostic::Finding;
use crate::proof::{Analysis, MAX_CONDITIONS, MAX_RULES, Reachability, STEPS_OF_QUESTION};
use crate::schema::Quirk;

check!(
    REACHABILITY_UNKNOWN,
    "rules/reachability-unknown",
    Note,
    "could not decide whether a rule is reachable: an analysis limit was reached",
    "Refinery Preflight makes no claim about a rule that has too many conditions, follows too \
     many rules or needs too many steps. The rule may be unreachable.",
);

register!(find);

/// Labels in one finding; more would not be read.
const MAX_LABELS: usize = 5;

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    // For older releases only equal conditions are compared, so every rule would be reported.
    let is_exact = context.stage.quirks.has(Quirk::AnswersAsNow);
    let analyses = context.analyses().filter(|_| is_exact);
    analyses.filter_map(|(target, analysis)| report(target, analysis)).collect()
}

fn report(target: &TargetAt, analysis: &Analysis) -> Option<Finding> {
    let results = analysis.rules.iter().enumerate();
    let undecided = results.filter(|(_, reachability)| **reachability == Reachability::Unknown);
    let rules: Vec<RuleAt> = undecided.filter_map(|(number, _)| target.rule(number)).collect();
    let first = rules.first()?;
    let message = match rules.len() - 1 {
        0 => format!("could not decide whether {} is reachable", first.name()),
        1 => format!("could not decide whether {} and one more rule are reachable", first.name()),
        more => {
            format!("could not decide whether {} and {more} more rules are reachable", first.name())
        }
    };
    let help = format!(
        "limits: {MAX_RULES} rules per target, {MAX_CONDITIONS} conditions per rule, \
         {STEPS_OF_QUESTION} steps per question"
    );
    let labelled = rules.iter().take(MAX_LABELS);
    Some(labelled.fold(Finding::new(&REACHABILITY_UNKNOWN, message).help(help), |finding, rule| {
        finding.at_some(rule.span(), "reachability not decided")
    }))
}
