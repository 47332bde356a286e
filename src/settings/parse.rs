//! Finds the errors in a settings file, each with its place and a suggestion.

use super::selection::known;
use super::shape::{Form, Key, SETTINGS, list_words};
use crate::diagnostic::checks;
use crate::release::Named;
use crate::release::pin::is_version;
use crate::release::select::select;
use crate::schema::{nearest, releases};
use crate::value::{Duration, MemorySize};
use globset::Glob;
use jiff::civil::Date;
use std::net::IpAddr;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// An error in a settings file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError {
    /// Bytes of the file.
    pub span: Range<usize>,
    pub message: String,
    /// The label at the place.
    pub label: String,
    pub help: String,
}

impl SettingsError {
    pub fn new(
        span: Range<usize>,
        message: impl Into<String>,
        label: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self { span, message: message.into(), label: label.into(), help: help.into() }
    }
}

/// Checks a settings file. Returns all errors in the order of their places.
pub fn find_errors(text: &str) -> Vec<SettingsError> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        let mut checker = Checker::default();
        checker.table(table.get_ref(), table.span(), SETTINGS, "the settings");
        checker.errors.sort_by_key(|error| (error.span.start, error.span.end));
        return checker.errors;
    }
    let error = |error: &toml::de::Error| {
        let span = error.span().unwrap_or(0..0);
        SettingsError::new(span, format!("invalid TOML: {}", error.message()), "here", "")
    };
    errors.iter().map(error).collect()
}

#[derive(Default)]
struct Checker {
    errors: Vec<SettingsError>,
}

impl Checker {
    fn report(
        &mut self,
        span: Range<usize>,
        message: String,
        label: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.errors.push(SettingsError::new(span, message, label, help));
    }

    /// `place` is the name of the table in messages, such as `[[deployment]]`.
    fn table(
        &mut self,
        table: &DeTable<'_>,
        span: Range<usize>,
        keys: &'static [&'static [Key]],
        place: &str,
    ) {
        let keys = || keys.iter().copied().flatten();
        for (name, value) in table {
            match keys().find(|key| key.name == name.get_ref()) {
                Some(key) => self.value(key.name, value, key.form),
                None => self.unknown(name, &keys().map(|key| key.name).collect::<Vec<_>>(), place),
            }
        }
        for key in keys().filter(|key| key.is_required && table.get(key.name).is_none()) {
            let message = format!("missing required key `{}` in {place}", key.name);
            let help = format!("add `{} = …`: {}", key.name, key.about);
            self.report(span.clone(), message, "add it here", help);
        }
    }

    fn unknown(&mut self, name: &Spanned<std::borrow::Cow<'_, str>>, known: &[&str], place: &str) {
        let message = format!("unknown key `{}` in {place}", name.get_ref());
        let label = match nearest(name.get_ref(), known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "unknown key".to_owned(),
        };
        let help = format!("expected {}", list_words(known.iter().copied()));
        self.report(name.span(), message, label, help);
    }

    fn value(&mut self, name: &str, value: &Spanned<DeValue<'_>>, form: &'static Form) {
        let span = value.span();
        match (form, value.get_ref()) {
            (Form::List(form), DeValue::Array(items)) => {
                items.iter().for_each(|item| self.value(name, item, form));
            }
            (Form::Map(of, form), DeValue::Table(table)) => {
                for (key, value) in table {
                    self.text(name, key.get_ref(), key.span(), of);
                    self.value(name, value, form);
                }
            }
            (Form::Table(keys), DeValue::Table(table)) => {
                self.table(table, span, keys, &format!("`{name}`"));
            }
            (Form::Tables(keys), DeValue::Array(items)) => {
                for item in items {
                    match item.get_ref() {
                        DeValue::Table(table) => {
                            self.table(table, item.span(), keys, &format!("`[[{name}]]`"));
                        }
                        other => self.wrong_type(name, other, item.span(), form),
                    }
                }
            }
            (Form::Tables(_), DeValue::Table(_)) => {
                let message = format!("`{name}` must be an array of tables");
                self.report(span, message, "single brackets", format!("write `[[{name}]]`"));
            }
            (Form::Boolean, DeValue::Boolean(_)) => {}
            (Form::Integer(most), DeValue::Integer(number)) => {
                let value = u64::from_str_radix(number.as_str(), number.radix());
                if value.is_ok_and(|value| value <= *most) {
                    return;
                }
                let message = format!("`{name}` must be {}", form.describe());
                self.report(span, message, "out of range", "");
            }
            (_, DeValue::String(text)) if form.is_text() => self.text(name, text, span, form),
            (form, other) => self.wrong_type(name, other, span, form),
        }
    }

    fn wrong_type(&mut self, name: &str, value: &DeValue<'_>, span: Range<usize>, form: &Form) {
        let found = match value {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "an integer",
            DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "a boolean",
            DeValue::Datetime(_) => "a date without quotes",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        let message = format!("`{name}` must be {}, not {found}", form.describe());
        self.report(span, message, found, "");
    }

    /// Checks a string against its form.
    fn text(&mut self, name: &str, text: &str, span: Range<usize>, form: &Form) {
        let invalid = |why: String| {
            let message = format!("invalid `{name}`: expected {}", form.describe());
            Some((message, why, String::new()))
        };
        let fault = match form {
            Form::Reason if text.trim().is_empty() => {
                Some((format!("`{name}` is empty"), "empty".to_owned(), form.describe()))
            }
            Form::Date => text.parse::<Date>().err().and_then(|_| invalid("not a date".to_owned())),
            Form::Glob => Glob::new(text).err().and_then(|error| invalid(error.kind().to_string())),
            Form::Memory => MemorySize::parse(text).err().and_then(|e| invalid(e.to_string())),
            Form::Duration => Duration::parse(text).err().and_then(|e| invalid(e.to_string())),
            Form::Address => {
                text.parse::<IpAddr>().err().and_then(|_| invalid("not an address".to_owned()))
            }
            Form::Path => path_fault(name, text),
            Form::Release => release_fault(text),
            Form::CheckId => severity_fault(text),
            Form::CheckName => check_fault(text),
            Form::Choice(words) if !words.contains(&text) => {
                let label = match nearest(text, words.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("expected {}", form.describe()),
                };
                let help = format!("expected {}", form.describe());
                Some((format!("invalid `{name}`"), label, help))
            }
            _ => None,
        };
        if let Some((message, label, help)) = fault {
            self.report(span, message, label, help);
        }
    }
}

