//! Escapes: the syntax after a backslash, in and outside of classes.

use super::class::{Class, MAX_CHAR};
use super::fault::Reason;
use super::named::perl_class;
use super::parser::{Parsed, Parser};
use super::tree::{Look, Op};
use super::unicode::class_named;

impl<'p> Parser<'p> {
    /// An escape outside of classes.
    pub fn read_escape(&mut self) -> Parsed<()> {
        let start = self.at;
        let look = match self.rest().as_bytes().get(1) {
            Some(b'A') => Look::TextStart,
            Some(b'z') => Look::TextEnd,
            Some(b'b') => Look::WordBoundary,
            Some(b'B') => Look::NotWordBoundary,
            Some(b'C') => {
                self.at += 2;
                return self.fault(Reason::Escape, start);
            }
            Some(b'Q') => return self.read_quoted(),
            _ => return self.read_class_or_char(),
        };
        self.at += 2;
        self.push(Op::Look(look))
    }

    /// Everything up to `\E` or the end is literal.
    fn read_quoted(&mut self) -> Parsed<()> {
        self.at += 2;
        let rest = self.rest();
        let quoted = rest.split_once(r"\E").map_or(rest, |(quoted, _)| quoted);
        self.at += quoted.len();
        self.eat(r"\E");
        quoted.chars().try_for_each(|c| self.push_char(c.into()))
    }

    fn read_class_or_char(&mut self) -> Parsed<()> {
        let flags = self.flags;
        let id = self.stack.tree.add(Op::Class(Class::default()), flags);
        if let Some(class) = self.read_escaped_class()? {
            self.stack.tree[id].op = Op::Class(class);
            return self.push_made(id);
        }
        self.stack.release(id);
        let c = self.read_escaped_char()?;
        self.push_char(c)
    }

    /// `\p…`, `\d` and similar; `None` for other escapes and other characters.
    pub fn read_escaped_class(&mut self) -> Parsed<Option<Class>> {
        let mut chars = self.rest().chars();
        let (Some('\\'), Some(letter)) = (chars.next(), chars.next()) else {
            return Ok(None);
        };
        if matches!(letter, 'p' | 'P') {
            return self.read_unicode_class(letter == 'P');
        }
        let Some((class, is_negated)) = perl_class(letter) else {
            return Ok(None);
        };
        self.at += 2;
        Ok(Some(self.cased(class, is_negated)))
    }

    /// A class according to the current flags.
    pub fn cased(&self, class: Class, is_negated: bool) -> Class {
        let class = if self.flags.fold { class.folded() } else { class };
        if is_negated { class.negated() } else { class }
    }

    fn read_unicode_class(&mut self, is_capital: bool) -> Parsed<Option<Class>> {
        let start = self.at;
        self.at += 2;
        let first = self.next();
        let rest = self.rest();
        let name = match first {
            Some('{') => match rest.split_once('}') {
                Some((name, _)) => {
                    self.at += name.len() + 1;
                    name
                }
                None => return self.fault(Reason::UnicodeName, start),
            },
            _ => self.pattern.get(start + 2..self.at).unwrap_or(""),
        };
        let (name, is_caret) = name.strip_prefix('^').map_or((name, false), |name| (name, true));
        match self.unicode_class(name, is_capital != is_caret) {
            Some(class) => Ok(Some(class)),
            None => self.fault(Reason::UnicodeName, start),
        }
    }

    /// The class of a name, looked up once per pattern.
    fn unicode_class(&mut self, name: &'p str, is_negated: bool) -> Option<Class> {
        let key = (name, self.flags.fold, is_negated);
        if let Some(class) = self.known.get(&key) {
            return Some(class.clone());
        }
        let class = class_named(name, self.flags.fold)?;
        let class = if is_negated { class.negated() } else { class };
        self.known.insert(key, class.clone());
        Some(class)
    }

    /// An escape of one character.
    pub fn read_escaped_char(&mut self) -> Parsed<u32> {
        let start = self.at;
        self.next();
        let Some(c) = self.next() else {
            return self.fault(Reason::TrailingBackslash, start);
        };
        let next_is_octal = matches!(self.peek(), Some('0'..='7'));
        let value = match c {
            '0' => Some(self.read_octal(c)),
            '1'..='7' if next_is_octal => Some(self.read_octal(c)),
            'x' => self.read_hex(),
            'a' => Some(7),
            'f' => Some(12),
            'n' => Some(10),
            'r' => Some(13),
            't' => Some(9),
            'v' => Some(11),
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => Some(c.into()),
            _ => None,
        };
        value.map_or_else(|| self.fault(Reason::Escape, start), Ok)
    }

    /// At most three octal digits; the first is already read.
    fn read_octal(&mut self, first: char) -> u32 {
        let mut value = first.to_digit(8).unwrap_or(0);
        for _ in 1..3 {
            let Some(digit) = self.peek().and_then(|c| c.to_digit(8)) else {
                break;
            };
            self.at += 1;
            value = value * 8 + digit;
        }
        value
    }

    /// Two digits, or any number of them in braces; stops at the first error.
    fn read_hex(&mut self) -> Option<u32> {
        let first = self.next()?;
        if first != '{' {
            let second = self.next();
            return Some(first.to_digit(16)? * 16 + second?.to_digit(16)?);
        }
        let mut value = None;
        loop {
            let c = self.next()?;
            if c == '}' {
                return value;
            }
            let longer = value.unwrap_or(0) * 16 + c.to_digit(16)?;
            value = Some(longer).filter(|&value| value <= MAX_CHAR);
            value?;
        }
    }
}
