//! Why a text that should be a config or rules file is unusable: it is empty, a Git LFS pointer,
//! encrypted, a template, in another encoding, or nested under a key.
//!
//! Refinery reads the bytes as they are, so these files are also rehearsed; this explains the
//! result. Must not decide whether a text is Refinery's.

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
    kind: Verdict,
    "a config or rules file without any keys",
    "Refinery exits at start-up if its config or rules are empty. Running processes keep the old \
     configuration."
);
check!(
    LFS_POINTER,
    "intake/lfs-pointer",
    Error,
    kind: Verdict,
    "a Git LFS pointer instead of a config or rules file",
    "The content is stored elsewhere, so it was not checked. Refinery exits if it is started with \
     the pointer itself."
);
check!(
    ENCRYPTED,
    "intake/encrypted-file",
    Error,
    kind: Verdict,
    "an encrypted config or rules file",
    "The decrypted content, which Refinery will read, was not checked. Refinery exits if it is \
     started with the encrypted file."
);
check!(
    TEMPLATE,
    "intake/template",
    Error,
    kind: Verdict,
    "a template instead of a config or rules file",
    "The rendered content was not checked. If Refinery is started with the template itself, it \
     exits or uses the actions as values."
);
check!(
    OTHER_ENCODING,
    "intake/other-encoding",
    Error,
    kind: Verdict,
    "a config or rules file in UTF-16 or UTF-32 without a byte order mark",
    "Refinery reads the file as UTF-8 and exits at the first zero byte."
);
check!(
    WRAPPED,
    "intake/wrapped-file",
    Error,
    kind: Verdict,
    "a config or rules file whose content is nested under another key",
    "Refinery only reads its groups at the top level, and exits at the unknown key."
);

/// The header of a file encrypted by git-crypt.
const GIT_CRYPT: &str = "\0GITCRYPT\0";

/// Why a text is unusable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Empty, or only white space and byte order marks.
    Empty,
    /// Only comments.
    Comments,
    /// `null`, `~`, `{}`, or empty documents.
    NoKeys,
    LfsPointer,
    /// Encrypted by this tool.
    Encrypted(&'static str),
    /// A template, with the offset of its first action.
    Template(usize),
    /// Zero bytes between the letters, so not UTF-8.
    OtherEncoding,
    /// Its content is nested under one key, at this offset and of this length.
    Wrapped {
        at: usize,
        length: usize,
    },
}

/// Finds out why a text is unusable, if that is possible without parsing.
pub fn find_flaw(format: Option<DataFormat>, text: &str) -> Option<Flaw> {
    if has_zeros(text) {
        return has_other_encoding(text).then_some(Flaw::OtherEncoding);
    }
    find_placeholder(text).or_else(|| no_content(text)).or_else(|| wrapper(format, text))
}

/// Finds out whether a text only stands for what Refinery will read, and why.
pub fn find_placeholder(text: &str) -> Option<Flaw> {
    if has_zeros(text) {
        return None;
    }
    if is_lfs_pointer(text) {
        return Some(Flaw::LfsPointer);
    }
    if let Some(tool) = encryption(text) {
        return Some(Flaw::Encrypted(tool));
    }
    first_action(text).map(Flaw::Template)
}

/// Whether a text has zero bytes, as UTF-16 and binary files have. Those of git-crypt do not count.
fn has_zeros(text: &str) -> bool {
    text.contains('\0') && !text.starts_with(GIT_CRYPT)
}

