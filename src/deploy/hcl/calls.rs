//! Calls of a module of Terraform: the inputs that its callers or files of variables give it.

use super::blocks::is_source;
use super::call::Call;
use super::inputs::{callers, is_empty_list, is_of_caller};
use super::parse::sources;
use super::paths::{from_here, is_from_here};
use super::read::{Given, Reading, has_expression, read};
use super::siblings::siblings;
use crate::deploy::chart::layers::Values;
use crate::deploy::loader::Loader;
use crate::deploy::{Outer, at};
use crate::sniff::file_name::is_terraform;
use crate::syntax::{Entry, Item, Value};
use crate::vfs::path::{join, split};
use std::rc::Rc;

/// The maximum number of modules that call each other.
const DEEPEST: usize = 4;

/// The maximum number of calls of one module: more than a file may hold deployments.
const MOST: usize = 1_001;

/// The maximum depth of folders with files of variables below that of a module.
const DEEPEST_VARIABLES: usize = 3;

/// All calls of the module that a file belongs to. Without any, nothing is known about its inputs.
pub fn calls(outer: Outer<'_>, loader: &mut Loader<'_>) -> Vec<Rc<Call>> {
    calls_at(outer, loader, 0)
}

fn calls_at(outer: Outer<'_>, loader: &mut Loader<'_>, depth: usize) -> Vec<Rc<Call>> {
    let (folder, own) = split(outer.name);
    // The root of a nested call depends on that of its caller.
    let words = ["var.", "local.", "path.root", "path.cwd"];
    let is_affected = depth > 0 || words.iter().any(|word| outer.text.contains(word));
    if !is_terraform(own) || !is_affected || depth >= DEEPEST {
        return Vec::new();
    }
    let mut found = Vec::new();
    for caller in callers(folder, loader) {
        let name = &caller.name;
        let Ok(Some((file, text))) = loader.text_in_sight(name) else { continue };
        let caller = Outer::of(name, file, &text);
        let outer_calls = calls_at(caller, loader, depth + 1);
        if outer_calls.is_empty() {
            found.extend(calls_in(caller, folder, None, loader));
        }
        for call in outer_calls {
            found.extend(calls_in(caller, folder, Some(call), loader));
        }
    }
    if found.is_empty() {
        found = calls_with_variables(folder, loader);
    }
    found.truncate(MOST);
    found.into_iter().map(Rc::new).collect()
}

/// The calls of the module in a folder that a file makes.
fn calls_in(
    caller: Outer<'_>,
    folder: &str,
    call: Option<Rc<Call>>,
    loader: &mut Loader<'_>,
) -> Vec<Call> {
    let from = split(caller.name).0;
    let way = way(folder, from);
    let siblings = siblings(caller, loader);
    let known = call.iter().flat_map(|call| &call.files).chain(&siblings).cloned();
    let mut files: Vec<Values> = known.collect();
    let base_values = files.clone();
    let caller = Outer { base_values: &base_values, ..caller };
    files.push(Values::unread(caller.name, caller.file, caller.text));
    let given = Given { call, ..Given::default() };
    let Ok(Reading { document, .. }) = read(caller, &siblings, &given, loader) else {
        return Vec::new();
    };
    let root = given.call.as_ref().map(|call| join(from, &call.root));
    let root = root.map_or_else(|| way.clone(), |root| self::way(folder, &root));
    let mut found = Vec::new();
    for (label, source) in sources(caller.text) {
        if !is_source(&source, from, folder) {
            continue;
        }
        for (number, body) in bodies(&document, label.as_deref()).iter().enumerate() {
            let number = if number == 0 { String::new() } else { format!("[{number}]") };
            let within = label.as_ref().map(|label| format!("module.{label}{number} in "));
            found.push(Call {
                name: format!("{}{}", within.unwrap_or_default(), caller.name),
                inputs: passed_inputs(body, &way, caller, loader),
                is_whole: label.is_some(),
                root: root.clone(),
                files: files.clone(),
            });
        }
    }
    found
}

/// The bodies of a block `module` with its instances, or the inputs that Terragrunt passes.
fn bodies<'d>(document: &'d Item, label: Option<&str>) -> &'d [Item] {
    let bodies = match label {
        Some(label) => at(document, &["module", label]).and_then(Item::list),
        None => document.get("inputs").map(std::slice::from_ref),
    };
    bodies.unwrap_or_default()
}

/// The inputs in a body, as the module sees them.
fn passed_inputs(body: &Item, way: &str, caller: Outer<'_>, loader: &mut Loader<'_>) -> Vec<Entry> {
    let mut inputs = body.entries().to_vec();
    for Entry { key, item, .. } in &mut inputs {
        let text = item.text().unwrap_or_default();
        if is_empty_list(caller, text, loader) {
            item.value = Value::List(Vec::new());
        } else if is_of_caller(caller, text, loader) {
            item.value = Value::Text(format!("${{var.{key}}}"));
        }
        rebase(item, way);
    }
    inputs
}

