//! Compares README and the pages under `docs/` with the program.
//!
//! Runs the console sessions and compares their output, compares the table of checks with the registered
//! checks, and follows links. `RECORD=1` updates outputs and table; review the diff.

use refinery_preflight::internals::diagnostic::checks;
use refinery_preflight::internals::release::quirks::{QUIRKS, QuirkFacts};
use refinery_preflight::internals::release::{Evidence, Release, known, releases};
use refinery_preflight::internals::settings::ProjectSettings;
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const PROGRAM: &str = env!("CARGO_BIN_EXE_refinery-preflight");
const CONSOLE: &str = "```console\n";
const FENCE: &str = "```\n";
const QUIRKS_TABLE: [&str; 2] = ["<!-- quirks -->\n", "<!-- /quirks -->\n"];
const CASES_TABLE: [&str; 2] = ["<!-- cases -->\n", "<!-- /cases -->\n"];
const RECORDINGS_TABLE: [&str; 2] = ["<!-- recordings -->\n", "<!-- /recordings -->\n"];
const PAGES: [&str; 2] = ["<!-- pages -->\n", "<!-- /pages -->\n"];
const TABLE: [&str; 2] = ["<!-- checks -->\n", "<!-- /checks -->\n"];

fn readme() -> String {
    fs::read_to_string(Path::new(ROOT).join("README.md")).expect("README.md")
}

/// README and all pages with their paths, sorted.
fn pages() -> Vec<(String, String)> {
    let docs = fs::read_dir(Path::new(ROOT).join("docs")).expect("docs");
    let docs = docs.map(|entry| entry.expect("an entry").file_name().into_string().unwrap());
    let mut paths: Vec<String> = docs.map(|name| format!("docs/{name}")).collect();
    paths.push("README.md".to_owned());
    paths.sort();
    paths.into_iter().map(read).collect()
}

/// What is written for contributors, and beside the files that it is about.
fn pages_elsewhere() -> Vec<(String, String)> {
    let paths = ["CONTRIBUTING.md", "SECURITY.md", "examples/README.md", "schemas/README.md"];
    paths.into_iter().map(str::to_owned).map(read).collect()
}

fn read(path: String) -> (String, String) {
    let text = fs::read_to_string(Path::new(ROOT).join(&path)).expect("a page");
    (path, text)
}

/// A page with current outputs and tables.
fn update(page: &str) -> String {
    let page = with_table(page, TABLE, check_table);
    let page = with_table(&page, PAGES, check_pages);
    let page = with_table(&page, QUIRKS_TABLE, quirk_table);
    let page = with_table(&page, RECORDINGS_TABLE, recordings_table);
    with_outputs(&with_table(&page, CASES_TABLE, cases_table))
}

fn with_table(page: &str, [start, end]: [&str; 2], table: fn() -> String) -> String {
    let Some((before, rest)) = page.split_once(start) else { return page.to_owned() };
    let (_, after) = rest.split_once(end).expect("the table ends");
    format!("{before}{start}{}{end}{after}", table())
}

fn quirk_table() -> String {
    let mut table = "| since | until | | evidence |\n|---|---|---|---|\n".to_owned();
    for QuirkFacts { since, until, why, evidence, .. } in QUIRKS {
        let until = until.map_or("–".to_owned(), |release| release.to_string());
        let evidence = match *evidence {
            "source" => "source".to_owned(),
            path => format!("`{path}`"),
        };
        writeln!(table, "| {since} | {until} | {why} | {evidence} |").expect("memory");
    }
    table
}

