//! Paths → files: those recognised as Refinery's by their content, and candidates by their name and
//! folder.
//!
//! Must not assemble deployments.

use super::Request;
use super::candidate::{Candidate, is_suspect};
use super::class_cache::ClassCache;
use super::counterpart::Incomplete;
use super::ledger::{Excluded, Ledger};
use super::origin::{Content, Origin};
use super::pair::Member;
use super::references::vendored_paths;
use crate::notice::Notice;
use crate::release::facts::ReleaseFile;
use crate::settings::is_settings;
use crate::sniff::classify::{FileClass, classify, classify_file};
use crate::sniff::containers::{has_version, may_be_values};
use crate::sniff::file_name::{
    builds_image, is_candidate, is_hcl, is_renamed, is_rule_test, kind_of_name, manages_machine,
    original_of, renders_values, sets_up_machine, suggests_values, without_template,
};
use crate::sniff::flaw::{first_action, is_without_content};
use crate::sniff::shebang::{is_script_file, may_be_script, names_shell, starts_script};
use crate::sniff::unrecognised::{Condition, examine};
use crate::syntax::DataFormat;
use crate::vfs::decode::decode;
use crate::vfs::input_error::{InputError, InputProblem};
use crate::vfs::path::{format_of, join, name_of, split, split_extension};
use crate::vfs::read::read_to_limit;
use crate::vfs::{ContentId, Vfs, Walk, WalkedFile};
use std::collections::{BTreeSet, HashSet};
use std::io::Read;
use std::path::{Path, PathBuf};

/// The name of standard input without `--stdin-filename`; it is read as YAML then.
pub const STDIN: &str = "<stdin>";

/// Why a file without Refinery's keys is not checked.
pub const NO_KEYS: &str = "no Refinery keys";
const RULE_TESTS: &str = "tests of rules";

/// A file of Refinery's or a container file, not loaded yet.
#[derive(Clone, Debug)]
pub struct Item {
    pub name: String,
    pub class: FileClass,
    pub format: Option<DataFormat>,
    pub content: Content,
    pub origin: Origin,
}

/// The result of a search.
#[derive(Default)]
pub struct Found {
    /// Recognised files, sorted by name.
    pub items: Vec<Item>,
    /// Files that are not recognised but may be Refinery's, sorted by name.
    pub candidates: Vec<Candidate>,
    /// The names of other files that may be values for the chart if another file says so.
    pub possible_values: Vec<String>,
    /// Paths into folders that are not searched, each after the file that names it.
    pub vendored: Vec<(String, String)>,
    /// All other files.
    pub ledger: Ledger,
    pub notices: Vec<Notice>,
}

/// A search.
pub struct Search<'s> {
    pub vfs: &'s dyn Vfs,
    pub known: &'s ClassCache,
    /// Which settings exclude a file, if any.
    pub exclude: &'s dyn Fn(&str) -> Option<Excluded>,
}

