//! `UseIPV6Identifier` without an interface.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    IPV6_IGNORED,
    "peers/ipv6-ignored",
    Warning,
    "`UseIPV6Identifier` is ignored without `IdentifierInterfaceName`",
    "Refinery only looks for an IPv6 address on `IdentifierInterfaceName`. Without it, it \
     announces `Identifier` or the hostname.",
    "Add `IdentifierInterfaceName`.",
    before: "\
General:
  ConfigurationVersion: 2
PeerManagement:
  UseIPV6Identifier: true
",
    change: "UseIPV6Identifier: true" => "\
UseIPV6Identifier: true
  IdentifierInterfaceName: eth0",
);

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let family = context.known("PeerManagement", "UseIPV6Identifier")?;
    let interface = context.stage.text("PeerManagement", "IdentifierInterfaceName");
    let is_on = context.stage.is_on(family.group, family.name);
    (is_on && interface.is_empty() && !context.is_alone()).then(|| {
        let finding = Finding::new(&IPV6_IGNORED, "no IPv6 address is announced")
            .help("add `IdentifierInterfaceName`, such as `eth0`");
        family.place(finding, "`IdentifierInterfaceName` is missing")
    })
}
