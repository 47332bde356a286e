//! Turns panics into the exit status for internal errors.

use super::console::say;
use crate::policy::ExitStatus;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::PanicHookInfo;
use std::thread::Builder;

/// The stack size in bytes. The parsers' depth limits are made for less than 1 MiB; the size of the
/// main thread's stack depends on the system.
const STACK: usize = 16 << 20;

/// Runs the program. A panic in it, or in a thread that it waits for, is an internal error.
pub fn guard(work: impl FnOnce() -> ExitStatus + Send + 'static) -> ExitStatus {
    std::panic::set_hook(Box::new(explain));
    match Builder::new().stack_size(STACK).spawn(work).map(std::thread::JoinHandle::join) {
        Ok(Ok(status)) => status,
        Ok(Err(_)) => ExitStatus::Internal,
        Err(error) => {
            say(&format!("internal error: cannot start a thread: {error}\n"));
            ExitStatus::Internal
        }
    }
}

/// Leaves out the panic message, which may quote a file.
fn explain(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(|place| format!(" at {place}")).unwrap_or_default();
    say(&format!(
        "internal error: refinery-preflight {} panicked{place}\n  \
         help: this is a bug in refinery-preflight; please report it, with the files if possible\n",
        env!("CARGO_PKG_VERSION"),
    ));
    let backtrace = Backtrace::capture();
    if backtrace.status() == BacktraceStatus::Captured {
        say(&format!("{backtrace}\n"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_internal_error() {
        let hook = std::panic::take_hook();
        assert_eq!(guard(|| panic!("once")), ExitStatus::Internal);
        let within = || std::thread::scope(|scope| drop(scope.spawn(|| panic!("once"))));
        assert_eq!(
            guard(move || {
                within();
                ExitStatus::Clean
            }),
            ExitStatus::Internal
        );
        assert_eq!(guard(|| ExitStatus::Blocked), ExitStatus::Blocked);
        std::panic::set_hook(hook);
    }

    #[test]
    fn the_stack_is_large_enough() {
        fn deep(levels: u32) -> u64 {
            let frame = std::hint::black_box([u64::from(levels); 64]);
            if levels == 0 { 0 } else { frame[0] + deep(levels - 1) }
        }
        let work = || if deep(10_000) > 0 { ExitStatus::Clean } else { ExitStatus::Blocked };
        assert_eq!(guard(work), ExitStatus::Clean);
    }
}
