//! The stage that starts the OpAMP agent, through which a server manages the files.

use super::stage::{Stage, StageContext};
use crate::check;
use crate::diagnostic::Finding;
use crate::value::url::parse_url;

check!(
    BAD_AGENT_ENDPOINT,
    "start/bad-agent-endpoint",
    Error,
    kind: Verdict,
    "the OpAMP endpoint is not a URL",
    "Refinery starts without an agent and panics at shutdown, so every shutdown loses the traces \
     that it still holds."
);

pub fn walk(context: StageContext<'_>) -> Stage {
    const NAME: &str = "agent";
    if !context.is_on("OpAMP", "Enabled") {
        return Stage::skipped(NAME, "OpAMP is not enabled");
    }
    let mut stage = Stage::new(NAME);
    let endpoint = context.text("OpAMP", "Endpoint");
    stage.decide("server", endpoint);
    if let Err(error) = parse_url(endpoint)
        && !context.is_unknown("OpAMP", "Endpoint")
    {
        let finding =
            Finding::new(&BAD_AGENT_ENDPOINT, format!("`OpAMP.Endpoint` is not a URL: {error}"))
                .help("use a URL such as `wss://host:4320/v1/opamp`");
        let text = "the agent cannot be created";
        stage.findings.push(context.place(finding, "OpAMP", "Endpoint", text));
    }
    stage
}
