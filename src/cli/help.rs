//! The end of the long help of a command: examples, exit statuses, links.
//!
//! A macro, because every run builds the help of all commands.

/// The end of a command's long help: command lines without the name of the program and what they do,
/// what the statuses 0 and 1 mean, and the page of the documentation.
macro_rules! epilogue {
    (
        examples: [$($command:literal => $what:literal),+ $(,)?],
        clean: $clean:literal,
        $(blocked: $blocked:literal,)?
        page: $page:literal $(,)?
    ) => {
        concat!(
            "Examples:\n",
            $("  ", env!("CARGO_PKG_NAME"), " ", $command, "\n      ", $what, "\n",)+
            "\nExit status:\n  0  ", $clean, "\n",
            $("  1  ", $blocked, "\n",)?
            "  2  usage error, or unreadable input\n  3  internal error\n\n\
             Documentation: ",
            env!("CARGO_PKG_REPOSITORY"), "/blob/v", env!("CARGO_PKG_VERSION"), "/docs/", $page,
            "\nEnvironment variables for options: ",
            env!("CARGO_PKG_REPOSITORY"), "/blob/v", env!("CARGO_PKG_VERSION"),
            "/docs/settings.md#variables"
        )
    };
}

pub(super) use epilogue;
