//! The GitHub Action, whose steps are executed, and the release that it downloads.

#![cfg(unix)]

use crate::program::{BROKEN, CONFIG, RULES};
use crate::repository::Repository;
use crate::workflow::{Outcome, ROOT, Runner, act, at, commands, list, read, text};
use refinery_preflight::internals::release::newest;
use refinery_preflight::internals::syntax::Item;
use serde_json::Value as Json;
use std::fmt::Write;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

/// One deployment, in `deploy`.
fn deployed(config: &str) -> Repository {
    Repository::with(&[("deploy/config.yaml", config), ("deploy/rules.yaml", RULES)])
}

/// The number of the line after a text.
fn end(text: &str) -> usize {
    text.lines().count() + 1
}

/// Four outputs: blocked, errors, warnings, sarif-file.
fn outputs(outcome: &Outcome) -> [&str; 4] {
    assert_eq!(outcome.outputs.len(), 4, "{outcome:?}");
    ["blocked", "errors", "warnings", "sarif-file"].map(|name| &*outcome.outputs[name])
}

#[test]
fn files_that_do_not_start_are_blocked_without_hooks() {
    let repository = deployed(CONFIG);
    repository.run(&["hook", "install"]);
    repository.write("deploy/config.yaml", BROKEN);
    repository.git(&["commit", "--quiet", "--no-verify", "--all", "-m", "Break it"]);
    let outcome = act(&repository, &[]);
    assert_eq!(outcome.status, 1, "{}", outcome.log);
    assert_eq!(outputs(&outcome), ["true", "1", "0", ""]);
    let commands = commands(&outcome.log);
    let [command] = commands[..] else { panic!("{commands:?}") };
    let place = "::error file=deploy/config.yaml,line=3,endLine=3,col=2,";
    assert!(command.starts_with(place), "{command}");
    assert!(outcome.log.contains("blocked: 1 error"), "{}", outcome.log);
    assert!(outcome.summary.starts_with("## Refinery preflight ✘ blocked: 1 error"));
    let verdict = format!("| {} | ✘ Refinery exits |", newest());
    assert!(outcome.summary.contains(&verdict), "{}", outcome.summary);
    assert!(outcome.summary.contains("config.yaml&#58;3&#58;2</code>"), "{}", outcome.summary);
    repository.git(&["revert", "--no-edit", "HEAD"]);
    let outcome = act(&repository, &[]);
    assert_eq!(outcome.status, 0, "{}", outcome.log);
    assert_eq!(outputs(&outcome), ["false", "0", "0", ""]);
    assert_eq!(crate::workflow::commands(&outcome.log), [""; 0]);
    assert!(outcome.summary.contains("✔ passed"), "{}", outcome.summary);
}

#[test]
fn every_input_has_an_effect() {
    let repository = deployed(CONFIG);
    let two_documents = format!("{CONFIG}---\nx: 1\n");
    repository.write("warned/config.yaml", &two_documents);
    repository.write("broken/config.yaml", BROKEN);
    repository.write("broken/rules.yaml", RULES);
    repository.write("old/config.yaml", "Metrics: prometheus\n");
    let needs_v2 = "General: {ConfigurationVersion: 2}\nNetwork: {ListenAddr: \"${ADDR}\"}\n";
    repository.write("open/config.yaml", needs_v2);
    for (inputs, status) in [
        (&[("paths", "deploy\n\nwarned")][..], 0),
        (&[("paths", "deploy\nbroken\n")], 1),
        (&[("paths", "broken"), ("fail-on", "never")], 0),
        (&[("paths", "warned"), ("fail-on", "warning")], 1),
        (&[("paths", "open"), ("args", "--env\nADDR=0.0.0.0:80")], 0),
        (&[("paths", "open"), ("args", "--env\nADDR=nowhere at all")], 1),
        (&[("paths", "deploy"), ("args", "--\n--http-listen-address\nnowhere")], 1),
        (&[("paths", ""), ("args", "-c\ndeploy/config.yaml\n-r\ndeploy/rules.yaml")], 0),
        (&[("paths", ""), ("args", "-c\nbroken/config.yaml")], 1),
        (&[("working-directory", "deploy")], 0),
        (&[("working-directory", "broken")], 1),
        (&[("paths", "deploy"), ("refinery", "2.8,latest")], 0),
    ] {
        let outcome = act(&repository, inputs);
        assert_eq!(outcome.status, status, "{inputs:?}: {}", outcome.log);
        let blocked = if status == 1 { "true" } else { outputs(&outcome)[0] };
        assert_eq!(outputs(&outcome)[0], blocked, "{inputs:?}");
    }
    let warned = act(&repository, &[("paths", "warned")]);
    assert_eq!(outputs(&warned), ["false", "0", "1", ""]);
    let warning = format!("::warning file=warned/config.yaml,line={},", end(CONFIG));
    assert!(commands(&warned.log)[0].starts_with(&warning), "{}", warned.log);
    let two = act(&repository, &[("paths", "deploy"), ("refinery", "2.8,latest")]);
    assert!(two.summary.contains(&format!("v2.8.4, {}", newest())), "{}", two.summary);
}

