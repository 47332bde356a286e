//! File names relative to the root of the repository, as code hosts need them.
//!
//! Must not search for the repository.

use crate::span::Files;
use crate::verdict::Report;

/// Renames all files of a report. `folder` is the current folder, relative to the root.
pub fn name_from_top(report: &mut Report, files: &mut Files, folder: &str) {
    for id in files.ids().collect::<Vec<_>>() {
        let name = &files.get(id).name;
        let name = name.in_file(&from_top(folder, name.file()));
        files.rename(id, name);
    }
    for deployment in &mut report.deployments {
        for name in deployment.config.iter_mut().chain(&mut deployment.rules) {
            *name = name.in_file(&from_top(folder, name.file()));
        }
    }
}

/// Names of anything but files in the repository are kept.
fn from_top(folder: &str, name: &str) -> String {
    if name.starts_with(['/', '<']) || name.contains(":/") {
        return name.to_owned();
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(name.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.is_empty() => return name.to_owned(),
            ".." => parts.truncate(parts.len() - 1),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_relative_to_the_root() {
        for (folder, name, expected) in [
            ("", "a/b.yaml", "a/b.yaml"),
            ("", "./a.yaml", "a.yaml"),
            ("deploy/eu", "a.yaml", "deploy/eu/a.yaml"),
            ("deploy/eu", "../us/./a.yaml", "deploy/us/a.yaml"),
            ("deploy", "../../a.yaml", "../../a.yaml"),
            ("deploy", "/etc/a.yaml", "/etc/a.yaml"),
            ("deploy", "C:/a.yaml", "C:/a.yaml"),
            ("deploy", "<stdin>", "<stdin>"),
        ] {
            assert_eq!(from_top(folder, name), expected, "{name} in {folder}");
        }
    }
}
