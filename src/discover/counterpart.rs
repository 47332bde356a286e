//! The counterpart that the name of a recognised file implies, such as `prod-config.yaml` for
//! `prod-rules.yaml`, and `config/prod.yaml` for `rules/prod.yaml`.
//!
//! Uses names only. Must not open files.

use super::pair::{Member, pair};
use crate::schema::Kind;
use crate::sniff::file_name::{kind_of_name, theme};
use crate::sniff::recognise::Generation;
use crate::vfs::path::{split, split_extension};
use std::collections::{BTreeSet, HashMap};

/// Recognised files that have no partner, or one with another name.
pub struct Incomplete<'m> {
    by_place: HashMap<Place<'m>, Vec<&'m Member>>,
}

/// What the names of two halves have in common.
#[derive(PartialEq, Eq, Hash)]
struct Place<'n> {
    /// The folder above, and the theme of the folder itself.
    above: &'n str,
    folder: String,
    theme: String,
}

impl<'n> Place<'n> {
    fn of(name: &'n str) -> Self {
        let (above, folder) = split(split(name).0);
        Self { above, folder: theme(folder), theme: theme(split_extension(name).0) }
    }

    fn has_theme(&self) -> bool {
        !(self.theme.is_empty() && self.folder.is_empty())
    }
}

impl<'m> Incomplete<'m> {
    pub fn new(members: &'m [Member]) -> Self {
        let theme_of = |index: usize| {
            members.get(index).map(|member| theme(split_extension(member.name.as_str()).0))
        };
        let mut by_place: HashMap<_, Vec<&Member>> = HashMap::new();
        for pair in pair(members) {
            let (config, rules) = (pair.config, pair.rules);
            if let (Some(config), Some(rules)) = (config, rules)
                && theme_of(config) == theme_of(rules)
            {
                continue;
            }
            for member in [config, rules].into_iter().flatten().filter_map(|at| members.get(at)) {
                let is_plain = member.bond.is_empty() && member.name.place().is_empty();
                if is_plain && member.recognised.generation == Generation::Second {
                    by_place.entry(Place::of(member.name.file())).or_default().push(member);
                }
            }
        }
        Self { by_place }
    }

    /// The folders above those that are named for one half, such as the one above `rules/`.
    pub fn folders_above(&self) -> BTreeSet<&'m str> {
        let folders = self.by_place.values().flatten().map(|member| split(member.name.file()).0);
        let folders = folders.filter(|folder| kind_of_name(folder).is_some());
        folders.map(|folder| split(folder).0).collect()
    }

    /// The file that a file of this name completes, with the kind of the counterpart. Its name or
    /// that of its folder must tell the kind.
    pub fn find(&self, name: &str) -> Option<(Kind, &'m Member)> {
        let kind = kind_of_path(name)?;
        let place = Place::of(name);
        let members = place.has_theme().then(|| self.by_place.get(&place))??;
        members.iter().find(|member| member.recognised.kind != kind).map(|member| (kind, *member))
    }
}

/// The kind of file that its name suggests, or else the name of its folder.
fn kind_of_path(name: &str) -> Option<Kind> {
    kind_of_name(name).or_else(|| kind_of_name(split(name).0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sniff::recognise::Recognised;

    #[test]
    fn finds_the_counterparts_that_names_imply() {
        let members = |names: &[&str]| -> Vec<Member> {
            let member = |name: &&str| Member {
                name: name[1..].into(),
                recognised: Recognised {
                    kind: if name.starts_with('c') { Kind::Config } else { Kind::Rules },
                    generation: Generation::Second,
                },
                bond: String::new(),
            };
            names.iter().map(member).collect()
        };
        for (known, name, expected) in [
            // Paired with a file of another name.
            (
                &["rp.rules.yaml", "cs.config.yaml", "rs.rules.yaml"][..],
                "p.config.yaml",
                Some("p.rules.yaml"),
            ),
            (&["rd/rules/p.yaml"], "d/config/p.yaml", Some("d/rules/p.yaml")),
            (&["rd/rules/p.yaml"], "d/config/q.yaml", None),
            (&["rd/rules/p.yaml"], "e/config/p.yaml", None),
            (&["rd/rules/p.yaml"], "d/rules/p.json", None),
            (&["rd/rules/p.yaml"], "d/other/p.yaml", None),
            (&["cp-config.yaml", "rp-rules.yaml"], "p-config.json", None),
            (&["cd/config.yaml"], "d/rules.yaml", Some("d/config.yaml")),
            // They have nothing in common but what they are.
            (&["cconfig.yaml"], "rules.yaml", None),
        ] {
            let members = members(known);
            let found =
                Incomplete::new(&members).find(name).map(|(_, member)| member.name.as_str());
            assert_eq!(found, expected, "{known:?} {name}");
        }
    }
}
