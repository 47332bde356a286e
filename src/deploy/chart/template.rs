//! Evaluates the few template actions in values that have one plain meaning.
//!
//! The chart passes its config and rules through Helm's `tpl`. Modelled are the path of a value,
//! subtraction of a number, raw strings, and the names for a release called `refinery` in the
//! namespace `default`, which affect no verdict. Results stay strings, because Helm quotes a value
//! that begins with an action.

use crate::deploy::{at, word};
use crate::syntax::{Item, Value};

/// Replaces all actions below an item by their results.
///
/// # Errors
/// The first string with an action that is not modelled.
pub fn evaluate_all(item: &mut Item, values: &Item) -> Result<(), String> {
    match &mut item.value {
        Value::Text(text) if text.contains("{{") => {
            *text = evaluate(text, values).ok_or_else(|| text.clone())?;
            Ok(())
        }
        Value::List(items) => items.iter_mut().try_for_each(|item| evaluate_all(item, values)),
        Value::Map(entries) => {
            entries.iter_mut().try_for_each(|entry| evaluate_all(&mut entry.item, values))
        }
        Value::Mixed(pairs) => {
            pairs.iter_mut().try_for_each(|(_, item)| evaluate_all(item, values))
        }
        _ => Ok(()),
    }
}

fn evaluate(text: &str, values: &Item) -> Option<String> {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, tail)) = rest.split_once("{{") {
        let (said, after) = split_action(tail)?;
        result.push_str(before);
        result.push_str(&act(said.trim(), values)?);
        rest = after;
    }
    result.push_str(rest);
    Some(result)
}

/// A raw string in backquotes may contain braces.
fn split_action(tail: &str) -> Option<(&str, &str)> {
    let raw = tail.trim_start().strip_prefix('`').and_then(|raw| raw.find('`'));
    let skip = raw.map_or(0, |len| len + 2 + tail.len() - tail.trim_start().len());
    let end = skip + tail.get(skip..)?.find("}}")?;
    Some((tail.get(..end)?, tail.get(end + 2..)?))
}

fn act(said: &str, values: &Item) -> Option<String> {
    if let Some(raw) = said.strip_prefix('`').and_then(|raw| raw.strip_suffix('`')) {
        return Some(raw.to_owned());
    }
    match *said.split_whitespace().collect::<Vec<_>>() {
        [path] => look_up(path, values),
        ["sub", path, number] => {
            let from: i64 = look_up(path, values)?.parse().ok()?;
            from.checked_sub(number.parse().ok()?).map(|difference| difference.to_string())
        }
        ["include", name, "."] => {
            let name = name.trim_matches('"');
            let part = name.rsplit_once(".redis.").map_or("", |_| "-redis");
            name.ends_with(".fullname").then(|| format!("refinery{part}"))
        }
        _ => None,
    }
}

fn look_up(path: &str, values: &Item) -> Option<String> {
    match path {
        ".Release.Name" => Some("refinery".to_owned()),
        ".Release.Namespace" => Some("default".to_owned()),
        _ => {
            let path: Vec<&str> = path.strip_prefix(".Values.")?.split('.').collect();
            at(values, &path).and_then(word)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::FileId;
    use crate::syntax::{DataFormat, Dialect, parse, read_document_as};

    #[test]
    fn evaluates_modelled_actions() {
        let text = "a: {b: 2Gi, c: 35}\n";
        let tree = parse(FileId(0), DataFormat::Yaml, text).tree.unwrap();
        let (values, _) = read_document_as(Dialect::Helm, &tree);
        for (text, expected) in [
            ("x {{ .Values.a.b }} y", Some("x 2Gi y")),
            ("{{sub .Values.a.c 5}}s", Some("30s")),
            ("{{ include \"my.redis.fullname\" . }}:6379", Some("refinery-redis:6379")),
            ("{{ .Release.Name }}{{ .Release.Namespace }}", Some("refinerydefault")),
            ("{{` {{ x }} `}}!", Some(" {{ x }} !")),
            ("{{ .Values.a.x }}", None),
            ("{{ .Values.a.b | quote }}", None),
            ("{{ if .Values.a }}", None),
            ("{{ .Values.a.b", None),
        ] {
            assert_eq!(evaluate(text, &values).as_deref(), expected, "{text}");
        }
    }
}
