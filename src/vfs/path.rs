//! Paths as reports show them, and their extensions as Refinery reads them.
//!
//! Must not access the file system, except for the current folder in `absolute`.

use crate::syntax::DataFormat;
use memchr::memrchr;
use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};

/// The path as given, with `/` as the separator and without a leading `./`.
pub fn name_of(path: &Path) -> String {
    let mut name = String::new();
    for component in path.components() {
        match component {
            Component::CurDir => continue,
            Component::RootDir => {}
            _ if name.is_empty() || name.ends_with('/') => {}
            _ => name.push('/'),
        }
        match component {
            Component::RootDir => name.push('/'),
            other => name.push_str(&text_of(other.as_os_str().as_encoded_bytes())),
        }
    }
    if name.is_empty() { ".".to_owned() } else { name }
}

/// Code points that stand for bytes that are not UTF-8: the end of the last private use area.
const RAW: u32 = 0x0010_FF00;

/// A file name as text. Each byte that is not UTF-8 becomes one private use character, so that
/// different names stay different.
pub fn text_of(name: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(name) {
        return Cow::Borrowed(text);
    }
    let mut text = String::new();
    for chunk in name.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(
            chunk.invalid().iter().filter_map(|&byte| char::from_u32(RAW + u32::from(byte))),
        );
    }
    Cow::Owned(text)
}

/// The path with the bytes restored that [`text_of`] replaced.
#[cfg(unix)]
pub fn raw(path: &Path) -> Cow<'_, Path> {
    use std::os::unix::ffi::OsStringExt;
    let is_raw = |c: char| u32::from(c) > RAW + 0x7F;
    let Some(text) = path.to_str().filter(|text| text.contains(is_raw)) else {
        return Cow::Borrowed(path);
    };
    let mut bytes = Vec::new();
    for c in text.chars() {
        match u8::try_from(u32::from(c).wrapping_sub(RAW)) {
            Ok(byte) if is_raw(c) => bytes.push(byte),
            _ => bytes.extend(c.encode_utf8(&mut [0; 4]).bytes()),
        }
    }
    Cow::Owned(PathBuf::from(std::ffi::OsString::from_vec(bytes)))
}

/// Only Unix has such names.
#[cfg(not(unix))]
pub fn raw(path: &Path) -> Cow<'_, Path> {
    Cow::Borrowed(path)
}

/// The path of a named folder; the current folder has the empty name.
pub fn folder_path(name: &str) -> &Path {
    Path::new(if name.is_empty() { "." } else { name })
}

/// A folder and those above it, up to the one with the empty name.
pub fn with_parents(folder: &str) -> impl Iterator<Item = &str> + Clone {
    std::iter::successors(Some(folder), |at| (!at.is_empty()).then(|| split(at).0))
}

/// Joins a folder and a relative path, and normalizes the result: `a/b` and `../c` give `a/c`.
pub fn join(folder: &str, relative: &str) -> String {
    let mut names: Vec<&str> = Vec::new();
    let base = if relative.starts_with('/') { "" } else { folder };
    let is_absolute = base.starts_with('/') || relative.starts_with('/');
    for name in base.split('/').chain(relative.split('/')) {
        match (name, names.last()) {
            ("" | ".", _) => {}
            ("..", Some(&last)) if last != ".." => drop(names.pop()),
            _ => names.push(name),
        }
    }
    let joined = names.join("/");
    if is_absolute { format!("/{joined}") } else { joined }
}

/// The absolute path, as reports show it.
pub fn absolute(name: &str) -> String {
    let here = std::path::absolute(".").unwrap_or_default();
    join(&here.to_string_lossy(), name)
}

/// The path relative to a folder; empty for the folder itself, `None` if it is not below it.
pub fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    if folder.is_empty() {
        return Some(path);
    }
    let rest = path.strip_prefix(folder.trim_end_matches('/'))?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

