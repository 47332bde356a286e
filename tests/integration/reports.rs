//! All output formats, for one report with everything in it and for random reports.

use clap::ValueEnum;
use proptest::prelude::*;
use refinery_preflight::internals::diagnostic::{
    Check, CheckKind, Effect, Finding, Label, Severity,
};
use refinery_preflight::internals::policy::{Policy, decide};
use refinery_preflight::internals::report::{Format, Style, render};
use refinery_preflight::internals::source_name::SourceName;
use refinery_preflight::internals::span::{FileId, Files, Span};
use refinery_preflight::internals::verdict::{
    DeploymentReport, FirstTrace, LiveReload, Report, Reported, StartUp, Verdict,
};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::sync::LazyLock;

static ALL: LazyLock<Vec<Format>> = LazyLock::new(|| Format::value_variants().to_vec());
const PLAIN: Style = Style { colour: false, links: false, width: 80 };

static ERROR: Check = Check {
    id: "first-trace/no-sampler",
    kind: CheckKind::Verdict,
    severity: Severity::Error,
    summary: "a target has no sampler",
    why: "samplers are built at the first trace, so the engine's own validation passes and the \
          process then exits with status 1",
    page: None,
};
static WARNING: Check = Check {
    id: "rules/unreachable",
    kind: CheckKind::Intent,
    severity: Severity::Warning,
    summary: "a rule is never reached",
    why: "the first rule that matches decides",
    page: None,
};
static NOTE: Check = Check {
    id: "peers/redis-unreachable",
    kind: CheckKind::Intent,
    severity: Severity::Note,
    summary: "a process knows no peer",
    why: "traces are then split between processes & kept in part",
    page: None,
};

const CONFIG: &str = "General:\n  ConfigurationVersion: 2\n\nAccessKeys:\n  SendKey: hunter2-hunter2\n\
                      PeerManagement:\n\tType: file\n";
const RULES: &str = "RulesVersion: 2\nSamplers:\n  production:\n  RulesBasedSampler:\n    Rules:\n      - \
                     Name: drop\n        Drop: true\n      - Name: keep\n        SampleRate: 1\n";

/// The files of a run; spans are found by the text they cover.
#[derive(Default)]
struct Sources(Files);

impl Sources {
    fn add(&mut self, name: &str, text: &str) -> FileId {
        self.0.add(name, text)
    }

    fn span(&self, file: FileId, text: &str) -> Span {
        let start = self.0.get(file).text.find(text).expect(text);
        Span::new(file, start, start + text.len())
    }
}

fn verdict(release: &str) -> Verdict {
    Verdict {
        release: release.to_owned(),
        start_up: StartUp::Ready,
        live_reload: LiveReload::Accepted,
        first_trace: vec![("__default__".to_owned(), FirstTrace::Handled)],
        variables: std::collections::BTreeMap::new(),
        machine: Vec::new(),
    }
}

