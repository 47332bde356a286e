//! An address family without an interface.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    IPV6_IGNORED,
    "peers/ipv6-ignored",
    Warning,
    "`UseIPV6Identifier` without an interface is ignored",
    "the engine looks for an address of that family on `IdentifierInterfaceName` alone; without \
     one it announces the name of the host, or `Identifier`",
    "name the interface as well",
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

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let family = subject.held("PeerManagement", "UseIPV6Identifier")?;
    let interface = subject.ground.text("PeerManagement", "IdentifierInterfaceName");
    let is_on = subject.ground.is_on(family.group, family.name);
    (is_on && interface.is_empty() && !subject.is_alone()).then(|| {
        let finding = Finding::new(&IPV6_IGNORED, "no IPv6 address is announced")
            .help("write `IdentifierInterfaceName` as well, such as `eth0`");
        family.place(finding, "no interface goes with it")
    })
}
