//! Values files of the Refinery chart that another file names, or that are at a place where the chart
//! reads them: whatever is in them, they are read or block, in a repository with a good deployment, in
//! the hook and with `--since`.
//!
//! Each file of `tests/integration/named_values` is a repository with usable values. Its first line is the
//! path of the values file.

use crate::cases::cases;
use crate::plain::write;
use crate::repository::{Ran, Repository};

/// What a values file may contain that Helm cannot read, with the check that reports it.
const UNUSABLE: [(&str, &[u8]); 13] = [
    (
        "intake/lfs-pointer",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n",
    ),
    ("intake/encrypted-file", b"$ANSIBLE_VAULT;1.1;AES256\n6162\n6364\n"),
    ("intake/encrypted-file", b"-----BEGIN AGE ENCRYPTED FILE-----\nabc\n"),
    ("intake/encrypted-file", b"{\"data\": \"ENC[AES256_GCM,data:a,type:str]\", \"sops\": {}}\n"),
    ("syntax/not-utf-8", b"\x1f\x8b\x08\x00\x00abc"),
    ("syntax/not-utf-8", b"replicaCount: 1\nname: \xff\xfe\n"),
    ("intake/other-encoding", b"r\0e\0p\0l\0i\0c\0a\0s\0:\0 \x001\0\n\0"),
    ("intake/unusable-values", b"<!DOCTYPE html>\n<html><body>Not Found</body></html>\n"),
    ("intake/unusable-values", b"This file has moved.\n"),
    ("intake/unusable-values", b"- replicaCount\n- 1\n"),
    ("syntax/invalid-yaml", b"replicaCount: 1\n  image: [\n"),
    (
        "syntax/invalid-yaml",
        b"<<<<<<< HEAD\nreplicaCount: 1\n=======\nreplicaCount: 2\n>>>>>>> other\n",
    ),
    ("syntax/invalid-yaml", b"image:\n\ttag: 1\n"),
];

/// What Helm accepts instead.
const USABLE: [&[u8]; 4] = [b"", b"# Nothing yet.\n", b"---\n", b"replicaCount: 3\n"];

const CONFIG: &str = "General:\n  ConfigurationVersion: 2\n";
const RULES: &str =
    "RulesVersion: 2\nSamplers:\n  __default__:\n    DeterministicSampler:\n      SampleRate: 1\n";

/// A repository with usable values, in a commit, and the path of the values.
fn prepared(text: &str) -> (Repository, &str) {
    let (path, _) = text.split_once('\n').unwrap();
    let other = [("other/config.yaml", CONFIG), ("other/rules.yaml", RULES)];
    let repository = Repository::with(&other);
    write(&repository, text);
    repository.commit_all("Install");
    (repository, path)
}

fn is_blocked(ran: &Ran) -> bool {
    ran.status == 1 && ran.all().contains("error[")
}

#[test]
fn unusable_values_block_whatever_names_them() {
    let mut wrong = Vec::new();
    for (own, text) in cases("named_values", 35) {
        let (repository, path) = prepared(&text);
        for (number, (_, content)) in UNUSABLE.iter().enumerate() {
            repository.write_bytes(path, content);
            let ran = repository.run(&["check"]);
            if !is_blocked(&ran) || !ran.all().contains(path) {
                wrong.push(format!("{own} {number}: {}: {}", ran.status, ran.all()));
            }
        }
        // The doors of changes, with what no search for Refinery's words finds.
        for (number, (_, content)) in UNUSABLE.iter().enumerate().skip(8).take(3) {
            repository.write_bytes(path, content);
            repository.git(&["add", "-A"]);
            for door in [&["hook", "run"][..], &["check", "--since", "HEAD"]] {
                let ran = repository.run(door);
                if !is_blocked(&ran) {
                    wrong.push(format!("{own} {number}: {door:?}: {}: {}", ran.status, ran.all()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} {}", wrong.len(), wrong.join("\n\n"));
}

#[test]
fn values_that_helm_accepts_pass() {
    let mut wrong = Vec::new();
    for (own, text) in cases("named_values", 35) {
        let (repository, path) = prepared(&text);
        for content in USABLE {
            repository.write_bytes(path, content);
            repository.git(&["add", "-A"]);
            for door in [&["check"][..], &["hook", "run"]] {
                let ran = repository.run(door);
                if ran.status != 0 {
                    wrong.push(format!("{own}: {door:?}: {}: {}", ran.status, ran.all()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} {}", wrong.len(), wrong.join("\n\n"));
}

/// The report is about the file itself and says what is wrong with it.
#[test]
fn the_report_names_the_reason() {
    let cases = cases("named_values", 35);
    let (_, text) = cases.iter().find(|(own, _)| own == "helmfile-below-file").unwrap();
    let (repository, path) = prepared(text);
    for (check, content) in UNUSABLE {
        repository.write_bytes(path, content);
        let ran = repository.run(&["check", "--output-format", "short"]);
        let lines: Vec<&str> = ran.output.lines().filter(|line| line.contains("error[")).collect();
        let is_here = lines.iter().all(|line| line.starts_with(path));
        let is_said = lines.iter().any(|line| line.contains(&format!("error[{check}]")));
        assert!(is_here && is_said, "{check}: {}", ran.all());
    }
}
