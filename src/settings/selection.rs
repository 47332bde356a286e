//! Which checks are selected: `--select` and `--ignore`.

use crate::diagnostic::checks;
use crate::schema::nearest;
use std::collections::BTreeSet;

/// The checks that are not selected. Checks are named by id, group (`rules` or `rules/*`) or `all`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    left_out: BTreeSet<&'static str>,
}

/// A name that matches no check.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown check or group `{name}`")]
pub struct SelectionError {
    pub name: String,
    pub advice: String,
}

impl Selection {
    /// Selects the checks of `select`, or all if it is empty, except those of `ignore`. Each string
    /// may name several, separated by commas.
    ///
    /// # Errors
    /// A name matches no check.
    pub fn new(select: &[String], ignore: &[String]) -> Result<Self, SelectionError> {
        let (select, ignore) = (names(select), names(ignore));
        for name in select.iter().chain(&ignore) {
            known(name)?;
        }
        let is_among = |names: &[&str], id| names.iter().any(|name| fits(name, id));
        let is_selected =
            |id| (select.is_empty() || is_among(&select, id)) && !is_among(&ignore, id);
        let ids = checks().into_iter().map(|check| check.id);
        Ok(Self { left_out: ids.filter(|id| !is_selected(id)).collect() })
    }

    /// Whether the check is selected.
    pub fn holds(&self, id: &str) -> bool {
        !self.left_out.contains(id)
    }

    /// Selects what either selects.
    #[must_use]
    pub fn restricted_to(&self, base: &Self) -> Self {
        Self { left_out: self.left_out.intersection(&base.left_out).copied().collect() }
    }

    /// The checks that this ignores and `base` does not.
    pub fn beyond<'s>(&'s self, base: &'s Self) -> impl Iterator<Item = &'static str> + 's {
        self.left_out.difference(&base.left_out).copied()
    }
}

fn names(given: &[String]) -> Vec<&str> {
    let split = given.iter().flat_map(|names| names.split(','));
    split.map(str::trim).filter(|name| !name.is_empty()).collect()
}

fn fits(name: &str, id: &str) -> bool {
    let group = name.strip_suffix("/*").unwrap_or(name);
    name == "all" || name == id || id.split('/').next() == Some(group)
}

/// Checks the name of a check or group.
///
/// # Errors
/// There is no such check or group.
pub fn known(name: &str) -> Result<(), SelectionError> {
    let checks = checks();
    if checks.iter().any(|check| fits(name, check.id)) {
        return Ok(());
    }
    let ids = checks.iter().map(|check| check.id);
    let advice = match nearest(name, ids) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "run `refinery-preflight checks` to list all checks".to_owned(),
    };
    Err(SelectionError { name: name.to_owned(), advice })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(select: &[&str], ignore: &[&str]) -> Result<Selection, SelectionError> {
        let owned =
            |names: &[&str]| -> Vec<String> { names.iter().map(ToString::to_string).collect() };
        Selection::new(&owned(select), &owned(ignore))
    }

    #[test]
    fn checks_are_named_by_id_group_or_all() {
        for (select, ignore, holds) in [
            (&[][..], &[][..], true),
            (&["all"], &[], true),
            (&["rules"], &[], true),
            (&["rules/*"], &[], true),
            (&["reload, rules/implicit-drop"], &[], true),
            (&["reload"], &[], false),
            (&[], &["rules"], false),
            (&["rules"], &["rules/implicit-drop"], false),
        ] {
            let selection = selection(select, ignore).unwrap();
            assert_eq!(selection.holds("rules/implicit-drop"), holds, "{select:?} {ignore:?}");
        }
    }

    #[test]
    fn an_unknown_check_is_an_error() {
        let error = selection(&["rules/implicit-dropp"], &[]).unwrap_err();
        assert_eq!(error.advice, "did you mean `rules/implicit-drop`?");
        assert!(selection(&[], &["nonsense"]).is_err());
    }

    #[test]
    fn a_restricted_selection_ignores_what_both_ignore() {
        let checked = selection(&[], &["rules", "reload"]).unwrap();
        let base = selection(&[], &["rules/implicit-drop"]).unwrap();
        let both = checked.restricted_to(&base);
        assert!(!both.holds("rules/implicit-drop") && both.holds("reload/needs-restart"));
        assert!(checked.beyond(&base).any(|id| id == "reload/needs-restart"));
        assert_eq!(both.beyond(&base).count(), 0);
    }
}
