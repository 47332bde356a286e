//! What the engine makes of a location, the text behind `-c` or `-r`.
//!
//! It reads the text as an address. Must not open anything.

use crate::check;
use crate::diagnostic::Finding;
use crate::value::url::parse_url;
use crate::vfs::input_error::{InputError, InputProblem};

check!(
    BAD_LOCATION,
    "start/bad-location",
    Error,
    "the engine cannot make a file of the location",
    "the engine reads every location as an address, and exits where it is none or of a scheme that \
     it does not know"
);
check!(
    OTHER_FILE,
    "start/other-file-read",
    Warning,
    "the engine opens another file than the location seems to name",
    "the engine reads every location as an address: it drops what follows `#` or `?` and undoes \
     `%` escapes"
);

/// Where the engine looks.
#[derive(Debug, PartialEq, Eq)]
pub enum Location {
    /// The path that it opens; a finding if that is not the text itself.
    File(String, Option<Finding>),
    /// It exits before it opens anything.
    Refused(Finding),
}

/// Takes a location apart as the engine does.
///
/// # Errors
/// It lies on the network.
pub fn read_location(text: &str) -> Result<Location, InputError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(refused("a location is empty", "name a file, or unset the variable"));
    }
    let url = match parse_url(text) {
        Ok(url) => url,
        Err(error) => {
            let message = format!("`{text}` cannot be read as an address: {error}");
            return Ok(refused(message, "rename the file, or write `%25` for a percent sign"));
        }
    };
    match url.scheme.as_str() {
        "http" | "https" => Err(remote(text)),
        "" | "file" if url.path.is_empty() => {
            Ok(refused(format!("`{text}` names no file"), "write the path alone"))
        }
        "" if url.path != text => {
            let finding = other_file(text, &url.path);
            Ok(Location::File(url.path, Some(finding)))
        }
        "" | "file" => Ok(Location::File(url.path, None)),
        scheme => Ok(refused(
            format!("`{text}` is taken for an address of the scheme `{scheme}`"),
            format!("write `./{text}`, or rename the file"),
        )),
    }
}

fn refused(message: impl Into<String>, help: impl Into<String>) -> Location {
    Location::Refused(Finding::new(&BAD_LOCATION, message).help(help).refuses())
}

fn other_file(text: &str, path: &str) -> Finding {
    Finding::new(&OTHER_FILE, format!("for `{text}` the engine opens `{path}`"))
        .help("rename the file, or write `%23` for `#`, `%3F` for `?` and `%25` for `%`")
}

fn remote(text: &str) -> InputError {
    InputError::new(
        InputProblem::Remote,
        format!("`{text}` lies on the network, where this check does not go"),
        "download the file and give its path",
    )
}

/// What may help where the file of a location does not exist.
pub fn advice_on_missing(text: &str) -> Option<&'static str> {
    if text.contains(',') {
        Some("a comma list is split only in the environment; repeat the flag for every file")
    } else if text.starts_with('~') {
        Some("the engine does not replace `~`; write the whole path")
    } else if text.contains(['#', '?', '%']) {
        Some("the engine reads an address: write `%23` for `#`, `%3F` for `?` and `%25` for `%`")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The path, starred where it is not what was written; else how it fails.
    fn outcome(text: &str) -> String {
        match read_location(text) {
            Ok(Location::File(path, None)) => path,
            Ok(Location::File(path, Some(_))) => format!("{path} *"),
            Ok(Location::Refused(_)) => "refused".to_owned(),
            Err(error) => format!("{:?}", error.problem),
        }
    }

    #[test]
    fn locations_are_addresses() {
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