#[test]
fn since_skips_unchanged_deployments() {
    let repository = deployed(CONFIG);
    repository.write("other/config.yaml", BROKEN);
    repository.commit_all("Break the other");
    repository.git(&["checkout", "--quiet", "-b", "change"]);
    repository.write("deploy/config.yaml", &format!("{CONFIG}# x\n"));
    repository.commit_all("Change");
    assert_eq!(act(&repository, &[]).status, 1);
    let outcome = act(&repository, &[("since", "main")]);
    assert_eq!(outcome.status, 0, "{}", outcome.log);
    assert!(!outcome.summary.contains("other/config"), "{}", outcome.summary);
    assert!(outcome.summary.contains(" | at a live reload |\n"), "{}", outcome.summary);
    let text =
        format!("{CONFIG}Traces: {{SendDelay: 9s}}\nNetwork: {{ListenAddr: \"0.0.0.0:80\"}}\n");
    repository.write("deploy/config.yaml", &text);
    let outcome = act(&repository, &[("since", "main")]);
    assert_eq!(outcome.status, 0, "{}", outcome.log);
    assert!(
        outcome
            .summary
            .contains("| first trace | changes take effect |\n|---|---|---|---|---|---|\n")
    );
    let row = " | at a live reload, 1 only at a restart |\n";
    assert!(outcome.summary.contains(row), "{}", outcome.summary);
    let notice = format!("::notice file=deploy/config.yaml,line={},", end(CONFIG) + 1);
    assert!(commands(&outcome.log)[0].starts_with(&notice), "{}", outcome.log);
    assert!(outcome.log.contains("title=reload/needs-restart::"), "{}", outcome.log);
    // New files have no base.
    repository.write("new/config.yaml", CONFIG);
    repository.write("deploy/config.yaml", BROKEN);
    let outcome = act(&repository, &[("since", "main")]);
    assert!(
        outcome.summary.contains(" old configuration | – not reached | – |\n"),
        "{}",
        outcome.summary
    );
    let new = outcome.summary.lines().find(|line| line.starts_with("| new/config.yaml")).unwrap();
    assert!(new.ends_with(" | – |"), "{new}");
}

