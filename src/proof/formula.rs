//! Encodes as clauses that a trace of a certain shape matches some rules and not others.
//!
//! A variable states that a field of a span satisfies a predicate, or how conditions and rules
//! follow from that. Whether a field has a value that satisfies the predicates is checked
//! afterwards.

use super::budget::Budget;
use super::sat::{Lit, Outcome, Solver};
use super::space::{
    Answers, Condition, ConditionId, EXISTS, IS_FINITE, IS_MAP, NameId, Place, PredicateId, Rule,
    Scope, Space, Subject,
};
use super::value::Domain;
use foldhash::{HashMap, HashMapExt};
use std::collections::{BTreeMap, BTreeSet};

/// The shape of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The first span is the root span.
    pub has_root: bool,
    /// The number of spans that may differ; others repeat one of them.
    pub spans: usize,
}

/// Something whose value predicates test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// A field at the top level of a span.
    Field(usize, NameId),
    /// A nested field of a span at this path.
    Nested(usize, NameId),
    /// The number of spans.
    Count,
    /// The ID of the trace, which Refinery sets on every span.
    TraceId,
    /// Everything that a condition with unknown semantics tests in a span.
    Opaque(usize),
}

pub struct Formula {
    pub shape: Shape,
    solver: Solver,
    /// What a solution must make true, without consequences of values.
    clauses: Vec<Clause>,
    answers: HashMap<(Source, PredicateId), Lit>,
    meanings: HashMap<Lit, (Source, PredicateId)>,
    literals: HashMap<(ConditionId, usize), Lit>,
    /// By span: whether one of its fields cannot be represented in JSON, so that no nested field is
    /// found.
    opaque_spans: BTreeMap<usize, Lit>,
    always: Lit,
}

/// A clause, and for which solutions it matters.
struct Clause {
    lits: Vec<Lit>,
    relevance: Relevance,
}

/// Most clauses only define a literal, so a solution that does not need the literal is free to ignore
/// them.
#[derive(Clone, Copy)]
enum Relevance {
    Always,
    /// It defines this literal, and was created before all clauses that need it.
    If(Lit),
    /// It is about the value of this source.
    With(Source),
}

/// A lookup of a condition.
struct Lookup {
    source: Source,
    /// The span if the lookup is one of nested fields.
    nested_in: Option<usize>,
}

impl Formula {
    pub fn new(shape: Shape) -> Self {
        let mut solver = Solver::default();
        let always = solver.new_var();
        solver.add(&[always]);
        Self {
            shape,
            solver,
            clauses: Vec::new(),
            answers: HashMap::new(),
            meanings: HashMap::new(),
            literals: HashMap::new(),
            opaque_spans: BTreeMap::new(),
            always,
        }
    }

    /// Searches for a solution within the budget, and with a limit of conflicts.
    pub fn solve(&mut self, conflicts: u64, budget: &mut Budget) -> Outcome {
        let outcome = self.solver.solve(conflicts, budget.left());
        let steps = self.solver.take_work() + self.clauses.len();
        if budget.spend(steps) { outcome } else { Outcome::Unknown }
    }

    /// Requires a match. The conditions of one group match one span; if there are as many spans as
    /// groups, each group has its own.
    pub fn require(&mut self, space: &Space, rules: &[&Rule]) {
        for condition in rules.iter().flat_map(|rule| of_trace(rule)) {
            let lit = self.holds(space, condition, 0);
            self.add(vec![lit]);
        }
        let groups: Vec<_> = rules.iter().flat_map(|rule| groups(rule)).collect();
        let first = usize::from(self.shape.has_root);
        // `meta.refinery.root` is only true for the root span, so any group may need that span.
        let has_own = space.metadata.is_none() && groups.len() + first <= self.shape.spans;
        for (number, group) in groups.into_iter().enumerate() {
            if has_own {
                for condition in group {
                    let lit = self.holds(space, condition, number + first);
                    self.add(vec![lit]);
                }
            } else {
                self.require_somewhere(space, &group);
            }
        }
    }

    /// Excludes all traces that match.
    pub fn forbid(&mut self, space: &Space, rule: &Rule) {
        match rule.scope {
            Scope::Any => self.add(Vec::new()),
            Scope::Span => {
                for span in 0..self.shape.spans {
                    let lits = rule.conditions.iter().map(|c| !self.holds(space, c, span));
                    let clause = lits.collect();
                    self.add(clause);
                }
            }
            Scope::Trace => {
                let clause = rule.conditions.iter().map(|c| self.holds_nowhere(space, c)).collect();
                self.add(clause);
            }
        }
    }

