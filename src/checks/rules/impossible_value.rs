//! A value that a field never holds: of another type, or in another spelling.

use crate::check;
use crate::checks::attributes::{Holds, holds, is_defined, plain_name};
use crate::checks::{CheckContext, ConditionAt};
use crate::diagnostic::Finding;
use crate::engine::Value;
use crate::engine::predicate::Predicate;
use crate::engine::spec::ConditionSpec;

check!(
    IMPOSSIBLE_VALUE,
    "rules/impossible-value",
    Warning,
    "a field is compared with a value that it never holds",
    "In OpenTelemetry spans, `status_code` is a number, `error` is a boolean and `span.kind` is \
     lower case. Without a `Datatype`, only a string equals a string, and case matters.",
    "Use the value that spans have.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep errors
          SampleRate: 1
          Conditions:
            - Field: status_code
              Operator: \"=\"
              Value: ERROR
",
    change: "ERROR" => "2",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    context.conditions().filter_map(report).collect()
}

fn report(condition: ConditionAt) -> Option<Finding> {
    let (field, holds) = condition.fields().find_map(|(_, name)| {
        let holds = holds(plain_name(&name))?;
        Some((name, holds))
    })?;
    let items = items(condition.spec);
    let is_idle =
        |spec: &&ConditionSpec| is_impossible(holds, spec) && !is_spare(holds, spec, &items);
    let impossible = items.iter().find(is_idle)?;
    let wrong = impossible.value.text();
    // What other names hold, only their team knows.
    let is_certain = is_defined(plain_name(&field))
        || is_class(&wrong)
        || milliseconds(&wrong.to_ascii_uppercase()).is_some();
    if !is_certain {
        return None;
    }
    let is_kept_word = holds == Holds::Boolean;
    let written = match &impossible.value {
        Value::Text(_) if is_kept_word => format!("the string `{wrong}`"),
        _ => format!("`{wrong}`"),
    };
    let message = format!("`{field}` never holds {written}");
    let (help, label) = advice(plain_name(&field), holds, &wrong);
    let finding = Finding::new(&IMPOSSIBLE_VALUE, message).help(help);
    Some(finding.at_some(condition.value("Value"), label))
}

/// The condition for each item of its list, or the condition itself.
fn items(spec: &ConditionSpec) -> Vec<ConditionSpec> {
    match &spec.value {
        Value::List(items) if ["in", "not-in"].contains(&spec.operator.as_str()) => {
            let single = |item: &Value| ConditionSpec { value: item.clone(), ..spec.clone() };
            items.iter().map(single).collect()
        }
        _ => vec![spec.clone()],
    }
}

/// Whether the list of an item has the right value, too, as for several conventions.
fn is_spare(holds: Holds, item: &ConditionSpec, items: &[ConditionSpec]) -> bool {
    let text = item.value.text();
    let means_same = |other: &ConditionSpec| {
        let is_same = holds == Holds::Boolean || other.value.text().eq_ignore_ascii_case(&text);
        is_same && !is_impossible(holds, other)
    };
    items.iter().any(means_same)
}

/// Whether the condition has the same result for every value that the field holds.
fn is_impossible(holds: Holds, spec: &ConditionSpec) -> bool {
    use Predicate::{DoesNotContain, Exists, Matches, Never, NotExists, NotIn, Untyped};
    let Ok(predicate) = Predicate::new(spec) else { return false };
    let text = spec.value.text();
    let is_value = matches!(&spec.value, Value::Text(_) | Value::Int(_) | Value::Float(_));
    // Other checks report these.
    let is_ignored_type = matches!(predicate, Untyped(..)) && !spec.datatype.is_empty();
    let is_number_as_string = holds == Holds::Number && text.parse::<f64>().is_ok();
    let is_pattern = matches!(predicate, Matches(_)) && !is_word(&text);
    let is_other = is_pattern || matches!(predicate, Exists | NotExists | Never);
    let is_reference = text.contains("${");
    if !is_value || is_other || is_ignored_type || is_number_as_string || is_reference {
        return false;
    }
    if text.is_empty() || text == "<nil>" || !may_be_wrong(holds, &spec.value) {
        return false;
    }
    let negative = matches!(predicate, NotIn(_) | DoesNotContain(_)) || spec.operator == "!=";
    let mut results = values(holds, &spec.value).into_iter().map(|v| predicate.holds(&v, true));
    let first = results.next().unwrap_or_default();
    (negative || !first) && results.all(|result| result == first)
}

