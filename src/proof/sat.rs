//! A SAT solver: conflict-driven clause learning, as in textbooks.
//!
//! Variables are decided false first, so irrelevant ones stay false.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A variable, or its negation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lit(u32);

impl Lit {
    pub fn of(var: usize) -> Self {
        Self(u32::try_from(var << 1).unwrap_or(u32::MAX))
    }

    pub fn var(self) -> usize {
        (self.0 >> 1) as usize
    }

    pub fn is_negated(self) -> bool {
        self.0 & 1 == 1
    }

    fn index(self) -> usize {
        self.0 as usize
    }
}

impl std::ops::Not for Lit {
    type Output = Self;

    fn not(self) -> Self {
        Self(self.0 ^ 1)
    }
}

/// The result of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Satisfiable,
    Unsatisfiable,
    /// The limit of conflicts was reached.
    Unknown,
}

/// The clauses and what was learned from them; clauses may be added between searches.
#[derive(Debug, Default)]
pub struct Solver {
    clauses: Vec<Vec<Lit>>,
    /// By literal: the clauses that watch its negation.
    watches: Vec<Vec<usize>>,
    values: Vec<Option<bool>>,
    levels: Vec<usize>,
    reasons: Vec<Option<usize>>,
    activity: Vec<u64>,
    trail: Vec<Lit>,
    /// The start of each level in the trail.
    limits: Vec<usize>,
    head: usize,
    model: Vec<bool>,
    contradictory: bool,
    /// The unassigned variables with their activity. Others, and those with an older activity, are
    /// skipped.
    order: BinaryHeap<(u64, Reverse<usize>)>,
    /// The steps since they were last taken.
    work: usize,
}

impl Solver {
    pub fn new_var(&mut self) -> Lit {
        let var = self.values.len();
        self.values.push(None);
        self.levels.push(0);
        self.reasons.push(None);
        self.activity.push(0);
        self.order.push((0, Reverse(var)));
        self.watches.extend([Vec::new(), Vec::new()]);
        Lit::of(var)
    }

    /// Whether a literal is true in the last solution.
    pub fn holds(&self, lit: Lit) -> bool {
        self.model.get(lit.var()).is_some_and(|value| *value != lit.is_negated())
    }

    pub fn add(&mut self, clause: &[Lit]) {
        self.backtrack(0);
        let mut lits = clause.to_vec();
        lits.sort_unstable();
        lits.dedup();
        let is_tautology = lits.windows(2).any(|pair| pair[0] == !pair[1]);
        if is_tautology || lits.iter().any(|lit| self.value(*lit) == Some(true)) {
            return;
        }
        lits.retain(|lit| self.value(*lit).is_none());
        match lits.as_slice() {
            [] => self.contradictory = true,
            &[lit] => self.assign(lit, None),
            _ => drop(self.attach(lits)),
        }
    }

    /// The number of steps since the last call.
    pub fn take_work(&mut self) -> usize {
        std::mem::take(&mut self.work)
    }

    /// Searches for an assignment that satisfies all clauses, with limits of conflicts and of steps.
    pub fn solve(&mut self, conflicts: u64, steps: usize) -> Outcome {
        let mut left = conflicts;
        while !self.contradictory {
            if self.work > steps {
                self.backtrack(0);
                return Outcome::Unknown;
            }
            let Some(conflict) = self.propagate() else {
                self.work += 1;
                let Some(var) = self.next_var() else {
                    self.model = self.values.iter().map(|value| *value == Some(true)).collect();
                    self.backtrack(0);
                    return Outcome::Satisfiable;
                };
                self.limits.push(self.trail.len());
                self.assign(!Lit::of(var), None);
                continue;
            };
            if self.limits.is_empty() {
                self.contradictory = true;
            } else if left == 0 {
                self.backtrack(0);
                return Outcome::Unknown;
            } else {
                left -= 1;
                self.learn(conflict);
            }
        }
        Outcome::Unsatisfiable
    }

    fn value(&self, lit: Lit) -> Option<bool> {
        self.values[lit.var()].map(|value| value != lit.is_negated())
    }

    fn attach(&mut self, lits: Vec<Lit>) -> usize {
        let number = self.clauses.len();
        for lit in lits.iter().take(2) {
            self.watches[(!*lit).index()].push(number);
        }
        self.clauses.push(lits);
        number
    }

    fn assign(&mut self, lit: Lit, reason: Option<usize>) {
        self.values[lit.var()] = Some(!lit.is_negated());
        self.levels[lit.var()] = self.limits.len();
        self.reasons[lit.var()] = reason;
        self.trail.push(lit);
    }

    fn backtrack(&mut self, level: usize) {
        if let Some(&start) = self.limits.get(level) {
            for lit in self.trail.drain(start..) {
                let var = lit.var();
                self.values[var] = None;
                self.order.push((self.activity[var], Reverse(var)));
            }
            self.limits.truncate(level);
            self.head = start;
            // A variable that was never decided is in it more than once.
            if self.order.len() > 4 * self.values.len() {
                let open = (0..self.values.len()).filter(|var| self.values[*var].is_none());
                self.order = open.map(|var| (self.activity[var], Reverse(var))).collect();
            }
        }
    }

    /// The unassigned variable most involved in conflicts, or else the first.
    fn next_var(&mut self) -> Option<usize> {
        while let Some((activity, Reverse(var))) = self.order.pop() {
            if self.values[var].is_none() && self.activity[var] == activity {
                return Some(var);
            }
        }
        None
    }

