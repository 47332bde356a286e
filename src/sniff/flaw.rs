//! Why a text that ought to be one of Refinery's files is none that anybody can use: it is empty, a
//! pointer to the real one, encrypted, not rendered yet, in another encoding, or wrapped.
//!
//! Refinery reads the bytes as they are, so each of these is also rehearsed; this says which it is.
//! Must not decide whether a text is Refinery's.

use super::key_scan::key_scan;
use super::names::names;
use crate::check;
use crate::diagnostic::Finding;
use crate::schema::Kind;
use crate::span::{FileId, Span};
use crate::syntax::DataFormat;

check!(
    EMPTY,
    "intake/empty-file",
    Error,
    "a config or rules file without any key",
    "Refinery exits at start-up when its config or rules hold nothing; running processes keep the \
     old configuration"
);
check!(
    LFS_POINTER,
    "intake/lfs-pointer",
    Error,
    "a Git LFS pointer in place of a config or rules file",
    "the content is stored elsewhere, so it was not checked; a process that is started with the \
     pointer itself exits"
);
check!(
    ENCRYPTED,
    "intake/encrypted-file",
    Error,
    "an encrypted config or rules file",
    "what Refinery will read after decryption was not checked; a process that is started with the \
     encrypted file exits"
);
check!(
    TEMPLATE,
    "intake/template",
    Error,
    "a template in place of a config or rules file",
    "what the template renders to was not checked; a process that is started with the template \
     itself exits or takes the actions for values"
);
check!(
    OTHER_ENCODING,
    "intake/other-encoding",
    Error,
    "a config or rules file in UTF-16 or UTF-32 without a byte order mark",
    "Refinery reads the file as UTF-8 and exits at the first zero byte"
);
check!(
    WRAPPED,
    "intake/wrapped-file",
    Error,
    "a config or rules file whose content is nested under another key",
    "Refinery looks for its groups at the top level only; it exits at the unknown key"
);

/// What git-crypt puts before the bytes of a file.
const GIT_CRYPT: &str = "\0GITCRYPT\0";

/// What makes a text unusable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing, or nothing but white space and marks.
    Blank,
    /// Nothing but comments.
    Comments,
    /// `null`, `~`, `{}`, or documents without any content.
    NoKeys,
    LfsPointer,
    /// Encrypted by this tool.
    Encrypted(&'static str),
    /// The byte at which its first action begins.
    Template(usize),
    /// Zero bytes between the letters: another encoding than its reader takes it for.
    OtherEncoding,
    /// Its content stands under one other key: where that begins, and how long it is.
    Wrapped {
        at: usize,
        length: usize,
    },
}

/// Finds out what makes a text unusable, if anything does that can be told without parsing.
pub fn find_flaw(format: Option<DataFormat>, text: &str) -> Option<Flaw> {
    if text.contains('\0') && !text.starts_with(GIT_CRYPT) {
        return has_other_encoding(text).then_some(Flaw::OtherEncoding);
    }
    if is_lfs_pointer(text) {
        return Some(Flaw::LfsPointer);
    }
    if let Some(tool) = encryption(text) {
        return Some(Flaw::Encrypted(tool));
    }
    if let Some(at) = first_action(text) {
        return Some(Flaw::Template(at));
    }
    no_content(text).or_else(|| wrapper(format, text))
}

impl Flaw {
    /// The finding at a file of this text.
    pub fn finding(self, file: FileId, name: &str, text: &str) -> Finding {
        let top = Span::new(file, 0, text.lines().next().map_or(0, str::len));
        match self {
            Self::Blank => Finding::new(&EMPTY, format!("`{name}` is empty")).at(top, "no content"),
            Self::Comments => Finding::new(&EMPTY, format!("`{name}` holds only comments"))
                .at(top, "no key follows"),
            Self::NoKeys => {
                Finding::new(&EMPTY, format!("`{name}` holds no keys")).at(top, "no key here")
            }
            Self::LfsPointer => {
                Finding::new(&LFS_POINTER, format!("`{name}` is a Git LFS pointer, not the file"))
                    .at(top, "points to the content")
                    .help("run `git lfs pull`, or keep the file out of Git LFS: it is small text")
            }
            Self::Encrypted(tool) => {
                Finding::new(&ENCRYPTED, format!("`{name}` is encrypted by {tool}"))
                    .at(top, "encrypted")
                    .help("check the decrypted file, such as with `refinery-preflight check -c FILE -r FILE`")
            }
            Self::Template(at) => {
                let end = at + text.get(at..).and_then(|t| t.lines().next()).map_or(0, str::len);
                Finding::new(&TEMPLATE, format!("`{name}` is a template that is not rendered"))
                    .at(Span::new(file, at, end), "template action")
                    .help("render it first and check the result, such as with `helm template … | refinery-preflight check -`")
            }
            Self::OtherEncoding => Finding::new(
                &OTHER_ENCODING,
                format!("`{name}` is not UTF-8: it looks like UTF-16 or UTF-32 without a byte order mark"),
            )
            .at(Span::new(file, 0, 0), "zero bytes between the letters")
            .help("save the file as UTF-8"),
            Self::Wrapped { at, length } => {
                let key = text.get(at..at + length).unwrap_or_default();
                Finding::new(&WRAPPED, format!("the content of `{name}` is nested under `{key}`"))
                    .at(Span::new(file, at, at + length), "Refinery knows no such top-level key")
                    .help(format!("move what stands under `{key}` to the top level"))
            }
        }
    }

