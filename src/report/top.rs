//! Names of files as a code host knows them: from the top of the repository, wherever the run was
//! started.
//!
//! Must not look for the repository.

use crate::span::Files;
use crate::verdict::Report;

/// Renames all files of a report; `folder` is where the run was started, as seen from the top.
pub fn name_from_top(report: &mut Report, files: &mut Files, folder: &str) {
    for id in files.ids().collect::<Vec<_>>() {
        let name = from_top(folder, &files.get(id).name);
        files.rename(id, name);
    }
    for deployment in &mut report.deployments {
        for name in deployment.config.iter_mut().chain(&mut deployment.rules) {
            *name = from_top(folder, name);
        }
    }
}

/// What is no file, or not of the repository, keeps its name.
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
    fn names_begin_at_the_top() {
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
