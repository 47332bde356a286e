//! Rules about the source code: module dependencies, access to the machine, file length, check ids.
//!
//! They work on the text of the sources without comments and unit tests. What the compiler and clippy
//! check (unsafe code, long functions, `unwrap`) is not repeated here.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod imports;

use imports::Imports;
use refinery_preflight::internals::diagnostic::checks;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use walkdir::WalkDir;

/// Each top-level module and the modules that it may use, in order. A new module needs an entry.
const DEPENDENCIES: &[(&str, &[&str])] = &[
    ("source_name", &[]),
    ("span", &["source_name"]),
    ("counted", &[]),
    ("decompress", &[]),
    ("diagnostic", &["span"]),
    ("notice", &["source_name", "diagnostic"]),
    ("value", &[]),
    ("machine", &["span", "value", "diagnostic"]),
    ("release", &["span", "diagnostic"]),
    ("verdict", &["source_name", "span", "diagnostic", "machine", "release"]),
    ("engine", &["value"]),
    ("proof", &["engine"]),
    ("traces", &["decompress", "engine"]),
    ("syntax", &["counted", "span", "diagnostic", "value"]),
    ("schema", &["span", "diagnostic", "value", "release", "syntax"]),
    ("learn", &["span", "diagnostic", "release", "syntax", "schema"]),
    ("vfs", &["span", "diagnostic", "notice", "syntax"]),
    ("git", &["counted", "notice", "vfs"]),
    (
        "settings",
        &["counted", "span", "diagnostic", "value", "machine", "release", "schema", "vfs", "git"],
    ),
    ("sniff", &["span", "diagnostic", "syntax", "schema", "vfs"]),
    (
        "deploy",
        &[
            "decompress",
            "source_name",
            "span",
            "diagnostic",
            "notice",
            "value",
            "machine",
            "syntax",
            "release",
            "schema",
            "vfs",
            "git",
            "sniff",
        ],
    ),
    (
        "discover",
        &[
            "counted",
            "source_name",
            "span",
            "diagnostic",
            "notice",
            "machine",
            "syntax",
            "release",
            "schema",
            "vfs",
            "git",
            "settings",
            "sniff",
            "deploy",
        ],
    ),
    ("config", &["span", "diagnostic", "value", "syntax", "schema"]),
    ("history", &["git", "discover"]),
    (
        "rehearse",
        &[
            "counted",
            "span",
            "diagnostic",
            "verdict",
            "value",
            "machine",
            "engine",
            "syntax",
            "release",
            "schema",
            "config",
        ],
    ),
    (
        "checks",
        &[
            "span",
            "diagnostic",
            "value",
            "engine",
            "proof",
            "syntax",
            "release",
            "schema",
            "config",
            "rehearse",
        ],
    ),
    ("thin", &["value", "engine", "traces", "proof", "rehearse"]),
    (
        "rule_tests",
        &[
            "span",
            "diagnostic",
            "value",
            "engine",
            "traces",
            "proof",
            "syntax",
            "schema",
            "vfs",
            "sniff",
            "rehearse",
            "checks",
            "thin",
        ],
    ),
    (
        "pipeline",
        &[
            "decompress",
            "source_name",
            "span",
            "diagnostic",
            "verdict",
            "syntax",
            "release",
            "schema",
            "sniff",
            "deploy",
            "discover",
            "config",
            "rehearse",
            "checks",
            "rule_tests",
            "vfs",
        ],
    ),
    (
        "plan",
        &[
            "source_name",
            "verdict",
            "machine",
            "engine",
            "traces",
            "proof",
            "syntax",
            "schema",
            "settings",
            "deploy",
            "config",
            "rehearse",
            "checks",
            "thin",
            "pipeline",
        ],
    ),
    ("policy", &["source_name", "span", "diagnostic", "verdict", "settings"]),
    ("fix", &["span", "diagnostic", "schema"]),
    (
        "report",
        &[
            "counted",
            "source_name",
            "span",
            "diagnostic",
            "fix",
            "verdict",
            "machine",
            "vfs",
            "value",
            "engine",
            "traces",
            "syntax",
            "release",
            "schema",
            "config",
            "rehearse",
            "rule_tests",
            "plan",
            "settings",
            "history",
        ],
    ),
    (
        "cli",
        &[
            "counted",
            "decompress",
            "span",
            "diagnostic",
            "verdict",
            "value",
            "engine",
            "traces",
            "release",
            "schema",
            "learn",
            "vfs",
            "git",
            "settings",
            "sniff",
            "deploy",
            "discover",
            "config",
            "rehearse",
            "checks",
            "rule_tests",
            "pipeline",
            "plan",
            "thin",
            "policy",
            "fix",
            "history",
            "report",
        ],
    ),
];

