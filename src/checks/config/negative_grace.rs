//! A negative time of grace for connections.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    NEGATIVE_GRACE,
    "config/negative-grace",
    Warning,
    "connections are cut without any grace",
    "nothing looks at the sign: at `MaxConnectionAge` a gRPC connection is closed with what is \
     still on its way",
    "write a duration above zero, or delete the key for its default of a minute",
    before: "\
General:
  ConfigurationVersion: 2
GRPCServerParameters:
  ListenAddr: 0.0.0.0:4317
  MaxConnectionAgeGrace: -1s
",
    change: "MaxConnectionAgeGrace: -1s" => "MaxConnectionAgeGrace: 30s",
);

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let grace = subject.held("GRPCServerParameters", "MaxConnectionAgeGrace")?;
    (subject.ground.number(grace.group, grace.name) < 0).then(|| {
        let message = format!("connections are cut at their age, with {} of grace", grace.shown());
        let finding = Finding::new(&NEGATIVE_GRACE, message).help("write a duration above zero");
        grace.place(finding, "a negative time is no time")
    })
}
