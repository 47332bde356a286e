//! Templates of Ansible whose expressions are variables with known values.
//!
//! A template with statements or other expressions is not rendered.

use super::chart::render::Rendered;
use crate::span::{FileId, Piece, Span};
use crate::syntax::{Item, Value};

/// Renders the text of a file; `None` if a part of it cannot be evaluated.
pub fn render(
    file: FileId,
    text: &str,
    value_of: &dyn Fn(&str) -> Option<String>,
) -> Option<Rendered> {
    let (mut rendered, mut pieces, mut at) = (String::new(), Vec::new(), 0);
    let mut add = |text: &str, outer: Span| {
        let start = rendered.len();
        rendered.push_str(text);
        pieces.push(Piece::written(start..rendered.len(), outer));
    };
    while let Some(start) = text.get(at..)?.find('{').map(|found| at + found) {
        let written = text.get(start..)?;
        let end = match written.as_bytes().get(1) {
            Some(b'{') => written.find("}}")? + 2,
            Some(b'#') => written.find("#}")? + 2,
            Some(b'%') => return None,
            _ => 1,
        };
        let end = start + end;
        add(text.get(at..start)?, Span::new(file, at, start));
        let part = text.get(start..end)?;
        if let Some(expression) = part.strip_prefix("{{").and_then(|it| it.strip_suffix("}}")) {
            let expression = expression.trim_matches(['-', '+']).trim();
            let line = text.get(..start)?.rsplit('\n').next()?.trim_start();
            // In a comment the value does not matter, and `ansible_managed | comment` renders one.
            let is_comment = line.starts_with('#') || expression == "ansible_managed | comment";
            let value =
                if is_comment { Some("#".to_owned()) } else { evaluate(expression, value_of) };
            add(&value?, Span::new(file, start, end));
        } else if !part.starts_with("{#") {
            add(part, Span::new(file, start, end));
        }
        at = end;
    }
    add(text.get(at..)?, Span::new(file, at, text.len()));
    Some(Rendered { text: rendered, pieces })
}

/// A variable, or one with a default.
fn evaluate(expression: &str, value_of: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    const SAME: [&str; 3] = ["string", "trim", "int"];
    let mut parts = expression.split('|').map(str::trim);
    let mut value = value_of(parts.next()?);
    for filter in parts {
        let default = ["default(", "d("].iter().find_map(|start| filter.strip_prefix(start));
        match default {
            Some(default) => value = value.or_else(|| literal(default.strip_suffix(')')?)),
            None => SAME.contains(&filter).then_some(())?,
        }
    }
    value
}

/// A number or a string in quotes.
fn literal(written: &str) -> Option<String> {
    let written = written.trim();
    let quoted = ['\'', '"'].iter().find_map(|&quote| {
        let inner = written.strip_prefix(quote)?.strip_suffix(quote)?;
        (!inner.contains([quote, '\\'])).then_some(inner)
    });
    let is_number = || written.parse::<i64>().is_ok();
    quoted.or_else(|| is_number().then_some(written)).map(str::to_owned)
}

/// A value as Python prints it; `None` for null, lists, mappings and strings with several lines.
pub fn printed(item: &Item) -> Option<String> {
    let text = match &item.value {
        Value::Text(text) => text.clone(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => format!("{number:?}"),
        _ => return None,
    };
    (!text.contains('\n')).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renders_what_is_known() {
        let value = |name: &str| match name {
            "rate" => Some("10".to_owned()),
            "name" => Some("a b".to_owned()),
            _ => None,
        };
        for (text, expected) in [
            ("a: {{ rate }}\n", Some("a: 10\n")),
            ("a: '{{name}}-{{ rate|int }}'", Some("a: 'a b-10'")),
            ("a: {{ other | default('x') }}", Some("a: x")),
            ("a: {{ other | d(5) | int }}", Some("a: 5")),
            ("a: {{ rate | default('x') }}", Some("a: 10")),
            ("a: {b: 1} {# a comment #}\n", Some("a: {b: 1} \n")),
            ("# {{ other }}\na: 1", Some("# #\na: 1")),
            ("{{ ansible_managed | comment }}\na: 1", Some("#\na: 1")),
            ("a: {{ other }}", None),
            ("a: {{ rate * 2 }}", None),
            ("a: {{ name | upper }}", None),
            ("a: {{ other | default(rate) }}", None),
            ("{% if a %}b: 1{% endif %}", None),
            ("a: {{ rate", None),
            ("a: {# open", None),
            ("plain", Some("plain")),
        ] {
            let rendered_text = render(FileId(0), text, &value);
            assert_eq!(rendered_text.map(|it| it.text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn maps_values_to_their_expressions() {
        let text = "é: {{ rate }}, b";
        let rendered_text = render(FileId(0), text, &|_| Some("10".to_owned())).unwrap();
        let pieces: Vec<(String, &str)> = rendered_text
            .pieces
            .iter()
            .map(|piece| {
                (rendered_text.text[piece.inner.clone()].to_owned(), &text[piece.outer.range()])
            })
            .collect();
        let expected = [("é: ", "é: "), ("10", "{{ rate }}"), (", b", ", b")];
        assert_eq!(pieces, expected.map(|(inner, outer)| (inner.to_owned(), outer)));
    }

    #[test]
    fn prints_as_python_does() {
        for (value, expected) in [
            (Value::Bool(true), Some("True")),
            (Value::Float(1.0), Some("1.0")),
            (Value::Int(-3), Some("-3")),
            (Value::Text("a\nb".to_owned()), None),
            (Value::Null, None),
        ] {
            assert_eq!(printed(&Item::new(value, None)).as_deref(), expected);
        }
    }
}
