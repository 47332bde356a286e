//! `trace`: the sampling decision for given traces, and why.

use super::console::{Console, Failure};
use super::help::epilogue;
use super::inputs::{Named, single};
use crate::config::defaults::complete;
use crate::config::effective_value::Record;
use crate::engine::KeyFields;
use crate::pipeline::{CheckOptions, Parsed, Schemas, hide_secrets};
use crate::policy::ExitStatus;
use crate::rehearse::specs::{DEFAULT, find_target, id_fields, targets};
use crate::rehearse::{Acceptance, Host};
use crate::report::decisions::DecisionReport;
use crate::schema::nearest;
use crate::traces::{BadInput, Input, Route, Run, TraceResult};
use crate::value::Duration;
use crate::vfs::read::open_stream;
use clap::{Args, ValueEnum};
use std::io::Write;
use std::path::PathBuf;

const HELP: &str = epilogue! {
    examples: [
        "trace traces.jsonl -r rules.yaml" => "Decide traces with the default target",
        "trace traces.jsonl -r rules.yaml --target production" => "Decide those of one environment",
    ],
    clean: "every trace was decided",
    blocked: "Refinery does not start with these files, or crashes on a trace",
    page: "rehearsal.md#traces",
};

/// Show how Refinery samples given traces, and why.
///
/// For each trace: the matching rule, and why earlier rules did not match.
///
/// The file has one trace per line, such as
/// `{"id":"t1","spans":[{"root":true,"fields":{"http.status_code":500}}]}`, or is an OTLP/JSON
/// export, or batches of events as Honeycomb's API takes them (`[{"data":{…}}]`).
#[derive(Args, Debug)]
#[command(after_long_help = HELP)]
pub struct Arguments {
    /// File with traces; `-` reads standard input.
    file: PathBuf,
    /// Environment or dataset of the traces.
    #[arg(long, value_name = "NAME", default_value = DEFAULT)]
    target: String,
    /// Time between two decisions, such as `100ms`.
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = parse_interval)]
    interval: Duration,
    /// How plain traces arrive.
    ///
    /// Those that stand one per line; exports and batches show it themselves.
    #[arg(long, value_enum, default_value_t, value_name = "ROUTE")]
    route: Arrival,
    /// Output format.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    output_format: Format,
    #[command(flatten)]
    named: Named,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Arrival {
    /// Integers and floats keep their types.
    #[default]
    Otlp,
    /// JSON batches and events: every number is a float.
    Json,
    /// Integers from 128 on are unsigned, as compact encoders write them.
    Msgpack,
}

impl From<Arrival> for Route {
    fn from(arrival: Arrival) -> Self {
        match arrival {
            Arrival::Otlp => Self::Otlp,
            Arrival::Json => Self::Json,
            Arrival::Msgpack => Self::Msgpack,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    #[default]
    Human,
    /// One object per line and trace.
    Json,
}

impl Arguments {
    /// A target other than the default.
    fn named_target(&self) -> Option<&str> {
        Some(self.target.as_str()).filter(|name| *name != DEFAULT)
    }
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
    let schemas = Schemas::of(release);
    let parsed = Parsed::new(deployment, &sources.files, &options, &secrets);
    let mut start = parsed.analyze(&schemas).start;
    if start.acceptance == Acceptance::Refused {
        return Ok(console.refused(release, "there are no decisions"));
    }
    if parsed.documents.config.is_empty() {
        start.config = complete(schemas.config.root(), start.config);
    }
    let (name, target) = find_target(&start.rules, &arguments.target);
    if let Some(wanted) = arguments.named_target().filter(|wanted| *wanted != name) {
        return Err(unknown_target(wanted, &start.rules));
    }
    // If Refinery crashes while it looks for the fields, it crashes on the first trace as well.
    let keys = KeyFields::of_target(&target).unwrap_or_default();
    let bad = |error: BadInput| {
        let message = format!("invalid traces in `{}`: {error}", arguments.file.display());
        Failure::unusable(
            message,
            "expected JSON with one trace per line, an OTLP/JSON export, or a batch of events",
        )
    };
    let stream = open_stream(&arguments.file, &mut *console.input)?;
    let route = arguments.route.into();
    let traces = Input::open(stream, &id_fields(&start.config), &keys, route).map_err(bad)?;
    let mut run = Run::new(name, &target, arguments.interval.0);
    let mut writer =
        Writer::new(DecisionReport { target: name, spec: &target }, arguments.output_format);
    let mut status = ExitStatus::Clean;
    for trace in traces {
        let trace = match trace {
            Ok(trace) => trace,
            Err(error) => {
                writer.write_out(&parsed, console.output)?;
                return Err(bad(error));
            }
        };
        let result = run.decide(&trace);
        if result.outcome.is_err() {
            status = ExitStatus::Blocked;
        }
        writer.add(&result);
        if writer.is_full() {
            writer.write_out(&parsed, console.output)?;
        }
    }
    writer.write_out(&parsed, console.output)?;
    Ok(status)
}

/// Collects decisions and writes them in large pieces.
struct Writer<'a> {
    report: DecisionReport<'a>,
    format: Format,
    is_first: bool,
    text: String,
}

impl<'a> Writer<'a> {
    fn new(report: DecisionReport<'a>, format: Format) -> Self {
        Self { report, format, is_first: true, text: String::new() }
    }

    fn add(&mut self, result: &TraceResult) {
        match self.format {
            Format::Json => self.text += &self.report.json_line(result),
            Format::Human => {
                if !std::mem::take(&mut self.is_first) {
                    self.text.push('\n');
                }
                self.text += &self.report.paragraph(result);
            }
        }
    }

    fn is_full(&self) -> bool {
        const PIECE: usize = 64 << 10;
        self.text.len() >= PIECE
    }

    fn write_out(&mut self, parsed: &Parsed<'_>, output: &mut dyn Write) -> Result<(), Failure> {
        output.write_all(parsed.redact_known(&self.text).as_bytes())?;
        output.flush()?;
        self.text.clear();
        Ok(())
    }
}

fn unknown_target(wanted: &str, rules: &Record) -> Failure {
    let targets = targets(rules);
    let names = targets.iter().map(|(name, _)| *name);
    let advice = match nearest(wanted, names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "omit `--target` for the traces of targets that the rules do not list".to_owned(),
    };
    Failure::unusable(format!("no target `{wanted}` in the rules"), advice)
}
