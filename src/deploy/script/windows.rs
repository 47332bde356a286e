//! Scripts of PowerShell and of `cmd` in the syntax of a shell, as far as commands and assignments go.
//!
//! Every line keeps its length, so all places in the text are those of the script.

use crate::vfs::path::split_extension;
use std::collections::BTreeSet;

/// Words for the folder of the script, and for the current one.
const HERE: [&str; 8] = [
    "$PSScriptRoot",
    "${PSScriptRoot}",
    "${PWD}",
    "$(Get-Location)",
    "$($PWD.Path)",
    "$(pwd)",
    "%CD%",
    "%cd%",
];

/// Expressions of PowerShell for the path of the script.
const OF_SCRIPT: [&str; 2] = ["$MyInvocation.MyCommand", "$PSCommandPath"];

/// Commands of PowerShell that change the folder.
const ENTERS: [&str; 3] = ["Push-Location ", "Set-Location ", "pushd "];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Language {
    PowerShell,
    Cmd,
}

fn language(name: &str) -> Option<Language> {
    match split_extension(name).1 {
        "ps1" => Some(Language::PowerShell),
        "bat" | "cmd" => Some(Language::Cmd),
        _ => None,
    }
}

/// Whether it is a script of `cmd`, whose variables are all exported.
pub fn exports_all(name: &str) -> bool {
    language(name) == Some(Language::Cmd)
}

/// The text of a script in the syntax of a shell. Texts of other files stay as they are.
pub fn in_shell_syntax(name: &str, text: String) -> String {
    let Some(language) = language(name) else { return text };
    let (mut converted, mut is_comment) = (String::with_capacity(text.len()), false);
    let mut folders = BTreeSet::new();
    for line in text.split_inclusive('\n') {
        let body = line.trim_end_matches(['\n', '\r']);
        let starts = language == Language::PowerShell && body.trim_start().starts_with("<#");
        is_comment |= starts;
        let mut own =
            if is_comment { String::new() } else { converted_line(language, body, &mut folders) };
        is_comment &= !body.contains("#>");
        if own.len() > body.len() {
            body.clone_into(&mut own);
        }
        // A line goes on after its last character.
        let is_continued = own.ends_with('\\');
        own.truncate(own.len() - usize::from(is_continued));
        own.extend(std::iter::repeat_n(' ', body.len() - own.len() - usize::from(is_continued)));
        converted += &own;
        converted += if is_continued { "\\" } else { "" };
        converted += &line[body.len()..].replace('\r', " ");
    }
    converted
}

/// `folders` are the variables of `cmd` whose values end with a slash.
fn converted_line(language: Language, line: &str, folders: &mut BTreeSet<String>) -> String {
    let mark = if language == Language::PowerShell { '`' } else { '^' };
    let line = line.trim_end();
    let (text, is_continued) = line.strip_suffix(mark).map_or((line, false), |text| (text, true));
    let text = HERE.iter().fold(text.to_owned(), |text, here| text.replace(here, "."));
    let text = text.replace("%~dp0", "./").replace('\\', "/");
    let text = text.replace(".exe ", "     ").replace(".exe\" ", "\"     ");
    let text = match language {
        Language::PowerShell => powershell(&text),
        Language::Cmd => cmd(&text, folders),
    };
    if is_continued { format!("{}\\", text.trim_end()) } else { text }
}

