//! What the long help of a command ends with: examples, exit statuses, where to read more.

use std::fmt::Write;

/// The end of a command's long help.
pub struct Epilogue {
    /// Command lines without the name of the program, and what they do.
    pub examples: &'static [(&'static str, &'static str)],
    /// What status 0 means.
    pub clean: &'static str,
    /// What status 1 means, if the command ends with it.
    pub blocked: Option<&'static str>,
    /// The page of the documentation.
    pub page: &'static str,
}

impl From<&Epilogue> for clap::builder::StyledStr {
    fn from(epilogue: &Epilogue) -> Self {
        let name = env!("CARGO_PKG_NAME");
        let mut text = String::from("Examples:\n");
        for (command, what) in epilogue.examples {
            let _ = writeln!(text, "  {name} {command}\n      {what}");
        }
        let _ = writeln!(text, "\nExit status:\n  0  {}", epilogue.clean);
        if let Some(blocked) = epilogue.blocked {
            let _ = writeln!(text, "  1  {blocked}");
        }
        let docs =
            concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/v", env!("CARGO_PKG_VERSION"), "/docs");
        let _ = write!(
            text,
            "  2  wrong use, or something cannot be read\n  3  internal error\n\n\
             Documentation: {docs}/{}\n\
             Variables that stand for options: {docs}/settings.md#variables",
            epilogue.page
        );
        text.into()
    }
}
