//! Loads and checks the files in `fixtures/checks`.

use jiff::civil::Date;
use refinery_preflight::internals::config::environment::Environment;
use refinery_preflight::internals::discover::gather::gather;
use refinery_preflight::internals::discover::{Request, Sources};
use refinery_preflight::internals::pipeline::{CheckOptions, RunningConfig, check};
use refinery_preflight::internals::policy::{Policy, apply, decide};
use refinery_preflight::internals::rehearse::Host;
use refinery_preflight::internals::release::select::select;
use refinery_preflight::internals::schema::releases;
use refinery_preflight::internals::verdict::Report;
use refinery_preflight::internals::vfs::input_error::InputError;
use std::fs;
use std::path::{Path, PathBuf};

/// Relative to the package, where tests run.
const ROOT: &str = "fixtures/checks";

/// Files in a folder that are not checked: the options, the machine, and the running configuration.
const HOW: &str = "how";
const MACHINE: &str = "machine.toml";
const RUNNING: &str = "running.yaml";

/// Files in a folder that list the others.
const DESCRIPTIONS: [&str; 2] = ["compose.yaml", "kustomization.yaml"];

/// The date on which fixtures are checked.
pub const TODAY: Date = jiff::civil::date(2026, 1, 1);

/// A fixture of a check: a file, or a folder of files.
#[derive(Clone, Debug)]
pub struct Fixture {
    /// `group/name`.
    pub check: String,
    pub path: PathBuf,
    pub is_bad: bool,
    how: Vec<(String, String)>,
}

/// All fixtures, sorted by path.
pub fn fixtures() -> Vec<Fixture> {
    folders().iter().flat_map(|check| of_check(check)).collect()
}

/// The checks that have a folder, sorted.
pub fn folders() -> Vec<String> {
    let groups = entries(Path::new(ROOT));
    let folders = groups.iter().flat_map(|group| entries(group));
    folders.map(|folder| name_below(&folder, ROOT)).collect()
}