fn reported(finding: Finding, releases: &[&str]) -> Reported {
    Reported::new(finding, owned(releases))
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn deployment([config, rules]: [&str; 2]) -> DeploymentReport {
    DeploymentReport {
        config: vec![config.into()],
        rules: vec![rules.into()],
        ..Default::default()
    }
}

/// Crashes on one of three targets. Has labels next to each other, in two files, at the end of a
/// file and over several lines.
fn crashing(sources: &mut Sources) -> DeploymentReport {
    let config = sources.add("deploy/config.yaml", CONFIG);
    let rules = sources.add("deploy/rules.yaml", RULES);
    sources.0.mask(sources.span(config, "hunter2-hunter2"));
    let end = Span::new(config, CONFIG.len(), CONFIG.len());
    let findings = [
        Finding::new(&NOTE, "no peer is named").at(end, "the file ends here"),
        Finding::new(&WARNING, "`keep` is never reached")
            .at(sources.span(rules, "Name: keep\n        SampleRate: 1"), "never reached")
            .at(sources.span(rules, "drop"), "this one matches all")
            .help("put `keep` first"),
        Finding::new(&ERROR, "`SendKey` and `Samplers` do not fit each other")
            .at(sources.span(config, "hunter2-hunter2"), "this key")
            .at(sources.span(rules, "Samplers"), "these samplers")
            .at(sources.span(config, "Type: file"), ""),
        Finding::new(&ERROR, "the first trace for `production` stops the process")
            .at(sources.span(rules, "production"), "no sampler is set for this target")
            .at(sources.span(rules, "RulesBasedSampler"), "this is read as another target")
            .help("indent `RulesBasedSampler` under `production`"),
        Finding::new(&WARNING, "nothing is known of the memory of the machine that this is for"),
    ];
    let fates = [FirstTrace::Crashes, FirstTrace::CrashesOnSome, FirstTrace::Handled];
    let targets = ["production", "staging", "__default__"].map(str::to_owned);
    let verdict =
        Verdict { first_trace: targets.into_iter().zip(fates).collect(), ..verdict("v3.2.2") };
    DeploymentReport {
        verdicts: vec![verdict],
        findings: findings.map(|finding| reported(finding, &["v3.2.2"])).into(),
        ..deployment(["deploy/config.yaml", "deploy/rules.yaml"])
    }
}

/// Several releases with different verdicts.
fn depending(sources: &mut Sources) -> DeploymentReport {
    let config = sources.add("staging/config.yaml", "Network:\n  ListenAddr: ${HOST}:8080\n");
    let releases = ["v2.9.0", "v2.9.1", "v2.9.2", "v3.2.2"];
    let [.., newest] = releases;
    let depends = |release| Verdict {
        start_up: StartUp::Depends,
        live_reload: LiveReload::Depends,
        first_trace: Vec::new(),
        variables: [("HOST", "a host"), ("REDIS_HOST", "host and port, such as `redis:6379`")]
            .map(|(name, what)| (name.to_owned(), what.to_owned()))
            .into(),
        ..verdict(release)
    };
    let refused = |release| Verdict {
        start_up: StartUp::Refused,
        live_reload: LiveReload::Rejected,
        first_trace: Vec::new(),
        ..verdict(release)
    };
    let finding = Finding::new(&ERROR, "`${HOST}:8080` is not host and port")
        .at(sources.span(config, "${HOST}:8080"), "variables are not replaced here")
        .refuses();
    let verdicts = releases.map(|r| if r == newest { depends(r) } else { refused(r) });
    DeploymentReport {
        verdicts: verdicts.into(),
        findings: vec![reported(finding, &releases[..3])],
        ..deployment(["staging/config.yaml", "staging/rules.yaml"])
    }
}

/// Could not be checked, and contains markup, workflow commands and escape sequences.
fn hostile(sources: &mut Sources) -> DeploymentReport {
    let name = "a|b,c:`d` <e>%\u{1b}[2J\n::error::x.yaml";
    let long = format!("{}needle: \u{1b}[31m{}", "hay ".repeat(5000), "stack ".repeat(5000));
    let file = sources.add(name, &long);
    let finding = Finding::new(&ERROR, "`</details>]]>|@octocat`\r\n::set-output name=x::y")
        .at(sources.span(file, "needle"), "\u{202e}here\nor there")
        .help("100% `sure");
    DeploymentReport {
        findings: vec![reported(finding, &[])],
        config: vec![name.into()],
        ..Default::default()
    }
}

fn everything() -> (Report, Files) {
    let mut sources = Sources::default();
    let well = ["v2.9.5", "v2.9.6", "v2.9.7", "v3.0.0"].map(verdict);
    let without_rules = Verdict { first_trace: Vec::new(), ..verdict("v3.2.2") };
    let deployments = vec![
        crashing(&mut sources),
        DeploymentReport {
            verdicts: well.into(),
            ..deployment(["well/config.yaml", "well/rules.yaml"])
        },
        DeploymentReport {
            verdicts: vec![without_rules],
            ..deployment(["early/config.yaml", "early/rules.yaml"])
        },
        depending(&mut sources),
        hostile(&mut sources),
    ];
    let notices = vec!["`other.yaml` was left out: it is neither config nor rules".to_owned()];
    (
        Report { deployments, files: Vec::new(), notices, touched: Vec::new(), blocked: true },
        sources.0,
    )
}

fn clean() -> Report {
    let verdicts = vec![verdict("v3.2.2")];
    let deployment = DeploymentReport { verdicts, ..deployment(["config.yaml", "rules.yaml"]) };
    Report { deployments: vec![deployment], ..Default::default() }
}

#[test]
fn every_format_has_everything() {
    let (report, files) = everything();
    for &format in &*ALL {
        let name = format.to_possible_value().unwrap().get_name().to_owned();
        insta::assert_snapshot!(name, render(format, &report, &files, &PLAIN));
    }
}

#[test]
fn a_clean_run_is_short() {
    const BASIS: &str =
        "Refinery v3.2.2 of 2026-05-26, the newest known (no pin); proved by recordings";
    let text = |format| render(format, &clean(), &Files::default(), &PLAIN);
    assert_eq!(text(Format::Human).lines().count(), 5, "{}", text(Format::Human));
    assert_eq!(text(Format::Short), format!("{BASIS}\npassed\n"));
    assert_eq!(text(Format::Github), format!("release: {BASIS}\n"));
    insta::assert_snapshot!("clean-human", text(Format::Human));
    insta::assert_snapshot!("clean-markdown", text(Format::Markdown));
}

#[test]
fn no_format_shows_a_secret() {
    let (report, files) = everything();
    for &format in &*ALL {
        let text = render(format, &report, &files, &PLAIN);
        assert!(!text.contains("hunter2"), "{format:?}");
    }
    assert!(render(Format::Human, &report, &files, &PLAIN).contains("SendKey: ****"));
}

#[test]
fn colour_does_not_change_the_text() {
    let (report, files) = everything();
    let text = |colour| render(Format::Human, &report, &files, &Style { colour, ..PLAIN });
    assert_ne!(text(true), text(false));
    assert_eq!(anstream::adapter::strip_str(&text(true)).to_string(), text(false));
}

#[test]
fn links_do_not_change_the_text() {
    let (report, files) = everything();
    let text = |links| render(Format::Human, &report, &files, &Style { links, ..PLAIN });
    let linked = text(true);
    assert_eq!(anstream::adapter::strip_str(&linked).to_string(), text(false));
    let link = format!("\u{1b}]8;;{}\u{1b}\\{}\u{1b}]8;;\u{1b}\\]", ERROR.url(), ERROR.id);
    assert!(linked.contains(&link), "{linked}");
    for format in ALL.iter().filter(|format| **format != Format::Human) {
        let style = Style { links: true, ..PLAIN };
        assert!(!render(*format, &report, &files, &style).contains('\u{1b}'), "{format:?}");
    }
}

/// A run with long names and one finding without a place.
fn long_names() -> Report {
    let config = format!("{}/config.yaml", "a-folder/".repeat(8));
    let finding = Finding::new(&WARNING, format!("`{}` is not used", "Key.".repeat(20)))
        .help("remove it, and every other key of the same group, from the file");
    let named = |rules, verdicts, findings| DeploymentReport {
        findings,
        verdicts,
        ..deployment([&*config, rules])
    };
    let mut depends = verdict("v3.2.2");
    depends.start_up = StartUp::Depends;
    depends.variables.insert("A_VARIABLE_WITH_A_LONG_NAME".to_owned(), "`host:port`".to_owned());
    let deployments = vec![
        named("rules.yaml", vec![verdict("v3.2.2")], vec![reported(finding, &[])]),
        named("other.yaml", vec![depends], Vec::new()),
        named("third.yaml", Vec::new(), Vec::new()),
    ];
    let notices = vec![format!("{config} + rules.yaml: merged over {config}")];
    Report { deployments, notices, ..Default::default() }
}

#[test]
fn lines_wrap_between_words_at_any_width() {
    let text = |width| {
        let style = Style { width, ..PLAIN };
        render(Format::Human, &long_names(), &Files::default(), &style)
    };
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let whole = text(10_000);
    for width in [40, 60, 80, 120] {
        let wrapped = text(width);
        assert_eq!(words(&wrapped), words(&whole), "{width}");
        for line in wrapped.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            // A name that does not fit has a line of its own, with what belongs to it.
            let fits =
                line.chars().count() <= width || words.iter().any(|word| word.len() + 17 > width);
            assert!(fits, "{width}: {line}");
            assert!(
                !matches!(*words, ["·" | "✔" | "✘" | "+" | "help:" | "needs"]),
                "{width}: {line}"
            );
        }
    }
}

