//! Pairs config and rules files, by folder first and by name second.
//!
//! Uses names only. Must not open files.

use crate::notice::Notice;
use crate::schema::Kind;
use crate::sniff::file_name::{kind_of_name, theme};
use crate::sniff::recognise::{Generation, Recognised};
use crate::source_name::SourceName;
use crate::vfs::path::{split, split_extension};
use std::collections::{BTreeSet, HashMap, HashSet};

/// A file to pair.
#[derive(Clone, Debug)]
pub struct Member {
    pub name: SourceName,
    pub recognised: Recognised,
    /// Only members with the same bond can belong together; plain files have an empty one.
    pub bond: String,
}

/// A deployment as indices of members; at least one is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    pub config: Option<usize>,
    pub rules: Option<usize>,
}

/// Pairs all members. They must be sorted by name, and so are the pairs.
pub fn pair(members: &[Member]) -> Vec<Pair> {
    let all: Vec<Place<'_>> = members.iter().map(Place::of).collect();
    let places = Places::of(&all);
    // Config first.
    let couple = |index: usize, me: &Place<'_>, other: usize| match me.kind {
        Kind::Config => (index, other),
        Kind::Rules => (other, index),
    };
    let mut pairs = BTreeSet::new();
    for (index, me) in all.iter().enumerate() {
        pairs.extend(places.beside(me).map(|other| couple(index, me, other)));
    }
    let halves = |pairs: &BTreeSet<(usize, usize)>| -> HashSet<usize> {
        pairs.iter().flat_map(|&(config, rules)| [config, rules]).collect()
    };
    let paired = halves(&pairs);
    for (index, me) in all.iter().enumerate().filter(|(index, _)| !paired.contains(index)) {
        let other = places.sibling(me).or_else(|| places.above(me));
        pairs.extend(other.map(|other| couple(index, me, other)));
    }
    let paired = halves(&pairs);
    let alone = all.iter().enumerate().filter(|(index, _)| !paired.contains(index));
    let alone: Vec<Pair> = alone
        .map(|(index, me)| match me.kind {
            Kind::Config => Pair { config: Some(index), rules: None },
            Kind::Rules => Pair { config: None, rules: Some(index) },
        })
        .collect();
    let whole = pairs.iter().map(|&(c, r)| Pair { config: Some(c), rules: Some(r) });
    let mut all: Vec<Pair> = whole.chain(alone).collect();
    all.sort_by_key(|pair| (pair.config.or(pair.rules), pair.rules));
    all
}

/// Takes a file with the content of the other half as what its name says, if nothing else of its
/// place can be that half: Refinery is started with the names.
pub fn settle_kinds(members: &mut [Member]) {
    let known = members.to_vec();
    let place = |member: &Member| {
        (split(member.name.file()).0.to_owned(), member.bond.clone(), member.recognised.generation)
    };
    // Any file may have the word `refinery` in its name.
    let named = |member: &Member| {
        // An entry of a map has the name of its key.
        let key = member.name.place().rsplit_once(':').map(|(_, key)| key);
        let name = key.unwrap_or(member.name.as_str());
        let is_of_rules = || kind_of_name(split(split(name).0).1) == Some(Kind::Rules);
        let is_refinery = theme(split_extension(name).0).is_empty() && !is_of_rules();
        kind_of_name(name)
            .filter(|_| is_refinery || kind_of_name(&name.replace("refinery", "")).is_some())
    };
    // Files of one environment: `prod-config.yaml` and `prod-rules.yaml`, `config/prod.yaml` and
    // `rules/prod.yaml`.
    let environment = |member: &Member| {
        let name = member.name.file();
        let theme_of = theme(split_extension(name).0);
        let (above, folder) = split(split(name).0);
        let is_plain = member.bond.is_empty() && member.name.place().is_empty();
        (is_plain && !theme_of.is_empty())
            .then(|| (above.to_owned(), theme(folder), theme_of, member.recognised.generation))
    };
    let by_folder = |member: &Member| {
        let folder = split(split(member.name.file()).0).1;
        // Any file may be in a folder `refinery`.
        kind_of_name(&folder.replace("refinery", ""))
    };
    let named = |member: &Member| {
        named(member).or_else(|| by_folder(member).filter(|_| environment(member).is_some()))
    };
    let mut places: HashMap<_, Neighbours<'_>> = HashMap::new();
    let mut environments: HashMap<_, Neighbours<'_>> = HashMap::new();
    for member in &known {
        let kind = member.recognised.kind;
        let is_sure = named(member).is_none_or(|named| named == kind);
        let kind = is_sure.then_some(kind);
        places.entry(place(member)).or_default().add(&member.name, kind);
        if let Some(environment) = environment(member) {
            environments.entry(environment).or_default().add(&member.name, kind);
        }
    }
    for member in members {
        let Some(kind) = named(member).filter(|&kind| kind != member.recognised.kind) else {
            continue;
        };
        let lacks = |others: &Neighbours<'_>| {
            others.has_other(&member.name, None) && !others.has_other(&member.name, Some(kind))
        };
        let of_environment = environment(member).and_then(|it| environments.get(&it));
        let is_named = kind_of_name(member.name.as_str()).is_some();
        if is_named && lacks(&places[&place(member)]) || of_environment.is_some_and(lacks) {
            member.recognised.kind = kind;
        }
    }
}

