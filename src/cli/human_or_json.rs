//! The output formats of commands that print one answer.

use clap::ValueEnum;

/// Text for people, or JSON for programs.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum HumanOrJson {
    #[default]
    Human,
    Json,
}
