//! `test`: the tests of sampling rules.

use super::console::{Console, Failure};
use super::help::epilogue;
use super::inputs::{only_release, select_releases};
use super::outputs::Outputs;
use super::test_file::TestSource;
use super::test_write::{Writer, Written, with_own_rules};
use crate::checks::{TargetAt, find_intake, semantics_of};
use crate::decompress::decompressed;
use crate::deploy::Deployment;
use crate::diagnostic::{Finding, Severity};
use crate::discover::gather::gather;
use crate::discover::rule_tests::rules_of;
use crate::discover::{Request, Sources};
use crate::git::work_tree::Disk;
use crate::pipeline::{CheckOptions, Parsed, Schemas, hide_secrets, names, present};
use crate::policy::ExitStatus;
use crate::rehearse::{Acceptance, Host};
use crate::report::{Detail, render_with};
use crate::rule_tests::{
    Coverage, Covered, Noticed, Open, Reading, Runner, Tally, TestFile, invalid, is_rule_test,
    mutate, not_enough, not_loaded, read,
};
use crate::schema::secrets::Secrets;
use crate::span::{FileId, Files};
use crate::verdict::{DeploymentReport, FileOutcome, FileRecord, Report, Reported};
use crate::vfs::Vfs;
use crate::vfs::decode::decode;
use crate::vfs::input_error::{InputError, InputProblem};
use crate::vfs::path::{format_of, join, name_of, split};
use crate::vfs::read::{open_file, unreadable};
use clap::Args;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};

const HELP: &str = epilogue! {
    examples: [
        "test" => "Run the tests of all rules in this folder",
        "test rules.preflight.yaml" => "Run one file",
        "test --coverage --fail-under 80" => "Report what no test exercises",
        "test --mutate" => "Report small changes to the rules that no test notices",
        "test --write" => "Write tests for what no test exercises",
    ],
    clean: "all tests passed",
    blocked: "a test failed or could not run",
    page: "testing-rules.md",
};

/// Run the tests of sampling rules.
///
/// The tests are in files named `NAME.preflight.yaml` next to the rules.
#[derive(Args, Debug)]
#[command(after_long_help = HELP)]
pub struct Arguments {
    /// Test files, or folders to search for them.
    ///
    /// With `--write`, also rules files.
    paths: Vec<PathBuf>,
    /// Refinery release to test with, such as `3.2`.
    ///
    /// By default the release that the files pin, such as by an image tag, or else `latest`.
    #[arg(long, value_name = "RELEASE", env = "REFINERY_PREFLIGHT_REFINERY")]
    refinery: Option<String>,
    /// Report which rules and conditions no test exercises.
    #[arg(long)]
    coverage: bool,
    /// Fail if the tests exercise less than this percentage.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(..=100))]
    fail_under: Option<u8>,
    /// Report small changes to the rules that no test notices.
    #[arg(long)]
    mutate: bool,
    /// Write tests for what no test exercises.
    ///
    /// Searches for a trace for each rule and for each outcome of each condition. The tests expect
    /// what Refinery decides today: give them names, and correct the expectations that are wrong. They
    /// are appended to the test file of the target, or written to a new file next to the rules.
    #[arg(long, conflicts_with = "mutate")]
    write: bool,
    #[command(flatten)]
    outputs: Outputs,
}

/// The result of a run, as it grows.
#[derive(Default)]
struct Results {
    report: Report,
    tally: Tally,
    covered: Covered,
    /// The changes of the rules that were tried.
    noticed: Noticed,
    written: Written,
}

