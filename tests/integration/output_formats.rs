//! The formats for code hosts and CI systems, read as their public definitions say; several outputs
//! of one run.

use crate::formats::{
    Entry, read_azure, read_checkstyle, read_gitlab, read_json_lines, read_rdjson,
};
use crate::program::{BROKEN, CONFIG, Folder, RULES};
use serde_json::Value as Json;
use std::fs;

/// A name that each format has to escape, and keys that could end or start a command.
const NAME: &str = "a]b;c%d&<e>\"'##vso[x]/config.yaml";
const HOSTILE: &str = "General:\n  ConfigurationVersion: 2\n  \"x]##vso[task.complete]y; 50% </error> & ##[error]\": 1\n\
                       Traces:\n  \"ä𐐀\": 1\n";

fn hostile() -> Folder {
    Folder::new(&[(NAME, HOSTILE), ("rules.yaml", RULES)])
}

fn report(folder: &Folder, format: &str) -> String {
    let ran = folder.run(&["check", "--output-format", format]);
    assert_eq!((ran.status, ran.errors.as_str()), (1, ""), "{}", ran.output);
    ran.output
}

fn places(entries: &[Entry]) -> Vec<(&str, u64, &str)> {
    let mut places: Vec<_> =
        entries.iter().map(|entry| (&*entry.file, entry.line, &*entry.code)).collect();
    places.sort_unstable();
    places
}

#[test]
fn hostile_names_and_messages_are_read_back_in_every_format() {
    let folder = hostile();
    let lines = read_json_lines(&report(&folder, "json-lines"));
    let expected = places(&lines);
    assert_eq!(expected, [(NAME, 3, "schema/unknown-key"), (NAME, 5, "schema/unknown-key")]);
    let gitlab = read_gitlab(&report(&folder, "gitlab"));
    let rdjson = read_rdjson(&report(&folder, "rdjson"));
    let log = report(&folder, "azure");
    let (azure, others) = read_azure(&log);
    let checkstyle = read_checkstyle(&report(&folder, "checkstyle"));
    let rdjson_entries: Vec<Entry> = rdjson.into_iter().map(|(entry, _)| entry).collect();
    for (name, entries, severity) in [
        ("gitlab", &gitlab, "critical"),
        ("rdjson", &rdjson_entries, "ERROR"),
        ("azure", &azure, "error"),
    ] {
        assert_eq!(places(entries), expected, "{name}");
        for (entry, line) in entries.iter().zip(&lines) {
            assert!(entry.message.starts_with(&line.message), "{name}: {entry:?}");
            assert_eq!(entry.severity, severity, "{name}");
        }
    }
    assert!(others.iter().all(|line| line.starts_with("release: ")), "{others:?}");
    // Names with `##vso[` are altered where only a log can be meant.
    let altered = NAME.replace("##vso", "#\\#vso");
    assert_eq!(checkstyle.len(), 2);
    assert!(checkstyle.iter().all(|entry| entry.file == altered), "{checkstyle:?}");
    assert!(checkstyle[0].message.contains("50% </error> & "), "{checkstyle:?}");
}

#[test]
fn reviewdog_columns_count_bytes() {
    let config = "General: {ConfigurationVersion: 2, \"ä𐐀\": 1}\n";
    let folder = Folder::new(&[("config.yaml", config)]);
    let ran = folder.run(&["check", "-c", "config.yaml", "--output-format", "rdjson"]);
    let diagnostics = read_rdjson(&ran.output);
    let [(entry, Some([start, end]))] = &diagnostics[..] else { panic!("{diagnostics:?}") };
    assert_eq!(entry.code, "schema/unknown-key");
    let at = u64::try_from(config.find("\"ä").unwrap()).unwrap() + 1;
    assert_eq!([*start, *end], [(1, at), (1, at + 8)]);
}

#[test]
fn reviewdog_gets_the_fix() {
    let folder = Folder::new(&[(
        "config.yaml",
        "General: {ConfigurationVersion: 2}\nTraces: {SendDealy: 2s}\n",
    )]);
    let ran = folder.run(&["check", "-c", "config.yaml", "--output-format", "rdjson"]);
    let report: serde_json::Value = serde_json::from_str(&ran.output).unwrap();
    let suggestions = report["diagnostics"][0]["suggestions"].as_array().unwrap();
    let [suggestion] = &suggestions[..] else { panic!("{suggestions:?}") };
    assert_eq!(suggestion["text"], "SendDelay");
    assert_eq!(suggestion["range"]["start"], serde_json::json!({"line": 2, "column": 10}));
    assert_eq!(suggestion["range"]["end"], serde_json::json!({"line": 2, "column": 19}));
}