#[test]
fn a_notice_that_only_names_a_deployment_is_not_repeated() {
    let notice = "config.yaml + rules.yaml".to_owned();
    let report = Report { notices: vec![notice.clone(), "other".to_owned()], ..clean() };
    for format in [Format::Human, Format::Markdown] {
        let text = render(format, &report, &Files::default(), &PLAIN);
        assert!(text.lines().all(|line| line != notice && line != format!("· {notice}")), "{text}");
        assert!(text.contains("other"), "{text}");
    }
}

#[test]
fn long_lines_are_truncated() {
    let mut sources = Sources::default();
    let text = format!("{}needle{}", "x".repeat(500_000), "y".repeat(500_000));
    let file = sources.add("one-line.json", &text);
    let finding = Finding::new(&ERROR, "bad").at(sources.span(file, "needle"), "here");
    let findings = vec![reported(finding, &[])];
    let deployments = vec![DeploymentReport { findings, ..Default::default() }];
    let report = Report { deployments, ..Default::default() };
    for &format in &*ALL {
        assert!(render(format, &report, &sources.0, &PLAIN).len() < 4000, "{format:?}");
    }
    let human = render(Format::Human, &report, &sources.0, &PLAIN);
    assert!(human.contains("xneedley") && human.contains("one-line.json:1:500001"), "{human}");
    assert!(human.lines().all(|line| line.chars().count() <= PLAIN.width), "{human}");
}

