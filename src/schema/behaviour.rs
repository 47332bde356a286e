//! What changed in the engine between releases apart from its keys: one table of switches.

use super::release::Release;

/// How a release behaves where releases differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Behaviour {
    /// `${NAME}` in values is replaced from the environment.
    pub expands_variables: bool,
    /// Removed keys refuse the start, or warn, by the release's own number.
    pub checks_removed_keys: bool,
    /// The config is validated again once defaults and overrides are in force.
    pub validates_twice: bool,
    /// An amount of memory of a million units or more is written in a form (`1.5e+06K`) that
    /// v2.2.0 cannot read back.
    pub writes_great_sizes_with_exponents: bool,
    /// A YAML file without any document reads as nothing; before, it is refused.
    pub reads_empty_files: bool,
    /// Traces are collected by several workers, each with its share of the queues.
    pub has_workers: bool,
    /// A worker's health is renewed by its own ticker alone.
    pub workers_report_by_ticker: bool,
    /// A transmission looks at its batches four times per time-out.
    pub ticks_four_times_a_batch: bool,
    /// A ticker looks for changed files, and panics where its interval is not positive.
    pub watches_with_a_ticker: bool,
    /// A shutdown begins by waiting for two time-outs of a batch.
    pub waits_for_batches_at_shutdown: bool,
    /// An exporter for plain HTTP refuses to be made where the environment holds a certificate.
    pub exporters_refuse_certificates: bool,
    /// Peers talk over Redis' channels, and three parts of the engine subscribe as they start.
    pub subscribes_at_start: bool,
    /// The fields that samplers look at are taken out of spans when they come in.
    pub extracts_fields_at_ingest: bool,
    /// A rule's sampler that cannot be made ends the process; before, the rule keeps all.
    pub exits_on_bad_rule_sampler: bool,
    /// `root.` in a field's name means the root span; before, it is part of the name.
    pub knows_root_fields: bool,
    /// Conditions answer as `engine` does; before, a field that is missing is no text for all
    /// operators alike.
    pub answers_as_now: bool,
    /// Samplers in the rules of a target that say the same are one.
    pub shares_rule_samplers: bool,
    /// With peers in Redis, the process writes itself down there before it goes on.
    pub registers_with_redis: bool,
    /// `-c` and `-r` may be repeated; before, the last one counts.
    pub several_files: bool,
    /// A list of peers in a file gets the node's own address added.
    pub adds_itself_to_listed_peers: bool,
    /// A worker may take five milliseconds for every expired trace of a round before it is dead.
    pub raises_health_timeout: bool,
    /// Over gRPC a key is replaced before it is looked for in the list of keys.
    pub replaces_keys_before_looking: bool,
}

impl Behaviour {
    pub fn of(release: Release) -> Self {
        let since = |major, minor, patch| release >= Release::new(major, minor, patch);
        Self {
            expands_variables: since(2, 9, 5),
            checks_removed_keys: since(3, 0, 0),
            writes_great_sizes_with_exponents: since(2, 0, 1) && !since(2, 3, 0),
            reads_empty_files: since(2, 9, 2),
            has_workers: since(3, 1, 0),
            workers_report_by_ticker: since(3, 1, 0),
            ticks_four_times_a_batch: since(3, 0, 0),
            watches_with_a_ticker: since(2, 7, 0),
            waits_for_batches_at_shutdown: since(3, 0, 0),
            exporters_refuse_certificates: since(3, 1, 2),
            subscribes_at_start: since(2, 7, 0),
            extracts_fields_at_ingest: since(3, 0, 0),
            exits_on_bad_rule_sampler: since(3, 1, 0),
            knows_root_fields: since(2, 4, 0),
            answers_as_now: since(2, 8, 0),
            shares_rule_samplers: since(3, 1, 0),
            registers_with_redis: !since(2, 7, 0),
            validates_twice: since(2, 0, 1),
            several_files: since(2, 8, 0),
            adds_itself_to_listed_peers: since(2, 9, 6),
            raises_health_timeout: since(2, 9, 6),
            replaces_keys_before_looking: since(3, 0, 0),
        }
    }
}
