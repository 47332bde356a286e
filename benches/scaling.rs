//! Measures how the cost of a whole run grows with its input.
//!
//! `cargo bench --bench scaling` prints a table: CPU time for an input and for one ten times as large,
//! and the exponent of the growth between them; 1 is linear. Words after `--` choose rows.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::format_collect,
    reason = "a table for people"
)]

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use wait4::Wait4;

const PROGRAM: &str = env!("CARGO_BIN_EXE_refinery-preflight");
const CONFIG: &str = "General:\n  ConfigurationVersion: 2\n";
const SAMPLERS: &str = "RulesVersion: 2\nSamplers:\n";
const ROUNDS: usize = 3;

/// What grows, its smaller number, and the arguments of a run in a folder with that many of it.
type Row = (&'static str, usize, fn(&Path, usize) -> Vec<String>);

const ROWS: [Row; 12] = [
    ("targets", 2000, |folder, count| {
        let target =
            |n| format!("  t{n}:\n    DeterministicSampler:\n      SampleRate: {}\n", n + 1);
        pair(folder, CONFIG, &format!("{SAMPLERS}{}", many(count, target)))
    }),
    ("rules", 500, |folder, count| {
        let rules = many(count, |n| rule(n, &condition(n)));
        pair(folder, CONFIG, &rules_of(&rules))
    }),
    ("conditions", 500, |folder, count| {
        let conditions = many(count, condition);
        pair(folder, CONFIG, &rules_of(&rule(0, &conditions)))
    }),
    ("keys", 20_000, |folder, count| {
        pair(folder, &format!("{CONFIG}{}", many(count, |n| format!("k{n}: 1\n"))), &rules_of(""))
    }),
    ("bytes of a file", 1_000_000, |folder, count| {
        let line = "# a comment of twenty-five\n";
        pair(folder, &format!("{CONFIG}{}", line.repeat(count / line.len())), &rules_of(""))
    }),
    ("pairs of files", 100, |folder, count| {
        for number in 0..count {
            let within = folder.join(format!("service{number}"));
            fs::create_dir_all(&within).unwrap();
            pair(&within, CONFIG, &rules_of(&rule(number, &condition(number))));
        }
        vec!["check".to_owned(), ".".to_owned()]
    }),
    ("findings", 1000, |folder, count| {
        let rules = many(count, |n| rule(n, &condition(n)).replace("Operator", "Operater"));
        pair(folder, CONFIG, &rules_of(&rules))
    }),
    ("layers of a config", 50, |folder, count| {
        let mut arguments = pair(folder, CONFIG, &rules_of(""));
        for number in 0..count {
            let name = format!("layer{number}.yaml");
            let text = format!("Traces:\n  SpanLimit: {}\n", number + 1000);
            fs::write(folder.join(&name), text).unwrap();
            arguments.extend(["-c".to_owned(), name]);
        }
        arguments
    }),
    ("services of compose", 300, |folder, count| {
        fs::write(folder.join("config.yaml"), CONFIG).unwrap();
        fs::write(folder.join("rules.yaml"), rules_of("")).unwrap();
        let service = |n| {
            format!(
                "  refinery{n}:\n    image: honeycombio/refinery:3.2.2\n    volumes:\n      - ./config.yaml:/etc/refinery/refinery.yaml\n      - ./rules.yaml:/etc/refinery/rules.yaml\n"
            )
        };
        fs::write(folder.join("compose.yaml"), format!("services:\n{}", many(count, service)))
            .unwrap();
        vec!["check".to_owned(), ".".to_owned()]
    }),
    ("overlays of kustomize", 50, |folder, count| {
        let base = folder.join("base");
        fs::create_dir_all(&base).unwrap();
        pair(&base, CONFIG, &rules_of(""));
        let generator =
            "configMapGenerator:\n  - name: refinery\n    files: [config.yaml, rules.yaml]\n";
        fs::write(base.join("kustomization.yaml"), generator).unwrap();
        for number in 0..count {
            let overlay = folder.join(format!("overlay{number}"));
            fs::create_dir_all(&overlay).unwrap();
            let text = format!("resources: [../base]\nnamePrefix: n{number}-\n");
            fs::write(overlay.join("kustomization.yaml"), text).unwrap();
        }
        vec!["check".to_owned(), ".".to_owned()]
    }),
    ("commits", 200, |folder, count| {
        let repository = git2::Repository::init(folder).unwrap();
        pair(folder, CONFIG, &rules_of(""));
        let who = git2::Signature::now("Ada Lovelace", "ada@example.com").unwrap();
        for number in 0..count {
            // One commit of a hundred concerns Refinery.
            let (name, text) = match number % 100 {
                0 => ("config.yaml", format!("{CONFIG}# {number}\n")),
                _ => ("notes.md", number.to_string()),
            };
            fs::write(folder.join(name), text).unwrap();
            let mut index = repository.index().unwrap();
            index.add_all(["."], git2::IndexAddOption::DEFAULT, None).unwrap();
            let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
            let parent = repository.head().and_then(|head| head.peel_to_commit()).ok();
            let parents: Vec<_> = parent.iter().collect();
            repository.commit(Some("HEAD"), &who, &who, "Change", &tree, &parents).unwrap();
            index.write().unwrap();
        }
        vec!["history".to_owned()]
    }),
    ("traces", 20_000, |folder, count| {
        pair(folder, CONFIG, &rules_of(&many(20, |n| rule(n, &condition(n)))));
        let trace = |n| {
            let span =
                format!(r#"{{"root":true,"fields":{{"f{}":{n},"service.name":"cart"}}}}"#, n % 20);
            format!("{{\"id\":\"{n}\",\"spans\":[{span}]}}\n")
        };
        fs::write(folder.join("traces.jsonl"), many(count, trace)).unwrap();
        ["trace", "-r", "rules.yaml", "traces.jsonl"].map(str::to_owned).to_vec()
    }),
];

fn many(count: usize, text: impl Fn(usize) -> String) -> String {
    (0..count).map(text).collect()
}

fn rules_of(rules: &str) -> String {
    let rest = "        - Name: the rest\n          SampleRate: 10\n";
    format!("{SAMPLERS}  __default__:\n    RulesBasedSampler:\n      Rules:\n{rules}{rest}")
}

fn rule(number: usize, conditions: &str) -> String {
    format!(
        "        - Name: r{number}\n          SampleRate: {}\n          Conditions:\n{conditions}",
        number + 2
    )
}

fn condition(number: usize) -> String {
    format!(
        "            - Field: f{number}\n              Operator: \"=\"\n              Value: {number}\n"
    )
}

/// Writes a config and rules into a folder.
fn pair(folder: &Path, config: &str, rules: &str) -> Vec<String> {
    fs::write(folder.join("config.yaml"), config).unwrap();
    fs::write(folder.join("rules.yaml"), rules).unwrap();
    ["check", "-c", "config.yaml", "-r", "rules.yaml"].map(str::to_owned).to_vec()
}

/// The least CPU time of several runs in milliseconds.
fn cost(folder: &Path, arguments: &[String]) -> f64 {
    let times = (0..ROUNDS).map(|_| {
        let mut child = Command::new(PROGRAM)
            .args(arguments)
            .current_dir(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let usage = child.wait4().unwrap();
        assert!(
            usage.status.code().is_some_and(|code| code < 2),
            "{arguments:?} cannot be checked"
        );
        (usage.rusage.utime + usage.rusage.stime).as_secs_f64() * 1000.0
    });
    times.fold(f64::INFINITY, f64::min)
}

fn main() {
    let chosen: Vec<String> =
        std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let mut table =
        format!("{:<24} {:>8} {:>9} {:>9} {:>9}\n", "", "number", "ms", "ms x10", "exponent");
    for (name, count, prepare) in ROWS {
        if !chosen.is_empty() && !chosen.iter().any(|word| name.contains(word.as_str())) {
            continue;
        }
        let costs = [count, 10 * count].map(|count| {
            let folder = tempfile::tempdir().unwrap();
            let arguments = prepare(folder.path(), count);
            cost(folder.path(), &arguments)
        });
        let exponent = (costs[1] / costs[0]).log10();
        let [small, large] = costs;
        writeln!(table, "{name:<24} {count:>8} {small:>9.1} {large:>9.1} {exponent:>9.2}").unwrap();
    }
    print!("{table}");
}
