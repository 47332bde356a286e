//! Helpers that write all entries of a map, in files of the chart and of library charts in it.

use super::actions::{Action, inside, next_action};
use super::chart::{Chart, HelperFile};
use super::own_name;
use crate::deploy::CHART_FILE;
use crate::deploy::chart::facts::Chart as Facts;
use crate::deploy::loader::Loader;
use crate::vfs::input_error::InputError;
use crate::vfs::path::{join, split_extension};
use std::ops::Range;

/// The names of files with helpers: of the chart with these files, and of the charts in its folder and
/// in others of the repository on which it depends.
pub fn helper_files(folder: &str, files: &[String], loader: &Loader<'_>) -> Vec<String> {
    let is_helper = |name: &String| split_extension(name).1 == "tpl";
    let own = files.iter().filter(|name| name.starts_with("templates/") && is_helper(name));
    let mut found: Vec<String> = own.map(|name| join(folder, name)).collect();
    let packed = join(folder, "charts");
    let mut charts: Vec<String> =
        loader.names(&packed).iter().map(|name| join(&packed, name)).collect();
    let description = loader.peek(&join(folder, CHART_FILE)).ok().flatten().unwrap_or_default();
    let dependencies = Facts::dependencies(&description);
    charts.extend(dependencies.iter().filter_map(|it| Some(join(folder, it.path()?))));
    for templates in charts.iter().map(|chart| join(chart, "templates")) {
        let names = loader.names(&templates).into_iter().filter(is_helper);
        found.extend(names.map(|name| join(&templates, &name)));
    }
    found
}

/// Loads the files that may write entries of maps.
///
/// # Errors
/// One cannot be read.
pub fn load(names: &[String], loader: &mut Loader<'_>) -> Result<Vec<HelperFile>, InputError> {
    let mut loaded = Vec::new();
    for name in names {
        let text = loader.peek(name)?.unwrap_or_default();
        let has_entries = |line: &str| {
            let key = line.trim().split(':').next().unwrap_or_default();
            line.contains(':') && !matches!(split_extension(own_name(key)).1, "")
        };
        if text.lines().any(has_entries)
            && let Some((file, text)) = loader.text(name)?
        {
            loaded.push(HelperFile { name: name.clone(), file, text });
        }
    }
    Ok(loaded)
}

impl Chart {
    /// The helper that an action includes with the values of the chart: its file, and the text of that with
    /// spaces around the helper.
    pub fn included(&self, action: &Action) -> Option<(&HelperFile, Range<usize>)> {
        let mut words = action.said.split('|').next()?.split_whitespace();
        matches!(words.next()?, "include" | "template").then_some(())?;
        let name = words.next()?.trim_matches('"');
        let is_root = |word: &str| word == "$" || word == "." && action.dot.as_deref() == Some(".");
        (is_root(words.next()?) && words.next().is_none()).then_some(())?;
        self.helper_files.iter().find_map(|file| Some((file, body_of(&file.text, name)?)))
    }
}

/// The text with spaces in place of all but one part.
pub fn alone(text: &str, part: &Range<usize>) -> String {
    let blank = |text: &str| -> String {
        text.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect()
    };
    let (before, rest) = text.split_at(part.start);
    let (part, after) = rest.split_at(part.len());
    blank(before) + part + &blank(after)
}

/// The bytes between the actions that begin and end a helper.
fn body_of(text: &str, name: &str) -> Option<Range<usize>> {
    let begins = [format!("define \"{name}\""), format!("define `{name}`")];
    let (mut at, mut start, mut depth) = (0, None, 0_usize);
    while let Some(range) = next_action(text, at) {
        at = range.end;
        let said = inside(&text[range.clone()]);
        let word = said.split_whitespace().next().unwrap_or_default();
        match start {
            None if begins.iter().any(|begins| said == begins) => start = Some(range.end),
            Some(start) if word == "end" && depth == 0 => return Some(start..range.start),
            Some(_) if word == "end" => depth -= 1,
            Some(_) if matches!(word, "if" | "with" | "range" | "define" | "block") => depth += 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_body_of_a_helper() {
        let text = "{{ define \"a\" }}1{{ end }}\n{{- define \"b\" -}}\nx: {{ if y }}z{{ end }}\n{{- end }}\n";
        let body = |name| body_of(text, name).map(|range| &text[range]);
        assert_eq!(body("b"), Some("\nx: {{ if y }}z{{ end }}\n"));
        assert_eq!((body("a"), body("c")), (Some("1"), None));
        let part = body_of(text, "a").unwrap();
        assert_eq!(alone(text, &part).len(), text.len());
        assert_eq!(alone(text, &part).trim(), "1");
    }
}
