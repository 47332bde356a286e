//! The JSON Schema of the settings file, for editors.

use super::shape::{Form, Key, SETTINGS};
use serde_json::{Map, Value as Json, json};

/// The JSON Schema of `.refinery-preflight.toml`.
pub fn settings_schema() -> Json {
    let mut schema = table(SETTINGS);
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        schema.insert("title".to_owned(), json!("refinery-preflight settings"));
    }
    schema
}

fn table(keys: &[&[Key]]) -> Json {
    let keys = || keys.iter().copied().flatten();
    let properties: Map<String, Json> =
        keys().map(|key| (key.name.to_owned(), property(key))).collect();
    let required: Vec<&str> = keys().filter(|key| key.is_required).map(|key| key.name).collect();
    let mut schema =
        json!({"type": "object", "properties": properties, "additionalProperties": false});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn property(key: &Key) -> Json {
    let mut schema = value(key.form);
    schema["description"] = json!(key.about);
    schema
}

fn value(form: &Form) -> Json {
    match form {
        Form::Boolean => json!({"type": "boolean"}),
        Form::Integer(most) => json!({"type": "integer", "minimum": 0, "maximum": most}),
        Form::Choice(words) => json!({"enum": words}),
        Form::Date => json!({"type": "string", "format": "date"}),
        Form::Reason => json!({"type": "string", "pattern": "\\S"}),
        Form::List(form) => json!({"type": "array", "items": value(form)}),
        Form::Map(_, form) => json!({"type": "object", "additionalProperties": value(form)}),
        Form::Table(keys) => table(keys),
        Form::Tables(keys) => json!({"type": "array", "items": table(keys)}),
        Form::Text
        | Form::Path
        | Form::Glob
        | Form::Release
        | Form::Memory
        | Form::Duration
        | Form::Address
        | Form::CheckId
        | Form::CheckName => json!({"type": "string"}),
    }
}
