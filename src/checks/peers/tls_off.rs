//! TLS without checks, and no TLS.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;

check!(
    TLS_OFF,
    "peers/tls-off",
    Warning,
    "`UseTLSInsecure` without `UseTLS`: the connection to Redis is plain",
    "the engine asks for `UseTLS` first; `UseTLSInsecure` says how, and does not switch it on",
    "write `UseTLS: true` as well",
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

look!(one find);

fn find(subject: &Subject<'_>) -> Option<Finding> {
    let insecure = subject.held("RedisPeerManagement", "UseTLSInsecure")?;
    let is_on = |name: &str| subject.ground.is_on("RedisPeerManagement", name);
    (is_on("UseTLSInsecure") && !is_on("UseTLS")).then(|| {
        let finding = Finding::new(&TLS_OFF, "the connection to Redis has no TLS at all")
            .help("write `UseTLS: true` as well");
        insecure.place(finding, "says how, but not whether")
    })
}
