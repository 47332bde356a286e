//! Values that only msgpack has and that Refinery can only format: 32-bit floats, times, complex
//! numbers, other extensions and binary data.
//!
//! Apart from their text, all of them give the same results.

use super::outline::Outline;
use super::reader::Reader;
use super::texts::{accept, find_as_text, others_hold, possible_texts, readers};
use super::words::{Beyond, Search, Wanted, search};
use super::{Domain, Requirements};
use crate::engine::Value;
use crate::engine::regexp::Regexp;
use crate::proof::budget::Budget;
use std::sync::LazyLock;

/// A type of such values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Float32,
    Utc,
    /// A time as Refinery formats it in the time zone of its process.
    Time,
    Complex,
    /// Any extension: as the last field of a span, even a time.
    Extension,
    /// It is formatted like a list of integers, but has another text in JSON.
    Binary,
}

/// The types of a domain.
pub fn classes(domain: Domain) -> &'static [Class] {
    match domain {
        Domain::Field => &[
            Class::Float32,
            Class::Utc,
            Class::Time,
            Class::Complex,
            Class::Extension,
            Class::Binary,
        ],
        Domain::Common | Domain::Nested | Domain::Count(_) => &[],
    }
}

macro_rules! date_and_time {
    () => {
        concat!(
            r"^-?([0-9]{4}|[1-9][0-9]{4,11})-",
            r"((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|",
            r"02-(0[1-9]|[12][0-9]))",
            r" ([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{0,8}[1-9])?",
        )
    };
}

/// How Go formats them, in the order of the types, and how some are formatted in JSON.
static SHAPES: LazyLock<Option<[Regexp; 10]>> = LazyLock::new(|| {
    let patterns = [
        // At most nine digits.
        concat!(
            r"^-?(0(\.0{0,3}[1-9]([0-9]{0,7}[1-9])?)?|",
            r"[1-9](\.[0-9]{0,7}[1-9])?|",
            r"[1-9][0-9](\.[0-9]{0,6}[1-9])?|",
            r"[1-9][0-9]{2}(\.[0-9]{0,5}[1-9])?|",
            r"[1-9][0-9]{3}(\.[0-9]{0,4}[1-9])?|",
            r"[1-9][0-9]{4}(\.[0-9]{0,3}[1-9])?|",
            r"[1-9][0-9]{5}(\.[0-9]{0,2}[1-9])?|",
            r"[1-9](\.[0-9]{0,7}[1-9])?e(\+(0[6-9]|[12][0-9]|3[0-8])|-(0[5-9]|[123][0-9]|4[0-5])))\z",
        ),
        // Of dates only February 29 may not exist.
        concat!(date_and_time!(), r" \+0000 UTC\z"),
        concat!(date_and_time!(), r" [+-][0-9]{4}([0-9]{2})? ([A-Za-z]+|[+-][0-9]{2,6})\z"),
        concat!(
            r"^\((-?[0-9]+(\.[0-9]+)?(e[+-][0-9]{2,3})?|NaN|[+-]Inf)",
            r"[+-]([0-9]+(\.[0-9]+)?(e[+-][0-9]{2,3})?|NaN|Inf)i\)\z",
        ),
        concat!(
            r"^&\{\[((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])",
            r"( (25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9]))*)?\]",
            r" (0|-?[1-9][0-9]?|-?1[01][0-9]|-?12[0-7]|-128)\}\z",
        ),
        r"^\[([0-9]{1,3}( [0-9]{1,3})*)?\]\z",
        // In JSON: a time, an extension and binary data.
        r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})\z",
        r#"^\{"Data":(null|"[A-Za-z0-9+/]+={0,2}"),"Type":-?[0-9]{1,3}\}\z"#,
        r"^(([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)?\z",
        // A 32-bit float without an exponent.
        r"^-?[0-9]+(\.[0-9]+)?\z",
    ];
    let read: Vec<_> = patterns.iter().filter_map(|pattern| Regexp::new(pattern).ok()).collect();
    read.try_into().ok()
});

