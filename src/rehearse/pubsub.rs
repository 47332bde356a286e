//! The stage that connects to the message channel between peers.

use super::host::Client;
use super::stage::{Stage, StageContext};
use crate::check;
use crate::config::effective_value::Typed;
use crate::diagnostic::Finding;
use crate::machine::RedisAnswer;
use crate::schema::Quirk;

check!(
    REDIS_REQUIRED,
    "start/redis-required",
    Error,
    kind: Verdict,
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
    kind: Verdict,
    "a v2.8.0 cluster with peers in Redis cannot start",
    "The first node only loads its list of peers when another node announces itself. If none is \
     running, it waits for 25 seconds and exits with status 1."
);

const GROUP: &str = "RedisPeerManagement";

/// The default address of the Redis client.
const DEFAULT_ADDRESS: &str = "localhost:6379";

pub fn walk(context: StageContext<'_>) -> Stage {
    const NAME: &str = "pub/sub";
    if context.text("PeerManagement", "Type") != "redis" {
        return Stage::skipped(NAME, "peers are listed in the file");
    }
    let mut stage = Stage::new(NAME);
    let client = client(context);
    let addresses = client.addresses.join(", ");
    stage.decide("Redis", &addresses);
    let shows_code = !client.auth_code.is_empty();
    let hears_itself = context.quirks.has(Quirk::HearsItselfThroughRedis);
    let calls =
        [Quirk::RegistersWithRedis, Quirk::HearsItselfThroughRedis, Quirk::NeedsAnotherNode];
    let is_needed = shows_code || calls.iter().any(|quirk| context.quirks.has(*quirk));
    check_timeout(context, &mut stage);
    if hears_itself && shows_code && client.password.is_empty() {
        let message = "this release sends `AuthCode` on only one of several connections";
        let finding = Finding::new(&REDIS_REQUIRED, message)
            .help("use `Password` instead, or v2.8.0 or later");
        stage.fail(context.place(finding, GROUP, "AuthCode", "Refinery exits after 25 s"));
    }
    if context.quirks.has(Quirk::NeedsAnotherNode) {
        check_other_node(context, &mut stage);
    }
    match context.host.ask_redis(&client) {
        Some(RedisAnswer::Accepts) => {}
        Some(answer) if is_needed => {
            let finding = Finding::new(&REDIS_REQUIRED, describe(answer, &addresses));
            stage.fail(place(context, finding, answer));
        }
        // A single node has no peers anyway.
        Some(_) if context.host.machine.is_alone() => {}
        Some(answer) => {
            let finding = Finding::new(&REDIS_UNREACHABLE, describe(answer, &addresses));
            stage.findings.push(place(context, finding, answer));
        }
        None if shows_code => {
            stage.depend(format!("Redis at `{addresses}` answering and accepting `AuthCode`"));
        }
        None if is_needed => stage.depend(format!("Redis at `{addresses}` answering")),
        None => {}
    }
    if context.quirks.has(Quirk::SubscribesAtStart) {
        let late = if cluster(context).is_empty() { "15s" } else { "75s" };
        stage.decide("if packets to Redis are dropped", format!("no port opens before {late}"));
        stage.decide("if they are dropped later", "`/alive` fails repeatedly");
    }
    stage
}

/// A timeout in which Redis cannot answer.
fn check_timeout(context: StageContext<'_>, stage: &mut Stage) {
    /// Nanoseconds; too short for any Redis.
    const IMPOSSIBLE: i128 = 100_000;
    /// Nanoseconds; long enough for a Redis nearby.
    const ENOUGH: i128 = 10_000_000;
    let is_waited_for = [Quirk::RegistersWithRedis, Quirk::HearsItselfThroughRedis];
    let timeout = context.number(GROUP, "Timeout");
    if !is_waited_for.iter().any(|quirk| context.quirks.has(*quirk)) || timeout >= ENOUGH {
        return;
    }
    if timeout < IMPOSSIBLE {
        let finding =
            Finding::new(&REDIS_REQUIRED, "no call to Redis completes within this timeout")
                .help("use a timeout such as `5s`, or remove the key to use the default");
        stage.fail(context.place(finding, GROUP, "Timeout", "Refinery exits with status 1"));
    } else {
        stage.depend("Redis answering within `RedisPeerManagement.Timeout`");
    }
}

/// No other node announces itself to the first one.
fn check_other_node(context: StageContext<'_>, stage: &mut Stage) {
    let message = "v2.8.0 only starts if another node is running";
    let finding = Finding::new(&NEEDS_OTHER_NODE, message)
        .help("use v2.8.1 or later, or list the peers in the file");
    let finding = context.place(finding, "PeerManagement", "Type", "waits for another node");
    if context.host.machine.is_alone() {
        stage.fail(finding);
    } else {
        stage.findings.push(finding);
        stage.depend("another node of the cluster running");
    }
}

fn client(context: StageContext<'_>) -> Client {
    let text = |key| context.text(GROUP, key).to_owned();
    Client {
        addresses: addresses(context),
        username: text("Username"),
        password: text("Password"),
        auth_code: text("AuthCode"),
        uses_tls: context.is_on(GROUP, "UseTLS") && !context.quirks.has(Quirk::IgnoresRedisTls),
    }
}

/// `ClusterHosts` overrides `Host`.
fn addresses(context: StageContext<'_>) -> Vec<String> {
    match (cluster(context), context.text(GROUP, "Host")) {
        ([], "") => vec![DEFAULT_ADDRESS.to_owned()],
        ([], host) => vec![host.to_owned()],
        (hosts, _) => hosts.to_vec(),
    }
}

fn cluster(context: StageContext<'_>) -> &[String] {
    match context.setting(GROUP, "ClusterHosts").map(|s| &s.typed) {
        Some(Typed::Texts(hosts)) => hosts,
        _ => &[],
    }
}

fn describe(answer: RedisAnswer, addresses: &str) -> String {
    let how = match answer {
        RedisAnswer::Refuses => "rejects the credentials",
        RedisAnswer::Accepts | RedisAnswer::Unreachable => "is unreachable",
    };
    format!("Redis at `{addresses}` {how}")
}

/// Labels the rejected credentials, or the address.
fn place(context: StageContext<'_>, finding: Finding, answer: RedisAnswer) -> Finding {
    let is_written = |key: &&&str| context.setting(GROUP, key).is_some_and(|s| s.span().is_some());
    let (keys, text, help): (&[&str], _, _) = match answer {
        RedisAnswer::Refuses => (
            &["AuthCode", "Password", "Host"],
            "rejected",
            "use the credentials that Redis expects, or none if it expects none",
        ),
        RedisAnswer::Accepts | RedisAnswer::Unreachable => (
            &["ClusterHosts", "Host"],
            "no Redis answers here",
            "use an address at which the node can reach Redis, and check the network between them",
        ),
    };
    let finding = finding.help(help);
    match keys.iter().find(is_written) {
        Some(key) => context.place(finding, GROUP, key, text),
        None => context.place(finding, "PeerManagement", "Type", "uses Redis to find peers"),
    }
}
