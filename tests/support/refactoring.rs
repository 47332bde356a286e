//! Changes of rules that keep all decisions.

#![allow(clippy::unnecessary_wraps, reason = "all steps have one signature")]

use super::random_specs::{condition, text};
use crate::chance::Chance;
use refinery_preflight::internals::engine::Value;
use refinery_preflight::internals::engine::spec::{ConditionSpec, RuleSpec, RulesSpec};
use refinery_preflight::internals::proof::Outcome;

type Step = (&'static str, fn(&mut RulesSpec, &mut Chance) -> Option<()>);

const STEPS: [Step; 16] = [
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
    ("split a rule by the trace", split_by_trace),
    ("split a range", split_range),
    ("split a negative list", split_negative_list),
    ("shuffle a list", shuffle_list),
    ("add an implied condition", add_implied),
    ("insert a contradictory rule", insert_contradictory),
];

/// Pairs of conditions of which every trace, or every span, satisfies exactly one.
fn opposites(chance: &mut Chance, of_trace: bool) -> [ConditionSpec; 2] {
    let field = *chance.one_of(if of_trace { &["root.a", "root.b"] } else { &["b", "a"] });
    let both = |field: &str, operators: [&str; 2], value: Value, datatype: &str| {
        operators.map(|operator| ConditionSpec {
            field: field.to_owned(),
            operator: operator.to_owned(),
            value: value.clone(),
            datatype: datatype.to_owned(),
            ..ConditionSpec::default()
        })
    };
    let list = || Value::List(vec![text("a"), text("5"), Value::Int(6)]);
    match chance.below(if of_trace { 7 } else { 5 }) {
        0 => both(field, ["exists", "not-exists"], Value::Null, ""),
        1 => both(field, ["contains", "does-not-contain"], text("a"), ""),
        2 => both(field, ["in", "not-in"], list(), chance.one_of::<&str>(&["", "int", "float"])),
        3 => both(field, ["=", "!="], text("5"), "string"),
        4 => both(field, ["<", ">="], text("b"), "string"),
        5 => both("?.NUM_DESCENDANTS", ["<", ">="], Value::Int(3), ""),
        _ => [true, false].map(|value| ConditionSpec {
            operator: "has-root-span".to_owned(),
            value: Value::Bool(value),
            ..ConditionSpec::default()
        }),
    }
}

/// Rules of which two adjacent ones exclude each other, and the same rules with these two swapped.
pub fn swap_separate(spec: &RulesSpec, chance: &mut Chance) -> [RulesSpec; 2] {
    let mut one = RulesSpec { check_nested_fields: false, ..spec.clone() };
    let at = chance.below(one.rules.len() - 1);
    let separated = opposites(chance, true);
    for (rule, condition) in one.rules[at..at + 2].iter_mut().flatten().zip(separated) {
        "trace".clone_into(&mut rule.scope);
        conditions(rule).push(Some(condition));
    }
    let mut other = one.clone();
    other.rules.swap(at, at + 1);
    [one, other]
}

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
    rule.conditions.get_or_insert_default()
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
        "trace" | "" if is_alone && !is_of_root => "span",
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

/// With both keys, a condition is compared without its type.
fn is_unprepared(condition: &ConditionSpec) -> bool {
    !condition.field.is_empty() && !condition.fields.is_empty()
}

fn rewrite_operator(spec: &mut RulesSpec, chance: &mut Chance) -> Option<()> {
    let (_, rule) = rule(spec, chance);
    let number = chance.below(conditions(rule).len());
    let condition = conditions(rule).get_mut(number)?.as_mut()?;
    if is_unprepared(condition) {
        return None;
    }
    let value = condition.value.clone();
    let list = || Value::List(vec![value.clone()]);
    let is_word = is_plain_word(&value);
    let (operator, value, datatype) =
        match (condition.operator.as_str(), condition.datatype.as_str(), &value) {
            (">=", "int", Value::Int(n)) => (">", Value::Int(n.checked_sub(1)?), "int"),
            (">", "int", Value::Int(n)) => (">=", Value::Int(n.checked_add(1)?), "int"),
            ("<", "int", Value::Int(n)) => ("<=", Value::Int(n.checked_sub(1)?), "int"),
            ("<=", "int", Value::Int(n)) => ("<", Value::Int(n.checked_add(1)?), "int"),
            ("=", "int", Value::Int(_)) => ("in", list(), "int"),
            ("=", "string", Value::Text(_)) => ("in", list(), ""),
            ("=", "", _) if is_word => ("in", list(), "string"),
            ("!=", "string", Value::Text(_)) => ("not-in", list(), ""),
            ("starts-with", _, Value::Text(word)) if is_word => {
                ("matches", text(&format!("^{word}")), "")
            }
            ("contains", _, _) if is_word => ("matches", value.clone(), ""),
            ("=", "bool", Value::Bool(wanted)) => ("!=", Value::Bool(!wanted), "bool"),
            ("!=", "bool", Value::Bool(wanted)) => ("=", Value::Bool(!wanted), "bool"),
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
    if items.is_empty() {
        return None;
    }
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
    for (rule, condition) in [&mut *rule, &mut other].into_iter().zip(opposites(chance, false)) {
        conditions(rule).push(Some(condition));
    }
    spec.rules.insert(at, Some(other));
    Some(())
}

/// A rule becomes one for traces of one kind, and one for all others.
fn split_by_trace(spec: &mut RulesSpec, chance: &mut Chance) -> Option<()> {
    let nested = spec.check_nested_fields;
    let (at, rule) = rule(spec, chance);
    let mut other = rule.clone();
    let separated = opposites(chance, true);
    // A field of the root is tested in each span, which may have it as a nested one.
    let is_of_span = nested && separated[0].field.starts_with("root.");
    if !["trace", ""].contains(&rule.scope.as_str()) || is_of_span {
        return None;
    }
    for (rule, condition) in [&mut *rule, &mut other].into_iter().zip(separated) {
        conditions(rule).push(Some(condition));
    }
    spec.rules.insert(at, Some(other));
    Some(())
}

/// The first condition of a rule with an operator and a type.
fn find(rule: &mut RuleSpec, operators: &[&str], datatype: Option<&str>) -> Option<usize> {
    let is_it = |condition: &ConditionSpec| {
        operators.contains(&condition.operator.as_str())
            && datatype.is_none_or(|datatype| condition.datatype == datatype)
            && !is_unprepared(condition)
    };
    conditions(rule).iter().flatten().position(is_it)
}

/// `>=` becomes a rule with `=` and one with `>`.
fn split_range(spec: &mut RulesSpec, chance: &mut Chance) -> Option<()> {
    let datatype = *chance.one_of(&["int", "string"]);
    let (at, rule) = rule(spec, chance);
    let found = find(rule, &[">=", "<="], Some(datatype))?;
    let mut other = rule.clone();
    let of = |rule: &mut RuleSpec, operator: &str| {
        let condition = conditions(rule)[found].as_mut().expect("a condition");
        operator.clone_into(&mut condition.operator);
    };
    let strict = conditions(rule)[found].as_ref()?.operator.replace('=', "");
    of(rule, &strict);
    of(&mut other, "=");
    spec.rules.insert(at, Some(other));
    Some(())
}

/// `not-in` of one span becomes a condition for each item.
fn split_negative_list(spec: &mut RulesSpec, chance: &mut Chance) -> Option<()> {
    let (_, rule) = rule(spec, chance);
    let found = find(rule, &["not-in"], None).filter(|_| rule.scope == "span")?;
    let condition = conditions(rule)[found].clone()?;
    let Value::List(items) = &condition.value else { return None };
    let single = |item: &Value| {
        Some(ConditionSpec { value: Value::List(vec![item.clone()]), ..condition.clone() })
    };
    let single: Vec<_> = items.iter().map(single).collect();
    (!items.is_empty()).then(|| drop(conditions(rule).splice(found..=found, single)))
}

fn shuffle_list(spec: &mut RulesSpec, chance: &mut Chance) -> Option<()> {
    let (_, rule) = rule(spec, chance);
    let found = find(rule, &["in", "not-in"], None)?;
    let Value::List(items) = &mut conditions(rule)[found].as_mut()?.value else { return None };
    items.reverse();
    items.push(items.first()?.clone());
    Some(())
}

/// Comparisons imply that the field exists, a prefix that it is contained.
fn add_implied(spec: &mut RulesSpec, chance: &mut Chance) -> Option<()> {
    let (_, rule) = rule(spec, chance);
    let datatype = *chance.one_of(&["", "int", "float", "bool"]);
    let compared = find(rule, &["=", "!=", "<", ">="], Some(datatype));
    let (found, operator) = match compared {
        Some(found) => (found, "exists"),
        None => (find(rule, &["starts-with"], None)?, "contains"),
    };
    let condition = conditions(rule)[found].clone()?;
    conditions(rule).push(Some(ConditionSpec { operator: operator.to_owned(), ..condition }));
    Some(())
}

fn insert_contradictory(spec: &mut RulesSpec, chance: &mut Chance) -> Option<()> {
    let at = chance.below(spec.rules.len());
    let more = opposites(chance, false).into_iter().map(Some);
    let conditions = std::iter::once(Some(condition(chance))).chain(more).collect();
    let contradictory = RuleSpec {
        sample_rate: 98,
        scope: "span".to_owned(),
        conditions: Some(conditions),
        ..RuleSpec::default()
    };
    spec.rules.insert(at, Some(contradictory));
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