    /// Excludes these answers, which no value gives.
    pub fn rule_out(&mut self, source: Source, answers: &Answers) {
        let alike = |other: Source| match (source, other) {
            (Source::Field(..), Source::Field(..)) | (Source::Nested(..), Source::Nested(..)) => {
                true
            }
            _ => source == other,
        };
        let sources: BTreeSet<Source> =
            self.answers.keys().map(|(source, _)| *source).filter(|other| alike(*other)).collect();
        for source in sources {
            let lits: Option<Vec<Lit>> = answers
                .iter()
                .map(|(predicate, answer)| {
                    let lit = *self.answers.get(&(source, *predicate))?;
                    Some(if *answer { !lit } else { lit })
                })
                .collect();
            if let Some(lits) = lits {
                self.solver.add(&lits);
            }
        }
    }

    /// Excludes this combination of answers of several sources.
    pub fn rule_out_all(&mut self, chosen: &BTreeMap<Source, Answers>) {
        let lits = chosen.iter().flat_map(|(source, answers)| {
            answers.iter().map(|(predicate, answer)| (*source, *predicate, *answer))
        });
        let lits: Vec<_> = lits
            .filter_map(|(source, predicate, answer)| {
                let lit = *self.answers.get(&(source, predicate))?;
                Some(if answer { !lit } else { lit })
            })
            .collect();
        self.solver.add(&lits);
    }

    /// Answers that are sufficient for the last solution, and the spans in which no nested field may be
    /// found.
    pub fn chosen(&self) -> (BTreeMap<Source, Answers>, Vec<usize>) {
        let mut chosen = BTreeSet::new();
        let is_always = |clause: &&Clause| matches!(clause.relevance, Relevance::Always);
        self.clauses
            .iter()
            .filter(is_always)
            .for_each(|clause| self.choose_in(clause, &mut chosen));
        for clause in self.clauses.iter().rev() {
            if let Relevance::If(lit) = clause.relevance
                && chosen.contains(&lit)
            {
                self.choose_in(clause, &mut chosen);
            }
        }
        // The value of one source may restrict that of another.
        let mut before = usize::MAX;
        while std::mem::replace(&mut before, chosen.len()) != chosen.len() {
            let meanings = chosen.iter().filter_map(|lit| self.meaning(*lit));
            let sources: BTreeSet<Source> = meanings.map(|((source, _), _)| source).collect();
            for clause in &self.clauses {
                if let Relevance::With(source) = clause.relevance
                    && sources.contains(&source)
                {
                    self.choose_in(clause, &mut chosen);
                }
            }
        }
        let mut answers: BTreeMap<Source, Answers> = BTreeMap::new();
        for lit in &chosen {
            if let Some(((source, predicate), answer)) = self.meaning(*lit) {
                answers.entry(source).or_default().push((predicate, answer));
            }
        }
        for answers in answers.values_mut() {
            answers.sort_unstable();
        }
        let opaque = self.opaque_spans.iter().filter(|(_, lit)| chosen.contains(lit));
        (answers, opaque.map(|(span, _)| *span).collect())
    }

    /// Chooses a literal of the last solution that makes a clause true, unless one is chosen already.
    fn choose_in(&self, clause: &Clause, chosen: &mut BTreeSet<Lit>) {
        let mut holding = clause.lits.iter().filter(|lit| self.solver.holds(**lit));
        if holding.clone().any(|lit| chosen.contains(lit)) {
            return;
        }
        // Answers that do not restrict values are free; those of missing fields are cheap.
        let price = |lit: &&Lit| match self.meaning(**lit) {
            None => 0,
            Some((_, answer)) => 1 + usize::from(answer),
        };
        chosen.extend(holding.by_ref().min_by_key(price));
    }

    fn meaning(&self, lit: Lit) -> Option<((Source, PredicateId), bool)> {
        let positive = if lit.is_negated() { !lit } else { lit };
        Some((*self.meanings.get(&positive)?, !lit.is_negated()))
    }

    fn add(&mut self, lits: Vec<Lit>) {
        self.add_if(Relevance::Always, lits);
    }

    fn add_if(&mut self, relevance: Relevance, lits: Vec<Lit>) {
        self.solver.add(&lits);
        self.clauses.push(Clause { lits, relevance });
    }

