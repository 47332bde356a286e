//! A target that is probably meant to be another environment.

use crate::check;
use crate::checks::CheckContext;
use crate::checks::typo::is_typo_of;
use crate::checks::words::letters;
use crate::diagnostic::Finding;

check!(
    MISSPELT_TARGET,
    "rules/misspelt-target",
    Warning,
    "target name looks like a typo: no environment is likely to have it",
    "Refinery uses the target whose name equals the environment or dataset exactly, and \
     `__default__` otherwise. A target with a misspelt name is never used, and nothing is logged.",
    "Write the name of the environment or dataset, or `__default__`.",
    before: "\
RulesVersion: 2
Samplers:
  __default__:
    DeterministicSampler:
      SampleRate: 1
  prodution:
    DeterministicSampler:
      SampleRate: 10
",
    change: "prodution" => "production",
);

register!(find);

const DEFAULT: &str = "__default__";

/// Names that many environments have.
const COMMON: [&str; 9] = [
    "production",
    "staging",
    "development",
    "testing",
    "sandbox",
    "integration",
    "preview",
    "preproduction",
    "acceptance",
];

fn find(context: &CheckContext<'_>) -> Vec<Finding> {
    let found = context.targets().iter().filter_map(|target| {
        let (message, help) = problem(target.name)?;
        let finding = Finding::new(&MISSPELT_TARGET, message).help(help);
        Some(finding.at_some(target.span(), "only used for exactly this name"))
    });
    found.collect()
}

/// The fault of a name, and the help.
fn problem(name: &str) -> Option<(String, String)> {
    if name == DEFAULT {
        return None;
    }
    if name != name.trim() {
        let message = format!("the name of the target \"{name}\" starts or ends with a space");
        return Some((message, format!("write `{}`", name.trim())));
    }
    if name.contains(['*', '?']) {
        let message = format!("`{name}` is not a pattern: no environment has this name");
        return Some((message, "write one target for each environment".to_owned()));
    }
    let bare = letters(name);
    let is_default = ["default", "defaults", "deafault"].contains(&bare.as_str())
        || is_typo_of(&bare, "default");
    let words = name.to_lowercase();
    let mut words = words.split(|c: char| !c.is_alphanumeric());
    let right = if is_default {
        Some(DEFAULT)
    } else {
        words.find_map(|word| COMMON.into_iter().find(|common| is_typo_of(word, common)))
    };
    let right = right?;
    let message = format!("`{name}` looks like a typo of `{right}`");
    Some((message, format!("write `{right}`, unless an environment has this name")))
}
