//! Every key of a test file, with the form of its value and a description.
//!
//! Error messages, the lists of expected keys and the published JSON Schema come from here.

use serde_json::{Map, Value as Json, json};

/// A key of a mapping.
pub struct Key {
    pub name: &'static str,
    pub form: Form,
    pub is_required: bool,
    /// One line for editors.
    pub about: &'static str,
}

/// The form of a value.
pub enum Form {
    Text,
    /// A string that a pattern describes.
    Like(&'static str),
    Choice(&'static [&'static str]),
    /// A list of spans, each a mapping of fields.
    Spans,
    /// Fields with a condition each.
    Conditions,
    Mapping(&'static [Key]),
    List(&'static [Key]),
}

const fn optional(name: &'static str, form: Form, about: &'static str) -> Key {
    Key { name, form, is_required: false, about }
}

const fn required(name: &'static str, form: Form, about: &'static str) -> Key {
    Key { name, form, is_required: true, about }
}

/// The top level of a file.
pub const FILE: &[Key] = &[
    required(
        "target",
        Form::Text,
        "The target of the rules that the tests are for, such as `production`.",
    ),
    optional(
        "route",
        Form::Choice(ROUTES),
        "How the traces arrive, which determines the types of numbers; `otlp` by default.",
    ),
    optional(
        "rules",
        Form::Text,
        "The rules file, relative to this file; by default the only one in the same folder.",
    ),
    required("tests", Form::List(TEST), "The tests."),
];

pub const ROUTES: &[&str] = &["otlp", "json", "msgpack"];

pub const TEST: &[Key] = &[
    required("name", Form::Text, "What the test shows, in one line."),
    optional(
        "trace",
        Form::Spans,
        "A trace: a list of spans with their fields. `root: true` marks the root span, by default the first.",
    ),
    optional(
        "traces",
        Form::Text,
        "A file with recorded traces, relative to this file, as the `trace` command reads it.",
    ),
    optional(
        "every",
        Form::Text,
        "The time between two recorded traces, such as `20ms`; 0 by default.",
    ),
    optional(
        "during",
        Form::Text,
        "How long traces arrive, such as `5m`: the recording is repeated or truncated. Needs \
         `every`.",
    ),
    optional(
        "for-all",
        Form::List(PATTERN),
        "All traces that meet these conditions: the expectation is proved, or a counter-example is \
         shown.",
    ),
    required("expect", Form::Mapping(EXPECT), "What Refinery decides."),
];

/// The keys of which a test has exactly one.
pub const SUBJECTS: [&str; 3] = ["trace", "traces", "for-all"];

pub const PATTERN: &[Key] = &[
    optional("any-span", Form::Conditions, "A span meets all of these conditions."),
    optional("no-span", Form::Conditions, "No span meets all of these conditions."),
    optional(
        "root",
        Form::Conditions,
        "There is a root span, and it meets all of these conditions.",
    ),
];

pub const EXPECT: &[Key] = &[
    optional(
        "keep",
        Form::Like("^(always|never|1 in [1-9][0-9]*)$"),
        "`always`, `never`, or the share that is kept, such as `1 in 50`.",
    ),
    optional("rule", Form::Text, "The name of the rule that decides."),
    optional(
        "kept",
        Form::Like("^[0-9.]+%(\\.\\.[0-9.]+%)?$"),
        "The share of the recorded traces that is kept, such as `5%..12%`.",
    ),
];

/// The JSON Schema of a test file.
pub fn test_schema() -> Json {
    let mut schema = mapping(FILE);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("refinery-preflight tests of sampling rules");
    schema["properties"]["tests"]["items"]["oneOf"] =
        SUBJECTS.iter().map(|name| json!({"required": [name]})).collect();
    schema
}

fn mapping(keys: &[Key]) -> Json {
    let properties: Map<String, Json> = keys
        .iter()
        .map(|key| {
            let mut schema = value(&key.form);
            schema["description"] = json!(key.about);
            (key.name.to_owned(), schema)
        })
        .collect();
    let required: Vec<&str> = keys.iter().filter(|key| key.is_required).map(|k| k.name).collect();
    let mut schema =
        json!({"type": "object", "properties": properties, "additionalProperties": false});
    if required.is_empty() {
        schema["minProperties"] = json!(1);
    } else {
        schema["required"] = json!(required);
    }
    schema
}

fn value(form: &Form) -> Json {
    match form {
        Form::Text => json!({"type": "string"}),
        Form::Like(pattern) => json!({"type": "string", "pattern": pattern}),
        Form::Choice(words) => json!({"enum": words}),
        Form::Spans => json!({"type": "array", "minItems": 1, "items": {"type": "object"}}),
        Form::Conditions => json!({
            "type": "object",
            "minProperties": 1,
            "additionalProperties": {"type": ["string", "number", "boolean"]},
        }),
        Form::Mapping(keys) => mapping(keys),
        Form::List(keys) => json!({"type": "array", "items": mapping(keys)}),
    }
}
