//! Finds values for the Refinery chart in a document, wherever they are nested.

use super::what;
use crate::deploy::gitops::names_chart;
use crate::schema::Kind;
use crate::syntax::Item;

/// The maximum nesting depth at which values are found.
const DEEPEST: usize = 16;

/// Keys whose values go to a chart.
const VALUES: [&str; 4] = ["values", "valuesObject", "valuesInline", "valuesContent"];

/// Values for the chart.
#[derive(Clone, Debug)]
pub struct Found<'i> {
    /// The mapping with `config` or `rules`.
    pub values: &'i Item,
    /// The mappings and lists around it, outermost first.
    pub around: Vec<&'i Item>,
    /// The keys and positions that lead to it: `releases`, `[0]`, `values`.
    pub path: Vec<String>,
}

/// All values for the chart, by their content or next to the name of the chart.
pub fn find(item: &Item) -> Vec<Found<'_>> {
    find_with(item, &[])
}

/// The same, and those at these paths.
pub fn find_with<'i>(item: &'i Item, known: &[Vec<String>]) -> Vec<Found<'i>> {
    let mut found = Vec::new();
    search(item, &mut Vec::new(), &mut Vec::new(), (known, &mut found));
    found
}

fn search<'i>(
    item: &'i Item,
    around: &mut Vec<&'i Item>,
    path: &mut Vec<String>,
    (known, found): (&[Vec<String>], &mut Vec<Found<'i>>),
) {
    let is_named = || is_named(around, path) || known.contains(path);
    if is_ours(item) || has_files(item) && is_named() {
        found.push(Found { values: item, around: around.clone(), path: path.clone() });
        return;
    }
    if path.len() >= DEEPEST {
        return;
    }
    around.push(item);
    for entry in item.entries() {
        path.push(entry.key.clone());
        search(&entry.item, around, path, (known, &mut *found));
        path.pop();
    }
    for (index, element) in item.list().unwrap_or_default().iter().enumerate() {
        path.push(format!("[{index}]"));
        search(element, around, path, (known, &mut *found));
        path.pop();
    }
    around.pop();
}

/// Whether `config` or `rules` in it is certainly Refinery's, even if it is the other one.
pub fn is_ours(item: &Item) -> bool {
    Kind::ALL.iter().any(|kind| item.get(kind.word()).and_then(what).is_some())
}

fn has_files(item: &Item) -> bool {
    Kind::ALL.iter().any(|kind| item.get(kind.word()).is_some())
}

/// Whether these are the values of an object that names the Refinery chart, whatever they contain.
fn is_named(around: &[&Item], path: &[String]) -> bool {
    let naming = around.iter().rposition(|item| names_chart(item));
    let keys = naming.and_then(|at| path.get(at..)).unwrap_or_default();
    keys.iter().any(|key| VALUES.contains(&key.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::read_item;
    use crate::span::FileId;

    #[test]
    fn finds_values_at_any_place() {
        for (text, expected) in [
            ("config: {General: {ConfigurationVersion: 2}}", "/"),
            ("a: {b: {rules: {RulesVersion: 2, Samplers: {}}}}", "a/b/"),
            ("a: [{}, {rules: {RulesVersion: 2, Samplers: {}}}]", "a/[1]/"),
            ("chart: honeycomb/refinery\nvalues: [{config: {Generall: 1}}]", "values/[0]/"),
            ("chart: honeycomb/refinery\nhelm: {values: {rules: x}}", "helm/values/"),
            ("chart: honeycomb/refinery\nvalues: {config: }", "values/"),
            ("chart: honeycomb/refinery\nvalues: {rules: [a]}", "values/"),
            (
                "chart: refinery\nrepoURL: https://honeycombio.github.io\nvalues: {rules: x}",
                "values/",
            ),
            ("chart: refinery\nrepo: https://example.com\nvalues: {config: {a: 1}}", "values/"),
            (
                "chart: {spec: {chart: refinery, sourceRef: {name: m}}}\nvalues: {config: {a: 1}}",
                "values/",
            ),
            ("chart: honeycomb/refinery\nother: {config: {a: 1}}", ""),
            ("chart: honeycomb/collector\nvalues: {config: {a: 1}}", ""),
            ("config: {receivers: {}}", ""),
            ("config: {RulesVersion: 2, Samplers: {}}", "/"),
        ] {
            let item = read_item(FileId(0), text).unwrap();
            let found: Vec<String> =
                find(&item).iter().map(|found| found.path.join("/") + "/").collect();
            assert_eq!(found.concat(), expected, "{text}");
        }
    }
}
