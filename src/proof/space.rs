//! The field names and predicates of the analysed rules, each once, and what is known about them.
//!
//! `formula` knows spans.

use super::budget::Budget;
use super::value::{Domain, Found, Requirements, Test, find};
use crate::engine::Value;
use crate::engine::condition::Condition as EngineCondition;
use crate::engine::ingest::{ROOT, TRACE_ID};
use crate::engine::key_fields::ROOT_PREFIX;
use crate::engine::predicate::{Predicate, Relation};
use crate::engine::read_fields::SIGNAL;
use crate::engine::rules::Rule as EngineRule;
use crate::engine::spec::{ConditionSpec, RuleSpec};
use crate::engine::special_path::{is_path, split_modifier};
use foldhash::{HashMap, HashMapExt};
use std::hash::{Hash, Hasher};

/// The number of a predicate.
pub type PredicateId = usize;
/// The number of a field name.
pub type NameId = usize;

/// The number of a condition.
pub type ConditionId = usize;

/// The required results of predicates, sorted by number.
pub type Answers = Vec<(PredicateId, bool)>;

/// Larger patterns take too long to analyse, and so do many together.
const MOST_WEIGHT_OF_PATTERN: u64 = 3_000;
const MAX_WEIGHT: u64 = 100_000;
const LONGEST_PATTERN: usize = 1_000;

/// Whether a field exists.
pub const EXISTS: PredicateId = 0;
/// Whether a value is a mapping.
pub const IS_MAP: PredicateId = 1;
/// Whether JSON can represent a value.
pub const IS_FINITE: PredicateId = 2;

/// The semantics of conditions in the release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Semantics {
    /// Those of `engine`.
    Engine,
    /// Unknown: equal conditions have equal results, and nothing else is known.
    Unknown,
}

#[derive(Debug)]
pub struct Space {
    pub semantics: Semantics,
    /// The values that fields may have.
    pub fields: Domain,
    names: Vec<String>,
    tests: Vec<Test>,
    /// The tests of the string that a lookup of nested fields returns for a field.
    printed: HashMap<PredicateId, PredicateId>,
    name_ids: HashMap<String, NameId>,
    predicate_ids: HashMap<String, PredicateId>,
    condition_ids: HashMap<(Subject, PredicateId, bool), ConditionId>,
    known: HashMap<(Domain, Answers), Found>,
    /// Results that no value gives, by their first one.
    contradictions: HashMap<(PredicateId, bool), Vec<Contradiction>>,
    /// The total size of all patterns.
    weight: u64,
    /// The metadata that Refinery sets, if a rule reads it.
    pub metadata: Option<Metadata>,
}

/// Fields that Refinery itself sets on every span, and the tests that they depend on.
#[derive(Clone, Copy, Debug)]
pub struct Metadata {
    /// Whether a span is the root span; a log does not have it.
    pub root: NameId,
    pub trace_id: NameId,
    pub signal: NameId,
    pub is_log: PredicateId,
    pub is_empty: PredicateId,
}

/// Results of predicates that no value of a domain gives.
#[derive(Debug)]
struct Contradiction {
    domain: Domain,
    answers: Answers,
}

/// A rule in terms of a space.
#[derive(Clone, Debug)]
pub struct Rule {
    pub scope: Scope,
    pub conditions: Vec<Condition>,
    pub nested: bool,
    /// The engine's rule, which decides whether a found trace matches.
    pub engine: EngineRule,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Each condition may match a different span.
    Trace,
    /// All conditions must match the same span.
    Span,
    /// Every trace matches.
    Any,
}

#[derive(Clone, Debug)]
pub struct Condition {
    /// Equal conditions have the same number.
    pub id: ConditionId,
    pub subject: Subject,
    pub predicate: PredicateId,
    /// The predicate must be false.
    pub is_negated: bool,
}

