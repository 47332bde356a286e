//! The text of test files: new ones, and tests appended to one that a person wrote.

use super::example::scalar;
use super::read::read;
use crate::span::FileId;
use crate::syntax::{DataFormat, Document, Item, Value};

/// The lines of a test, as an item of the list of tests.
pub type Entry = Vec<String>;

/// A file with these tests; `rules` is the rules file if it is not the only one in the same folder.
pub fn new_file(target: &str, rules: Option<&str>, tests: &[Entry]) -> String {
    let rules = rules.map_or_else(String::new, |rules| format!("rules: {}\n", scalar(rules)));
    format!("target: {}\n{rules}tests:\n{}", scalar(target), items(tests, "  ", "\n"))
}

/// The text with these tests after its own, which stay as they are, as do comments. `None` if its list
/// of tests is not in block style, so that a new file is better.
pub fn append(text: &str, tests: &[Entry]) -> Option<String> {
    let document = Document::read(FileId(0), DataFormat::Yaml, text);
    let list = document.item.as_ref()?.get("tests")?;
    let (at, indent) = end_of_items(text, list)?;
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let (before, after) = text.split_at(at);
    let new_line = if before.ends_with('\n') { "" } else { end };
    let new = format!("{before}{new_line}{}{after}", items(tests, &indent, end));
    is_extended(text, &new, tests.len()).then_some(new)
}

/// Whether one text has the tests of the other, and some more after them.
fn is_extended(text: &str, new: &str, more: usize) -> bool {
    let [old, new] = [text, new].map(|text| read(FileId(0), text).file.map(|file| file.tests));
    let (Some(old), Some(new)) = (old, new) else { return false };
    new.len() == old.len() + more && new.starts_with(&old)
}

/// Where the line after the last item begins, and what is before the `-` of the items.
fn end_of_items(text: &str, list: &Item) -> Option<(usize, String)> {
    let Value::List(items) = &list.value else { return None };
    let last = items.last()?.span?;
    let item = last.range();
    let line = text.get(..item.start)?.rfind('\n').map_or(0, |at| at + 1);
    let (indent, rest) = text.get(line..item.start)?.split_once('-')?;
    if !indent.trim().is_empty() || !rest.trim().is_empty() {
        return None;
    }
    let content = text.get(..item.end)?.trim_end().len();
    let line_end = text.get(content..)?.find('\n').map_or(text.len(), |at| content + at + 1);
    Some((line_end, indent.to_owned()))
}

fn items(tests: &[Entry], indent: &str, end: &str) -> String {
    let lines = tests.iter().flatten();
    lines.fold(String::new(), |text, line| text + indent + line + end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added() -> Vec<Entry> {
        let lines = ["- name: new", "  trace:", "    - {}", "  expect: {keep: never}"];
        vec![lines.map(str::to_owned).to_vec()]
    }

    const NEW: &str = "- name: new\n  trace:\n    - {}\n  expect: {keep: never}\n";

    #[test]
    fn tests_are_appended_after_comments_and_before_other_keys() {
        let own = "- {name: old, trace: [{}], expect: {keep: always}}";
        for (text, before, indent) in [
            (format!("# top\ntarget: t\ntests:\n{own}\n"), "", ""),
            (format!("target: t\ntests:\n{own}"), "\n", ""),
            (format!("target: t\ntests:\n  {own} # why\n"), "", "  "),
        ] {
            let indented = format!("{indent}{}", NEW.replace('\n', &format!("\n{indent}")));
            let expected = format!("{text}{before}{}", indented.trim_end_matches(' '));
            assert_eq!(append(&text, &added()).as_deref(), Some(&*expected), "{text}");
        }
        let (first, rest) = (format!("tests:\n {own}\n"), "\n# about the target\ntarget: t\n");
        let new = append(&format!("{first}{rest}"), &added()).unwrap();
        assert!(new.starts_with(&first) && new.ends_with(rest), "{new}");
    }

    #[test]
    fn line_ends_stay_as_they_are() {
        let text =
            "target: t\r\ntests:\r\n- name: old\r\n  trace: [{}]\r\n  expect: {keep: always}\r\n";
        let new = append(text, &added()).unwrap();
        assert_eq!(new.matches('\n').count(), new.matches("\r\n").count());
        assert!(new.starts_with(text));
    }

    #[test]
    fn a_list_in_flow_style_is_not_changed() {
        let own = "{name: old, trace: [{}], expect: {keep: always}}";
        for text in [
            format!("target: t\ntests: [{own}]\n"),
            format!("target: t\ntests: [\n  {own}\n]\n"),
            format!("{{target: t, tests: [{own}]}}"),
            "target: t\ntests: []\n".to_owned(),
            "target: t\n".to_owned(),
            "target: [\n".to_owned(),
            // Not a valid test file.
            format!("target: t\ntest: x\ntests:\n- {own}\n"),
        ] {
            assert_eq!(append(&text, &added()), None, "{text}");
        }
    }

    #[test]
    fn a_new_file_quotes_what_it_must() {
        let text = new_file("a: b", Some("../rules #1.yaml"), &added());
        let start = "target: \"a: b\"\nrules: \"../rules #1.yaml\"\ntests:\n  - name: new\n";
        assert!(text.starts_with(start), "{text}");
        assert_eq!(read(FileId(0), &text).file.unwrap().target.value, "a: b");
    }
}
