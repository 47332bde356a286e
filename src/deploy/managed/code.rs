//! Resources of Puppet and Chef. Only literals are read; anything else is unknown.

use super::{Managed, What};
use crate::deploy::Outer;
use crate::deploy::loader::Loader;
use crate::deploy::near::resolve;
use crate::span::Span;
use crate::syntax::{Item, Value};
use crate::vfs::path::{split, split_extension};

/// The files that a manifest or a recipe puts on a machine.
pub fn files(outer: Outer<'_>, loader: &Loader<'_>) -> Vec<Managed> {
    if split_extension(outer.name).1 == "pp" {
        return of_manifest(outer);
    }
    of_recipe(outer, loader)
}

/// `file { '/path': source => '…' }`.
fn of_manifest(outer: Outer<'_>) -> Vec<Managed> {
    let mut found = Vec::new();
    for (at, _) in outer.text.match_indices("file") {
        let is_word =
            outer.text[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '_');
        let rest = outer.text[at + 4..].trim_start();
        let Some(inside) = rest.strip_prefix('{').filter(|_| is_word) else { continue };
        let body = &inside[..end_of_braces(inside)];
        let title = quoted(body.trim_start());
        let path = attribute(body, "path").and_then(quoted).or(title);
        let Some(path) = path else { continue };
        for name in ["content", "source"] {
            let Some(value) = attribute(body, name) else { continue };
            let line = value.lines().next().unwrap_or_default();
            let start = value.as_ptr() as usize - outer.text.as_ptr() as usize;
            let span = Span::new(outer.file, start, start + line.trim_end().len());
            let what = content_of(outer.name, name, value, span);
            found.push(Managed { path: path.to_owned(), what, span });
        }
    }
    found
}

/// What an expression of a manifest stands for.
fn content_of(manifest: &str, name: &str, value: &str, span: Span) -> What {
    const READERS: [(&str, &str); 3] =
        [("file", "files"), ("template", "templates"), ("epp", "templates")];
    let (folder, own) = manifest.split_once("/manifests/").unwrap_or((manifest, ""));
    let module = split(folder).1;
    let value = value.trim_start_matches(['[', ' ', '\n']).replace("${module_name}", module);
    let value = value.as_str();
    if let Some(text) = quoted(value) {
        // A string in double quotes has the values of variables in it.
        if value.starts_with('"') && text.contains("${") {
            return What::Unknown;
        }
        if name == "content" {
            return What::Text(Item::new(Value::Text(text.to_owned()), Some(span)));
        }
        let Some(path) = text.strip_prefix("puppet:///modules/") else { return What::Unknown };
        return in_module(path, "files").map_or(What::Unknown, What::Source);
    }
    let (function, rest) = value.split_once('(').unwrap_or((value, ""));
    let reader = READERS.iter().find(|(reader, _)| *reader == function.trim());
    if let Some(path) = reader.and_then(|(_, folder)| in_module(quoted(rest.trim_start())?, folder))
    {
        return What::Source(path);
    }
    let looked_up = value.split_once("lookup(").and_then(|(_, rest)| quoted(rest.trim_start()));
    let variable = value.split_once('$').map(|(_, rest)| {
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        rest.split(|c| !is_part(c)).next().unwrap_or_default()
    });
    let key = looked_up.map(str::to_owned).or_else(|| {
        let name = variable.filter(|name| !name.is_empty())?;
        let class = match own.trim_end_matches(".pp").replace('/', "::").as_str() {
            "" | "init" => module.to_owned(),
            inner => format!("{module}::{inner}"),
        };
        Some(if name.contains("::") { name.to_owned() } else { format!("{class}::{name}") })
    });
    key.map_or(What::Unknown, |key| What::Data(vec![key]))
}

/// A path that starts with the name of a module.
fn in_module(path: &str, folder: &str) -> Option<String> {
    let (module, inner) = path.split_once('/')?;
    Some(format!("{module}/{folder}/{inner}"))
}

