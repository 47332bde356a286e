//! The patterns of `.gitignore` files.
//!
//! All alternatives are followed at once instead of backtracking, so that matching takes at most
//! the length of the pattern times that of the path. Must not access the file system.

/// A pattern with wildcards.
#[derive(Clone, Debug)]
pub struct Pattern {
    tokens: Vec<Token>,
    ignores_case: bool,
}

#[derive(Clone, Debug)]
enum Token {
    Byte(u8),
    /// `?`: any byte except a slash.
    One,
    /// `[…]`.
    Class(Box<[bool; 256]>),
    /// `*`: any number of bytes except slashes.
    Star,
    /// `**`: any number of bytes.
    Any,
    /// Before `**/`, which may also match no folder at all.
    Skip,
    /// Never matches, such as an unclosed bracket.
    Never,
}

impl Pattern {
    /// Parses a pattern. With `ignores_case` the case of ASCII letters is ignored; as in git, a
    /// capital letter after a backslash or alone in a class then matches nothing.
    pub fn new(text: &[u8], ignores_case: bool) -> Self {
        let (mut tokens, mut rest) = (Vec::new(), text);
        while let Some((&byte, after)) = rest.split_first() {
            rest = after;
            match byte {
                b'?' => tokens.push(Token::One),
                b'*' => {
                    let is_first = matches!(tokens.last(), None | Some(Token::Byte(b'/')));
                    rest = read_stars(after, is_first, &mut tokens);
                }
                b'[' => {
                    let class = read_class(after, ignores_case);
                    rest = class.as_ref().map_or(&[][..], |(_, rest)| rest);
                    tokens.push(class.map_or(Token::Never, |(class, _)| Token::Class(class)));
                }
                b'\\' => match after.split_first() {
                    Some((&byte, after)) => {
                        tokens.push(Token::Byte(byte));
                        rest = after;
                    }
                    None => tokens.push(Token::Never),
                },
                _ if ignores_case => tokens.push(Token::Byte(byte.to_ascii_lowercase())),
                _ => tokens.push(Token::Byte(byte)),
            }
        }
        Self { tokens, ignores_case }
    }

    /// Whether it matches a whole path, which has `/` as its separator.
    pub fn matches(&self, path: &[u8]) -> bool {
        // The tokens that may come next; the last position is the end.
        let mut next = vec![false; self.tokens.len() + 1];
        self.arrive(0, &mut next);
        let mut after = vec![false; next.len()];
        for &byte in path {
            let byte = if self.ignores_case { byte.to_ascii_lowercase() } else { byte };
            after.fill(false);
            for (at, token) in self.tokens.iter().enumerate().filter(|(at, _)| next[*at]) {
                let (stays, goes_on) = match token {
                    Token::Byte(own) => (false, *own == byte),
                    Token::One => (false, byte != b'/'),
                    Token::Class(class) => (false, byte != b'/' && class[usize::from(byte)]),
                    Token::Star => (byte != b'/', false),
                    Token::Any => (true, false),
                    Token::Skip | Token::Never => (false, false),
                };
                if stays {
                    self.arrive(at, &mut after);
                }
                if goes_on {
                    self.arrive(at + 1, &mut after);
                }
            }
            std::mem::swap(&mut next, &mut after);
            if !next.contains(&true) {
                return false;
            }
        }
        next.last() == Some(&true)
    }

    /// Marks a position, and those reachable from it without consuming a byte.
    fn arrive(&self, at: usize, places: &mut [bool]) {
        let mut at = Some(at);
        while let Some(here) = at.filter(|here| !places[*here]) {
            places[here] = true;
            at = match self.tokens.get(here) {
                Some(Token::Star | Token::Any) => Some(here + 1),
                Some(Token::Skip) => {
                    // Either the folders with their slash, or neither.
                    self.arrive(here + 1, places);
                    Some(here + 3)
                }
                _ => None,
            };
        }
    }
}

/// Parses what follows a `*`; returns the rest. `**` differs from `*` only if it is everything
/// between two slashes.
fn read_stars<'t>(after: &'t [u8], is_first: bool, tokens: &mut Vec<Token>) -> &'t [u8] {
    let more = after.iter().take_while(|&&byte| byte == b'*').count();
    let rest = after.get(more..).unwrap_or_default();
    let is_any = rest.is_empty() || rest.starts_with(b"/") || rest.starts_with(b"\\/");
    if more == 0 || !is_first || !is_any {
        tokens.push(Token::Star);
        return rest;
    }
    let Some(after) = rest.strip_prefix(b"/") else {
        tokens.push(Token::Any);
        return rest;
    };
    tokens.extend([Token::Skip, Token::Any, Token::Byte(b'/')]);
    after
}