/// The groups of check ids.
const GROUPS: &[&str] = &[
    "settings",
    "intake",
    "syntax",
    "release",
    "schema",
    "start",
    "reload",
    "first-trace",
    "rules",
    "peers",
    "keys",
    "capacity",
    "version",
    "config",
    "telemetry",
    "traces",
    "suppressions",
    "test",
    "intake",
    "internal",
];

const MAX_LINES: usize = 600;

/// One source file.
struct Module {
    /// The path from the root of the crate, with `/`.
    path: String,
    text: String,
}

impl Module {
    /// The top-level module: `syntax` for `src/syntax/…` and `src/syntax.rs`.
    fn top_level(&self) -> &str {
        let inner = self.path.strip_prefix("src/").unwrap_or(&self.path);
        inner.split(['/', '.']).next().unwrap_or_default()
    }

    /// The numbered lines of code, without comments and unit tests.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().map(|(index, line)| (index + 1, line));
        lines
            .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// How many `super::` lead from this module to the root of the crate.
    fn depth(&self) -> usize {
        let folders = self.path.matches('/').count();
        if self.path.ends_with("/mod.rs") { folders - 1 } else { folders }
    }

    /// The lines of code that contain one of these words, with their places.
    fn lines_with(&self, words: &[&str]) -> Vec<String> {
        let holds = |line: &str| words.iter().any(|word| has_word(line, word));
        let lines = self.code().filter(|(_, line)| holds(line));
        lines.map(|(number, line)| format!("{}:{number}: {}", self.path, line.trim())).collect()
    }
}

/// Whether `line` contains `word`, and not only as the end of a longer word.
fn has_word(line: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let begins = |at: usize| !line[..at].ends_with(is_part);
    line.match_indices(word).any(|(at, _)| begins(at))
}

fn modules(folder: &str) -> Vec<Module> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = WalkDir::new(root.join(folder)).sort_by_file_name().into_iter();
    let modules: Vec<Module> = files
        .map(|entry| entry.expect("a readable folder").into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| Module {
            path: path.strip_prefix(root).expect("below").display().to_string(),
            text: fs::read_to_string(&path).expect("a readable file"),
        })
        .collect();
    assert!(!modules.is_empty(), "{folder}");
    modules
}

fn everything() -> Vec<Module> {
    ["src", "tests"].into_iter().flat_map(modules).collect()
}

/// Whether this is `lib.rs` or `main.rs`, which may use every module.
fn is_crate_root(module: &Module) -> bool {
    ["lib", "main"].contains(&module.top_level())
}

fn assert_none(rule: &str, violations: &[String]) {
    assert!(violations.is_empty(), "{rule}:\n{}", violations.join("\n"));
}

/// The top-level modules that a line of code names with `crate::`.
fn modules_used(line: &str) -> impl Iterator<Item = &str> {
    line.split("crate::").skip(1).map(|rest| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        match &rest[..end] {
            // The macro that declares checks is part of `diagnostic`.
            "check" => "diagnostic",
            // The macro that includes packed data is part of `release`.
            "packed" => "release",
            module => module,
        }
    })
}

