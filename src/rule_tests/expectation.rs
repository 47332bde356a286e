//! What a test expects, and whether a decision meets it.

use super::decision::Fate;
use crate::span::Span;

/// A value of a test file and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed<T> {
    pub value: T,
    pub span: Span,
}

/// What a test expects of each trace, and of all of them together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expectation {
    pub keep: Option<Placed<Fate>>,
    pub rule: Option<Placed<String>>,
    pub kept: Option<Placed<Share>>,
}

/// A range of shares in percent, both ends included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    pub least: f64,
    pub most: f64,
}

impl Fate {
    /// Parses `always`, `never` or `1 in N`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "always" => Some(Self::Always),
            "never" => Some(Self::Never),
            _ => match text.strip_prefix("1 in ")?.trim().parse().ok()? {
                0_u64 => None,
                1 => Some(Self::Always),
                rate => Some(Self::OneIn(rate)),
            },
        }
    }

    /// The text that is parsed as this.
    pub fn written(self) -> String {
        match self {
            Self::Always => "always".to_owned(),
            Self::Never => "never".to_owned(),
            Self::OneIn(rate) => format!("1 in {rate}"),
        }
    }
}

impl Share {
    /// Parses `7%` or `5%..12%`.
    pub fn parse(text: &str) -> Option<Self> {
        let (least, most) = text.split_once("..").unwrap_or((text, text));
        let (least, most) = (percent(least)?, percent(most)?);
        (least <= most).then_some(Self { least, most })
    }

    pub fn holds(self, percent: f64) -> bool {
        (self.least..=self.most).contains(&percent)
    }
}

fn percent(text: &str) -> Option<f64> {
    let number: f64 = text.trim().strip_suffix('%')?.trim_end().parse().ok()?;
    (0.0..=100.0).contains(&number).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_kept() {
        for (text, fate) in [
            ("always", Some(Fate::Always)),
            ("never", Some(Fate::Never)),
            ("1 in 1", Some(Fate::Always)),
            ("1 in 50", Some(Fate::OneIn(50))),
            ("1 in 0", None),
            ("1 in -5", None),
            ("2 in 5", None),
            ("Always", None),
        ] {
            assert_eq!(Fate::parse(text), fate, "{text}");
            assert_eq!(fate.and_then(|fate| Fate::parse(&fate.written())), fate);
        }
    }

    #[test]
    fn reads_shares() {
        let share = |least, most| Some(Share { least, most });
        for (text, expected) in [
            ("5%..12%", share(5.0, 12.0)),
            ("0.5% .. 1%", share(0.5, 1.0)),
            ("7%", share(7.0, 7.0)),
            ("12%..5%", None),
            ("5..12", None),
            ("5%..101%", None),
            ("NaN%", None),
        ] {
            assert_eq!(Share::parse(text), expected, "{text}");
        }
        assert!(Share { least: 5.0, most: 12.0 }.holds(12.0));
        assert!(!Share { least: 5.0, most: 12.0 }.holds(12.01));
    }
}
