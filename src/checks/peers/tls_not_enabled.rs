//! `UseTLSInsecure` without `UseTLS`.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;

check!(
    TLS_NOT_ENABLED,
    "peers/tls-not-enabled",
    Warning,
    "`UseTLSInsecure` without `UseTLS`: the connection to Redis is not encrypted",
    "`UseTLSInsecure` only disables certificate verification. Refinery uses TLS only if `UseTLS` \
     is true.",
    "Add `UseTLS: true`.",
    before: "\
General:
  ConfigurationVersion: 2
RedisPeerManagement:
  UseTLSInsecure: true
",
    change: "RedisPeerManagement:" => "\
RedisPeerManagement:
  UseTLS: true",
);

register!(one find);

fn find(context: &CheckContext<'_>) -> Option<Finding> {
    let insecure = context.known("RedisPeerManagement", "UseTLSInsecure")?;
    let is_off = context.is_off(insecure.group, "UseTLS");
    (is_off && context.is_on(insecure.group, insecure.name)).then(|| {
        let finding = Finding::new(&TLS_NOT_ENABLED, "the connection to Redis does not use TLS")
            .help("add `UseTLS: true`");
        insecure.place(finding, "has no effect without `UseTLS`")
    })
}
