//! A value → the YAML that Helm's `toYaml` makes of it, with the source span of each word.
//!
//! Numbers pass through 64-bit floating point, so an integral one loses its fraction (`1.0` becomes
//! `1`) and a very large one its last digits. Keys keep the order of their file. Helm's order
//! differs, which makes no difference to a reader.

use crate::span::{Piece, Span};
use crate::syntax::{Item, Value, is_plain_text};

/// Rendered text and its source map.
#[derive(Clone)]
pub struct Rendered {
    pub text: String,
    pub pieces: Vec<Piece>,
}

/// Renders a value. Parts without a span get `elsewhere`.
pub fn render(item: &Item, elsewhere: Span) -> Rendered {
    let mut writer = Writer { text: String::new(), pieces: Vec::new(), elsewhere };
    writer.write(item, 0);
    writer.text.push('\n');
    Rendered { text: writer.text, pieces: writer.pieces }
}

struct Writer {
    text: String,
    pieces: Vec<Piece>,
    elsewhere: Span,
}

impl Writer {
    fn write(&mut self, item: &Item, indent: usize) {
        match &item.value {
            Value::Map(entries) if !entries.is_empty() => {
                for entry in entries {
                    self.key(&entry.key, entry.key_span, &entry.item, indent);
                }
            }
            Value::Mixed(pairs) => {
                for (key, item) in pairs {
                    let name = key.text().map(str::to_owned).or_else(|| scalar(&key.value));
                    self.key(&name.unwrap_or_default(), key.span, item, indent);
                }
            }
            Value::List(items) if !items.is_empty() => {
                for item in items {
                    self.open_line(indent);
                    self.text.push('-');
                    self.value(item, indent);
                }
            }
            Value::Map(_) => self.put("{}", item.span),
            Value::List(_) => self.put("[]", item.span),
            Value::Text(text) => self.put(&quoted(text), item.span),
            other => self.put(&scalar(other).unwrap_or_default(), item.span),
        }
    }

    fn key(&mut self, name: &str, span: Option<Span>, item: &Item, indent: usize) {
        self.open_line(indent);
        self.put(&quoted(name), span);
        self.text.push(':');
        self.value(item, indent);
    }

    fn value(&mut self, item: &Item, indent: usize) {
        if !is_nest(&item.value) {
            self.text.push(' ');
        }
        self.write(item, indent + 2);
    }

    fn open_line(&mut self, indent: usize) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(&" ".repeat(indent));
    }

    fn put(&mut self, word: &str, span: Option<Span>) {
        let start = self.text.len();
        self.text.push_str(word);
        let outer = span.unwrap_or(self.elsewhere);
        let is_added = span.is_none();
        self.pieces.push(Piece { is_added, ..Piece::written(start..self.text.len(), outer) });
    }
}

/// Whether the value is written on lines of its own.
fn is_nest(value: &Value) -> bool {
    match value {
        Value::Map(entries) => !entries.is_empty(),
        Value::List(items) => !items.is_empty(),
        Value::Mixed(_) => true,
        _ => false,
    }
}

/// A scalar other than a string, as Helm writes it.
pub fn scalar(value: &Value) -> Option<String> {
    #[expect(clippy::cast_precision_loss, reason = "this is what happens to numbers in Helm")]
    let number = match value {
        Value::Null => return Some("null".to_owned()),
        Value::Bool(yes) => return Some(yes.to_string()),
        Value::Int(n) | Value::Long(n) => *n as f64,
        Value::Unsigned(n) => *n as f64,
        Value::Float(n) => *n,
        _ => return None,
    };
    Some(if number.abs() < 1e21 { number.to_string() } else { format!("{number:e}") })
}

/// Quotes a string if a reader might take it for another type.
fn quoted(text: &str) -> String {
    // Helm quotes words such as `yes`, but Refinery reads them as strings either way.
    if is_plain_text(text) {
        return text.to_owned();
    }
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            c if c.is_control() => quoted.extend(escape(c)),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

/// Four digits are enough for every control character.
fn escape(c: char) -> impl Iterator<Item = char> {
    let digits = format!("{:04x}", u32::from(c));
    ['\\', 'u'].into_iter().chain(digits.chars().collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::FileId;
    use crate::syntax::{DataFormat, Dialect, parse, read_document_as};

    fn rendered(text: &str) -> String {
        let tree = parse(FileId(0), DataFormat::Yaml, text).tree.unwrap();
        let (item, _) = read_document_as(Dialect::Helm, &tree);
        let rendered = render(&item, Span::new(FileId(0), 0, 0));
        for piece in rendered.pieces {
            let (inner, outer) = (&rendered.text[piece.inner], &text[piece.outer.range()]);
            // Numbers may change their digits and strings their quotes.
            let is_number = outer.starts_with(|c: char| c.is_ascii_digit());
            let is_same = is_number || inner == outer || outer.starts_with(['*', '\'', '"', '|']);
            assert!(is_same || inner.len() != outer.len(), "{inner:?} from {outer:?}");
        }
        rendered.text
    }

    #[test]
    fn writes_values_like_helm() {
        for (text, expected) in [
            ("a: yes\nb: off\nc: \"yes\"\n", "a: true\nb: false\nc: yes\n"),
            ("a: 1.0\nb: 0x10\nc: 1_000\nd: 1e3\n", "a: 1\nb: 16\nc: 1000\nd: 1000\n"),
            ("a: 9007199254740993\nb: 0.5\n", "a: 9007199254740992\nb: 0.5\n"),
            ("a: 2024-01-01\nb: ~\n", "a: \"2024-01-01\"\nb: null\n"),
            (
                "a: &x {b: [1, {c: 2}], d: []}\ne: *x\n",
                "a:\n  b:\n    - 1\n    -\n      c: 2\n  d: []\ne:\n  b:\n    - 1\n    -\n      c: 2\n  d: []\n",
            ),
            (
                "a: |\n  x\n  \"y\"\nb: {1: z, yes: '5'}\n",
                "a: \"x\\n\\\"y\\\"\\n\"\nb:\n  \"1\": z\n  \"true\": \"5\"\n",
            ),
            ("a: {}\n<<: {b: 1}\n", "a: {}\nb: 1\n"),
            ("a: 1\na: 2\n", "a: 2\n"),
        ] {
            assert_eq!(rendered(text), expected, "{text}");
        }
    }
}