#[test]
fn fingerprints_for_gitlab_survive_edits_above() {
    let prints = |before: &str| {
        let folder = Folder::new(&[("config.yaml", &*format!("{before}{BROKEN}"))]);
        let ran = folder.run(&["check", "-c", "config.yaml", "--output-format", "gitlab"]);
        let issues: serde_json::Value = serde_json::from_str(&ran.output).unwrap();
        (issues[0]["fingerprint"].clone(), issues[0]["location"]["lines"]["begin"].clone())
    };
    let (one, other) = (prints(""), prints("# a comment\n\n"));
    assert_eq!(one.0, other.0);
    assert_ne!(one.1, other.1);
}

#[test]
fn excluded_files_are_listed_by_formats_that_have_a_place_for_them() {
    let settings = "exclude = [{files = [\"old/**\"], reason = \"moved to ]; 100%\"}]\n";
    let folder = Folder::new(&[
        (".refinery-preflight.toml", settings),
        ("config.yaml", CONFIG),
        ("rules.yaml", RULES),
        ("old/config.yaml", BROKEN),
    ]);
    let report = |format: &str| {
        let ran = folder.run(&["check", "--output-format", format]);
        assert_eq!((ran.status, ran.errors.as_str()), (0, ""), "{format}: {}", ran.output);
        ran.output
    };
    let message = "not checked, excluded by .refinery-preflight.toml: moved to ]; 100%";
    for (format, entries, severity) in [
        ("gitlab", read_gitlab(&report("gitlab")), "info"),
        ("checkstyle", read_checkstyle(&report("checkstyle")), "info"),
        ("rdjson", read_rdjson(&report("rdjson")).into_iter().map(|(e, _)| e).collect(), "INFO"),
    ] {
        let [entry] = &entries[..] else { panic!("{format}: {entries:?}") };
        assert_eq!((&*entry.code, &*entry.severity), ("excluded", severity), "{format}");
        assert_eq!((&*entry.file, &*entry.message), ("old/config.yaml", message), "{format}");
    }
    let log = report("azure");
    assert!(log.contains(&format!("old/config.yaml: {message}\n")), "{log}");
    assert_eq!(report("json-lines"), "");
}

#[test]
fn what_cannot_be_checked_is_an_error_in_every_format() {
    let folder = Folder::new(&[("config.yaml", ""), ("rules.yaml", RULES)]);
    let report = |format: &str| {
        let ran = folder.run(&[
            "check",
            "-c",
            "config.yaml",
            "-r",
            "rules.yaml",
            "--output-format",
            format,
        ]);
        assert_eq!(ran.status, 1, "{format}: {}", ran.output);
        ran.output
    };
    let rdjson = read_rdjson(&report("rdjson")).into_iter().map(|(entry, _)| entry).collect();
    for (format, entries) in [
        ("json-lines", read_json_lines(&report("json-lines"))),
        ("gitlab", read_gitlab(&report("gitlab"))),
        ("azure", read_azure(&report("azure")).0),
        ("checkstyle", read_checkstyle(&report("checkstyle"))),
        ("rdjson", rdjson),
    ] {
        assert!(entries.iter().any(|entry| entry.file == "config.yaml"), "{format}: {entries:?}");
    }
}

#[test]
fn one_run_writes_several_outputs() {
    let folder = Folder::new(&[("config.yaml", BROKEN), ("rules.yaml", RULES)]);
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let alone = |format: &str| folder.run(&["check", "--output-format", format]).output;
    let expected = [alone("human"), alone("sarif"), alone("json")];
    fs::create_dir(folder.path().join("out")).unwrap();
    let ran = folder.run(&[
        "check",
        "--output-format=sarif=out/a=b.sarif",
        "--output-format",
        "human",
        "--output-format=json=report.json",
    ]);
    assert_eq!((ran.status, ran.errors.as_str()), (1, ""));
    assert_eq!([ran.output, read("out/a=b.sarif"), read("report.json")], expected);
    let left: Vec<_> = fs::read_dir(folder.path().join("out")).unwrap().collect();
    assert_eq!(left.len(), 1, "no temporary file is left: {left:?}");
    // With files alone, nothing is printed.
    let ran = folder.run(&["check", "--output-format", "short=report.txt"]);
    assert_eq!((ran.status, ran.output.as_str(), ran.errors.as_str()), (1, "", ""));
    assert_eq!(read("report.txt"), alone("short"));
}

#[test]
fn outputs_that_hide_each_other_are_wrong_use() {
    let folder = Folder::new(&[("config.yaml", CONFIG), ("rules.yaml", RULES), ("d/x", "")]);
    for (formats, said) in [
        (&["json", "human"][..], "only one output format can go to standard output"),
        (&["json=a", "sarif=a"], "two output formats are written to `a`"),
        (&["json=a", "sarif=d/../a"], "two output formats are written to `d/../a`"),
        (&["json="], "invalid value 'json='"),
        (&["=a"], "a value is required"),
        (&["xml=a"], "[possible values: human, "),
    ] {
        for command in [&["check"][..], &["hook", "run"]] {
            let formats = formats.iter().map(|format| format!("--output-format={format}"));
            let words: Vec<String> =
                command.iter().map(|&word| word.to_owned()).chain(formats).collect();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let ran = folder.run(&words);
            assert_eq!((ran.status, ran.output.as_str()), (2, ""), "{words:?}: {}", ran.errors);
            assert!(ran.errors.contains(said), "{words:?}: {}", ran.errors);
            assert!(!folder.path().join("a").exists());
        }
    }
}

