//! `trace`: the sampling decision for given traces, and why.

use super::console::{Console, Failure};
use super::help::epilogue;
use super::human_or_json::HumanOrJson;
use super::inputs::{Named, single};
use super::traffic::{
    Arrival, invalid_traces, loaded, named_target, open_traces, parse_interval, warn_about,
};
use crate::checks::semantics_of;
use crate::engine::{KeyFields, ReadFields, Trace};
use crate::pipeline::parallel::map;
use crate::pipeline::{CheckOptions, Parsed, Schemas, hide_secrets};
use crate::policy::ExitStatus;
use crate::rehearse::specs::{DEFAULT, intake_settings};
use crate::rehearse::{Acceptance, Host};
use crate::report::decisions::DecisionReport;
use crate::thin::missing;
use crate::traces::{
    BadInput, Grouped, Input, Intake, MOST_KEPT, Matched, Route, Run, TraceResult,
};
use crate::value::Duration;
use clap::Args;
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
/// `{"id":"t1","spans":[{"root":true,"fields":{"http.status_code":500}}]}`. It can also contain
/// OTLP/JSON exports, OTLP protobuf messages (alone or as the Collector's file exporter writes them),
/// or batches of events as sent to Honeycomb's API (`[{"data":{…}}]`). It may be compressed with gzip
/// or zstd.
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
    /// How plain traces reach Refinery.
    ///
    /// Only for files with one trace per line; exports and batches specify it themselves.
    #[arg(long, value_enum, default_value_t, value_name = "ROUTE")]
    route: Arrival,
    /// Output format.
    ///
    /// JSON has one object per line and trace.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    output_format: HumanOrJson,
    #[command(flatten)]
    named: Named,
}

impl Arguments {
    fn bad(&self, error: &BadInput) -> Failure {
        invalid_traces(&self.file.display().to_string(), error)
    }
}

pub fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
    let mut sources = arguments.named.gather()?;
    let secrets = hide_secrets(&mut sources.files);
    // Neither values nor decisions depend on the machine, so nothing is bound or called.
    let options = CheckOptions { host: Host::default(), ..arguments.named.options()? };
    let (deployment, release) = single(&sources, &options)?;
    let schemas = Schemas::of(release);
    let parsed = Parsed::new(deployment, &sources.files, &options, &secrets);
    let start = loaded(deployment, &parsed, &schemas)?;
    if start.acceptance == Acceptance::Refused {
        return Ok(console.refused(release, "there are no decisions"));
    }
    let (name, target) = named_target(&start, &arguments.target)?;
    let mut input = open_traces(&arguments.file, &mut *console.input)?;
    let semantics = semantics_of(&schemas.config);
    let missing = input.thinned().map(|thinned| missing(thinned, &target, semantics));
    let mut decider = Decider {
        run: Run::new(name, &target, arguments.interval.0),
        report: DecisionReport { target: name, spec: &target },
        format: arguments.output_format,
        is_first: true,
        status: ExitStatus::Clean,
        parsed: &parsed,
        output: &mut *console.output,
    };
    let read = ReadFields::of_target(&target);
    let done = if input.has_events() {
        // If Refinery crashes while it looks for the fields, it crashes on the first trace as well.
        let keys = KeyFields::of_target(&target).unwrap_or_default();
        let intake = Intake::new(intake_settings(&start.config), keys, read);
        decider.decide_events(&mut input, &intake)
    } else {
        decider.decide_lines(&mut input, arguments.route.into(), &read)
    };
    let status = decider.status;
    drop(input);
    warn_about(&missing.unwrap_or_default(), console);
    match done {
        Ok(()) => Ok(status),
        Err(Stop::Input(error)) => Err(arguments.bad(&error)),
        Err(Stop::Output(failure)) => Err(failure),
    }
}

/// Why reading ends early.
enum Stop {
    Input(BadInput),
    Output(Failure),
}

