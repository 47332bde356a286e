//! How much a report says: counts, limits, quiet and verbose, marks of fixes, colours.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod program;

use program::Folder;

const CONFIG: &str = "General:\n  ConfigurationVersion: 2\nTraces:\n  SendDealy: 2s\n  TraceTimeot: 3s\n  \
                      BatchTimeout: 5\n";
const RULES: &str = "RulesVersion: 2\nSamplers:\n  __default__:\n    RulesBasedSampler:\n      Rules:\n        \
                     - Name: a\n";

fn check(arguments: &[&str]) -> String {
    let folder = Folder::new(&[("config.yaml", CONFIG)]);
    folder.run(&[&["check", "-c", "config.yaml"], arguments].concat()).output
}

#[test]
fn findings_say_whether_they_can_be_fixed() {
    let told = check(&[]);
    assert_eq!(told.matches("[fixable]").count(), 2, "{told}");
    assert_eq!(told.matches("[fixable, unsafe]").count(), 1, "{told}");
    let end = "blocked: 3 errors; 2 fixable with `--fix`, 1 more with `--unsafe-fixes`\n";
    assert!(told.ends_with(end), "{told}");
}

#[test]
fn statistics_count_by_check() {
    let told = check(&["--statistics"]);
    let counts = "2  error    schema/unknown-key  unknown key\n\
                  1  error    schema/wrong-type   value of the wrong type\n";
    assert!(told.starts_with(counts), "{told}");
    assert!(!told.contains("SendDealy") && told.contains("blocked: 3 errors"), "{told}");
    assert!(check(&["--statistics", "--output-format", "short"]).starts_with(counts));
}

#[test]
fn a_limit_counts_the_rest() {
    let told = check(&["--max-diagnostics", "1"]);
    assert_eq!(told.matches("error[").count(), 1, "{told}");
    assert!(told.contains("2 more findings not shown"), "{told}");
    assert!(told.contains("blocked: 3 errors"), "the totals stay: {told}");
    let short = check(&["--max-diagnostics", "2", "--output-format", "short"]);
    assert!(short.contains("1 more finding not shown"), "{short}");
    assert!(!check(&["--max-diagnostics", "3"]).contains("not shown"));
}

#[test]
fn quiet_prints_findings_alone_and_verbose_every_file() {
    let quiet = check(&["-q"]);
    assert_eq!(quiet.matches("error[").count(), 3, "{quiet}");
    assert!(!quiet.contains("blocked") && !quiet.contains("checked 1"), "{quiet}");
    assert_eq!(check(&["-q", "--output-format", "short"]).lines().count(), 3);
    let verbose = check(&["-v"]);
    assert!(verbose.contains("config.yaml: checked"), "{verbose}");
    assert_eq!(verbose.matches("  why:").count(), 3, "{verbose}");
    assert_eq!(check(&[]).matches("  why:").count(), 2);
}

#[test]
fn no_line_looks_like_a_pass_above_errors() {
    let folder = Folder::new(&[("rules.yaml", RULES)]);
    let told = folder.run(&["check", "-r", "rules.yaml"]).output;
    assert!(!told.contains('✔') && told.contains("; blocked by 1 error\n"), "{told}");
    let told = folder.run(&["check", "-r", "rules.yaml", "--ignore", "rules"]).output;
    assert!(told.contains('✔') && !told.contains("blocked"), "{told}");
}

#[test]
fn colours_may_be_forced_for_every_command() {
    let folder = Folder::new(&[("config.yaml", CONFIG)]);
    let coloured = |arguments: &[&str], variable: Option<(&str, &str)>| {
        let mut command = folder.command(arguments);
        command.env_remove("NO_COLOR").env_remove("FORCE_COLOR").env_remove("CLICOLOR_FORCE");
        command.envs(variable);
        let output = command.output().unwrap();
        String::from_utf8_lossy(&output.stdout).contains('\u{1b}')
    };
    let check = ["check", "-c", "config.yaml"];
    assert!(!coloured(&check, None));
    assert!(coloured(&check, Some(("FORCE_COLOR", "1"))));
    assert!(!coloured(&check, Some(("FORCE_COLOR", "0"))));
    assert!(coloured(&["--color", "always", "check", "-c", "config.yaml"], None));
    let forced = Some(("FORCE_COLOR", "1"));
    assert!(!coloured(&["check", "-c", "config.yaml", "--color", "never"], forced));
    assert!(!coloured(&["checks", "--color", "never"], None), "every command takes it");
}
