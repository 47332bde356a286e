//! `traffic thin`: recorded traces reduced to the data that the rules use.

use super::console::{Console, Failure};
use super::help::epilogue;
use super::inputs::{Named, single};
use super::traffic::{Arrival, invalid_traces, loaded, named_target, open_traces, warn_about};
use crate::checks::semantics_of;
use crate::engine::{KeyFields, Trace};
use crate::pipeline::parallel::map;
use crate::pipeline::{CheckOptions, Parsed, Schemas, hide_secrets};
use crate::policy::ExitStatus;
use crate::rehearse::specs::{DEFAULT, intake_settings};
use crate::rehearse::{Acceptance, Host};
use crate::report::escape::one_line;
use crate::thin::{Hasher, Keys, Thinned, Thinner, Treatment};
use crate::traces::{BadInput, Grouped, Input, Intake, MOST_KEPT, Requirements};
use crate::vfs::path::name_of;
use crate::vfs::read::read_file;
use clap::{Args, Subcommand};
use std::io::Write;
use std::path::PathBuf;

/// Prepare recorded traces for `plan` and `test`.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Thin(Box<Thin>),
}

const HELP: &str = epilogue! {
    examples: [
        "traffic thin export.json -r rules.yaml --target production"
            => "Reduce an export to the data that the rules of `production` use",
        "traffic thin t.jsonl.gz -r rules.yaml --keep duration_ms"
            => "Keep a field that future rules may compare",
    ],
    clean: "the traces were written",
    blocked: "Refinery does not start with these files, or some traces are decided differently",
    page: "plan.md#recordings-in-git",
};

/// Reduce recorded traces to the data that the rules use.
///
/// Writes one trace per line; the rules decide it like the original one. Fields that the rules do not use
/// are left out; values that are only compared for equality are hashed.
#[derive(Args, Debug)]
#[command(after_long_help = HELP)]
struct Thin {
    /// File with traces, in any format that `trace` reads; `-` reads standard input.
    file: PathBuf,
    /// Environment or dataset of the traces.
    #[arg(long, value_name = "NAME", default_value = DEFAULT)]
    target: String,
    /// How plain traces reach Refinery.
    ///
    /// Only for files with one trace per line; exports and batches specify it themselves.
    #[arg(long, value_enum, default_value_t, value_name = "ROUTE")]
    route: Arrival,
    /// Field whose values are kept unchanged (repeatable).
    #[arg(long, value_name = "FIELD")]
    keep: Vec<String>,
    /// File with the hash key, to get the same hashes in every run.
    ///
    /// At least 16 bytes, to be kept secret. By default a new random key, which is not stored.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    #[command(flatten)]
    named: Named,
}

pub fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
    match &arguments.command {
        Command::Thin(arguments) => thin(arguments, console),
    }
}

fn thin(arguments: &Thin, console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
    let hasher = arguments.hasher()?;
    let mut sources = arguments.named.gather()?;
    let secrets = hide_secrets(&mut sources.files);
    let options = CheckOptions { host: Host::default(), ..arguments.named.options()? };
    let (deployment, release) = single(&sources, &options)?;
    let schemas = Schemas::of(release);
    let parsed = Parsed::new(deployment, &sources.files, &options, &secrets);
    let start = loaded(deployment, &parsed, &schemas)?;
    if start.acceptance == Acceptance::Refused {
        return Ok(console.refused(release, "there are no decisions"));
    }
    let (name, target) = named_target(&start, &arguments.target)?;
    let semantics = semantics_of(&schemas.config);
    let route = arguments.route.into();
    let thinner = Thinner::new((name, &target), semantics, &arguments.keep, route, hasher);
    let bad = |error| invalid_traces(&arguments.file.display().to_string(), &error);
    let mut input = open_traces(&arguments.file, &mut *console.input)?;
    let required = thinner.requirements();
    let missing = input.thinned().map(|before| before.missing(&required)).unwrap_or_default();
    let satisfied = input.thinned().cloned().unwrap_or_else(Requirements::all).thinned(required);
    let line = satisfied.line() + "\n";
    console.output.write_all(line.as_bytes())?;
    let mut writer = Writer {
        thinner: &thinner,
        output: &mut *console.output,
        all: Thinned::default(),
        keys: Keys::default(),
        regrouped: 0,
    };
    let done = if input.has_events() {
        let keys = KeyFields::of_target(&target).unwrap_or_default();
        let intake = Intake::new(intake_settings(&start.config), keys, thinner.read().clone());
        writer.thin_events(&mut input, &intake)
    } else {
        writer.thin_lines(&mut input)
    };
    let (all, regrouped) = (writer.all, writer.regrouped);
    drop(input);
    done.map_err(|stop| match stop {
        Stop::Input(error) => bad(error),
        Stop::Output(failure) => failure,
    })?;
    warn_about(&missing, console);
    console.warn(&summary(&all, name));
    if regrouped > 0 {
        console.warn(&format!(
            "error: dynamic samplers count {regrouped} of them together with different traces than \
             before, because some values of a key are hashed and equal values of another field are \
             not\n  help: use `--keep` with the fields of that key\n"
        ));
    }
    let is_exact = all.different.is_empty() && regrouped == 0;
    Ok(if is_exact { ExitStatus::Clean } else { ExitStatus::Blocked })
}

