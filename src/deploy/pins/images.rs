//! Images in files that run Refinery: Dockerfiles, `fly.toml`, scripts, workflows, units, Nomad
//! jobs.

use super::variables::set_to;
use crate::deploy::near::NearFile;
use crate::sniff::comment::is_comment;
use crate::sniff::file_name::builds_image;
use crate::sniff::shebang::is_script_file;

const IMAGE: &str = "honeycombio/refinery";

/// How a file refers to the files that an image is run with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// By being in the same folder.
    Beside,
    /// By naming them.
    Naming,
}

/// How a file refers to others; `None` if it runs nothing, or another module reads it.
pub fn kind(file: &NearFile) -> Option<Kind> {
    let name = file.own_name();
    let is_runner = builds_image(name) || is_script_file(name, &file.text);
    let is_workflow = file.folder().ends_with(".github/workflows")
        || name.starts_with(".gitlab-ci")
        || name.starts_with("azure-pipelines");
    let runs = matches!(file.extension(), "nomad" | "hcl");
    match name {
        "fly.toml" => Some(Kind::Beside),
        _ if is_runner || is_workflow || runs => Some(Kind::Naming),
        _ => None,
    }
}

/// Whether it runs an image with one of these files.
pub fn runs_with(file: &NearFile, kind: Kind, files: &[&str]) -> bool {
    let is_beside = |name: &&str| crate::vfs::path::split(name).0 == file.folder();
    if kind == Kind::Beside {
        return files.iter().any(is_beside);
    }
    let words = words(&file.text);
    // Absolute paths are compared by file name.
    let is_installed = |word: &str, name: &str| {
        let own = crate::vfs::path::split(name).1;
        word.starts_with('/') && crate::vfs::path::split(word).1 == own
    };
    files.iter().any(|name| {
        words
            .iter()
            .any(|word| file.means(word, name) || is_beside(name) && is_installed(word, name))
    })
}

/// Words that may be paths.
fn words(text: &str) -> Vec<&str> {
    let is_end = |c: char| c.is_whitespace() || "\"'`:,;=()[]|&<>".contains(c);
    text.split(is_end).filter(|word| word.contains(['.', '/'])).collect()
}

/// All Refinery images in a text, with the variables in their tags replaced.
///
/// # Errors
/// Why a tag is unknown.
pub fn images(text: &str) -> Vec<Result<String, String>> {
    let mut found = Vec::new();
    for line in text.lines().filter(|line| !is_comment(line)) {
        for (at, _) in line.match_indices(IMAGE) {
            let rest = &line[at + IMAGE.len()..];
            // Skips longer paths such as `honeycombio/refinery/config`.
            if rest.starts_with(['/', '-', '_', '.']) {
                continue;
            }
            let end = rest.find(|c: char| c.is_whitespace() || "\"'`,;)]|&<>".contains(c));
            let tag = &rest[..end.unwrap_or(rest.len())];
            found.push(fill(tag, text).map(|tag| format!("{IMAGE}{tag}")));
        }
    }
    found
}

/// Replaces `$NAME`, `${NAME}` and `${NAME:-default}` by the values set in the text.
fn fill(tag: &str, text: &str) -> Result<String, String> {
    let Some((before, variable)) = tag.split_once('$') else { return Ok(tag.to_owned()) };
    let (name, default, after) = if let Some(braced) = variable.strip_prefix('{') {
        let (inner, after) = braced.split_once('}').unwrap_or((braced, ""));
        let (name, default) = match inner.split_once(":-").or(inner.split_once('-')) {
            Some((name, default)) => (name, Some(default)),
            None => (inner, None),
        };
        (name, default, after)
    } else {
        let end = variable.find(|c: char| !(c.is_alphanumeric() || c == '_'));
        let (name, after) = variable.split_at(end.unwrap_or(variable.len()));
        (name, None, after)
    };
    let value = set_to(name, text)
        .or(default)
        .ok_or_else(|| format!("its tag depends on `{}`", name.trim_matches(['{', ' '])))?;
    Ok(format!("{before}{value}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_images_with_their_tags() {
        for (text, expected) in [
            ("FROM honeycombio/refinery:2.9.4\n", ":2.9.4"),
            ("FROM honeycombio/refinery:2.9.4 AS base\n", ":2.9.4"),
            ("ARG V=2.9.4\nFROM honeycombio/refinery:${V}\n", ":2.9.4"),
            ("V=2.9.4\ndocker run honeycombio/refinery:$V -c x\n", ":2.9.4"),
            ("env:\n  V: \"2.9.4\"\nrun: docker run honeycombio/refinery:${V}\n", ":2.9.4"),
            ("docker run \"honeycombio/refinery:${V:-2.9.4}\"\n", ":2.9.4"),
            ("image = \"honeycombio/refinery:2.9.4\"\n", ":2.9.4"),
            ("docker run honeycombio/refinery:$V\n", "!its tag depends on `V`"),
            ("docker run honeycombio/refinery\n", ""),
            ("docker run honeycombio/refinery@sha256:00\n", "@sha256:00"),
        ] {
            let found: Vec<String> = images(text)
                .into_iter()
                .map(|image| match image {
                    Ok(image) => image.strip_prefix(IMAGE).unwrap().to_owned(),
                    Err(why) => format!("!{why}"),
                })
                .collect();
            assert_eq!(found, [expected], "{text}");
        }
        for text in ["# FROM honeycombio/refinery:2\n", "honeycombio/refinery-x:2\n", "x"] {
            assert!(images(text).is_empty(), "{text}");
        }
    }
}