/// The calls of a root module, one for each file of variables that is not read in any case.
fn calls_with_variables(folder: &str, loader: &mut Loader<'_>) -> Vec<Call> {
    let (mut files, mut waiting) = (Vec::new(), vec![(folder.to_owned(), 0)]);
    while let Some((at, depth)) = waiting.pop() {
        let names = loader.names(&at);
        let is_other_module = at != folder && names.iter().any(|name| is_terraform(name));
        for name in names.into_iter().filter(|_| !is_other_module) {
            let path = join(&at, &name);
            if holds_inputs(&name) {
                files.push(path);
            } else if depth < DEEPEST_VARIABLES && !name.starts_with('.') && loader.is_folder(&path)
            {
                waiting.push((path, depth + 1));
            }
        }
    }
    files.sort();
    let is_always_read = |path: &String| {
        let (at, name) = split(path);
        let name = name.trim_end_matches(".json");
        at == folder && (name == "terraform.tfvars" || name.ends_with(".auto.tfvars"))
    };
    let (always, chosen): (Vec<_>, Vec<_>) = files.into_iter().partition(is_always_read);
    let mut base = Call::of_variables(always.first().cloned().unwrap_or_default());
    for name in &always {
        base.add_variables(name, loader);
    }
    if chosen.is_empty() {
        return if always.is_empty() { Vec::new() } else { vec![base] };
    }
    let call = |name: String| {
        let mut call = Call::of_variables(name.clone());
        call.inputs.clone_from(&base.inputs);
        call.files.clone_from(&base.files);
        call.add_variables(&name, loader);
        call
    };
    chosen.into_iter().map(call).collect()
}

/// Whether it is a file of variables, which has inputs of a root module.
pub fn holds_inputs(name: &str) -> bool {
    name.ends_with(".tfvars") || name.ends_with(".tfvars.json")
}

/// The folder in and below which the modules are that a file of variables in this folder may be for.
pub fn reach_of_inputs(folder: &str) -> &str {
    (0..DEEPEST_VARIABLES).fold(folder, |at, _| split(at).0)
}

impl Call {
    fn of_variables(name: String) -> Self {
        let (inputs, files, root) = (Vec::new(), Vec::new(), String::new());
        Self { name, inputs, is_whole: false, root, files }
    }

    /// Adds the values in a file of variables, which replace earlier ones.
    fn add_variables(&mut self, name: &str, loader: &mut Loader<'_>) {
        let Ok(Some((file, text))) = loader.text_in_sight(name) else { return };
        let outer = Outer::of(name, file, &text);
        let reading = read(outer, &[], &Given::default(), loader).ok();
        for entry in reading.as_ref().map(|it| it.document.entries()).unwrap_or_default() {
            self.inputs.retain(|known| known.key != entry.key);
            self.inputs.push(entry.clone());
        }
        self.files.push(Values::unread(name, file, &text));
    }
}

/// The relative path from a folder to another one, ending in `/`.
fn way(from: &str, to: &str) -> String {
    let parts = |folder: &str| -> Vec<String> {
        folder.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    let (from, to) = (parts(from), parts(to));
    let same = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
    let up = std::iter::repeat_n("../", from.len() - same).collect::<String>();
    let down: String = to[same..].iter().flat_map(|part| [part.as_str(), "/"]).collect();
    up + &down
}

/// Changes paths that start at the folder of the caller so that they start at that of the module.
fn rebase(item: &mut Item, way: &str) {
    match &mut item.value {
        Value::Text(text) if is_from_here(text) => {
            *text = format!("${{path.module}}/{way}{}", from_here(text));
        }
        Value::Text(text) if has_expression(text) => {
            if let Some((before, rest)) = text.split_once("file(\"")
                && !from_here(rest).starts_with(['/', '$'])
            {
                *text = format!("{before}file(\"${{path.module}}/{way}{}", from_here(rest));
            }
        }
        Value::List(items) => items.iter_mut().for_each(|item| rebase(item, way)),
        Value::Map(entries) => entries.iter_mut().for_each(|entry| rebase(&mut entry.item, way)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_lead_from_one_folder_to_another() {
        for (from, to, expected) in [
            ("modules/a", "envs/prod", "../../envs/prod/"),
            ("modules/a", "", "../../"),
            ("", "envs", "envs/"),
            ("a/b", "a/b", ""),
            ("a/b", "a", "../"),
        ] {
            let way = way(from, to);
            assert_eq!(way, expected);
            assert_eq!(join(from, &way), to);
        }
    }
}
