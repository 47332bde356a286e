//! `[[exclude]]`: files that are not checked, and why.

use super::{Patterns, spanned};
use crate::vfs::path::{absolute, below};
use jiff::civil::Date;
use serde::Deserialize;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use toml::Spanned;

/// Files that are not checked.
#[derive(Clone, Debug)]
pub struct Exclude {
    /// Patterns relative to the settings' folder.
    pub files: Patterns,
    pub reason: String,
    /// The last day on which it applies, with its span.
    pub until: Option<(Date, Range<usize>)>,
    /// The span of its patterns.
    pub span: Range<usize>,
    is_used: Arc<AtomicBool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawExclude {
    files: Spanned<Vec<String>>,
    reason: String,
    #[serde(default)]
    until: Option<Spanned<Date>>,
}

impl RawExclude {
    pub(super) fn exclude(self) -> Result<Exclude, globset::Error> {
        let span = self.files.span();
        Ok(Exclude {
            files: Patterns::new(self.files.into_inner(), false)?,
            reason: self.reason,
            until: self.until.map(spanned),
            span,
            is_used: Arc::default(),
        })
    }
}

impl Exclude {
    /// Whether its last day has passed.
    pub fn is_over(&self, today: Date) -> bool {
        self.until.as_ref().is_some_and(|(until, _)| today > *until)
    }

    /// Whether it has excluded a file in this run.
    pub fn is_used(&self) -> bool {
        self.is_used.load(Ordering::Relaxed)
    }
}

/// The excludes of one settings file.
#[derive(Clone, Debug)]
pub struct Exclusions {
    /// The settings file.
    pub by: String,
    /// Its folder, as an absolute path.
    pub(super) folder: String,
    pub(super) excludes: Vec<Exclude>,
}

impl Exclusions {
    /// The exclude that applies to a file on a day. Marks it as used.
    pub fn find(&self, name: &str, today: Date) -> Option<&Exclude> {
        let name = absolute(name);
        let name = below(&name, &self.folder)?;
        let mut active = self.excludes.iter().filter(|exclude| !exclude.is_over(today));
        let found = active.find(|exclude| exclude.files.is_match(name))?;
        found.is_used.store(true, Ordering::Relaxed);
        Some(found)
    }
}
