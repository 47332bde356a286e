//! A Dockerfile's instructions → what its image brings, as if a service had said it.
//!
//! What one does beyond its plain instructions makes that unknown which it may touch, and never wrong.

use super::build::Build;
use super::docker_word;
use super::dockerfile::{Dockerfile, Instruction};
use super::mounts::Mounted;
use super::service::Service;
use super::variables::Variables;
use super::words::line;
use crate::deploy::command::Word;
use crate::deploy::loader::Loader;
use crate::deploy::workload::is_refinery;
use crate::span::Span;
use crate::syntax::{Item, Value};
use crate::vfs::path;
use crate::vfs::path::{below, join};

/// Instructions that change nothing of what is known here.
const QUIET: [&str; 8] =
    ["EXPOSE", "LABEL", "USER", "VOLUME", "HEALTHCHECK", "STOPSIGNAL", "SHELL", "MAINTAINER"];

/// An image in the making.
pub struct Image<'d> {
    dockerfile: &'d Dockerfile,
    build: &'d Build,
    /// The folder that is copied from.
    pub context: String,
    /// Arguments that stand before the first stage.
    globals: Variables,
    variables: Variables,
    pub brings: Service,
    /// The image that a program of Refinery's is copied out of.
    program: Option<Item>,
    /// Does a shell read them?
    is_entrypoint_shell: bool,
    is_command_shell: bool,
}

impl<'d> Image<'d> {
    pub fn new(dockerfile: &'d Dockerfile, build: &'d Build, context: String) -> Self {
        let mut image = Self {
            dockerfile,
            build,
            context,
            globals: Variables::default(),
            variables: Variables::default(),
            brings: Service::default(),
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

    /// Follows a stage and all that it builds on, from the image up.
    #[must_use]
    pub fn made(mut self, stage: usize, around: &Loader<'_>) -> Self {
        let dockerfile = self.dockerfile;
        let (stages, base) = self.way(stage);
        let stages = stages.iter().rev().filter_map(|&stage| dockerfile.stages.get(stage));
        for instruction in stages.flat_map(|stage| &stage.instructions) {
            self.follow(instruction, around);
        }
        if base.text().is_some_and(is_refinery) {
            self.brings.image = Some(base);
        }
        self
    }

    /// The stages below one, itself first, and the image that they begin with.
    fn way(&mut self, stage: usize) -> (Vec<usize>, Item) {
        let mut stages = vec![stage];
        let mut base = self.base(stage);
        while let Some(beneath) = stages
            .last()
            .zip(base.text())
            .and_then(|(&stage, name)| self.dockerfile.beneath(stage, name))
        {
            stages.push(beneath);
            base = self.base(beneath);
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

    fn follow(&mut self, instruction: &Instruction, around: &Loader<'_>) {
        let Instruction { name, text, span } = instruction;
        match name.as_str() {
            "ARG" => self.declare(text),
            "ENV" => self.set_variables(text, *span),
            "WORKDIR" => {
                let text = self.absolute(text, *span);
                self.brings.working_dir = Some(Word { text, span: Some(*span) });
            }
            "ENTRYPOINT" => {
                let (words, is_shell) = command(text, *span);
                (self.brings.entrypoint, self.is_entrypoint_shell) = (Some(words), is_shell);
            }
            "CMD" => {
                let (words, is_shell) = command(text, *span);
                (self.brings.command, self.is_command_shell) = (Some(words), is_shell);
            }
            "COPY" | "ADD" => self.copy(instruction, around),
            name if QUIET.contains(&name) => {}
            _ => self.run(text),
        }
    }

    /// `ARG`: what the build says counts over a default.
    fn declare(&mut self, text: &str) {
        for (name, default) in self.assignments(text) {
            let value = match (self.build.arguments.get(&name), default) {
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
            self.brings.variables.insert(name, Word { text, span: Some(span) });
        }
    }

    /// `NAME=VALUE` for each word, the value as it is written.
    fn assignments(&self, text: &str) -> Vec<(String, Option<String>)> {
        let parted = |word: String| match word.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (word, None),
        };
        let words = docker_word::words(text, self.dockerfile.escape).unwrap_or_default();
        words.into_iter().map(parted).collect()
    }

    /// What a written value comes to, if that is known.
    fn value(&mut self, written: &str) -> Option<String> {
        docker_word::value(written, self.dockerfile.escape, &mut self.variables)
    }

    /// What may do anything: bring files, and change those that it names.
    fn run(&mut self, text: &str) {
        self.brings.is_open = true;
        for mount in &mut self.brings.mounts {
            if text.contains(path::split(&mount.target).1) {
                mount.what = Mounted::Unknown("its Dockerfile may change it".to_owned());
            }
        }
    }

    /// A program that is copied out of an image of Refinery's is of its release.
    pub fn take_program(&mut self, from: &str, span: Span) {
        let image = match self.dockerfile.find(from) {
            Some(stage) => self.way(stage).1,
            None => image_named(from, Some(span)),
        };
        self.program = Some(image)
            .filter(|image| image.text().is_some_and(is_refinery))
            .or(self.program.take());
    }

    /// A text with its variables replaced.
    pub fn filled(&mut self, text: &str, span: Span) -> Word {
        let filled = self.variables.filled(text);
        let text = filled.map_or(Some(text.to_owned()), Result::ok);
        Word { text, span: Some(span) }
    }

    /// A path of the container; none where nobody knows.
    pub fn absolute(&mut self, path: &str, span: Span) -> Option<String> {
        let path = self.filled(path, span).text?;
        if path.starts_with('/') {
            return Some(join("/", &path));
        }
        Some(join(self.brings.working_dir.as_ref()?.text.as_ref()?, &path))
    }

    /// Lays a service over it.
    pub fn under(self, mut service: Service, dockerfile: String) -> Service {
        let mut brings = self.brings;
        let is_base = brings.image.is_some();
        let has_program = is_base || brings.entrypoint.is_some();
        if self.is_command_shell && !self.is_entrypoint_shell && has_program {
            // The program gets the shell's name, not what the shell would read.
            brings.command = Some(vec![Word { text: None, span: service.place }]);
        }
        if service.entrypoint.is_some() {
            brings.command = None;
        } else if self.is_entrypoint_shell {
            // The shell hands nothing on.
            (service.command, brings.command) = (None, None);
        }
        let is_hidden =
            |target: &str| service.mounts.iter().any(|over| below(target, &over.target).is_some());
        brings.mounts.retain(|mount| !is_hidden(&mount.target));
        let is_open = brings.is_open || !is_base;
        let image = brings.image.take().or(self.program);
        if image.is_some() {
            (service.image, service.dockerfile) = (image, Some(dockerfile));
        }
        Service { is_open, ..service.over(brings) }
    }
}

fn image_named(name: &str, span: Option<Span>) -> Item {
    Item { value: Value::Text(name.to_owned()), span, raw: String::new(), unknown: Vec::new() }
}

/// The words of `ENTRYPOINT` or `CMD`, and whether a shell reads them.
fn command(text: &str, span: Span) -> (Vec<Word>, bool) {
    let word = |text| Word { text: Some(text), span: Some(span) };
    match exec(text) {
        Some(words) => (words.into_iter().map(word).collect(), false),
        None => (line(text, Some(span), false), true),
    }
}

/// Words that are written as a list.
pub fn exec(text: &str) -> Option<Vec<String>> {
    serde_json::from_str(text).ok()
}
