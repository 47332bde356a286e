//! One type of value at a time: which of its values have a text and a number that fit.
//!
//! Each type's texts are a language of their own; conditions on numbers narrow it further. Must not
//! try what `candidates` has tried.

use super::decimal::{Decimal, Form};
use super::numbers::{floats, ints, reads_text};
use super::reader::Reader;
use super::words::{Search, Wanted, search};
use super::{Domain, Literal};
use crate::engine::predicate::{List, Predicate, Relation};
use crate::engine::regexp::Regexp;
use crate::engine::{Fields, Value};
use crate::proof::budget::Budget;
use std::sync::LazyLock;

/// A type of values that are told apart by their text, or by their number too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Int,
    Text,
    Float,
    List,
    Map,
    Uint,
}

/// The types of a domain that have more values than can be tried.
pub fn classes(domain: Domain) -> &'static [Class] {
    match domain {
        Domain::Field => {
            &[Class::Text, Class::Int, Class::Float, Class::List, Class::Map, Class::Uint]
        }
        Domain::Nested => &[Class::Text],
        Domain::Count(_) => &[Class::Int],
    }
}

/// How Go prints a number with a fraction, with an exponent or without; a list; a mapping.
static SHAPES: LazyLock<Option<[Regexp; 5]>> = LazyLock::new(|| {
    let patterns = [
        r"^-?[0-9]+(\.[0-9]*[1-9])?\z",
        r"^-?[1-9](\.[0-9]*[1-9])?e[+-][0-9][0-9][0-9]?\z",
        r"(?s)^\[.*\]\z",
        r"(?s)^map\[(.*:.*)?\]\z",
        // What may be read as a number though it has more than digits and a point.
        r"(?i)^[+-]?(inf|infinity|nan|[0-9_]*\.?[0-9_]*e[+-]?[0-9_]+|[0-9_]*\.?[0-9_]*|0x[0-9a-f_]*\.?[0-9a-f_]*p[+-]?[0-9_]+)\z",
    ];
    let read: Vec<_> = patterns.iter().filter_map(|pattern| Regexp::new(pattern).ok()).collect();
    read.try_into().ok()
});

const PLAIN: usize = 0;
const EXPONENT: usize = 1;
const LIST: usize = 2;
const MAP: usize = 3;
const READABLE: usize = 4;

fn shape(number: usize) -> Option<Wanted<'static>> {
    let shapes = SHAPES.as_ref()?;
    shapes[number].walk().map(|walk| wanted(Reader::matches(walk), true))
}

/// Looks for a value of one type.
pub fn find(
    class: Class,
    domain: Domain,
    literals: &[Literal],
    budget: &mut Budget,
) -> Search<Value> {
    match class {
        Class::Int => find_int(domain, literals, budget),
        Class::Float => find_float(literals, budget),
        Class::Text => find_text(literals, budget),
        Class::List => find_printed(literals, shape(LIST), &Value::List(Vec::new()), list, budget),
        Class::Map => {
            find_printed(literals, shape(MAP), &Value::Map(Fields::default()), map, budget)
        }
        Class::Uint => {
            let zero = Decimal::of_int(0);
            let whole = Reader::within(Form::Printed, &[(zero, Decimal::of_int(u64::MAX.into()))], false);
            find_printed(literals, Some(wanted(whole, true)), &Value::Uint(0), uint, budget)
        }
    }
}

fn find_int(domain: Domain, literals: &[Literal], budget: &mut Budget) -> Search<Value> {
    let mut ranges = ints(literals);
    if let Domain::Count(least) = domain {
        ranges.iter_mut().for_each(|range| range.0 = range.0.max(least));
        ranges.retain(|(low, high)| low <= high);
    }
    if literals.iter().all(|literal| !reads_text(literal.predicate)) {
        return ranges.first().map_or(Search::Nothing, |(low, _)| Search::Found(Value::Int(*low)));
    }
    if ranges.is_empty() {
        return Search::Nothing;
    }
    let bounds: Vec<_> = ranges
        .iter()
        .map(|(low, high)| (Decimal::of_int((*low).into()), Decimal::of_int((*high).into())))
        .collect();
    let own = wanted(Reader::within(Form::Printed, &bounds, false), true);
    let Some(mut all) = readers(literals, own) else { return Search::Open };
    search(&mut all, budget, |text| accept(literals, Value::Int(text.parse().ok()?)))
}

