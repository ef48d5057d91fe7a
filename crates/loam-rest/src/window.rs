//! Windows of a limit: what was answered in one, and how much room it has.
//!
//! Pure, as [`budget`](crate::budget) is, whose record holds these.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::budget::Millis;

/// Requests that were answered: how many in each small piece of time.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct History(pub(crate) VecDeque<(Millis, u64)>);

/// A window is recorded in so many pieces, so that a record stays small.
pub(crate) const PIECES: Millis = 600;
/// Spare time at the end of a window, as a part of it: clocks do not tick alike.
const SPARE: Millis = 1200;
impl History {
    /// Notes one that was answered now, not earlier than it was.
    pub(crate) fn push(&mut self, now: Millis, window: Millis) {
        let piece = (window / PIECES).max(1);
        let at = (now + 1).div_euclid(piece).saturating_add(1) * piece;
        match self.0.back_mut() {
            Some((last, n)) if *last >= at => *n += 1,
            _ => self.0.push_back((at, 1)),
        }
    }

    /// Drops what no longer counts.
    pub(crate) fn forget(&mut self, now: Millis, window: Millis) {
        while self.0.front().is_some_and(|(t, _)| ends(*t, window) <= now) {
            self.0.pop_front();
        }
    }

    /// How many there are.
    pub(crate) fn sum(&self) -> u64 {
        self.0.iter().map(|(_, n)| n).sum()
    }

    /// When the first `count` have left the window.
    fn left(&self, count: u64, window: Millis) -> Option<Millis> {
        let mut sum = 0;
        self.0.iter().find_map(|(t, n)| {
            sum += n;
            (sum >= count).then(|| ends(*t, window))
        })
    }
}

/// When what was answered at `t` no longer counts.
pub(crate) fn ends(t: Millis, window: Millis) -> Millis {
    t + window + window / SPARE + 1
}

/// How much room a window has.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Free {
    /// For so many more.
    Some(u64),
    /// None before then.
    At(Millis),
    /// None before something on its way is answered.
    AfterAnswer,
}

/// How much room a window has, beside what is on its way and what others have sent.
pub(crate) fn window(
    history: &History,
    limit: u64,
    in_flight: usize,
    foreign: u64,
    length: Millis,
) -> Free {
    let limit = limit.max(1);
    let used = in_flight as u64 + history.sum() + foreign;
    if used < limit {
        return Free::Some(limit - used);
    }
    match history.left(used - limit + 1, length) {
        Some(time) => Free::At(time),
        None => Free::AfterAnswer,
    }
}
