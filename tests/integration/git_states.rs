//! Repository states that are easy to misread: conflicts, links, submodules, names that are not
//! UTF-8, filtered files and missing objects.

use crate::program::{BROKEN, CONFIG, RULES};
use crate::repository::{Ran, Repository};

fn good() -> Repository {
    Repository::with(&[("deploy/config.yaml", CONFIG), ("deploy/rules.yaml", RULES)])
}

/// `check` with these arguments, in short lines.
fn check(repository: &Repository, arguments: &[&str]) -> Ran {
    repository.run(&[&["check", "--output-format", "short"], arguments].concat())
}

/// Stages everything; the exit statuses for the work tree, the staged state and the hook.
fn statuses(repository: &Repository) -> [i32; 3] {
    repository.git(&["add", "."]);
    let hook = repository.run(&["hook", "run"]);
    [check(repository, &[]).status, check(repository, &["--staged"]).status, hook.status]
}

#[cfg(unix)]
fn link(repository: &Repository, target: &str, name: &str) {
    let path = repository.path().join(name);
    let _ = std::fs::remove_file(&path);
    std::os::unix::fs::symlink(target, path).unwrap();
}

#[test]
fn conflicts_in_other_files_do_not_block() {
    let repository = good();
    for name in ["readme.txt", "k8s/service.yaml"] {
        for (branch, text) in [("one", "kind: One\n"), ("two", "kind: Two\n")] {
            repository.git(&["checkout", "--quiet", "-B", branch, "main"]);
            repository.write(name, text);
            repository.write("deploy/rules.yaml", &format!("{RULES}# x\n"));
            repository.commit_all(branch);
        }
        assert_eq!(repository.try_git(&["merge", "one"]).status, 1);
        let ran = check(&repository, &["--staged"]);
        assert_eq!(ran.status, 0, "{name}: {}", ran.all());
        repository.git(&["merge", "--abort"]);
    }
}

/// Two folders whose names are not UTF-8, and would be equal if invalid bytes were replaced.
#[cfg(unix)]
#[test]
fn names_that_are_not_utf8_stay_different() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let repository = good();
    for (folder, text) in [(&b"x\xfe"[..], CONFIG), (b"x\xff", BROKEN)] {
        let folder = repository.path().join(OsStr::from_bytes(folder));
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("config.yaml"), text).unwrap();
    }
    assert_eq!(statuses(&repository), [1, 1, 1]);
    repository.commit_all("Have odd names");
    assert_eq!(check(&repository, &["--rev", "HEAD"]).status, 1);
}

/// Settings with a deployment in a linked folder.
#[cfg(unix)]
#[test]
fn a_deployment_in_a_linked_folder_is_checked_in_every_state() {
    let settings = "[[deployment]]\nconfig = [\"deploy/config.yaml\"]\n";
    let repository = Repository::with(&[
        (".refinery-preflight.toml", settings),
        (".conf/config.yaml", CONFIG),
        (".cache/config.yaml", BROKEN),
    ]);
    link(&repository, ".conf", "deploy");
    repository.commit_all("Link");
    assert_eq!(statuses(&repository), [0, 0, 0]);
    repository.write(".conf/config.yaml", BROKEN);
    assert_eq!(statuses(&repository), [1, 1, 1], "the file changes");
    repository.git(&["reset", "--quiet", "--hard"]);
    link(&repository, ".cache", "deploy");
    assert_eq!(statuses(&repository), [1, 1, 1], "the link changes");
}

#[cfg(unix)]
#[test]
fn a_config_that_links_out_of_the_repository_blocks() {
    let repository = good();
    link(&repository, "/etc/refinery/config.yaml", "deploy/config.yaml");
    assert_eq!(statuses(&repository), [1, 1, 1]);
    let ran = repository.run(&["hook", "run"]);
    assert!(ran.output.contains("intake/link-outside"), "{}", ran.all());
}

