//! Evaluates the actions of templates that have one plain meaning: values, files of the chart, and the
//! functions that encode or indent them.

use super::functions::{apply, truth};
use super::meaning::{Meaning, text_of};
use crate::deploy::chart::fill::is_empty;
use crate::deploy::chart::template::evaluate_all;
use crate::syntax::{Item, Value};
use crate::vfs::path::join;

/// The maximum nesting depth of expressions and helpers.
const DEEPEST: usize = 16;

/// Functions that leave the meaning of their last argument as it is.
const TRANSPARENT: [&str; 12] = [
    "deepCopy",
    "mustDeepCopy",
    "quote",
    "squote",
    "indent",
    "nindent",
    "trim",
    "b64enc",
    "toString",
    "required",
    "trimSuffix",
    "trimPrefix",
];

/// What expressions refer to.
pub struct Context<'c> {
    pub folder: &'c str,
    pub values: &'c Item,
    /// The description of the chart.
    pub chart: &'c Item,
    /// The text of the files with helpers.
    pub helpers: &'c str,
    /// Whether a file of the chart has actions.
    pub is_template: &'c dyn Fn(&str) -> bool,
    /// Whether Helm does not give a file of the chart to templates.
    pub is_hidden: &'c dyn Fn(&str) -> bool,
    /// The files in a folder of the chart that match a pattern.
    pub matching: &'c dyn Fn(&str) -> Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Group(Vec<Token>),
    Pipe,
}

