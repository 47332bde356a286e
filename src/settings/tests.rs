//! Valid settings files, and the errors for invalid ones.

use super::parse::find_errors;
use super::*;

const CHECK: &str = "rules/implicit-drop";

fn parse(text: &str) -> ProjectSettings {
    ProjectSettings::parse(text).unwrap_or_else(|errors| panic!("{text}: {errors:?}"))
}

#[test]
fn settings_are_read() {
    let settings = parse(&format!(
        "fail-on = \"note\"\nignore = [\"reload\"]\n[severity]\n\"{CHECK}\" = \"warning\"\n\
         [[exception]]\ncheck = \"{CHECK}\"\nfiles = [\"a/*.yaml\"]\nreason = \"r\"\n\
         until = \"2027-01-31\"\n[[exclude]]\nfiles = [\"t/**\"]\nreason = \"tests\"\n\
         [[deployment]]\nconfig = [\"a/x.yaml\"]\nrefinery = \"3.1.0\"\nmemory = \"1Gi\"\n"
    ));
    assert_eq!(settings.fail_on, FailOn::Note);
    assert_eq!(settings.severity.get(CHECK), Some(&Severity::Warning));
    assert!(!settings.selection.holds("reload/needs-restart"));
    let exception = &settings.exceptions[0];
    for (file, about) in
        [("a/x.yaml", true), ("deep/a/x.yaml", true), ("b/x.yaml", false), ("a/b/x.yaml", true)]
    {
        assert_eq!(exception.is_about(file), about, "{file}");
    }
    let deployment = &settings.deployments[0];
    assert_eq!(deployment.release, Some(crate::release::Named::of_tag("3.1.0")));
    assert_eq!(deployment.machine.memory, Some(1 << 30));
}

