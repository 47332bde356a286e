//! Unicode categories, scripts and case folding as Go knows them: version 15.0.
//!
//! The tables here are of a later version, restricted to the characters of version 15.0.

use super::class::Class;
use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange, Hir, HirKind};
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

const CATEGORIES: [(&str, &str); 38] = [
    ("C", "Other"),
    ("Cc", "Control"),
    ("Cf", "Format"),
    ("Cn", "Unassigned"),
    ("Co", "PrivateUse"),
    ("Cs", "Surrogate"),
    ("L", "Letter"),
    ("Lc", "CasedLetter"),
    ("Ll", "LowercaseLetter"),
    ("Lm", "ModifierLetter"),
    ("Lo", "OtherLetter"),
    ("Lt", "TitlecaseLetter"),
    ("Lu", "UppercaseLetter"),
    ("M", "Mark"),
    ("Mc", "SpacingMark"),
    ("Me", "EnclosingMark"),
    ("Mn", "NonspacingMark"),
    ("N", "Number"),
    ("Nd", "DecimalNumber"),
    ("Nl", "LetterNumber"),
    ("No", "OtherNumber"),
    ("P", "Punctuation"),
    ("Pc", "ConnectorPunctuation"),
    ("Pd", "DashPunctuation"),
    ("Pe", "ClosePunctuation"),
    ("Pf", "FinalPunctuation"),
    ("Pi", "InitialPunctuation"),
    ("Po", "OtherPunctuation"),
    ("Ps", "OpenPunctuation"),
    ("S", "Symbol"),
    ("Sc", "CurrencySymbol"),
    ("Sk", "ModifierSymbol"),
    ("Sm", "MathSymbol"),
    ("So", "OtherSymbol"),
    ("Z", "Separator"),
    ("Zl", "LineSeparator"),
    ("Zp", "ParagraphSeparator"),
    ("Zs", "SpaceSeparator"),
];

/// Aliases of categories.
const ALIASES: [(&str, &str); 4] =
    [("Cntrl", "Cc"), ("Combiningmark", "M"), ("Digit", "Nd"), ("Punct", "P")];

/// One-word scripts. Go removes underscores from the names that it looks up, but not from those in
/// its table, so it never finds the others.
const SCRIPTS: &str = "\
    Adlam Ahom Arabic Armenian Avestan Balinese Bamum Batak Bengali Bhaiksuki Bopomofo \
    Brahmi Braille Buginese Buhid Carian Chakma Cham Cherokee Chorasmian Common Coptic \
    Cuneiform Cypriot Cyrillic Deseret Devanagari Dogra Duployan Elbasan Elymaic Ethiopic \
    Georgian Glagolitic Gothic Grantha Greek Gujarati Gurmukhi Han Hangul Hanunoo Hatran \
    Hebrew Hiragana Inherited Javanese Kaithi Kannada Katakana Kawi Kharoshthi Khmer Khojki \
    Khudawadi Lao Latin Lepcha Limbu Lisu Lycian Lydian Mahajani Makasar Malayalam Mandaic \
    Manichaean Marchen Medefaidrin Miao Modi Mongolian Mro Multani Myanmar Nabataean \
    Nandinagari Newa Nko Nushu Ogham Oriya Osage Osmanya Palmyrene Phoenician Rejang Runic \
    Samaritan Saurashtra Sharada Shavian Siddham Sinhala Sogdian Soyombo Sundanese Syriac \
    Tagalog Tagbanwa Takri Tamil Tangsa Tangut Telugu Thaana Thai Tibetan Tifinagh Tirhuta \
    Toto Ugaritic Vai Vithkuqi Wancho Yezidi Yi";

/// Pairs that are case variants only since Unicode 15.1.
const LATER_PAIRS: [(u32, u32); 3] = [(0x390, 0x1fd3), (0x3b0, 0x1fe3), (0xfb05, 0xfb06)];

const SURROGATES: (u32, u32) = (0xd800, 0xdfff);

const LONG_S: u32 = 0x17f;
const KELVIN: u32 = 0x212a;

/// The class of a category or script as named between `\p{` and `}`, ignoring case, `_`, `-` and
/// spaces; optionally with the other cases of its characters.
pub fn class_named(name: &str, fold: bool) -> Option<Class> {
    // Many patterns use the same few classes, and building one takes milliseconds.
    static KNOWN: LazyLock<Mutex<HashMap<(String, bool), Class>>> = LazyLock::new(Mutex::default);
    let name = canonical(name);
    // Go has no case-folding table for cased letters.
    let fold = fold && !matches!(name.as_str(), "Lc" | "Casedletter");
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (name, fold);
    if let Some(class) = known.get(&key) {
        return Some(class.clone());
    }
    let class = find_class(&key.0)?;
    let class = if fold { class.folded() } else { class };
    known.insert(key, class.clone());
    Some(class)
}

