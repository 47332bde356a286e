//! What the Refinery chart adds by itself, version by version.
//!
//! The facts stand in `schemas/refinery-chart.json`. Helm lays values over the chart's own: maps are
//! merged, anything else is replaced, and a null takes the chart's key away.

use super::word;
use crate::schema::Release;
use crate::schema::chart::{chart_of, facts};
use crate::span::FileId;
use crate::syntax::{DataFormat, Dialect, Entry, Item, Value, parse, read_document_as};
use serde_json::Value as Json;

/// One version of the chart.
pub struct Chart {
    version: Release,
}

impl Chart {
    /// The one that installs this release.
    pub fn of(release: Option<Release>) -> Self {
        Self { version: chart_of(release) }
    }

    /// The one that a `Chart.yaml` describes or, at this path of its values, depends on.
    pub fn described(text: &str, path: &[&str]) -> Option<Self> {
        let tree = parse(FileId(0), DataFormat::Yaml, text).tree?;
        let (chart, _) = read_document_as(Dialect::Helm, &tree);
        let is_refinery = |item: &Item| item.get("name").and_then(Item::text) == Some("refinery");
        let is_here = |item: &&Item| {
            let alias = item.get("alias").and_then(Item::text).unwrap_or("refinery");
            is_refinery(item) && path == [alias]
        };
        let of = match chart.get("dependencies").and_then(Item::list) {
            Some(dependencies) if !path.is_empty() => dependencies.iter().find(is_here)?,
            _ if path.is_empty() && is_refinery(&chart) => &chart,
            _ => return None,
        };
        let version = Release::parse(&word(of.get("version")?)?)?;
        let chart = Self { version };
        chart.installs().map(|_| chart)
    }

    /// The release that it installs unless the image says otherwise.
    pub fn installs(&self) -> Option<Release> {
        let charts = &facts()["charts"];
        Release::parse(charts[self.version.to_string().trim_start_matches('v')].as_str()?)
    }

    /// The values that it starts from.
    pub fn values(&self) -> Item {
        let mut defaults = facts()["defaults"].as_array().into_iter().flatten();
        let last = defaults.rfind(|default| self.has(default));
        last.map_or(Item::new(Value::Null, None), |default| item(&default["values"]))
    }

    /// The sampler of `__default__` where the rules name none.
    pub fn default_sampler(&self) -> Option<Item> {
        let fact = &facts()["default-sampler"];
        self.has(fact).then(|| item(&fact["sampler"]))
    }

    /// The config that a region adds below what is written.
    pub fn region(&self, region: &str, custom: Option<&str>) -> Option<Item> {
        let fact = &facts()["regions"];
        let known = fact["endpoints"][region].as_str();
        let custom = custom.filter(|_| region == "custom").map(|url| url.trim_end_matches('/'));
        let endpoint = known.or(custom).filter(|_| self.has(fact))?;
        let paths = fact["keys"].as_array()?.iter().filter_map(Json::as_str);
        let groups = paths.filter_map(|path| {
            let (group, key) = path.split_once('.')?;
            Some(entry(group, map(vec![entry(key, text(endpoint))])))
        });
        Some(map(groups.collect()))
    }

    fn has(&self, fact: &Json) -> bool {
        let since = fact["since"].as_str().and_then(Release::parse);
        since.is_some_and(|since| since <= self.version)
    }
}

/// Lays what is written over what is there without.
pub fn merge(written: &Item, beneath: Item) -> Item {
    let (Value::Map(over), Value::Map(under)) = (&written.value, beneath.value) else {
        return written.clone();
    };
    let known: Vec<String> = under.iter().map(|entry| entry.key.clone()).collect();
    let mut under: Vec<Option<Entry>> = under.into_iter().map(Some).collect();
    let mut entries = Vec::new();
    for entry in over {
        let place = known.iter().position(|key| *key == entry.key);
        let below = place.and_then(|place| under.get_mut(place)?.take());
        match below {
            Some(_) if entry.item.value == Value::Null => {}
            Some(below) => {
                entries.push(Entry { item: merge(&entry.item, below.item), ..entry.clone() });
            }
            None => entries.push(entry.clone()),
        }
    }
    entries.extend(under.into_iter().flatten());
    Item { value: Value::Map(entries), ..written.clone() }
}

pub fn map(entries: Vec<Entry>) -> Item {
    Item::new(Value::Map(entries), None)
}

pub fn text(text: &str) -> Item {
    Item::new(Value::Text(text.to_owned()), None)
}

pub fn entry(key: &str, item: Item) -> Entry {
    Entry { key: key.to_owned(), key_span: None, item }
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
    use crate::source::container::at;

    #[test]
    fn a_release_has_a_chart() {
        let version = |text: &str| Chart::of(Release::parse(text)).version.to_string();
        assert_eq!(version("2.9.4"), "v2.16.2");
        assert_eq!(version("3.1.0"), "v3.0.5");
        assert_eq!(version("2.4.2"), "v2.8.1", "no chart installs it by itself");
        assert_eq!(version("9.9.9"), version("x"));
    }

    #[test]
    fn a_description_names_the_chart() {
        let installs = |text: &str, path: &[&str]| {
            Chart::described(text, path)?.installs().map(|release| release.to_string())
        };
        let umbrella = "name: all\ndependencies:\n  - {name: refinery, version: 2.9.3}\n  \
                        - {name: refinery, version: 3.0.5, alias: east}\n";
        assert_eq!(installs(umbrella, &["refinery"]).as_deref(), Some("v2.5.2"));
        assert_eq!(installs(umbrella, &["east"]).as_deref(), Some("v3.1.0"));
        assert_eq!(installs(umbrella, &[]), None);
        assert_eq!(installs("name: refinery\nversion: 3.2.3\n", &[]).as_deref(), Some("v3.2.2"));
        assert_eq!(installs("name: refinery\nversion: ^3.2\n", &[]), None);
    }

    #[test]
    fn facts_change_with_the_chart() {
        let (old, new) = (Chart::of(Some(Release::new(2, 0, 0))), Chart::of(None));
        let delay = ["config", "Collection", "ShutdownDelay"];
        assert!(at(&new.values(), &delay).is_some() && at(&old.values(), &delay).is_none());
        assert!(new.region("eu1", None).is_some() && new.region("us1", None).is_none());
        assert!(old.region("eu1", None).is_none());
    }

    #[test]
    fn maps_are_merged_and_nulls_take_away() {
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
