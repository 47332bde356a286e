//! A reference to a key that its map does not have.

use crate::check;
use crate::deploy::content::DataEntry;
use crate::diagnostic::Finding;
use crate::syntax::Item;

check!(
    MISSING_KEY,
    "start/missing-map-key",
    Error,
    kind: Verdict,
    "a container needs a ConfigMap, or a key of a ConfigMap or Secret, that does not exist",
    "Until the ConfigMap or key exists, the kubelet does not start the container, unless the reference is \
     `optional`."
);

/// Reports a key that a map does not have.
pub fn missing_key(key: &Item, kind: &str, name: &str, data: &[DataEntry]) -> Finding {
    let written = key.text().unwrap_or("?");
    let finding = Finding::new(&MISSING_KEY, format!("the {kind} `{name}` has no key `{written}`"))
        .at_some(key.span, "needed here")
        .refuses();
    let known: Vec<String> = data.iter().take(10).map(|datum| format!("`{}`", datum.key)).collect();
    match &known[..] {
        [] => finding.help("add the key, or set `optional: true` in the reference"),
        known => finding.help(format!("expected one of its keys: {}", known.join(", "))),
    }
}