fn powershell(line: &str) -> String {
    let indent = &line[..line.len() - line.trim_start().len()];
    let body = line.trim_start().trim_start_matches("& ");
    if body.starts_with("if ") && body.contains("Test-Path ") {
        return String::new();
    }
    let assigned = body.strip_prefix('$').and_then(|rest| rest.split_once('='));
    let is_name =
        |name: &str| name.bytes().all(|c| c.is_ascii_alphanumeric() || b"_:+".contains(&c));
    let assigned = assigned.map(|(name, value)| (name.trim(), value.trim()));
    if let Some((name, value)) = assigned.filter(|(name, _)| is_name(name)) {
        let value = value.strip_prefix('@').filter(|list| list.starts_with('(')).unwrap_or(value);
        let (export, name) = name.strip_prefix("env:").map_or(("", name), |name| ("export ", name));
        let value = path_of(value).unwrap_or_else(|| without_commas(value));
        return format!("{indent}{export}{name}={value}");
    }
    if let Some(started) = body.strip_prefix("Start-Process ").and_then(started) {
        return format!("{indent}{started}");
    }
    let entered = ENTERS.iter().find_map(|enter| body.strip_prefix(enter));
    if let Some(folder) = entered {
        return format!("{indent}cd {folder}");
    }
    let words = body.split(' ').map(|word| match word.strip_prefix('@') {
        Some(name) if !name.is_empty() && is_name(name) => format!("${name}"),
        _ => word.to_owned(),
    });
    let words: Vec<String> = words.collect();
    format!("{indent}{}", without_commas(&words.join(" ")))
}

/// The path that `Join-Path` makes of two, or that `Split-Path` makes of the path of the script.
fn path_of(value: &str) -> Option<String> {
    if value.starts_with("Split-Path ") {
        return OF_SCRIPT.iter().any(|path| value.contains(path)).then(|| ".".to_owned());
    }
    let words = shlex::split(value.strip_prefix("Join-Path ")?)?;
    let parts: Vec<String> = words.into_iter().filter(|word| !word.starts_with('-')).collect();
    Some(format!("\"{}\"", parts.join("/")))
}

/// The command that `Start-Process` runs, from its arguments.
fn started(arguments: &str) -> Option<String> {
    let (before, list) = arguments.split_once("-ArgumentList ")?;
    let program = before.trim_start().trim_start_matches("-FilePath ").trim();
    // Other parameters follow.
    let is_parameter = |rest: &str| {
        let mut chars =
            rest.trim_start_matches(' ').strip_prefix('-').into_iter().flat_map(str::chars);
        chars.next().is_some_and(char::is_uppercase)
    };
    let mut quote = None;
    let end = list.char_indices().find(|(at, c)| {
        match quote {
            Some(open) if open == *c => quote = None,
            None if ['"', '\''].contains(c) => quote = Some(*c),
            _ => {}
        }
        *c == ' ' && quote.is_none() && is_parameter(&list[*at..])
    });
    let list = list.get(..end.map_or(list.len(), |(at, _)| at))?.trim();
    let list = list.strip_prefix("@(").and_then(|list| list.strip_suffix(')')).unwrap_or(list);
    let list = without_commas(list);
    let whole = shlex::split(&list).filter(|words| words.len() == 1);
    let list = whole.and_then(|words| words.into_iter().next()).unwrap_or(list);
    (!program.contains(" -")).then(|| format!("{program} {list}"))
}

/// The elements of a list without the commas between strings.
fn without_commas(list: &str) -> String {
    list.replace("\",", "\" ").replace("',", "' ")
}

fn cmd(line: &str, folders: &mut BTreeSet<String>) -> String {
    let body = line.trim_start().trim_start_matches('@');
    let after = |word: &str| {
        let (start, rest) = body.split_at_checked(word.len())?;
        start.eq_ignore_ascii_case(word).then_some(rest)
    };
    if after("rem ").is_some() || body.starts_with("::") {
        return "#".to_owned();
    }
    let filled = |text: &str| with_variables(text, folders);
    if let Some(pair) = after("set ") {
        let pair = filled(pair.trim_matches('"'));
        if let Some((name, _)) = pair.split_once('=').filter(|(_, value)| value.ends_with('/')) {
            folders.insert(name.to_owned());
        }
        return pair;
    }
    if let Some(folder) = after("cd /d ").or_else(|| after("cd ")).or_else(|| after("pushd ")) {
        return filled(&format!("cd {folder}"));
    }
    if let Some(condition) = after("if ").filter(|_| body.trim_end().ends_with('(')) {
        return filled(&format!("[ {condition}"));
    }
    if let Some(command) = after("start ") {
        // The title of the window is in quotes.
        let quoted = command.trim_start().strip_prefix('"').and_then(|rest| rest.split_once('"'));
        let words = quoted.map_or(command, |(_, after)| after).split(' ');
        let words: Vec<&str> =
            words.skip_while(|it| it.is_empty() || it.starts_with('/')).collect();
        return filled(&words.join(" "));
    }
    filled(after("call ").unwrap_or(body))
}

