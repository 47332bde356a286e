//! Files that are not recognised by their content, but may be Refinery's because of their name,
//! their folder or the last commit.

use super::origin::{Content, Origin};
use super::pair::{Member, may_pair, pair};
use crate::schema::Kind;
use crate::sniff::classify::FileClass;
use crate::sniff::containers::names_others;
use crate::sniff::file_name::{is_about_refinery, kind_of_name, theme, without_template};
use crate::sniff::flaw::{Flaw, encryption, is_lfs_pointer};
use crate::sniff::recognise::Generation;
use crate::sniff::unrecognised::Condition;
use crate::syntax::DataFormat;
use crate::vfs::path::{split, split_extension};
use std::collections::HashMap;

/// A file that may be Refinery's.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub name: String,
    pub format: Option<DataFormat>,
    pub content: Content,
    pub origin: Origin,
    /// The kind of file that its name suggests.
    pub kind: Option<Kind>,
    pub state: State,
    /// What it was in the previous state.
    pub was: Option<FileClass>,
}

/// What is known about its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Read(Condition),
    /// A template by its name; `is_ours` if it has Refinery's keys.
    Template {
        is_ours: bool,
    },
    /// A link to a file outside of what may be read.
    Outside,
    /// Too large to be read; `is_ours` if its beginning has Refinery's keys.
    TooLarge {
        is_ours: bool,
    },
}

/// The decision about a candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is checked as this kind of file; the reason.
    Half(Kind, String),
    /// It cannot be checked; the reason why it is Refinery's.
    Unchecked(String),
}

/// Whether an unrecognised file may be Refinery's, or may have been. Most files of a repository are
/// ruled out here.
pub fn is_suspect(name: &str, text: &str) -> bool {
    let is_values = || split_extension(name).0.contains("values");
    kind_of_name(name).is_some()
        || is_about_refinery(name)
        || names_others(name)
        || is_values()
        || !text.is_empty() && (is_lfs_pointer(text) || encryption(text).is_some())
}

impl Candidate {
    /// A file that was read; `is_ours` if it has Refinery's keys.
    pub fn new(
        (name, format): (String, Option<DataFormat>),
        content: Content,
        condition: Condition,
        is_ours: bool,
        origin: Origin,
    ) -> Self {
        let state = match without_template(&name) {
            Some(_) => State::Template { is_ours },
            None => State::Read(condition),
        };
        Self { kind: kind_of_name(&name), name, format, content, origin, state, was: None }
    }

    /// A link to a file outside of what may be read.
    pub fn outside(name: String, origin: Origin) -> Self {
        Self::unread(name, State::Outside, origin)
    }

    /// A file that is too large to be read.
    pub fn too_large(name: String, is_ours: bool, origin: Origin) -> Self {
        Self::unread(name, State::TooLarge { is_ours }, origin)
    }

    fn unread(name: String, state: State, origin: Origin) -> Self {
        let content = Content::Bytes(Vec::new());
        Self { kind: kind_of_name(&name), name, format: None, content, origin, state, was: None }
    }

    /// Whether no program can use it as it is.
    fn is_unusable(&self) -> bool {
        match self.state {
            State::Read(Condition::NotAMapping | Condition::OtherKeys { .. }) => false,
            State::Read(Condition::Flawed(_) | Condition::Broken)
            | State::Template { .. }
            | State::Outside
            | State::TooLarge { .. } => true,
        }
    }

    /// Whether its content is nested under one key.
    pub fn is_wrapped(&self) -> bool {
        matches!(self.state, State::Read(Condition::Flawed(Flaw::Wrapped { .. })))
    }

    /// Why it is not checked.
    pub fn reason(&self) -> &'static str {
        match self.state {
            State::Read(_) => "no Refinery keys",
            State::Template { .. } => "template without Refinery keys",
            State::Outside => "link to a file outside of what is checked",
            State::TooLarge { .. } => "too large",
        }
    }

    fn claim(&self, kind: Kind, why: String) -> Claim {
        match self.state {
            State::Read(_) => Claim::Half(kind, why),
            State::Template { .. } | State::Outside | State::TooLarge { .. } => {
                Claim::Unchecked(why)
            }
        }
    }
}

