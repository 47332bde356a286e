//! Selections, baselines, suppression comments and settings, on the command line.

use crate::program::{BROKEN, Folder};
use refinery_preflight::internals::release::newest;
use serde_json::Value as Json;

/// Two rules that drop implicitly.
const RULES: &str = "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: a
          Conditions: [{Field: x, Operator: exists}]
        - Name: b
          Conditions: [{Field: y, Operator: exists}]
        - Name: c
          SampleRate: 1
";

const DROPS: &str = "error[rules/implicit-drop]";

fn short(folder: &Folder, arguments: &[&str]) -> (i32, String) {
    let base = ["check", "-r", "rules.yaml", "--output-format", "short"];
    let ran = folder.run(&[&base, arguments].concat());
    (ran.status, ran.output + &ran.errors)
}

#[test]
fn select_and_ignore_choose_checks() {
    let folder = Folder::new(&[("rules.yaml", RULES)]);
    for (arguments, expected) in [
        (&[][..], true),
        (&["--select", "rules"], true),
        (&["--select", "reload,suppressions"], false),
        (&["--ignore", "rules/implicit-drop"], false),
        (&["--ignore", "rules"], false),
        (&["--ignore", "all"], false),
    ] {
        let (status, output) = short(&folder, arguments);
        assert_eq!(output.contains(DROPS), expected, "{arguments:?}: {output}");
        assert_eq!(status, i32::from(expected), "{arguments:?}: {output}");
    }
    let (status, output) = short(&folder, &["--select", "rules/implicit-dropp"]);
    assert_eq!(status, 2);
    assert!(output.contains("did you mean `rules/implicit-drop`?"), "{output}");
}

#[test]
fn verdicts_cannot_be_suppressed() {
    let text = format!("# preflight: ignore[syntax/invalid-yaml] we know\n{BROKEN}");
    let folder = Folder::new(&[("config.yaml", &text)]);
    let written = folder.run(&["check", "-c", "config.yaml", "--write-baseline", "base.json"]);
    assert_eq!(written.status, 0);
    let said = "wrote 1 finding to the baseline base.json\n\
                1 verdict not included: verdicts cannot be in a baseline\n";
    assert_eq!((written.output.as_str(), written.errors.as_str()), ("", said));
    for arguments in [
        &["check", "-c", "config.yaml"][..],
        &["check", "-c", "config.yaml", "--ignore", "syntax"],
        &["check", "-c", "config.yaml", "--select", "rules"],
        &["check", "-c", "config.yaml", "--baseline", "base.json"],
    ] {
        let ran = folder.run(arguments);
        assert_eq!(ran.status, 1, "{arguments:?}");
        assert!(ran.output.contains("error[syntax/invalid-yaml]"), "{}", ran.output);
    }
}

#[test]
fn a_baseline_suppresses_only_old_findings() {
    let folder = Folder::new(&[("rules.yaml", RULES)]);
    let written = short(&folder, &["--write-baseline", "base.json"]);
    assert_eq!(written, (0, "wrote 2 findings to the baseline base.json\n".to_owned()));
    let (status, output) = short(&folder, &["--baseline", "base.json"]);
    assert_eq!(status, 0, "{output}");
    assert!(output.contains("2 suppressed"), "{output}");

    folder.write("rules.yaml", format!("{RULES}        - Name: d\n").as_bytes());
    let (status, output) = short(&folder, &["--baseline", "base.json"]);
    assert_eq!((status, output.matches(DROPS).count()), (1, 1), "only the new one: {output}");
    assert!(output.contains("`d`") && output.contains("2 suppressed"), "{output}");

    let moved = RULES.replace("Samplers:", "# a comment\n\nSamplers:");
    folder.write("rules.yaml", moved.as_bytes());
    assert_eq!(short(&folder, &["--baseline", "base.json"]).0, 0, "lines above do not matter");

    for (text, word) in
        [("{", "invalid baseline"), ("{\"version\":9,\"findings\":[]}", "version 9")]
    {
        folder.write("base.json", text.as_bytes());
        let (status, output) = short(&folder, &["--baseline", "base.json"]);
        assert_eq!(status, 2);
        assert!(output.contains(word), "{output}");
    }
}

