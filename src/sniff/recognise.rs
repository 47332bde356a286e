//! Recognises Refinery's files by their keys, never by their names.
//!
//! Must work for texts with syntax errors, and must not take other YAML files of a repository for
//! Refinery's.

use super::key_scan::{Key, key_scan};
use super::names::{Names, is_compound, names};
use crate::schema::Kind;
use crate::syntax::DataFormat;
use foldhash::HashSet;
use strsim::levenshtein;

/// The kind and generation of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recognised {
    pub kind: Kind,
    pub generation: Generation,
}

/// The generation of a file format; Refinery 2.0 changed both formats completely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Generation {
    /// 1.x, which no supported release reads.
    First,
    /// 2.0 and all later ones.
    Second,
}

/// Recognises a text; `None` unless it is certainly Refinery's.
pub fn recognise(format: Option<DataFormat>, text: &str) -> Option<Recognised> {
    let formats = match &format {
        Some(format) => std::slice::from_ref(format),
        None => &[DataFormat::Yaml, DataFormat::Toml],
    };
    formats.iter().find_map(|&format| {
        let keys = key_scan(format, text);
        Evidence::collect(names(), &keys).verdict(format)
    })
}

/// What the keys of a text have in common with Refinery's.
#[derive(Default)]
struct Evidence<'t> {
    groups: HashSet<&'t str>,
    /// Whether one of the groups has a name that is hardly any other program's.
    has_own_group: bool,
    /// Whether there are keys below the top level.
    has_inner: bool,
    /// Keys in their own group.
    at_home: HashSet<&'t str>,
    /// Distinctive keys at any place.
    telling: HashSet<&'t str>,
    /// Top-level keys that a 1.x config may have.
    legacy: HashSet<&'t str>,
    signs: HashSet<Sign>,
}

/// Single strong indications.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Sign {
    RulesVersion,
    Samplers,
    /// A misspelling of `Samplers`, and a top-level key that is neither that nor `RulesVersion`. Both
    /// together are more likely values of a chart of one's own.
    NearlySamplers,
    OtherTop,
    /// The name of a sampler as a key.
    SamplerKind,
    /// `config` or `rules` under a key like `sampler`, which is the alias of a chart then.
    ChartValues,
    /// A key that only a 1.x config has.
    LegacyConfig,
    /// `Sampler: NAME` at the top level; below are those at other levels.
    LegacyDefault,
    LegacySampler,
    LegacyRule,
    LegacyCondition,
}

