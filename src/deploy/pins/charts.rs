//! YAML that installs the Refinery chart with values from elsewhere: helmfile, Argo CD, Flux.

use super::ChartPin;
use super::near::NearFile;
use crate::deploy::documents::documents;
use crate::deploy::{at, list, read_item, word};
use crate::span::FileId;
use crate::syntax::Item;
use std::collections::BTreeSet;

const CHART: &str = "refinery";

/// What a file installs.
pub fn read(file: &NearFile, near: &[NearFile]) -> Vec<ChartPin> {
    items(file).iter().flat_map(|item| read_item_of(file, item, near)).collect()
}

/// The documents of a file that can be read.
fn items(file: &NearFile) -> Vec<Item> {
    let ranges = documents(&file.text).into_iter();
    ranges.filter_map(|range| read_item(FileId(0), &file.text[range]).ok()).collect()
}

fn read_item_of(file: &NearFile, item: &Item, near: &[NearFile]) -> Vec<ChartPin> {
    let pins = match text(item, &["kind"]) {
        Some("HelmRelease") => read_flux(item, near).into_iter().collect(),
        Some("Application") => at(item, &["spec"]).map(read_argo).unwrap_or_default(),
        Some("ApplicationSet") => {
            at(item, &["spec", "template", "spec"]).map(read_argo).unwrap_or_default()
        }
        None => list(item, "releases").iter().filter_map(read_helmfile).collect(),
        Some(_) => Vec::new(),
    };
    pins.into_iter().map(|pin| ChartPin { file: file.name.clone(), ..pin }).collect()
}

fn text<'i>(item: &'i Item, path: &[&str]) -> Option<&'i str> {
    at(item, path).and_then(Item::text)
}

fn version(item: &Item, key: &str) -> Option<String> {
    item.get(key).and_then(word).filter(|version| !version.is_empty())
}

/// `honeycomb/refinery`, `oci://…/refinery`.
fn is_chart(name: &str) -> bool {
    name.rsplit('/').next() == Some(CHART)
}

/// The value that a list of names and values gives the image's tag.
fn tag_in(settings: &[Item]) -> Option<String> {
    let is_tag = |item: &&Item| text(item, &["name"]) == Some("image.tag");
    version(settings.iter().find(is_tag)?, "value")
}

fn words(items: &[Item]) -> Vec<String> {
    items.iter().filter_map(Item::text).map(str::to_owned).collect()
}

fn read_helmfile(release: &Item) -> Option<ChartPin> {
    text(release, &["chart"]).filter(|chart| is_chart(chart))?;
    Some(ChartPin {
        version: version(release, "version"),
        tag: tag_in(list(release, "set")),
        values: words(list(release, "values")),
        ..ChartPin::default()
    })
}

/// The sources of an application.
fn read_argo(spec: &Item) -> Vec<ChartPin> {
    let sources = spec.get("source").into_iter().chain(list(spec, "sources"));
    let of_source = |source: &Item| {
        text(source, &["chart"]).filter(|chart| is_chart(chart))?;
        let helm = |key| at(source, &["helm", key]).and_then(Item::list).unwrap_or_default();
        Some(ChartPin {
            version: version(source, "targetRevision"),
            tag: tag_in(helm("parameters")),
            values: words(helm("valueFiles")),
            ..ChartPin::default()
        })
    };
    sources.filter_map(of_source).collect()
}

fn read_flux(release: &Item, near: &[NearFile]) -> Option<ChartPin> {
    let version = match (at(release, &["spec", "chart", "spec"]), release.get("spec")) {
        (Some(chart), _) => {
            text(chart, &["chart"]).filter(|chart| is_chart(chart))?;
            version(chart, "version")
        }
        (None, Some(spec)) => referred(spec.get("chartRef")?, near)?,
        (None, None) => return None,
    };
    let from = at(release, &["spec"]).map(|spec| list(spec, "valuesFrom")).unwrap_or_default();
    let of_map = from.iter().filter(|from| text(from, &["kind"]) == Some("ConfigMap"));
    let maps = of_map.filter_map(|from| text(from, &["name"])).map(str::to_owned).collect();
    Some(ChartPin { version, maps, ..ChartPin::default() })
}

/// The version of a chart that stands in an object of its own, if it is Refinery's.
fn referred(reference: &Item, near: &[NearFile]) -> Option<Option<String>> {
    let (kind, name) = (text(reference, &["kind"])?, text(reference, &["name"])?);
    let is_it = |item: &Item| {
        text(item, &["kind"]) == Some(kind) && text(item, &["metadata", "name"]) == Some(name)
    };
    let mut all = near.iter().flat_map(items);
    let object = all.find(|item| is_it(item))?;
    let spec = object.get("spec")?;
    if kind == "HelmChart" {
        return text(spec, &["chart"])
            .filter(|chart| is_chart(chart))
            .map(|_| version(spec, "version"));
    }
    text(spec, &["url"]).filter(|url| is_chart(url))?;
    let reference = spec.get("ref")?;
    Some(["semver", "tag", "digest"].into_iter().find_map(|key| version(reference, key)))
}

/// The `ConfigMap`s that a file of values becomes, by the generators of kustomizations near it, or
/// that stand in it.
pub fn maps_of(near: &[NearFile], values: &str) -> BTreeSet<String> {
    let mut maps = BTreeSet::new();
    for file in near {
        for item in items(file) {
            let is_own = file.name == values && text(&item, &["kind"]) == Some("ConfigMap");
            maps.extend(text(&item, &["metadata", "name"]).filter(|_| is_own).map(str::to_owned));
            for generator in list(&item, "configMapGenerator") {
                let sources = words(list(generator, "files"));
                let mut paths = sources.iter().map(|s| s.split_once('=').map_or(&**s, |(_, p)| p));
                let name =
                    text(generator, &["name"]).filter(|_| paths.any(|p| file.means(p, values)));
                maps.extend(name.map(str::to_owned));
            }
        }
    }
    maps
}