    /// Does the text as it stands have nothing to do with what Refinery will read?
    pub fn is_placeholder(self) -> bool {
        matches!(self, Self::LfsPointer | Self::Encrypted(_) | Self::Template(_))
    }
}

/// A text with about as many zero bytes as letters.
fn has_other_encoding(text: &str) -> bool {
    let zeros = text.bytes().take(4096).filter(|&byte| byte == 0).count();
    let others = text.bytes().take(4096).filter(u8::is_ascii_graphic).count();
    others > 0 && zeros * 3 > others
}

/// The three lines that Git LFS commits in place of a file (its specification, version 1).
pub fn is_lfs_pointer(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    ["version https://git-lfs.github.com/spec/", "version https://hawser.github.com/spec/"]
        .iter()
        .any(|start| text.starts_with(start))
}

/// The tool that encrypted a text, by the marks that it leaves.
pub fn encryption(text: &str) -> Option<&'static str> {
    let start = text.trim_start();
    if start.starts_with("$ANSIBLE_VAULT;")
        || text.contains("!vault |\n") && text.contains("$ANSIBLE_VAULT;")
    {
        Some("Ansible Vault")
    } else if start.starts_with("-----BEGIN AGE ENCRYPTED FILE-----")
        || start.starts_with("age-encryption.org/")
    {
        Some("age")
    } else if start.starts_with("-----BEGIN PGP MESSAGE-----") {
        Some("PGP")
    } else if text.starts_with(GIT_CRYPT) {
        Some("git-crypt")
    } else if text.contains("ENC[AES256_GCM,") || has_sops_metadata(text) {
        Some("SOPS")
    } else {
        None
    }
}

/// The block in which SOPS keeps its own data, with one of the keys that each has.
fn has_sops_metadata(text: &str) -> bool {
    const KEYS: [&str; 3] = ["lastmodified", "encrypted_regex", "unencrypted_suffix"];
    let begins =
        |line: &str| line.trim_start_matches([' ', '\t', '"', '{', '[']).starts_with("sops");
    text.contains("sops") && KEYS.iter().any(|key| text.contains(key)) && text.lines().any(begins)
}

/// Where the first action of a template stands that some renderer has to replace, outside of
/// comments. Braces alone are no action: a flow mapping in a flow mapping has them too.
pub fn first_action(text: &str) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let is_comment = line.trim_start().starts_with('#');
        if let Some(place) = Some(line).filter(|_| !is_comment).and_then(action_in) {
            return Some(at + place);
        }
        at += line.len();
    }
    None
}

fn action_in(line: &str) -> Option<usize> {
    const OPENINGS: [&str; 6] = ["{{", "{%", "%{", "<%", "[[ ", "{{{"];
    let opens = OPENINGS.iter().filter_map(|opening| {
        let at = line.find(opening)?;
        is_action(opening, line.get(at + opening.len()..)?).then_some(at)
    });
    opens.min()
}

/// Words by which an action begins in the template languages that people write YAML in.
fn is_action(opening: &str, behind: &str) -> bool {
    let said = behind.trim_start_matches(['-', '~', '=', '+']).trim_start();
    let word = said.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
    let is_closed = |end: &str| behind.contains(end);
    match opening {
        "{{" | "{{{" => {
            let is_path = said.starts_with(['.', '$', '/', '`']);
            let is_name = !word.is_empty()
                && !said[word.len()..].trim_start().starts_with(':')
                && !word.chars().all(|c| c.is_ascii_digit());
            is_closed("}}") && (is_path || is_name) || said.starts_with("/*")
        }
        "{%" => is_closed("%}") && !word.is_empty(),
        "%{" => is_closed("}") && matches!(word, "if" | "for" | "else" | "endif" | "endfor"),
        "<%" => is_closed("%>"),
        _ => is_closed(" ]]") && said.starts_with(['.', '$']),
    }
}