#[test]
fn the_plan_of_a_change_is_in_the_summary() {
    let rules = |rate: u32| RULES.replace("SampleRate: 1\n", &format!("SampleRate: {rate}\n"));
    let repository = deployed(CONFIG);
    repository.write("deploy/rules.yaml", &rules(2));
    repository.write("t.jsonl", "{\"id\":\"a\",\"spans\":[{\"fields\":{}}]}\n");
    repository.commit_all("Sample");
    repository.git(&["checkout", "--quiet", "-b", "change"]);
    repository.write("deploy/rules.yaml", &rules(0x7fff_ffff));
    assert!(!act(&repository, &[]).summary.contains("Refinery plan"));
    let outcome = act(&repository, &[("since", "main")]);
    let row =
        "DeterministicSampler&#58; kept 1 in 2 by trace ID → kept 1 in 2147483647 by trace ID";
    assert!(outcome.summary.contains("## Refinery plan ✔\n"), "{}", outcome.summary);
    assert!(outcome.summary.contains(row), "{}", outcome.summary);
    assert_eq!(outcome.status, 0, "{}", outcome.log);
    for (limit, status) in [("kept>0%", 0), ("kept<1%", 1), ("kept", 2)] {
        let plan = format!("--traffic=__default__=t.jsonl\n--fail-on={limit}");
        let outcome = act(&repository, &[("since", "main"), ("plan-args", &plan)]);
        assert_eq!(outcome.status, status, "{limit}: {}", outcome.log);
        let error = "::error title=refinery-preflight::the plan is blocked";
        let is_reported = commands(&outcome.log).iter().any(|line| line.starts_with(error));
        assert_eq!(is_reported, status > 0, "{limit}: {}", outcome.log);
    }
    // What does not start is reported by `check`, which can allow it.
    repository.write("deploy/config.yaml", BROKEN);
    let outcome = act(&repository, &[("since", "main"), ("fail-on", "never")]);
    assert!(
        outcome.summary.contains("Refinery would fail with the new files"),
        "{}",
        outcome.summary
    );
    assert_eq!(outcome.status, 0, "{}", outcome.log);
    let several =
        act(&repository, &[("since", "main"), ("refinery", "3.1,3.2"), ("fail-on", "never")]);
    assert!(several.summary.contains("## Refinery plan"), "{}", several.log);
}

#[test]
fn sarif_is_written_to_the_given_file() {
    let repository = deployed(BROKEN);
    for (folder, file, name) in
        [(".", "all.sarif", "./all.sarif"), ("deploy", "of it.sarif", "deploy/of it.sarif")]
    {
        let outcome = act(&repository, &[("working-directory", folder), ("sarif-file", file)]);
        assert_eq!((outcome.status, outputs(&outcome)[3]), (1, name), "{}", outcome.log);
        let sarif: Json = serde_json::from_str(&repository.read(name)).expect("JSON");
        let result = &sarif["runs"][0]["results"][0];
        assert_eq!(result["ruleId"], "syntax/invalid-yaml");
        // Relative to the root, whatever the working directory.
        let file = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        assert_eq!(file, "deploy/config.yaml");
        let command = commands(&outcome.log)[0];
        assert!(command.starts_with("::error file=deploy/config.yaml,line=3,"), "{command}");
    }
}

/// Folder names that some tool would execute.
const EVIL: [&str; 9] = [
    "$(touch x)",
    "`touch x`",
    "c;touch x",
    "--exit-zero",
    "-",
    "*",
    "##[error]owned",
    "a\n::error::owned\nb",
    "d\nblocked=false\n",
];

/// One deployment in each, whose config contains workflow commands, too.
fn hostile_repository() -> Repository {
    let config = "General:\n  ConfigurationVersion: 2\n  \"::error::x ##[add-mask]e\": 1\n  \
                  ::set-output name=blocked::false: 1\n  \"</details><script>\": 1\n";
    let repository = deployed(CONFIG);
    for folder in EVIL {
        repository.write(&format!("{folder}/config.yaml"), config);
        repository.write(&format!("{folder}/rules.yaml"), RULES);
    }
    repository.write("e/config.yaml", "General:\n::stop-commands::x\n##[group]y\n ::error::z\n");
    repository.commit_all("Do evil");
    repository
}