    /// Unit propagation; returns a conflicting clause, if any.
    fn propagate(&mut self) -> Option<usize> {
        while let Some(&lit) = self.trail.get(self.head) {
            self.head += 1;
            let watching = std::mem::take(&mut self.watches[lit.index()]);
            self.work += watching.len();
            for (at, &number) in watching.iter().enumerate() {
                if !self.visit(number, lit) {
                    self.watches[lit.index()].extend_from_slice(&watching[at + 1..]);
                    return Some(number);
                }
            }
        }
        None
    }

    /// Visits the clauses that watch a literal; returns whether there is no conflict.
    fn visit(&mut self, number: usize, lit: Lit) -> bool {
        let values = &self.values;
        let value = |lit: Lit| values[lit.var()].map(|value| value != lit.is_negated());
        let clause = &mut self.clauses[number];
        if clause[0] == !lit {
            clause.swap(0, 1);
        }
        let other = clause[0];
        if value(other) != Some(true) {
            let free = (2..clause.len()).find(|&at| value(clause[at]) != Some(false));
            if let Some(at) = free {
                clause.swap(1, at);
                let watched = !clause[1];
                self.watches[watched.index()].push(number);
                return true;
            }
        }
        self.watches[lit.index()].push(number);
        let known = value(other);
        if known.is_none() {
            self.assign(other, Some(number));
        }
        known != Some(false)
    }

    /// Adds the clause learned from a conflict and backtracks to the level where it is unit.
    fn learn(&mut self, conflict: usize) {
        let mut lits = self.explain(conflict);
        let level_of = |lit: &Lit| self.levels[lit.var()];
        let second = (1..lits.len()).max_by_key(|&at| level_of(&lits[at]));
        let level = second.map_or(0, |at| level_of(&lits[at]));
        if let Some(at) = second {
            lits.swap(1, at);
        }
        self.backtrack(level);
        let first = lits[0];
        let reason = (lits.len() > 1).then(|| self.attach(lits));
        self.assign(first, reason);
    }

    /// The clause of the first unique implication point; its literal of this level comes first.
    fn explain(&mut self, conflict: usize) -> Vec<Lit> {
        let level = self.limits.len();
        let mut seen = vec![false; self.values.len()];
        let mut lits = Vec::new();
        let (mut clause, mut open, mut at) = (conflict, 0, self.trail.len());
        loop {
            for &lit in &self.clauses[clause] {
                let var = lit.var();
                if seen[var] || self.levels[var] == 0 {
                    continue;
                }
                seen[var] = true;
                self.activity[var] += 1;
                if self.levels[var] == level {
                    open += 1;
                } else {
                    lits.push(lit);
                }
            }
            let pivot = loop {
                at -= 1;
                if seen[self.trail[at].var()] {
                    break self.trail[at];
                }
            };
            open -= 1;
            match self.reasons[pivot.var()] {
                Some(reason) if open > 0 => clause = reason,
                _ => {
                    lits.insert(0, !pivot);
                    return lits;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_ends_when_its_steps_are_spent() {
        let mut solver = Solver::default();
        let lits: Vec<Lit> = (0..1000).map(|_| solver.new_var()).collect();
        lits.windows(2).for_each(|pair| solver.add(pair));
        assert_eq!(solver.solve(u64::MAX, 1000), Outcome::Unknown);
        assert!(solver.take_work() < 3000);
        assert_eq!(solver.solve(u64::MAX, 1_000_000), Outcome::Satisfiable);
    }

    /// Compares random 3-SAT formulas with a search of every assignment.
    #[test]
    fn agrees_with_exhaustive_search() {
        let mut seed = 88_172_645_463_325_252_u64;
        let mut below = |limit: u64| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            (seed >> 8) % limit
        };
        let (mut yes, mut no) = (0, 0);
        for _ in 0..2000 {
            let (vars, count) = (4 + below(5), 6 + below(20));
            let mut solver = Solver::default();
            for _ in 0..vars {
                solver.new_var();
            }
            let mut clauses: Vec<Vec<Lit>> = Vec::new();
            let mut outcome = Outcome::Satisfiable;
            for _ in 0..count {
                let lits = (0..=below(3)).map(|_| {
                    let lit = Lit::of(usize::try_from(below(vars)).unwrap());
                    if below(2) == 0 { lit } else { !lit }
                });
                clauses.push(lits.collect());
                solver.add(clauses.last().unwrap());
                if below(3) == 0 {
                    outcome = solver.solve(u64::MAX, usize::MAX);
                }
            }
            outcome = if below(2) == 0 { solver.solve(u64::MAX, usize::MAX) } else { outcome };
            if outcome == Outcome::Satisfiable {
                outcome = solver.solve(u64::MAX, usize::MAX);
            }
            let holds = |bits: u32, lit: &Lit| (bits >> lit.var() & 1 == 1) != lit.is_negated();
            let fits =
                |bits: u32| clauses.iter().all(|clause| clause.iter().any(|lit| holds(bits, lit)));
            let expected = (0..1 << vars).any(fits);
            assert_eq!(outcome == Outcome::Satisfiable, expected);
            if expected {
                yes += 1;
                assert!(clauses.iter().all(|c| c.iter().any(|lit| solver.holds(*lit))));
            } else {
                no += 1;
            }
        }
        assert!(yes > 200 && no > 200, "{yes} {no}");
    }
}
