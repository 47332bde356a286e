//! Scalars and command lines of a compose file, as compose passes them to a container.

use crate::deploy::command::Word;
use crate::deploy::word;
use crate::span::Span;
use crate::syntax::{Item, Value};

/// The string of a scalar; `None` if it is unknown or not a scalar.
pub fn known(item: &Item) -> Option<String> {
    if !item.unknown.is_empty() {
        return None;
    }
    match &item.value {
        Value::Null | Value::List(_) | Value::Map(_) | Value::Mixed(_) => None,
        // Compose reads booleans as in YAML 1.2: `yes` is a string.
        Value::Bool(_) if !is_boolean(&item.raw) => Some(item.raw.clone()),
        _ => word(item),
    }
}

fn is_boolean(raw: &str) -> bool {
    raw.is_empty() || raw.eq_ignore_ascii_case("true") || raw.eq_ignore_ascii_case("false")
}

/// The words of `command` or `entrypoint`, a list or a string.
pub fn words(item: &Item) -> Vec<Word> {
    let several = |text: &str, item: &Item| {
        Word::several(text, item.span, |part| item.unknown.is_empty() || !part.contains('$'))
    };
    let unknown = |item: &Item| vec![Word { text: None, span: item.span }];
    if let Some(items) = item.list() {
        let one = |item: &Item| match known(item).as_deref().or(item.text()) {
            Some(text) => several(text, item),
            None => unknown(item),
        };
        return items.iter().flat_map(one).collect();
    }
    let Some(text) = item.text() else { return Vec::new() };
    line(text, item.span, item.unknown.is_empty())
}

/// The words of a line. Unless it is filled, words with a `$` are unknown.
pub fn line(text: &str, span: Option<Span>, is_filled: bool) -> Vec<Word> {
    match split(text) {
        Some(words) => words
            .iter()
            .flat_map(|word| Word::several(word, span, |part| is_filled || !part.contains('$')))
            .collect(),
        None => vec![Word { text: None, span }],
    }
}

/// Splits a line like compose: like a shell, but a backslash in double quotes escapes any
/// character, `#` does not start a comment, and command separators and redirections end the line.
/// `None` for an open quote or for parentheses.
pub fn split(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut signs = line.chars();
    while let Some(sign) = signs.next() {
        match (sign, quote) {
            ('\\', None | Some('"')) => word.get_or_insert_default().push(signs.next()?),
            (sign, Some(open)) if sign == open => quote = None,
            ('"' | '\'', None) => {
                quote = Some(sign);
                word.get_or_insert_default();
            }
            (' ' | '\t' | '\r' | '\n', None) => words.extend(word.take()),
            (';' | '&' | '|' | '<' | '>', None) => break,
            ('(' | ')', None) => return None,
            (sign, _) => word.get_or_insert_default().push(sign),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

/// The elements of a list, or a single value as a list of one.
pub fn several(item: &Item) -> &[Item] {
    match &item.value {
        Value::Null => &[],
        Value::List(items) => items,
        _ => std::slice::from_ref(item),
    }
}

/// Parses bytes like Docker: all units are powers of 1024, with an optional `i` and `b`.
pub fn bytes(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let (number, unit) =
        text.split_at(text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len()));
    let unit = unit.strip_suffix('b').unwrap_or(unit);
    let unit = unit.strip_suffix('i').unwrap_or(unit);
    let power = match unit {
        "" => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        "p" => 5,
        _ => return None,
    };
    let count: f64 = number.trim_end().parse().ok()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 2^60")]
    (0.0..=1024.0)
        .contains(&(count / 1024_f64.powi(5 - power)))
        .then(|| (count * 1024_f64.powi(power)) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::FileId;
    use crate::syntax::{DataFormat, Dialect, parse, read_document_as};

    fn read(text: &str) -> Item {
        let tree = parse(FileId(0), DataFormat::Yaml, text).tree.unwrap();
        read_document_as(Dialect::Helm, &tree).0
    }

    #[test]
    fn reads_scalars_as_yaml_1_2() {
        for (written, expected) in [
            ("yes", "yes"),
            ("Off", "Off"),
            ("TRUE", "true"),
            ("0x10", "16"),
            ("\"true\"", "true"),
            ("2026-01-01", "2026-01-01"),
        ] {
            let item = read(&format!("a: {written}\n"));
            assert_eq!(known(item.get("a").unwrap()).as_deref(), Some(expected), "{written}");
        }
        for nothing in ["", "[a]", "{b: c}"] {
            assert_eq!(known(read(&format!("a: {nothing}\n")).get("a").unwrap()), None);
        }
    }

    #[test]
    fn splits_command_lines() {
        for (written, expected) in [
            ("refinery -c '/a b.yaml' -r=\"/c\"", &["refinery", "-c", "/a b.yaml", "-r=/c"][..]),
            ("[refinery, -c, /a b.yaml, 1]", &["refinery", "-c", "/a b.yaml", "1"]),
            ("\"a \\\"b\"", &["?"]),
            ("a#b '' x\\ y", &["a#b", "", "x y"]),
            ("\"a # 'b\\\\c' \\\"d\\\\e\\\" && f\"", &["a", "#", "b\\c", "de"]),
            ("", &[]),
        ] {
            let item = read(&format!("a: {written}\n"));
            let words: Vec<String> = words(item.get("a").unwrap())
                .into_iter()
                .map(|word| word.text.unwrap_or("?".to_owned()))
                .collect();
            assert_eq!(words, expected, "{written}");
        }
    }

    #[test]
    fn parses_bytes_like_docker() {
        for (text, count) in [
            ("512", Some(512)),
            ("1k", Some(1024)),
            ("2G", Some(2 << 30)),
            ("2gb", Some(2 << 30)),
            ("2GiB", Some(2 << 30)),
            ("1.5 m", Some(3 << 19)),
            ("x", None),
            ("-1m", None),
            ("2x", None),
            ("9999999999p", None),
        ] {
            assert_eq!(bytes(text), count, "{text}");
        }
    }
}
