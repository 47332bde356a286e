//! Files for which git stores something else than the work tree has, such as a Git LFS pointer.

use crate::vfs::read::read_file;
use git2::{AttrCheckFlags, AttrValue, Repository};
use std::path::Path;
use std::time::UNIX_EPOCH;

/// Whether a file has a filter that changes what git stores when it checks the file out. The path is
/// relative to the root. What a filter only changes when a file is added, all others get as it is stored.
pub fn is_filtered(repository: &Repository, path: &Path) -> bool {
    let flags = AttrCheckFlags::FILE_THEN_INDEX;
    let filter = repository.get_attr_bytes(path, "filter", flags).ok().flatten();
    let AttrValue::String(name) = AttrValue::from_bytes(filter) else { return false };
    let Ok(config) = repository.config() else { return true };
    let has = |key: &str| config.get_entry(&format!("filter.{name}.{key}")).is_ok();
    has("smudge") || has("process")
}

/// The work tree's content of a filtered file, if it has not changed since it was staged.
pub fn staged_content(repository: &Repository, path: &Path) -> Option<Vec<u8>> {
    if !is_filtered(repository, path) {
        return None;
    }
    let entry = repository.index().ok()?.get_path(path, 0)?;
    let file = repository.workdir()?.join(path);
    let data = file.symlink_metadata().ok().filter(std::fs::Metadata::is_file)?;
    let written = data.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    // The index stores 32 bits of each.
    let staged =
        [entry.file_size, entry.mtime.seconds().cast_unsigned(), entry.mtime.nanoseconds()];
    let low = |number: u64| u32::try_from(number & u64::from(u32::MAX)).ok();
    let found = [low(data.len())?, low(written.as_secs())?, written.subsec_nanos()];
    if staged != found {
        return None;
    }
    read_file(&file, &path.display().to_string()).ok()
}
