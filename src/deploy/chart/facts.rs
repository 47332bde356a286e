//! What the Refinery chart adds to the user's values, by chart version.
//!
//! The facts are in `schemas/refinery-chart.json`. Helm merges values over the chart's defaults:
//! maps are merged, everything else is replaced, and a null removes the chart's key.

use super::fill::{fill, filled, is_empty};
use super::items::{entry, map, text};
use crate::deploy::{at, list, word};
use crate::machine::Restarts;
use crate::release::chart::{chart_of, facts, resolve};
use crate::release::{Named, Release};
use crate::span::FileId;
use crate::syntax::{DataFormat, Dialect, Entry, Item, Value, parse, read_document_as};
use serde_json::Value as Json;
use std::collections::HashMap;

/// One version of the chart.
pub struct Chart {
    /// `None` if the facts have no such chart.
    version: Option<Release>,
    /// The release that it installs, if its version is written somewhere.
    pub named: Option<Named>,
}

/// A chart that another one depends on.
pub struct Dependency {
    pub name: String,
    /// The key of its values: the alias or the name.
    pub key: String,
    repository: String,
}

impl Dependency {
    /// The folder of a chart in the same repository, relative to the chart that depends on it.
    pub fn path(&self) -> Option<&str> {
        self.repository.strip_prefix("file://")
    }
}

impl Chart {
    /// The chart version that installs this release.
    pub fn of(release: Option<Release>) -> Self {
        Self { version: chart_of(release), named: None }
    }

    /// The chart that a `Chart.yaml` describes or, at this path of its values, depends on.
    /// `Chart.lock` decides which version of a dependency is meant.
    pub fn described(text: &str, lock: Option<&str>, path: &[impl AsRef<str>]) -> Option<Self> {
        let chart = read_chart_file(text)?;
        let Some((alias, [])) = path.split_first() else {
            let is_own = path.is_empty() && is_refinery(&chart);
            return is_own.then(|| Self::own(&chart))?;
        };
        let dependencies: Vec<&Item> =
            list(&chart, "dependencies").iter().filter(|item| is_refinery(item)).collect();
        let alias_of = |item: &Item| {
            item.get("alias").and_then(Item::text).unwrap_or("refinery") == alias.as_ref()
        };
        let place = dependencies.iter().position(|item| alias_of(item))?;
        let locked = lock.and_then(read_chart_file);
        let locked = locked.as_ref().and_then(|lock| {
            list(lock, "dependencies").iter().filter(|item| is_refinery(item)).nth(place)
        });
        let version = locked.or(dependencies.get(place).copied())?.get("version")?;
        Some(Self::versioned(&word(version)?))
    }

    /// The paths of values for the Refinery chart in the values of the chart that a `Chart.yaml`
    /// describes: its own values, or those of dependencies.
    pub fn places(description: &str) -> Vec<Vec<String>> {
        let Some(chart) = read_chart_file(description) else { return Vec::new() };
        let own = is_refinery(&chart).then(Vec::new);
        let alias = |item: &Item| item.get("alias").and_then(word).unwrap_or("refinery".to_owned());
        let dependencies = list(&chart, "dependencies").iter().filter(|item| is_refinery(item));
        own.into_iter().chain(dependencies.map(|item| vec![alias(item)])).collect()
    }

    /// Whether a chart named `refinery` is not Honeycomb's: it has not published this version, or
    /// `appVersion` differs from the published one.
    pub fn is_other(description: &str) -> bool {
        let Some(chart) = read_chart_file(description).filter(is_refinery) else { return false };
        let version = chart.get("version").and_then(word).unwrap_or_default();
        let application = chart.get("appVersion").and_then(word);
        let installed = Self::versioned(&version).named.and_then(|named| named.release());
        match (installed, application) {
            (Some(release), Some(application)) => Release::parse(&application) != Some(release),
            (Some(_), None) => false,
            (None, _) => true,
        }
    }

    /// Whether nothing in the description of a chart named `refinery` says that Honeycomb made it.
    pub fn is_unsigned(description: &str) -> bool {
        let is_link = |line: &str| {
            ["honeycomb.io", "github.com/honeycombio"].iter().any(|it| line.contains(it))
        };
        let is_named = read_chart_file(description).is_some_and(|chart| is_refinery(&chart));
        is_named && !description.lines().any(is_link)
    }

    /// Whether a `Chart.yaml` describes the chart that Honeycomb publishes, or a copy of it.
    pub fn is_of_honeycomb(description: &str) -> bool {
        Self::name(description).as_deref() == Some("refinery")
            && !Self::is_other(description)
            && !Self::is_unsigned(description)
    }

