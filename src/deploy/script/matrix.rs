//! Jobs that run once for each value of a matrix, in GitHub Actions and GitLab CI.

use crate::deploy::{at, word};
use crate::syntax::{Item, Value};
use std::collections::BTreeMap;

/// What the names of a workflow's values begin with.
const PREFIX: &str = "matrix.";

/// A `for` loop, as shell words, over the values of each variable of a job's matrix. A variable with values
/// from expressions is unknown, and so is a matrix with `exclude`.
pub fn loops(job: &Item) -> Vec<Vec<String>> {
    let of_github = at(job, &["strategy", "matrix"]).map(|matrix| (matrix, "matrix_"));
    let of_gitlab = at(job, &["parallel", "matrix"]).map(|matrix| (matrix, ""));
    let Some((matrix, prefix)) = of_github.or(of_gitlab) else { return Vec::new() };
    if matrix.get("exclude").is_some() {
        return Vec::new();
    }
    let included = matrix.get("include").and_then(Item::list).unwrap_or_default();
    let maps = matrix.list().unwrap_or(std::slice::from_ref(matrix)).iter().chain(included);
    let mut values: BTreeMap<&str, Vec<Option<String>>> = BTreeMap::new();
    for entry in maps.flat_map(Item::entries).filter(|entry| entry.key != "include") {
        let of_one = entry.item.list().unwrap_or(std::slice::from_ref(&entry.item));
        values.entry(&entry.key).or_default().extend(of_one.iter().map(plain));
    }
    let known = values.into_iter().filter_map(|(name, values)| {
        let values: Vec<String> = values.into_iter().collect::<Option<_>>()?;
        let start = ["for".to_owned(), format!("{prefix}{name}"), "in".to_owned()];
        Some(start.into_iter().chain(values).collect())
    });
    known.collect()
}

/// A value without expressions.
fn plain(value: &Item) -> Option<String> {
    let text = match &value.value {
        // `y` is a string here.
        Value::Bool(_) => Some(value.raw.clone()),
        _ => word(value),
    };
    text.filter(|text| !text.contains(['$', ' ']))
}

/// A line of a workflow with the shell variable `${matrix_x}` in place of `${{ matrix.x }}`.
pub fn with_variables(line: &str, loops: &[Vec<String>]) -> String {
    let (mut found, mut rest) = (String::new(), line);
    while let Some((before, after)) = rest.split_once("${{") {
        let Some((inside, after)) = after.split_once("}}") else { break };
        found.push_str(before);
        let name = inside.trim().strip_prefix(PREFIX).map(|name| format!("matrix_{name}"));
        match name.filter(|name| loops.iter().any(|words| words.get(1) == Some(name))) {
            Some(name) => found.extend(["${", &name, "}"]),
            None => found.extend(["${{", inside, "}}"]),
        }
        rest = after;
    }
    found + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::read_item;
    use crate::span::FileId;

    #[test]
    fn reads_matrices() {
        for (job, expected) in [
            (
                "strategy: {matrix: {env: [dev, prod], v: 1}}",
                "for matrix_env in dev prod; for matrix_v in 1",
            ),
            (
                "strategy: {matrix: {include: [{env: dev}, {env: prod}]}}",
                "for matrix_env in dev prod",
            ),
            (
                "strategy: {matrix: {env: [a], include: [{env: b, x: y}]}}",
                "for matrix_env in a b; for matrix_x in y",
            ),
            ("strategy: {matrix: {env: [a, b], exclude: [{env: b}]}}", ""),
            ("strategy: {matrix: {env: '${{ fromJSON(x) }}', v: [1, 2]}}", "for matrix_v in 1 2"),
            ("parallel: {matrix: [{ENV: [dev, prod]}, {ENV: eu}]}", "for ENV in dev prod eu"),
            ("parallel: 5", ""),
            ("steps: []", ""),
        ] {
            let item = read_item(FileId(0), job).unwrap();
            let loops: Vec<String> = loops(&item).iter().map(|words| words.join(" ")).collect();
            assert_eq!(loops.join("; "), expected, "{job}");
        }
    }

    #[test]
    fn replaces_known_values() {
        let item = read_item(FileId(0), "strategy: {matrix: {env: [a]}}").unwrap();
        let line = "helm -f ${{ matrix.env }}/${{matrix.x}}-${{ github.sha }}.yaml ${{";
        let expected = "helm -f ${matrix_env}/${{matrix.x}}-${{ github.sha }}.yaml ${{";
        assert_eq!(with_variables(line, &loops(&item)), expected);
    }
}
