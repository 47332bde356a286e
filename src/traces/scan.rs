//! Scans JSON from left to right, without building anything.
//!
//! Every method returns `None` if the text is not valid JSON there, or unusual. Positions after that
//! are meaningless.

use std::borrow::Cow;

/// The deepest nesting, as of the parser that reads what this does not.
const MAX_DEPTH: usize = 120;

/// A number of few digits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ShortNumber {
    Int(i64),
    Float(f64),
}

/// A place in a text.
#[derive(Clone)]
pub struct Scan<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

impl<'t> Scan<'t> {
    pub fn new(text: &'t str) -> Self {
        Self { text, at: 0, depth: 0 }
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
        self.exactly(text)
    }

    /// Passes this text and no white space before it.
    pub fn exactly(&mut self, text: &str) -> Option<()> {
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
                let name = self.string()?;
                self.byte(b':')?;
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

    /// The text from an earlier place to this one.
    pub fn since(&self, start: &Self) -> &'t str {
        self.text.get(start.at..self.at).unwrap_or_default()
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
        if has_escapes {
            let quoted = self.text.get(start - 1..self.at)?;
            return serde_json::from_str(quoted).ok().map(Cow::Owned);
        }
        self.text.get(start..self.at - 1).map(Cow::Borrowed)
    }

    /// Passes the rest of a string; returns whether it has escapes.
    fn pass_string(&mut self) -> Option<bool> {
        let bytes = self.text.as_bytes();
        let mut has_escapes = false;
        loop {
            self.at += count_all_plain(bytes.get(self.at..)?);
            match *bytes.get(self.at)? {
                b'"' => {
                    self.at += 1;
                    return Some(has_escapes);
                }
                b'\\' => {
                    has_escapes = true;
                    self.at += 2;
                }
                _ => return None,
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

    /// A number here, if it has few digits and no exponent. Otherwise nothing is passed.
    pub fn short_number(&mut self) -> Option<ShortNumber> {
        /// An integer of so many digits and such a power of ten are exact as floats, so that their
        /// quotient is rounded once.
        const MOST: usize = 15;
        let rest = self.text.as_bytes().get(self.at..)?;
        let is_negative = rest.first() == Some(&b'-');
        let digits = rest.get(usize::from(is_negative)..)?;
        let (mut number, mut scale, mut length) = (0_i64, None, 0);
        let mut last = b'.';
        for byte in digits.iter().take(MOST + 1) {
            match (byte, &mut scale) {
                (b'0'..=b'9', scale) => {
                    number = 10 * number + i64::from(byte - b'0');
                    if let Some(scale) = scale {
                        *scale *= 10.0;
                    }
                }
                (b'.', None) => scale = Some(1.0),
                _ => break,
            }
            last = *byte;
            length += 1;
        }
        let has_zero = digits.first() == Some(&b'0') && !matches!(digits.get(1), Some(b'.'));
        let goes_on = matches!(digits.get(length), Some(b'0'..=b'9' | b'.' | b'e' | b'E'));
        if last == b'.' || digits.first() == Some(&b'.') || has_zero && length > 1 || goes_on {
            return None;
        }
        self.at += length + usize::from(is_negative);
        let sign = if is_negative { -1_i8 } else { 1 };
        #[expect(clippy::cast_precision_loss, reason = "15 digits are exact")]
        Some(match scale {
            None => ShortNumber::Int(i64::from(sign) * number),
            Some(scale) => ShortNumber::Float(f64::from(sign) * number as f64 / scale),
        })
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

/// The same for any number of bytes.
fn count_all_plain(bytes: &[u8]) -> usize {
    let (chunks, rest) = bytes.as_chunks();
    for (number, chunk) in chunks.iter().enumerate() {
        let plain = count_plain(*chunk);
        if plain < 8 {
            return 8 * number + plain;
        }
    }
    let is_plain = |byte: &&u8| !matches!(byte, b'"' | b'\\' | 0..0x20);
    8 * chunks.len() + rest.iter().take_while(is_plain).count()
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
    fn short_numbers_are_those_of_the_standard_library() {
        for (text, is_short) in [
            ("0", true),
            ("-0", true),
            ("-0.0", true),
            ("0.1", true),
            ("-12.250", true),
            ("1234567.12345678", true),
            ("900719925474.099", true),
            ("123456789012345", true),
            ("-123456789012345", true),
            ("0.00000000000001", true),
            ("9007199254740.993", false),
            ("12345678901234567", false),
            ("12345678901234.567", false),
            ("1e5", false),
            ("1.5E5", false),
            ("1.", false),
            (".5", false),
            ("01", false),
            ("-", false),
            ("", false),
            ("1.2.3", false),
            ("x", false),
        ] {
            let with_more = format!("{text},");
            let mut scan = Scan::new(&with_more);
            let number = scan.short_number();
            let float = |n: f64| n.to_bits();
            match number {
                Some(ShortNumber::Int(n)) => assert_eq!(text.parse(), Ok(n), "{text}"),
                Some(ShortNumber::Float(n)) => {
                    assert_eq!(text.parse().map(float), Ok(float(n)), "{text}");
                }
                None => {}
            }
            assert_eq!(number.is_some(), is_short, "{text}");
            assert_eq!(scan.at, if is_short { text.len() } else { 0 }, "{text}");
        }
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
                for length in 0..=8 {
                    let all = [&[b'a'; 8], &bytes[..length]].concat();
                    assert_eq!(count_all_plain(&all), 8 + expected.min(length), "{all:?}");
                }
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
