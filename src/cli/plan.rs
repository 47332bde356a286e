//! `plan`: what a change does to config, rules and traffic.

use super::console::{Console, Failure};
use super::help::epilogue;
use super::inputs::Inputs;
use super::outputs::{Output, OutputParser, validate, write};
use super::policy_args::SettingsFlags;
use super::traffic::{Arrival, invalid_traces, parse_interval};
use crate::decompress::decompressed;
use crate::deploy::Deployment;
use crate::diagnostic::{Finding, Severity};
use crate::discover::changed::Changed;
use crate::discover::gather::gather;
use crate::discover::{Request, Sources};
use crate::git::repository::Since;
use crate::pipeline::{CheckOptions, Parsed, Schemas, hide_secrets, names};
use crate::plan::{DeploymentPlan, Plan, Replay, Side, Threshold};
use crate::policy::ExitStatus;
use crate::report::plan::{PlanFormat, draw, render};
use crate::schema::nearest;
use crate::schema::secrets::Secrets;
use crate::value::Duration;
use crate::vfs::path::name_of;
use crate::vfs::read::open_stream;
use crate::vfs::write::write_file;
use clap::Args;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

const HELP: &str = epilogue! {
    examples: [
        "plan --since origin/main" => "Show what a branch changes",
        "plan new --against old" => "Compare two folders",
        "plan --refinery 2.9.7..3.2.2" => "Show what an upgrade changes",
        "plan --since origin/main --traffic production=traces.jsonl.gz"
            => "Count what it changes for recorded traces",
    ],
    clean: "the plan was printed",
    blocked: "Refinery would fail with the new files, a file cannot be checked, or a limit of `--fail-on` \
              is exceeded",
    page: "plan.md",
};

/// Show what a change does to config, rules and traffic.
///
/// Compares effective config values, and rules by what they decide, for all traces: each difference
/// comes with a trace that shows it. With recorded traffic, also counts the decisions that change.
#[derive(Args, Debug)]
#[command(after_long_help = HELP)]
#[command(mut_arg("refinery", |argument| {
    argument
        .value_name("[OLD..]NEW")
        .help("Refinery release, or the two releases of an upgrade")
        .long_help(
            "Refinery release, or the releases of an upgrade, such as `2.9.7..3.2.2`.\n\n\
             By default the release that the files of each state name, such as an image tag, or \
             else `latest`.",
        )
}))]
pub struct Arguments {
    #[command(flatten)]
    inputs: Inputs,
    /// Compare with the merge base with REV.
    #[arg(long, value_name = "REV", help_heading = "Old state")]
    since: Option<String>,
    /// Compare with these files or folders (repeatable).
    #[arg(long, value_name = "OLD", conflicts_with = "since", help_heading = "Old state")]
    against: Vec<PathBuf>,
    #[command(flatten)]
    traffic: TrafficArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten, next_help_heading = "Settings")]
    settings: SettingsFlags,
}

/// Recorded traces, and limits for them.
#[derive(Args, Debug)]
#[command(next_help_heading = "Traffic")]
struct TrafficArgs {
    /// File with recorded traces of a target (repeatable).
    ///
    /// In any format that `trace` reads. TARGET is an environment or dataset, and may be omitted if
    /// the rules have a single target.
    #[arg(long, value_name = "[TARGET=]FILE", value_parser = parse_recording)]
    traffic: Vec<Recording>,
    /// How plain traces reach Refinery.
    #[arg(long, value_enum, default_value_t, value_name = "ROUTE")]
    route: Arrival,
    /// Time between two traces without times, such as `1s`.
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = parse_interval)]
    interval: Duration,
    /// Fail if a limit is exceeded, such as `flips>1%,kept>20%`.
    ///
    /// `flips`, `lost`, `gained` or `kept`, then `>` or `<` and a percentage of the traces of each
    /// target; or `budget`, for the budget in the settings.
    #[arg(
        long,
        value_name = "LIMITS",
        value_delimiter = ',',
        value_parser = Threshold::parse,
        requires = "traffic"
    )]
    fail_on: Vec<Threshold>,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Output")]
