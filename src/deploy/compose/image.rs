//! Runs a Dockerfile's instructions → what its image provides, as a service.
//!
//! Instructions that are not modelled make what they may affect unknown, never wrong.

use super::context::Context;
use super::docker_word;
use super::dockerfile::{Dockerfile, Instruction};
use super::folders::Folders;
use super::mounts::Mounted;
use super::service::Service;
use super::variables::Variables;
use super::words::line;
use crate::deploy::command::Word;
use crate::deploy::loader::Loader;
use crate::deploy::workload::is_refinery;
use crate::sniff::file_name::builds_image;
use crate::span::Span;
use crate::syntax::{Item, Value};
use crate::vfs::input_error::InputError;
use crate::vfs::path;
use crate::vfs::path::{below, join, with_parents};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Instructions that affect nothing that is modelled.
const QUIET: [&str; 10] = [
    "EXPOSE",
    "LABEL",
    "USER",
    "VOLUME",
    "HEALTHCHECK",
    "STOPSIGNAL",
    "SHELL",
    "MAINTAINER",
    // Those of an Earthfile.
    "VERSION",
    "SAVE",
];

/// A build of a Dockerfile.
pub struct ImageBuild<'d> {
    pub dockerfile: &'d Dockerfile,
    arguments: &'d BTreeMap<String, Word>,
    /// The file that contains the Dockerfile.
    pub name: &'d str,
    pub context: Context,
    /// Named contexts; `None` for one that is not a folder of the repository.
    pub contexts: BTreeMap<String, Option<Context>>,
    stages: RefCell<BTreeMap<usize, Rc<Stage>>>,
}

/// What a stage provides to others.
pub struct Stage {
    pub service: Service,
    pub has_files: bool,
}

/// The state of an image while it is built.
pub struct Image<'d> {
    pub build: &'d ImageBuild<'d>,
    /// Arguments before the first stage.
    globals: Variables,
    variables: Variables,
    pub provides: Service,
    /// Whether some of its files are known, or would be known if they were not excluded.
    pub has_files: bool,
    /// Sources of Refinery's files that the context does not have, and where they are named.
    pub absent: Vec<(String, Span)>,
    pub folders: Folders,
    /// The image that Refinery's binary is copied from.
    program: Option<Item>,
    /// Whether the entrypoint or command is in shell form.
    is_entrypoint_shell: bool,
    is_command_shell: bool,
}

impl<'d> ImageBuild<'d> {
    fn new(
        dockerfile: &'d Dockerfile,
        arguments: &'d BTreeMap<String, Word>,
        name: &'d str,
        context: Context,
    ) -> Self {
        let (contexts, stages) = (BTreeMap::new(), RefCell::default());
        Self { dockerfile, arguments, name, context, contexts, stages }
    }

    /// What a stage provides to later ones. Each is built once.
    pub fn stage(&self, stage: usize, loader: &Loader<'_>) -> Rc<Stage> {
        if let Some(known) = self.stages.borrow().get(&stage) {
            return Rc::clone(known);
        }
        let Image { provides, has_files, .. } = Image::new(self).build(stage, loader);
        let built = Rc::new(Stage { service: provides, has_files });
        self.stages.borrow_mut().insert(stage, Rc::clone(&built));
        built
    }
}

impl<'d> Image<'d> {
    fn new(build: &'d ImageBuild<'d>) -> Self {
        let mut image = Self {
            build,
            globals: Variables::default(),
            variables: Variables::default(),
            provides: Service::default(),
            has_files: false,
            absent: Vec::new(),
            folders: Folders::default(),
            program: None,
            is_entrypoint_shell: false,
            is_command_shell: false,
        };
        for Instruction { text, .. } in &build.dockerfile.head {
            image.declare(text);
        }
        image.globals = std::mem::take(&mut image.variables);
        image
    }

    /// Builds a stage and all stages that it is based on, from the base image up.
    #[must_use]
    fn build(mut self, stage: usize, loader: &Loader<'_>) -> Self {
        let dockerfile = self.build.dockerfile;
        let (stages, base) = self.chain(stage);
        self.folders = Folders::of_base(base.text().unwrap_or("$"));
        for stage in stages.into_iter().rev() {
            let instructions = dockerfile.stages.get(stage).map(|stage| &stage.instructions);
            for instruction in instructions.into_iter().flatten() {
                self.follow(instruction, stage, loader);
            }
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
            .and_then(|(&stage, name)| self.build.dockerfile.base_stage(stage, name))
        {
            stages.push(base_stage);
            base = self.base(base_stage);
        }
        (stages, base)
    }

    fn base(&mut self, stage: usize) -> Item {
        let stage = self.build.dockerfile.stages.get(stage);
        let base = stage.map_or("", |stage| &stage.base);
        let mut base = image_named(base, stage.map(|stage| stage.span));
        self.globals.fill(&mut base);
        base
    }

    fn follow(&mut self, instruction: &Instruction, stage: usize, loader: &Loader<'_>) {
        let Instruction { name, text, span, .. } = instruction;
        match name.as_str() {
            "ARG" => self.declare(text),
            "ENV" => self.set_variables(text, *span),
            "WORKDIR" => {
                let text = self.absolute(text, *span);
                self.folders.mention(text.as_deref().unwrap_or_default());
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
            "COPY" | "ADD" => self.copy(instruction, stage, loader),
            // The name of a target of an Earthfile ends with a colon.
            name if QUIET.contains(&name) || name.ends_with(':') => {}
            "RUN" => {
                let copied = self.copied_by_run(instruction, loader);
                self.run(instruction);
                self.put_all(copied, loader);
                self.write(instruction);
            }
            _ => self.run(instruction),
        }
    }

    /// `ARG`: arguments of the build override defaults.
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
            self.provides.variables.insert(name, Word { text, span: Some(span) });
        }
    }

