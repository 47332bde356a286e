//! Measures whole processes, in comparison with `cat` on the same files.
//!
//! `cargo bench` prints one table. On a shared machine ratios are more reliable than times, so each
//! round runs every case once, and the table shows the medians of all rounds. Words after `--` choose
//! the cases whose names contain one of them. With `REFINERY=path/to/refinery` the table also has
//! Refinery's own validation of the same pair.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::format_collect,
    reason = "a table for people"
)]

use std::fmt::Write;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use wait4::Wait4;

const PROGRAM: &str = env!("CARGO_BIN_EXE_refinery-preflight");
/// Together about 190 lines.
const CONFIG: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/conformance/base-config-v32.yaml");
const RULES: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/conformance/base-rules-full.yaml");
const TREE_FILES: usize = 10_000;
const PAIRS: usize = 1_000;
const INDEX_FILES: usize = 200_000;
const TRACES: usize = 20_000;
const SPANS: usize = 10;

/// A command to measure.
struct Case {
    name: String,
    command: Vec<String>,
    folder: PathBuf,
    rounds: usize,
    costs: Vec<Cost>,
}

/// The cost of one run.
#[derive(Clone, Copy)]
struct Cost {
    wall: Duration,
    cpu: Duration,
    /// Peak resident memory in bytes; at least that of the benchmark process.
    memory: u64,
}

impl Case {
    fn new(name: impl Into<String>, rounds: usize, command: &[&str]) -> Self {
        let command = command.iter().map(|&word| word.to_owned()).collect();
        let folder = PathBuf::from(".");
        Self { name: name.into(), command, folder, rounds, costs: Vec::new() }
    }

    fn within(self, folder: &Path) -> Self {
        Self { folder: folder.to_owned(), ..self }
    }

    fn run(&mut self) {
        let (program, arguments) = self.command.split_first().unwrap();
        let begin = Instant::now();
        let mut child = Command::new(program)
            .args(arguments)
            .current_dir(&self.folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let usage = child.wait4().unwrap().rusage;
        let cpu = usage.utime + usage.stime;
        self.costs.push(Cost { wall: begin.elapsed(), cpu, memory: usage.maxrss });
    }

    fn median<T: Ord>(&self, of: impl Fn(&Cost) -> T) -> T {
        let mut values: Vec<T> = self.costs.iter().map(of).collect();
        values.sort_unstable();
        values.swap_remove(values.len() / 2)
    }

    fn line(&self, cat: &Self) -> String {
        let (wall, cpu) = (self.median(|cost| cost.wall), self.median(|cost| cost.cpu));
        let ratio = wall.as_secs_f64() / cat.median(|cost| cost.wall).as_secs_f64();
        let memory = self.median(|cost| cost.memory) >> 20;
        let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
        let (wall, cpu) = (milliseconds(wall), milliseconds(cpu));
        format!("{:<34} {wall:>9.1} {cpu:>9.1} {ratio:>7.1} {memory:>7}", self.name)
    }
}

/// Creates a tree in which 1 % of the files are Refinery's and 10 % are unrelated kustomizations.
fn create_tree(root: &Path) {
    let (config, rules) = (fs::read_to_string(CONFIG).unwrap(), fs::read_to_string(RULES).unwrap());
    for index in 0..TREE_FILES {
        let mut folder = root.join(format!("team{}/service{}", index % 20, index / 200));
        let (name, text) = match index % 200 {
            0 => ("config.yaml".to_owned(), config.as_str()),
            20 => ("rules.yaml".to_owned(), rules.as_str()),
            _ if index % 10 == 5 => {
                folder.push(format!("overlay{index}"));
                ("kustomization.yaml".to_owned(), "resources: [../manifest40.yaml]\nimages: []\n")
            }
            _ => (format!("manifest{index}.yaml"), "apiVersion: v1\nkind: Service\nspec: {}\n"),
        };
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(name), text).unwrap();
    }
}