impl PartialEq for Condition {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Condition {}

impl Hash for Condition {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

/// What a condition tests.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// Whether there is a root span, and whether there should be.
    Root(bool),
    /// The number of spans.
    Count,
    /// The first of these fields that a span has.
    Fields { places: Vec<Place>, nested: bool },
    /// Unknown: the condition itself is the predicate.
    Opaque,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    pub of_root: bool,
    pub name: NameId,
    /// As written: the name for lookups of nested fields.
    pub path: NameId,
}

impl Space {
    pub fn new(semantics: Semantics) -> Self {
        let mut space = Self {
            semantics,
            fields: Domain::Field,
            names: Vec::new(),
            tests: Vec::new(),
            printed: HashMap::new(),
            name_ids: HashMap::new(),
            predicate_ids: HashMap::new(),
            condition_ids: HashMap::new(),
            known: HashMap::new(),
            contradictions: HashMap::new(),
            weight: 0,
            metadata: None,
        };
        let exists = ConditionSpec { operator: "exists".to_owned(), ..ConditionSpec::default() };
        space.predicate(&exists, Predicate::Exists);
        space.tests.extend([Test::IsMap, Test::IsFinite]);
        space.printed(EXISTS);
        space
    }

    /// Reads a rule; `None` if it crashes Refinery, or its patterns are too large.
    pub fn rule(&mut self, spec: &RuleSpec, nested: bool) -> Option<Rule> {
        let bare = RuleSpec { sampler: None, ..spec.clone() };
        let engine = EngineRule::new(&bare, None).ok()?;
        let scope = match (&spec.conditions, spec.scope.as_str()) {
            (None, _) => Scope::Any,
            (_, "span") => Scope::Span,
            (_, "trace" | "") => Scope::Trace,
            _ => Scope::Any,
        };
        let written = spec.conditions.iter().flatten().flatten();
        let conditions: Option<Vec<_>> =
            written.map(|condition| self.condition(condition, scope, nested)).collect();
        Some(Rule { scope, conditions: conditions?, nested, engine })
    }

    pub fn name(&self, id: NameId) -> &str {
        &self.names[id]
    }

    /// The number of a name, if any rule contains it.
    pub fn name_id_of(&self, name: &str) -> Option<NameId> {
        self.name_ids.get(name).copied()
    }

    /// Whether a name is looked up as a path. If not, only the last of several fields of a condition
    /// matters: it may be one of the root span.
    pub fn is_path(&self, path: NameId) -> bool {
        is_path(&self.names[path])
    }

    /// Whether a field that is missing satisfies a predicate.
    pub fn holds_missing(&self, id: PredicateId) -> bool {
        match &self.tests[id] {
            Test::Plain(predicate) | Test::Printed(predicate) => {
                predicate.holds(&Value::Null, false)
            }
            Test::IsMap => false,
            Test::IsFinite => true,
        }
    }

    /// Whether a predicate is true for the field that says whether a span is the root span.
    pub fn holds_root(&self, id: PredicateId, is_root: bool) -> bool {
        match &self.tests[id] {
            Test::Plain(predicate) => predicate.holds(&Value::Bool(is_root), true),
            Test::Printed(_) | Test::IsMap => false,
            Test::IsFinite => true,
        }
    }

    /// The test of the string that a lookup of nested fields returns for a field.
    pub fn printed_of(&self, id: PredicateId) -> PredicateId {
        self.printed.get(&id).copied().unwrap_or(id)
    }

    fn printed(&mut self, id: PredicateId) {
        if let Test::Plain(predicate) = &self.tests[id]
            && !self.printed.contains_key(&id)
        {
            self.printed.insert(id, self.tests.len());
            self.tests.push(Test::Printed(predicate.clone()));
        }
    }

    /// A value that gives these results; results are cached.
    pub fn find(&mut self, domain: Domain, answers: &Answers, budget: &mut Budget) -> Found {
        let key = (domain, answers.clone());
        if let Some(found) = self.known.get(&key) {
            return found.clone();
        }
        if self.is_contradictory(domain, answers) {
            return Found::Impossible;
        }
        let mut wanted = Requirements::default();
        for (id, answer) in answers {
            wanted.add(&self.tests[*id], *answer);
        }
        let found = find(domain, &wanted, budget);
        // A question with more steps may find more.
        if !budget.is_spent() {
            self.known.insert(key, found.clone());
        }
        found
    }