impl<'t> Evidence<'t> {
    fn collect(names: &Names, keys: &[Key<'t>]) -> Self {
        let mut evidence = Self::default();
        let mut group = "";
        for key in keys {
            if key.top {
                group = key.name;
                evidence.add_top(names, key);
            } else {
                evidence.add_inner(names, group, key);
            }
        }
        evidence
    }

    fn add_top(&mut self, names: &Names, key: &Key<'t>) {
        // In 1.x some of the current groups were scalars, such as `Sampler`.
        let is_group = !is_scalar(key.rest);
        if is_group && names.groups.contains_key(key.name) {
            self.groups.insert(key.name);
            self.has_own_group |= is_compound(key.name);
        }
        if names.is_legacy_top(key.name) {
            self.legacy.insert(key.name);
        }
        self.note(Sign::LegacyConfig, names.is_legacy_only(key.name));
        self.note(Sign::LegacyDefault, names_sampler(names, key));
        self.note(Sign::RulesVersion, key.name == "RulesVersion");
        let is_near = is_nearly(key.name, "samplers");
        self.note(Sign::Samplers, is_group && key.name == "Samplers");
        self.note(Sign::NearlySamplers, is_group && is_near);
        self.note(Sign::OtherTop, !is_near && !is_nearly(key.name, "rulesversion"));
    }

    fn add_inner(&mut self, names: &Names, group: &str, key: &Key<'t>) {
        self.has_inner = true;
        if names.groups.get(group).is_some_and(|keys| keys.contains(key.name)) {
            self.at_home.insert(key.name);
        }
        if names.telling.contains(key.name) {
            self.telling.insert(key.name);
        }
        self.note(Sign::SamplerKind, names.samplers.contains(key.name));
        let is_half = Kind::ALL.iter().any(|kind| kind.word() == key.name);
        self.note(
            Sign::ChartValues,
            is_half && group != "Samplers" && is_nearly(group, "samplers"),
        );
        self.note(Sign::LegacySampler, names_sampler(names, key));
        self.note(Sign::LegacyRule, key.name == "rule");
        self.note(Sign::LegacyCondition, key.name == "condition");
    }

    fn note(&mut self, sign: Sign, seen: bool) {
        if seen {
            self.signs.insert(sign);
        }
    }

    fn has(&self, sign: Sign) -> bool {
        self.signs.contains(&sign)
    }

    fn verdict(&self, format: DataFormat) -> Option<Recognised> {
        let is = |kind, generation| Some(Recognised { kind, generation });
        if self.is_rules() {
            is(Kind::Rules, Generation::Second)
        } else if self.is_legacy_config() {
            is(Kind::Config, Generation::First)
        } else if self.is_config() {
            is(Kind::Config, Generation::Second)
        } else if self.is_legacy_rules(format) {
            is(Kind::Rules, Generation::First)
        } else {
            None
        }
    }

    fn is_rules(&self) -> bool {
        let is_misspelled = self.has(Sign::NearlySamplers) && !self.has(Sign::OtherTop);
        let has_samplers =
            (self.has(Sign::Samplers) || is_misspelled) && !self.has(Sign::ChartValues);
        self.has(Sign::RulesVersion) || has_samplers && self.has(Sign::SamplerKind)
    }

    fn is_config(&self) -> bool {
        self.groups.contains("General") && self.at_home.contains("ConfigurationVersion")
            || self.groups.len() >= 3 && !self.has_foreign_keys()
            || self.groups.len() >= 2 && self.has_own_key()
            || !self.at_home.is_empty() && self.telling.len() >= 2
    }

    /// Whether there are keys in groups, and none of them is Refinery's.
    fn has_foreign_keys(&self) -> bool {
        self.has_inner && self.at_home.is_empty() && !self.has_own_group
    }

    /// Whether a group or a key in its group has a name that is hardly any other program's, or many
    /// keys have common names.
    fn has_own_key(&self) -> bool {
        const MANY: usize = 3;
        let mut known = self.at_home.iter();
        !self.at_home.is_empty() && self.has_own_group
            || self.at_home.len() >= MANY
            || known.any(|key| is_compound(key))
    }

    /// Some groups have the same name in both generations.
    fn is_legacy_config(&self) -> bool {
        let is_old = self.has(Sign::LegacyConfig) && self.legacy.len() >= 2;
        is_old && self.groups.is_subset(&self.legacy)
    }

    /// A nested sampler only counts in TOML, because chart values can have 1.x rules under a key.
    fn is_legacy_rules(&self, format: DataFormat) -> bool {
        let has_rules = self.has(Sign::LegacyRule) && self.has(Sign::LegacyCondition);
        let nested = self.has(Sign::LegacySampler) || has_rules;
        self.has(Sign::LegacyDefault) || format == DataFormat::Toml && nested
    }
}

/// `Sampler: NAME`, as in 1.x.
fn names_sampler(names: &Names, key: &Key<'_>) -> bool {
    key.name == "Sampler" && names.samplers.contains(first_word(key.rest))
}

fn is_scalar(value: &str) -> bool {
    value.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '"' | '\''))
}

/// Whether a name is a slight misspelling of a word.
fn is_nearly(name: &str, word: &str) -> bool {
    name.len() < word.len() + 3 && levenshtein(&name.to_ascii_lowercase(), word) < 3
}