#[test]
fn a_git_lfs_pointer_is_not_a_config() {
    let repository = good();
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n";
    repository.write("deploy/config.yaml", pointer);
    assert_eq!(statuses(&repository), [1, 1, 1]);
    let ran = repository.run(&["hook", "run"]);
    assert!(ran.output.contains("intake/lfs-pointer"), "{}", ran.all());
}

/// A filter like that of Git LFS: git stores a pointer, and the work tree has the content.
#[test]
fn a_filtered_file_is_checked_in_the_work_tree() {
    let clean = "cat > /dev/null; printf 'version https://git-lfs.github.com/spec/v1\\n'";
    for (text, status) in [(CONFIG, 0), (BROKEN, 1)] {
        let repository = good();
        repository.git(&["config", "filter.large.clean", clean]);
        repository.git(&["config", "filter.large.smudge", "cat"]);
        repository.write(".gitattributes", "deploy/config.yaml filter=large\n");
        repository.write("deploy/config.yaml", &format!("{text}# x\n"));
        assert_eq!(statuses(&repository), [status; 3]);
        assert!(repository.git(&["show", ":deploy/config.yaml"]).starts_with("version "));
        // Once it is changed, it is no longer the staged content.
        repository.write("deploy/config.yaml", &format!("{text}# and more\n"));
        let ran = check(&repository, &["--staged"]);
        assert_eq!(ran.status, 1, "{}", ran.all());
        assert!(ran.output.contains("intake/lfs-pointer"), "{}", ran.output);
    }
}

/// A repository with a good deployment in the submodule `sub`.
fn with_submodule(more: &[(&str, &str)]) -> Repository {
    let (inner, outer) = (good(), Repository::with(&[("readme.txt", "x")]));
    let source = inner.path().to_str().unwrap();
    let add = ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", source, "sub"];
    outer.git(&add);
    for (name, text) in more {
        outer.write(name, text);
    }
    outer.commit_all("Add a submodule");
    outer
}

/// Stages a commit of the submodule that breaks its config.
fn break_submodule(outer: &Repository) {
    std::fs::write(outer.path().join("sub/deploy/config.yaml"), BROKEN).unwrap();
    let ran = Ran::of(&mut outer.command("git", "sub", &["commit", "--quiet", "-am", "Break it"]));
    assert_eq!(ran.status, 0, "{}", ran.all());
    outer.git(&["add", "sub"]);
}

#[test]
fn files_of_a_changed_submodule_are_checked() {
    let settings = "[[deployment]]\nconfig = [\"sub/deploy/config.yaml\"]\n";
    for more in [&[][..], &[(".refinery-preflight.toml", settings)]] {
        let outer = with_submodule(more);
        outer.write("readme.txt", "y");
        outer.git(&["add", "."]);
        assert_eq!(outer.run(&["hook", "run"]).status, 0);
        break_submodule(&outer);
        for ran in [outer.run(&["hook", "run"]), check(&outer, &["--staged"])] {
            assert_eq!(ran.status, 1, "{}", ran.all());
            assert!(ran.all().contains("sub/deploy/config.yaml:"), "{}", ran.all());
        }
        outer.commit_all("Take the commit");
        for arguments in [&["--since", "HEAD~1"][..], &["--rev", "HEAD"]] {
            let ran = check(&outer, arguments);
            assert_eq!(ran.status, 1, "{arguments:?}: {}", ran.all());
        }
        assert_eq!(check(&outer, &["--rev", "HEAD~1"]).status, 0);
    }
}

/// A clone that did not fetch its submodules.
#[test]
fn a_submodule_that_is_not_there_is_reported() {
    let settings = "[[deployment]]\nconfig = [\"sub/deploy/config.yaml\"]\n";
    for (more, status) in [(&[][..], 0), (&[(".refinery-preflight.toml", settings)], 2)] {
        let outer = with_submodule(more);
        break_submodule(&outer);
        outer.commit_all("Take the commit");
        let url = format!("file://{}", outer.path().display());
        outer.git(&["clone", "--quiet", &url, "../clone"]);
        let ran = outer.run_in("../clone", &["check", "--since", "HEAD~1"]);
        assert_eq!(ran.status, status, "{}", ran.all());
        let said = ["sub: the change to this submodule is not checked", "is in a submodule"];
        assert!(said.iter().any(|text| ran.all().contains(text)), "{}", ran.all());
    }
}

