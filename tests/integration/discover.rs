//! Which files are found, read, refused and paired.

use refinery_preflight::internals::diagnostic::Effect;
use refinery_preflight::internals::discover::gather::gather;
use refinery_preflight::internals::discover::{Request, Sources};
use refinery_preflight::internals::schema::Kind;
use refinery_preflight::internals::sniff::recognise::{Generation, recognise};
use refinery_preflight::internals::syntax::DataFormat;
use refinery_preflight::internals::vfs::environment;
use refinery_preflight::internals::vfs::input_error::{InputError, InputProblem};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const CONFIG: &str = "General:\n  ConfigurationVersion: 2\n";
const RULES: &str = "RulesVersion: 2\nSamplers:\n";

/// A folder with these files in it.
fn tree(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        write(folder.path(), name, text);
    }
    folder
}

fn write(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn run(request: &Request) -> Result<Sources, InputError> {
    gather(request, &mut std::io::empty())
}

/// Visits paths below a folder.
fn visit(folder: &TempDir, paths: &[&str]) -> Result<Sources, InputError> {
    let paths = paths.iter().map(|path| folder.path().join(path)).collect();
    run(&Request { paths, ..Request::default() })
}

fn problem(result: Result<Sources, InputError>) -> InputProblem {
    result.map(|sources| sources.notices).unwrap_err().problem
}

/// The notices of a visit, with the folder's own name cut off.
fn notices(folder: &TempDir, paths: &[&str]) -> Vec<String> {
    let prefix = format!("{}/", folder.path().display());
    let sources = visit(folder, paths).unwrap();
    sources.notices.iter().map(|notice| notice.text.replace(&prefix, "")).collect()
}

/// What flags name, with their paths below a folder.
fn flags(folder: &TempDir, config: &[&str], rules: &[&str]) -> Result<Sources, InputError> {
    let below = |names: &[&str]| {
        names.iter().map(|name| format!("{}/{name}", folder.path().display())).collect()
    };
    run(&Request { config: below(config), rules: below(rules), ..Request::default() })
}

/// Ids of the first deployment's findings.
fn ids(sources: &Sources) -> Vec<&'static str> {
    sources.deployments[0].findings.iter().map(|finding| finding.check.id).collect()
}

#[test]
fn a_folder_is_walked_for_what_is_ours() {
    let folder = tree(&[
        ("a/config.yaml", CONFIG),
        ("a/rules.yaml", RULES),
        ("b/anything.json", "{\"RulesVersion\": 2,"),
        ("b/deployment.yaml", "apiVersion: v1\nkind: Deployment\n"),
        ("b/config.yaml.tpl", CONFIG),
        ("b/config.conf", CONFIG),
        (".hidden/config.yaml", CONFIG),
        ("node_modules/x/config.yaml", CONFIG),
        ("vendor/config.yaml", CONFIG),
    ]);
    let expected = [
        "b/config.conf: checked as a config file, because `b/anything.json` next to it has no config",
        "a/config.yaml + a/rules.yaml",
        "b/config.conf + b/anything.json",
    ];
    assert_eq!(notices(&folder, &["."]), expected);
    // A folder that somebody names is walked whatever it is called.
    assert_eq!(notices(&folder, &["vendor"]).len(), 1);
    let sources = visit(&folder, &["."]).unwrap();
    assert_eq!(sources.deployments.len(), 2);
    let rules = sources.deployments[0].rules[0];
    assert_eq!(sources.files.get(rules.file).text, RULES);
    assert_eq!(rules.format, Some(DataFormat::Yaml));
    assert_eq!(sources.deployments[1].config.len(), 1);
}

#[test]
fn one_rules_file_of_two_deployments_is_read_once() {
    let folder =
        tree(&[("a-config.yaml", CONFIG), ("b-config.yaml", CONFIG), ("rules.yaml", RULES)]);
    let sources = visit(&folder, &["."]).unwrap();
    assert_eq!(sources.deployments.len(), 2);
    assert_eq!(sources.deployments[0].rules, sources.deployments[1].rules);
    // The order in which things are named changes nothing.
    let named = visit(&folder, &["rules.yaml", "b-config.yaml", "a-config.yaml", "."]).unwrap();
    assert_eq!(named.notices, sources.notices);
    assert_eq!(named.deployments, sources.deployments);
}