    /// Some span satisfies the whole group.
    fn require_somewhere(&mut self, space: &Space, group: &[&Condition]) {
        let hosts: Vec<Lit> = (0..self.shape.spans).map(|_| self.solver.new_var()).collect();
        for (span, host) in hosts.iter().enumerate() {
            for condition in group {
                let lit = self.holds(space, condition, span);
                self.add_if(Relevance::If(*host), vec![!*host, lit]);
            }
        }
        self.add(hosts);
    }

    /// No span satisfies a condition.
    fn holds_nowhere(&mut self, space: &Space, condition: &Condition) -> Lit {
        if self.shape.spans == 1 || condition.is_of_trace() {
            return !self.holds(space, condition, 0);
        }
        let nowhere = self.solver.new_var();
        for span in 0..self.shape.spans {
            let lit = self.holds(space, condition, span);
            self.add_if(Relevance::If(nowhere), vec![!nowhere, !lit]);
        }
        nowhere
    }

    /// A span satisfies a condition.
    fn holds(&mut self, space: &Space, condition: &Condition, span: usize) -> Lit {
        let span = if condition.is_of_trace() { 0 } else { span };
        let key = (condition.id, span);
        if let Some(lit) = self.literals.get(&key) {
            return *lit;
        }
        let lit = match &condition.subject {
            Subject::Root(wanted) => self.truth(*wanted == self.shape.has_root),
            Subject::Count => self.answer(Source::Count, condition.predicate),
            Subject::Opaque => self.answer(Source::Opaque(span), condition.predicate),
            Subject::Fields { places, nested } => {
                self.first_found(space, places, *nested, span, condition.predicate)
            }
        };
        let lit = if condition.is_negated { !lit } else { lit };
        self.literals.insert(key, lit);
        lit
    }

    /// The answer of the first existing field.
    fn first_found(
        &mut self,
        space: &Space,
        places: &[Place],
        nested: bool,
        span: usize,
        predicate: PredicateId,
    ) -> Lit {
        let missing = self.truth(space.holds_missing(predicate));
        let lookups = self.lookups(space, places, nested, span);
        let Some((last, earlier)) = lookups.split_last() else { return missing };
        // If the last one does not exist either, it answers like a missing field.
        let mut lit = self.look_up(space, last, predicate, missing);
        for lookup in earlier.iter().rev() {
            let never = !self.always;
            let is_there = self.look_up(space, lookup, EXISTS, never);
            let own = self.look_up(space, lookup, predicate, missing);
            lit = self.choose(is_there, own, lit);
        }
        lit
    }

    /// The answer of one lookup.
    fn look_up(
        &mut self,
        space: &Space,
        lookup: &Lookup,
        predicate: PredicateId,
        missing: Lit,
    ) -> Lit {
        let Some(span) = lookup.nested_in else {
            return self.look_up_field(space, lookup.source, predicate, missing);
        };
        let is_opaque = self.is_opaque(space, span);
        let predicate = match lookup.source {
            Source::Field(..) => space.printed_of(predicate),
            _ => predicate,
        };
        let found = self.answer(lookup.source, predicate);
        self.choose(is_opaque, missing, found)
    }

    /// The answer of a field at the top level, which may be one that Refinery sets.
    fn look_up_field(
        &mut self,
        space: &Space,
        source: Source,
        predicate: PredicateId,
        missing: Lit,
    ) -> Lit {
        let (Source::Field(span, name), Some(metadata)) = (source, space.metadata) else {
            return self.answer(source, predicate);
        };
        if name == metadata.trace_id {
            if !self.answers.contains_key(&(Source::TraceId, EXISTS)) {
                for (predicate, is) in [(EXISTS, true), (metadata.is_empty, false)] {
                    let lit = self.answer(Source::TraceId, predicate);
                    self.add_if(
                        Relevance::With(Source::TraceId),
                        vec![if is { lit } else { !lit }],
                    );
                }
            }
            return self.answer(Source::TraceId, predicate);
        }
        if name != metadata.root {
            return self.answer(source, predicate);
        }
        let is_root = self.shape.has_root && span == 0;
        let own = self.truth(space.holds_root(predicate, is_root));
        if is_root {
            return own;
        }
        let is_log = self.answer(Source::Field(span, metadata.signal), metadata.is_log);
        self.choose(is_log, missing, own)
    }

    /// Whether nothing nested is found in a span.
    fn is_opaque(&mut self, space: &Space, span: usize) -> Lit {
        if let Some(lit) = self.opaque_spans.get(&span) {
            return *lit;
        }
        let lit = self.solver.new_var();
        self.opaque_spans.insert(span, lit);
        if space.fields == Domain::Common {
            self.add(vec![!lit]);
        }
        let fields: BTreeSet<Source> = self.answers.keys().map(|(source, _)| *source).collect();
        for source in fields {
            self.restrict_to_json(source);
        }
        lit
    }

