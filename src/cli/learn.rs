//! `learn`: a Refinery binary's description of its keys, as a release file.

use super::console::{Console, Failure};
use super::help::epilogue;
use crate::learn::{LearnError, Learned, MAX_BINARY, learn};
use crate::policy::ExitStatus;
use crate::release::Release;
use crate::release::facts::{Change, ChangeKind, Groups, compare};
use crate::release::pin::nearest;
use crate::report::escape::disarm;
use crate::report::json_text;
use crate::schema::{Kind, facts_of, learn_file};
use crate::vfs::read::{read_binary_or_stdin, read_text};
use crate::vfs::write::write_file;
use clap::Args;
use serde_json::Value as Json;
use std::fmt::Write;
use std::path::{Path, PathBuf};

const HELP: &str = epilogue! {
    examples: [
        "learn refinery --output-file v3.5.0.json" => "Write the release file of a binary",
        "--release-file v3.5.0.json check --refinery 3.5" => "Check with that release",
    ],
    clean: "the release file was written",
    page: "releases.md#learn-a-release-from-its-binary",
};

/// Read the keys of a release from a Refinery binary and write a release file.
///
/// The binary is searched for the metadata that every release embeds, and is never executed. Keys
/// added, removed or changed since the nearest known release are printed to standard error.
#[derive(Args, Debug)]
#[command(after_long_help = HELP)]
pub struct Arguments {
    /// Refinery binary, or tar archive that contains one; `-` reads standard input.
    ///
    /// ELF, Mach-O or PE. An archive, such as a layer of an image, may be compressed with gzip.
    path: PathBuf,
    /// Write the release file to FILE instead of standard output.
    #[arg(long, value_name = "FILE")]
    output_file: Option<PathBuf>,
    /// Version of the release, if the binary does not contain it.
    #[arg(long, value_name = "VERSION", value_parser = parse_version)]
    version_is: Option<Release>,
}

fn parse_version(text: &str) -> Result<Release, String> {
    Release::parse_checked(text)
        .ok_or_else(|| "expected a release from 2.0 on, such as `3.5.0`".to_owned())
}

pub fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<ExitStatus, Failure> {
    let bytes = read_binary_or_stdin(&arguments.path, console.input, MAX_BINARY)?;
    let learned =
        learn(bytes, arguments.version_is).map_err(|error| cannot(&arguments.path, &error))?;
    console.warn(&summary(&learned));
    let text = json_text(&serde_json::to_value(&learned.file).unwrap_or_default());
    match &arguments.output_file {
        Some(path) => write_file(path, &text)?,
        None => console.print(&text)?,
    }
    Ok(ExitStatus::Clean)
}

fn cannot(path: &Path, error: &LearnError) -> Failure {
    let name = if path.as_os_str() == "-" { "<stdin>".into() } else { path.display().to_string() };
    Failure::unusable(format!("cannot learn from `{name}`: {error}"), error.help())
}

/// What differs from the nearest known release.
fn summary(learned: &Learned) -> String {
    let nearest = nearest(learned.release);
    let count = |groups: &Groups| groups.values().map(|group| group.keys.len()).sum::<usize>();
    let (config, rules) = (count(&learned.file.config), count(&learned.file.rules));
    let mut text =
        format!("Refinery {}: {config} config keys, {rules} rules keys\n", learned.release);
    let mut lines = Vec::new();
    for (kind, after) in [(Kind::Config, &learned.file.config), (Kind::Rules, &learned.file.rules)]
    {
        let before = facts_of(kind, nearest);
        lines.extend(
            compare(&before, after)
                .iter()
                .map(|change| format!("{} {}", kind.word(), tell(change))),
        );
    }
    if lines.is_empty() {
        let _ = writeln!(text, "same keys as {nearest}");
    } else {
        let _ = writeln!(text, "compared with {nearest}:");
    }
    let not_understood = learned.not_understood.iter().map(|what| format!("not checked: {what}"));
    for line in lines.into_iter().chain(not_understood) {
        let _ = writeln!(text, "  {}", disarm(&line));
    }
    text
}

fn tell(change: &Change<'_>) -> String {
    let group = change.group;
    let name = change.key.map_or_else(|| group.to_owned(), |key| format!("{group}.{key}"));
    let shown = |value: &Option<Json>| {
        value.as_ref().map_or_else(|| "none".to_owned(), |value| format!("`{}`", plain(value)))
    };
    match &change.kind {
        ChangeKind::NewGroup(facts) => {
            let keys: Vec<&str> = facts.keys.keys().map(String::as_str).collect();
            format!("new group `{name}`: {}", keys.join(", "))
        }
        ChangeKind::GoneGroup => format!("removed group `{name}`"),
        ChangeKind::NewKey(facts) => format!("new key `{name}` ({})", facts.kind),
        ChangeKind::GoneKey => format!("removed key `{name}`"),
        ChangeKind::Fact(fact, before, after) => {
            format!("changed key `{name}`: {fact} was {}, is {}", shown(before), shown(after))
        }
    }
}

fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// Makes the releases of these files known to the run.
pub fn learn_releases(paths: &[PathBuf], console: &mut Console<'_>) -> Result<(), Failure> {
    for path in paths {
        let text = read_text(path)?;
        let invalid = |error: String| {
            let message = format!("invalid release file `{}`: {error}", path.display());
            Failure::unusable(message, "`refinery-preflight learn` writes release files")
        };
        let (release, is_used) = learn_file(&text).map_err(invalid)?;
        if !is_used {
            console.warn(&format!(
                "warning: `{}` is ignored: Refinery {release} is already proved by recordings\n",
                path.display()
            ));
        }
    }
    Ok(())
}