impl Context<'_> {
    /// The meaning of an action; `dot` is what `.` stands for.
    pub fn evaluate(&self, said: &str, dot: &str) -> Meaning {
        self.evaluate_at(said, dot, 0)
    }

    fn evaluate_at(&self, said: &str, dot: &str, depth: usize) -> Meaning {
        let said = said.strip_prefix("range ").unwrap_or(said);
        let said = said.split_once(":=").map_or(said, |(_, value)| value);
        match tokens(said) {
            Some(tokens) if depth < DEEPEST => self.pipeline(&tokens, dot, depth),
            _ => Meaning::Unknown,
        }
    }

    /// Whether a condition holds; `None` if that is unknown.
    pub fn holds(&self, condition: &str, dot: &str) -> Option<bool> {
        truth(&self.evaluate(condition, dot))
    }

    fn pipeline(&self, tokens: &[Token], dot: &str, depth: usize) -> Meaning {
        let mut before = None;
        for call in tokens.split(|token| *token == Token::Pipe) {
            before = Some(self.call(call, before.as_ref(), dot, depth));
        }
        before.unwrap_or(Meaning::Unknown)
    }

    /// The meaning of a call, with what is piped into it as its last argument.
    fn call(&self, call: &[Token], piped: Option<&Meaning>, dot: &str, depth: usize) -> Meaning {
        let Some((head, arguments)) = call.split_first() else { return Meaning::Unknown };
        let value = |token: &Token| match token {
            Token::Group(inner) if depth < DEEPEST => self.pipeline(inner, dot, depth + 1),
            Token::Text(text) => text_of(text),
            Token::Word(word) if literal(word).is_some() => {
                Meaning::Value(literal(word).unwrap_or_else(nothing), Vec::new())
            }
            Token::Word(word) => self.word(word, dot, depth),
            Token::Group(_) | Token::Pipe => Meaning::Unknown,
        };
        let head = match head {
            Token::Word(word) => word.as_str(),
            _ => return value(head),
        };
        let path = || match arguments.first() {
            Some(token) => value(token).word(),
            None => None,
        };
        let last = || piped.cloned().or_else(|| arguments.last().map(value));
        let all = || match last() {
            Some(Meaning::Value(item, path)) => Meaning::Encoded(item, path),
            _ => Meaning::Unknown,
        };
        match head {
            ".Files.Get" | "$.Files.Get" => match path() {
                // Helm gives an empty text then.
                Some(path) if (self.is_hidden)(&path) => text_of(""),
                Some(path) => Meaning::File(join(self.folder, &path)),
                None => Meaning::Unknown,
            },
            ".Files.Glob" | "$.Files.Glob" => match path() {
                Some(pattern) => Meaning::Files((self.matching)(&pattern)),
                None => Meaning::Unknown,
            },
            // A string in JSON is a quoted string of YAML.
            "toJson" | "mustToJson" if matches!(last(), Some(Meaning::Value(it, _)) if it.text().is_some()) => {
                last().unwrap_or(Meaning::Unknown)
            }
            "toYaml" | "toJson" | "toPrettyJson" | "mustToYaml" | "mustToJson" => all(),
            "tpl" => arguments.first().map_or(Meaning::Unknown, |text| self.tpl(value(text))),
            "index" => Self::index(arguments, &value),
            "printf" => Self::printf(arguments, &value).map_or(Meaning::Unknown, |it| text_of(&it)),
            "default" => match (arguments.first().map(value), last()) {
                (Some(default), Some(Meaning::Value(item, _))) if is_empty(&item) => default,
                (_, last) => last.unwrap_or(Meaning::Unknown),
            },
            "include" | "template" => match path().and_then(|name| self.helper(&name)) {
                Some(body) => self.evaluate_at(&body, ".", depth + 1),
                None => Meaning::Unknown,
            },
            name if TRANSPARENT.contains(&name) => last().unwrap_or(Meaning::Unknown),
            name if apply(name, &[]).is_some() => {
                let all = arguments.iter().map(value).chain(piped.cloned());
                apply(name, &all.collect::<Vec<_>>()).unwrap_or(Meaning::Unknown)
            }
            word if arguments.is_empty() && piped.is_none() => self.word(word, dot, depth),
            _ => Meaning::Unknown,
        }
    }

    /// A text with the meaning of the actions in it.
    fn tpl(&self, text: Meaning) -> Meaning {
        let evaluated = |mut item: Item| evaluate_all(&mut item, self.values).ok().map(|()| item);
        match text {
            Meaning::Value(item, path) => {
                evaluated(item).map_or(Meaning::Unknown, |item| Meaning::Value(item, path))
            }
            Meaning::Encoded(item, path) => {
                evaluated(item).map_or(Meaning::Unknown, |item| Meaning::Encoded(item, path))
            }
            Meaning::File(name) if (self.is_template)(&name) => Meaning::Unknown,
            other => other,
        }
    }

    /// The action that a helper consists of.
    fn helper(&self, name: &str) -> Option<String> {
        let (_, rest) = self.helpers.split_once(&format!("define \"{name}\""))?;
        let (_, body) = rest.split_once("}}")?;
        let (body, _) = body.split_once("end")?;
        let body = body.trim_end().trim_end_matches(['-', '{']).trim();
        let inner = body.strip_prefix("{{")?.strip_suffix("}}")?;
        let is_one = !inner.contains("{{");
        is_one.then(|| inner.trim_matches(['-', ' ', '\n']).to_owned())
    }

    fn index(arguments: &[Token], value: &dyn Fn(&Token) -> Meaning) -> Meaning {
        let Some((first, keys)) = arguments.split_first() else { return Meaning::Unknown };
        let Meaning::Value(item, mut path) = value(first) else { return Meaning::Unknown };
        let keys: Option<Vec<String>> = keys.iter().map(|key| value(key).word()).collect();
        let Some(keys) = keys else { return Meaning::Unknown };
        let found = at(&item, &keys);
        path.extend(keys);
        Meaning::Value(found, path)
    }

    fn printf(arguments: &[Token], value: &dyn Fn(&Token) -> Meaning) -> Option<String> {
        let (format, values) = arguments.split_first()?;
        let format = value(format).word()?;
        let parts: Vec<&str> = format.split("%s").collect();
        let is_plain = !parts.iter().any(|part| part.contains('%'));
        (is_plain && parts.len() == values.len() + 1).then_some(())?;
        let mut text = String::new();
        for (at, part) in parts.into_iter().enumerate() {
            text.push_str(part);
            if let Some(argument) = values.get(at) {
                text.push_str(&value(argument).word()?);
            }
        }
        Some(text)
    }

    fn word(&self, word: &str, dot: &str, depth: usize) -> Meaning {
        let from_root = word.strip_prefix('$').unwrap_or(word);
        let path: Vec<String> = from_root.split('.').skip(1).map(str::to_owned).collect();
        match path.first().map(String::as_str) {
            _ if !from_root.starts_with('.') => Meaning::Unknown,
            Some("Values") => {
                let path = path.get(1..).unwrap_or_default().to_vec();
                Meaning::Value(at(self.values, &path), path)
            }
            Some("Chart") => {
                let key = path.get(1).map(|key| key[..1].to_lowercase() + &key[1..]);
                let found = key.and_then(|key| self.chart.get(&key).cloned());
                found.map_or(Meaning::Unknown, |item| Meaning::Value(item, Vec::new()))
            }
            _ if dot == "." || word.starts_with('$') => Meaning::Unknown,
            _ => match self.evaluate_at(dot, ".", depth + 1) {
                Meaning::Value(item, mut known) => {
                    let keys: Vec<String> =
                        path.into_iter().filter(|key| !key.is_empty()).collect();
                    let found = at(&item, &keys);
                    known.extend(keys);
                    Meaning::Value(found, known)
                }
                _ => Meaning::Unknown,
            },
        }
    }
}

