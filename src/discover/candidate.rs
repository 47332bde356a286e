//! Files that are not recognised by their content, but may be Refinery's because of their name,
//! their folder or the last commit.

use super::counterpart::Incomplete;
use super::origin::{Content, Origin};
use super::pair::{Member, may_pair, pair};
use crate::deploy::is_valid_hcl;
use crate::schema::Kind;
use crate::sniff::classify::FileClass;
use crate::sniff::containers::names_others;
use crate::sniff::file_name::{
    builds_image, encryption_of_name, is_about_refinery, is_copy, is_hcl, is_of_other_program,
    is_of_refinery, is_renamed, is_script, is_values, kind_of_name, source_language, theme,
    without_template,
};
use crate::sniff::flaw::{Flaw, compression, encryption, is_group, is_lfs_pointer};
use crate::sniff::key_scan::key_scan;
use crate::sniff::recognise::Generation;
use crate::sniff::shebang::is_script_file;
use crate::sniff::unrecognised::Condition;
use crate::syntax::DataFormat;
use crate::vfs::path::{split, split_extension};
use std::collections::{BTreeSet, HashMap};

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
    /// Named like a config or rules file, with an extension that Refinery does not read.
    Renamed {
        condition: Condition,
        is_ours: bool,
    },
    /// Compressed in this format.
    Compressed(&'static str),
    /// Encrypted with this tool, according to its extension.
    Encrypted(&'static str),
    /// Written in a language from which configuration is generated; `is_ours` if it has Refinery's
    /// keys.
    Source {
        language: &'static str,
        is_ours: bool,
    },
    /// A folder.
    Folder,
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
    kind_of_name(name).is_some()
        || is_about_refinery(name)
        || names_others(name)
        || is_values(name)
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
        let state = if without_template(&name).is_some() {
            State::Template { is_ours }
        } else if !is_renamed(&name) {
            State::Read(condition)
        } else if let Content::Bytes(bytes) = &content
            && let Some(compression) = compression(bytes)
        {
            State::Compressed(compression)
        } else if let Some(tool) = encryption_of_name(&name) {
            State::Encrypted(tool)
        } else if let Some(language) = source_language(&name) {
            State::Source { language, is_ours }
        } else if origin == Origin::Named {
            // Refinery rejects the name that it is given.
            State::Read(condition)
        } else {
            State::Renamed { condition, is_ours }
        };
        Self { kind: kind_of_name(&name), name, format, content, origin, state, was: None }
    }

    /// A link to a file outside of what may be read.
    pub fn outside(name: String, origin: Origin) -> Self {
        Self::unread(name, State::Outside, origin)
    }

    /// A folder that is named like a file.
    pub fn folder(name: String) -> Self {
        Self::unread(name, State::Folder, Origin::Walked)
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
            State::Read(Condition::NotAMapping | Condition::OtherKeys { .. })
            | State::Renamed { .. } => false,
            State::Read(Condition::Flawed(_) | Condition::Broken { .. })
            | State::Template { .. }
            | State::Compressed(_)
            | State::Encrypted(_)
            | State::Source { .. }
            | State::Folder
            | State::Outside
            | State::TooLarge { .. } => true,
        }
    }

    /// Whether a file that held files of Refinery's cannot hold any. One of Terraform, a script or a
    /// Dockerfile may do anything else now.
    fn is_lost_container(&self) -> bool {
        let is_elsewhere = matches!(
            self.state,
            State::Read(Condition::Flawed(Flaw::LfsPointer | Flaw::Encrypted(_)))
        );
        let is_text = matches!(self.state, State::Read(_)) && !is_elsewhere;
        let is_program = self.is_script() || builds_image(&self.name);
        let is_other = is_program || is_hcl(&self.name) && self.is_valid_hcl();
        let is_list = || is_no_mapping(self) && !self.has_tasks();
        (self.is_unusable() || is_list()) && !(is_text && is_other)
    }

    fn is_script(&self) -> bool {
        match &self.content {
            Content::Bytes(bytes) => is_script_file(&self.name, &String::from_utf8_lossy(bytes)),
            Content::At(_) => is_script(&self.name),
        }
    }

    /// Whether Refinery cannot read it under its own name.
    fn has_other_form(&self) -> bool {
        matches!(
            self.state,
            State::Renamed { .. }
                | State::Compressed(_)
                | State::Encrypted(_)
                | State::Source { .. }
                | State::Folder
        )
    }

    /// Whether its content is nested under one key.
    pub fn is_wrapped(&self) -> bool {
        matches!(self.state, State::Read(Condition::Flawed(Flaw::Wrapped { .. })))
    }

    /// Whether it has one of Refinery's groups at the top level.
    fn has_group(&self) -> bool {
        let Content::Bytes(bytes) = &self.content else { return false };
        let text = String::from_utf8_lossy(bytes);
        let keys = key_scan(DataFormat::Yaml, &text);
        keys.iter().any(|key| key.top && is_group(key.name))
    }

    /// Whether it is YAML, TOML or JSON that does not parse.
    fn is_broken(&self) -> bool {
        self.format.is_some() && matches!(self.state, State::Read(Condition::Broken { .. }))
    }

    /// Why it is not checked.
    pub fn reason(&self) -> &'static str {
        match self.state {
            State::Renamed { is_ours: true, .. } => "extension that Refinery does not read",
            State::Read(_) | State::Renamed { .. } => "no Refinery keys",
            State::Compressed(_) => "compressed",
            State::Encrypted(_) => "encrypted",
            State::Source { .. } | State::Template { is_ours: true } => "source of generated files",
            State::Folder => "folder",
            State::Template { is_ours: false } => "template without Refinery keys",
            State::Outside => "link to a file outside of what is checked",
            State::TooLarge { .. } => "too large",
        }
    }

    /// Whether it is named like a half of a deployment, its path is about Refinery, and nothing in it
    /// shows that it is another program's.
    pub fn may_be_half(&self) -> bool {
        self.kind.is_some()
            && self.origin == Origin::Walked
            && matches!(self.state, State::Read(_))
            && is_of_refinery(&self.name)
            && !is_foreign(self)
            && theme(split_extension(&self.name).0).is_empty()
    }

    /// Whether it may have Refinery's keys, because some are, or because none can be read.
    pub fn may_have_keys(&self) -> bool {
        !matches!(
            self.state,
            State::Read(
                Condition::OtherKeys { traces: None, .. } | Condition::Broken { is_other: true }
            )
        )
    }

    /// Whether it can be this half of the deployment of a file that is named like it.
    fn may_complete(&self, kind: Kind) -> bool {
        match self.state {
            State::Renamed { .. } | State::Source { .. } => false,
            State::Read(Condition::OtherKeys { traces, is_foreign }) => {
                let is_named =
                    self.kind.is_some() && !theme(split_extension(&self.name).0).is_empty();
                let is_meant = is_named || is_about_refinery(&self.name);
                traces == Some(kind) || traces.is_none() && !is_foreign && is_meant
            }
            _ => true,
        }
    }

    /// The claim because of its path alone.
    pub fn claim_by_path(&self) -> Option<Claim> {
        Some(self.claim(self.kind?, "its path names Refinery".to_owned()))
    }

    /// Whether it is a list like those of Ansible, whose tasks may be elsewhere now.
    fn has_tasks(&self) -> bool {
        const KEYS: [&str; 5] =
            ["hosts:", "name:", "import_playbook:", "import_tasks:", "include_tasks:"];
        let Content::Bytes(bytes) = &self.content else { return false };
        let text = String::from_utf8_lossy(bytes);
        let mut items = text.lines().filter_map(|line| line.strip_prefix("- ")).peekable();
        let is_task = |item: &str| KEYS.iter().any(|key| item.trim_start().starts_with(key));
        items.peek().is_some() && items.all(is_task)
    }

    fn is_valid_hcl(&self) -> bool {
        let Content::Bytes(bytes) = &self.content else { return false };
        std::str::from_utf8(bytes).is_ok_and(is_valid_hcl)
    }

    /// The claim that the content of this half, or of the one next to it, is nested under one key.
    pub fn claim_wrapped(&self) -> Option<Claim> {
        let kind = self.kind?;
        let other = Kind::ALL.into_iter().find(|other| *other != kind)?.word();
        let why =
            format!("it is next to a file named like a {other} file that cannot be used either");
        Some(self.claim(kind, why))
    }

    /// The claim that it is of an environment like the one in another folder.
    pub fn claim_like(&self, folder: &str) -> Option<Claim> {
        Some(self.claim(self.kind?, format!("it is named like a file in `{folder}`")))
    }

    /// Whether it is named like a config or rules file, and nothing can be read from it.
    pub fn is_unusable_half(&self) -> bool {
        let is_unusable = matches!(
            self.state,
            State::Read(Condition::Flawed(_) | Condition::Broken { .. } | Condition::NotAMapping)
        );
        is_unusable && self.kind.is_some() && self.origin == Origin::Walked
    }

    fn claim(&self, kind: Kind, why: String) -> Claim {
        match self.state {
            State::Renamed { condition: Condition::Flawed(flaw), .. } if flaw.is_placeholder() => {
                Claim::Unchecked(why)
            }
            State::Read(_) | State::Renamed { .. } => Claim::Half(kind, why),
            _ => Claim::Unchecked(why),
        }
    }
}

