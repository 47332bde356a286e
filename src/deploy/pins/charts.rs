//! Uses of the Refinery chart in YAML: helmfiles, objects of Argo CD, Flux and Fleet, and others.

use crate::deploy::chart::stack::has_own;
use crate::deploy::chart_pin::ChartPin;
use crate::deploy::documents::documents;
use crate::deploy::gitops::{chart_of, uses, values_files, version_of};
use crate::deploy::helmfile::inherit;
use crate::deploy::near::NearFile;
use crate::deploy::template_patch::applied;
use crate::deploy::{at, list, read_item, word};
use crate::span::FileId;
use crate::syntax::Item;
use std::collections::BTreeSet;
use std::rc::Rc;

const CHART: &str = "refinery";

/// The charts that a file installs.
pub fn read(file: &NearFile, near: &[Rc<NearFile>]) -> Vec<ChartPin> {
    items(file).iter().flat_map(|item| read_item_of(file, item, near)).collect()
}

/// The valid documents of a file.
pub(super) fn items(file: &NearFile) -> &[Item] {
    file.items(|text| {
        let ranges = documents(text).into_iter();
        let read = |range| {
            let mut item = read_item(FileId(0), text.get(range)?).ok()?;
            inherit(&mut item);
            Some(item)
        };
        ranges.filter_map(read).collect()
    })
}

fn read_item_of(file: &NearFile, item: &Item, near: &[Rc<NearFile>]) -> Vec<ChartPin> {
    let patched = applied(item);
    let item = patched.as_ref().unwrap_or(item);
    let mut pins: Vec<ChartPin> = uses(item).into_iter().filter_map(read_use).collect();
    if text(item, &["kind"]) == Some("HelmRelease") {
        let version = at(item, &["spec", "chartRef"]).and_then(|it| referred(it, near));
        pins.extend(version.map(|version| ChartPin { version, ..ChartPin::default() }));
        let name = text(item, &["metadata", "name"]);
        let maps = maps_in(item);
        let has_own = item.get("spec").is_some_and(has_own);
        for pin in &mut pins {
            pin.release = name.map(str::to_owned);
            pin.maps.clone_from(&maps);
            pin.has_own = has_own;
        }
    }
    pins.into_iter().map(|pin| ChartPin { file: file.name.clone(), ..pin }).collect()
}

/// A use of the Refinery chart: its version and tag, and the values files that it names.
fn read_use(item: &Item) -> Option<ChartPin> {
    let (source, chart) = chart_of(item)?;
    let helm = |key| at(item, &["helm", key]).and_then(Item::list).unwrap_or_default();
    Some(ChartPin {
        chart: chart.to_owned(),
        version: version_of(source),
        tag: tag_in(list(item, "set")).or_else(|| tag_in(helm("parameters"))),
        values: values_files(item).into_iter().map(|(path, _)| path.to_owned()).collect(),
        has_own: has_own(item),
        ..ChartPin::default()
    })
}

/// The `ConfigMap`s and Secrets from which a release of Flux takes whole values.
pub(super) fn maps_in(release: &Item) -> Vec<String> {
    let from = at(release, &["spec"]).map(|spec| list(spec, "valuesFrom")).unwrap_or_default();
    let whole = from.iter().filter(|from| from.get("targetPath").is_none());
    whole.filter_map(|from| text(from, &["name"])).map(str::to_owned).collect()
}

fn text<'i>(item: &'i Item, path: &[&str]) -> Option<&'i str> {
    at(item, path).and_then(Item::text)
}

fn version(item: &Item, key: &str) -> Option<String> {
    item.get(key).and_then(word).filter(|version| !version.is_empty())
}

/// Whether a name such as `honeycomb/refinery` or `oci://…/refinery` is the Refinery chart.
fn is_chart(name: &str) -> bool {
    name.rsplit('/').next() == Some(CHART)
}

/// The value of `image.tag` in a list of names and values.
fn tag_in(settings: &[Item]) -> Option<String> {
    let is_tag = |item: &&Item| text(item, &["name"]) == Some("image.tag");
    version(settings.iter().find(is_tag)?, "value")
}

fn words(items: &[Item]) -> Vec<String> {
    items.iter().filter_map(Item::text).map(str::to_owned).collect()
}

/// The version in the object that a `chartRef` refers to, if it is the Refinery chart.
#[expect(clippy::option_option, reason = "an object without a version is not the same as none")]
fn referred(reference: &Item, near: &[Rc<NearFile>]) -> Option<Option<String>> {
    let (kind, name) = (text(reference, &["kind"])?, text(reference, &["name"])?);
    let is_it = |item: &Item| {
        text(item, &["kind"]) == Some(kind) && text(item, &["metadata", "name"]) == Some(name)
    };
    let mut all = near.iter().flat_map(|file| items(file));
    let object = all.find(|item| is_it(item))?;
    let spec = object.get("spec")?;
    if kind == "HelmChart" {
        return text(spec, &["chart"])
            .filter(|chart| is_chart(chart))
            .map(|_| version(spec, "version"));
    }
    text(spec, &["url"]).filter(|url| is_chart(url))?;
    let version_in =
        |reference| ["semver", "tag", "digest"].into_iter().find_map(|key| version(reference, key));
    Some(spec.get("ref").and_then(version_in))
}

/// The `ConfigMap`s that nearby kustomizations generate from a values file.
pub fn generated_from(near: &[Rc<NearFile>], values: &str) -> BTreeSet<String> {
    let mut maps = BTreeSet::new();
    for file in near {
        for item in items(file) {
            for generator in
                list(item, "configMapGenerator").iter().chain(list(item, "secretGenerator"))
            {
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