/// A message, a label and a help text.
type Fault = (String, String, String);

/// Checks a path as far as possible without knowing where the settings are.
fn path_fault(name: &str, text: &str) -> Option<Fault> {
    let help = "use a file in this repository, relative to the settings file";
    let fault = |message: String, label: &str| Some((message, label.to_owned(), help.to_owned()));
    if text.is_empty() {
        return fault(format!("`{name}` is an empty path"), "empty");
    }
    if text.contains("://") {
        return fault(format!("`{name}` must be a file, not a URL"), "a URL");
    }
    let is_absolute = text.starts_with(['/', '\\', '~']) || text.as_bytes().get(1) == Some(&b':');
    if is_absolute {
        return fault(format!("`{name}` must be a path in the repository"), "an absolute path");
    }
    None
}

fn release_fault(text: &str) -> Option<Fault> {
    let fault = |message: String, label: &str| {
        Some((message, label.to_owned(), "such as `3.2.2`".to_owned()))
    };
    if text.contains(',') || text == "all" {
        return fault("`refinery` must be one release".to_owned(), "more than one release");
    }
    match (Named::of_tag(text), select(text, &releases())) {
        (Named::First(_), _) => {
            fault("only Refinery 2.0 and later are checked".to_owned(), "Refinery 1.x")
        }
        // What looks like a version may be one that came later than this program.
        (Named::Moving(..), Err(error)) if !is_version(text) => {
            fault(error.to_string(), "unknown release")
        }
        _ => None,
    }
}

fn check_fault(text: &str) -> Option<Fault> {
    let error = known(text).err()?;
    Some((error.to_string(), "unknown".to_owned(), error.advice))
}

/// Checks the name of a check whose severity is set.
fn severity_fault(text: &str) -> Option<Fault> {
    let checks = checks();
    match checks.iter().find(|check| check.id == text) {
        Some(check) if check.is_verdict() => Some((
            format!(
                "the severity of `{text}` cannot be changed: Refinery itself rejects the files"
            ),
            "always an error".to_owned(),
            "remove this line, and fix the findings of this check".to_owned(),
        )),
        Some(_) => None,
        None => check_fault(text).or_else(|| {
            let help = "list each check by its id".to_owned();
            Some((
                format!("`{text}` is a group of checks, not a check"),
                "a group".to_owned(),
                help,
            ))
        }),
    }
}

impl Form {
    fn is_text(&self) -> bool {
        !matches!(
            self,
            Self::Boolean
                | Self::Integer(_)
                | Self::List(_)
                | Self::Map(..)
                | Self::Table(_)
                | Self::Tables(_)
        )
    }
}
