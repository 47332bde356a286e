//! A header that Go does not send.

use crate::check;
use crate::checks::Subject;
use crate::config::setting::Typed;
use crate::diagnostic::Finding;

check!(
    INVALID_HEADER,
    "config/invalid-header",
    Error,
    "a header that Go refuses to send: nothing reaches Honeycomb",
    "nothing validates the headers, `/ready` answers 200, and every batch, metric and log fails \
     before it leaves the process: all data are lost",
    "write a name of letters, digits and `-`, and a value of one line",
    before: "\
General:
  ConfigurationVersion: 2
Network:
  AdditionalHeaders:
    \"x team\": payments
",
    change: "\"x team\": payments" => "x-team: payments",
);

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let Some(headers) = subject.held("Network", "AdditionalHeaders") else { return Vec::new() };
    let Typed::Attributes(map) = &headers.setting.typed else { return Vec::new() };
    let wrong = map.iter().filter_map(|(name, value)| Some((name, fault(name, value)?)));
    wrong
        .map(|(name, fault)| {
            let written =
                subject.item(headers.group, headers.name).and_then(|item| item.entry(name));
            let finding = Finding::new(&INVALID_HEADER, format!("no request is sent: {fault}"))
                .help("write a name of letters, digits and `-`, and a value of one line");
            match written.and_then(|entry| entry.key_span) {
                Some(span) => finding.at(span, "every batch fails on this header"),
                None => headers.place(finding, "every batch fails on one of these"),
            }
        })
        .collect()
}

/// What Go has against a header.
fn fault(name: &str, value: &str) -> Option<&'static str> {
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if name.is_empty() {
        Some("a header has no name")
    } else if !name.bytes().all(is_token) {
        Some("a header's name holds more than letters, digits and signs")
    } else if value.bytes().any(|b| b.is_ascii_control() && b != b'\t') {
        Some("a header's value holds a line break or another control character")
    } else {
        None
    }
}