pub fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
    arguments.outputs.validate()?;
    let options = arguments.options()?;
    let paths = match &arguments.paths[..] {
        [] => vec![PathBuf::from(".")],
        paths => paths.to_vec(),
    };
    let disk = Disk::within(&paths);
    let loaded = arguments.load(&disk, &paths)?;
    let mut sources = arguments.gather_rules(&loaded, &paths, console)?;
    let ids: Vec<FileId> =
        loaded.iter().map(|file| sources.files.add(&file.name, file.text.clone())).collect();
    let secrets = hide_secrets(&mut sources.files);
    let files = loaded.iter().zip(ids).map(|(file, id)| (file, read(id, &file.text)));
    let mut results = Results::default();
    let mut by_deployment: BTreeMap<usize, Vec<(&TestSource, Reading)>> = BTreeMap::new();
    for (file, reading) in files {
        match find_deployment(file, &reading, &sources) {
            Ok(place) => by_deployment.entry(place).or_default().push((file, reading)),
            Err(finding) => {
                let present = |finding| present(finding, &sources.files, &[&secrets]);
                results.add_unusable(file, reading, *finding, &present);
            }
        }
    }
    if arguments.write {
        for place in with_own_rules(&sources) {
            by_deployment.entry(place).or_default();
        }
    }
    let session =
        Session { arguments, options: &options, sources: &sources, secrets: &secrets, disk: &disk };
    for (place, files) in by_deployment {
        session.run(&sources.deployments[place], &files, &mut results)?;
    }
    session.finish(results, console)
}

impl Arguments {
    fn options(&self) -> Result<CheckOptions, Failure> {
        let releases = select_releases(self.refinery.as_deref().unwrap_or("latest"))?;
        let options = CheckOptions {
            releases,
            overrides_pins: self.refinery.is_some(),
            host: Host::default(),
            ..CheckOptions::default()
        };
        only_release(&options)?;
        Ok(options)
    }

    fn wants_coverage(&self) -> bool {
        self.coverage || self.fail_under.is_some() || self.write
    }

    fn load(&self, disk: &Disk, paths: &[PathBuf]) -> Result<Vec<TestSource>, Failure> {
        let mut found: BTreeMap<String, PathBuf> = BTreeMap::new();
        for path in paths {
            let name = name_of(path);
            if disk.is_folder(path) {
                let walked = disk.walk(path, is_rule_test)?.files;
                found.extend(walked.into_iter().map(|file| (file.name, file.path)));
            } else if !self.write || is_rule_test(&name) {
                found.insert(name, path.clone());
            }
        }
        if found.is_empty() && !self.write {
            let names: Vec<String> =
                paths.iter().map(|path| format!("`{}`", name_of(path))).collect();
            return Err(Failure::unusable(
                format!("no tests of rules in {}", names.join(", ")),
                "write them to `NAME.preflight.yaml` next to the rules, or run `test --write`; see \
                 docs/testing-rules.md",
            ));
        }
        let load = |(name, path): (String, PathBuf)| {
            let text = decode(disk.read(&path, &name)?, format_of(&name)).text;
            let rules = rules_of(disk, &name, &text);
            Ok(TestSource { name, text, rules })
        };
        found.into_iter().map(load).collect()
    }

    /// Reads the deployments of all rules files: those of the tests and, to write tests, those that are
    /// named.
    fn gather_rules(
        &self,
        loaded: &[TestSource],
        named: &[PathBuf],
        console: &mut Console<'_>,
    ) -> Result<Sources, Failure> {
        let of_tests = loaded.iter().filter_map(|file| file.rules.as_ref().ok()).map(PathBuf::from);
        let named = named.iter().filter(|path| self.write && !is_rule_test(&name_of(path)));
        let paths: BTreeSet<PathBuf> = of_tests.chain(named.cloned()).collect();
        if paths.is_empty() {
            return Ok(Sources::default());
        }
        let request = Request { paths: paths.into_iter().collect(), ..Request::default() };
        match gather(&request, console.input) {
            // Each test file has a finding about it.
            Err(InputError {
                problem: InputProblem::NotRecognised | InputProblem::NothingFound,
                ..
            }) if !loaded.is_empty() => Ok(Sources::default()),
            sources => Ok(sources?),
        }
    }
}