/// Whether a pattern matches a word and nothing else.
fn is_word(pattern: &str) -> bool {
    let word = pattern.trim_start_matches('^').trim_end_matches('$');
    word.contains(char::is_alphabetic) && word.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// Whether the value is certainly none of another convention: older libraries send error messages
/// as `error`, and servers accept methods of their own.
fn may_be_wrong(holds: Holds, value: &Value) -> bool {
    let text = value.text();
    match holds {
        Holds::Boolean => BOOLEANS.iter().any(|word| text.eq_ignore_ascii_case(word)),
        Holds::MostlyOneOf(words) => {
            words.iter().any(|word| *word != text && text.eq_ignore_ascii_case(word))
        }
        Holds::Text => false,
        Holds::Number | Holds::OneOf(_) => true,
    }
}

const BOOLEANS: [&str; 10] = ["true", "false", "yes", "no", "on", "off", "t", "f", "1", "0"];

/// Values that the field may hold, with all that the condition may distinguish.
fn values(holds: Holds, wanted: &Value) -> Vec<Value> {
    let texts = |words: &[&str]| words.iter().map(|word| Value::Text((*word).to_owned())).collect();
    match holds {
        Holds::Boolean => vec![Value::Bool(true), Value::Bool(false)],
        Holds::OneOf(words) | Holds::MostlyOneOf(words) => texts(words),
        Holds::Text => Vec::new(),
        Holds::Number => {
            let digits: String = wanted.text().chars().filter(char::is_ascii_digit).collect();
            let all = (-1..=600).chain(digits.parse::<i32>());
            let whole = all.flat_map(|n| [Value::Int(n.into()), Value::Float(f64::from(n))]);
            whole.chain([Value::Float(0.35)]).collect()
        }
    }
}

/// What to write instead, and what spans have.
fn advice(field: &str, holds: Holds, wrong: &str) -> (String, String) {
    let upper = wrong.to_ascii_uppercase();
    match holds {
        Holds::Boolean => {
            let right = ["TRUE", "YES", "ON", "T", "1"].contains(&upper.as_str());
            (format!("write `Value: {right}` without quotes"), format!("spans have `{right}`"))
        }
        Holds::OneOf(words) | Holds::MostlyOneOf(words) => {
            let right = words.iter().find(|word| upper.ends_with(&word.to_ascii_uppercase()));
            let right = right.copied().unwrap_or_default();
            match right {
                "" => {
                    let all: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
                    (format!("use one of {}", all.join(", ")), "no such value".to_owned())
                }
                _ => (format!("write `Value: {right}`"), format!("spans have `{right}`")),
            }
        }
        Holds::Number | Holds::Text => {
            let label = || "the field holds numbers".to_owned();
            match number(field, &upper) {
                Some(number) => {
                    (format!("write `Value: {number}`"), format!("spans have `{number}`"))
                }
                None if is_class(wrong) => {
                    let first = &wrong[..1];
                    let help = format!("use `Operator: \">=\"` and `Value: {first}00`");
                    (help, label())
                }
                None => ("compare it with a number".to_owned(), label()),
            }
        }
    }
}

/// A class of status codes, such as `5xx`.
fn is_class(text: &str) -> bool {
    let rest = text.strip_prefix(['1', '2', '3', '4', '5']);
    rest.is_some_and(|rest| ["xx", "XX", "**", ".."].contains(&rest))
}

/// The number that a word in upper case stands for.
fn number(field: &str, upper: &str) -> Option<u64> {
    if field.ends_with("grpc.status_code") {
        return GRPC.iter().position(|name| *name == upper).map(|code| code as u64);
    }
    if ["status_code", "status.code"].contains(&field) {
        let word = upper.strip_prefix("STATUS_CODE_").unwrap_or(upper);
        return ["UNSET", "OK", "ERROR"].iter().position(|name| *name == word).map(|n| n as u64);
    }
    if field.ends_with("_ms") { milliseconds(upper) } else { None }
}

/// The milliseconds of a duration such as `2S`.
fn milliseconds(upper: &str) -> Option<u64> {
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let millis = upper.strip_suffix("MS").and_then(number);
    millis.or_else(|| Some(upper.strip_suffix('S').and_then(number)? * 1000))
}

/// The names of gRPC's status codes, by number.
const GRPC: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];
