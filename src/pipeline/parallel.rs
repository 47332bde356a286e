//! Parallel work on independent items, with results in the order of the items.
//!
//! Must not know what the work is.

use crate::release::learned::share;
use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{Builder, available_parallelism, scope};

/// The stack size of a worker in bytes, as that of the thread that runs the program.
const STACK: usize = 16 << 20;

/// The fewest things that are worth a worker: starting one takes about as long as a small check.
const FEWEST: usize = 4;

/// Applies `work` to all things. Calls it in any order, on one thread if there are few things.
pub fn map<T: Sync, R: Send>(things: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    // Counting processors reads files.
    static PROCESSORS: LazyLock<usize> =
        LazyLock::new(|| available_parallelism().map_or(1, NonZero::get));
    let most = things.len() / FEWEST;
    let workers = if most < 2 { most } else { most.min(*PROCESSORS) };
    if workers < 2 { things.iter().map(work).collect() } else { share_out(workers, things, &work) }
}

fn share_out<T: Sync, R: Send>(
    workers: usize,
    things: &[T],
    work: &(impl Fn(&T) -> R + Sync),
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let learned = share();
    let run = || {
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(thing) = things.get(place) else { return done };
            done.push((place, work(thing)));
        }
    };
    let mut done = scope(|scope| {
        let start = |_| {
            let learned = learned.clone();
            let run = || {
                learned.adopt();
                run()
            };
            // Without another thread this one does all the work.
            Builder::new().stack_size(STACK).spawn_scoped(scope, run).ok()
        };
        let others: Vec<_> = (1..workers).filter_map(start).collect();
        let mut done = run();
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    });
    done.sort_unstable_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::sync::Barrier;
    use std::thread;

    #[test]
    fn results_are_in_order() {
        let things: Vec<usize> = (0..1000).collect();
        for workers in [1, 2, 7] {
            let doubled = share_out(workers, &things, &|n| n * 2);
            assert_eq!(doubled, things.iter().map(|n| n * 2).collect::<Vec<_>>());
        }
        assert_eq!(map(&[1, 2], |n| n + 1), [2, 3]);
    }

    #[test]
    fn several_threads_work() {
        let barrier = Barrier::new(2);
        let threads = share_out(2, &[0, 1], &|_| {
            barrier.wait();
            thread::current().id()
        });
        assert_eq!(threads.into_iter().collect::<HashSet<_>>().len(), 2);
    }
}
