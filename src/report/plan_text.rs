//! What a plan says, in lines that every format for people prints.
//!
//! Text in backticks is code. Must not escape anything: each format has its own rules.

use super::effective::flow;
use super::wording::answers;
use crate::counted::counted;
use crate::plan::{
    ConfigChange, Decider, DeploymentPlan, Difference, Flow, Meaning, Plan, Presence, Refused,
    TargetPlan, Traffic, Unpaired,
};
use crate::rule_tests::write_example;
use crate::schema::Kind;
use crate::source_name::SourceName;
use crate::syntax::Item;
use crate::traces::missing_text;

/// The most differences, and the most rules with flips, that are listed for a target.
pub const MOST: usize = 20;

/// `config.yaml + rules.yaml · Refinery v2.9.7 → v3.2.2`.
pub fn title(plan: &DeploymentPlan) -> String {
    let files: Vec<&str> = plan.config.iter().chain(&plan.rules).map(SourceName::as_str).collect();
    let releases = plan.verdicts.iter().flatten().map(|verdict| verdict.release.as_str());
    let mut releases: Vec<&str> = releases.collect();
    releases.dedup();
    let presence = match plan.presence {
        Presence::Both => "",
        Presence::Added => " (added)",
        Presence::Removed => " (removed)",
    };
    format!("{}{presence} · Refinery {}", files.join(" + "), releases.join(" → "))
}

/// For start-up, live reload and first trace: the question, and the answer before and after.
pub fn verdict_lines(plan: &DeploymentPlan) -> Vec<(&'static str, String)> {
    let [old, new] = plan.verdicts.each_ref().map(|verdict| verdict.as_ref().map(answers));
    let text = |answer: &super::wording::Answer| format!("{} {}", answer.sign.mark(), answer.text);
    (0..3)
        .filter_map(|number| {
            let [old, new] = [&old, &new].map(|answers| answers.as_ref().map(|all| &all[number]));
            let line = match (old, new) {
                (Some(old), Some(new)) if text(old) != text(new) => {
                    format!("{} → {}", text(old), text(new))
                }
                (one, other) => text(other.or(one)?),
            };
            Some((new.or(old)?.question, line))
        })
        .collect()
}

/// Why values and rules are not compared.
pub fn refused_line(refused: Refused) -> &'static str {
    match refused {
        Refused::Old => {
            "Refinery did not start with the old files, so config and rules are not compared"
        }
        Refused::New => {
            "Refinery does not start with the new files, so config and rules are not compared; \
             `refinery-preflight check` says why"
        }
        Refused::Both => {
            "Refinery starts neither with the old nor with the new files, so config and rules are not \
             compared; `refinery-preflight check` says why"
        }
    }
}

/// Files that cannot be checked are not compared either.
pub fn unchecked_line(plan: &Plan) -> Option<String> {
    let files = counted(plan.unchecked, "file");
    (plan.unchecked > 0)
        .then(|| format!("{files} cannot be checked; `refinery-preflight check` says why"))
}

/// Files that only one of the states has.
pub fn unpaired_line(unpaired: Unpaired) -> String {
    let side = if unpaired.is_new { "new" } else { "old" };
    match unpaired.kind {
        Kind::Config => {
            format!("only the {side} state has a config file, so the config is not compared")
        }
        Kind::Rules => format!("only the {side} state has a rules file, so rules are not compared"),
    }
}

/// The old and the new value of a key.
pub fn values(change: &ConfigChange) -> [String; 2] {
    let shown = |item: &Option<Item>| match item {
        None => "not set".to_owned(),
        Some(_) if change.is_secret => "hidden".to_owned(),
        Some(item) => flow(item),
    };
    [shown(&change.old), shown(&change.new)]
}

/// When running processes take a changed value.
pub fn effect(change: &ConfigChange) -> String {
    match change.takes_effect {
        Some(effect) => effect.to_string(),
        None => "with the rollout of this change".to_owned(),
    }
}

/// When running processes use changed rules.
pub fn rules_effect(plan: &DeploymentPlan) -> &'static str {
    if plan.restarts.rules { "with the rollout of this change" } else { "at a live reload" }
}

