//! The tree ids that git keeps in the index for folders without staged changes.
//!
//! Only its header, the lengths of its entries and the `TREE` extension are read, so that this costs
//! little for a large index. What is not understood has no tree ids. Must not read entries.

use git2::{Oid, Repository};
use std::path::PathBuf;

/// A folder of the index.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct CacheTree {
    name: Vec<u8>,
    /// Its tree, and the number of files below it; `None` if something in it is staged, in conflict
    /// or to be added.
    tree: Option<(Oid, usize)>,
    folders: Vec<CacheTree>,
}

/// The size of an entry without its path, and with 16 more flags.
const ENTRY: usize = 62;
const EXTENDED_ENTRY: usize = 64;
const EXTENDED: u8 = 0x40;
/// The size of the checksum at the end, and of an id.
const HASH: usize = 20;
/// No work tree has folders as deep as this.
const DEEPEST: usize = 2048;

impl CacheTree {
    /// That of the index of a repository; without any tree ids if there are none.
    pub fn of(repository: &Repository) -> Self {
        let given = std::env::var_os("GIT_INDEX_FILE").filter(|path| !path.is_empty());
        let path = given.map_or_else(|| repository.path().join("index"), PathBuf::from);
        let bytes = std::fs::read(path).unwrap_or_default();
        extension(&bytes).and_then(|mut rest| read(&mut rest, 0)).unwrap_or_default()
    }

    /// The tree of this folder, and the number of files below it.
    pub fn tree(&self) -> Option<(Oid, usize)> {
        self.tree
    }

    pub fn folder(&self, name: &[u8]) -> Option<&Self> {
        self.folders.iter().find(|folder| folder.name == name)
    }
}

fn number(bytes: &[u8]) -> Option<usize> {
    Some(u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?) as usize)
}

/// The content of the extension `TREE`.
fn extension(index: &[u8]) -> Option<&[u8]> {
    let (header, mut rest) = index.get(..index.len().checked_sub(HASH)?)?.split_at_checked(12)?;
    let version = number(header.strip_prefix(b"DIRC")?)?;
    for _ in 0..number(header.get(8..)?)? {
        rest = rest.get(entry_length(rest, version)?..)?;
    }
    while !rest.is_empty() {
        let (name, sized) = rest.split_at_checked(4)?;
        let content = sized.get(4..)?;
        let (content, others) = content.split_at_checked(number(sized)?)?;
        if name == b"TREE" {
            return Some(content);
        }
        rest = others;
    }
    None
}

fn entry_length(entry: &[u8], version: usize) -> Option<usize> {
    let is_extended = version >= 3 && entry.get(ENTRY - 2)? & EXTENDED != 0;
    let start = if is_extended { EXTENDED_ENTRY } else { ENTRY };
    let path = entry.get(start..)?;
    let until_zero = |bytes: &[u8]| bytes.iter().position(|&byte| byte == 0);
    match version {
        // Padded with 1 to 8 zeros.
        2 | 3 => Some((start + until_zero(path)?) / 8 * 8 + 8),
        // The rest of the path follows a number of removed bytes, which may contain zeros.
        4 => {
            let number = path.iter().position(|&byte| byte & 0x80 == 0)? + 1;
            Some(start + number + until_zero(path.get(number..)?)? + 1)
        }
        _ => None,
    }
}

/// Reads `name NUL files SPACE folders LF id`, without an id if there are fewer than 0 files, and
/// then the folders.
fn read(rest: &mut &[u8], depth: usize) -> Option<CacheTree> {
    let name = take_until(rest, 0)?.to_vec();
    let files = str::from_utf8(take_until(rest, b' ')?).ok()?.parse::<i64>().ok()?;
    let count = str::from_utf8(take_until(rest, b'\n')?).ok()?.parse::<usize>().ok()?;
    let tree = match usize::try_from(files) {
        Ok(files) => {
            let (id, others) = rest.split_at_checked(HASH)?;
            *rest = others;
            Some((Oid::from_bytes(id).ok()?, files))
        }
        Err(_) => None,
    };
    if depth > DEEPEST {
        return None;
    }
    let mut folders = Vec::new();
    for _ in 0..count {
        folders.push(read(rest, depth + 1)?);
    }
    Some(CacheTree { name, tree, folders })
}

fn take_until<'b>(rest: &mut &'b [u8], end: u8) -> Option<&'b [u8]> {
    let at = rest.iter().position(|&byte| byte == end)?;
    let (taken, others) = (rest.get(..at)?, rest.get(at + 1..)?);
    *rest = others;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(version: u8, entries: &[&[u8]], extensions: &[u8]) -> Vec<u8> {
        let mut bytes = vec![b'D', b'I', b'R', b'C', 0, 0, 0, version, 0, 0, 0];
        bytes.push(u8::try_from(entries.len()).unwrap());
        bytes.extend(entries.concat());
        bytes.extend_from_slice(extensions);
        bytes.extend([0; HASH]);
        bytes
    }

    fn entry(flags: u8, length: usize, path: &[u8]) -> Vec<u8> {
        let mut bytes = vec![7; ENTRY];
        bytes[ENTRY - 2] = flags;
        bytes.resize(length, 7);
        bytes.extend_from_slice(path);
        bytes
    }

    #[test]
    fn finds_the_extension_in_every_version() {
        let tree = b"TREE\0\0\0\x03abc";
        let other = b"LINK\0\0\0\x01xTREE\0\0\0\x03abc";
        // Padded to a multiple of 8 bytes, with at least one zero.
        let [short, exact] = [entry(0, 62, b"a\0"), entry(0, 62, b"ab\0\0\0\0\0\0\0\0")];
        for (version, entries) in [
            (2, vec![&short[..], &exact]),
            (3, vec![&short[..], &entry(EXTENDED, 64, b"abcdefg\0")[..]]),
            (4, vec![&entry(0, 62, b"\0a\0")[..], &entry(EXTENDED, 64, b"\x80\0b\0")[..]]),
        ] {
            for extensions in [&tree[..], other] {
                let bytes = index(version, &entries, extensions);
                assert_eq!(extension(&bytes), Some(&b"abc"[..]), "{version}");
            }
            assert_eq!(extension(&index(version, &entries, b"")), None);
        }
        assert_eq!(extension(&index(5, &[&short], tree)), None);
        assert_eq!(extension(b"DIRC"), None);
    }

    #[test]
    fn reads_folders() {
        let id = [1; HASH];
        let bytes = [b"\0-1 2\na\x002 0\n", &id[..], b"b\x00-1 1\nc\x001 0\n", &id[..]].concat();
        let tree = read(&mut &bytes[..], 0).unwrap();
        let known = Some((Oid::from_bytes(&id).unwrap(), 2));
        let folder = |name: &[u8]| tree.folder(name).and_then(CacheTree::tree);
        assert_eq!([tree.tree(), folder(b"a"), folder(b"b")], [None, known, None]);
        assert!(tree.folder(b"b").unwrap().folder(b"c").unwrap().tree().is_some());
        assert_eq!(read(&mut &bytes[..bytes.len() - 1], 0), None);
    }
}
