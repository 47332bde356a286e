//! What holds for every input, on random ones.

use proptest::prelude::*;
use proptest::sample::select;
use refinery_preflight::internals::config::environment::Environment;
use refinery_preflight::internals::deploy::{Deployment, Source};
use refinery_preflight::internals::discover::gather::gather;
use refinery_preflight::internals::discover::{Request, Sources};
use refinery_preflight::internals::pipeline::{CheckOptions, check};
use refinery_preflight::internals::report::{Format, Style, render};
use refinery_preflight::internals::schema::releases;
use refinery_preflight::internals::span::Files;
use refinery_preflight::internals::syntax::DataFormat;
use refinery_preflight::internals::verdict::{Report, StartUp};
use std::path::PathBuf;

const STYLE: Style = Style { colour: false, links: false, width: 80 };

fn question() -> CheckOptions {
    let newest = releases().last().copied();
    let environment = Environment::default();
    CheckOptions { releases: newest.into_iter().collect(), environment, ..CheckOptions::default() }
}

fn deployment(config: &str, rules: &str, format: DataFormat) -> Sources {
    let mut files = Files::default();
    let mut add = |name, text: &str| {
        vec![Source { file: files.add(name, text.to_owned()), format: Some(format) }]
    };
    let deployment = Deployment {
        config: add("config", config),
        rules: add("rules", rules),
        ..Deployment::default()
    };
    Sources { files, deployments: vec![deployment], ..Sources::default() }
}

fn checked(mut sources: Sources) -> (Report, Sources) {
    let report = check(&mut sources, &question());
    (report, sources)
}

/// Pieces that mean something to a reader, in an order that means nothing.
fn soup() -> impl Strategy<Value = String> {
    const PIECES: [&str; 44] = [
        "General",
        "Samplers",
        "RulesVersion",
        "ConfigurationVersion",
        "Traces",
        "SendDelay",
        "2",
        "__default__",
        "RulesBasedSampler",
        "Rules",
        "Conditions",
        "Field",
        "Value",
        ": ",
        ":",
        "\n",
        "\n  ",
        "\n    ",
        "- ",
        "-",
        "[",
        "]",
        "{",
        "}",
        ",",
        "\"",
        "'",
        "|",
        ">",
        "&a ",
        "*a",
        "<<: ",
        "!!str ",
        "!!binary ",
        "# ",
        "\t",
        "\r\n",
        "---\n",
        "...\n",
        "%",
        "=",
        "${A}",
        "\u{feff}",
        "é🦀",
    ];
    let piece = prop_oneof![6 => select(&PIECES[..]).prop_map(str::to_owned), 1 => any::<String>()];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

fn formats() -> impl Strategy<Value = DataFormat> {
    select(&[DataFormat::Yaml, DataFormat::Toml, DataFormat::Json][..])
}

/// The letters of a config that every release starts with.
fn config() -> impl Strategy<Value = String> {
    let seconds = 1_u32..300;
    (seconds, 100_u32..5000, select(&["debug", "info", "warn", "error"][..])).prop_map(
        |(delay, batch, level)| {
            format!(
                "General:\n  ConfigurationVersion: 2\nTraces:\n  SendDelay: {delay}s\n  \
                 MaxBatchSize: {batch}\nLogger:\n  Level: {level}\n"
            )
        },
    )
}

fn rules() -> impl Strategy<Value = String> {
    proptest::collection::btree_map("[a-z]{1,8}", 1_u32..1000, 0..5).prop_map(|targets| {
        let sampler = |(name, rate): (&str, u32)| {
            format!("  {name}:\n    DeterministicSampler:\n      SampleRate: {rate}\n")
        };
        let targets: String = targets.iter().map(|(name, rate)| sampler((name, *rate))).collect();
        format!("RulesVersion: 2\nSamplers:\n{}{targets}", sampler(("__default__", 1)))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_checked(config in soup(), rules in soup(), format in formats()) {
        let (report, sources) = checked(deployment(&config, &rules, format));
        let findings: Vec<_> = report.deployments.iter().flat_map(|d| &d.findings).collect();
        for reported in &findings {
            prop_assert!(reported.finding.check.id != "internal/panic", "{reported:?}");
            for label in &reported.finding.labels {
                let text = &sources.files.get(label.span.file).text;
                prop_assert!(text.get(label.span.range()).is_some(), "{label:?} in {text:?}");
            }
        }
        let refused = report.deployments[0].verdicts[0].start_up == StartUp::Refused;
        prop_assert!(!refused || !findings.is_empty(), "a no without a reason");
    }

    #[test]
    fn checking_twice_gives_the_same_report(config in soup(), rules in soup(), format in formats()) {
        let say = || {
            let (report, sources) = checked(deployment(&config, &rules, format));
            render(Format::Json, &report, &sources.files, &STYLE)
        };
        prop_assert_eq!(say(), say());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn files_may_come_in_any_order(
        deployments in proptest::collection::vec((config(), rules()), 1..4),
        order in proptest::collection::vec(any::<prop::sample::Index>(), 8),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut paths: Vec<PathBuf> = Vec::new();
        for (index, (config, rules)) in deployments.iter().enumerate() {
            let place = folder.path().join(format!("node{index}"));
            std::fs::create_dir(&place).expect("a folder");
            for (name, text) in [("config.yaml", config), ("rules.yaml", rules)] {
                std::fs::write(place.join(name), text).expect("a file");
                paths.push(place.join(name));
            }
        }
        let say = |paths: Vec<PathBuf>| {
            let request = Request { paths, ..Request::default() };
            let (report, sources) =
                checked(gather(&request, &mut std::io::empty()).expect("readable"));
            (render(Format::Human, &report, &sources.files, &STYLE), report)
        };
        let mut shuffled = paths.clone();
        for (at, index) in order.iter().enumerate() {
            let length = shuffled.len();
            shuffled.swap(at % length, index.index(length));
        }
        let (text, report) = say(paths);
        prop_assert_eq!(&text, &say(shuffled).0);
        prop_assert_eq!(&text, &say(vec![folder.path().to_owned()]).0);
        prop_assert_eq!(report.deployments.len(), deployments.len());
        for deployment in &report.deployments {
            let start_up = deployment.verdicts[0].start_up;
            prop_assert_eq!(start_up, StartUp::Ready, "{}", text);
        }
    }
}
