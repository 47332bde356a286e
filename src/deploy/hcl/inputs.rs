//! Inputs of modules and templates: who gives them a value.

use super::blocks::is_source;
use crate::deploy::Outer;
use crate::deploy::loader::Loader;
use crate::deploy::near::{NearFile, with_patterns};
use crate::sniff::file_name::{is_hcl, is_terraform};
use crate::value::replaced::without_expressions;
use crate::vfs::path::{join, split, split_extension};
use std::rc::Rc;

/// Whether an expression is an input of the module, whose value is not for this file to check: a file
/// of the repository passes it and is checked for it, or the module is a library that is called from
/// elsewhere.
pub fn is_of_caller(outer: Outer<'_>, text: &str, loader: &Loader<'_>) -> bool {
    let whole = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    // The content of a file whose path is an input.
    let read = whole.and_then(|it| it.strip_prefix("file(")?.strip_suffix(')'));
    let Some(name) = read.or(whole).and_then(|it| it.strip_prefix("var.")) else {
        return false;
    };
    let own = split(outer.name).0;
    let passes = |file: &NearFile| {
        let mut lines = file.text.lines().map(str::trim_start);
        lines.any(|line| {
            line.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('='))
        })
    };
    let callers = callers(own, loader);
    callers.iter().any(|file| passes(file)) || callers.is_empty() && is_library(own, name, loader)
}

/// The files that call the module in a folder.
pub fn callers(folder: &str, loader: &Loader<'_>) -> Vec<Rc<NearFile>> {
    let all = loader.loaded.near.using_modules(loader.store, folder);
    let calls = |file: &&Rc<NearFile>| {
        let from = split(&file.name).0;
        let mut words = file.text.split('"').skip(1).step_by(2);
        from != folder && words.any(|word| is_source(word, from, folder))
    };
    all.iter().filter(calls).cloned().collect()
}

/// Whether an expression is an input of the module that is an empty list by default, and no file of
/// variables next to it sets it.
pub fn is_empty_list(outer: Outer<'_>, text: &str, loader: &Loader<'_>) -> bool {
    let Some(name) = text.strip_prefix("${var.").and_then(|rest| rest.strip_suffix('}')) else {
        return false;
    };
    let folder = split(outer.name).0;
    let declared = format!("variable \"{name}\"");
    let is_empty = |text: &str| {
        let body = text.split_once(&declared).map(|(_, rest)| until_next_block(rest));
        let default = body.and_then(|body| body.split_once("default"));
        let value = default.and_then(|(_, rest)| rest.trim_start().strip_prefix('='));
        value.is_some_and(|value| value.trim_start().starts_with("[]"))
    };
    let names = loader.names(folder);
    let text = |name: &String| loader.peek(&join(folder, name)).ok().flatten();
    let mut module = names.iter().filter(|name| is_terraform(name)).filter_map(text);
    let set = names.iter().filter(|name| name.contains(".tfvars"));
    module.any(|text| is_empty(&text)) && !set.filter_map(text).any(|text| text.contains(name))
}

/// The text of a file with placeholders for its expressions, if a file of Terraform near it renders it.
pub fn rendered(name: &str, text: String, loader: &Loader<'_>) -> String {
    let Some(filled) = without_expressions(&text).filter(|filled| *filled != text) else {
        return text;
    };
    let renders = |near: &NearFile| {
        let paths = near.text.split("templatefile(").skip(1).filter_map(|rest| {
            let path = rest.trim_start().strip_prefix('"')?.split('"').next()?;
            Some(with_patterns(path))
        });
        is_hcl(&near.name) && paths.into_iter().any(|path| near.means(&path, name))
    };
    let all = loader.loaded.near.near(loader.store, name);
    if all.iter().any(|near| renders(near)) { filled } else { text }
}

/// Whether the module in a folder requires an input and only works when another one calls it: it
/// configures no provider and no state, and no file sets its inputs.
fn is_library(folder: &str, name: &str, loader: &Loader<'_>) -> bool {
    const OF_ROOT: [&str; 4] = ["provider \"", "backend \"", "cloud {", "remote_state"];
    let names = loader.names(folder);
    if names.iter().any(|name| ["tfvars", "hcl"].contains(&split_extension(name).1)) {
        return false;
    }
    let files = names.iter().filter(|name| is_terraform(name));
    let texts = files.filter_map(|name| loader.peek(&join(folder, name)).ok().flatten());
    let texts: Vec<String> = texts.collect();
    let declared = format!("variable \"{name}\"");
    let is_required = texts.iter().any(|text| {
        let body = text.split_once(&declared).map(|(_, rest)| rest);
        body.is_some_and(|body| !until_next_block(body).contains("default"))
    });
    let is_line_of_root =
        |line: &str| OF_ROOT.iter().any(|start| line.trim_start().starts_with(start));
    is_required && !texts.iter().any(|text| text.lines().any(is_line_of_root))
}

/// The body of a block.
fn until_next_block(text: &str) -> &str {
    text.split_once("\n}").or_else(|| text.split_once('}')).map_or(text, |(body, _)| body)
}
