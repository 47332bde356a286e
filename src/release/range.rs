//! Version ranges in Helm's syntax: `^2.16.0`, `~2.16`, `2.16.x`, `>=2.16 <3 || 3.2.1`, `2.0.0 -
//! 2.9`.
//!
//! No Refinery chart has a version with a suffix, so suffixes are ignored.

use super::Release;

/// Alternatives, each a list of bounds that must all hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range(Vec<Vec<Bound>>);

/// A version is within if it is at least `from` and below `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bound {
    from: Parts,
    /// `None` for no upper bound.
    to: Option<Parts>,
    /// Whether the bound is negated.
    is_excluded: bool,
}

type Parts = [u16; 3];

const ZERO: Parts = [0, 0, 0];

/// A version whose last parts may be omitted.
#[derive(Clone, Copy)]
struct Partial {
    parts: Parts,
    /// The number of parts that are written.
    count: usize,
}

impl Range {
    /// `None` if it is not a range.
    pub fn parse(text: &str) -> Option<Self> {
        let alternatives = text.split("||").map(read_all).collect::<Option<Vec<_>>>()?;
        Some(Self(alternatives))
    }

    pub fn holds(&self, version: Release) -> bool {
        let version = version.numbers();
        self.0.iter().any(|bounds| bounds.iter().all(|bound| bound.holds(version)))
    }
}

impl Bound {
    fn new(from: Parts, to: Option<Parts>) -> Self {
        Self { from, to, is_excluded: false }
    }

    fn holds(&self, version: Parts) -> bool {
        let is_within = self.from <= version && self.to.is_none_or(|to| version < to);
        is_within != self.is_excluded
    }
}

/// Parses bounds separated by commas or spaces, or a range `a - b`.
fn read_all(text: &str) -> Option<Vec<Bound>> {
    if let Some((from, to)) = text.split_once(" - ") {
        let (from, to) = (Partial::read(from.trim())?, Partial::read(to.trim())?);
        return Some(vec![Bound::new(from.parts, to.next())]);
    }
    // There may be a space between an operator and its version.
    let words = text.split([',', ' ']).filter(|word| !word.is_empty());
    let mut bounds = Vec::new();
    let mut operator = String::new();
    for word in words {
        let end = word.find(|c: char| !"=<>!~^".contains(c)).unwrap_or(word.len());
        let (sign, version) = word.split_at(end);
        operator.push_str(sign);
        if !version.is_empty() {
            bounds.push(read(&operator, Partial::read(version)?)?);
            operator.clear();
        }
    }
    (operator.is_empty() && !bounds.is_empty()).then_some(bounds)
}

fn read(operator: &str, version: Partial) -> Option<Bound> {
    let from = version.parts;
    Some(match operator {
        "" | "=" | "==" => Bound::new(from, version.next()),
        "!=" => Bound { is_excluded: true, ..Bound::new(from, version.next()) },
        ">=" | "=>" => Bound::new(from, None),
        ">" => match version.next() {
            Some(next) => Bound::new(next, None),
            None => Bound { is_excluded: true, ..Bound::new(ZERO, None) },
        },
        "<" => Bound::new(ZERO, Some(from)),
        "<=" | "=<" => Bound::new(ZERO, version.next()),
        "~" | "~>" => Bound::new(from, Partial { count: version.count.min(2), ..version }.next()),
        "^" => {
            // The first non-zero part must not change.
            let first = from.iter().position(|part| *part != 0).unwrap_or(2);
            let count = version.count.min(first + 1);
            Bound::new(from, Partial { count, ..version }.next())
        }
        _ => return None,
    })
}

impl Partial {
    fn read(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let text = text.split(['-', '+']).next().unwrap_or_default();
        let mut partial = Self { parts: ZERO, count: 0 };
        let mut is_open = false;
        for (index, word) in text.split('.').enumerate() {
            let part = partial.parts.get_mut(index)?;
            is_open |= matches!(word, "x" | "X" | "*");
            if !is_open {
                *part = word.parse().ok()?;
                partial.count = index + 1;
            }
        }
        Some(partial)
    }

    /// The first version after all with the same written parts; `None` if no part is written.
    fn next(self) -> Option<Parts> {
        let last = self.count.checked_sub(1)?;
        let mut parts = ZERO;
        for (index, part) in self.parts.iter().enumerate().take(self.count) {
            parts[index] = *part;
        }
        parts[last] = parts[last].saturating_add(1);
        Some(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(range: &str, version: &str) -> bool {
        Range::parse(range).unwrap().holds(Release::parse(version).unwrap())
    }

    #[test]
    fn ranges_contain_versions() {
        for (range, inside, outside) in [
            ("2.16.3", &["2.16.3"][..], &["2.16.2", "2.16.4"][..]),
            ("v2.16.3", &["2.16.3"], &["2.16.4"]),
            ("=2.16", &["2.16.0", "2.16.9"], &["2.15.9", "2.17.0"]),
            ("2.16.x", &["2.16.0", "2.16.9"], &["2.15.9", "2.17.0"]),
            ("2.X", &["2.0.0", "2.99.0"], &["1.9.9", "3.0.0"]),
            ("2", &["2.0.0", "2.99.0"], &["3.0.0"]),
            ("*", &["0.0.0", "9.9.9"], &[]),
            ("^2.16.1", &["2.16.1", "2.99.0"], &["2.16.0", "3.0.0"]),
            ("^2", &["2.0.0", "2.99.0"], &["3.0.0"]),
            ("^0.3.1", &["0.3.1", "0.3.9"], &["0.4.0"]),
            ("~2.16.1", &["2.16.1", "2.16.9"], &["2.16.0", "2.17.0"]),
            ("~> 2.16", &["2.16.0", "2.16.9"], &["2.17.0"]),
            ("~2", &["2.0.0", "2.99.0"], &["3.0.0"]),
            (">=2.16.0 <3", &["2.16.0", "2.99.0"], &["2.15.9", "3.0.0"]),
            (">=2.16.0, <3.0.0", &["2.16.0"], &["3.0.0"]),
            (">= 2.16.0, < 3.0.0", &["2.16.0"], &["3.0.0"]),
            (">2.16", &["2.17.0"], &["2.16.9"]),
            (">2.16.3", &["2.16.4"], &["2.16.3"]),
            ("<=2.16", &["2.16.9", "1.0.0"], &["2.17.0"]),
            ("=<2.16.1", &["2.16.1"], &["2.16.2"]),
            ("2.0.0 - 2.9", &["2.0.0", "2.9.9"], &["2.10.0", "1.9.9"]),
            ("2.16.x || 3.2.1", &["2.16.1", "3.2.1"], &["3.2.2"]),
            ("!=2.16.x", &["2.15.0"], &["2.16.1"]),
            (">=2 !=2.16.1", &["2.16.0"], &["2.16.1"]),
            (">*", &[], &["2.16.1"]),
            (">=2.0.0-0", &["2.0.0"], &["1.9.9"]),
        ] {
            for (versions, expected) in [(inside, true), (outside, false)] {
                for version in versions {
                    assert_eq!(holds(range, version), expected, "{range} {version}");
                }
            }
        }
    }

    #[test]
    fn rejects_invalid_ranges() {
        for text in ["", "main", ">=", "{{ .version }}", "1.2.3.4", "^a", "~=2", "2.16.0 ||"] {
            assert_eq!(Range::parse(text), None, "{text}");
        }
    }
}
