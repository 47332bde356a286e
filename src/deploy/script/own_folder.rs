//! Expressions for the folder of a script and for the current folder, which stand for the same: where a
//! script runs is unknown.

/// Expressions for the script itself.
const SCRIPT: [&str; 11] = [
    "$(lastword $(MAKEFILE_LIST))",
    "$(firstword $(MAKEFILE_LIST))",
    "$(MAKEFILE_LIST)",
    "${BASH_SOURCE[0]:-$0}",
    "${BASH_SOURCE[0]:-${0}}",
    "${BASH_SOURCE[0]}",
    "${BASH_SOURCE:-$0}",
    "${BASH_SOURCE}",
    "$BASH_SOURCE",
    "${(%):-%x}",
    "${0}",
];

/// Expressions for the folder.
const FOLDER: [&str; 34] = [
    // Make passes `$` to the shell as `$$`.
    "$$(pwd)",
    "$$PWD",
    "$${PWD}",
    "$(shell pwd)",
    "${PWD}",
    "${0%/*}",
    "${BASH_SOURCE[0]%/*}",
    "${BASH_SOURCE%/*}",
    "${0:A:h}",
    "${0:a:h}",
    "${0:h}",
    "$(CURDIR)",
    "${CURDIR}",
    "{{justfile_directory()}}",
    "{{ justfile_directory() }}",
    "{{invocation_directory()}}",
    "{{source_directory()}}",
    "{{.ROOT_DIR}}",
    "{{.USER_WORKING_DIR}}",
    "{{.TASKFILE_DIR}}",
    "{{justfile_dir()}}",
    "${{ github.workspace }}",
    "$GITHUB_WORKSPACE",
    "${GITHUB_WORKSPACE}",
    "$CI_PROJECT_DIR",
    "${CI_PROJECT_DIR}",
    "${WORKSPACE}",
    "$(Build.SourcesDirectory)",
    "$(System.DefaultWorkingDirectory)",
    "$BITBUCKET_CLONE_DIR",
    "${BITBUCKET_CLONE_DIR}",
    "$BUILDKITE_BUILD_CHECKOUT_PATH",
    "$CIRCLE_WORKING_DIRECTORY",
    "$(git rev-parse --show-toplevel)",
];

/// Redirections, which do not change the path that a command prints.
const REDIRECTIONS: [&str; 5] = ["&>/dev/null", "2>/dev/null", ">/dev/null", "2>&1", "1>&2"];

/// A line in which `.` stands for the folder of the script and for the current folder.
pub fn without_own_folder(line: &str) -> String {
    if !line.contains(['$', '`', '{']) {
        return line.to_owned();
    }
    let line = FOLDER.iter().fold(line.to_owned(), |line, here| line.replace(here, "."));
    let line = SCRIPT.iter().fold(line, |line, script| line.replace(script, "$0"));
    without_substitutions(without_backticks(line))
}

/// A line with the paths that commands in backticks print.
fn without_backticks(line: String) -> String {
    let parts: Vec<&str> = line.split('`').collect();
    if parts.len() < 3 || parts.len().is_multiple_of(2) {
        return line;
    }
    let print = |(at, part): (usize, &&str)| match (at % 2, printed(part)) {
        (0, _) => (*part).to_owned(),
        (_, Some(path)) => path,
        (_, None) => format!("`{part}`"),
    };
    parts.iter().enumerate().map(print).collect()
}

/// A line with the paths that the commands in it print, the innermost first.
fn without_substitutions(mut line: String) -> String {
    let mut end = line.len();
    while let Some(start) = line.get(..end).and_then(|before| before.rfind("$(")) {
        end = start;
        let inside = line.get(start + 2..).unwrap_or_default();
        let Some((command, after)) = inside.split_once(')') else { continue };
        if let Some(path) = printed(command) {
            line = format!("{}{path}{after}", line.get(..start).unwrap_or_default());
        }
    }
    line
}

/// The path that a command prints, if it is about the folder of the script or the current one; `$0` is the
/// script itself.
fn printed(command: &str) -> Option<String> {
    let command = command.replace(['"', '\''], "").replace("> ", ">");
    let command = REDIRECTIONS.iter().fold(command, |command, end| command.replace(end, ""));
    let parts = command.split("&&").map(|part| {
        part.split_whitespace().filter(|word| !word.starts_with('-')).collect::<Vec<&str>>()
    });
    let parts: Vec<Vec<&str>> = parts.collect();
    match &parts.iter().map(Vec::as_slice).collect::<Vec<_>>()[..] {
        [["pwd"]] => Some(".".to_owned()),
        [["git", "rev-parse"]] if command.contains("--show-toplevel") => Some(".".to_owned()),
        [["cd" | "pushd", folder], ["pwd"]] => Some((*folder).to_owned()),
        [["realpath" | "readlink" | "abspath" | "grealpath" | "greadlink", path]] => {
            Some((*path).to_owned())
        }
        [["dirname" | "dir", path]] => parent(path),
        _ => None,
    }
}

/// The folder of a path.
fn parent(path: &str) -> Option<String> {
    match path.trim_end_matches('/').rsplit_once('/') {
        _ if path == "$0" => Some(".".to_owned()),
        _ if path.contains(['$', '`', '(']) => None,
        _ if path == "." || path.ends_with("..") => Some(format!("{path}/..")),
        Some((folder, _)) if !folder.is_empty() => Some(folder.to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_a_script_is_a_dot() {
        for line in [
            "$( cd \"$( dirname \"${BASH_SOURCE[0]}\" )\" &> /dev/null && pwd )",
            "$(cd -- \"$(dirname -- \"$0\")\" >/dev/null 2>&1 && pwd -P)",
            "$(dirname \"$(realpath \"$0\")\")",
            "$(dirname \"$(readlink -f \"${BASH_SOURCE[0]:-$0}\")\")",
            "$(cd `dirname $0` && pwd)",
            "${0%/*}",
            "`dirname $0`",
            "$(git rev-parse --show-toplevel)",
            "$(dir $(abspath $(lastword $(MAKEFILE_LIST))))",
            "`pwd`",
        ] {
            assert_eq!(without_own_folder(line), ".", "{line}");
        }
        for (line, expected) in [
            ("D=$(cd \"$(dirname \"$0\")/..\" && pwd)/conf", "D=./../conf"),
            ("D=$(dirname \"$(dirname \"$(realpath $0)\")\")", "D=./.."),
            ("a $(date) $(pwd)/b", "a $(date) ./b"),
            ("a `date` b", "a `date` b"),
            ("$(basename $(pwd))", "$(basename .)"),
            ("$(git rev-parse HEAD)", "$(git rev-parse HEAD)"),
            ("$(", "$("),
            ("`", "`"),
        ] {
            assert_eq!(without_own_folder(line), expected, "{line}");
        }
    }
}
