//! `build` of a service: the context and the Dockerfile that its image is built from.
//!
//! Local contexts only. Must not know any instruction.

use super::dockerfile::Dockerfile;
use super::image::Image;
use super::service::{Service, read_variables};
use super::words::known;
use crate::deploy::command::Word;
use crate::deploy::loader::Loader;
use crate::span::FileId;
use crate::syntax::Item;
use crate::vfs::input_error::InputError;
use crate::vfs::path::join;
use std::collections::BTreeMap;

/// `build` of a service.
#[derive(Clone, Debug, Default)]
pub struct Build {
    /// The context folder, relative like all files of a run.
    context: Option<Word>,
    file: Option<Word>,
    target: Option<Word>,
    pub arguments: BTreeMap<String, Word>,
    /// Whether keys such as `dockerfile_inline` change the build in ways that are not modelled.
    is_changed: bool,
}

impl Build {
    /// Reads `build`. Paths are relative to `folder`; `outside` looks up variables without a value.
    pub fn read(item: &Item, folder: &str, outside: impl Fn(&str) -> Option<String>) -> Self {
        let word = |item: &Item| Word { text: known(item), span: item.span };
        let context = |item: &Item| {
            let is_local = |path: &String| !path.starts_with(['/', '~']) && !path.contains(':');
            let text = known(item).filter(is_local).map(|path| join(folder, &path));
            Word { text, span: item.span }
        };
        if item.text().is_some() {
            return Self { context: Some(context(item)), ..Self::default() };
        }
        Self {
            context: item.get("context").map(context),
            file: item.get("dockerfile").map(word),
            target: item.get("target").map(word),
            arguments: item
                .get("args")
                .map(|args| read_variables(args, outside))
                .unwrap_or_default(),
            is_changed: ["dockerfile_inline", "additional_contexts"]
                .iter()
                .any(|key| item.get(key).is_some()),
        }
    }

    /// Merges it over another `build`.
    #[must_use]
    pub fn over(self, below: Self) -> Self {
        let mut arguments = below.arguments;
        arguments.extend(self.arguments);
        Self {
            context: self.context.or(below.context),
            file: self.file.or(below.file),
            target: self.target.or(below.target),
            arguments,
            is_changed: self.is_changed || below.is_changed,
        }
    }

    /// The context and the Dockerfile, for a project in this folder.
    fn places(&self, folder: &str) -> Option<(String, String)> {
        let context = match &self.context {
            Some(context) => context.text.clone()?,
            None => folder.to_owned(),
        };
        let file = match &self.file {
            Some(file) => file.text.as_deref().filter(|path| !path.starts_with('/'))?,
            None => "Dockerfile",
        };
        let file = join(&context, file);
        (!self.is_changed).then_some((context, file))
    }
}

/// The service that the last stage of a Dockerfile amounts to on its own.
pub fn service_of(
    text: &str,
    file: FileId,
    name: &str,
    folder: &str,
    loader: &Loader<'_>,
) -> Option<Service> {
    let dockerfile = Dockerfile::read(file, text)?;
    let stage = dockerfile.stages.len().checked_sub(1)?;
    let build = Build::default();
    let image = Image::new(&dockerfile, &build, folder.to_owned()).build(stage, loader);
    Some(image.under(Service::default(), name.to_owned()))
}

/// Merges a service over the image that it builds, if its Dockerfile can be read.
///
/// # Errors
/// The Dockerfile cannot be read.
pub fn over_image(
    service: Service,
    folder: &str,
    loader: &mut Loader<'_>,
) -> Result<Service, InputError> {
    let Some(build) = service.build.clone() else { return Ok(service) };
    let Some((context, name)) = build.places(folder) else { return Ok(service) };
    let Some((file, text)) = loader.text_in_sight(&name)? else { return Ok(service) };
    let Some(dockerfile) = Dockerfile::read(file, &text) else { return Ok(service) };
    let stage = match &build.target {
        Some(target) => target.text.as_deref().and_then(|target| dockerfile.find(target)),
        None => dockerfile.stages.len().checked_sub(1),
    };
    let Some(stage) = stage else { return Ok(service) };
    let image = Image::new(&dockerfile, &build, context).build(stage, loader);
    Ok(image.under(service, name))
}
