//! What to write instead of a pattern that is refused.
//!
//! Most such patterns are written for another engine: Perl's, .NET's, JavaScript's. Must not decide
//! whether a pattern is refused.

use super::Regexp;
use super::fault::{PatternFault, Reason};
use super::unicode::class_named;

/// So many faults one after another are repaired; a pattern with more is not worth it.
const MAX_REPAIRS: usize = 8;

/// A clause for the author, and what should stand where the fault does, if that is clear.
struct Counsel {
    advice: &'static str,
    instead: Option<String>,
    /// Bytes after the fault that the replacement covers too.
    more: usize,
}

impl Counsel {
    const fn new(advice: &'static str) -> Self {
        Self { advice, instead: None, more: 0 }
    }

    fn with(advice: &'static str, instead: impl Into<String>) -> Self {
        Self { instead: Some(instead.into()), ..Self::new(advice) }
    }
}

impl PatternFault {
    /// What to do about it, in one clause; none if the reason says it all.
    pub fn advice(&self, pattern: &str) -> Option<&'static str> {
        self.counsel(pattern).map(|counsel| counsel.advice)
    }

    /// A pattern that the engine accepts and that says what this one most likely means.
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

    fn counsel(&self, pattern: &str) -> Option<Counsel> {
        let faulty = pattern.get(self.at.clone())?;
        let after = pattern.get(self.at.end..)?;
        match self.reason {
            Reason::Escape => escape(faulty, after, self.in_class),
            Reason::TrailingBackslash => {
                Some(Counsel::with(r"write `\\` for a backslash itself", r"\\"))
            }
            Reason::GroupSyntax => group(faulty, after),
            Reason::GroupName => Some(group_name(faulty)),
            Reason::RepeatedRepeat => Some(repeated_repeat(faulty)),
            Reason::NothingToRepeat => Some(nothing_to_repeat(faulty)),
            Reason::RepeatCount => repeat_count(faulty),
            Reason::UnicodeName => Some(unicode_name(faulty)),
            Reason::StrayClose | Reason::OpenGroup => {
                Some(Counsel::new(r"write `\(` and `\)` for parentheses of the text itself"))
            }
            Reason::OpenClass => Some(Counsel::new(r"write `\[` for a bracket of the text itself")),
            _ => None,
        }
    }
}

fn escape(faulty: &str, after: &str, in_class: bool) -> Option<Counsel> {
    let outside = |advice, instead: &str| {
        Some(if in_class { Counsel::new(advice) } else { Counsel::with(advice, instead) })
    };
    let mut chars = faulty.chars().skip(1);
    match chars.next()? {
        'Z' => outside(r"`\z` is the end of the text", r"\z"),
        'G' | 'K' => outside("only whether there is a match counts: leave it out", ""),
        'e' => Some(Counsel::with(r"`\x1b` is the escape character", r"\x1b")),
        'h' if in_class => Some(Counsel::with(r"name a tab and a space", r"\t ")),
        'h' => outside(r"`[\t ]` is a tab or a space", r"[\t ]"),
        'H' => outside(r"`[^\t ]` is neither a tab nor a space", r"[^\t ]"),
        'R' => outside(r"`(?:\r\n|[\n-\r])` is the end of a line", r"(?:\r\n|[\n-\r])"),
        'N' => outside(r"`[^\n]` is anything but the end of a line", r"[^\n]"),
        'C' => outside("the engine matches characters, not bytes", "(?s:.)"),
        'X' => Some(Counsel::new("the engine matches single characters only")),
        '1'..='9' | 'k' | 'g' => {
            Some(Counsel::new("the engine has no back-references: what was matched is not kept"))
        }
        'u' | 'U' => Some(code_point(after)),
        'x' => {
            Some(Counsel::new(r"write two hexadecimal digits, or any number of them in `\x{…}`"))
        }
        c if !c.is_ascii() => Some(Counsel::with("leave the backslash out", c)),
        _ => None,
    }
}

/// The digits after `\u`, which are not at fault themselves.
fn code_point(after: &str) -> Counsel {
    const ADVICE: &str = r"a character's number is written `\x{…}`";
    let is_digit = |c: char| c.is_ascii_hexdigit();
    let bare = after.strip_prefix('{').unwrap_or(after);
    let end = bare.find(|c| !is_digit(c)).unwrap_or(bare.len());
    let is_braced = bare.len() < after.len();
    let length = if is_braced { end } else { end.min(4) };
    let digits = bare.get(..length).unwrap_or("");
    let is_whole = if is_braced { bare[length..].starts_with('}') } else { length == 4 };
    if !is_whole {
        return Counsel::new(ADVICE);
    }
    let more = if is_braced { length + 2 } else { length };
    Counsel { more, ..Counsel::with(ADVICE, format!(r"\x{{{digits}}}")) }
}

