//! `REFINERY_PREFLIGHT_…`: variables that stand for options.

use crate::program::{BROKEN, CONFIG, Folder, RULES, Ran};
use std::fs;
use std::path::Path;

fn run(folder: &Folder, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
    let mut command = folder.command(arguments);
    for (name, value) in variables {
        command.env(format!("REFINERY_PREFLIGHT_{name}"), value);
    }
    Ran::of(command)
}

fn broken() -> Folder {
    Folder::new(&[("config.yaml", BROKEN), ("rules.yaml", RULES)])
}

fn good() -> Folder {
    Folder::new(&[("config.yaml", CONFIG), ("rules.yaml", RULES)])
}

#[test]
fn variables_set_options() {
    let folder = broken();
    folder.write("machine.toml", b"memory = \"1Gi\"\n");
    folder.write("settings.toml", b"fail-on = \"note\"\n");
    for (variables, arguments) in [
        (&[("OUTPUT_FORMAT", "short")][..], &["--output-format", "short"][..]),
        (&[("OUTPUT_FORMAT", "json=report.json")], &["--output-format", "json=report.json"]),
        (&[("COLOR", "always")], &["--color", "always"]),
        (&[("REFINERY", "2.9,3.1")], &["--refinery", "2.9,3.1"]),
        (&[("FAIL_ON", "never")], &["--fail-on", "never"]),
        (&[("MACHINE", "machine.toml")], &["--machine", "machine.toml"]),
        (&[("MAX_DIAGNOSTICS", "0")], &["--max-diagnostics", "0"]),
        (&[("SETTINGS", "settings.toml")], &["--settings", "settings.toml"]),
        (&[("IGNORE", "capacity,peers")], &["--ignore", "capacity,peers"]),
        (&[("SELECT", "rules"), ("IGNORE", "")], &["--select", "rules"]),
    ] {
        let plain = folder.run(&["check"]);
        let by_option = folder.run(&[&["check"], arguments].concat());
        let by_variable = run(&folder, &["check"], variables);
        assert_eq!(by_variable.errors, "", "{variables:?}");
        let outcome = |ran: &Ran| (ran.status, ran.output.clone());
        assert_eq!(outcome(&by_variable), outcome(&by_option), "{variables:?}");
        if !["MACHINE", "SETTINGS", "IGNORE", "SELECT"].contains(&variables[0].0) {
            assert_ne!(outcome(&by_variable), outcome(&plain), "{variables:?} has an effect");
        }
    }
}

#[test]
fn options_override_variables_and_empty_ones_are_unset() {
    let folder = broken();
    let short = folder.run(&["check", "--output-format", "short"]).output;
    let ran = run(&folder, &["check", "--output-format", "short"], &[("OUTPUT_FORMAT", "json")]);
    assert_eq!((ran.status, ran.output), (1, short));
    let plain = folder.run(&["check"]).output;
    let empty = ["OUTPUT_FORMAT", "COLOR", "REFINERY", "FAIL_ON", "MACHINE", "SETTINGS"];
    let ran = run(&folder, &["check"], &empty.map(|name| (name, "")));
    assert_eq!((ran.output, ran.errors.as_str()), (plain, ""));
    // Options that exclude each other: the command line wins.
    folder.write("machine.toml", b"memory = \"1Gi\"\n");
    let ran = run(&folder, &["check", "--no-settings"], &[("SETTINGS", "none.toml")]);
    assert_eq!((ran.status, ran.errors.as_str()), (1, ""));
    let ran = run(&folder, &["effective", "--live"], &[("MACHINE", "machine.toml")]);
    assert!(!ran.errors.contains("cannot be used with"), "{}", ran.errors);
    let ran = folder.run(&["check", "--no-settings", "--settings", "none.toml"]);
    assert!(ran.errors.contains("cannot be used with"), "{}", ran.errors);
}

#[test]
fn an_error_names_the_variable() {
    let folder = good();
    for (variable, value, said) in [
        ("COLOR", "sometimes", "'sometimes' for 'REFINERY_PREFLIGHT_COLOR (--color <WHEN>)'"),
        ("OUTPUT_FORMAT", "xml", "'xml' for 'REFINERY_PREFLIGHT_OUTPUT_FORMAT (--output-format"),
        ("MAX_DIAGNOSTICS", "many", "'many' for 'REFINERY_PREFLIGHT_MAX_DIAGNOSTICS (--max"),
        ("REFINERY", "9", "note: the variable `REFINERY_PREFLIGHT_REFINERY` is set"),
        ("SETTINGS", "none", "note: the variable `REFINERY_PREFLIGHT_SETTINGS` is set"),
        ("RELEASE_FILE", "none", "note: the variable `REFINERY_PREFLIGHT_RELEASE_FILE` is set"),
    ] {
        let ran = run(&folder, &["check"], &[(variable, value)]);
        assert_eq!((ran.status, ran.output.as_str()), (2, ""), "{variable}");
        assert!(ran.errors.contains(said), "{variable}: {}", ran.errors);
    }
    // The value of the command line is wrong, not that of the variable.
    let ran = run(&folder, &["check", "--color", "x"], &[("COLOR", "never")]);
    assert!(ran.errors.contains("'x' for '--color <WHEN>'"), "{}", ran.errors);
}

#[test]
fn refinery_knows_none_of_them() {
    let folder = good();
    let arguments = ["check", "--live-env", "--output-format", "short"];
    let ran = run(&folder, &arguments, &[("COLOR", "auto"), ("REFINERY", "latest"), ("X", "y")]);
    assert!(!ran.output.contains("REFINERY_PREFLIGHT"), "{}", ran.output);
    let mut command = folder.command(&arguments);
    command.env("REFINERY_PREFLIGH_COLOR", "auto");
    let ran = Ran::of(command);
    assert!(
        ran.output.contains("`REFINERY_PREFLIGH_COLOR`"),
        "others are reported: {}",
        ran.output
    );
}

#[test]
fn settings_name_the_variable() {
    let folder = good();
    let ran = run(&folder, &["settings"], &[("FAIL_ON", "note")]);
    let line = ran.output.lines().find(|line| line.starts_with("fail-on = \"note\"")).unwrap();
    assert!(line.ends_with("# REFINERY_PREFLIGHT_FAIL_ON"), "{line}");
}

/// The documentation lists exactly the variables that the program reads.
#[test]
fn the_documentation_lists_them_all() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let names = |text: &str, end: fn(char) -> bool| {
        let all = text.split("REFINERY_PREFLIGHT_").skip(1);
        let all = all.map(|rest| rest.split(end).next().unwrap().to_owned());
        let mut all: Vec<String> = all.filter(|name| !name.is_empty()).collect();
        all.sort();
        all.dedup();
        all
    };
    let is_end = |c: char| !(c.is_ascii_uppercase() || c == '_');
    let sources: String = fs::read_dir(root.join("src/cli"))
        .unwrap()
        .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap())
        .flat_map(|text| {
            let lines: Vec<String> =
                text.lines().filter(|l| l.contains("env = \"")).map(str::to_owned).collect();
            lines
        })
        .collect();
    let page = fs::read_to_string(root.join("docs/settings.md")).unwrap();
    let (_, table) = page.split_once("## Variables\n").expect("a heading");
    let table = table.split("\n## ").next().unwrap();
    let rows: String = table.lines().filter(|line| line.starts_with("| `")).collect();
    assert_eq!(names(&rows, is_end), names(&sources, is_end));
}
