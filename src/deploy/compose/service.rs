//! A compose service as far as it matters here, and how compose merges services.
//!
//! Scalars and command lines are replaced; variables are merged by name, mounts by target,
//! `env_file` lists are concatenated. Must not open files.

use super::build::Build;
use super::mounts::{Mount, mounts};
use super::variables::read_variables;
use super::words::{known, several, words};
use crate::deploy::at;
use crate::deploy::command::Word;
use crate::span::Span;
use crate::syntax::{Item, Value};
use crate::vfs::path::join;
use std::collections::BTreeMap;

/// The keys of a service.
#[derive(Clone, Debug, Default)]
pub struct Service {
    pub image: Option<Item>,
    /// The Dockerfile that names the image, if it is built.
    pub dockerfile: Option<String>,
    /// The Dockerfile that its image is built from.
    pub built: Option<String>,
    pub build: Option<Build>,
    /// Whether its image may contain unknown files.
    pub is_open: bool,
    pub entrypoint: Option<Vec<Word>>,
    pub command: Option<Vec<Word>>,
    pub working_dir: Option<Word>,
    pub variables: BTreeMap<String, Word>,
    /// `env_file`: names, and whether each is required.
    pub env_files: Vec<(Word, bool)>,
    pub mounts: Vec<Mount>,
    pub memory: Option<Item>,
    pub cores: Option<Item>,
    pub grace: Option<Item>,
    pub replicas: Option<Item>,
    /// Whether it takes traffic, or is started again when it ends.
    pub stays: bool,
    /// Whether a service that it extends could not be read.
    pub is_partial: bool,
    /// The span of its name.
    pub place: Option<Span>,
}

impl Service {
    /// Reads a service whose variables are replaced. Paths are relative to `folder`; `outside`
    /// looks up variables without a value.
    pub fn read(item: &Item, folder: &str, outside: impl Fn(&str) -> Option<String>) -> Self {
        let of = |key: &str| item.get(key).filter(|item| item.value != Value::Null);
        let limit = |name: &str| at(item, &["deploy", "resources", "limits", name]).cloned();
        let env_file = |item: &Item| {
            let path = item.get("path").unwrap_or(item);
            let text = known(path).map(|path| join(folder, &path));
            let is_needed = item.get("required").is_none_or(|is| is.value != Value::Bool(false));
            (Word { text, span: path.span }, is_needed)
        };
        Self {
            image: of("image").cloned(),
            dockerfile: None,
            built: None,
            build: of("build").map(|item| Build::read(item, folder, &outside)),
            is_open: of("build").is_some(),
            entrypoint: of("entrypoint").map(words),
            command: of("command").map(words),
            working_dir: of("working_dir").map(|item| Word { text: known(item), span: item.span }),
            variables: of("environment")
                .map(|item| read_variables(item, &outside))
                .unwrap_or_default(),
            env_files: of("env_file")
                .map(several)
                .unwrap_or_default()
                .iter()
                .map(env_file)
                .collect(),
            mounts: mounts(item, folder),
            memory: limit("memory").or_else(|| of("mem_limit").cloned()),
            cores: limit("cpus").or_else(|| of("cpus").cloned()),
            grace: of("stop_grace_period").cloned(),
            replicas: at(item, &["deploy", "replicas"]).or_else(|| of("scale")).cloned(),
            stays: stays(item),
            is_partial: false,
            place: None,
        }
    }

    /// Removes the value of a key.
    #[must_use]
    pub fn without(mut self, key: &str) -> Self {
        match key {
            "image" => self.image = None,
            "build" => (self.build, self.is_open) = (None, false),
            "entrypoint" => self.entrypoint = None,
            "command" => self.command = None,
            "working_dir" => self.working_dir = None,
            "environment" => self.variables.clear(),
            "env_file" => self.env_files.clear(),
            "volumes" | "configs" | "secrets" | "tmpfs" | "volumes_from" => {
                self.mounts.retain(|mount| mount.key != key);
            }
            "mem_limit" => self.memory = None,
            "cpus" => self.cores = None,
            "stop_grace_period" => self.grace = None,
            "scale" => self.replicas = None,
            "deploy" => (self.memory, self.cores, self.replicas) = (None, None, None),
            _ => {}
        }
        self
    }

