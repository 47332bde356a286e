//! Runs a Dockerfile's instructions → what its image provides, as a service.
//!
//! Instructions that are not modelled make what they may affect unknown, never wrong.

use super::docker_word;
use super::dockerfile::{Dockerfile, Instruction};
use super::mounts::Mounted;
use super::service::Service;
use super::variables::Variables;
use super::words::line;
use crate::deploy::command::Word;
use crate::deploy::loader::Loader;
use crate::deploy::workload::is_refinery;
use crate::span::{FileId, Span};
use crate::syntax::{Item, Value};
use crate::vfs::input_error::InputError;
use crate::vfs::path;
use crate::vfs::path::{below, join};
use std::collections::BTreeMap;

/// Instructions that affect nothing that is modelled.
const QUIET: [&str; 8] =
    ["EXPOSE", "LABEL", "USER", "VOLUME", "HEALTHCHECK", "STOPSIGNAL", "SHELL", "MAINTAINER"];

/// The state of an image while it is built.
pub struct Image<'d> {
    dockerfile: &'d Dockerfile,
    arguments: &'d BTreeMap<String, Word>,
    /// The folder that `COPY` reads from.
    pub context: String,
    /// Arguments before the first stage.
    globals: Variables,
    variables: Variables,
    pub provides: Service,
    /// The image that Refinery's binary is copied from.
    program: Option<Item>,
    /// Whether the entrypoint or command is in shell form.
    is_entrypoint_shell: bool,
    is_command_shell: bool,
}

impl<'d> Image<'d> {
    pub fn new(
        dockerfile: &'d Dockerfile,
        arguments: &'d BTreeMap<String, Word>,
        context: String,
    ) -> Self {
        let mut image = Self {
            dockerfile,
            arguments,
            context,
            globals: Variables::default(),
            variables: Variables::default(),
            provides: Service::default(),
            program: None,
            is_entrypoint_shell: false,
            is_command_shell: false,
        };
        for Instruction { text, .. } in &dockerfile.head {
            image.declare(text);
        }
        image.globals = std::mem::take(&mut image.variables);
        image
    }

    /// Builds a stage and all stages that it is based on, from the base image up.
    #[must_use]
    pub fn build(mut self, stage: usize, loader: &Loader<'_>) -> Self {
        let dockerfile = self.dockerfile;
        let (stages, base) = self.chain(stage);
        let stages = stages.iter().rev().filter_map(|&stage| dockerfile.stages.get(stage));
        for instruction in stages.flat_map(|stage| &stage.instructions) {
            self.follow(instruction, loader);
        }
        if base.text().is_some_and(is_refinery) {
            self.provides.image = Some(base);
        }
        self
    }

    /// A stage and the stages that it is based on, and the base image of the last.
    fn chain(&mut self, stage: usize) -> (Vec<usize>, Item) {
        let mut stages = vec![stage];
        let mut base = self.base(stage);
        while let Some(base_stage) = stages
            .last()
            .zip(base.text())
            .and_then(|(&stage, name)| self.dockerfile.base_stage(stage, name))
        {
            stages.push(base_stage);
            base = self.base(base_stage);
        }
        (stages, base)
    }

    fn base(&mut self, stage: usize) -> Item {
        let stage = self.dockerfile.stages.get(stage);
        let base = stage.map_or("", |stage| &stage.base);
        let mut base = image_named(base, stage.map(|stage| stage.span));
        self.globals.fill(&mut base);
        base
    }

    fn follow(&mut self, instruction: &Instruction, loader: &Loader<'_>) {
        let Instruction { name, text, span } = instruction;
        match name.as_str() {
            "ARG" => self.declare(text),
            "ENV" => self.set_variables(text, *span),
            "WORKDIR" => {
                let text = self.absolute(text, *span);
                self.provides.working_dir = Some(Word { text, span: Some(*span) });
            }
            "ENTRYPOINT" => {
                let (words, is_shell) = command(text, *span);
                (self.provides.entrypoint, self.is_entrypoint_shell) = (Some(words), is_shell);
            }
            "CMD" => {
                let (words, is_shell) = command(text, *span);
                (self.provides.command, self.is_command_shell) = (Some(words), is_shell);
            }
            "COPY" | "ADD" => self.copy(instruction, loader),
            name if QUIET.contains(&name) => {}
            _ => self.run(text),
        }
    }

    /// `ARG`: arguments of the build override defaults.
    fn declare(&mut self, text: &str) {
        for (name, default) in self.assignments(text) {
            let value = match (self.arguments.get(&name), default) {
                (Some(given), _) => given.text.clone(),
                (None, Some(default)) => self.value(&default),
                (None, None) => self.globals.get(&name).map(str::to_owned),
            };
            self.variables.set(&name, value);
        }
    }