/// A text with `$NAME` in place of `%NAME%`, `!NAME!`, `%1` and `%%N`.
fn with_variables(text: &str, folders: &BTreeSet<String>) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let (mut filled, mut rest) = (String::new(), text);
    while let Some(start) = rest.find(['%', '!']) {
        let (before, from) = rest.split_at(start);
        filled += before;
        let mark = &from[..1];
        let inside = from[1..].trim_start_matches(['%', '~']);
        let is_doubled = inside.len() + 1 < from.len();
        let name = inside.split(|c| !is_part(c)).next().unwrap_or_default();
        // A loop has variables of one letter after two signs, and the arguments are digits.
        let digit = inside.get(..1).filter(|it| it.bytes().all(|c| c.is_ascii_digit()));
        let is_short = mark == "%" && (digit.is_some() || name.len() == 1 && is_doubled);
        let name = digit.filter(|_| is_short).unwrap_or(name);
        let after = &inside[name.len()..];
        let closed = after.strip_prefix(mark);
        if name.is_empty() || closed.is_none() && !is_short {
            filled += mark;
            rest = &from[1..];
            continue;
        }
        rest = if is_short { after } else { closed.unwrap_or(after) };
        filled.extend(["$", name]);
        if rest.starts_with(is_part) {
            // What follows is not part of the name. Another sign keeps the value unknown.
            filled += if folders.contains(name) { "/" } else { "$" };
        }
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_their_length() {
        for (name, text, expected) in [
            ("a.ps1", "helm x `\r\n  -f a\\b.yaml\r\n", "helm x \\ \n  -f a/b.yaml \n"),
            ("a.ps1", "$a = \"x\"\n", "a=\"x\"   \n"),
            ("a.ps1", "$env:A = 'x'\n", "export A='x'\n"),
            ("a.ps1", "& .\\refinery.exe -c a\n", "./refinery     -c a  \n"),
            ("a.ps1", "$a = @(\n  '-c',\n  'b')\nx @a\n", "a=(    \n  '-c' \n  'b')\nx $a\n"),
            ("a.ps1", "<# a\nb #>\nc\n", "    \n    \nc\n"),
            ("a.cmd", "@rem a\nset A=b\nc ^\nd\n", "#     \nA=b    \nc \\\nd\n"),
            ("a.cmd", "x %~dp0a\\b\n", "x ./a/b   \n"),
            (
                "a.cmd",
                "set R=%~dp0\nx %R%a %B% %1 %%C %D%e\n",
                "R=./       \nx $R/a $B $1 $C $D$e  \n",
            ),
            ("a.cmd", "cd /d x\nstart \"t\" /b x -c y\n", "cd x   \nx -c y             \n"),
            ("a.cmd", "echo 100% of 5%\n", "echo 100% of 5%\n"),
            ("a.ps1", "$a = Join-Path $b 'c'\n", "a=\"$b/c\"             \n"),
            (
                "a.ps1",
                "Start-Process -FilePath x -ArgumentList '-c', 'y' -Wait\n",
                "x '-c'  'y'                                            \n",
            ),
            (
                "a.ps1",
                "Start-Process x -ArgumentList \"-c y -r z\"\n",
                "x -c y -r z                              \n",
            ),
            ("a.sh", "a\\b\n", "a\\b\n"),
        ] {
            let converted = in_shell_syntax(name, text.to_owned());
            assert_eq!(converted.len(), text.len(), "{text}");
            assert_eq!(converted, expected, "{text}");
        }
    }
}
