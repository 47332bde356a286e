//! The laws of the house, held on the sources themselves.
//!
//! Plain text is read, comments and unit tests left out. What the compiler and clippy hold already
//! (unsafe code, long functions, `unwrap`) is not repeated here.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test may stop where it fails")]

use refinery_preflight::diagnostic::checks;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use walkdir::WalkDir;

/// Each room, and the rooms that it may use. A new room needs a line here, and so a thought.
const ARROWS: &[(&str, &[&str])] = &[
    ("span", &[]),
    ("diagnostic", &["span"]),
    ("value", &[]),
    ("machine", &["span", "value"]),
    ("release", &["span", "diagnostic"]),
    ("verdict", &["span", "diagnostic", "machine", "release"]),
    ("engine", &["value"]),
    ("proof", &["engine"]),
    ("traces", &["engine"]),
    ("syntax", &["span", "diagnostic", "value"]),
    ("schema", &["span", "diagnostic", "value", "release", "syntax"]),
    ("learn", &["span", "diagnostic", "release", "syntax", "schema"]),
    ("vfs", &["span", "diagnostic", "syntax"]),
    ("git", &["vfs"]),
    ("settings", &["span", "diagnostic", "value", "machine", "release", "schema", "vfs", "git"]),
    ("sniff", &["span", "diagnostic", "syntax", "schema", "vfs"]),
    (
        "deploy",
        &[
            "span",
            "diagnostic",
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
            "span",
            "diagnostic",
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
    (
        "pipeline",
        &[
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
        ],
    ),
    ("policy", &["span", "diagnostic", "verdict", "settings"]),
    ("fix", &["span", "diagnostic", "schema"]),
    (
        "report",
        &[
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
            "history",
        ],
    ),
    (
        "cli",
        &[
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
            "deploy",
            "discover",
            "config",
            "rehearse",
            "pipeline",
            "policy",
            "fix",
            "history",
            "report",
        ],
    ),
];

/// What check ids may begin with.
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
    "intake",
    "internal",
];

const LONGEST_FILE: usize = 600;

/// One source file.
struct Module {
    /// From `src` or `tests` on, with `/`.
    path: String,
    text: String,
}

impl Module {
    /// `syntax` for `src/syntax/…` and for `src/syntax.rs`.
    fn room(&self) -> &str {
        let inner = self.path.strip_prefix("src/").unwrap_or(&self.path);
        inner.split(['/', '.']).next().unwrap_or_default()
    }

    /// Lines of code with their numbers, without comments and unit tests.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().map(|(index, line)| (index + 1, line));
        lines
            .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// How many `super::` lead from this module to the crate's root.
    fn depth(&self) -> usize {
        let folders = self.path.matches('/').count();
        if self.path.ends_with("/mod.rs") { folders - 1 } else { folders }
    }

    /// Places where a line of code holds one of these words.
    fn lines_with(&self, words: &[&str]) -> Vec<String> {
        let holds = |line: &str| words.iter().any(|word| has_word(line, word));
        let lines = self.code().filter(|(_, line)| holds(line));
        lines.map(|(number, line)| format!("{}:{number}: {}", self.path, line.trim())).collect()
    }
}

/// `word` stands in `line`, and is not the end of a longer one.
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

/// The modules that are no room: the corridor and the door.
fn is_corridor(module: &Module) -> bool {
    ["lib", "main"].contains(&module.room())
}

fn assert_none(law: &str, offenders: &[String]) {
    assert!(offenders.is_empty(), "{law}:\n{}", offenders.join("\n"));
}

/// The rooms that a line of code names from the crate's root.
fn rooms_named(line: &str) -> impl Iterator<Item = &str> {
    line.split("crate::").skip(1).map(|rest| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        match &rest[..end] {
            // The macro that declares checks belongs to the words for findings.
            "check" => "diagnostic",
            // The macro that reads packed data belongs to the releases.
            "packed" => "release",
            room => room,
        }
    })
}

#[test]
fn arrows_point_one_way() {
    let mut offenders = Vec::new();
    for module in modules("src").iter().filter(|module| !is_corridor(module)) {
        let room = module.room();
        let arrows = ARROWS.iter().find(|(name, _)| *name == room);
        let (_, allowed) = arrows.unwrap_or_else(|| panic!("the room `{room}` has no arrows yet"));
        for (number, line) in module.code() {
            for used in rooms_named(line).filter(|used| *used != room && !allowed.contains(used)) {
                offenders.push(format!("{}:{number}: uses {used}", module.path));
            }
        }
    }
    assert_none("a room uses one that it must not", &offenders);
}

#[test]
fn arrows_form_no_circle() {
    let mut earlier = BTreeSet::new();
    for (room, uses) in ARROWS {
        let later: Vec<_> = uses.iter().filter(|used| !earlier.contains(*used)).collect();
        assert!(later.is_empty(), "`{room}` uses {later:?}, which come after it");
        earlier.insert(room);
    }
}

