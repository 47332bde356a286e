//! Conditions on traces, for statements about all traces that meet them.
//!
//! A condition is written like in the rules: an operator and a value, or a value to equal. An
//! integer only matches values that Refinery compares the same with and without `Datatype: int`: no
//! strings, and no numbers beyond 64 bits.

use crate::engine::Value;
use crate::engine::predicate::Predicate;
use crate::engine::spec::{ConditionSpec, RuleSpec};
use crate::rehearse::specs::engine_value;
use crate::span::FileId;
use crate::syntax::{DataFormat, Item, Value as Written, parse, read_document};

/// A rule that matches what is described, and whether traces must not match it.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    pub rule: RuleSpec,
    pub is_excluded: bool,
}

impl Pattern {
    /// A pattern of fields with their conditions under a key: `any-span`, `no-span` or `root`.
    pub fn new(key: &str, fields: Vec<(String, Vec<ConditionSpec>)>) -> Self {
        let is_of_root = key == "root";
        let named = fields.into_iter().flat_map(|(field, conditions)| {
            let field = if is_of_root { format!("root.{field}") } else { field };
            conditions.into_iter().map(move |c| ConditionSpec { field: field.clone(), ..c })
        });
        let has_root = ConditionSpec {
            operator: "has-root-span".to_owned(),
            value: Value::Bool(true),
            ..ConditionSpec::default()
        };
        let conditions = named.chain(is_of_root.then_some(has_root)).map(Some).collect();
        let scope = if is_of_root { "trace" } else { "span" }.to_owned();
        let rule = RuleSpec { scope, conditions: Some(conditions), ..RuleSpec::default() };
        Self { rule, is_excluded: key == "no-span" }
    }
}

/// Reads a condition on a field.
///
/// # Errors
/// It is not a condition; says what is wrong.
pub fn read_condition(item: &Item) -> Result<Vec<ConditionSpec>, String> {
    match &item.value {
        Written::Text(text) => read_text(text),
        Written::Bool(_) | Written::Int(_) | Written::Float(_) => {
            Ok(with("=", &engine_value(item)))
        }
        other => Err(format!("expected a condition, found {}", noun(other))),
    }
}

fn noun(value: &Written) -> &'static str {
    match value {
        Written::Null => "nothing",
        other => other.noun(),
    }
}

fn read_text(text: &str) -> Result<Vec<ConditionSpec>, String> {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    let rest = rest.trim();
    if !is_operator(word) {
        if word.starts_with(['=', '<', '>', '!', '~']) {
            return Err(format!("unknown operator `{word}`"));
        }
        return Ok(with("=", &Value::Text(text.to_owned())));
    }
    if ["exists", "not-exists"].contains(&word) {
        let is_alone = rest.is_empty();
        return if is_alone {
            Ok(with(word, &Value::Null))
        } else {
            Err(format!("`{word}` takes no value"))
        };
    }
    if rest.is_empty() {
        return Err(format!("`{word}` needs a value"));
    }
    let parsed = parse(FileId(0), DataFormat::Yaml, &format!("value: {rest}")).tree;
    let document = parsed.map(|tree| read_document(&tree).0);
    let value = document.as_ref().and_then(|item| item.get("value")).map(engine_value);
    match value {
        // Such as `a: b`, which is not a single value.
        Some(Value::Map(_)) | None => Ok(with(word, &Value::Text(rest.to_owned()))),
        Some(value) => Ok(with(word, &value)),
    }
}

/// Whether it is an operator on a field.
fn is_operator(word: &str) -> bool {
    let value = Value::Text("x".to_owned());
    let spec = ConditionSpec { operator: word.to_owned(), value, ..ConditionSpec::default() };
    !matches!(Predicate::new(&spec), Ok(Predicate::Never))
}

fn with(operator: &str, value: &Value) -> Vec<ConditionSpec> {
    let is_comparison = operator.contains(['=', '<', '>']);
    let plain = ConditionSpec {
        operator: operator.to_owned(),
        value: value.clone(),
        ..ConditionSpec::default()
    };
    let is_whole = is_comparison && matches!(value, Value::Int(_));
    let as_int = ConditionSpec { datatype: "int".to_owned(), ..plain.clone() };
    [plain].into_iter().chain(is_whole.then_some(as_int)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(String, Value)>, String> {
        let item = Item::new(Written::Text(text.to_owned()), None);
        let conditions = read_condition(&item)?;
        Ok(conditions.into_iter().map(|c| (c.operator, c.value)).collect())
    }

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn reads_operators_and_values() {
        for (written, operator, value) in [
            ("= checkout", "=", text("checkout")),
            ("checkout", "=", text("checkout")),
            ("checkout = 5", "=", text("checkout = 5")),
            ("= \"5\"", "=", text("5")),
            ("> 0.5", ">", Value::Float(0.5)),
            ("= true", "=", Value::Bool(true)),
            ("exists", "exists", Value::Null),
            ("starts-with /health", "starts-with", text("/health")),
            ("in [a, b]", "in", Value::List(vec![text("a"), text("b")])),
            ("contains a: b", "contains", text("a: b")),
        ] {
            assert_eq!(read(written), Ok(vec![(operator.to_owned(), value)]), "{written}");
        }
        assert_eq!(read(">= 500").map(|conditions| conditions.len()), Ok(2));
    }

    #[test]
    fn reports_invalid_conditions() {
        for (written, fault) in [
            ("== 5", "unknown operator `==`"),
            ("=>", "unknown operator `=>`"),
            (">=", "`>=` needs a value"),
            ("exists 5", "`exists` takes no value"),
        ] {
            assert_eq!(read(written), Err(fault.to_owned()), "{written}");
        }
        let null = Item::new(Written::Null, None);
        assert_eq!(read_condition(&null), Err("expected a condition, found nothing".to_owned()));
    }
}