    /// Remembers results that no value gives.
    pub fn add_contradiction(&mut self, domain: Domain, answers: &Answers) {
        if let Some(first) = answers.first()
            && !self.is_contradictory(domain, answers)
        {
            let contradiction = Contradiction { domain, answers: answers.clone() };
            self.contradictions.entry(*first).or_default().push(contradiction);
        }
    }

    /// Whether some of the results are known to contradict each other.
    fn is_contradictory(&self, domain: Domain, answers: &Answers) -> bool {
        let from = answers.iter().filter_map(|first| self.contradictions.get(first));
        from.flatten().any(|known| known.is_in(domain, answers))
    }

    fn condition(&mut self, spec: &ConditionSpec, scope: Scope, nested: bool) -> Option<Condition> {
        let condition = EngineCondition::new(spec).ok()?;
        let is_of_span = nested && condition.names().any(reads_span);
        let is_open = is_of_span && !asks_existence(condition.predicate());
        if is_open || !self.is_of_size(condition.predicate()) {
            return None;
        }
        let wanted = condition.wants_root.filter(|_| scope == Scope::Trace);
        let subject = if let Some(wanted) = wanted {
            Subject::Root(wanted)
        } else if self.semantics == Semantics::Unknown {
            Subject::Opaque
        } else if condition.counts() {
            Subject::Count
        } else {
            let places: Vec<_> = condition.names().map(|written| self.place(written)).collect();
            Subject::Fields { places, nested }
        };
        let opposite = opposite(condition.predicate());
        let opposite = opposite.filter(|_| self.semantics == Semantics::Engine);
        let is_negated = opposite.is_some();
        let predicate = match opposite {
            Some((operator, predicate)) => {
                let operator = operator.to_owned();
                self.predicate(&ConditionSpec { operator, ..spec.clone() }, predicate)
            }
            None => self.predicate(spec, condition.predicate().clone()),
        };
        if nested && condition.names().nth(1).is_some() {
            self.printed(predicate);
        }
        let next = self.condition_ids.len();
        let id = self.condition_ids.entry((subject.clone(), predicate, is_negated));
        Some(Condition { id: *id.or_insert(next), subject, predicate, is_negated })
    }

    fn is_of_size(&self, predicate: &Predicate) -> bool {
        let Predicate::Matches(pattern) = predicate else { return true };
        self.semantics == Semantics::Unknown
            || (pattern.pattern().len() <= LONGEST_PATTERN
                && pattern.weight() <= MOST_WEIGHT_OF_PATTERN
                && self.weight <= MAX_WEIGHT)
    }

    fn place(&mut self, written: &str) -> Place {
        let of_root = written.strip_prefix(ROOT_PREFIX);
        if [ROOT, TRACE_ID].contains(&of_root.unwrap_or(written)) && self.metadata.is_none() {
            self.metadata = Some(Metadata {
                root: self.name_id(ROOT),
                trace_id: self.name_id(TRACE_ID),
                signal: self.name_id(SIGNAL),
                is_log: self.is_text("log"),
                is_empty: self.is_text(""),
            });
        }
        Place {
            of_root: of_root.is_some(),
            name: self.name_id(of_root.unwrap_or(written)),
            path: self.name_id(written),
        }
    }

    /// Whether a value is this string.
    fn is_text(&mut self, text: &str) -> PredicateId {
        let value = Value::Text(text.to_owned());
        let predicate = Predicate::Untyped(Relation::Equal, value.clone());
        let operator = "=".to_owned();
        self.predicate(&ConditionSpec { operator, value, ..ConditionSpec::default() }, predicate)
    }

    fn name_id(&mut self, name: &str) -> NameId {
        if let Some(id) = self.name_ids.get(name) {
            return *id;
        }
        self.names.push(name.to_owned());
        self.name_ids.insert(name.to_owned(), self.names.len() - 1);
        self.names.len() - 1
    }

