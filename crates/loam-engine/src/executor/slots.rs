//! How many changes are worked on at a time.
//!
//! A change that only waits for the API (a machine that is being set up) gives its slot
//! back, so that others can begin; when it goes on it takes one again, before anything
//! new is begun. So does one that only waits for the disk, where nothing is lost if that
//! fails: what ends at the same time is then written together. With a limit of one,
//! changes are strictly one after another: a wait keeps its slot, too.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};

use futures::channel::{mpsc, oneshot};

/// Changes that wait for the disk at most: bounds the memory that they take.
const UNWRITTEN: usize = 256;

#[derive(Debug)]
pub(super) struct Slots {
    limit: usize,
    inner: Mutex<Inner>,
    freed: mpsc::UnboundedSender<()>,
}

#[derive(Debug, Default)]
struct Inner {
    used: usize,
    /// Those that gave theirs back because they wait for the disk.
    unwritten: usize,
    /// Those that want to go on.
    queue: VecDeque<oneshot::Sender<()>>,
}

impl Slots {
    /// So many at a time; with a receiver that tells when one may have become free.
    pub fn new(limit: usize) -> (Slots, mpsc::UnboundedReceiver<()>) {
        let (freed, receiver) = mpsc::unbounded();
        let slots = Slots {
            limit: limit.max(1),
            inner: Mutex::default(),
            freed,
        };
        (slots, receiver)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Whether something new may be begun.
    pub fn is_free(&self) -> bool {
        let inner = self.lock();
        inner.used < self.limit && inner.unwritten < UNWRITTEN
    }

    /// Takes one, free or not.
    pub fn take(&self) {
        self.lock().used += 1;
    }

    /// Gives one back: to one that wants to go on, if there is any.
    pub fn give_back(&self) {
        let mut inner = self.lock();
        if inner.used <= self.limit {
            while let Some(next) = inner.queue.pop_front() {
                if next.send(()).is_ok() {
                    return;
                }
            }
        }
        inner.used = inner.used.saturating_sub(1);
        drop(inner);
        // That nobody listens any more is no problem.
        let _ = self.freed.unbounded_send(());
    }

    /// A change begins to wait.
    pub fn pause(&self) {
        if self.limit > 1 {
            self.give_back();
        }
    }

    /// A change has waited: returns when it may go on. After a wish to stop that is at
    /// once: nothing new is begun, what ends may do so.
    pub async fn go_on(&self, stopping: bool) {
        if stopping {
            self.resume_at_once();
        } else {
            self.resume().await;
        }
    }

    /// Waits for something to be written without a slot.
    pub async fn writing<T>(&self, write: impl Future<Output = T>, stopping: bool) -> T {
        self.lock().unwritten += 1;
        self.pause();
        let written = write.await;
        self.lock().unwritten -= 1;
        self.go_on(stopping).await;
        written
    }

    async fn resume(&self) {
        if self.limit == 1 {
            return;
        }
        let turn = {
            let mut inner = self.lock();
            if inner.used < self.limit {
                inner.used += 1;
                return;
            }
            let (sender, turn) = oneshot::channel();
            inner.queue.push_back(sender);
            turn
        };
        let _ = turn.await;
    }

    fn resume_at_once(&self) {
        if self.limit > 1 {
            self.take();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[test]
    fn who_waited_goes_before_what_is_new() {
        let (slots, mut freed) = Slots::new(2);
        slots.take();
        slots.take();
        assert!(!slots.is_free());
        slots.pause();
        assert!(slots.is_free() && freed.try_recv().is_ok());
        slots.take();
        let mut again = Box::pin(slots.resume());
        assert!((&mut again).now_or_never().is_none(), "both are taken");
        slots.give_back();
        assert!(!slots.is_free(), "it is handed over");
        assert!(again.now_or_never().is_some());
    }

    #[test]
    fn who_waits_for_the_disk_has_no_slot_but_not_everybody_may() {
        let (slots, _freed) = Slots::new(2);
        let mut waiting = Vec::new();
        for _ in 0..UNWRITTEN {
            assert!(slots.is_free());
            slots.take();
            let mut write = Box::pin(slots.writing(futures::future::pending::<()>(), false));
            assert!((&mut write).now_or_never().is_none());
            waiting.push(write);
        }
        assert!(!slots.is_free(), "so many are enough");
        let written = slots.writing(async { 1 }, false).now_or_never();
        assert_eq!(written, Some(1), "what is written goes on");
    }

    #[test]
    fn one_at_a_time_is_one_at_a_time() {
        let (slots, _freed) = Slots::new(1);
        slots.take();
        slots.pause();
        assert!(!slots.is_free());
        assert!(slots.resume().now_or_never().is_some());
        slots.give_back();
        assert!(slots.is_free());
    }
}
