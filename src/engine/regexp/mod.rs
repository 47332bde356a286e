//! Regular expressions like Go's `regexp`, that is RE2.
//!
//! A pattern is invalid here if and only if Go 1.25 and 1.26 reject it. The parser and its limits
//! follow Go's `regexp/syntax` (BSD licence, The Go Authors); the messages and positions are our
//! own. Where the two Go versions match differently, this follows Go 1.26: in 1.25 both branches of
//! `(?i:K)a|K.` ignore case.

mod advice;
mod automaton;
mod bracket;
mod class;
mod escape;
mod factor;
mod fault;
mod fold;
mod limits;
mod machine;
mod named;
mod parser;
mod program;
mod stack;
mod tables;
mod tree;
mod unicode;
mod walk;

pub use automaton::Automaton;
pub use fault::{PatternFault, Reason};

use program::Program;
use std::sync::{Arc, OnceLock};

/// A valid pattern. Copies share its program, which is built when first needed: most patterns are
/// never matched, and a tree may take a thousand times the bytes of its pattern.
#[derive(Clone, Debug)]
pub struct Regexp(Arc<Pattern>);

#[derive(Debug)]
struct Pattern {
    text: Box<str>,
    weight: u64,
    program: OnceLock<Option<Program>>,
    /// What earlier searches found out about its states.
    kept: automaton::Kept,
}

impl Regexp {
    /// Parses a pattern.
    ///
    /// # Errors
    /// Go rejects it.
    pub fn new(pattern: &str) -> Result<Self, PatternFault> {
        let (tree, root) = parser::parse(pattern)?;
        let weight = walk::weight(&tree, root);
        let (program, kept) = (OnceLock::new(), automaton::Kept::default());
        Ok(Self(Arc::new(Pattern { text: pattern.into(), weight, program, kept })))
    }

    /// Whether any part of the string matches.
    ///
    /// A few patterns get past Go's own limit on size, such as a literal of 10 kB a
    /// thousand times over. Those beyond four million steps match nothing here.
    pub fn is_match(&self, text: &str) -> bool {
        self.program().is_some_and(|program| program.is_match(text))
    }

    /// The pattern for strings that are still being built; `None` if it exceeds the limit above.
    pub fn automaton(&self) -> Option<Automaton<'_>> {
        self.program().map(|program| Automaton::new(walk::Walk(program), &self.0.kept))
    }

    /// The approximate cost to match: instructions, and the ranges of their classes.
    pub fn weight(&self) -> u64 {
        self.0.weight
    }

    /// The pattern as written.
    pub fn pattern(&self) -> &str {
        &self.0.text
    }

    fn program(&self) -> Option<&Program> {
        let program = self.0.program.get_or_init(|| {
            let (tree, root) = parser::parse(&self.0.text).ok()?;
            Program::new(&tree, root)
        });
        program.as_ref()
    }
}