/// Whether folders are the same, next to each other, or one directly in the other.
pub fn are_adjacent(one: &str, other: &str) -> bool {
    let is_in = |inner: &str, outer: &str| !inner.is_empty() && split(inner).0 == outer;
    let are_beside = !one.is_empty() && !other.is_empty() && split(one).0 == split(other).0;
    one == other || are_beside || is_in(one, other) || is_in(other, one)
}

/// Splits a path into its folder, which may be empty, and its file name.
pub fn split(name: &str) -> (&str, &str) {
    split_at_last(b'/', name).unwrap_or(("", name))
}

/// Splits a text at the last of an ASCII character. Every file of a tree is classified by its name, which
/// splits it many times, and this is faster than `rsplit_once`.
fn split_at_last(character: u8, text: &str) -> Option<(&str, &str)> {
    let at = memrchr(character, text.as_bytes())?;
    Some((&text[..at], &text[at + 1..]))
}

/// Splits a file name at its last dot.
pub fn split_extension(name: &str) -> (&str, &str) {
    let (_, file) = split(name);
    split_at_last(b'.', file).unwrap_or((file, ""))
}

/// The format that Refinery reads the file as. `.yaml` alone has an extension, too.
pub fn format_of(name: &str) -> Option<DataFormat> {
    DataFormat::of_extension(split_extension(name).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_no_leading_dot() {
        for (path, name) in [
            (".", "."),
            ("./deploy/config.yaml", "deploy/config.yaml"),
            ("deploy//config.yaml", "deploy/config.yaml"),
            ("../x/./y.yaml", "../x/y.yaml"),
            ("/etc/refinery/rules.yaml", "/etc/refinery/rules.yaml"),
            ("deploy/", "deploy"),
            ("/", "/"),
        ] {
            assert_eq!(name_of(Path::new(path)), name, "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_not_utf8_stay_different() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        let names = [&b"a\xff"[..], b"a\xfe", b"a\xc3", b"a\xc3\xa9", "a\u{fffd}".as_bytes()];
        let texts: Vec<_> = names.iter().map(|name| text_of(name)).collect();
        for (name, text) in names.iter().zip(&texts) {
            assert_eq!(texts.iter().filter(|other| *other == text).count(), 1, "{name:?}");
            assert_eq!(raw(Path::new(&**text)).as_os_str().as_bytes(), *name);
            assert_eq!(name_of(Path::new(OsStr::from_bytes(name))), **text);
        }
    }

    #[test]
    fn relative_paths_are_joined_and_normalized() {
        for (folder, relative, expected) in [
            ("", "x.yaml", "x.yaml"),
            ("a/b", "./x.yaml", "a/b/x.yaml"),
            ("a/b", "../c/x.yaml", "a/c/x.yaml"),
            ("a", "../../x.yaml", "../x.yaml"),
            ("../a", "..", ".."),
            ("a", ".", "a"),
            ("a", "/etc/x.yaml", "/etc/x.yaml"),
            ("/a", "../b", "/b"),
        ] {
            assert_eq!(join(folder, relative), expected, "{folder} {relative}");
        }
    }

    #[test]
    fn paths_are_relative_to_a_folder() {
        for (path, folder, rest) in [
            ("/a/b/c", "/a", Some("b/c")),
            ("/a/b", "/a/", Some("b")),
            ("/a", "/a", Some("")),
            ("/a", "/", Some("a")),
            ("a/b", "", Some("a/b")),
            ("/ab", "/a", None),
        ] {
            assert_eq!(below(path, folder), rest, "{path} {folder}");
        }
    }

    #[test]
    fn only_known_extensions_have_a_format() {
        for name in ["a.yaml", "a.yml", "a.YAML", "d.x/a.b.YML", ".yaml", "a.toml", "a.JSON"] {
            assert!(format_of(name).is_some(), "{name}");
        }
        for name in ["a.Yaml", "a", "a.yaml.tpl", "d.yaml/a", "a.", "a.conf"] {
            assert!(format_of(name).is_none(), "{name}");
        }
    }
}
