//! The stage that connects to the message channel between peers.

use super::stage::{Ground, Stage};
use super::world::Client;
use crate::check;
use crate::config::setting::Typed;
use crate::diagnostic::Finding;
use crate::machine::Greeting;
use crate::schema::Quirk;

check!(
    REDIS_REQUIRED,
    "start/redis-required",
    Error,
    "start-up needs Redis, which is unreachable or rejects the client",
    "With an `AuthCode`, Refinery authenticates before it opens a port; before v2.8.0 it always \
     registers in Redis at start-up. It exits with status 1 if that fails."
);
check!(
    REDIS_UNREACHABLE,
    "peers/redis-unreachable",
    Warning,
    "the peers are found through Redis, which is unreachable or rejects the client",
    "Refinery starts and becomes ready, but knows no peers, so each node samples its part of a \
     trace on its own. If a firewall drops packets to Redis, Refinery waits for 15 seconds or \
     more before it opens a port."
);

check!(
    NEEDS_OTHER_NODE,
    "start/needs-other-node",
    Error,
    "v2.8.0 cannot start a cluster with peers in Redis",
    "The first node only loads its list of peers when another node announces itself. If none is \
     running, it waits for 25 seconds and exits with status 1."
);

const GROUP: &str = "RedisPeerManagement";

/// The default address of the Redis client.
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
        let message = "this release sends `AuthCode` on only one of several connections";
        let finding = Finding::new(&REDIS_REQUIRED, message)
            .help("use `Password` instead, or v2.8.0 or later");
        stage.fail(ground.place(finding, GROUP, "AuthCode", "Refinery exits after 25 s"));
    }
    if ground.quirks.has(Quirk::NeedsAnotherNode) {
        needs_another_node(ground, &mut stage);
    }
    match ground.world.greet_redis(&client) {
        Some(Greeting::Accepts) => {}
        Some(greeting) if is_needed => {
            let finding = Finding::new(&REDIS_REQUIRED, describe(greeting, &addresses));
            stage.fail(place(ground, finding, greeting));
        }
        // A single node has no peers anyway.
        Some(_) if ground.world.machine.is_alone() => {}
        Some(greeting) => {
            let finding = Finding::new(&REDIS_UNREACHABLE, describe(greeting, &addresses));
            stage.findings.push(place(ground, finding, greeting));
        }
        None if shows_code => {
            stage.depend(format!("Redis at `{addresses}` answering and accepting `AuthCode`"));
        }
        None if is_needed => stage.depend(format!("Redis at `{addresses}` answering")),
        None => {}
    }
    if ground.quirks.has(Quirk::SubscribesAtStart) {
        let late = if cluster(ground).is_empty() { "15s" } else { "75s" };
        stage.decide("if packets to Redis are dropped", format!("no port opens before {late}"));
        stage.decide("if they are dropped later", "`/alive` fails, over and over");
    }
    stage
}

/// A timeout in which Redis cannot answer.
fn judge_time_out(ground: Ground<'_>, stage: &mut Stage) {
    /// Nanoseconds; too short for any Redis.
    const IMPOSSIBLE: i128 = 100_000;
    /// Nanoseconds; long enough for a Redis nearby.
    const ENOUGH: i128 = 10_000_000;
    let is_waited_for = [Quirk::RegistersWithRedis, Quirk::HearsItselfThroughRedis];
    let time_out = ground.number(GROUP, "Timeout");
    if !is_waited_for.iter().any(|quirk| ground.quirks.has(*quirk)) || time_out >= ENOUGH {
        return;
    }
    if time_out < IMPOSSIBLE {
        let finding =
            Finding::new(&REDIS_REQUIRED, "no call to Redis completes within this timeout")
                .help("use a timeout such as `5s`, or remove the key to use the default");
        stage.fail(ground.place(finding, GROUP, "Timeout", "Refinery exits with status 1"));
    } else {
        stage.depend("Redis answering within `RedisPeerManagement.Timeout`");
    }
}

/// No other node announces itself to the first one.
fn needs_another_node(ground: Ground<'_>, stage: &mut Stage) {
    let message = "v2.8.0 only starts if another node is running";
    let finding = Finding::new(&NEEDS_OTHER_NODE, message)
        .help("use v2.8.1 or later, or list the peers in the file");
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

/// `ClusterHosts` overrides `Host`.
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
        Greeting::Refuses => "rejects the credentials",
        Greeting::Accepts | Greeting::Unreachable => "is unreachable",
    };
    format!("Redis at `{addresses}` {how}")
}

/// Labels the rejected credentials, or the address.
fn place(ground: Ground<'_>, finding: Finding, greeting: Greeting) -> Finding {
    let is_written = |key: &&&str| ground.setting(GROUP, key).is_some_and(|s| s.span().is_some());
    let (keys, text, help): (&[&str], _, _) = match greeting {
        Greeting::Refuses => (
            &["AuthCode", "Password", "Host"],
            "rejected",
            "use the credentials that Redis expects, or none if it expects none",
        ),
        Greeting::Accepts | Greeting::Unreachable => (
            &["ClusterHosts", "Host"],
            "no Redis answers here",
            "use an address at which the node can reach Redis, and check the network between them",
        ),
    };
    let finding = finding.help(help);
    match keys.iter().find(is_written) {
        Some(key) => ground.place(finding, GROUP, key, text),
        None => ground.place(finding, "PeerManagement", "Type", "uses Redis to find peers"),
    }
}
