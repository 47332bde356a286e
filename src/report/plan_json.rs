//! A plan in JSON, as specified by `schemas/plan.schema.json`.
//!
//! Any change that could break a reader needs a new version.

use super::effective::to_json;
use super::json::text;
use crate::plan::{
    ConfigChange, Decider, DeploymentPlan, Difference, Flow, Meaning, Plan, Presence, Refused,
    STEPS, TargetPlan, Traffic, Unpaired, Volume,
};
use crate::rehearse::trace_text::trace_json;
use crate::schema::{Kind, TakesEffect};
use crate::syntax::Item;
use crate::traces::MissingData;
use crate::verdict::Verdict;
use serde_json::{Map, Value as Json, json};

/// The version of the format.
const VERSION: u32 = 1;

pub fn render(plan: &Plan) -> String {
    let deployments: Vec<Json> = plan.deployments.iter().map(deployment).collect();
    text(&json!({
        "version": VERSION,
        "tool": { "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") },
        "deployments": deployments,
        "summary": { "unchecked": plan.unchecked, "blocked": plan.is_blocked() },
    }))
}

fn deployment(plan: &DeploymentPlan) -> Json {
    let presence = match plan.presence {
        Presence::Both => "both",
        Presence::Added => "added",
        Presence::Removed => "removed",
    };
    let refused = plan.refused.map(|refused| match refused {
        Refused::Old => "old-refused",
        Refused::New => "new-refused",
        Refused::Both => "both-refused",
    });
    let [old, new] = plan.verdicts.each_ref().map(|v| v.as_ref().map(verdict));
    json!({
        "config": plan.config,
        "rules": plan.rules,
        "presence": presence,
        "old": old,
        "new": new,
        "not_compared": refused,
        "unpaired": plan.unpaired.iter().copied().map(unpaired).collect::<Vec<_>>(),
        "config_changes": plan.changes.iter().map(change).collect::<Vec<_>>(),
        "rules_take_effect": if plan.restarts.rules { "rollout" } else { "live-reload" },
        "targets": plan.targets.iter().map(target).collect::<Vec<_>>(),
        "volume": plan.volume.map(volume),
        "failures": plan.failures,
        "blocked": plan.is_blocked(),
    })
}

fn unpaired(unpaired: Unpaired) -> Json {
    let kind = match unpaired.kind {
        Kind::Config => "config",
        Kind::Rules => "rules",
    };
    json!({ "kind": kind, "only_in": if unpaired.is_new { "new" } else { "old" } })
}

fn verdict(verdict: &Verdict) -> Json {
    let traces = verdict.first_trace.iter();
    let first_trace: Map<String, Json> =
        traces.map(|(name, answer)| (name.clone(), json!(answer.word()))).collect();
    json!({
        "release": verdict.release,
        "start_up": verdict.start_up.word(),
        "live_reload": verdict.live_reload.word(),
        "first_trace": first_trace,
    })
}

fn change(change: &ConfigChange) -> Json {
    let value = |item: &Option<Item>| match item {
        None => Json::Null,
        Some(_) if change.is_secret => json!("********"),
        Some(item) => to_json(item),
    };
    let when = match change.takes_effect {
        None => "rollout",
        Some(TakesEffect::AtReload { .. }) => "live-reload",
        Some(TakesEffect::AtRestart { .. }) => "restart",
        Some(TakesEffect::Never) => "never",
    };
    json!({
        "key": change.key,
        "old": value(&change.old),
        "new": value(&change.new),
        "takes_effect": when,
    })
}

fn target(target: &TargetPlan) -> Json {
    let (verdict, differences, are_more, unknown) = match &target.meaning {
        Meaning::Equal => ("equal", &[][..], false, 0),
        Meaning::Different { differences, are_more, unknown } => {
            ("different", &differences[..], *are_more, *unknown)
        }
        Meaning::Undecided { unknown } => ("unknown", &[][..], false, *unknown),
        Meaning::TooLarge | Meaning::OtherRelease => ("unknown", &[][..], false, 0),
        Meaning::Crash => ("crash", &[][..], false, 0),
    };
    let presence = match (target.is_new(), target.is_removed()) {
        (true, _) => "added",
        (_, true) => "removed",
        _ => "both",
    };
    let reason = match &target.meaning {
        Meaning::TooLarge => Some("rule-too-large"),
        Meaning::OtherRelease => Some("other-release"),
        Meaning::Undecided { .. } => Some("budget"),
        Meaning::Different { unknown, .. } if *unknown > 0 => Some("budget"),
        _ => None,
    };
    json!({
        "name": target.name,
        "presence": presence,
        "rules": verdict,
        "differences": differences.iter().map(difference).collect::<Vec<_>>(),
        "more_differences": are_more,
        "unknown": { "reason": reason, "pairs": unknown, "steps": STEPS },
        "traffic": target.traffic.as_ref().map(|found| traffic(target, found)),
    })
}

fn difference(difference: &Difference) -> Json {
    let [old, new] = difference.deciders.each_ref().map(decider);
    json!({ "old": old, "new": new, "trace": trace_json(&difference.witness) })
}

fn decider(decider: &Decider) -> Json {
    json!({
        "rule": decider.rule.map(|number| number + 1),
        "name": decider.name.trim_matches('`'),
        "outcome": decider.outcome.word(),
        "text": decider.outcome.to_string(),
    })
}

fn traffic(target: &TargetPlan, traffic: &Traffic) -> Json {
    let by_rules = traffic.by_rules.iter().map(|(rules, sum)| {
        let mut json = flow(sum);
        json["old"] = decider(&target.decider(0, rules[0]));
        json["new"] = decider(&target.decider(1, rules[1]));
        json
    });
    let per_day = traffic.per_day();
    json!({
        "all": flow(&traffic.all),
        "by_rules": by_rules.collect::<Vec<_>>(),
        "crashes": sides(&traffic.crashes),
        "alone": sides(&traffic.alone),
        "late_events": sides(&traffic.late),
        "missing_data": traffic.missing.iter().map(missing).collect::<Vec<_>>(),
        "seconds": traffic.duration.map(seconds),
        "events_per_day": per_day.map(|per_day| sides(&per_day)),
    })
}

fn missing(missing: &MissingData) -> Json {
    json!({ "field": missing.field, "why": missing.why.word() })
}

#[expect(clippy::cast_precision_loss, reason = "seconds with a fraction")]
fn seconds(nanoseconds: i64) -> f64 {
    nanoseconds as f64 / 1e9
}

fn flow(flow: &Flow) -> Json {
    json!({
        "traces": flow.traces,
        "events": flow.events,
        "kept_traces": sides(&flow.kept),
        "kept_events": sides(&flow.kept_events),
        "lost": flow.lost,
        "gained": flow.gained,
    })
}

fn volume(volume: Volume) -> Json {
    let budget = volume.budget.map(|budget| {
        json!({
            "events": budget.events,
            "per": budget.per.word(),
            "exceeded": volume.exceeded().is_some(),
        })
    });
    json!({ "events_per_day": sides(&volume.per_day), "budget": budget })
}

fn sides<T: serde::Serialize>([old, new]: &[T; 2]) -> Json {
    json!({ "old": old, "new": new })
}
