//! Limits on the size and depth of a pattern.
//!
//! Sizes and depths are computed when Go computes them: late and per node, and a reused node keeps
//! its old size until it is computed again. The exact limit depends on that.

use super::fault::Reason;
use super::tree::{Id, Op, Tree};

/// Instructions of a compiled pattern.
const MAX_SIZE: u64 = (128 << 20) / 40;
/// Code points in literals and classes; a range counts as two.
const MAX_SPELLED: usize = (128 << 20) / 4;
pub const MAX_HEIGHT: u32 = 1000;
/// Repetitions, also of nested repetitions.
pub const MAX_ROUNDS: u32 = 1000;

/// Cached sizes of nodes; 0 means unknown.
type Memory = Vec<u64>;

#[derive(Debug, Default)]
pub struct Limits {
    spelled: usize,
    /// The product of all repetitions so far; 0 before the first check.
    rounds: u64,
    sizes: Option<Memory>,
    heights: Option<Memory>,
}

impl Limits {
    pub fn spell(&mut self, chars: usize) {
        self.spelled += chars;
    }

    pub fn forget(&mut self, id: Id) {
        if let Some(height) = self.heights.as_mut().and_then(|known| known.get_mut(id.index())) {
            *height = 0;
        }
    }

    /// Checks a node that was just created or changed; `stack` contains all others in use.
    pub fn check(&mut self, tree: &Tree, stack: &[Id], id: Id) -> Result<(), Reason> {
        if self.spelled > MAX_SPELLED {
            return Err(Reason::Size);
        }
        if (self.sizes.is_some() || !self.is_surely_small(tree, id))
            && !stay_below(MAX_SIZE, &mut self.sizes, stack, id, |memory, id| {
                count_size(tree, memory, id)
            })
        {
            return Err(Reason::Size);
        }
        if tree.made() >= MAX_HEIGHT as usize
            && !stay_below(MAX_HEIGHT.into(), &mut self.heights, stack, id, |memory, id| {
                count_height(tree, memory, id)
            })
        {
            return Err(Reason::Depth);
        }
        Ok(())
    }

    /// Go's cheap estimate, which misses long literals.
    fn is_surely_small(&mut self, tree: &Tree, id: Id) -> bool {
        self.rounds = self.rounds.max(1);
        if let Op::Repeat { min, max, .. } = tree[id].op {
            let rounds = u64::from(max.unwrap_or(min).max(1));
            let fits = rounds <= MAX_SIZE / self.rounds;
            self.rounds = if fits { self.rounds * rounds } else { MAX_SIZE };
        }
        (tree.made() as u64) < MAX_SIZE / self.rounds
    }
}

/// Measures a node and, the first time, all others; returns whether all are within the limit.
fn stay_below(
    limit: u64,
    known: &mut Option<Memory>,
    stack: &[Id],
    id: Id,
    count: impl Fn(&mut Memory, Id) -> u64,
) -> bool {
    let others = if known.is_none() { stack } else { &[] };
    let memory = known.get_or_insert_default();
    others.iter().chain([&id]).all(|&id| count(memory, id) <= limit)
}

fn count_size(tree: &Tree, sizes: &mut Memory, id: Id) -> u64 {
    let subs = tree.subs(id);
    let sub: u64 = subs
        .iter()
        .map(|&sub| recall(sizes, sub).unwrap_or_else(|| count_size(tree, sizes, sub)))
        .sum();
    let size = match &tree[id].op {
        Op::Literal(chars) => chars.len() as u64,
        Op::Capture(_) | Op::Star(_) | Op::Repeat { min: 0, max: None, .. } => 2 + sub,
        Op::Plus(_) | Op::Optional(_) => 1 + sub,
        Op::Repeat { min, max: None, .. } => u64::from(*min).saturating_mul(sub).saturating_add(1),
        Op::Repeat { min, max: Some(max), .. } => {
            u64::from(*max).saturating_mul(sub).saturating_add(u64::from(max.saturating_sub(*min)))
        }
        Op::Alternate(subs) => sub + (subs.len() as u64).saturating_sub(1),
        _ => sub,
    };
    remember(sizes, id, size.max(1))
}

fn count_height(tree: &Tree, heights: &mut Memory, id: Id) -> u64 {
    let mut height = 1;
    for &sub in tree.subs(id) {
        let below = recall(heights, sub).unwrap_or_else(|| count_height(tree, heights, sub));
        height = height.max(1 + below);
    }
    remember(heights, id, height)
}

fn recall(memory: &Memory, id: Id) -> Option<u64> {
    memory.get(id.index()).copied().filter(|&value| value > 0)
}

fn remember(memory: &mut Memory, id: Id, value: u64) -> u64 {
    if memory.len() <= id.index() {
        memory.resize(id.index() + 1, 0);
    }
    if let Some(slot) = memory.get_mut(id.index()) {
        *slot = value;
    }
    value
}

/// Whether its nested repetitions amount to at most `rounds`.
pub fn are_rounds_few(tree: &Tree, id: Id, rounds: u32) -> bool {
    let mut left = rounds;
    if let Op::Repeat { min, max, .. } = tree[id].op {
        match max.unwrap_or(min) {
            0 if max.is_some() => return true,
            0 => {}
            here if here > rounds => return false,
            here => left = rounds / here,
        }
    }
    tree.subs(id).iter().all(|&sub| are_rounds_few(tree, sub, left))
}