fn of_check(check: &str) -> Vec<Fixture> {
    let paths = entries(&Path::new(ROOT).join(check));
    let fixtures = paths.into_iter().filter(|p| p.extension().is_none_or(|e| e != "expected"));
    fixtures
        .map(|path| {
            let name = file_name(&path);
            let is_bad = name.starts_with("bad-");
            assert!(
                is_bad || name.starts_with("ok-"),
                "{} starts with neither `bad-` nor `ok-`",
                path.display()
            );
            Fixture { check: check.to_owned(), is_bad, how: read_how(&path), path }
        })
        .collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

fn name_below(path: &Path, folder: &str) -> String {
    path.strip_prefix(folder).expect("below").to_str().expect("a plain name").replace('\\', "/")
}

fn file_name(path: &Path) -> String {
    path.file_name().expect("a name").to_str().expect("a plain name").to_owned()
}

/// The options of a fixture.
fn read_how(path: &Path) -> Vec<(String, String)> {
    const WORDS: [&str; 8] =
        ["refinery", "kind", "flags", "env", "variables", "config", "rules", "fact"];
    let text = fs::read(if path.is_dir() { path.join(HOW) } else { path.to_owned() });
    let text = String::from_utf8_lossy(&text.unwrap_or_default()).into_owned();
    let head = text.lines().take_while(|line| path.is_dir() || line.starts_with("# "));
    head.filter_map(|line| line.trim_start_matches("# ").split_once(": "))
        .filter(|(word, _)| !word.contains(' '))
        .map(|(word, said)| {
            assert!(WORDS.contains(&word), "{}: unknown option `{word}`", path.display());
            (word.to_owned(), said.trim().to_owned())
        })
        .collect()
}

impl Fixture {
    /// `group/name/bad-x.yaml`.
    pub fn name(&self) -> String {
        name_below(&self.path, ROOT)
    }

    fn how(&self, word: &str) -> Option<&str> {
        self.how.iter().find(|(w, _)| w == word).map(|(_, said)| said.as_str())
    }

    /// The words of an option.
    fn words(&self, word: &str) -> Vec<String> {
        self.how(word).unwrap_or_default().split_whitespace().map(str::to_owned).collect()
    }

    pub fn facts(&self) -> Vec<String> {
        self.words("fact")
    }

    pub fn expected(&self) -> PathBuf {
        self.path.with_extension("expected")
    }

    /// The files that are checked.
    pub fn files(&self) -> Vec<PathBuf> {
        if !self.path.is_dir() {
            return vec![self.path.clone()];
        }
        entries(&self.path)
            .into_iter()
            .filter(|path| ![HOW, MACHINE, RUNNING].contains(&&*file_name(path)))
            .collect()
    }

    pub fn options(&self) -> CheckOptions {
        let names = self.how("refinery").unwrap_or("latest");
        let pairs = self.words("env");
        let known = pairs.iter().map(|pair| pair.split_once('=').expect("NAME=VALUE"));
        let known = known.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        CheckOptions {
            releases: select(names, &releases()).expect("releases"),
            environment: Environment::new(known, self.how("variables") == Some("closed")),
            arguments: self.words("flags"),
            host: self.host(),
            overrides_pins: self.how("refinery").is_some(),
            unknown: Vec::new(),
            day: None,
            running: self.running().map(RunningConfig::One),
        }
    }

    /// The running configuration before the fixture's files are loaded.
    fn running(&self) -> Option<Sources> {
        let file = self.path.join(RUNNING);
        let config = vec![file.is_file().then(|| file.display().to_string())?];
        let request = Request { config, ..Request::default() };
        Some(gather(&request, &mut std::io::empty()).expect("a file that can be read"))
    }

    fn host(&self) -> Host {
        match fs::read_to_string(self.path.join(MACHINE)) {
            Ok(text) => Host::parse(&text).expect("a description of a machine"),
            Err(_) => Host::default(),
        }
    }

    /// Gathers a copy of the fixture's files in `folder`.
    ///
    /// # Errors
    /// The fixture holds no Refinery files.
    pub fn gather_from(&self, folder: &Path) -> Result<Sources, InputError> {
        let place = |name: &str| format!("{}/{name}", folder.display());
        if self.how("kind") == Some("container") {
            let paths = self.files().iter().map(|path| place(&file_name(path)).into()).collect();
            let request = Request { paths, ..Request::default() };
            return gather(&request, &mut std::io::empty());
        }
        let names: Vec<String> = self.files().iter().map(|path| file_name(path)).collect();
        let half = |kind: &str| -> Vec<String> {
            if self.how(kind).is_some() {
                return self.words(kind).iter().map(|name| place(name)).collect();
            }
            let is_of_kind = |name: &&String| {
                if self.path.is_dir() {
                    name.starts_with(kind)
                } else {
                    self.how("kind").unwrap_or("config") == kind
                }
            };
            names.iter().filter(is_of_kind).map(|name| place(name)).collect()
        };
        let request = match names.iter().find(|name| DESCRIPTIONS.contains(&name.as_str())) {
            Some(name) => Request { paths: vec![place(name).into()], ..Request::default() },
            None => Request { config: half("config"), rules: half("rules"), ..Request::default() },
        };
        let named = request.paths.len() + request.config.len() + request.rules.len();
        assert!(named > 0, "{}: no file of this fixture would be read", self.name());
        gather(&request, &mut std::io::empty())
    }

    pub fn check(&self) -> (Sources, Report) {
        let folder = if self.path.is_dir() { &*self.path } else { self.path.parent().unwrap() };
        let mut sources = self.gather_from(folder).expect("files that can be read");
        let mut report = check(&mut sources, &self.options());
        let policy = Policy { today: Some(TODAY), ..Policy::default() };
        apply(&policy, &mut report, &sources.files);
        decide(&policy, &mut report);
        (sources, report)
    }
}
