//! The four grammars for memory sizes that Refinery has had.
//!
//! The newest is [`MemorySize::parse`]; this module holds the older ones. The format names in
//! `schemas/` say which release has which.

use super::error::ValueError;
use super::float::parse_float;
use super::memory_size::MemorySize;

/// How a release reads a memory size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grammar {
    /// v2.3.0 and later.
    Current,
    /// v2.2.0: the same without underscores.
    NoUnderscores,
    /// v2.0.1 to v2.1.0: the first digits anywhere in the text and the letters after them.
    FirstDigits,
    /// v2.0.0: units are powers of 1024, with at most one space before them.
    Powers,
}

impl Grammar {
    /// The grammar for the format name in the schema.
    pub fn named(format: &str) -> Self {
        match format {
            "memory-size-v2.0.0" => Self::Powers,
            "memory-size-v2.0.1" => Self::FirstDigits,
            "memory-size-v2.2.0" => Self::NoUnderscores,
            _ => Self::Current,
        }
    }

    /// # Errors
    /// The release rejects the text.
    pub fn parse(self, text: &str) -> Result<MemorySize, ValueError> {
        match self {
            Self::Current => MemorySize::parse(text),
            Self::NoUnderscores => match text.find('_') {
                Some(at) => {
                    Err(ValueError::at_start(text, &text[at..], "underscores are not supported"))
                }
                None => MemorySize::parse(text),
            },
            Self::FirstDigits => first_digits(text),
            Self::Powers => powers(text),
        }
    }
}

/// Text before the digits and after the letters is ignored, including a fraction. The product wraps at
/// 2⁶⁴.
fn first_digits(text: &str) -> Result<MemorySize, ValueError> {
    let start = text.find(|c: char| c.is_ascii_digit()).ok_or(ValueError::new("missing number"))?;
    let (digits, rest) = split_while(&text[start..], |c| c.is_ascii_digit());
    let (unit, _) = split_while(rest, |c| c.is_ascii_alphabetic());
    let count: u64 =
        digits.parse().map_err(|_| ValueError::within(text, digits, "larger than 2^64"))?;
    let factor = MemorySize::parse(&format!("1{unit}"))
        .map_err(|_| ValueError::within(text, unit, "not a unit, such as MB or MiB"))?;
    Ok(MemorySize(count.wrapping_mul(factor.0)))
}

fn split_while(text: &str, fits: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !fits(c)).unwrap_or(text.len()))
}

fn powers(text: &str) -> Result<MemorySize, ValueError> {
    let end = text
        .rfind(|c: char| c.is_ascii_digit() || matches!(c, '.' | ' '))
        .ok_or(ValueError::new("missing number"))?;
    let (number, unit) = text.split_at(end + 1);
    let number = number.strip_suffix(' ').unwrap_or(number);
    let count =
        parse_float(number).map_err(|_| ValueError::within(text, number, "not a number"))?;
    if count < 0.0 {
        return Err(ValueError::new("negative"));
    }
    let unit = unit.to_lowercase();
    let (letter, tail) = unit.split_at(unit.chars().next().map_or(0, char::len_utf8));
    let power = match letter {
        "" | "b" => 0,
        _ => "kmgtp"
            .find(letter)
            .ok_or_else(|| ValueError::new("not a unit, such as MB or MiB"))
            .map(|at| at + 1)?,
    };
    let tail_fits = if power == 0 { tail.is_empty() } else { matches!(tail, "" | "b" | "ib") };
    if !tail_fits {
        return Err(ValueError::new("not a unit, such as MB or MiB"));
    }
    Ok(MemorySize(saturate(count * 1024_f64.powi(i32::try_from(power).unwrap_or(0)))))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
fn saturate(bytes: f64) -> u64 {
    if bytes >= 9_223_372_036_854_775_807.0 { i64::MAX.unsigned_abs() } else { bytes as u64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(format: &str, text: &str) -> Option<u64> {
        Grammar::named(format).parse(text).ok().map(|m| m.0)
    }

    #[test]
    fn v2_0_0_uses_powers_of_1024() {
        let read = |text| read("memory-size-v2.0.0", text);
        assert_eq!(read("4Gb"), Some(4 << 30));
        assert_eq!(read("4 GiB"), Some(4 << 30));
        assert_eq!(read("1e3"), Some(1000));
        assert_eq!(read("1_000"), Some(1000));
        for refused in ["512Mi", "4  GB", "4GB ", "-5", "5bb", "5EiB", "x4GB", "4GB5", ""] {
            assert_eq!(read(refused), None, "{refused}");
        }
    }

    #[test]
    fn v2_0_1_only_reads_the_first_digits() {
        let read = |text| read("memory-size-v2.0.1", text);
        assert_eq!(read("512Mi"), Some(512 << 20));
        assert_eq!(read("0.5Gi"), Some(0));
        assert_eq!(read("4 GB"), Some(4));
        assert_eq!(read("x4GB5"), Some(4_000_000_000));
        assert_eq!(read("1_000"), Some(1));
        assert_eq!(read("-5"), Some(5));
        assert_eq!(read("17Ei"), Some(1 << 60));
        assert_eq!(read("0x10"), None);
    }

    #[test]
    fn v2_2_0_does_not_support_underscores() {
        assert_eq!(read("memory-size-v2.2.0", "1_000"), None);
        assert_eq!(read("memory-size-v2.2.0", "1.5Gb"), Some(1_500_000_000));
        assert_eq!(read("memory-size", "1_000"), Some(1000));
    }
}
