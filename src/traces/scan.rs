//! Scans JSON from left to right, without building anything.
//!
//! Every method returns `None` if the text is not valid JSON there, or unusual. Positions after that
//! are meaningless.

use std::borrow::Cow;

/// The deepest nesting, as of the parser that reads what this does not.
const MAX_DEPTH: usize = 120;

/// A place in a text.
#[derive(Clone)]
pub struct Scan<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
    /// Where the last name of a member starts and what follows its colon.
    name: (usize, usize),
}

impl<'t> Scan<'t> {
    pub fn new(text: &'t str) -> Self {
        Self { text, at: 0, depth: 0, name: (0, 0) }
    }

    fn skip_space(&mut self) {
        let bytes = self.text.as_bytes();
        while bytes.get(self.at).is_some_and(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// The next byte that is not white space.
    pub fn peek(&mut self) -> Option<u8> {
        self.skip_space();
        self.text.as_bytes().get(self.at).copied()
    }

    /// Passes this byte, after white space.
    pub fn byte(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// Passes this text, after white space.
    pub fn text(&mut self, text: &str) -> Option<()> {
        self.skip_space();
        let rest = self.text.as_bytes().get(self.at..)?;
        rest.starts_with(text.as_bytes()).then(|| self.at += text.len())
    }

    /// Only white space is left.
    pub fn end(&mut self) -> Option<()> {
        self.peek().is_none().then_some(())
    }

    /// Passes an object; `member` passes the value of each name.
    pub fn object(
        &mut self,
        mut member: impl FnMut(&mut Self, Cow<'t, str>) -> Option<()>,
    ) -> Option<()> {
        self.byte(b'{')?;
        self.enter()?;
        if self.peek()? != b'}' {
            loop {
                self.skip_space();
                let start = self.at;
                let name = self.string()?;
                self.byte(b':')?;
                self.name = (start, self.at);
                member(self, name)?;
                if self.peek()? != b',' {
                    break;
                }
                self.at += 1;
            }
        }
        self.depth -= 1;
        self.byte(b'}')
    }

    /// The name of the member that is passed, in quotes and with what follows up to its value.
    pub fn name_as_written(&self) -> &'t str {
        self.text.get(self.name.0..self.name.1).unwrap_or_default()
    }

    /// Passes a list; `item` passes each item.
    pub fn list(&mut self, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.byte(b'[')?;
        self.enter()?;
        if self.peek()? != b']' {
            loop {
                item(self)?;
                if self.peek()? != b',' {
                    break;
                }
                self.at += 1;
            }
        }
        self.depth -= 1;
        self.byte(b']')
    }

    fn enter(&mut self) -> Option<()> {
        self.depth += 1;
        (self.depth <= MAX_DEPTH).then_some(())
    }

    pub fn boolean(&mut self) -> Option<bool> {
        match self.peek()? {
            b't' => self.text("true").map(|()| true),
            _ => self.text("false").map(|()| false),
        }
    }

    /// A string; copied only if it has escapes.
    pub fn string(&mut self) -> Option<Cow<'t, str>> {
        self.byte(b'"')?;
        let start = self.at;
        let has_escapes = self.pass_string()?;
        let text = self.text;
        if has_escapes {
            return serde_json::from_str(text.get(start - 1..self.at)?).ok().map(Cow::Owned);
        }
        text.get(start..self.at - 1).map(Cow::Borrowed)
    }

    /// Passes the rest of a string; returns whether it has escapes.
    fn pass_string(&mut self) -> Option<bool> {
        let bytes = self.text.as_bytes();
        let mut has_escapes = false;
        loop {
            while let Some(eight) = bytes.get(self.at..).and_then(|rest| rest.first_chunk()) {
                let plain = count_plain(*eight);
                self.at += plain;
                if plain < 8 {
                    break;
                }
            }
            match *bytes.get(self.at)? {
                b'"' => {
                    self.at += 1;
                    return Some(has_escapes);
                }
                b'\\' => {
                    has_escapes = true;
                    self.at += 2;
                }
                0..0x20 => return None,
                _ => self.at += 1,
            }
        }
    }

    /// The text of a number.
    pub fn number(&mut self) -> Option<&'t str> {
        self.skip_space();
        let start = self.at;
        let bytes = self.text.as_bytes();
        let next = |at: usize| bytes.get(at).copied();
        self.at += usize::from(next(self.at) == Some(b'-'));
        if next(self.at) == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if next(self.at) == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(next(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(next(self.at), Some(b'+' | b'-')));
            self.digits()?;
        }
        self.text.get(start..self.at)
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.text.as_bytes().get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    /// Passes any value. Numbers of which only their values tell whether they are valid are unusual.
    pub fn skip(&mut self) -> Option<()> {
        match self.peek()? {
            b'"' => {
                self.at += 1;
                let start = self.at - 1;
                if self.pass_string()? {
                    serde_json::from_str::<String>(self.text.get(start..self.at)?).ok()?;
                }
                Some(())
            }
            b'[' => self.list(Self::skip),
            b'{' => self.object(|scan, _| scan.skip()),
            b't' | b'f' => self.boolean().map(drop),
            b'n' => self.text("null"),
            _ => {
                let number = self.number()?;
                fits(number).then_some(())
            }
        }
    }
}

/// How many of the first bytes are neither quotes nor backslashes nor control characters.
fn count_plain(bytes: [u8; 8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * ONES;
    let word = u64::from_le_bytes(bytes);
    // A high bit for each byte below a limit, and perhaps for some after the first of them.
    let below = |word: u64, limit: u8| word.wrapping_sub(ONES * u64::from(limit)) & !word & HIGH;
    let equal = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    let special = below(word, 0x20) | equal(b'"') | equal(b'\\');
    (special.trailing_zeros() / 8) as usize
}

/// Whether 64 bits can represent a number.
fn fits(number: &str) -> bool {
    /// All numbers of so many characters do, unless they have an exponent.
    const SURE: usize = 18;
    let has_exponent = number.contains(['e', 'E']);
    if has_exponent || number.contains('.') {
        return !has_exponent && number.len() <= SURE
            || number.parse::<f64>().is_ok_and(f64::is_finite);
    }
    number.len() <= SURE || number.parse::<i64>().is_ok() || number.parse::<u64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A valid value is passed completely, and nothing else is.
    #[test]
    fn passes_what_is_valid_json() {
        for text in [
            "1",
            "-0",
            "0",
            "1.5",
            "-1e5",
            "1E+2",
            "1e-2",
            "\"\"",
            "\"a\"",
            r#""\u00e9\n""#,
            "[]",
            "{}",
            "[1, 2]",
            r#"{"a": [true, null], "b": {}}"#,
            " 1 ",
            "false",
            "999999999999999999",
            // Invalid.
            "",
            "01",
            "-",
            "1.",
            ".5",
            "1e",
            "+1",
            "\"",
            "\"\n\"",
            r#""\x""#,
            r#""\u00""#,
            "[1,]",
            "[,]",
            "[1 2]",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{a:1}",
            "tru",
            "nul",
            "1 2",
            "'a'",
            "NaN",
        ] {
            let mut scan = Scan::new(text);
            let is_passed = scan.skip().and_then(|()| scan.end()).is_some();
            let is_valid = serde_json::from_str::<serde_json::Value>(text).is_ok();
            assert_eq!(is_passed, is_valid, "{text}");
        }
        assert!(Scan::new("99999999999999999999").skip().is_none());
        assert!(Scan::new("1e999").skip().is_none());
        assert!(Scan::new(&"[".repeat(1000)).skip().is_none());
    }

    #[test]
    fn special_bytes_are_found_anywhere() {
        for byte in 0..=255_u8 {
            let is_special = byte < 0x20 || byte == b'"' || byte == b'\\';
            for place in 0..8 {
                let mut bytes = *b"a\x7f\x80\xffz ~#";
                bytes[place] = byte;
                let expected = if is_special { place } else { 8 };
                assert_eq!(count_plain(bytes), expected, "{bytes:?}");
            }
        }
    }

    #[test]
    fn strings_are_decoded() {
        for (text, value) in [(r#""a""#, "a"), (r#""\"\\é\u00e9""#, "\"\\éé")] {
            assert_eq!(Scan::new(text).string().as_deref(), Some(value));
        }
    }
}
