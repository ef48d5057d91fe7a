//! How time and memory of planning and applying grow with the size of a configuration.
//!
//! In: the path of a `loam` binary. Out: a table of shapes, sizes, times and memory, beside
//! Terraform's where it is on the PATH, and an exit code that depends on growth alone,
//! never on an absolute time. Knows nothing of Loam but its command line. Start at
//! [`run`]; `shapes.rs` has the configurations, `measure.rs` runs a command, `report.rs`
//! prints and judges.

mod measure;
mod report;
mod shapes;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};

use measure::{Cost, Failure};
use report::{Growth, Phase, Report, Row};
use shapes::Shape;

/// Measures how planning and applying grow with the number of resource instances.
#[derive(Parser)]
#[command(name = "loam-bench", version, subcommand_negates_reqs = true)]
struct Args {
    /// The binary to measure.
    #[arg(long, required = true)]
    bin: Option<PathBuf>,
    /// Numbers of instances, rising. Growth is judged between neighbours.
    #[arg(long, value_delimiter = ',', default_values_t = [10_000, 20_000, 40_000, 80_000])]
    sizes: Vec<usize>,
    /// Only these shapes.
    #[arg(long, value_delimiter = ',')]
    shapes: Vec<Shape>,
    /// How often everything is measured; the table shows the best of each, and the median of
    /// the growth.
    #[arg(long, default_value_t = 1)]
    runs: usize,
    /// How often a shape that seems to grow too fast is measured again: a machine that is
    /// slow for a moment makes it seem so, and the median shows what it is.
    #[arg(long, default_value_t = 4)]
    again: usize,
    /// A short run for continuous integration: small sizes.
    #[arg(long)]
    short: bool,
    /// Compare with this program where it is on the PATH.
    #[arg(long, default_value = "terraform")]
    versus: String,
    /// Instances for the comparison; 0 leaves it out.
    #[arg(long, default_value_t = 1000)]
    versus_size: usize,
    /// Seconds that one command may take.
    #[arg(long, default_value_t = 900)]
    timeout: u64,
    #[command(subcommand)]
    command: Option<Inner>,
}

