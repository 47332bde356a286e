//! Finds values for the Refinery chart in a document, wherever they are nested.

use super::unread::has_unread;
use super::what;
use crate::deploy::at;
use crate::deploy::content::Group;
use crate::deploy::gitops::{is_key_of_values, is_of_honeycomb, names_chart};
use crate::deploy::kubernetes::objects::RELEASES;
use crate::schema::Kind;
use crate::syntax::Item;

/// The maximum nesting depth at which values are found.
const DEEPEST: usize = 16;

/// Values of the chart that decide how Refinery is started.
const OF_PODS: [&str; 4] = ["environment", "extraCommandArgs", "image", "RulesConfigMapName"];

/// Whether values are for the Refinery chart because of their path.
type IsKnown<'k> = dyn Fn(&[String]) -> bool + 'k;

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
    find_with(item, &|_| false)
}

/// The same, and those at known paths.
pub fn find_with<'i>(item: &'i Item, is_known: &IsKnown<'_>) -> Vec<Found<'i>> {
    let mut found = Vec::new();
    search(item, &mut Vec::new(), &mut Vec::new(), None, (is_known, &mut found));
    found
}

/// `naming` is the place of the innermost object around it that names the chart.
fn search<'i>(
    item: &'i Item,
    around: &mut Vec<&'i Item>,
    path: &mut Vec<String>,
    naming: Option<usize>,
    (is_known, found): (&IsKnown<'_>, &mut Vec<Found<'i>>),
) {
    let below = keys_below(naming, path);
    let is_named = || are_of_values(below) || is_known(path);
    let is_top = || is_top_of_values(below) || is_known(path) || runs_image(item);
    let is_values = is_ours(item)
        || has_files(item) && is_named()
        || (sets_pods(item) || has_unread(item)) && is_top();
    if is_values && !is_data_of_map(around, path) {
        found.push(Found { values: item, around: around.clone(), path: path.clone() });
        return;
    }
    if path.len() >= DEEPEST {
        return;
    }
    let naming = if names_chart(item) { Some(around.len()) } else { naming };
    around.push(item);
    for entry in item.entries() {
        path.push(entry.key.clone());
        search(&entry.item, around, path, naming, (is_known, &mut *found));
        path.pop();
    }
    for (index, element) in item.list().unwrap_or_default().iter().enumerate() {
        path.push(format!("[{index}]"));
        search(element, around, path, naming, (is_known, &mut *found));
        path.pop();
    }
    around.pop();
}

/// Whether `config` or `rules` in it is certainly Refinery's, even if it is the other one.
pub fn is_ours(item: &Item) -> bool {
    Kind::ALL.iter().any(|kind| item.get(kind.word()).and_then(what).is_some())
}

/// Whether these are the entries of a `ConfigMap` or Secret: files, whatever their keys are.
fn is_data_of_map(around: &[&Item], path: &[String]) -> bool {
    let kind = around.last().and_then(|object| object.get("kind")?.text());
    let group = path.last().zip(kind).and_then(|(key, kind)| Group::of(key, kind));
    matches!(kind, Some("ConfigMap" | "Secret")) && group.is_some()
}

/// Whether the image in values is Honeycomb's.
fn runs_image(item: &Item) -> bool {
    let repository = at(item, &["image", "repository"]).and_then(Item::text);
    repository.is_some_and(|repository| repository.ends_with("honeycombio/refinery"))
}

/// Whether values decide how Refinery is started.
fn sets_pods(item: &Item) -> bool {
    OF_PODS.iter().any(|key| item.get(key).is_some())
}

fn has_files(item: &Item) -> bool {
    Kind::ALL.iter().any(|kind| item.get(kind.word()).is_some())
}

/// Whether these are keys in the values of an object that names the Refinery chart.
fn are_of_values(keys: &[String]) -> bool {
    keys.iter().any(|key| is_key_of_values(key))
}

/// Whether these are next to the name of the Refinery chart, under a key that installs no values.
pub fn is_beside_name(around: &[&Item], path: &[String]) -> bool {
    let keys = keys_below(around.iter().rposition(|item| names_chart(item)), path);
    !keys.is_empty() && !are_of_values(keys)
}

/// Whether these values are beside the `spec` of a Flux or Argo CD object, where nothing reads them.
pub fn is_beside_spec(around: &[&Item], path: &[String]) -> bool {
    let kind = around.first().and_then(|object| object.get("kind")?.text());
    kind.is_some_and(|kind| RELEASES.contains(&kind))
        && path.first().is_some_and(|key| key == "values" || key == "helm")
}

/// Whether these are nested in the values of an object that installs Honeycomb's chart, which reads them
/// at the top.
pub fn is_nested(around: &[&Item], path: &[String]) -> bool {
    let naming = around.iter().rposition(|item| names_chart(item));
    let is_of_honeycomb = naming.is_some_and(|at| is_of_honeycomb(around[at]));
    let keys = keys_below(naming, path);
    is_of_honeycomb && are_of_values(keys) && !is_top_of_values(keys)
}

/// Whether these keys lead to the values themselves, and not to what is nested in them.
fn is_top_of_values(keys: &[String]) -> bool {
    let last = keys.iter().rfind(|key| !key.starts_with('['));
    last.is_some_and(|key| is_key_of_values(key))
}

/// The keys from the innermost object that names the Refinery chart.
fn keys_below(naming: Option<usize>, path: &[String]) -> &[String] {
    naming.and_then(|at| path.get(at..)).unwrap_or_default()
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