fn find_float(literals: &[Literal], budget: &mut Budget) -> Search<Value> {
    let ranges = floats(literals);
    if literals.iter().all(|literal| !reads_text(literal.predicate)) {
        return ranges.first().map_or(Search::Nothing, |(low, _)| Search::Found(Value::Float(*low)));
    }
    let finite = |n: f64| Decimal::of_float(n.clamp(f64::MIN, f64::MAX));
    let bounds: Option<Vec<_>> =
        ranges.iter().map(|(low, high)| Some((finite(*low)?, finite(*high)?))).collect();
    let (Some(plain), Some(exponent), Some(bounds)) = (shape(PLAIN), shape(EXPONENT), bounds) else {
        return Search::Open;
    };
    let read = |text: &str| accept(literals, Value::Float(text.parse().ok()?));
    let mut is_open = false;
    // Numbers in print are those of the text, so that what the ranges leave out cannot be found.
    let is_wide = |(low, high): &(f64, f64)| {
        let reaches = |n: f64| n.abs() >= 1e6 || n.abs() < 1e-4;
        reaches(*low) || reaches(*high) || (*low < 0.0) != (*high < 0.0)
    };
    for (own, is_used) in [(plain, !ranges.is_empty()), (exponent, ranges.iter().any(is_wide))] {
        let Some(mut all) = readers(literals, own) else { return Search::Open };
        if !is_used {
            continue;
        }
        all.push(wanted(Reader::within(Form::Plain, &bounds, true), true));
        match search(&mut all, budget, read) {
            Search::Nothing => {}
            Search::Open => is_open = true,
            found @ Search::Found(_) => return found,
        }
    }
    if is_open { Search::Open } else { Search::Nothing }
}

fn find_text(literals: &[Literal], budget: &mut Budget) -> Search<Value> {
    let Some(mut all) = text_readers(literals) else { return Search::Open };
    for literal in literals {
        match of_number(literal) {
            Some(more) => all.extend(more),
            // Neither text nor number: the same for all texts.
            None if reads_text(literal.predicate) || is_of_text(literal.predicate) => {}
            None if literal.holds(&Value::Text(String::new())) => {}
            None => return Search::Nothing,
        }
    }
    search(&mut all, budget, |text| accept(literals, Value::Text(text.to_owned())))
}

/// A value of which conditions see no more than its text.
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
    let all = shape.and_then(|own| readers(literals, own));
    let Some(mut all) = all else { return Search::Open };
    search(&mut all, budget, |text| accept(literals, read(text)?))
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

/// The value, if it gives all the answers.
fn accept(literals: &[Literal], value: Value) -> Option<Value> {
    literals.iter().all(|literal| literal.holds(&value)).then_some(value)
}

/// A type's own reader and those of the literals that read text, whatever the type.
fn readers<'p>(literals: &[Literal<'p>], own: Wanted<'p>) -> Option<Vec<Wanted<'p>>> {
    let of_text = literals.iter().filter(|literal| reads_text(literal.predicate));
    std::iter::once(Some(own)).chain(of_text.map(of_literal)).collect()
}

/// Those of a text: comparisons without a type read it too.
fn text_readers<'p>(literals: &[Literal<'p>]) -> Option<Vec<Wanted<'p>>> {
    let of_text = literals
        .iter()
        .filter(|literal| reads_text(literal.predicate) || is_of_text(literal.predicate));
    of_text.map(of_literal).collect()
}

fn is_of_text(predicate: &Predicate) -> bool {
    matches!(predicate, Predicate::Untyped(_, Value::Text(_)))
}

/// The reader for a predicate that reads text; none for a pattern too large to be walked.
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
    // The order in which a set hands out its members differs between runs.
    texts.sort_unstable();
    Reader::among(texts)
}

fn wanted(reader: Reader, answer: bool) -> Wanted {
    Wanted { reader, answer }
}