#[test]
fn what_git_ignores_is_left_out_unless_it_is_tracked() {
    let folder = tree(&[
        (".gitignore", "/build/\n*.local.yaml\n"),
        ("sub/.gitignore", "/old-rules.yaml\n"),
        ("config.yaml", CONFIG),
        ("rules.yaml", RULES),
        ("x.local.yaml", CONFIG),
        ("tracked.local.yaml", CONFIG),
        ("build/rules.yaml", RULES),
        ("sub/old-rules.yaml", RULES),
        ("sub/new-rules.yaml", RULES),
    ]);
    let repository = git2::Repository::init(folder.path()).unwrap();
    let mut index = repository.index().unwrap();
    index.add_path(Path::new("tracked.local.yaml")).unwrap();
    index.write().unwrap();
    let names = |path| {
        let sources = visit(&folder, &[path]).unwrap();
        let found = sources.deployments.iter().flat_map(|d| d.config.iter().chain(&d.rules));
        let name =
            |file| sources.files.get(file).name.as_str().rsplit('/').next().unwrap().to_owned();
        let mut names: Vec<String> = found.map(|source| name(source.file)).collect();
        names.sort();
        names.dedup();
        names
    };
    assert_eq!(names("."), ["config.yaml", "new-rules.yaml", "rules.yaml", "tracked.local.yaml"]);
    assert_eq!(names("sub"), ["new-rules.yaml"]);
    assert_eq!(names("build"), ["rules.yaml"], "an ignored folder that is named is walked");
    assert_eq!(names("x.local.yaml"), ["rules.yaml", "x.local.yaml"], "its other half lies beside");
}

#[test]
fn a_named_file_is_checked_with_a_wrapped_half_beside_it() {
    let wrapped = "rules:\n  RulesVersion: 2\n  Samplers: {}\n";
    let folder = tree(&[("config.yaml", CONFIG), ("rules.yaml", wrapped), ("other.yaml", wrapped)]);
    let sources = visit(&folder, &["config.yaml"]).unwrap();
    let [deployment] = &sources.deployments[..] else { panic!("{}", sources.deployments.len()) };
    let names = deployment.files().map(|file| sources.files.get(file).name.file().to_owned());
    let names: Vec<String> =
        names.map(|name| name.rsplit('/').next().unwrap().to_owned()).collect();
    assert_eq!(names, ["config.yaml", "rules.yaml"]);

    // The other half is a string with a config.
    let text = "|\n  General:\n    ConfigurationVersion: 2\n";
    let folder = tree(&[("config.yaml", text), ("rules.yaml", RULES)]);
    let sources = visit(&folder, &["rules.yaml"]).unwrap();
    assert_eq!(sources.deployments[0].files().count(), 2);

    // An unrelated file beside it was not asked for.
    let folder = tree(&[("config.yaml", CONFIG), ("rules.yaml", RULES), ("values.yaml", "a: b\n")]);
    let sources = visit(&folder, &["config.yaml"]).unwrap();
    let seen: Vec<&str> = sources.ledger.iter().map(|(name, _)| name).collect();
    assert!(!seen.iter().any(|name| name.ends_with("values.yaml")), "{seen:?}");
}

#[cfg(unix)]
#[test]
fn links_are_survived() {
    use std::os::unix::fs::symlink;
    let folder = tree(&[("real/config.yaml", CONFIG), ("mount/..data/rules.yaml", RULES)]);
    symlink("..", folder.path().join("real/up")).unwrap();
    symlink("..", folder.path().join("real/up.yaml")).unwrap();
    symlink("..data/rules.yaml", folder.path().join("mount/rules.yaml")).unwrap();
    let expected = [
        "mount/rules.yaml (no config file given or found; checked on its own)",
        "real/config.yaml (no rules file given or found; checked on its own)",
    ];
    assert_eq!(notices(&folder, &["."]), expected);

    symlink("circle.yaml", folder.path().join("circle.yaml")).unwrap();
    assert_eq!(problem(visit(&folder, &["circle.yaml"])), InputProblem::Unreadable);
    fs::remove_file(folder.path().join("circle.yaml")).unwrap();
    symlink("nowhere.yaml", folder.path().join("dangling.yaml")).unwrap();
    assert_eq!(notices(&folder, &["."]), expected, "its name suggests neither config nor rules");
    for result in [visit(&folder, &["dangling.yaml"]), flags(&folder, &["dangling.yaml"], &[])] {
        let error = result.unwrap_err();
        assert_eq!(error.problem, InputProblem::Missing);
        assert!(error.message.contains("dangling symbolic link"), "{error}");
    }
}

