//! Searches one type of values at a time for a value whose text and number fit.
//!
//! The texts of each type are a language of their own, which conditions on numbers restrict
//! further.

use super::decimal::{Decimal, Form};
use super::numbers::{floats, ints, reads_text};
use super::outline::Outline;
use super::reader::{Range, Reader};
use super::words::{Beyond, Search, Wanted, search};
use super::{Domain, Literal, Requirements};
use crate::engine::predicate::{List, Predicate, Relation};
use crate::engine::regexp::Regexp;
use crate::engine::{Fields, Value};
use crate::proof::budget::Budget;
use foldhash::HashSet;
use std::sync::LazyLock;

/// A type of values that conditions distinguish by text, or also by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Int,
    Text,
    Float,
    List,
    Map,
    Uint,
}

/// The types of a domain with too many values to try them all.
pub fn classes(domain: Domain) -> &'static [Class] {
    match domain {
        Domain::Field => {
            &[Class::Text, Class::Int, Class::Float, Class::List, Class::Map, Class::Uint]
        }
        Domain::Common => &[Class::Text, Class::Int, Class::Float, Class::List, Class::Map],
        Domain::Nested => &[Class::Text],
        Domain::Count(_) => &[Class::Int],
    }
}

/// How Go formats a float, below a million and with an exponent; a list; a mapping.
static SHAPES: LazyLock<Option<[Regexp; 14]>> = LazyLock::new(|| {
    let patterns = [
        r"^-?[0-9]{1,6}(\.[0-9]*[1-9])?\z",
        r"^[1-9](\.[0-9]*[1-9])?e\+[0-9][0-9][0-9]?\z",
        r"^[1-9](\.[0-9]*[1-9])?e-[0-9][0-9][0-9]?\z",
        r"^-[1-9](\.[0-9]*[1-9])?e\+[0-9][0-9][0-9]?\z",
        r"^-[1-9](\.[0-9]*[1-9])?e-[0-9][0-9][0-9]?\z",
        r"(?s)^\[.*\]\z",
        r"(?s)^map\[(.*:.*)?\]\z",
        // Strings other than digits with a point that may parse as numbers.
        concat!(
            r"(?i)^[+-]?(inf|infinity|nan|",
            r"([0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(e[+-]?[0-9][0-9_]*)?|",
            r"0x_?([0-9a-f][0-9a-f_]*\.?[0-9a-f_]*|\.[0-9a-f][0-9a-f_]*)p[+-]?[0-9][0-9_]*)\z",
        ),
        // Lists and mappings in JSON.
        r"(?s)^\[.*\]\z",
        r"(?s)^\{.*\}\z",
        // Supersets of numbers that are fast to search.
        r"^[-+]?[0-9]+\z",
        r"^[-+]?[0-9.]+\z",
        r"^[-+._0-9a-fA-FinptxyINPTXY]+\z",
        r"^[-+.e0-9]+\z",
    ];
    let read: Vec<_> = patterns.iter().filter_map(|pattern| Regexp::new(pattern).ok()).collect();
    read.try_into().ok()
});

const PLAIN: usize = 0;
/// Formats with an exponent, and the numbers formatted like that.
const EXPONENTS: [(usize, f64, f64); 4] = [
    (1, 1e6, f64::MAX),
    (2, f64::MIN_POSITIVE * f64::EPSILON, 1e-4),
    (3, f64::MIN, -1e6),
    (4, -1e-4, -f64::MIN_POSITIVE * f64::EPSILON),
];
const LIST: usize = 5;
const MAP: usize = 6;
const READABLE: usize = 7;
const JSON_LIST: usize = 8;
const JSON_OBJECT: usize = 9;
const DIGITS: usize = 10;
const DIGITS_AND_POINTS: usize = 11;
const CHARS_OF_NUMBERS: usize = 12;
const CHARS_OF_FLOATS: usize = 13;

fn shape(number: usize) -> Option<Wanted<'static>> {
    let shapes = SHAPES.as_ref()?;
    shapes[number].automaton().map(|automaton| need(Reader::matches(automaton), true))
}

/// NaN and the infinities have other texts, but are tried before.
fn outline(class: Class) -> Outline {
    let (start, chars) = match class {
        Class::Text => ("", ""),
        Class::Int => ("", "-0123456789"),
        Class::Uint => ("", "0123456789"),
        Class::Float => ("", "-+.e0123456789"),
        Class::List => ("[", ""),
        Class::Map => ("map[", ""),
    };
    Outline { start, first: "", chars }
}

