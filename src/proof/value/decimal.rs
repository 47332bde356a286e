//! Numbers as digits, and a reader that compares them with others digit by digit.

use std::cmp::Ordering;

/// The sign and digits of a number, without leading and trailing zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    whole: Vec<u8>,
    fraction: Vec<u8>,
}

impl Decimal {
    pub fn of_int(n: i128) -> Self {
        Self::parse(&n.to_string())
    }

    /// The fewest digits that parse to this number; `None` if it is not finite.
    pub fn of_float(n: f64) -> Option<Self> {
        n.is_finite().then(|| Self::parse(&n.to_string()))
    }

    fn parse(text: &str) -> Self {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let values = |part: &str| part.bytes().map(|byte| byte - b'0').collect();
        Self {
            negative,
            whole: values(whole.trim_start_matches('0')),
            fraction: values(fraction.trim_end_matches('0')),
        }
    }

    fn is_zero(&self) -> bool {
        self.whole.is_empty() && self.fraction.is_empty()
    }
}

/// Which strings are numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Formatted integers: no `+`, no leading zeros.
    Printed,
    /// Parsable integers: an optional sign and any digits.
    Whole,
    /// Digits with or without a decimal point.
    Plain,
}

/// The state of reading a string.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reading {
    /// No continuation makes it a number.
    Not,
    Number(Digits),
}

/// A number as far as it is read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Digits {
    stage: Stage,
    negative: bool,
    /// The number of digits before the point without leading zeros; capped just above that of the
    /// bounds.
    whole: usize,
    /// The number of digits after the point, also capped.
    fraction: usize,
    zero: bool,
    /// The digits so far, compared with as many digits of each bound.
    orders: Vec<Ordering>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Stage {
    Start,
    Sign,
    /// A digit was read.
    Whole,
    /// A zero was read that no digit may follow.
    LoneZero,
    /// A decimal point without a digit before it.
    BarePoint,
    /// After the decimal point, with at least one digit.
    Fraction,
}

/// Reads strings of a form and compares them with bounds.
#[derive(Clone, Debug)]
pub struct DecimalReader {
    pub form: Form,
    bounds: Vec<Decimal>,
    most_whole: usize,
    most_fraction: usize,
}

impl DecimalReader {
    pub fn new(form: Form, bounds: Vec<Decimal>) -> Self {
        let longest = |part: fn(&Decimal) -> usize| bounds.iter().map(part).max().unwrap_or(0);
        Self {
            form,
            most_whole: longest(|bound| bound.whole.len()) + 1,
            most_fraction: longest(|bound| bound.fraction.len()),
            bounds,
        }
    }

    pub fn start(&self) -> Reading {
        Reading::Number(Digits {
            stage: Stage::Start,
            negative: false,
            whole: 0,
            fraction: 0,
            zero: true,
            orders: vec![Ordering::Equal; self.bounds.len()],
        })
    }

    pub fn step(&self, reading: &Reading, c: char) -> Reading {
        let Reading::Number(digits) = reading else { return Reading::Not };
        let mut digits = digits.clone();
        let is_read = match c.to_digit(10).and_then(|digit| u8::try_from(digit).ok()) {
            Some(digit) => self.read_digit(&mut digits, digit),
            None => self.read_sign_or_point(&mut digits, c),
        };
        if is_read { Reading::Number(digits) } else { Reading::Not }
    }

    fn read_sign_or_point(&self, digits: &mut Digits, c: char) -> bool {
        digits.negative |= c == '-';
        digits.stage = match (c, digits.stage) {
            ('-', Stage::Start) => Stage::Sign,
            ('+', Stage::Start) if self.form != Form::Printed => Stage::Sign,
            ('.', Stage::Start | Stage::Sign) if self.form == Form::Plain => Stage::BarePoint,
            ('.', Stage::Whole) if self.form == Form::Plain => Stage::Fraction,
            _ => return false,
        };
        true
    }

    /// The order of the number that ends here to each bound; `None` if it is not a number.
    pub fn compare(&self, reading: &Reading) -> Option<Vec<Ordering>> {
        let Reading::Number(digits) = reading else { return None };
        match digits.stage {
            Stage::Start | Stage::Sign | Stage::BarePoint => return None,
            Stage::Whole | Stage::LoneZero | Stage::Fraction => {}
        }
        let pairs = self.bounds.iter().zip(&digits.orders);
        Some(pairs.map(|(bound, order)| digits.against(bound, *order)).collect())
    }

