//! More than one sampler in one place.

use crate::check;
use crate::checks::context::child;
use crate::checks::{CheckContext, RuleAt, TargetAt};
use crate::config::effective_value::Record;
use crate::diagnostic::Finding;
use crate::engine::spec::Target;

check!(
    MULTIPLE_SAMPLERS,
    "rules/multiple-samplers",
    Error,
    "only one of several samplers in one place is used; the others are ignored",
    "For a target, Refinery uses the first of deterministic, rules, dynamic, EMA dynamic, EMA \
     throughput, windowed throughput and total throughput that is set; for a rule the order \
     differs. The order in the file does not matter.",
    "Keep one sampler and remove the others.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep errors
          SampleRate: 1
          Conditions:
            - Field: error
              Operator: exists
    DeterministicSampler:
      SampleRate: 10
",
    change: "exists
    DeterministicSampler:
      SampleRate: 10" => "exists
        - Name: the rest
          SampleRate: 10",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let targets = context.targets().iter().filter_map(of_target);
    targets.chain(context.rules().filter_map(of_rule)).collect()
}

fn of_target(target: &TargetAt) -> Option<Finding> {
    let winner = match &target.spec {
        Target::Rules(_) => "RulesBasedSampler",
        Target::Single(spec) => spec.name(),
        Target::Null | Target::Empty => return None,
    };
    report(&format!("`{}`", target.name), target.setting.record()?, winner)
}

fn of_rule(rule: RuleAt) -> Option<Finding> {
    let winner = rule.sampler()?.spec.name();
    report(&rule.name(), child(rule.setting, "Sampler")?.record()?, winner)
}

fn report(place: &str, samplers: &Record, winner: &str) -> Option<Finding> {
    let written = samplers.iter().filter(|(_, setting)| setting.record().is_some());
    let (decides, ignored): (Vec<_>, Vec<_>) = written.partition(|(name, _)| *name == winner);
    let names: Vec<_> = ignored.iter().map(|(name, _)| format!("`{name}`")).collect();
    if names.is_empty() {
        return None;
    }
    let message = format!(
        "{place} has more than one sampler: `{winner}` is used, not {}",
        names.join(" or ")
    );
    let finding =
        Finding::new(&MULTIPLE_SAMPLERS, message).help("keep one sampler and remove the others");
    let finding = ignored.iter().fold(finding, |f, (_, i)| f.at_some(i.key_span, "ignored"));
    Some(decides.iter().fold(finding, |f, (_, d)| f.at_some(d.key_span, "used")))
}
