//! `check`: the gate itself.

use super::console::{Console, Failure};
use super::inputs::Inputs;
use super::width;
use crate::judge::{Question, judge_with};
use crate::report::policy::{ExitStatus, FailOn};
use crate::report::{Format, Style, render};
use crate::source::{Request, Sources, gather};
use clap::{Args, ValueEnum};
use std::mem::ManuallyDrop;
use std::path::PathBuf;

/// Says whether Refinery starts with these files, and where and why not.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    inputs: Inputs,
    #[command(flatten)]
    before: Before,
    #[command(flatten)]
    output: Reporting,
}

/// What runs now, to say which changes a hot reload puts in force.
#[derive(Args, Debug)]
#[command(next_help_heading = "Hot reload")]
struct Before {
    /// A config file that the running processes have; may be repeated.
    #[arg(long, value_name = "FILE")]
    running_config: Vec<String>,
    /// A rules file that the running processes have; may be repeated.
    #[arg(long, value_name = "FILE")]
    running_rules: Vec<String>,
}

impl Before {
    fn gather(&self, console: &mut Console<'_>) -> Result<Option<Sources>, Failure> {
        let (config, rules) = (self.running_config.clone(), self.running_rules.clone());
        if config.is_empty() && rules.is_empty() {
            return Ok(None);
        }
        let request = Request { config, rules, ..Request::default() };
        Ok(Some(gather(&request, console.input)?))
    }
}

/// How to say it.
#[derive(Args, Debug)]
#[command(next_help_heading = "Output")]
struct Reporting {
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    output_format: Format,
    /// Write the report there instead of to standard output.
    #[arg(long, value_name = "FILE")]
    output_file: Option<PathBuf>,
    /// The least severity that blocks.
    #[arg(long, value_enum, default_value_t, value_name = "SEVERITY")]
    fail_on: FailOn,
    /// End with status 0 even where findings block.
    #[arg(long)]
    exit_zero: bool,
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    color: Colour,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Colour {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    Always,
    Never,
}

pub fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
    let output = &arguments.output;
    let mut sources = arguments.inputs.gather(console)?;
    let running = arguments.before.gather(console)?;
    let question = Question { running, ..arguments.inputs.question()? };
    // The process ends soon, and taking the schemas apart costs as much as reading a file.
    let schemas = ManuallyDrop::new(question.schemas()?);
    let mut report = judge_with(&schemas, &mut sources, &question);
    report.blocked = output.fail_on.blocked(&report);
    let text = render(output.output_format, &report, &sources.files, &output.style());
    match &output.output_file {
        Some(path) => crate::source::write_file(path, &text)?,
        None => console.print(&text)?,
    }
    Ok(ExitStatus::of(&report, output.exit_zero))
}

impl Reporting {
    fn style(&self) -> Style {
        let colour = match self.color {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => self.output_file.is_none() && wants_colour(),
        };
        Style { colour, width: width(), fail_on: self.fail_on }
    }
}

fn wants_colour() -> bool {
    anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never
}
