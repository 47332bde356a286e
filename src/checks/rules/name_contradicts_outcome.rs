//! A rule whose name contradicts what it does.

use crate::check;
use crate::checks::words::words;
use crate::checks::{CheckContext, RuleAt};
use crate::diagnostic::Finding;
use crate::engine::spec::SamplerSpec;
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
const DROP: [&str; 8] =
    ["drop", "drops", "dropping", "ignore", "ignores", "ignored", "skip", "skips"];
/// Applications do this, too: these words are about sampling only next to one of `NOISE`.
const REMOVE: [&str; 8] =
    ["discard", "discards", "exclude", "excludes", "filter", "reject", "remove", "suppress"];
const NOISE: [&str; 20] = [
    "out",
    "health",
    "healthcheck",
    "healthchecks",
    "healthz",
    "readiness",
    "liveness",
    "probe",
    "probes",
    "heartbeat",
    "heartbeats",
    "ping",
    "pings",
    "noise",
    "noisy",
    "debug",
    "bots",
    "spans",
    "traces",
    "synthetic",
];
/// With these, "keep" means every trace.
const ALL: [&str; 4] = ["all", "every", "always", "everything"];
const NEGATIONS: [&str; 10] =
    ["not", "don", "dont", "never", "no", "non", "none", "nothing", "without", "unless"];
/// Words that may come before the verb of a clause.
const BEFORE: [&str; 8] = ["always", "never", "just", "only", "please", "we", "then", "rule"];
/// With these, a verb is part of another word: "keep-alive", "drop-down".
const AFTER: [&str; 14] = [
    "alive", "alives", "down", "downs", "in", "list", "off", "rate", "rates", "shadow", "shipping",
    "table", "tables", "zone",
];
/// A percentage or fraction next to these is not a share of the traces.
const QUANTITIES: [&str; 34] = [
    "above", "attempt", "below", "campaign", "canary", "chunk", "coupon", "cpu", "discount",
    "disk", "exceeds", "less", "level", "memory", "more", "off", "over", "page", "part", "parts",
    "phase", "phases", "ratio", "retry", "rollout", "shard", "stage", "stages", "step", "steps",
    "than", "tier", "under", "upload",
];

/// What a name says about the traces of its rule.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Promise {
    Keep,
    KeepAll,
    Drop,
    DropAll,
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
        Promise::DropAll => "drops every trace".to_owned(),
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
        (Outcome::Rate(rate), Promise::DropAll) => kept(rate),
        (Outcome::Sampler(sampler), Promise::KeepAll | Promise::DropAll) => {
            let sampler = sampler
                .sampler
                .as_ref()
                .filter(|sampler| !matches!(sampler, SamplerSpec::Deterministic { .. }))?;
            format!("leaves the decision to the `{}`", sampler.name())
        }
        (Outcome::Rate(rate), Promise::KeepAll) if rate > 1 => kept(rate),
        (Outcome::Rate(rate), Promise::OneIn(n)) if rate != n => kept(rate),
        _ => return None,
    };
    Some((promised, done))
}

