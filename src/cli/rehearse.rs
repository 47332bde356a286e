//! `rehearse`: the way of one deployment through one release, stage by stage.

use super::console::{Console, Failure};
use super::inputs::{Inputs, single};
use crate::pipeline::{Schemas, hide, hide_secrets, names, read, rehearse_with, secrets_of, told};
use crate::policy::ExitStatus;
use crate::rehearse::early;
use crate::report::rehearsal::{Walked, human, json};
use crate::verdict::{Boot, FirstTrace, FreshStart, HotReload};
use clap::{Args, ValueEnum};

/// Walks Refinery's start-up with these files and shows each stage, then hot reload and first
/// traces.
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
    Human,
    Json,
}

pub fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
    let mut sources = arguments.inputs.gather(console)?;
    let secrets = hide_secrets(&mut sources.files);
    let question = arguments.inputs.question()?;
    let (deployment, release) = single(&sources, &question)?;
    let documents = read(deployment, &sources.files);
    let rehearsal = rehearse_with(deployment, &documents, &Schemas::of(release)?, &question);
    let mut stages = early::walk(&rehearsal.start);
    stages.extend(rehearsal.stages);
    let secrets = [&secrets, &secrets_of(deployment, &documents, &question)];
    for stage in &mut stages {
        for (_, value) in &mut stage.decided {
            *value = hide(&secrets, value);
        }
        stage.findings = std::mem::take(&mut stage.findings)
            .into_iter()
            .map(|finding| told(finding, &sources.files, &secrets))
            .collect();
    }
    let walked = Walked {
        files: &sources.files,
        config: names(&deployment.config, &sources.files),
        rules: names(&deployment.rules, &sources.files),
        stages: &stages,
        verdict: &rehearsal.verdict,
        touched: &question.host.touched(),
    };
    console.print(&match arguments.output_format {
        Format::Human => human(&walked),
        Format::Json => json(&walked),
    })?;
    let verdict = &rehearsal.verdict;
    let is_bad = verdict.fresh_start == FreshStart::No
        || verdict.boot == Boot::Fails
        || verdict.hot_reload == HotReload::Refused
        || verdict.first_trace.iter().any(|(_, fate)| dies(*fate));
    Ok(if is_bad { ExitStatus::Blocked } else { ExitStatus::Clean })
}

fn dies(fate: FirstTrace) -> bool {
    matches!(fate, FirstTrace::Dies | FirstTrace::SomeTraces)
}