#[test]
fn nothing_is_skipped_in_silence() {
    let folder = tree(&[("x.yaml", "a: b\n"), ("dir.yaml/x.txt", "")]);
    assert_eq!(problem(visit(&folder, &["gone.yaml"])), InputProblem::Missing);
    assert_eq!(problem(flags(&folder, &["x.yaml"], &["gone.yaml"])), InputProblem::Missing);
    assert_eq!(problem(flags(&folder, &["dir.yaml"], &[])), InputProblem::NotAFile);
    assert_eq!(problem(visit(&folder, &["x.yaml"])), InputProblem::NotRecognised);
    let nothing = visit(&folder, &["."]).unwrap_err();
    assert_eq!(nothing.problem, InputProblem::NothingFound);
    assert!(nothing.message.ends_with("looked at 1 YAML, TOML or JSON file"), "{nothing}");
    assert_eq!(problem(visit(&tree(&[]), &["."])), InputProblem::NothingFound);

    let huge = fs::File::create(folder.path().join("huge.yaml")).unwrap();
    huge.set_len(17 << 20).unwrap();
    assert_eq!(problem(flags(&folder, &["huge.yaml"], &[])), InputProblem::TooLarge);
    // Of a file that is not ours the size does not matter.
    assert_eq!(problem(visit(&folder, &["."])), InputProblem::NothingFound);
    write(folder.path(), "huge.yaml", format!("{CONFIG}#{}", "x".repeat(17 << 20)));
    let sources = visit(&folder, &["."]).unwrap();
    assert_eq!(sources.unchecked[0].check.id, "intake/too-large");
    assert!(sources.deployments.is_empty());
}

#[test]
fn all_files_together_have_a_limit() {
    let folder = tree(&[]);
    let text = format!("{CONFIG}#{}", "x".repeat(15 << 20));
    for number in 0..9 {
        write(folder.path(), &format!("{number}.yaml"), &text);
    }
    assert_eq!(problem(visit(&folder, &["."])), InputProblem::TooLarge);
}

#[cfg(unix)]
#[test]
fn a_pipe_does_not_hang() {
    let folder = tree(&[("config.yaml", CONFIG)]);
    let pipe = folder.path().join("rules.yaml");
    if !Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success()) {
        eprintln!("skipped: there is no mkfifo");
        return;
    }
    for result in [
        flags(&folder, &["config.yaml"], &["rules.yaml"]),
        visit(&folder, &["rules.yaml"]),
        visit(&folder, &["."]),
    ] {
        let error = result.unwrap_err();
        assert_eq!(error.problem, InputProblem::NotAFile);
        assert!(error.message.contains("a pipe"), "{error}");
    }
}

