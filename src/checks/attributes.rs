//! Fields that OpenTelemetry, Honeycomb and Refinery define: what they hold, and their old names.
//!
//! Names and types are those of OpenTelemetry's semantic conventions and of Honeycomb's ingest.

use crate::engine::Value;
use crate::engine::key_fields::ROOT_PREFIX;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    Number,
    Boolean,
    /// One of these strings.
    OneOf(&'static [&'static str]),
    /// Usually one of these strings.
    MostlyOneOf(&'static [&'static str]),
    Text,
}

pub const KINDS: [&str; 6] =
    ["server", "client", "internal", "producer", "consumer", "unspecified"];
pub const METHODS: [&str; 9] =
    ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT", "TRACE"];
const SCHEMES: [&str; 4] = ["http", "https", "ws", "wss"];
const DATABASES: [&str; 13] = [
    "mysql",
    "postgresql",
    "redis",
    "mongodb",
    "mssql",
    "oracle",
    "sqlite",
    "mariadb",
    "dynamodb",
    "cassandra",
    "elasticsearch",
    "memcached",
    "clickhouse",
];
const QUEUES: [&str; 6] = ["kafka", "rabbitmq", "aws_sqs", "pulsar", "activemq", "nats"];
const LANGUAGES: [&str; 10] =
    ["go", "java", "nodejs", "python", "ruby", "dotnet", "php", "rust", "erlang", "webjs"];
const CLOUDS: [&str; 5] = ["aws", "gcp", "azure", "alibaba_cloud", "heroku"];
const RPC: [&str; 3] = ["grpc", "connect_rpc", "apache_dubbo"];

