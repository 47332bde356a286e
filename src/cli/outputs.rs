//! `--output-format`: in which formats the report is written, and where.

use super::colour::{is_always, wants_colour, wants_links};
use super::console::{Console, Failure};
use super::width;
use crate::report::{Format, Style};
use crate::vfs::write::{resolve, write_file};
use clap::builder::{EnumValueParser, PossibleValue, StringValueParser, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Args, Command, ValueEnum};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::marker::PhantomData;
use std::path::PathBuf;

/// Where the report is written; by default standard output, for people.
#[derive(Args, Debug)]
#[command(next_help_heading = "Output")]
pub struct Outputs {
    /// Output format (repeatable).
    ///
    /// With `=FILE`, the report is written to a file instead of standard output.
    #[arg(
        long = "output-format",
        value_name = "FORMAT[=FILE]",
        value_parser = OutputParser::<Format>::NEW,
        default_value = "human",
        env = "REFINERY_PREFLIGHT_OUTPUT_FORMAT"
    )]
    outputs: Vec<Output<Format>>,
}

/// A format, and the file to write it to instead of standard output.
#[derive(Clone, Debug)]
pub struct Output<F> {
    format: F,
    file: Option<PathBuf>,
}

/// Parses `FORMAT` and `FORMAT=FILE`.
#[derive(Clone)]
pub struct OutputParser<F>(PhantomData<F>);

impl<F> OutputParser<F> {
    pub const NEW: Self = Self(PhantomData);
}

impl<F: ValueEnum + Clone + Send + Sync + 'static> TypedValueParser for OutputParser<F> {
    type Value = Output<F>;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<Output<F>, clap::Error> {
        let text = StringValueParser::new().parse_ref(command, argument, value)?;
        let (format, file) = match text.split_once('=') {
            Some((format, file)) => (format, Some(file)),
            None => (&*text, None),
        };
        if file == Some("") {
            let mut error = clap::Error::new(ErrorKind::InvalidValue).with_cmd(command);
            let argument = argument.map(ToString::to_string).unwrap_or_default();
            error.insert(ContextKind::InvalidArg, ContextValue::String(argument));
            error.insert(ContextKind::InvalidValue, ContextValue::String(text.clone()));
            return Err(error);
        }
        let parser = EnumValueParser::<F>::new();
        let format = parser.parse_ref(command, argument, OsStr::new(format))?;
        Ok(Output { format, file: file.map(PathBuf::from) })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let values: Vec<_> = EnumValueParser::<F>::new().possible_values()?.collect();
        Some(Box::new(values.into_iter()))
    }
}

impl Outputs {
    /// Reports outputs of which one would hide another.
    pub fn validate(&self) -> Result<(), Failure> {
        validate(&self.outputs, "sarif=report.sarif")
    }

    /// Writes the report in each format that is wanted.
    pub fn write(
        &self,
        wants: impl Fn(Format) -> bool,
        render: impl FnMut(Format, &Style) -> String,
        console: &mut Console<'_>,
    ) -> Result<(), Failure> {
        write(&self.outputs, wants, render, console)
    }
}

/// Reports outputs of which one would hide another. `example` is a format with a file.
pub fn validate<F>(outputs: &[Output<F>], example: &str) -> Result<(), Failure> {
    if outputs.iter().filter(|output| output.file.is_none()).count() > 1 {
        return Err(Failure::unusable(
            "only one output format can go to standard output",
            format!("write the others to files, such as `--output-format {example}`"),
        ));
    }
    let mut known = BTreeSet::new();
    for file in outputs.iter().filter_map(|output| output.file.as_ref()) {
        if !known.insert(resolve(file)) {
            return Err(Failure::unusable(
                format!("two output formats are written to `{}`", file.display()),
                "use a different file for each format",
            ));
        }
    }
    Ok(())
}

/// Writes a report in each format that is wanted. Files are written first, because whoever reads
/// standard output may stop early; a file that cannot be written does not keep the report from
/// standard output.
pub fn write<F: Copy>(
    outputs: &[Output<F>],
    wants: impl Fn(F) -> bool,
    mut render: impl FnMut(F, &Style) -> String,
    console: &mut Console<'_>,
) -> Result<(), Failure> {
    let mut result = Ok(());
    let (files, printed): (Vec<_>, Vec<_>) =
        outputs.iter().filter(|o| wants(o.format)).partition(|o| o.file.is_some());
    for output in files.into_iter().chain(printed) {
        let style = match output.file {
            Some(_) => Style { colour: is_always(), links: false, width: width() },
            None => Style { colour: wants_colour(), links: wants_links(), width: width() },
        };
        let text = render(output.format, &style);
        let written = match &output.file {
            Some(path) => write_file(path, &text).map_err(Failure::from),
            None => console.print(&text),
        };
        result = result.and(written);
    }
    result
}