#[test]
fn a_file_that_cannot_be_written_does_not_hide_the_report() {
    let folder = Folder::new(&[("config.yaml", BROKEN), ("rules.yaml", RULES)]);
    let ran = folder.run(&[
        "check",
        "--output-format=sarif=no/folder/report",
        "--output-format=json=report.json",
        "--output-format=short",
    ]);
    assert_eq!(ran.status, 2);
    assert!(ran.errors.starts_with("error: cannot write `no/folder/report`: "), "{}", ran.errors);
    assert!(ran.output.contains("blocked: 1 error"), "{}", ran.output);
    assert!(folder.path().join("report.json").exists());
}

#[cfg(unix)]
#[test]
fn links_modes_and_devices_are_kept() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = Folder::new(&[("config.yaml", CONFIG), ("rules.yaml", RULES), ("d/real", "old")]);
    let path = |name: &str| folder.path().join(name);
    fs::set_permissions(path("d/real"), fs::Permissions::from_mode(0o640)).unwrap();
    symlink("d/real", path("link")).unwrap();
    symlink("/dev/null", path("null")).unwrap();
    for name in ["link", "null"] {
        let ran = folder.run(&["check", &format!("--output-format=short={name}")]);
        assert_eq!((ran.status, ran.errors.as_str()), (0, ""));
        assert!(path(name).is_symlink());
    }
    assert!(fs::read_to_string(path("d/real")).unwrap().ends_with("passed\n"));
    assert_eq!(fs::metadata(path("d/real")).unwrap().permissions().mode() & 0o777, 0o640);
    let twice = ["check", "--output-format=short=link", "--output-format=json=d/real"];
    assert_eq!(folder.run(&twice).status, 2);
}

/// Makes the replacements of a SARIF fix. Columns count characters.
fn fixed_as_in_sarif(text: &str, fix: &Json) -> String {
    let offset = |line: &Json, column: &Json| {
        let [line, column] =
            [line, column].map(|it| usize::try_from(it.as_u64().unwrap()).unwrap());
        let before: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
        let characters = text[before..].chars().take(column - 1);
        before + characters.map(char::len_utf8).sum::<usize>()
    };
    let mut edits: Vec<_> = fix["artifactChanges"][0]["replacements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edit| {
            let at = &edit["deletedRegion"];
            let start = offset(&at["startLine"], &at["startColumn"]);
            let end = offset(&at["endLine"], &at["endColumn"]);
            (start, end, edit["insertedContent"]["text"].as_str().unwrap())
        })
        .collect();
    edits.sort_unstable();
    let mut fixed = text.to_owned();
    for (start, end, new) in edits.into_iter().rev() {
        fixed.replace_range(start..end, new);
    }
    fixed
}

#[test]
fn sarif_fixes_are_those_of_fix() {
    let before = "General:\n  ConfigurationVersion: 2\n";
    for (mistake, is_safe) in [
        ("Traces:\n  SendDelay: 2s\n TraceTimeout: 60s\n", true),
        ("Traces:\n  TraceTimeot: 60s # ä𐐀\n", true),
        ("Network: {ListenAddr: \"ä𐐀:8080\", PeerListenAdr: \":8081\"}\n", true),
        ("Logger:\n  Type: stdot\n", false),
        ("Collection:\n  DisableRedistribution: true\n", true),
    ] {
        let text = format!("{before}{mistake}");
        let folder = Folder::new(&[("config.yaml", &text), ("rules.yaml", RULES)]);
        let log: Json = serde_json::from_str(&report(&folder, "sarif")).unwrap();
        let results = log["runs"][0]["results"].as_array().unwrap();
        let fixes: Vec<&Json> = results.iter().filter_map(|result| result.get("fixes")).collect();
        let [fix] = *fixes else { panic!("{mistake}: {results:#?}") };
        let change = &fix[0]["artifactChanges"][0];
        assert_eq!(change["artifactLocation"]["uri"], "config.yaml");
        let description = fix[0]["description"]["text"].as_str().unwrap();
        assert_eq!(!description.ends_with(" (unsafe)"), is_safe, "{description}");
        let ran = folder.run(&["check", "--fix", "--unsafe-fixes"]);
        let fixed = fs::read_to_string(folder.path().join("config.yaml")).unwrap();
        assert_eq!(fixed_as_in_sarif(&text, &fix[0]), fixed, "{}", ran.errors);
        assert_ne!(fixed, text);
    }
}
