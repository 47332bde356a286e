//! The command line: streams, exit statuses and options.

use crate::program::{BROKEN, CONFIG, Folder, RULES, Ran};
use serde_json::Value as Json;
use std::process::Command;

fn good() -> Folder {
    Folder::new(&[("config.yaml", CONFIG), ("rules.yaml", RULES)])
}

fn broken() -> Folder {
    Folder::new(&[("config.yaml", BROKEN), ("rules.yaml", RULES)])
}

fn read(folder: &Folder, name: &str) -> String {
    std::fs::read_to_string(folder.path().join(name)).expect("a file")
}

fn json(ran: &Ran) -> Json {
    serde_json::from_str(&ran.output).expect("JSON")
}

fn releases(ran: &Ran) -> Vec<String> {
    let json = json(ran);
    let verdicts = json["deployments"][0]["verdicts"].as_array().expect("verdicts");
    verdicts.iter().map(|v| v["release"].as_str().expect("a name").to_owned()).collect()
}

fn acceptance(ran: &Ran) -> &'static str {
    crate::program::acceptance(&json(ran)["deployments"][0]["verdicts"][0])
}

#[test]
fn a_good_deployment_passes_with_every_command() {
    let folder = good();
    for arguments in [
        &["check"][..],
        &["check", "."],
        &["check", "config.yaml", "rules.yaml"],
        &["check", "-c", "config.yaml", "-r", "rules.yaml"],
        &["check", "--config", "config.yaml", "--rules_config", "rules.yaml"],
        &["check", "--config=config.yaml", "--rules-config=rules.yaml"],
        &["check", "--fail-on", "note"],
    ] {
        let ran = folder.run(arguments);
        assert_eq!((ran.status, ran.errors.as_str()), (0, ""), "{arguments:?}");
        assert!(ran.output.ends_with("passed\n"), "{arguments:?}: {}", ran.output);
    }
    let ran = folder.run(&["check", "--refinery", "all"]);
    assert_eq!((ran.status, ran.errors.as_str()), (0, ""));
    // The first releases freeze at a live reload.
    assert!(ran.output.contains("v2.0.0–v2.0.2\n"), "{}", ran.output);
    assert!(ran.output.ends_with("passed: 1 warning\n"), "{}", ran.output);
}

#[test]
fn a_fault_blocks_and_is_printed_to_standard_output() {
    let ran = broken().run(&["check"]);
    assert_eq!((ran.status, ran.errors.as_str()), (1, ""));
    assert!(ran.output.starts_with("error[syntax/invalid-yaml]: "), "{}", ran.output);
    assert!(ran.output.ends_with("blocked: 1 error; 1 fixable with `--fix`\n"), "{}", ran.output);
}

/// Arguments, and the expected error message.
const WRONG_USES: [(&[&str], &str); 16] = [
    (&[], "Usage: refinery-preflight [OPTIONS] <COMMAND>"),
    (&["chekc"], "'check'"),
    (&["check", "--refinery", "9"], "expected v2.0.0 to "),
    (&["check", "--refinery", ""], "unknown Refinery release ``"),
    (&["check", "--output-format", "xml"], "sarif"),
    (&["check", "--fail-on", "all"], "warning"),
    (&["check", "--env", "NAME"], "NAME=VALUE"),
    (&["check", "--env", "=x"], "NAME=VALUE"),
    (&["check", "--env-file", "none"], "no such file: `none`"),
    (&["check", "none.yaml"], "no such file: `none.yaml`"),
    (&["check", "-c", "none.yaml"], "no such file: `none.yaml`"),
    (&["check", "-c", "http://127.0.0.1/x.yaml"], "is on the network"),
    (&["check", "other.yaml"], "is not a Refinery config or rules file"),
    (&["check", "empty"], "no Refinery config or rules file in `empty`"),
    (&["effective", "--refinery", "all"], "pass a single release"),
    (&["schema", "rules", "--refinery", "2,3"], "takes a single release"),
];

#[test]
fn usage_errors_go_to_standard_error() {
    let folder = good();
    folder.write("other.yaml", b"apiVersion: v1\n");
    folder.write("empty/readme.txt", b"nothing");
    for (arguments, said) in WRONG_USES {
        let ran = folder.run(arguments);
        assert_eq!((ran.status, ran.output.as_str()), (2, ""), "{arguments:?}");
        assert!(ran.errors.contains(said), "{arguments:?}: {}", ran.errors);
    }
}

