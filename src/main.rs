//! The command: arguments in, exit status out.

use std::io::{stderr, stdin, stdout};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut console = refinery_preflight::cli::Console {
        input: &mut stdin().lock(),
        output: &mut stdout().lock(),
        errors: &mut stderr().lock(),
    };
    refinery_preflight::cli::run(std::env::args_os(), &mut console).into()
}