/// Searches for a value of one type.
pub fn find(
    class: Class,
    domain: Domain,
    wanted: &Requirements,
    budget: &mut Budget,
) -> Search<Value> {
    let is_other = wanted.is_map.is_some_and(|is_map| is_map != (class == Class::Map));
    // Besides null, only strings compare with a string.
    let is_text = |literal: &Literal| literal.answer && is_of_text(literal.predicate);
    let is_other = is_other || (class != Class::Text && wanted.plain.iter().any(is_text));
    let outline = outline(class);
    if is_other
        || (wanted.is_finite == Some(true) && !constants_hold(&wanted.printed))
        || wanted.plain.iter().any(|literal| outline.excludes(literal))
    {
        return Search::Nothing;
    }
    match class {
        Class::Int => find_int(domain, wanted, budget),
        Class::Float => find_float(domain, wanted, budget),
        Class::Text => find_text(wanted, budget),
        Class::List => find_container(LIST, JSON_LIST, wanted, budget),
        Class::Map => find_container(MAP, JSON_OBJECT, wanted, budget),
        Class::Uint => find_uint(wanted, budget),
    }
}

fn find_uint(wanted: &Requirements, budget: &mut Budget) -> Search<Value> {
    if !others_hold(&wanted.plain, &Value::Uint(0)) {
        return Search::Nothing;
    }
    let bounds = (Some(Decimal::of_int(0)), Some(Decimal::of_int(u64::MAX.into())));
    let own = || {
        readers(
            &wanted.plain,
            vec![need(Reader::within(Form::Printed, std::slice::from_ref(&bounds)), true)],
        )
    };
    find_as_text(&wanted.printed, own, budget, |text| {
        accept(wanted, Value::Uint(text.parse().ok()?))
    })
}

fn find_int(domain: Domain, wanted: &Requirements, budget: &mut Budget) -> Search<Value> {
    let literals = &wanted.plain;
    let mut ranges = ints(literals);
    if let Domain::Count(least) = domain {
        for range in &mut ranges {
            range.0 = range.0.max(least);
        }
        ranges.retain(|(low, high)| low <= high);
    }
    if reads_no_text(wanted) {
        return ranges.first().map_or(Search::Nothing, |(low, _)| Search::Found(Value::Int(*low)));
    }
    if ranges.is_empty() {
        return Search::Nothing;
    }
    let bounds: Vec<_> = ranges.iter().map(|(low, high)| range(*low, *high)).collect();
    // A lookup of nested fields returns the same string.
    if is_excluded(DIGITS, || readers(literals, Vec::new()), budget) {
        return Search::Nothing;
    }
    let own = || readers(literals, vec![need(Reader::within(Form::Printed, &bounds), true)]);
    find_as_text(&wanted.printed, own, budget, |text| {
        accept(wanted, Value::Int(text.parse().ok()?))
    })
}

/// Whether no string of this shape gives the required results. Ranges of numbers have many states, so a
/// search without them is faster.
fn is_excluded<'p>(
    number: usize,
    all: impl Fn() -> Option<Vec<Wanted<'p>>>,
    budget: &mut Budget,
) -> bool {
    let Some((own, mut all)) = shape(number).zip(all()) else { return false };
    all.push(own);
    search(&mut all, Beyond::Nothing, budget, |_| Some(())) == Search::Nothing
}

/// Whether only the order of a number matters.
fn reads_no_text(wanted: &Requirements) -> bool {
    wanted.printed.is_empty() && wanted.plain.iter().all(|literal| !reads_text(literal.predicate))
}

