//! Paths in expressions of HCL, and the files that they may mean.

use crate::deploy::Outer;
use crate::deploy::content::DataEntry;
use crate::deploy::loader::Loader;
use crate::deploy::path_pattern::find_files;
use crate::diagnostic::Finding;
use crate::sniff::classify::may_be_used;
use crate::sniff::file_name::{kind_of_name, without_template};
use crate::sniff::flaw::find_flaw;
use crate::sniff::recognise::recognise;
use crate::span::Span;
use crate::syntax::DataFormat;
use crate::vfs::path::{format_of, join, split};
use globset::GlobBuilder;
use std::collections::BTreeSet;

/// Where paths start that are relative to the folder of the file.
const HERE: [&str; 7] = [
    "${path.module}/",
    "${path.root}/",
    "${path.cwd}/",
    "${abspath(path.module)}/",
    "${abspath(path.root)}/",
    "${get_terragrunt_dir()}/",
    "./",
];

/// Functions that write a path in another way.
pub const FULL_PATHS: [&str; 2] = ["abspath", "pathexpand"];

/// The maximum number of files that match a path or pattern.
const MOST: usize = 100;

/// The maximum depth of folders below that of a pattern.
const DEEPEST: usize = 8;

/// Functions that encode, decode or convert their argument, which is used as it is.
pub const ENCODERS: [&str; 11] = [
    "jsondecode",
    "yamldecode",
    "tostring",
    "trimspace",
    "chomp",
    "nonsensitive",
    "sensitive",
    "toset",
    "tolist",
    "tomap",
    "distinct",
];

/// Functions that encode a value. What they return keeps their name in its raw text.
pub const WRITERS: [&str; 2] = ["yamlencode", "jsonencode"];

fn encodes(function: &str) -> bool {
    ENCODERS.contains(&function) || WRITERS.contains(&function)
}

/// An expression in the path of a file, with the values for which there is such a file.
pub type Choice = (String, BTreeSet<String>);

/// A path in an expression of a file, as a name of a file of this run.
pub fn path_in(outer: Outer<'_>, path: &str) -> Option<String> {
    let path = from_here(path);
    let is_local = !(path.is_empty() || path.contains("${") || path.starts_with('/'));
    is_local.then(|| join(split(outer.name).0, path))
}

/// Whether a path starts with an expression for the folder of the file, which only paths do.
pub fn is_from_here(path: &str) -> bool {
    path.starts_with("${") && !from_here(path).contains("${")
}

/// A path without the expression for the folder of the file at its start.
pub fn from_here(path: &str) -> &str {
    HERE.iter().find_map(|start| path.strip_prefix(start)).unwrap_or(path)
}

/// The file that an expression reads which was not evaluated, if it is a file of the repository.
pub fn file_named(outer: Outer<'_>, expression: &str) -> Option<String> {
    path_in(outer, path_read(expression)?)
}

/// The same for a path with variables: all files that it may mean.
pub fn files_named(outer: Outer<'_>, expression: &str, loader: &Loader<'_>) -> Vec<String> {
    let Some(path) = path_read(expression) else { return Vec::new() };
    let own = path_in(outer, path).map(|path| vec![path]);
    own.unwrap_or_else(|| find_files(split(outer.name).0, path, loader))
}

/// The path of the file that is all of an expression.
fn path_read(expression: &str) -> Option<&str> {
    let inner = expression.strip_prefix("${")?.strip_suffix('}')?;
    let (before, rest) = inner.split_once("file(\"")?;
    let (path, after) = rest.split_once('"')?;
    let is_template = before.ends_with("template");
    let mut callers = before.trim_end_matches("template").split('(').map(str::trim);
    let is_whole = callers.all(|name| name.is_empty() || encodes(name))
        && (is_template || after.trim_end_matches([')', ' ']).is_empty());
    is_whole.then_some(path)
}

/// Whether a text that cannot be parsed reads a file of Refinery's: one with its keys or, if the text is about
/// Refinery, with the name of one.
pub fn names_our_file(outer: Outer<'_>, loader: &Loader<'_>) -> bool {
    const READERS: [&str; 3] = ["file(\"", "filebase64(\"", "fileset(\""];
    let is_about = outer.text.to_ascii_lowercase().contains("refinery");
    let rests = READERS.iter().flat_map(|reader| outer.text.split(reader).skip(1));
    let paths = rests.filter_map(|rest| path_in(outer, rest.split('"').next()?));
    let is_ours = |path: &String| {
        let content = loader.peek(path).ok().flatten();
        let format = format_of(path).or(Some(DataFormat::Yaml));
        is_about && kind_of_name(path).is_some()
            || content.is_some_and(|content| recognise(format, &content).is_some())
    };
    paths.take(MOST).any(|path| is_ours(&path))
}

