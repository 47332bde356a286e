//! Options of reports: statistics, limits, `-q` and `-v`, fixable markers, colours.

use crate::program::Folder;

const CONFIG: &str = "General:\n  ConfigurationVersion: 2\nTraces:\n  SendDealy: 2s\n  TraceTimeot: 3s\n  \
                      BatchTimeout: 5\n";
const RULES: &str = "RulesVersion: 2\nSamplers:\n  __default__:\n    RulesBasedSampler:\n      Rules:\n        \
                     - Name: a\n";

fn check(arguments: &[&str]) -> String {
    let folder = Folder::new(&[("config.yaml", CONFIG)]);
    folder.run(&[&["check", "-c", "config.yaml"], arguments].concat()).output
}

#[test]
fn fixable_findings_are_marked() {
    let output = check(&[]);
    assert_eq!(output.matches("[fixable]").count(), 2, "{output}");
    assert_eq!(output.matches("[fixable, unsafe]").count(), 1, "{output}");
    let end = "blocked: 3 errors; 2 fixable with `--fix`, 1 more with `--unsafe-fixes`\n";
    assert!(output.ends_with(end), "{output}");
}

#[test]
fn statistics_are_counted_per_check() {
    let output = check(&["--statistics"]);
    let counts = "2  error    schema/unknown-key  unknown key\n\
                  1  error    schema/wrong-type   value of the wrong type\n";
    assert!(output.starts_with(counts), "{output}");
    assert!(!output.contains("SendDealy") && output.contains("blocked: 3 errors"), "{output}");
    assert!(check(&["--statistics", "--output-format", "short"]).starts_with(counts));
}

#[test]
fn a_limit_reports_how_many_are_hidden() {
    let output = check(&["--max-diagnostics", "1"]);
    assert_eq!(output.matches("error[").count(), 1, "{output}");
    assert!(output.contains("2 more findings not shown"), "{output}");
    assert!(output.contains("blocked: 3 errors"), "the totals include hidden findings: {output}");
    let short = check(&["--max-diagnostics", "2", "--output-format", "short"]);
    assert!(short.contains("1 more finding not shown"), "{short}");
    assert!(!check(&["--max-diagnostics", "3"]).contains("not shown"));
}

#[test]
fn quiet_prints_only_findings_and_verbose_also_files() {
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
fn no_line_looks_like_a_pass_if_findings_block() {
    let folder = Folder::new(&[("rules.yaml", RULES)]);
    let output = folder.run(&["check", "-r", "rules.yaml"]).output;
    assert!(!output.contains('✔') && output.contains("; blocked by 1 error\n"), "{output}");
    let output = folder.run(&["check", "-r", "rules.yaml", "--ignore", "rules"]).output;
    assert!(output.contains('✔') && !output.contains("blocked"), "{output}");
}

#[test]
fn colours_can_be_forced_for_every_command() {
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
    assert!(!coloured(&["checks", "--color", "never"], None), "accepted by every command");
}

#[test]
fn links_are_never_written_to_pipes_and_files() {
    let folder = Folder::new(&[("config.yaml", CONFIG)]);
    let arguments =
        ["check", "--color", "always", "--output-format=human", "--output-format=human=report"];
    let mut command = folder.command(&arguments);
    command.env("FORCE_HYPERLINK", "1").env("TERM_PROGRAM", "vscode");
    let printed = String::from_utf8(command.output().unwrap().stdout).unwrap();
    let written = std::fs::read_to_string(folder.path().join("report")).unwrap();
    for text in [printed, written] {
        assert!(text.contains("\u{1b}[") && !text.contains("\u{1b}]8"), "{text}");
    }
}