#[test]
fn no_module_climbs_out_of_its_room() {
    let climbs = |module: &Module| module.lines_with(&[&"super::".repeat(module.depth())]);
    let offenders: Vec<_> =
        modules("src").iter().filter(|m| !is_corridor(m)).flat_map(climbs).collect();
    assert_none("other rooms are named from the root, with `crate::`", &offenders);
}

#[test]
fn few_rooms_touch_the_machine() {
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
        ["vfs", "git"].contains(&module.room())
            || module.path.starts_with("src/rehearse/host/")
            || ["src/main.rs", "src/cli/console.rs", "src/cli/guard.rs"]
                .contains(&module.path.as_str())
    };
    // An exit status is a word, not a process.
    let is_word = |line: &String| line.ends_with("use std::process::ExitCode;");
    let modules = modules("src");
    let others = modules.iter().filter(|module| !may(module));
    let touches = |module: &Module| module.lines_with(&MACHINE);
    let offenders: Vec<_> = others.flat_map(touches).filter(|line| !is_word(line)).collect();
    assert_none(
        "only `vfs`, `git` and the doubles touch files, variables or the network",
        &offenders,
    );
}

/// By default nothing is bound, resolved or dialled: two files could, and a network is made where a
/// live host is, which `--live` alone asks for.
#[test]
fn the_network_is_behind_one_door() {
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
    let may = |module: &&Module| ["cli", "main"].contains(&module.room());
    let modules = modules("src");
    let offenders: Vec<_> =
        modules.iter().filter(|m| !may(m)).flat_map(|m| m.lines_with(&STREAMS)).collect();
    assert_none("rooms hand texts over", &offenders);
}

#[test]
fn releases_are_compared_in_few_rooms() {
    let compares = |line: &str| {
        let spaced = ["release <", "release >", "release.release <", "Release::new("];
        spaced.iter().any(|sign| line.contains(sign))
    };
    let mut offenders = Vec::new();
    for module in modules("src").iter().filter(|m| !["schema", "release"].contains(&m.room())) {
        let lines = module.code().filter(|(_, line)| compares(line));
        offenders.extend(lines.map(|(number, line)| format!("{}:{number}: {line}", module.path)));
    }
    assert_none("what changed between releases is data of `release` and `schema`", &offenders);
}

#[test]
fn every_module_says_what_it_holds() {
    let silent = |module: &Module| !module.text.starts_with("//! ");
    let all = everything();
    let offenders: Vec<_> = all.iter().filter(|m| silent(m)).map(|m| m.path.clone()).collect();
    assert_none("a module opens with `//!`", &offenders);
}

#[test]
fn no_file_is_long() {
    let all = everything();
    let offenders: Vec<_> = all
        .iter()
        .map(|module| (module.text.lines().count(), &module.path))
        .filter(|(lines, _)| *lines > LONGEST_FILE)
        .map(|(lines, path)| format!("{path}: {lines} lines"))
        .collect();
    assert_none("a file is at most 600 lines", &offenders);
}

#[test]
fn check_ids_are_unique_and_in_known_groups() {
    let checks = checks();
    assert!(checks.len() > 20, "only {} checks", checks.len());
    let ids: BTreeSet<&str> = checks.iter().map(|check| check.id).collect();
    assert_eq!(ids.len(), checks.len(), "an id is used twice");
    let is_word = |word: &str| {
        !word.is_empty() && word.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-'))
    };
    let is_good = |id: &&&str| {
        id.split_once('/').is_some_and(|(group, name)| GROUPS.contains(&group) && is_word(name))
    };
    let offenders: Vec<_> =
        ids.iter().filter(|id| !is_good(id)).map(|id| (*id).to_owned()).collect();
    assert_none("an id is `group/name`", &offenders);
}

#[test]
fn every_check_says_what_and_why() {
    for check in checks() {
        for text in [check.summary, check.why] {
            assert!(text.len() >= 10, "{}: {text:?}", check.id);
        }
        assert!(!check.summary.ends_with('.'), "{}: {:?}", check.id, check.summary);
    }
}

#[test]
fn the_laws_can_be_broken() {
    let module = |path: &str, text: &str| Module { path: path.to_owned(), text: text.to_owned() };
    let bad =
        module("src/value/x.rs", "use crate::syntax::Item;\n// fs::read\nlet a = fs::read;\n");
    assert_eq!(bad.room(), "value");
    assert_eq!(rooms_named(bad.code().next().unwrap().1).collect::<Vec<_>>(), ["syntax"]);
    assert_eq!(bad.lines_with(&["fs::"]), ["src/value/x.rs:3: let a = fs::read;"]);
    assert_eq!(module("src/a/mod.rs", "").depth(), 1);
    assert_eq!(module("src/a/b/c.rs", "").depth(), 3);
    assert!(!has_word("hiddenfs::x", "fs::"));
}
