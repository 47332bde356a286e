//! The modules, in the order in which data flows through them.
//!
//! ```text
//! bytes ─▶ files ─▶ deployments ─▶ spanned tree ─▶ schema ─▶ effective config ─▶ rehearsal ─▶ checks ─▶ policy ─▶ report
//! vfs, git  sniff    deploy,discover  syntax                    config             rehearse
//!                                                                 engine, traces ──┘
//! ```

// The words that every module may use.
mod counted;
mod decompress;
mod diagnostic;
mod machine;
mod notice;
mod source_name;
mod span;
mod verdict;

mod value;

mod release;

mod syntax;

mod schema;

mod learn;

mod vfs;

mod git;

mod settings;

mod sniff;

mod deploy;

mod discover;

mod config;

mod engine;

mod traces;

mod proof;

mod rehearse;

mod checks;

mod thin;

mod rule_tests;

mod pipeline;

mod plan;

mod policy;

mod fix;

mod history;

mod report;

mod cli;

pub use cli::{Console, guard, run};

/// For the tests, benchmarks and fuzz targets of this project. Not a public API.
#[doc(hidden)]
pub mod internals {
    pub mod config {
        pub mod decode {
            pub use crate::config::decode::Decoder;
        }
        pub mod effective_value {
            pub use crate::config::effective_value::Record;
        }
        pub mod environment {
            pub use crate::config::environment::Environment;
        }
    }
    pub mod deploy {
        pub use crate::deploy::{Deployment, Source};
        pub mod launch {
            pub use crate::deploy::launch::LaunchSpec;
        }
    }
    pub mod diagnostic {
        pub use crate::diagnostic::{Check, CheckKind, Effect, Finding, Label, Severity, checks};
    }
    pub mod discover {
        pub use crate::discover::{Request, Sources};
        pub mod gather {
            pub use crate::discover::gather::gather;
        }
    }
    pub mod engine {
        pub use crate::engine::{
            Crash, Decision, Fields, Keep, KeyFields, Process, ReadFields, Sampler, Trace, Value,
            name::Name,
        };
        pub mod dynamic {
            pub use crate::engine::dynamic::Dynamic;
        }
        pub mod ingest {
            pub use crate::engine::ingest::{
                Event, IdFields, IntakeSettings, Route, forward, ingest,
            };
        }
        pub mod regexp {
            pub use crate::engine::regexp::{PatternFault, Reason, Regexp};
        }
        pub mod spec {
            pub use crate::engine::spec::{
                ConditionSpec, RuleSpec, RulesSpec, SamplerSpec, Target,
            };
        }
    }
    pub mod fix {
        pub use crate::fix::apply_fixes;
    }
    pub mod learn {
        pub use crate::learn::{LearnError, learn};
    }
    pub mod machine {
        pub use crate::machine::{Machine, Restarts};
    }
    pub mod pipeline {
        pub use crate::pipeline::{
            CheckOptions, Parsed, RunningConfig, Schemas, check, check_with, hide_secrets,
        };
    }
    pub mod policy {
        pub use crate::policy::{FailOn, Policy, apply, decide};
    }
    pub mod proof {
        pub use crate::proof::{
            About, Analysis, Answer, Exerciser, Outcome, Reachability, Semantics, Verdict,
            all_are_decided, are_equal, find_differences, is_without_effect,
        };
    }
    pub mod rehearse {
        pub use crate::rehearse::{
            Acceptance, Host, Launch, Rehearsal, Start, check_start_up, rehearse, trace_text,
        };
        pub mod specs {
            pub use crate::rehearse::specs::targets;
        }
        pub mod stage {
            pub use crate::rehearse::stage::Outcome;
        }
    }
    pub mod release {
        pub use crate::release::{Evidence, Named, Release, known, newest, releases};
        pub mod facts {
            pub use crate::release::facts::{Groups, KeyFacts, compare};
        }
        pub mod quirks {
            pub use crate::release::quirks::{QUIRKS, QuirkFacts};
        }
        pub mod select {
            pub use crate::release::select::select;
        }
    }
    pub mod report {
        pub use crate::report::{Format, Style, render, write_diff};
        pub mod effective {
            pub use crate::report::Texts;
            pub use crate::report::effective::Effective;
        }
    }
    pub mod schema {
        pub use crate::schema::{Kind, Release, Schema, facts_of, releases};
        pub mod secrets {
            pub use crate::schema::secrets::{Secrets, mask};
        }
    }
    pub mod settings {
        pub use crate::settings::ProjectSettings;
    }
    pub mod sniff {
        pub mod recognise {
            pub use crate::sniff::recognise::{Generation, recognise};
        }
    }
    pub mod source_name {
        pub use crate::source_name::SourceName;
    }
    pub mod span {
        pub use crate::span::{FileId, Files, Span};
    }
    pub mod syntax {
        pub use crate::syntax::{DataFormat, Document, Item, Value, parse, read_document};
        pub mod yaml {
            pub use crate::syntax::yaml::{
                ComposeError, EventKind, MAX_DEPTH, Parser, Problem, Properties, ScalarStyle,
                compose, parse,
            };
        }
    }
    pub mod traces {
        pub use crate::traces::{Arrivals, Grouped, Intake, Run, otlp};
    }
    pub mod value {
        pub use crate::value::{Duration, MemorySize, number, parse_float};
        pub mod float_text {
            pub use crate::value::float_text::format_float;
        }
        pub mod host_port {
            pub use crate::value::host_port::split_host_port;
        }
        pub mod url {
            pub use crate::value::url::parse_url;
        }
    }
    pub mod verdict {
        pub use crate::verdict::{
            DeploymentReport, FirstTrace, LiveReload, Report, Reported, StartUp, Verdict,
        };
    }
    pub mod vfs {
        pub use crate::vfs::environment;
        pub mod input_error {
            pub use crate::vfs::input_error::{InputError, InputProblem};
        }
    }
}
