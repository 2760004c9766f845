//! Work on many items at once, on threads of its own.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// Does `work` on each of `items`, on up to `threads` threads with stacks of `stack_bytes`, and
/// returns what it gave, in their order. Each thread takes the next item when it has done one.
/// Where the system has none, the calling one does it all.
pub(crate) fn map<T: Sync, R: Send>(
    items: &[T],
    threads: usize,
    stack_bytes: usize,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(items.len()));
    let run = || {
        while let Some((idx, item)) = {
            let idx = next.fetch_add(1, Ordering::Relaxed);
            items.get(idx).map(|item| (idx, item))
        } {
            let result = work(item);
            results.lock().unwrap_or_else(PoisonError::into_inner).push((idx, result));
        }
    };
    let are_started = thread::scope(|scope| {
        let start = |_: &usize| {
            let builder = thread::Builder::new().stack_size(stack_bytes);
            builder.spawn_scoped(scope, run).is_ok()
        };
        (0..threads.clamp(1, items.len().max(1))).filter(start).count() > 0
    });
    if !are_started {
        run();
    }
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_unstable_by_key(|(idx, _)| *idx);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..1_000).collect();
        for threads in [0, 1, 3, 2_000] {
            let doubled = map(&items[..200], threads, 64 * 1024, |item| item * 2);
            assert_eq!(doubled, (0..200).map(|item| item * 2).collect::<Vec<_>>());
        }
        assert!(map(&items[..0], 2, 64 * 1024, |item| *item).is_empty());
    }
}
