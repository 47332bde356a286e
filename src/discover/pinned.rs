//! Releases of deployments that are pinned outside the files that describe them.

use super::Sources;
use crate::deploy::near::NearFolders;
use crate::deploy::pins::{fill, find_image};
use crate::vfs::Vfs;

/// Finds releases that nearby files pin, and the values of variables that name releases.
pub fn find_pins(near: &NearFolders, store: &dyn Vfs, sources: &mut Sources) {
    let files = &sources.files;
    for deployment in &mut sources.deployments {
        let names: Vec<&str> = deployment.files().map(|file| files.get(file).name.file()).collect();
        match &mut deployment.launch.release {
            None => deployment.launch.release = find_image(near, store, &names),
            Some(pin) => {
                let own = pin.span.map(|span| files.get(span.file).name.file());
                let own = own.or(names.first().copied()).unwrap_or_default();
                if let Some(named) = fill(pin, own, near, store) {
                    pin.named = named;
                }
            }
        }
    }
}

/// Takes the release of an image digest from the comment after it.
pub fn explain_digests(sources: &mut Sources) {
    for deployment in &mut sources.deployments {
        let Some(pin) = &mut deployment.launch.release else { continue };
        let Some(span) = pin.span else { continue };
        let text = sources.files.get(span.file).text.get(span.range().end..).unwrap_or_default();
        let line = text.lines().next().unwrap_or_default();
        if let Some((_, comment)) = line.split_once('#') {
            pin.explain(comment);
        }
    }
}
