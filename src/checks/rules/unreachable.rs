//! A rule shadowed by earlier ones with another outcome.

use crate::check;
use crate::checks::{CheckContext, RuleAt, TargetAt};
use crate::diagnostic::Finding;
use crate::proof::{Analysis, Reachability};

check!(
    UNREACHABLE,
    "rules/unreachable",
    Warning,
    "a rule is unreachable: earlier rules match every trace that it matches",
    "The first rule that matches a trace decides. Refinery does not report rules that are never \
     reached.",
    "Move the rule before the one that shadows it, or make the earlier rule narrower. A rule \
     without conditions belongs last.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: the rest
          SampleRate: 10
        - Name: keep errors
          SampleRate: 1
          Conditions:
            - Field: error
              Operator: exists
",
    change: "\
- Name: the rest
          SampleRate: 10
        - Name: keep errors
          SampleRate: 1
          Conditions:
            - Field: error
              Operator: exists" => "\
- Name: keep errors
          SampleRate: 1
          Conditions:
            - Field: error
              Operator: exists
        - Name: the rest
          SampleRate: 10",
);

register!(find);

/// Labels in one finding; more would not be read.
const MAX_LABELS: usize = 5;

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let reports = context.analyses().flat_map(|(target, analysis)| report(target, analysis));
    reports.collect()
}

/// One finding for all rules that the same earlier rules shadow.
fn report(target: &TargetAt, analysis: &Analysis) -> Vec<Finding> {
    let mut covers: Vec<(Vec<RuleAt>, Vec<RuleAt>)> = Vec::new();
    for (number, reachability) in analysis.rules.iter().enumerate() {
        let Reachability::Shadowed(by) = reachability else { continue };
        let Some(rule) = target.rule(number) else { continue };
        let by: Vec<RuleAt> = by.iter().filter_map(|number| target.rule(*number)).collect();
        if by.iter().all(|other| other.has_same_outcome_as(rule)) {
            continue;
        }
        let is_same = |other: &[RuleAt]| {
            other.len() == by.len() && other.iter().zip(&by).all(|(a, b)| a.number == b.number)
        };
        match covers.iter_mut().find(|(other, _)| is_same(other)) {
            Some((_, rules)) => rules.push(rule),
            None => covers.push((by, vec![rule])),
        }
    }
    covers.iter().filter_map(|(by, rules)| report_cover(by, rules)).collect()
}

fn report_cover(by: &[RuleAt], covered: &[RuleAt]) -> Option<Finding> {
    let (first, earliest) = (covered.first()?, by.first()?);
    let message = match covered.len() - 1 {
        0 => format!("{} is unreachable", first.name()),
        1 => format!("{} and one more rule are unreachable", first.name()),
        more => format!("{} and {more} more rules are unreachable", first.name()),
    };
    let labelled = covered.iter().take(MAX_LABELS);
    let finding = labelled.fold(Finding::new(&UNREACHABLE, message), |finding, other| {
        finding.at_some(other.span(), "unreachable")
    });
    let is_alone = by.len() == 1;
    let label =
        if is_alone { "matches every trace first" } else { "matches some of its traces first" };
    let covering = by.iter().take(MAX_LABELS);
    let finding = covering.fold(finding, |finding, other| finding.at_some(other.span(), label));
    Some(finding.help(if is_alone && earliest.spec.conditions.is_none() {
        format!("move {} after the other rules", earliest.name())
    } else if is_alone {
        format!("move it before {}, or make that rule narrower", earliest.name())
    } else {
        format!("move it before {}, or make the earlier rules narrower", earliest.name())
    }))
}
