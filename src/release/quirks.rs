//! How releases differ apart from their keys: one table of quirks, each with the releases that
//! have it, why it matters and the evidence.

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
        "Refinery compares its own version with the last release that had a removed key, and warns or refuses to start.",
        "fixtures/conformance/cases-targeted.jsonl";
    ValidatesTwice since [2, 0, 1]:
        "The config is validated a second time after defaults and overrides are applied.",
        "fixtures/loading/engine.jsonl";
    WritesLargeSizesWithExponents since [2, 0, 1] until [2, 3, 0]:
        "A memory size of a million units or more is formatted with an exponent (`1.5e+06K`), which the second validation rejects.",
        "fixtures/loading/engine.jsonl";
    ReadsEmptyFiles since [2, 9, 2]:
        "A YAML file without a document is accepted as empty; before, it is rejected.",
        "fixtures/loading/engine.jsonl";
    ReadsWholeFiles since [2, 9, 2]:
        "Anything after the first value of a JSON file is an error; before, it is never read.",
        "fixtures/loading/engine.jsonl";
    CrashesOnTomlZero since [2, 0, 0] until [2, 2, 0]:
        "The TOML reader panics on the integer `0` for a float.",
        "fixtures/loading/engine.jsonl";
    CrashesOnTomlTimes since [2, 0, 0] until [3, 2, 0]:
        "The TOML reader panics on a date or time for a value of another type, also at a live reload.",
        "fixtures/boots/reloads.jsonl";
    IgnoresEmptyTomlTables since [2, 0, 0] until [2, 1, 0]:
        "The TOML reader ignores a sampler whose table is only a header, so that the target has none.",
        "fixtures/boots/traces.jsonl";
    SeveralFiles since [2, 8, 0]:
        "`-c` and `-r` can be repeated; before, only the last one is used.",
        "fixtures/loading/engine.jsonl";
    HasWorkers since [3, 1, 0]:
        "Several workers collect traces, each with its share of the queues.",
        "source";
    WorkersReportByTicker since [3, 1, 0]:
        "A worker reports its health only when its ticker fires.",
        "source";
    TicksFourTimesABatch since [3, 0, 0]:
        "Batches are checked four times per `BatchTimeout`.",
        "fixtures/boots/engine.jsonl";
    WatchesWithATicker since [2, 7, 0]:
        "A ticker checks for changed files and panics if the interval is not positive; before, there is no ticker in that case.",
        "fixtures/boots/engine.jsonl";
    FreezesAtReload since [2, 0, 0] until [2, 1, 0]:
        "A live reload notifies the components while the config is locked; they read the config, and the process deadlocks.",
        "fixtures/boots/reloads.jsonl";
    VariesReloadInterval since [2, 1, 0]:
        "The reload interval varies by up to 10 percent, so that very short and very long intervals panic at some starts.",
        "fixtures/boots/engine.jsonl";
    WaitsForBatchesAtShutdown since [3, 0, 0]:
        "Shutdown first waits for twice `BatchTimeout`.",
        "source";
    ExportersRefuseCertificates since [3, 1, 2]:
        "An exporter for plain HTTP fails to start if an environment variable names a certificate.",
        "source";
    SubscribesAtStart since [2, 7, 0]:
        "Peers communicate over Redis channels; three components subscribe at start-up.",
        "source";
    ExtractsFieldsAtIngest since [3, 0, 0]:
        "The fields that samplers use are extracted when spans arrive.",
        "fixtures/boots/engine.jsonl";
    ExitsOnBadRuleSampler since [3, 1, 0]:
        "If the sampler of a rule cannot be created, the process exits; before, the rule keeps everything.",
        "fixtures/boots/engine.jsonl";
    KnowsRootFields since [2, 4, 0]:
        "The prefix `root.` of a field refers to the root span; before, it is part of the name.",
        "source";
    KnowsComputedFields since [2, 3, 0]:
        "The prefix `?.` of a field refers to a computed field; before, it is part of the name.",
        "fixtures/boots/engine.jsonl";
    KnowsInOperator since [2, 8, 0]:
        "The operators `in` and `not-in` exist; before, such a condition never matches.",
        "fixtures/boots/engine.jsonl";
    AnswersAsNow since [2, 8, 0]:
        "Conditions on missing fields behave as in the newest release; before, some operators do not compare a missing field as a string.",
        "source";
    SharesRuleSamplers since [3, 1, 0]:
        "Rules of one target whose samplers have the same settings share one sampler.",
        "fixtures/processes/engine-v3.2.2.jsonl";
    FindsSelfByInterface since [2, 0, 0] until [2, 7, 0]:
        "A node finds itself among its peers by port and interface addresses. It resolves the name of every peer and exits if that fails.",
        "fixtures/boots/engine.jsonl";
    FindsSelfByListenAddress since [2, 7, 0] until [2, 9, 6]:
        "With peers in a file, the list must contain `http://` and the `PeerListenAddr`; otherwise the process exits after 25 seconds.",
        "fixtures/boots/engine.jsonl";
    IdentifiesFilePeers since [2, 9, 6]:
        "With peers in a file, the node determines its own name, so it exits at start-up if the interface does not exist.",
        "fixtures/boots/engine.jsonl";
    HearsItselfThroughRedis since [2, 7, 0] until [2, 8, 0]:
        "A node must receive its own message through Redis; otherwise the process exits after 25 seconds.",
        "fixtures/boots/engine.jsonl";
    NeedsAnotherNode since [2, 8, 0] until [2, 8, 1]:
        "With peers in Redis, a node loads the list of peers only when another node announces itself; if none does, it exits after 25 seconds.",
        "fixtures/boots/engine.jsonl";
    IgnoresRedisTls since [2, 7, 0] until [2, 8, 0]:
        "Redis is contacted without TLS, whatever the config says.",
        "fixtures/boots/engine.jsonl";
    QueuesHoldCacheCapacity since [2, 0, 0] until [3, 0, 0]:
        "A queue has room for at least three times `CacheCapacity`, even if its size is negative.",
        "fixtures/boots/engine.jsonl";
    AllocatesBuffers since [2, 0, 0] until [3, 0, 0]:
        "The buffers of `BufferSizes` are allocated at start-up, with 144 bytes per entry.",
        "fixtures/boots/engine.jsonl";
    NeedsGrpcListener since [2, 6, 0]:
        "If the gRPC listener fails, the process panics; before, it runs without gRPC.",
        "fixtures/boots/engine.jsonl";
    ListensWithoutPort since [2, 8, 0]:
        "Without validation, an address without a port means port 80 for HTTP and no gRPC; before, \
         its listeners do not start.",
        "fixtures/boots/engine.jsonl";
    ResetsRulesAtNull since [2, 8, 0]:
        "A rules file that is null discards the rules of the files before it.",
        "fixtures/boots/engine.jsonl";
    HasNullLogger since [2, 5, 0]:
        "The logger `none` exists; before, the validator accepts the name and the process exits.",
        "fixtures/boots/engine.jsonl";
    RegistersWithRedis since [2, 0, 0] until [2, 7, 0]:
        "With peers in Redis, the process must register itself there before it starts.",
        "fixtures/boots/engine.jsonl";
    AddsItselfToListedPeers since [2, 9, 6]:
        "With peers in a file, the node adds its own address to the list.",
        "fixtures/boots/engine.jsonl";
    RaisesHealthTimeout since [2, 9, 6]:
        "The health timeout is at least five milliseconds for each of `MaxExpiredTraces`.",
        "fixtures/boots/engine.jsonl";
    CountsAfterDeciding since [2, 9, 0]:
        "The counts of spans, events and links are added to the root span after the sampling \
         decision.",
        "source";
    ReplacesKeysBeforeLooking since [3, 0, 0]:
        "Over gRPC, an API key is replaced before it is compared with the accepted keys.",
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