#[test]
fn flags_are_read_as_the_engine_reads_them() {
    let folder =
        tree(&[("b.yaml", CONFIG), ("a.yaml", "x\n"), ("r.conf", RULES), ("q.yaml#1", "")]);
    let sources = flags(&folder, &["b.yaml", "a.yaml"], &["r.conf"]).unwrap();
    let deployment = &sources.deployments[0];
    let texts: Vec<_> =
        deployment.config.iter().map(|s| sources.files.get(s.file).text.as_str()).collect();
    assert_eq!(texts, [CONFIG, "x\n"]);
    assert_eq!(deployment.rules[0].format, None);
    assert_eq!(ids(&sources), ["start/unknown-format"]);
    assert_eq!(deployment.findings[0].effect, Effect::Refuses);
    assert_eq!(sources.notices.len(), 1);

    let cut = flags(&folder, &["b.yaml#1"], &[]).unwrap();
    assert_eq!(ids(&cut), ["start/other-file-read"]);
    assert_eq!(cut.deployments[0].findings[0].effect, Effect::Nothing);
    assert!(cut.deployments[0].rules.is_empty());

    let location =
        |text: &str| run(&Request { config: vec![text.to_owned()], ..Request::default() });
    let refused = location("a:b.yaml").unwrap();
    assert_eq!(ids(&refused), ["start/bad-location"]);
    assert!(refused.deployments[0].config.is_empty());
    assert_eq!(problem(location("https://h/a.yaml")), InputProblem::Remote);
    for (text, word) in [("a.yaml,b.yaml", "comma"), ("~/a.yaml", "`~`"), ("a.yaml#b.yaml", "%23")]
    {
        let error = location(text).unwrap_err();
        assert_eq!(error.problem, InputProblem::Missing, "{text}");
        assert!(error.advice.contains(word), "{text}: {}", error.advice);
    }
}

#[test]
fn the_environment_names_files_where_no_flag_does() {
    let folder = tree(&[("a.yaml", CONFIG), ("b.yaml", CONFIG), ("r.yaml", RULES)]);
    let path = |name: &str| folder.path().join(name).display().to_string();
    let live = |value: String| Some(BTreeMap::from([("REFINERY_CONFIG".to_owned(), value)]));
    let both = format!("{},{}", path("a.yaml"), path("b.yaml"));
    let counts = |request: Request| {
        let sources = run(&request).unwrap();
        (sources.deployments[0].config.len(), sources.deployments[0].rules.len())
    };
    let request = Request { live: live(both), ..Request::default() };
    assert_eq!(counts(request.clone()), (2, 0));
    assert_eq!(counts(Request { rules: vec![path("r.yaml")], ..request.clone() }), (2, 1));
    assert_eq!(counts(Request { config: vec![path("a.yaml")], ..request.clone() }), (1, 0));
    let named = Request { paths: vec![folder.path().join("r.yaml")], ..request };
    assert_eq!(counts(named), (1, 1), "its other half lies beside it");
    let empty = run(&Request { live: live(String::new()), ..Request::default() }).unwrap();
    assert_eq!(ids(&empty), ["start/bad-location"]);
}

#[test]
fn standard_input_is_a_file_like_any_other() {
    let read = |request: Request, text: &str| gather(&request, &mut text.as_bytes());
    let dash = Request { paths: vec![PathBuf::from("-")], ..Request::default() };
    let sources = read(dash.clone(), RULES).unwrap();
    assert_eq!(
        sources.notices[0].text,
        "<stdin> (no config file given or found; checked on its own)"
    );
    assert_eq!(sources.deployments[0].rules[0].format, Some(DataFormat::Yaml));
    assert_eq!(problem(read(dash, "a: b\n")), InputProblem::NotRecognised);

    let named =
        |name: &str| Request { stdin_filename: Some(name.to_owned()), ..Request::default() };
    let sources = read(named("d/x.json"), "{\"RulesVersion\": 2}").unwrap();
    assert_eq!(sources.deployments[0].rules[0].format, Some(DataFormat::Json));
    assert_eq!(sources.files.get(sources.deployments[0].rules[0].file).name.as_str(), "d/x.json");
    assert_eq!(read(named("d/rules.yaml"), "").unwrap().deployments[0].rules.len(), 1);

    // It stands in for the file of its name and is paired with what lies beside that.
    let folder = tree(&[("config.yaml", CONFIG), ("rules.yaml", "RulesVersion: 1\n")]);
    let request = Request {
        paths: vec![folder.path().to_owned(), PathBuf::from("-")],
        stdin_filename: Some(folder.path().join("rules.yaml").display().to_string()),
        ..Request::default()
    };
    let sources = read(request, RULES).unwrap();
    assert_eq!(sources.deployments.len(), 1);
    assert_eq!(sources.files.get(sources.deployments[0].rules[0].file).text, RULES);
}

