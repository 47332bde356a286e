//! Which checks are asked for: `--select` and `--ignore`.

use crate::diagnostic::checks;
use crate::schema::nearest;

/// Checks by id, group (`rules` or `rules/*`) or `all`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Empty means all.
    select: Vec<String>,
    ignore: Vec<String>,
}

/// Something was named that is no check.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no check or group `{name}`")]
pub struct SelectionError {
    pub name: String,
    pub advice: String,
}

impl Selection {
    /// # Errors
    /// A name fits no check, or would leave out nothing but verdicts.
    pub fn new(select: &[String], ignore: &[String]) -> Result<Self, SelectionError> {
        let names = |given: &[String]| -> Vec<String> {
            let split = given.iter().flat_map(|names| names.split(','));
            split.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
        };
        let selection = Self { select: names(select), ignore: names(ignore) };
        for name in selection.select.iter().chain(&selection.ignore) {
            known(name)?;
        }
        Ok(selection)
    }

    /// Is the check asked for?
    pub fn holds(&self, id: &str) -> bool {
        let fits = |names: &[String]| names.iter().any(|name| fits(name, id));
        (self.select.is_empty() || fits(&self.select)) && !fits(&self.ignore)
    }
}

fn fits(name: &str, id: &str) -> bool {
    let group = name.strip_suffix("/*").unwrap_or(name);
    name == "all" || name == id || id.split('/').next() == Some(group)
}

/// # Errors
/// There is no such check or group.
pub(super) fn known(name: &str) -> Result<(), SelectionError> {
    let checks = checks();
    if checks.iter().any(|check| fits(name, check.id)) {
        return Ok(());
    }
    let ids = checks.iter().map(|check| check.id);
    let advice = match nearest(name, ids) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`refinery-preflight checks` lists them all".to_owned(),
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
            (&["reload, rules/drops-unsaid"], &[], true),
            (&["reload"], &[], false),
            (&[], &["rules"], false),
            (&["rules"], &["rules/drops-unsaid"], false),
        ] {
            let selection = selection(select, ignore).unwrap();
            assert_eq!(selection.holds("rules/drops-unsaid"), holds, "{select:?} {ignore:?}");
        }
    }

    #[test]
    fn what_is_no_check_is_refused() {
        let error = selection(&["rules/drops-unsaidd"], &[]).unwrap_err();
        assert_eq!(error.advice, "did you mean `rules/drops-unsaid`?");
        assert!(selection(&[], &["nonsense"]).is_err());
    }
}
