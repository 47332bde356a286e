//! Factors common prefixes out of alternations.
//!
//! `abc|abd|xy|xz` becomes `ab[cd]|x[yz]`. This does not change what matches, but the limits on
//! size and depth apply to the result.

use super::fault::Reason;
use super::limits::MAX_HEIGHT;
use super::stack::{Joined, Stack};
use super::tree::{Flags, Id, Op};

impl Stack {
    pub(super) fn alternate(&mut self, branches: Vec<Id>) -> Joined<Id> {
        self.alternate_at(branches, 0)
    }

    /// `above` is the minimum number of nodes above it; stopping early keeps the stack small.
    fn alternate_at(&mut self, branches: Vec<Id>, above: u32) -> Joined<Id> {
        if let &[branch] = branches.as_slice() {
            return Ok(branch);
        }
        if above > MAX_HEIGHT {
            return Err(Reason::Depth);
        }
        let id = self.tree.add(Op::Alternate(Vec::new()), Flags::default());
        let flat = self.flatten(branches);
        let flat = self.factor_strings(&flat, above)?;
        let flat = self.factor_classes(&flat, above)?;
        let flat = self.melt_chars(flat);
        let flat = self.drop_empty(flat);
        if let &[branch] = flat.as_slice() {
            self.release(id);
            return Ok(branch);
        }
        self.tree[id].op = Op::Alternate(flat);
        Ok(id)
    }

    fn flatten(&mut self, branches: Vec<Id>) -> Vec<Id> {
        let mut flat = Vec::with_capacity(branches.len());
        for branch in branches {
            if matches!(self.tree[branch].op, Op::Alternate(_)) {
                flat.extend_from_slice(self.tree.subs(branch));
                self.release(branch);
            } else {
                flat.push(branch);
            }
        }
        flat
    }

    /// Factors out common literal prefixes of neighbours.
    fn factor_strings(&mut self, branches: &[Id], above: u32) -> Joined<Vec<Id>> {
        let mut out = Vec::with_capacity(branches.len());
        let mut start = 0;
        let mut common: (Vec<u32>, bool) = (Vec::new(), false);
        for i in 0..=branches.len() {
            let own = branches.get(i).map(|&branch| self.leading_string(branch));
            let own = own.unwrap_or_default();
            if i < branches.len() && own.1 == common.1 {
                let same = own.0.iter().zip(&common.0).take_while(|(a, b)| a == b).count();
                if same > 0 {
                    common.0.truncate(same);
                    continue;
                }
            }
            let prefix = std::mem::replace(&mut common, own);
            match branches.get(start..i) {
                Some(run) if run.len() > 1 => {
                    let above = above + nodes_above(run, branches);
                    out.push(self.factor_string(run, prefix, above)?);
                }
                run => out.extend_from_slice(run.unwrap_or(&[])),
            }
            start = i;
        }
        Ok(out)
    }

    fn factor_string(
        &mut self,
        run: &[Id],
        (chars, fold): (Vec<u32>, bool),
        above: u32,
    ) -> Joined<Id> {
        let count = chars.len();
        let flags = Flags { fold, ..Flags::default() };
        let prefix = self.tree.add(Op::Literal(chars), flags);
        let mut rests = Vec::with_capacity(run.len());
        for &branch in run {
            let rest = self.without_string(branch, count);
            self.check(rest)?;
            rests.push(rest);
        }
        self.prefixed(prefix, rests, above)
    }

    fn prefixed(&mut self, prefix: Id, rests: Vec<Id>, above: u32) -> Joined<Id> {
        let suffix = self.alternate_at(rests, above)?;
        Ok(self.tree.add(Op::Concat(vec![prefix, suffix]), Flags::default()))
    }

    fn leading_string(&self, branch: Id) -> (Vec<u32>, bool) {
        let first = match &self.tree[branch].op {
            Op::Concat(parts) => parts.first().copied().unwrap_or(branch),
            _ => branch,
        };
        match &self.tree[first] {
            node if let Op::Literal(chars) = &node.op => (chars.clone(), node.flags.fold),
            _ => (Vec::new(), false),
        }
    }

    /// The branch without its first characters, which are in one literal.
    fn without_string(&mut self, branch: Id, count: usize) -> Id {
        match self.tree.take(branch) {
            Op::Literal(mut chars) => {
                chars.drain(..count.min(chars.len()));
                if !chars.is_empty() {
                    self.tree[branch].op = Op::Literal(chars);
                }
                branch
            }
            Op::Concat(mut parts) => {
                if let Some(&first) = parts.first() {
                    self.without_string(first, count);
                    if matches!(self.tree[first].op, Op::Empty) {
                        self.release(first);
                        parts.remove(0);
                    }
                }
                self.unwrapped(branch, parts)
            }
            op => {
                self.tree[branch].op = op;
                branch
            }
        }
    }