struct OutputArgs {
    /// Output format (repeatable).
    ///
    /// With `=FILE`, the plan is written to a file instead of standard output.
    #[arg(
        long = "output-format",
        value_name = "FORMAT[=FILE]",
        value_parser = OutputParser::<PlanFormat>::NEW,
        default_value = "human"
    )]
    outputs: Vec<Output<PlanFormat>>,
    /// Draw the decision chain of each target to an SVG file.
    #[arg(long, value_name = "FILE")]
    picture: Option<PathBuf>,
}

/// A file with traces, and the target that they are for.
#[derive(Clone, Debug)]
struct Recording {
    target: Option<String>,
    file: PathBuf,
}

/// A name before the first `=` is a target unless it contains a `/`.
fn parse_recording(text: &str) -> Result<Recording, String> {
    let (target, file) = match text.split_once('=') {
        Some((target, file)) if !target.contains('/') => (Some(target.to_owned()), file),
        _ => (None, text),
    };
    if file.is_empty() || target.as_deref() == Some("") {
        return Err(
            "expected a file, or a target and a file, such as `production=a.jsonl`".to_owned()
        );
    }
    Ok(Recording { target, file: PathBuf::from(file) })
}

pub fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
    validate(&arguments.output.outputs, "markdown=plan.md")?;
    let options = arguments.options()?;
    let [mut old, mut new] = arguments.gather(console)?;
    arguments.traffic.check_files()?;
    let secrets = [hide_secrets(&mut old.files), hide_secrets(&mut new.files)];
    let states = [(&old, &options[0], &secrets[0]), (&new, &options[1], &secrets[1])];
    let mut plan = Plan { unchecked: count_unchecked(&new), ..Plan::default() };
    let mut parsed = Vec::new();
    for pair in arguments.pairs(&old, &new)? {
        let planner = Planner { arguments, states };
        let (deployment, read) = planner.plan(&pair, console)?;
        plan.deployments.push(deployment);
        parsed.extend(read);
    }
    arguments.traffic.check_targets(&plan)?;
    let hide = |text: String| parsed.iter().fold(text, |text, parsed| parsed.redact_known(&text));
    if let Some(file) = &arguments.output.picture {
        write_file(file, &hide(draw(&plan)))?;
    }
    write(&arguments.output.outputs, |_| true, |format, _| hide(render(format, &plan)), console)?;
    Ok(if plan.is_blocked() { ExitStatus::Blocked } else { ExitStatus::Clean })
}

/// The number of files that cannot be checked.
fn count_unchecked(sources: &Sources) -> usize {
    let errors =
        sources.unchecked.iter().filter(|finding| finding.check.severity == Severity::Error);
    let file = |finding: &Finding| Some(sources.files.outermost(finding.primary()?.file));
    errors.map(file).collect::<HashSet<_>>().len()
}

impl Arguments {
    /// The options for the old and the new state.
    fn options(&self) -> Result<[CheckOptions; 2], Failure> {
        let is_compared = self.since.is_some() || !self.against.is_empty();
        let releases = match self.inputs.refinery() {
            Some(text) => match text.split_once("..") {
                Some((old, new)) => [Some(old), Some(new)],
                None => [Some(text); 2],
            },
            None => [None; 2],
        };
        if !is_compared && releases[0] == releases[1] {
            return Err(Failure::unusable(
                "nothing to compare with",
                "pass the old state with `--since REV` or `--against OLD`, or two releases with \
                 `--refinery OLD..NEW`",
            ));
        }
        let [old, new] = releases.map(|release| self.inputs.options_for(release));
        let options = [old?, new?];
        if options.iter().any(|options| options.releases.len() != 1) {
            return Err(Failure::unusable(
                "`--refinery` must be one release, or two with `..` between them",
                "such as `3.2.2` or `2.9.7..3.2.2`",
            ));
        }
        Ok(options)
    }

