//! A rules file where a config file is expected, or the reverse.

use super::{Kind, Schema};
use crate::check;
use crate::diagnostic::Finding;
use crate::syntax::Item;

check!(
    WRONG_FILE,
    "schema/wrong-file",
    Error,
    kind: Verdict,
    "rules file where a config file is expected, or the reverse",
    "Refinery's validator rejects the unknown keys, and the process exits."
);

/// Finds a file whose keys all belong to the other kind.
pub fn find_wrong_file(schema: &Schema, item: &Item) -> Option<Finding> {
    let (other, flag) = match schema.kind {
        Kind::Config => (Kind::Rules, "-r"),
        Kind::Rules => (Kind::Config, "-c"),
    };
    let entries = item.entries();
    let is_of = |kind: Kind, name: &str| kind.root().children().any(|(child, _)| child == name);
    let telling = entries.iter().find(|entry| is_of(other, &entry.key))?;
    if entries.iter().any(|entry| is_of(schema.kind, &entry.key)) {
        return None;
    }
    let (this, that) = (schema.kind.word(), other.word());
    let finding = Finding::new(&WRONG_FILE, format!("expected a {this} file, found a {that} file"))
        .help(format!("pass it with `{flag}`"))
        .refuses();
    Some(match telling.key_span {
        Some(span) => finding.at(span, format!("a key of {that} files")),
        None => finding,
    })
}
