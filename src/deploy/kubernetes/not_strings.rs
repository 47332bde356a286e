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
            list(container, key)
                .iter()
                .filter_map(move |word| find(&format!("an element of `{key}`"), word))
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
    // The value may be a secret.
    let (written, help) = match &item.value {
        Value::Null | Value::Text(_) | Value::Time => return None,
        Value::List(_) => ("a list", "write a single string"),
        Value::Map(_) | Value::Mixed(_) => ("a mapping", "write a single string"),
        Value::Bool(_) => ("a boolean", "put it in quotes"),
        _ => ("a number", "put it in quotes"),
    };
    let finding = Finding::new(&NOT_A_STRING, format!("{what} must be a string, not {written}"))
        .at_some(item.span, "Kubernetes rejects this");
    Some(finding.help(help).refuses())
}
