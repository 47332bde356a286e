//! `COPY` and `ADD` in a Dockerfile → mounts of files of the build context, of other stages and of
//! here-documents.
//!
//! Other sources are unknown, and so is everything that they may overwrite.

use super::context::Source;
use super::docker_pattern::{Pattern, is_pattern};
use super::dockerfile::Instruction;
use super::image::{Image, exec};
use super::mounts::{Mount, Mounted};
use super::service::Service;
use crate::deploy::content::{Content, DataEntry};
use crate::deploy::copied::is_target;
use crate::deploy::here_document::HereDocument;
use crate::deploy::loader::Loader;
use crate::deploy::script::words::{commands, written};
use crate::source_name::SourceName;
use crate::span::Span;
use crate::vfs::path::{below, format_of, join, split};
use std::rc::Rc;

/// Flags that do not affect which files are copied where.
const PLAIN: [&str; 4] = ["--chown=", "--chmod=", "--link", "--from="];

/// Where files are copied to.
pub struct Target {
    /// The absolute path; `None` if unknown.
    path: Option<String>,
    /// Whether it is certainly a folder.
    is_folder: bool,
    /// Whether several sources are copied to a path without a final slash.
    is_ambiguous: bool,
    span: Span,
}

impl Target {
    /// The path of a file with this name.
    fn place(&self, name: &str) -> String {
        let path = self.path.as_deref().unwrap_or_default();
        if self.is_folder { join(path, name) } else { path.to_owned() }
    }

    fn is_of_refinery(&self) -> bool {
        self.path.as_deref().is_some_and(|path| is_target(path.trim_end_matches('/')))
    }
}

