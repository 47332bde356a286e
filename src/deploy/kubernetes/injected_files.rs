//! The files that Vault's agent injector adds to the containers of pods.

use super::injected::{ELSEWHERE, TEMPLATE, annotation, annotations, is_injected, map_name};
use super::view::View;
use crate::deploy::mount::{Mount, Mounted, Texts};
use crate::syntax::Item;
use crate::vfs::path::join;

/// Where files are without an annotation for it.
const FOLDER: &str = "/vault/secrets";

const SECRET: &str = "agent-inject-secret-";

/// The files that the injector adds to containers.
pub fn mounts_of<'o>(object: &Item, view: View<'o>) -> Vec<Mount<'o>> {
    if !is_injected(object) {
        return Vec::new();
    }
    let text = |name: String| annotation(object, &name).and_then(Item::text);
    let own = text("secret-volume-path".to_owned()).unwrap_or(FOLDER);
    let unknown = || Mounted::Unknown("Vault's agent writes it".to_owned());
    let mut mounts = Vec::new();
    // Its templates are those of a file for the agent.
    if let Some(item) = annotation(object, "agent-configmap") {
        mounts.push(Mount { target: join("/", own), what: unknown(), span: item.span });
    }
    let map = view.map("Secret", &map_name(object));
    for (annotation, entry) in annotations(object) {
        let name = [SECRET, TEMPLATE].iter().find_map(|start| annotation.strip_prefix(start));
        let Some(name) = name else { continue };
        let name = name
            .strip_prefix(ELSEWHERE)
            .filter(|_| annotation.starts_with(TEMPLATE))
            .unwrap_or(name);
        let folder = text(format!("secret-volume-path-{name}")).unwrap_or(own);
        let file = text(format!("agent-inject-file-{name}")).unwrap_or(name);
        let datum = map.and_then(|map| map.get(name));
        let what = datum.map_or_else(unknown, |datum| Mounted::Texts(Texts::of_one(datum)));
        mounts.push(Mount { target: join(&join("/", folder), file), what, span: entry.key_span });
    }
    mounts
}
