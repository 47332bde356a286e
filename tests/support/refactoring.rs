//! Changes of rules that keep all decisions.

#![allow(clippy::unnecessary_wraps, reason = "all steps have one signature")]

use super::random_specs::{condition, text};
use crate::chance::Chance;
use refinery_preflight::internals::engine::Value;
use refinery_preflight::internals::engine::spec::{ConditionSpec, RuleSpec, RulesSpec};
use refinery_preflight::internals::proof::Outcome;

type Step = (&'static str, fn(&mut RulesSpec, &mut Chance) -> Option<()>);

const STEPS: [Step; 10] = [
    ("swap rules of one outcome", swap_rules),
    ("reverse conditions", reverse_conditions),
    ("repeat a condition", repeat_condition),
    ("change the scope of one condition", change_scope),
    ("shadow a new rule", shadow_rule),
    ("repeat a rule", repeat_rule),
    ("rewrite an operator", rewrite_operator),
    ("split a list", split_list),
    ("split a rule by a field", split_by_field),
    ("split the rest by the root", split_rest),
];

/// The changed rules and what was changed.
pub fn refactor(spec: &RulesSpec, chance: &mut Chance) -> (RulesSpec, Vec<&'static str>) {
    let (mut changed, mut names) = (spec.clone(), Vec::new());
    for _ in 0..40 {
        let (name, step) = *chance.one_of(&STEPS);
        if step(&mut changed, chance).is_some() {
            names.push(name);
        }
        if names.len() == 4 {
            break;
        }
    }
    (changed, names)
}

fn rule<'s>(spec: &'s mut RulesSpec, chance: &mut Chance) -> (usize, &'s mut RuleSpec) {
    let at = chance.below(spec.rules.len());
    (at, spec.rules[at].as_mut().expect("a rule"))
}

fn conditions(rule: &mut RuleSpec) -> &mut Vec<Option<ConditionSpec>> {
    rule.conditions.as_mut().expect("conditions")
}

fn swap_rules(spec: &mut RulesSpec, chance: &mut Chance) -> Option<()> {
    let at = chance.below(spec.rules.len());
    let pair = spec.rules.get(at..at + 2)?;
    let outcomes = [&pair[0], &pair[1]].map(|rule| Outcome::of(rule.as_ref()));
    (outcomes[0] == outcomes[1]).then(|| spec.rules.swap(at, at + 1))
}

fn reverse_conditions(spec: &mut RulesSpec, chance: &mut Chance) -> Option<()> {
    let (_, rule) = rule(spec, chance);
    conditions(rule).reverse();
    (conditions(rule).len() > 1).then_some(())
}

fn repeat_condition(spec: &mut RulesSpec, chance: &mut Chance) -> Option<()> {
    let (_, rule) = rule(spec, chance);
    let first = conditions(rule).first().cloned()?;
    conditions(rule).push(first);
    Some(())
}

fn change_scope(spec: &mut RulesSpec, chance: &mut Chance) -> Option<()> {
    let (_, rule) = rule(spec, chance);
    let is_alone = conditions(rule).len() == 1;
    // With `Scope: span` it never matches.
    let is_of_root =
        conditions(rule).iter().flatten().any(|condition| condition.operator == "has-root-span");
    let scope = match rule.scope.as_str() {
        "span" if is_alone && !is_of_root => "trace",
        _ if is_alone && !is_of_root => "span",
        "" => "trace",
        "trace" => "",
        _ => return None,
    };
    rule.scope = String::from(scope);
    Some(())
}

fn shadow_rule(spec: &mut RulesSpec, chance: &mut Chance) -> Option<()> {
    let (at, rule) = rule(spec, chance);
    let mut later = rule.clone();
    later.sample_rate = 99;
    if later.scope == "span" || conditions(&mut later).len() == 1 {
        conditions(&mut later).push(Some(condition(chance)));
    }
    spec.rules.insert(at + 1, Some(later));
    Some(())
}

