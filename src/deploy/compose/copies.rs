//! What a Dockerfile copies → mounts, each of a file or a folder of the build's context.
//!
//! What comes from elsewhere, or by a pattern, is unknown, with all that it may lie over.

use super::dockerfile::Instruction;
use super::image::{Image, exec};
use super::mounts::{Mount, Mounted};
use crate::deploy::loader::Loader;
use crate::span::Span;
use crate::vfs::path::{below, format_of, join, split};

/// A folder is looked into where it holds no folders and no more than so many files.
const MOST_FILES: usize = 30;

/// Flags that change nothing of what is brought where.
const PLAIN: [&str; 3] = ["--chown=", "--chmod=", "--link"];

impl Image<'_> {
    /// Follows `COPY` or `ADD`.
    pub fn copy(&mut self, instruction: &Instruction, around: &Loader<'_>) {
        let Instruction { name, text, span } = instruction;
        let (flags, rest) = flags(text);
        let plain_words = || rest.split_whitespace().map(str::to_owned).collect();
        let words = exec(rest).unwrap_or_else(plain_words);
        let Some((target, sources)) = words.split_last() else { return };
        if let Some(from) = flags.iter().find_map(|flag| flag.strip_prefix("--from=")) {
            self.take_program(from, *span);
        }
        let is_plain = flags.iter().all(|flag| PLAIN.iter().any(|known| flag.starts_with(known)));
        let is_into = target.ends_with(['/', '.']) || sources.len() > 1;
        let target = self.absolute(target, *span);
        for source in sources {
            let source = self.filled(source, *span).text;
            // `ADD` unpacks what is packed.
            let is_one = |path: &String| {
                let is_file = name == "COPY" || format_of(path).is_some();
                is_plain && is_file && !path.contains(['*', '?', '[', ':', '<'])
            };
            match (source.filter(is_one), &target) {
                (Some(path), Some(target)) => self.bring(&path, target, is_into, *span, around),
                (_, target) => self.bring_unknown(target.as_deref().unwrap_or("/"), *span),
            }
        }
    }

    /// One file, or all files of a folder. No path leads out of the context.
    fn bring(&mut self, path: &str, target: &str, is_into: bool, span: Span, around: &Loader<'_>) {
        let path = join(&self.context, join("/", path).trim_start_matches('/'));
        if around.is_folder(&path) {
            return self.bring_folder(&path, target, span, around);
        }
        let (folder, name) = split(&path);
        let is_there = around.names(folder).iter().any(|known| known == name);
        // Without an extension it may be a folder that is there already.
        let is_file = format_of(target) == format_of(&path);
        // What is not there ends the build, wherever it was to go.
        let what =
            if !is_there || is_into || is_file { Mounted::Path(path.clone()) } else { unknown() };
        let target = if is_into { join(target, name) } else { target.to_owned() };
        self.mount(target, what, span);
    }

    fn bring_folder(&mut self, path: &str, target: &str, span: Span, around: &Loader<'_>) {
        let names = around.names(path);
        let is_flat = || names.iter().all(|name| !around.is_folder(&join(path, name)));
        if names.len() <= MOST_FILES && is_flat() {
            for name in names {
                self.mount(join(target, &name), Mounted::Path(join(path, &name)), span);
            }
        } else {
            self.brings.is_open = true;
            self.mount(target.to_owned(), Mounted::Path(path.to_owned()), span);
        }
    }

    fn bring_unknown(&mut self, target: &str, span: Span) {
        self.mount(target.to_owned(), unknown(), span);
    }

    /// What is copied later counts.
    fn mount(&mut self, target: String, what: Mounted, span: Span) {
        self.brings.mounts.retain(|earlier| below(&earlier.target, &target).is_none());
        self.brings.mounts.push(Mount { target, what, span: Some(span), key: "" });
    }
}

fn unknown() -> Mounted {
    Mounted::Unknown("its Dockerfile may bring it".to_owned())
}

/// The flags that a text begins with, and the rest.
fn flags(text: &str) -> (Vec<&str>, &str) {
    let (mut flags, mut rest) = (Vec::new(), text);
    while rest.starts_with("--") {
        let (flag, behind) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        flags.push(flag);
        rest = behind.trim_start();
    }
    (flags, rest)
}