impl Flaw {
    /// The finding for a file with this text.
    pub fn finding(self, file: FileId, name: &str, text: &str) -> Finding {
        let top = Span::new(file, 0, text.lines().next().map_or(0, str::len));
        match self {
            Self::Empty => empty(format!("`{name}` is empty")).at(top, "no content"),
            Self::Comments => empty(format!("`{name}` contains only comments")).at(top, "no keys"),
            Self::NoKeys => empty(format!("`{name}` contains no keys")).at(top, "no keys"),
            Self::LfsPointer => {
                Finding::new(&LFS_POINTER, format!("`{name}` is a Git LFS pointer, not the file itself"))
                    .at(top, "pointer to the content")
                    .help("run `git lfs pull`, or stop tracking this file with Git LFS")
            }
            Self::Encrypted(tool) => {
                Finding::new(&ENCRYPTED, format!("`{name}` is encrypted with {tool}"))
                    .at(top, "encrypted")
                    .help("check the decrypted file, for example with `refinery-preflight check -c \
                           FILE -r FILE`")
            }
            Self::Template(at) => {
                let line = text.get(at..).and_then(|rest| rest.lines().next()).unwrap_or_default();
                Finding::new(&TEMPLATE, format!("`{name}` is an unrendered template"))
                    .at(Span::new(file, at, at + line.len()), "template action")
                    .help(advise_on_rendering(name, line))
            }
            Self::OtherEncoding => Finding::new(
                &OTHER_ENCODING,
                format!("`{name}` is not UTF-8: it looks like UTF-16 or UTF-32 without a byte order mark"),
            )
            .at(Span::new(file, 0, 0), "zero bytes between the characters")
            .help("save the file as UTF-8"),
            Self::Wrapped { at, length } => {
                let key = text.get(at..at + length).unwrap_or_default();
                Finding::new(&WRAPPED, format!("the content of `{name}` is nested under `{key}`"))
                    .at(Span::new(file, at, at + length), "unknown top-level key")
                    .help(format!("move everything under `{key}` to the top level"))
            }
        }
    }

    /// Whether [`find_placeholder`] finds it.
    pub fn is_placeholder(self) -> bool {
        matches!(self, Self::LfsPointer | Self::Encrypted(_) | Self::Template(_))
    }
}

/// The ending of a file's name; a part of the file may be named after a `#`.
fn file_extension(name: &str) -> &str {
    let file = name.split('#').next().unwrap_or_default();
    file.rsplit_once('.').map_or("", |(_, ending)| ending)
}

/// How to check what a template results in, by its name and its first action.
fn advise_on_rendering(name: &str, action: &str) -> String {
    let opens = |openings: &[&str]| openings.iter().any(|opening| action.contains(opening));
    let command = match file_extension(name) {
        _ if action.trim_start().starts_with("#@") => "ytt -f …",
        "gotmpl" => "helmfile template",
        "yaml" | "yml" | "tpl" if opens(&["{{", "[["]) => "helm template …",
        _ if opens(&["${"]) => "envsubst < FILE",
        _ => {
            return "render it first, and check the result with `refinery-preflight check -c FILE \
                    -r FILE`"
                .to_owned();
        }
    };
    format!("check the rendered file, for example with `{command} | refinery-preflight check -`")
}

fn empty(message: String) -> Finding {
    Finding::new(&EMPTY, message).help(
        "a config needs at least `General:` with `ConfigurationVersion: 2`; rules need `RulesVersion: 2` \
         and `Samplers:` with a sampler for `__default__`",
    )
}

/// Whether a text has about as many zero bytes as letters.
fn has_other_encoding(text: &str) -> bool {
    let zeros = text.bytes().take(4096).filter(|&byte| byte == 0).count();
    let others = text.bytes().take(4096).filter(u8::is_ascii_graphic).count();
    others > 0 && zeros * 3 > others
}

/// Whether it is a pointer that Git LFS commits instead of a file (its specification, version 1).
pub fn is_lfs_pointer(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    ["version https://git-lfs.github.com/spec/", "version https://hawser.github.com/spec/"]
        .iter()
        .any(|start| text.starts_with(start))
}

/// The tool that encrypted a text, by its markers.
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

/// The format of a compressed file, by its first bytes.
pub fn compression(bytes: &[u8]) -> Option<&'static str> {
    const MAGIC: [(&[u8], &str); 5] = [
        (b"\x1f\x8b", "gzip"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"\xfd7zXZ\0", "xz"),
        (b"BZh", "bzip2"),
        (b"PK\x03\x04", "zip"),
    ];
    MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, format)| *format)
}

/// Whether it has the metadata block of SOPS.
fn has_sops_metadata(text: &str) -> bool {
    const KEYS: [&str; 3] = ["lastmodified", "encrypted_regex", "unencrypted_suffix"];
    let begins =
        |line: &str| line.trim_start_matches([' ', '\t', '"', '{', '[']).starts_with("sops");
    text.contains("sops") && KEYS.iter().any(|key| text.contains(key)) && text.lines().any(begins)
}

/// The offset of the first template action outside comments. Double braces are not enough: nested
/// flow mappings have them too.
pub fn first_action(text: &str) -> Option<usize> {
    // Most texts have no opening.
    let opens = |pair: &[u8]| matches!(pair, b"{{" | b"{%" | b"%{" | b"<%" | b"[[" | b"#@");
    if !text.as_bytes().windows(2).any(opens) {
        return None;
    }
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some(place) = ytt_annotation(line) {
            return Some(at + place);
        }
        let is_comment = line.trim_start().starts_with('#');
        if let Some(place) = Some(line).filter(|_| !is_comment).and_then(action_in) {
            return Some(at + place);
        }
        at += line.len();
    }
    None
}

