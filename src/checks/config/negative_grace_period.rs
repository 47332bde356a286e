//! A negative grace period for connections.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    NEGATIVE_GRACE_PERIOD,
    "config/negative-grace-period",
    Warning,
    "a negative grace period: connections are cut immediately",
    "Refinery ignores the sign. At `MaxConnectionAge` it closes a gRPC connection together with \
     the requests in flight.",
    "Use a duration above zero, or remove the key (default: one minute).",
    before: "\
General:
  ConfigurationVersion: 2
GRPCServerParameters:
  ListenAddr: 0.0.0.0:4317
  MaxConnectionAgeGrace: -1s
",
    change: "MaxConnectionAgeGrace: -1s" => "MaxConnectionAgeGrace: 30s",
);

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let grace = context.known("GRPCServerParameters", "MaxConnectionAgeGrace")?;
    (context.stage.number(grace.group, grace.name) < 0).then(|| {
        let message = format!(
            "connections are cut at `MaxConnectionAge`, with a grace period of {}",
            grace.display_value()
        );
        let finding =
            Finding::new(&NEGATIVE_GRACE_PERIOD, message).help("use a duration above zero");
        grace.place(finding, "negative, so there is no grace period")
    })
}
