//! `settings`: what applies, and where it is set.

use crate::program::Folder;
use serde_json::{Value as Json, json};

const SETTINGS: &str = "fail-on = \"warning\"\nignore = [\"reload\"]\n\n[severity]\n\
                        \"rules/implicit-drop\" = \"note\"\n\n[[exclude]]\nfiles = [\"old/**\"]\n\
                        reason = \"r\"\n\n[[deployment]]\nconfig = [\"c.yaml\"]\n\
                        variables = { REFINERY_REDIS_PASSWORD = \"hunter2-hunter2\" }\n";

fn folder() -> Folder {
    Folder::new(&[
        ("deploy/.refinery-preflight.toml", SETTINGS),
        ("deploy/eu/rules.yaml", crate::program::RULES),
        ("other/rules.yaml", crate::program::RULES),
    ])
}

fn lines(arguments: &[&str]) -> String {
    let ran = folder().run(&[&["settings"], arguments].concat());
    assert_eq!((ran.status, ran.errors.as_str()), (0, ""), "{arguments:?}");
    // The columns are aligned.
    ran.output
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ") + "\n")
        .collect()
}

#[test]
fn every_setting_is_printed_with_its_place() {
    let file = "deploy/.refinery-preflight.toml";
    for path in ["deploy/eu/rules.yaml", "deploy/eu", "deploy"] {
        let expected = format!(
            "# settings of {file} for {path}\n\
             fail-on = \"warning\" # {file}:1\n\
             select = [] # default\n\
             ignore = [\"reload\"] # {file}:2\n\
             # baseline is not set # default\n\
             tests = [] # default\n\
             severity.\"rules/implicit-drop\" = \"note\" # {file}:5\n\
             exception = [] # default\n\
             exclude = {{ files = [\"old/**\"], reason = \"r\" }} # {file}:7\n\
             releases = {{}} # default\n\
             plan = {{}} # default\n\
             deployment = {{ config = [\"c.yaml\"], variables = {{ REFINERY_REDIS_PASSWORD = \"****\" }} }} # {file}:11\n"
        );
        assert_eq!(lines(&[path]), expected);
    }
}

#[test]
fn without_a_file_there_are_defaults() {
    for arguments in [&[][..], &["other"], &["other/rules.yaml"], &["deploy", "--no-settings"]] {
        let printed = lines(arguments);
        assert!(printed.starts_with("# no settings file for "), "{printed}");
        assert!(printed.contains("fail-on = \"error\" # default\n"), "{printed}");
        assert_eq!(printed.matches("# default\n").count(), 11, "{printed}");
    }
    let named = lines(&["other", "--settings", "deploy/.refinery-preflight.toml"]);
    assert!(named.starts_with("# settings of deploy/.refinery-preflight.toml for other\n"));
}

#[test]
fn the_command_line_overrides_the_file() {
    let printed =
        lines(&["deploy", "--fail-on", "note", "--ignore", "rules", "--baseline", "b.json"]);
    for line in [
        "fail-on = \"note\" # --fail-on\n",
        "ignore = [\"rules\"] # --ignore\n",
        "baseline = \"b.json\" # --baseline\n",
    ] {
        assert!(printed.contains(line), "{line}: {printed}");
    }
}

#[test]
fn settings_are_printed_as_json() {
    let ran = folder().run(&["settings", "deploy", "--output-format", "json", "--fail-on", "note"]);
    let json: Json = serde_json::from_str(&ran.output).unwrap();
    let file = "deploy/.refinery-preflight.toml";
    assert_eq!((&json["path"], &json["file"]), (&json!("deploy"), &json!(file)));
    let settings = json["settings"].as_array().unwrap();
    for (key, value, from) in [
        ("fail-on", json!("note"), json!({"option": "--fail-on"})),
        ("select", json!([]), json!({"default": true})),
        ("ignore", json!(["reload"]), json!({"file": file, "line": 2})),
        ("baseline", json!(null), json!({"default": true})),
    ] {
        let found = settings.iter().find(|setting| setting["key"] == key).unwrap();
        assert_eq!((&found["value"], &found["from"]), (&value, &from), "{key}");
    }
}

#[test]
fn mistakes_are_reported() {
    let folder = Folder::new(&[("refinery-preflight.toml", "fial-on = \"note\"\n"), ("x", "")]);
    for (path, said) in
        [("none.yaml", "no such file: `none.yaml`"), ("x", "unknown key `fial-on` in the settings")]
    {
        let ran = folder.run(&["settings", path]);
        assert_eq!((ran.status, ran.output.as_str()), (2, ""));
        assert!(ran.errors.contains(said), "{}", ran.errors);
    }
}