/// How many outcomes were recorded of each release.
fn recordings_table() -> String {
    const COLUMNS: [&str; 4] = ["loading", "start-up", "live reload", "first traces"];
    let [boots, loading] = ["boots", "loading"].map(recordings);
    let mut table = format!("| release | {} |\n|---|---|---|---|---|\n", COLUMNS.join(" | "));
    for release in releases().into_iter().filter(|release| is_proved(*release)) {
        let name = release.to_string();
        let is_end = |answer: &Json| answer["from"] == name || answer["to"] == name;
        let answers = loading.iter().flat_map(|case| case["answers"].as_array().expect("answers"));
        let mut counts = vec![answers.filter(|answer| is_end(answer)).count()];
        counts.extend(["starts", "reloads", "traces"].map(|kind| {
            let outcomes = boots.iter().filter_map(|case| case[kind].as_object());
            let releases = outcomes.flat_map(|all| all.values().filter_map(Json::as_array));
            releases.flatten().filter(|release| **release == name).count()
        }));
        let counts: Vec<String> = counts.into_iter().map(or_none).collect();
        writeln!(table, "| {release} | {} |", counts.join(" | ")).expect("memory");
    }
    table
}

/// How many cases are in each folder of recordings.
fn cases_table() -> String {
    let mut table = "| folder | cases |\n|---|---|\n".to_owned();
    let folders = fs::read_dir(Path::new(ROOT).join("fixtures")).expect("fixtures");
    let folders = folders.map(|folder| folder.expect("a folder").file_name());
    let mut names: Vec<String> =
        folders.map(|name| name.into_string().expect("a plain name")).collect();
    names.sort();
    for name in names.iter().filter(|name| Path::new(ROOT).join("fixtures").join(name).is_dir()) {
        let cases = recordings(name).len();
        if cases > 0 {
            writeln!(table, "| `fixtures/{name}` | {cases} |").expect("memory");
        }
    }
    table
}

fn or_none(count: usize) -> String {
    if count == 0 { "–".to_owned() } else { count.to_string() }
}

fn is_proved(release: Release) -> bool {
    known(release).is_some_and(|known| known.evidence == Evidence::Proved)
}

/// The recorded cases of all files in a folder of `fixtures/`.
fn recordings(folder: &str) -> Vec<Json> {
    let files = fs::read_dir(Path::new(ROOT).join("fixtures").join(folder)).expect(folder);
    let files = files.map(|file| file.expect("a file").path());
    let files = files.filter(|path| path.extension().is_some_and(|end| end == "jsonl"));
    let texts: Vec<String> =
        files.map(|path| fs::read_to_string(path).expect("recordings")).collect();
    let lines = texts.iter().flat_map(|text| text.lines());
    lines.map(|line| serde_json::from_str(line).expect("a case")).collect()
}

fn check_table() -> String {
    let mut table = "| check | severity | what it finds |\n|---|---|---|\n".to_owned();
    for check in checks() {
        let (id, word, summary) = (check.id, check.severity.word(), check.summary);
        let summary = summary.replace('|', "\\|");
        writeln!(table, "| [`{id}`](#{}) | {word} | {summary} |", anchor(id)).expect("memory");
    }
    table
}

/// What `explain` prints, which reports link to.
fn check_pages() -> String {
    let mut pages = String::new();
    for check in checks() {
        let (word, summary) = (check.severity.word(), check.summary);
        let first = summary.chars().next().expect("a summary").to_uppercase().to_string();
        let end = if summary.ends_with('?') { "" } else { "." };
        let summary = first + summary.get(1..).unwrap_or_default() + end;
        write!(pages, "\n### {}\n\n*{word}*: {summary}\n\n{}\n", check.id, check.why)
            .expect("memory");
        if let Some(page) = &check.page {
            let (before, after) = (page.before, page.after());
            write!(
                pages,
                "\n{}\n\n```yaml\n{}\n```\n\nFixed:\n\n```yaml\n{}\n```\n",
                page.fix,
                before.trim_end(),
                after.trim_end()
            )
            .expect("memory");
        }
    }
    pages
}

#[test]
fn every_check_has_the_heading_that_its_url_names() {
    let headings: Vec<String> =
        check_pages().lines().filter_map(|line| line.strip_prefix("### ")).map(anchor).collect();
    for check in checks() {
        let url = check.url();
        let (page, place) = url.split_once('#').expect("an anchor");
        assert!(page.ends_with(concat!("/blob/v", env!("CARGO_PKG_VERSION"), "/docs/checks.md")));
        assert!(headings.iter().any(|heading| heading == place), "{url}");
    }
}