#[test]
fn github_gets_ten_of_each_severity_and_a_count() {
    let finding = |check| move |n| reported(Finding::new(check, format!("number {n}")), &[]);
    let findings = (0..13)
        .map(finding(&WARNING))
        .chain((0..12).map(finding(&ERROR)))
        .chain([finding(&NOTE)(0)]);
    let deployments = vec![DeploymentReport { findings: findings.collect(), ..Default::default() }];
    let report = Report { deployments, ..Default::default() };
    let text = render(Format::Github, &report, &Files::default(), &PLAIN);
    let count = |start| text.lines().filter(|line| line.starts_with(start)).count();
    assert_eq!([count("::error "), count("::warning "), count("::notice ")], [10, 10, 1]);
    assert!(text.lines().take(10).all(|line| line.starts_with("::error ")), "{text}");
    assert!(text.lines().last().unwrap().starts_with("2 errors, 3 warnings more"), "{text}");
}

#[test]
fn a_shared_finding_is_shown_and_counted_once() {
    let mut sources = Sources::default();
    let one = crashing(&mut sources);
    let mut other = deployment(["other.yaml", "deploy/rules.yaml"]);
    other.findings =
        one.findings.iter().filter(|r| !r.finding.labels.is_empty()).cloned().collect();
    other.verdicts.clone_from(&one.verdicts);
    let alone = Report { deployments: vec![one.clone()], ..Default::default() };
    let both = Report { deployments: vec![one, other], ..Default::default() };
    let short = |report| render(Format::Short, report, &sources.0, &PLAIN);
    assert_eq!(short(&both), short(&alone));
}

#[test]
fn blocking_findings_are_failures_in_junit() {
    let (mut report, files) = everything();
    let mut failures = |ignores_verdicts| {
        decide(&Policy { ignores_verdicts, ..Policy::default() }, &mut report);
        let text = render(Format::Junit, &report, &files, &PLAIN);
        let document = roxmltree::Document::parse(&text).unwrap();
        let failures = document.descendants().filter(|node| node.has_tag_name("failure")).count();
        let said = document.root_element().attribute("failures").map(str::to_owned);
        assert_eq!(said, Some(failures.to_string()));
        failures
    };
    assert_eq!([failures(false), failures(true)], [5, 0]);
}