    /// Merges this service over another one.
    #[must_use]
    pub fn over(self, below: Self) -> Self {
        let mut variables = below.variables;
        variables.extend(self.variables);
        Self {
            image: self.image.or(below.image),
            dockerfile: self.dockerfile.or(below.dockerfile),
            built: self.built.or(below.built),
            build: match (self.build, below.build) {
                (Some(build), Some(below)) => Some(build.over(below)),
                (build, below) => build.or(below),
            },
            is_open: self.is_open || below.is_open,
            entrypoint: self.entrypoint.or(below.entrypoint),
            command: self.command.or(below.command),
            working_dir: self.working_dir.or(below.working_dir),
            variables,
            env_files: [below.env_files, self.env_files].concat(),
            // Of several mounts with one target the last one wins.
            mounts: [below.mounts, self.mounts].concat(),
            memory: self.memory.or(below.memory),
            cores: self.cores.or(below.cores),
            grace: self.grace.or(below.grace),
            replicas: self.replicas.or(below.replicas),
            stays: self.stays || below.stays,
            is_partial: self.is_partial || below.is_partial,
            place: self.place.or(below.place),
        }
    }
}

/// Whether a service takes traffic, or is started again when it ends.
fn stays(service: &Item) -> bool {
    let restart = service.get("restart").and_then(Item::text).unwrap_or_default();
    let has = |key| service.get(key).is_some_and(|item| item.value != Value::Null);
    ["always", "unless-stopped"].contains(&restart) || has("ports") || has("expose")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::FileId;
    use crate::syntax::{DataFormat, Dialect, parse, read_document_as};

    fn read(text: &str) -> Service {
        let tree = parse(FileId(0), DataFormat::Yaml, text).tree.unwrap();
        let outside = |name: &str| (name == "KNOWN").then(|| "x".to_owned());
        Service::read(&read_document_as(Dialect::Helm, &tree).0, "deploy", outside)
    }

    fn shown(words: &[Word]) -> Vec<&str> {
        words.iter().map(|word| word.text.as_deref().unwrap_or("?")).collect()
    }

    #[test]
    fn reads_variables_in_both_forms() {
        let expected = "A=1 B= KNOWN=x U=?";
        for text in ["environment: {A: 1, B: '', KNOWN: , U: }", "environment: [A=1, B=, KNOWN, U]"]
        {
            let service = read(text);
            let shown: Vec<String> = service
                .variables
                .iter()
                .map(|(name, word)| format!("{name}={}", word.text.as_deref().unwrap_or("?")))
                .collect();
            assert_eq!(shown.join(" "), expected, "{text}");
        }
    }

    #[test]
    fn merges_services() {
        let below = read(
            "image: a\ncommand: -c /a\nenvironment: [A=1, B=2]\nenv_file: a.env\n\
             volumes: ['./a:/x', './b:/y']\nmem_limit: 1g\n",
        );
        let above = read(
            "image: b\nentrypoint: [refinery]\nenvironment: {B: 3}\nvolumes: ['./c:/x']\n\
             env_file: [{path: ./b.env, required: false}]\nbuild: .\n",
        );
        let both = above.over(below);
        assert_eq!(both.image.as_ref().and_then(Item::text), Some("b"));
        assert_eq!(shown(&both.command.unwrap()), ["-c", "/a"]);
        let variables: Vec<Word> = both.variables.into_values().collect();
        assert_eq!(shown(&variables), ["1", "3"]);
        let (files, needed): (Vec<_>, Vec<_>) = both.env_files.into_iter().unzip();
        assert_eq!(
            (shown(&files), needed),
            (vec!["deploy/a.env", "deploy/b.env"], vec![true, false])
        );
        assert_eq!((both.mounts.len(), both.is_open), (3, true));
        assert!(both.memory.is_some());
    }

    #[test]
    fn accepts_any_type_without_panicking() {
        for key in [
            "image",
            "build",
            "entrypoint",
            "command",
            "working_dir",
            "environment",
            "env_file",
            "volumes",
            "configs",
            "secrets",
            "tmpfs",
            "volumes_from",
            "deploy",
            "mem_limit",
        ] {
            for value in
                ["", "1", "x", "[]", "{}", "[[1]]", "{1: 2}", "[{a: b}]", "{a: [b]}", "!!binary x"]
            {
                let _ = read(&format!("{key}: {value}\n"));
            }
        }
    }
}