fn with_outputs(text: &str) -> String {
    // Sessions write to this folder, which does not exist if CARGO_TARGET_DIR is set.
    fs::create_dir_all(Path::new(ROOT).join("target")).expect("a folder");
    let mut blocks = text.split(CONSOLE);
    let mut result = blocks.next().expect("a beginning").to_owned();
    for block in blocks {
        let (session, after) = block.split_once(FENCE).expect("the block ends");
        let _ = write!(result, "{CONSOLE}{}{FENCE}{after}", replay(session));
    }
    result
}

/// Runs the commands of a session; each is followed by its output.
fn replay(session: &str) -> String {
    let commands = session.lines().filter_map(|line| line.strip_prefix("$ "));
    commands.map(|command| format!("$ {command}\n{}", run(command))).collect()
}

/// The output on both streams of a shell command, with the program on the path.
fn run(command: &str) -> String {
    let folder = Path::new(PROGRAM).parent().expect("a folder");
    let output = Command::new("sh")
        .args(["-c", &format!("exec 2>&1\n{command}")])
        .current_dir(ROOT)
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", folder.display()))
        .stdin(Stdio::null())
        .output()
        .expect("a shell");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn sessions_show_the_current_output() {
    let record = std::env::var_os("RECORD").is_some();
    assert!(pages().iter().any(|(_, text)| text.contains(TABLE[0])), "no page lists the checks");
    for (path, text) in pages() {
        let expected = update(&text);
        if record {
            fs::write(Path::new(ROOT).join(&path), &expected).expect("a page can be written");
            continue;
        }
        let differs = text.lines().zip(expected.lines()).position(|(a, b)| a != b);
        let line = differs.map(|index| index + 1);
        assert_eq!(text, expected, "{path} from line {line:?} on; RECORD=1 updates it");
    }
}

/// The console sessions of all pages.
fn sessions() -> Vec<String> {
    let of_page = |(_, text): (String, String)| -> Vec<String> {
        let blocks = text.split(CONSOLE).skip(1);
        blocks.filter_map(|block| Some(block.split_once(FENCE)?.0.to_owned())).collect()
    };
    pages().into_iter().flat_map(of_page).collect()
}

#[test]
fn every_session_has_a_command_and_output() {
    let sessions = sessions();
    assert!(sessions.len() >= 8, "only {} sessions", sessions.len());
    for session in sessions {
        let lines: Vec<&str> = session.lines().collect();
        assert!(lines.first().is_some_and(|line| line.starts_with("$ ")), "{session}");
        assert!(lines.last().is_some_and(|line| !line.starts_with("$ ")), "{session}");
    }
}

#[test]
fn readme_is_short() {
    assert!(readme().lines().count() <= 200, "{} lines", readme().lines().count());
}

#[test]
fn the_first_command_shows_the_fault() {
    let text = readme();
    let mut commands = text.lines().filter_map(|line| line.strip_prefix("cargo run "));
    let arguments = commands.next().and_then(|line| line.split_once(" -- ")).expect("cargo run").1;
    let said = run(&format!("refinery-preflight {arguments}; echo \"status $?\""));
    assert!(said.contains("error[syntax/invalid-yaml]"), "{said}");
    assert!(said.ends_with("status 1\n"), "{said}");
}

#[test]
fn settings_in_the_docs_can_be_read() {
    let text: String = pages().into_iter().map(|(_, text)| text).collect();
    let blocks = text.split("  ```toml\n").skip(1);
    let settings: Vec<&str> = blocks.filter_map(|b| Some(b.split_once("  ```\n")?.0)).collect();
    assert!(!settings.is_empty(), "a page shows settings");
    for text in settings {
        let settings = ProjectSettings::parse(text).expect("settings");
        assert!(!settings.deployments.is_empty() && !settings.exceptions.is_empty(), "{text}");
    }
}

#[test]
fn readme_has_exactly_one_test_command() {
    let text = readme();
    let commands: Vec<&str> = text.lines().filter(|line| line.starts_with("cargo test")).collect();
    assert_eq!(commands, ["cargo test --locked"]);
    let ci = fs::read_to_string(Path::new(ROOT).join(".ci/run")).expect(".ci/run");
    assert!(ci.contains("sed -n '/^cargo test/p' README.md"), ".ci/run runs README's command");
}

#[test]
fn json_reports_in_the_docs_match_the_schema() {
    let schema = fs::read_to_string(Path::new(ROOT).join("schemas/report.schema.json")).unwrap();
    let schema: Json = serde_json::from_str(&schema).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let mut shown = 0;
    for session in sessions() {
        let (command, output) = session.split_once('\n').expect("a command");
        if command.contains("check --output-format json") {
            let report: Json = serde_json::from_str(output).expect("JSON");
            let errors: Vec<_> = validator.iter_errors(&report).map(|e| e.to_string()).collect();
            assert!(errors.is_empty(), "{errors:?}");
            shown += 1;
        }
    }
    assert!(shown > 0, "a page shows a report in JSON");
}

/// The paths in code spans that name files of this repository.
fn paths(text: &str) -> Vec<&str> {
    let folders = ["fixtures/", "schemas/", "tests/", "src/", "docs/", ".ci/"];
    let is_placeholder =
        |part: &str| matches!(part.trim_end_matches(".rs"), "FORMAT" | "GROUP" | "NAME");
    let is_path = |span: &&str| {
        !span.contains(' ')
            && !span.split('/').any(is_placeholder)
            && folders.iter().any(|folder| span.starts_with(folder))
    };
    text.split('`').skip(1).step_by(2).filter(is_path).collect()
}

/// The targets of links within the repository.
fn links(text: &str) -> Vec<&str> {
    let links = text.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0));
    links.filter(|link| !link.contains("://")).collect()
}

