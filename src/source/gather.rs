//! A request → everything that it names, read and put together.
//!
//! Must not know how files are walked, recognised or paired: it only asks.

use super::input_error::{InputError, InputProblem};
use super::location::{Location, advice_on_missing, read_location};
use super::pair::{Member, Pair, describe, pair};
use super::path::{format_of, name_of};
use super::read::{read_file, read_to_limit};
use super::recognise::{Recognised, guess};
use super::shelf::{Shelf, Shelved};
use super::text::decode;
use super::walk::{nothing_found, walk};
use super::{Deployment, Request, Sources};
use crate::diagnostic::Finding;
use crate::syntax::DataFormat;
use std::io::Read;
use std::path::{Path, PathBuf};

/// What standard input is called where nobody says; it is YAML then.
const STDIN: &str = "<stdin>";

/// Reads everything that a request names.
///
/// # Errors
/// Something named cannot be read, or there is nothing to judge.
pub fn gather(request: &Request, stdin: &mut dyn Read) -> Result<Sources, InputError> {
    let mut shelf = Shelf::default();
    let mut sources = Sources::default();
    let named = Locations::of(request);
    let paths = paths(request, !named.is_empty());
    if !named.is_empty() {
        sources.notices.push(named.describe());
        sources.deployments.push(named.load(&mut shelf)?);
    }
    if !paths.is_empty() {
        let items = discover(request, &paths, stdin, &mut sources.notices)?;
        add_items(items, &mut shelf, &mut sources)?;
    }
    sources.files = shelf.files;
    Ok(sources)
}

/// Files named in the words of the engine's flags.
struct Locations {
    config: Vec<String>,
    rules: Vec<String>,
}

impl Locations {
    /// The environment counts as it does for the engine, unless only paths are named.
    fn of(request: &Request) -> Self {
        let has_flags = !request.config.is_empty() || !request.rules.is_empty();
        let has_paths = !request.paths.is_empty() || request.stdin_filename.is_some();
        let live = request.live.as_ref().filter(|_| has_flags || !has_paths);
        let choose = |flags: &[String], variable: &str| match live.and_then(|l| l.get(variable)) {
            // A variable that is set but empty still names one location, the empty one.
            Some(value) if flags.is_empty() => value.split(',').map(str::to_owned).collect(),
            _ => flags.to_vec(),
        };
        Self {
            config: choose(&request.config, "REFINERY_CONFIG"),
            rules: choose(&request.rules, "REFINERY_RULES_CONFIG"),
        }
    }

    fn is_empty(&self) -> bool {
        self.config.is_empty() && self.rules.is_empty()
    }

    fn describe(&self) -> String {
        let (config, rules) = (self.config.join(", "), self.rules.join(", "));
        if rules.is_empty() {
            format!("{config} (no rules named; judged alone)")
        } else if config.is_empty() {
            format!("{rules} (no config named; judged alone)")
        } else {
            format!("{config} + {rules}")
        }
    }

    fn load(self, onto: &mut Shelf) -> Result<Deployment, InputError> {
        let mut findings = Vec::new();
        let config = load_all(&self.config, onto, &mut findings)?;
        let rules = load_all(&self.rules, onto, &mut findings)?;
        Ok(deployment(&config, &rules, findings))
    }
}