fn find_float(domain: Domain, wanted: &Requirements, budget: &mut Budget) -> Search<Value> {
    let literals = &wanted.plain;
    let mut ranges = floats(literals);
    if domain == Domain::Common || wanted.is_finite == Some(true) {
        ranges.retain(|(low, high)| *low < f64::INFINITY && *high > f64::NEG_INFINITY);
        for (low, high) in &mut ranges {
            (*low, *high) = (low.max(f64::MIN), high.min(f64::MAX));
        }
    }
    if reads_no_text(wanted) {
        return ranges
            .first()
            .map_or(Search::Nothing, |(low, _)| Search::Found(Value::Float(*low)));
    }
    let Some(plain) = shape(PLAIN) else { return Search::Open };
    // Numbers formatted without an exponent are below a million.
    let is_without = |(low, high): &&(f64, f64)| *low < 1e6 && *high > -1e6;
    let bound = |n: f64| (n.abs() < 1e6).then(|| Decimal::of_float(n)).flatten();
    let bounds: Vec<_> =
        ranges.iter().filter(is_without).map(|(low, high)| (bound(*low), bound(*high))).collect();
    let exponents = EXPONENTS.iter().map(|(number, least, most)| {
        let is_reached = ranges.iter().any(|(low, high)| low <= most && high >= least);
        shape(*number).filter(|_| is_reached).map(|exponent| vec![exponent])
    });
    let within = need(Reader::within(Form::Plain, &bounds), true);
    let read = |text: &str| accept(wanted, Value::Float(text.parse().ok()?));
    // A lookup of nested fields returns another string, of the same characters.
    let printed = || text_readers(&wanted.printed);
    if wanted.is_finite == Some(true) && is_excluded(CHARS_OF_FLOATS, printed, budget) {
        return Search::Nothing;
    }
    let may_be_plain = !bounds.is_empty()
        && !is_excluded(DIGITS_AND_POINTS, || readers(literals, Vec::new()), budget);
    let cases = std::iter::once(may_be_plain.then_some(vec![plain, within]));
    first_found(cases.chain(exponents), |own| {
        let Some(mut all) = readers(literals, own) else { return Search::Open };
        search(&mut all, Beyond::Number, budget, read)
    })
}

fn find_text(wanted: &Requirements, budget: &mut Budget) -> Search<Value> {
    // A lookup of nested fields returns the same string.
    let literals: Vec<Literal> = wanted.literals().copied().collect();
    if let Some(texts) = literals.iter().find_map(possible_texts) {
        let mut values = texts.into_iter().map(|text| Value::Text(text.to_owned()));
        let found = values.find_map(|value| accept(wanted, value));
        return found.map_or(Search::Nothing, Search::Found);
    }
    find_as_text(
        &literals,
        || Some(Vec::new()),
        budget,
        |text| accept(wanted, Value::Text(text.to_owned())),
    )
}

/// The only strings for which a literal is true.
pub(super) fn possible_texts<'p>(literal: &Literal<'p>) -> Option<Vec<&'p str>> {
    let predicate = literal.answer.then_some(literal.predicate)?;
    match predicate {
        Predicate::Untyped(Relation::Equal, Value::Text(text))
        | Predicate::Text(Relation::Equal, text) => Some(vec![text]),
        Predicate::In(List::Text(texts)) => {
            let mut texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            texts.sort_unstable();
            Some(texts)
        }
        _ => None,
    }
}

/// A string is a fitting integer, another plain number, another parsable float, or not a number.
pub(super) fn find_as_text<'p>(
    literals: &[Literal<'p>],
    own: impl Fn() -> Option<Vec<Wanted<'p>>>,
    budget: &mut Budget,
    mut read: impl FnMut(&str) -> Option<Value>,
) -> Search<Value> {
    if !constants_hold(literals) {
        return Search::Nothing;
    }
    let is_of_number = |literal: &&Literal<'p>| reads_number(literal.predicate);
    let of_numbers: Vec<Literal> = literals.iter().filter(is_of_number).copied().collect();
    let (beyond, cases) = if of_numbers.is_empty() {
        (Beyond::Nothing, vec![Some(Case::default())])
    } else {
        (Beyond::Number, cases_of_text(&of_numbers))
    };
    first_found(cases, |of_case| {
        if of_case.shape.is_some_and(|shape| is_excluded(shape, || text_readers(literals), budget))
        {
            return Search::Nothing;
        }
        let Some((mut all, own)) = text_readers(literals).zip(own()) else { return Search::Open };
        all.extend(of_case.readers);
        all.extend(own);
        search(&mut all, beyond, budget, &mut read)
    })
}

/// Whether the literals that give the same result for every string are true.
fn constants_hold(literals: &[Literal]) -> bool {
    let is_constant = |literal: &&Literal| {
        let predicate = literal.predicate;
        !reads_text(predicate) && !is_of_text(predicate) && !reads_number(predicate)
    };
    let mut constants = literals.iter().filter(is_constant);
    constants.all(|literal| literal.holds(&Value::Text(String::new())))
}

/// A case of a string as a number.
#[derive(Default)]
struct Case<'p> {
    /// They may accept too many strings.
    readers: Vec<Wanted<'p>>,
    /// A shape that all these strings have.
    shape: Option<usize>,
}