impl Search<'_> {
    /// Finds all items at these paths.
    ///
    /// # Errors
    /// A named path does not exist or cannot be read.
    pub fn discover(
        &self,
        request: &Request,
        paths: &[PathBuf],
        stdin: &mut dyn Read,
    ) -> Result<Found, InputError> {
        let mut found = Found::default();
        for path in paths {
            if path.as_os_str() == "-" {
                let (name, format, bytes) = read_stdin(request, stdin)?;
                sort_out(&mut found, (name, format), Content::Bytes(bytes), Origin::Named);
            } else if self.vfs.is_folder(path) {
                let walk = self.vfs.walk(path, is_read)?;
                self.add_walk(&mut found, walk)?;
            } else {
                let name = name_of(path);
                let bytes = self.vfs.read(path, &name)?;
                let format = format_of(&name);
                sort_out(&mut found, (name, format), Content::Bytes(bytes), Origin::Named);
            }
        }
        self.add_vendored(&mut found)?;
        self.add_partners(&mut found)?;
        self.add_counterparts(&mut found)?;
        found.settle();
        Ok(found)
    }

    fn add_walk(&self, found: &mut Found, walk: Walk) -> Result<(), InputError> {
        found.notices.extend(walk.notices);
        for (name, skip) in walk.skipped {
            found.ledger.skip(&name, skip);
        }
        for file in walk.files {
            self.look_at(found, file, Origin::Walked)?;
        }
        Ok(())
    }

    pub(super) fn look_at(
        &self,
        found: &mut Found,
        file: WalkedFile,
        origin: Origin,
    ) -> Result<(), InputError> {
        let WalkedFile { path, name, id, leads_out } = file;
        if let Some(excluded) = (self.exclude)(&name) {
            found.ledger.exclude(&name, excluded);
            return Ok(());
        }
        if is_rule_test(&name) {
            found.ledger.leave(&name, RULE_TESTS);
            return Ok(());
        }
        if is_settings(&name) {
            found.ledger.leave(&name, "settings of refinery-preflight");
            return Ok(());
        }
        let format = format_of(&name);
        if leads_out {
            found.add_candidate(Candidate::outside(name, origin));
            return Ok(());
        }
        // What it names is not cached.
        let known_id = id.filter(|id| !self.known.is_pointer(*id));
        if let Some(class) = known_id.and_then(|id| self.known.class(id, format)) {
            found.add(Item { name, class, format, content: Content::At(path), origin });
            return Ok(());
        }
        if known_id.is_some_and(|id| self.known.is_plain(id, format)) && !is_suspect(&name, "") {
            if id.is_some_and(|id| self.known.may_be_values(id)) || suggests_values(&name) {
                found.possible_values.push(name);
                return Ok(());
            }
            found.ledger.leave(&name, NO_KEYS);
            return Ok(());
        }
        if !is_candidate(&name) && !self.is_script(&path, &name, id) {
            return Ok(());
        }
        match self.vfs.read(&path, &name) {
            Ok(bytes) => {
                let paths = vendored_paths(&bytes);
                if let Some(id) = id.filter(|_| !paths.is_empty()) {
                    self.known.learn_pointer(id);
                }
                found.vendored.extend(paths.into_iter().map(|path| (name.clone(), path)));
                let (candidates, values) = (found.candidates.len(), found.possible_values.len());
                let class = sort_out(found, (name, format), Content::Bytes(bytes), origin);
                if let Some(id) = id.filter(|_| found.possible_values.len() > values) {
                    self.known.learn_values(id);
                }
                // A file that may be Refinery's by its content is read again.
                let is_settled = found.candidates.len() == candidates;
                if let Some(id) = id.filter(|_| is_settled) {
                    self.known.learn(id, format, class);
                }
            }
            Err(error) if error.problem == InputProblem::TooLarge => {
                found.add_candidate(self.too_large(&path, name, origin)?);
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Whether the first line of a file that may be a script says that it is one.
    fn is_script(&self, path: &Path, name: &str, id: Option<ContentId>) -> bool {
        if id.is_some_and(|id| self.known.is_no_script(id)) {
            return false;
        }
        let is_script = self.vfs.head(path, name).is_ok_and(|head| starts_script(&head));
        if let Some(id) = id.filter(|_| !is_script) {
            self.known.learn_no_script(id);
        }
        is_script
    }

    /// Reads a file as a candidate; `None` if it does not exist.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn candidate(&self, name: &str) -> Result<Option<Candidate>, InputError> {
        let bytes = match self.vfs.read(Path::new(name), name) {
            Ok(bytes) => bytes,
            Err(error) if error.problem == InputProblem::Outside => {
                return Ok(Some(Candidate::outside(name.to_owned(), Origin::Walked)));
            }
            Err(error) if error.problem == InputProblem::TooLarge => {
                let path = Path::new(name);
                return self.too_large(path, name.to_owned(), Origin::Walked).map(Some);
            }
            Err(error) if error.problem.is_absence() => return Ok(None),
            Err(error) => return Err(error),
        };
        let format = format_of(name);
        let condition = examine(format, &decode(bytes.clone(), format).text);
        let named = (name.to_owned(), format);
        Ok(Some(Candidate::new(named, Content::Bytes(bytes), condition, false, Origin::Walked)))
    }

    /// A candidate that is too large, classified by its beginning.
    fn too_large(
        &self,
        path: &Path,
        name: String,
        origin: Origin,
    ) -> Result<Candidate, InputError> {
        let format = format_of(&name);
        let head = decode(self.vfs.head(path, &name)?, format).text;
        let is_ours = classify(format, &head).is_some();
        Ok(Candidate::too_large(name, is_ours, origin))
    }

    /// Finds files that complete named ones in their folders.
    fn add_partners(&self, found: &mut Found) -> Result<(), InputError> {
        let is_half = |item: &&Item| {
            let is_half = matches!(item.class, FileClass::Refinery(_));
            item.origin == Origin::Named && (is_half || kind_of_name(&item.name).is_some())
        };
        let named = found.items.iter().filter(is_half).map(|item| &item.name);
        let claimed =
            found.candidates.iter().filter(|c| c.origin == Origin::Named && c.kind.is_some());
        let named = named.chain(claimed.map(|candidate| &candidate.name));
        let folders: BTreeSet<String> = named
            .filter(|name| !name.starts_with('<'))
            .map(|name| split(name).0.to_owned())
            .collect();
        for folder in folders {
            for name in self.names_in(&folder).filter(|name| is_candidate(name)) {
                let path = PathBuf::from(&name);
                if !self.vfs.is_folder(&path) && self.vfs.read(&path, &name).is_ok() {
                    let file = WalkedFile { path, name, id: None, leads_out: false };
                    self.look_at(found, file, Origin::Beside)?;
                }
            }
        }
        Ok(())
    }
}

impl Search<'_> {
    /// Adds files that the names of recognised ones ask for, and whose own names tell nothing, such
    /// as `config/prod.yaml` for `rules/prod.yaml`.
    fn add_counterparts(&self, found: &mut Found) -> Result<(), InputError> {
        let member = |item: &Item| match item.class {
            FileClass::Refinery(recognised) => {
                let name = item.name.as_str().into();
                Some(Member { name, recognised, bond: String::new() })
            }
            FileClass::Container => None,
        };
        let mut members: Vec<Member> = found.items.iter().filter_map(member).collect();
        members.sort_by(|a, b| a.name.cmp(&b.name));
        let incomplete = Incomplete::new(&members);
        for above in incomplete.folders_above() {
            for folder in self.names_in(above).filter(|folder| kind_of_name(folder).is_some()) {
                let is_it =
                    |name: &String| format_of(name).is_some() && incomplete.find(name).is_some();
                for name in self.names_in(&folder).filter(is_it) {
                    let is_known = found.candidates.iter().any(|known| known.name == name)
                        || found.items.iter().any(|known| known.name == name);
                    if !is_known && (self.exclude)(&name).is_none() {
                        found.candidates.extend(self.candidate(&name)?);
                    }
                }
            }
        }
        Ok(())
    }

    /// The paths of what is in a folder.
    fn names_in(&self, folder: &str) -> impl Iterator<Item = String> {
        let here = Path::new(if folder.is_empty() { "." } else { folder });
        let folder = folder.to_owned();
        self.vfs.names(here).into_iter().map(move |name| join(&folder, &name))
    }
}