const ATTRIBUTES: [(&str, Holds); 112] = [
    ("client.address", Holds::Text),
    ("client.port", Holds::Number),
    ("cloud.account.id", Holds::Text),
    ("cloud.availability_zone", Holds::Text),
    ("cloud.platform", Holds::Text),
    ("cloud.provider", Holds::MostlyOneOf(&CLOUDS)),
    ("cloud.region", Holds::Text),
    ("container.id", Holds::Text),
    ("container.image.name", Holds::Text),
    ("container.name", Holds::Text),
    ("db.collection.name", Holds::Text),
    ("db.name", Holds::Text),
    ("db.namespace", Holds::Text),
    ("db.operation", Holds::Text),
    ("db.operation.name", Holds::Text),
    ("db.query.text", Holds::Text),
    ("db.statement", Holds::Text),
    ("db.system", Holds::MostlyOneOf(&DATABASES)),
    ("db.system.name", Holds::MostlyOneOf(&DATABASES)),
    ("deployment.environment", Holds::Text),
    ("deployment.environment.name", Holds::Text),
    ("duration_ms", Holds::Number),
    ("enduser.id", Holds::Text),
    ("error", Holds::Boolean),
    ("error.type", Holds::Text),
    ("event.name", Holds::Text),
    ("exception.escaped", Holds::Boolean),
    ("exception.message", Holds::Text),
    ("exception.stacktrace", Holds::Text),
    ("exception.type", Holds::Text),
    ("faas.coldstart", Holds::Boolean),
    ("faas.name", Holds::Text),
    ("faas.trigger", Holds::Text),
    ("graphql.operation.name", Holds::Text),
    ("graphql.operation.type", Holds::Text),
    ("host.arch", Holds::Text),
    ("host.id", Holds::Text),
    ("host.name", Holds::Text),
    ("http.client_ip", Holds::Text),
    ("http.flavor", Holds::Text),
    ("http.host", Holds::Text),
    ("http.method", Holds::MostlyOneOf(&METHODS)),
    ("http.request.body.size", Holds::Number),
    ("http.request.method", Holds::MostlyOneOf(&METHODS)),
    ("http.request_content_length", Holds::Number),
    ("http.response.body.size", Holds::Number),
    ("http.response.status_code", Holds::Number),
    ("http.response_content_length", Holds::Number),
    ("http.route", Holds::Text),
    ("http.scheme", Holds::MostlyOneOf(&SCHEMES)),
    ("http.status_code", Holds::Number),
    ("http.target", Holds::Text),
    ("http.url", Holds::Text),
    ("http.user_agent", Holds::Text),
    ("k8s.cluster.name", Holds::Text),
    ("k8s.container.name", Holds::Text),
    ("k8s.container.restart_count", Holds::Number),
    ("k8s.deployment.name", Holds::Text),
    ("k8s.namespace.name", Holds::Text),
    ("k8s.node.name", Holds::Text),
    ("k8s.pod.name", Holds::Text),
    ("k8s.pod.uid", Holds::Text),
    ("library.name", Holds::Text),
    ("library.version", Holds::Text),
    ("messaging.destination.name", Holds::Text),
    ("messaging.operation", Holds::Text),
    ("messaging.operation.name", Holds::Text),
    ("messaging.operation.type", Holds::Text),
    ("messaging.system", Holds::MostlyOneOf(&QUEUES)),
    ("meta.annotation_type", Holds::OneOf(&["span_event", "link"])),
    ("meta.signal_type", Holds::OneOf(&["trace", "log", "metric"])),
    ("meta.span_count", Holds::Number),
    ("name", Holds::Text),
    ("net.host.name", Holds::Text),
    ("net.host.port", Holds::Number),
    ("net.peer.ip", Holds::Text),
    ("net.peer.name", Holds::Text),
    ("net.peer.port", Holds::Number),
    ("network.peer.address", Holds::Text),
    ("network.peer.port", Holds::Number),
    ("network.protocol.name", Holds::Text),
    ("network.protocol.version", Holds::Text),
    ("parent_name", Holds::Text),
    ("peer.service", Holds::Text),
    ("process.pid", Holds::Number),
    ("process.runtime.name", Holds::Text),
    ("response.status_code", Holds::Number),
    ("rpc.grpc.status_code", Holds::Number),
    ("rpc.method", Holds::Text),
    ("rpc.service", Holds::Text),
    ("rpc.system", Holds::MostlyOneOf(&RPC)),
    ("server.address", Holds::Text),
    ("server.port", Holds::Number),
    ("service.instance.id", Holds::Text),
    ("service.name", Holds::Text),
    ("service.namespace", Holds::Text),
    ("service.version", Holds::Text),
    ("span.kind", Holds::OneOf(&KINDS)),
    ("span.num_events", Holds::Number),
    ("span.num_links", Holds::Number),
    ("status_code", Holds::Number),
    ("status_message", Holds::Text),
    ("telemetry.sdk.language", Holds::MostlyOneOf(&LANGUAGES)),
    ("telemetry.sdk.name", Holds::Text),
    ("thread.name", Holds::Text),
    ("trace.parent_id", Holds::Text),
    ("trace.span_id", Holds::Text),
    ("trace.trace_id", Holds::Text),
    ("url.full", Holds::Text),
    ("url.path", Holds::Text),
    ("url.scheme", Holds::MostlyOneOf(&SCHEMES)),
    ("user_agent.original", Holds::Text),
];