/// Reports that an expression reads a file which does not exist.
pub fn find_missing(
    outer: Outer<'_>,
    expression: &str,
    place: Span,
    loader: &Loader<'_>,
) -> Option<Finding> {
    let name = file_named(outer, expression)?;
    DataEntry::on_disk("", name, place).find_missing(loader)
}

/// Whether a file that exists may be one of Refinery's, or values for its chart.
pub fn is_suspect(path: &str, loader: &Loader<'_>) -> bool {
    let content = loader.peek(path).ok().flatten();
    content.is_some_and(|content| {
        kind_of_name(path).is_some()
            || may_be_used(content.as_bytes())
            || find_flaw(None, &content).is_some()
    })
}

/// The values of the first expression in a path for which it may mean a file of Refinery's. Other
/// expressions match anything.
pub fn find_choice(outer: Outer<'_>, path: &str, loader: &Loader<'_>) -> Option<Choice> {
    let path = from_here(path);
    let (_, rest) = path.split_once("${")?;
    let expression = rest.split_once('}')?.0.trim().to_owned();
    let mut found = vec![(split(outer.name).0.to_owned(), None)];
    let parts: Vec<&str> = path.split('/').collect();
    for part in &parts {
        let step = |(folder, value): &(String, Option<String>)| match open_part(part) {
            None => vec![(join(folder, part), value.clone())],
            Some(open) => {
                let names = loader.names(folder).into_iter();
                let fits = names.filter_map(|name| {
                    let inner = open.matched(&name)?;
                    let own = open.is_only.then_some(inner).filter(|_| open.first == expression);
                    let is_other = own.is_some() && value.is_some() && own != value.as_deref();
                    let value = value.clone().or_else(|| own.map(str::to_owned));
                    (!is_other).then(|| (join(folder, &name), value))
                });
                fits.collect()
            }
        };
        found = found.iter().flat_map(step).take(MOST).collect();
    }
    // Any file may match a name that is an expression.
    let is_open = parts.last().is_some_and(|part| part.starts_with("${") && part.ends_with('}'));
    let is_data = |file: &str| format_of(without_template(file).unwrap_or(file)).is_some();
    let files = found.into_iter().filter(|(file, _)| !is_open || is_data(file));
    let files = files.filter(|(file, _)| is_suspect(file, loader));
    let values: BTreeSet<String> = files.filter_map(|(_, value)| value).collect();
    (!values.is_empty()).then_some((expression, values))
}

/// A part of a path with expressions.
struct OpenPart<'p> {
    before: &'p str,
    after: &'p str,
    /// The first expression.
    first: &'p str,
    is_only: bool,
}

fn open_part(part: &str) -> Option<OpenPart<'_>> {
    let (before, rest) = part.split_once("${")?;
    let (first, _) = rest.split_once('}')?;
    let (inner, after) = rest.rsplit_once('}')?;
    Some(OpenPart { before, after, first: first.trim(), is_only: inner == first })
}

impl OpenPart<'_> {
    /// What stands for the expressions in a name.
    fn matched<'n>(&self, name: &'n str) -> Option<&'n str> {
        let inner = name.strip_prefix(self.before)?.strip_suffix(self.after)?;
        (!inner.is_empty()).then_some(inner)
    }
}

/// The paths of the files that `fileset` gives for a folder and a pattern.
pub fn matching(
    outer: Outer<'_>,
    (folder, pattern): (&str, &str),
    loader: &Loader<'_>,
) -> Vec<String> {
    let is_own = HERE.iter().any(|start| start.trim_end_matches('/') == folder);
    let folder = if is_own { Some(split(outer.name).0.to_owned()) } else { path_in(outer, folder) };
    let glob = GlobBuilder::new(pattern).literal_separator(true).build();
    let Some((folder, glob)) = folder.zip(glob.ok()) else { return Vec::new() };
    let glob = glob.compile_matcher();
    let (mut found, mut waiting) = (BTreeSet::new(), vec![(String::new(), 0)]);
    while let Some((at, depth)) = waiting.pop() {
        for name in loader.names(&join(&folder, &at)) {
            let path = join(&at, &name);
            if loader.is_folder(&join(&folder, &path)) {
                waiting.extend((depth < DEEPEST).then(|| (path, depth + 1)));
            } else if glob.is_match(&path) && found.len() < MOST {
                found.insert(path);
            }
        }
    }
    found.into_iter().collect()
}
