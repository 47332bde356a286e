//! An entrypoint that is a script of the repository: what it runs.

use super::mounts::{Mount, Mounted};
use super::service::Service;
use crate::deploy::command::{STARTERS, Word};
use crate::deploy::loader::Loader;
use crate::vfs::path::{below, join};

/// Programs that run the commands in a string.
const SHELLS: [&str; 4] = ["sh", "bash", "ash", "dash"];

/// What stands for the arguments of a script, longest first.
const ARGUMENTS: [&str; 4] = ["\"${@}\"", "\"$@\"", "${@}", "$@"];

/// Replaces an entrypoint that is a script by the commands in the script, and the variables of the
/// container in them by their values.
pub fn with_script(service: Service, loader: &Loader<'_>) -> Service {
    let mut service = replaced(service, loader);
    let Service { entrypoint, command, variables, .. } = &mut service;
    let (mut is_shell, mut is_script) = (false, false);
    for word in [entrypoint, command].into_iter().flatten().flatten() {
        let Some(text) = &mut word.text else { continue };
        if is_script {
            let known =
                variables.iter().filter_map(|(name, value)| Some((name, value.text.as_ref()?)));
            for (name, value) in known {
                *text = text.replace(&format!("${{{name}}}"), value);
                *text = without_variable(text, name, value);
            }
        }
        is_script = is_shell && text == "-c";
        is_shell |= SHELLS.contains(&text.rsplit('/').next().unwrap_or_default());
    }
    service
}

/// A text with a variable replaced where no longer name follows `$`.
fn without_variable(text: &str, name: &str, value: &str) -> String {
    let reference = format!("${name}");
    let mut parts = text.split(&reference);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let is_longer = part.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        text + if is_longer { &reference } else { value } + part
    })
}

fn replaced(mut service: Service, loader: &Loader<'_>) -> Service {
    let all = [service.entrypoint.as_deref(), service.command.as_deref()];
    let all: Vec<Word> = all.into_iter().flatten().flatten().cloned().collect();
    let is_starter = |word: &Word| {
        let text = word.text.as_deref().unwrap_or_default();
        text.starts_with('-') || STARTERS.contains(&text.rsplit('/').next().unwrap_or_default())
    };
    let Some(at) = all.iter().position(|word| !is_starter(word)) else { return service };
    let (Some(script), arguments) = (all.get(at), all.get(at + 1..).unwrap_or_default()) else {
        return service;
    };
    let Some(text) = text_of(script, &service, loader) else { return service };
    let known: Option<Vec<&str>> = arguments.iter().map(|word| word.text.as_deref()).collect();
    let given = known.and_then(|words| shlex::try_join(words).ok());
    let given = given.unwrap_or_else(|| "$ARGUMENTS".to_owned());
    let text = ARGUMENTS.iter().fold(text, |text, all| text.replace(all, &given));
    let word = |text: String| Word { text: Some(text), span: script.span };
    let words = ["sh", "-c"].map(|text| word(text.to_owned())).into_iter();
    service.entrypoint = Some(words.chain([word(text)]).collect());
    service.command = None;
    service
}

/// The text of a script that mentions Refinery, or runs its arguments.
fn text_of(script: &Word, service: &Service, loader: &Loader<'_>) -> Option<String> {
    let path = script.text.as_deref()?;
    let folder = service.working_dir.as_ref().and_then(|word| word.text.as_deref());
    let path = join(folder.unwrap_or("/"), path);
    let file = |mount: &Mount| {
        let inner = below(&path, &mount.target)?.trim_start_matches('/');
        match &mount.what {
            Mounted::Path(source) => {
                Some(if inner.is_empty() { source.clone() } else { join(source, inner) })
            }
            _ => None,
        }
    };
    let name = service.mounts.iter().rev().find_map(file)?;
    let text = loader.peek(&name).ok()??;
    let is_ours = text.contains("refinery") || ARGUMENTS.iter().any(|all| text.contains(all));
    (text.starts_with("#!") && is_ours).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_whole_names() {
        for (text, expected) in
            [("-c $A -r $AB", "-c /a -r $AB"), ("$A/b $A", "/a/b /a"), ("$A_B $", "$A_B $")]
        {
            assert_eq!(without_variable(text, "A", "/a"), expected, "{text}");
        }
    }
}
