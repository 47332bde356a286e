//! What a settings file says, key by key, with the lines.
//!
//! The keys and the forms of their values come from `shape`. Secrets are hidden.

use super::ProjectSettings;
use super::shape::{Form, SETTINGS};
use crate::schema::secrets::find_secrets;
use serde_json::{Map, Value as Json};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A key of the settings with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Such as `fail-on` or `severity."rules/implicit-drop"`.
    pub key: String,
    /// Null if it is not set and has no default.
    pub value: Json,
    /// The line that sets it; without one, it is the default.
    pub line: Option<usize>,
}

/// All keys in the order of their documentation. A table of a list counts on its own. Of an invalid
/// text, only the defaults.
pub fn list_settings(text: &str) -> Vec<Setting> {
    let (table, _) = DeTable::parse_recoverable(text);
    let reader = Reader { text, secrets: find_secrets(text) };
    let keys = SETTINGS.iter().copied().flatten();
    keys.flat_map(|key| {
        let found = table.get_ref().iter().find(|(name, _)| name.get_ref() == key.name);
        let listed = found.map(|(_, value)| reader.list(key.name, value)).unwrap_or_default();
        if listed.is_empty() { vec![default_of(key.name, key.form)] } else { listed }
    })
    .collect()
}

fn default_of(name: &str, form: &Form) -> Setting {
    let value = match form {
        Form::List(_) | Form::Tables(_) => Json::Array(Vec::new()),
        Form::Map(..) | Form::Table(_) => Json::Object(Map::new()),
        Form::Choice(_) => Json::from(ProjectSettings::default().fail_on.word()),
        _ => Json::Null,
    };
    Setting { key: name.to_owned(), value, line: None }
}

struct Reader<'t> {
    text: &'t str,
    secrets: Vec<Range<usize>>,
}

impl Reader<'_> {
    fn list(&self, name: &str, value: &Spanned<DeValue<'_>>) -> Vec<Setting> {
        let setting = |key: String, value: &Spanned<DeValue<'_>>| Setting {
            key,
            value: self.json(value),
            line: Some(self.line(value.span().start)),
        };
        match value.get_ref() {
            DeValue::Array(items) if items.iter().all(|item| item.get_ref().is_table()) => {
                items.iter().map(|item| setting(name.to_owned(), item)).collect()
            }
            DeValue::Table(table) => {
                let key = |key: &str| format!("{name}.{}", Json::from(key));
                table.iter().map(|(name, value)| setting(key(name.get_ref()), value)).collect()
            }
            _ => vec![setting(name.to_owned(), value)],
        }
    }

    fn line(&self, byte: usize) -> usize {
        self.text.bytes().take(byte).filter(|byte| *byte == b'\n').count() + 1
    }

    fn json(&self, value: &Spanned<DeValue<'_>>) -> Json {
        let span = value.span();
        match value.get_ref() {
            DeValue::Array(items) => items.iter().map(|item| self.json(item)).collect(),
            DeValue::Table(table) => table
                .iter()
                .map(|(name, value)| (name.get_ref().to_string(), self.json(value)))
                .collect(),
            _ if self
                .secrets
                .iter()
                .any(|secret| secret.start < span.end && span.start < secret.end) =>
            {
                Json::from("****")
            }
            DeValue::String(text) => Json::from(text.as_ref()),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .map_or_else(|_| Json::from(number.as_str()), Json::from),
            DeValue::Float(number) => Json::from(number.as_str()),
            DeValue::Boolean(value) => Json::from(*value),
            DeValue::Datetime(date) => Json::from(date.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_key_is_listed_with_its_line_or_its_default() {
        let text = "# x\nfail-on = \"warning\"\nignore = [\"rules\"]\n[severity]\n\
                    \"rules/implicit-drop\" = \"note\"\n[[exclude]]\nfiles = [\"a\"]\nreason = \"r\"\n\
                    [[deployment]]\nvariables = {REFINERY_REDIS_PASSWORD = \"hunter2\"}\ncores = 0x10\n";
        let listed = list_settings(text);
        let expected = [
            ("fail-on", json!("warning"), Some(2)),
            ("select", json!([]), None),
            ("ignore", json!(["rules"]), Some(3)),
            ("baseline", json!(null), None),
            ("tests", json!([]), None),
            ("severity.\"rules/implicit-drop\"", json!("note"), Some(5)),
            ("exception", json!([]), None),
            ("exclude", json!({"files": ["a"], "reason": "r"}), Some(6)),
            ("releases", json!({}), None),
            ("plan", json!({}), None),
            (
                "deployment",
                json!({"variables": {"REFINERY_REDIS_PASSWORD": "****"}, "cores": 16}),
                Some(9),
            ),
        ];
        let expected =
            expected.map(|(key, value, line)| Setting { key: key.to_owned(), value, line });
        assert_eq!(listed, expected);
    }

    #[test]
    fn the_defaults_are_those_of_the_program() {
        assert_eq!(list_settings("")[0].value, json!(crate::settings::FailOn::default().word()));
        assert!(list_settings("").iter().all(|setting| setting.line.is_none()));
    }
}