/// Parses what follows a `[`, up to its `]`; `None` if it is not a class.
fn read_class(text: &[u8], ignores_case: bool) -> Option<(Box<[bool; 256]>, &[u8])> {
    let mut class = Box::new([false; 256]);
    let (is_negated, mut rest) = match text.split_first()? {
        (b'!' | b'^', rest) => (true, rest),
        _ => (false, text),
    };
    let mut before = None;
    loop {
        let (&byte, after) = rest.split_first()?;
        rest = after;
        before = match byte {
            b'[' => {
                if let Some((name, after)) = read_name(rest) {
                    add_named(name, ignores_case, &mut class)?;
                    rest = after;
                    None
                } else {
                    class[usize::from(byte)] = true;
                    Some(byte)
                }
            }
            b'\\' => {
                let (&byte, after) = rest.split_first()?;
                rest = after;
                class[usize::from(byte)] = true;
                Some(byte)
            }
            b'-' if before.is_some() && rest.first().is_some_and(|&next| next != b']') => {
                let (&first, after) = rest.split_first()?;
                let (&last, after) =
                    if first == b'\\' { after.split_first()? } else { (&first, after) };
                rest = after;
                for byte in before.unwrap_or_default()..=last {
                    class[usize::from(byte)] = true;
                    // The path is in lower case by now; a range stands for both cases.
                    if ignores_case {
                        class[usize::from(byte.to_ascii_lowercase())] = true;
                    }
                }
                None
            }
            byte => {
                class[usize::from(byte)] = true;
                Some(byte)
            }
        };
        if rest.first()? == &b']' {
            rest = rest.get(1..).unwrap_or_default();
            break;
        }
    }
    if is_negated {
        class.iter_mut().for_each(|holds| *holds = !*holds);
    }
    Some((class, rest))
}

/// Parses `:name:]`, which follows the inner bracket; `None` if it does not end like that.
fn read_name(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let inner = text.strip_prefix(b":")?;
    let end = inner.iter().position(|&byte| byte == b']')?;
    let name = inner.get(..end)?.strip_suffix(b":")?;
    Some((name, inner.get(end + 1..).unwrap_or_default()))
}

/// Adds the ASCII characters of a named class; `None` if there is no such class.
fn add_named(name: &[u8], ignores_case: bool, class: &mut [bool; 256]) -> Option<()> {
    let holds: fn(&u8) -> bool = match name {
        b"alnum" => u8::is_ascii_alphanumeric,
        b"alpha" => u8::is_ascii_alphabetic,
        b"blank" => |byte| matches!(byte, b' ' | b'\t'),
        b"cntrl" => u8::is_ascii_control,
        b"digit" => u8::is_ascii_digit,
        b"graph" => u8::is_ascii_graphic,
        b"lower" => u8::is_ascii_lowercase,
        b"print" => |byte| matches!(byte, b' '..=b'~'),
        b"punct" => u8::is_ascii_punctuation,
        b"space" => |byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'),
        b"upper" if ignores_case => u8::is_ascii_alphabetic,
        b"upper" => u8::is_ascii_uppercase,
        b"xdigit" => u8::is_ascii_hexdigit,
        _ => return None,
    };
    (0..=u8::MAX).filter(holds).for_each(|byte| class[usize::from(byte)] = true);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_paths() {
        for (pattern, yes, no) in [
            ("a?c", &["abc", "a-c"][..], &["ac", "a/c", "abcd"][..]),
            ("*.log", &[".log", "a.log"], &["a/b.log", "a.logs"]),
            ("a/*/c", &["a/b/c", "a//c"], &["a/b/b/c", "a/c"]),
            ("**/c", &["c", "a/c", "a/b/c"], &["ac", "c/a"]),
            ("a/**", &["a/b", "a/b/c"], &["a", "ab"]),
            ("a/**/c", &["a/c", "a/b/c", "a/b/b/c"], &["ac", "a/bc"]),
            ("a**c", &["abc", "ac"], &["a/c"]),
            ("**\\/c", &["a/c", "/c"], &["c"]),
            ("[a-c]", &["a", "b", "c"], &["d", "-", ""]),
            ("[!a-c]", &["d", "-"], &["a", "/"]),
            ("[]a]", &["]", "a"], &["b"]),
            ("[a-]", &["a", "-"], &["b"]),
            ("[\\]a]", &["]", "a"], &["\\"]),
            ("[[:digit:]x]", &["7", "x"], &[":", "d"]),
            ("[[:nothing:]]", &[], &[":", "n", "[[:nothing:]]"]),
            ("[[:a]", &["[", ":", "a"], &["b"]),
            ("[ab", &[], &["a", "[ab"]),
            ("a\\*", &["a*"], &["ab", "a\\*"]),
            ("a\\", &[], &["a", "a\\"]),
            ("", &[""], &["a"]),
        ] {
            let pattern_read = Pattern::new(pattern.as_bytes(), false);
            for (paths, expected) in [(yes, true), (no, false)] {
                for path in paths {
                    assert_eq!(pattern_read.matches(path.as_bytes()), expected, "{pattern} {path}");
                }
            }
        }
    }

    #[test]
    fn case_may_be_ignored() {
        for (pattern, path, expected) in [
            ("A.Log", "a.lOG", true),
            ("[B-D]", "c", true),
            ("[[:upper:]]", "c", true),
            ("[C]", "C", false),
            ("\\C", "c", false),
        ] {
            assert_eq!(Pattern::new(pattern.as_bytes(), true).matches(path.as_bytes()), expected);
        }
    }
}
