//! `build` of a service: the context and the Dockerfile that its image is built from.
//!
//! Local contexts only. Must not know any instruction.

use super::dockerfile::Dockerfile;
use super::variables::read_variables;
use super::words::known;
use crate::deploy::command::Word;
use crate::deploy::loader::Loader;
use crate::deploy::{Outer, block};
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
    pub target: Option<Word>,
    pub arguments: BTreeMap<String, Word>,
    /// A Dockerfile in the compose file itself.
    inline: Option<Item>,
    /// Named contexts; `None` for one that is not a folder of the repository.
    pub contexts: BTreeMap<String, Option<String>>,
}

impl Build {
    /// Reads `build`. Paths are relative to `folder`; `outside` looks up variables without a value.
    pub fn read(item: &Item, folder: &str, outside: impl Fn(&str) -> Option<String>) -> Self {
        let word = |item: &Item| Word { text: known(item), span: item.span };
        let local = |path: String| {
            let is_local = !path.starts_with(['/', '~']) && !path.contains(':');
            is_local.then(|| join(folder, &path))
        };
        let context = |item: &Item| Word { text: known(item).and_then(local), span: item.span };
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
            inline: item.get("dockerfile_inline").cloned(),
            contexts: item
                .get("additional_contexts")
                .map(|contexts| read_variables(contexts, |_| None))
                .unwrap_or_default()
                .into_iter()
                .map(|(name, path)| (name, path.text.and_then(local)))
                .collect(),
        }
    }

    /// Merges it over another `build`.
    #[must_use]
    pub fn over(self, below: Self) -> Self {
        let mut arguments = below.arguments;
        arguments.extend(self.arguments);
        let mut contexts = below.contexts;
        contexts.extend(self.contexts);
        Self {
            context: self.context.or(below.context),
            file: self.file.or(below.file),
            target: self.target.or(below.target),
            arguments,
            inline: self.inline.or(below.inline),
            contexts,
        }
    }

    /// The context, for a project in this folder.
    pub fn context(&self, folder: &str) -> Option<String> {
        match &self.context {
            Some(context) => context.text.clone(),
            None => Some(folder.to_owned()),
        }
    }

    /// The Dockerfile and the name of the file that contains it.
    ///
    /// # Errors
    /// The file exists but cannot be read.
    pub fn dockerfile(
        &self,
        context: &str,
        loader: &mut Loader<'_>,
    ) -> Result<Option<(Dockerfile, String)>, InputError> {
        if let Some(inline) = &self.inline {
            // Docker does not know the value of an unknown variable either.
            let Some((text, span)) = inline.text().zip(inline.span) else { return Ok(None) };
            let file = loader.loaded.files.get(span.file);
            let outer = Outer::of(file.name.as_str(), span.file, &file.text);
            let dockerfile = Dockerfile::read_within(text, &block::pieces(outer, span, text));
            return Ok(dockerfile.map(|dockerfile| (dockerfile, file.name.to_string())));
        }
        let file = match &self.file {
            Some(file) => file.text.as_deref().filter(|path| !path.starts_with('/')),
            None => Some("Dockerfile"),
        };
        let Some(name) = file.map(|file| join(context, file)) else { return Ok(None) };
        let Some((file, text)) = loader.text_in_sight(&name)? else { return Ok(None) };
        Ok(Dockerfile::read(file, &text).map(|dockerfile| (dockerfile, name)))
    }
}
