//! `COPY` and `ADD` in a Dockerfile → mounts of files and folders of the build context.
//!
//! Sources outside the context and patterns are unknown, and so is everything that they may
//! overwrite.

use super::dockerfile::Instruction;
use super::image::{Image, exec};
use super::mounts::{Mount, Mounted};
use crate::deploy::loader::Loader;
use crate::span::Span;
use crate::vfs::path::{below, format_of, join, split};

/// The maximum number of files of a folder that are mounted one by one; the folder must not have
/// subfolders.
const MOST_FILES: usize = 30;

/// Flags that do not affect which files are copied where.
const PLAIN: [&str; 3] = ["--chown=", "--chmod=", "--link"];

impl Image<'_> {
    /// Applies `COPY` or `ADD`.
    pub fn copy(&mut self, instruction: &Instruction, loader: &Loader<'_>) {
        let Instruction { name, text, span } = instruction;
        let (flags, rest) = flags(text);
        let plain_words = || rest.split_whitespace().map(str::to_owned).collect();
        let words = exec(rest).unwrap_or_else(plain_words);
        let Some((target, sources)) = words.split_last() else { return };
        if let Some(from) = flags.iter().find_map(|flag| flag.strip_prefix("--from=")) {
            self.copy_program(from, *span);
        }
        let is_plain = flags.iter().all(|flag| PLAIN.iter().any(|known| flag.starts_with(known)));
        let is_into = target.ends_with(['/', '.']) || sources.len() > 1;
        let target = self.absolute(target, *span);
        for source in sources {
            let source = self.filled(source, *span).text;
            // `ADD` unpacks archives.
            let is_one = |path: &String| {
                let is_file = name == "COPY" || format_of(path).is_some();
                is_plain && is_file && !path.contains(['*', '?', '[', ':', '<'])
            };
            match (source.filter(is_one), &target) {
                (Some(path), Some(target)) => self.copy_path(&path, target, is_into, *span, loader),
                (_, target) => self.copy_unknown(target.as_deref().unwrap_or("/"), *span),
            }
        }
    }

    /// Copies a file, or all files of a folder. Paths cannot leave the context.
    fn copy_path(
        &mut self,
        path: &str,
        target: &str,
        is_into: bool,
        span: Span,
        loader: &Loader<'_>,
    ) {
        let path = join(&self.context, join("/", path).trim_start_matches('/'));
        if loader.is_folder(&path) {
            return self.copy_folder(&path, target, span, loader);
        }
        let (folder, name) = split(&path);
        let is_there = loader.names(folder).iter().any(|known| known == name);
        // A target without an extension may be an existing folder.
        let is_file = format_of(target).is_some() || format_of(&path).is_none();
        // A missing source fails the build, whatever the target is.
        let what =
            if !is_there || is_into || is_file { Mounted::Path(path.clone()) } else { unknown() };
        let target = if is_into { join(target, name) } else { target.to_owned() };
        self.mount(target, what, span);
    }

    fn copy_folder(&mut self, path: &str, target: &str, span: Span, loader: &Loader<'_>) {
        let names = loader.names(path);
        let is_flat = || names.iter().all(|name| !loader.is_folder(&join(path, name)));
        if names.len() <= MOST_FILES && is_flat() {
            for name in names {
                self.mount(join(target, &name), Mounted::Path(join(path, &name)), span);
            }
        } else {
            self.provides.is_open = true;
            self.mount(target.to_owned(), Mounted::Path(path.to_owned()), span);
        }
    }

    fn copy_unknown(&mut self, target: &str, span: Span) {
        self.mount(target.to_owned(), unknown(), span);
    }

    /// A later copy overwrites earlier ones.
    fn mount(&mut self, target: String, what: Mounted, span: Span) {
        self.provides.mounts.retain(|earlier| below(&earlier.target, &target).is_none());
        self.provides.mounts.push(Mount { target, what, span: Some(span), key: "" });
    }
}

fn unknown() -> Mounted {
    Mounted::Unknown("its Dockerfile may add it".to_owned())
}

/// Splits leading flags from the rest.
fn flags(text: &str) -> (Vec<&str>, &str) {
    let (mut flags, mut rest) = (Vec::new(), text);
    while rest.starts_with("--") {
        let (flag, behind) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        flags.push(flag);
        rest = behind.trim_start();
    }
    (flags, rest)
}
