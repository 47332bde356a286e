//! Memory sizes, as Refinery reads and prints them.
//!
//! Must not know which keys are memory sizes, or their limits.

use super::error::ValueError;
use super::float::parse_float;
use super::float_text::format_float;
use std::fmt;

/// A number of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemorySize(pub u64);

/// Letter, power of 1000, power of 1024, from large to small.
const UNITS: [(char, u64, u64); 6] = [
    ('E', 1_000_000_000_000_000_000, 1 << 60),
    ('P', 1_000_000_000_000_000, 1 << 50),
    ('T', 1_000_000_000_000, 1 << 40),
    ('G', 1_000_000_000, 1 << 30),
    ('M', 1_000_000, 1 << 20),
    ('K', 1_000, 1 << 10),
];

impl MemorySize {
    /// Reads a number (digits, an optional dot, underscores between digits) directly followed by a unit
    /// in upper or lower case, with optional white space around. Without a unit the number is in bytes.
    /// Fractions of a byte are cut off.
    ///
    /// # Errors
    /// The text has another form, such as a sign, an exponent, a space before the unit, or an unknown unit.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        read(text).map_err(|error| error.with_suggestion(suggest(text)))
    }
}

/// The white space that Refinery's parser accepts.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}')
}

fn read(text: &str) -> Result<MemorySize, ValueError> {
    let body = text.trim_matches(is_blank);
    let (number, unit) =
        body.split_at(body.find(|c| !matches!(c, '0'..='9' | '.' | '_')).unwrap_or(body.len()));
    if number.is_empty() {
        return Err(ValueError::at_start(text, body, "must start with a digit"));
    }
    let count =
        parse_float(number).map_err(|_| ValueError::within(text, number, "not a number"))?;
    let bytes = unit_named(unit).ok_or_else(|| ValueError::within(text, unit, why_not(unit)))?;
    Ok(MemorySize(to_u64(count * bytes)))
}

fn why_not(unit: &str) -> &'static str {
    if unit.starts_with(is_blank) {
        "no space is allowed before the unit"
    } else {
        "not a unit, such as MB or MiB"
    }
}

/// The bytes of a unit: `g` and `gb` are powers of 1000, `gi` and `gib` of 1024.
fn unit_named(unit: &str) -> Option<f64> {
    let lower: String = unit.chars().map(lower).collect();
    let mut rest = lower.chars();
    let Some(letter) = rest.next() else {
        return Some(1.0);
    };
    let tail = rest.as_str();
    if letter == 'b' {
        return matches!(tail, "" | "b" | "i" | "ib").then_some(1.0);
    }
    let &(_, decimal, binary) = UNITS.iter().find(|(l, ..)| l.to_ascii_lowercase() == letter)?;
    match tail {
        "" | "b" => Some(to_f64(decimal)),
        "i" | "ib" => Some(to_f64(binary)),
        _ => None,
    }
}

/// Go's lower case, which maps the Kelvin sign and the dotted capital I to ASCII letters.
fn lower(c: char) -> char {
    match c {
        '\u{212a}' => 'k',
        '\u{130}' => 'i',
        _ => c.to_ascii_lowercase(),
    }
}

/// The float to integer conversion of Go on amd64: from 2⁶⁴ on the result is 2⁶³.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 ≤ it < 2⁶⁴")]
fn to_u64(bytes: f64) -> u64 {
    if bytes < 18_446_744_073_709_551_616.0 { bytes as u64 } else { 1 << 63 }
}

#[expect(clippy::cast_precision_loss, reason = "Refinery loses the same bits")]
fn to_f64(bytes: u64) -> f64 {
    bytes as f64
}

/// Suggests the text without spaces and plus sign, if that is valid.
fn suggest(text: &str) -> Option<String> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace() && *c != '+').collect();
    read(&compact).is_ok().then_some(compact)
}

impl MemorySize {
    /// The size in the largest unit that gives a whole number, and that unit; `None` for bytes.
    fn in_units(self) -> Option<(f64, String)> {
        let whole = |unit: u64| Some(to_f64(self.0) / to_f64(unit)).filter(|n| n.fract() == 0.0);
        UNITS.iter().filter(|_| self.0 > 0).find_map(|&(letter, decimal, binary)| {
            let in_binary = whole(binary).map(|count| (count, format!("{letter}i")));
            in_binary.or_else(|| whole(decimal).map(|count| (count, letter.to_string())))
        })
    }

    /// The format of releases before v2.3.0: a number of 10⁶ or more has an exponent, as in
    /// `1.234567e+06K`.
    pub fn with_exponent(self) -> String {
        match self.in_units() {
            Some((count, unit)) => format!("{}{unit}", format_float(count)),
            None => self.0.to_string(),
        }
    }
}

impl fmt::Display for MemorySize {
    /// Prints the size in the largest unit that gives a whole number, as Refinery does: `4G`, `1536Mi`,
    /// `1001`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.in_units() {
            Some((count, unit)) => write!(f, "{count:.0}{unit}"),
            None => write!(f, "{}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_prints() {
        for (text, bytes, written) in [
            ("0", 0, "0"),
            ("2GB", 2_000_000_000, "2G"),
            ("2gib", 1 << 31, "2Gi"),
            ("\t1.5KiB\n", 1536, "1536"),
            ("2_500.5k", 2_500_500, "2500500"),
            ("3bib", 3, "3"),
            (".5b", 0, "0"),
            ("12E", 12_000_000_000_000_000_000, "12E"),
            ("17E", 17_000_000_000_000_000_000, "17E"),
            ("16Ei", 1 << 63, "8Ei"),
            ("1\u{212a}\u{130}", 1024, "1Ki"),
        ] {
            let size = MemorySize::parse(text).unwrap();
            assert_eq!((size.0, size.to_string().as_str()), (bytes, written), "{text:?}");
        }
    }

    #[test]
    fn old_releases_print_large_numbers_with_an_exponent() {
        for (bytes, written) in [
            (1_234_567_000, "1.234567e+06K"),
            (2_000_000_000, "2G"),
            (123_456_789_013, "123456789013"),
        ] {
            assert_eq!(MemorySize(bytes).with_exponent(), written);
        }
    }

    #[test]
    fn rejects_other_forms_and_points_at_them() {
        for (text, at) in [
            ("", ""),
            ("-1G", "-"),
            ("1e3", "e3"),
            ("4 GB", " GB"),
            ("1.2.3M", "1.2.3"),
            ("1__0", "1__0"),
            ("5kk", "kk"),
            ("\u{a0}1", "\u{a0}"),
            ("1\u{17f}", "\u{17f}"),
        ] {
            let error = MemorySize::parse(text).unwrap_err();
            assert_eq!(error.at.map_or("", |range| &text[range]), at, "{text:?}");
        }
    }

    #[test]
    fn suggests_what_was_meant() {
        let suggested = |text| MemorySize::parse(text).unwrap_err().suggestion;
        assert_eq!(suggested("4 GB").as_deref(), Some("4GB"));
        assert_eq!(suggested("+1").as_deref(), Some("1"));
        assert_eq!(suggested("much"), None);
    }
}
