//! `build` of a service: the context and the Dockerfile that its image is built from.
//!
//! Local contexts only. Must not know any instruction.

use super::variables::read_variables;
use super::words::known;
use crate::deploy::command::Word;
use crate::syntax::Item;
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
    pub fn places(&self, folder: &str) -> Option<(String, String)> {
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
