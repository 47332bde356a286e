//! Suggests what to write instead of an invalid pattern.
//!
//! Most such patterns are written for another flavour: Perl, .NET or JavaScript.

use super::Regexp;
use super::fault::{PatternFault, Reason};
use super::unicode::class_named;

/// The maximum number of errors in a pattern that are fixed one after another.
const MAX_REPAIRS: usize = 8;

/// Advice in one clause, and a replacement if one is clear.
struct Advice {
    advice: &'static str,
    instead: Option<String>,
    /// Bytes after the error that the replacement covers too.
    more: usize,
}

impl Advice {
    const fn new(advice: &'static str) -> Self {
        Self { advice, instead: None, more: 0 }
    }

    fn with(advice: &'static str, instead: impl Into<String>) -> Self {
        Self { instead: Some(instead.into()), ..Self::new(advice) }
    }
}

impl PatternFault {
    /// What to do about it, in one clause; `None` if the reason is enough.
    pub fn advice(&self, pattern: &str) -> Option<&'static str> {
        self.counsel(pattern).map(|counsel| counsel.advice)
    }

    /// A pattern that Go accepts and that most likely means the same.
    pub fn repair(&self, pattern: &str) -> Option<String> {
        let mut repaired = self.repair_once(pattern)?;
        for _ in 1..MAX_REPAIRS {
            match Regexp::new(&repaired) {
                Ok(_) => return Some(repaired),
                Err(fault) => repaired = fault.repair_once(&repaired)?,
            }
        }
        None
    }

    fn repair_once(&self, pattern: &str) -> Option<String> {
        let counsel = self.counsel(pattern)?;
        let before = pattern.get(..self.at.start)?;
        let after = pattern.get(self.at.end + counsel.more..)?;
        Some([before, &counsel.instead?, after].concat())
    }

    fn counsel(&self, pattern: &str) -> Option<Advice> {
        let faulty = pattern.get(self.at.clone())?;
        let after = pattern.get(self.at.end..)?;
        match self.reason {
            Reason::Escape => escape(faulty, after, self.in_class),
            Reason::TrailingBackslash => {
                Some(Advice::with(r"write `\\` for a backslash itself", r"\\"))
            }
            Reason::GroupSyntax => group(faulty, after),
            Reason::GroupName => Some(group_name(faulty)),
            Reason::RepeatedRepeat => Some(repeated_repeat(faulty)),
            Reason::NothingToRepeat => Some(nothing_to_repeat(faulty)),
            Reason::RepeatCount => repeat_count(faulty),
            Reason::UnicodeName => Some(unicode_name(faulty)),
            Reason::StrayClose | Reason::OpenGroup => {
                Some(Advice::new(r"write `\(` and `\)` for parentheses of the text itself"))
            }
            Reason::OpenClass => Some(Advice::new(r"write `\[` for a bracket of the text itself")),
            _ => None,
        }
    }
}

fn escape(faulty: &str, after: &str, in_class: bool) -> Option<Advice> {
    let outside = |advice, instead: &str| {
        Some(if in_class { Advice::new(advice) } else { Advice::with(advice, instead) })
    };
    let mut chars = faulty.chars().skip(1);
    match chars.next()? {
        'Z' => outside(r"`\z` is the end of the text", r"\z"),
        'G' | 'K' => outside("only whether there is a match counts: remove it", ""),
        'e' => Some(Advice::with(r"`\x1b` is the escape character", r"\x1b")),
        'h' if in_class => Some(Advice::with(r"name a tab and a space", r"\t ")),
        'h' => outside(r"`[\t ]` is a tab or a space", r"[\t ]"),
        'H' => outside(r"`[^\t ]` is neither a tab nor a space", r"[^\t ]"),
        'R' => outside(r"`(?:\r\n|[\n-\r])` is the end of a line", r"(?:\r\n|[\n-\r])"),
        'N' => outside(r"`[^\n]` is anything but the end of a line", r"[^\n]"),
        'C' => outside("Go matches characters, not bytes", "(?s:.)"),
        'X' => Some(Advice::new("Go matches single characters only")),
        '1'..='9' | 'k' | 'g' => Some(Advice::new("Go does not support back-references")),
        'u' | 'U' => Some(code_point(after)),
        'x' => Some(Advice::new(r"write two hexadecimal digits, or any number of them in `\x{…}`")),
        c if !c.is_ascii() => Some(Advice::with("remove the backslash", c)),
        _ => None,
    }
}

/// The digits after `\u`, which are not part of the error.
fn code_point(after: &str) -> Advice {
    const ADVICE: &str = r"a character's number is written `\x{…}`";
    let is_digit = |c: char| c.is_ascii_hexdigit();
    let bare = after.strip_prefix('{').unwrap_or(after);
    let end = bare.find(|c| !is_digit(c)).unwrap_or(bare.len());
    let is_braced = bare.len() < after.len();
    let length = if is_braced { end } else { end.min(4) };
    let digits = bare.get(..length).unwrap_or("");
    let is_whole = if is_braced { bare[length..].starts_with('}') } else { length == 4 };
    if !is_whole {
        return Advice::new(ADVICE);
    }
    let more = if is_braced { length + 2 } else { length };
    Advice { more, ..Advice::with(ADVICE, format!(r"\x{{{digits}}}")) }
}

