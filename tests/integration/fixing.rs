//! Fixes: for every fixture that has one, and with `--fix` and `--diff`.

use crate::fixture::{Fixture, TODAY, fixtures};
use crate::program::Folder;
use refinery_preflight::internals::diagnostic::{Finding, Severity};
use refinery_preflight::internals::discover::Sources;
use refinery_preflight::internals::fix::apply_fixes;
use refinery_preflight::internals::pipeline::check;
use refinery_preflight::internals::policy::{Policy, apply};
use refinery_preflight::internals::schema::secrets::Secrets;
use refinery_preflight::internals::verdict::Report;
use std::fs;
use std::path::Path;

/// A fix may reveal other faults, but it must end within this many rounds.
const MAX_ROUNDS: usize = 10;

#[test]
fn every_fix_improves_the_report_and_keeps_comments() {
    let mut fixed = 0;
    for fixture in fixtures() {
        for with_unsafe in [false, true] {
            let folder = tempfile::tempdir().expect("a folder");
            for path in fixture.files() {
                let copy = folder.path().join(path.file_name().expect("a name"));
                fs::copy(path, copy).expect("writable");
            }
            let (sources, report) = check_copy(&fixture, folder.path());
            let comments = comments(&sources);
            let errors = count_errors(&report);
            let rounds = fix_all(&fixture, folder.path(), with_unsafe);
            assert!(rounds < MAX_ROUNDS, "{} needs too many rounds", fixture.name());
            fixed += usize::from(rounds > 0);
            let (sources, report) = check_copy(&fixture, folder.path());
            assert_eq!(comments, self::comments(&sources), "{}", fixture.name());
            // A fix may reveal another fault.
            let is_fixed = !check_ids(&report).contains(&&*fixture.check);
            let is_better =
                count_errors(&report) < errors || is_fixed || rounds == 0 || errors == 0;
            assert!(is_better, "{}", fixture.name());
        }
    }
    assert!(fixed >= 40, "only {fixed} fixtures were fixed");
}

fn check_copy(fixture: &Fixture, folder: &Path) -> (Sources, Report) {
    let mut sources = fixture.gather_from(folder).unwrap();
    let mut report = check(&mut sources, &fixture.options());
    apply(&Policy { today: Some(TODAY), ..Policy::default() }, &mut report, &sources.files);
    (sources, report)
}

/// Applies fixes until none is left; returns the number of rounds.
fn fix_all(fixture: &Fixture, folder: &Path, with_unsafe: bool) -> usize {
    for round in 0..MAX_ROUNDS {
        let (sources, report) = check_copy(fixture, folder);
        let findings = report.deployments.iter().flat_map(|d| &d.findings);
        let findings = findings.map(|reported| &reported.finding);
        let is_wanted = |f: &&Finding| f.fix.as_ref().is_some_and(|fix| fix.is_safe || with_unsafe);
        let fixed = apply_fixes(findings.filter(is_wanted), &sources.files, &Secrets::default());
        if fixed.is_empty() {
            return round;
        }
        for file in fixed {
            fs::write(sources.files.get(file.file).name.file(), file.text).expect("writable");
        }
    }
    MAX_ROUNDS
}

fn count_errors(report: &Report) -> usize {
    let findings = report.deployments.iter().flat_map(|d| &d.findings);
    findings.filter(|reported| reported.finding.check.severity == Severity::Error).count()
}

/// The ids of the checks with findings.
fn check_ids(report: &Report) -> Vec<&'static str> {
    let findings = report.deployments.iter().flat_map(|d| &d.findings);
    findings.map(|reported| reported.finding.check.id).collect()
}

/// All comments of all files.
fn comments(sources: &Sources) -> Vec<String> {
    let texts = sources.files.ids().map(|id| sources.files.get(id).text.clone());
    let comments = |text: String| -> Vec<String> {
        let lines = text.lines().filter_map(|line| Some(line[line.find(" #")?..].to_owned()));
        lines.collect()
    };
    texts.flat_map(comments).collect()
}

const BROKEN: &str = "\
General:
  ConfigurationVersion: 2
