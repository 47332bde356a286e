//! The stage that starts the agent through which a server manages the files.

use super::stage::{Ground, Stage};
use crate::check;
use crate::diagnostic::Finding;
use crate::value::url::parse_url;

check!(
    BAD_AGENT_ENDPOINT,
    "start/bad-agent-endpoint",
    Error,
    "the address of the agent's server is no URL",
    "the process starts without an agent and panics when it is told to stop, so every shutdown loses \
     the traces that are still held"
);

pub fn walk(ground: Ground<'_>) -> Stage {
    const NAME: &str = "agent";
    if !ground.is_on("OpAMP", "Enabled") {
        return Stage::skipped(NAME, "it is not enabled");
    }
    let mut stage = Stage::new(NAME);
    let endpoint = ground.text("OpAMP", "Endpoint");
    stage.decide("server", endpoint);
    if let Err(error) = parse_url(endpoint)
        && !ground.is_unknown("OpAMP", "Endpoint")
    {
        let finding = Finding::new(&BAD_AGENT_ENDPOINT, format!("the endpoint is no URL: {error}"))
            .help("write a URL such as `wss://host:4320/v1/opamp`");
        let text = "the agent cannot be made";
        stage.findings.push(ground.place(finding, "OpAMP", "Endpoint", text));
    }
    stage
}
