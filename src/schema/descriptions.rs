//! What each key does, in our own words, for `explain` and for editors.
//!
//! The texts are in `schemas/descriptions.json`. Config keys are named `Group.Key`; keys of rules
//! are named by their sampler, or by `Rules` and `Conditions`, wherever these occur.

use super::describe::definition;
use super::flags::options_of;
use super::key::{Key, TakesEffect};
use super::node::Node;
use super::removed::{Removal, removal};
use super::suggest::nearest;
use super::tables::DESCRIPTIONS;
use super::{Kind, Release, document, releases};

/// A key with its description.
#[derive(Clone, Copy)]
pub struct Described {
    pub kind: Kind,
    /// A group, or a group and its key.
    pub name: &'static str,
    node: &'static Node,
}

/// Why a name finds no key.
#[derive(Debug, PartialEq, Eq)]
pub enum NotFound {
    /// Several keys have that last part or that variable.
    Ambiguous(Vec<&'static str>),
    /// The nearest name, if any is near.
    Unknown(Option<&'static str>),
}

/// All keys of all releases, in the order of the file.
pub fn describe_all(kind: Kind) -> impl Iterator<Item = Described> {
    let keys = DESCRIPTIONS.get(kind.word()).and_then(Node::as_object).unwrap_or_default();
    keys.iter().map(move |(name, node)| Described { kind, name, node })
}

/// Finds a key by its name, by its place in a file, such as `RulesBasedSampler.Rules[0].Scope`, or
/// by its last part or a variable that overrides it, if there is one such key.
///
/// # Errors
/// There is no such key, or there are several.
pub fn find_described(name: &str) -> Result<Described, NotFound> {
    let all = || Kind::ALL.into_iter().flat_map(describe_all);
    let wanted = in_descriptions(name);
    if let Some(found) = all().find(|described| described.name == wanted) {
        return Ok(found);
    }
    let is_alike =
        |described: &Described| described.last_part() == name || described.is_overridden_by(name);
    let alike: Vec<Described> = all().filter(is_alike).collect();
    match alike[..] {
        [only] => Ok(only),
        [] => Err(NotFound::Unknown(suggest(name, &wanted))),
        _ => Err(NotFound::Ambiguous(alike.iter().map(|described| described.name).collect())),
    }
}

/// A full name that may be meant.
fn suggest(name: &str, wanted: &str) -> Option<&'static str> {
    let all = || Kind::ALL.into_iter().flat_map(describe_all);
    let by_name = nearest(wanted, all().map(|described| described.name));
    let by_part = || {
        let part = nearest(name, all().map(|described| described.last_part()))?;
        all().find(|described| described.last_part() == part).map(|described| described.name)
    };
    if name.contains('.') { by_name } else { by_name.or_else(by_part) }
}

/// The name of a key without what leads to it in a rules file: `Samplers`, a target, `Rules[0]`.
fn in_descriptions(name: &str) -> String {
    let parts: Vec<&str> =
        name.split('.').map(|part| part.split_once('[').map_or(part, |(name, _)| name)).collect();
    let parts = match &parts[..] {
        ["Samplers", _target, rest @ ..] if !rest.is_empty() => rest,
        parts => parts,
    };
    let is_on_the_way = |part: &&str| {
        matches!(*part, "Rules" | "Conditions" | "Sampler") || part.ends_with("Sampler")
    };
    match parts.split_last_chunk::<2>() {
        Some((way, [group, key])) if way.iter().all(is_on_the_way) => {
            format!("{group}.{key}")
        }
        _ => parts.join("."),
    }
}

impl Described {
    /// What the key does.
    pub fn text(&self) -> &'static str {
        self.node.get("text").and_then(Node::as_str).unwrap_or_default()
    }