/// Decides about a candidate, given all recognised files; `None` if it is not Refinery's.
pub fn decide(candidate: &Candidate, recognised: &Neighbours<'_>) -> Option<Claim> {
    match candidate.was {
        Some(FileClass::Refinery(was)) if was.generation == Generation::Second => {
            let why = format!("it was a Refinery {} file in the last commit", was.kind.word());
            return Some(candidate.claim(was.kind, why));
        }
        Some(FileClass::Container) if candidate.is_unusable() || is_no_mapping(candidate) => {
            return Some(Claim::Unchecked(
                "it contained or described Refinery's files in the last commit".to_owned(),
            ));
        }
        _ => {}
    }
    if matches!(
        candidate.state,
        State::Template { is_ours: true } | State::TooLarge { is_ours: true }
    ) {
        return Some(Claim::Unchecked("it has Refinery's keys".to_owned()));
    }
    let traces = match candidate.state {
        State::Read(Condition::OtherKeys { traces, .. }) => traces,
        _ => None,
    };
    if candidate.origin == Origin::Named {
        let completes = |kind| recognised.of(candidate, kind).is_some_and(|n| n.needs_other_half);
        let is_meant = |&kind: &Kind| !is_foreign(candidate) || completes(kind);
        let kind = candidate.kind.filter(is_meant).or(traces)?;
        return Some(candidate.claim(kind, "it is named explicitly".to_owned()));
    }
    let kind = candidate.kind?;
    let beside = recognised.of(candidate, kind);
    match (beside, candidate.state) {
        (Some(beside), _) if candidate.is_unusable() => {
            Some(candidate.claim(kind, format!("it is next to `{}`", beside.name)))
        }
        (Some(beside), State::Read(condition)) if beside.needs_other_half => {
            let is_plain_name = theme(split_extension(&candidate.name).0).is_empty();
            let is_ours = match condition {
                Condition::OtherKeys { traces, is_foreign } => {
                    traces == Some(kind) || traces.is_none() && is_plain_name && !is_foreign
                }
                _ => true,
            };
            is_ours.then(|| {
                candidate
                    .claim(kind, format!("`{}` next to it has no {}", beside.name, kind.word()))
            })
        }
        (None, State::Read(Condition::Flawed(_) | Condition::Broken))
            if is_about_refinery(&candidate.name) =>
        {
            Some(candidate.claim(kind, "its path names Refinery".to_owned()))
        }
        _ => None,
    }
}

fn is_foreign(candidate: &Candidate) -> bool {
    matches!(candidate.state, State::Read(Condition::OtherKeys { is_foreign: true, .. }))
}

fn is_no_mapping(candidate: &Candidate) -> bool {
    candidate.state == State::Read(Condition::NotAMapping)
}

/// A recognised file near a candidate.
struct Neighbour<'m> {
    name: &'m str,
    /// Whether the candidate would complete it.
    needs_other_half: bool,
}

/// All recognised files that a candidate may be next to.
pub struct Neighbours<'m> {
    /// The files without the other half, in the order of pairs.
    lone: Vec<&'m Member>,
    /// Files by folder, in order.
    by_folder: HashMap<&'m str, Vec<&'m Member>>,
}

impl<'m> Neighbours<'m> {
    pub fn new(members: &'m [Member]) -> Self {
        let is_open = |member: &&Member| {
            member.bond.is_empty() && member.recognised.generation == Generation::Second
        };
        let lone = pair(members)
            .into_iter()
            .filter(|pair| pair.config.is_none() || pair.rules.is_none())
            .filter_map(|pair| members.get(pair.config.or(pair.rules)?))
            .filter(is_open)
            .collect();
        let mut by_folder: HashMap<_, Vec<_>> = HashMap::new();
        for member in members.iter().filter(is_open) {
            by_folder.entry(split(member.name.file()).0).or_default().push(member);
        }
        Self { lone, by_folder }
    }

    /// The recognised file next to a candidate, preferably one that it would complete.
    fn of(&self, candidate: &Candidate, kind: Kind) -> Option<Neighbour<'m>> {
        let folder = split(&candidate.name).0;
        let mut lone = self
            .lone
            .iter()
            .filter(|member| member.recognised.kind != kind)
            .filter(|member| may_pair(split(member.name.file()).0, folder));
        if let Some(lone) = lone.next() {
            return Some(Neighbour { name: lone.name.as_str(), needs_other_half: true });
        }
        let beside = self.by_folder.get(folder)?.first()?;
        Some(Neighbour { name: beside.name.as_str(), needs_other_half: false })
    }
}
