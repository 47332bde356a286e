//! Restricts settings that are part of the checked change.
//!
//! A pull request may describe deployments and make checks stricter. Anything that relaxes checks
//! applies only if the base has it, too.

use super::{
    Budget, DeploymentSettings, Exception, Exclude, Patterns, ProjectSettings, Selection,
    SpannedPath,
};
use crate::diagnostic::{Severity, checks};
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::ops::Range;

/// The argument with which Refinery does not validate its files.
const NO_VALIDATION: &str = "--no-validate";

/// Descriptions of what settings relax and their base does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relaxations(pub Vec<String>);

impl ProjectSettings {
    /// These settings, without anything that relaxes checks and is not in the base as well; and
    /// descriptions of what was dropped.
    #[must_use]
    pub fn restricted_to(&self, base: &Self) -> (Self, Relaxations) {
        let mut relaxed = Vec::new();
        let fail_on = self.fail_on.min(base.fail_on);
        if fail_on != self.fail_on {
            let (was, is) = (fail_on.word(), self.fail_on.word());
            relaxed.push(format!("`fail-on` from `{was}` to `{is}`"));
        }
        let selection = self.selection.restricted_to(&base.selection);
        relaxed.extend(left_out(&self.selection, &base.selection));
        let severity = self.severities(base, &mut relaxed);
        let exceptions = self.exceptions.iter().filter_map(|exception| {
            let kept = exception.restricted_to(&base.exceptions);
            if kept.as_ref().is_none_or(|kept| kept.until != exception.until) {
                relaxed.push(format!("an exception for `{}`", exception.check));
            }
            kept
        });
        let exceptions = exceptions.collect();
        let excludes = self.excludes.iter().filter_map(|exclude| {
            let kept = exclude.restricted_to(&base.excludes);
            if kept.as_ref().is_none_or(|kept| kept.until != exclude.until) {
                relaxed.push(format!("an exclude for {}", exclude.files.words()));
            }
            kept
        });
        let excludes = excludes.collect();
        if self.learned != base.learned {
            relaxed.push("the learned releases".to_owned());
        }
        let mut tests = self.tests.clone();
        let is_kept = |test: &&SpannedPath| tests.iter().any(|kept| kept.path == test.path);
        let (_, removed): (Vec<_>, Vec<_>) = base.tests.iter().partition(is_kept);
        if !removed.is_empty() {
            relaxed.push("the listed rule tests".to_owned());
        }
        tests.extend(removed.into_iter().cloned());
        let budget = Budget::stricter(self.budget, base.budget);
        if budget != self.budget {
            relaxed.push("the budget of `plan`".to_owned());
        }
        if self.baseline.is_some() && base.baseline.is_none() {
            relaxed.push("a baseline".to_owned());
        }
        let deployments: Vec<DeploymentSettings> =
            self.deployments.iter().map(|it| it.restricted_to(&base.deployments)).collect();
        if self.deployments.iter().zip(&deployments).any(|(was, is)| was.arguments != is.arguments)
        {
            relaxed.push(format!("`{NO_VALIDATION}` for a deployment"));
        }
        let restricted = Self {
            fail_on,
            selection,
            severity,
            exceptions,
            excludes,
            baseline: self.baseline.clone().filter(|_| base.baseline.is_some()),
            learned: base.learned.clone(),
            budget,
            tests,
            deployments,
        };
        (restricted, Relaxations(relaxed))
    }

    /// The higher severity of the two for each check.
    fn severities(&self, base: &Self, relaxed: &mut Vec<String>) -> BTreeMap<String, Severity> {
        let mut severities = BTreeMap::new();
        for check in checks() {
            let of = |settings: &Self| settings.severity.get(check.id).copied();
            let (here, there) = (of(self), of(base));
            let strict = here.unwrap_or(check.severity).max(there.unwrap_or(check.severity));
            if here.or(there).is_some() {
                severities.insert(check.id.to_owned(), strict);
            }
            let chosen = here.unwrap_or(check.severity);
            if chosen < strict {
                let (was, is) = (strict.word(), chosen.word());
                relaxed.push(format!("`{}` from `{was}` to `{is}`", check.id));
            }
        }
        severities
    }
}

/// Describes newly ignored checks: one by its name, several by their number.
fn left_out(here: &Selection, base: &Selection) -> Option<String> {
    let ids: Vec<&str> = here.beyond(base).collect();
    match ids[..] {
        [] => None,
        [one] => Some(format!("`{one}` is ignored")),
        _ => Some(format!("{} checks are ignored", ids.len())),
    }
}

type Until = Option<(Date, Range<usize>)>;

/// The earlier of two dates, with its span in the checked settings.
fn earlier(here: &Until, base: &Until) -> Until {
    let place = || here.as_ref().map_or(0..0, |(_, place)| place.clone());
    match (here, base) {
        (Some((here, _)), Some((base, _))) => Some((*here.min(base), place())),
        (None, Some((base, _))) => Some((*base, place())),
        (here, None) => here.clone(),
    }
}

impl DeploymentSettings {
    /// The same with validation, unless the base has a deployment of these files without it.
    fn restricted_to(&self, base: &[Self]) -> Self {
        let is_off = |argument: &String| argument.starts_with(NO_VALIDATION);
        let is_same =
            |other: &&Self| self.files().any(|file| other.files().any(|it| it.path == file.path));
        let is_known = base.iter().filter(is_same).any(|other| other.arguments.iter().any(is_off));
        let mut restricted = self.clone();
        restricted.arguments.retain(|argument| is_known || !is_off(argument));
        restricted
    }
}

impl Exception {
    fn restricted_to(&self, base: &[Self]) -> Option<Self> {
        let known = base.iter().find(|known| {
            known.check == self.check && (known.files.is_empty() || known.files.holds(&self.files))
        })?;
        Some(Self { until: earlier(&self.until, &known.until), ..self.clone() })
    }
}

impl Exclude {
    fn restricted_to(&self, base: &[Self]) -> Option<Self> {
        let known = base.iter().find(|known| known.files.holds(&self.files))?;
        let until = earlier(&self.until, &known.until);
        let mut restricted = self.clone();
        restricted.until = until;
        Some(restricted)
    }
}

impl Patterns {
    /// Whether it has all patterns of the other, and that has some.
    fn holds(&self, other: &Self) -> bool {
        !other.is_empty() && other.written.iter().all(|pattern| self.written.contains(pattern))
    }

    fn words(&self) -> String {
        super::shape::list_words(self.written.iter().map(String::as_str))
    }
}