    /// The name of the chart that a `Chart.yaml` describes.
    pub fn name(description: &str) -> Option<String> {
        read_chart_file(description)?.get("name").and_then(word)
    }

    /// All dependencies of the chart that a `Chart.yaml` describes.
    pub fn dependencies(description: &str) -> Vec<Dependency> {
        let chart = read_chart_file(description);
        let all = chart.iter().flat_map(|chart| list(chart, "dependencies"));
        all.filter_map(|item| {
            let name = item.get("name").and_then(word)?;
            let key = item.get("alias").and_then(word).unwrap_or_else(|| name.clone());
            let repository = item.get("repository").and_then(word).unwrap_or_default();
            Some(Dependency { name, key, repository })
        })
        .collect()
    }

    /// A chart in its own folder. For an unknown version, or a modified copy, `appVersion` decides.
    fn own(chart: &Item) -> Option<Self> {
        let own = Self::versioned(&word(chart.get("version")?)?);
        let application = chart.get("appVersion").and_then(word);
        match (&own.named, application) {
            (Some(Named::Known(_)), _) | (_, None) => Some(own),
            (_, Some(version)) => Some(Self { named: Some(Named::of_tag(&version)), ..own }),
        }
    }

    /// The chart with this version, or the newest one in this range.
    pub fn versioned(version: &str) -> Self {
        let (version, named) = resolve(version);
        Self { version, named: Some(named) }
    }

    /// Whether the facts have this chart.
    pub fn is_known(&self) -> bool {
        self.version.is_some()
    }

    /// The chart's default values.
    pub fn values(&self) -> Item {
        self.fact("defaults")
    }

    /// Whether only later versions of the chart read this key.
    pub fn is_too_old_for(&self, key: &str) -> bool {
        let layers = facts()["defaults"].as_array().into_iter().flatten();
        let mut later = layers.filter(|layer| !self.has(layer));
        later.any(|layer| layer["values"].get(key).is_some()) && self.values().get(key).is_none()
    }

    /// The sampler that the chart adds as `__default__` if the rules have none.
    pub fn default_sampler(&self) -> Option<Item> {
        Some(self.fact("default-sampler")).filter(|item| !is_empty(item))
    }

    /// The config keys that the chart sets for a region, unless the user sets them.
    pub fn region(&self, values: &Item, global: Option<&Item>) -> Item {
        let facts = self.fact("regions");
        let global = |key| {
            let is_read = list(&facts, "global").iter().any(|item| item.text() == Some(key));
            filled(global?.get(key)).filter(|_| is_read)
        };
        let own = |key| filled(values.get(key));
        let region = own("region").or(global("region")).and_then(Item::text).unwrap_or_default();
        let custom = || {
            let is_known = region == "custom" && filled(facts.get("custom")).is_some();
            let url = global("customEndpoint").or(own("customEndpoint")).filter(|_| is_known)?;
            Some(text(url.text()?.trim_end_matches('/')))
        };
        let endpoint = at(&facts, &["endpoints", region]).cloned().or_else(custom);
        let mut config = map(Vec::new());
        for path in list(&facts, "keys").iter().filter_map(Item::text) {
            if let Some(endpoint) = &endpoint {
                fill(&mut config, &path.split('.').collect::<Vec<_>>(), endpoint.clone());
            }
        }
        config
    }

    /// Which files restart the pods when they change.
    pub fn restarts(&self, values: &Item) -> Restarts {
        let facts = self.fact("restarts");
        // The checksum does not cover rules in another `ConfigMap`.
        let is_live = ["LiveReload", "RulesConfigMapName"]
            .iter()
            .any(|key| filled(values.get(key)).is_some());
        let restarts = |kind| match facts.get(kind).and_then(Item::text) {
            Some("always") => true,
            Some("without-live-reload") => !is_live,
            _ => false,
        };
        Restarts { config: restarts("config"), rules: restarts("rules") }
    }

    /// The fact for this version: the entries of its list up to this version, merged in order.
    fn fact(&self, name: &str) -> Item {
        let facts = facts()[name].as_array().into_iter().flatten();
        let nothing = Item::new(Value::Null, None);
        facts
            .filter(|fact| self.has(fact))
            .fold(nothing, |below, fact| merge(&item(&fact["values"]), below))
    }

    fn has(&self, fact: &Json) -> bool {
        let since = fact["since"].as_str().and_then(Release::parse);
        since.is_some_and(|since| self.version.is_some_and(|version| since <= version))
    }
}