impl<'p> Case<'p> {
    fn new(readers: Vec<Wanted<'p>>, shape: impl Into<Option<usize>>) -> Self {
        Self { readers, shape: shape.into() }
    }
}

fn cases_of_text<'p>(literals: &[Literal<'p>]) -> Vec<Option<Case<'p>>> {
    let (of_floats, of_ints): (Vec<Literal>, Vec<Literal>) =
        literals.iter().partition(|literal| reads_float(literal.predicate));
    let fails = |literals: &[Literal]| {
        literals.iter().all(|literal| literal.holds(&Value::Text("none".to_owned())))
    };
    let any = |form| Reader::within(form, &[(None, None)]);
    let whole: Vec<_> = ints(literals).into_iter().map(|(low, high)| range(low, high)).collect();
    let is_whole = Case::new(vec![need(Reader::within(Form::Whole, &whole), true)], DIGITS);
    let fitting = || Reader::within(Form::Whole, &[range(i64::MIN, i64::MAX)]);
    let mut cases = vec![(!whole.is_empty()).then_some(is_whole)];
    if of_floats.is_empty() {
        cases.push(fails(&of_ints).then(|| Case::new(vec![need(fitting(), false)], None)));
        return cases;
    }
    let ranges = floats(&of_floats);
    let is_nan = of_floats.iter().all(|literal| literal.holds(&Value::Float(f64::NAN)));
    // Strings parse to the nearest float, so the ranges are one step wider.
    let bound = |n: f64| (n.abs() < 1e18).then(|| Decimal::of_float(n)).flatten();
    let wider: Vec<_> =
        ranges.iter().map(|(low, high)| (bound(low.next_down()), bound(high.next_up()))).collect();
    let is_plain = || {
        let within = need(Reader::within(Form::Plain, &wider), true);
        Case::new(vec![within, need(fitting(), false)], DIGITS_AND_POINTS)
    };
    let is_no_number = || Case::new(vec![need(any(Form::Plain), false)], None);
    let is_readable = || {
        let is_other = need(any(Form::Plain), false);
        Case::new(shape(READABLE).into_iter().chain([is_other]).collect(), CHARS_OF_NUMBERS)
    };
    let may_be = fails(&of_ints);
    cases.push((may_be && !ranges.is_empty()).then(is_plain));
    cases.push((may_be && fails(&of_floats)).then(is_no_number));
    cases.push((may_be && (is_nan || !ranges.is_empty())).then(is_readable));
    cases
}

/// The first value found in any of the possible cases.
fn first_found<C>(
    cases: impl IntoIterator<Item = Option<C>>,
    mut find: impl FnMut(C) -> Search<Value>,
) -> Search<Value> {
    let mut is_open = false;
    for case in cases.into_iter().flatten() {
        match find(case) {
            Search::Nothing => {}
            Search::Open => is_open = true,
            found @ Search::Found(_) => return found,
        }
    }
    if is_open { Search::Open } else { Search::Nothing }
}

/// A value of which conditions only see the text.
fn find_printed(
    literals: &[Literal],
    own: Vec<Wanted>,
    example: &Value,
    budget: &mut Budget,
    read: impl FnMut(&str) -> Option<Value>,
) -> Search<Value> {
    if !others_hold(literals, example) {
        return Search::Nothing;
    }
    let Some(mut all) = readers(literals, own) else { return Search::Open };
    search(&mut all, Beyond::Nothing, budget, read)
}

/// Whether the literals are true that give the same result for all values of a type.
pub(super) fn others_hold(literals: &[Literal], example: &Value) -> bool {
    let mut others = literals.iter().filter(|literal| !reads_text(literal.predicate));
    others.all(|literal| literal.holds(example))
}

/// A JSON object as a nested lookup prints it, by its text alone.
pub fn find_object(literals: &[Literal], budget: &mut Budget) -> Search<Value> {
    find_json(JSON_OBJECT, literals, budget)
}

/// A string of this shape.
fn find_json(number: usize, literals: &[Literal], budget: &mut Budget) -> Search<Value> {
    let own = || shape(number).map(|own| vec![own]);
    find_as_text(literals, own, budget, |text| Some(Value::Text(text.to_owned())))
}

