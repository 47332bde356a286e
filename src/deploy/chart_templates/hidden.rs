//! Files of a chart that Helm does not give to its templates.
//!
//! Helm documentation: "Accessing Files Inside Templates" and "The .helmignore file".

use crate::deploy::CHART_FILE;
use globset::{GlobBuilder, GlobMatcher};

/// A line of `.helmignore`.
struct Rule {
    glob: GlobMatcher,
    is_negated: bool,
    is_for_folders: bool,
    /// Whether it is about the whole path, not the name alone.
    is_of_path: bool,
}

/// The rules of `.helmignore`.
#[derive(Default)]
pub struct Hidden(Vec<Rule>);

impl Hidden {
    pub fn read(text: &str) -> Self {
        let rule = |line: &str| {
            let line = line.trim();
            let (is_negated, line) = match line.strip_prefix('!') {
                Some(rest) => (true, rest),
                None => (false, line),
            };
            let (is_for_folders, line) = match line.strip_suffix('/') {
                Some(rest) => (true, rest),
                None => (false, line),
            };
            let glob = line.strip_prefix('/').unwrap_or(line);
            let built = GlobBuilder::new(glob).literal_separator(true).build().ok()?;
            let is_rule = !(glob.is_empty() || line.starts_with('#'));
            is_rule.then(|| Rule {
                glob: built.compile_matcher(),
                is_negated,
                is_for_folders,
                is_of_path: line.contains('/'),
            })
        };
        Self(text.lines().filter_map(rule).collect())
    }

    /// Whether `.Files` lacks a file of the chart, by its path in the chart.
    pub fn has(&self, path: &str) -> bool {
        let ends = path.match_indices('/').map(|(at, _)| (&path[..at], true));
        let mut all = ends.chain([(path, false)]);
        path.starts_with("templates/")
            || path == CHART_FILE
            || all.any(|(path, is_folder)| self.ignores(path, is_folder))
    }

    fn ignores(&self, path: &str, is_folder: bool) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        for rule in &self.0 {
            let fits = rule.glob.is_match(if rule.is_of_path { path } else { name });
            // Helm leaves out whatever a negated rule does not match.
            if rule.is_negated && !(fits && (is_folder || !rule.is_for_folders)) {
                return true;
            }
            if !rule.is_negated && fits && (is_folder || !rule.is_for_folders) {
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_what_helm_hides() {
        for (rules, path, expected) in [
            ("", "files/a.yaml", false),
            ("", "templates/files/a.yaml", true),
            ("files/\n", "files/a.yaml", true),
            ("files\n", "files/a.yaml", true),
            ("a.yaml", "files/a.yaml", true),
            ("/a.yaml", "files/a.yaml", false),
            ("/files/*.yaml", "files/a.yaml", true),
            ("*.md\n# files/\n", "files/a.yaml", false),
            ("a.yaml/", "files/a.yaml", false),
        ] {
            assert_eq!(Hidden::read(rules).has(path), expected, "{rules:?} {path}");
        }
    }
}