    /// What an integer counts.
    pub fn unit(&self) -> Option<&'static str> {
        self.node.get("unit")?.as_str()
    }

    /// What Refinery does with it that nobody expects.
    pub fn traps(&self) -> impl Iterator<Item = &'static str> {
        self.node
            .get("traps")
            .and_then(Node::as_array)
            .unwrap_or_default()
            .iter()
            .filter_map(Node::as_str)
    }

    /// The name of its group, if it is in one.
    pub fn group(&self) -> Option<&'static str> {
        self.name.split_once('.').map(|(group, _)| group)
    }

    fn last_part(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(_, key)| key)
    }

    /// Where its schema is.
    pub(super) fn pointer(&self) -> String {
        let (group, key) = match self.name.split_once('.') {
            Some((group, key)) => (group, Some(key)),
            None => (self.name, None),
        };
        let group = match (self.kind, group) {
            (Kind::Config, group) | (Kind::Rules, group @ ("RulesVersion" | "Samplers")) => {
                format!("/properties/{group}")
            }
            (Kind::Rules, group) => format!("/$defs/{}", definition(group)),
        };
        key.map_or(group.clone(), |key| format!("{group}/properties/{key}"))
    }

    /// The key in a release; `None` if the release does not know it.
    pub fn key(&self, release: Release) -> Option<Key<'static>> {
        let document = document(self.kind, release);
        document.pointer(&self.pointer()).map(Key::of)
    }

    /// What the release does with it, or with its group, if that is removed.
    pub fn removal(&self, release: Release) -> Option<Removal> {
        let of = |described: Described| removal(described.key(release)?, release);
        of(*self).or_else(|| of(self.parent()?))
    }

    /// When a changed value takes effect; rules are read as a whole.
    pub fn takes_effect(&self, key: Key<'_>) -> TakesEffect {
        match self.kind {
            Kind::Config => key.takes_effect(),
            Kind::Rules => TakesEffect::AtReload { against_documentation: false },
        }
    }

    /// What to write instead of a removed key.
    pub fn replacement(&self, release: Release) -> Option<&'static str> {
        let of = |described: Described| described.key(release)?.fact_text("instead");
        of(*self).or_else(|| of(self.parent()?))
    }

    fn parent(&self) -> Option<Described> {
        let group = self.group()?;
        describe_all(self.kind).find(|described| described.name == group)
    }

    /// Whether a group that has it must have it.
    pub fn is_required(&self, release: Release) -> bool {
        let pointer = self.pointer();
        let Some((parent, _)) = pointer.rsplit_once("/properties/") else { return false };
        let parent = document(self.kind, release).pointer(parent);
        let required = parent.and_then(|node| node.get("required")?.as_array());
        required.is_some_and(|names| names.iter().any(|name| *name == *self.last_part()))
    }

    /// The variables and flags that override it.
    pub fn overrides(&self, release: Release) -> Vec<(Option<&'static str>, Option<&'static str>)> {
        let names = self.key(release).and_then(|key| key.fact("options")?.as_array());
        let named = |name: &'static str| {
            let option = options_of(document(self.kind, release), release)
                .find_map(|(known, option)| (known == name).then_some(option))?;
            let text = |fact| option.get(fact).and_then(Node::as_str);
            Some((text("env"), text("flag")))
        };
        names.unwrap_or_default().iter().filter_map(Node::as_str).filter_map(named).collect()
    }

    fn is_overridden_by(&self, variable: &str) -> bool {
        variable.starts_with("REFINERY_")
            && releases().into_iter().any(|release| {
                self.overrides(release).iter().any(|(name, _)| *name == Some(variable))
            })
    }

    /// Its keys, if it is a group.
    pub fn children(&self) -> impl Iterator<Item = Described> {
        let name = self.name;
        describe_all(self.kind).filter(move |described| described.group() == Some(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::facts_of;
    use std::collections::BTreeSet;

    #[test]
    fn every_key_of_every_release_is_described_and_nothing_else() {
        for kind in Kind::ALL {
            let mut keys: BTreeSet<String> = match kind {
                Kind::Config => BTreeSet::new(),
                Kind::Rules => ["RulesVersion", "Samplers"].map(str::to_owned).into(),
            };
            for release in releases() {
                for (group, facts) in facts_of(kind, release) {
                    keys.extend(facts.keys.keys().map(|key| format!("{group}.{key}")));
                    keys.insert(group);
                }
            }
            let described: BTreeSet<String> =
                describe_all(kind).map(|described| described.name.to_owned()).collect();
            assert_eq!(described, keys, "{kind:?}");
        }
    }

    #[test]
    fn every_description_leads_to_its_key() {
        for kind in Kind::ALL {
            for described in describe_all(kind) {
                assert!(
                    releases().into_iter().any(|release| described.key(release).is_some()),
                    "{}",
                    described.name
                );
                assert!(described.text().ends_with('.'), "{}", described.name);
                assert!(described.traps().all(|trap| trap.ends_with('.')), "{}", described.name);
            }
        }
    }

    #[test]
    fn keys_are_found_by_name_by_place_and_by_their_last_part() {
        for (name, found) in [
            ("Traces.SendDelay", "Traces.SendDelay"),
            ("SendDelay", "Traces.SendDelay"),
            ("Traces", "Traces"),
            ("Rules.Scope", "Rules.Scope"),
            ("RulesBasedSampler.Rules", "RulesBasedSampler.Rules"),
            ("RulesBasedSampler.Rules.SampleRate", "Rules.SampleRate"),
            ("Samplers.prod.RulesBasedSampler.Rules[3].Conditions[0].Field", "Conditions.Field"),
            ("Rules.Sampler.EMADynamicSampler.Weight", "EMADynamicSampler.Weight"),
            ("Samplers.__default__.DeterministicSampler", "DeterministicSampler"),
            ("Operator", "Conditions.Operator"),
            ("REFINERY_HTTP_LISTEN_ADDRESS", "Network.ListenAddr"),
            // The variable of a removed key.
            ("REFINERY_HONEYCOMB_METRICS_API_KEY", "LegacyMetrics.APIKey"),
        ] {
            assert_eq!(find_described(name).map(|d| d.name).ok(), Some(found), "{name}");
        }
    }

    #[test]
    fn near_misses_get_a_suggestion() {
        for (name, suggestion) in [
            ("Traces.SendDealy", Some("Traces.SendDelay")),
            ("traces.senddelay", Some("Traces.SendDelay")),
            ("SendDealy", Some("Traces.SendDelay")),
            ("Rules.Scop", Some("Rules.Scope")),
            ("RulesBasedSampler.Rules.SampelRate", Some("Rules.SampleRate")),
            ("Foo.Traces.SendDelay", Some("Traces.SendDelay")),
            ("Zebra.Crossing", None),
        ] {
            let found = find_described(name).map(|d| d.name);
            assert_eq!(found, Err(NotFound::Unknown(suggestion)), "{name}");
        }
        let Err(NotFound::Ambiguous(names)) = find_described("SampleRate") else { panic!() };
        assert!(names.contains(&"Rules.SampleRate") && names.len() > 2, "{names:?}");
    }
}