impl Image<'_> {
    /// Applies `COPY` or `ADD`.
    pub fn copy(&mut self, instruction: &Instruction, stage: usize, loader: &Loader<'_>) {
        let Instruction { name, text, span, documents } = instruction;
        let (flags, rest) = flags(text);
        let plain_words = || rest.split_whitespace().map(str::to_owned).collect();
        let words = exec(rest).unwrap_or_else(plain_words);
        let Some((target, sources)) = words.split_last() else { return };
        let from = flags.iter().find_map(|flag| flag.strip_prefix("--from="));
        if let Some(from) = from {
            self.copy_program(from, *span);
        }
        let is_plain = flags.iter().all(|flag| PLAIN.iter().any(|known| flag.starts_with(known)));
        let filled = self.filled(target, *span).text;
        let is_folder = filled.is_none_or(|target| target.ends_with(['/', '.']));
        let target = Target {
            is_folder,
            is_ambiguous: !is_folder && sources.len() > 1,
            path: self.absolute(target, *span),
            span: *span,
        };
        let mut documents = documents.iter();
        for source in sources {
            if let Some(document) = source.starts_with("<<").then(|| documents.next()).flatten() {
                let what = self.document(document, &target.place(&document.delimiter));
                self.has_files = true;
                self.put(&target, Source::File(document.delimiter.clone(), what), loader);
                continue;
            }
            let source = self.filled(source, *span).text.filter(|_| is_plain);
            let found = match (&source, from) {
                (None, _) => vec![Source::Unknown],
                (Some(source), Some(from)) => self.in_stage(from, stage, source, loader),
                (Some(source), None) => {
                    let is_absent =
                        !self.build.context.has(source, loader) && target.is_of_refinery();
                    self.absent.extend(is_absent.then(|| (source.clone(), *span)));
                    self.in_context(name, source, loader)
                }
            };
            for source in found {
                self.put(&target, source, loader);
            }
        }
    }

    /// The files that commands of `RUN` copy or move, of the image or of a mounted context.
    pub fn copied_by_run(
        &mut self,
        instruction: &Instruction,
        loader: &Loader<'_>,
    ) -> Vec<(Target, Source)> {
        let span = instruction.span;
        let (flags, rest) = flags(&instruction.text);
        let binds: Vec<(String, String)> = flags.iter().filter_map(|flag| bind(flag)).collect();
        let mut found = Vec::new();
        for words in commands(rest) {
            let Some(paths) = copied_paths(&words) else { continue };
            let Some((target, sources)) = paths.split_last() else { continue };
            let target_of = || Target {
                is_folder: target.ends_with('/')
                    || sources.len() > 1
                    || format_of(target).is_none(),
                is_ambiguous: false,
                path: None,
                span,
            };
            for source in sources {
                let target = Target { path: self.absolute(target, span), ..target_of() };
                let Some(source) = self.absolute(source, span) else { continue };
                let bound = binds.iter().find_map(|(folder, at)| {
                    Some(join(folder, below(&source, at)?.trim_start_matches('/')))
                });
                let files = match bound {
                    Some(path) => self.in_context("COPY", &path, loader),
                    None => files_at(&self.provides, &source, loader),
                };
                let is_known = |source: &Source| !matches!(source, Source::Unknown);
                found.extend(
                    files.into_iter().filter(is_known).map(|source| {
                        (Target { path: target.path.clone(), ..target_of() }, source)
                    }),
                );
            }
        }
        found
    }

    /// Puts files into the image that a command copies.
    pub fn put_all(&mut self, copied: Vec<(Target, Source)>, loader: &Loader<'_>) {
        for (target, source) in copied {
            self.has_files = true;
            self.put(&target, source, loader);
        }
    }

    /// The files that `RUN` writes with here-documents.
    pub fn write(&mut self, instruction: &Instruction) {
        for document in &instruction.documents {
            for (path, document) in written(document) {
                let target = self.absolute(&path, instruction.span);
                let what = self.document(&document, &path);
                self.has_files = true;
                let path = target.unwrap_or_else(|| "/".to_owned());
                self.mount(path, what, instruction.span);
            }
        }
    }

    /// A here-document as a file.
    fn document(&self, document: &HereDocument, path: &str) -> Mounted {
        if document.is_open() {
            let why = "its here-document depends on variables; quote the delimiter to keep `$`";
            return Mounted::Unknown(why.to_owned());
        }
        let content = Content::Within {
            name: SourceName::within(self.build.name, path),
            text: document.text.clone(),
            pieces: document.pieces.clone(),
            fault: None,
        };
        Mounted::Text(Rc::new(DataEntry { key: path.to_owned(), content, is_binary: false }))
    }

    /// The sources of the build context. `ADD` unpacks archives and reads from the network.
    fn in_context(&mut self, name: &str, source: &str, loader: &Loader<'_>) -> Vec<Source> {
        if source.contains("://") || source.starts_with("git@") {
            return vec![Source::Unknown];
        }
        let context = &self.build.context;
        self.has_files |= context.has(source, loader);
        let mut found = context.sources(source, loader);
        if name == "ADD" {
            for source in &mut found {
                if let Source::File(_, Mounted::Path(path)) = source
                    && is_binary(path, loader)
                {
                    *source = Source::Unknown;
                }
            }
        }
        found
    }

    /// The sources of another stage or a named context; those of other images are unknown.
    fn in_stage(
        &mut self,
        from: &str,
        stage: usize,
        source: &str,
        loader: &Loader<'_>,
    ) -> Vec<Source> {
        match self.build.contexts.get(from) {
            Some(Some(context)) => {
                self.has_files |= context.has(source, loader);
                return context.sources(source, loader);
            }
            Some(None) => return vec![Source::Unknown],
            None => {}
        }
        let Some(earlier) = self.build.dockerfile.earlier(stage, from) else {
            return vec![Source::Unknown];
        };
        let built = self.build.stage(earlier, loader);
        self.has_files |= built.has_files;
        files_at(&built.service, &join("/", source), loader)
    }

    fn put(&mut self, target: &Target, source: Source, loader: &Loader<'_>) {
        let Target { path: Some(path), span, .. } = target else {
            return self.mount("/".to_owned(), unknown(), target.span);
        };
        match source {
            Source::Unknown => {
                self.folders.mention(path);
                self.mount(path.clone(), unknown(), *span);
            }
            Source::File(name, what) if target.is_folder || self.is_folder(path) => {
                self.mount(join(path, &name), what, *span);
            }
            Source::File(name, what) if target.is_ambiguous => {
                let is_missing = !self.folders.may_have(path);
                let what = if is_missing { Mounted::NotInFolder(path.clone()) } else { what };
                self.mount(join(path, &name), what, *span);
            }
            Source::File(name, what) => {
                // A target without an extension may be an existing folder.
                let is_file = format_of(path).is_some() || format_of(&name).is_none();
                // A missing source fails the build, whatever the target is.
                let is_missing = match &what {
                    Mounted::Path(name) => matches!(loader.peek(name), Ok(None)),
                    Mounted::Excluded { .. } => true,
                    _ => false,
                };
                let what = if is_file || is_missing { what } else { unknown() };
                self.mount(path.clone(), what, *span);
            }
            Source::Folder { files, is_open } => {
                self.provides.is_open |= is_open;
                for (rest, what) in files {
                    self.mount(join(path, &rest), what, *span);
                }
            }
        }
    }

    /// Whether an earlier instruction has copied files into a folder.
    fn is_folder(&self, path: &str) -> bool {
        let is_in = |mount: &Mount| {
            let is_copied = !matches!(mount.what, Mounted::NotInFolder(_));
            is_copied && below(&mount.target, path).is_some_and(|rest| !rest.is_empty())
        };
        self.provides.mounts.iter().any(is_in)
    }

    /// A later copy overwrites earlier ones.
    fn mount(&mut self, target: String, what: Mounted, span: Span) {
        // A file that is not copied overwrites nothing.
        if let Mounted::Excluded { is_named: false, .. } = what
            && self.provides.mounts.iter().any(|earlier| earlier.target == target)
        {
            return;
        }
        self.provides.mounts.retain(|earlier| below(&earlier.target, &target).is_none());
        self.provides.mounts.push(Mount { target, what, span: Some(span), key: "" });
    }
}

