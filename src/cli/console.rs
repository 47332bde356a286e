//! The standard streams, and error messages.

use super::width;
use crate::policy::ExitStatus;
use crate::report::escape::disarm;
use crate::report::{escape_lines, quote};
use crate::schema::Release;
use crate::schema::secrets::mask;
use crate::vfs::input_error::{Excerpt, InputError};
use std::io::{self, Read, Write};

/// The standard streams of the program.
pub struct Console<'a> {
    pub input: &'a mut dyn Read,
    pub output: &'a mut dyn Write,
    pub errors: &'a mut dyn Write,
}

/// Why a command failed.
#[derive(Debug)]
pub enum Failure {
    /// A usage or input error, with help.
    Unusable { message: String, advice: String, excerpt: Option<Box<Excerpt>> },
    /// A bug in this program.
    Internal(String),
    /// The reader of the output has closed it.
    Closed,
}

impl Failure {
    pub fn unusable(message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::Unusable { message: message.into(), advice: advice.into(), excerpt: None }
    }
}

impl From<InputError> for Failure {
    fn from(error: InputError) -> Self {
        let InputError { message, advice, excerpt, .. } = error;
        Self::Unusable { message, advice, excerpt }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::unusable(format!("cannot write the output: {error}"), ""),
        }
    }
}

impl Console<'_> {
    pub fn print(&mut self, text: &str) -> Result<(), Failure> {
        self.output.write_all(text.as_bytes())?;
        self.output.flush()?;
        Ok(())
    }

    /// Ignores errors: there is nowhere to report them.
    pub fn warn(&mut self, text: &str) {
        drop(self.errors.write_all(text.as_bytes()));
    }

    /// Reports that there is no result, because Refinery does not start.
    pub fn refused(&mut self, release: Release, so: &str) -> ExitStatus {
        self.warn(&format!(
            "error: Refinery {release} does not start with these files, so {so}\n  help: run \
             `refinery-preflight check` to see why\n"
        ));
        ExitStatus::Blocked
    }

    /// Prints help and version to standard output, and usage errors to standard error.
    pub fn explain(&mut self, error: &clap::Error) -> ExitStatus {
        let text = shown(&error.render().to_string());
        if error.use_stderr() {
            self.warn(&text);
            return ExitStatus::Unusable;
        }
        match self.print(&text) {
            Ok(()) | Err(Failure::Closed) => ExitStatus::Clean,
            Err(failure) => self.fail(&failure),
        }
    }

    pub fn fail(&mut self, failure: &Failure) -> ExitStatus {
        match failure {
            Failure::Unusable { message, advice, excerpt } => {
                self.warn(&format!("error: {}\n", shown(message)));
                if let Some(excerpt) = excerpt {
                    self.warn(&quote(excerpt, width()));
                }
                if !advice.is_empty() {
                    self.warn(&format!("  help: {}\n", shown(advice)));
                }
                ExitStatus::Unusable
            }
            Failure::Internal(message) => {
                self.warn(&format!("internal error: {message}\n"));
                ExitStatus::Internal
            }
            Failure::Closed => ExitStatus::Unusable,
        }
    }
}

/// Escapes a message: names and values in it are untrusted.
fn shown(text: &str) -> String {
    disarm(&escape_lines(&mask(text)))
}

/// Prints to standard error without a console.
pub fn say(text: &str) {
    drop(io::stderr().write_all(text.as_bytes()));
}
