//! Keys of a learned release whose type this program does not know.

use super::Schema;
use super::place::visit;
use super::violation::Violation;
use crate::check;
use crate::diagnostic::Finding;
use crate::release::learned::learned;
use crate::syntax::Item;

check!(
    UNKNOWN_TYPE,
    "schema/unknown-type",
    Warning,
    "the release file gives the key a type that cannot be checked",
    "A release that was learned from its binary may have types that this program does not know. It \
     accepts any value of such a key, but Refinery's validator may reject it."
);

/// Values that are accepted without being checked.
pub fn find_unknown_types(schema: &Schema, item: &Item) -> Vec<Violation> {
    let mut violations = Vec::new();
    if learned(schema.release).is_none() {
        return violations;
    }
    visit(schema.root(), "", item, &mut |key, path, item| {
        let Some(word) = key.fact_text("unknown-type") else { return };
        let finding =
            Finding::new(&UNKNOWN_TYPE, format!("`{path}` is not checked: its type is `{word}`"))
                .help("check the value with Refinery itself: run `refinery --validate`");
        let finding = match item.beginning() {
            Some(span) => finding.at(span, "not checked"),
            None => finding,
        };
        violations.push(Violation { path: path.to_owned(), finding });
    });
    violations
}
