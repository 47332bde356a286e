//! What a container has mounted, and where: which mount brings a file.
//!
//! Must not know who wrote it, nor open anything.

use super::content::Datum;
use crate::span::Span;
use crate::vfs::path::{below, join};

/// One mount.
#[derive(Clone, Debug)]
pub struct Mount<'o> {
    /// A folder or a file of the container, as a whole path.
    pub target: String,
    pub what: Mounted<'o>,
    pub span: Option<Span>,
}

/// What is mounted.
#[derive(Clone, Debug)]
pub enum Mounted<'o> {
    Texts(Texts<'o>),
    /// A file or a folder of the repository, by its name.
    Path(String),
    /// Why nobody knows what is in it.
    Unknown(String),
}

/// Texts of maps, by their paths below the mount; empty for one that is the mount itself.
#[derive(Clone, Debug, Default)]
pub struct Texts<'o> {
    pub known: Vec<(String, &'o Datum)>,
    /// Paths below which something may lie, each with why nobody knows what.
    pub unknown: Vec<(String, String)>,
    /// Paths at which a finding says that nothing is shown.
    pub missing: Vec<String>,
}

/// What lies at a path.
pub enum Found<'o> {
    Text(&'o Datum),
    /// What has this name in the repository, if there is such a file; where the mount says so.
    Path(String, Option<Span>),
    /// Nothing, and a finding says so.
    Reported,
    /// Nothing, for all that the mounts say: `is_covered` where one of them hides the image.
    Nothing {
        is_covered: bool,
    },
    /// Why nobody knows.
    Unknown(String),
}

/// What lies at a path: what is mounted deeper lies on top, and of several mounts the last one.
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

/// All texts of maps that lie somewhere, with their paths.
pub fn texts<'o>(mounts: &[Mount<'o>]) -> Vec<(String, &'o Datum)> {
    let all = mounts.iter().flat_map(|mount| match &mount.what {
        Mounted::Texts(texts) => {
            let placed = |(path, datum): &(String, &'o Datum)| (join(&mount.target, path), *datum);
            texts.known.iter().map(placed).collect()
        }
        Mounted::Path(_) | Mounted::Unknown(_) => Vec::new(),
    });
    let is_seen = |(path, datum): &(String, &'o Datum)| matches!(find(mounts, path), Found::Text(seen) if std::ptr::eq(seen, *datum));
    all.filter(is_seen).collect()
}

impl<'o> Texts<'o> {
    /// A text that is the mount itself.
    pub fn of_one(datum: &'o Datum) -> Self {
        Self { known: vec![(String::new(), datum)], ..Self::default() }
    }

    /// What is put in later lies on top.
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
            None => Found::Nothing { is_covered: true },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deepest_mount_counts_and_of_several_the_last() {
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
