//! Whether output has colours: `--color`, then `NO_COLOR` and `FORCE_COLOR`, then the terminal.

use crate::vfs::environment::of_process;
use anstream::{AutoStream, ColorChoice};
use clap::ValueEnum;
use std::io::IsTerminal;

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum Colour {
    /// On a terminal, or if `FORCE_COLOR` is set; not if `NO_COLOR` is.
    #[default]
    Auto,
    Always,
    Never,
}

impl Colour {
    /// Holds for the rest of the process.
    pub fn apply(self) {
        let variables = of_process();
        let is_set = |name: &str| variables.get(name).is_some_and(|value| !value.is_empty());
        let is_forced =
            is_set("FORCE_COLOR") && variables.get("FORCE_COLOR").is_none_or(|v| v != "0");
        let choice = match self {
            Self::Always => ColorChoice::Always,
            Self::Never => ColorChoice::Never,
            Self::Auto if is_forced && !is_set("NO_COLOR") => ColorChoice::AlwaysAnsi,
            Self::Auto => ColorChoice::Auto,
        };
        choice.write_global();
    }
}

/// On standard output.
pub fn wants_colour() -> bool {
    AutoStream::choice(&std::io::stdout()) != ColorChoice::Never
}

/// On a standard output that is a terminal that shows links.
pub fn wants_links() -> bool {
    let is_terminal = std::io::stdout().is_terminal();
    is_terminal && wants_colour() && supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout)
}

/// The command line requests colours, so written files have them too.
pub fn is_always() -> bool {
    ColorChoice::global() == ColorChoice::Always
}
