//! A rule whose name contradicts its conditions.

use crate::check;
use crate::checks::attributes::{Holds, METHODS, holds, is_conventional, is_defined, plain_name};
use crate::checks::words::words;
use crate::checks::{CheckContext, ConditionAt, RuleAt};
use crate::diagnostic::Finding;
use crate::engine::Value;
use crate::engine::convert::to_float;
use crate::engine::predicate::Predicate;
use std::collections::BTreeMap;

check!(
    NAME_CONTRADICTS_CONDITIONS,
    "rules/name-contradicts-conditions",
    Warning,
    "a rule's name contradicts its conditions",
    "The name has no effect on sampling: only the conditions decide which traces a rule matches.",
    "Correct the name or the conditions.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: keep 5xx
          SampleRate: 1
          Conditions:
            - Field: http.response.status_code
              Operator: \">=\"
              Value: 400
              Datatype: int
        - Name: sample the rest
          SampleRate: 10
",
    change: "Value: 400" => "Value: 500",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let rules = context.rules().filter(|rule| rule.conditions().next().is_some());
    rules.filter_map(|rule| report(rule, problem(rule)?)).collect()
}

fn report(rule: RuleAt, problem: String) -> Option<Finding> {
    let first = rule.conditions().next()?;
    Some(
        Finding::new(&NAME_CONTRADICTS_CONDITIONS, problem)
            .help("correct the name or the conditions")
            .at_some(rule.span(), "the name")
            .at_some(first.span(), "the conditions"),
    )
}

fn problem(rule: RuleAt) -> Option<String> {
    let name = rule.spec.name.as_str();
    untested_field(rule, name)
        .or_else(|| other_status(rule, name))
        .or_else(|| other_duration(rule, name))
        .or_else(|| other_code(rule, name))
        .or_else(|| other_method(rule, name))
        .or_else(|| no_errors(rule, name))
        .or_else(|| only_fast(rule, name))
        .or_else(|| unrelated(rule, name))
}

/// The name mentions a well-known field that the rule does not use.
fn untested_field(rule: RuleAt, name: &str) -> Option<String> {
    let is_end = |c: char| c.is_whitespace() || ['`', '\'', '"', '(', ')', ',', ':'].contains(&c);
    let mut mentioned = name.split(is_end).map(plain_name);
    let tested: Vec<String> = rule.conditions().flat_map(|c| c.fields().map(|f| f.1)).collect();
    let sampler = rule.sampler();
    let keys = sampler.iter().flat_map(|sampler| sampler.spec.sampling_fields());
    let used: Vec<&str> = tested.iter().chain(keys).map(|name| plain_name(name)).collect();
    let is_field = |word: &&str| word.contains(['.', '_']) && is_defined(word);
    let field = mentioned.find(|word| is_field(word) && !used.contains(word))?;
    Some(format!("{} does not test `{field}`, which its name mentions", rule.name()))
}

/// The name mentions a class of status codes, and the conditions test another one.
fn other_status(rule: RuleAt, name: &str) -> Option<String> {
    let classes: Vec<u32> = name.split(|c: char| !c.is_alphanumeric()).filter_map(class).collect();
    let tested = constants(rule, "status_code");
    let is_of = |class: u32, (operator, n): &(&str, f64)| {
        let first = f64::from(class * 100);
        let (low, high) = match *operator {
            ">" => (first - 1.0, first + 99.0),
            "<" => (first + 1.0, first + 100.0),
            _ => (first, first + 99.0),
        };
        (low..=high).contains(n)
    };
    let fits = classes.iter().any(|class| tested.iter().any(|pair| is_of(*class, pair)));
    let patterns: Vec<_> = rule
        .conditions()
        .filter(|condition| {
            is_status(condition) && condition.has_operator(&["matches", "starts-with"])
        })
        .filter_map(|condition| Predicate::new(condition.spec).ok())
        .collect();
    let is_matched = |class: &u32| {
        let mut codes = (0..100).map(|rest| Value::Int(i64::from(class * 100 + rest)));
        codes.any(|code| patterns.iter().any(|test| test.holds(&code, true)))
    };
    let is_tested = !tested.is_empty() || !patterns.is_empty();
    let fits = fits || classes.iter().any(is_matched);
    let class = classes.first().filter(|_| !fits && is_tested)?;
    Some(format!("the name of {} mentions {class}xx, but it tests others", rule.name()))
}

/// The first digit of a word such as `5xx` or `500s`.
fn class(word: &str) -> Option<u32> {
    let word = word.to_ascii_lowercase();
    let (first, rest) = word.split_at_checked(1)?;
    let is_class = ["xx", "xxs", "00s"].contains(&rest);
    first.parse().ok().filter(|class| is_class && (1..=5).contains(class))
}