#[derive(Subcommand)]
enum Inner {
    /// Runs one command and prints what it cost (the program calls itself so, because the
    /// system tells the peak memory of all children together).
    #[command(hide = true)]
    Measure {
        /// Seconds that it may take.
        #[arg(long)]
        limit: u64,
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
}

fn main() -> ExitCode {
    let args = Args::parse();
    if let Some(Inner::Measure { limit, command }) = &args.command {
        return measure::print_cost(command, Duration::from_secs(*limit));
    }
    match run(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(e) => {
            report::complain(&e.to_string());
            ExitCode::FAILURE
        }
    }
}

/// Measures everything that is asked for. True if nothing grows faster than its size.
fn run(args: &Args) -> Result<bool, Failure> {
    let bin = args.bin.as_deref().unwrap_or(Path::new("loam"));
    let bin = std::fs::canonicalize(bin).map_err(|e| Failure::new(bin, &e))?;
    let mut sizes = match args.short {
        true => vec![2_000, 4_000],
        false => args.sizes.clone(),
    };
    sizes.sort_unstable();
    sizes.dedup();
    let limit = Duration::from_secs(args.timeout);
    let versus = (args.versus_size > 0 && !args.short)
        .then(|| measure::on_path(&args.versus))
        .flatten();
    // Small sizes are noisy; what grows with the square comes to 4.
    let mut report = Report::new(if args.short { 3.0 } else { 2.3 });
    for shape in shapes::ALL {
        if !args.shapes.is_empty() && !args.shapes.contains(&shape) {
            continue;
        }
        if let Some(other) = &versus {
            let size = args.versus_size;
            let mut ours = Measured::default();
            ours.round(&bin, shape, &[size], limit)?;
            let mut theirs = Measured::default();
            // What takes the other too long is a result, not a failure.
            let _ = theirs.round(other, shape, &[size], limit);
            for phase in Phase::ALL {
                if let Some(cost) = ours.best(0, phase) {
                    report.compare(shape, size, phase, cost, theirs.best(0, phase));
                }
            }
        }
        let mut measured = Measured::default();
        let least = args.runs.max(1);
        for round in 0..least + args.again {
            if round >= least && !measured.grows_beyond(&sizes, report.allowed()) {
                break;
            }
            measured.round(&bin, shape, &sizes, limit)?;
        }
        for (at, size) in sizes.iter().enumerate() {
            for phase in Phase::ALL {
                let Some(cost) = measured.best(at, phase) else {
                    continue;
                };
                let growth = at
                    .checked_sub(1)
                    .and_then(|before| measured.growth(&sizes, before, phase));
                report.row(Row {
                    shape,
                    size: *size,
                    phase,
                    cost,
                    growth,
                });
            }
        }
    }
    Ok(report.finish())
}

/// What was measured of a shape: sweeps over all sizes with one command, and what it cost with
/// each size. A machine's speed changes from one minute to the next; sizes that are measured
/// one right after the other meet the same.
#[derive(Default)]
struct Measured(Vec<(Phase, Vec<Cost>)>);

impl Measured {
    /// Plans, applies, plans again and destroys the configurations of all sizes.
    fn round(
        &mut self,
        bin: &Path,
        shape: Shape,
        sizes: &[usize],
        limit: Duration,
    ) -> Result<(), Failure> {
        let dirs: Vec<tempfile::TempDir> = sizes
            .iter()
            .map(|size| prepared(bin, shape, *size, limit))
            .collect::<Result<_, _>>()?;
        for phase in Phase::ALL {
            for _ in 0..phase.sweeps() {
                self.0.push((phase, Vec::new()));
                for dir in &dirs {
                    let cost = measure::command(bin, phase.arguments(), dir.path(), limit)?;
                    if let Some((_, costs)) = self.0.last_mut() {
                        costs.push(cost);
                    }
                }
            }
        }
        Ok(())
    }

    fn sweeps(&self, phase: Phase) -> impl Iterator<Item = &[Cost]> {
        let of_phase = self.0.iter().filter(move |(p, _)| *p == phase);
        of_phase.map(|(_, costs)| costs.as_slice())
    }

    /// The smallest cost with the size at this place.
    fn best(&self, at: usize, phase: Phase) -> Option<Cost> {
        let costs = self.sweeps(phase).filter_map(|costs| costs.get(at));
        costs.copied().reduce(Cost::min)
    }

    /// How much a phase grows from the size at this place to the next: the median of the
    /// sweeps, because a single one may have met a moment in which the machine was slow,
    /// or one in which it was quick.
    fn growth(&self, sizes: &[usize], before: usize, phase: Phase) -> Option<Growth> {
        let (size, larger) = (*sizes.get(before)?, *sizes.get(before + 1)?);
        let of_sweeps = self.sweeps(phase).filter_map(|costs| {
            let (then, now) = (*costs.get(before)?, *costs.get(before + 1)?);
            Some(Growth::of((size, then), (larger, now)))
        });
        Growth::median(of_sweeps.collect())
    }

    /// True if any phase grows more than this from a size to the next.
    fn grows_beyond(&self, sizes: &[usize], allowed: f64) -> bool {
        (0..sizes.len()).any(|before| {
            Phase::ALL.into_iter().any(|phase| {
                let growth = self.growth(sizes, before, phase);
                growth.is_some_and(|g| g.beyond(allowed).next().is_some())
            })
        })
    }
}

/// A folder with a configuration that is ready to be planned.
fn prepared(
    bin: &Path,
    shape: Shape,
    size: usize,
    limit: Duration,
) -> Result<tempfile::TempDir, Failure> {
    let dir = tempfile::tempdir().map_err(|e| Failure::new(Path::new("."), &e))?;
    shape
        .write(dir.path(), size)
        .map_err(|e| Failure::new(dir.path(), &e))?;
    measure::command(bin, &["init", "-input=false"], dir.path(), limit)?;
    Ok(dir)
}
