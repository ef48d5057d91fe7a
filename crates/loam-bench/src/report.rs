//! The table, and the verdict on growth.

use std::io::Write;

use crate::measure::Cost;
use crate::shapes::Shape;

/// What is done with a configuration, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Plan,
    Apply,
    PlanAgain,
    Destroy,
}

impl Phase {
    /// In the order in which they are run.
    pub const ALL: [Phase; 4] = [Phase::Plan, Phase::Apply, Phase::PlanAgain, Phase::Destroy];

    /// The command line.
    pub fn arguments(self) -> &'static [&'static str] {
        match self {
            Phase::Plan | Phase::PlanAgain => &["plan", "-input=false"],
            Phase::Apply => &["apply", "-auto-approve", "-input=false"],
            Phase::Destroy => &["destroy", "-auto-approve", "-input=false"],
        }
    }

    /// How often it is run over all sizes before the next: what changes nothing can be
    /// repeated.
    pub fn sweeps(self) -> usize {
        match self {
            Phase::Plan | Phase::PlanAgain => 3,
            Phase::Apply | Phase::Destroy => 1,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Phase::Plan => "plan",
            Phase::Apply => "apply",
            Phase::PlanAgain => "plan, no change",
            Phase::Destroy => "destroy",
        }
    }
}

/// One measured command.
pub struct Row {
    pub shape: Shape,
    pub size: usize,
    pub phase: Phase,
    pub cost: Cost,
    /// How much more it is than with half as many instances.
    pub growth: Option<Growth>,
}

/// Below this a difference of processor time is noise, in seconds.
const NOISE: f64 = 0.15;

/// How much more is taken for twice the size.
#[derive(Clone, Copy, Debug)]
pub struct Growth {
    /// Processor time, unless the difference is noise. The disk of a busy machine says
    /// nothing about the engine.
    time: Option<f64>,
    memory: f64,
}

impl Growth {
    /// From one size and its cost to another.
    pub fn of((size, then): (usize, Cost), (larger, now): (usize, Cost)) -> Growth {
        let doublings = (larger as f64 / size as f64).log2();
        let per_doubling = |now: f64, then: f64| (now / then.max(1e-9)).powf(1.0 / doublings);
        Growth {
            time: (now.cpu - then.cpu > NOISE).then(|| per_doubling(now.cpu, then.cpu)),
            memory: per_doubling(now.memory, then.memory),
        }
    }

    /// The middle one, of time and of memory.
    pub fn median(of: Vec<Growth>) -> Option<Growth> {
        // Of an even number the larger one: a doubt is told.
        let middle = |mut factors: Vec<f64>| {
            factors.sort_by(f64::total_cmp);
            factors.get(factors.len() / 2).copied()
        };
        // A difference that is noise in one sweep counts as the smallest.
        let times = of.iter().map(|g| g.time.unwrap_or(0.0)).collect();
        Some(Growth {
            time: middle(times).filter(|f| *f > 0.0),
            memory: middle(of.iter().map(|g| g.memory).collect())?,
        })
    }

    /// What grows more than this, and how much.
    pub fn beyond(&self, allowed: f64) -> impl Iterator<Item = (&'static str, f64)> {
        let both = [("time", self.time), ("memory", Some(self.memory))];
        both.into_iter()
            .filter_map(|(what, factor)| Some((what, factor?)))
            .filter(move |(_, factor)| *factor > allowed)
    }
}

/// Prints rows as they come, and keeps what grew too fast.
pub struct Report {
    /// How much more twice the size may take.
    allowed: f64,
    too_fast: Vec<String>,
    begun: bool,
}

impl Report {
    /// A report that allows so much for twice the size.
    pub fn new(allowed: f64) -> Report {
        Report {
            allowed,
            too_fast: Vec::new(),
            begun: false,
        }
    }

    /// How much more twice the size may take.
    pub fn allowed(&self) -> f64 {
        self.allowed
    }

    fn head(&mut self) {
        if !self.begun {
            self.begun = true;
            print(
                "| shape | instances | command | time | processor | memory | growth for twice the size |",
            );
            print("|---|---:|---|---:|---:|---:|---:|");
        }
    }

    /// A row of the table.
    pub fn row(&mut self, row: Row) {
        self.head();
        let told = match row.growth {
            Some(g) => match g.time {
                Some(time) => format!("{time:.2} time, {:.2} memory", g.memory),
                None => format!("{:.2} memory", g.memory),
            },
            None => String::new(),
        };
        print(&line(row.shape, row.size, row.phase, row.cost, &told));
        for (what, factor) in row.growth.iter().flat_map(|g| g.beyond(self.allowed)) {
            self.too_fast.push(format!(
                "{} of {} with {} instances: {what} grows by {factor:.2} for twice the size ({:.2} allowed)",
                row.phase.name(),
                row.shape.name(),
                row.size,
                self.allowed
            ));
        }
    }

    /// A row that puts another program beside ours; without its cost it took too long.
    pub fn compare(
        &mut self,
        shape: Shape,
        size: usize,
        phase: Phase,
        ours: Cost,
        theirs: Option<Cost>,
    ) {
        self.head();
        let told = match theirs {
            Some(other) => format!(
                "terraform: {:.2} s ({:.0} ×), {:.0} MiB",
                other.wall,
                other.wall / ours.wall.max(1e-3),
                other.memory
            ),
            None => "terraform: not finished".to_owned(),
        };
        print(&line(shape, size, phase, ours, &told));
    }

    /// Tells what grew too fast. True if nothing did.
    pub fn finish(self) -> bool {
        for problem in &self.too_fast {
            complain(problem);
        }
        self.too_fast.is_empty()
    }
}

fn line(shape: Shape, size: usize, phase: Phase, cost: Cost, told: &str) -> String {
    format!(
        "| {} | {size} | {} | {:.2} s | {:.2} s | {:.0} MiB | {told} |",
        shape.name(),
        phase.name(),
        cost.wall,
        cost.cpu,
        cost.memory
    )
}

/// Prints a line; a closed output is the reader's wish.
fn print(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Prints a problem.
pub fn complain(text: &str) {
    let _ = writeln!(std::io::stderr(), "loam-bench: {text}");
}
