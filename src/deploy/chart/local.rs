//! Uses of charts of the repository that install Refinery: charts that depend on Honeycomb's, and those
//! with templates of their own.

use crate::deploy::chart_templates::{is_own, mentions_refinery};
use crate::deploy::gitops::{allows_missing_files, items_below, names_chart, values_files};
use crate::deploy::loader::Loader;
use crate::deploy::named_map::not_found;
use crate::deploy::near::{resolve, resolve_folder, resolve_from_top};
use crate::deploy::{CHART_FILE, Outer, at};
use crate::diagnostic::Finding;
use crate::sniff::containers::has_template;
use crate::syntax::Item;
use crate::vfs::path::{join, split};

/// Keys with the path of a chart: in helmfiles, of Argo CD, of Skaffold, and of Ansible.
const PATHS: [&str; 4] = ["chart", "path", "chartPath", "chart_ref"];

/// Whether the chart in a folder installs Refinery.
pub fn installs_refinery(folder: &str, loader: &Loader<'_>) -> bool {
    let description = loader.peek(&join(folder, CHART_FILE)).ok().flatten();
    description.is_some_and(|text| text.contains("name: refinery"))
        || is_own(folder, loader) && mentions_refinery(folder, loader)
}

/// Finds the values files that uses of such charts name, and reports those that were not found.
pub fn find_files(
    outer: Outer<'_>,
    item: &Item,
    loader: &Loader<'_>,
) -> (Vec<String>, Vec<Finding>) {
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for item in items_below(item) {
        let Some(chart) = chart_folder(outer, item, loader) else { continue };
        let may_be_missing = allows_missing_files(item);
        let files = values_files(item).into_iter();
        for (path, span) in files.filter(|(path, _)| !(has_template(path) || path.contains('*'))) {
            // Argo CD looks in the folder of the chart, or from the root of the repository.
            let is_of_argo = item.get("repoURL").is_some() && !path.starts_with('$');
            let place = match path.strip_prefix('/').filter(|_| is_of_argo) {
                Some(rest) => rest.to_owned(),
                None => join(&chart, path.trim_start_matches("./")),
            };
            let own = matches!(loader.peek(&place), Ok(Some(_))).then_some(place);
            let elsewhere = || resolve(split(outer.name).0, path, loader.store);
            match own.or_else(|| elsewhere().filter(|_| !is_of_argo)) {
                Some(file) => found.push(file),
                None if may_be_missing || path.starts_with('$') => {}
                None if path.starts_with('/') && !is_of_argo => {}
                None => missing.push(not_found(&format!("values file `{path}`"), span)),
            }
        }
    }
    (found, missing)
}

/// The texts that may be the path of a chart that an item installs.
pub fn chart_paths(item: &Item) -> impl Iterator<Item = &str> {
    let nested = at(item, &["chart", "spec", "chart"]);
    PATHS.iter().filter_map(|key| item.get(key)).chain(nested).filter_map(Item::text)
}

/// The folder of the chart that an item with values files installs, if it installs Refinery.
fn chart_folder(outer: Outer<'_>, item: &Item, loader: &Loader<'_>) -> Option<String> {
    if values_files(item).is_empty() || names_chart(item) {
        return None;
    }
    let mut paths = chart_paths(item).filter(|path| !(path.contains("://") || has_template(path)));
    let own = split(outer.name).0;
    paths.find_map(|path| {
        let folder = resolve_folder(own, path, loader.store)
            .or_else(|| resolve_from_top(own, path, loader.store))?;
        installs_refinery(&folder, loader).then_some(folder)
    })
}
