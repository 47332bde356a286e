//! Settings in git: those of the checked state apply, and so do the deployments that they list.

use crate::program::{BROKEN, CONFIG, Folder, RULES};
use crate::repository::{Ran, Repository};

const SETTINGS: &str = ".refinery-preflight.toml";
/// An error that a team may suppress, unlike a verdict.
const DROPS: &str = "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: a
          Conditions: [{Field: x, Operator: exists}]
        - Name: b
          SampleRate: 1
";
const LIVED_WITH: &str = "ignore = [\"rules/implicit-drop\"]\n";

fn check(repository: &Repository, arguments: &[&str]) -> Ran {
    repository.run(&[&["check", "--output-format", "short"], arguments].concat())
}

fn dropping() -> Repository {
    Repository::with(&[("deploy/config.yaml", CONFIG), ("deploy/rules.yaml", DROPS)])
}

fn is_reported(ran: &Ran) -> bool {
    assert!([0, 1].contains(&ran.status), "{}", ran.all());
    assert_eq!(ran.output.contains("[rules/implicit-drop]"), ran.status == 1, "{}", ran.all());
    ran.status == 1
}

#[test]
fn settings_are_read_from_the_checked_state() {
    let repository = dropping();
    repository.write(SETTINGS, LIVED_WITH);
    for (arguments, expected) in
        [(&[][..], false), (&["--staged"], true), (&["--staged", "--settings", SETTINGS], false)]
    {
        assert_eq!(is_reported(&check(&repository, arguments)), expected, "{arguments:?}");
    }
    repository.git(&["add", "."]);
    repository.write(SETTINGS, "");
    for (arguments, expected) in [
        (&[][..], true),
        (&["--staged"], false),
        (&["--staged", "--no-settings"], true),
        (&["--staged", "--settings", SETTINGS], true),
        (&["--rev", "HEAD"], true),
    ] {
        assert_eq!(is_reported(&check(&repository, arguments)), expected, "{arguments:?}");
    }
    repository.git(&["commit", "--quiet", "-m", "Live with it"]);
    assert!(!is_reported(&check(&repository, &["--rev", "HEAD"])));
    assert!(is_reported(&check(&repository, &["--rev", "HEAD~1"])));
    // They are found from a subfolder, too.
    let below = |arguments: &[&str]| {
        let words = ["check", "--output-format", "short", "--rev", "HEAD"];
        repository.run_in("deploy", &[&words, arguments].concat())
    };
    assert!(!is_reported(&below(&[])) && !is_reported(&below(&["-r", "rules.yaml"])));
    repository.write("deploy/.refinery-preflight.toml", "");
    repository.commit_all("Be strict in here");
    assert!(is_reported(&below(&[])), "the nearest count");
}