fn nothing() -> Item {
    Item::new(Value::Null, None)
}

/// A number or a boolean.
fn literal(word: &str) -> Option<Item> {
    let value = match word {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        number => Value::Int(number.parse().ok()?),
    };
    Some(Item::new(value, None))
}

fn at(item: &Item, path: &[String]) -> Item {
    let found = path.iter().try_fold(item, |item, key| item.get(key));
    found.cloned().unwrap_or_else(nothing)
}

/// Splits an expression into words, strings, groups in parentheses, and pipes.
fn tokens(said: &str) -> Option<Vec<Token>> {
    let mut stack: Vec<Vec<Token>> = vec![Vec::new()];
    let mut rest = said.trim();
    while let Some(c) = rest.chars().next() {
        let own = stack.last_mut()?;
        let end = match c {
            '(' => {
                stack.push(Vec::new());
                1
            }
            ')' => {
                let group = stack.pop()?;
                let end = rest[1..].find(|c: char| !(c.is_alphanumeric() || c == '.'));
                let end = 1 + end.unwrap_or(rest.len() - 1);
                stack.last_mut()?.push(field_of(group, &rest[1..end]));
                end
            }
            '|' => {
                own.push(Token::Pipe);
                1
            }
            '"' | '`' => {
                let end = rest[1..].find(c)? + 1;
                own.push(Token::Text(rest[1..end].to_owned()));
                end + 1
            }
            _ => {
                let end = rest.find(|c: char| c.is_whitespace() || "()|\"`".contains(c));
                let end = end.unwrap_or(rest.len());
                own.push(Token::Word(rest[..end].to_owned()));
                end
            }
        };
        rest = rest.get(end..)?.trim_start();
    }
    let all = stack.pop().filter(|_| stack.is_empty())?;
    (!all.is_empty()).then_some(all)
}