#[test]
fn hostile_files_run_no_commands() {
    let repository = hostile_repository();
    let named = EVIL.into_iter().filter(|name| !name.contains('\n')).collect::<Vec<_>>().join("\n");
    for (inputs, status) in [
        (&[][..], 1),
        (&[("paths", &*named)], 1),
        (&[("args", "$(touch x)\n; touch x")], 2),
        (&[("sarif-file", "a\nblocked=false")], 2),
        (&[("since", "--exit-zero")], 2),
        (&[("refinery", "$(touch x)")], 2),
    ] {
        let outcome = act(&repository, inputs);
        assert_eq!((outcome.status, outputs(&outcome)[0]), (status, "true"), "{}", outcome.log);
        for command in commands(&outcome.log) {
            let (kind, _) = command.split_once("::").and(command.split_once(' ')).expect(command);
            assert!(["::error", "::warning", "::notice"].contains(&kind), "{command}");
            let is_placed = command.contains(" file=") && status == 1;
            assert!(is_placed || command.contains(" title=refinery-preflight::"), "{command}");
        }
        assert!(!outcome.summary.contains("<script"), "{}", outcome.summary);
        assert_eq!(repository.git(&["status", "--short"]), "", "{inputs:?} wrote a file");
    }
}

#[test]
fn input_errors_fail_with_a_clear_message() {
    let repository = deployed(CONFIG);
    for (name, value, said) in [
        ("refinery", "nine", "`nine`"),
        ("fail-on", "sometimes", "'sometimes'"),
        ("paths", "nowhere", "no such file: `nowhere`"),
        ("since", "nowhere", "unknown revision `nowhere`"),
        ("args", "--nonsense", "'--nonsense'"),
    ] {
        let outcome = act(&repository, &[(name, value)]);
        assert_eq!(outcome.status, 2, "{name}: {}", outcome.log);
        assert!(outcome.log.contains(said), "{name}: {}", outcome.log);
        assert_eq!(outputs(&outcome), ["true", "", "", ""]);
        let last = outcome.log.lines().last().unwrap();
        assert_eq!(commands(&outcome.log), [last], "{name}");
        assert!(last.starts_with("::error title=refinery-preflight::nothing could be checked"));
    }
    for version in ["latest", "v1", "v1.2.3/../x", "v1.2.3\nv1.2.3"] {
        let outcome = act(&repository, &[("version", version)]);
        assert_eq!(outcome.status, 2, "{version}: {}", outcome.log);
        assert!(outcome.log.contains("::version must be a tag"), "{}", outcome.log);
    }
    let mut runner = Runner::new(&repository);
    runner.variables.insert("PATH".to_owned(), "/usr/bin:/bin".to_owned());
    let outcome = runner.act(&read("action.yml"), &[("version", "installed")]);
    assert_eq!(outcome.status, 2, "{}", outcome.log);
    assert!(outcome.log.contains("refinery-preflight is not on PATH"), "{}", outcome.log);
}

/// The steps with these names of a workflow job.
fn steps(workflow: &str, job: &str, names: &[&str]) -> Vec<Item> {
    let workflow = read(workflow);
    let all = list(at(&workflow, &["jobs", job, "steps"])).iter();
    let is_wanted = |step: &&_| names.iter().any(|name| named(step) == *name);
    let steps: Vec<_> = all.filter(is_wanted).cloned().collect();
    assert_eq!(steps.len(), names.len(), "{names:?}");
    steps
}

fn named(step: &Item) -> String {
    step.get("name").map(text).unwrap_or_default()
}

/// Builds a release like the workflow, in `dist`.
fn release(repository: &Repository) {
    let built = repository.path().join("target/some-target/release");
    fs::create_dir_all(&built).unwrap();
    fs::copy(env!("CARGO_BIN_EXE_refinery-preflight"), built.join("refinery-preflight")).unwrap();
    let files = ["fixtures", "packaging", "LICENSE", "NOTICE", "README.md", "CHANGELOG.md"];
    for name in files {
        std::os::unix::fs::symlink(Path::new(ROOT).join(name), repository.path().join(name))
            .unwrap();
    }
    let mut runner = Runner::new(repository);
    runner.variables.insert("TARGET".to_owned(), "some-target".to_owned());
    let mut made = steps(".github/workflows/release.yml", "build", &["Name the program", "Try it"]);
    made.extend(steps(".github/workflows/release.yml", "release", &["Write the checksums"]));
    let outcome = runner.run(&made);
    assert_eq!(outcome.status, 0, "{}", outcome.log);
}