/// The name mentions one duration, and the conditions test another one.
fn other_duration(rule: RuleAt, name: &str) -> Option<String> {
    let lower = name.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !(c.is_alphanumeric() || c == '.'))
        .filter(|w| !w.is_empty())
        .collect();
    let joined = words.iter().filter_map(|word| {
        let end = word.find(char::is_alphabetic)?;
        milliseconds(&word[..end], &word[end..])
    });
    let separate = words.windows(2).filter_map(|pair| milliseconds(pair[0], pair[1]));
    let said: Vec<f64> = joined.chain(separate).collect();
    let tested = constants(rule, "duration_ms");
    let [said] = said.as_slice() else { return None };
    let is_tested = tested.iter().any(|(_, n)| (n - said).abs() <= 1.0);
    (!is_tested && !tested.is_empty()).then(|| {
        format!("the name of {} mentions {said} ms, but it tests another duration", rule.name())
    })
}

/// The name is about errors, and the conditions only match what is none.
fn no_errors(rule: RuleAt, name: &str) -> Option<String> {
    if !mentions(name, &ERRORS) || is_negated(name) {
        return None;
    }
    let mut tests: BTreeMap<String, Vec<Predicate>> = BTreeMap::new();
    for condition in rule.conditions() {
        let (_, field) = condition.fields().next()?;
        let field = plain_name(&field).to_owned();
        tests.entry(field).or_default().push(Predicate::new(condition.spec).ok()?);
    }
    let excludes = |(field, tests): (&String, &Vec<Predicate>)| {
        let (errors, others) = results(field)?;
        let is_possible = |value: &Value| tests.iter().all(|test| test.holds(value, true));
        let may_be_missing = tests.iter().all(|test| test.holds(&Value::Null, false));
        let has_others = others.iter().any(is_possible) || may_be_missing;
        Some(has_others && !errors.iter().any(is_possible))
    };
    let excludes = tests.iter().all(|field| excludes(field) == Some(true));
    excludes.then(|| format!("the name of {} mentions errors, but it excludes them", rule.name()))
}

/// Values by which a field says that there is an error, and others.
fn results(field: &str) -> Option<(Vec<Value>, Vec<Value>)> {
    let numbers = |range: std::ops::RangeInclusive<i64>| range.map(Value::Int).collect::<Vec<_>>();
    Some(match field {
        "error" => (vec![Value::Bool(true)], vec![Value::Bool(false)]),
        "status_code" => (numbers(2..=2), numbers(0..=1)),
        "rpc.grpc.status_code" => (numbers(1..=16), numbers(0..=0)),
        field if HTTP_STATUS.contains(&field) => (numbers(400..=599), numbers(100..=399)),
        _ => return None,
    })
}

/// The name is about slow traces, and the conditions only have an upper limit.
fn only_fast(rule: RuleAt, name: &str) -> Option<String> {
    let is_about = mentions(name, &SLOW) && !is_negated(name);
    let is_duration = |condition: &ConditionAt| {
        condition.fields().any(|(_, field)| plain_name(&field) == "duration_ms")
    };
    let mut durations = rule.conditions().filter(is_duration).peekable();
    durations.peek()?;
    let is_fast = is_about && durations.all(|condition| condition.has_operator(&["<", "<="]));
    is_fast
        .then(|| format!("the name of {} mentions slow traces, but it excludes them", rule.name()))
}

/// The name mentions a method of HTTP, and the conditions test others.
fn other_method(rule: RuleAt, name: &str) -> Option<String> {
    let said: Vec<&str> =
        name.split(|c: char| !c.is_alphanumeric()).filter(|word| METHODS.contains(word)).collect();
    let first = said.first()?;
    let tests: Vec<_> = rule
        .conditions()
        .filter(|condition| {
            let is_method = |name: &str| ["http.method", "http.request.method"].contains(&name);
            condition.fields().any(|(_, field)| is_method(plain_name(&field)))
                && condition.has_operator(&["=", "in", "matches", "starts-with"])
        })
        .collect();
    let is_tested = |method: &str| {
        let value = Value::Text(method.to_owned());
        tests.iter().any(|condition| {
            Predicate::new(condition.spec).is_ok_and(|test| test.holds(&value, true))
        })
    };
    (!tests.is_empty() && !said.iter().any(|method| is_tested(method)))
        .then(|| format!("the name of {} mentions `{first}`, but it tests others", rule.name()))
}

/// The name mentions one status code, and the conditions list others.
fn other_code(rule: RuleAt, name: &str) -> Option<String> {
    let codes: Vec<i64> = name
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.len() == 3)
        .filter_map(|word| word.parse().ok())
        .filter(|code| (100..=599).contains(code))
        .collect();
    let code = codes.first()?;
    let lists: Vec<_> = rule
        .conditions()
        .filter(|condition| is_status(condition) && condition.has_operator(&["=", "in"]))
        .filter_map(|condition| Predicate::new(condition.spec).ok())
        .collect();
    let is_listed = |code: &i64| {
        let values = [Value::Int(*code), Value::Text(code.to_string())];
        lists.iter().any(|test| values.iter().any(|value| test.holds(value, true)))
    };
    (!lists.is_empty() && !codes.iter().any(is_listed))
        .then(|| format!("the name of {} mentions {code}, but it tests others", rule.name()))
}

