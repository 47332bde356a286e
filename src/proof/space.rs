//! The field names and predicates of the analysed rules, each once, and what is known about them.
//!
//! `formula` knows spans.

use super::budget::Budget;
use super::value::{Domain, Found, Literal, find};
use crate::engine::condition::Condition as EngineCondition;
use crate::engine::key_fields::ROOT_PREFIX;
use crate::engine::predicate::Predicate;
use crate::engine::rules::Rule as EngineRule;
use crate::engine::spec::{ConditionSpec, RuleSpec};
use std::collections::{HashMap, HashSet};

/// The number of a predicate.
pub type PredicateId = usize;
/// The number of a field name.
pub type NameId = usize;

/// The required results of predicates, sorted by number.
pub type Answers = Vec<(PredicateId, bool)>;

/// Larger patterns take too long to analyse, and so do many together.
const MOST_WEIGHT_OF_PATTERN: u64 = 3_000;
const MAX_WEIGHT: u64 = 100_000;
const LONGEST_PATTERN: usize = 1_000;

/// Whether a field exists.
pub const EXISTS: PredicateId = 0;

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
    /// Names that are used together with others in a condition.
    listed: HashSet<NameId>,
    predicates: Vec<Predicate>,
    name_ids: HashMap<String, NameId>,
    predicate_ids: HashMap<String, PredicateId>,
    known: HashMap<(Domain, Answers), Found>,
    /// The total size of all patterns.
    weight: u64,
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

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Condition {
    pub subject: Subject,
    pub predicate: PredicateId,
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
            listed: HashSet::new(),
            predicates: Vec::new(),
            name_ids: HashMap::new(),
            predicate_ids: HashMap::new(),
            known: HashMap::new(),
            weight: 0,
        };
        let exists = ConditionSpec { operator: "exists".to_owned(), ..ConditionSpec::default() };
        space.predicate(&exists, Predicate::Exists);
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

    /// Whether a path may find a different value in nested fields than the field of that name has.
    /// A name without a dot only does if the condition has other names, the last of which may be
    /// looked up in the root span.
    pub fn may_be_nested(&self, path: NameId) -> bool {
        self.is_path(path) || self.listed.contains(&path)
    }

    /// Whether a name is looked up as a path.
    pub fn is_path(&self, path: NameId) -> bool {
        self.names[path].contains(['.', '*', '?', '\\', '|', '#'])
    }

    pub fn predicate_of(&self, id: PredicateId) -> &Predicate {
        &self.predicates[id]
    }

    /// A value that gives these results; results are cached.
    pub fn find(&mut self, domain: Domain, answers: &Answers, budget: &mut Budget) -> Found {
        let key = (domain, answers.clone());
        if let Some(found) = self.known.get(&key) {
            return found.clone();
        }
        let literals: Vec<_> = answers
            .iter()
            .map(|(id, answer)| Literal { predicate: &self.predicates[*id], answer: *answer })
            .collect();
        let found = find(domain, &literals, budget);
        // A question with more steps may find more.
        if !budget.is_spent() {
            self.known.insert(key, found.clone());
        }
        found
    }

    fn condition(&mut self, spec: &ConditionSpec, scope: Scope, nested: bool) -> Option<Condition> {
        let condition = EngineCondition::new(spec).ok()?;
        if !self.is_of_size(condition.predicate()) {
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
            if places.len() > 1 {
                self.listed.extend(places.iter().map(|place| place.path));
            }
            Subject::Fields { places, nested }
        };
        let predicate = self.predicate(spec, condition.predicate().clone());
        Some(Condition { subject, predicate })
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
        Place {
            of_root: of_root.is_some(),
            name: self.name_id(of_root.unwrap_or(written)),
            path: self.name_id(written),
        }
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
        self.predicates.push(predicate);
        self.predicate_ids.insert(key, self.predicates.len() - 1);
        self.predicates.len() - 1
    }
}

impl Rule {
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