#[test]
fn machine_formats_list_suppressed_findings_and_reasons() {
    let text =
        RULES.replace("- Name: a", "- Name: a # preflight: ignore[rules/implicit-drop] on purpose");
    let folder = Folder::new(&[("rules.yaml", &text)]);
    let report = |format: &str| -> Json {
        let ran = folder.run(&["check", "-r", "rules.yaml", "--output-format", format]);
        serde_json::from_str(&ran.output).expect("JSON")
    };
    let json = report("json");
    let suppressed = &json["deployments"][0]["suppressed"];
    assert_eq!(suppressed[0]["reason"], "on purpose");
    assert_eq!(suppressed[0]["finding"]["check"], "rules/implicit-drop");
    assert_eq!(suppressed.as_array().map(Vec::len), Some(1));
    assert_eq!(json["summary"]["errors"], 1);

    let schema = include_str!("../../schemas/report.schema.json");
    let schema: Json = serde_json::from_str(schema).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    assert!(validator.is_valid(&json), "{json}");

    let results = report("sarif")["runs"][0]["results"].clone();
    let justified: Vec<&Json> = results
        .as_array()
        .unwrap()
        .iter()
        .filter(|result| !result["suppressions"].is_null())
        .collect();
    assert_eq!(justified.len(), 1);
    assert_eq!(justified[0]["suppressions"][0]["justification"], "on purpose");
}

#[test]
fn settings_in_parent_folders_are_used() {
    let settings = "fail-on = \"warning\"\n[severity]\n\"rules/implicit-drop\" = \"note\"\n";
    let folder = Folder::new(&[("rules.yaml", RULES), (".refinery-preflight.toml", settings)]);
    let (status, output) = short(&folder, &[]);
    assert_eq!((status, output.contains("note[rules/implicit-drop]")), (0, true), "{output}");
    let (status, output) = short(&folder, &["--fail-on", "note"]);
    assert_eq!(status, 1, "{output}");
    let (status, output) = short(&folder, &["--no-settings"]);
    assert_eq!((status, output.contains(DROPS)), (1, true), "{output}");

    folder.write("deep/er/rules.yaml", RULES.as_bytes());
    let ran = folder.run(&["check", "-r", "deep/er/rules.yaml"]);
    assert_eq!(ran.status, 0, "{}", ran.output);
    std::fs::create_dir(folder.path().join("deep/.git")).unwrap();
    let ran = folder.run(&["check", "-r", "deep/er/rules.yaml"]);
    assert_eq!(ran.status, 1, "another repository: {}", ran.output);
}

#[test]
fn exceptions_are_limited_to_their_files_and_dates() {
    let exception = |more: &str| {
        format!("[[exception]]\ncheck = \"rules/implicit-drop\"\nreason = \"on purpose\"\n{more}")
    };
    for (settings, status, expected) in [
        (exception(""), 0, "suppressed"),
        (exception("files = [\"rules.yaml\"]\n"), 0, "suppressed"),
        (exception("files = [\"other/**\"]\n"), 1, DROPS),
        (exception("until = \"2999-01-01\"\n"), 0, "suppressed"),
        (exception("until = \"2020-01-01\"\n"), 1, "suppressions/expired"),
        (exception("").replace("implicit-drop", "implicit-dorp"), 1, "suppressions/invalid"),
        (
            exception("files = [\"*.yaml\"]\n").replace("implicit-drop\"", "implicit-drop\"\n#"),
            0,
            "suppressed",
        ),
        (
            exception("files = [\"*.yaml\"]\n")
                .replace("rules/implicit-drop", "reload/needs-restart"),
            1,
            "suppressions/unused",
        ),
    ] {
        let folder = Folder::new(&[("rules.yaml", RULES), (".refinery-preflight.toml", &settings)]);
        let (ended, output) = short(&folder, &[]);
        assert_eq!((ended, output.contains(expected)), (status, true), "{settings}\n{output}");
    }
}

#[test]
fn invalid_settings_are_reported_with_their_place() {
    for (settings, word) in [
        ("fail-on = \"loud\"\n", ".refinery-preflight.toml:1:11"),
        ("colour = true\n", "unknown key `colour`"),
        ("[severity]\n\"start/merge-crash\" = \"note\"\n", "cannot be changed"),
        ("ignore = [\"nonsense\"]\n", "unknown check or group `nonsense`"),
        ("baseline = \"gone.json\"\n", "gone.json"),
    ] {
        let folder = Folder::new(&[("rules.yaml", RULES), (".refinery-preflight.toml", settings)]);
        let (status, output) = short(&folder, &[]);
        assert_eq!((status, output.contains(word)), (2, true), "{settings}\n{output}");
    }
}