/// Reads files as the engine finds them; what it refuses to look for becomes a finding.
fn load_all(
    locations: &[String],
    shelf: &mut Shelf,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Shelved>, InputError> {
    let mut loaded = Vec::new();
    for location in locations {
        match read_location(location)? {
            Location::Refused(finding) => findings.push(finding),
            Location::File(path, finding) => {
                findings.extend(finding);
                let name = name_of(Path::new(&path));
                let bytes =
                    read_file(Path::new(&path), &name).map_err(|error| advise(error, location))?;
                loaded.push(shelf.put(&name, format_of(&path), bytes)?);
            }
        }
    }
    Ok(loaded)
}

fn advise(mut error: InputError, location: &str) -> InputError {
    if let (InputProblem::Missing, Some(advice)) = (error.problem, advice_on_missing(location)) {
        advice.clone_into(&mut error.advice);
    }
    error
}

/// What to visit: as named, else standard input if it has a name, else all there is.
fn paths(request: &Request, has_locations: bool) -> Vec<PathBuf> {
    let default = match &request.stdin_filename {
        Some(_) => Some("-"),
        None if has_locations => None,
        None => Some("."),
    };
    match default {
        Some(path) if request.paths.is_empty() => vec![PathBuf::from(path)],
        _ => request.paths.clone(),
    }
}

/// A file of Refinery's, not yet on the shelf.
struct Item {
    member: Member,
    format: Option<DataFormat>,
    content: Content,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Content {
    Bytes(Vec<u8>),
    At(PathBuf),
}

/// All items at these paths, sorted by name.
fn discover(
    request: &Request,
    paths: &[PathBuf],
    stdin: &mut dyn Read,
    notices: &mut Vec<String>,
) -> Result<Vec<Item>, InputError> {
    let mut items = Vec::new();
    let mut looked_at = 0;
    for path in paths {
        if path.as_os_str() == "-" {
            items.push(read_stdin(request, stdin)?);
        } else if path.is_dir() {
            let walked = walk(path)?;
            looked_at += walked.looked_at;
            notices.extend(walked.notices);
            items.extend(walked.found.into_iter().map(|found| Item {
                format: format_of(&found.name),
                member: Member { name: found.name, recognised: found.recognised },
                content: Content::At(found.path),
            }));
        } else {
            let name = name_of(path);
            let bytes = read_file(path, &name)?;
            items.push(identify(&name, format_of(&name), bytes)?);
        }
    }
    if items.is_empty() {
        let places: Vec<String> = paths.iter().map(|path| name_of(path)).collect();
        return Err(nothing_found(&places, looked_at));
    }
    // What was handed over as bytes goes before what lies on the disk under the same name.
    items.sort_by(|a, b| (&a.member.name, &a.content).cmp(&(&b.member.name, &b.content)));
    items.dedup_by(|later, earlier| later.member.name == earlier.member.name);
    Ok(items)
}

fn read_stdin(request: &Request, stdin: &mut dyn Read) -> Result<Item, InputError> {
    let bytes = read_to_limit(stdin, request.stdin_filename.as_deref().unwrap_or(STDIN))?;
    match &request.stdin_filename {
        Some(given) => {
            let name = name_of(Path::new(given));
            identify(&name, format_of(&name), bytes)
        }
        None => identify(STDIN, Some(DataFormat::Yaml), bytes),
    }
}

fn identify(name: &str, format: Option<DataFormat>, bytes: Vec<u8>) -> Result<Item, InputError> {
    let text = decode(bytes.clone(), format).text;
    let recognised: Recognised = guess(format, &text, name).ok_or_else(|| not_recognised(name))?;
    let member = Member { name: name.to_owned(), recognised };
    Ok(Item { member, format, content: Content::Bytes(bytes) })
}

fn not_recognised(name: &str) -> InputError {
    InputError::new(
        InputProblem::NotRecognised,
        format!("`{name}` is neither a Refinery config nor a rules file, by its keys"),
        "if it is one all the same, name it with -c or -r",
    )
}

fn add_items(items: Vec<Item>, shelf: &mut Shelf, sources: &mut Sources) -> Result<(), InputError> {
    let mut members = Vec::new();
    let mut shelved = Vec::new();
    for item in items {
        let bytes = match item.content {
            Content::Bytes(bytes) => bytes,
            Content::At(path) => read_file(&path, &item.member.name)?,
        };
        shelved.push(shelf.put(&item.member.name, item.format, bytes)?);
        members.push(item.member);
    }
    for found in pair(&members) {
        sources.notices.push(describe(found, &members));
        sources.deployments.push(assemble(found, &shelved));
    }
    Ok(())
}

fn assemble(pair: Pair, shelved: &[Shelved]) -> Deployment {
    let half = |index: Option<usize>| {
        index.and_then(|index| shelved.get(index)).map(std::slice::from_ref).unwrap_or_default()
    };
    deployment(half(pair.config), half(pair.rules), Vec::new())
}

fn deployment(config: &[Shelved], rules: &[Shelved], mut findings: Vec<Finding>) -> Deployment {
    findings.extend(config.iter().chain(rules).flat_map(|shelved| shelved.findings.clone()));
    let sources = |half: &[Shelved]| half.iter().map(|shelved| shelved.source).collect();
    Deployment { config: sources(config), rules: sources(rules), findings }
}
