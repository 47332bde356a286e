//! `effective`: the values that Refinery uses, and where each comes from.

use super::console::{Console, Failure};
use super::help::epilogue;
use super::inputs::{Inputs, single};
use crate::pipeline::{CheckOptions, Documents, Parsed, Schemas, hide_secrets};
use crate::policy::ExitStatus;
use crate::rehearse::Host;
use crate::report::Texts;
use crate::report::effective::Effective;
use crate::report::json_text as to_text;
use crate::verdict::StartUp;
use clap::{Args, ValueEnum};

const HELP: &str = epilogue! {
    examples: [
        "effective -c config.yaml" => "Print the values that Refinery uses",
        "effective -c config.yaml --output-format json" => "Print them as JSON",
    ],
    clean: "the values were printed",
    blocked: "Refinery does not start with these files",
    page: "rehearsal.md#effective-values",
};

/// Print every effective value and where it comes from (secrets redacted).
#[derive(Args, Debug)]
#[command(after_long_help = HELP)]
pub struct Arguments {
    /// Output format.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    output_format: Format,
    #[command(flatten)]
    inputs: Inputs,
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
    // Neither values nor decisions depend on the machine, so nothing is bound or called.
    let options = CheckOptions { host: Host::default(), ..arguments.inputs.options()? };
    let (deployment, release) = single(&sources, &options)?;
    let schemas = Schemas::of(release);
    let parsed = Parsed::new(deployment, &sources.files, &options, &secrets);
    let analysis = parsed.analyze_start(&schemas);
    if analysis.verdict.start_up == StartUp::Refused {
        return Ok(console.refused(release, "there are no effective values"));
    }
    let Documents { config, rules } = &parsed.documents;
    let effective = Effective {
        texts: Texts::of_all(&sources.files),
        config: (!config.is_empty()).then_some((&schemas.config, &analysis.start.config)),
        rules: (!rules.is_empty()).then_some((&schemas.rules, &analysis.start.rules)),
    };
    let text = match arguments.output_format {
        Format::Yaml => effective.to_yaml(),
        Format::Json => to_text(&effective.to_json()),
    };
    console.print(&parsed.redact(&text))?;
    Ok(ExitStatus::Clean)
}