/// The place of an annotation or expression of ytt, which are comments of YAML.
pub fn ytt_annotation(line: &str) -> Option<usize> {
    const LIBRARIES: [&str; 5] = ["data/", "overlay/", "yaml/", "schema/", "library/"];
    const BLOCKS: [&str; 4] = ["def ", "if ", "elif ", "for "];
    let at = line.find("#@")?;
    let said = line.get(at + 2..)?;
    let before = line.get(..at)?.trim_end();
    if !before.is_empty() {
        let is_value = said.starts_with(' ') && before.len() < at;
        return (is_value && before.ends_with([':', '-'])).then_some(at);
    }
    let code = said.trim();
    let is_code = said.starts_with(' ')
        && (code.starts_with("load(")
            || code == "end"
            || code.ends_with(':') && BLOCKS.iter().any(|word| code.starts_with(word)));
    (is_code || LIBRARIES.iter().any(|library| said.starts_with(library))).then_some(at)
}

fn action_in(line: &str) -> Option<usize> {
    const OPENINGS: [&str; 6] = ["{{", "{%", "%{", "<%", "[[ ", "{{{"];
    let opens = OPENINGS.iter().filter_map(|opening| {
        let at = line.find(opening)?;
        is_action(opening, line.get(at + opening.len()..)?).then_some(at)
    });
    opens.min()
}

/// Whether an action of a common template language follows an opening.
fn is_action(opening: &str, rest: &str) -> bool {
    let said = rest.trim_start_matches(['-', '~', '=', '+']).trim_start();
    let word = said.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
    let is_closed = |end: &str| rest.contains(end);
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

/// Whether a text is YAML without keys and values: empty, only comments, or null.
pub fn is_without_content(text: &str) -> bool {
    no_content(text).is_some()
}

/// Whether the text is empty, and in which way.
fn no_content(text: &str) -> Option<Flaw> {
    let body = |line: &str| line.trim().trim_start_matches('\u{feff}').to_owned();
    let lines = || text.lines().map(body).filter(|line| !line.is_empty());
    if lines().next().is_none() {
        return Some(Flaw::Empty);
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

/// Whether this is a top-level key of a config or rules file of some release.
pub fn is_group(name: &str) -> bool {
    Kind::ALL.iter().any(|kind| kind.root().child(name).is_some())
        || names().groups.contains_key(name)
}

/// The only top-level key, if the groups of a config or rules file are nested under it.
fn wrapper(format: Option<DataFormat>, text: &str) -> Option<Flaw> {
    let keys = key_scan(format.unwrap_or(DataFormat::Yaml), text);
    let mut tops = keys.iter().filter(|key| key.top);
    let first = tops.next()?;
    // Most files have several, and need no closer look.
    if tops.next().is_some() || is_group(first.name) {
        return None;
    }
    let has_group = keys.iter().any(|key| !key.top && is_group(key.name));
    let is_telling = |name| {
        matches!(name, "RulesVersion" | "Samplers" | "ConfigurationVersion")
            || names().telling.contains(name)
    };
    let is_wrapped = has_group && keys.iter().any(|key| is_telling(key.name));
    is_wrapped.then_some(Flaw::Wrapped { at: first.at, length: first.name.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flaw(text: &str) -> Option<Flaw> {
        find_flaw(Some(DataFormat::Yaml), text)
    }

    #[test]
    fn finds_why_a_text_is_unusable() {
        for (text, expected) in [
            ("", Flaw::Empty),
            ("\u{feff}\n \t\n", Flaw::Empty),
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
            ("#@ load(\"@ytt:data\", \"data\")\na: 1\n", Flaw::Template(0)),
            ("#! x\n#@data/values\na: 1\n", Flaw::Template(5)),
            ("a: #@ data.values.a\n", Flaw::Template(3)),
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
            "#@ owner: me\n#@todo\na: 1 #@ x\nb:#@ c\n",
            "# {{ .Values.x }}\nGeneral:\n",
            "General [\n",
            "a: b\0\n",
        ] {
            assert_eq!(flaw(text), None, "{text:?}");
        }
    }
}
