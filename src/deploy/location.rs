//! Resolves a location, the value of `-c` or `-r`, like Refinery.
//!
//! Refinery parses it as a URL. Must not open files.

use crate::check;
use crate::diagnostic::Finding;
use crate::value::url::parse_url;
use crate::vfs::input_error::{InputError, InputProblem};

check!(
    BAD_LOCATION,
    "start/bad-location",
    Error,
    kind: Verdict,
    "Refinery cannot use the location of a file",
    "Refinery parses every location as a URL, and exits if it is invalid or has an unknown scheme."
);
check!(
    OTHER_FILE,
    "start/other-file-read",
    Warning,
    "Refinery opens another file than the location seems to name",
    "Refinery parses every location as a URL: it drops everything after `#` or `?` and decodes `%` \
     escapes."
);

/// What Refinery does with a location.
#[derive(Debug, PartialEq, Eq)]
pub enum Location {
    /// The path that it opens, and a finding if that differs from the location.
    File(String, Option<Finding>),
    /// It exits before it opens a file.
    Refused(Finding),
}

/// Parses a location like Refinery.
///
/// # Errors
/// The file is on the network.
pub fn read_location(text: &str) -> Result<Location, InputError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(refused("empty location", "set it to a file, or unset the variable"));
    }
    let url = match parse_url(text) {
        Ok(url) => url,
        Err(error) => {
            let message = format!("invalid location `{text}`: {error}");
            return Ok(refused(message, "rename the file, or write `%25` for a percent sign"));
        }
    };
    match url.scheme.as_str() {
        "http" | "https" => Err(remote(text)),
        "" | "file" if url.path.is_empty() => {
            Ok(refused(format!("no file in the location `{text}`"), "use only the path"))
        }
        "" if url.path != text => {
            let finding = other_file(text, &url.path);
            Ok(Location::File(url.path, Some(finding)))
        }
        "" | "file" => Ok(Location::File(url.path, None)),
        scheme => Ok(refused(
            format!("unknown URL scheme `{scheme}` in the location `{text}`"),
            format!("write `./{text}`, or rename the file"),
        )),
    }
}

fn refused(message: impl Into<String>, help: impl Into<String>) -> Location {
    Location::Refused(Finding::new(&BAD_LOCATION, message).help(help).refuses())
}

fn other_file(text: &str, path: &str) -> Finding {
    Finding::new(&OTHER_FILE, format!("Refinery opens `{path}` for the location `{text}`"))
        .help("rename the file, or write `%23` for `#`, `%3F` for `?` and `%25` for `%`")
}

fn remote(text: &str) -> InputError {
    InputError::new(
        InputProblem::Remote,
        format!("`{text}` is on the network and is not downloaded"),
        "download the file and use its path",
    )
}

/// Advice for a location whose file does not exist.
pub fn advice_on_missing(text: &str) -> Option<&'static str> {
    if text.contains(',') {
        Some("commas separate files only in environment variables; repeat the flag for every file")
    } else if text.starts_with('~') {
        Some("Refinery does not expand `~`; write the full path")
    } else if text.contains(['#', '?', '%']) {
        Some("Refinery parses a URL: write `%23` for `#`, `%3F` for `?` and `%25` for `%`")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The path, with `*` if it differs from the location; else how it fails.
    fn outcome(text: &str) -> String {
        match read_location(text) {
            Ok(Location::File(path, None)) => path,
            Ok(Location::File(path, Some(_))) => format!("{path} *"),
            Ok(Location::Refused(_)) => "refused".to_owned(),
            Err(error) => format!("{:?}", error.problem),
        }
    }

    #[test]
    fn parses_locations_as_urls() {
        for (text, expected) in [
            (" a.yaml\n", "a.yaml"),
            ("/x/a.yaml", "/x/a.yaml"),
            ("~/a.yaml", "~/a.yaml"),
            ("a.yaml,b.yaml", "a.yaml,b.yaml"),
            ("./a:b.yaml", "./a:b.yaml"),
            ("file:///x/a.yaml", "/x/a.yaml"),
            ("FILE:/x/a.yaml", "/x/a.yaml"),
            ("file:a.yaml", "refused"),
            ("/x/a.yaml#1", "/x/a.yaml *"),
            ("/x/a.yaml?b", "/x/a.yaml *"),
            ("a%20b.yaml", "a b.yaml *"),
            ("//host/a.yaml", "/a.yaml *"),
            ("a%zz.yaml", "refused"),
            ("a:b.yaml", "refused"),
            ("C:\\x.yaml", "refused"),
            ("s3://bucket/a.yaml", "refused"),
            ("", "refused"),
            ("  ", "refused"),
            ("#a", "refused"),
            ("https://h/a.yaml", "Remote"),
            ("HTTP://h/a.yaml", "Remote"),
        ] {
            assert_eq!(outcome(text), expected, "{text}");
        }
    }
}
