//! References of services to configs, secrets and volumes that a project does not define, with which
//! compose stops.

use super::mounts::{Mount, Mounted};
use super::project::{Project, is_project_file};
use crate::check;
use crate::deploy::loader::Loader;
use crate::diagnostic::Finding;
use crate::sniff::containers::names_others;
use crate::vfs::path::join;

check!(
    UNDEFINED,
    "start/undefined-reference",
    Error,
    kind: Verdict,
    "a service refers to a config, secret or volume that its compose file does not define",
    "Compose rejects the whole project, so nothing is rolled out."
);

/// Reports a mount that the project does not define, unless other files may be merged over it.
pub fn find_undefined(project: &Project, mount: &Mount, loader: &Loader<'_>) -> Option<Finding> {
    let Mounted::Definition(section, name) = &mount.what else { return None };
    if is_defined(project, section, name) || !is_complete(project, section, name, loader) {
        return None;
    }
    let message = format!("`{section}` of the project has no `{name}`");
    let help = format!("define `{name}` under `{section}` at the top level");
    let finding = Finding::new(&UNDEFINED, message).at_some(mount.span, "not defined");
    Some(finding.help(help).refuses())
}

/// Whether the section has the name, with any value.
fn is_defined(project: &Project, section: &str, name: &str) -> bool {
    let mut layers = project.layers.iter();
    layers.any(|layer| layer.item.get(section).is_some_and(|all| all.get(name).is_some()))
}

/// Whether compose reads no other file that may define the name.
fn is_complete(project: &Project, section: &str, name: &str, loader: &Loader<'_>) -> bool {
    let is_default = project.layers.first().is_some_and(|layer| is_project_file(&layer.name));
    let includes = project.layers.iter().any(|layer| layer.item.get("include").is_some());
    let others = loader.names(&project.folder).into_iter().map(|own| join(&project.folder, &own));
    let mut others = others.filter(|file| {
        names_others(file) && project.layers.iter().all(|layer| *layer.name != **file)
    });
    let may_define = |file: String| {
        let text = loader.peek(&file).ok().flatten().unwrap_or_default();
        text.contains(&format!("{name}:")) && text.contains(&format!("{section}:"))
    };
    is_default && !includes && !others.any(may_define)
}
