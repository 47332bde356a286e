//! `settings`: which settings apply to a file or folder, and where they are set.

use super::console::{Console, Failure};
use super::help::epilogue;
use super::human_or_json::HumanOrJson;
use super::policy_args::SettingsFlags;
use crate::git::work_tree::Disk;
use crate::policy::{ExitStatus, FailOn};
use crate::report::{escape_lines, json_text};
use crate::settings::{Setting, SettingsFiles, list_settings};
use crate::vfs::path::name_of;
use clap::Args;
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};

const HELP: &str = epilogue! {
    examples: [
        "settings" => "Print the settings of this folder",
        "settings deploy/rules.yaml --output-format json" => "Print those of a file as JSON",
    ],
    clean: "the settings were printed",
    page: "settings.md",
};

/// Print which settings apply to a file or folder, and where they are set.
#[derive(Args, Debug)]
#[command(after_long_help = HELP)]
pub struct Arguments {
    /// File or folder.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Lowest severity that fails the run.
    #[arg(long, value_enum, value_name = "SEVERITY", env = "REFINERY_PREFLIGHT_FAIL_ON")]
    fail_on: Option<FailOn>,
    /// Only run these checks.
    #[arg(long, value_name = "CHECKS", env = "REFINERY_PREFLIGHT_SELECT")]
    select: Vec<String>,
    /// Skip these checks.
    #[arg(long, value_name = "CHECKS", env = "REFINERY_PREFLIGHT_IGNORE")]
    ignore: Vec<String>,
    /// Suppress the findings listed in this file.
    #[arg(long, value_name = "FILE", env = "REFINERY_PREFLIGHT_BASELINE")]
    baseline: Option<PathBuf>,
    #[command(flatten)]
    settings: SettingsFlags,
    /// Output format.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    output_format: HumanOrJson,
}

/// Wider lines are not aligned.
const WIDEST: usize = 60;

/// A setting, and where it is set.
struct Row {
    key: String,
    value: Json,
    origin: Origin,
}

enum Origin {
    Default,
    /// An option of the command line, or its variable.
    Option(String),
    Line(String, usize),
}

/// `variables` are those that options come from.
pub fn run(
    arguments: &Arguments,
    variables: &[String],
    console: &mut Console<'_>,
) -> Result<ExitStatus, Failure> {
    let path = &arguments.path;
    if !path.exists() {
        let message = format!("no such file: `{}`", name_of(path));
        return Err(Failure::unusable(message, "pass an existing file or folder"));
    }
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new("")) };
    let file = match arguments.settings.arguments(false) {
        Some(given) => {
            let disk = Disk::within(std::slice::from_ref(path));
            SettingsFiles::new(&disk, &given).nearest(folder)?
        }
        None => None,
    };
    let (name, text) =
        file.as_ref().map_or((None, ""), |file| (Some(file.name.as_str()), file.text.as_str()));
    let mut rows = overridden(list_settings(text), name.unwrap_or_default(), arguments);
    for row in &mut rows {
        if let Origin::Option(option) = &mut row.origin
            && let Some(variable) = variables.iter().find(|name| stands_for(name, option))
        {
            option.clone_from(variable);
        }
    }
    console.print(&match arguments.output_format {
        HumanOrJson::Human => human(&name_of(path), name, &rows),
        HumanOrJson::Json => json(&name_of(path), name, &rows),
    })?;
    Ok(ExitStatus::Clean)
}

/// `REFINERY_PREFLIGHT_FAIL_ON` sets `--fail-on`.
fn stands_for(variable: &str, option: &str) -> bool {
    let name = option.trim_start_matches('-').replace('-', "_").to_uppercase();
    variable.strip_prefix("REFINERY_PREFLIGHT_") == Some(&name)
}

/// The settings, with those of the command line instead of the file's.
fn overridden(settings: Vec<Setting>, file: &str, arguments: &Arguments) -> Vec<Row> {
    let lists_checks = !arguments.select.is_empty() || !arguments.ignore.is_empty();
    let list = |names: &[String]| lists_checks.then(|| json!(names));
    let given = [
        ("fail-on", "--fail-on", arguments.fail_on.map(|level| json!(level.word()))),
        ("select", "--select", list(&arguments.select)),
        ("ignore", "--ignore", list(&arguments.ignore)),
        ("baseline", "--baseline", arguments.baseline.as_ref().map(|path| json!(name_of(path)))),
    ];
    let row = |setting: Setting| {
        let option = given.iter().find(|(key, ..)| *key == setting.key);
        if let Some((_, option, Some(value))) = option {
            return Row {
                key: setting.key,
                value: value.clone(),
                origin: Origin::Option((*option).to_owned()),
            };
        }
        let origin =
            setting.line.map_or(Origin::Default, |line| Origin::Line(file.to_owned(), line));
        Row { key: setting.key, value: setting.value, origin }
    };
    settings.into_iter().map(row).collect()
}

/// Lines of TOML, with the origins as comments.
fn human(path: &str, file: Option<&str>, rows: &[Row]) -> String {
    let head = match file {
        Some(file) => format!("# settings of {file} for {path}\n"),
        None => format!("# no settings file for {path}\n"),
    };
    let lines: Vec<(String, String)> = rows
        .iter()
        .map(|row| {
            let origin = match &row.origin {
                Origin::Default => "default".to_owned(),
                Origin::Option(option) => option.clone(),
                Origin::Line(file, line) => format!("{file}:{line}"),
            };
            let set = match &row.value {
                Json::Null => format!("# {} is not set", row.key),
                value => format!("{} = {}", row.key, toml(value)),
            };
            (set, origin)
        })
        .collect();
    let width = lines.iter().map(|(set, _)| set.chars().count()).filter(|width| *width <= WIDEST);
    let width = width.max().unwrap_or(0);
    let lines = lines.iter().map(|(set, origin)| format!("{set:width$}  # {origin}\n"));
    escape_lines(&(head + &lines.collect::<String>()))
}

/// A value on one line of TOML.
fn toml(value: &Json) -> String {
    match value {
        Json::Array(items) => {
            format!("[{}]", items.iter().map(toml).collect::<Vec<_>>().join(", "))
        }
        Json::Object(map) if map.is_empty() => "{}".to_owned(),
        Json::Object(map) => {
            let is_bare = |key: &str| {
                !key.is_empty()
                    && key.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
            };
            let name =
                |key: &str| if is_bare(key) { key.to_owned() } else { json!(key).to_string() };
            let pairs: Vec<String> =
                map.iter().map(|(key, value)| format!("{} = {}", name(key), toml(value))).collect();
            format!("{{ {} }}", pairs.join(", "))
        }
        other => other.to_string(),
    }
}

fn json(path: &str, file: Option<&str>, rows: &[Row]) -> String {
    let row = |row: &Row| {
        let origin = match &row.origin {
            Origin::Default => json!({"default": true}),
            Origin::Option(option) => json!({"option": option}),
            Origin::Line(file, line) => json!({"file": file, "line": line}),
        };
        json!({"key": row.key, "value": row.value, "from": origin})
    };
    let settings: Vec<Json> = rows.iter().map(row).collect();
    json_text(&json!({"path": path, "file": file, "settings": settings}))
}