#[test]
fn fingerprints_do_not_depend_on_line_numbers() {
    let prints = |before: &str| {
        let mut sources = Sources::default();
        let file = sources.add("rules.yaml", &format!("{before}{RULES}"));
        let at = |text| Finding::new(&ERROR, "bad").at(sources.span(file, text), "");
        let findings = [at("production"), at("  production"), at("Rules:")];
        let findings = findings.map(|finding| reported(finding, &[])).into();
        let deployments = vec![DeploymentReport { findings, ..Default::default() }];
        let report = Report { deployments, ..Default::default() };
        let sarif: Json =
            serde_json::from_str(&render(Format::Sarif, &report, &sources.0, &PLAIN)).unwrap();
        let results = sarif["runs"][0]["results"].as_array().unwrap().clone();
        results.iter().map(|r| r["partialFingerprints"].to_string()).collect::<Vec<_>>()
    };
    assert_eq!(prints(""), prints("# one\n# two\n"));
    assert_eq!(prints("").into_iter().collect::<BTreeSet<_>>().len(), 3);
}

/// Checks the requirements of the SARIF standard for the properties in use.
fn assert_sarif(text: &str) {
    let log: Json = serde_json::from_str(text).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        assert!(result["message"]["text"].is_string());
        let related = result["relatedLocations"].as_array().cloned().unwrap_or_default();
        for location in result["locations"].as_array().unwrap().iter().chain(&related) {
            let place = &location["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().unwrap();
            assert!(uri.is_ascii() && !uri.contains([' ', '\\', '"', '<', '\n']), "{uri}");
            let region = |name: &str| place["region"][name].as_u64().unwrap();
            let (start, end) = (
                (region("startLine"), region("startColumn")),
                (region("endLine"), region("endColumn")),
            );
            assert!(start >= (1, 1) && start <= end, "{place}");
        }
    }
}

fn assert_valid_json_report(text: &str) {
    static CONTRACT: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
        let schema = include_str!("../../schemas/report.schema.json");
        jsonschema::draft202012::new(&serde_json::from_str(schema).unwrap()).unwrap()
    });
    let json: Json = serde_json::from_str(text).unwrap();
    let faults: Vec<String> =
        CONTRACT.iter_errors(&json).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn the_json_schema_has_every_verdict_word() {
    use {FirstTrace as T, LiveReload as L, StartUp as S};
    let answers = [T::Handled, T::Crashes, T::CrashesOnSome];
    let targets = answers.map(|answer| (answer.word().to_owned(), answer));
    let starts = [S::Ready, S::Refused, S::Depends, S::NeverReady];
    let reloads = [L::Accepted, L::Rejected, L::Depends, L::Accepted];
    let verdicts = starts.into_iter().zip(reloads).map(|(start_up, live_reload)| Verdict {
        start_up,
        live_reload,
        first_trace: targets.to_vec(),
        variables: [("HOST".to_owned(), "a host".to_owned())].into(),
        machine: owned(&["port `80` being free"]),
        ..verdict("v3.2.2")
    });
    let deployments = vec![DeploymentReport { verdicts: verdicts.collect(), ..Default::default() }];
    let report = Report { deployments, ..Default::default() };
    assert_valid_json_report(&render(Format::Json, &report, &Files::default(), &PLAIN));
}

