//! The deployments in `examples`: each passes, and each is checked.

use crate::program::{Folder, Ran};
use serde_json::Value as Json;
use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");

/// The names of the folders with deployments.
fn deployments() -> Vec<String> {
    let entries = fs::read_dir(ROOT).unwrap().map(|entry| entry.unwrap());
    let folders = entries.filter(|entry| entry.path().is_dir());
    let mut names: Vec<String> =
        folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names.retain(|name| name != "ci");
    names
}

fn files_in(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files_in(&path, files) } else { files.push(path) }
    }
}

/// All files below a folder of `examples`, by their paths in it.
fn files(name: &str) -> Vec<(String, String)> {
    let root = Path::new(ROOT).join(name);
    let mut paths = Vec::new();
    files_in(&root, &mut paths);
    paths.sort();
    let of = |path: &PathBuf| {
        let inner = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
        (inner, fs::read_to_string(path).unwrap())
    };
    paths.iter().map(of).collect()
}

fn json(ran: &Ran) -> Json {
    serde_json::from_str(&ran.output).unwrap()
}

fn check(files: &[(String, String)]) -> Ran {
    let files: Vec<(&str, &str)> =
        files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    Folder::new(&files).run(&["check", "--output-format", "json", "--fail-on", "warning"])
}

#[test]
fn every_example_passes_and_is_listed() {
    let list = fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let names = deployments();
    assert!(names.len() >= 7, "{names:?}");
    for name in names.iter().chain(&["ci".to_owned()]) {
        assert!(list.contains(&format!("[{name}]({name})")), "README.md does not list {name}");
    }
    for name in names {
        let ran = check(&files(&name));
        assert_eq!(ran.status, 0, "{name}: {}", ran.output);
        let deployments = json(&ran)["deployments"].as_array().unwrap().len();
        assert_eq!(deployments, if name == "helm" { 2 } else { 1 }, "{name}: {}", ran.output);
    }
}

#[test]
fn a_fault_in_any_example_blocks() {
    for name in deployments() {
        let mut broken = 0;
        let good = files(&name);
        for at in 0..good.len() {
            let mut files = good.clone();
            let text = &mut files[at].1;
            // An unknown key in the config or an unknown operator in the rules.
            *text = text.replace("TraceTimeout:", "TraceTimeoot:").replace("\">=\"", "\"=>\"");
            if *text != good[at].1 && !files[at].0.ends_with(".preflight.yaml") {
                assert_eq!(check(&files).status, 1, "{name}: {}", files[at].0);
                broken += 1;
            }
        }
        assert!(broken > 0, "{name}");
    }
}

/// All examples at once: none of them takes the files of another.
#[test]
fn examples_do_not_disturb_each_other() {
    let mut all = Vec::new();
    for name in deployments() {
        all.extend(files(&name).into_iter().map(|(file, text)| (format!("{name}/{file}"), text)));
    }
    let ran = check(&all);
    assert_eq!(ran.status, 0, "{}", ran.output);
    let count = json(&ran)["deployments"].as_array().unwrap().len();
    assert_eq!(count, deployments().len() + 1, "{}", ran.output);
}

#[test]
fn workflows_use_this_version_and_pinned_actions() {
    let own = concat!("v", env!("CARGO_PKG_VERSION"));
    let release =
        fs::read_to_string(Path::new(ROOT).join("../.github/workflows/release.yml")).unwrap();
    let mut versions = 0;
    for (name, text) in files("ci") {
        crate::workflow::parse(&text);
        for line in text.lines() {
            let is_ours =
                line.contains("uses: OWNER/refinery-preflight@") || line.contains("rev: ");
            if is_ours {
                assert!(line.ends_with(own), "{name}: {line}");
                versions += 1;
            } else if let Some((_, action)) = line.split_once("uses: ") {
                assert!(
                    release.contains(action),
                    "{name}: {action} is not pinned as in release.yml"
                );
            }
        }
    }
    assert_eq!(versions, 2);
}
