//! Environment variables of this process and of env files.
//!
//! `config` applies them. Must not print them: they may be secret.

use super::input_error::{InputError, InputProblem};
use super::path::name_of;
use super::read::read_file;
use std::collections::BTreeMap;
use std::path::Path;

/// The variables of this process. A variable whose name is not UTF-8 is left out: Refinery reads
/// none.
pub fn of_process() -> BTreeMap<String, String> {
    let as_text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
    };
    std::env::vars_os().filter_map(as_text).collect()
}

/// Reads a file of `NAME=VALUE` lines. The last line for a name wins.
///
/// # Errors
/// The file cannot be read, or a line is invalid.
pub fn read_env_file(path: &Path) -> Result<BTreeMap<String, String>, InputError> {
    let name = name_of(path);
    let text =
        String::from_utf8(read_file(path, &name)?).map_err(|_| bad(&name, "is not valid UTF-8"))?;
    parse(&text).map_err(|(line, why)| bad(&name, &format!("line {line}: {why}")))
}

fn bad(name: &str, why: &str) -> InputError {
    InputError::new(
        InputProblem::BadEnvironmentFile,
        format!("`{name}` {why}"),
        "write one `NAME=VALUE` per line; `#` starts a comment",
    )
}

/// Parses the text of an env file. The error is the number of the first bad line and what is wrong
/// with it.
pub fn parse(text: &str) -> Result<BTreeMap<String, String>, (usize, &'static str)> {
    let mut variables = BTreeMap::new();
    for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = parse_line(line).map_err(|why| (number + 1, why))?;
        variables.insert(name.to_owned(), value);
    }
    Ok(variables)
}

fn parse_line(line: &str) -> Result<(&str, String), &'static str> {
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=').ok_or("missing `=`")?;
    let name = name.trim();
    if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err("the name is empty or contains a space");
    }
    Ok((name, parse_value(value.trim())?))
}

fn parse_value(text: &str) -> Result<String, &'static str> {
    match text.chars().next() {
        Some(quote @ ('"' | '\'')) => parse_quoted(&text[1..], quote),
        _ => Ok(text.find(" #").map_or(text, |at| &text[..at]).trim_end().to_owned()),
    }
}

/// Parses up to the closing quote. Only double quotes have escapes, and only a comment may follow.
fn parse_quoted(text: &str, quote: char) -> Result<String, &'static str> {
    let mut value = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' if quote == '"' => match chars.next() {
                Some('n') => value.push('\n'),
                Some('t') => value.push('\t'),
                Some(escaped @ ('"' | '\\' | '$')) => value.push(escaped),
                Some(other) => value.extend(['\\', other]),
                None => break,
            },
            c if c == quote => {
                let rest = chars.as_str().trim_start();
                let is_end = rest.is_empty() || rest.starts_with('#');
                return if is_end {
                    Ok(value)
                } else {
                    Err("unexpected text after the closing quote")
                };
            }
            c => value.push(c),
        }
    }
    Err("unclosed quote")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_compose_reads_them() {
        for (line, name, value) in [
            ("A=b", "A", "b"),
            ("export A=b", "A", "b"),
            ("  A = b c  # d", "A", "b c"),
            ("A=", "A", ""),
            ("A=b#c", "A", "b#c"),
            ("A=b=c", "A", "b=c"),
            ("A='b #c\\n'", "A", "b #c\\n"),
            ("A=\"b\\n\\\"\\\\c\" # d", "A", "b\n\"\\c"),
            ("A=\"\\d\"", "A", "\\d"),
            ("A=${B}", "A", "${B}"),
            ("\u{feff}A=b\r", "A", "b"),
        ] {
            let expected = BTreeMap::from([(name.to_owned(), value.to_owned())]);
            assert_eq!(parse(line), Ok(expected), "{line}");
        }
        assert_eq!(parse("A=1\n\n# x\nA=2").unwrap()["A"], "2");
    }

    #[test]
    fn errors_name_the_line() {
        for (text, line) in [
            ("A=1\n\nB", 3),
            ("=1", 1),
            ("A B=1", 1),
            ("# x\nA='b", 2),
            ("A=\"b\\", 1),
            ("A='b' c", 1),
        ] {
            assert_eq!(parse(text).unwrap_err().0, line, "{text}");
        }
    }
}