/// What the name says, if it is clear.
fn promise(name: &str) -> Option<Promise> {
    let words = words(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let says = |list: &[&str]| words.iter().any(|word| list.contains(word));
    let mut verbs = name.split([':', ';', ',', '[', '(', '/']).flat_map(|part| part.split(" - "));
    let verbs: Vec<Verb> = verbs.by_ref().filter_map(verb).collect();
    let (keeps, drops) = (verbs.contains(&Verb::Keep), verbs.contains(&Verb::Drop));
    if let Some(share) = share(&name.to_lowercase(), &words, drops) {
        return match share {
            Share::All => Some(Promise::KeepAll),
            Share::None => Some(Promise::DropAll),
            Share::OneIn(share) => Some(Promise::OneIn(share)),
            Share::Uneven => None,
        };
    }
    let is_never_dropped = words.windows(2).any(|pair| {
        let is_loss = [&DROP[..], &REMOVE, &["sample", "lose"]].concat().contains(&pair[1]);
        pair[0] == "never" && is_loss
    });
    match (keeps, drops) {
        _ if is_never_dropped => Some(Promise::KeepAll),
        // A negated name ("do not drop") may mean either.
        _ if says(&NEGATIONS) => None,
        (true, false) if says(&ALL) => Some(Promise::KeepAll),
        (true, false) => Some(Promise::Keep),
        (false, true) if says(&ALL) => Some(Promise::DropAll),
        (false, true) => Some(Promise::Drop),
        _ => None,
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Verb {
    Keep,
    Drop,
}

/// What a clause of a name says Refinery should do. Elsewhere in it, such words are about the
/// application.
fn verb(clause: &str) -> Option<Verb> {
    let words = words(clause);
    let is_before = |word: &&String| {
        BEFORE.contains(&word.as_str()) || word.contains(|c: char| c.is_ascii_digit())
    };
    let mut rest = words.iter().skip_while(is_before).map(String::as_str);
    let (verb, rest) = (rest.next()?, rest.collect::<Vec<_>>());
    if rest.first().is_some_and(|next| AFTER.contains(next)) {
        return None;
    }
    let is_drop = DROP.contains(&verb)
        || REMOVE.contains(&verb) && rest.iter().any(|word| NOISE.contains(word));
    match () {
        () if KEEP.contains(&verb) => Some(Verb::Keep),
        () if is_drop => Some(Verb::Drop),
        () => None,
    }
}

/// A share of the traces that a name states.
enum Share {
    All,
    None,
    OneIn(i64),
    /// No rate keeps exactly this share.
    Uneven,
}

/// The share of "1 in N", "1/N" or "P%".
fn share(name: &str, words: &[&str], drops: bool) -> Option<Share> {
    let number = |word: &str| word.parse::<i64>().ok().filter(|n| *n > 0);
    let one_in = |n: i64| if n == 1 { Share::All } else { Share::OneIn(n) };
    let is_one = |word: &str| ["1", "one"].contains(&word);
    for at in 0..words.len() {
        match &words[at..] {
            ["sample" | "sampling", "rate", n, ..] => return number(n).map(one_in),
            [one, "in", n, ..] | [one, "out", "of", n, ..] if is_one(one) => {
                return number(n).map(one_in);
            }
            _ => {}
        }
    }
    if words.iter().any(|word| QUANTITIES.contains(word)) || name.contains(['<', '>', '≥', '≤'])
    {
        return None;
    }
    if let Some(at) = words.windows(3).position(|three| is_one(three[0]) && three[1] == "of") {
        return number(words[at + 2]).map(one_in);
    }
    for word in name.split_whitespace() {
        let word = word.trim_matches(['(', ')', ',', ';', '[', ']', '@', '~']);
        if let Some(n) = word.strip_prefix("1/").or_else(|| word.strip_prefix("1:")) {
            return number(n).map(one_in);
        }
        if let Some(percent) = word.strip_suffix('%') {
            let percent = number(percent).filter(|percent| *percent <= 100);
            let kept = percent.map(|percent| if drops { 100 - percent } else { percent });
            return Some(match kept {
                Some(0) => Share::None,
                Some(kept) if 100 % kept == 0 => one_in(100 / kept),
                _ => Share::Uneven,
            });
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
            ("dropHealthChecks", Some(Promise::Drop)),
            ("01-drop-probes", Some(Promise::Drop)),
            ("probes: drop", Some(Promise::Drop)),
            ("drop all probes", Some(Promise::DropAll)),
            ("drop 100% of probes", Some(Promise::DropAll)),
            ("keep 1 out of 20", Some(Promise::OneIn(20))),
            ("filter out probes", Some(Promise::Drop)),
            ("filter products", None),
            ("remove item from cart", None),
            ("POST /cart/remove", None),
            ("keep-alive pings", None),
            ("drag and drop", None),
            ("packet drop events", None),
            ("drop-down menu", None),
            ("discount 10% campaign", None),
            ("error rate > 1%", None),
            ("errors above 5% of traffic", None),
            ("checkout step 1 of 3", None),
            ("tier 1/2 customers", None),
            ("drop table queries", None),
            ("sample rate 50", Some(Promise::OneIn(50))),
            ("errors", None),
        ] {
            assert_eq!(promise(name), said, "{name}");
        }
    }
}
