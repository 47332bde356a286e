//! A throughput goal that every node of a cluster applies on its own.

use crate::check;
use crate::checks::{CheckContext, SamplerAt};
use crate::diagnostic::Finding;
use crate::engine::spec::SamplerSpec;

check!(
    THROUGHPUT_PER_NODE,
    "rules/throughput-per-node",
    Note,
    "each node of a cluster applies the whole throughput goal",
    "Without `UseClusterSize`, every node sends as many events per second as the goal says: three \
     nodes send three times as many, and more when the cluster scales. Reported when the number \
     of nodes is known."
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let nodes = context.stage.host.machine.replicas.filter(|nodes| *nodes > 1);
    let samplers = nodes.into_iter().flat_map(|nodes| context.samplers().map(move |s| (s, nodes)));
    samplers.filter_map(|(sampler, nodes)| report(sampler, nodes)).collect()
}

fn report(sampler: SamplerAt, nodes: u32) -> Option<Finding> {
    let throughput = match sampler.spec {
        SamplerSpec::EmaThroughput(spec) => spec.throughput,
        SamplerSpec::WindowedThroughput(spec) => spec.throughput,
        SamplerSpec::TotalThroughput(spec) => spec.throughput,
        _ => return None,
    };
    let goal = throughput.goal_per_second;
    if throughput.use_cluster_size || goal <= 0 {
        return None;
    }
    let all = goal.saturating_mul(nodes.into());
    let message = format!("{nodes} nodes with a goal of {goal} send {all} events per second");
    Some(
        Finding::new(&THROUGHPUT_PER_NODE, message)
            .help("add `UseClusterSize: true` if the goal is that of the cluster")
            .at_some(sampler.value("GoalThroughputPerSec"), "the goal of one node"),
    )
}