/// A runner whose `curl` finds only one release, in a folder, and whose `gh` trusts its programs.
fn downloader<'r>(repository: &'r Repository, release: &Repository) -> Runner<'r> {
    let mut runner = Runner::new(repository);
    let url =
        concat!("https://github.com/ada/preflight/releases/download/v", env!("CARGO_PKG_VERSION"));
    let dist = release.path().join("dist");
    let script = format!(
        "#!/bin/sh\nfor word; do [ \"$last\" = --output ] && to=$word; last=$word; done\n\
         case $last in {url}/*) cp '{}'/\"${{last##*/}}\" \"$to\" ;; *) exit 22 ;; esac\n",
        dist.display()
    );
    let folder = runner.temporary().join("bin");
    fs::create_dir(&folder).unwrap();
    let trusted = "#!/bin/sh\n[ \"$*\" = \"attestation verify refinery-preflight-Linux-X64 --repo \
                   ada/preflight\" ] && [ \"$GH_TOKEN\" = secret ]\n";
    for (name, script) in [("curl", script.as_str()), ("gh", trusted)] {
        fs::write(folder.join(name), script).unwrap();
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    runner.variables.insert("PATH".to_owned(), format!("{}:/usr/bin:/bin", folder.display()));
    runner
}

#[test]
fn the_action_downloads_what_the_release_publishes() {
    let (repository, published) = (deployed(BROKEN), Repository::new("main"));
    release(&published);
    let action = read("action.yml");
    let own = concat!("v", env!("CARGO_PKG_VERSION"));
    for inputs in [&[][..], &[("version", own)]] {
        let outcome = downloader(&repository, &published).act(&action, inputs);
        assert_eq!((outcome.status, outputs(&outcome)[1]), (1, "1"), "{}", outcome.log);
        assert!(outcome.log.contains("refinery-preflight-Linux-X64: OK"), "{}", outcome.log);
    }
    let outcome = downloader(&repository, &published).act(&action, &[("version", "v0.0.1")]);
    assert_eq!(outcome.status, 2, "{}", outcome.log);
    assert!(
        outcome.log.contains("::cannot download SHA256SUMS of release v0.0.1"),
        "{}",
        outcome.log
    );
    let mut other = downloader(&repository, &published);
    other.variables.insert("RUNNER_ARCH".to_owned(), "X86".to_owned());
    let outcome = other.act(&action, &[]);
    assert!(
        outcome.log.contains("cannot download refinery-preflight-Linux-X86"),
        "{}",
        outcome.log
    );
    // Where `gh` does not trust the program, it does not run; other servers have no attestations.
    for (server, status) in [("https://github.com", 2), ("https://git.example.com", 1)] {
        let mut runner = downloader(&repository, &published);
        fs::write(runner.temporary().join("bin/gh"), "#!/bin/sh\nexit 1\n").unwrap();
        let curl = fs::read_to_string(runner.temporary().join("bin/curl")).unwrap();
        let curl = curl.replace("https://github.com", server);
        fs::write(runner.temporary().join("bin/curl"), curl).unwrap();
        runner.variables.insert("GITHUB_SERVER_URL".to_owned(), server.to_owned());
        let outcome = runner.act(&action, &[]);
        assert_eq!(outcome.status, status, "{}", outcome.log);
        let is_told = outcome.log.contains("provenance of refinery-preflight-Linux-X64 cannot");
        assert_eq!(is_told, status == 2, "{}", outcome.log);
    }
    for (file, text) in [("refinery-preflight-Linux-X64", "#!/bin/sh\n"), ("SHA256SUMS", "")] {
        published.write(&format!("dist/{file}"), text);
        let outcome = downloader(&repository, &published).act(&action, &[]);
        assert_eq!(outcome.status, 2, "{}", outcome.log);
        assert!(outcome.log.contains("checksum mismatch"), "{}", outcome.log);
        assert_eq!(outputs(&outcome), ["true", "", "", ""]);
    }
}