    /// Reads the old and the new state.
    fn gather(&self, console: &mut Console<'_>) -> Result<[Sources; 2], Failure> {
        let settings = self.settings.arguments(self.inputs.names_no_file());
        if let Some(revision) = &self.since {
            let since = Since::MergeBase(revision.clone());
            let Changed { now, before } =
                self.inputs.gather_changed(&since, settings, false, console)?;
            return Ok([before, now]);
        }
        let new = self.inputs.gather_with(settings, false, console)?;
        if self.against.is_empty() {
            return Ok([new.clone(), new]);
        }
        let request = Request { paths: self.against.clone(), ..Request::default() };
        Ok([gather(&request, &mut std::io::empty())?, new])
    }

    /// The deployments of both states that belong together.
    fn pairs<'s>(&self, old: &'s Sources, new: &'s Sources) -> Result<Vec<Pair<'s>>, Failure> {
        let (olds, news) = (&old.deployments, &new.deployments);
        if let ([was], [is], false) = (&olds[..], &news[..], self.against.is_empty()) {
            return Ok(vec![Pair { place: 0, sides: [Some(was), Some(is)] }]);
        }
        let key = |deployment: &Deployment, sources: &Sources| {
            let half =
                if deployment.config.is_empty() { &deployment.rules } else { &deployment.config };
            let names = names(half, &sources.files);
            names.iter().map(|name| self.below(name.as_str())).collect::<Vec<String>>()
        };
        let mut rest: Vec<_> = olds.iter().map(|was| (key(was, old), was)).collect();
        let mut pairs = Vec::new();
        for (place, is) in news.iter().enumerate() {
            let name = key(is, new);
            let found = rest.iter().position(|(known, _)| *known == name);
            let was = found.map(|at| rest.remove(at).1);
            pairs.push(Pair { place, sides: [was, Some(is)] });
        }
        let is_paired = pairs.iter().any(|pair| pair.sides[0].is_some());
        if !self.against.is_empty() && !is_paired {
            let names: Vec<String> =
                self.against.iter().map(|path| format!("`{}`", name_of(path))).collect();
            return Err(Failure::unusable(
                format!(
                    "no deployment in {} corresponds to one in the new state",
                    names.join(", ")
                ),
                "pass one deployment on each side, or two folders with the same file names",
            ));
        }
        pairs.extend(rest.into_iter().map(|(_, was)| Pair { place: 0, sides: [Some(was), None] }));
        Ok(pairs)
    }

    /// A name without the folder that was compared.
    fn below(&self, name: &str) -> String {
        let roots = self.against.iter().chain(self.inputs.paths());
        let inside = |root: &PathBuf| name.strip_prefix(&name_of(root))?.strip_prefix('/');
        let shortest = roots.filter_map(inside).min_by_key(|rest| rest.len());
        shortest.unwrap_or(name).to_owned()
    }
}

impl TrafficArgs {
    /// Reports missing files before anything is compared.
    fn check_files(&self) -> Result<(), Failure> {
        for recording in &self.traffic {
            open_stream(&recording.file, &mut std::io::empty())?;
        }
        Ok(())
    }

    /// Reports traffic that no deployment was decided with.
    fn check_targets(&self, plan: &Plan) -> Result<(), Failure> {
        let names = || plan.deployments.iter().flat_map(|plan| &plan.targets).map(|t| &*t.name);
        if plan.deployments.iter().all(|plan| plan.targets.is_empty()) {
            return Ok(());
        }
        for wanted in self.traffic.iter().filter_map(|recording| recording.target.as_deref()) {
            if !names().any(|name| name == wanted) {
                let advice = match nearest(wanted, names()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => {
                        "write `__default__` for the traces of targets that are not in the rules"
                            .to_owned()
                    }
                };
                return Err(Failure::unusable(
                    format!("no target `{wanted}` in the rules"),
                    advice,
                ));
            }
        }
        Ok(())
    }
}

/// A deployment before and after.
struct Pair<'s> {
    /// Its place among the new deployments.
    place: usize,
    sides: [Option<&'s Deployment>; 2],
}