impl From<BadInput> for Stop {
    fn from(error: BadInput) -> Self {
        Self::Input(error)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Output(failure)
    }
}

/// Decides traces and writes the decisions.
struct Decider<'a> {
    run: Run<'a>,
    report: DecisionReport<'a>,
    format: HumanOrJson,
    /// Whether nothing is written yet.
    is_first: bool,
    status: ExitStatus,
    parsed: &'a Parsed<'a>,
    output: &'a mut dyn Write,
}

impl Decider<'_> {
    /// Whether reports say why rules did not match.
    fn explains(&self) -> bool {
        matches!(self.format, HumanOrJson::Human)
    }

    /// Traces are read and matched by all processors, and decided in order.
    fn decide_lines(
        &mut self,
        input: &mut Input<'_>,
        route: Route,
        read: &ReadFields,
    ) -> Result<(), Stop> {
        loop {
            let parts = input.next_parts()?;
            if parts.is_empty() {
                return Ok(());
            }
            let (run, explains) = (&self.run, self.explains());
            let matched = map(&parts, |part| {
                let read = read.clone();
                part.map_traces(route, &read, |trace| run.find_match(trace, explains))
            });
            self.settle(matched.into_iter().flatten())?;
        }
    }

    /// Events of a trace may be anywhere, so all are read before the first decision.
    fn decide_events(&mut self, input: &mut Input<'_>, intake: &Intake) -> Result<(), Stop> {
        let mut traces = Grouped::default();
        loop {
            let parts = input.next_parts()?;
            if parts.is_empty() {
                break;
            }
            let arrivals = map(&parts, |part| part.arrivals(&intake.clone()));
            for arrivals in arrivals {
                arrivals?.into_iter().for_each(|arrival| traces.add(arrival));
            }
            if traces.size() > MOST_KEPT {
                return Err(BadInput::TooMuch { most: MOST_KEPT }.into());
            }
        }
        if traces.is_empty() {
            return Err(BadInput::Empty.into());
        }
        let mut traces = traces.into_traces(intake.timing());
        loop {
            let piece: Vec<Trace> = traces.by_ref().take(PIECE).collect();
            if piece.is_empty() {
                return Ok(());
            }
            let (run, explains) = (&self.run, self.explains());
            let matched = map(&piece, |trace| run.find_match(trace, explains));
            self.settle(matched.into_iter().map(Ok))?;
        }
    }

    /// Decides traces in order, and writes the decisions up to the first error.
    fn settle(
        &mut self,
        matched: impl Iterator<Item = Result<Matched, BadInput>>,
    ) -> Result<(), Stop> {
        let (mut results, mut error) = (Vec::new(), None);
        for matched in matched {
            match matched {
                Ok(matched) => results.push(self.run.settle(matched)),
                Err(bad) => {
                    error = Some(bad.into());
                    break;
                }
            }
        }
        if results.iter().any(|result| result.outcome.is_err()) {
            self.status = ExitStatus::Blocked;
        }
        self.write(&results)?;
        error.map_or(Ok(()), Err)
    }

    /// All processors format the decisions.
    fn write(&mut self, results: &[TraceResult]) -> Result<(), Failure> {
        const PIECE: usize = 256;
        let pieces: Vec<_> = results.chunks(PIECE).collect();
        let texts = map(&pieces, |piece| {
            let texts = piece.iter().map(|result| match self.format {
                HumanOrJson::Json => self.report.json_line(result),
                HumanOrJson::Human => format!("\n{}", self.report.paragraph(result)),
            });
            self.parsed.redact_known(&texts.collect::<String>())
        });
        for text in &texts {
            // Nothing is before the first paragraph.
            let is_first = std::mem::take(&mut self.is_first);
            let shown = text.strip_prefix('\n').filter(|_| is_first).unwrap_or(text);
            self.output.write_all(shown.as_bytes())?;
        }
        self.output.flush()?;
        Ok(())
    }
}

/// The number of traces that are matched at once.
const PIECE: usize = 4096;