/// Whether a walk finds files of this name.
fn is_read(name: &str) -> bool {
    is_candidate(name) || may_be_script(name)
}

/// Classifies a text and adds it if it may matter.
fn sort_out(
    found: &mut Found,
    (name, format): (String, Option<DataFormat>),
    content: Content,
    origin: Origin,
) -> Option<FileClass> {
    let Content::Bytes(bytes) = &content else { return None };
    let written = std::str::from_utf8(bytes).unwrap_or_default();
    let is_script = is_script_file(&name, written);
    let is_filled = without_template(&name).is_some() && written.contains("${");
    let is_user_data = written.starts_with("#cloud-config") && !is_filled;
    let is_other_script = names_shell(written) && !is_script && !sets_up_machine(&name);
    let is_renamed = origin != Origin::Named
        && is_renamed(&name)
        && !(is_script || is_user_data || is_other_script);
    let inner = without_template(&name).and_then(format_of);
    let inner = inner.or_else(|| is_renamed.then(|| format_within(&name, bytes)));
    let format_read = format.or(inner).or(is_user_data.then_some(DataFormat::Yaml));
    let text = decode(bytes.clone(), format_read).text;
    if format == Some(DataFormat::Json) && is_release_file(&text) {
        found.ledger.leave(&name, "release file of refinery-preflight");
        return None;
    }
    // Comments may quote anything.
    let has_content = || kind_of_name(&name).is_none() || !is_without_content(&text);
    let class =
        classify_file(&name, format_read, &text).filter(|_| has_content() && !is_other_script);
    // Ansible, helmfile, Chef and Puppet use a template without actions as it is.
    let is_used = |end: &&str| name.ends_with(*end);
    let is_static = (is_user_data || [".j2", ".gotmpl", ".erb", ".epp"].iter().any(is_used))
        && first_action(&text).is_none();
    let is_rendered =
        renders_values(&name) && class == Some(FileClass::Container) && has_version(&text);
    let is_read = inner.is_none() || is_static || is_rendered;
    let format = if is_static || is_rendered { format_read } else { format };
    if let (Some(class), true) = (class, is_read) {
        found.add(Item { name, class, format, content, origin });
        return Some(class);
    }
    let may_be_half = !(is_script
        || is_other_script
        || is_hcl(&name)
        || builds_image(&name)
        || manages_machine(&name));
    if origin == Origin::Named || class.is_some() || may_be_half && is_suspect(&name, &text) {
        let condition = examine(format_read, &text);
        let is_ours = match (class, condition) {
            (Some(FileClass::Refinery(_)), _) => true,
            (_, Condition::OtherKeys { traces: Some(_), .. }) if is_renamed => true,
            (Some(FileClass::Container), _) => has_version(&text),
            (None, _) => is_renamed && has_version(&text),
        };
        let format = if is_renamed { format_read } else { format };
        found.add_candidate(Candidate::new((name, format), content, condition, is_ours, origin));
    } else if origin == Origin::Walked
        && format_read == Some(DataFormat::Yaml)
        && (may_be_values(&text) || suggests_values(&name))
    {
        found.possible_values.push(name);
    } else if origin != Origin::Beside {
        found.ledger.leave(&name, NO_KEYS);
    }
    None
}

