//! How the Refinery chart runs the pods with the given values.

use super::facts::Chart;
use super::fill::filled;
use super::items::map;
use crate::deploy::command::Command;
use crate::deploy::kubernetes::pods::{limits, words};
use crate::deploy::kubernetes::scaling::{budget, nodes, number};
use crate::deploy::kubernetes::{Env, seconds};
use crate::deploy::launch::LaunchSpec;
use crate::deploy::{at, word};
use crate::machine::{Budget, Machine};
use crate::syntax::Item;

/// How values run the pods.
pub struct Installed {
    pub launch: LaunchSpec,
    /// Extra arguments that are not understood: files and templates.
    pub unknown: Vec<String>,
    /// Whether extra arguments name files.
    pub names_files: bool,
}

/// How these values run the pods of a chart.
pub fn installed(values: &Item, chart: &Chart) -> Installed {
    let limits = limits(at(values, &["resources", "limits"]));
    let env = values.get("environment").map(|env| Env::listed(env, &limits)).unwrap_or_default();
    let grace = values.get("terminationGracePeriodSeconds").and_then(word);
    let further = values.get("extraCommandArgs");
    let command = Command::read(&further.map(words).unwrap_or_default());
    let written = further.and_then(Item::list).unwrap_or_default().iter().filter_map(word);
    let unknown = written.filter(|word| !command.arguments.contains(word)).collect();
    let debug = is_on(values, &["debug", "enabled"]).then(|| "-d".to_owned());
    let machine = Machine {
        replicas: replicas(values),
        budget: budget_of(values),
        restarts: chart.restarts(values),
        grace: grace.and_then(|text| seconds(&text)),
        ..limits
    };
    let machine = env.onto(machine);
    let names_files = command.names_any();
    let arguments = debug.into_iter().chain(command.arguments).collect();
    Installed { launch: LaunchSpec { release: None, arguments, machine }, unknown, names_files }
}

/// An autoscaler overrides the number of replicas.
fn replicas(values: &Item) -> Option<u32> {
    if !is_on(values, &["autoscaling", "enabled"]) {
        return number(values.get("replicaCount"));
    }
    let bound = |key| number(at(values, &["autoscaling", key]));
    nodes(bound("minReplicas")?, bound("maxReplicas")?)
}

/// The chart omits a bound of zero and rejects two bounds.
fn budget_of(values: &Item) -> Option<Budget> {
    let written = values.get("podDisruptionBudget")?;
    filled(written.get("enabled"))?;
    let bound = |key| written.entry(key).filter(|entry| filled(Some(&entry.item)).is_some());
    let bounds = ["minAvailable", "maxUnavailable"].into_iter().filter_map(bound);
    let place = values.entry("podDisruptionBudget").and_then(|entry| entry.key_span);
    let budget = budget(&map(bounds.cloned().collect()))?;
    Some(Budget { span: budget.span.or(place), ..budget })
}

/// Whether the chart's `if` on this value holds.
pub fn is_on(values: &Item, path: &[&str]) -> bool {
    filled(at(values, path)).is_some()
}
