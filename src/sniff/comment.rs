//! Comments in text of unknown syntax, by their first characters.

/// Whether a line is a comment in scripts, YAML, Terraform or most other languages.
pub fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with('#') || line.starts_with("//")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_that_start_with_a_comment_are_comments() {
        for line in ["# a", "  #a", "//a", "\t// a"] {
            assert!(is_comment(line), "{line}");
        }
        for line in ["", "a # b", "/a", "url: http://a"] {
            assert!(!is_comment(line), "{line}");
        }
    }
}