/// Creates the same tree as a repository, with changes to these files staged.
fn create_repository(root: &Path, staged: &[&str]) {
    create_tree(root);
    let repository = git2::Repository::init(root).unwrap();
    let mut index = repository.index().unwrap();
    index.add_all(["."], git2::IndexAddOption::DEFAULT, None).unwrap();
    let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
    let who = git2::Signature::now("Ada Lovelace", "ada@example.com").unwrap();
    repository.commit(Some("HEAD"), &who, &who, "Begin", &tree, &[]).unwrap();
    for name in staged {
        let path = root.join(name);
        let text = fs::read_to_string(&path).unwrap_or_default();
        fs::write(&path, text + "# changed\n").unwrap();
        index.add_path(Path::new(name)).unwrap();
    }
    index.write().unwrap();
}

/// Creates a folder with a deployment for each of many services, no two of them equal.
fn create_pairs(root: &Path) {
    let (config, rules) = (fs::read_to_string(CONFIG).unwrap(), fs::read_to_string(RULES).unwrap());
    for index in 0..PAIRS {
        let folder = root.join(format!("team{}/service{index}", index % 20));
        fs::create_dir_all(&folder).unwrap();
        let limit = format!("SpanLimit: {}", 20_000 + index);
        fs::write(folder.join("config.yaml"), config.replace("SpanLimit: 20000", &limit)).unwrap();
        fs::write(folder.join("rules.yaml"), &rules).unwrap();
    }
}

/// Creates a repository with a large index and nothing else.
fn create_index(root: &Path) {
    let repository = git2::Repository::init(root).unwrap();
    let id = repository.blob(b"apiVersion: v1\n").unwrap();
    let mut index = repository.index().unwrap();
    let zero = git2::IndexTime::new(0, 0);
    for number in 0..INDEX_FILES {
        let path = format!("team{}/service{}/file{number}.yaml", number % 100, number / 2000);
        index
            .add(&git2::IndexEntry {
                ctime: zero,
                mtime: zero,
                dev: 0,
                ino: 0,
                mode: 0o100_644,
                uid: 0,
                gid: 0,
                file_size: 15,
                id,
                flags: 0,
                flags_extended: 0,
                path: path.into_bytes(),
            })
            .unwrap();
    }
    let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
    let who = git2::Signature::now("Ada Lovelace", "ada@example.com").unwrap();
    repository.commit(Some("HEAD"), &who, &who, "Begin", &tree, &[]).unwrap();
    index.write().unwrap();
}

/// Traces of ten spans with five fields each, one per line.
fn plain_traces() -> String {
    let span = |trace: usize, number: usize| {
        let status = if (trace + number).is_multiple_of(97) { 503 } else { 200 };
        format!(
            r#"{{"root":{},"fields":{{"service.name":"cart","http.route":"/api/v1/cart","http.method":"POST","http.status_code":{status},"duration_ms":{}.5}}}}"#,
            number == 0,
            trace % 1000
        )
    };
    let trace = |trace: usize| {
        let spans: Vec<String> = (0..SPANS).map(|number| span(trace, number)).collect();
        format!("{{\"id\":\"{trace:032x}\",\"spans\":[{}]}}\n", spans.join(","))
    };
    (0..TRACES).map(trace).collect()
}