Traces:
  SendDelay: 2 s # as long as it takes
  BatchTimeot: 100ms
  TraceTimeout: 60
RedisPeerManagement:
  Prefix: x
Collection:
  CacheCapacity: 1000
";

#[test]
fn diff_shows_fixes_and_fix_writes_them() {
    let folder = Folder::new(&[("config.yaml", BROKEN)]);
    let file = folder.path().join("config.yaml");
    let run = |arguments: &[&str]| {
        let ran = folder.run(arguments);
        (ran.output, ran.status)
    };
    let (diff, status) = run(&["check", "-c", "config.yaml", "--diff"]);
    assert_eq!(status, 1, "{diff}");
    assert!(diff.contains("--- a/config.yaml\n+++ b/config.yaml\n"), "{diff}");
    assert!(diff.contains("-  SendDelay: 2 s # as long as it takes\n"), "{diff}");
    assert!(diff.contains("+  SendDelay: 2s # as long as it takes\n"), "{diff}");
    assert_eq!(fs::read_to_string(&file).unwrap(), BROKEN, "--diff does not write");

    let (report, status) =
        run(&["check", "-c", "config.yaml", "--fix", "--output-format", "short"]);
    assert_eq!(status, 1, "{report}");
    assert!(report.contains("Traces.TraceTimeout"), "a missing unit has no safe fix: {report}");
    assert!(report.contains("CacheCapacity"), "no fix: {report}");
    let expected = "General:\n  ConfigurationVersion: 2\nTraces:\n  \
                    SendDelay: 2s # as long as it takes\n  BatchTimeout: 100ms\n  TraceTimeout: 60\n\
                    RedisPeerManagement:\n  ClusterName: x\nCollection:\n  CacheCapacity: 1000\n";
    assert_eq!(fs::read_to_string(&file).unwrap(), expected);

    let (report, status) = run(&["check", "-c", "config.yaml", "--fix", "--unsafe-fixes"]);
    assert_eq!(status, 0, "{report}");
    assert!(fs::read_to_string(&file).unwrap().contains("TraceTimeout: 60s\n"));
    let (diff, status) = run(&["check", "-c", "config.yaml", "--diff", "--unsafe-fixes"]);
    assert_eq!((diff.as_str(), status), ("", 0), "nothing left to fix");
}

#[test]
fn only_files_of_the_work_tree_can_be_fixed() {
    for arguments in [
        &["check", "--fix", "--staged"][..],
        &["check", "--fix", "--rev", "HEAD"],
        &["check", "--fix", "--diff"],
        &["check", "--fix", "--stdin-filename", "config.yaml"],
    ] {
        let folder = Folder::new(&[("config.yaml", BROKEN)]);
        assert_eq!(folder.run(arguments).status, 2, "{arguments:?}");
    }
}

/// The first fix reveals the second mistake, because keys of unknown groups are not checked.
const LAYERED: &str = "General:\n  ConfigurationVersion: 2\nTracess:\n  SendDelai: 2s\n";

#[test]
fn fixes_are_repeated_until_none_is_left() {
    let folder = Folder::new(&[("config.yaml", LAYERED)]);
    let ran = folder.run(&["check", "-c", "config.yaml", "--fix", "--unsafe-fixes"]);
    let fixed = fs::read_to_string(folder.path().join("config.yaml")).unwrap();
    assert!(fixed.contains("Traces:\n  SendDelay: 2s\n"), "{fixed} {}", ran.output);
    let fixed = "fixed 2 findings in 1 file:\n  config.yaml: 1 schema/unknown-group, 1 schema/unknown-key\n";
    assert_eq!(ran.errors, fixed);
}

#[test]
fn a_summary_lists_what_was_or_would_be_fixed() {
    let folder = Folder::new(&[("config.yaml", BROKEN)]);
    let shown = folder.run(&["check", "-c", "config.yaml", "--diff"]);
    assert!(shown.errors.starts_with("would fix "), "{}", shown.errors);
    let fixed = folder.run(&["check", "-c", "config.yaml", "--fix"]);
    assert!(fixed.errors.starts_with("fixed "), "{}", fixed.errors);
    assert!(fixed.errors.contains(" in 1 file:\n  config.yaml: "), "{}", fixed.errors);
    assert_eq!(folder.run(&["check", "-c", "config.yaml", "--fix"]).errors, "");
}

