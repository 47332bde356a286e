//! The command: arguments in, exit status out.

use mimalloc::MiMalloc;
use refinery_preflight::{Console, guard, run};
use std::io::{stderr, stdin, stdout};
use std::process::ExitCode;

/// A run is short and makes many small allocations: the system's allocator took half of the time.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let work = || {
        let mut console = Console {
            input: &mut stdin().lock(),
            output: &mut stdout().lock(),
            errors: &mut stderr(),
        };
        run(std::env::args_os(), &mut console)
    };
    guard(work).into()
}