fn shape(class: Class) -> Option<&'static Regexp> {
    SHAPES.as_ref()?.get(class as usize)
}

/// The shape of what a lookup of nested fields returns, if JSON can represent the values.
fn json_shape(class: Class) -> Option<&'static Regexp> {
    let number = match class {
        Class::Utc | Class::Time => 6,
        Class::Extension => 7,
        Class::Binary => 8,
        Class::Float32 => 9,
        Class::Complex => return None,
    };
    SHAPES.as_ref()?.get(number)
}

fn reader(shape: &'static Regexp) -> Option<Wanted<'static>> {
    let automaton = shape.automaton()?;
    Some(Wanted { reader: Reader::matches(automaton), answer: true })
}

fn outline(class: Class) -> Outline {
    let (start, first, chars) = match class {
        Class::Float32 => ("", "", "-+.e0123456789"),
        Class::Utc => ("", "-0123456789", "-+:. 0123456789UTC"),
        Class::Time => ("", "-0123456789", ""),
        Class::Complex => ("(", "", "()+-.0123456789eiINfna"),
        Class::Extension => ("&{[", "", "&{[]} -0123456789"),
        Class::Binary => ("[", "", "[] 0123456789"),
    };
    Outline { start, first, chars }
}

/// Searches for a value of one type.
pub fn find(class: Class, wanted: &Requirements, budget: &mut Budget) -> Search<Value> {
    // JSON has an extension as a mapping, so nested fields may be found in it.
    let may_be_map = class == Class::Extension;
    if (wanted.is_map == Some(true) && !may_be_map)
        // Without its text in JSON it is like a list.
        || (class == Class::Binary && wanted.printed.is_empty())
        // The three floats that JSON cannot represent are tried before.
        || (class == Class::Float32 && wanted.is_finite == Some(false))
        || (class == Class::Complex && wanted.is_finite == Some(true))
        || !others_hold(&wanted.plain, &Value::Other(String::new()))
    {
        return Search::Nothing;
    }
    let outline = outline(class);
    if wanted.plain.iter().any(|literal| outline.excludes(literal)) {
        return Search::Nothing;
    }
    let Some(shape) = shape(class) else { return Search::Open };
    if !wanted.printed.is_empty()
        && let Some(json) = json_shape(class)
    {
        let own = || reader(json).map(|own| vec![own]);
        let any = find_as_text(&wanted.printed, own, budget, |_| Some(Value::Null));
        if any == Search::Nothing {
            return Search::Nothing;
        }
    }
    // The model does not know the text of most in JSON, nor nested fields in them.
    let is_known = match class {
        Class::Float32 => true,
        // Where Refinery runs is not known.
        Class::Time | Class::Binary => false,
        Class::Utc | Class::Complex | Class::Extension => {
            wanted.printed.is_empty() && wanted.is_finite.is_none() && wanted.is_map != Some(true)
        }
    };
    let found = find_text(class, shape, wanted, budget, |text| {
        if is_known { accept(wanted, read(class, text)?) } else { Some(Value::Null) }
    });
    if is_known || found == Search::Nothing { found } else { Search::Open }
}

fn find_text(
    class: Class,
    shape: &'static Regexp,
    wanted: &Requirements,
    budget: &mut Budget,
    mut read: impl FnMut(&str) -> Option<Value>,
) -> Search<Value> {
    if let Some(texts) = wanted.plain.iter().find_map(possible_texts) {
        let holds = |text: &str| {
            let value = Value::Other(text.to_owned());
            wanted.plain.iter().all(|literal| literal.holds(&value))
        };
        let fitting = texts.into_iter().filter(|text| shape.is_match(text) && holds(text));
        let mut is_open = false;
        for text in fitting {
            match read(text) {
                Some(value) => return Search::Found(value),
                None => is_open |= class != Class::Float32,
            }
        }
        return if is_open { Search::Open } else { Search::Nothing };
    }
    let Some(mut all) = reader(shape).and_then(|own| readers(&wanted.plain, vec![own])) else {
        return Search::Open;
    };
    let beyond = if class == Class::Float32 { Beyond::Number } else { Beyond::Nothing };
    search(&mut all, beyond, budget, read)
}

/// The value with this text; `None` if there is none, or perhaps none.
fn read(class: Class, text: &str) -> Option<Value> {
    let value = match class {
        Class::Float32 => Value::Float32(text.parse().ok()?),
        Class::Utc if is_time(text) => Value::Other(text.to_owned()),
        Class::Complex if is_complex(text) => Value::Other(text.to_owned()),
        Class::Extension if is_extension(text) => Value::Other(text.to_owned()),
        _ => return None,
    };
    (value.text() == text).then_some(value)
}

/// Whether a text of this shape is a time.
fn is_time(text: &str) -> bool {
    /// Some later ones do not fit 64 bits.
    const LAST_YEAR: i64 = 292_277_000_000;
    let date = text.split_once(' ').and_then(|(date, _)| date.split_at_checked(date.len() - 6));
    let Some((year, day)) = date else { return false };
    let is_year = |year: i64| {
        let is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        year.abs() <= LAST_YEAR && (day != "-02-29" || is_leap)
    };
    year != "-0000" && year.parse().is_ok_and(is_year)
}

fn is_complex(text: &str) -> bool {
    let Some(parts) = text.strip_prefix('(').and_then(|text| text.strip_suffix("i)")) else {
        return false;
    };
    let is_part = |part: &str| {
        part.parse().is_ok_and(|n: f64| n.is_finite() && Value::Float(n).text() == part)
    };
    let mut signs = parts.match_indices(['+', '-']).filter(|(at, _)| !parts[..*at].ends_with('e'));
    signs.any(|(at, _)| is_part(&parts[..at]) && is_part(&parts[at + 1..]))
}

/// Whether it is an extension wherever it is in a span: its type is none of times and numbers.
fn is_extension(text: &str) -> bool {
    let number = text.rsplit_once(' ').and_then(|(_, number)| number.strip_suffix('}'));
    number.is_some_and(|number| !["-1", "3", "4", "5"].contains(&number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::predicate::{List, Predicate, Relation};
    use crate::proof::value::{Literal, Test};

    fn found(class: Class, predicates: &[(Predicate, bool)]) -> Search<Value> {
        let wanted = Requirements::of(predicates.iter().map(|(p, answer)| (p, *answer)));
        find(class, &wanted, &mut Budget::new(10_000_000))
    }

    fn equal(text: &str) -> (Predicate, bool) {
        (Predicate::Text(Relation::Equal, text.to_owned()), true)
    }

    fn starts_with(part: &str) -> (Predicate, bool) {
        (Predicate::StartsWith(part.to_owned()), true)
    }

    fn contains(part: &str) -> (Predicate, bool) {
        (Predicate::Contains(part.to_owned()), true)
    }

    fn other(text: &str) -> Search<Value> {
        Search::Found(Value::Other(text.to_owned()))
    }

    #[test]
    fn shapes_are_those_of_refinery() {
        // As Refinery v3.2.2 formats what it reads from msgpack.
        for (class, text, is_certain) in [
            (Class::Utc, "2023-11-14 22:13:20.000000005 +0000 UTC", true),
            (Class::Utc, "2024-02-29 00:00:00 +0000 UTC", true),
            (Class::Utc, "2000-02-29 00:00:00 +0000 UTC", true),
            (Class::Utc, "-3166904-02-24 14:13:21.123 +0000 UTC", true),
            (Class::Utc, "292277026596-12-04 15:30:08 +0000 UTC", false),
            (Class::Time, "2023-11-14 23:13:20 +0100 CET", false),
            (Class::Time, "2023-11-14 19:13:20 -0300 -03", false),
            (Class::Complex, "(1+2i)", true),
            (Class::Complex, "(1.5-2e+30i)", true),
            (Class::Complex, "(-1e-05-0i)", true),
            (Class::Complex, "(NaN+Infi)", false),
            (Class::Complex, "(+Inf-Infi)", false),
            (Class::Extension, "&{[1 2] 7}", true),
            (Class::Extension, "&{[] -7}", true),
            (Class::Extension, "&{[255 100] -128}", true),
            (Class::Extension, "&{[101 83 241 0] -1}", false),
            (Class::Binary, "[1 2 255]", false),
            (Class::Binary, "[]", false),
        ] {
            for other in classes(Domain::Field) {
                let is_it = *other == class || (*other == Class::Time && class == Class::Utc);
                assert_eq!(shape(*other).unwrap().is_match(text), is_it, "{text} {other:?}");
                for (predicate, answer) in [equal(text), contains(text), starts_with(text)] {
                    let literal = Literal { predicate: &predicate, answer };
                    assert!(!is_it || !outline(*other).excludes(&literal), "{text}");
                }
            }
            assert_eq!(read(class, text).is_some(), is_certain, "{text}");
        }
        for (class, text) in [
            (Class::Utc, "2023-02-29 00:00:00 +0000 UTC"),
            (Class::Utc, "1900-02-29 00:00:00 +0000 UTC"),
            (Class::Utc, "-0000-02-28 00:00:00 +0000 UTC"),
            (Class::Complex, "(1+2.0i)"),
            (Class::Complex, "(1000000+2i)"),
            (Class::Float32, "1.23456789"),
        ] {
            assert_eq!(read(class, text), None, "{text}");
        }
    }

    #[test]
    fn every_32_bit_float_has_the_shape() {
        let shape = shape(Class::Float32).unwrap();
        let mut bits = 1_u32;
        for _ in 0..20_000 {
            bits = bits.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let value = Value::Float32(f32::from_bits(bits));
            let text = value.text();
            assert_eq!(shape.is_match(&text), value.is_finite(), "{text}");
            assert!(!value.is_finite() || read(Class::Float32, &text) == Some(value.clone()));
        }
    }

    #[test]
    fn finds_floats_by_their_text() {
        let five = || (Predicate::Float(Relation::Equal, 5.5), false);
        let exact = equal("5.5");
        assert_eq!(found(Class::Float32, &[exact, five()]), Search::Found(Value::Float32(5.5)));
        // It has no order to other numbers.
        let above = (Predicate::Float(Relation::Greater, 5.0), true);
        assert_eq!(found(Class::Float32, &[above]), Search::Nothing);
        let untyped = (Predicate::Untyped(Relation::NotEqual, Value::Int(5)), true);
        assert_eq!(found(Class::Float32, &[untyped]), Search::Nothing);
        // Its digits are too few.
        let precise = equal("1.23456789");
        assert_eq!(found(Class::Float32, &[precise]), Search::Nothing);
        let more = starts_with("0.1234567891");
        assert_eq!(found(Class::Float32, &[more]), Search::Nothing);
        let million = [contains("e+1"), starts_with("7.2")];
        let Search::Found(Value::Float32(n)) = found(Class::Float32, &million) else { panic!() };
        assert!((7.2e10..7.3e19).contains(&n), "{n}");
        let truth = (Predicate::Bool { equal: true, wanted: true }, true);
        assert_eq!(found(Class::Float32, &[truth]), Search::Found(Value::Float32(1.0)));
    }

    #[test]
    fn finds_times_and_extensions_by_their_text() {
        let leap = [contains("-02-29 "), contains("2024")];
        assert_eq!(found(Class::Utc, &leap), other("2024-02-29 00:00:00 +0000 UTC"));
        let time = "2023-11-14 22:13:20 +0000 UTC";
        assert_eq!(found(Class::Utc, &[equal(time)]), other(time));
        let texts = ["5.5", time].map(str::to_owned).into_iter().collect();
        let either = (Predicate::In(List::Text(texts)), true);
        assert_eq!(found(Class::Utc, std::slice::from_ref(&either)), other(time));
        assert_eq!(found(Class::Utc, &[either.clone(), contains(":21")]), Search::Nothing);
        assert_eq!(found(Class::Float32, &[either]), Search::Found(Value::Float32(5.5)));
        assert_eq!(found(Class::Utc, &[contains("CET")]), Search::Nothing);
        // Whether Refinery runs there is unknown.
        assert_eq!(found(Class::Time, &[contains("CET")]), Search::Open);
        let abroad = "2023-11-14 23:13:20 +0100 CET";
        assert_eq!(found(Class::Time, &[equal(abroad)]), Search::Open);
        assert_eq!(found(Class::Time, &[contains("-13-")]), Search::Nothing);
        let seven = (Predicate::Matches(Regexp::new(" 7}$").unwrap().into()), true);
        assert_eq!(found(Class::Extension, &[seven]), other("&{[] 7}"));
        let timestamp = "&{[101 83 241 0] -1}";
        assert_eq!(found(Class::Extension, &[equal(timestamp)]), Search::Open);
        assert_eq!(found(Class::Extension, &[contains("256")]), Search::Nothing);
        let sum = equal("(1+2i)");
        assert_eq!(found(Class::Complex, &[sum]), other("(1+2i)"));
    }

    #[test]
    fn their_json_is_not_known() {
        let find_with = |class, test: Test, answer| {
            let any = Predicate::Exists;
            let mut wanted = Requirements::of([(&any, true)].into_iter());
            wanted.add(&test, answer);
            find(class, &wanted, &mut Budget::new(10_000_000))
        };
        assert_eq!(find_with(Class::Complex, Test::IsFinite, true), Search::Nothing);
        assert_eq!(find_with(Class::Float32, Test::IsFinite, false), Search::Nothing);
        for class in [Class::Utc, Class::Time, Class::Complex, Class::Extension] {
            let is_finite = find_with(class, Test::IsFinite, class != Class::Complex);
            assert_eq!(is_finite, Search::Open);
            assert_eq!(find_with(class, Test::Printed(Predicate::Exists), true), Search::Open);
            if class != Class::Complex {
                let printed = |text: &str| Test::Printed(equal(text).0);
                let nothing = find_with(class, printed("x"), true);
                assert_eq!(nothing, Search::Nothing, "{class:?}");
                let json = match class {
                    Class::Extension => r#"{"Data":"AQI=","Type":-7}"#,
                    _ => "2023-11-14T22:13:20.123Z",
                };
                assert_eq!(find_with(class, printed(json), true), Search::Open, "{class:?}");
            }
        }
        // A nested field may be found in an extension.
        assert_eq!(find_with(Class::Extension, Test::IsMap, true), Search::Open);
        assert_eq!(find_with(Class::Time, Test::IsMap, true), Search::Nothing);
        assert!(matches!(find_with(Class::Utc, Test::IsMap, false), Search::Found(_)));
        assert_eq!(find_with(Class::Binary, Test::IsFinite, true), Search::Nothing);
        for (text, expected) in [
            ("AQL/", Search::Open),
            ("AQ==", Search::Open),
            ("", Search::Open),
            ("x", Search::Nothing),
        ] {
            let printed = Test::Printed(equal(text).0);
            assert_eq!(find_with(Class::Binary, printed, true), expected, "{text}");
        }
        let printed = Test::Printed(Predicate::Text(Relation::Equal, "1000000".to_owned()));
        let wanted = [(Predicate::Text(Relation::Equal, "1e+06".to_owned()), true)];
        let mut wanted = Requirements::of(wanted.iter().map(|(p, answer)| (p, *answer)));
        wanted.add(&printed, true);
        let found = find(Class::Float32, &wanted, &mut Budget::new(10_000_000));
        assert_eq!(found, Search::Found(Value::Float32(1e6)));
        let two = Test::Printed(equal("2000000").0);
        let exponent = contains("e+").0;
        let mut wanted = Requirements::of([(&exponent, true)].into_iter());
        wanted.add(&two, true);
        let found = find(Class::Float32, &wanted, &mut Budget::new(10_000_000));
        assert_eq!(found, Search::Found(Value::Float32(2e6)));
        let word = Test::Printed(equal("x").0);
        assert_eq!(find_with(Class::Float32, word, true), Search::Nothing);
    }
}
