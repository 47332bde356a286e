//! Stand-in for Go's regular expressions.

/// A compiled pattern.
#[derive(Clone, Debug)]
pub struct Regexp(regex::Regex);

/// The pattern does not compile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternFault;

impl Regexp {
    pub fn new(pattern: &str) -> Result<Self, PatternFault> {
        regex::Regex::new(pattern).map(Self).map_err(|_| PatternFault)
    }

    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}
