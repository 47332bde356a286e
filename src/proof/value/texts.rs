//! Searches one type of values at a time for a value whose text and number fit.
//!
//! The texts of each type are a language of their own, which conditions on numbers restrict
//! further.

use super::decimal::{Decimal, Form};
use super::numbers::{floats, ints, reads_text};
use super::reader::{Range, Reader};
use super::words::{Beyond, Search, Wanted, search};
use super::{Domain, Literal};
use crate::engine::predicate::{List, Predicate};
use crate::engine::regexp::Regexp;
use crate::engine::{Fields, Value};
use crate::proof::budget::Budget;
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
static SHAPES: LazyLock<Option<[Regexp; 8]>> = LazyLock::new(|| {
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

fn shape(number: usize) -> Option<Wanted<'static>> {
    let shapes = SHAPES.as_ref()?;
    shapes[number].walk().map(|walk| wanted(Reader::matches(walk), true))
}

/// Searches for a value of one type.
pub fn find(
    class: Class,
    domain: Domain,
    literals: &[Literal],
    budget: &mut Budget,
) -> Search<Value> {
    match class {
        Class::Int => find_int(domain, literals, budget),
        Class::Float => find_float(domain, literals, budget),
        Class::Text => find_text(literals, budget),
        Class::List => find_printed(literals, shape(LIST), &Value::List(Vec::new()), list, budget),
        Class::Map => {
            find_printed(literals, shape(MAP), &Value::Map(Fields::default()), map, budget)
        }
        Class::Uint => {
            let bounds = (Some(Decimal::of_int(0)), Some(Decimal::of_int(u64::MAX.into())));
            let whole = Reader::within(Form::Printed, &[bounds]);
            find_printed(literals, Some(wanted(whole, true)), &Value::Uint(0), uint, budget)
        }
    }
}

fn find_int(domain: Domain, literals: &[Literal], budget: &mut Budget) -> Search<Value> {
    let mut ranges = ints(literals);
    if let Domain::Count(least) = domain {
        for range in &mut ranges {
            range.0 = range.0.max(least);
        }
        ranges.retain(|(low, high)| low <= high);
    }
    if literals.iter().all(|literal| !reads_text(literal.predicate)) {
        return ranges.first().map_or(Search::Nothing, |(low, _)| Search::Found(Value::Int(*low)));
    }
    if ranges.is_empty() {
        return Search::Nothing;
    }
    let bounds: Vec<_> = ranges.iter().map(|(low, high)| range(*low, *high)).collect();
    let own = wanted(Reader::within(Form::Printed, &bounds), true);
    let Some(mut all) = readers(literals, vec![own]) else { return Search::Open };
    let read = |text: &str| accept(literals, Value::Int(text.parse().ok()?));
    search(&mut all, Beyond::Nothing, budget, read)
}

fn find_float(domain: Domain, literals: &[Literal], budget: &mut Budget) -> Search<Value> {
    let mut ranges = floats(literals);
    if domain == Domain::Common {
        ranges.retain(|(low, high)| *low < f64::INFINITY && *high > f64::NEG_INFINITY);
        for (low, high) in &mut ranges {
            (*low, *high) = (low.max(f64::MIN), high.min(f64::MAX));
        }
    }
    if literals.iter().all(|literal| !reads_text(literal.predicate)) {
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
    let within = wanted(Reader::within(Form::Plain, &bounds), true);
    let read = |text: &str| accept(literals, Value::Float(text.parse().ok()?));
    let cases = std::iter::once((!bounds.is_empty()).then_some(vec![plain, within]));
    first_found(cases.chain(exponents), |own| {
        let Some(mut all) = readers(literals, own) else { return Search::Open };
        search(&mut all, Beyond::Number, budget, read)
    })
}

/// A string is a fitting integer, another plain number, another parsable float, or not a number.
fn find_text(literals: &[Literal], budget: &mut Budget) -> Search<Value> {
    let (of_numbers, others): (Vec<Literal>, Vec<Literal>) =
        literals.iter().partition(|literal| reads_number(literal.predicate));
    let is_constant =
        |literal: &&Literal| !reads_text(literal.predicate) && !is_of_text(literal.predicate);
    let mut constant = others.iter().filter(is_constant);
    if !constant.all(|literal| literal.holds(&Value::Text(String::new()))) {
        return Search::Nothing;
    }
    let (beyond, cases) = if of_numbers.is_empty() {
        (Beyond::Nothing, vec![Some(Vec::new())])
    } else {
        (Beyond::Number, cases_of_text(&of_numbers))
    };
    first_found(cases, |own| {
        let readers = text_readers(literals);
        let Some(mut all) = readers else { return Search::Open };
        all.extend(own);
        let read = |text: &str| accept(literals, Value::Text(text.to_owned()));
        search(&mut all, beyond, budget, read)
    })
}

/// Readers for each possible case of a string as a number; they may accept too many strings.
fn cases_of_text<'p>(literals: &[Literal<'p>]) -> Vec<Option<Vec<Wanted<'p>>>> {
    let (of_floats, of_ints): (Vec<Literal>, Vec<Literal>) =
        literals.iter().partition(|literal| reads_float(literal.predicate));
    let fails = |literals: &[Literal]| {
        literals.iter().all(|literal| literal.holds(&Value::Text("none".to_owned())))
    };
    let any = |form| Reader::within(form, &[(None, None)]);
    let whole: Vec<_> = ints(literals).into_iter().map(|(low, high)| range(low, high)).collect();
    let is_whole = vec![wanted(Reader::within(Form::Whole, &whole), true)];
    let fitting = || Reader::within(Form::Whole, &[range(i64::MIN, i64::MAX)]);
    let mut cases = vec![(!whole.is_empty()).then_some(is_whole)];
    if of_floats.is_empty() {
        cases.push(fails(&of_ints).then(|| vec![wanted(fitting(), false)]));
        return cases;
    }
    let ranges = floats(&of_floats);
    let is_nan = of_floats.iter().all(|literal| literal.holds(&Value::Float(f64::NAN)));
    // Strings parse to the nearest float, so the ranges are one step wider.
    let bound = |n: f64| (n.abs() < 1e18).then(|| Decimal::of_float(n)).flatten();
    let wider: Vec<_> =
        ranges.iter().map(|(low, high)| (bound(low.next_down()), bound(high.next_up()))).collect();
    let is_plain =
        || vec![wanted(Reader::within(Form::Plain, &wider), true), wanted(fitting(), false)];
    let is_readable =
        || shape(READABLE).into_iter().chain([wanted(any(Form::Plain), false)]).collect();
    let may_be = fails(&of_ints);
    cases.push((may_be && !ranges.is_empty()).then(is_plain));
    cases.push((may_be && fails(&of_floats)).then(|| vec![wanted(any(Form::Plain), false)]));
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
    shape: Option<Wanted<'static>>,
    example: &Value,
    read: fn(&str) -> Option<Value>,
    budget: &mut Budget,
) -> Search<Value> {
    let mut others = literals.iter().filter(|literal| !reads_text(literal.predicate));
    if !others.all(|literal| literal.holds(example)) {
        return Search::Nothing;
    }
    let all = shape.and_then(|own| readers(literals, vec![own]));
    let Some(mut all) = all else { return Search::Open };
    search(&mut all, Beyond::Nothing, budget, |text| accept(literals, read(text)?))
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

fn uint(text: &str) -> Option<Value> {
    text.parse().ok().map(Value::Uint)
}

/// The value, if it gives all required results.
fn accept(literals: &[Literal], value: Value) -> Option<Value> {
    literals.iter().all(|literal| literal.holds(&value)).then_some(value)
}

/// The readers of a type, and those of the literals that read text.
fn readers<'p>(literals: &[Literal<'p>], own: Vec<Wanted<'p>>) -> Option<Vec<Wanted<'p>>> {
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
        Predicate::Matches(pattern) => (Reader::matches(pattern.walk()?), false),
        _ => return None,
    };
    Some(wanted(reader, literal.answer != is_turned))
}

fn among<'p>(texts: &std::collections::HashSet<String>) -> Reader<'p> {
    let mut texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    // Sorted, because the order of a set differs between runs.
    texts.sort_unstable();
    Reader::among(texts)
}

fn wanted(reader: Reader, answer: bool) -> Wanted {
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
