//! Commands that start Refinery with files of a machine, which are unknown.

use crate::deploy::Deployment;
use crate::span::{Files, Span};

/// How a command starts Refinery, and where it is.
#[derive(Clone, Debug)]
pub struct MachineLaunch {
    pub place: Span,
    /// Without any files.
    pub deployment: Deployment,
}

/// The launches that another state does not have in the same file.
pub fn new_launches(
    (launches, files): (&[MachineLaunch], &Files),
    (others, their_files): (&[MachineLaunch], &Files),
) -> Vec<MachineLaunch> {
    let name = |files: &Files, one: &MachineLaunch| {
        files.get(files.outermost(one.place.file)).name.clone()
    };
    let is_known = |one: &MachineLaunch| {
        let own = name(files, one);
        others.iter().any(|other| {
            name(their_files, other) == own && other.deployment.launch == one.deployment.launch
        })
    };
    launches.iter().filter(|one| !is_known(one)).cloned().collect()
}
