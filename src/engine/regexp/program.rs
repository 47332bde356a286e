//! A pattern compiled to instructions, with repetitions expanded.

use super::class::Class;
use super::fold::simple_fold;
use super::tree::{Flags, Id, Look, Op, Tree};
use std::collections::{BTreeSet, HashMap};

/// More than Go allows, except for patterns that its own estimate misses.
const MAX_STEPS: usize = 1 << 22;

/// The index of an instruction.
pub type At = u32;

#[derive(Clone, Copy, Debug)]
pub enum Step {
    Match,
    Fork(At, At),
    Look(Look, At),
    Char(u32, At),
    /// An index into the program's sets.
    OneOf(u32, At),
    NotNewline(At),
    Any(At),
}

#[derive(Clone, Debug, Default)]
pub struct Program {
    pub steps: Vec<Step>,
    pub sets: Vec<Set>,
    pub start: At,
}

/// A class, prepared for lookups.
#[derive(Clone, Debug)]
pub struct Set {
    ascii: u128,
    class: Class,
}

impl Set {
    fn new(class: &Class) -> Self {
        let mut class = class.clone();
        class.clean();
        let low = class.ranges().iter().take_while(|&&(low, _)| low < 128);
        let chars = low.flat_map(|&(low, high)| low..=high.min(127));
        let ascii = chars.fold(0, |bits, c| bits | 1 << c);
        Self { ascii, class }
    }

    /// Adds the code points at which the result may change.
    pub fn add_cuts(&self, cuts: &mut BTreeSet<u32>) {
        cuts.extend(self.class.ranges().iter().flat_map(|(low, high)| [*low, high + 1]));
    }

    pub fn contains(&self, c: char) -> bool {
        let c = u32::from(c);
        if c < 128 {
            return self.ascii >> c & 1 == 1;
        }
        let ranges = self.class.ranges();
        let after = ranges.partition_point(|&(low, _)| low <= c);
        after.checked_sub(1).is_some_and(|at| ranges[at].1 >= c)
    }
}

struct TooLong;

struct Writer<'t> {
    tree: &'t Tree,
    program: Program,
    /// By the identity of their classes.
    class_sets: HashMap<usize, u32>,
    case_sets: HashMap<u32, u32>,
}

impl Program {
    /// `None` if it would need more than a few hundred megabytes.
    pub fn new(tree: &Tree, root: Id) -> Option<Self> {
        let mut writer = Writer {
            tree,
            program: Self::default(),
            class_sets: HashMap::new(),
            case_sets: HashMap::new(),
        };
        let end = writer.add(Step::Match).ok()?;
        writer.program.start = writer.write(root, end).ok()?;
        Some(writer.program)
    }
}

impl Writer<'_> {
    fn add(&mut self, step: Step) -> Result<At, TooLong> {
        let steps = &mut self.program.steps;
        if steps.len() >= MAX_STEPS {
            return Err(TooLong);
        }
        steps.push(step);
        At::try_from(steps.len() - 1).map_err(|_| TooLong)
    }

    /// Compiles a node that continues at `next`; returns where it starts.
    fn write(&mut self, id: Id, next: At) -> Result<At, TooLong> {
        let tree = self.tree;
        match &tree[id].op {
            // Only exists during parsing.
            Op::Empty | Op::Open { .. } | Op::Bar => Ok(next),
            Op::Literal(chars) => self.write_literal(chars, tree[id].flags, next),
            Op::Class(class) => self.write_class(class, next),
            Op::NotNewline => self.add(Step::NotNewline(next)),
            Op::Any => self.add(Step::Any(next)),
            Op::Look(look) => self.add(Step::Look(*look, next)),
            Op::Capture(sub) => self.write(*sub, next),
            Op::Star(sub) => self.write_loop(*sub, next).map(|(fork, _)| fork),
            Op::Plus(sub) => self.write_loop(*sub, next).map(|(_, body)| body),
            Op::Optional(sub) => {
                let body = self.write(*sub, next)?;
                self.add(Step::Fork(body, next))
            }
            Op::Repeat { sub, min, max } => self.write_rounds(*sub, *min, *max, next),
            Op::Concat(parts) => {
                parts.iter().rev().try_fold(next, |next, &part| self.write(part, next))
            }
            Op::Alternate(branches) => self.write_branches(branches, next),
        }
    }

    fn write_literal(&mut self, chars: &[u32], flags: Flags, next: At) -> Result<At, TooLong> {
        chars.iter().rev().try_fold(next, |next, &c| {
            let has_cases = flags.fold && simple_fold(c) != c;
            let step =
                if has_cases { Step::OneOf(self.cases(c), next) } else { Step::Char(c, next) };
            self.add(step)
        })
    }

    fn cases(&mut self, c: u32) -> u32 {
        let sets = &mut self.program.sets;
        *self.case_sets.entry(c).or_insert_with(|| add_set(sets, &Class::new(&[(c, c)]).folded()))
    }

    fn write_class(&mut self, class: &Class, next: At) -> Result<At, TooLong> {
        let sets = &mut self.program.sets;
        let set = *self.class_sets.entry(class.identity()).or_insert_with(|| add_set(sets, class));
        self.add(Step::OneOf(set, next))
    }

    /// The fork that enters or leaves the loop, and its body.
    fn write_loop(&mut self, sub: Id, next: At) -> Result<(At, At), TooLong> {
        let fork = self.add(Step::Fork(next, next))?;
        let body = self.write(sub, fork)?;
        if let Some(step) = self.program.steps.get_mut(fork as usize) {
            *step = Step::Fork(body, next);
        }
        Ok((fork, body))
    }

    /// `x{2,4}` is `xx(x(x)?)?`, `x{2,}` is `xx+`.
    fn write_rounds(
        &mut self,
        sub: Id,
        min: u32,
        max: Option<u32>,
        next: At,
    ) -> Result<At, TooLong> {
        let (mut start, required) = match (min, max) {
            (0, None) => (self.write_loop(sub, next)?.0, 0),
            (_, None) => (self.write_loop(sub, next)?.1, min - 1),
            _ => (next, min),
        };
        for _ in min..max.unwrap_or(min) {
            let body = self.write(sub, start)?;
            start = self.add(Step::Fork(body, next))?;
        }
        for _ in 0..required {
            start = self.write(sub, start)?;
        }
        Ok(start)
    }

    fn write_branches(&mut self, branches: &[Id], next: At) -> Result<At, TooLong> {
        let mut start = None;
        for &branch in branches.iter().rev() {
            let own = self.write(branch, next)?;
            start = Some(match start {
                Some(others) => self.add(Step::Fork(own, others))?,
                None => own,
            });
        }
        Ok(start.unwrap_or(next))
    }
}

fn add_set(sets: &mut Vec<Set>, class: &Class) -> u32 {
    sets.push(Set::new(class));
    u32::try_from(sets.len() - 1).unwrap_or(u32::MAX)
}