/// A list or a mapping, which a lookup of nested fields prints as JSON.
fn find_container(
    number: usize,
    json: usize,
    wanted: &Requirements,
    budget: &mut Budget,
) -> Search<Value> {
    let (example, read): (_, fn(&str) -> Option<Value>) = match number {
        LIST => (Value::List(Vec::new()), list),
        _ => (Value::Map(Fields::default()), map),
    };
    let Some(own) = shape(number) else { return Search::Open };
    let found = find_printed(&wanted.plain, vec![own], &example, budget, |text| {
        accept(wanted, read(text)?)
    });
    if wanted.printed.is_empty() || matches!(found, Search::Found(_)) {
        return found;
    }
    // Not all values with this text were tried, so each text must be impossible alone.
    let is_impossible = |literals: &[Literal], number: usize, budget: &mut Budget| {
        let own = shape(number).into_iter().collect();
        let any = find_printed(literals, own, &example, budget, |_| Some(Value::Null));
        any == Search::Nothing
    };
    if is_impossible(&wanted.plain, number, budget)
        || find_json(json, &wanted.printed, budget) == Search::Nothing
    {
        Search::Nothing
    } else {
        Search::Open
    }
}

fn list(text: &str) -> Option<Value> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    Some(Value::List(vec![Value::Text(inner.to_owned())]))
}

fn map(text: &str) -> Option<Value> {
    let inner = text.strip_prefix("map[")?.strip_suffix(']')?;
    let pair = inner.split_once(':');
    let pairs = pair.map(|(name, rest)| (name.to_owned(), Value::Text(rest.to_owned())));
    Some(Value::Map(Fields::new(pairs)))
}

/// The value, if it meets all requirements.
pub(super) fn accept(wanted: &Requirements, value: Value) -> Option<Value> {
    wanted.hold(&value).then_some(value)
}

/// The readers of a type, and those of the literals that read text.
pub(super) fn readers<'p>(
    literals: &[Literal<'p>],
    own: Vec<Wanted<'p>>,
) -> Option<Vec<Wanted<'p>>> {
    let of_text = literals.iter().filter(|literal| reads_text(literal.predicate));
    own.into_iter().map(Some).chain(of_text.map(of_literal)).collect()
}

/// The readers of a string, which comparisons without a type read too.
fn text_readers<'p>(literals: &[Literal<'p>]) -> Option<Vec<Wanted<'p>>> {
    let of_text = literals
        .iter()
        .filter(|literal| reads_text(literal.predicate) || is_of_text(literal.predicate));
    of_text.map(of_literal).collect()
}

fn is_of_text(predicate: &Predicate) -> bool {
    matches!(predicate, Predicate::Untyped(_, Value::Text(_)))
}

/// The reader for a predicate that reads text; `None` for a pattern that is too large.
fn of_literal<'p>(literal: &Literal<'p>) -> Option<Wanted<'p>> {
    const TRUE: [&str; 6] = ["1", "t", "T", "true", "TRUE", "True"];
    let (reader, is_turned) = match literal.predicate {
        Predicate::Untyped(relation, Value::Text(text)) | Predicate::Text(relation, text) => {
            (Reader::order(text, *relation), false)
        }
        Predicate::Bool { equal, wanted } => (Reader::among(TRUE), *equal != *wanted),
        Predicate::StartsWith(text) => (Reader::starts_with(text), false),
        Predicate::Contains(text) => (Reader::contains(text), false),
        Predicate::DoesNotContain(text) => (Reader::contains(text), true),
        Predicate::In(List::Text(texts)) => (among(texts), false),
        Predicate::NotIn(List::Text(texts)) => (among(texts), true),
        Predicate::Matches(pattern) => (Reader::matches(pattern.automaton()?), false),
        _ => return None,
    };
    Some(need(reader, literal.answer != is_turned))
}

fn among<'p>(texts: &HashSet<String>) -> Reader<'p> {
    let mut texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    // Sorted, because the order of a set differs between runs.
    texts.sort_unstable();
    Reader::among(texts)
}

fn need(reader: Reader, answer: bool) -> Wanted {
    Wanted { reader, answer }
}

/// Whether a predicate parses a number from a string.
fn reads_number(predicate: &Predicate) -> bool {
    let is_of_ints = matches!(
        predicate,
        Predicate::Int(..) | Predicate::In(List::Int(_)) | Predicate::NotIn(List::Int(_))
    );
    is_of_ints || reads_float(predicate)
}

fn reads_float(predicate: &Predicate) -> bool {
    matches!(
        predicate,
        Predicate::Float(..) | Predicate::In(List::Float(_)) | Predicate::NotIn(List::Float(_))
    )
}

fn range(low: i64, high: i64) -> Range {
    (Some(Decimal::of_int(low.into())), Some(Decimal::of_int(high.into())))
}