/// What a path or pattern stands for in the files of another stage.
fn files_at(stage: &Service, path: &str, loader: &Loader<'_>) -> Vec<Source> {
    let mounts = &stage.mounts;
    if is_pattern(path) {
        let Some(pattern) = Pattern::new(path) else { return vec![Source::Unknown] };
        let matching = mounts.iter().filter(|mount| pattern.matches(&mount.target));
        let named =
            |mount: &Mount| Source::File(split(&mount.target).1.to_owned(), mount.what.clone());
        // What else is in that folder is only known in an image that is built from nothing.
        return std::iter::once(Source::Unknown).chain(matching.map(named)).collect();
    }
    let inside = mounts.iter().filter_map(|mount| {
        let rest = below(&mount.target, path)?;
        Some((rest.to_owned(), mount.what.clone()))
    });
    let inside: Vec<(String, Mounted)> = inside.collect();
    if let [(rest, what)] = &inside[..]
        && rest.is_empty()
        && !matches!(what, Mounted::Path(name) if loader.is_folder(name))
    {
        return vec![Source::File(split(path).1.to_owned(), what.clone())];
    }
    if !inside.is_empty() {
        let known = Source::Folder { files: inside, is_open: false };
        return if stage.is_open { vec![Source::Unknown, known] } else { vec![known] };
    }
    let around = mounts.iter().filter(|mount| below(path, &mount.target).is_some());
    let around = around.max_by_key(|mount| mount.target.len());
    match around.map(|mount| (&mount.what, below(path, &mount.target).unwrap_or_default())) {
        Some((Mounted::Path(folder), rest)) => {
            let name = join(folder, rest);
            if loader.is_folder(&name) {
                let files = vec![(String::new(), Mounted::Path(name))];
                return vec![Source::Folder { files, is_open: true }];
            }
            vec![Source::File(split(path).1.to_owned(), Mounted::Path(name))]
        }
        _ => vec![Source::Unknown],
    }
}

/// Whether `ADD` may unpack a file, which depends on its content.
fn is_binary(path: &str, loader: &Loader<'_>) -> bool {
    let text = loader.peek(path).ok().flatten().unwrap_or_default();
    text.contains(['\0', '\u{fffd}'])
}

fn unknown() -> Mounted {
    Mounted::Unknown("its Dockerfile may add it".to_owned())
}

/// Splits leading flags from the rest.
fn flags(text: &str) -> (Vec<&str>, &str) {
    let (mut flags, mut rest) = (Vec::new(), text);
    while rest.starts_with("--") {
        let (flag, tail) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        flags.push(flag);
        rest = tail.trim_start();
    }
    (flags, rest)
}
/// The folder of the context that `--mount=type=bind,source=…,target=…` shows, and where.
fn bind(flag: &str) -> Option<(String, String)> {
    let options = flag.strip_prefix("--mount=")?;
    let option = |names: &[&str]| {
        let mut all = options.split(',').filter_map(|option| option.split_once('='));
        all.find(|(name, _)| names.contains(name)).map(|(_, value)| value.to_owned())
    };
    let is_bind = option(&["type"]).is_none_or(|kind| kind == "bind");
    let is_own = option(&["from"]).is_none();
    let source = option(&["source", "src"]).unwrap_or_else(|| ".".to_owned());
    let target = option(&["target", "dst", "destination"])?;
    (is_bind && is_own).then_some((source, target))
}

/// The paths of a command that copies or moves files, the target last.
fn copied_paths(words: &[String]) -> Option<Vec<String>> {
    const VALUED: [&str; 3] = ["-m", "-o", "-g"];
    let words = words.strip_prefix(&["sudo".to_owned()][..]).unwrap_or(words);
    let (program, rest) = words.split_first()?;
    ["cp", "mv", "install", "ln"].contains(&program.as_str()).then_some(())?;
    let (mut paths, mut rest) = (Vec::new(), rest.iter());
    while let Some(word) = rest.next() {
        if VALUED.contains(&word.as_str()) {
            rest.next();
        } else if !word.starts_with('-') {
            paths.push(word.clone());
        }
    }
    (paths.len() > 1).then_some(paths)
}