/// A group and the field of it that follows: `(…).AsConfig` of files is the group itself.
fn field_of(group: Vec<Token>, field: &str) -> Token {
    let keys: Vec<&str> = field.split('.').filter(|key| !key.is_empty()).collect();
    if keys.is_empty() || matches!(keys[..], ["AsConfig" | "AsSecrets"]) {
        return Token::Group(group);
    }
    let keys = keys.into_iter().map(|key| Token::Text(key.to_owned()));
    let index = [Token::Word("index".to_owned()), Token::Group(group)];
    Token::Group(index.into_iter().chain(keys).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::chart_templates::meaning::written_item;
    use crate::deploy::read_item;
    use crate::span::FileId;

    #[test]
    fn evaluates_expressions() {
        let read = |text: &str| read_item(FileId(0), text).unwrap();
        let values = read(
            "a: {b: x, c: ''}\nd: 1\ne: {f: g}\noff: false\nt: '{{ .Values.d }}'\nu: '{{ now }}'\n",
        );
        let chart = read("name: n\nappVersion: 3.2.2\n");
        let context = Context {
            folder: "charts/n",
            values: &values,
            chart: &chart,
            helpers: "{{- define \"n.config\" -}}\n{{ toYaml .Values.e }}\n{{- end }}\n\
                      {{ define \"n.name\" }}a-{{ .x }}{{ end }}",
            is_template: &|name| name == "charts/n/a.tpl",
            is_hidden: &|name| name.starts_with("templates/"),
            matching: &|pattern| vec![format!("charts/n/{pattern}")],
        };
        for (said, dot, expected) in [
            (".Values.a.b", ".", "value a.b = x"),
            ("$.Values.a.b | quote", ".", "value a.b = x"),
            (".Values.d", ".", "value d = 1"),
            (".Values.a.c | default \"y\"", ".", "value  = y"),
            ("default .Chart.AppVersion .Values.a.b", ".", "value a.b = x"),
            (".Values.x.y", ".", "value x.y = "),
            ("index .Values \"a\" \"b\"", ".", "value a.b = x"),
            ("toYaml .Values.e | nindent 4", ".", "encoded e"),
            (".Values.e | toYaml | indent 4", ".", "encoded e"),
            ("tpl (toYaml .Values.e) . | nindent 4", ".", "encoded e"),
            ("merge (dict) .Values.e | toYaml", ".", "encoded "),
            ("(mergeOverwrite (deepCopy .Values.e) .Values.a).f", ".", "value f = g"),
            ("index (merge .Values.a .Values.e) \"f\"", ".", "value f = g"),
            ("omit .Values.a \"b\" | toYaml", ".", "encoded a"),
            ("tpl .Values.t .", ".", "value t = 1"),
            ("tpl .Values.u .", ".", "unknown"),
            ("tpl (.Files.Get \"a\") .", ".", "file charts/n/a"),
            ("tpl (.Files.Get \"a.tpl\") .", ".", "unknown"),
            ("toYaml .", ".Values.e", "encoded e"),
            (".f", ".Values.e", "value e.f = g"),
            ("include \"n.config\" . | nindent 4", ".", "encoded e"),
            ("include \"n.name\" .", ".", "unknown"),
            (".Files.Get \"a.yaml\" | indent 2", ".", "file charts/n/a.yaml"),
            (".Files.Get \"templates/a.yaml\"", ".", "value  = "),
            ("(.Files.Glob \"f/*\").AsConfig | indent 2", ".", "files charts/n/f/*"),
            ("range $k, $v := .Files.Glob \"f/*\"", ".", "files charts/n/f/*"),
            (".Release.Name", ".", "unknown"),
            (".Files.Get (printf \"f/%s.yaml\" .Values.a.b)", ".", "file charts/n/f/x.yaml"),
            ("printf \"%s-%s\" .Values.d .Release.Name", ".", "unknown"),
            ("printf \"%d\" .Values.d", ".", "unknown"),
            ("((", ".", "unknown"),
        ] {
            let shown = match context.evaluate(said, dot) {
                Meaning::Value(item, path) => {
                    format!(
                        "value {} = {}",
                        path.join("."),
                        written_item(&item).unwrap_or_default()
                    )
                }
                Meaning::Encoded(_, path) => format!("encoded {}", path.join(".")),
                Meaning::File(name) => format!("file {name}"),
                Meaning::Files(names) => format!("files {}", names.join(" ")),
                Meaning::Unknown => "unknown".to_owned(),
            };
            assert_eq!(shown, expected, "{said}");
        }
        for (condition, expected) in [
            (".Values.a", Some(true)),
            (".Values.off", Some(false)),
            ("not .Values.off", Some(true)),
            (".Values.none", Some(false)),
            ("eq .Values.d 1", None),
            ("eq .Values.a.b \"y\" \"x\"", Some(true)),
            ("ne .Values.a.b \"x\"", Some(false)),
            ("eq .Values.none \"x\"", Some(false)),
            ("eq .Values.a.b 1", None),
            ("eq .Release.Name \"x\"", None),
            ("and .Values.d (not .Values.off)", Some(true)),
            ("and .Values.d (eq .Values.a.b \"y\")", Some(false)),
            ("and .Release.Name .Values.off", Some(false)),
            ("and .Release.Name .Values.d", None),
            ("or .Values.off .Values.none", Some(false)),
            ("or .Release.Name .Values.d", None),
            ("or .Release.Name .Values.off", None),
            ("not (or .Values.off .Values.d)", Some(false)),
            ("hasKey .Values.a \"c\"", Some(true)),
            ("empty .Values.a.c", Some(true)),
            ("ternary .Values.d .Values.off (eq .Values.a.b \"x\")", Some(true)),
            (".Values.a.b | eq \"x\"", Some(true)),
        ] {
            assert_eq!(context.holds(condition, "."), expected, "{condition}");
        }
    }
}
