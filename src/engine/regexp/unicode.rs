//! Unicode categories and scripts as Go knows them: version 15.0.

use super::class::Class;
use super::tables::tabulated;
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

const SURROGATES: (u32, u32) = (0xd800, 0xdfff);

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
    is_script.then(|| class_of(&format!(r"[\p{{sc={name}}}&&\p{{age=15.0}}]")))
}

fn category(short: &str) -> Class {
    let mut class = match short {
        "Cs" => Class::default(),
        "C" | "Cn" => class_of(&format!(r"[\p{{gc={short}}}\P{{age=15.0}}]")),
        // U+1171E is a spacing mark only since Unicode 16.
        "Mc" => class_of(r"[\p{gc=Mc}&&\p{age=15.0}--\x{1171e}]"),
        "Mn" => class_of(r"[[\p{gc=Mn}\x{1171e}]&&\p{age=15.0}]"),
        _ => class_of(&format!(r"[\p{{gc={short}}}&&\p{{age=15.0}}]")),
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

fn class_of(pattern: &str) -> Class {
    Class::new(&tabulated(pattern))
}

#[cfg(test)]
mod tests {
    use super::*;

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