fn read_chart_file(text: &str) -> Option<Item> {
    let tree = parse(FileId(0), DataFormat::Yaml, text).tree?;
    Some(read_document_as(Dialect::Helm, &tree).0)
}

fn is_refinery(chart: &Item) -> bool {
    chart.get("name").and_then(Item::text) == Some("refinery")
}

/// Merges values over defaults, like Helm: null removes a default.
pub fn merge(overlay: &Item, base: Item) -> Item {
    merge_with(overlay, base, true)
}

/// Merges values over other values, like Helm: null stays, because it also removes the default of
/// the chart.
pub fn layer(overlay: &Item, base: Item) -> Item {
    merge_with(overlay, base, false)
}

fn merge_with(overlay: &Item, base: Item, removes: bool) -> Item {
    let (Value::Map(over), Value::Map(under)) = (&overlay.value, base.value) else {
        return overlay.clone();
    };
    let places: HashMap<String, usize> =
        under.iter().enumerate().map(|(place, entry)| (entry.key.clone(), place)).collect();
    let mut under: Vec<Option<Entry>> = under.into_iter().map(Some).collect();
    let mut entries = Vec::new();
    for entry in over {
        let below = places.get(&entry.key).and_then(|&place| under.get_mut(place)?.take());
        match below {
            Some(_) if removes && entry.item.value == Value::Null => {}
            Some(below) => {
                let item = merge_with(&entry.item, below.item, removes);
                entries.push(Entry { item, ..entry.clone() });
            }
            None => entries.push(entry.clone()),
        }
    }
    entries.extend(under.into_iter().flatten());
    Item { value: Value::Map(entries), ..overlay.clone() }
}