    /// Equal tests share a predicate; in releases with unknown semantics the field matters too.
    fn predicate(&mut self, spec: &ConditionSpec, predicate: Predicate) -> PredicateId {
        let is_opaque = self.semantics == Semantics::Unknown;
        let fields = if is_opaque { Some((&spec.field, &spec.fields)) } else { None };
        // A condition with both keys has different semantics than one with either.
        let is_double = !spec.field.is_empty() && !spec.fields.is_empty();
        let key = format!(
            "{fields:?} {is_double} {:?} {:?} {:?}",
            spec.operator, spec.datatype, spec.value
        );
        let key = if matches!(predicate, Predicate::Exists) && !is_opaque {
            "exists".to_owned()
        } else {
            key
        };
        if let Some(id) = self.predicate_ids.get(&key) {
            return *id;
        }
        if let Predicate::Matches(pattern) = &predicate {
            self.weight = self.weight.saturating_add(pattern.weight());
        }
        self.tests.push(Test::Plain(predicate));
        self.predicate_ids.insert(key, self.tests.len() - 1);
        self.tests.len() - 1
    }
}

impl Contradiction {
    /// Whether it is a part of these results.
    fn is_in(&self, domain: Domain, answers: &Answers) -> bool {
        // A contradiction for all fields also holds for fields with common values.
        let is_of_domain =
            self.domain == domain || (self.domain, domain) == (Domain::Field, Domain::Common);
        is_of_domain && self.answers.iter().all(|answer| answers.binary_search(answer).is_ok())
    }
}

/// Whether a path reads a whole span, to which Refinery adds fields of its own.
fn reads_span(name: &str) -> bool {
    let name = name.strip_prefix(ROOT_PREFIX).unwrap_or(name);
    let Some((modifier, rest)) = split_modifier(name) else { return false };
    // A key after it selects one of the fields.
    rest.is_empty() || !["pretty", "this", "ugly", "valid"].contains(&modifier)
}

fn asks_existence(predicate: &Predicate) -> bool {
    matches!(predicate, Predicate::Exists | Predicate::NotExists)
}

/// The predicate with the opposite result for every value and for a missing field, and its operator.
/// Only one of the two is needed.
fn opposite(predicate: &Predicate) -> Option<(&'static str, Predicate)> {
    let text = |relation, wanted: &String| Predicate::Text(relation, wanted.clone());
    Some(match predicate {
        Predicate::NotExists => ("exists", Predicate::Exists),
        Predicate::DoesNotContain(part) => ("contains", Predicate::Contains(part.clone())),
        Predicate::NotIn(list) => ("in", Predicate::In(list.clone())),
        Predicate::Text(Relation::NotEqual, wanted) => ("=", text(Relation::Equal, wanted)),
        Predicate::Text(Relation::GreaterOrEqual, wanted) => ("<", text(Relation::Less, wanted)),
        Predicate::Text(Relation::Greater, wanted) => ("<=", text(Relation::LessOrEqual, wanted)),
        _ => return None,
    })
}

impl Rule {
    /// The rule with only these of its conditions, by their numbers.
    pub fn with_conditions(&self, numbers: &[usize]) -> Self {
        let kept = numbers.iter().filter_map(|number| self.conditions.get(*number).cloned());
        let engine = self.engine.with_conditions(numbers);
        Self { conditions: kept.collect(), engine, ..*self }
    }

    /// The rule with all but this condition.
    pub fn without(&self, condition: usize) -> Self {
        let others = (0..self.conditions.len()).filter(|number| *number != condition);
        self.with_conditions(&others.collect::<Vec<_>>())
    }