/// What a filter only changes when a file is added, all others get as git stores it.
#[test]
fn stored_content_of_one_way_filters_is_checked() {
    let repository = good();
    repository.git(&["config", "filter.strip.clean", "sed s/500/lots/"]);
    repository.write(".gitattributes", "*.yaml filter=strip\n");
    let config = format!("{CONFIG}Traces:\n  MaxBatchSize: 500\n");
    repository.write("deploy/config.yaml", &config);
    repository.git(&["add", "."]);
    for ran in [repository.run(&["hook", "run"]), check(&repository, &["--staged"])] {
        assert_eq!(ran.status, 1, "{}", ran.all());
        assert!(ran.all().contains("must be an integer"), "{}", ran.all());
    }
    // With a filter for the other direction, the work tree has what others get.
    for key in ["smudge", "process"] {
        let key = format!("filter.strip.{key}");
        repository.git(&["config", &key, "sed s/lots/500/"]);
        for ran in [repository.run(&["hook", "run"]), check(&repository, &["--staged"])] {
            assert_eq!(ran.status, 0, "{key}: {}", ran.all());
        }
        repository.git(&["config", "--unset", &key]);
    }
}

/// A link to the folder with a deployment changes its target.
#[cfg(unix)]
#[test]
fn a_link_that_led_to_a_deployment_blocks() {
    for (target, status) in [("nowhere", 1), ("deploy", 0), ("other", 0)] {
        let repository = good();
        repository.write("other/readme.txt", "x");
        let link = |target: &str| {
            let path = repository.path().join("current");
            let _ = std::fs::remove_file(&path);
            std::os::unix::fs::symlink(target, path).unwrap();
            repository.git(&["add", "-A"]);
        };
        link("deploy");
        repository.commit_all("Link it");
        link(target);
        for arguments in [&["hook", "run"][..], &["check", "--since", "HEAD"]] {
            let ran = repository.run(arguments);
            assert_eq!(ran.status, status, "{target} {arguments:?}: {}", ran.all());
        }
    }
}

/// Missing objects that git would fetch on demand.
#[test]
fn a_partial_clone_reports_missing_files() {
    let origin = good();
    origin.git(&["config", "uploadpack.allowFilter", "true"]);
    origin.write("deploy/config.yaml", &format!("{CONFIG}# x\n"));
    origin.commit_all("Change");
    let url = format!("file://{}", origin.path().display());
    origin.git(&["clone", "--quiet", "--filter=blob:none", &url, "../partial"]);
    let check = |arguments: &[&str]| {
        origin.run_in("../partial", &[&["check", "--output-format", "short"], arguments].concat())
    };
    assert_eq!(check(&["--staged"]).status, 0, "it was checked out");
    let ran = check(&["--rev", "HEAD~1"]);
    assert_eq!(ran.status, 2, "{}", ran.all());
    assert!(ran.errors.contains("partial clone"), "{}", ran.errors);
    let fetch = ["fetch", "--quiet", "--refetch", "--no-filter"];
    let ran = Ran::of(&mut origin.command("git", "../partial", &fetch));
    assert_eq!(ran.status, 0, "{}", ran.all());
    assert_eq!(check(&["--rev", "HEAD~1"]).status, 0);
}

#[test]
fn a_split_index_is_read_or_rejected() {
    let repository = good();
    repository.git(&["update-index", "--split-index"]);
    repository.write("deploy/config.yaml", BROKEN);
    repository.git(&["add", "."]);
    for ran in [check(&repository, &["--staged"]), repository.run(&["hook", "run"])] {
        assert!([1, 2].contains(&ran.status), "{}", ran.all());
        assert!(ran.status == 1 || ran.errors.contains("--no-split-index"), "{}", ran.errors);
    }
}