/// What the comparison of a target's rules says, in one line.
pub fn meaning_line(target: &TargetPlan) -> String {
    let text = match &target.meaning {
        Meaning::Equal => "same decision for every trace (proved)".to_owned(),
        Meaning::Different { differences, are_more, unknown } => {
            let count = differences.len();
            let word = if count == 1 { "difference" } else { "differences" };
            let more = if *are_more { "at least " } else { "" };
            let open =
                if *unknown > 0 { format!(", {}", undecided(*unknown)) } else { String::new() };
            format!("{more}{count} {word}{open}")
        }
        Meaning::Undecided { unknown } => {
            format!("no difference found, but {}", undecided(*unknown))
        }
        Meaning::TooLarge => "unknown: a rule is too large to analyse".to_owned(),
        Meaning::OtherRelease => {
            "unknown: one of the releases evaluates conditions differently".to_owned()
        }
        Meaning::Crash => {
            let exits = [0, 1].map(|side| crash(target, side));
            match exits {
                [Some(why), Some(_)] => {
                    format!("Refinery exits on the first trace, as before: {why}")
                }
                [Some(why), None] => format!("Refinery no longer exits on the first trace ({why})"),
                [None, Some(why)] => format!("Refinery exits on the first trace: {why}"),
                [None, None] => "Refinery exits on the first trace".to_owned(),
            }
        }
    };
    if target.is_new() {
        format!("added, compared with `{}`: {text}", target.decided_by[0])
    } else if target.is_removed() {
        format!("removed, compared with `{}`: {text}", target.decided_by[1])
    } else {
        text
    }
}

fn crash(target: &TargetPlan, side: usize) -> Option<String> {
    target.crashes[side].map(|crash| crash.to_string())
}

fn undecided(unknown: usize) -> String {
    let pairs = if unknown == 1 { "pair of rules" } else { "pairs of rules" };
    format!("{unknown} {pairs} not decided")
}

/// `` `errors` (kept) → `rest` (kept 1 in 50) ``.
pub fn difference_line(difference: &Difference) -> String {
    pair_line(&difference.deciders)
}

pub fn pair_line([old, new]: &[Decider; 2]) -> String {
    let (before, after) = (outcome(old), outcome(new));
    let same = if before == after { ", with different settings" } else { "" };
    if old.name == new.name {
        return format!("{}: {before} → {after}{same}", old.name);
    }
    format!("{} ({before}) → {} ({after}{same})", old.name, new.name)
}

/// What happens to the traces of a decider, without its name if that is a sampler.
fn outcome(decider: &Decider) -> String {
    let text = decider.outcome.to_string();
    let rest = text.strip_prefix(&decider.name).and_then(|rest| rest.strip_prefix(", "));
    rest.map(str::to_owned).unwrap_or(text)
}

/// A trace, as a test of rules has it.
pub fn witness(difference: &Difference) -> String {
    write_example(&difference.witness)
}

/// What recorded traffic shows about a target, in lines.
pub fn traffic_lines(target: &TargetPlan, traffic: &Traffic) -> Vec<String> {
    let all = &traffic.all;
    let mut lines = vec![
        format!(
            "kept {} → {} of {} ({} of {})",
            percent(all.share(all.kept[0])),
            percent(all.share(all.kept[1])),
            counted(all.traces, "trace"),
            arrow(all.kept_events),
            counted(all.events, "event"),
        ),
        format!(
            "flips: {} of the traces ({} kept → dropped, {} dropped → kept)",
            percent(all.share(all.flips())),
            amount(all.lost),
            amount(all.gained)
        ),
    ];
    let [before, after] = traffic.crashes;
    if before + after > 0 {
        lines.push(format!("traces that crash Refinery: {before} → {after}"));
    }
    let [gone, new] = traffic.alone;
    if gone + new > 0 {
        lines.push(format!(
            "traces found only before: {gone}, only after: {new} (different fields for IDs)"
        ));
    }
    if !traffic.missing.is_empty() {
        lines.push(format!("warning: the recording was {}", missing_text(&traffic.missing)));
    }
    let [before, after] = traffic.late;
    if before + after > 0 {
        lines.push(format!("events that arrive after the decision: {before} → {after}"));
    }
    if let Some(per_day) = traffic.per_day() {
        lines.push(format!("events kept per day: {}", arrow(per_day)));
    }
    lines.extend(flip_lines(target, traffic));
    lines
}

