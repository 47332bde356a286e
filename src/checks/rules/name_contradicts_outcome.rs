//! A rule whose name contradicts what it does.

use crate::check;
use crate::checks::{CheckContext, RuleAt};
use crate::diagnostic::Finding;
use crate::proof::Outcome;

check!(
    NAME_CONTRADICTS_OUTCOME,
    "rules/name-contradicts-outcome",
    Warning,
    "a rule's name says the opposite of what the rule does",
    "The name has no effect on sampling. `Drop`, `SampleRate` and `Sampler` decide what happens \
     to a trace.",
    "Correct the name, or `Drop` and `SampleRate`.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: drop health checks
          SampleRate: 1
          Conditions:
            - Field: http.route
              Operator: \"=\"
              Value: /healthz
",
    change: "SampleRate: 1" => "Drop: true",
);

register!(find);

const KEEP: [&str; 4] = ["keep", "keeps", "retain", "preserve"];
const DROP: [&str; 14] = [
    "drop", "drops", "dropping", "discard", "discards", "ignore", "ignores", "ignored", "exclude",
    "excludes", "remove", "suppress", "reject", "filter",
];
/// With these, "keep" means every trace.
const ALL: [&str; 4] = ["all", "every", "always", "everything"];
const NEGATIONS: [&str; 10] =
    ["not", "don", "dont", "never", "no", "non", "none", "nothing", "without", "unless"];

/// What a name says about the traces of its rule.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Promise {
    Keep,
    KeepAll,
    Drop,
    /// Keeps one in this many.
    OneIn(i64),
}

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    context.rules().filter_map(report).collect()
}

fn report(rule: RuleAt) -> Option<Finding> {
    let promise = promise(&rule.spec.name)?;
    let (promised, done) = contradiction(promise, rule)?;
    let place = rule.value("Drop").or_else(|| rule.value("SampleRate")).or_else(|| rule.span());
    let message = format!("{} {done}, but its name says that it {promised}", rule.name());
    Some(
        Finding::new(&NAME_CONTRADICTS_OUTCOME, message)
            .help("correct the name, or `Drop` and `SampleRate`")
            .at_some(place, done),
    )
}

/// What the name says and what the rule does, if they differ.
fn contradiction(promise: Promise, rule: RuleAt) -> Option<(String, String)> {
    let kept = |rate| match rate {
        1 => "keeps every trace".to_owned(),
        _ => format!("keeps one in {rate} traces"),
    };
    let promised = match promise {
        Promise::Keep => "keeps them".to_owned(),
        Promise::KeepAll => kept(1),
        Promise::Drop => "drops them".to_owned(),
        Promise::OneIn(n) => kept(n),
    };
    let done = match (Outcome::of(Some(rule.spec)), promise) {
        // `rules/implicit-drop` reports a rate that drops by accident.
        (Outcome::Dropped, Promise::Keep | Promise::KeepAll | Promise::OneIn(_))
            if rule.spec.drop =>
        {
            "drops every trace".to_owned()
        }
        (Outcome::Rate(1), Promise::Drop) => kept(1),
        (Outcome::Rate(rate), Promise::KeepAll) if rate > 1 => kept(rate),
        (Outcome::Rate(rate), Promise::OneIn(n)) if rate != n => kept(rate),
        _ => return None,
    };
    Some((promised, done))
}

/// What the name says, if it is clear.
fn promise(name: &str) -> Option<Promise> {
    let name = name.to_lowercase();
    let words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).collect();
    let says = |list: &[&str]| words.iter().any(|word| list.contains(word));
    let (keeps, drops) = (says(&KEEP), says(&DROP));
    let share = one_in(&name, &words, drops);
    if let Some(share) = share {
        return Some(if share == 1 { Promise::KeepAll } else { Promise::OneIn(share) });
    }
    // No rate keeps exactly such a share.
    if name.contains('%') {
        return None;
    }
    let is_never_dropped = words.windows(2).any(|pair| {
        pair[0] == "never" && (DROP.contains(&pair[1]) || ["sample", "lose"].contains(&pair[1]))
    });
    match (keeps, drops) {
        _ if is_never_dropped => Some(Promise::KeepAll),
        // A negated name ("do not drop") may mean either.
        _ if says(&NEGATIONS) => None,
        (true, false) if says(&ALL) => Some(Promise::KeepAll),
        (true, false) => Some(Promise::Keep),
        (false, true) => Some(Promise::Drop),
        _ => None,
    }
}

/// N of "1 in N", "1/N" or "P%".
fn one_in(name: &str, words: &[&str], drops: bool) -> Option<i64> {
    let number = |word: &str| word.parse::<i64>().ok().filter(|n| *n > 0);
    for triple in words.windows(3) {
        if ["1", "one"].contains(&triple[0]) && ["in", "of"].contains(&triple[1]) {
            return number(triple[2]);
        }
    }
    for word in name.split_whitespace() {
        let word = word.trim_matches(['(', ')', ',', ';', '[', ']', '@', '~']);
        if let Some(n) = word.strip_prefix("1/").or_else(|| word.strip_prefix("1:")) {
            return number(n);
        }
        if let Some(percent) = word.strip_suffix('%').and_then(number) {
            let kept = if drops { 100 - percent } else { percent };
            return (kept > 0 && 100 % kept == 0).then(|| 100 / kept);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clear_names_say_something() {
        for (name, said) in [
            ("keep errors", Some(Promise::Keep)),
            ("Always keep errors", Some(Promise::KeepAll)),
            ("Keep all when http.response.status_code >= 500", Some(Promise::KeepAll)),
            ("never sample errors", Some(Promise::KeepAll)),
            ("errors (100%)", Some(Promise::KeepAll)),
            ("drop health checks", Some(Promise::Drop)),
            ("ignore probes", Some(Promise::Drop)),
            ("the rest, 1/20", Some(Promise::OneIn(20))),
            ("one in 50", Some(Promise::OneIn(50))),
            ("keep 10% of the rest", Some(Promise::OneIn(10))),
            ("drop 90% of probes", Some(Promise::OneIn(10))),
            ("do not drop errors", None),
            ("drop 99.5% of probes", None),
            ("drop 30% of probes", None),
            ("keep some, drop others", None),
            ("HTTP/1 requests", None),
            ("errors", None),
        ] {
            assert_eq!(promise(name), said, "{name}");
        }
    }
}
