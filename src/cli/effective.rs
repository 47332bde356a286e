//! `effective`: what the engine would hold once started, and where each value came from.

use super::console::{Console, Failure};
use super::inputs::{Inputs, single};
use crate::pipeline::{Schemas, hide, hide_secrets, read, secrets_of, start_with};
use crate::policy::ExitStatus;
use crate::report::effective::Effective;
use crate::report::json_text as to_text;
use crate::verdict::FreshStart;
use clap::{Args, ValueEnum};

/// Prints the values that are in force, each with where it came from; secrets are hidden.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    inputs: Inputs,
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    output_format: Format,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    #[default]
    Yaml,
    Json,
}

pub fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
    let mut sources = arguments.inputs.gather(console)?;
    let secrets = hide_secrets(&mut sources.files);
    let question = arguments.inputs.question()?;
    let (deployment, release) = single(&sources, &question)?;
    let schemas = Schemas::of(release)?;
    let documents = read(deployment, &sources.files);
    let start = start_with(deployment, &documents, &schemas, &question);
    if start.verdict == FreshStart::No {
        return Ok(console.refused(release, "nothing is in force"));
    }
    let effective = Effective {
        files: &sources.files,
        config: (!documents.config.is_empty()).then_some((&schemas.config, &start.config)),
        rules: (!documents.rules.is_empty()).then_some((&schemas.rules, &start.rules)),
    };
    let secrets = [&secrets, &secrets_of(deployment, &documents, &question)];
    let text = match arguments.output_format {
        Format::Yaml => effective.to_yaml(),
        Format::Json => to_text(&effective.to_json()),
    };
    console.print(&hide(&secrets, &text))?;
    Ok(ExitStatus::Clean)
}