/// The same traces as OTLP exports, one per line.
fn exports() -> String {
    let attribute = |key: &str, value: &str| format!(r#"{{"key":"{key}","value":{value}}}"#);
    let span = |trace: usize, number: usize| {
        let parent = if number == 0 { String::new() } else { format!("{trace:016x}") };
        let attributes = [
            attribute("http.route", r#"{"stringValue":"/api/v1/cart"}"#),
            attribute("http.method", r#"{"stringValue":"POST"}"#),
            attribute("http.status_code", r#"{"intValue":"200"}"#),
        ];
        format!(
            r#"{{"traceId":"{trace:032x}","spanId":"{:016x}","parentSpanId":"{parent}","name":"op","kind":2,"startTimeUnixNano":"1700000000000000000","endTimeUnixNano":"1700000000100000000","attributes":[{}]}}"#,
            trace + number,
            attributes.join(",")
        )
    };
    let resource = attribute("service.name", r#"{"stringValue":"cart"}"#);
    let export = |trace: usize| {
        let spans: Vec<String> = (0..SPANS).map(|number| span(trace, number)).collect();
        format!(
            "{{\"resourceSpans\":[{{\"resource\":{{\"attributes\":[{resource}]}},\"scopeSpans\":[{{\"spans\":[{}]}}]}}]}}\n",
            spans.join(",")
        )
    };
    // All exports together may have 64 MiB.
    (0..TRACES / 2).map(export).collect()
}

/// A field of a protobuf message that has bytes: a string or a message.
fn bytes_field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut field = vec![number << 3 | 2];
    let mut size = bytes.len();
    while size >= 128 {
        field.push(u8::try_from(size % 128).unwrap() | 128);
        size /= 128;
    }
    field.push(u8::try_from(size).unwrap());
    [field, bytes.to_vec()].concat()
}

/// The same traces as OTLP messages, each after its size.
fn messages() -> Vec<u8> {
    let attribute =
        |key: &str, value: &[u8]| [bytes_field(1, key.as_bytes()), bytes_field(2, value)].concat();
    let text = |key: &str, text: &str| attribute(key, &bytes_field(1, text.as_bytes()));
    let time = |number: u8, nanoseconds: u64| {
        [&[number << 3 | 1][..], &nanoseconds.to_le_bytes()].concat()
    };
    let span = |trace: usize, number: usize| {
        let (trace, id) = (trace as u64, (trace + number) as u64);
        let parent = if number == 0 { Vec::new() } else { bytes_field(4, &trace.to_be_bytes()) };
        let fields = [
            bytes_field(1, &u128::from(trace).to_be_bytes()),
            bytes_field(2, &id.to_be_bytes()),
            parent,
            bytes_field(5, b"op"),
            vec![6 << 3, 2],
            time(7, 1_700_000_000_000_000_000),
            time(8, 1_700_000_000_100_000_000),
            bytes_field(9, &text("http.route", "/api/v1/cart")),
            bytes_field(9, &text("http.method", "POST")),
            bytes_field(9, &attribute("http.status_code", &[3 << 3, 200, 1])),
        ];
        bytes_field(2, &fields.concat())
    };
    let resource = bytes_field(1, &bytes_field(1, &text("service.name", "cart")));
    let message = |trace: usize| {
        let spans: Vec<u8> = (0..SPANS).flat_map(|number| span(trace, number)).collect();
        let export = bytes_field(1, &[resource.clone(), bytes_field(2, &spans)].concat());
        [u32::try_from(export.len()).unwrap().to_be_bytes().to_vec(), export].concat()
    };
    (0..TRACES / 2).flat_map(message).collect()
}

fn trace_cases(folder: &Path) -> Vec<Case> {
    const TARGET: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/rules.yaml");
    let plain = format!("trace, {TRACES} plain traces");
    let otlp = format!("trace, {} OTLP exports", TRACES / 2);
    let protobuf = format!("trace, {} OTLP messages", TRACES / 2);
    [
        (plain, "plain.jsonl", plain_traces().into_bytes()),
        (otlp, "otlp.jsonl", exports().into_bytes()),
        (protobuf, "otlp.binpb", messages()),
    ]
    .into_iter()
    .map(|(name, file, bytes)| {
        let path = folder.join(file);
        fs::write(&path, bytes).unwrap();
        let path = path.to_str().unwrap();
        let output = ["--target", "prod", "--output-format", "json"];
        let command = [&[PROGRAM, "trace", path, "-r", TARGET][..], &output].concat();
        Case::new(name, 5, &command)
    })
    .collect()
}

/// The hook in repositories with different staged files.
fn hook_cases(folder: &Path) -> Vec<Case> {
    [
        ("hook, nothing staged", "none", &[][..]),
        ("hook, other files staged", "other", &["readme.txt", "team0/service0/manifest40.yaml"]),
        (
            "hook, one deployment staged",
            "one",
            &["team0/service0/config.yaml", "team0/service0/rules.yaml"],
        ),
    ]
    .into_iter()
    .map(|(name, repository, staged)| {
        let root = folder.join(repository);
        create_repository(&root, staged);
        Case::new(name, 20, &[PROGRAM, "hook", "run"]).within(&root)
    })
    .collect()
}

/// Files that are expensive to check, by name.
fn hostile() -> Vec<(&'static str, &'static str, String)> {
    let mut bomb = "a0: &a0 [x, x]\n".to_owned();
    for level in 1..60 {
        let last = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(bomb, "a{level}: &a{level} [{last}]").unwrap();
    }
    let many =
        |count: usize, line: &dyn Fn(usize) -> String| (0..count).map(line).collect::<String>();
    let samplers = "RulesVersion: 2\nSamplers:\n";
    let rules = |list: &str| {
        format!("{samplers}  __default__:\n    RulesBasedSampler:\n      Rules:\n{list}")
    };
    let rule = |number: usize, field: &str, operator: &str, value: &str| {
        format!(
            "        - Name: r{number}\n          SampleRate: {}\n          Conditions:\n            - Field: {field}\n              Operator: {operator}\n              Value: {value}\n",
            number + 2
        )
    };
    let pattern = |text: &str| rules(&rule(0, "f", "matches", &format!("'{text}'")));
    let words =
        |n: usize| (0..50).map(|w| format!("v{}, ", (7 * n + w) % 1000)).collect::<String>();
    let target = |n: usize| format!("  t{n}:\n    DeterministicSampler:\n      SampleRate: 1\n");
    let table = |n: usize| format!("[Samplers.t{n}.DeterministicSampler]\nSampleRate = 1\n");
    vec![
        (
            "40,000 empty targets",
            "yaml",
            samplers.to_owned() + &many(40_000, &|n| format!("  t{n}:\n")),
        ),
        ("15,000 targets", "yaml", samplers.to_owned() + &many(15_000, &target)),
        ("7,000 rules", "yaml", rules(&many(7000, &|n| rule(n, &format!("f{n}"), "=", "v")))),
        (
            "7,000 patterns",
            "yaml",
            rules(&many(7000, &|n| rule(n, "f", "matches", &format!("^a{n}b+c")))),
        ),
        ("20,000 classes in a pattern", "yaml", pattern(&r"\pL".repeat(20_000))),
        ("120,000 alternatives", "yaml", pattern(&many(120_000, &|n| format!("a{n}|")))),
        ("60,000 nested repetitions", "yaml", pattern(&"(a{1,9}){1,9}".repeat(60_000))),
        ("18,000 tables", "toml", format!("RulesVersion = 2\n{}", many(18_000, &table))),
        (
            "100,000 suppressions",
            "yaml",
            format!(
                "General: {{}}\n{}",
                "# preflight: ignore[rules/unreachable] because\n".repeat(100_000)
            ),
        ),
        ("100,000 levels", "yaml", format!("General: {}", "[".repeat(100_000))),
        ("alias bomb", "yaml", bomb),
        ("one line of 5 MB", "yaml", format!("General: {{A: {}}}\n", "x".repeat(5_000_000))),
        ("one key 150,000 times", "yaml", format!("General:\n{}", "  A: 1\n".repeat(150_000))),
        ("1,000,000 keys", "yaml", many(1_000_000, &|n| format!("k{n}: 1\n"))),
        (
            "50,000 variables",
            "yaml",
            format!("General:\n{}", many(50_000, &|n| format!("  k{n}: ${{A{n}}}\n"))),
        ),
        (
            "1,500 lists of words",
            "yaml",
            rules(&many(1500, &|n| rule(n, "f", "in", &format!("[{}]", words(n))))),
        ),
        ("20 errors in 1,500 rules", "yaml", rules(&many(1500, &|n| rule(n, "f", "!=", "v")))),
        ("30,000 documents", "yaml", "---\napiVersion: v1\nkind: Service\n".repeat(30_000)),
    ]
}

/// The same, with files that describe deployments.
fn hostile_deployments() -> Vec<(&'static str, &'static str, String)> {
    let many =
        |count: usize, line: &dyn Fn(usize) -> String| (0..count).map(line).collect::<String>();
    let config = "General:\n      ConfigurationVersion: 2\n";
    let config_map = |number: usize| {
        format!(
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{number}}}\ndata:\n  config.yaml: |\n    {config}"
        )
    };
    let release = |n: usize| {
        format!(
            "---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: r{n}}}\nspec:\n  chart: {{spec: {{chart: refinery}}}}\n  valuesFrom: [{{kind: ConfigMap, name: v{n}}}]\n"
        )
    };
    let command = |n: usize| format!("refinery -c a{n}.yaml -r b{n}.yaml\n");
    let entry = |n: usize| format!("  rules{n}.yaml: |\n    RulesVersion: 2\n");
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: refinery}\ndata:\n";
    let service = |n: usize| format!("  refinery{n}:\n    image: honeycombio/refinery:3.2.2\n");
    vec![
        ("5,000 Flux releases", "yaml", many(5000, &release)),
        ("30,000 commands", "sh", many(30_000, &command)),
        ("20,000 entries of a ConfigMap", "yaml", map.to_owned() + &many(20_000, &entry)),
        ("9,000 ConfigMaps", "yaml", many(9000, &config_map)),
        ("16,000 compose services", "yaml", format!("services:\n{}", many(16_000, &service))),
    ]
}

fn cases(folder: &Path) -> Vec<Case> {
    let tree = folder.join("tree");
    create_tree(&tree);
    let mut cases = vec![
        Case::new("cat", 40, &["cat", CONFIG, RULES]),
        Case::new("check", 40, &[PROGRAM, "check", "-c", CONFIG, "-r", RULES]),
        Case::new(
            "check --refinery all",
            10,
            &[PROGRAM, "check", "-c", CONFIG, "-r", RULES, "--refinery", "all"],
        ),
        Case::new("--version", 40, &[PROGRAM, "--version"]),
        Case::new("effective", 20, &[PROGRAM, "effective", "-c", CONFIG, "-r", RULES]),
        Case::new("a tree of 10,000 files", 5, &[PROGRAM, "check", tree.to_str().unwrap()]),
    ];
    cases.extend(std::env::var("REFINERY").map(|refinery| {
        Case::new("Refinery's own validation", 20, &[&refinery, "-V", "-c", CONFIG, "-r", RULES])
    }));
    let pairs = folder.join("pairs");
    create_pairs(&pairs);
    cases.push(Case::new("1,000 pairs", 5, &[PROGRAM, "check", pairs.to_str().unwrap()]));
    cases.extend(hook_cases(folder));
    let index = folder.join("index");
    create_index(&index);
    for (name, command) in [
        ("git diff, index of 200,000", &["git", "diff", "--cached", "--quiet"][..]),
        ("hook, index of 200,000", &[PROGRAM, "hook", "run"]),
    ] {
        cases.push(Case::new(name, 10, command).within(&index));
    }
    let changed = folder.join("none");
    for (name, command) in [
        ("git status", &["git", "status", "--short"][..]),
        ("check --since HEAD", &[PROGRAM, "check", "--since", "HEAD"]),
    ] {
        cases.push(Case::new(name, 10, command).within(&changed));
    }
    cases.extend(trace_cases(folder));
    let huge = folder.join("huge.yaml");
    File::create(&huge).unwrap().set_len(100_000_000).unwrap();
    cases.push(Case::new("100 MB", 3, &[PROGRAM, "check", "-c", huge.to_str().unwrap()]));
    for (name, extension, text) in hostile().into_iter().chain(hostile_deployments()) {
        let path = folder.join(format!("{name}.{extension}"));
        fs::write(&path, text).unwrap();
        cases.push(Case::new(name, 3, &[PROGRAM, "check", path.to_str().unwrap()]));
    }
    cases
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let mut cases = cases(folder.path());
    let chosen: Vec<String> =
        std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let is_chosen =
        |name: &str| chosen.is_empty() || chosen.iter().any(|word| name.contains(word.as_str()));
    cases.retain(|case| case.name == "cat" || is_chosen(&case.name));
    for round in 0..40 {
        cases.iter_mut().filter(|case| round < case.rounds).for_each(Case::run);
    }
    println!("{:<34} {:>9} {:>9} {:>7} {:>7}", "", "wall ms", "cpu ms", "× cat", "MiB");
    for case in &cases {
        println!("{}", case.line(&cases[0]));
    }
    let size = File::open(PROGRAM).unwrap().metadata().unwrap().len() >> 10;
    println!("program size: {size} KiB");
}