/// Whether `learn` wrote it: it has the names of Refinery's keys, and is not one of its files.
fn is_release_file(text: &str) -> bool {
    text.contains("\"release\"") && ReleaseFile::parse(text).is_ok()
}

/// The format of a file whose extension does not tell it.
fn format_within(name: &str, bytes: &[u8]) -> DataFormat {
    let first = bytes.trim_ascii_start().first();
    let inner = format_of(split_extension(name).0);
    inner.unwrap_or(if first == Some(&b'{') { DataFormat::Json } else { DataFormat::Yaml })
}

impl Found {
    fn add(&mut self, item: Item) {
        self.items.push(item);
    }

    pub fn has_candidates(&self) -> bool {
        !self.candidates.is_empty()
    }

    fn add_candidate(&mut self, candidate: Candidate) {
        self.candidates.push(candidate);
    }

    /// Sorts everything, and keeps each file once, with the highest precedence.
    pub fn settle(&mut self) {
        self.items.sort_by(|a, b| (&a.name, a.origin).cmp(&(&b.name, b.origin)));
        self.items.dedup_by(|later, earlier| later.name == earlier.name);
        self.leave_samples();
        self.candidates.sort_by(|a, b| (&a.name, a.origin).cmp(&(&b.name, b.origin)));
        self.candidates.dedup_by(|later, earlier| later.name == earlier.name);
        let known: HashSet<&str> = self.candidates.iter().map(|it| it.name.as_str()).collect();
        self.possible_values.sort();
        self.possible_values.dedup();
        self.possible_values.retain(|name| !known.contains(name.as_str()));
    }
}

impl Found {
    /// Leaves samples and old copies of files that are there as well.
    fn leave_samples(&mut self) {
        let items = self.items.iter().map(|item| &item.name);
        let candidates = self.candidates.iter().map(|candidate| &candidate.name);
        let names: HashSet<String> = items.chain(candidates).cloned().collect();
        let is_sample = |name: &str, origin| {
            let original = original_of(name).filter(|_| origin == Origin::Walked);
            original.is_some_and(|original| names.contains(&original))
        };
        let mut samples = BTreeSet::new();
        self.items.retain(|item| {
            let is_left = item.class != FileClass::Container && is_sample(&item.name, item.origin);
            samples.extend(is_left.then(|| item.name.clone()));
            !is_left
        });
        // Also those that cannot be read.
        self.candidates.retain(|candidate| {
            let is_left = is_sample(&candidate.name, candidate.origin);
            samples.extend(is_left.then(|| candidate.name.clone()));
            !is_left
        });
        for sample in samples {
            self.ledger.leave(&sample, "sample or copy of a file beside it");
        }
    }
}

fn read_stdin(
    request: &Request,
    stdin: &mut dyn Read,
) -> Result<(String, Option<DataFormat>, Vec<u8>), InputError> {
    let bytes = read_to_limit(stdin, request.stdin_filename.as_deref().unwrap_or(STDIN))?;
    Ok(match &request.stdin_filename {
        Some(given) => {
            let name = name_of(Path::new(given));
            (name.clone(), format_of(&name), bytes)
        }
        None => (STDIN.to_owned(), Some(DataFormat::Yaml), bytes),
    })
}

/// The error for a named file that is neither Refinery's nor a container file.
pub fn not_recognised(name: &str) -> InputError {
    InputError::new(
        InputProblem::NotRecognised,
        format!("`{name}` is not a Refinery config or rules file: it has no Refinery keys"),
        "if it is one, pass it with `-c` or `-r`",
    )
}
