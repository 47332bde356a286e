//! A header that Go does not send.

use crate::check;
use crate::checks::CheckContext;
use crate::config::effective_value::Typed;
use crate::diagnostic::Finding;

check!(
    INVALID_HEADER,
    "config/invalid-header",
    Error,
    "invalid HTTP header: nothing reaches Honeycomb",
    "Refinery does not validate headers and `/ready` answers 200, but Go rejects every request \
     with this header. All traces, metrics and logs are lost.",
    "Use a name of letters, digits and `-`, and a value on one line.",
    before: "\
General:
  ConfigurationVersion: 2
Network:
  AdditionalHeaders:
    \"x team\": payments
",
    change: "\"x team\": payments" => "x-team: payments",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let Some(headers) = context.config_key("Network", "AdditionalHeaders") else {
        return Vec::new();
    };
    let Typed::Attributes(map) = &headers.setting.typed else { return Vec::new() };
    let wrong = map.iter().filter_map(|(name, value)| Some((name, fault(name, value)?)));
    wrong
        .map(|(name, fault)| {
            let written =
                context.item(headers.group, headers.name).and_then(|item| item.entry(name));
            let finding = Finding::new(&INVALID_HEADER, format!("no request can be sent: {fault}"))
                .help("use a name of letters, digits and `-`, and a value on one line");
            match written.and_then(|entry| entry.key_span) {
                Some(span) => finding.at(span, "every request fails"),
                None => headers.place(finding, "every request fails because of one header"),
            }
        })
        .collect()
}

/// The reason for which Go rejects a header.
fn fault(name: &str, value: &str) -> Option<&'static str> {
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if name.is_empty() {
        Some("a header has an empty name")
    } else if !name.bytes().all(is_token) {
        Some("a header name contains an invalid character")
    } else if value.bytes().any(|b| b.is_ascii_control() && b != b'\t') {
        Some("a header value contains a line break or control character")
    } else {
        None
    }
}