    fn read_digit(&self, digits: &mut Digits, digit: u8) -> bool {
        let stage = digits.stage;
        digits.stage = match stage {
            Stage::LoneZero => return false,
            Stage::Start | Stage::Sign if self.form == Form::Printed && digit == 0 => {
                // Zero is only formatted without a sign.
                if stage == Stage::Sign {
                    return false;
                }
                Stage::LoneZero
            }
            Stage::Start | Stage::Sign | Stage::Whole => Stage::Whole,
            Stage::BarePoint | Stage::Fraction => Stage::Fraction,
        };
        digits.zero &= digit == 0;
        let is_whole = digits.stage != Stage::Fraction;
        if is_whole && digit == 0 && digits.whole == 0 {
            return true;
        }
        for (bound, order) in self.bounds.iter().zip(&mut digits.orders) {
            let (part, at) = if is_whole {
                (&bound.whole, digits.whole)
            } else {
                (&bound.fraction, digits.fraction)
            };
            // Digits after the point only matter if there are as many before it.
            if *order == Ordering::Equal && (is_whole || digits.whole == bound.whole.len()) {
                *order = digit.cmp(part.get(at).unwrap_or(&0));
            }
        }
        if is_whole {
            digits.whole = (digits.whole + 1).min(self.most_whole);
        } else {
            digits.fraction = (digits.fraction + 1).min(self.most_fraction);
        }
        true
    }
}

impl Digits {
    fn against(&self, bound: &Decimal, order: Ordering) -> Ordering {
        if self.zero || bound.is_zero() || self.negative != bound.negative {
            let sign = |zero: bool, negative: bool| match (zero, negative) {
                (true, _) => 0,
                (_, true) => -1,
                _ => 1,
            };
            return sign(self.zero, self.negative).cmp(&sign(bound.is_zero(), bound.negative));
        }
        let rest = bound.fraction.get(self.fraction..).unwrap_or_default();
        let unread = if rest.is_empty() { Ordering::Equal } else { Ordering::Less };
        let magnitude = self.whole.cmp(&bound.whole.len()).then(order).then(unread);
        if self.negative { magnitude.reverse() } else { magnitude }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(form: Form, text: &str, bounds: &[f64]) -> Option<Vec<Ordering>> {
        let bounds: Vec<_> = bounds.iter().map(|n| Decimal::of_float(*n).unwrap()).collect();
        let reader = DecimalReader::new(form, bounds);
        let end = text.chars().fold(reader.start(), |at, c| reader.step(&at, c));
        reader.compare(&end)
    }

    #[test]
    fn compares_digits_as_numbers() {
        let bounds = [-1000.0, -5.5, -0.25, 0.0, 0.25, 5.0, 5.5, 42.0, 1000.0];
        for text in [
            "0",
            "-0",
            "5",
            "05",
            "005.50",
            "5.4999",
            "-5.5",
            "-5.51",
            "+5",
            ".25",
            "-.3",
            "5.",
            "42",
            "41.99",
            "1000",
            "999",
            "1001",
            "10000",
            "-1000.01",
            "0.2500001",
            "100",
            "420",
            "000",
        ] {
            let number: f64 = text.parse().unwrap();
            let expected: Vec<_> =
                bounds.iter().map(|bound| number.partial_cmp(bound).unwrap()).collect();
            assert_eq!(compare(Form::Plain, text, &bounds), Some(expected), "{text}");
        }
    }

    #[test]
    fn forms_accept_different_numbers() {
        for (text, printed, whole, plain) in [
            ("5", true, true, true),
            ("-5", true, true, true),
            ("0", true, true, true),
            ("-0", false, true, true),
            ("05", false, true, true),
            ("+5", false, true, true),
            ("5.0", false, false, true),
            (".5", false, false, true),
            ("5.", false, false, true),
            (".", false, false, false),
            ("-", false, false, false),
            ("", false, false, false),
            ("5a", false, false, false),
        ] {
            let is = |form| compare(form, text, &[]).is_some();
            let forms = (is(Form::Printed), is(Form::Whole), is(Form::Plain));
            assert_eq!(forms, (printed, whole, plain), "{text}");
        }
    }
}
