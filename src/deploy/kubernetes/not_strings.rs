//! Numbers and booleans where Kubernetes expects a string: variables, commands and arguments of containers.

use crate::check;
use crate::deploy::{list, word};
use crate::diagnostic::Finding;
use crate::syntax::{Item, Value};

check!(
    NOT_A_STRING,
    "start/not-a-string",
    Error,
    kind: Verdict,
    "a number or boolean where a container needs a string",
    "Kubernetes rejects the whole object unless variables, `command` and `args` of its containers are \
     strings. Nothing is rolled out, and running pods keep what they have."
);

/// Reports what is no string in the containers of a pod. One of them makes Kubernetes reject all.
pub fn find_in_pod(pod: &Item) -> Vec<Finding> {
    let containers = ["initContainers", "containers"].iter().flat_map(|key| list(pod, key));
    let find = |container: &Item| {
        let words = ["command", "args"].into_iter();
        let words = words.flat_map(|key| {
            list(container, key).iter().filter_map(move |word| find(&format!("`{key}`"), word))
        });
        let mut found = find_in_variables(container.get("env"));
        found.extend(words);
        found
    };
    containers.flat_map(find).collect()
}

/// Reports variables whose values are no strings, in the form of `env` of a container.
pub fn find_in_variables(variables: Option<&Item>) -> Vec<Finding> {
    let variables = variables.and_then(Item::list).unwrap_or_default().iter();
    let found = variables.filter_map(|variable| {
        let name = variable.get("name").and_then(word)?;
        find(&format!("the value of `{name}`"), variable.get("value")?)
    });
    found.collect()
}

fn find(what: &str, item: &Item) -> Option<Finding> {
    let written = match &item.value {
        Value::Null | Value::Text(_) | Value::Time => return None,
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) | Value::Mixed(_) => "a mapping".to_owned(),
        _ if item.raw.is_empty() => format!("`{}`", word(item)?),
        _ => format!("`{}`", item.raw),
    };
    let finding = Finding::new(&NOT_A_STRING, format!("{what} must be a string, not {written}"))
        .at_some(item.span, "Kubernetes rejects this")
        .refuses();
    let is_scalar = written.starts_with('`');
    Some(if is_scalar {
        finding.help(format!("put it in quotes: `\"{}\"`", written.trim_matches('`')))
    } else {
        finding.help("write a single string")
    })
}