    fn set_variables(&mut self, text: &str, span: Span) {
        let old_form = text.split_once(char::is_whitespace).filter(|(name, _)| !name.contains('='));
        let all = match old_form {
            Some((name, value)) => vec![(name.to_owned(), Some(value.trim().to_owned()))],
            None => self.assignments(text),
        };
        for (name, value) in all {
            let text = value.and_then(|value| self.value(&value));
            self.variables.set(&name, text.clone());
            self.provides.variables.insert(name, Word { text, span: Some(span) });
        }
    }

    /// `NAME=VALUE` for each word, the value as written.
    fn assignments(&self, text: &str) -> Vec<(String, Option<String>)> {
        let parted = |word: String| match word.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (word, None),
        };
        let words = docker_word::words(text, self.dockerfile.escape).unwrap_or_default();
        words.into_iter().map(parted).collect()
    }

    /// The value of a written word, if it is known.
    fn value(&mut self, written: &str) -> Option<String> {
        docker_word::value(written, self.dockerfile.escape, &mut self.variables)
    }

    /// `RUN` and unknown instructions may add files, and change those that they mention.
    fn run(&mut self, text: &str) {
        self.provides.is_open = true;
        for mount in &mut self.provides.mounts {
            if text.contains(path::split(&mount.target).1) {
                mount.what = Mounted::Unknown("its Dockerfile may change it".to_owned());
            }
        }
    }

    /// `COPY --from` a Refinery image: the binary has the release of that image.
    pub fn copy_program(&mut self, from: &str, span: Span) {
        let image = match self.dockerfile.find(from) {
            Some(stage) => self.chain(stage).1,
            None => image_named(from, Some(span)),
        };
        self.program = Some(image)
            .filter(|image| image.text().is_some_and(is_refinery))
            .or(self.program.take());
    }

    /// A string with variables replaced.
    pub fn filled(&mut self, text: &str, span: Span) -> Word {
        let filled = self.variables.filled(text);
        let text = filled.map_or(Some(text.to_owned()), Result::ok);
        Word { text, span: Some(span) }
    }

    /// An absolute path of the container; `None` if unknown.
    pub fn absolute(&mut self, path: &str, span: Span) -> Option<String> {
        let path = self.filled(path, span).text?;
        if path.starts_with('/') {
            return Some(join("/", &path));
        }
        Some(join(self.provides.working_dir.as_ref()?.text.as_ref()?, &path))
    }

    /// Merges a service over the image.
    pub fn under(self, mut service: Service, dockerfile: String) -> Service {
        let mut provides = self.provides;
        let is_base = provides.image.is_some();
        let has_program = is_base || provides.entrypoint.is_some();
        if self.is_command_shell && !self.is_entrypoint_shell && has_program {
            // An exec-form entrypoint gets the words `/bin/sh -c …` as its arguments.
            provides.command = Some(vec![Word { text: None, span: service.place }]);
        }
        if service.entrypoint.is_some() {
            provides.command = None;
        } else if self.is_entrypoint_shell {
            // A shell-form entrypoint ignores the command.
            (service.command, provides.command) = (None, None);
        }
        let is_hidden =
            |target: &str| service.mounts.iter().any(|over| below(target, &over.target).is_some());
        provides.mounts.retain(|mount| !is_hidden(&mount.target));
        let is_open = provides.is_open || !is_base;
        let image = provides.image.take().or(self.program);
        if image.is_some() {
            (service.image, service.dockerfile) = (image, Some(dockerfile));
        }
        Service { is_open, ..service.over(provides) }
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
    let arguments = BTreeMap::new();
    let image = Image::new(&dockerfile, &arguments, folder.to_owned()).build(stage, loader);
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
    let image = Image::new(&dockerfile, &build.arguments, context).build(stage, loader);
    Ok(image.under(service, name))
}
fn image_named(name: &str, span: Option<Span>) -> Item {
    Item { value: Value::Text(name.to_owned()), span, raw: String::new(), unknown: Vec::new() }
}

/// The words of `ENTRYPOINT` or `CMD`, and whether it is in shell form.
fn command(text: &str, span: Span) -> (Vec<Word>, bool) {
    let word = |text| Word { text: Some(text), span: Some(span) };
    match exec(text) {
        Some(words) => (words.into_iter().map(word).collect(), false),
        None => (line(text, Some(span), false), true),
    }
}

/// The words of an exec form, a JSON list.
pub fn exec(text: &str) -> Option<Vec<String>> {
    serde_json::from_str(text).ok()
}
