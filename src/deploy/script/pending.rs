//! Files that the commands of a script name. Whether one that is missing certainly blocks is known once the
//! whole script is read, since any of its commands may make it.

use super::copy_command::CopyCommand;
use super::map::CreatedMap;
use super::mentions::Mentions;
use super::site::Site;
use super::words::is_open;
use crate::deploy::copied::{Copied, of_command};
use crate::deploy::loader::Loader;
use crate::deploy::named_map::not_found;
use crate::deploy::{Opened, Outer};
use crate::span::Span;
use crate::vfs::path::split;
use std::collections::HashSet;
use std::rc::Rc;

/// A file or folder that a command copies to one of Refinery's paths.
pub struct PendingCopy {
    copied: Copied,
    site: Rc<Site>,
    /// Whether the command certainly needs it, as a file of the repository.
    is_needed: bool,
    /// Whether another command may make it: the script does not name it exactly once.
    is_named_twice: bool,
}

/// A map that a command creates.
pub struct PendingMap {
    created: CreatedMap,
    site: Rc<Site>,
    /// The files that are missing and not decided yet, as written.
    doubtful: HashSet<String>,
}

/// A values file that is missing.
pub struct PendingValues {
    pub name: String,
    pub place: Span,
    pub site: Rc<Site>,
}

impl PendingCopy {
    /// The copies of a command. With `is_optional` it may fail, or run on another machine.
    pub fn of(
        words: &[String],
        place: Span,
        site: &Rc<Site>,
        is_optional: bool,
        is_named_twice: impl Fn(&str) -> bool,
    ) -> Vec<Self> {
        let Some(command) = CopyCommand::read(words) else { return Vec::new() };
        let pending = |copied: Copied| {
            let is_named_twice = is_named_twice(copied.source());
            let is_needed =
                command.is_from_here && !is_optional && copied.is_read(command.is_recursive);
            Self { copied, site: Rc::clone(site), is_needed, is_named_twice }
        };
        of_command(&command, place).into_iter().map(pending).collect()
    }

    /// All copies, each marked with how certain it is that its source is missing.
    pub fn settle(all: Vec<Self>, mentions: &Mentions, loader: &Loader<'_>) -> Vec<Copied> {
        let folder = |one: &Self| split(one.copied.source()).0.to_owned();
        let is_there = |one: &&Self| one.site.find(one.copied.source(), loader).is_some();
        let beside: HashSet<String> = all.iter().filter(is_there).map(folder).collect();
        let settle = |one: Self| {
            let is_beside = beside.contains(&folder(&one));
            let Self { copied, site, is_needed, is_named_twice } = one;
            let source = copied.source();
            if is_needed && site.lacks(source, is_beside, mentions, loader) {
                return copied.known();
            }
            match site.find_entered(source, loader) {
                Some(path) => copied.from(path),
                None if !is_named_twice && site.has_misspelled(source, loader) => copied.certain(),
                None => copied,
            }
        };
        all.into_iter().map(settle).collect()
    }
}

impl PendingMap {
    /// A map that a command creates at a site. `may_make` says whether something else may make a file.
    pub fn of(
        created: CreatedMap,
        site: &Rc<Site>,
        loader: &Loader<'_>,
        mut may_make: impl FnMut(&str) -> bool,
    ) -> Self {
        let is_doubtful = |path: &&str| {
            let is_here = created.has_file || site.expects_any(path, loader);
            is_open(path) || may_make(path) || !is_here
        };
        let doubtful = created.missing().filter(is_doubtful).map(str::to_owned).collect();
        Self { created, site: Rc::clone(site), doubtful }
    }

    /// Adds the map, and reports what it certainly lacks.
    pub fn open(
        self,
        outer: Outer<'_>,
        mentions: &Mentions,
        loader: &Loader<'_>,
        opened: &mut Opened,
    ) {
        let Self { created, site, doubtful } = self;
        let is_beside = created.has_file;
        let mut may_make = |path: &str| {
            doubtful.contains(path)
                && !site.lacks(path, is_beside, mentions, loader)
                && !site.lacks_any(path, mentions, loader)
        };
        created.open(outer, &mut may_make, loader, opened);
    }
}

impl PendingValues {
    /// Reports the file if it is certainly missing.
    pub fn open(self, mentions: &Mentions, loader: &Loader<'_>, opened: &mut Opened) {
        let Self { name, place, site } = self;
        if site.lacks(&name, false, mentions, loader) || site.lacks_any(&name, mentions, loader) {
            opened.report([not_found(&format!("values file `{name}`"), Some(place))]);
        }
    }
}