/// Readers that a text must satisfy to be read as the number that is wanted; more texts may satisfy
/// them. None for predicates that read no number out of a text.
fn of_number<'p>(literal: &Literal<'p>) -> Option<Vec<Wanted<'p>>> {
    let answer = literal.answer;
    Some(match literal.predicate {
        Predicate::Int(relation, n) => of_int(*relation, *n, answer),
        Predicate::In(List::Int(list)) => vec![wanted(of_ints(list), answer)],
        Predicate::NotIn(List::Int(list)) => vec![wanted(of_ints(list), !answer)],
        Predicate::Float(relation, n) => of_float(&[(*relation, *n)], answer),
        Predicate::In(List::Float(list)) => of_float(&equal_to(list), answer),
        Predicate::NotIn(List::Float(list)) => of_float(&equal_to(list), !answer),
        _ => return None,
    })
}

fn equal_to(list: &[f64]) -> Vec<(Relation, f64)> {
    list.iter().map(|n| (Relation::Equal, *n)).collect()
}

fn of_ints<'p>(list: &std::collections::HashSet<i64>) -> Reader<'p> {
    let mut list: Vec<i64> = list.iter().copied().collect();
    list.sort_unstable();
    let ranges: Vec<_> = list.iter().map(|n| range(*n, *n)).collect();
    Reader::within(Form::Whole, &ranges, false)
}

fn range(low: i64, high: i64) -> (Decimal, Decimal) {
    (Decimal::of_int(low.into()), Decimal::of_int(high.into()))
}

fn of_int<'p>(relation: Relation, n: i64, answer: bool) -> Vec<Wanted<'p>> {
    let below = n.checked_sub(1).map(|high| range(i64::MIN, high));
    let above = n.checked_add(1).map(|low| range(low, i64::MAX));
    let ranges: Vec<_> = match relation {
        Relation::Equal => vec![range(n, n)],
        Relation::NotEqual => below.into_iter().chain(above).collect(),
        Relation::Less => below.into_iter().collect(),
        Relation::LessOrEqual => vec![range(i64::MIN, n)],
        Relation::Greater => above.into_iter().collect(),
        Relation::GreaterOrEqual => vec![range(n, i64::MAX)],
    };
    vec![wanted(Reader::within(Form::Whole, &ranges, false), answer)]
}

/// A plain number is read as the nearest of those that a float can be: the ranges are wider than what
/// is wanted, or narrower than what is not wanted, by less than one such step.
fn of_float<'p>(any: &[(Relation, f64)], answer: bool) -> Vec<Wanted<'p>> {
    let step = if answer { Step::Out } else { Step::In };
    let ranges: Option<Vec<_>> = any
        .iter()
        .flat_map(|(relation, n)| float_ranges(*relation, *n, step))
        .map(|(low, high)| {
            let bound = |n: f64, end: f64| {
                let is_end = n.to_bits() == end.to_bits();
                if is_end && answer { Some(Decimal::beyond_floats(n < 0.0)) } else { Decimal::of_float(n) }
            };
            Some((bound(low, f64::MIN)?, bound(high, f64::MAX)?))
        })
        .collect();
    let Some(ranges) = ranges else { return Vec::new() };
    let plain = wanted(Reader::within(Form::Plain, &ranges, answer), answer);
    let readable = if answer { shape(READABLE) } else { None };
    std::iter::once(plain).chain(readable).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    In,
    Out,
}

fn float_ranges(relation: Relation, n: f64, step: Step) -> Vec<(f64, f64)> {
    let (least, most) = (f64::MIN, f64::MAX);
    let (up, down) = (n.next_up(), n.next_down());
    let (above, from, to, below) = match step {
        Step::In => (up, n, n, down),
        Step::Out => (n, down, up, n),
    };
    match relation {
        Relation::Equal => vec![(from, to)],
        Relation::NotEqual => vec![(least, below), (above, most)],
        Relation::Less => vec![(least, below)],
        Relation::LessOrEqual => vec![(least, to)],
        Relation::Greater => vec![(above, most)],
        Relation::GreaterOrEqual => vec![(from, most)],
    }
}