/// A key that v3.1.0 introduced.
const WORKERS: &str = "General:\n  ConfigurationVersion: 2\nCollection:\n  WorkerCount: 2\n";

#[test]
fn each_deployment_in_the_settings_is_checked_with_its_release() {
    let settings = "\
[[deployment]]
config = [\"base.yaml\", \"late.yaml\"]
rules = [\"good.yaml\"]
refinery = \"3.2.2\"

[[deployment]]
config = [\"base.yaml\"]
refinery = \"3.0.0\"

[[deployment]]
config = [\"late.yaml\"]
arguments = [\"--no-such-flag\"]
variables = { A = \"b\" }
memory = \"1Gi\"
cores = 2
";
    let folder = Folder::new(&[
        (".refinery-preflight.toml", settings),
        ("base.yaml", WORKERS),
        ("late.yaml", crate::program::CONFIG),
        ("good.yaml", crate::program::RULES),
        ("unnamed.yaml", BROKEN),
    ]);
    let report = |arguments: &[&str]| -> Json {
        let ran = folder.run(&[&["check", "--output-format", "json"], arguments].concat());
        serde_json::from_str(&ran.output).unwrap_or_else(|_| panic!("{}{}", ran.output, ran.errors))
    };
    let starts = |json: &Json| -> Vec<(String, String)> {
        let deployments = json["deployments"].as_array().unwrap().iter();
        let verdict = |d: &Json| d["verdicts"][0].clone();
        let text = |v: &Json| v.as_str().unwrap_or_default().to_owned();
        deployments
            .map(verdict)
            .map(|v| (text(&v["release"]), crate::program::acceptance(&v).to_owned()))
            .collect()
    };
    let own = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    };
    let json = report(&[]);
    let newest = newest().to_string();
    let unlisted = (newest.as_str(), "no");
    let listed = [("v3.2.2", "yes"), ("v3.0.0", "no"), unlisted];
    assert_eq!(starts(&json), own(&[&listed[..], &[unlisted]].concat()));
    assert_eq!(json["deployments"][3]["config"][0], "unnamed.yaml");
    assert_eq!(json["deployments"][0]["config"][1], "late.yaml");
    let insisted = starts(&report(&["--refinery", "3.2.2"]));
    let listed = [("v3.2.2", "yes"), ("v3.2.2", "yes"), ("v3.2.2", "no")];
    let unlisted = ("v3.2.2", "no");
    assert_eq!(insisted, own(&[&listed[..], &[unlisted]].concat()));
    assert_eq!(starts(&report(&["-c", "base.yaml"])), own(&[(newest.as_str(), "yes")]));

    for (bad, word) in [
        ("[[deployment]]\nconfig = [\"gone.yaml\"]\n", "gone.yaml"),
        ("[[deployment]]\nrefinery = \"all\"\nconfig = [\"base.yaml\"]\n", "more than one release"),
        (
            "[[deployment]]\nmemory = \"4 G\"\nconfig = [\"base.yaml\"]\n",
            ".refinery-preflight.toml",
        ),
    ] {
        folder.write(".refinery-preflight.toml", bad.as_bytes());
        let ran = folder.run(&["check"]);
        assert_eq!((ran.status, ran.errors.contains(word)), (2, true), "{bad}\n{}", ran.errors);
    }
}

#[test]
fn excluded_files_are_listed_with_their_reason() {
    let exclude = "[[exclude]]\nfiles = [\"broken/**\"]\nreason = \"broken on purpose\"\n";
    let files = [
        (".refinery-preflight.toml", exclude),
        ("deploy/config.yaml", crate::program::CONFIG),
        ("broken/config.yaml", BROKEN),
    ];
    let folder = Folder::new(&files);
    for format in ["human", "json", "short", "github", "sarif", "junit", "markdown"] {
        let ran = folder.run(&["check", "--output-format", format]);
        assert_eq!(ran.status, 0, "{format}: {}", ran.output);
        assert!(ran.output.contains("broken on purpose"), "{format}: {}", ran.output);
        assert!(!ran.output.contains("suppressions/"), "{format}: {}", ran.output);
    }
    let more = |more: &str| {
        folder.write(".refinery-preflight.toml", format!("{exclude}{more}").as_bytes());
        folder.run(&["check", "--output-format", "short"])
    };
    let over = more("until = \"2020-01-01\"\n");
    assert_eq!(over.status, 1, "{}", over.output);
    let warned = over.output.contains("4:9: warning[suppressions/expired]: this exclude ended");
    assert!(warned, "{}", over.output);
    let unused = more("[[exclude]]\nfiles = [\"gone/**\"]\nreason = \"r\"\n");
    let warned = unused.output.contains("5:9: warning[suppressions/unused]: unused exclude");
    assert_eq!((unused.status, warned), (0, true), "{}", unused.output);
}

#[test]
fn misspelt_comments_are_reported() {
    let rules = format!("#refinery-preflight: ignore[rules/implicit-drop] r\n{RULES}");
    let folder = Folder::new(&[("rules.yaml", &*rules)]);
    let (status, output) = short(&folder, &[]);
    assert_eq!(status, 1, "{output}");
    for said in ["rules.yaml:1:1: warning[suppressions/invalid]", "# preflight: ignore["] {
        assert!(output.contains(said), "{said}: {output}");
    }
}

#[test]
fn settings_may_be_named_without_a_dot() {
    let ignores = "ignore = [\"rules\"]\n";
    let folder = Folder::new(&[("rules.yaml", RULES), ("refinery-preflight.toml", ignores)]);
    let (status, output) = short(&folder, &[]);
    assert_eq!(status, 0, "{output}");
    folder.write(".refinery-preflight.toml", b"");
    let ran = folder.run(&["check"]);
    assert_eq!(ran.status, 2, "{}", ran.output);
    let said = "two settings files in one folder: `.refinery-preflight.toml` and \
                `refinery-preflight.toml`\n  help: move the settings into one of them";
    assert!(ran.errors.contains(said), "{}", ran.errors);
    // In different folders, the nearest applies.
    let folder = Folder::new(&[
        ("refinery-preflight.toml", ignores),
        ("deploy/.refinery-preflight.toml", ""),
        ("deploy/rules.yaml", RULES),
    ]);
    assert_eq!(folder.run(&["check", "deploy"]).status, 1);
}

#[test]
fn the_settings_schema_is_printed() {
    let ran = Folder::new(&[]).run(&["schema", "settings"]);
    assert_eq!(ran.status, 0, "{}", ran.errors);
    let schema: Json = serde_json::from_str(&ran.output).unwrap();
    assert!(schema["properties"]["exclude"]["items"]["required"].is_array(), "{schema:#}");
}

#[test]
fn deployments_across_folders_need_no_common_settings() {
    let folder = Folder::new(&[
        ("a/config.yaml", crate::program::CONFIG),
        ("b/rules.yaml", crate::program::RULES),
    ]);
    let mut command = folder.command(&["check", "-c", "config.yaml", "-r", "../b/rules.yaml"]);
    command.current_dir(folder.path().join("a"));
    let ran = crate::program::Ran::of(command);
    assert_eq!(ran.status, 0, "{}{}", ran.output, ran.errors);
}

#[test]
fn a_suppression_can_use_the_full_program_name() {
    let comment = "- Name: a # refinery-preflight: ignore[rules/implicit-drop] on purpose";
    let folder = Folder::new(&[("rules.yaml", &RULES.replace("- Name: a", comment))]);
    let (_, output) = short(&folder, &[]);
    assert!(output.contains("1 suppressed") && !output.contains("suppressions/"), "{output}");
}

#[test]
fn write_baseline_works_with_machine_formats() {
    let folder = Folder::new(&[("rules.yaml", RULES)]);
    let arguments =
        ["check", "-r", "rules.yaml", "--write-baseline", "b", "--output-format", "json"];
    let ran = folder.run(&arguments);
    let json: Json = serde_json::from_str(&ran.output).expect("JSON");
    assert_eq!((ran.status, &json["summary"]["errors"]), (0, &Json::from(0)));
    let written = std::fs::read_to_string(folder.path().join("b")).unwrap();
    let written: Json = serde_json::from_str(&written).expect("JSON");
    let first = &written["findings"][0];
    assert_eq!(first["check"], "rules/implicit-drop");
    assert!(first["place"].as_str().unwrap().contains("Rules / - Name: a"), "{first}");
}
