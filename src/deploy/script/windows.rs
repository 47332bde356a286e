//! Scripts of PowerShell and of `cmd` in the syntax of a shell, as far as commands and assignments go.
//!
//! Every line keeps its length, so all places in the text are those of the script.

use crate::vfs::path::split_extension;

/// Words for the folder of the script, and for the current one.
const HERE: [&str; 7] = [
    "$PSScriptRoot",
    "${PSScriptRoot}",
    "$(Get-Location)",
    "$($PWD.Path)",
    "$(pwd)",
    "%CD%",
    "%cd%",
];

/// Commands that set a variable in `cmd`.
const SETS: [&str; 2] = ["set ", "SET "];

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
    for line in text.split_inclusive('\n') {
        let body = line.trim_end_matches(['\n', '\r']);
        let starts = language == Language::PowerShell && body.trim_start().starts_with("<#");
        is_comment |= starts;
        let mut own = if is_comment { String::new() } else { converted_line(language, body) };
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

fn converted_line(language: Language, line: &str) -> String {
    let (text, is_continued) = match (language, line.trim_end()) {
        (Language::PowerShell, text) => match text.strip_suffix('`') {
            Some(text) => (text, true),
            None => (text, false),
        },
        (Language::Cmd, text) => match text.strip_suffix('^') {
            Some(text) => (text, true),
            None => (text, false),
        },
    };
    let text = HERE.iter().fold(text.to_owned(), |text, here| text.replace(here, "."));
    let text = text.replace("%~dp0", "./").replace('\\', "/");
    let text = text.replace(".exe ", "     ").replace(".exe\" ", "\"     ");
    let text = match language {
        Language::PowerShell => powershell(&text),
        Language::Cmd => cmd(&text),
    };
    if is_continued { format!("{}\\", text.trim_end()) } else { text }
}

fn powershell(line: &str) -> String {
    let indent = &line[..line.len() - line.trim_start().len()];
    let body = line.trim_start().trim_start_matches("& ");
    let assigned = body.strip_prefix('$').and_then(|rest| rest.split_once('='));
    let is_name =
        |name: &str| name.bytes().all(|c| c.is_ascii_alphanumeric() || b"_:+".contains(&c));
    let assigned = assigned.map(|(name, value)| (name.trim(), value.trim()));
    if let Some((name, value)) = assigned.filter(|(name, _)| is_name(name)) {
        let value = value.strip_prefix('@').filter(|list| list.starts_with('(')).unwrap_or(value);
        let (export, name) = name.strip_prefix("env:").map_or(("", name), |name| ("export ", name));
        return format!("{indent}{export}{name}={}", without_commas(value));
    }
    let words = body.split(' ').map(|word| match word.strip_prefix('@') {
        Some(name) if !name.is_empty() && is_name(name) => format!("${name}"),
        _ => word.to_owned(),
    });
    let words: Vec<String> = words.collect();
    format!("{indent}{}", without_commas(&words.join(" ")))
}

/// The elements of a list without the commas between strings.
fn without_commas(list: &str) -> String {
    list.replace("\",", "\" ").replace("',", "' ")
}

fn cmd(line: &str) -> String {
    let body = line.trim_start().trim_start_matches('@');
    let is_comment = body.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("rem "));
    if is_comment || body.starts_with("::") {
        return "#".to_owned();
    }
    let body = body.strip_prefix("call ").unwrap_or(body);
    match SETS.iter().find_map(|set| body.strip_prefix(set)) {
        Some(pair) => pair.trim_matches('"').to_owned(),
        None => body.to_owned(),
    }
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
            ("a.sh", "a\\b\n", "a\\b\n"),
        ] {
            let converted = in_shell_syntax(name, text.to_owned());
            assert_eq!(converted.len(), text.len(), "{text}");
            assert_eq!(converted, expected, "{text}");
        }
    }
}
