//! Custom JSON Schema keywords: Refinery's formats, and limits on durations and sizes.
//!
//! Each keyword is one rule for a value. The limits themselves are in `schemas/`.

use super::instance::Engine;
use super::node::Node;
use super::quantity::quantity;
use crate::syntax::{Item, Value};
use crate::value::Grammar;
use crate::value::duration::Duration;
use crate::value::float_text::format_float;
use crate::value::host_port::split_host_port;
use crate::value::patterns;
use crate::value::url::parse_http_url;
use jsonschema::{Keyword, ValidationError, ValidationOptions};
use serde_json::Value as Json;

pub type Rule = Box<dyn Fn(&Item) -> bool + Send + Sync>;

/// A keyword applied to a value. Messages are made elsewhere, from the schema.
struct RuleKeyword(Rule);

impl<'i> Keyword<'i, Engine> for RuleKeyword {
    fn validate(&self, item: &'i Item) -> Result<(), ValidationError<'i>> {
        if (self.0)(item) { Ok(()) } else { Err(ValidationError::custom("")) }
    }

    fn is_valid(&self, item: &'i Item) -> bool {
        (self.0)(item)
    }
}

/// Makes a rule from the keyword's value in the schema.
type MakeRule = fn(&Json) -> Rule;

const KEYWORDS: [(&str, MakeRule); 8] = [
    ("format", format),
    ("minimum", |limit| at_least(limit, false)),
    ("maximum", at_most),
    ("quantityMinimum", |limit| at_least(limit, false)),
    ("quantityMaximum", at_most),
    ("quantityMinimumOrZero", |limit| at_least(limit, true)),
    ("sameType", |_| Box::new(one_type)),
    ("conflicting", conflicting),
];

/// Adds the custom keywords to a validator.
pub fn register<'i, R>(
    options: ValidationOptions<'i, R, Engine>,
) -> ValidationOptions<'i, R, Engine> {
    KEYWORDS.iter().fold(options, |options, &(name, make)| {
        options.with_keyword(name, move |_, value, _| {
            let check: Box<dyn for<'k> Keyword<'k, Engine>> = Box::new(RuleKeyword(make(value)));
            Ok(check)
        })
    })
}

/// The rule of a custom keyword of a schema.
pub fn rule(keyword: &str, value: &Node) -> Option<Rule> {
    let (_, make) = KEYWORDS.iter().find(|(name, _)| *name == keyword)?;
    Some(make(&value.to_json()))
}

fn format(name: &Json) -> Rule {
    match name.as_str().unwrap_or_default() {
        size if size.starts_with("memory-size") => {
            let grammar = Grammar::named(size);
            Box::new(move |item| is_memory_size(grammar, item))
        }
        "go-duration" => on_text(|s| Duration::parse(s).is_ok()),
        "host-port" => on_text(|s| s.is_empty() || split_host_port(s).is_ok()),
        "http-url" => on_text(|s| parse_http_url(s).is_ok()),
        "api-key" => on_text(patterns::is_api_key),
        "api-key-loose" => on_text(patterns::has_api_key),
        "api-key-or-empty" => on_text(|s| s.is_empty() || patterns::is_api_key(s)),
        "minor-version" => on_text(patterns::is_minor_version),
        "alphanumeric" => on_text(patterns::is_alphanumeric),
        "unreserved-header" => on_text(|s| !patterns::is_reserved_header(s)),
        "go-bool-word" => {
            on_text(|s| matches!(&*s.to_ascii_lowercase(), "t" | "true" | "f" | "false"))
        }
        "go-float" => Box::new(|item| !matches!(item.value, Value::Long(_) | Value::Unsigned(_))),
        "go-scalar" => Box::new(|item| !matches!(item.value, Value::Unsigned(_))),
        _ => Box::new(|_| true),
    }
}

fn on_text(rule: fn(&str) -> bool) -> Rule {
    Box::new(move |item| match &item.value {
        Value::Text(text) => rule(text),
        _ => true,
    })
}

/// Refinery formats numbers as strings first, so `1e9` is not a size: it becomes `1e+09`.
fn is_memory_size(grammar: Grammar, item: &Item) -> bool {
    let text = match &item.value {
        Value::Text(text) => text.clone(),
        Value::Int(n) | Value::Long(n) => n.to_string(),
        Value::Unsigned(n) => n.to_string(),
        Value::Float(n) => format_float(*n),
        _ => return true,
    };
    grammar.parse(&text).is_ok()
}

fn at_least(limit: &Json, or_zero: bool) -> Rule {
    let limit = limit_of(limit);
    Box::new(move |item| match quantity(item) {
        // NaN is within every limit, as in Refinery.
        Some(n) => n >= limit || n.is_nan() || or_zero && n == 0.0,
        None => !matches!(item.value, Value::Unsigned(_)),
    })
}

fn at_most(limit: &Json) -> Rule {
    let limit = limit_of(limit);
    Box::new(move |item| quantity(item).is_none_or(|n| n <= limit || n.is_nan()))
}

fn limit_of(limit: &Json) -> f64 {
    match limit {
        Json::String(text) => {
            quantity(&Item::new(Value::Text(text.clone()), None)).unwrap_or_default()
        }
        number => number.as_f64().unwrap_or_default(),
    }
}

/// Refinery requires the elements of a list of values to have the same type.
fn one_type(item: &Item) -> bool {
    match &item.value {
        Value::List(items) => items.windows(2).all(|pair| {
            std::mem::discriminant(&pair[0].value) == std::mem::discriminant(&pair[1].value)
        }),
        _ => true,
    }
}

fn conflicting(names: &Json) -> Rule {
    let names: Vec<String> =
        names.as_array().into_iter().flatten().filter_map(|n| n.as_str().map(Into::into)).collect();
    Box::new(move |item| names.iter().filter(|n| item.get(n).is_some()).count() < 2)
}