    /// `NAME=VALUE` for each word, the value as written.
    fn assignments(&self, text: &str) -> Vec<(String, Option<String>)> {
        let parted = |word: String| match word.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (word, None),
        };
        let words = docker_word::words(text, self.build.dockerfile.escape).unwrap_or_default();
        words.into_iter().map(parted).collect()
    }

    /// The value of a written word, if it is known.
    fn value(&mut self, written: &str) -> Option<String> {
        docker_word::value(written, self.build.dockerfile.escape, &mut self.variables)
    }

    /// `RUN` and unknown instructions may add files, and change those that they mention.
    fn run(&mut self, instruction: &Instruction) {
        self.provides.is_open = true;
        let documents = instruction.documents.iter().map(|document| document.text.as_str());
        let texts: Vec<&str> = documents.chain([instruction.text.as_str()]).collect();
        for text in &texts {
            self.folders.mention(text);
        }
        for mount in &mut self.provides.mounts {
            let name = path::split(&mount.target).1;
            if texts.iter().any(|text| text.contains(name)) {
                mount.what = Mounted::Unknown("its Dockerfile may change it".to_owned());
            }
        }
    }

    /// `COPY --from` a Refinery image: the binary has the release of that image.
    pub fn copy_program(&mut self, from: &str, span: Span) {
        let image = match self.build.dockerfile.find(from) {
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
        service.built = Some(dockerfile);
        if image.is_some() {
            service.image = image;
            service.dockerfile.clone_from(&service.built);
        }
        Service { is_open, ..service.over(provides) }
    }
}

/// What a stage of a Dockerfile amounts to on its own.
pub struct Built {
    pub service: Service,
    /// Whether it has known files.
    pub has_files: bool,
    /// Sources of Refinery's files that the context does not have, and where they are named.
    pub absent: Vec<(String, Span)>,
}

/// Builds a stage of a Dockerfile with the context in a folder.
pub fn service_of(
    dockerfile: &Dockerfile,
    stage: usize,
    name: &str,
    folder: &str,
    loader: &Loader<'_>,
) -> Built {
    built_with(dockerfile, stage, (name, folder), Service::default(), loader)
}

/// The same with what a service sets on top; the pair is the Dockerfile's name and the context folder.
fn built_with(
    dockerfile: &Dockerfile,
    stage: usize,
    (name, folder): (&str, &str),
    service: Service,
    loader: &Loader<'_>,
) -> Built {
    let arguments = BTreeMap::new();
    let context = Context::of(folder, name, loader);
    let build = ImageBuild::new(dockerfile, &arguments, name, context);
    let mut image = Image::new(&build).build(stage, loader);
    let (has_files, absent) = (image.has_files, std::mem::take(&mut image.absent));
    Built { service: image.under(service, name.to_owned()), has_files, absent }
}

/// Builds a stage with the nearest context around the Dockerfile that has a file which it copies, and with
/// what a service sets on top.
pub fn built_nearby(
    dockerfile: &Dockerfile,
    stage: usize,
    name: &str,
    service: &Service,
    loader: &Loader<'_>,
) -> Option<Service> {
    let above: Vec<&str> = with_parents(path::split(name).0).collect();
    let built: Vec<Built> = above
        .iter()
        .map(|&context| built_with(dockerfile, stage, (name, context), service.clone(), loader))
        .filter(|built| built.has_files)
        .collect();
    // The folder of the Dockerfile may have the name of one that it copies.
    let has_more = |built: &Built| built.service.mounts.iter().any(|it| has_file(&it.what, loader));
    let nearest = built.iter().position(has_more).unwrap_or_default();
    built.into_iter().nth(nearest).map(|built| built.service)
}

/// Whether something that is copied is a file or has one besides Dockerfiles.
fn has_file(what: &Mounted, loader: &Loader<'_>) -> bool {
    let Mounted::Path(name) = what else { return true };
    let is_other = |file: &str| !builds_image(file) && !file.starts_with('.');
    if !loader.is_folder(name) {
        return is_other(path::split(name).1);
    }
    loader.names(name).iter().any(|file| is_other(file))
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
    let Some(context) = build.context(folder) else { return Ok(service) };
    let Some((dockerfile, name)) = build.dockerfile(&context, loader)? else { return Ok(service) };
    let stage = match &build.target {
        Some(target) => target.text.as_deref().and_then(|target| dockerfile.find(target)),
        None => dockerfile.stages.len().checked_sub(1),
    };
    let Some(stage) = stage else { return Ok(service) };
    let context = Context::of(&context, &name, loader);
    let mut image = ImageBuild::new(&dockerfile, &build.arguments, &name, context);
    let named = build.contexts.iter().map(|(name, folder)| {
        let context = folder.as_deref().map(|folder| Context::named(folder, loader));
        (name.clone(), context)
    });
    image.contexts = named.collect();
    Ok(Image::new(&image).build(stage, loader).under(service, name.clone()))
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