#[test]
fn relaxed_checks_apply_only_once_committed() {
    let repository = Repository::with(&[("deploy/config.yaml", CONFIG)]);
    repository.write("deploy/rules.yaml", DROPS);
    repository.write(SETTINGS, LIVED_WITH);
    repository.git(&["add", "."]);
    let ran = repository.run(&["hook", "run"]);
    assert_eq!(ran.status, 1, "{}", ran.all());
    let said = ran.output.replace("\n  ", " ");
    assert!(said.contains("relax the gate: `rules/implicit-drop` is ignored"), "{}", ran.output);
    repository.git(&["reset", "--quiet", "deploy"]);
    let ran = repository.run(&["hook", "run"]);
    assert_eq!(ran.status, 0, "settings alone: {}", ran.all());
    assert!(ran.output.contains("settings/changed"), "{}", ran.output);
    repository.git(&["commit", "--quiet", "-m", "Live with it"]);
    repository.git(&["add", "."]);
    std::fs::remove_file(repository.path().join(SETTINGS)).unwrap();
    let ran = repository.run(&["hook", "run"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    // Invalid settings are reported when they are needed.
    repository.write(SETTINGS, "colour = true\n");
    repository.git(&["add", "."]);
    let ran = repository.run(&["hook", "run"]);
    assert_eq!((ran.status, ran.errors.contains("unknown key")), (2, true), "{}", ran.all());
    repository.commit_all("Past the hook");
    repository.write("other.yaml", "x: y\n");
    repository.git(&["add", "."]);
    let ran = repository.run(&["hook", "run"]);
    assert_eq!((ran.status, ran.all().as_str()), (0, ""), "it is about nothing of Refinery's");
    repository.write(SETTINGS, LIVED_WITH);
    repository.git(&["add", "."]);
    assert_eq!(repository.run(&["hook", "run"]).status, 0, "fixed");
}

#[test]
fn the_baseline_is_read_from_the_checked_state() {
    let repository = dropping();
    check(&repository, &["--write-baseline", "base.json"]);
    repository.write(SETTINGS, "baseline = \"base.json\"\n");
    repository.git(&["add", SETTINGS]);
    let gone = check(&repository, &["--staged"]);
    assert_eq!(gone.status, 2, "{}", gone.all());
    assert!(gone.errors.contains("`base.json` is not in the staged state"), "{}", gone.errors);
    repository.git(&["add", "."]);
    std::fs::remove_file(repository.path().join("base.json")).unwrap();
    assert!(!is_reported(&check(&repository, &["--staged"])));
    assert_eq!(check(&repository, &[]).status, 2, "the disk has none");
    let named = check(&repository, &["--staged", "--settings", SETTINGS]);
    assert_eq!(named.status, 2, "named settings and what they name lie on the disk");
}

#[test]
fn both_sides_of_a_change_have_the_same_settings() {
    let repository = dropping();
    repository.write(SETTINGS, "[severity]\n\"rules/implicit-drop\" = \"warning\"\n");
    repository.commit_all("Live with it");
    repository.write("deploy/rules.yaml", &format!("{DROPS}# x\n"));
    let ran = check(&repository, &["--since", "HEAD"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(ran.output.ends_with("passed: 1 warning (0 new, 1 old)\n"), "{}", ran.output);
}

/// A deployment of two configs for an old release, neither of which is complete on its own.
const AGREED: &str = "\
[[deployment]]
config = [\"deploy/base.yaml\", \"deploy/late.yaml\"]
rules = [\"common/all.yaml\"]
refinery = \"3.0.0\"
";
const BASE: &str = "General:\n  ConfigurationVersion: 2\n";
const LATE: &str = "Collection:\n  MaxAlloc: 3Gb\nTraces:\n  SendDelay: 5s\n";
/// A key that was added in v3.1.0.
const WORKERS: &str = "Collection:\n  WorkerCount: 2\nTraces:\n  SendDelay: 5s\n";
const NAME: &str = "deploy/base.yaml + deploy/late.yaml + common/all.yaml · Refinery v3.0.0";

fn with_settings() -> Repository {
    let repository = Repository::with(&[
        (SETTINGS, AGREED),
        ("deploy/base.yaml", BASE),
        ("deploy/late.yaml", LATE),
        ("common/all.yaml", RULES),
        ("other/config.yaml", CONFIG),
    ]);
    repository.run(&["hook", "install"]);
    repository
}

fn staged(repository: &Repository, name: &str, text: &str) -> Ran {
    repository.write(name, text);
    repository.git(&["add", "."]);
    let ran = repository.run(&["hook", "run"]);
    repository.git(&["reset", "--quiet", "--hard"]);
    ran
}

#[test]
fn the_hook_checks_listed_deployments_as_configured() {
    let repository = with_settings();
    for (name, text, status) in [
        ("deploy/late.yaml", WORKERS, 1),
        ("deploy/late.yaml", &*format!("{LATE}# x\n"), 0),
        ("common/all.yaml", &*format!("{RULES}# x\n"), 0),
        ("deploy/base.yaml", BROKEN, 1),
    ] {
        let ran = staged(&repository, name, text);
        assert_eq!(ran.status, status, "{name}: {}", ran.all());
        assert!(ran.output.contains(NAME), "{name}: {}", ran.output);
        assert_eq!(ran.output.matches(" · Refinery v").count(), 1, "{name}: {}", ran.output);
        assert!(!ran.output.contains("checked on its own"), "{name}: {}", ran.output);
    }
    // Files outside the listed deployments are checked as they are found.
    let ran = staged(&repository, "other/config.yaml", BROKEN);
    assert_eq!(ran.status, 1, "{}", ran.all());
    assert!(ran.output.contains("other/config.yaml:3:2"), "{}", ran.output);
    assert!(!ran.output.contains("base.yaml"), "{}", ran.output);
    // A file that is not part of the deployment.
    let ran = staged(&repository, "deploy/else.yaml", "x: y\n");
    assert_eq!((ran.status, ran.all().as_str()), (0, ""));
    // They are the same from another folder.
    repository.write("deploy/late.yaml", WORKERS);
    repository.git(&["add", "."]);
    let ran = repository.run_in("other", &["hook", "run"]);
    assert!(ran.output.contains("../deploy/base.yaml + ../deploy/late.yaml"), "{}", ran.output);
    assert_eq!(ran.output.matches(" · Refinery v").count(), 1, "{}", ran.output);
}

#[test]
fn named_settings_may_be_anywhere() {
    let repository = with_settings();
    repository.git(&["rm", "--quiet", SETTINGS]);
    let named = "deploy/.refinery-preflight.toml";
    let settings = AGREED.replace("deploy/", "").replace("common/", "../common/");
    repository.write(named, &settings);
    repository.commit_all("Settle it below");
    let ran = repository.run(&["hook", "install", "--", "--settings", named]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    for (name, text) in [("deploy/late.yaml", WORKERS), ("common/all.yaml", "RulesVersion: [\n")] {
        repository.write(name, text);
        let rejected = repository.try_git(&["commit", "--all", "-m", "Change"]);
        assert_eq!(rejected.status, 1, "{}", rejected.all());
        let count = rejected.all().matches(" · Refinery v").count();
        assert_eq!((count, rejected.all().contains(" · Refinery v3.0.0")), (1, true), "{name}");
        repository.git(&["reset", "--quiet", "--hard"]);
    }
}

#[test]
fn changed_settings_change_their_deployments() {
    let repository = with_settings();
    let ran = staged(&repository, SETTINGS, &AGREED.replace("3.0.0", "3.2.2"));
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(ran.output.contains("late.yaml + common/all.yaml · Refinery v3.2.2"), "{}", ran.output);
    let ran = staged(&repository, SETTINGS, &format!("{AGREED}# x\n"));
    assert!(ran.output.contains(NAME), "{}", ran.output);
    assert!(!ran.output.contains("other/"), "{}", ran.output);
    let rejected = staged(&repository, SETTINGS, &format!("{AGREED}arguments = [\"--none\"]\n"));
    assert_eq!(rejected.status, 1, "{}", rejected.all());
    // Without the settings each file is checked on its own.
    repository.git(&["rm", "--quiet", SETTINGS]);
    let ran = repository.run(&["hook", "run"]);
    assert!(ran.output.contains("deploy/base.yaml (no rules"), "{}", ran.output);
    assert!(!ran.output.contains("other/"), "{}", ran.output);
}

#[test]
fn a_missing_file_of_a_listed_deployment_rejects_the_commit() {
    let repository = with_settings();
    repository.git(&["rm", "--quiet", "common/all.yaml"]);
    let ran = repository.run(&["hook", "run"]);
    assert_eq!(ran.status, 2, "{}", ran.all());
    assert!(ran.errors.contains("`common/all.yaml` is not in the staged state"), "{}", ran.errors);
    // Once it is committed, unrelated commits pass.
    repository.commit_all("Past the hook");
    let ran = staged(&repository, "other/config.yaml", &format!("{CONFIG}# x\n"));
    assert_eq!(ran.status, 0, "{}", ran.all());
}

#[test]
fn check_uses_settings_in_every_state() {
    let repository = with_settings();
    repository.write("deploy/late.yaml", WORKERS);
    repository.write("other/config.yaml", BROKEN);
    repository.git(&["checkout", "--quiet", "-b", "change"]);
    repository.commit_all("Change");
    repository.write(SETTINGS, "");
    repository.write("deploy/late.yaml", LATE);
    for arguments in [&["--staged"][..], &["--rev", "change"]] {
        for since in [&[][..], &["--since", "main"]] {
            let ran = repository.run(&[&["check"], arguments, since].concat());
            assert_eq!(ran.status, 1, "{arguments:?} {since:?}: {}", ran.all());
            assert!(ran.output.contains(NAME), "{arguments:?} {since:?}: {}", ran.output);
            assert!(ran.output.contains("other/config.yaml:3:2"), "unlisted: {}", ran.output);
        }
    }
    assert_eq!(check(&repository, &["--rev", "main"]).status, 0);
    let nothing = check(&repository, &["--rev", "change", "--since", "change"]);
    assert_eq!((nothing.status, nothing.output.as_str()), (0, "nothing was checked\n"));
    // Named paths are checked without them.
    let ran = check(&repository, &["--rev", "change", "other"]);
    assert!(ran.output.starts_with("other/config.yaml:3:2"), "{}", ran.output);
    repository.git(&["reset", "--quiet", "--hard"]);
    let ran = check(&repository, &["--since", "main"]);
    assert!(ran.output.ends_with("blocked: 2 errors (2 new, 0 old)\n"), "{}", ran.output);
    repository.write("deploy/base.yaml", &format!("{BASE}# x\n"));
    let ran = check(&repository, &["--since", "change"]);
    assert!(ran.output.ends_with("blocked: 1 error (0 new, 1 old)\n"), "{}", ran.output);
}

#[test]
fn history_uses_the_settings_of_each_commit() {
    let repository = Repository::with(&[
        ("deploy/base.yaml", BASE),
        ("deploy/late.yaml", WORKERS),
        ("common/all.yaml", RULES),
    ]);
    repository.write(SETTINGS, &AGREED.replace("3.0.0", "3.1.0"));
    repository.commit_at("Agree", "2026-03-12T12:00:00+00:00");
    assert_eq!(repository.run(&["history"]).status, 0);
    repository.write(SETTINGS, AGREED);
    repository.commit_at("Go back", "2026-03-13T00:00:00+00:00");
    repository.write("readme.txt", "x");
    repository.commit_at("Write on", "2026-03-14T00:00:00+00:00");
    let ran = repository.run(&["history", "--until", "2026-03-17"]);
    assert_eq!(ran.status, 1, "{}", ran.all());
    assert!(ran.output.contains(NAME), "{}", ran.output);
    assert!(ran.output.contains(" Go back (Ada Lovelace)"), "{}", ran.output);
    assert!(ran.output.contains("4 days so far, 1 later commit"), "{}", ran.output);
    let open = repository.run(&["history", "--no-settings"]);
    assert!(!open.output.contains(NAME), "{}", open.output);
    repository.write("deploy/late.yaml", LATE);
    repository.commit_at("Fix it", "2026-03-18T00:00:00+00:00");
    let ran = repository.run(&["history"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(ran.output.contains("until 2026-03-18"), "{}", ran.output);
}

#[test]
fn an_unrendered_template_blocks_outside_of_its_chart() {
    let template = include_str!("../../fixtures/containers/template.yaml");
    let repository = with_settings();
    repository.write("chart/Chart.yaml", "name: own\nversion: 1.0.0\n");
    let ran = staged(&repository, "chart/templates/a.yaml", template);
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(
        ran.output.contains("· chart/templates/a.yaml: not checked, because it is a template"),
        "{}",
        ran.output
    );
    let ran = staged(&repository, "deploy/a.yaml", template);
    assert_eq!(ran.status, 1, "{}", ran.all());
    assert!(ran.output.contains("error[intake/template]"), "{}", ran.output);
    assert!(ran.output.contains("deploy/a.yaml:"), "{}", ran.output);
    repository.write("deploy/a.yaml", template);
    repository.commit_all("Have a template");
    // Unchanged files are not reported, alone or with others.
    let ran = staged(&repository, "deploy/b.yaml", "x: y\n");
    assert_eq!((ran.status, ran.all().as_str()), (0, ""));
    let ran = staged(&repository, "deploy/late.yaml", &format!("{LATE}# x\n"));
    assert!(ran.output.contains(NAME) && !ran.output.contains("a template"), "{}", ran.output);
    let all = repository.run(&["hook", "run", "--all-files"]);
    assert_eq!(all.output.matches("error[intake/template]").count(), 1, "{}", all.output);
    assert!(all.output.contains(NAME) && all.output.contains("other/config.yaml"), "{}", all.all());
}

/// A listed file that nothing else shows to be Refinery's.
#[test]
fn listed_deployments_are_checked_in_named_folders() {
    let settings = "[[deployment]]\nconfig = [\"a/one.yaml\"]\nrules = [\"a/two.yaml\"]\n";
    let folder = Folder::new(&[
        (".refinery-preflight.toml", settings),
        ("a/one.yaml", "# nothing\n"),
        ("a/two.yaml", RULES),
        ("b/config.yaml", CONFIG),
        ("b/rules.yaml", RULES),
    ]);
    for (arguments, status) in [
        (&["check"][..], 1),
        (&["check", "."], 1),
        (&["check", "a"], 1),
        (&["check", "a", "b"], 1),
        (&["check", "b"], 0),
    ] {
        let ran = folder.run(arguments);
        assert_eq!(ran.status, status, "{arguments:?}: {}", ran.output);
    }
}