/// The flips by the rules that decide, most first.
fn flip_lines(target: &TargetPlan, traffic: &Traffic) -> Vec<String> {
    let flips = traffic.flips();
    let more = flips.len().saturating_sub(MOST);
    let line = |(rules, flow): &([Option<usize>; 2], Flow)| {
        let deciders = [target.decider(0, rules[0]), target.decider(1, rules[1])];
        format!(
            "{}: {} kept → dropped, {} dropped → kept",
            pair_line(&deciders),
            amount(flow.lost),
            amount(flow.gained)
        )
    };
    let mut lines: Vec<String> = flips.iter().take(MOST).map(line).collect();
    if more > 0 {
        let pairs = if more == 1 { "pair of rules" } else { "pairs of rules" };
        lines.push(format!("and {more} more {pairs}"));
    }
    lines
}

/// The events per day or month, and the budget for them.
pub fn volume_line(plan: &DeploymentPlan) -> Option<String> {
    let Some(budget) = plan.budget else {
        let several = plan.targets.iter().filter(|target| target.traffic.is_some()).count() > 1;
        let volume = plan.volume.filter(|_| several)?;
        return Some(format!("events kept per day, all targets: {}", arrow(volume.per_day)));
    };
    let Some(volume) = plan.volume else {
        let has_traffic = plan.targets.iter().any(|target| target.traffic.is_some());
        return has_traffic.then(|| {
            "budget not checked: not all traces have a timestamp; for plain traces, pass `--interval`".to_owned()
        });
    };
    let events = volume.per_day.map(|events| events * budget.per.days());
    let sign = if volume.exceeded().is_some() { "✘ exceeded" } else { "✔" };
    let word = budget.per.word();
    #[expect(clippy::cast_precision_loss, reason = "rounded anyway")]
    let most = amount(budget.events as f64);
    Some(format!("events kept per {word}: {}, budget {most} {sign}", arrow(events)))
}

/// `1.2M → 0.9M`, or one of them if both are the same.
fn arrow([old, new]: [f64; 2]) -> String {
    let (old, new) = (amount(old), amount(new));
    if old == new { old } else { format!("{old} → {new}") }
}

/// A share from 0 to 1.
pub fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    if percent > 0.0 && percent < 0.1 {
        "<0.1%".to_owned()
    } else if percent < 100.0 && percent > 99.9 {
        ">99.9%".to_owned()
    } else {
        format!("{percent:.1}%")
    }
}

/// An expected number, rounded.
pub fn amount(number: f64) -> String {
    const UNITS: [(f64, &str); 3] = [(1e9, "B"), (1e6, "M"), (1e4, "k")];
    if number > 0.0 && number < 0.1 {
        return "<0.1".to_owned();
    }
    let unit = UNITS.iter().find(|(size, _)| number >= *size);
    let (number, suffix) = match unit {
        Some((1e4, suffix)) => (number / 1e3, *suffix),
        Some((size, suffix)) => (number / size, *suffix),
        None => (number, ""),
    };
    let text = if number < 100.0 { format!("{number:.1}") } else { format!("{number:.0}") };
    format!("{}{suffix}", text.strip_suffix(".0").unwrap_or(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_for_people() {
        for (number, text) in [
            (0.0, "0"),
            (0.04, "<0.1"),
            (1.0, "1"),
            (2.34, "2.3"),
            (999.6, "1000"),
            (9999.0, "9999"),
            (12_345.0, "12.3k"),
            (1_200_000.0, "1.2M"),
            (345_000_000.0, "345M"),
            (2e9, "2B"),
        ] {
            assert_eq!(amount(number), text);
        }
    }

    #[test]
    fn shares_are_never_rounded_to_nothing_or_all() {
        for (share, text) in [
            (0.0, "0.0%"),
            (0.0001, "<0.1%"),
            (0.125, "12.5%"),
            (0.9999, ">99.9%"),
            (1.0, "100.0%"),
        ] {
            assert_eq!(percent(share), text);
        }
    }
}
