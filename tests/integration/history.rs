//! `history`: which commit broke start-up, and for how long.

use crate::program::{BROKEN, CONFIG, RULES};
use crate::repository::{MARCH_12, MARCH_12_SECONDS, Repository};
use refinery_preflight::internals::release::newest;
use serde_json::Value as Json;

fn lines(text: &str) -> Vec<&str> {
    text.lines().collect()
}

#[test]
fn an_outage_starts_lasts_and_ends() {
    let repository = Repository::with_a_year("main", CONFIG, RULES);
    let clean = repository.run(&["history"]);
    assert_eq!(clean.status, 0, "{}", clean.all());
    let expected = format!(
        "Refinery {}: Refinery starts at every commit\n\
         · commits that pin no release are checked with the newest release of their day\n",
        newest()
    );
    assert!(clean.output.ends_with(&expected), "{}", clean.output);
    repository.write("deploy/config.yaml", BROKEN);
    repository.git(&["commit", "--quiet", "-a", "-m", "Tune the timeouts"]);
    let bad = repository.git(&["rev-parse", "HEAD"]);
    repository.write("readme.txt", "go on\n");
    repository.commit_at("Write on", "2026-03-13T10:00:00+00:00");
    let ran = repository.run(&["history", "--until", "2026-03-16T14:00:00Z"]);
    assert_eq!(ran.status, 1, "{}", ran.all());
    let expected = format!(
        "deploy/config.yaml + deploy/rules.yaml · Refinery v3.1.1\n  \
         ✘ broken since  2026-03-12 09:30 +0000 {} Tune the timeouts (Ada Lovelace)\n    \
         fault         deploy/config.yaml:3:2: error[syntax/invalid-yaml]: wrong indentation: \
         `Network` does not line up with its siblings\n    \
         for           4 days so far, 1 later commit\n\
         · commits that pin no release are checked with the newest release of their day\n",
        &bad[..10]
    );
    assert_eq!(ran.output, expected);
    // As of a time before it started.
    assert_eq!(repository.run(&["history", "--until", "2026-03-11"]).status, 0);
    assert_eq!(repository.run(&["history", "--rev", "HEAD~2"]).status, 0);
    repository.write("deploy/config.yaml", CONFIG);
    repository.commit_at("Fix it", "2026-03-16T15:00:00+00:00");
    let ran = repository.run(&["history"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    let last = lines(&ran.output)[3];
    assert!(
        last.starts_with("    for           4 days, 1 later commit, until 2026-03-16 15:00 +0000 ")
    );
    assert!(last.ends_with(" Fix it (Ada Lovelace)"), "{last}");
    let json = repository.run(&["history", "--output-format", "json", "deploy"]).output;
    let json: Json = serde_json::from_str(&json).unwrap();
    let outage = &json["deployments"][0]["outages"][0];
    assert_eq!(outage["since"]["commit"], bad.as_str());
    assert_eq!(outage["since"]["time"], MARCH_12_SECONDS);
    assert_eq!((&outage["length"], &outage["commits"]), (&"4 days".into(), &1.into()));
    assert_eq!(json["deployments"][0]["broken"], false);
    let newest = Json::from(newest().to_string());
    assert_eq!((&json["release"], &json["deployments"][0]["release"]), (&newest, &newest));
}

#[test]
fn a_merged_branch_counts_from_its_merge() {
    let repository = Repository::with(&[("config.yaml", CONFIG)]);
    repository.git(&["checkout", "--quiet", "-b", "change"]);
    repository.write("config.yaml", BROKEN);
    repository.commit_at("Break it on a branch", "2026-03-13T00:00:00+00:00");
    repository.git(&["checkout", "--quiet", "main"]);
    assert_eq!(repository.run(&["history"]).status, 0);
    repository.git(&["merge", "--quiet", "--no-ff", "-m", "Merge the change", "change"]);
    let ran = repository.run(&["history", "--until", "2026-03-20"]);
    assert_eq!(ran.status, 1, "{}", ran.all());
    assert!(ran.output.contains(" Merge the change (Ada Lovelace)"), "{}", ran.output);
}

#[test]
fn a_moved_deployment_keeps_its_history() {
    let repository = Repository::with(&[("a/config.yaml", CONFIG), ("a/rules.yaml", RULES)]);
    repository.write("a/config.yaml", BROKEN);
    repository.commit_at("Break it", "2026-03-13T00:00:00+00:00");
    repository.git(&["mv", "a", "b"]);
    repository.commit_at("Move it", "2026-03-14T00:00:00+00:00");
    let ran = repository.run(&["history", "--until", "2026-03-15T00:00:00Z"]);
    assert!(ran.output.starts_with("b/config.yaml + b/rules.yaml"), "{}", ran.output);
    assert!(ran.output.contains(" Break it (Ada Lovelace)"), "{}", ran.output);
    assert!(ran.output.contains("2 days so far, 1 later commit"), "{}", ran.output);
    repository.git(&["rm", "-r", "--quiet", "b"]);
    repository.commit_at("Give up", "2026-03-16T00:00:00+00:00");
    let ran = repository.run(&["history"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(ran.output.contains("removed since"), "{}", ran.output);
    assert!(ran.output.contains("until it was removed: 2026-03-16"), "{}", ran.output);
}

#[test]
fn named_files_have_a_history_too() {
    let repository = Repository::with(&[("readme.txt", "x")]);
    repository.write("x/one.yaml", CONFIG);
    repository.commit_all("Add it");
    repository.write("x/one.yaml", BROKEN);
    repository.commit_all("Break it");
    for arguments in
        [&["history", "x/one.yaml"][..], &["history", "-c", "x/one.yaml"], &["history", "x"]]
    {
        let ran = repository.run(arguments);
        assert_eq!(ran.status, 1, "{arguments:?}: {}", ran.all());
        assert!(ran.output.contains(" Break it (Ada"), "{arguments:?}: {}", ran.output);
    }
    for (arguments, said) in [
        (&["history", "y"][..], "no Refinery config or rules files found in any commit"),
        (&["history", "--rev", "nowhere"], "unknown revision `nowhere`"),
        (&["history", "--refinery", "all"], "pass a single release"),
        (&["history", "--until", "soon"], "expected a date"),
    ] {
        let ran = repository.run(arguments);
        assert_eq!((ran.status, ran.output.as_str()), (2, ""), "{arguments:?}");
        assert!(ran.errors.contains(said), "{arguments:?}: {}", ran.errors);
    }
}

#[test]
fn a_shallow_clone_is_reported() {
    let repository = Repository::with(&[("config.yaml", CONFIG)]);
    repository.write("config.yaml", BROKEN);
    repository.commit_at("Break it", MARCH_12);
    let url = format!("file://{}", repository.path().display());
    repository.git(&["clone", "--quiet", "--depth", "1", &url, "../clone"]);
    let ran = repository.run_in("../clone", &["history"]);
    assert_eq!(ran.status, 1, "{}", ran.all());
    assert!(ran.output.contains("this is a shallow clone"), "{}", ran.output);
}

/// A file that was fine on its day, and that a later release refuses.
#[test]
fn a_new_release_is_distinguished_from_a_change() {
    const OLD: &str = "General:\n  ConfigurationVersion: 2\nCollection:\n  CacheCapacity: 10000\n";
    let repository = Repository::new("main");
    repository.write("config.yaml", OLD);
    repository.commit_at("Add it", "2024-09-01T00:00:00+00:00");
    repository.write("readme.txt", "y");
    repository.commit_at("Write on", "2026-01-02T00:00:00+00:00");
    // Of its own day: v2.7.1, and up to v2.9.7.
    let ran = repository.run(&["history", "--until", "2025-10-01"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    let ran = repository.run(&["history", "--until", "2026-01-12"]);
    assert_eq!(ran.status, 1, "{}", ran.all());
    let since = "broken since  2025-11-10 00:00 +0000 Refinery v3.0.1 was published; the files had \
                 not changed\n";
    assert!(ran.output.contains(since), "{}", ran.output);
    assert!(ran.output.contains("for           63 days so far, 1 later commit"), "{}", ran.output);
    let json = repository.run(&["history", "--until", "2026-01-12", "--output-format", "json"]);
    let json: Json = serde_json::from_str(&json.output).unwrap();
    let deployment = &json["deployments"][0];
    assert_eq!(deployment["outages"][0]["since"]["release"], "v3.0.1");
    assert_eq!(deployment["pinned"], false);
    // A named release holds for every day, and so does one that a file names.
    let ran = repository.run(&["history", "--refinery", "3.2.2"]);
    assert!(ran.output.contains(" Add it (Ada Lovelace)"), "{}", ran.output);
    let image = "docker run -v ./config.yaml:/c.yaml honeycombio/refinery:2.9.4 -c /c.yaml\n";
    repository.write("run.sh", image);
    repository.write("config.yaml", &format!("{OLD}# pinned\n"));
    repository.commit_at("Pin it", "2026-01-13T00:00:00+00:00");
    let ran = repository.run(&["history", "--until", "2026-01-20"]);
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert!(ran.output.contains("until 2026-01-13 00:00 +0000"), "{}", ran.output);
}