fn group(faulty: &str, after: &str) -> Option<Counsel> {
    const RECURSION: &str = "the engine has no recursion";
    let flags = faulty.strip_prefix("(?")?;
    match flags {
        "=" | "!" => Some(look_around()),
        ">" => Some(Counsel::with("the engine never backtracks: a plain group does", "(?:")),
        "|" => Some(Counsel::with("nothing is captured: a plain group does", "(?:")),
        "#" => Some(Counsel::new("a pattern cannot hold comments")),
        "R" | "&" | "0" | "1" | "+" => Some(Counsel::new(RECURSION)),
        "P" if after.starts_with('=') => {
            Some(Counsel::new("the engine has no back-references: what was matched is not kept"))
        }
        "P" if after.starts_with('>') => Some(Counsel::new(RECURSION)),
        "'" | "P" => Some(Counsel::new("a named group begins with `(?P<name>` or `(?<name>`")),
        _ if flags.ends_with('x') => Some(Counsel::new(
            "the engine reads every space and `#` as it stands: there is no flag x",
        )),
        _ if flags.ends_with('u') => {
            let without = faulty.strip_suffix('u').unwrap_or(faulty);
            Some(Counsel::with("texts are Unicode always: leave the flag u out", without))
        }
        _ => Some(Counsel::new("the flags are i, m, s and U, followed by `)` or `:`")),
    }
}

fn look_around() -> Counsel {
    Counsel::new("the engine cannot look ahead or behind: ask what follows or precedes separately")
}

fn group_name(faulty: &str) -> Counsel {
    if faulty.ends_with(['=', '!']) {
        return look_around();
    }
    let advice = "a name is needless, since nothing is captured: a plain group does";
    if faulty.ends_with('>') { Counsel::with(advice, "(?:") } else { Counsel::new(advice) }
}

fn repeated_repeat(faulty: &str) -> Counsel {
    match faulty.strip_suffix('+') {
        Some(plain) => Counsel::with("the engine never backtracks: leave the `+` out", plain),
        None => Counsel::new("put what is repeated twice in a group, as in `(?:x{2}){3}`"),
    }
}

fn nothing_to_repeat(faulty: &str) -> Counsel {
    if faulty == "*" {
        return Counsel::with("`.*` matches anything", ".*");
    }
    Counsel::with("put a backslash in front of what stands for itself", format!(r"\{faulty}"))
}

fn repeat_count(faulty: &str) -> Option<Counsel> {
    let (min, max) = faulty.strip_prefix('{')?.strip_suffix('}')?.split_once(',')?;
    if max.is_empty() || min.parse::<u32>().is_ok_and(|min| min > 1000) {
        return None;
    }
    Some(Counsel::with("leave the upper limit out", format!("{{{min},}}")))
}

fn unicode_name(faulty: &str) -> Counsel {
    const ADVICE: &str =
        "categories such as `Lu` and scripts of one word such as `Greek` are known";
    let (opening, name) = faulty.split_once('{').unwrap_or((faulty, ""));
    let name = name.trim_end_matches('}');
    let value = name.split_once(['=', ':']).map_or(name, |(_, value)| value);
    let known = match value {
        "L&" => "LC",
        "Alphabetic" | "Alpha" => "L",
        _ => ["Is", "In", ""].iter().find_map(|prefix| value.strip_prefix(prefix)).unwrap_or(value),
    };
    match class_named(known, false) {
        Some(_) => Counsel::with(ADVICE, format!("{opening}{{{known}}}")),
        None => Counsel::new(ADVICE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(pattern: &str) -> PatternFault {
        Regexp::new(pattern).err().unwrap_or_else(|| panic!("{pattern} is accepted"))
    }

    #[test]
    fn repairs_what_is_foreign() {
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
    fn advises_where_it_cannot_repair() {
        for (pattern, part) in [
            ("a(?=b)", "look ahead"),
            ("(?<!a)b", "look ahead"),
            (r"(a)\1", "back-references"),
            ("(?P<n>a)(?P=n)", "back-references"),
            ("(?x) a # b", "flag x"),
            ("x{2}{3}", "in a group"),
            (r"\p{Old_Italic}", "one word"),
            (r"\u12", r"\x{…}"),
            ("a(b", r"`\(`"),
        ] {
            let fault = fault(pattern);
            assert!(fault.advice(pattern).is_some_and(|advice| advice.contains(part)), "{pattern}");
            assert_eq!(fault.repair(pattern), None, "{pattern}");
        }
    }

    #[test]
    fn says_nothing_where_the_reason_does() {
        let pattern = "[z-a]";
        assert_eq!(fault(pattern).advice(pattern), None);
    }
}
