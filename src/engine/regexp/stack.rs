//! The parsed parts of a pattern that are not yet joined.
//!
//! `parser` decides what to push and when to join.

use super::fault::Reason;
use super::fold::simple_fold;
use super::limits::Limits;
use super::tree::{Flags, Id, Op, Tree};

pub type Joined<T> = Result<T, Reason>;

#[derive(Debug, Default)]
pub struct Stack {
    pub tree: Tree,
    items: Vec<Id>,
    limits: Limits,
}

impl Stack {
    pub fn push_new(&mut self, op: Op, flags: Flags) -> Joined<()> {
        let id = self.tree.add(op, flags);
        self.push(id, flags)
    }

    pub fn push_char(&mut self, c: u32, flags: Flags) -> Joined<()> {
        let c = if flags.fold { least_case(c) } else { c };
        self.push_new(Op::Literal(vec![c]), flags)
    }

    /// Pushes a node; a class of one character becomes a literal.
    pub fn push(&mut self, id: Id, flags: Flags) -> Joined<()> {
        self.limits.spell(self.tree.spelled(id));
        let lone = self.tree.lone_char(id).map(|(c, fold)| (c, Flags { fold, ..flags }));
        let refill = self.join_literals();
        if let Some((c, flags)) = lone {
            if let Some(free) = refill {
                // The node of the joined character is reused for the new one, unchecked.
                self.set_literal(free, c, flags);
                self.items.push(free);
                return Ok(());
            }
            self.set_literal(id, c, flags);
        } else if let Some(free) = refill {
            self.release(free);
        }
        self.items.push(id);
        self.check(id)
    }

    fn set_literal(&mut self, id: Id, c: u32, flags: Flags) {
        self.tree[id].op = Op::Literal(vec![c]);
        self.tree[id].flags = flags;
    }

    /// Joins the top with the literal below it once no repetition can follow; returns the unused
    /// node.
    fn join_literals(&mut self) -> Option<Id> {
        let &[.., below, top] = self.items.as_slice() else {
            return None;
        };
        let same_case = self.tree[below].flags.fold == self.tree[top].flags.fold;
        let are_literals = [below, top].map(|id| matches!(self.tree[id].op, Op::Literal(_)));
        if !same_case || are_literals != [true, true] {
            return None;
        }
        let op = self.tree.take(top);
        if let (Op::Literal(chars), Op::Literal(more)) = (&mut self.tree[below].op, op) {
            chars.extend(more);
        }
        self.items.pop()
    }

    pub(super) fn check(&mut self, id: Id) -> Joined<()> {
        self.limits.check(&self.tree, &self.items, id)
    }

    pub fn release(&mut self, id: Id) {
        self.limits.forget(id);
        self.tree.release(id);
    }

    /// The part that a repetition would now repeat.
    pub fn repeatable(&self) -> Option<Id> {
        self.items.last().copied().filter(|&id| !self.tree.is_pending(id))
    }

    pub fn replace_top(&mut self, op: Op, flags: Flags) -> Joined<Id> {
        let id = self.tree.add(op, flags);
        self.items.pop();
        self.items.push(id);
        self.check(id).map(|()| id)
    }

    /// Ends a branch with a bar.
    pub fn split(&mut self, flags: Flags) -> Joined<()> {
        self.join_branch(flags)?;
        if self.swap_bar() { Ok(()) } else { self.push_new(Op::Bar, flags) }
    }

    /// Ends the last branch and joins all branches since the last parenthesis.
    pub fn close_branches(&mut self, flags: Flags) -> Joined<()> {
        self.join_branch(flags)?;
        if self.swap_bar() {
            self.items.pop();
        }
        let branches = self.pop_parts();
        if let Some(&last) = branches.last() {
            self.tree.tidy(last);
        }
        let id = self.alternate(branches)?;
        self.push(id, flags)
    }

    /// Joins everything above the last bar or parenthesis into one part.
    fn join_branch(&mut self, flags: Flags) -> Joined<()> {
        if let Some(free) = self.join_literals() {
            self.release(free);
        }
        let parts = self.pop_parts();
        let id = if parts.is_empty() {
            self.tree.add(Op::Empty, Flags::default())
        } else {
            self.concat(parts)
        };
        self.push(id, flags)
    }

    fn pop_parts(&mut self) -> Vec<Id> {
        let pending = self.items.iter().rposition(|&id| self.tree.is_pending(id));
        self.items.split_off(pending.map_or(0, |at| at + 1))
    }

    fn concat(&mut self, parts: Vec<Id>) -> Id {
        if let &[part] = parts.as_slice() {
            return part;
        }
        let id = self.tree.add(Op::Concat(Vec::new()), Flags::default());
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            if matches!(self.tree[part].op, Op::Concat(_)) {
                flat.extend_from_slice(self.tree.subs(part));
                self.release(part);
            } else {
                flat.push(part);
            }
        }
        self.tree[id].op = Op::Concat(flat);
        id
    }

    /// Moves the top below the bar under it and merges single characters into a class; returns
    /// whether there is a bar.
    fn swap_bar(&mut self) -> bool {
        let &[ref below @ .., bar, top] = self.items.as_slice() else {
            return false;
        };
        if !matches!(self.tree[bar].op, Op::Bar) {
            return false;
        }
        let branch = below.last().copied();
        match branch {
            Some(branch) if self.tree.is_one_char(top) && self.tree.is_one_char(branch) => {
                self.items.pop();
                self.melt_branch(branch, top);
            }
            _ => {
                if let Some(branch) = branch {
                    self.tree.tidy(branch);
                }
                let count = self.items.len();
                self.items.swap(count - 2, count - 1);
            }
        }
        true
    }

    /// Merges the two; the result goes below the bar, which becomes the top.
    fn melt_branch(&mut self, branch: Id, top: Id) {
        let top_ranks_higher = self.tree.rank(branch) < self.tree.rank(top);
        let (into, other) = if top_ranks_higher { (top, branch) } else { (branch, top) };
        self.tree.merge(into, other);
        self.release(other);
        if let [.., slot, _bar] = self.items.as_mut_slice() {
            *slot = into;
        }
    }

    /// The flags before the parenthesis that the top would close.
    pub fn open_flags(&self) -> Option<Flags> {
        let &[.., open, _] = self.items.as_slice() else {
            return None;
        };
        let node = &self.tree[open];
        matches!(node.op, Op::Open { .. }).then_some(node.flags)
    }

    /// Joins the top with the parenthesis below it.
    pub fn close_group(&mut self, flags: Flags) -> Joined<()> {
        let (Some(inner), Some(open)) = (self.items.pop(), self.items.pop()) else {
            return Ok(());
        };
        if matches!(self.tree[open].op, Op::Open { captures: true, .. }) {
            self.tree[open].op = Op::Capture(inner);
            return self.push(open, flags);
        }
        self.push(inner, flags)
    }

    /// The root, and the position of an unclosed parenthesis.
    pub fn finish(&mut self) -> (Id, Option<usize>) {
        let open = match self.items.as_slice() {
            &[.., open, _] => match self.tree[open].op {
                Op::Open { at, .. } => Some(at),
                _ => None,
            },
            _ => None,
        };
        let root = self.items.pop();
        (root.unwrap_or_else(|| self.tree.add(Op::Empty, Flags::default())), open)
    }
}

fn least_case(c: u32) -> u32 {
    let others = std::iter::successors(Some(simple_fold(c)), |&other| Some(simple_fold(other)));
    others.take_while(|&other| other != c).fold(c, u32::min)
}
