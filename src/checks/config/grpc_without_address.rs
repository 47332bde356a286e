//! gRPC settings without an address to listen on.

use crate::check;
use crate::checks::{CheckContext, ConfigKey};
use crate::diagnostic::Finding;

check!(
    GRPC_WITHOUT_ADDRESS,
    "config/grpc-without-address",
    Warning,
    "the gRPC server is configured, but has no address to listen on",
    "`Enabled` is true by default and `ListenAddr` has no default. Without it Refinery silently \
     opens no gRPC port.",
    "Add `ListenAddr`, or `Enabled: false` if you do not need gRPC.",
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

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    const GROUP: &str = "GRPCServerParameters";
    let address = context.known(GROUP, "ListenAddr")?;
    let first = context
        .keys_of_group(GROUP)
        .filter(ConfigKey::is_written)
        .min_by_key(|h| h.setting.key_span)?;
    let is_off = context.config_key(GROUP, "Enabled").is_some() && !context.is_on(GROUP, "Enabled");
    (address.text().is_empty() && !address.is_written() && !is_off).then(|| {
        Finding::new(&GRPC_WITHOUT_ADDRESS, "gRPC is configured, but Refinery opens no port for it")
            .help("add `ListenAddr: 0.0.0.0:4317`, or `Enabled: false`")
            .at_some(first.setting.key_span, "`ListenAddr` is missing")
    })
}