/// The deployment that has the rules of a test file.
fn find_deployment(
    file: &TestSource,
    reading: &Reading,
    sources: &Sources,
) -> Result<usize, Box<Finding>> {
    let at = reading.rules.as_ref().map_or(reading.top, |rules| rules.span);
    let name = file.rules.as_ref().map_err(|why| {
        let label = if reading.rules.is_some() { "cannot be read" } else { "needs `rules`" };
        let help = "set `rules` to the rules file, relative to this file";
        Box::new(invalid(at, why.clone(), label).help(help))
    })?;
    let files = &sources.files;
    let has = |deployment: &Deployment| {
        let mut rules = deployment.rules.iter();
        rules.any(|source| files.get(files.outermost(source.file)).name.file() == name)
    };
    let deployments = sources.deployments.iter().enumerate();
    let found: Vec<usize> = deployments.filter(|(_, d)| has(d)).map(|(place, _)| place).collect();
    match found[..] {
        [place] => Ok(place),
        [] => {
            let message = format!("Refinery cannot load any rules from `{name}`");
            let finding = invalid(at, message, "the rules file of these tests");
            Err(Box::new(finding.help(format!("run `refinery-preflight check {name}` to see why"))))
        }
        _ => {
            let message = format!("`{name}` belongs to {} deployments", found.len());
            Err(Box::new(
                invalid(at, message, "ambiguous").help("use a rules file of a single deployment"),
            ))
        }
    }
}

impl Results {
    /// A test file whose rules are not known.
    fn add_unusable(
        &mut self,
        file: &TestSource,
        reading: Reading,
        finding: Finding,
        present: &dyn Fn(Finding) -> Finding,
    ) {
        self.tally.not_run += reading.count.max(1);
        let findings = reading.findings.into_iter().chain([finding]);
        let findings =
            findings.map(|finding| Reported::new(present(finding), Vec::new())).collect();
        let config = vec![(&file.name).into()];
        self.report.deployments.push(DeploymentReport {
            config,
            findings,
            ..DeploymentReport::default()
        });
        let record = FileRecord { name: file.name.clone(), outcome: FileOutcome::CannotCheck };
        self.report.files.push(record);
    }
}

/// What all test files of a run share.
struct Session<'s> {
    arguments: &'s Arguments,
    options: &'s CheckOptions,
    sources: &'s Sources,
    secrets: &'s Secrets,
    disk: &'s Disk,
}