/// The text at the error, the message, the label and the help.
fn fault(text: &str) -> [String; 4] {
    let errors = ProjectSettings::parse(text).expect_err(text);
    let error = &errors[0];
    let place = text.get(error.span.clone()).unwrap_or_default();
    [place, &error.message, &error.label, &error.help].map(|text| text.trim().to_owned())
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn errors_are_at_their_place() {
    const EXCEPTION: &str = "[[exception]]\ncheck = \"rules/implicit-drop\"\n";
    for (text, place, message, more) in [
        ("failon = 1", "failon", "unknown key `failon` in the settings", "did you mean `fail-on`?"),
        (
            "fail-on = \"loud\"",
            "\"loud\"",
            "invalid `fail-on`",
            "`error`, `warning`, `note` or `never`",
        ),
        ("fail-on = \"warnin\"", "\"warnin\"", "invalid `fail-on`", "did you mean `warning`?"),
        (
            "fail-on = 3",
            "3",
            "`fail-on` must be `error`, `warning`, `note` or `never`, not an integer",
            "",
        ),
        ("select = \"all\"", "\"all\"", "`select` must be a list with each element a check", ""),
        (
            "ignore = [\"reload\", \"nonsense\"]",
            "\"nonsense\"",
            "unknown check or group `nonsense`",
            "",
        ),
        ("[severity]\n\"rules/nonsense\" = \"note\"", "\"rules/nonsense\"", "unknown check", ""),
        ("[severity]\n\"rules\" = \"note\"", "\"rules\"", "is a group of checks", "by its id"),
        ("[severity]\n\"rules/implicit-drop\" = \"low\"", "\"low\"", "invalid `severity`", ""),
        (
            "[severity]\n\"start/merge-crash\" = \"note\"",
            "\"start/merge-crash\"",
            "cannot be changed",
            "remove",
        ),
        (
            "[[deployment]]\nrulez = [\"a.yaml\"]",
            "rulez",
            "unknown key `rulez` in `[[deployment]]`",
            "did you mean `rules`?",
        ),
        (
            "[[deployment]]\nconfig = [\"a.yaml\"]\nmemory = \"4 G\"",
            "\"4 G\"",
            "invalid `memory`",
            "unit",
        ),
        (
            "[[deployment]]\nconfig = [\"a.yaml\"]\nmemory = 4",
            "4",
            "`memory` must be a memory size such as \"4Gi\", not an integer",
            "",
        ),
        (
            "[[deployment]]\nconfig = [\"a.yaml\"]\ncores = -1",
            "-1",
            "`cores` must be an integer from 0 to 4294967295",
            "",
        ),
        (
            "[[deployment]]\nconfig = [\"a.yaml\"]\nports-in-use = [80, 70000]",
            "70000",
            "from 0 to 65535",
            "",
        ),
        (
            "[[deployment]]\nconfig = [\"a.yaml\"]\ngrace = \"soon\"",
            "\"soon\"",
            "invalid `grace`",
            "",
        ),
        (
            "[[deployment]]\nconfig = [\"a.yaml\"]\ninterfaces = {eth0 = [\"x\"]}",
            "\"x\"",
            "expected an IP address",
            "",
        ),
        (
            "[[deployment]]\nconfig = [\"a.yaml\"]\nrestarts = {confg = true}",
            "confg",
            "unknown key `confg` in `restarts`",
            "did you mean `config`?",
        ),
        (
            "[[deployment]]\nconfig = [\"a.yaml\"]\nrefinery = \"all\"",
            "\"all\"",
            "must be one release",
            "3.2.2",
        ),
        ("[[deployment]]\nconfig = [\"a.yaml\"]\nrefinery = \"3.9x\"", "\"3.9x\"", "3.9x", ""),
        (
            "[[deployment]]\nconfig = [\"/proc/self/environ\"]",
            "\"/proc/self/environ\"",
            "`config` must be a path in the repository",
            "absolute",
        ),
        (
            "[[deployment]]\nrules = [\"C:/x.yaml\"]",
            "\"C:/x.yaml\"",
            "`rules` must be a path in the repository",
            "",
        ),
        ("[[deployment]]\nrules = [\"http://x/r.yaml\"]", "\"http://x/r.yaml\"", "not a URL", ""),
        ("[[deployment]]\nconfig = [\"\"]", "\"\"", "is an empty path", ""),
        (
            "baseline = \"/etc/passwd\"",
            "\"/etc/passwd\"",
            "`baseline` must be a path in the repository",
            "",
        ),
        ("[[deployment]]\nreplicas = 2", "[[deployment]]", "has no files", "`config`"),
        (
            "[deployment]\nconfig = [\"a.yaml\"]",
            "[deployment]",
            "an array of tables",
            "[[deployment]]",
        ),
        (EXCEPTION, "[[exception]]", "missing required key `reason`", "reason"),
        ("[[exclude]]\nreason = \"r\"", "[[exclude]]", "missing required key `files`", "files"),
        ("[[exclude]]\nfiles = [\"a\"]\nreason = \" \"", "\" \"", "`reason` is empty", "reason"),
        ("[[exclude]]\nfiles = [\"[\"]\nreason = \"r\"", "\"[\"", "invalid `files`", "unclosed"),
        (
            "[[exclude]]\nfiles = [\"a\"]\nreason = \"r\"\nuntil = \"2027-02-30\"",
            "\"2027-02-30\"",
            "invalid `until`",
            "not a date",
        ),
        (
            "[[exclude]]\nfiles = [\"a\"]\nreason = \"r\"\nuntil = 2027-01-31",
            "2027-01-31",
            "`until` must be a date such as \"2027-01-31\", not a date without quotes",
            "",
        ),
        ("a = [", "", "invalid TOML", ""),
        (
            "[[exclude]]\nfiles = [\"a/**\"]\nreason = \"r\"\n[[deployment]]\nconfig = [\"./a/c.yaml\"]",
            "\"./a/c.yaml\"",
            "is both excluded and part of a deployment",
            "narrow",
        ),
    ] {
        let [at, said, label, help] = fault(text);
        assert!(at.starts_with(place), "{text}: at {at:?}, {said}");
        assert!(said.contains(message), "{text}: {said}");
        assert!(format!("{label} {help} {said}").contains(more), "{text}: {label} / {help}");
    }
}

#[test]
fn all_errors_are_found_in_order() {
    let errors = find_errors("failon = 1\n[[deployment]]\nrulez = []\ncores = \"x\"\n");
    let starts: Vec<usize> = errors.iter().map(|error| error.span.start).collect();
    assert_eq!(starts.len(), 3);
    assert!(starts.is_sorted(), "{starts:?}");
}

#[test]
fn a_change_cannot_relax_its_own_checks() {
    let relaxing = parse(&format!(
        "fail-on = \"never\"\nignore = [\"{CHECK}\"]\nbaseline = \"b.json\"\n\
         [severity]\n\"{CHECK}\" = \"note\"\n\
         [[exception]]\ncheck = \"{CHECK}\"\nreason = \"r\"\n\
         [[exclude]]\nfiles = [\"**\"]\nreason = \"r\"\n"
    ));
    let (left, relaxed) = relaxing.restricted_to(&ProjectSettings::default());
    assert_eq!(left.fail_on, FailOn::Error);
    assert!(left.selection.holds(CHECK));
    assert_eq!(left.severity.get(CHECK), Some(&Severity::Error));
    assert!(left.exceptions.is_empty() && left.excludes.is_empty() && left.baseline.is_none());
    assert_eq!(relaxed.0.len(), 6, "{relaxed:?}");
    // What the base has, too, applies.
    let (left, relaxed) = relaxing.restricted_to(&relaxing);
    assert_eq!((left.fail_on, relaxed.0.len()), (FailOn::Never, 0));
    assert!(!left.selection.holds(CHECK) && left.baseline.is_some());
    assert_eq!((left.exceptions.len(), left.excludes.len()), (1, 1));
}

#[test]
fn a_change_may_be_stricter_but_not_laxer() {
    let strict = parse(&format!(
        "fail-on = \"note\"\n[severity]\n\"{CHECK}\" = \"error\"\n\"rules/unreachable\" = \"error\"\n"
    ));
    let lax = ProjectSettings::default();
    for (here, base, relaxed) in [(&strict, &lax, 0), (&lax, &strict, 2)] {
        let (left, relaxations) = here.restricted_to(base);
        assert_eq!(left.fail_on, FailOn::Note);
        assert_eq!(left.severity.get("rules/unreachable"), Some(&Severity::Error));
        assert_eq!(relaxations.0.len(), relaxed, "{relaxations:?}");
    }
}

#[test]
fn a_change_cannot_extend_an_end_date() {
    let until = |day: &str| {
        parse(&format!(
            "[[exception]]\ncheck = \"{CHECK}\"\nfiles = [\"a\"]\nreason = \"r\"\n{day}\n\
             [[exclude]]\nfiles = [\"a\"]\nreason = \"r\"\n{day}\n"
        ))
    };
    let (short, long, none) =
        (until("until = \"2027-01-31\""), until("until = \"2099-01-31\""), until(""));
    for (here, base, relaxed) in [(&long, &short, 2), (&none, &short, 2), (&short, &long, 0)] {
        let (left, relaxations) = here.restricted_to(base);
        let ends = [&left.exceptions[0].until, &left.excludes[0].until];
        for end in ends {
            assert_eq!(end.as_ref().map(|(day, _)| day.to_string()), Some("2027-01-31".to_owned()));
        }
        assert_eq!(relaxations.0.len(), relaxed);
    }
    let other = parse(&format!(
        "[[exception]]\ncheck = \"{CHECK}\"\nfiles = [\"a\", \"b\"]\nreason = \"r\"\n"
    ));
    assert!(other.restricted_to(&until("")).0.exceptions.is_empty(), "more files than before");
    let all = parse(&format!("[[exception]]\ncheck = \"{CHECK}\"\nreason = \"r\"\n"));
    assert!(all.restricted_to(&until("")).0.exceptions.is_empty(), "all files");
}

#[test]
fn the_schema_accepts_and_rejects_the_same_settings() {
    let schema = settings_schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let is_valid = |text: &str| {
        let value: toml::Value = toml::from_str(text).unwrap();
        validator.is_valid(&serde_json::to_value(value).unwrap())
    };
    for text in [
        "fail-on = \"never\"\n[[exclude]]\nfiles = [\"a\"]\nreason = \"r\"\n",
        "[[deployment]]\nconfig = [\"a\"]\ncores = 2\nrestarts = {config = true}\n",
    ] {
        assert!(is_valid(text) && find_errors(text).is_empty(), "{text}");
    }
    for text in [
        "failon = 1",
        "fail-on = \"loud\"",
        "[[exclude]]\nfiles = [\"a\"]\n",
        "[[exclude]]\nfiles = [\"a\"]\nreason = \" \"\n",
        "[[deployment]]\ncores = -1\n",
    ] {
        assert!(!is_valid(text) && !find_errors(text).is_empty(), "{text}");
    }
}