/// `cookbook_file '/path' do … end`, `template` and `file`.
fn of_recipe(outer: Outer<'_>, loader: &Loader<'_>) -> Vec<Managed> {
    const RESOURCES: [&str; 4] = ["cookbook_file", "template", "file", "remote_file"];
    let mut found = Vec::new();
    for line in outer.text.split_inclusive('\n') {
        let at = line.as_ptr() as usize - outer.text.as_ptr() as usize;
        let own = line.trim_start();
        let Some((resource, rest)) = own.split_once(char::is_whitespace) else { continue };
        let title = quoted(rest.trim_start());
        let Some(title) = title.filter(|_| RESOURCES.contains(&resource)) else { continue };
        let indent = &line[..line.len() - own.len()];
        let body = outer.text.get(at + line.len()..).unwrap_or_default();
        let body = &body[..body.find(&format!("\n{indent}end")).unwrap_or(body.len())];
        let property = |name: &str| {
            let of = |line: &'_ str| {
                let rest = line.trim_start().strip_prefix(name)?;
                rest.starts_with([' ', '(']).then(|| rest.trim_start_matches([' ', '(']).to_owned())
            };
            body.lines().find_map(of)
        };
        let path = property("path").as_deref().and_then(quoted).unwrap_or(title).to_owned();
        let span = Span::new(outer.file, at + indent.len(), at + line.trim_end().len());
        let what = if resource == "file" {
            text_in(body, outer, property("content"))
        } else {
            let own = split(&path).1;
            let usual = if resource == "template" { format!("{own}.erb") } else { own.to_owned() };
            let source = match property("source") {
                Some(written) => quoted(&written).map(str::to_owned),
                None => Some(usual),
            };
            let in_default = |source: &String| {
                let default = format!("default/{source}");
                resolve(split(outer.name).0, &default, loader.store).map(|_| default)
            };
            let source = source.map(|source| in_default(&source).unwrap_or(source));
            source.map_or(What::Unknown, What::Source)
        };
        // Without content it only sets permissions.
        let is_managed = resource != "file" || property("content").is_some();
        found.extend(is_managed.then_some(Managed { path, what, span }));
    }
    found
}

/// The text of a `content`: a string, or a here-document.
fn text_in(body: &str, outer: Outer<'_>, written: Option<String>) -> What {
    let text = |text: &str, span| What::Text(Item::new(Value::Text(text.to_owned()), Some(span)));
    let start = body.as_ptr() as usize - outer.text.as_ptr() as usize;
    let whole = Span::new(outer.file, start, start + body.len());
    let Some(written) = written else { return What::Unknown };
    if let Some(inner) = quoted(&written).filter(|inner| !inner.contains("#{")) {
        return text(&inner.replace("\\n", "\n"), whole);
    }
    let Some(delimiter) =
        written.strip_prefix("<<").map(|rest| rest.trim_start_matches(['~', '-']))
    else {
        return What::Unknown;
    };
    let delimiter = delimiter.trim_matches(['\'', '"', ')', ' ']);
    let Some((_, after)) = body.split_once(&format!("{written}\n")) else { return What::Unknown };
    let lines: Vec<&str> =
        after.split_inclusive('\n').take_while(|line| line.trim() != delimiter).collect();
    let indent = |line: &&str| line.len() - line.trim_start().len();
    let margin = lines.iter().filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or(0);
    let margin = if written.starts_with("<<~") { margin } else { 0 };
    let inner: String = lines.iter().map(|line| line.get(margin..).unwrap_or("\n")).collect();
    if inner.contains("#{") {
        return What::Unknown;
    }
    let at = after.as_ptr() as usize - outer.text.as_ptr() as usize;
    text(&inner, Span::new(outer.file, at, at + lines.concat().len()))
}

/// The text up to the brace that closes a body.
fn end_of_braces(text: &str) -> usize {
    let mut depth = 1_usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// The value of an attribute of Puppet.
fn attribute<'b>(body: &'b str, name: &str) -> Option<&'b str> {
    body.match_indices(name).find_map(|(at, _)| {
        let is_word = body[..at].chars().next_back().is_none_or(|c| c.is_whitespace() || c == ',');
        let rest = body[at + name.len()..].trim_start();
        rest.strip_prefix("=>").filter(|_| is_word).map(str::trim_start)
    })
}

/// The string literal at the start of a text.
fn quoted(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    text[1..].split_once(quote).map(|(inside, _)| inside)
}
