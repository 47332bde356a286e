//! The stage that finds out who the peers are, and under which address this node is one.

use super::logger::UNKNOWN_IMPLEMENTATION;
use super::stage::{Ground, Stage};
use crate::config::setting::Typed;
use crate::diagnostic::Finding;

pub fn walk(ground: Ground<'_>) -> Stage {
    let mut stage = Stage::new("peers");
    let kind = ground.text("PeerManagement", "Type");
    stage.decide("type", kind);
    if !matches!(kind, "file" | "redis") {
        let message = format!("there is no peer management `{kind}`");
        let finding =
            Finding::new(&UNKNOWN_IMPLEMENTATION, message).help("write `file` or `redis`");
        stage.fail(ground.place(finding, "PeerManagement", "Type", "the process panics here"));
    }
    if let ("file", Some(Typed::Texts(peers))) =
        (kind, ground.setting("PeerManagement", "Peers").map(|s| &s.typed))
    {
        stage.decide("listed peers", peers.len());
    }
    identify(ground, &mut stage);
    stage
}

/// The node's own name: as written, else of an interface, else the host's.
fn identify(ground: Ground<'_>, stage: &mut Stage) {
    let identifier = ground.text("PeerManagement", "Identifier");
    let interface = ground.text("PeerManagement", "IdentifierInterfaceName");
    if !identifier.is_empty() {
        stage.decide("announced as", identifier);
    } else if !interface.is_empty() {
        let family =
            if ground.is_on("PeerManagement", "UseIPV6Identifier") { "IPv6" } else { "IPv4" };
        stage.decide("announced as", format!("an {family} address of `{interface}`"));
        stage.depend(format!(
            "the machine having an interface `{interface}` with an {family} address"
        ));
    } else {
        stage.decide("announced as", "the host's name");
    }
}