    /// The concatenation of these parts in the given node, or a single part itself.
    fn unwrapped(&mut self, concat: Id, parts: Vec<Id>) -> Id {
        if let &[part] = parts.as_slice() {
            self.release(concat);
            return part;
        }
        self.tree[concat].op = Op::Concat(parts);
        concat
    }

    /// Factors out common classes, and classes repeated a fixed number of times.
    fn factor_classes(&mut self, branches: &[Id], above: u32) -> Joined<Vec<Id>> {
        let mut out = Vec::with_capacity(branches.len());
        let mut start = 0;
        let mut common: Option<Id> = None;
        for i in 0..=branches.len() {
            let own = branches.get(i).and_then(|&branch| self.leading_part(branch));
            if let (Some(common), Some(own)) = (common, own)
                && self.is_plain(common)
                && self.tree.are_equal(common, own)
            {
                continue;
            }
            match (common, branches.get(start..i)) {
                (Some(prefix), Some(run)) if run.len() > 1 => {
                    let above = above + nodes_above(run, branches);
                    out.push(self.factor_class(run, prefix, above)?);
                }
                (_, run) => out.extend_from_slice(run.unwrap_or(&[])),
            }
            start = i;
            common = own;
        }
        Ok(out)
    }

    fn factor_class(&mut self, run: &[Id], prefix: Id, above: u32) -> Joined<Id> {
        let mut rests = Vec::with_capacity(run.len());
        for (i, &branch) in run.iter().enumerate() {
            // The first one is the prefix.
            let rest = self.without_part(branch, i > 0);
            self.check(rest)?;
            rests.push(rest);
        }
        self.prefixed(prefix, rests, above)
    }

    fn leading_part(&self, branch: Id) -> Option<Id> {
        let part = match &self.tree[branch].op {
            Op::Concat(parts) => parts.first().copied().unwrap_or(branch),
            _ => branch,
        };
        (!matches!(self.tree[part].op, Op::Empty)).then_some(part)
    }

    fn is_plain(&self, part: Id) -> bool {
        match self.tree[part].op {
            Op::Repeat { sub, min, max } => max == Some(min) && self.tree.is_one_char(sub),
            _ => self.tree.is_one_char(part),
        }
    }

    fn without_part(&mut self, branch: Id, release: bool) -> Id {
        if let Op::Concat(parts) = &mut self.tree[branch].op {
            let mut parts = std::mem::take(parts);
            let first = parts.remove(0);
            if release {
                self.release(first);
            }
            return self.unwrapped(branch, parts);
        }
        if release {
            self.release(branch);
        }
        self.tree.add(Op::Empty, Flags::default())
    }

    /// Merges neighbours that match one character each into a class.
    fn melt_chars(&mut self, branches: Vec<Id>) -> Vec<Id> {
        let mut out = Vec::with_capacity(branches.len());
        let mut run = Vec::new();
        for branch in branches {
            if self.tree.is_one_char(branch) {
                run.push(branch);
            } else {
                out.extend(self.melt_run(&mut run));
                out.push(branch);
            }
        }
        out.extend(self.melt_run(&mut run));
        out
    }

    /// Merges all into the first of the most complex ones.
    fn melt_run(&mut self, run: &mut Vec<Id>) -> Option<Id> {
        let mut most = 0;
        let weight = |id: Id| (self.tree.rank(id), self.tree.spelled(id));
        for i in 1..run.len() {
            if weight(run[most]) < weight(run[i]) {
                most = i;
            }
        }
        if run.len() > 1 {
            run.swap(0, most);
        }
        let mut members = run.drain(..);
        let into = members.next()?;
        let mut is_merged = false;
        for other in members {
            self.tree.merge(into, other);
            self.release(other);
            is_merged = true;
        }
        if is_merged {
            self.tree.tidy(into);
        }
        Some(into)
    }

    /// Removes duplicates of empty neighbours.
    fn drop_empty(&self, mut branches: Vec<Id>) -> Vec<Id> {
        let is_empty = |id: Id| matches!(self.tree[id].op, Op::Empty);
        branches.dedup_by(|next, kept| is_empty(*next) && is_empty(*kept));
        branches
    }
}

/// The nodes above a run of branches once its prefix is factored out: a concatenation, and an
/// alternation if there are other branches.
fn nodes_above(run: &[Id], branches: &[Id]) -> u32 {
    if run.len() < branches.len() { 2 } else { 1 }
}
