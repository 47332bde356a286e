//! Values files in the sources of an application of Argo CD.

use super::gitops::{allows_missing_files, names_chart, values_files};
use super::list;
use super::named_map::not_found;
use super::resolve::UNKNOWN_FILE;
use crate::diagnostic::Finding;
use crate::syntax::Item;

/// The maximum nesting depth of sources.
const DEEPEST: usize = 16;

/// Reports values files of Refinery's chart that Argo CD does not find in the sources of an application.
pub fn find_unresolved(item: &Item) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut waiting = vec![(item, 0)];
    while let Some((item, depth)) = waiting.pop() {
        let sources = list(item, "sources");
        for source in sources.iter().chain(item.get("source")).filter(|it| names_chart(it)) {
            found.extend(find_unknown_refs(source, sources));
            found.extend(find_in_chart(source));
        }
        if depth < DEEPEST {
            waiting.extend(item.entries().iter().map(|entry| (&entry.item, depth + 1)));
        }
    }
    found
}

/// Reports `$NAME/…` paths for which no source of the application has `ref: NAME`.
fn find_unknown_refs(source: &Item, sources: &[Item]) -> Vec<Finding> {
    let refs: Vec<&str> = sources.iter().filter_map(|it| it.get("ref")?.text()).collect();
    let files = values_files(source).into_iter().filter_map(|(path, span)| {
        let name = path.strip_prefix('$')?.split('/').next()?;
        let is_unknown = !name.contains(['{', '(']) && !refs.contains(&name);
        is_unknown.then(|| not_found(&format!("source `${name}`"), span))
    });
    files.collect()
}

/// Reports paths without `$NAME`: Argo CD looks in the chart, which only has `values.yaml`.
fn find_in_chart(source: &Item) -> Vec<Finding> {
    let is_packaged = source.get("chart").is_some() && source.get("repoURL").is_some();
    let is_packaged = is_packaged && !allows_missing_files(source);
    let is_own = |path: &&str| {
        path.starts_with('$') || ["://", "{{", "*"].iter().any(|it| path.contains(it))
    };
    let files = values_files(source).into_iter().filter(|_| is_packaged);
    let files =
        files.filter(|(path, _)| !is_own(path) && path.trim_start_matches("./") != "values.yaml");
    let find = |(path, span): (&str, _)| {
        let finding = Finding::new(&UNKNOWN_FILE, format!("no values file `{path}` in the chart"));
        let finding = finding.at_some(span, "looked for in the chart");
        finding.help(format!(
            "add this repository as a source with `ref: values`, and write `$values/{path}`"
        ))
    };
    files.map(find).collect()
}
