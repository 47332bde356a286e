//! A plaintext API key.

use crate::check;
use crate::checks::CheckContext;
use crate::diagnostic::Finding;
use crate::value::patterns::is_api_key;
use std::collections::BTreeSet;

check!(
    PLAINTEXT_KEY,
    "keys/plaintext-key",
    Warning,
    "plaintext API key in the file",
    "Anyone who can read the repository can send data with the key. Refinery Preflight redacts it \
     in all output.",
    "Revoke the key and refer to an environment variable: since v2.9.5 Refinery replaces \
     `${NAME}`.",
    before: "\
General:
  ConfigurationVersion: 2
AccessKeys:
  AcceptOnlyListedKeys: true
  ReceiveKeys: [9f2c71e05ab84d3396ce08f17b52a4d1]
",
    change: "ReceiveKeys: [9f2c71e05ab84d3396ce08f17b52a4d1]" => "ReceiveKeys: [\"${TEAM_KEY}\"]",
);

register!(find);

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let written = context.texts().into_iter().filter(|(key, item)| {
        key.schema.is_secret()
            && item.text().is_some_and(|text| is_api_key(text) && !is_dummy(text))
    });
    written
        .map(|(key, item)| {
            let message = format!("{} contains a plaintext API key", key.path());
            Finding::new(&PLAINTEXT_KEY, message)
                .help("revoke the key and use an environment variable instead: `${NAME}`")
                .at_some(item.span, "readable by anyone who has the file")
        })
        .collect()
}

/// No real key looks like this: few different characters, a run of equal or consecutive characters,
/// or no digits.
fn is_dummy(key: &str) -> bool {
    const FEWEST: usize = 8;
    const RUN: usize = 5;
    let bytes = key.as_bytes();
    let different: BTreeSet<u8> = bytes.iter().copied().collect();
    let runs = |step: u8| {
        bytes.windows(RUN).any(|run| run.windows(2).all(|pair| pair[0] + step == pair[1]))
    };
    let has_digit = bytes.iter().any(u8::is_ascii_digit);
    different.len() < FEWEST || !has_digit || runs(0) || runs(1)
}

#[cfg(test)]
mod tests {
    use super::is_dummy;

    #[test]
    fn distinguishes_dummies_from_keys() {
        for key in [
            "abcdef0123456789abcdef0123456789",
            "a1b1a1b1a1b1a1b1a1b1a1",
            "yourhoneycombapikeyhere",
        ] {
            assert!(is_dummy(key), "{key}");
        }
        for key in ["9f2c71e05ab84d3396ce08f17b52a4d1", "kQ8zT3mWv9LpXr2yBn7H4s"] {
            assert!(!is_dummy(key), "{key}");
        }
    }
}
