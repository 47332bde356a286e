//! What of settings counts where they are part of the change that is checked.
//!
//! A pull request may describe its deployments and be stricter; what relaxes the gate must have been
//! there before.

use super::{Exception, Exclude, Patterns, ProjectSettings, Selection};
use crate::diagnostic::{Severity, checks};
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::ops::Range;

/// What settings relax that their base does not, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relaxations(pub Vec<String>);

impl ProjectSettings {
    /// The deployments of these settings, and everything that relaxes the gate here and in the base
    /// alike; and what was left out therefore.
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
        if self.baseline.is_some() && base.baseline.is_none() {
            relaxed.push("a baseline".to_owned());
        }
        let restricted = Self {
            fail_on,
            selection,
            severity,
            exceptions,
            excludes,
            baseline: self.baseline.clone().filter(|_| base.baseline.is_some()),
            deployments: self.deployments.clone(),
        };
        (restricted, Relaxations(relaxed))
    }

    /// Of each check the higher of both severities.
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

/// What is left out anew, in words: one check by its name, several by their number.
fn left_out(here: &Selection, base: &Selection) -> Option<String> {
    let ids: Vec<&str> = here.beyond(base).collect();
    match ids[..] {
        [] => None,
        [one] => Some(format!("`{one}` is ignored")),
        _ => Some(format!("{} checks are ignored", ids.len())),
    }
}

type Until = Option<(Date, Range<usize>)>;

/// The earlier of two ends, at its place in the settings that are checked.
fn earlier(here: &Until, base: &Until) -> Until {
    let place = || here.as_ref().map_or(0..0, |(_, place)| place.clone());
    match (here, base) {
        (Some((here, _)), Some((base, _))) => Some((*here.min(base), place())),
        (None, Some((base, _))) => Some((*base, place())),
        (here, None) => here.clone(),
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
    /// Has all patterns of the other, which has some.
    fn holds(&self, other: &Self) -> bool {
        !other.is_empty() && other.written.iter().all(|pattern| self.written.contains(pattern))
    }

    fn words(&self) -> String {
        super::shape::list_words(self.written.iter().map(String::as_str))
    }
}
