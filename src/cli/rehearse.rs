//! `rehearse`: one deployment with one release, stage by stage.

use super::console::{Console, Failure};
use super::help::epilogue;
use super::human_or_json::HumanOrJson;
use super::inputs::{Inputs, single};
use crate::pipeline::{Parsed, Schemas, hide_secrets, names};
use crate::policy::ExitStatus;
use crate::report::Texts;
use crate::report::rehearsal::{RehearsalReport, human, json};
use clap::Args;

const HELP: &str = epilogue! {
    examples: [
        "rehearse -c config.yaml -r rules.yaml" => "Show every stage",
        "rehearse -c config.yaml --live" => "Bind the ports and contact Redis",
    ],
    clean: "Refinery starts, reloads and handles its first trace",
    blocked: "Refinery fails at one of these stages",
    page: "rehearsal.md",
};

/// Show each stage of start-up, live reload and the first traces.
#[derive(Args, Debug)]
#[command(after_long_help = HELP)]
pub struct Arguments {
    /// Output format.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    output_format: HumanOrJson,
    #[command(flatten)]
    inputs: Inputs,
}

pub fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
    let mut sources = arguments.inputs.gather(console)?;
    let secrets = hide_secrets(&mut sources.files);
    let options = arguments.inputs.options()?;
    let (deployment, release) = single(&sources, &options)?;
    let parsed = Parsed::new(deployment, &sources.files, &options, &secrets);
    let analysis = parsed.analyze(&Schemas::of(release));
    let rehearsal = RehearsalReport {
        texts: Texts::of_all(&sources.files),
        config: names(&deployment.config, &sources.files),
        rules: names(&deployment.rules, &sources.files),
        stages: &parsed.present_stages(&analysis),
        verdict: &analysis.verdict,
        touched: &options.host.touched(),
    };
    console.print(&match arguments.output_format {
        HumanOrJson::Human => human(&rehearsal),
        HumanOrJson::Json => json(&rehearsal),
    })?;
    Ok(if analysis.verdict.is_bad() { ExitStatus::Blocked } else { ExitStatus::Clean })
}