fn group(faulty: &str, after: &str) -> Option<Advice> {
    const RECURSION: &str = "Go does not support recursion";
    let flags = faulty.strip_prefix("(?")?;
    match flags {
        "=" | "!" => Some(look_around()),
        ">" => Some(Advice::with("Go never backtracks: use a plain group", "(?:")),
        "|" => Some(Advice::with("Go does not support branch resets: use a plain group", "(?:")),
        "#" => Some(Advice::new("Go does not support comments in a pattern")),
        "R" | "&" | "0" | "1" | "+" => Some(Advice::new(RECURSION)),
        "P" if after.starts_with('=') => Some(Advice::new("Go does not support back-references")),
        "P" if after.starts_with('>') => Some(Advice::new(RECURSION)),
        "'" | "P" => Some(Advice::new("a named group starts with `(?P<name>` or `(?<name>`")),
        _ if flags.ends_with('x') => {
            Some(Advice::new("Go does not support the flag x: spaces and `#` match themselves"))
        }
        _ if flags.ends_with('u') => {
            let without = faulty.strip_suffix('u').unwrap_or(faulty);
            Some(Advice::with("strings are always Unicode: remove the flag u", without))
        }
        _ => Some(Advice::new("expected the flags i, m, s or U, followed by `)` or `:`")),
    }
}

fn look_around() -> Advice {
    Advice::new("Go does not support look-around: use a separate condition")
}

fn group_name(faulty: &str) -> Advice {
    if faulty.ends_with(['=', '!']) {
        return look_around();
    }
    let advice = "the name is not needed: use a plain group";
    if faulty.ends_with('>') { Advice::with(advice, "(?:") } else { Advice::new(advice) }
}

fn repeated_repeat(faulty: &str) -> Advice {
    match faulty.strip_suffix('+') {
        Some(plain) => Advice::with("Go never backtracks: remove the `+`", plain),
        None => Advice::new("use a group to repeat twice, as in `(?:x{2}){3}`"),
    }
}

fn nothing_to_repeat(faulty: &str) -> Advice {
    if faulty == "*" {
        return Advice::with("`.*` matches anything", ".*");
    }
    Advice::with("put a backslash before a character that stands for itself", format!(r"\{faulty}"))
}

fn repeat_count(faulty: &str) -> Option<Advice> {
    let (min, max) = faulty.strip_prefix('{')?.strip_suffix('}')?.split_once(',')?;
    if max.is_empty() || min.parse::<u32>().is_ok_and(|min| min > 1000) {
        return None;
    }
    Some(Advice::with("remove the upper limit", format!("{{{min},}}")))
}

fn unicode_name(faulty: &str) -> Advice {
    const ADVICE: &str = "expected a category such as `Lu` or a one-word script such as `Greek`";
    let (opening, name) = faulty.split_once('{').unwrap_or((faulty, ""));
    let name = name.trim_end_matches('}');
    let value = name.split_once(['=', ':']).map_or(name, |(_, value)| value);
    let known = match value {
        "L&" => "LC",
        "Alphabetic" | "Alpha" => "L",
        _ => ["Is", "In", ""].iter().find_map(|prefix| value.strip_prefix(prefix)).unwrap_or(value),
    };
    match class_named(known, false) {
        Some(_) => Advice::with(ADVICE, format!("{opening}{{{known}}}")),
        None => Advice::new(ADVICE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(pattern: &str) -> PatternFault {
        Regexp::new(pattern).err().unwrap_or_else(|| panic!("{pattern} is accepted"))
    }

    #[test]
    fn fixes_syntax_of_other_flavours() {
        for (pattern, repaired) in [
            (r"^a\Z", r"^a\z"),
            (r"\e\[", r"\x1b\["),
            (r"a\hb[\h]", r"a[\t ]b[\t ]"),
            (r"\u00e9\u{1F600}", r"\x{00e9}\x{1F600}"),
            (r"(?>a|b)c", "(?:a|b)c"),
            ("a++b*+c{2}+", "a+b*c{2}"),
            ("(?iu)é", "(?i)é"),
            ("(?<a-b>x)", "(?:x)"),
            ("*.example.com", ".*.example.com"),
            ("?a=1", r"\?a=1"),
            (r"\ü", "ü"),
            ("a{2,5000}", "a{2,}"),
            (r"\p{IsGreek}\p{L&}\P{Script=Han}", r"\p{Greek}\p{LC}\P{Han}"),
            (r"C:\", r"C:\\"),
        ] {
            assert_eq!(fault(pattern).repair(pattern).as_deref(), Some(repaired), "{pattern}");
        }
    }

    #[test]
    fn gives_advice_without_a_fix() {
        for (pattern, part) in [
            ("a(?=b)", "look-around"),
            ("(?<!a)b", "look-around"),
            (r"(a)\1", "back-references"),
            ("(?P<n>a)(?P=n)", "back-references"),
            ("(?x) a # b", "flag x"),
            ("x{2}{3}", "a group"),
            (r"\p{Old_Italic}", "one-word"),
            (r"\u12", r"\x{…}"),
            ("a(b", r"`\(`"),
        ] {
            let fault = fault(pattern);
            assert!(fault.advice(pattern).is_some_and(|advice| advice.contains(part)), "{pattern}");
            assert_eq!(fault.repair(pattern), None, "{pattern}");
        }
    }

    #[test]
    fn gives_no_advice_if_the_reason_is_enough() {
        let pattern = "[z-a]";
        assert_eq!(fault(pattern).advice(pattern), None);
    }
}