    /// A field of a span in which something nested is found can be represented in JSON.
    fn restrict_to_json(&mut self, source: Source) {
        if let Source::Field(span, _) = source
            && let Some(&is_opaque) = self.opaque_spans.get(&span)
            && !self.answers.contains_key(&(source, IS_FINITE))
        {
            let is_finite = self.answer(source, IS_FINITE);
            self.add_if(Relevance::With(source), vec![is_opaque, is_finite]);
        }
    }

    /// The lookups of a condition, in this order.
    fn lookups(
        &mut self,
        space: &Space,
        places: &[Place],
        nested: bool,
        span: usize,
    ) -> Vec<Lookup> {
        let mut lookups = Vec::new();
        let mut last = span;
        for place in places {
            // Without a root span, nested fields are looked up in the span itself.
            last = if place.of_root && self.shape.has_root { 0 } else { span };
            if !place.of_root || self.shape.has_root {
                let source = Source::Field(last, place.name);
                lookups.push(Lookup { source, nested_in: None });
            }
        }
        for place in places.iter().filter(|_| nested) {
            let source = if space.is_path(place.path) {
                Source::Nested(last, place.path)
            } else if places.len() > 1 {
                Source::Field(last, place.path)
            } else {
                continue;
            };
            self.require_maps(space, source);
            lookups.push(Lookup { source, nested_in: Some(last) });
        }
        lookups
    }

    /// What contains a nested field is a mapping.
    fn require_maps(&mut self, space: &Space, source: Source) {
        const SPECIAL: [char; 10] = ['*', '?', '\\', '|', '#', '@', '!', '[', '{', ':'];
        let Source::Nested(span, path) = source else { return };
        let is_known = self.answers.contains_key(&(source, EXISTS));
        if is_known || space.name(path).contains(SPECIAL) {
            return;
        }
        let exists = self.answer(source, EXISTS);
        let mut keys = space.name(path);
        while let Some((outer, key)) = keys.rsplit_once('.') {
            // A number may be an index of a list.
            if let Some(name) = space.name_id_of(outer)
                && !key.bytes().all(|byte| byte.is_ascii_digit())
            {
                let outer = if space.is_path(name) {
                    Source::Nested(span, name)
                } else {
                    Source::Field(span, name)
                };
                let is_map = self.answer(outer, IS_MAP);
                self.add_if(Relevance::With(source), vec![!exists, is_map]);
            }
            keys = outer;
        }
    }

    fn choose(&mut self, condition: Lit, then: Lit, otherwise: Lit) -> Lit {
        if then == otherwise {
            return then;
        }
        let lit = self.solver.new_var();
        self.add_if(Relevance::If(lit), vec![!condition, !lit, then]);
        self.add_if(Relevance::If(!lit), vec![!condition, lit, !then]);
        self.add_if(Relevance::If(lit), vec![condition, !lit, otherwise]);
        self.add_if(Relevance::If(!lit), vec![condition, lit, !otherwise]);
        lit
    }

    fn answer(&mut self, source: Source, predicate: PredicateId) -> Lit {
        if let Some(lit) = self.answers.get(&(source, predicate)) {
            return *lit;
        }
        let lit = self.solver.new_var();
        self.answers.insert((source, predicate), lit);
        self.meanings.insert(lit, (source, predicate));
        self.restrict_to_json(source);
        lit
    }

    fn truth(&self, holds: bool) -> Lit {
        if holds { self.always } else { !self.always }
    }
}

/// The conditions with the same result for all spans.
fn of_trace(rule: &Rule) -> impl Iterator<Item = &Condition> {
    let conditions = rule.conditions.iter().filter(|condition| condition.is_of_trace());
    conditions.filter(|_| rule.scope != Scope::Any)
}

/// The conditions of a rule, grouped by those that one span must satisfy.
pub fn groups(rule: &Rule) -> Vec<Vec<&Condition>> {
    let of_spans = rule.conditions.iter().filter(|condition| !condition.is_of_trace());
    match rule.scope {
        Scope::Any => Vec::new(),
        Scope::Trace => of_spans.map(|condition| vec![condition]).collect(),
        Scope::Span => {
            let all: Vec<_> = of_spans.collect();
            if all.is_empty() { Vec::new() } else { vec![all] }
        }
    }
}
