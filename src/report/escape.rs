//! Escapes text for output, so that it cannot move the cursor, hide characters, break lines or run
//! workflow commands.
//!
//! Names and values come from untrusted files. Unicode defines which characters are invisible or
//! change the text direction. Must not know any format.

use memchr::{memchr, memmem};
use regex_syntax::hir::{Class, HirKind};
use std::fmt::Write as _;
use std::sync::LazyLock;

/// Escapes text for one line: control characters become symbols, invisible characters and those
/// that change the text direction become U+FFFD.
pub fn one_line(text: &str) -> String {
    escape(text, |_| false)
}

/// The same, but keeps line breaks and tabs.
pub fn lines(text: &str) -> String {
    escape(text, |c| matches!(c, '\n' | '\t'))
}

fn escape(text: &str, is_kept: impl Fn(char) -> bool) -> String {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
    let mut before = '\0';
    let draw = |c| {
        let drawn = if is_kept(c) || is_style_of(before, c) { c } else { drawn(c) };
        before = c;
        drawn
    };
    text.chars().map(draw).collect()
}

fn drawn(c: char) -> char {
    match c {
        '\u{7f}' => '␡',
        '\0'..='\x1f' => {
            char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        c if is_hidden(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}

/// Whether this is a variation selector after an emoji; after anything else it is invisible.
fn is_style_of(before: char, c: char) -> bool {
    matches!(c, '\u{fe0e}' | '\u{fe0f}') && !before.is_ascii() && is_in(&EMOJI, before)
}

/// Whether it is invisible or changes how other characters are shown.
fn is_hidden(c: char) -> bool {
    c.is_control() || !c.is_ascii() && is_in(&HIDDEN, c)
}

/// Code points in ranges, sorted, both ends inclusive.
type Ranges = Vec<(char, char)>;

static HIDDEN: LazyLock<Ranges> = LazyLock::new(|| {
    // The last range represents bytes of file names that are not UTF-8.
    ranges(
        r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\x{10ff80}-\x{10ffff}]",
    )
});

static EMOJI: LazyLock<Ranges> = LazyLock::new(|| ranges(r"\p{Emoji}"));

fn is_in(ranges: &Ranges, c: char) -> bool {
    let after = ranges.partition_point(|&(low, _)| low <= c);
    after.checked_sub(1).is_some_and(|at| ranges[at].1 >= c)
}

/// The code points of a character class.
fn ranges(class: &str) -> Ranges {
    match regex_syntax::parse(class).map(regex_syntax::hir::Hir::into_kind) {
        Ok(HirKind::Class(Class::Unicode(class))) => {
            class.iter().map(|range| (range.start(), range.end())).collect()
        }
        _ => Vec::new(),
    }
}

/// An equivalent JSON text with hidden characters escaped as `\u202e`.
pub fn json(text: &str) -> String {
    let escaped = escape_with(text, |out, c| {
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(out, "\\u{unit:04x}");
        }
    });
    if memchr(b'#', escaped.as_bytes()).is_none() {
        return escaped;
    }
    escaped.replace("##[", "#\\u0023[").replace("##vso[", "#\\u0023vso[")
}

/// Appends a text as a JSON string in which hidden characters are escaped.
pub fn push_json_string(out: &mut String, text: &str) {
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | b'#' | b'\n');
    let bytes = text.as_bytes();
    if count_plain(bytes) == bytes.len() && !bytes.iter().any(is_special) {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        // Writing a string cannot fail.
        out.push_str(&json(&serde_json::to_string(text).unwrap_or_default()));
    }
}

/// An equivalent XML text. Characters that XML does not allow become symbols.
pub fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in lines(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => out.push(char::REPLACEMENT_CHARACTER),
            c => out.push(c),
        }
    }
    out
}

/// An equivalent XML attribute, where line breaks would become spaces.
pub fn xml_attribute(text: &str) -> String {
    xml(text).replace('\n', "&#10;").replace('\t', "&#9;")
}

/// An equivalent double-quoted YAML scalar with hidden characters escaped as `\u202e`.
pub fn yaml(quoted: &str) -> String {
    escape_with(quoted, |out, c| {
        let c = u32::from(c);
        let _ = if c > 0xffff { write!(out, "\\U{c:08x}") } else { write!(out, "\\u{c:04x}") };
    })
}

fn escape_with(text: &str, write: impl Fn(&mut String, char)) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut written, mut at) = (0, 0);
    loop {
        at += count_plain(&text.as_bytes()[at..]);
        let Some(c) = text[at..].chars().next() else { break };
        let end = at + c.len_utf8();
        if is_hidden(c) {
            out.push_str(&text[written..at]);
            write(&mut out, c);
            written = end;
        }
        at = end;
    }
    out.push_str(&text[written..]);
    out
}

