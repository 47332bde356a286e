//! The Refinery chart, where Kustomize renders it: its values and its version.

use super::build::Builder;
use super::kustomization::Kustomization;
use crate::schema::Kind;
use crate::source::container::chart::merge;
use crate::source::container::values::open_values;
use crate::source::container::{Described, Half, Opened, Outer, Part, read_item, word};
use crate::source::input_error::InputError;
use crate::syntax::Item;

const CHART: &str = "refinery";

/// The deployments of all uses of the chart in a kustomization.
///
/// # Errors
/// All files together are too large.
pub fn describe_charts(
    here: &Kustomization,
    builder: &mut Builder<'_, '_>,
) -> Result<Vec<Described>, InputError> {
    let mut described = Vec::new();
    for chart in here.list("helmCharts").iter().chain(here.list("helmChartInflationGenerator")) {
        let of = |key| chart.get(key).and_then(Item::text);
        if of("name").or(of("chartName")) == Some(CHART) {
            described.extend(describe_chart(here, chart, builder)?);
        }
    }
    Ok(described)
}

fn describe_chart(
    here: &Kustomization,
    chart: &Item,
    builder: &mut Builder<'_, '_>,
) -> Result<Option<Described>, InputError> {
    let version = chart.get("version").or(chart.get("chartVersion")).and_then(word);
    let description = version.map(|version| format!("name: {CHART}\nversion: \"{version}\"\n"));
    let beside = description.as_deref();
    let inline = chart.get("valuesInline");
    let mut opened = Opened::default();
    let path = chart.get("valuesFile").or(chart.get("values")).and_then(Item::text);
    let file = match path.map(|path| here.path(path)) {
        Some(name) => builder.around.text(&name)?.map(|(file, text)| (name, file, text)),
        None => None,
    };
    if let Some((name, file, text)) = &file {
        let outer = Outer { beside, ..Outer::of(name, *file, text) };
        let Ok(values) = read_item(*file, text) else { return Ok(None) };
        let values = inline.map_or(values.clone(), |inline| merge(inline, values));
        open_values(outer, &values, &mut opened);
    } else {
        if let Some(path) = path {
            builder.say(here, &format!("the values `{path}` do not exist"));
        }
        if let Some(inline) = inline {
            open_values(Outer { beside, ..here.outer() }, inline, &mut opened);
        }
    }
    builder.notices.append(&mut opened.notices);
    Ok(of_parts(here, opened.parts))
}

/// None where the values hold nothing of Refinery's.
fn of_parts(here: &Kustomization, parts: Vec<Part>) -> Option<Described> {
    let mut given = parts.first()?.given.clone();
    // A tag in the values counts over the version.
    if let Some(named) = given.release.as_mut().filter(|named| named.place.contains("Chart.yaml")) {
        named.place = format!("the chart's version in `{}`", here.name);
    }
    let (config, rules): (Vec<Part>, Vec<Part>) =
        parts.into_iter().partition(|part| part.recognised.kind == Kind::Config);
    let halves =
        |parts: Vec<Part>| parts.into_iter().map(|part| Half::Within(Box::new(part))).collect();
    let name = format!("{}#{CHART}", here.name);
    Some(Described {
        name,
        config: halves(config),
        rules: halves(rules),
        given,
        findings: Vec::new(),
    })
}
