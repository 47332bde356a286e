//! Pull requests whose settings, baselines, comments, links and names try to bypass checks: no
//! verdict is suppressed, and nothing outside the repository is read, shown or written.

use crate::program::{BROKEN, CONFIG, Folder, RULES};
use crate::repository::{Ran, Repository};
use std::fs;
use std::os::unix::fs::symlink;

const SETTINGS: &str = ".refinery-preflight.toml";
/// A marker in every file outside the repository, and in the environment.
const CANARY: &str = "canary7f3a";
const FORMATS: [&str; 7] = ["human", "short", "json", "sarif", "github", "junit", "markdown"];

/// An error that a team may suppress once the exception is merged.
const DROPS: &str = "\
RulesVersion: 2
Samplers:
  __default__:
    RulesBasedSampler:
      Rules:
        - Name: a
          Conditions: [{Field: x, Operator: exists}]
        - Name: b
          SampleRate: 1
";

/// What a pull request adds.
enum Add<'a> {
    File(&'a str, &'a str),
    Link(&'a str, &'a str),
}

use Add::{File, Link};

/// A pull request for a good deployment: the branch `change`, with everything staged and nothing
/// committed.
fn pull_request(adds: &[Add<'_>]) -> Repository {
    let repository =
        Repository::with(&[("deploy/config.yaml", CONFIG), ("deploy/rules.yaml", RULES)]);
    let outside = repository.path().parent().unwrap().join("outside");
    fs::create_dir(&outside).unwrap();
    for (name, text) in outside_files() {
        fs::write(outside.join(name), text).unwrap();
    }
    repository.git(&["checkout", "--quiet", "-b", "change"]);
    for add in adds {
        match add {
            File(name, text) => repository.write(name, text),
            Link(name, target) => {
                let path = repository.path().join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                drop(fs::remove_file(&path));
                symlink(target, path).unwrap();
            }
        }
    }
    repository.git(&["add", "--all"]);
    repository
}

fn outside_files() -> [(&'static str, String); 4] {
    [
        ("secret.yaml", format!("General:\n  {CANARY}: 2\n{CANARY}\n")),
        ("rules.yaml", format!("RulesVersion: {CANARY}\nSamplers: {{{CANARY}: 1}}\n")),
        ("settings.toml", format!("{CANARY} = \"{CANARY}\n")),
        ("baseline.json", format!("{{\"version\": \"{CANARY}\", \"{CANARY}\": 1}}")),
    ]
}

fn assert_outside_is_unchanged(repository: &Repository, what: &str) {
    let outside = repository.path().parent().unwrap().join("outside");
    let mut names: Vec<String> = fs::read_dir(&outside)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let mut expected: Vec<&str> = outside_files().map(|(name, _)| name).into();
    expected.sort_unstable();
    assert_eq!(names, expected, "{what}");
    for (name, text) in outside_files() {
        assert_eq!(fs::read_to_string(outside.join(name)).unwrap(), text, "{what}: {name}");
    }
}

fn run(repository: &Repository, arguments: &[&str]) -> Ran {
    let program = env!("CARGO_BIN_EXE_refinery-preflight");
    Ran::of(repository.command(program, "", arguments).env("PREFLIGHT_SECRET", CANARY))
}

/// It does not pass, and shows nothing from outside the repository.
fn assert_rejected(what: &str, command: &[&str], ran: &Ran) {
    assert!([1, 2].contains(&ran.status), "{what} {command:?}: {} {}", ran.status, ran.all());
    assert_nothing_shown(what, command, ran);
}

fn assert_nothing_shown(what: &str, command: &[&str], ran: &Ran) {
    assert!(!ran.all().contains(CANARY), "{what} {command:?} shows it: {}", ran.all());
    assert!(!ran.all().contains("panicked"), "{what} {command:?}: {}", ran.all());
    assert!(!ran.all().contains('\u{1b}'), "{what} {command:?} prints control characters");
}

/// The commands that compare a change with its base.
fn rejected_as_a_change(what: &str, adds: &[Add<'_>]) -> Repository {
    let repository = pull_request(adds);
    assert_rejected(what, &["hook"], &run(&repository, &["hook", "run"]));
    assert_rejected(what, &["hook"], &run(&repository, &["hook", "run", "--or-all"]));
    let staged = ["check", "--staged", "--since", "main"];
    assert_rejected(what, &staged, &run(&repository, &staged));
    repository.commit_all("Weaken the gate");
    for format in FORMATS {
        let command = ["check", "--since", "main", "--output-format", format];
        assert_rejected(what, &command, &run(&repository, &command));
    }
    let command = ["check", "--since", "main", "--rev", "HEAD"];
    assert_rejected(what, &command, &run(&repository, &command));
    repository
}

/// Those, and the commands without a base, which check everything.
fn rejected_at_the_root(what: &str, adds: &[Add<'_>]) -> Repository {
    let repository = rejected_as_a_change(what, adds);
    for format in FORMATS {
        let command = ["check", "--output-format", format];
        assert_rejected(what, &command, &run(&repository, &command));
    }
    for command in [&["check", "--rev", "HEAD"][..], &["check", "--staged"]] {
        assert_rejected(what, command, &run(&repository, command));
    }
    let command = ["check", "deploy"];
    assert_nothing_shown(what, &command, &run(&repository, &command));
    assert_outside_is_unchanged(&repository, what);
    repository
}

/// Those, and a check of only the folder at fault.
fn rejected_everywhere(what: &str, adds: &[Add<'_>]) {
    let repository = rejected_at_the_root(what, adds);
    let command = ["check", "deploy"];
    assert_rejected(what, &command, &run(&repository, &command));
}

const BREAK: Add<'static> = File("deploy/config.yaml", BROKEN);

#[test]
fn settings_cannot_suppress_a_verdict() {
    const ID: &str = "syntax/invalid-yaml";
    let severity = format!("[severity]\n\"{ID}\" = \"note\"\n");
    let exception = format!("[[exception]]\ncheck = \"{ID}\"\nreason = \"r\"\n");
    let narrow = format!("{exception}files = [\"**\"]\nuntil = \"2999-01-01\"\n");
    for settings in [
        "fail-on = \"never\"\n",
        "fail-on = \"never\"\nignore = [\"all\"]\n",
        "ignore = [\"all\"]\n",
        "ignore = [\"syntax\", \"schema\", \"start\", \"internal\", \"intake\"]\n",
        "ignore = [\"syntax/*\"]\n",
        "select = [\"suppressions\"]\n",
        "select = [\"rules/implicit-drop\"]\n",
        &severity,
        &exception,
        &narrow,
        "[[deployment]]\n",
        "[[deployment]]\nrefinery = \"2.0.0\"\n",
        "[[deployment]]\nconfig = []\nrules = []\n",
        "[[deployment]]\nconfig = [\"good/config.yaml\"]\nrules = [\"good/rules.yaml\"]\n",
        "[[deployment]]\nrules = [\"deploy/rules.yaml\"]\n",
    ] {
        let good = [File("good/config.yaml", CONFIG), File("good/rules.yaml", RULES)];
        let adds = good.into_iter().chain([BREAK, File(SETTINGS, settings)]);
        rejected_everywhere(settings, &adds.collect::<Vec<_>>());
    }
    for settings in ["fail-on = \"never\"\n", "ignore = [\"all\"]\n", &severity, &exception] {
        let below = [BREAK, File("deploy/.refinery-preflight.toml", settings)];
        rejected_everywhere(&format!("below: {settings}"), &below);
    }
}

#[test]
fn baselines_and_comments_cannot_suppress_a_verdict() {
    let baseline = "{\"version\":2,\"findings\":[{\"file\":\"deploy/config.yaml\",\"check\":\
         \"syntax/invalid-yaml\",\"place\":\"\",\"line\":\"\"}]}";
    let settings = File(SETTINGS, "baseline = \"base.json\"\n");
    rejected_everywhere("a baseline", &[BREAK, settings, File("base.json", baseline)]);
    for comment in [
        "# preflight: ignore[syntax/invalid-yaml] we know\n",
        "# preflight: ignore[syntax] we know\n",
        "# preflight: ignore[all] we know\n",
        "# refinery-preflight: ignore[syntax/invalid-yaml] we know\n",
    ] {
        let text = format!("{comment}{BROKEN}");
        rejected_everywhere(comment, &[File("deploy/config.yaml", &text)]);
    }
}

#[test]
fn a_change_cannot_exclude_what_it_breaks() {
    for files in ["**", "deploy/**", "deploy/config.yaml", "*.yaml", "{deploy,x}/*"] {
        let settings = format!("[[exclude]]\nfiles = [\"{files}\"]\nreason = \"r\"\n");
        rejected_as_a_change(files, &[BREAK, File(SETTINGS, &settings)]);
    }
    let below = "[[exclude]]\nfiles = [\"**\"]\nreason = \"r\"\n";
    rejected_as_a_change("below", &[BREAK, File("deploy/.refinery-preflight.toml", below)]);
    let over = "[[exclude]]\nfiles = [\"**\"]\nreason = \"r\"\nuntil = \"2020-01-01\"\n";
    rejected_everywhere("over", &[BREAK, File(SETTINGS, over)]);
    let beside = "[[exclude]]\nfiles = [\"**\"]\nreason = \"r\"\n";
    rejected_everywhere("elsewhere", &[BREAK, File("other/.refinery-preflight.toml", beside)]);
    rejected_everywhere(
        "without a reason",
        &[BREAK, File(SETTINGS, "[[exclude]]\nfiles = [\"deploy/**\"]\nreason = \"\"\n")],
    );
}

/// What `--write-baseline` writes of a file of rules.
fn baseline_of(name: &str, rules: &str) -> String {
    let folder = Folder::new(&[(name, rules)]);
    let ran = folder.run(&["check", "-r", name, "--write-baseline", "base.json"]);
    assert_eq!(ran.status, 0, "{}", ran.errors);
    std::fs::read_to_string(folder.path().join("base.json")).expect("a baseline")
}

#[test]
fn a_change_cannot_suppress_its_own_findings() {
    let drops = || File("deploy/rules.yaml", DROPS);
    let known = baseline_of("deploy/rules.yaml", DROPS);
    for settings in [
        "fail-on = \"never\"\n",
        "ignore = [\"rules\"]\n",
        "select = [\"reload\"]\n",
        "[severity]\n\"rules/implicit-drop\" = \"note\"\n",
        "[[exception]]\ncheck = \"rules/implicit-drop\"\nreason = \"r\"\n",
        "[[exclude]]\nfiles = [\"deploy/rules.yaml\"]\nreason = \"r\"\n",
        "baseline = \"base.json\"\n",
    ] {
        let adds = [drops(), File(SETTINGS, settings), File("base.json", &known)];
        let repository = rejected_as_a_change(settings, &adds);
        let json = run(&repository, &["check", "--since", "main", "--output-format", "json"]);
        assert!(json.output.contains("settings/changed"), "{settings}: {}", json.output);
        // Once it is merged, it applies.
        repository.git(&["checkout", "--quiet", "main"]);
        repository.git(&["merge", "--quiet", "change"]);
        repository.git(&["checkout", "--quiet", "-b", "next"]);
        repository.write("deploy/config.yaml", &format!("{CONFIG}# x\n"));
        let ran = run(&repository, &["check", "--since", "main"]);
        assert_eq!(ran.status, 0, "{settings}: {}", ran.all());
    }
}

#[test]
fn nothing_outside_the_repository_is_read_or_shown() {
    let listed = |path: &str| format!("[[deployment]]\nconfig = [\"{path}\"]\n");
    for path in [
        "/proc/self/environ",
        "../outside/secret.yaml",
        "deploy/../../outside/secret.yaml",
        "./../outside/secret.yaml",
        "link.yaml",
        "linked/secret.yaml",
    ] {
        for key in ["config", "rules", "values"] {
            let settings = listed(path).replace("config", key);
            let adds = [
                File(SETTINGS, &settings),
                Link("link.yaml", "../outside/secret.yaml"),
                Link("linked", "../outside"),
            ];
            rejected_at_the_root(&settings, &adds);
        }
    }
    for path in ["/etc/passwd", "../outside/baseline.json", "link.json"] {
        let settings = format!("baseline = \"{path}\"\n");
        let link = Link("link.json", "../outside/baseline.json");
        let adds = [File(SETTINGS, &settings), link, File("deploy/rules.yaml", DROPS)];
        rejected_everywhere(&settings, &adds);
    }
    let adds = [BREAK, Link(SETTINGS, "../outside/settings.toml")];
    rejected_everywhere("settings are a link", &adds);
    let adds = [BREAK, Link(SETTINGS, "/proc/self/environ")];
    rejected_everywhere("settings are the environment", &adds);
    let adds = [BREAK, Link("deploy/.refinery-preflight.toml", "../../outside/settings.toml")];
    rejected_everywhere("settings below are a link", &adds);
    let adds = [Link("deploy/config.yaml", "../../outside/secret.yaml")];
    rejected_everywhere("the config is a link", &adds);
    let adds = [Link("deploy/rules.yaml", "../../outside/rules.yaml")];
    rejected_everywhere("the rules are a link", &adds);
}

#[test]
fn invalid_settings_block() {
    let large = format!("# {}\n", "x".repeat(17 << 20));
    let deep = format!("a = {}{}\n", "[".repeat(200_000), "]".repeat(200_000));
    let glob = format!("[[exclude]]\nfiles = [\"{}\"]\nreason = \"r\"\n", "{a,b}".repeat(2000));
    let control = "\"\\u001b[31m\\n::error::x\" = 1\n";
    for (what, settings) in [
        ("too large", large.as_str()),
        ("too deep", &deep),
        ("a glob of many", &glob),
        ("control characters", control),
        ("half a line", "fail-on = \"nev"),
        ("a zero byte", "fail-on = \"never\"\n\0"),
        ("an unknown key", "fail_on = \"never\"\n"),
        ("twice the same key", "fail-on = \"error\"\nfail-on = \"never\"\n"),
        ("one bracket", "[exclude]\nfiles = [\"**\"]\nreason = \"r\"\n"),
        ("an address", "[[deployment]]\nconfig = [\"https://example.com/c.yaml\"]\n"),
    ] {
        rejected_everywhere(what, &[BREAK, File(SETTINGS, settings)]);
    }
    // A folder, or a file with another name, is not a settings file.
    rejected_everywhere("a folder", &[BREAK, File(".refinery-preflight.toml/x", "")]);
    let undotted = [BREAK, File("refinery-preflight.toml", "fail-on = \"never\"\n")];
    rejected_as_a_change("no dot", &undotted);
    let two = [BREAK, File(SETTINGS, ""), File("refinery-preflight.toml", "fail-on = \"never\"\n")];
    rejected_everywhere("with and without a dot", &two);
}

#[test]
fn a_change_cannot_relax_settings() {
    let repository = Repository::with(&[
        (
            SETTINGS,
            "[severity]\n\"rules/unreachable\" = \"error\"\n\"rules/implicit-drop\" = \"error\"\n",
        ),
        ("deploy/config.yaml", CONFIG),
        ("deploy/rules.yaml", RULES),
    ]);
    repository.write("deploy/rules.yaml", DROPS);
    for (name, text) in [
        (SETTINGS, Some("")),
        (SETTINGS, None),
        (
            "deploy/.refinery-preflight.toml",
            Some("[severity]\n\"rules/implicit-drop\" = \"note\"\n"),
        ),
    ] {
        match text {
            Some(text) => repository.write(name, text),
            None => fs::remove_file(repository.path().join(name)).unwrap(),
        }
        repository.git(&["add", "--all"]);
        for command in [&["check", "--since", "HEAD"][..], &["hook", "run"]] {
            let ran = run(&repository, command);
            assert_eq!(ran.status, 1, "{name} {text:?} {command:?}: {}", ran.all());
        }
        repository.git(&["checkout", "--quiet", "HEAD", "--", SETTINGS]);
    }
}

#[test]
fn only_the_command_line_can_suppress_a_verdict() {
    let repository = pull_request(&[BREAK]);
    for (command, status) in [
        (&["check"][..], 1),
        (&["check", "--ignore", "all"], 1),
        (&["check", "--fail-on", "never"], 0),
        (&["check", "--exit-zero"], 0),
        (&["check", "--since", "main", "--fail-on", "never"], 0),
    ] {
        let ran = run(&repository, command);
        assert_eq!(ran.status, status, "{command:?}: {}", ran.all());
    }
}

#[test]
fn settings_apply_only_to_their_folder() {
    let repository = Repository::with(&[
        ("other/.refinery-preflight.toml", "ignore = [\"rules\"]\nfail-on = \"never\"\n"),
        ("other/config.yaml", CONFIG),
        ("other/rules.yaml", DROPS),
        ("deploy/config.yaml", CONFIG),
        ("deploy/rules.yaml", DROPS),
    ]);
    let found = |arguments: &[&str]| {
        let short = ["check", "--output-format", "short"];
        let ran = run(&repository, &[&short, arguments].concat());
        let is_told = |folder: &str| ran.output.contains(&format!("{folder}/rules.yaml:"));
        (ran.status, is_told("deploy"), is_told("other"))
    };
    assert_eq!(found(&[]), (1, true, false));
    assert_eq!(found(&["other", "deploy"]), (1, true, false), "whichever comes first");
    assert_eq!(found(&["other"]), (0, false, false));
    // A deployment with files of both folders belongs to neither.
    assert_eq!(found(&["-c", "other/config.yaml", "-r", "deploy/rules.yaml"]).0, 1);
}

#[test]
fn settings_apply_in_any_order_of_folders() {
    let repository = Repository::with(&[
        (SETTINGS, "ignore = [\"rules\"]\n"),
        ("deploy/a/config.yaml", CONFIG),
        ("deploy/a/rules.yaml", DROPS),
        ("deploy/config.yaml", CONFIG),
        ("deploy/rules.yaml", DROPS),
        ("deploy/z/config.yaml", CONFIG),
        ("deploy/z/rules.yaml", DROPS),
    ]);
    for arguments in [&["check"][..], &["check", "deploy/a", "deploy"], &["check", "--rev", "HEAD"]]
    {
        let ran = run(&repository, arguments);
        assert_eq!(ran.status, 0, "{arguments:?}: {}", ran.all());
    }
}
