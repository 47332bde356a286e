//! How releases differ apart from their keys: one table of quirks, each with the releases that
//! have it, why it matters and what shows it.

use super::Release;

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct QuirkFacts {
    pub quirk: Quirk,
    pub name: &'static str,
    /// The first release that has it.
    pub since: Release,
    /// The first later release without it.
    pub until: Option<Release>,
    /// What Refinery does, and what comes of it.
    pub why: &'static str,
    /// Recordings of Refinery's own behaviour (a path in this repository), or `source` where its
    /// code was read and not run.
    pub evidence: &'static str,
}

macro_rules! quirks {
    ($($name:ident since $since:tt $(until $until:tt)?: $why:literal, $evidence:literal;)*) => {
        /// A behaviour that some releases have and others do not.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Quirk {
            $(#[doc = $why] $name,)*
        }

        /// All quirks.
        pub const QUIRKS: &[QuirkFacts] = &[
            $(QuirkFacts {
                quirk: Quirk::$name,
                name: stringify!($name),
                since: Release::literal($since),
                until: quirks!(@until $($until)?),
                why: $why,
                evidence: $evidence,
            },)*
        ];
    };
    (@until) => { None };
    (@until $until:tt) => { Some(Release::literal($until)) };
}

quirks! {
    ExpandsVariables since [2, 9, 5]:
        "`${NAME}` in a value is replaced from the environment.",
        "fixtures/loading/engine.jsonl";
    ChecksRemovedKeys since [3, 0, 0]:
        "A removed key refuses the start, or warns, by the release's own number.",
        "fixtures/conformance/cases-targeted.jsonl";
    ValidatesTwice since [2, 0, 1]:
        "The config is validated again once defaults and overrides are effective.",
        "fixtures/loading/engine.jsonl";
    WritesLargeSizesWithExponents since [2, 0, 1] until [2, 3, 0]:
        "An amount of memory of a million units or more is written in a form (`1.5e+06K`) that the second validation cannot read.",
        "fixtures/loading/engine.jsonl";
    ReadsEmptyFiles since [2, 9, 2]:
        "A YAML file without any document reads as nothing; before, it is refused.",
        "fixtures/loading/engine.jsonl";
    SeveralFiles since [2, 8, 0]:
        "`-c` and `-r` may be repeated; before, only the last one counts.",
        "fixtures/loading/engine.jsonl";
    HasWorkers since [3, 1, 0]:
        "Traces are collected by several workers, each with its share of the queues.",
        "source";
    WorkersReportByTicker since [3, 1, 0]:
        "A worker's health is renewed by its own ticker only.",
        "source";
    TicksFourTimesABatch since [3, 0, 0]:
        "A transmission looks at its batches four times per time-out.",
        "fixtures/boots/engine.jsonl";
    WatchesWithATicker since [2, 7, 0]:
        "A ticker looks for changed files whatever the interval, and panics where it is not positive; before, there is none then.",
        "fixtures/boots/engine.jsonl";
    FreezesAtReload since [2, 0, 0] until [2, 1, 0]:
        "A live reload calls the parts of the process that read the config while the config is locked, and all of them wait for ever.",
        "fixtures/boots/reloads.jsonl";
    VariesReloadInterval since [2, 1, 0]:
        "The interval at which files are looked at is varied by up to a tenth, so that very short and very long ones panic in some starts.",
        "fixtures/boots/engine.jsonl";
    WaitsForBatchesAtShutdown since [3, 0, 0]:
        "A shutdown begins by waiting for two time-outs of a batch.",
        "source";
    ExportersRefuseCertificates since [3, 1, 2]:
        "An exporter for plain HTTP is not created where the environment names a certificate.",
        "source";
    SubscribesAtStart since [2, 7, 0]:
        "Peers talk over Redis channels, and three parts of Refinery subscribe as they start.",
        "source";
    ExtractsFieldsAtIngest since [3, 0, 0]:
        "The fields that samplers use are taken out of spans when they come in.",
        "fixtures/boots/engine.jsonl";
    ExitsOnBadRuleSampler since [3, 1, 0]:
        "A rule's sampler that cannot be created ends the process; before, the rule keeps everything.",
        "fixtures/boots/engine.jsonl";
    KnowsRootFields since [2, 4, 0]:
        "`root.` in a field's name means the root span; before, it is part of the name.",
        "source";
    KnowsComputedFields since [2, 3, 0]:
        "`?.` in a field's name means a computed field; before, it is part of the name.",
        "fixtures/boots/engine.jsonl";
    KnowsInOperator since [2, 8, 0]:
        "Conditions know `in` and `not-in`; before, such a condition never holds.",
        "fixtures/boots/engine.jsonl";
    AnswersAsNow since [2, 8, 0]:
        "Conditions answer as `engine` does; before, a missing field is no string for all operators alike.",
        "source";
    SharesRuleSamplers since [3, 1, 0]:
        "Samplers with the same settings in the rules of one target are one sampler.",
        "fixtures/processes/engine-v3.2.2.jsonl";
    FindsSelfByInterface since [2, 0, 0] until [2, 7, 0]:
        "A node looks for itself among the peers by port and by the addresses of its interfaces, resolves every peer's name for that, and exits where it fails.",
        "fixtures/boots/engine.jsonl";
    FindsSelfByListenAddress since [2, 7, 0] until [2, 9, 6]:
        "With peers in a file, `http://` and the listen address for peers must be one of them; otherwise the process exits after 25 seconds.",
        "fixtures/boots/engine.jsonl";
    IdentifiesFilePeers since [2, 9, 6]:
        "With peers in a file, the node finds out its own name, so an interface that does not exist ends the start.",
        "fixtures/boots/engine.jsonl";
    HearsItselfThroughRedis since [2, 7, 0] until [2, 8, 0]:
        "A node is among its peers once Redis has brought it its own message; without that the process exits after 25 seconds.",
        "fixtures/boots/engine.jsonl";
    NeedsAnotherNode since [2, 8, 0] until [2, 8, 1]:
        "With peers in Redis, a node loads the list of peers only when another node announces itself, and exits after 25 seconds without.",
        "fixtures/boots/engine.jsonl";
    IgnoresRedisTls since [2, 7, 0] until [2, 8, 0]:
        "Redis is called without TLS, whatever is written.",
        "fixtures/boots/engine.jsonl";
    QueuesHoldCacheCapacity since [2, 0, 0] until [3, 0, 0]:
        "A queue has at least three times `CacheCapacity` places, also where a negative number is written.",
        "fixtures/boots/engine.jsonl";
    AllocatesBuffers since [2, 0, 0] until [3, 0, 0]:
        "The buffers of `BufferSizes` are made at start, sixteen bytes a place.",
        "fixtures/boots/engine.jsonl";
    NeedsGrpcListener since [2, 6, 0]:
        "A gRPC listener that fails makes the process panic; before, it goes on without one.",
        "fixtures/boots/engine.jsonl";
    ResetsRulesAtNull since [2, 8, 0]:
        "A rules file that is null takes away what the files before it said.",
        "fixtures/boots/engine.jsonl";
    HasNullLogger since [2, 5, 0]:
        "The logger `none` exists; before, the validator allows the name and the process exits.",
        "fixtures/boots/engine.jsonl";
    RegistersWithRedis since [2, 0, 0] until [2, 7, 0]:
        "With peers in Redis, the process registers itself there before it goes on.",
        "fixtures/boots/engine.jsonl";
    AddsItselfToListedPeers since [2, 9, 6]:
        "A list of peers in a file gets the node's own address added.",
        "fixtures/boots/engine.jsonl";
    RaisesHealthTimeout since [2, 9, 6]:
        "A worker may take five milliseconds for every expired trace of a round before it counts as dead.",
        "fixtures/boots/engine.jsonl";
    ReplacesKeysBeforeLooking since [3, 0, 0]:
        "Over gRPC a key is replaced before it is looked for in the list of keys.",
        "source";
}