    /// Whether both are written the same.
    pub fn asks_as(&self, other: &Self) -> bool {
        self.scope == other.scope && self.conditions == other.conditions
    }
}

impl Condition {
    /// Whether every span of a trace gives the same result.
    pub fn is_of_trace(&self) -> bool {
        match &self.subject {
            Subject::Root(_) | Subject::Count => true,
            Subject::Fields { places, nested } => !nested && places.iter().all(|p| p.of_root),
            Subject::Opaque => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spent_budget_decides_nothing_for_later() {
        let mut space = Space::new(Semantics::Engine);
        let answers = vec![(EXISTS, true)];
        assert_eq!(space.find(Domain::Field, &answers, &mut Budget::new(0)), Found::Open);
        let found = space.find(Domain::Field, &answers, &mut Budget::new(1000));
        assert!(matches!(found, Found::Value(_)), "{found:?}");
    }

    #[test]
    fn contradictions_are_remembered_for_their_domain() {
        let mut space = Space::new(Semantics::Engine);
        let answers = |all: &[(PredicateId, bool)]| all.to_vec();
        space.add_contradiction(Domain::Field, &answers(&[(IS_MAP, true), (IS_FINITE, true)]));
        let mut find = |domain, all| space.find(domain, &answers(all), &mut Budget::new(1000));
        let more = &[(EXISTS, true), (IS_MAP, true), (IS_FINITE, true)];
        for domain in [Domain::Field, Domain::Common] {
            assert_eq!(find(domain, more), Found::Impossible);
        }
        assert_ne!(find(Domain::Nested, more), Found::Impossible);
        for other in [&[(IS_MAP, true)][..], &[(IS_MAP, true), (IS_FINITE, false)]] {
            assert_ne!(find(Domain::Field, other), Found::Impossible);
        }
        space.add_contradiction(Domain::Common, &answers(&[(EXISTS, true)]));
        let found = space.find(Domain::Field, &answers(&[(EXISTS, true)]), &mut Budget::new(1000));
        assert_ne!(found, Found::Impossible);
    }

    #[test]
    fn all_patterns_together_have_a_limit() {
        let mut space = Space::new(Semantics::Engine);
        let mut read = |number: usize| {
            let pattern = format!("{number}(a|b|cd){{450}}");
            let spec = ConditionSpec {
                operator: "matches".to_owned(),
                value: Value::Text(pattern),
                ..ConditionSpec::default()
            };
            let condition = EngineCondition::new(&spec).unwrap();
            let Predicate::Matches(pattern) = condition.predicate() else { panic!("{spec:?}") };
            assert!(pattern.weight() <= MOST_WEIGHT_OF_PATTERN, "{}", pattern.weight());
            space.condition(&spec, Scope::Span, false).map(|_| pattern.weight())
        };
        let weights: Vec<u64> = (0..).map_while(&mut read).take(100).collect();
        assert!((1..100).contains(&weights.len()), "{}", weights.len());
        let sum: u64 = weights.iter().sum();
        assert!((MAX_WEIGHT..=MAX_WEIGHT + MOST_WEIGHT_OF_PATTERN).contains(&sum), "{sum}");
        // Neither is one that was read before.
        assert_eq!(read(0), None);
        // A long one is not read either.
        for (length, is_read) in [(LONGEST_PATTERN, true), (LONGEST_PATTERN + 1, false)] {
            let spec = ConditionSpec {
                operator: "matches".to_owned(),
                value: Value::Text("a".repeat(length)),
                ..ConditionSpec::default()
            };
            let read = Space::new(Semantics::Engine).condition(&spec, Scope::Span, false);
            assert_eq!(read.is_some(), is_read, "{length}");
        }
    }

    #[test]
    fn conditions_with_both_keys_have_predicates_of_their_own() {
        let mut space = Space::new(Semantics::Engine);
        let mut predicate = |field: &str, fields: &[&str]| {
            let spec = ConditionSpec {
                field: field.to_owned(),
                fields: fields.iter().map(|field| (*field).to_owned()).collect(),
                operator: "contains".to_owned(),
                value: Value::Text("x".to_owned()),
                ..ConditionSpec::default()
            };
            space.condition(&spec, Scope::Span, false).map(|condition| condition.predicate)
        };
        let (one, other, both) =
            (predicate("a", &[]), predicate("", &["b"]), predicate("a", &["b"]));
        assert_eq!(one, other);
        assert_ne!(one, both);
    }
}