impl Thin {
    fn hasher(&self) -> Result<Hasher, Failure> {
        const SHORTEST: usize = 16;
        let Some(path) = &self.key_file else { return Ok(Hasher::random()) };
        let name = name_of(path);
        let key = read_file(path, &name)?;
        if key.len() < SHORTEST {
            let message =
                format!("`{name}` has fewer than {SHORTEST} bytes, so its key can be guessed");
            return Err(Failure::unusable(message, "fill it with random bytes"));
        }
        Ok(Hasher::new(&key))
    }
}

/// Why thinning ends early.
enum Stop {
    Input(BadInput),
    Output(Failure),
}

impl From<BadInput> for Stop {
    fn from(error: BadInput) -> Self {
        Self::Input(error)
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Self::Output(error.into())
    }
}

/// Thins traces by all processors, and writes them in order.
struct Writer<'w> {
    thinner: &'w Thinner<'w>,
    output: &'w mut dyn Write,
    all: Thinned,
    keys: Keys,
    /// How many traces are counted with others than before.
    regrouped: usize,
}

impl Writer<'_> {
    fn thin_lines(&mut self, input: &mut Input<'_>) -> Result<(), Stop> {
        loop {
            let parts = input.next_parts()?;
            if parts.is_empty() {
                return Ok(());
            }
            let thinner = self.thinner;
            let thinned = map(&parts, |part| {
                let traces: Result<Vec<Trace>, _> = thinner.traces(part).into_iter().collect();
                traces.map(|traces| thinner.thin(&traces))
            });
            for thinned in thinned {
                self.write(thinned?)?;
            }
        }
    }

    /// Events of a trace may be anywhere, so that all are read before the first is written.
    fn thin_events(&mut self, input: &mut Input<'_>, intake: &Intake) -> Result<(), Stop> {
        const PIECE: usize = 1024;
        let mut grouped = Grouped::default();
        loop {
            let parts = input.next_parts()?;
            if parts.is_empty() {
                break;
            }
            for arrivals in map(&parts, |part| part.arrivals(&intake.clone())) {
                arrivals?.into_iter().for_each(|arrival| grouped.add(arrival));
            }
            if grouped.size() > MOST_KEPT {
                return Err(BadInput::TooMuch { most: MOST_KEPT }.into());
            }
        }
        if grouped.is_empty() {
            return Err(BadInput::Empty.into());
        }
        // In the order in which `plan` decides them.
        let traces: Vec<Trace> = grouped.into_decided(intake.timing()).collect();
        let pieces: Vec<&[Trace]> = traces.chunks(PIECE).collect();
        let thinner = self.thinner;
        for thinned in map(&pieces, |piece| thinner.thin(piece)) {
            self.write(thinned)?;
        }
        Ok(())
    }

    fn write(&mut self, mut thinned: Thinned) -> Result<(), Stop> {
        self.output.write_all(std::mem::take(&mut thinned.text).as_bytes())?;
        let keys = std::mem::take(&mut thinned.keys).into_iter();
        self.regrouped += keys.filter(|pair| !self.keys.add(*pair)).count();
        self.all.add(thinned);
        Ok(())
    }
}

/// What was done to each field, for people to look at before they share the result.
fn summary(all: &Thinned, target: &str) -> String {
    let plural = if all.traces == 1 { "" } else { "s" };
    let target = one_line(target);
    let mut lines =
        vec![format!("{} trace{plural} thinned for the rules of `{target}`\n", all.traces)];
    let word = |treatment: &Treatment| match treatment {
        Treatment::Kept => "unchanged",
        Treatment::Hashed => "hashed",
        Treatment::Replaced => "replaced",
    };
    for (name, treatments) in &all.values {
        let treatments = treatments.iter();
        let treatments: Vec<String> =
            treatments.map(|(treatment, count)| format!("{count} {}", word(treatment))).collect();
        lines.push(format!("  `{}`: {}\n", one_line(name), treatments.join(", ")));
    }
    if let Some(first) = all.different.first() {
        let (count, first) = (all.different.len(), one_line(first));
        lines.push(format!(
            "error: {count} of them are decided differently, such as `{first}`: JSON cannot \
             represent NaN and infinities\n"
        ));
    }
    lines.concat()
}