/// The first word of a value, without quotes.
fn first_word(value: &str) -> &str {
    let value = value.trim_start_matches(['"', '\'', ' ']);
    value.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use DataFormat::{Json, Toml, Yaml};
    use Generation::{First, Second};
    use Kind::{Config, Rules};

    fn what(format: DataFormat, text: &str) -> Option<(Kind, Generation)> {
        recognise(Some(format), text).map(|r| (r.kind, r.generation))
    }

    #[test]
    fn values_under_an_alias_like_the_samplers_are_not_rules() {
        let values = "web: {a: 1}\nsampler:\n  rules:\n    Samplers:\n      a:\n        RulesBasedSampler:\n";
        assert_eq!(what(Yaml, values), None);
        let target = "Samplers:\n  rules:\n    RulesBasedSampler:\n";
        assert_eq!(what(Yaml, target), Some((Rules, Second)));
    }

    #[test]
    fn recognises_valid_and_broken_files() {
        for (format, text, expected) in [
            (Yaml, "General:\n  ConfigurationVersion: 2\n", (Config, Second)),
            (Yaml, "General: {ConfigurationVersion: 2}\n", (Config, Second)),
            (Yaml, "\"General\":\n\tConfigurationVersion: 2\n", (Config, Second)),
            (Yaml, "  General:\n    ConfigurationVersion: [2\n", (Config, Second)),
            (Yaml, "Network:\n ListenAddr: x: y\nTraces:\n", (Config, Second)),
            (Yaml, "Traces:\n  SendDelay: 2s\n  TraceTimeout: \"60s\n", (Config, Second)),
            (Yaml, "General:\nNetwork:\nTraces:\n", (Config, Second)),
            (Yaml, "---\n---\nGeneral:\n  ConfigurationVersion: 2\n", (Config, Second)),
            (Yaml, "# x\nRulesVersion: 2\n", (Rules, Second)),
            (Yaml, "{RulesVersion: 2, Samplers: {", (Rules, Second)),
            (Yaml, "Samplers:\n  a:\n\tRulesBasedSampler:\n", (Rules, Second)),
            (Yaml, "sampler:\n  a:\n    RulesBasedSampler:\n", (Rules, Second)),
            (Yaml, "rulesVersion: 2\nsamplers:\n  a:\n    RulesBasedSampler:\n", (Rules, Second)),
            (Yaml, "config: {}\nSamplers:\n  a:\n    RulesBasedSampler:\n", (Rules, Second)),
            (Json, "{\"General\": {\"ConfigurationVersion\": 2,}", (Config, Second)),
            (Json, "{\"RulesVersion\": 2}", (Rules, Second)),
            (Toml, "[General]\nConfigurationVersion == 2\n", (Config, Second)),
            (Toml, "RulesVersion = 2\n[Samplers.a.RulesBasedSampler]\n", (Rules, Second)),
            (Toml, "HoneycombAPI = \"x\"\n[InMemCollector]\n", (Config, First)),
            (Toml, "Sampler = \"DynamicSampler\"\n", (Rules, First)),
            (Toml, "[a]\n\tSampler = 'DynamicSampler'\n", (Rules, First)),
            (Toml, "[[a.rule]]\n[[a.rule.condition]]\n", (Rules, First)),
            (Yaml, "Sampler: DeterministicSampler # x\n", (Rules, First)),
            (
                Yaml,
                "APIKeys: ['*']\nPeerManagement:\n  Type: file\nStressRelief:\n",
                (Config, First),
            ),
            (
                Yaml,
                "General:\n  ConfigurationVersion: 2\nAPIKeys: [a]\nSendDelay: 2s\n",
                (Config, Second),
            ),
            (Yaml, "APIKeys: ['*']\nInMemCollector:\n  MaxAlloc: 0\n", (Config, First)),
        ] {
            assert_eq!(what(format, text), Some(expected), "{text}");
        }
    }

    #[test]
    fn does_not_recognise_other_files() {
        for (format, text) in [
            (Yaml, ""),
            (Yaml, "# General:\n#   ConfigurationVersion: 2\n"),
            (Yaml, "apiVersion: v1\nkind: ConfigMap\ndata:\n  a.yaml: |\n    RulesVersion: 2\n"),
            (Yaml, "config:\n  General:\n    ConfigurationVersion: 2\nrules:\n  Samplers:\n"),
            (Yaml, "rules:\n  Sampler: DeterministicSampler\n"),
            (Yaml, "config: {a: 1}\nsamplers:\n  a:\n    RulesBasedSampler:\n"),
            (Yaml, "receivers:\n  otlp:\nexporters:\nservice:\n  pipelines:\n"),
            (Yaml, "services:\n  web:\n    image: x\n"),
            (Yaml, "General:\n  UseTLS: true\n  ListenAddr: x\nDebug:\n"),
            (Yaml, "Logger:\n  Type: stdout\n  Level: info\n"),
            (Yaml, "Rules:\n  - Name: x\n    Conditions:\n"),
            (Yaml, "- General:\n    ConfigurationVersion: 2\n"),
            (Json, "{\"Logger\": {\"Level\": \"info\"}, \"ConnectionStrings\": {}}"),
            (Toml, "[package]\nname = \"x\"\n[dependencies]\n"),
            (Toml, "ListenAddr = \":80\"\nMaxBatchSize = 5\n"),
        ] {
            assert_eq!(what(format, text), None, "{text}");
        }
    }
}