/// Every runner platform that a program is built for.
#[test]
fn every_released_program_has_its_own_runner() {
    let workflow = read(".github/workflows/release.yml");
    let matrix = list(at(&workflow, &["jobs", "build", "strategy", "matrix", "include"]));
    let of = |key| matrix.iter().map(|entry| text(at(entry, &[key]))).collect::<Vec<_>>();
    let page = fs::read_to_string(Path::new(ROOT).join("docs/hooks.md")).unwrap();
    let (mut runners, targets) = (of("runner"), of("target"));
    runners.sort();
    runners.dedup();
    assert_eq!((runners.len(), targets.len()), (5, 5), "{runners:?}");
    let musl = targets.iter().filter(|target| target.ends_with("-linux-musl")).count();
    assert_eq!(musl, 2, "{targets:?}");
    for target in targets {
        assert!(page.contains(&format!("`{target}`")), "docs/hooks.md does not name {target}");
    }
}

#[test]
fn actions_are_pinned_and_scripts_have_no_expressions() {
    let mut pinned = 0;
    let workflows = fs::read_dir(Path::new(ROOT).join(".github/workflows")).unwrap();
    let workflows = workflows.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let workflows = workflows.map(|name| format!(".github/workflows/{name}"));
    for name in workflows.chain(["action.yml".to_owned()]) {
        let source = fs::read_to_string(Path::new(ROOT).join(&name)).unwrap();
        for line in source.lines().filter(|line| line.contains("uses: ")) {
            let (hash, version) =
                line.split_once('@').and_then(|(_, rest)| rest.split_once(" # v")).expect(line);
            assert!(hash.len() == 40 && hash.bytes().all(|b| b.is_ascii_hexdigit()), "{line}");
            assert_eq!(version.split('.').count(), 3, "{line}");
            pinned += 1;
        }
        let item = read(&name);
        let jobs =
            item.get("jobs").map(|jobs| jobs.entries().iter().map(|job| &job.item).collect());
        for job in jobs.unwrap_or_else(|| vec![at(&item, &["runs"])]) {
            for script in list(at(job, &["steps"])).iter().filter_map(|step| step.get("run")) {
                assert!(!text(script).contains("${{"), "{name}: {}", text(script));
            }
        }
    }
    assert!(pinned > 4, "{pinned}");
}

const TABLE: [&str; 2] = ["<!-- action -->\n", "<!-- /action -->\n"];

/// The inputs and outputs, as in the docs.
fn table() -> String {
    let action = read("action.yml");
    let mut table = "| input | by default | |\n|---|---|---|\n".to_owned();
    let code = |text: &str| if text.is_empty() { String::new() } else { format!("`{text}`") };
    for input in at(&action, &["inputs"]).entries() {
        let [default, says] = ["default", "description"].map(|key| text(at(&input.item, &[key])));
        writeln!(table, "| `{}` | {} | {says} |", input.key, code(&default)).unwrap();
    }
    table += "\n| output | |\n|---|---|\n";
    for output in at(&action, &["outputs"]).entries() {
        let says = text(at(&output.item, &["description"]));
        writeln!(table, "| `{}` | {says} |", output.key).unwrap();
    }
    table
}

/// `RECORD=1` rewrites the table.
#[test]
fn the_docs_list_the_inputs_and_outputs() {
    let path = Path::new(ROOT).join("docs/hooks.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(TABLE[0]).expect("the table begins");
    let (_, after) = rest.split_once(TABLE[1]).expect("the table ends");
    let expected = format!("{before}{}{}{}{after}", TABLE[0], table(), TABLE[1]);
    if std::env::var_os("RECORD").is_some() {
        fs::write(&path, &expected).unwrap();
        return;
    }
    assert!(page == expected, "RECORD=1 writes it anew");
}

#[test]
fn linters_pass() {
    for (linter, arguments) in
        [("zizmor", &["--offline", "--persona=auditor", "."][..]), ("actionlint", &[])]
    {
        match Command::new(linter).args(arguments).current_dir(ROOT).output() {
            Err(_) => eprintln!("skipped: {linter} is not on PATH"),
            Ok(ran) => {
                let said = [ran.stdout, ran.stderr].concat();
                assert!(ran.status.success(), "{}", String::from_utf8_lossy(&said));
            }
        }
    }
}
