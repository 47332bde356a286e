//! gRPC that is set up and never listens.

use crate::check;
use crate::checks::{Held, Subject};
use crate::diagnostic::Finding;

check!(
    GRPC_OFF,
    "config/grpc-off",
    Warning,
    "gRPC is set up, but has no address to listen at",
    "`Enabled` is true by default, `ListenAddr` has no default, and without it the engine opens \
     no gRPC port and says nothing",
    "write `ListenAddr`, or `Enabled: false` if gRPC is not wanted",
    before: "\
General:
  ConfigurationVersion: 2
GRPCServerParameters:
  Enabled: true
",
    change: "Enabled: true" => "\
Enabled: true
  ListenAddr: 0.0.0.0:4317",
);

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    const GROUP: &str = "GRPCServerParameters";
    let address = subject.known(GROUP, "ListenAddr")?;
    let first =
        subject.held_of(GROUP).filter(Held::is_written).min_by_key(|h| h.setting.key_span)?;
    let is_off =
        subject.held(GROUP, "Enabled").is_some() && !subject.ground.is_on(GROUP, "Enabled");
    (address.text().is_empty() && !address.is_written() && !is_off).then(|| {
        Finding::new(&GRPC_OFF, "gRPC is set up, and no port is opened for it")
            .help("write `ListenAddr: 0.0.0.0:4317`, or `Enabled: false`")
            .at_some(first.setting.key_span, "no `ListenAddr` in this group")
    })
}