/// The files of a state, how Refinery is started with them, and their secrets.
type State<'s> = (&'s Sources, &'s CheckOptions, &'s Secrets);

/// Compares deployments.
struct Planner<'s> {
    arguments: &'s Arguments,
    /// Old and new.
    states: [State<'s>; 2],
}

impl<'s> Planner<'s> {
    fn plan(
        &self,
        pair: &Pair<'s>,
        console: &mut Console<'_>,
    ) -> Result<(DeploymentPlan, Vec<Parsed<'s>>), Failure> {
        let both = self.states.iter().zip(pair.sides);
        let parsed: Vec<Option<Parsed<'s>>> = both
            .map(|(&(sources, options, secrets), deployment)| {
                Some(Parsed::new(deployment?, &sources.files, options, secrets))
            })
            .collect();
        let both = self.states.iter().zip(pair.sides);
        let schemas: Vec<Option<Schemas>> = both
            .map(|((_, options, _), deployment)| {
                deployment.map(|deployment| schemas_of(options, deployment)).transpose()
            })
            .collect::<Result<_, _>>()?;
        let side = |number: usize| {
            let (deployment, parsed) = (pair.sides[number]?, parsed[number].as_ref()?);
            Some(Side::new(deployment, parsed, schemas[number].as_ref()?))
        };
        let sides = [side(0), side(1)];
        let number = usize::from(pair.sides[1].is_some());
        let (sources, ..) = self.states[number];
        let deployment = pair.sides[number].cloned().unwrap_or_default();
        let files = [&deployment.config, &deployment.rules].map(|half| names(half, &sources.files));
        let mut plan = DeploymentPlan::new(files, sides.each_ref().map(Option::as_ref));
        let settings = self.states[1].0.effective_settings.get(pair.place);
        let budget = settings.and_then(|settings| settings.settings.budget);
        if let [Some(old), Some(new)] = &sides {
            self.replay([old, new], &mut plan, console)?;
        }
        plan.conclude(budget, &self.arguments.traffic.fail_on);
        Ok((plan, parsed.into_iter().flatten().collect()))
    }

    /// Decides the recorded traffic of each target.
    fn replay(
        &self,
        sides: [&Side<'_>; 2],
        plan: &mut DeploymentPlan,
        console: &mut Console<'_>,
    ) -> Result<(), Failure> {
        let args = &self.arguments.traffic;
        let names: Vec<String> = plan.targets.iter().map(|target| target.name.clone()).collect();
        for target in &mut plan.targets {
            let mut files = Vec::new();
            for recording in &args.traffic {
                let ((Some(name), _) | (None, [name])) = (&recording.target, &names[..]) else {
                    return Err(which_target(&recording.file, &names));
                };
                if *name == target.name {
                    files.push(recording.file.as_path());
                }
            }
            let Some(last) = files.last() else { continue };
            let mut replay = Replay::new(target, sides, args.route.into(), args.interval.0);
            let bad = |file: &Path, error: &_| invalid_traces(&file.display().to_string(), error);
            for file in &files {
                let stream = open_stream(file, &mut *console.input)?;
                let stream = decompressed(stream).map_err(|error| bad(file, &error.into()))?;
                replay.add(stream).map_err(|error| bad(file, &error))?;
            }
            target.traffic = Some(replay.finish().map_err(|error| bad(last, &error))?);
        }
        Ok(())
    }
}

fn which_target(file: &Path, names: &[String]) -> Failure {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let file = name_of(file);
    Failure::unusable(
        format!("missing target for `--traffic {file}`: the rules have several"),
        format!("write `--traffic TARGET={file}`; TARGET is one of {}", names.join(", ")),
    )
}

fn schemas_of(options: &CheckOptions, deployment: &Deployment) -> Result<Schemas, Failure> {
    match options.releases_of(deployment)[..] {
        [release] => Ok(Schemas::of(release)),
        _ => Err(Failure::unusable(
            "the files pin an unknown release",
            "pass a known release, such as `--refinery 3.2`",
        )),
    }
}