#[test]
fn json_reports_follow_the_schema() {
    let (report, files) = everything();
    assert_valid_json_report(&render(Format::Json, &report, &files, &PLAIN));
    assert_valid_json_report(&render(Format::Json, &Report::default(), &files, &PLAIN));
    assert_sarif(&render(Format::Sarif, &report, &files, &PLAIN));
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z:|`<>&%@#*, \t\r\n]{0,30}",
        any::<String>(),
        "([a-zä€𝄞\t]{0,12}(\r\n|\n|\r)?){0,12}",
        "[xä]{0,300}",
    ]
}

fn any_label(files: u32) -> impl Strategy<Value = Label> {
    let place = (0..files, 0..400_u32, 0..60_u32, any::<bool>());
    (place, any_text(), any::<bool>()).prop_map(|((file, start, length, turned), text, primary)| {
        let (start, end) = if turned { (start + length, start) } else { (start, start + length) };
        Label { span: Span { file: FileId(file), start, end }, text, primary }
    })
}

fn any_reported(files: u32) -> impl Strategy<Value = Reported> {
    let check = prop::sample::select(vec![&ERROR, &WARNING, &NOTE]);
    let labels = prop::collection::vec(any_label(files), 0..6);
    let releases = prop::sample::subsequence(owned(&["v2.0.0", "v3.2.2"]), 0..=2);
    let new = prop::option::of(any::<bool>());
    (check, any_text(), prop::option::of(any_text()), labels, releases, new).prop_map(
        |(check, message, help, labels, releases, new)| {
            let effect = Effect::Nothing;
            let finding =
                Finding { check, message, help, labels, effect, fix: None, subject: None };
            Reported { new, ..Reported::new(finding, releases) }
        },
    )
}

fn any_deployment(files: u32) -> impl Strategy<Value = DeploymentReport> {
    let name = || any_text().prop_map(SourceName::of_file);
    let names = || prop::collection::vec(name(), 0..3);
    let fates = [FirstTrace::Handled, FirstTrace::Crashes, FirstTrace::CrashesOnSome];
    let targets =
        prop::collection::btree_map(any_text(), prop::sample::select(fates.to_vec()), 0..6);
    let findings = prop::collection::vec(any_reported(files), 0..6);
    let needs = prop::collection::btree_map(any_text(), any_text(), 0..3);
    (names(), names(), targets, findings, needs).prop_map(
        |(config, rules, targets, findings, variables)| {
            let start_up = StartUp::Depends;
            let first_trace = targets.into_iter().collect();
            let one = Verdict { start_up, first_trace, variables, ..verdict("v2.0.0") };
            let verdicts = vec![one, verdict("v3.2.2")];
            DeploymentReport { config, rules, verdicts, findings, ..Default::default() }
        },
    )
}

fn any_run() -> impl Strategy<Value = (Report, Files)> {
    prop::collection::vec((any_text(), any_text()), 1..4).prop_flat_map(|texts| {
        let mut files = Files::default();
        for (name, text) in &texts {
            files.add(name.as_str(), text.as_str());
        }
        let count = u32::try_from(texts.len()).unwrap();
        let deployments = prop::collection::vec(any_deployment(count), 0..3);
        (deployments, any::<bool>()).prop_map(move |(deployments, blocked)| {
            (
                Report {
                    deployments,
                    files: Vec::new(),
                    notices: Vec::new(),
                    touched: Vec::new(),
                    blocked,
                },
                files.clone(),
            )
        })
    })
}

/// Whether it has no control characters.
fn is_printable(text: &str) -> bool {
    !text.chars().any(|c| c != '\n' && c.is_control())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_report_is_printable((report, files) in any_run(), width in 0..200_usize) {
        let style = Style { width, ..PLAIN };
        let text = |format| render(format, &report, &files, &style);
        assert_valid_json_report(&text(Format::Json));
        assert_sarif(&text(Format::Sarif));
        roxmltree::Document::parse(&text(Format::Junit)).unwrap();
        let count = crate::formats::read_json_lines(&text(Format::JsonLines)).len();
        prop_assert_eq!(crate::formats::read_checkstyle(&text(Format::Checkstyle)).len(), count);
        prop_assert_eq!(crate::formats::read_gitlab(&text(Format::Gitlab)).len(), count);
        prop_assert_eq!(crate::formats::read_rdjson(&text(Format::Rdjson)).len(), count);
        prop_assert!(crate::formats::read_azure(&text(Format::Azure)).0.len() <= count);
        prop_assert!(text(Format::Github).lines().all(|l| ["::", "release: "].iter().any(|start| l.starts_with(start)) || l.contains("more")));
        for format in [Format::Human, Format::Short, Format::Github, Format::Azure, Format::Markdown] {
            prop_assert!(is_printable(&text(format)), "{format:?}");
        }
        let short = text(Format::Short);
        let findings = short.lines().filter(|l| l.contains(": ") || l.starts_with("Refinery v")).count();
        prop_assert!(findings + 1 >= short.lines().count());
    }

    #[test]
    fn colour_never_changes_the_text((report, files) in any_run()) {
        let text = |colour| render(Format::Human, &report, &files, &Style { colour, ..PLAIN });
        prop_assert_eq!(anstream::adapter::strip_str(&text(true)).to_string(), text(false));
    }
}
