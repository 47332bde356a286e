//! The Refinery chart as rendered by Kustomize: its values and version.

use super::build_state::BuildState;
use super::kustomization::Kustomization;
use crate::deploy::chart::facts::Chart;
use crate::deploy::chart::layers::{Values, merged};
use crate::deploy::chart::open_values;
use crate::deploy::chart::source::ChartSource;
use crate::deploy::chart::unread::find_unread;
use crate::deploy::chart::unusable::find_unusable;
use crate::deploy::deployment_spec::{DeploymentSpec, FileRef};
use crate::deploy::gitops::is_source_of_honeycomb;
use crate::deploy::{EmbeddedFile, Opened, Outer, list, word};
use crate::schema::Kind;
use crate::source_name::SourceName;
use crate::syntax::Item;
use crate::vfs::input_error::InputError;

const CHART: &str = "refinery";

/// Keys of a kustomization that render charts.
const RENDERED: [&str; 2] = ["helmCharts", "helmChartInflationGenerator"];

/// Whether a document is a kustomization that renders charts, whose values belong to them.
pub fn renders_charts(document: &Item) -> bool {
    RENDERED.iter().any(|key| document.get(key).is_some())
}

/// The deployments of all uses of the chart in a kustomization.
///
/// # Errors
/// All files together are too large.
pub fn describe_charts(
    here: &Kustomization,
    state: &mut BuildState<'_, '_>,
) -> Result<Vec<DeploymentSpec>, InputError> {
    let mut described = Vec::new();
    for chart in RENDERED.iter().flat_map(|key| here.list(key)) {
        let of = |key| chart.get(key).and_then(Item::text);
        if of("name").or(of("chartName")) == Some(CHART) {
            described.extend(describe_chart(here, chart, state)?);
        }
    }
    Ok(described)
}

fn describe_chart(
    here: &Kustomization,
    chart: &Item,
    state: &mut BuildState<'_, '_>,
) -> Result<Option<DeploymentSpec>, InputError> {
    let version = chart.get("version").or(chart.get("chartVersion")).and_then(word);
    let source = version.map(|version| ChartSource::of_file(&here.name, Some(&version)));
    let stack = stack(here, chart, state)?;
    let (Some(Values { name, file, text: values, .. }), Some(item)) =
        (stack.first(), merged(&stack))
    else {
        return Ok(None);
    };
    let is_of_honeycomb = of_honeycomb(chart);
    let chart = source.as_ref();
    let outer = Outer { chart, base_values: &stack, ..Outer::of(name, *file, values) };
    let mut opened = Opened::default();
    open_values(outer, &item, &mut opened);
    if is_of_honeycomb && opened.unchecked.is_empty() {
        opened.unchecked.extend(find_unread(&item, &Chart::of(None)));
    }
    state.notices.append(&mut opened.notices);
    state.unchecked.append(&mut opened.unchecked);
    Ok(of_parts(here, opened.parts))
}

/// Whether it is Honeycomb's own chart, which reads its values at the top.
fn of_honeycomb(chart: &Item) -> bool {
    let source = ["repo", "chartRepo"].iter().find_map(|key| chart.get(key)?.text());
    source.is_some_and(is_source_of_honeycomb)
}

/// All values for the chart, base first.
fn stack(
    here: &Kustomization,
    chart: &Item,
    state: &mut BuildState<'_, '_>,
) -> Result<Vec<Values>, InputError> {
    let mut stack = Vec::new();
    let further = list(chart, "additionalValuesFiles");
    let paths = chart.get("valuesFile").or(chart.get("values")).into_iter().chain(further);
    for path in paths.filter_map(Item::text) {
        let name = here.path(path);
        let absent = format!("the values file `{path}` does not exist");
        if state.peek(here, &name, path, &absent).is_none() {
            continue;
        }
        match find_unusable(&name, state.loader)? {
            Some(finding) => state.unchecked.push(finding),
            None => stack.extend(Values::read(name, state.loader)?.and_then(Result::ok)),
        }
    }
    stack.extend(chart.get("valuesInline").map(|inline| Values::of(here.outer(), inline)));
    Ok(stack)
}

/// `None` if the values have no files of Refinery's.
fn of_parts(here: &Kustomization, parts: Vec<EmbeddedFile>) -> Option<DeploymentSpec> {
    let launch = parts.first()?.launch.clone();
    let (config, rules): (Vec<EmbeddedFile>, Vec<EmbeddedFile>) =
        parts.into_iter().partition(|part| part.recognised.kind == Kind::Config);
    let halves = |parts: Vec<EmbeddedFile>| {
        parts.into_iter().map(|part| FileRef::Embedded(Box::new(part))).collect()
    };
    let name = SourceName::within(&here.name, CHART);
    let (config, rules) = (halves(config), halves(rules));
    Some(DeploymentSpec { config, rules, ..DeploymentSpec::new(name, launch) })
}
