//! What the build of a kustomization has read, found and reported so far.

use super::kustomization::{Kustomization, is_remote};
use super::unfollowed::{Doubt, find_rejected, find_unfollowed, place_of};
use crate::deploy::deployment_spec::DeploymentSpec;
use crate::deploy::loader::Loader;
use crate::diagnostic::Finding;
use crate::notice::Notice;
use crate::span::Span;
use std::collections::BTreeSet;

/// The maximum number of findings about what is not followed.
const MOST_FINDINGS: usize = 20;

/// The state of a build.
pub struct BuildState<'b, 's> {
    pub loader: &'b mut Loader<'s>,
    pub notices: Vec<Notice>,
    /// Deployments from Helm charts.
    pub charts: Vec<DeploymentSpec>,
    /// The kustomizations that the first one is based on.
    pub bases: BTreeSet<String>,
    /// Files whose objects are collected.
    pub collected: BTreeSet<String>,
    /// Files with resources, read or not.
    pub resources: BTreeSet<String>,
    /// Whether some resources are unknown, such as remote ones or those of a chart.
    pub has_unknown_resources: bool,
    /// Whether the names of some resources have changed.
    pub is_renamed: bool,
    /// Errors that certainly stop Kustomize.
    pub unchecked: Vec<Finding>,
    /// Parts that are not followed, which matters if they are about Refinery.
    pub doubts: Vec<Doubt>,
}

impl<'b, 's> BuildState<'b, 's> {
    pub fn new(loader: &'b mut Loader<'s>) -> Self {
        Self {
            loader,
            notices: Vec::new(),
            charts: Vec::new(),
            bases: BTreeSet::new(),
            collected: BTreeSet::new(),
            resources: BTreeSet::new(),
            has_unknown_resources: false,
            is_renamed: false,
            unchecked: Vec::new(),
            doubts: Vec::new(),
        }
    }

    /// Notes an error that stops Kustomize, at the string that it is about.
    pub fn stop(&mut self, here: &Kustomization, named: &str, what: &str) {
        self.stop_at(here, place_of(here, named), what);
    }

    /// Notes an error that stops Kustomize.
    pub fn stop_at(&mut self, here: &Kustomization, place: Option<Span>, what: &str) {
        if self.unchecked.len() < MOST_FINDINGS {
            self.unchecked.push(find_rejected(here, place, what));
        }
    }

    /// Notes a part that is not followed; `about` is the object that it changes, if known.
    pub fn doubt(&mut self, here: &Kustomization, named: &str, what: &str, about: Option<&str>) {
        self.doubt_at(here, (named, None), what, about);
    }

    /// The same for a part in a file of its own, at this place.
    pub fn doubt_at(
        &mut self,
        here: &Kustomization,
        (named, place): (&str, Option<Span>),
        what: &str,
        about: Option<&str>,
    ) {
        if self.doubts.len() >= MOST_FINDINGS {
            return;
        }
        let finding = find_unfollowed(here, named, place, what);
        self.doubts.push(Doubt { about: about.map(str::to_owned), finding });
    }

    /// The text of a file that `named` refers to. `absent` is the message if it does not exist.
    pub fn peek(
        &mut self,
        here: &Kustomization,
        name: &str,
        named: &str,
        absent: &str,
    ) -> Option<String> {
        match self.loader.peek(name) {
            Ok(Some(text)) => return Some(text),
            Ok(None) => self.miss(here, name, named, absent),
            Err(error) => {
                let what = format!("only partly checked: {}", error.message);
                self.stop(here, named, &what);
            }
        }
        None
    }

    /// Notes a missing file. Files that git ignores may be created before the build.
    pub fn miss(&mut self, here: &Kustomization, name: &str, named: &str, absent: &str) {
        if is_remote(named) || self.loader.is_ignored(name) {
            self.doubt(here, named, absent, None);
        } else {
            self.stop(here, named, absent);
        }
    }
}
