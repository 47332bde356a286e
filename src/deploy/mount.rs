//! The mounts of a container: which one provides a file.
//!
//! Must not know deployment formats, nor open files.

use super::content::DataEntry;
use crate::span::Span;
use crate::vfs::path::{below, join};

/// A mount.
#[derive(Clone, Debug)]
pub struct Mount<'o> {
    /// The absolute path of a folder or file in the container.
    pub target: String,
    pub what: Mounted<'o>,
    pub span: Option<Span>,
}

/// What is mounted.
#[derive(Clone, Debug)]
pub enum Mounted<'o> {
    Texts(Texts<'o>),
    /// A file or folder of the repository.
    Path(String),
    /// Why its content is unknown.
    Unknown(String),
}

/// Entries of maps, by their paths below the mount; the path is empty for an entry that is the
/// mount itself.
#[derive(Clone, Debug, Default)]
pub struct Texts<'o> {
    pub known: Vec<(String, &'o DataEntry)>,
    /// Paths with unknown content, and why it is unknown.
    pub unknown: Vec<(String, String)>,
    /// Missing paths that a finding reports.
    pub missing: Vec<String>,
    /// What stands for all other paths, which are not known.
    pub further: Option<&'o DataEntry>,
}

/// What is at a path.
pub enum Found<'o> {
    Text(&'o DataEntry),
    /// This path in the repository, if it exists, and the span of the mount.
    Path(String, Option<Span>),
    /// Nothing, which a finding reports.
    Reported,
    /// Nothing is mounted; `is_covered` if a mount hides the files of the image.
    Nothing {
        is_covered: bool,
    },
    /// Why it is unknown.
    Unknown(String),
}

/// Finds what is at a path: the deepest mount wins, and the last of several.
pub fn find<'o>(mounts: &[Mount<'o>], path: &str) -> Found<'o> {
    let fits = |mount: &'_ &Mount<'o>| below(path, &mount.target).is_some();
    let parts =
        |mount: &'_ &Mount<'o>| mount.target.split('/').filter(|part| !part.is_empty()).count();
    let Some(mount) = mounts.iter().filter(fits).max_by_key(parts) else {
        return Found::Nothing { is_covered: false };
    };
    let rest = below(path, &mount.target).unwrap_or_default();
    match &mount.what {
        Mounted::Unknown(why) => Found::Unknown(why.clone()),
        Mounted::Path(name) => Found::Path(join(name, rest), mount.span),
        Mounted::Texts(texts) => texts.find(rest),
    }
}

/// All visible entries of maps, with their paths.
pub fn texts<'o>(mounts: &[Mount<'o>]) -> Vec<(String, &'o DataEntry)> {
    let all = mounts.iter().flat_map(|mount| match &mount.what {
        Mounted::Texts(texts) => {
            let placed =
                |(path, datum): &(String, &'o DataEntry)| (join(&mount.target, path), *datum);
            texts.known.iter().map(placed).collect()
        }
        Mounted::Path(_) | Mounted::Unknown(_) => Vec::new(),
    });
    let is_seen = |(path, datum): &(String, &'o DataEntry)| matches!(find(mounts, path), Found::Text(seen) if std::ptr::eq(seen, *datum));
    all.filter(is_seen).collect()
}

impl<'o> Texts<'o> {
    /// A single entry that is the mount itself.
    pub fn of_one(datum: &'o DataEntry) -> Self {
        Self { known: vec![(String::new(), datum)], ..Self::default() }
    }

    /// Later entries override earlier ones.
    fn find(&self, rest: &str) -> Found<'o> {
        if let Some((_, datum)) = self.known.iter().rfind(|(path, _)| path == rest) {
            return Found::Text(datum);
        }
        if self.missing.iter().any(|path| path == rest) {
            return Found::Reported;
        }
        let mut unknown = self.unknown.iter();
        match unknown.find(|(path, _)| below(rest, path).is_some()) {
            Some((_, why)) => Found::Unknown(why.clone()),
            None => match self.further {
                Some(datum) => Found::Text(datum),
                None => Found::Nothing { is_covered: true },
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deepest_and_last_mount_wins() {
        let mount = |(target, name): (&str, &str)| Mount {
            target: target.to_owned(),
            what: Mounted::Path(name.to_owned()),
            span: None,
        };
        let all =
            [("/", "r"), ("/etc", "a"), ("/etc/x", "b"), ("/etc/x", "c"), ("/etc/x.yaml", "d")];
        let mounts = all.map(mount);
        for (file, expected) in [
            ("/etc/y.yaml", Some("a/y.yaml")),
            ("/etc/x/y.yaml", Some("c/y.yaml")),
            ("/etc/x.yaml", Some("d")),
            ("/etcetera", Some("r/etcetera")),
        ] {
            let found = match find(&mounts, file) {
                Found::Path(name, _) => Some(name),
                _ => None,
            };
            assert_eq!(found.as_deref(), expected, "{file}");
        }
        assert!(matches!(find(&mounts[1..], "/usr"), Found::Nothing { is_covered: false }));
    }
}
