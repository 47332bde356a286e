//! Imports between the files of the crate.
//!
//! A file imports another if it names one of its items in a `use` or by a path from `crate`, `super`
//! or `self`. A module's own file may use its submodules: a folder hands work down to its files.

use crate::Module;
use std::collections::{BTreeMap, BTreeSet};

/// The files that each file imports, by module path without `crate`: `syntax::yaml::scanner`.
pub struct Imports(BTreeMap<String, BTreeSet<String>>);

impl Imports {
    pub fn of(modules: &[Module]) -> Self {
        let paths: BTreeSet<String> = modules.iter().map(module_path).collect();
        let imports = modules.iter().map(|module| {
            let own = module_path(module);
            let is_below =
                |other: &str| other.strip_prefix(&*own).is_some_and(|rest| rest.starts_with("::"));
            let code: Vec<&str> = module.code().map(|(_, line)| line).collect();
            let used = names(&code.join("\n"))
                .into_iter()
                .filter_map(|name| file_of(&absolute(&own, &name), &paths))
                .filter(|other| *other != own && !is_below(other))
                .collect();
            (own.clone(), used)
        });
        Self(imports.collect())
    }

    /// Groups of files that import each other, directly or through others in the group.
    pub fn cycles(&self) -> Vec<BTreeSet<&str>> {
        let reached: BTreeMap<&str, BTreeSet<&str>> =
            self.0.keys().map(|file| (file.as_str(), self.reached_from(file))).collect();
        let group = |file: &str| {
            let back = |other: &&&str| reached.get(**other).is_some_and(|its| its.contains(file));
            reached[file].iter().filter(back).copied().collect::<BTreeSet<&str>>()
        };
        let groups: BTreeSet<BTreeSet<&str>> = self.0.keys().map(|file| group(file)).collect();
        groups.into_iter().filter(|group| !group.is_empty()).collect()
    }

    fn reached_from(&self, file: &str) -> BTreeSet<&str> {
        let (mut seen, mut next) = (BTreeSet::new(), vec![file]);
        while let Some(file) = next.pop() {
            for other in self.0.get(file).into_iter().flatten() {
                if seen.insert(other.as_str()) {
                    next.push(other);
                }
            }
        }
        seen
    }

    pub fn count(&self) -> usize {
        self.0.values().map(BTreeSet::len).sum()
    }
}

/// `src/syntax/yaml/mod.rs` → `syntax::yaml`.
fn module_path(module: &Module) -> String {
    let path = module.path.trim_start_matches("src/").trim_end_matches(".rs");
    path.trim_end_matches("/mod").replace('/', "::")
}

/// The paths from `crate`, `super` or `self` in a text, with groups in braces written out.
fn names(code: &str) -> Vec<String> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = Vec::new();
    for root in ["crate::", "super::", "self::"] {
        let starts = code.match_indices(root).map(|(at, _)| at);
        for at in starts.filter(|at| !code[..*at].ends_with(|c| is_part(c) || c == ':')) {
            let end = end_of_path(&code[at..]);
            write_out(&code[at..at + end], &mut found);
        }
    }
    found
}

/// Where the path at the start of a text ends, with its braces.
fn end_of_path(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' if text[..at].ends_with("::") || depth > 0 => depth += 1,
            '}' if depth > 0 => depth -= 1,
            _ if depth > 0 || c.is_alphanumeric() || c == '_' || c == ':' => {}
            _ => return at,
        }
    }
    text.len()
}

/// `a::{b, c::{d, e}}` → `a::b`, `a::c::d`, `a::c::e`.
fn write_out(path: &str, found: &mut Vec<String>) {
    let Some((before, group)) = path.split_once('{') else {
        let name = path.split_whitespace().next().unwrap_or_default();
        found.push(name.trim_end_matches(':').to_owned());
        return;
    };
    let group = &group[..group.rfind('}').unwrap_or(group.len())];
    let (mut depth, mut start) = (0_usize, 0);
    for (at, c) in group.char_indices().chain([(group.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                let member = group[start..at].trim();
                if !member.is_empty() {
                    write_out(&format!("{before}{member}"), found);
                }
                start = at + 1;
            }
            _ => {}
        }
    }
}

/// A path that is written in a file, from the root of the crate.
fn absolute(own: &str, name: &str) -> String {
    let mut base: Vec<&str> = own.split("::").collect();
    let mut parts = name.split("::").peekable();
    match parts.next() {
        Some("crate") => base.clear(),
        Some("super") => {
            base.pop();
            while parts.next_if_eq(&"super").is_some() {
                base.pop();
            }
        }
        _ => {}
    }
    base.into_iter().chain(parts).collect::<Vec<_>>().join("::")
}

/// The file that contains an item: the longest part of its path that is a module.
fn file_of(path: &str, paths: &BTreeSet<String>) -> Option<String> {
    let mut part = path;
    loop {
        if paths.contains(part) {
            return Some(part.to_owned());
        }
        part = part.rsplit_once("::")?.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(path: &str, text: &str) -> Module {
        Module { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn finds_cycles_in_all_spellings() {
        for (a, b) in [
            ("use super::b::B;", "use super::a::A;"),
            ("use crate::m::b::B;", "fn f() -> super::a::A {}"),
            ("use crate::{x, m::{self, b::{B, C}}};", "use crate::m::a;"),
            ("let b = crate::m::b::f();", "impl super::a::A {}"),
        ] {
            let modules =
                [module("src/m/mod.rs", ""), module("src/m/a.rs", a), module("src/m/b.rs", b)];
            let imports = Imports::of(&modules);
            assert_eq!(imports.cycles(), [BTreeSet::from(["m::a", "m::b"])], "{a}");
        }
    }

    #[test]
    fn a_folder_may_use_its_files() {
        let modules = [
            module("src/m/mod.rs", "use crate::m::a::f;\nuse self::a::f;"),
            module("src/m/a.rs", "use super::M;\n// use super::b::B;"),
            module("src/m/b.rs", "use super::a::f;\n#[cfg(test)]\nuse super::c::C;"),
            module("src/m/c.rs", "use super::b::B;"),
        ];
        let imports = Imports::of(&modules);
        assert_eq!((imports.cycles(), imports.count()), (Vec::new(), 3));
    }

    #[test]
    fn finds_longer_cycles() {
        let modules = [
            module("src/a.rs", "use crate::b::B;"),
            module("src/b/mod.rs", "use crate::c::C;"),
            module("src/c.rs", "use crate::a::A;"),
        ];
        assert_eq!(Imports::of(&modules).cycles(), [BTreeSet::from(["a", "b", "c"])]);
    }
}