fn item(fact: &Json) -> Item {
    let value = match fact {
        Json::Null => Value::Null,
        Json::Bool(yes) => Value::Bool(*yes),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Value::Int(whole),
            None => Value::Float(number.as_f64().unwrap_or_default()),
        },
        Json::String(word) => Value::Text(word.clone()),
        Json::Array(items) => Value::List(items.iter().map(item).collect()),
        Json::Object(keys) => Value::Map(keys.iter().map(|(k, v)| entry(k, item(v))).collect()),
    };
    Item::new(value, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::at;

    #[test]
    fn finds_the_chart_that_installs_a_release() {
        let version = |text: &str| Chart::of(Release::parse(text)).version.unwrap().to_string();
        assert_eq!(version("2.9.4"), "v2.16.2");
        assert_eq!(version("3.1.0"), "v3.0.5");
        assert_eq!(version("2.4.2"), "v2.8.1", "no chart installs it by itself");
        assert_eq!(version("9.9.9"), version("x"));
    }

    #[test]
    fn reads_the_chart_from_chart_yaml() {
        let installs = |text: &str, path: &[&str]| {
            let named = Chart::described(text, None, path)?.named?;
            named.release().map(|release| release.to_string())
        };
        let umbrella = "name: all\ndependencies:\n  - {name: refinery, version: 2.9.3}\n  \
                        - {name: refinery, version: 3.0.5, alias: east}\n";
        assert_eq!(installs(umbrella, &["refinery"]).as_deref(), Some("v2.5.2"));
        assert_eq!(installs(umbrella, &["east"]).as_deref(), Some("v3.1.0"));
        assert_eq!(installs(umbrella, &[]), None);
        assert_eq!(installs("name: refinery\nversion: 3.2.3\n", &[]).as_deref(), Some("v3.2.2"));
        let copy = "name: refinery\nversion: 3.9.9\nappVersion: \"3.1.0\"\n";
        assert_eq!(installs(copy, &[]).as_deref(), Some("v3.1.0"));
        assert_eq!(installs("name: refinery\nversion: 1.3.1\nappVersion: 1.4.1\n", &[]), None);
    }

    #[test]
    fn the_lock_file_decides_the_version_of_a_range() {
        let umbrella = "name: all\ndependencies:\n  - {name: redis, version: 1.0.0}\n  \
                        - {name: refinery, version: ^2.9.0}\n  \
                        - {name: refinery, version: ~3.0.0, alias: east}\n";
        let lock = "dependencies:\n- name: redis\n  version: 1.0.0\n- name: refinery\n  \
                    version: 2.9.3\n- name: refinery\n  version: 3.0.3\ndigest: sha256:0\n";
        let installs = |lock: Option<&str>, path: &str| {
            let named = Chart::described(umbrella, lock, &[path])?.named?;
            named.release().map(|release| release.to_string())
        };
        for (path, without, with) in
            [("refinery", "v2.9.7", "v2.5.2"), ("east", "v3.1.0", "v3.0.1")]
        {
            assert_eq!(installs(None, path).as_deref(), Some(without), "{path}");
            assert_eq!(installs(Some(lock), path).as_deref(), Some(with), "{path}");
        }
    }

    #[test]
    fn facts_depend_on_the_chart_version() {
        let (old, new) = (Chart::of(Some(Release::new(2, 0, 0))), Chart::of(None));
        let delay = ["config", "Collection", "ShutdownDelay"];
        assert!(at(&new.values(), &delay).is_some() && at(&old.values(), &delay).is_none());
        let sampler = ["rules", "Samplers", "__default__"];
        assert!(at(&new.values(), &sampler).is_none() && at(&old.values(), &sampler).is_some());
        assert!(new.default_sampler().is_some() && old.default_sampler().is_none());
    }

    /// The endpoint that this chart version writes, and the number of keys it writes it to.
    fn endpoint(version: &str, values: &str, global: &str) -> Option<(String, usize)> {
        let json = |text: &str| item(&serde_json::from_str(text).unwrap());
        let chart = Chart { version: Release::parse(version), named: None };
        let config = chart.region(&json(values), Some(&json(global)));
        let url = at(&config, &["Network", "HoneycombAPI"])?;
        Some((url.text()?.to_owned(), config.entries().len()))
    }

    #[test]
    fn reads_a_region_like_each_chart_version() {
        const EU: &str = "https://api.eu1.honeycomb.io";
        let eu1 = "{\"region\": \"eu1\"}";
        let old = "{\"region\": \"production-eu\"}";
        let own = "{\"region\": \"custom\", \"customEndpoint\": \"https://own/\"}";
        let other = "{\"region\": \"custom\", \"customEndpoint\": \"https://all\"}";
        for (version, values, global, expected) in [
            ("2.15.5", old, "{}", None),
            ("2.16.0", old, "{}", Some((EU, 5))),
            ("2.16.0", "{}", old, None),
            ("2.16.1", "{\"region\": \"\"}", old, Some((EU, 5))),
            ("2.16.3", eu1, "{}", None),
            ("2.16.3", own, "{}", None),
            ("2.16.4", eu1, "{}", Some((EU, 5))),
            ("3.0.1", own, "{}", Some(("https://own", 5))),
            ("3.0.2", "{}", eu1, Some((EU, 4))),
            ("3.2.3", eu1, other, Some((EU, 4))),
            ("3.2.3", own, other, Some(("https://all", 4))),
            ("3.2.3", "{\"region\": \"us1\"}", eu1, None),
            ("3.2.3", "{}", "{}", None),
        ] {
            let expected = expected.map(|(url, count)| (url.to_owned(), count));
            assert_eq!(endpoint(version, values, global), expected, "{version} {values} {global}");
        }
    }

    #[test]
    fn restarts_depend_on_the_chart_version() {
        let json = |text: &str| item(&serde_json::from_str(text).unwrap());
        for (version, values, config, rules) in [
            ("2.0.1", "{\"LiveReload\": true}", true, true),
            ("2.1.0", "{\"LiveReload\": true}", true, false),
            ("3.2.3", "{\"LiveReload\": false}", true, true),
            ("3.2.3", "{}", true, true),
        ] {
            let chart = Chart { version: Release::parse(version), named: None };
            assert_eq!(chart.restarts(&json(values)), Restarts { config, rules }, "{version}");
        }
    }

    #[test]
    fn merges_maps_and_removes_nulls() {
        let json = |text: &str| item(&serde_json::from_str(text).unwrap());
        for (over, under, expected) in [
            (
                "{\"a\": {\"b\": 1}}",
                "{\"a\": {\"b\": 2, \"c\": 3}}",
                "{\"a\": {\"b\": 1, \"c\": 3}}",
            ),
            ("{\"a\": null}", "{\"a\": {\"b\": 2}}", "{}"),
            ("{\"a\": null}", "{\"b\": 2}", "{\"a\": null, \"b\": 2}"),
            ("{\"a\": [1]}", "{\"a\": [2, 3]}", "{\"a\": [1]}"),
            ("{\"a\": 5}", "{\"a\": {\"b\": 2}}", "{\"a\": 5}"),
        ] {
            assert_eq!(merge(&json(over), json(under)), json(expected), "{over}");
        }
    }
}
