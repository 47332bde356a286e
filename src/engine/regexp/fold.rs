//! Case folding as Go knows it: Unicode 15.0.

use super::tables::tabulated;
use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};
use std::sync::LazyLock;

/// Pairs that are case variants only since Unicode 15.1.
const LATER_PAIRS: [(u32, u32); 3] = [(0x390, 0x1fd3), (0x3b0, 0x1fe3), (0xfb05, 0xfb06)];

const LONG_S: u32 = 0x17f;
const KELVIN: u32 = 0x212a;

/// The next character in the cycle of case variants; itself if there is none.
pub fn simple_fold(c: u32) -> u32 {
    other_cases(c)[0]
}

/// The other characters of the cycle, starting after it; padded with itself.
type Circle = [u32; 3];

fn other_cases(c: u32) -> Circle {
    match char::from_u32(c) {
        Some(c) if c.is_ascii() => other_ascii_cases(c),
        _ => CIRCLES.binary_search_by_key(&c, |&(from, _)| from).map_or([c; 3], |at| CIRCLES[at].1),
    }
}

fn other_ascii_cases(c: char) -> Circle {
    let itself = u32::from(c);
    let (upper, lower) = (c.to_ascii_uppercase().into(), c.to_ascii_lowercase().into());
    match c {
        'K' => [lower, KELVIN, itself],
        'k' => [KELVIN, upper, itself],
        'S' => [lower, LONG_S, itself],
        's' => [LONG_S, upper, itself],
        _ if c.is_ascii_uppercase() => [lower, itself, itself],
        _ => [upper, itself, itself],
    }
}

/// Calls `call` for every character outside of the range that is a case variant of one inside.
pub fn each_fold(low: u32, high: u32, mut call: impl FnMut(u32)) {
    let mut each_of = |circle: Circle| {
        circle.into_iter().filter(|other| !(low..=high).contains(other)).for_each(&mut call);
    };
    (low..=high.min(0x7f)).for_each(|c| each_of(other_cases(c)));
    if high > 0x7f {
        let start = CIRCLES.partition_point(|&(from, _)| from < low.max(0x80));
        let end = CIRCLES.partition_point(|&(from, _)| from <= high);
        CIRCLES.get(start..end).unwrap_or(&[]).iter().for_each(|&(_, circle)| each_of(circle));
    }
}

/// Every character that has case variants, with its cycle; sorted.
static CIRCLES: LazyLock<Vec<(u32, Circle)>> = LazyLock::new(|| {
    let cased = tabulated(r"[\p{CWCM}&&\p{age=15.0}]");
    let chars = cased.iter().flat_map(|&(low, high)| low..=high);
    chars.map(|c| (c, circle_of(c, &cased))).filter(|(c, circle)| *circle != [*c; 3]).collect()
});

fn circle_of(start: u32, known: &[(u32, u32)]) -> Circle {
    let mut circle = [start; 3];
    let Some(c) = char::from_u32(start) else {
        return circle;
    };
    let mut class = ClassUnicode::new([ClassUnicodeRange::new(c, c)]);
    class.case_fold_simple();
    let ranges = class.iter().map(|range| (u32::from(range.start()), u32::from(range.end())));
    let is_known = |other| known.iter().any(|&(low, high)| low <= other && other <= high);
    let is_later = |other: u32| LATER_PAIRS.contains(&(start.min(other), start.max(other)));
    let mut others: Vec<u32> = ranges
        .flat_map(|(low, high)| low..=high)
        .filter(|&other| other != start && is_known(other) && !is_later(other))
        .collect();
    let above = others.iter().position(|&other| other > start).unwrap_or(0);
    others.rotate_left(above);
    circle.iter_mut().zip(others).for_each(|(slot, other)| *slot = other);
    circle
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circle(c: char) -> Vec<u32> {
        let start = u32::from(c);
        let next = |&c: &u32| Some(simple_fold(c)).filter(|&other| other != start);
        std::iter::successors(Some(start), next).collect()
    }

    #[test]
    fn case_variants_form_cycles() {
        assert_eq!(circle('K'), [0x4b, 0x6b, KELVIN]);
        assert_eq!(circle('\u{17f}'), [LONG_S, 0x53, 0x73]);
        assert_eq!(circle('σ'), [0x3c3, 0x3a3, 0x3c2]);
        assert_eq!(circle('ß'), [0xdf, 0x1e9e]);
        assert_eq!(circle('1'), [0x31]);
        assert_eq!(circle('日'), [0x65e5]);
        // Its upper-case variant came with Unicode 16.
        assert_eq!(circle('\u{264}'), [0x264]);
        assert_eq!(circle('\u{390}'), [0x390]);
    }
}
