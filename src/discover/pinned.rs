//! Releases of deployments that are pinned outside of the files that describe them.

use super::Sources;
use crate::deploy::near::NearFolders;
use crate::deploy::pins::find_image;
use crate::vfs::Vfs;

/// Finds releases that nearby files pin.
pub fn find_pins(near: &NearFolders, store: &dyn Vfs, sources: &mut Sources) {
    let files = &sources.files;
    for deployment in sources.deployments.iter_mut().filter(|d| d.launch.release.is_none()) {
        let names: Vec<&str> = deployment.files().map(|file| files.get(file).name.file()).collect();
        deployment.launch.release = find_image(near, store, &names);
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