/// Names of members in one place: of all, and of those that are certainly of a kind. Two names are
/// enough to tell whether there is another.
#[derive(Default)]
struct Neighbours<'m>(HashMap<Option<Kind>, Vec<&'m SourceName>>);

impl<'m> Neighbours<'m> {
    fn add(&mut self, name: &'m SourceName, kind: Option<Kind>) {
        for group in [None, kind] {
            let names = self.0.entry(group).or_default();
            if names.len() < 2 && !names.contains(&name) {
                names.push(name);
            }
        }
    }

    fn has_other(&self, name: &SourceName, kind: Option<Kind>) -> bool {
        self.0.get(&kind).is_some_and(|names| names.iter().any(|other| *other != name))
    }
}

/// A notice that lists the files of a pair.
pub fn describe(pair: Pair, members: &[Member]) -> Notice {
    let names = [pair.config, pair.rules].into_iter().flatten();
    let about: Vec<SourceName> =
        names.filter_map(|index| Some(members.get(index)?.name.clone())).collect();
    let listed: Vec<&str> = about.iter().map(SourceName::as_str).collect();
    let listed = listed.join(" + ");
    let text = match (pair.config, pair.rules) {
        (Some(_), Some(_)) => listed,
        (Some(_), None) => format!("{listed} (no rules file given or found; checked on its own)"),
        (None, _) => format!("{listed} (no config file given or found; checked on its own)"),
    };
    Notice { about, text }
}

/// The properties that pairing uses.
struct Place<'m> {
    kind: Kind,
    generation: Generation,
    folder: &'m str,
    bond: &'m str,
    /// The words of the name that distinguish it from others of its kind.
    theme: String,
}

impl<'m> Place<'m> {
    fn of(member: &'m Member) -> Self {
        let Recognised { kind, generation } = member.recognised;
        let theme = theme(split_extension(member.name.as_str()).0);
        Self { kind, generation, folder: split(member.name.file()).0, bond: &member.bond, theme }
    }
}

/// Members that a file may be paired with.
#[derive(Default)]
struct Pool<'p> {
    all: Vec<usize>,
    by_theme: HashMap<&'p str, Vec<usize>>,
}

impl<'p> Pool<'p> {
    fn add(&mut self, index: usize, theme: &'p str) {
        self.all.push(index);
        self.by_theme.entry(theme).or_default().push(index);
    }

    /// The partner of a file with this theme: the only one with the same theme, else the only one
    /// at all, else the only one without a theme.
    fn partner(&self, theme: &str) -> Option<usize> {
        let only = |members: &Vec<usize>| match members[..] {
            [one] => Some(one),
            _ => None,
        };
        let of = |theme| self.by_theme.get(theme).and_then(only);
        of(theme).or_else(|| only(&self.all)).or_else(|| of(""))
    }
}