fn find_class(name: &str) -> Option<Class> {
    match name {
        "Any" => return Some(Class::default().negated()),
        "Ascii" => return Some(Class::new(&[(0, 0x7f)])),
        "Assigned" => return Some(category("Cn").negated()),
        _ => {}
    }
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name).map(|(_, short)| *short);
    let is_named =
        |short: &str, long: &str| alias.unwrap_or(name) == short || canonical(long) == name;
    if let Some((short, _)) = CATEGORIES.iter().find(|(short, long)| is_named(short, long)) {
        return Some(category(short));
    }
    let is_script = SCRIPTS.split_whitespace().any(|script| script == name);
    is_script.then(|| tabulated(&format!(r"[\p{{sc={name}}}&&\p{{age=15.0}}]")))
}

fn category(short: &str) -> Class {
    let mut class = match short {
        "Cs" => Class::default(),
        "C" | "Cn" => tabulated(&format!(r"[\p{{gc={short}}}\P{{age=15.0}}]")),
        // U+1171E is a spacing mark only since Unicode 16.
        "Mc" => tabulated(r"[\p{gc=Mc}&&\p{age=15.0}--\x{1171e}]"),
        "Mn" => tabulated(r"[[\p{gc=Mn}\x{1171e}]&&\p{age=15.0}]"),
        _ => tabulated(&format!(r"[\p{{gc={short}}}&&\p{{age=15.0}}]")),
    };
    if matches!(short, "C" | "Cs") {
        class.append(SURROGATES.0, SURROGATES.1);
        class.clean();
    }
    class
}

/// An upper-case letter, then lower-case letters, without `_`, `-` and spaces.
fn canonical(name: &str) -> String {
    let mut canonical = String::with_capacity(name.len());
    for c in name.chars().filter(|c| !matches!(c, '_' | '-' | ' ')) {
        canonical.push(if canonical.is_empty() {
            c.to_ascii_uppercase()
        } else {
            c.to_ascii_lowercase()
        });
    }
    canonical
}

/// The ranges of one of our own classes.
fn tabulated(class: &str) -> Class {
    let hir = regex_syntax::parse(class).unwrap_or_else(|_| Hir::fail());
    let ranges: Vec<(u32, u32)> = match hir.kind() {
        HirKind::Class(regex_syntax::hir::Class::Unicode(class)) => {
            class.iter().map(|range| (range.start().into(), range.end().into())).collect()
        }
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0)
            .unwrap_or("")
            .chars()
            .map(|c| (u32::from(c), u32::from(c)))
            .collect(),
        _ => Vec::new(),
    };
    Class::new(&ranges)
}

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
    let chars = cased.ranges().iter().flat_map(|&(low, high)| low..=high);
    chars.map(|c| (c, circle_of(c, &cased))).filter(|(c, circle)| *circle != [*c; 3]).collect()
});

fn circle_of(start: u32, known: &Class) -> Circle {
    let mut circle = [start; 3];
    let Some(c) = char::from_u32(start) else {
        return circle;
    };
    let mut class = ClassUnicode::new([ClassUnicodeRange::new(c, c)]);
    class.case_fold_simple();
    let ranges = class.iter().map(|range| (u32::from(range.start()), u32::from(range.end())));
    let is_later = |other: u32| LATER_PAIRS.contains(&(start.min(other), start.max(other)));
    let mut others: Vec<u32> = ranges
        .flat_map(|(low, high)| low..=high)
        .filter(|&other| other != start && known.contains(other) && !is_later(other))
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

    #[test]
    fn every_name_has_a_class() {
        for (short, long) in CATEGORIES {
            let class = class_named(short, false).filter(|class| !class.ranges().is_empty());
            assert!(class.is_some(), "{short}");
            assert_eq!(class, class_named(long, false), "{long}");
        }
        for script in SCRIPTS.split_whitespace() {
            let class = class_named(script, false);
            assert!(class.is_some_and(|class| !class.ranges().is_empty()), "{script}");
        }
    }

    #[test]
    fn names_ignore_case_and_separators() {
        let greek = class_named("Greek", false);
        assert!(greek.is_some());
        assert_eq!(class_named("-gR e_ek", false), greek);
        for name in ["", "Grek", "Old_Italic", "Latın", "Script=Greek", "Garay", "L&"] {
            assert_eq!(class_named(name, false), None, "{name}");
        }
    }
}