/// How many of the first bytes are printable ASCII or line breaks.
fn count_plain(bytes: &[u8]) -> usize {
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n');
    // Compares all bytes of a chunk at once.
    let is_all_plain = |chunk: &[u8; 16]| chunk.iter().fold(true, |all, byte| all & is_plain(byte));
    let (chunks, _) = bytes.as_chunks();
    let count = 16 * chunks.iter().take_while(|chunk| is_all_plain(chunk)).count();
    count + bytes[count..].iter().take_while(|byte| is_plain(byte)).count()
}

/// Escapes workflow commands: GitHub trims each line of a log and runs lines that start with `::`
/// or contain `##[`; Azure Pipelines runs lines that contain `##vso[`.
pub fn disarm(text: &str) -> String {
    // Most texts have no command.
    if !["::", "##"].iter().any(|start| memmem::find(text.as_bytes(), start.as_bytes()).is_some()) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let command = behind_colour(line);
        out.push_str(&line[..line.len() - command.len()]);
        if command.starts_with("::") {
            out.push('\\');
        }
        out.push_str(&command.replace("##[", "#\\#[").replace("##vso[", "#\\#vso["));
    }
    out
}

/// The visible text of a line, after spaces and colour sequences.
fn behind_colour(line: &str) -> &str {
    let shown = line.trim_start();
    let sequence = shown.strip_prefix("\u{1b}[").and_then(|rest| rest.split_once('m'));
    sequence.map_or(shown, |(_, rest)| behind_colour(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_replaced() {
        assert_eq!(one_line("a\x1b[2J\r\n\tb\u{202e}ä"), "a␛[2J␍␊␉b\u{fffd}ä");
        assert_eq!(lines("a\n\tb\x07"), "a\n\tb␇");
    }

    #[test]
    fn invisible_characters_are_replaced() {
        let blocks = [
            '\u{80}'..='\u{9f}',
            '\u{ad}'..='\u{ad}',
            '\u{61c}'..='\u{61c}',
            '\u{115f}'..='\u{1160}',
            '\u{17b4}'..='\u{17b5}',
            '\u{180b}'..='\u{180f}',
            '\u{200b}'..='\u{200f}',
            '\u{2028}'..='\u{202e}',
            '\u{2060}'..='\u{206f}',
            '\u{3164}'..='\u{3164}',
            '\u{fe00}'..='\u{fe0f}',
            '\u{feff}'..='\u{feff}',
            '\u{ffa0}'..='\u{ffa0}',
            '\u{fff0}'..='\u{fffb}',
            '\u{1d173}'..='\u{1d17a}',
            '\u{e0000}'..='\u{e0fff}',
        ];
        for c in blocks.into_iter().flatten() {
            assert_eq!(one_line(&format!("a{c}b")), "a\u{fffd}b", "{c:?}");
            assert!(json(&format!("\"{c}\"")).is_ascii(), "{c:?}");
            assert!(yaml(&format!("\"{c}\"")).is_ascii(), "{c:?}");
        }
    }

    #[test]
    fn visible_characters_are_kept() {
        for text in ["ä日本語", "é", "العربية", "a b", "🙂"] {
            assert_eq!(one_line(text), text);
            assert_eq!(json(text), text);
        }
        assert_eq!(one_line("⚠\u{fe0f}"), "⚠\u{fe0f}");
    }

    #[test]
    fn escaped_json_is_equivalent() {
        for text in
            ["a\u{202e}b", "\u{e0041}", "##[error]x", "##vso[x]", "\u{7f}\u{85}", "\n\"\\\0"]
        {
            let quoted = serde_json::to_string(text).unwrap();
            let escaped = json(&quoted);
            assert!(escaped.is_ascii() && !escaped.contains("##"), "{escaped}");
            assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), text);
            let mut pushed = String::new();
            push_json_string(&mut pushed, text);
            assert_eq!(pushed, escaped);
        }
        for length in 0..40 {
            let text = format!("{}\u{202e}ä\u{202e}", "x".repeat(length));
            assert_eq!(json(&text), format!("{}\\u202eä\\u202e", "x".repeat(length)));
        }
        assert_eq!(yaml("\"a\u{e0041}\u{feff}\""), "\"a\\U000e0041\\ufeff\"");
    }

    #[test]
    fn every_character_is_valid_xml() {
        assert_eq!(xml_attribute("<a b=\"c\">&\n\t\r\0\u{1b}\u{ffff}ä"), {
            "&lt;a b=&quot;c&quot;&gt;&amp;&#10;&#9;␍␀␛\u{fffd}ä"
        });
    }

    #[test]
    fn no_line_is_a_workflow_command() {
        for (text, shown) in [
            ("::add-mask::x\n  ::error::y\n", "\\::add-mask::x\n  \\::error::y\n"),
            ("a ::b\n##[group]c ##[d]", "a ::b\n#\\#[group]c #\\#[d]"),
            ("x ##vso[task.complete]y", "x #\\#vso[task.complete]y"),
            ("a\n\nb", "a\n\nb"),
        ] {
            assert_eq!(disarm(text), shown);
        }
    }
}