/// Does the text hold nothing?
fn no_content(text: &str) -> Option<Flaw> {
    let body = |line: &str| line.trim().trim_start_matches('\u{feff}').to_owned();
    let lines = || text.lines().map(body).filter(|line| !line.is_empty());
    if lines().next().is_none() {
        return Some(Flaw::Blank);
    }
    let mut content = lines().filter(|line| !line.starts_with('#')).peekable();
    if content.peek().is_none() {
        return Some(Flaw::Comments);
    }
    let is_mark = |line: &String| {
        let mark = line.trim_start_matches("---").trim();
        let mark = mark.split(" #").next().unwrap_or_default().trim();
        line.starts_with('%')
            || line == "..."
            || matches!(mark, "" | "null" | "Null" | "NULL" | "~" | "{}" | "{ }")
    };
    content.all(|line| is_mark(&line)).then_some(Flaw::NoKeys)
}

/// The one key at the top under which all groups of a config, or all of rules, stand.
fn wrapper(format: Option<DataFormat>, text: &str) -> Option<Flaw> {
    let keys = key_scan(format.unwrap_or(DataFormat::Yaml), text);
    let is_top = |name: &str| {
        Kind::ALL.iter().any(|kind| kind.root().child(name).is_some())
            || names().groups.contains_key(name)
    };
    let mut tops = keys.iter().filter(|key| key.top);
    let (first, rest) = (tops.next()?, tops.next());
    let inner = keys.iter().filter(|key| !key.top && is_top(key.name)).count();
    let is_telling = keys.iter().any(|key| {
        matches!(key.name, "RulesVersion" | "Samplers" | "ConfigurationVersion")
            || names().telling.contains(key.name)
    });
    let is_wrapped = rest.is_none() && !is_top(first.name) && inner > 0 && is_telling;
    is_wrapped.then_some(Flaw::Wrapped { at: first.at, length: first.name.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flaw(text: &str) -> Option<Flaw> {
        find_flaw(Some(DataFormat::Yaml), text)
    }

    #[test]
    fn texts_that_nobody_can_use_are_told_apart() {
        for (text, expected) in [
            ("", Flaw::Blank),
            ("\u{feff}\n \t\n", Flaw::Blank),
            ("# General:\n", Flaw::Comments),
            ("---\n", Flaw::NoKeys),
            ("--- ~ # nothing\n...\n", Flaw::NoKeys),
            ("null\n", Flaw::NoKeys),
            ("# x\n{}\n", Flaw::NoKeys),
            (
                "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n",
                Flaw::LfsPointer,
            ),
            ("General: ENC[AES256_GCM,data:x,type:str]\n", Flaw::Encrypted("SOPS")),
            ("General:\n  A: 1\nsops:\n  lastmodified: x\n", Flaw::Encrypted("SOPS")),
            ("$ANSIBLE_VAULT;1.1;AES256\n6162\n", Flaw::Encrypted("Ansible Vault")),
            ("-----BEGIN AGE ENCRYPTED FILE-----\n", Flaw::Encrypted("age")),
            ("\0GITCRYPT\0\u{fffd}x", Flaw::Encrypted("git-crypt")),
            ("a: {{ .Values.x }}\n", Flaw::Template(3)),
            ("{{- if x }}\na: 1\n", Flaw::Template(0)),
            ("# {{ no }}\n{% for x in y %}\n", Flaw::Template(11)),
            ("a: <%= x %>\n", Flaw::Template(3)),
            ("G\0e\0n\0:\0", Flaw::OtherEncoding),
            ("rules:\n  RulesVersion: 2\n", Flaw::Wrapped { at: 0, length: 5 }),
            ("config: {General: {ConfigurationVersion: 2}}\n", Flaw::Wrapped { at: 0, length: 6 }),
        ] {
            assert_eq!(flaw(text), Some(expected), "{text:?}");
        }
    }

    #[test]
    fn usable_texts_have_no_flaw() {
        for text in [
            "General:\n  ConfigurationVersion: 2\n",
            "{General: {ConfigurationVersion: 2}}\n",
            "{{a: 1}: 2}\n",
            "RulesVersion: 2\nSamplers: {__default__: {DeterministicSampler: {SampleRate: 1}}}\n",
            "receivers:\n  otlp:\n",
            "a: '{{}}'\n",
            "# {{ .Values.x }}\nGeneral:\n",
            "General [\n",
            "a: b\0\n",
        ] {
            assert_eq!(flaw(text), None, "{text:?}");
        }
    }
}