/// What the members of a pool have in common: kind, generation, bond and folder.
type Key<'p> = (Kind, Generation, &'p str, &'p str);

/// The members by what pairing uses, so that none is compared with all others.
struct Places<'p> {
    all: &'p [Place<'p>],
    by_folder: HashMap<Key<'p>, Pool<'p>>,
    /// By the parent and the theme of their folder.
    by_parent: HashMap<(Key<'p>, String), Vec<usize>>,
}

impl<'p> Places<'p> {
    fn of(all: &'p [Place<'p>]) -> Self {
        let mut by_folder: HashMap<Key<'_>, Pool<'_>> = HashMap::new();
        let mut by_parent: HashMap<_, Vec<usize>> = HashMap::new();
        for (index, place) in all.iter().enumerate() {
            let key = |folder| (place.kind, place.generation, place.bond, folder);
            by_folder.entry(key(place.folder)).or_default().add(index, &place.theme);
            let (parent, own) = split(place.folder);
            by_parent.entry((key(parent), theme(own))).or_default().push(index);
        }
        Self { all, by_folder, by_parent }
    }

    /// The key of members of the other kind.
    fn key(me: &Place<'p>, folder: &'p str) -> Key<'p> {
        let kind = match me.kind {
            Kind::Config => Kind::Rules,
            Kind::Rules => Kind::Config,
        };
        (kind, me.generation, me.bond, folder)
    }

    /// The partner in the same folder.
    fn beside(&self, me: &Place<'p>) -> Option<usize> {
        let other = self.by_folder.get(&Self::key(me, me.folder))?.partner(&me.theme);
        other.filter(|&other| !self.is_of_another(me, other))
    }

    /// Whether a file has another theme, and a partner of its own theme next to it: files of several
    /// environments in a folder must not be mixed.
    fn is_of_another(&self, me: &Place<'p>, other: usize) -> bool {
        self.all.get(other).is_some_and(|other| {
            let mine = self.by_folder.get(&Self::key(other, other.folder));
            !other.theme.is_empty()
                && other.theme != me.theme
                && mine.is_some_and(|pool| pool.by_theme.contains_key(other.theme.as_str()))
        })
    }

    /// The partner in a folder with the same parent and theme.
    fn sibling(&self, me: &Place<'p>) -> Option<usize> {
        let (parent, own) = split(me.folder);
        let mut pool = Pool::default();
        for &index in self.by_parent.get(&(Self::key(me, parent), theme(own)))? {
            if let Some(other) = self.all.get(index).filter(|other| other.folder != me.folder) {
                pool.add(index, &other.theme);
            }
        }
        pool.partner(&me.theme)
    }

    /// The partner in the folder above.
    fn above(&self, me: &Place<'p>) -> Option<usize> {
        let above = Some(split(me.folder).0).filter(|_| !me.folder.is_empty())?;
        self.by_folder.get(&Self::key(me, above))?.partner(&me.theme)
    }
}

/// Whether two folders with the same parent have the same theme, such as `config` and `rules`.
fn is_sibling(me: &str, other: &str) -> bool {
    let ((my_parent, mine), (parent, theirs)) = (split(me), split(other));
    me != other && my_parent == parent && theme(mine) == theme(theirs)
}

fn is_above(me: &str, other: &str) -> bool {
    !me.is_empty() && split(me).0 == other
}