fn repeat_rule(spec: &mut RulesSpec, chance: &mut Chance) -> Option<()> {
    let (at, rule) = rule(spec, chance);
    let mut earlier = rule.clone();
    conditions(&mut earlier).push(Some(condition(chance)));
    spec.rules.insert(at, Some(earlier));
    Some(())
}

/// A string that only strings are formatted as, and that a pattern can contain.
fn is_plain_word(value: &Value) -> bool {
    matches!(value, Value::Text(word) if ["a", "ab", "abc", "b"].contains(&word.as_str()))
}

fn rewrite_operator(spec: &mut RulesSpec, chance: &mut Chance) -> Option<()> {
    let (_, rule) = rule(spec, chance);
    let number = chance.below(conditions(rule).len());
    let condition = conditions(rule)[number].as_mut()?;
    let value = condition.value.clone();
    let list = || Value::List(vec![value.clone()]);
    let is_word = is_plain_word(&value);
    let (operator, value, datatype) =
        match (condition.operator.as_str(), condition.datatype.as_str(), &value) {
            (">=", "int", Value::Int(n)) => (">", Value::Int(n - 1), "int"),
            (">", "int", Value::Int(n)) => (">=", Value::Int(n + 1), "int"),
            ("<", "int", Value::Int(n)) => ("<=", Value::Int(n - 1), "int"),
            ("<=", "int", Value::Int(n)) => ("<", Value::Int(n + 1), "int"),
            ("=", "int", Value::Int(_)) => ("in", list(), "int"),
            ("=", "string", Value::Text(_)) => ("in", list(), ""),
            ("=", "", _) if is_word => ("in", list(), "string"),
            ("!=", "string", Value::Text(_)) => ("not-in", list(), ""),
            ("starts-with", _, Value::Text(word)) if is_word => {
                ("matches", text(&format!("^{word}")), "")
            }
            ("contains", _, _) if is_word => ("matches", value.clone(), ""),
            _ => return None,
        };
    (condition.operator, condition.value) = (operator.to_owned(), value);
    datatype.clone_into(&mut condition.datatype);
    Some(())
}

/// A rule with `in` becomes a rule for each item.
fn split_list(spec: &mut RulesSpec, chance: &mut Chance) -> Option<()> {
    let (at, rule) = rule(spec, chance);
    let found = conditions(rule).iter().flatten().position(|condition| {
        condition.operator == "in" && matches!(&condition.value, Value::List(_))
    })?;
    let rule = rule.clone();
    let Value::List(items) = &rule.conditions.as_ref()?[found].as_ref()?.value else { return None };
    let single = |item: &Value| {
        let mut single = rule.clone();
        let condition = conditions(&mut single)[found].as_mut().expect("a condition");
        condition.value = Value::List(vec![item.clone()]);
        Some(single)
    };
    let rules: Vec<_> = items.iter().map(single).collect();
    spec.rules.splice(at..=at, rules);
    Some(())
}

/// A rule about one span becomes one for spans with a field, and one for spans without it.
fn split_by_field(spec: &mut RulesSpec, chance: &mut Chance) -> Option<()> {
    let (at, rule) = rule(spec, chance);
    if rule.scope != "span" {
        return None;
    }
    let mut other = rule.clone();
    for (rule, operator) in [(&mut *rule, "exists"), (&mut other, "not-exists")] {
        let (field, operator) = ("b".to_owned(), operator.to_owned());
        let exists = ConditionSpec { field, operator, ..ConditionSpec::default() };
        conditions(rule).push(Some(exists));
    }
    spec.rules.insert(at, Some(other));
    Some(())
}

/// Traces that no rule matches are kept; two rules at the end say so.
fn split_rest(spec: &mut RulesSpec, _: &mut Chance) -> Option<()> {
    for value in [true, false] {
        let root = ConditionSpec {
            operator: "has-root-span".to_owned(),
            value: Value::Bool(value),
            ..ConditionSpec::default()
        };
        spec.rules.push(Some(RuleSpec {
            sample_rate: 1,
            conditions: Some(vec![Some(root)]),
            ..RuleSpec::default()
        }));
    }
    Some(())
}