/// Decides about a candidate, given all recognised files; `None` if it is not Refinery's.
pub fn decide(candidate: &Candidate, recognised: &Neighbours<'_>) -> Option<Claim> {
    if recognised.has_generated(candidate) {
        return None;
    }
    match candidate.was {
        Some(FileClass::Refinery(was)) if was.generation == Generation::Second => {
            let why = format!("it was a Refinery {} file in the last commit", was.kind.word());
            return Some(candidate.claim(was.kind, why));
        }
        Some(FileClass::Container) if candidate.is_lost_container() => {
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
    if candidate.origin == Origin::Named {
        return decide_named(candidate, recognised);
    }
    if let Some((kind, member)) = recognised.incomplete.find(&candidate.name)
        && candidate.may_complete(kind)
    {
        return Some(candidate.claim(kind, format!("it is named like `{}`", member.name)));
    }
    if let Some(member) = recognised.sibling(candidate) {
        let why = format!("it is next to `{}`", member.name);
        return Some(candidate.claim(member.recognised.kind, why));
    }
    let kind = candidate.kind?;
    let beside = recognised.of(candidate, kind);
    if candidate.has_other_form() {
        return decide_other_form(candidate, kind, beside);
    }
    match (beside, candidate.state) {
        // With both halves there, an empty file is one of another program if its name says so.
        (Some(beside), _) if !beside.needs_other_half && is_of_other_program(&candidate.name) => {
            None
        }
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
        // Encrypted files of secrets are common, and hold keys rather than files.
        (None, State::Read(Condition::Flawed(Flaw::Encrypted(_))))
            if candidate.name.to_lowercase().contains("secret") =>
        {
            None
        }
        (None, State::Read(Condition::Flawed(_) | Condition::Broken { is_other: false }))
            if is_about_refinery(&candidate.name) =>
        {
            Some(candidate.claim(kind, "its path names Refinery".to_owned()))
        }
        _ => None,
    }
}

/// Decides about a candidate on the command line.
fn decide_named(candidate: &Candidate, recognised: &Neighbours<'_>) -> Option<Claim> {
    let traces = match candidate.state {
        State::Read(Condition::OtherKeys { traces, .. }) => traces,
        _ => None,
    };
    let completes = |kind| recognised.of(candidate, kind).is_some_and(|n| n.needs_other_half);
    let is_meant = |&kind: &Kind| !is_foreign(candidate) || completes(kind);
    let named = "it is named explicitly".to_owned();
    match candidate.kind.filter(is_meant).or(traces) {
        Some(kind) => Some(candidate.claim(kind, named)),
        None if candidate.is_broken() => Some(Claim::Unchecked(named)),
        None => None,
    }
}

/// Decides about a candidate that Refinery cannot read under its own name. It is Refinery's if it
/// would complete a file next to it or, unless it is a copy, if it has Refinery's keys and no
/// recognised file is near.
fn decide_other_form(
    candidate: &Candidate,
    kind: Kind,
    beside: Option<Neighbour<'_>>,
) -> Option<Claim> {
    let is_plain_name = theme(split_extension(&candidate.name).0).is_empty();
    let (is_ours, may_be_ours) = match candidate.state {
        State::Renamed { is_ours, condition: Condition::Flawed(_) } => (is_ours, is_plain_name),
        State::Renamed { is_ours, condition: Condition::Broken { .. } } => {
            (is_ours, is_plain_name && candidate.has_group())
        }
        State::Renamed { is_ours, .. } | State::Source { is_ours, .. } => (is_ours, is_ours),
        _ => (false, is_plain_name),
    };
    match beside {
        Some(beside) if beside.needs_other_half && may_be_ours => {
            let why = format!("`{}` next to it has no {}", beside.name, kind.word());
            Some(candidate.claim(kind, why))
        }
        None if is_ours && !is_copy(&candidate.name) => {
            Some(candidate.claim(kind, "it has Refinery's keys".to_owned()))
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
    incomplete: Incomplete<'m>,
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
        Self { lone, by_folder, incomplete: Incomplete::new(members) }
    }

    /// A recognised file of the kind after which the folder of an unusable candidate is named, such as
    /// `rules/`.
    fn sibling(&self, candidate: &Candidate) -> Option<&'m Member> {
        let folder = split(&candidate.name).0;
        // Any file may be in a folder `refinery`.
        let kind = kind_of_name(&split(folder).1.replace("refinery", ""))?;
        let has_no_content = matches!(
            candidate.state,
            State::Read(Condition::Flawed(_) | Condition::NotAMapping | Condition::Broken { .. })
        );
        let may_be = candidate.kind.is_none()
            && candidate.origin == Origin::Walked
            && is_about_refinery(&candidate.name)
            && has_no_content;
        let members = self.by_folder.get(folder).filter(|_| may_be)?;
        members.iter().find(|member| member.recognised.kind == kind).copied()
    }

    /// The folders of all files without the other half.
    pub fn lone_folders(&self) -> BTreeSet<&'m str> {
        self.lone.iter().map(|member| split(member.name.file()).0).collect()
    }

    /// Whether a candidate is the source of a recognised file next to it or in an adjacent folder, such
    /// as `rules.jsonnet` of `rules.json`.
    fn has_generated(&self, candidate: &Candidate) -> bool {
        let generates = matches!(candidate.state, State::Template { .. } | State::Source { .. });
        let (folder, _) = split(&candidate.name);
        let near = self.by_folder.iter().filter(|(near, _)| generates && may_pair(near, folder));
        let mut names = near.flat_map(|(_, members)| members).map(|member| member.name.file());
        let stem = |name| split_extension(without_template(name).unwrap_or(name)).0.to_owned();
        names.any(|name| split_extension(name).0 == stem(&candidate.name))
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
