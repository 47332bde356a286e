//! A key in a file that others may read.

use crate::check;
use crate::checks::Subject;
use crate::diagnostic::Finding;
use crate::value::patterns::is_api_key;
use std::collections::BTreeSet;

check!(
    WRITTEN_IN_CLEAR,
    "keys/written-in-clear",
    Warning,
    "an API key stands in the file in clear",
    "who can read the repository can send data with it; the value is hidden in every output of \
     this program",
    "revoke the key, and name a variable: from v2.9.5 on the engine replaces `${NAME}`",
    before: "\
General:
  ConfigurationVersion: 2
AccessKeys:
  AcceptOnlyListedKeys: true
  ReceiveKeys: [9f2c71e05ab84d3396ce08f17b52a4d1]
",
    change: "ReceiveKeys: [9f2c71e05ab84d3396ce08f17b52a4d1]" => "ReceiveKeys: [\"${TEAM_KEY}\"]",
);

look!(find);

fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let written = subject.texts().into_iter().filter(|(held, item)| {
        held.key.is_secret() && item.text().is_some_and(|text| is_api_key(text) && !is_dummy(text))
    });
    written
        .map(|(held, item)| {
            let message = format!("{} holds a key in clear", held.title());
            Finding::new(&WRITTEN_IN_CLEAR, message)
                .help("revoke the key, and name a variable instead: `${NAME}`")
                .at_some(item.span, "whoever reads the file has it")
        })
        .collect()
}

/// Nobody draws such a key: few different signs, a run through the alphabet or of one sign, or no
/// digits.
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
    fn dummies_are_told_from_keys() {
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