/// Whether files of these folders can be paired.
pub fn may_pair(one: &str, other: &str) -> bool {
    one == other || is_sibling(one, other) || is_above(one, other) || is_above(other, one)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::sample::select;
    use std::collections::BTreeMap;

    /// The first letter is the kind, in upper case for 1.x.
    fn member(text: &str) -> Member {
        let (letter, name) = text.split_at(1);
        let kind = if letter.eq_ignore_ascii_case("c") { Kind::Config } else { Kind::Rules };
        let is_first = letter.chars().all(char::is_uppercase);
        let generation = if is_first { Generation::First } else { Generation::Second };
        let recognised = Recognised { kind, generation };
        Member { name: name.into(), recognised, bond: String::new() }
    }

    fn paired(names: &[&str]) -> Vec<String> {
        let mut members: Vec<Member> = names.iter().map(|text| member(text)).collect();
        members.sort_by(|a, b| a.name.cmp(&b.name));
        let short = |pair| {
            describe(pair, &members).text.replace(" file given or found; checked on its own", "")
        };
        pair(&members).into_iter().map(short).collect()
    }

    #[test]
    fn a_name_overrides_the_content_if_there_is_no_other_counterpart() {
        for (texts, settled) in [
            // Both have the content of a config.
            (&["cconfig.yaml", "crules.yaml"][..], "cr"),
            // There are other rules.
            (&["cconfig.yaml", "crules.yaml", "rx.yaml"], "ccr"),
            // The other rules are named like a config.
            (&["cx.yaml", "crules.yaml", "rconfig.yaml"], "crr"),
            // Those of another environment do not count.
            (&["cp-config.yaml", "cp-rules.yaml", "cs-config.yaml", "rs-rules.yaml"], "crcr"),
            (&["cconfig/p.yaml", "crules/p.yaml", "cconfig/s.yaml", "rrules/s.yaml"], "crcr"),
            (&["cconfig/p.yaml", "rconfig/s.yaml", "rrules/s.yaml"], "ccr"),
            // Nothing is near it.
            (&["crules.yaml"], "c"),
            (&["crules.yaml", "ca/config.yaml"], "cc"),
        ] {
            let mut members: Vec<Member> = texts.iter().map(|text| member(text)).collect();
            settle_kinds(&mut members);
            let letter = |member: &Member| match member.recognised.kind {
                Kind::Config => 'c',
                Kind::Rules => 'r',
            };
            assert_eq!(members.iter().map(letter).collect::<String>(), settled, "{texts:?}");
        }
    }

    #[test]
    fn pairs_by_folder() {
        assert_eq!(paired(&["cd/config.yaml", "rd/rules.yaml"]), ["d/config.yaml + d/rules.yaml"]);
        assert_eq!(paired(&["ca.yaml", "rb.yaml"]), ["a.yaml + b.yaml"]);
        assert_eq!(
            paired(&["ca/x.yaml", "rb/y.yaml"]),
            ["a/x.yaml (no rules)", "b/y.yaml (no config)"]
        );
        assert_eq!(
            paired(&["cx/a.yaml", "rx/b.yaml", "cy/a.yaml", "ry/b.yaml"]),
            ["x/a.yaml + x/b.yaml", "y/a.yaml + y/b.yaml"]
        );
    }

    #[test]
    fn pairs_by_name_within_a_folder() {
        for (names, expected) in [
            (
                &["cprod-config.yaml", "cdev-config.yaml", "rprod-rules.yaml", "rdev-rules.yaml"][..],
                &["dev-config.yaml + dev-rules.yaml", "prod-config.yaml + prod-rules.yaml"][..],
            ),
            (
                &["cconfig.yaml", "rrules.yaml", "cconfig_complete.yml", "rrules_complete.yaml"],
                &["config.yaml + rules.yaml", "config_complete.yml + rules_complete.yaml"],
            ),
            (
                &["cconfig.prod.yaml", "cconfig.dev.yaml", "rrules.yaml"],
                &["config.dev.yaml + rules.yaml", "config.prod.yaml + rules.yaml"],
            ),
            (
                &["crefinery.yaml", "rrules-a.yaml", "rrules-b.yaml"],
                &["refinery.yaml + rules-a.yaml", "refinery.yaml + rules-b.yaml"],
            ),
            (
                &["cconfig-a.yaml", "cconfig-b.yaml", "rrules-a.yaml", "rrules.yaml"],
                &["config-a.yaml + rules-a.yaml", "config-b.yaml + rules.yaml"],
            ),
            (
                &["cprod-config.yaml", "cdev-config.yaml", "rdev-rules.yaml"],
                &["dev-config.yaml + dev-rules.yaml", "prod-config.yaml (no rules)"],
            ),
            (
                &["ca.yaml", "cb.yaml", "rx.yaml", "ry.yaml"],
                &[
                    "a.yaml (no rules)",
                    "b.yaml (no rules)",
                    "x.yaml (no config)",
                    "y.yaml (no config)",
                ],
            ),
        ] {
            assert_eq!(paired(names), expected, "{names:?}");
        }
    }

    #[test]
    fn pairs_across_neighbouring_folders() {
        for (names, expected) in [
            (
                &["cd/config/p.yaml", "rd/rules/p.yaml"][..],
                &["d/config/p.yaml + d/rules/p.yaml"][..],
            ),
            (
                &["cconfigs/p.yaml", "cconfigs/q.yaml", "rrules/p.yaml", "rrules/q.yaml"],
                &["configs/p.yaml + rules/p.yaml", "configs/q.yaml + rules/q.yaml"],
            ),
            (&["cd/config.yaml", "rd/rules/x.yaml"], &["d/config.yaml + d/rules/x.yaml"]),
            (
                &["cconfig.yaml", "rprod/rules.yaml", "rdev/rules.yaml"],
                &["config.yaml + dev/rules.yaml", "config.yaml + prod/rules.yaml"],
            ),
            // Files of prod and dev must not be mixed.
            (
                &["cprod/config.yaml", "rdev/rules.yaml"],
                &["prod/config.yaml (no rules)", "dev/rules.yaml (no config)"],
            ),
        ] {
            let mut expected = expected.to_vec();
            expected.sort_unstable();
            let mut got = paired(names);
            got.sort_unstable();
            assert_eq!(got, expected, "{names:?}");
        }
    }

    #[test]
    fn does_not_pair_different_generations() {
        assert_eq!(
            paired(&["Cconfig.toml", "cconfig.yaml", "Rrules.toml", "rrules.yaml"]),
            ["config.toml + rules.toml", "config.yaml + rules.yaml"]
        );
    }

    fn any_members() -> impl Strategy<Value = Vec<Member>> {
        let folders = ["", "a", "b", "a/config", "a/rules", "a/x-config", "a/config/x", "b/rules"];
        let names = ["config.yaml", "rules.yaml", "prod.yaml", "dev-config.yaml", "x.yaml"];
        let any = (select(folders.to_vec()), select(names.to_vec()), any::<bool>());
        prop::collection::btree_map(
            any.prop_map(|(f, n, c)| (format!("{f}/{n}"), c)),
            Just(()),
            0..9,
        )
        .prop_map(|files| {
            let files: BTreeMap<String, bool> = files.into_keys().collect();
            let member = |(name, is_config): (String, bool)| {
                let kind = if is_config { Kind::Config } else { Kind::Rules };
                let recognised = Recognised { kind, generation: Generation::Second };
                Member {
                    name: name.trim_start_matches('/').into(),
                    recognised,
                    bond: String::new(),
                }
            };
            let mut members: Vec<Member> = files.into_iter().map(member).collect();
            members.sort_by(|a, b| a.name.cmp(&b.name));
            members
        })
    }

    /// The pairs with a file.
    fn pairs_with(name: &str, members: &[Member]) -> Vec<String> {
        let holds = |pair: &Pair| {
            let halves = [pair.config, pair.rules];
            halves.into_iter().flatten().any(|index| members[index].name.as_str() == name)
        };
        pair(members).into_iter().filter(holds).map(|pair| describe(pair, members).text).collect()
    }

    proptest! {
        #[test]
        fn nearby_folders_determine_all_pairs_of_a_file(members in any_members()) {
            for Member { name, .. } in &members {
                let is_near = |m: &&Member| may_pair(split(name.file()).0, split(m.name.file()).0);
                let near: Vec<Member> = members.iter().filter(is_near).cloned().collect();
                prop_assert_eq!(pairs_with(name.as_str(), &near), pairs_with(name.as_str(), &members));
            }
        }
    }
}