/// The quirks of one release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReleaseQuirks {
    release: Release,
}

impl ReleaseQuirks {
    pub fn of(release: Release) -> Self {
        Self { release }
    }

    pub fn has(self, quirk: Quirk) -> bool {
        QUIRKS.iter().any(|facts| facts.quirk == quirk && facts.holds_in(self.release))
    }
}

impl QuirkFacts {
    fn holds_in(&self, release: Release) -> bool {
        self.since <= release && self.until.is_none_or(|until| release < until)
    }
}

#[cfg(test)]
mod tests {
    use super::super::releases;
    use super::*;
    use std::path::Path;

    #[test]
    fn a_quirk_holds_between_its_releases() {
        let has =
            |release: &str, quirk| ReleaseQuirks::of(Release::parse(release).unwrap()).has(quirk);
        assert!(!has("v2.0.0", Quirk::WritesLargeSizesWithExponents));
        assert!(has("v2.0.1", Quirk::WritesLargeSizesWithExponents));
        assert!(has("v2.2.0", Quirk::WritesLargeSizesWithExponents));
        assert!(!has("v2.3.0", Quirk::WritesLargeSizesWithExponents));
        assert!(has("v3.2.2", Quirk::ExpandsVariables));
    }

    #[test]
    fn quirks_begin_and_end_with_releases() {
        let known = releases();
        for facts in QUIRKS {
            assert!(known.contains(&facts.since), "{}", facts.name);
            if let Some(until) = facts.until {
                assert!(known.contains(&until) && facts.since < until, "{}", facts.name);
            }
            assert!(facts.why.ends_with('.'), "{}", facts.name);
        }
    }

    #[test]
    fn evidence_is_there() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for facts in QUIRKS.iter().filter(|facts| facts.evidence != "source") {
            assert!(root.join(facts.evidence).exists(), "{}: {}", facts.name, facts.evidence);
        }
    }
}
