//! Commands that start Refinery with unknown files: flags and variables that Refinery rejects with any files.

use super::{CheckOptions, Parsed, Schemas};
use crate::deploy::Source;
use crate::diagnostic::Finding;
use crate::discover::machine_launch::MachineLaunch;
use crate::schema::secrets::Secrets;
use crate::span::{FileId, Files};
use crate::syntax::DataFormat;
use crate::verdict::DeploymentReport;

/// A config that every release accepts, in place of the unknown one.
const ACCEPTED: &str = "General:\n  ConfigurationVersion: 2\n";

/// The files of a run, and the config in place of unknown ones.
pub fn with_accepted(files: &Files) -> (Files, FileId) {
    let mut files = files.clone();
    let accepted = files.add("", ACCEPTED);
    (files, accepted)
}

/// The report on a launch; `None` if Refinery accepts it with some files.
pub fn check_launch(
    launch: &MachineLaunch,
    (files, accepted): (&Files, FileId),
    secrets: &Secrets,
    schemas: &[&Schemas],
    options: &CheckOptions,
) -> Option<DeploymentReport> {
    let mut deployment = launch.deployment.clone();
    deployment.config.push(Source { file: accepted, format: Some(DataFormat::Yaml) });
    let parsed = Parsed::new(&deployment, files, options, secrets);
    let name = files.get(files.outermost(launch.place.file)).name.clone();
    let mut report = DeploymentReport { config: vec![name], ..DeploymentReport::default() };
    report.basis = options.basis_of(&deployment);
    let is_about_launch = |finding: &&Finding| {
        finding.stops_start() && finding.primary().is_none_or(|place| place.file != accepted)
    };
    for schemas in schemas.iter().rev() {
        let analysis = parsed.analyze_start(schemas);
        let stages = analysis.start.stages.iter();
        for finding in stages.flat_map(|stage| &stage.findings).filter(is_about_launch) {
            let finding = parsed.present(finding.clone());
            let is_placed = finding.primary().is_some();
            let place = Some(launch.place).filter(|_| !is_placed);
            report.add(&analysis.verdict.release, finding.at_some(place, "started here"));
        }
        report.verdicts.insert(0, analysis.verdict);
    }
    (!report.findings.is_empty()).then_some(report)
}
