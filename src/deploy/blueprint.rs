//! Render: services of a blueprint (`render.yaml`) whose image a Dockerfile of the repository builds.

use super::chart::items::map;
use super::compose::{as_service, open_built};
use super::loader::Loader;
use super::{Opened, Outer, list, word};
use crate::syntax::{Entry, Item, Value};
use crate::vfs::input_error::InputError;
use crate::vfs::path::{join, split};

/// Describes the deployment of each service that runs Refinery.
///
/// # Errors
/// A file that it names cannot be read.
pub fn open_blueprint(
    outer: Outer<'_>,
    blueprint: &Item,
    loader: &mut Loader<'_>,
    opened: &mut Opened,
) -> Result<(), InputError> {
    for service in list(blueprint, "services") {
        let runtime = ["runtime", "env"].iter().find_map(|key| service.get(key)?.text());
        // What a disk hides is unknown.
        if runtime != Some("docker") || service.get("disk").is_some() {
            continue;
        }
        let path = |key: &str| service.get(key).and_then(word);
        let root = join(split(outer.name).0, &path("rootDir").unwrap_or_default());
        let dockerfile = path("dockerfilePath");
        let dockerfile = join(&root, dockerfile.as_deref().unwrap_or("Dockerfile"));
        let settings = [
            ("command", service.get("dockerCommand").cloned()),
            ("environment", Some(map(variables(service)))),
        ];
        let item = as_service(settings, service.beginning());
        let title = path("name").unwrap_or_else(|| "refinery".to_owned());
        open_built(outer, &dockerfile, &item, &title, loader, opened)?;
    }
    Ok(())
}

/// The variables of a service. One without a value is set elsewhere.
fn variables(service: &Item) -> Vec<Entry> {
    let variable = |item: &Item| {
        let key = item.get("key")?;
        let value = item.get("value").cloned().unwrap_or(Item::new(Value::Null, key.span));
        Some(Entry { key: word(key)?, key_span: key.span, item: value })
    };
    list(service, "envVars").iter().filter_map(variable).collect()
}
