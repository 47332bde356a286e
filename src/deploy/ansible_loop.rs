//! Loops of Ansible: a task with `loop` or `with_items` → a task for each of their elements.

use super::word;
use crate::syntax::{Item, Value};

/// Keys of the elements of a loop.
const LOOPS: [&str; 2] = ["loop", "with_items"];

/// The maximum depth of blocks of tasks.
const DEEPEST: usize = 16;

/// The most elements of a loop that is unrolled.
const MOST: usize = 100;

/// Unrolls the loops of all tasks whose elements are written out, or are a variable that `lists` knows.
pub fn unroll(item: &mut Item, lists: &dyn Fn(&str) -> Option<Item>, depth: usize) {
    if depth >= DEEPEST {
        return;
    }
    match &mut item.value {
        Value::List(tasks) => {
            let is_any = tasks.iter().any(|task| elements(task, lists).is_some());
            if is_any {
                *tasks = tasks.iter().flat_map(|task| unrolled(task, lists)).collect();
            }
            for task in tasks {
                unroll(task, lists, depth + 1);
            }
        }
        Value::Map(entries) => {
            for entry in entries {
                unroll(&mut entry.item, lists, depth + 1);
            }
        }
        _ => {}
    }
}

/// The elements of the loop of a task; `None` if they are not known.
fn elements(task: &Item, lists: &dyn Fn(&str) -> Option<Item>) -> Option<Vec<Item>> {
    let written = LOOPS.iter().find_map(|key| task.get(key))?;
    let variable = written.text().and_then(|text| text.strip_prefix("{{")?.strip_suffix("}}"));
    let list = variable.and_then(|name| lists(name.trim()));
    let all = list.as_ref().unwrap_or(written).list()?;
    (!all.is_empty() && all.len() <= MOST).then(|| all.to_vec())
}

fn unrolled(task: &Item, lists: &dyn Fn(&str) -> Option<Item>) -> Vec<Item> {
    let Some(all) = elements(task, lists) else { return vec![task.clone()] };
    let one = |element: &Item| {
        let mut task = task.clone();
        if let Value::Map(entries) = &mut task.value {
            entries.retain(|entry| !LOOPS.contains(&entry.key.as_str()));
        }
        fill(&mut task, element, 0);
        task
    };
    all.iter().map(one).collect()
}

fn fill(item: &mut Item, element: &Item, depth: usize) {
    match &mut item.value {
        Value::Text(text) if text.contains("item") => *text = filled(text, element),
        Value::List(items) if depth < DEEPEST => {
            for item in items {
                fill(item, element, depth + 1);
            }
        }
        Value::Map(entries) if depth < DEEPEST => {
            for entry in entries {
                fill(&mut entry.item, element, depth + 1);
            }
        }
        _ => {}
    }
}

/// A text with the element in place of `{{ item }}`, and its values in place of `{{ item.key }}`.
fn filled(text: &str, element: &Item) -> String {
    let (mut filled, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((inside, after)) = after.split_once("}}") else { break };
        let path = inside.trim().strip_prefix("item");
        let value = path.and_then(|path| match path.strip_prefix('.') {
            Some(key) => word(element.get(key)?),
            None if path.is_empty() => word(element),
            None => None,
        });
        filled.push_str(before);
        match value {
            Some(value) => filled.push_str(&value),
            None => filled.extend(["{{", inside, "}}"]),
        }
        rest = after;
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::read_item;
    use crate::span::FileId;

    #[test]
    fn a_loop_is_a_task_for_each_element() {
        let text = "- copy: {src: '{{ item.a }}', dest: '/x/{{ item.b }}{{ c }}'}\n  loop:\n  - {a: 1, b: 2}\n  - {a: 3, b: 4}\n\
                    - copy: {src: '{{ item }}'}\n  loop: '{{ d }}'\n";
        let mut tasks = read_item(FileId(0), text).unwrap();
        unroll(&mut tasks, &|_| None, 0);
        let shown = tasks.list().unwrap().iter().map(|task| {
            let copy = task.get("copy").unwrap();
            let text = |key| copy.get(key).and_then(Item::text).unwrap_or_default();
            format!("{} {}", text("src"), text("dest"))
        });
        let shown: Vec<String> = shown.collect();
        assert_eq!(shown, ["1 /x/2{{ c }}", "3 /x/4{{ c }}", "{{ item }} "]);
    }
}
