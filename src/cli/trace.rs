//! `trace`: the sampling decision for given traces, and why.

use super::console::{Console, Failure};
use super::inputs::{Named, single};
use crate::config::defaults::complete;
use crate::engine::ingest::IdFields;
use crate::engine::spec::Target;
use crate::engine::{KeyFields, Trace};
use crate::pipeline::{CheckOptions, Parsed, Schemas, hide_secrets};
use crate::policy::ExitStatus;
use crate::rehearse::specs::{find_target, id_fields};
use crate::rehearse::{Acceptance, Host};
use crate::report::decisions::{DecisionReport, human, json_lines};
use crate::traces;
use crate::value::Duration;
use crate::vfs::read::read_text_or_stdin;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Show how Refinery samples given traces: the matching rule, and why earlier rules did not match.
///
/// The file has one trace per line, such as
/// `{"id":"t1","spans":[{"root":true,"fields":{"http.status_code":500}}]}`, or is an OTLP/JSON
/// export.
#[derive(Args, Debug)]
pub struct Arguments {
    /// File with traces; `-` reads standard input.
    file: PathBuf,
    /// Environment or dataset of the traces.
    #[arg(long, value_name = "NAME", default_value = "__default__")]
    target: String,
    /// Time between two decisions, such as `100ms`.
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = parse_interval)]
    interval: Duration,
    /// Output format.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    output_format: Format,
    #[command(flatten)]
    named: Named,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    #[default]
    Human,
    /// One object per line and trace.
    Json,
}

fn parse_interval(text: &str) -> Result<Duration, String> {
    match Duration::parse(text) {
        Ok(duration) if duration.0 >= 0 => Ok(duration),
        _ => Err("expected a duration such as `100ms`".to_owned()),
    }
}

pub fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
    let mut sources = arguments.named.gather()?;
    let secrets = hide_secrets(&mut sources.files);
    // Neither values nor decisions depend on the machine, so nothing is bound or called.
    let options = CheckOptions { host: Host::default(), ..arguments.named.options()? };
    let (deployment, release) = single(&sources, &options)?;
    if deployment.rules.is_empty() {
        return Err(Failure::unusable("no rules file", "name one with `-r`"));
    }
    let schemas = Schemas::of(release)?;
    let parsed = Parsed::new(deployment, &sources.files, &options, &secrets);
    let mut start = parsed.analyze(&schemas).start;
    if start.acceptance == Acceptance::Refused {
        return Ok(console.refused(release, "there are no decisions"));
    }
    if parsed.documents.config.is_empty() {
        start.config = complete(schemas.config.root(), start.config);
    }
    let (name, target) = find_target(&start.rules, &arguments.target);
    let traces = read_all(arguments, &target, &id_fields(&start.config), console)?;
    let results = traces::run(name, &target, &traces, arguments.interval.0);
    let report = DecisionReport { target: name, spec: &target, results: &results };
    console.print(&parsed.redact(&match arguments.output_format {
        Format::Human => human(&report),
        Format::Json => json_lines(&report),
    }))?;
    let is_handled = results.iter().all(|result| result.outcome.is_ok());
    Ok(if is_handled { ExitStatus::Clean } else { ExitStatus::Blocked })
}

fn read_all(
    arguments: &Arguments,
    target: &Target,
    ids: &IdFields,
    console: &mut Console<'_>,
) -> Result<Vec<Trace>, Failure> {
    let text = read_text_or_stdin(&arguments.file, console.input)?;
    // If Refinery crashes while it looks for the fields, it crashes on the first trace as well.
    let keys = KeyFields::of_target(target).unwrap_or_default();
    traces::read(&text, ids, &keys).map_err(|bad| {
        let message = format!("invalid traces in `{}`: {bad}", arguments.file.display());
        Failure::unusable(message, "expected JSON with one trace per line, or an OTLP/JSON export")
    })
}
