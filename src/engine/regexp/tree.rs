//! The syntax tree of a pattern.
//!
//! Nodes live in one arena and are reused once released, as in Go: the number of nodes ever created
//! and the cached sizes decide when a pattern becomes too large.

use super::class::{Class, MAX_CHAR};
use std::ops::{Index, IndexMut};

/// A node of one [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Id(u32);

impl Id {
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The flags of `(?imsU)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are four independent switches")]
pub struct Flags {
    pub fold: bool,
    pub multi_line: bool,
    pub dot_newline: bool,
    pub lazy: bool,
}

/// A zero-width assertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    TextStart,
    TextEnd,
    LineStart,
    LineEnd,
    WordBoundary,
    NotWordBoundary,
}

#[derive(Clone, Debug)]
pub enum Op {
    Empty,
    /// Code points including surrogates; the lowest of its case folds if the flag is set.
    Literal(Vec<u32>),
    Class(Class),
    NotNewline,
    Any,
    Look(Look),
    Capture(Id),
    Star(Id),
    Plus(Id),
    Optional(Id),
    Repeat {
        sub: Id,
        min: u32,
        max: Option<u32>,
    },
    Concat(Vec<Id>),
    Alternate(Vec<Id>),
    /// An open parenthesis and its position; only during parsing.
    Open {
        at: usize,
        captures: bool,
    },
    /// Separates a branch of an alternation; only during parsing.
    Bar,
}

#[derive(Clone, Debug)]
pub struct Node {
    pub op: Op,
    pub flags: Flags,
}

#[derive(Clone, Debug, Default)]
pub struct Tree {
    nodes: Vec<Node>,
    released: Vec<Id>,
}

impl Index<Id> for Tree {
    type Output = Node;

    fn index(&self, id: Id) -> &Node {
        &self.nodes[id.index()]
    }
}

impl IndexMut<Id> for Tree {
    fn index_mut(&mut self, id: Id) -> &mut Node {
        &mut self.nodes[id.index()]
    }
}

impl Tree {
    pub fn add(&mut self, op: Op, flags: Flags) -> Id {
        let node = Node { op, flags };
        if let Some(id) = self.released.pop() {
            self[id] = node;
            return id;
        }
        self.nodes.push(node);
        Id(u32::try_from(self.nodes.len() - 1).unwrap_or(u32::MAX))
    }

    /// Releases a node; the caller must hold the only reference.
    pub fn release(&mut self, id: Id) {
        self[id].op = Op::Empty;
        self.released.push(id);
    }

    /// The number of nodes ever created; reused ones are not counted twice.
    pub fn made(&self) -> usize {
        self.nodes.len()
    }

    pub fn take(&mut self, id: Id) -> Op {
        std::mem::replace(&mut self[id].op, Op::Empty)
    }

    pub fn subs(&self, id: Id) -> &[Id] {
        match &self[id].op {
            Op::Capture(sub)
            | Op::Star(sub)
            | Op::Plus(sub)
            | Op::Optional(sub)
            | Op::Repeat { sub, .. } => std::slice::from_ref(sub),
            Op::Concat(subs) | Op::Alternate(subs) => subs,
            _ => &[],
        }
    }

    /// Code points in the node itself; a range counts as two.
    pub fn spelled(&self, id: Id) -> usize {
        match &self[id].op {
            Op::Literal(chars) => chars.len(),
            Op::Class(class) => 2 * class.ranges().len(),
            _ => 0,
        }
    }

    /// Whether it matches exactly one character.
    pub fn is_one_char(&self, id: Id) -> bool {
        match &self[id].op {
            Op::Literal(chars) => chars.len() == 1,
            Op::Class(_) | Op::NotNewline | Op::Any => true,
            _ => false,
        }
    }

    /// Whether it is an open parenthesis or bar.
    pub fn is_pending(&self, id: Id) -> bool {
        matches!(self[id].op, Op::Open { .. } | Op::Bar)
    }

    /// The character of a class with only one, and whether it ignores case.
    pub fn lone_char(&self, id: Id) -> Option<(u32, bool)> {
        match &self[id].op {
            Op::Class(class) => class.lone_char(),
            _ => None,
        }
    }

    /// Sorts a class and turns one that contains everything into `.`.
    pub fn tidy(&mut self, id: Id) {
        let Op::Class(class) = &mut self[id].op else {
            return;
        };
        class.clean();
        match class.ranges() {
            [(0, MAX_CHAR)] => self[id].op = Op::Any,
            [(0, 9), (11, MAX_CHAR)] => self[id].op = Op::NotNewline,
            _ => {}
        }
    }

    /// The complexity of a node of one character; the simpler one is merged into the other.
    pub fn rank(&self, id: Id) -> u8 {
        match &self[id].op {
            Op::Literal(_) => 0,
            Op::Class(_) => 1,
            Op::NotNewline => 2,
            _ => 3,
        }
    }

    /// Adds the characters of `other` to `into`; both match one character, and `into` ranks no
    /// lower.
    pub fn merge(&mut self, into: Id, other: Id) {
        let merged = match (self.take(into), &self[other].op) {
            (Op::NotNewline, source) if holds_newline(source) => Op::Any,
            (Op::Class(mut class), Op::Class(more)) => {
                class.append_class(more);
                Op::Class(class)
            }
            (Op::Class(mut class), Op::Literal(more)) => {
                class.append_chars(more, self[other].flags.fold);
                Op::Class(class)
            }
            (Op::Literal(chars), Op::Literal(more)) => {
                let (flags, more_flags) = (self[into].flags, self[other].flags);
                if chars == *more && flags == more_flags {
                    Op::Literal(chars)
                } else {
                    let mut class = Class::default();
                    class.append_chars(&chars, flags.fold);
                    class.append_chars(more, more_flags.fold);
                    Op::Class(class)
                }
            }
            (op, _) => op,
        };
        self[into].op = merged;
    }

    /// Whether both are the same character or class, or the same repetition of one.
    pub fn are_equal(&self, a: Id, b: Id) -> bool {
        let (a, b) = (&self[a], &self[b]);
        match (&a.op, &b.op) {
            (Op::Literal(x), Op::Literal(y)) => a.flags.fold == b.flags.fold && x == y,
            (Op::Class(x), Op::Class(y)) => a.flags.fold == b.flags.fold && x == y,
            (Op::NotNewline, Op::NotNewline) | (Op::Any, Op::Any) => true,
            (
                Op::Repeat { sub: x, min, max },
                Op::Repeat { sub: y, min: other_min, max: other_max },
            ) => {
                let alike = (min, max, a.flags.lazy) == (other_min, other_max, b.flags.lazy);
                alike && self.are_equal(*x, *y)
            }
            _ => false,
        }
    }
}

fn holds_newline(op: &Op) -> bool {
    match op {
        Op::Literal(chars) => chars.as_slice() == [u32::from('\n')],
        Op::Class(class) => class.contains(u32::from('\n')),
        Op::Any => true,
        _ => false,
    }
}
