//! Paths of values: `Traces.SendDelay`, `Samplers.prod.RulesBasedSampler.Rules[0]`.

use std::fmt::{self, Display, Formatter};

/// A path, as the steps to it. Few are shown, so it only becomes text when a message needs it.
#[derive(Clone, Copy, Debug)]
pub enum KeyPath<'p> {
    /// That of the whole file, or of a value that has no path.
    Root,
    Key(&'p KeyPath<'p>, &'p str),
    Element(&'p KeyPath<'p>, usize),
}

impl Display for KeyPath<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Key(Self::Root, name) => f.write_str(name),
            Self::Key(parent, name) => write!(f, "{parent}.{name}"),
            Self::Element(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_with_all_their_steps() {
        let root = KeyPath::Root;
        let samplers = KeyPath::Key(&root, "Samplers");
        let target = KeyPath::Key(&samplers, "prod");
        let rules = KeyPath::Key(&target, "Rules");
        let scope = KeyPath::Element(&rules, 2);
        let shown = [root, samplers, KeyPath::Key(&scope, "Scope")].map(|path| path.to_string());
        assert_eq!(shown, ["", "Samplers", "Samplers.prod.Rules[2].Scope"]);
    }
}
