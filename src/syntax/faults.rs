//! What makes a document with valid syntax unreadable.

use super::value::Value;
use crate::check;

check!(
    DUPLICATE_KEY,
    "syntax/duplicate-key",
    Error,
    kind: Verdict,
    "a key is defined twice in one mapping",
    "Refinery's YAML reader rejects a mapping that defines a key twice, at any depth."
);
check!(
    ALIAS_LOOP,
    "syntax/alias-loop",
    Error,
    kind: Verdict,
    "an alias refers to a value that contains it",
    "Refinery's YAML reader rejects a value that contains itself."
);
check!(
    ALIAS_BOMB,
    "syntax/alias-bomb",
    Error,
    kind: Verdict,
    "excessive alias expansion",
    "Refinery's YAML reader rejects documents that consist mostly of expanded aliases."
);
check!(
    REPEATED_TEXT,
    "syntax/repeated-text",
    Error,
    kind: Verdict,
    "aliases repeat more text than is checked",
    "Refinery may accept the file, but an unchecked file must not pass."
);
check!(
    MERGE_NOT_MAP,
    "syntax/merge-not-a-map",
    Error,
    kind: Verdict,
    "`<<` merges a value that is not a mapping",
    "Refinery's YAML reader only merges mappings and lists of mappings, and rejects everything else."
);
check!(
    TAG_MISMATCH,
    "syntax/tag-mismatch",
    Error,
    kind: Verdict,
    "an explicit tag does not fit its value",
    "Refinery's YAML reader rejects a value that does not have the type of its tag."
);
check!(
    KEY_NOT_SCALAR,
    "syntax/key-not-scalar",
    Error,
    kind: Verdict,
    "a mapping or list is used as a key",
    "Refinery's YAML reader only accepts scalars as keys."
);
check!(
    TOP_LEVEL,
    "syntax/top-level-not-a-map",
    Error,
    kind: Verdict,
    "the file is not a mapping",
    "Refinery expects a mapping at the top level and rejects a list or a single value."
);

/// What to do about a file that is not a mapping.
pub fn advise_on_top(value: &Value) -> &'static str {
    let is_html = |text: &str| {
        let start = text.trim_start().to_lowercase();
        ["<!doctype html", "<html", "<head", "<?xml"].iter().any(|tag| start.starts_with(tag))
    };
    match value {
        Value::Text(text) if is_html(text) => {
            "this is HTML or XML, such as the error page of a failed download: download the file again"
        }
        _ => "start each group, such as `General:`, in the first column",
    }
}
