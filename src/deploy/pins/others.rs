//! Charts other than Refinery's that nearby files install with a values file.

use super::charts::{generated_from, items, maps_in};
use super::terraform::{assigned, block, string, strings};
use crate::deploy::gitops::{items_below, names_other_chart, values_files};
use crate::deploy::helm_command::HelmCommand;
use crate::deploy::near::{NearFile, NearFolders};
use crate::deploy::{list, word};
use crate::sniff::file_name::is_terraform;
use crate::syntax::Item;
use crate::vfs::Vfs;
use crate::vfs::path::{format_of, split};
use std::cell::LazyCell;

/// The kind of an object of Flux that installs a chart.
const RELEASE: &str = "HelmRelease";

/// Whether a nearby file installs another chart with this values file.
pub fn installs_other(folders: &NearFolders, store: &dyn Vfs, values: &str) -> bool {
    let own = split(values).1;
    let near = folders.near(store, values);
    let generated = LazyCell::new(|| generated_from(&near, values));
    let takes_map = |file: &NearFile| {
        let is_release = |item: &&Item| item.get("kind").and_then(Item::text) == Some(RELEASE);
        let mut releases = items(file).iter().filter(is_release);
        file.text.contains("valuesFrom")
            && releases.any(|release| {
                let of_other = release.get("spec").is_some_and(names_other_chart);
                of_other && maps_in(release).iter().any(|map| generated.contains(map))
            })
    };
    let mut others = near.iter().filter(|file| file.name != values);
    others
        .any(|file| file.text.contains(own) && installs_with_other(file, values) || takes_map(file))
}

fn installs_with_other(file: &NearFile, values: &str) -> bool {
    let is_it = |path: &str| file.means(path, values);
    if is_terraform(&file.name) {
        return blocks(&file.text).any(|block| {
            let chart = assigned(block, "chart").and_then(string);
            chart.is_some_and(is_other) && strings(block).into_iter().any(is_it)
        });
    }
    let is_chart = |word: &str| word.contains('/') && format_of(word).is_none() && is_other(word);
    let commands = HelmCommand::all(&file.name, &file.text, &is_chart);
    if commands.iter().any(|command| command.values.iter().any(|path| is_it(path))) {
        return true;
    }
    let is_yaml = ["yaml", "yml", "gotmpl"].contains(&file.extension());
    let documents = if is_yaml { items(file) } else { &[] };
    documents.iter().flat_map(items_below).any(|item| {
        let paths = values_files(item).into_iter().map(|(path, _)| path);
        names_other_chart(item) && paths.into_iter().any(is_it) || inflates_other(item, &is_it)
    })
}

/// Whether Kustomize renders another chart with a values file.
fn inflates_other(item: &Item, is_it: &dyn Fn(&str) -> bool) -> bool {
    let mut charts = list(item, "helmCharts").iter();
    charts.any(|chart| {
        let file = chart.get("valuesFile").and_then(Item::text);
        let name = chart.get("name").and_then(word);
        name.is_some_and(|name| is_other(&name)) && file.is_some_and(is_it)
    })
}

/// Whether a chart of this name is certainly not Refinery's.
fn is_other(chart: &str) -> bool {
    !(chart.is_empty() || chart.contains("refinery") || chart.contains(['$', '{']))
}

/// The blocks that install charts.
fn blocks(text: &str) -> impl Iterator<Item = &str> {
    let starts = text.match_indices("\"helm_release\"").map(|(at, _)| at);
    starts.filter_map(|at| block(text.get(at..)?))
}
