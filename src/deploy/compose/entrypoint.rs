//! An entrypoint that is a script of the repository: what it runs.

use super::mounts::{Mount, Mounted};
use super::service::Service;
use crate::deploy::command::{STARTERS, Word};
use crate::deploy::loader::Loader;
use crate::vfs::path::{below, join};

/// What stands for the arguments of a script, longest first.
const ARGUMENTS: [&str; 4] = ["\"${@}\"", "\"$@\"", "${@}", "$@"];

/// Replaces an entrypoint that is a script by the commands in the script.
pub fn with_script(mut service: Service, loader: &Loader<'_>) -> Service {
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