#[test]
fn modules_only_use_their_dependencies() {
    let mut violations = Vec::new();
    for module in modules("src").iter().filter(|module| !is_crate_root(module)) {
        let name = module.top_level();
        let entry = DEPENDENCIES.iter().find(|(other, _)| *other == name);
        let (_, allowed) = entry.unwrap_or_else(|| panic!("`{name}` is missing in DEPENDENCIES"));
        for (number, line) in module.code() {
            for used in modules_used(line).filter(|used| *used != name && !allowed.contains(used)) {
                violations.push(format!("{}:{number}: uses {used}", module.path));
            }
        }
    }
    assert_none("a module uses one that is not listed in DEPENDENCIES", &violations);
}

#[test]
fn dependencies_have_no_cycles() {
    let mut earlier = BTreeSet::new();
    for (module, uses) in DEPENDENCIES {
        let later: Vec<_> = uses.iter().filter(|used| !earlier.contains(*used)).collect();
        assert!(later.is_empty(), "`{module}` uses {later:?}, which are listed after it");
        earlier.insert(module);
    }
}

#[test]
fn files_do_not_import_each_other() {
    let modules: Vec<Module> = modules("src").into_iter().filter(|m| !is_crate_root(m)).collect();
    let imports = Imports::of(&modules);
    assert!(imports.count() > 1000, "only {} imports", imports.count());
    let cycles: Vec<String> =
        imports.cycles().into_iter().map(|group| format!("{group:?}")).collect();
    assert_none("files import each other: move what both use into a file of its own", &cycles);
}

#[test]
fn super_paths_stay_within_the_top_level_module() {
    let leaves = |module: &Module| module.lines_with(&[&"super::".repeat(module.depth())]);
    let violations: Vec<_> =
        modules("src").iter().filter(|m| !is_crate_root(m)).flat_map(leaves).collect();
    assert_none("use `crate::` to name other top-level modules", &violations);
}

#[test]
fn few_modules_access_the_machine() {
    const MACHINE: [&str; 16] = [
        "std::fs",
        "std::env",
        "std::process",
        "fs::",
        "env::",
        "File::open",
        "TcpListener",
        "TcpStream",
        "UdpSocket",
        "ToSocketAddrs",
        "WalkDir",
        "Command::new",
        "SystemTime",
        "thread::",
        "rustix::",
        "if_addrs::",
    ];
    let may = |module: &&Module| {
        ["vfs", "git"].contains(&module.top_level())
            || module.path.starts_with("src/rehearse/host/")
            // How many threads work changes no result.
            || module.path == "src/pipeline/parallel.rs"
            || ["src/main.rs", "src/cli/console.rs", "src/cli/guard.rs"]
                .contains(&module.path.as_str())
    };
    // `ExitCode` is only a number.
    let is_exit_code = |line: &String| line.ends_with("use std::process::ExitCode;");
    let modules = modules("src");
    let others = modules.iter().filter(|module| !may(module));
    let touches = |module: &Module| module.lines_with(&MACHINE);
    let violations: Vec<_> = others.flat_map(touches).filter(|line| !is_exit_code(line)).collect();
    assert_none(
        "only `vfs`, `git` and `rehearse::host` access files, variables or the network",
        &violations,
    );
}

/// Only `--live` opens ports, resolves names or connects: two files can, and only `Host::live` creates
/// a network.
#[test]
fn only_live_hosts_use_the_network() {
    let modules = modules("src");
    let files_with = |words: &[&str]| -> Vec<&str> {
        let has = |module: &&Module| !module.lines_with(words).is_empty();
        modules.iter().filter(has).map(|module| module.path.as_str()).collect()
    };
    let network = ["TcpListener", "TcpStream", "UdpSocket", "ToSocketAddrs", "to_socket_addrs"];
    assert_eq!(
        files_with(&network),
        ["src/rehearse/host/network.rs", "src/rehearse/host/redis.rs"]
    );
    assert_eq!(files_with(&["Network::default()"]), ["src/rehearse/host/mod.rs"]);
    assert_eq!(files_with(&["Host::live("]), ["src/cli/inputs.rs"]);
}

