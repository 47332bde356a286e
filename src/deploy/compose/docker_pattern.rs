//! Docker's patterns: those of `COPY` and those of `.dockerignore`.
//!
//! Docker documentation, "Dockerfile reference", `COPY`, and "Build context", `.dockerignore`. Must not
//! open files.

use crate::vfs::path::join;
use globset::{GlobBuilder, GlobMatcher};

/// A pattern of Go's `filepath.Match`, in which `**` also stands for any number of folders.
pub struct Pattern(GlobMatcher);

/// The patterns of a `.dockerignore` file, each with whether it excludes.
#[derive(Default)]
pub struct IgnoreRules(Vec<(Pattern, bool)>);

impl Pattern {
    /// `None` if Docker rejects it.
    pub fn new(written: &str) -> Option<Self> {
        // Only globs have alternatives in braces.
        let written = written.replace('{', "[{]").replace('}', "[}]");
        let names = written.split('/').flat_map(|name| match name.strip_prefix("**") {
            Some(rest) if !rest.is_empty() => vec!["**", rest],
            _ => vec![name],
        });
        let written = names.collect::<Vec<_>>().join("/");
        let glob =
            GlobBuilder::new(&written).literal_separator(true).backslash_escape(true).build();
        glob.ok().map(|glob| Self(glob.compile_matcher()))
    }

    pub fn matches(&self, path: &str) -> bool {
        self.0.is_match(path)
    }
}

/// Whether a path of `COPY` is a pattern.
pub fn is_pattern(path: &str) -> bool {
    path.contains(['*', '?', '['])
}

impl IgnoreRules {
    pub fn read(text: &str) -> Self {
        let lines = text.trim_start_matches('\u{feff}').lines();
        let lines = lines.filter(|line| !line.starts_with('#')).map(str::trim);
        let rule = |line: &str| {
            let (excludes, written) = match line.strip_prefix('!') {
                Some(written) => (false, written.trim()),
                None => (true, line),
            };
            let written = join("", written.trim_start_matches('/'));
            Some((Pattern::new(&written)?, excludes)).filter(|_| !written.is_empty())
        };
        Self(lines.filter_map(rule).collect())
    }

    /// Whether a path of the context is excluded: the last pattern decides that matches the path or a
    /// folder around it.
    pub fn excludes(&self, path: &str) -> bool {
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        let paths: Vec<&str> = ends.filter_map(|end| path.get(..end)).collect();
        let mut rules = self.0.iter().rev();
        let last = rules.find(|(pattern, _)| paths.iter().any(|path| pattern.matches(path)));
        last.is_some_and(|(_, excludes)| *excludes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_like_docker() {
        for (pattern, yes, no) in [
            ("*.yaml", &["a.yaml", ".yaml"][..], &["a/b.yaml", "a.yml"][..]),
            ("a?c", &["abc"], &["a/c", "ac"]),
            ("[a-c]x", &["bx"], &["dx"]),
            ("[^a]x", &["bx"], &["ax"]),
            ("**/a", &["a", "b/a", "b/c/a"], &["ba"]),
            ("a/**", &["a/b", "a/b/c"], &["b"]),
            ("**a.yaml", &["a.yaml", "b/a.yaml"], &["ba.yaml"]),
            ("{a,b}", &["{a,b}"], &["a", "b"]),
            ("a\\*", &["a*"], &["ab"]),
        ] {
            let read = Pattern::new(pattern).unwrap();
            for (paths, expected) in [(yes, true), (no, false)] {
                for path in paths {
                    assert_eq!(read.matches(path), expected, "{pattern} {path}");
                }
            }
        }
        assert!(Pattern::new("[a").is_none());
    }

    #[test]
    fn the_last_matching_rule_decides() {
        for (text, path, expected) in [
            ("", "a", false),
            ("*.yaml", "a.yaml", true),
            ("*.yaml", "conf/a.yaml", false),
            ("**/*.yaml", "conf/a.yaml", true),
            ("conf", "conf/x/a.yaml", true),
            ("/conf/", "conf/a.yaml", true),
            ("./conf", "conf/a.yaml", true),
            ("conf/*\n!conf/a.yaml", "conf/a.yaml", false),
            ("conf\n!conf/a.yaml", "conf/a.yaml", false),
            ("conf\n!conf/a.yaml", "conf/b.yaml", true),
            ("!conf/a.yaml\nconf", "conf/a.yaml", true),
            ("*\n! conf", "conf/a.yaml", false),
            ("# conf\n\n", "conf/a.yaml", false),
            ("\u{feff}conf\r\n", "conf/a.yaml", true),
            ("[\n*.yaml", "a.yaml", true),
        ] {
            assert_eq!(IgnoreRules::read(text).excludes(path), expected, "{text:?} {path}");
        }
    }
}