#[test]
fn encodings_are_the_engines() {
    let wide = |big: bool| {
        let text = format!("\u{feff}{CONFIG}# ä😀\n");
        let bytes = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>()
    };
    let folder = tree(&[]);
    write(folder.path(), "le-config.yaml", wide(false));
    write(folder.path(), "be-config.yaml", wide(true));
    let sources = visit(&folder, &["."]).unwrap();
    assert_eq!(sources.deployments.len(), 2, "what is in UTF-16 is recognised too");
    for deployment in &sources.deployments {
        let text = &sources.files.get(deployment.config[0].file).text;
        assert_eq!(*text, format!("{CONFIG}# ä😀\n"));
        assert_eq!(deployment.findings, []);
    }

    let folder = tree(&[]);
    write(folder.path(), "config.yaml", [CONFIG.as_bytes(), b"# caf\xe9\n"].concat());
    let sources = visit(&folder, &["."]).unwrap();
    assert_eq!(ids(&sources), ["syntax/not-utf-8"]);
    let finding = &sources.deployments[0].findings[0];
    let at = finding.primary().unwrap().range();
    let text = &sources.files.get(sources.deployments[0].config[0].file).text;
    assert_eq!(text[..at.start], format!("{CONFIG}# caf"));
    assert_eq!((&text[at], &finding.effect), ("\u{fffd}", &Effect::Refuses));
}

#[test]
fn reports_files_for_refinery_1() {
    let folder = tree(&[
        ("config.toml", "HoneycombAPI = \"x\"\n[InMemCollector]\nCacheCapacity = 1\n"),
        ("rules.toml", "Sampler = \"DeterministicSampler\"\n"),
        ("config.yaml", CONFIG),
        ("rules.yaml", RULES),
    ]);
    let sources = visit(&folder, &["."]).unwrap();
    assert_eq!(sources.deployments.len(), 2, "generations are not mixed");
    assert_eq!(ids(&sources), ["version/v1-file", "version/v1-file"]);
    assert_eq!(sources.deployments[1].findings, []);
    let named = flags(&folder, &["config.toml"], &["rules.yaml"]).unwrap();
    assert_eq!(ids(&named), ["version/v1-file"]);
}

#[test]
fn environment_files_are_read() {
    let folder = tree(&[("good.env", "# x\nexport A=1\nB='2 3'\n"), ("bad.env", "A=1\nB\n")]);
    let read = |name| environment::read_env_file(&folder.path().join(name));
    let expected = [("A", "1"), ("B", "2 3")].map(|(n, v)| (n.to_owned(), v.to_owned()));
    assert_eq!(read("good.env").unwrap(), BTreeMap::from(expected));
    let error = read("bad.env").unwrap_err();
    assert_eq!(error.problem, InputProblem::BadEnvironmentFile);
    assert!(error.message.ends_with("bad.env` line 2: missing `=`"), "{error}");
    assert_eq!(read("gone.env").unwrap_err().problem, InputProblem::Missing);
    assert!(environment::of_process().contains_key("PATH"));
}

/// Files that people keep in public repositories; they lie beside the crate.
#[test]
fn the_corpus_is_recognised() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if !corpus.is_dir() {
        eprintln!("skipped: {} is not there", corpus.display());
        return;
    }
    let second = |kind| Some((kind, Generation::Second));
    let first = |kind| Some((kind, Generation::First));
    for (folder, expected) in [
        ("config", second(Kind::Config)),
        ("rules", second(Kind::Rules)),
        ("v1-config", first(Kind::Config)),
        ("v1-rules", first(Kind::Rules)),
        ("helm-values", None),
        ("configmap", None),
    ] {
        let mut files = 0;
        for entry in fs::read_dir(corpus.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().replace(".tpl", "");
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            let is_comment = |line: &str| line.trim().is_empty() || line.trim().starts_with('#');
            if text.lines().all(is_comment) {
                continue;
            }
            let format = DataFormat::of_extension(name.rsplit('.').next().unwrap());
            let found = recognise(format, &text).map(|r| (r.kind, r.generation));
            assert_eq!(found, expected, "{}", path.display());
            files += 1;
        }
        assert!(files >= 10, "{folder} holds {files} files");
    }
}
