//! Single values that are set over all files of values, as `--set` does.

use super::items::{entry, map, text};
use crate::deploy::{list, word};
use crate::sniff::containers::has_template;
use crate::syntax::{Item, Value};
use crate::value::replaced::of_template;

/// Lists of single values in objects that install a chart, each with a `name` and a `value`.
pub const PARAMETERS: [&str; 6] =
    ["parameters", "set", "setString", "set_sensitive", "set_list", "set_wo"];

/// The largest index of a list; Helm allows no more.
const MAX_INDEX: usize = 65_536;

/// A value, and the path that it is set at: `config.Logger.Level`, `a.b\.c[0]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    pub name: String,
    pub value: Item,
}

impl Setting {
    /// `NAME=VALUE`, as on a command line.
    pub fn written(pair: &str, is_text: bool) -> Option<Self> {
        let (name, value) = pair.split_once('=')?;
        Some(Self { name: name.to_owned(), value: typed(value, is_text) })
    }

    /// The content of a file, which is unknown here.
    pub fn of_file(name: &str, path: &str) -> Self {
        Self { name: name.to_owned(), value: text(&of_template(path)) }
    }

    /// Sets it; whether its path fits the values.
    pub fn apply(&self, values: &mut Item) -> bool {
        let steps = steps(&self.name);
        steps.is_some_and(|steps| put(values, &steps, &self.value))
    }
}

/// A written value in the type that Helm gives it. One that a variable or a template decides is
/// unknown.
pub fn typed(written: &str, is_text: bool) -> Item {
    let is_open = written.contains(['$', '`']) || has_template(written);
    if is_open {
        return text(&of_template(written));
    }
    let list = written.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    if let Some(inner) = list.filter(|_| !is_text) {
        let items = inner.split(',').filter(|item| !item.is_empty());
        return Item::new(Value::List(items.map(|item| typed(item.trim(), false)).collect()), None);
    }
    let value = match written.to_ascii_lowercase().as_str() {
        _ if is_text => return text(written),
        "null" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "0" => Value::Int(0),
        word if !word.starts_with(['0', '+']) => match word.parse() {
            Ok(number) => Value::Int(number),
            Err(_) => return text(written),
        },
        _ => return text(written),
    };
    // Some formats are read from the raw text.
    Item { raw: written.to_owned(), ..Item::new(value, None) }
}

/// The parameters in a mapping, without their places.
pub fn settings_in(item: &Item) -> Vec<Setting> {
    let all = list(item, "parameters").iter().filter_map(|it| named(it, "parameters"));
    all.map(|setting| Setting { value: Item { span: None, ..setting.value }, ..setting }).collect()
}

/// A single value with its name.
pub fn named(item: &Item, key: &str) -> Option<Setting> {
    let name = item.get("name")?.text()?.to_owned();
    let is_text = key == "setString"
        || item.get("type").and_then(Item::text) == Some("string")
        || ["forceString", "forcestring"]
            .iter()
            .any(|key| item.get(key).is_some_and(|it| it.value == Value::Bool(true)));
    Some(Setting { name, value: value_of(item.get("value")?, is_text) })
}

pub fn value_of(item: &Item, is_text: bool) -> Item {
    match word(item) {
        Some(word) => Item { span: item.span, ..typed(&word, is_text) },
        None => item.clone(),
    }
}

/// A step of the path of a value: a key of a map, or an index of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Key(String),
    Index(usize),
}

/// The steps of a path; `None` if it is malformed.
fn steps(path: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('[') {
            let (index, after) = after.split_once(']')?;
            steps.push(Step::Index(index.parse().ok().filter(|index| *index <= MAX_INDEX)?));
            rest = after.strip_prefix('.').unwrap_or(after);
            continue;
        }
        let mut key = String::new();
        let mut chars = rest.char_indices();
        let mut end = rest.len();
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => key.extend(chars.next().map(|(_, c)| c)),
                '.' | '[' => {
                    end = at;
                    break;
                }
                c => key.push(c),
            }
        }
        if key.is_empty() {
            return None;
        }
        steps.push(Step::Key(key));
        rest = &rest[end..];
        rest = rest.strip_prefix('.').unwrap_or(rest);
    }
    (!steps.is_empty()).then_some(steps)
}