/// The anchor of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-'));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

#[test]
fn every_path_and_link_has_a_target() {
    let mut seen = 0;
    for (page, text) in pages().into_iter().chain(pages_elsewhere()) {
        let page = Path::new(ROOT).join(page);
        for path in paths(&text) {
            assert!(Path::new(ROOT).join(path).exists(), "{}: {path}", page.display());
        }
        for link in links(&text) {
            let (file, place) = link.split_once('#').unwrap_or((link, ""));
            let target =
                if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
            assert!(target.exists(), "{}: {link}", page.display());
            if !place.is_empty() {
                let text = fs::read_to_string(target).expect("a page");
                let mut headings = text.lines().filter_map(|line| line.split_once("# "));
                let found = headings.any(|(_, heading)| anchor(heading) == place);
                assert!(found, "{}: no heading for {link}", page.display());
            }
            seen += 1;
        }
    }
    assert!(seen >= 20, "only {seen} links");
}

#[test]
fn every_fact_of_the_schemas_is_explained() {
    fn collect(node: &Json, facts: &mut BTreeSet<String>) {
        if let Some(own) = node.get("x-refinery").and_then(Json::as_object) {
            facts.extend(own.keys().cloned());
        }
        let members = node.as_object().into_iter().flat_map(serde_json::Map::values);
        members.chain(node.as_array().into_iter().flatten()).for_each(|it| collect(it, facts));
    }
    let mut facts = BTreeSet::new();
    for name in ["config", "rules"] {
        let (_, text) = read(format!("schemas/{name}.schema.json"));
        collect(&serde_json::from_str(&text).expect("JSON"), &mut facts);
    }
    let (_, page) = read("schemas/README.md".to_owned());
    let rows: String = page.lines().filter(|line| line.starts_with("| `")).collect();
    for fact in facts {
        assert!(rows.contains(&format!("`{fact}`")), "schemas/README.md does not explain `{fact}`");
    }
}