#[test]
fn line_ends_and_byte_order_marks_are_kept() {
    let config = format!("\u{feff}{BROKEN}").replace('\n', "\r\n");
    let folder = Folder::new(&[("config.yaml", &config)]);
    folder.run(&["check", "-c", "config.yaml", "--fix", "--unsafe-fixes"]);
    let fixed = fs::read_to_string(folder.path().join("config.yaml")).unwrap();
    assert!(fixed.starts_with("\u{feff}General:\r\n"), "{fixed:?}");
    assert!(fixed.contains("  BatchTimeout: 100ms\r\n"), "{fixed:?}");
    assert_eq!(fixed.matches('\n').count(), fixed.matches("\r\n").count());
}

#[cfg(unix)]
mod writing {
    use super::{BROKEN, Folder};
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::path::Path;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_fixed_file_keeps_its_mode_and_no_temporary_file_remains() {
        let folder = Folder::new(&[("config.yaml", BROKEN)]);
        let file = folder.path().join("config.yaml");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        folder.run(&["check", "-c", "config.yaml", "--fix"]);
        assert_ne!(fs::read_to_string(&file).unwrap(), BROKEN);
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(names(folder.path()), ["config.yaml"]);
    }

    #[test]
    fn a_link_within_the_repository_is_followed() {
        let folder = Folder::new(&[(".git/HEAD", ""), ("base/config.yaml", BROKEN)]);
        fs::create_dir(folder.path().join("deploy")).unwrap();
        symlink("../base/config.yaml", folder.path().join("deploy/config.yaml")).unwrap();
        folder.run(&["check", "-c", "deploy/config.yaml", "--fix"]);
        assert!(folder.path().join("deploy/config.yaml").is_symlink());
        assert_ne!(fs::read_to_string(folder.path().join("base/config.yaml")).unwrap(), BROKEN);
    }

    #[test]
    fn a_link_out_of_the_repository_is_not_followed() {
        let outside = Folder::new(&[("config.yaml", BROKEN)]);
        for is_folder in [false, true] {
            let folder = Folder::new(&[("other.txt", "")]);
            let link = folder.path().join(if is_folder { "deploy" } else { "config.yaml" });
            let file = outside.path().join("config.yaml");
            symlink(if is_folder { outside.path() } else { &file }, link).unwrap();
            let name = if is_folder { "deploy/config.yaml" } else { "config.yaml" };
            let ran = folder.run(&["check", "-c", name, "--fix"]);
            assert_eq!(ran.status, 2, "{}", ran.output);
            assert!(
                ran.errors.contains("links to a file outside the repository"),
                "{}",
                ran.errors
            );
            assert_eq!(fs::read_to_string(&file).unwrap(), BROKEN);
            assert_eq!(names(outside.path()), ["config.yaml"]);
        }
    }

    /// A limit on the file size simulates a full disk.
    #[test]
    fn a_failed_write_keeps_the_old_file() {
        let comment = format!("# {}\n", "x".repeat(200)).repeat(20);
        let config = BROKEN.to_owned() + &comment;
        let folder = Folder::new(&[("config.yaml", &config)]);
        let program = env!("CARGO_BIN_EXE_refinery-preflight");
        let limited =
            format!("ulimit -f 2; trap '' XFSZ; exec {program} check -c config.yaml --fix");
        let ran = std::process::Command::new("bash")
            .args(["-c", &limited])
            .current_dir(folder.path())
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert_eq!(ran.status.code(), Some(2), "{errors}");
        assert!(errors.contains("cannot write"), "{errors}");
        assert_eq!(fs::read_to_string(folder.path().join("config.yaml")).unwrap(), config);
        assert_eq!(names(folder.path()), ["config.yaml"]);
    }
}