/// Old names of attributes and the names that replaced them.
pub const RENAMED: [(&str, &str); 50] = [
    ("code.filepath", "code.file.path"),
    ("code.function", "code.function.name"),
    ("code.lineno", "code.line.number"),
    ("code.namespace", "code.function.name"),
    ("db.cassandra.table", "db.collection.name"),
    ("db.mongodb.collection", "db.collection.name"),
    ("db.name", "db.namespace"),
    ("db.operation", "db.operation.name"),
    ("db.redis.database_index", "db.namespace"),
    ("db.sql.table", "db.collection.name"),
    ("db.statement", "db.query.text"),
    ("db.system", "db.system.name"),
    ("deployment.environment", "deployment.environment.name"),
    ("enduser.id", "user.id"),
    ("enduser.role", "user.roles"),
    ("faas.execution", "faas.invocation_id"),
    ("gen_ai.system", "gen_ai.provider.name"),
    ("http.client_ip", "client.address"),
    ("http.flavor", "network.protocol.version"),
    ("http.host", "server.address"),
    ("http.method", "http.request.method"),
    ("http.request_content_length", "http.request.body.size"),
    ("http.response_content_length", "http.response.body.size"),
    ("http.scheme", "url.scheme"),
    ("http.server_name", "server.address"),
    ("http.status_code", "http.response.status_code"),
    ("http.target", "url.path"),
    ("http.url", "url.full"),
    ("http.user_agent", "user_agent.original"),
    ("messaging.destination", "messaging.destination.name"),
    ("messaging.kafka.client_id", "messaging.client.id"),
    ("messaging.kafka.consumer_group", "messaging.consumer.group.name"),
    ("messaging.message_id", "messaging.message.id"),
    ("messaging.message_payload_size_bytes", "messaging.message.body.size"),
    ("messaging.operation", "messaging.operation.type"),
    ("net.host.name", "server.address"),
    ("net.host.port", "server.port"),
    ("net.peer.ip", "network.peer.address"),
    ("net.peer.name", "server.address"),
    ("net.peer.port", "server.port"),
    ("net.protocol.name", "network.protocol.name"),
    ("net.protocol.version", "network.protocol.version"),
    ("net.sock.host.addr", "network.local.address"),
    ("net.sock.host.port", "network.local.port"),
    ("net.sock.peer.addr", "network.peer.address"),
    ("net.sock.peer.name", "network.peer.address"),
    ("net.sock.peer.port", "network.peer.port"),
    ("net.transport", "network.transport"),
    ("rpc.grpc.status_code", "rpc.response.status_code"),
    ("rpc.system", "rpc.system.name"),
];

/// First parts of the names of OpenTelemetry's attributes.
const NAMESPACES: [&str; 24] = [
    "aws",
    "client",
    "cloud",
    "code",
    "container",
    "db",
    "deployment",
    "exception",
    "faas",
    "graphql",
    "host",
    "http",
    "k8s",
    "messaging",
    "net",
    "network",
    "process",
    "rpc",
    "server",
    "service",
    "telemetry",
    "url",
    "user_agent",
    "enduser",
];

/// A field name without the prefix of fields of the root span.
pub fn plain_name(name: &str) -> &str {
    name.strip_prefix(ROOT_PREFIX).unwrap_or(name)
}

/// What a field holds by convention, if that is known; `name` without `root.`.
pub fn holds(name: &str) -> Option<Holds> {
    let known = ATTRIBUTES.iter().find(|(known, _)| *known == name).map(|(_, holds)| *holds);
    let is_number = || name.ends_with("_ms") || name.ends_with(".status_code");
    known.or_else(|| is_number().then_some(Holds::Number))
}

/// Whether a convention defines the field.
pub fn is_defined(name: &str) -> bool {
    ATTRIBUTES.iter().any(|(known, _)| *known == name)
        || RENAMED.iter().any(|(old, new)| *old == name || *new == name)
}

/// The names that a convention defines.
pub fn defined_names() -> impl Iterator<Item = &'static str> {
    ATTRIBUTES.iter().map(|(name, _)| *name)
}

/// Whether the name is in a namespace of OpenTelemetry's attributes, or one of Honeycomb's fields.
pub fn is_conventional(name: &str) -> bool {
    let namespace = name.split_once('.').map(|(first, _)| first);
    namespace.is_some_and(|first| NAMESPACES.contains(&first)) || is_defined(name)
}

/// The strings of a condition's value or list.
pub fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let items = if let Value::List(items) = value { items } else { std::slice::from_ref(value) };
    items.iter().filter_map(|item| match item {
        Value::Text(text) => Some(text.as_str()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_unique() {
        assert!(ATTRIBUTES.is_sorted_by(|one, other| one.0 < other.0));
        assert!(RENAMED.is_sorted_by(|one, other| one.0 < other.0));
    }

    #[test]
    fn names_have_types_and_namespaces() {
        assert_eq!(holds("root.error"), None);
        assert_eq!(holds(plain_name("root.error")), Some(Holds::Boolean));
        assert_eq!(holds("app.wait_ms"), Some(Holds::Number));
        assert!(is_conventional("http.request.header.accept") && is_conventional("duration_ms"));
        assert!(!is_conventional("app.http.route") && !is_conventional("https"));
    }
}
