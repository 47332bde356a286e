//! Regular expressions as the engine has them: those of Go's `regexp`, which are RE2's.
//!
//! A pattern is refused here if and only if Go 1.25 and 1.26 refuse it. The reader and its limits
//! follow Go's `regexp/syntax` (BSD licence, The Go Authors); the words and places are our own.
//! Where the two match differently, Go 1.26 is followed: 1.25 lets both branches of `(?i:K)a|K.`
//! ignore case.
//! Must not know where a pattern stands nor what its text is for.

mod advice;
mod bracket;
mod class;
mod escape;
mod factor;
mod fault;
mod limits;
mod machine;
mod named;
mod parser;
mod program;
mod stack;
mod tree;
mod unicode;
mod walk;

pub use fault::{PatternFault, Reason};
pub use walk::{Standing, Walk};

use program::Program;
use std::sync::OnceLock;

/// A pattern that the engine accepts. What it takes to match is made when first asked: most patterns
/// are never asked, and a tree may take a thousand times the bytes of its pattern.
#[derive(Clone, Debug)]
pub struct Regexp {
    pattern: Box<str>,
    program: OnceLock<Option<Program>>,
}

impl Regexp {
    /// Reads a pattern.
    ///
    /// # Errors
    /// The engine refuses it.
    pub fn new(pattern: &str) -> Result<Self, PatternFault> {
        parser::parse(pattern)?;
        Ok(Self { pattern: pattern.into(), program: OnceLock::new() })
    }

    /// Does it match any part of the text?
    ///
    /// A few patterns get past the engine's own limit on size, such as a literal of 10 kB a
    /// thousand times over. Those beyond four million steps match nothing here.
    pub fn is_match(&self, text: &str) -> bool {
        self.program().is_some_and(|program| program.is_match(text))
    }

    /// The pattern for texts that are still being made; none for those that match nothing here.
    pub fn walk(&self) -> Option<Walk<'_>> {
        self.program().map(Walk)
    }

    /// About how much it takes to match: steps, and the ranges of their classes.
    pub fn weight(&self) -> u64 {
        parser::parse(&self.pattern).map_or(0, |(tree, root)| walk::weight(&tree, root))
    }

    /// As it is written.
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    fn program(&self) -> Option<&Program> {
        let program = self.program.get_or_init(|| {
            let (tree, root) = parser::parse(&self.pattern).ok()?;
            Program::new(&tree, root)
        });
        program.as_ref()
    }
}
