//! The port of a network address, as Go reads it.

/// The part after the colon of a listen address.
#[derive(Debug, PartialEq, Eq)]
pub enum Port<'t> {
    Number(u16),
    /// A name that may be in the machine's list of services.
    Service(&'t str),
    /// A number outside of the range of ports.
    OutOfRange,
    /// Not a number and not a valid service name.
    Invalid,
}

/// The services that Go knows without a lookup.
const SERVICES: [(&str, u16); 15] = [
    ("domain", 53),
    ("ftp", 21),
    ("ftps", 990),
    ("gopher", 70),
    ("http", 80),
    ("https", 443),
    ("imap2", 143),
    ("imap3", 220),
    ("imaps", 993),
    ("pop3", 110),
    ("pop3s", 995),
    ("smtp", 25),
    ("submissions", 465),
    ("ssh", 22),
    ("telnet", 23),
];

impl<'t> Port<'t> {
    /// Decimal digits with an optional sign are a number; no digits are 0.
    pub fn parse(text: &'t str) -> Self {
        let (digits, is_negative) = match text.strip_prefix('-') {
            Some(digits) => (digits, true),
            None => (text.strip_prefix('+').unwrap_or(text), false),
        };
        if digits.bytes().all(|b| b.is_ascii_digit()) {
            // Too many digits are also out of range.
            let number = digits.bytes().try_fold(0_u32, |n, digit| {
                n.checked_mul(10)?.checked_add(u32::from(digit - b'0'))
            });
            return match number.map(u16::try_from) {
                Some(Ok(number)) if number == 0 || !is_negative => Self::Number(number),
                _ => Self::OutOfRange,
            };
        }
        let known = SERVICES.iter().find(|(name, _)| text.eq_ignore_ascii_case(name));
        match known {
            Some((_, number)) => Self::Number(*number),
            None if is_service_name(text) => Self::Service(text),
            None => Self::Invalid,
        }
    }
}

/// Whether this consists of letters, digits and inner hyphens, and is not a number in another notation.
fn is_service_name(text: &str) -> bool {
    let is_exponent = |text: &str| {
        let parts = text.split_once(['e', 'E']);
        parts.is_some_and(|(n, e)| [n, e].iter().all(|t| t.bytes().all(|b| b.is_ascii_digit())))
    };
    let is_prefixed = ["0x", "0X", "0b", "0B", "0o", "0O"].iter().any(|p| text.starts_with(p));
    let is_number =
        text.starts_with(|c: char| c.is_ascii_digit()) && (is_prefixed || is_exponent(text));
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.bytes().any(|b| b.is_ascii_alphabetic())
        && !is_number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_ports_as_go_does() {
        use Port::{Invalid, Number, OutOfRange, Service};
        for (text, port) in [
            ("8080", Number(8080)),
            ("+8080", Number(8080)),
            ("08080", Number(8080)),
            ("", Number(0)),
            ("+", Number(0)),
            ("-0", Number(0)),
            ("65535", Number(65_535)),
            ("65536", OutOfRange),
            ("+65536", OutOfRange),
            ("-1", OutOfRange),
            ("99999999999999999999", OutOfRange),
            ("http", Number(80)),
            ("HTTPS", Number(443)),
            ("http-alt", Service("http-alt")),
            ("3com-tsmux", Service("3com-tsmux")),
            ("0x1F90", Invalid),
            ("1e3", Invalid),
            ("1_000", Invalid),
            ("80.0", Invalid),
            ("8080\n", Invalid),
            (" 8080", Invalid),
            ("8080 ", Invalid),
            ("８０", Invalid),
        ] {
            assert_eq!(Port::parse(text), port, "{text:?}");
        }
    }
}