impl Session<'_> {
    /// Runs the test files of one deployment.
    fn run(
        &self,
        deployment: &Deployment,
        tests: &[(&TestSource, Reading)],
        results: &mut Results,
    ) -> Result<(), Failure> {
        let files = &self.sources.files;
        let [release] = self.options.releases_of(deployment)[..] else {
            let message = "the files pin an unknown release";
            return Err(Failure::unusable(message, "pass one with `--refinery`, such as `3.2`"));
        };
        let schemas = Schemas::of(release);
        let parsed = Parsed::new(deployment, files, self.options, self.secrets);
        let analysis = parsed.analyze_start(&schemas);
        let is_refused = analysis.start.acceptance == Acceptance::Refused;
        let targets = TargetAt::all(&analysis.start.rules);
        let intake = find_intake(&analysis.start.config, &schemas.config);
        let mut runner = Runner {
            targets: &targets,
            intake: &intake,
            semantics: semantics_of(&schemas.config),
            coverage: Coverage::new(&targets),
        };
        let mut findings: Vec<Finding> = Vec::new();
        if is_refused {
            findings.extend(analysis.findings.into_iter().filter(Finding::stops_start));
            findings.extend(tests.iter().map(|(file, reading)| {
                not_loaded(reading.top, file.rules.as_deref().unwrap_or_default())
            }));
        }
        let (mut tally, found) = self.run_files(&mut runner, tests, is_refused);
        findings.extend(found);
        if self.arguments.write && is_refused {
            results.written.refuse(deployment, files);
        } else if self.arguments.write {
            let writer = Writer { disk: self.disk, files, deployment, tests };
            let (count, notes) = writer.write(&mut runner, &mut results.written)?;
            tally.passed += count;
            findings.extend(notes);
        }
        findings.extend(self.coverage_findings(&runner, tests));
        if self.arguments.mutate && tally.is_good() {
            let (noticed, notes) = self.mutate(&runner, tests);
            results.noticed.add(noticed);
            findings.extend(notes);
        }
        results.tally.add(tally);
        results.covered = results.covered.and(runner.coverage.count());
        let release = vec![analysis.verdict.release.clone()];
        let findings = findings.into_iter().map(|finding| parsed.present(finding));
        let findings = findings.map(|finding| Reported::new(finding, release.clone())).collect();
        let (config, rules) = (names(&deployment.config, files), names(&deployment.rules, files));
        let place = results.report.deployments.len();
        let own = config.iter().chain(&rules).map(|name| name.file().to_owned());
        for name in own.chain(tests.iter().map(|(file, _)| file.name.clone())) {
            let outcome = FileOutcome::Checked(vec![place]);
            results.report.files.push(FileRecord { name, outcome });
        }
        let verdicts = vec![analysis.verdict];
        let report =
            DeploymentReport { config, rules, verdicts, findings, ..DeploymentReport::default() };
        results.report.deployments.push(report);
        Ok(())
    }

    /// Runs all test files of a deployment, unless its rules are refused.
    fn run_files(
        &self,
        runner: &mut Runner<'_>,
        tests: &[(&TestSource, Reading)],
        is_refused: bool,
    ) -> (Tally, Vec<Finding>) {
        let (mut all, mut findings) = (Tally::default(), Vec::new());
        for (file, reading) in tests {
            findings.extend(reading.findings.iter().cloned());
            let mut tally = Tally::default();
            if let Some(tests) = reading.file.as_ref().filter(|_| !is_refused) {
                let (ran, found) = runner.run(tests, &|path| self.open(file, path));
                tally = ran;
                findings.extend(found);
            }
            // Those that cannot be read count, too, and so does a file that has none.
            tally.not_run = reading.count.max(1).saturating_sub(tally.passed + tally.failed);
            all.add(tally);
        }
        (all, findings)
    }

    fn coverage_findings(
        &self,
        runner: &Runner<'_>,
        tests: &[(&TestSource, Reading)],
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        if self.arguments.coverage {
            findings.extend(runner.coverage.notes(runner.targets));
        }
        if let (Some(wanted), Some((_, first))) = (self.arguments.fail_under, tests.first()) {
            findings.extend(not_enough(runner.coverage.count(), wanted, first.top));
        }
        findings
    }

    fn mutate(
        &self,
        runner: &Runner<'_>,
        tests: &[(&TestSource, Reading)],
    ) -> (Noticed, Vec<Finding>) {
        let open: Vec<_> =
            tests.iter().map(|(file, _)| move |path: &str| self.open(file, path)).collect();
        let files = tests.iter().zip(&open);
        let files: Vec<(&TestFile, Open<'_>)> = files
            .filter_map(|((_, reading), open)| Some((reading.file.as_ref()?, open as Open<'_>)))
            .collect();
        mutate(runner, &files)
    }

    /// Opens a file with traces that a test file names, if it may be read.
    fn open(&self, file: &TestSource, path: &str) -> Result<Box<dyn Read>, InputError> {
        let name = join(split(&file.name).0, path);
        let path = Path::new(&name);
        self.disk.head(path, &name)?;
        decompressed(open_file(path)?).map_err(|error| unreadable(&name, &error))
    }

    fn finish(&self, results: Results, console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
        let Results { mut report, tally, covered, noticed, written } = results;
        let written = if self.arguments.write { written.commit()? } else { String::new() };
        report.files.sort_by(|a, b| a.name.cmp(&b.name));
        report.files.dedup_by(|a, b| a.name == b.name);
        let mut findings = report.deployments.iter().flat_map(|d| &d.findings);
        let has_error = findings.any(|found| found.severity == Severity::Error);
        report.blocked = has_error || !tally.is_good();
        let sign = if report.blocked { '✘' } else { '✔' };
        let coverage = if self.arguments.wants_coverage() {
            format!("· the tests exercise {covered}\n")
        } else {
            String::new()
        };
        let noticed = match self.arguments.mutate {
            true if tally.is_good() => format!("· the tests notice {noticed}\n"),
            true => "· changes to the rules are only tried if all tests pass\n".to_owned(),
            false => String::new(),
        };
        let summary = format!("{written}{coverage}{noticed}{sign} {tally}\n");
        let detail = Detail { quiet: true, ..Detail::default() };
        let files: &Files = &self.sources.files;
        self.arguments.outputs.write(
            |_| true,
            |format, style| {
                let text = render_with(format, &report, files, style, &detail);
                if format.is_for_people() { text + &summary } else { text }
            },
            console,
        )?;
        Ok(if report.blocked { ExitStatus::Blocked } else { ExitStatus::Clean })
    }
}
