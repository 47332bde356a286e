//! Bracketed classes.

use super::class::Class;
use super::fault::{PatternFault, Reason};
use super::named::posix_class;
use super::parser::{Parsed, Parser};
use super::tree::Op;

/// Ranges that a class collects before they are merged for the first time.
const ROOM: usize = 1 << 16;

impl Parser<'_> {
    pub fn read_class(&mut self) -> Parsed<()> {
        let flags = self.flags;
        let id = self.stack.tree.add(Op::Class(Class::default()), flags);
        let class = self.read_brackets().map_err(PatternFault::within_class)?;
        self.stack.tree[id].op = Op::Class(class);
        self.push_made(id)
    }

    fn read_brackets(&mut self) -> Parsed<Class> {
        let start = self.at;
        self.next();
        let is_negated = self.eat("^");
        let mut class = Class::default();
        let mut room = ROOM;
        let mut is_first = true;
        while is_first || !self.rest().starts_with(']') {
            is_first = false;
            self.read_member(&mut class, start)?;
            if class.ranges().len() > room {
                class.clean();
                room = ROOM + 2 * class.ranges().len();
            }
        }
        self.next();
        class.clean();
        Ok(if is_negated { class.negated() } else { class })
    }

    /// One item of a class, which opens at `start`.
    fn read_member(&mut self, class: &mut Class, start: usize) -> Parsed<()> {
        if let Some(named) = self.read_named_class()? {
            class.append_class(&named);
            return Ok(());
        }
        if let Some(escaped) = self.read_escaped_class()? {
            class.append_class(&escaped);
            return Ok(());
        }
        self.read_range(class, start)
    }

    /// `[:name:]`; `None` if it does not end with `:]`.
    fn read_named_class(&mut self) -> Parsed<Option<Class>> {
        let start = self.at;
        if self.is_without_named_end || !self.eat("[:") {
            return Ok(None);
        }
        let Some((name, _)) = self.rest().split_once(":]") else {
            self.is_without_named_end = true;
            self.at = start;
            return Ok(None);
        };
        self.at += name.len() + 2;
        match posix_class(name) {
            Some((class, is_negated)) => Ok(Some(self.cased(class, is_negated))),
            None => self.fault(Reason::ClassName, start),
        }
    }

    /// A character, or a range.
    fn read_range(&mut self, class: &mut Class, class_start: usize) -> Parsed<()> {
        let start = self.at;
        let low = self.read_class_char(class_start)?;
        let mut high = low;
        let rest = self.rest();
        if rest.len() >= 2 && rest.starts_with('-') && !rest.starts_with("-]") {
            self.next();
            high = self.read_class_char(class_start)?;
        }
        if high < low {
            return self.fault(Reason::RangeOrder, start);
        }
        if self.flags.fold {
            class.append_folded(low, high);
        } else {
            class.append(low, high);
        }
        Ok(())
    }

    fn read_class_char(&mut self, class_start: usize) -> Parsed<u32> {
        match self.peek() {
            None => Err(PatternFault::new(Reason::OpenClass, class_start..class_start + 1)),
            Some('\\') => self.read_escaped_char(),
            Some(c) => {
                self.next();
                Ok(c.into())
            }
        }
    }
}
