//! The stage that connects the peers' message channel.

use super::stage::{Ground, Stage};
use super::world::Client;
use crate::check;
use crate::config::setting::Typed;
use crate::diagnostic::Finding;
use crate::machine::Greeting;
use crate::schema::Quirk;

check!(
    NO_REDIS,
    "start/no-redis",
    Error,
    "the start needs Redis, which cannot be reached or refuses",
    "with an AuthCode the process shows it before it opens a port, and before v2.8.0 it always writes \
     itself down there; it exits with status 1 where that fails"
);
check!(
    ALONE,
    "peers/alone",
    Warning,
    "Redis, which brings the peers together, cannot be reached or refuses",
    "the process starts all the same and is ready, but knows no peers: the spans of a trace are \
     decided apart on each node. Where connections are swallowed, it waits for 15 seconds or more \
     before it opens a port"
);

check!(
    NO_OTHER_NODE,
    "start/no-other-node",
    Error,
    "v2.8.0 does not start a cluster with peers in Redis",
    "the first node loads its list of peers only when another node announces itself; where none is \
     running, it waits for 25 seconds and exits with status 1"
);

const GROUP: &str = "RedisPeerManagement";

/// Where the client looks when it is told nothing.
const USUAL_ADDRESS: &str = "localhost:6379";

pub fn walk(ground: Ground<'_>) -> Stage {
    const NAME: &str = "pub/sub";
    if ground.text("PeerManagement", "Type") != "redis" {
        return Stage::skipped(NAME, "peers are listed in the file");
    }
    let mut stage = Stage::new(NAME);
    let client = client(ground);
    let addresses = client.addresses.join(", ");
    stage.decide("Redis", &addresses);
    let shows_code = !client.auth_code.is_empty();
    let hears_itself = ground.quirks.has(Quirk::HearsItselfThroughRedis);
    let calls =
        [Quirk::RegistersWithRedis, Quirk::HearsItselfThroughRedis, Quirk::NeedsAnotherNode];
    let is_needed = shows_code || calls.iter().any(|quirk| ground.quirks.has(*quirk));
    judge_time_out(ground, &mut stage);
    if hears_itself && shows_code && client.password.is_empty() {
        let message = "this release shows the AuthCode on one connection of several";
        let finding =
            Finding::new(&NO_REDIS, message).help("write it as `Password`, or run v2.8.0 or later");
        stage.fail(ground.place(finding, GROUP, "AuthCode", "the process exits after 25s"));
    }
    if ground.quirks.has(Quirk::NeedsAnotherNode) {
        needs_another_node(ground, &mut stage);
    }
    match ground.world.greet_redis(&client) {
        Some(Greeting::Accepts) => {}
        Some(greeting) if is_needed => {
            let finding = Finding::new(&NO_REDIS, describe(greeting, &addresses));
            stage.fail(place(ground, finding, greeting));
        }
        // A single node is alone in any case.
        Some(_) if ground.world.machine.is_alone() => {}
        Some(greeting) => {
            let finding = Finding::new(&ALONE, describe(greeting, &addresses));
            stage.findings.push(place(ground, finding, greeting));
        }
        None if shows_code => {
            stage.depend(format!("Redis at `{addresses}` answering and accepting the AuthCode"));
        }
        None if is_needed => stage.depend(format!("Redis at `{addresses}` answering")),
        None => {}
    }
    if ground.quirks.has(Quirk::SubscribesAtStart) {
        let late = if cluster(ground).is_empty() { "15s" } else { "75s" };
        stage.decide("where Redis swallows connections", format!("no port opens before {late}"));
        stage.decide("where it does so later", "`/alive` fails, over and over");
    }
    stage
}

/// Where nobody can be reached in the time that a call may take.
fn judge_time_out(ground: Ground<'_>, stage: &mut Stage) {
    /// Too short for any Redis.
    const IMPOSSIBLE: i128 = 100_000;
    /// Long enough for one that is near.
    const ENOUGH: i128 = 10_000_000;
    let is_waited_for = [Quirk::RegistersWithRedis, Quirk::HearsItselfThroughRedis];
    let time_out = ground.number(GROUP, "Timeout");
    if !is_waited_for.iter().any(|quirk| ground.quirks.has(*quirk)) || time_out >= ENOUGH {
        return;
    }
    if time_out < IMPOSSIBLE {
        let finding = Finding::new(&NO_REDIS, "no call of Redis ends in this time")
            .help("write a time such as `5s`, or delete the key for its default");
        stage.fail(ground.place(finding, GROUP, "Timeout", "the process exits with status 1"));
    } else {
        stage.depend("Redis answering within `RedisPeerManagement.Timeout`");
    }
}

/// Nobody announces a node that is the first one.
fn needs_another_node(ground: Ground<'_>, stage: &mut Stage) {
    let message = "v2.8.0 starts only where another node is running";
    let finding = Finding::new(&NO_OTHER_NODE, message)
        .help("run v2.8.1 or later, or list the peers in the file");
    let finding = ground.place(finding, "PeerManagement", "Type", "waits for another node");
    if ground.world.machine.is_alone() {
        stage.fail(finding);
    } else {
        stage.findings.push(finding);
        stage.depend("another node of the cluster running");
    }
}

fn client(ground: Ground<'_>) -> Client {
    let text = |key| ground.text(GROUP, key).to_owned();
    Client {
        addresses: addresses(ground),
        username: text("Username"),
        password: text("Password"),
        auth_code: text("AuthCode"),
        uses_tls: ground.is_on(GROUP, "UseTLS") && !ground.quirks.has(Quirk::IgnoresRedisTls),
    }
}

/// The hosts of a cluster count over the single one.
fn addresses(ground: Ground<'_>) -> Vec<String> {
    match (cluster(ground), ground.text(GROUP, "Host")) {
        ([], "") => vec![USUAL_ADDRESS.to_owned()],
        ([], host) => vec![host.to_owned()],
        (hosts, _) => hosts.to_vec(),
    }
}

fn cluster(ground: Ground<'_>) -> &[String] {
    match ground.setting(GROUP, "ClusterHosts").map(|s| &s.typed) {
        Some(Typed::Texts(hosts)) => hosts,
        _ => &[],
    }
}

fn describe(greeting: Greeting, addresses: &str) -> String {
    let how = match greeting {
        Greeting::Refuses => "refuses what it is shown",
        Greeting::Accepts | Greeting::Unreachable => "cannot be reached",
    };
    format!("Redis at `{addresses}` {how}")
}

/// At what is refused, or at the address.
fn place(ground: Ground<'_>, finding: Finding, greeting: Greeting) -> Finding {
    let is_written = |key: &&&str| ground.setting(GROUP, key).is_some_and(|s| s.span().is_some());
    let (keys, text, help): (&[&str], _, _) = match greeting {
        Greeting::Refuses => (
            &["AuthCode", "Password", "Host"],
            "refused",
            "write the code and password that Redis asks for, and none where it asks for none",
        ),
        Greeting::Accepts | Greeting::Unreachable => (
            &["ClusterHosts", "Host"],
            "nobody answers as Redis does",
            "write an address that Redis answers at from the node, and look at what lies between",
        ),
    };
    let finding = finding.help(help);
    match keys.iter().find(is_written) {
        Some(key) => ground.place(finding, GROUP, key, text),
        None => ground.place(finding, "PeerManagement", "Type", "finds the peers in Redis"),
    }
}