#[test]
fn help_and_version_go_to_standard_output() {
    let folder = Folder::new(&[]);
    for arguments in [&["--help"][..], &["check", "--help"], &["effective", "-h"], &["help"]] {
        let ran = folder.run(arguments);
        assert_eq!((ran.status, ran.errors.as_str()), (0, ""), "{arguments:?}");
    }
    let version = folder.run(&["--version"]).output;
    assert_eq!(version, format!("refinery-preflight {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn help_matches_the_snapshots() {
    let folder = Folder::new(&[]);
    let commands = [
        "check",
        "effective",
        "history",
        "hook install",
        "hook run",
        "rehearse",
        "schema",
        "trace",
    ];
    for command in commands {
        let words: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        let name = format!("help-{}", command.replace(' ', "-"));
        insta::assert_snapshot!(name, folder.run(&words).output);
    }
}

#[test]
fn the_fail_level_decides_what_blocks() {
    // A file without a recognized extension gives a warning.
    let folder = good();
    let arguments = ["check", "-c", "config.yaml?x", "-r", "rules.yaml"];
    let with = |more: &[&str]| folder.run(&[&arguments[..], more].concat());
    let ran = with(&[]);
    assert!(ran.output.starts_with("warning[start/other-file-read]"), "{}", ran.output);
    assert_eq!(ran.status, 0);
    for (level, status) in [("error", 0), ("warning", 1), ("note", 1), ("never", 0)] {
        assert_eq!(with(&["--fail-on", level]).status, status, "{level}");
    }
    assert_eq!(with(&["--fail-on", "warning", "--exit-zero"]).status, 0);
}

#[test]
fn exit_zero_hides_neither_findings_nor_usage_errors() {
    let folder = broken();
    let ran = folder.run(&["check", "--exit-zero"]);
    assert_eq!(ran.status, 0);
    assert!(ran.output.ends_with("blocked: 1 error; 1 fixable with `--fix`\n"), "{}", ran.output);
    assert_eq!(folder.run(&["check", "--fail-on", "never"]).status, 0);
    assert_eq!(folder.run(&["check", "none.yaml", "--exit-zero"]).status, 2);
}

#[test]
fn every_format_is_printed() {
    let folder = broken();
    for (format, begins) in [
        ("human", "error["),
        ("short", "config.yaml:3:2: error["),
        ("json", "{\n"),
        ("sarif", "{\n"),
        ("github", "::error "),
        ("junit", "<?xml"),
        ("markdown", "#"),
    ] {
        let ran = folder.run(&["check", "--output-format", format]);
        assert_eq!((ran.status, ran.errors.as_str()), (1, ""), "{format}");
        assert!(ran.output.starts_with(begins), "{format}: {}", ran.output);
        assert!(ran.output.ends_with('\n'), "{format}");
        assert!(ran.output.contains("syntax/invalid-yaml"), "{format}: {}", ran.output);
    }
}

#[test]
fn a_report_is_written_to_a_file() {
    let folder = broken();
    let printed = folder.run(&["check", "--output-format", "json"]);
    let arguments = ["check", "--output-format", "json=report.out"];
    let ran = folder.run(&arguments);
    assert_eq!((ran.status, ran.output.as_str(), ran.errors.as_str()), (1, "", ""));
    assert_eq!(read(&folder, "report.out"), printed.output);
}

#[test]
fn colour_is_used_when_requested() {
    const ESCAPE: char = '\u{1b}';
    let folder = broken();
    let coloured = |arguments: &[&str], variable: Option<&str>| {
        let mut command = folder.command(&[&["check"], arguments].concat());
        command.envs(variable.map(|name| (name, "1")));
        Ran::of(command).output.contains(ESCAPE)
    };
    assert!(!coloured(&[], None), "a pipe gets none");
    assert!(coloured(&["--color", "always"], None));
    assert!(!coloured(&["--color", "never"], None));
    assert!(!coloured(&[], Some("NO_COLOR")));
    assert!(coloured(&["--color", "always"], Some("NO_COLOR")), "a flag overrides a variable");
    assert!(!coloured(&["--color", "always", "--output-format", "json"], None));
    folder.run(&["check", "--output-format", "human=report", "--color", "auto"]);
    assert!(!read(&folder, "report").contains(ESCAPE));
}

#[test]
fn releases_are_checked_oldest_first() {
    let folder = good();
    let checked = |names: &str| {
        releases(&folder.run(&["check", "--refinery", names, "--output-format", "json"]))
    };
    assert_eq!(checked("3.0.0,v2.0.0, 2.4.0"), ["v2.0.0", "v2.4.0", "v3.0.0"]);
    assert_eq!(checked("latest").len(), 1);
    let all = checked("all");
    assert!(all.len() > 30, "{all:?}");
    assert_eq!(all.first().map(String::as_str), Some("v2.0.0"));
    assert_eq!(all.last(), checked("latest").first());
}

#[test]
fn a_finding_names_the_affected_releases() {
    let folder = good();
    folder.write("config.yaml", format!("{CONFIG}OpAMP:\n  Enabled: false\n").as_bytes());
    let ran = folder.run(&["check", "--refinery", "2.0.0,latest", "--output-format", "json"]);
    let report = json(&ran);
    let finding = &report["deployments"][0]["findings"][0];
    assert_eq!(ran.status, 1);
    assert_eq!(finding["check"], "schema/unknown-group");
    assert_eq!(finding["releases"], serde_json::json!(["v2.0.0"]));
}

#[test]
fn standard_input_is_checked_under_its_name() {
    let folder = Folder::new(&[]);
    let run = |arguments: &[&str], text: &str| {
        let mut command = folder.command(arguments);
        command.write_stdin(text);
        Ran::of(command)
    };
    assert_eq!(run(&["check", "-"], CONFIG).status, 0);
    assert_eq!(run(&["check", "-", "--stdin-filename", "rules.yml"], RULES).status, 0);
    let ran =
        run(&["check", "--stdin-filename", "a.toml"], "[General]\nConfigurationVersion = 2\n");
    assert!(ran.output.contains("rejects every TOML file"), "{}", ran.output);

    let ran = run(&["check", "-", "--stdin-filename", "d/a.yaml"], BROKEN);
    assert_eq!(ran.status, 1);
    assert!(ran.output.contains("d/a.yaml:3:2"), "{}", ran.output);
    assert_eq!(run(&["check", "-"], "").status, 2, "empty input does not pass");
}

#[test]
fn the_environment_decides_the_verdict() {
    let folder = Folder::new(&[
        ("c.yaml", "General: {ConfigurationVersion: 2}\nNetwork: {ListenAddr: \"${ADDR}\"}\n"),
        ("good.env", "# of the node\nexport ADDR=h:1\n"),
        ("bad.env", "ADDR=nowhere\n"),
        ("broken.env", "ADDR\n"),
    ]);
    let base = ["check", "-c", "c.yaml", "--output-format", "json"];
    for (options, expected) in [
        (&[][..], "depends"),
        (&["--env", "ADDR=h:1"], "yes"),
        (&["--env", "ADDR=nowhere"], "no"),
        (&["--env", "OTHER=1"], "depends"),
        (&["--env-closed"], "no"),
        (&["--env-closed", "--env", "ADDR=h:1"], "yes"),
        (&["--env-file", "good.env"], "yes"),
        (&["--env-file", "good.env", "--env-file", "bad.env"], "no"),
        (&["--env-file", "bad.env", "--env", "ADDR=h:1"], "yes"),
        (&["--live-env"], "no"),
    ] {
        let ran = folder.run(&[&base, options].concat());
        assert_eq!(acceptance(&ran), expected, "{options:?}");
        assert_eq!(ran.status, i32::from(expected == "no"), "{options:?}");
    }
    assert_eq!(folder.run(&[&base[..], &["--env-file", "broken.env"]].concat()).status, 2);
    let mut live = folder.command(&[&base[..], &["--live-env"]].concat());
    live.env("ADDR", "h:1");
    assert_eq!(acceptance(&Ran::of(live)), "yes");
}

#[test]
fn variables_of_this_process_are_used_on_request() {
    let folder = good();
    let run = |options: &[&str]| {
        let mut command =
            folder.command(&[&["check", "--output-format", "json"], options].concat());
        command.env("REFINERY_HTTP_LISTEN_ADDRESS", "nowhere");
        acceptance(&Ran::of(command))
    };
    assert_eq!(run(&[]), "yes");
    assert_eq!(run(&["--live-env", "."]), "no");
}

#[test]
fn refinery_flags_follow_two_dashes() {
    let folder = good();
    let run = |flags: &[&str]| folder.run(&[&["check", "--"], flags].concat());
    assert_eq!(run(&["--http-listen-address", "0.0.0.0:80"]).status, 0);
    assert_eq!(run(&["--http-listen-address", "nowhere"]).status, 1);
    let ran = run(&["--no-such-flag"]);
    assert_eq!(ran.status, 1);
    assert!(ran.output.contains("start/bad-command-line"), "{}", ran.output);
}

#[test]
fn effective_shows_values_with_origin_and_redacts_secrets() {
    let folder = good();
    let key = "0123456789abcdef0123456789abcdef";
    folder.write("config.yaml", format!("{CONFIG}AccessKeys:\n  SendKey: {key}\n").as_bytes());
    let ran = folder.run(&["effective"]);
    assert_eq!((ran.status, ran.errors.as_str()), (0, ""));
    assert!(ran.output.contains("ConfigurationVersion: 2  # config.yaml:4:25"), "{}", ran.output);
    assert!(ran.output.contains("  # default"), "{}", ran.output);
    assert!(!ran.output.contains(key), "{}", ran.output);
    let ran = folder.run(&["effective", "--output-format", "json"]);
    assert!(serde_json::from_str::<Json>(&ran.output).is_ok_and(|json| json.is_object()));
    assert!(!ran.output.contains(key), "{}", ran.output);
}

#[test]
fn effective_fails_if_refinery_does_not_start() {
    let ran = broken().run(&["effective"]);
    assert_eq!((ran.status, ran.output.as_str()), (1, ""));
    assert!(ran.errors.contains("does not start"), "{}", ran.errors);

    let folder = good();
    folder.write("b/config.yaml", CONFIG.as_bytes());
    folder.write("b/rules.yaml", RULES.as_bytes());
    let ran = folder.run(&["effective"]);
    assert_eq!((ran.status, ran.output.as_str()), (2, ""));
    assert!(ran.errors.contains("expected one deployment, found 2"), "{}", ran.errors);
}

#[test]
fn schemas_are_valid() {
    let folder = Folder::new(&[]);
    for (kind, good, bad) in [
        ("config", r#"{"General": {"ConfigurationVersion": 2}}"#, r#"{"Generl": {}}"#),
        ("rules", r#"{"RulesVersion": 2, "Samplers": {"__default__": {}}}"#, r#"{"Sampler": {}}"#),
    ] {
        let ran = folder.run(&["schema", kind, "--refinery", "3.1"]);
        assert_eq!((ran.status, ran.errors.as_str()), (0, ""));
        let validator = jsonschema::validator_for(&json(&ran)).expect("a schema");
        let valid = |text: &str| validator.is_valid(&serde_json::from_str(text).expect("JSON"));
        assert!(valid(good) && !valid(bad), "{kind}");
    }
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    let folder = good();
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let ran = Command::new(env!("CARGO_BIN_EXE_refinery-preflight"))
        .arg("check")
        .env_clear()
        .current_dir(folder.path())
        .stdout(writer)
        .output()
        .expect("it runs");
    assert_eq!((ran.status.code(), ran.stderr), (Some(2), Vec::new()));
}

#[test]
fn the_same_input_gives_the_same_report() {
    let folder = broken();
    for format in ["human", "json", "sarif", "junit"] {
        let arguments = ["check", "--refinery", "all", "--output-format", format];
        assert_eq!(folder.run(&arguments).output, folder.run(&arguments).output, "{format}");
    }
}

#[test]
fn files_cannot_be_named_after_the_dashes() {
    let folder = good();
    for flag in ["-c", "-rrules.yaml", "--config=config.yaml", "--rules_config", "-dc"] {
        let ran = folder.run(&["check", "--", flag, "config.yaml"]);
        assert_eq!(ran.status, 2, "{flag}");
        assert!(ran.errors.contains("pass `-c` and `-r` before `--`"), "{}", ran.errors);
    }
    assert_eq!(folder.run(&["check", "--", "--redis-host", "redis:6379"]).status, 0);
}
