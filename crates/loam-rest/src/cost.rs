//! How many requests steps are expected to take.

use crate::description::{Step, Wait};
use crate::expression::{Expression, Names};

/// Requests that steps are expected to take, for one object alone.
pub(crate) fn cost(steps: &[Step], names: &Names, pace: f64) -> u64 {
    let mut cost = Cost::new(pace);
    cost.add(steps, names);
    cost.own + cost.shared
}

/// Requests that steps are expected to take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// An emulated API may do its work faster than polls follow each other.
    pace: f64,
    /// Requests for this object alone.
    pub(crate) own: u64,
    /// Polls that one list answers for all objects that are waited for.
    pub(crate) shared: u64,
}

impl Cost {
    /// Nothing yet.
    pub(crate) fn new(pace: f64) -> Cost {
        Cost {
            pace,
            own: 0,
            shared: 0,
        }
    }

    /// Adds a wait that follows `times` requests.
    pub(crate) fn wait(&mut self, wait: &Wait, times: u64) {
        let interval = wait.interval.as_secs_f64().max(0.001) * self.pace;
        // What is done before the first poll takes one.
        let polls = (wait.usually.as_secs_f64() / interval).clamp(1.0, 60.0);
        let polls = polls as u64 * times;
        if wait.list_pending.is_some() {
            // The last one asks for the object.
            self.own += times;
            self.shared += polls.saturating_sub(times);
        } else {
            self.own += polls;
        }
    }

    /// Adds what steps take, as far as it can be told now.
    pub(crate) fn add(&mut self, steps: &[Step], names: &Names) {
        // What cannot be told before an answer is there counts as a yes.
        let applies = |when: &Option<Expression>| {
            let when = when.as_ref();
            let holds = |c: &Expression| match c.eval(names) {
                Ok(v) if v.is_unknown() => true,
                Ok(_) => c.truth(names).unwrap_or(true),
                Err(_) => true,
            };
            when.is_none_or(holds)
        };
        for step in steps {
            match step {
                Step::Wait(w) if applies(&w.when) => self.wait(w, 1),
                Step::Request(r) if applies(&r.when) => {
                    let times = r.for_each.as_ref().and_then(|f| f.eval(names).ok());
                    let times = times.map_or(1, |v| {
                        let entries = v.entries().map(|e| e.len());
                        entries.or(v.elements().map(<[_]>::len)).unwrap_or(1) as u64
                    });
                    self.own += times;
                    r.waits.iter().for_each(|w| self.wait(w, times));
                }
                Step::Wait(_) | Step::Request(_) => {}
            }
        }
    }
}