#[test]
fn only_the_command_line_prints() {
    const STREAMS: [&str; 8] =
        ["println!", "print!", "eprintln!", "eprint!", "dbg!", "stdout()", "stderr()", "stdin()"];
    let may = |module: &&Module| ["cli", "main"].contains(&module.top_level());
    let modules = modules("src");
    let violations: Vec<_> =
        modules.iter().filter(|m| !may(m)).flat_map(|m| m.lines_with(&STREAMS)).collect();
    assert_none("only `cli` and `main` print", &violations);
}

#[test]
fn few_modules_compare_releases() {
    let compares = |line: &str| {
        let spaced = ["release <", "release >", "release.release <", "Release::new("];
        spaced.iter().any(|sign| line.contains(sign))
    };
    let mut violations = Vec::new();
    for module in modules("src").iter().filter(|m| !["schema", "release"].contains(&m.top_level()))
    {
        let lines = module.code().filter(|(_, line)| compares(line));
        violations.extend(lines.map(|(number, line)| format!("{}:{number}: {line}", module.path)));
    }
    assert_none(
        "differences between releases belong to the data of `release` and `schema`",
        &violations,
    );
}

#[test]
fn every_module_has_documentation() {
    let is_undocumented = |module: &Module| !module.text.starts_with("//! ");
    let all = everything();
    let violations: Vec<_> =
        all.iter().filter(|m| is_undocumented(m)).map(|m| m.path.clone()).collect();
    assert_none("a module starts with `//!`", &violations);
}

#[test]
fn no_file_is_too_long() {
    let all = everything();
    let violations: Vec<_> = all
        .iter()
        .map(|module| (module.text.lines().count(), &module.path))
        .filter(|(lines, _)| *lines > MAX_LINES)
        .map(|(lines, path)| format!("{path}: {lines} lines"))
        .collect();
    assert_none("a file is at most 600 lines", &violations);
}

#[test]
fn check_ids_are_unique_and_in_known_groups() {
    let checks = checks();
    assert!(checks.len() > 20, "only {} checks", checks.len());
    let ids: BTreeSet<&str> = checks.iter().map(|check| check.id).collect();
    assert_eq!(ids.len(), checks.len(), "duplicate check id");
    let is_word = |word: &str| {
        !word.is_empty() && word.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-'))
    };
    let is_good = |id: &&&str| {
        id.split_once('/').is_some_and(|(group, name)| GROUPS.contains(&group) && is_word(name))
    };
    let violations: Vec<_> =
        ids.iter().filter(|id| !is_good(id)).map(|id| (*id).to_owned()).collect();
    assert_none("an id is `group/name`", &violations);
}

#[test]
fn every_check_has_a_summary_and_a_reason() {
    for check in checks() {
        for text in [check.summary, check.why] {
            assert!(text.len() >= 10, "{}: {text:?}", check.id);
        }
        assert!(!check.summary.ends_with('.'), "{}: {:?}", check.id, check.summary);
    }
}

#[test]
fn every_reason_is_a_sentence() {
    let is_sentence = |text: &str| {
        text.starts_with(|c: char| c.is_uppercase() || c == '`') && text.ends_with('.')
    };
    let violations: Vec<String> = checks()
        .iter()
        .filter(|check| !is_sentence(check.why))
        .map(|check| format!("{}: {}", check.id, check.why))
        .collect();
    assert_none("`why` consists of whole sentences", &violations);
}

#[test]
fn violations_are_detected() {
    let module = |path: &str, text: &str| Module { path: path.to_owned(), text: text.to_owned() };
    let bad =
        module("src/value/x.rs", "use crate::syntax::Item;\n// fs::read\nlet a = fs::read;\n");
    assert_eq!(bad.top_level(), "value");
    assert_eq!(modules_used(bad.code().next().unwrap().1).collect::<Vec<_>>(), ["syntax"]);
    assert_eq!(bad.lines_with(&["fs::"]), ["src/value/x.rs:3: let a = fs::read;"]);
    assert_eq!(module("src/a/mod.rs", "").depth(), 1);
    assert_eq!(module("src/a/b/c.rs", "").depth(), 3);
    assert!(!has_word("hiddenfs::x", "fs::"));
}