fn is_status(condition: &ConditionAt) -> bool {
    condition.fields().any(|(_, field)| HTTP_STATUS.contains(&plain_name(&field)))
}

/// The name is about errors or slow traces, and no condition is.
fn unrelated(rule: RuleAt, name: &str) -> Option<String> {
    let tested: Vec<String> = rule
        .conditions()
        .flat_map(|condition| {
            let value = condition.spec.value.text().into_owned();
            condition.fields().map(|field| field.1).chain([value])
        })
        .map(|text| text.to_lowercase())
        .collect();
    // What fields of an application are about, only their team knows.
    let fields = || rule.conditions().flat_map(|condition| condition.fields().map(|field| field.1));
    if !fields().all(|field| is_conventional(plain_name(&field))) {
        return None;
    }
    // Another rule may be about the other half of the name.
    if mentions(name, &["and", "or"]) {
        return None;
    }
    let tests = |signs: &[&str]| tested.iter().any(|text| signs.iter().any(|s| text.contains(s)));
    let subject = match () {
        () if is_negated(name) => None,
        () if mentions(name, &ERRORS) && !tests(&OF_ERRORS) => Some("errors"),
        () if mentions(name, &SLOW) && !tests(&OF_DURATIONS) => Some("slow traces"),
        () => None,
    };
    let subject = subject?;
    Some(format!("the name of {} mentions {subject}, but no condition tests that", rule.name()))
}

const HTTP_STATUS: [&str; 3] =
    ["http.status_code", "http.response.status_code", "response.status_code"];
const ERRORS: [&str; 4] = ["error", "errors", "exceptions", "failures"];
const SLOW: [&str; 2] = ["slow", "slowest"];

/// Parts of the fields and values by which rules find errors.
const OF_ERRORS: [&str; 24] = [
    "err",
    "exception",
    "fail",
    "status",
    "code",
    "level",
    "severity",
    "fault",
    "panic",
    "outcome",
    "result",
    "response",
    "crash",
    "timeout",
    "abort",
    "fatal",
    "critical",
    "unavailable",
    "reject",
    "denied",
    "retry",
    "event",
    "num_events",
    "success",
];

/// Parts of the fields and values by which rules find slow traces.
const OF_DURATIONS: [&str; 12] = [
    "duration", "latency", "elapsed", "time", "_ms", ".ms", "second", "slow", "wait", "delay",
    "took", "lag",
];

fn mentions(name: &str, list: &[&str]) -> bool {
    words(name).iter().any(|word| list.contains(&word.as_str()))
}

/// "No errors" and "without errors" are not about errors.
fn is_negated(name: &str) -> bool {
    const NEGATIONS: [&str; 10] =
        ["no", "non", "not", "without", "except", "but", "other", "ok", "successful", "free"];
    mentions(name, &NEGATIONS)
}

/// A number and a unit of time; `500s` are status codes.
fn milliseconds(number: &str, unit: &str) -> Option<f64> {
    let number: f64 = number.parse().ok()?;
    match unit {
        "ms" | "millis" | "milliseconds" => Some(number),
        "s" if number >= 100.0 => None,
        "s" | "sec" | "secs" | "second" | "seconds" => Some(number * 1000.0),
        "m" | "min" | "minute" | "minutes" => Some(number * 60_000.0),
        _ => None,
    }
}

/// The numbers with which the rule compares fields that end like this, each with its operator.
fn constants<'a>(rule: RuleAt<'a>, end: &str) -> Vec<(&'a str, f64)> {
    let is_meant = |name: &str| name.ends_with(end) && holds(name) == Some(Holds::Number);
    let about = rule.conditions().filter(|condition| {
        condition.has_operator(&["=", "<", "<=", ">", ">=", "in"])
            && condition.fields().any(|(_, name)| is_meant(plain_name(&name)))
    });
    let values = about.flat_map(|condition| {
        let value = &condition.spec.value;
        let items =
            if let Value::List(items) = value { items } else { std::slice::from_ref(value) };
        items.iter().map(|item| (condition.spec.operator.as_str(), item))
    });
    values.filter_map(|(operator, value)| Some((operator, to_float(value)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_classes_and_durations() {
        assert_eq!(
            ["5xx", "4XXs", "500s", "6xx", "500", "é"].map(class),
            [Some(5), Some(4), Some(5), None, None, None]
        );
        let all = [("5", "s"), ("1.5", "seconds"), ("250", "ms"), ("2", "minutes"), ("500", "s")];
        let expected = [Some(5000.0), Some(1500.0), Some(250.0), Some(120_000.0), None];
        assert_eq!(all.map(|(number, unit)| milliseconds(number, unit)), expected);
    }
}