fn put(at: &mut Item, steps: &[Step], value: &Item) -> bool {
    let Some((step, below)) = steps.split_first() else {
        *at = value.clone();
        return true;
    };
    let is_fitting = match (step, &at.value) {
        (Step::Key(_), Value::Map(_)) | (Step::Index(_), Value::List(_)) | (_, Value::Null) => true,
        // Helm replaces what is not a mapping.
        _ => !matches!(at.value, Value::Mixed(_)),
    };
    if !is_fitting {
        return false;
    }
    match step {
        Step::Key(key) => {
            if !matches!(at.value, Value::Map(_)) {
                *at = map(Vec::new());
            }
            let Some(entries) = at.value.as_entries_mut() else { return false };
            let place = entries.iter().position(|entry| entry.key == *key);
            let place = place.unwrap_or_else(|| {
                entries.push(entry(key, Item::new(Value::Null, None)));
                entries.len() - 1
            });
            put(&mut entries[place].item, below, value)
        }
        Step::Index(index) => {
            if !matches!(at.value, Value::List(_)) {
                *at = Item::new(Value::List(Vec::new()), None);
            }
            let Value::List(items) = &mut at.value else { return false };
            if items.len() <= *index {
                items.resize(index + 1, Item::new(Value::Null, None));
            }
            put(&mut items[*index], below, value)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::render::render;
    use super::*;
    use crate::deploy::read_item;
    use crate::span::{FileId, Span};

    fn set(values: &str, pairs: &[(&str, bool)]) -> String {
        let mut item = read_item(FileId(0), values).unwrap();
        for (pair, is_text) in pairs {
            assert!(Setting::written(pair, *is_text).unwrap().apply(&mut item), "{pair}");
        }
        render(&item, Span::new(FileId(0), 0, 0)).text
    }

    #[test]
    fn sets_values_as_helm_does() {
        for (values, pairs, expected) in [
            ("{}", &[("a.b=1", false)][..], "a:\n  b: 1\n"),
            ("{a: {b: 1, c: x}}", &[("a.b=true", false)], "a:\n  b: true\n  c: x\n"),
            ("{a: 1}", &[("a=1", true)], "a: \"1\"\n"),
            ("{a: 1}", &[("a=null", false)], "a: null\n"),
            ("{}", &[("a=007", false), ("b=0", false)], "a: \"007\"\nb: 0\n"),
            ("{}", &[("a=0.5", false), ("b=-3", false)], "a: \"0.5\"\nb: -3\n"),
            ("{}", &[(r"a\.b=x", false)], "a.b: x\n"),
            ("{a: [x]}", &[("a[1].b=y", false)], "a:\n  - x\n  -\n    b: y\n"),
            ("{}", &[("a={x,2}", false)], "a:\n  - x\n  - 2\n"),
            ("{a: x}", &[("a.b=y", false)], "a:\n  b: y\n"),
        ] {
            assert_eq!(set(values, pairs), expected, "{values} {pairs:?}");
        }
    }

    #[test]
    fn values_of_variables_are_unknown() {
        for value in ["$KEY", "${{ secrets.KEY }}", "a-${B}", "`cat key`"] {
            let item = typed(value, false);
            assert!(crate::value::replaced::is_replaced(item.text().unwrap()), "{value}");
        }
    }

    #[test]
    fn malformed_paths_are_not_set() {
        for name in ["", ".a", "a[x]", "a[0", "a[99999999]"] {
            let setting = Setting { name: name.to_owned(), value: text("x") };
            assert!(!setting.apply(&mut map(Vec::new())), "{name}");
        }
    }
}
