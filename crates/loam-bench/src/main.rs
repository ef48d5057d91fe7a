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
    /// How often everything is measured; the table shows the best of each.
    #[arg(long, default_value_t = 1)]
    runs: usize,
    /// How often a shape that seems to grow too fast is measured again: a machine that is
    /// slow for a moment makes that so, an engine that is slow stays so.
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
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
}

fn main() -> ExitCode {
    let args = Args::parse();
    if let Some(Inner::Measure { command }) = &args.command {
        return measure::print_cost(command);
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
            let ours = series(&bin, shape, size, limit)?;
            // What takes the other too long is a result, not a failure.
            let theirs = series(other, shape, size, limit).unwrap_or_default();
            report.compare(shape, size, &ours, &theirs);
        }
        // All sizes in each round: a moment in which the machine is slow meets all alike.
        let mut best: Vec<Vec<(Phase, Cost)>> = vec![Vec::new(); sizes.len()];
        let least = args.runs.max(1);
        for round in 0..least + args.again {
            if round >= least && !grows_too_fast(&sizes, &best, report.allowed()) {
                break;
            }
            for (size, best) in sizes.iter().zip(&mut best) {
                cheapest(best, series(&bin, shape, *size, limit)?);
            }
        }
        let mut before: Option<(usize, &[(Phase, Cost)])> = None;
        for (size, costs) in sizes.iter().zip(&best) {
            for (phase, cost) in costs {
                report.row(Row {
                    shape,
                    size: *size,
                    phase: *phase,
                    cost: *cost,
                    before: before.and_then(|(size, all)| Some((size, of(all, *phase)?))),
                });
            }
            before = Some((*size, costs));
        }
    }
    Ok(report.finish())
}

/// What this phase cost.
fn of(costs: &[(Phase, Cost)], phase: Phase) -> Option<Cost> {
    costs.iter().find(|(p, _)| *p == phase).map(|(_, c)| *c)
}

/// True if any phase grows more than is allowed from a size to the next.
fn grows_too_fast(sizes: &[usize], costs: &[Vec<(Phase, Cost)>], allowed: f64) -> bool {
    let neighbours = sizes.windows(2).zip(costs.windows(2));
    neighbours.into_iter().any(|(sizes, costs)| {
        Phase::ALL.into_iter().any(|phase| {
            let (Some(then), Some(now)) = (of(&costs[0], phase), of(&costs[1], phase)) else {
                return false;
            };
            let growth = Growth::of((sizes[0], then), (sizes[1], now));
            growth.beyond(allowed).next().is_some()
        })
    })
}

/// Keeps the smaller cost of each phase.
fn cheapest(best: &mut Vec<(Phase, Cost)>, now: Vec<(Phase, Cost)>) {
    for (phase, cost) in now {
        match best.iter_mut().find(|(p, _)| *p == phase) {
            Some((_, known)) => *known = known.min(cost),
            None => best.push((phase, cost)),
        }
    }
}

/// Plan, apply, plan again and destroy of one configuration.
fn series(
    bin: &Path,
    shape: Shape,
    size: usize,
    limit: Duration,
) -> Result<Vec<(Phase, Cost)>, Failure> {
    let dir = tempfile::tempdir().map_err(|e| Failure::new(Path::new("."), &e))?;
    shape
        .write(dir.path(), size)
        .map_err(|e| Failure::new(dir.path(), &e))?;
    measure::command(bin, &["init", "-input=false"], dir.path(), limit)?;
    Phase::ALL
        .into_iter()
        .map(|phase| {
            let cost = measure::command(bin, phase.arguments(), dir.path(), limit)?;
            Ok((phase, cost))
        })
        .collect()
}
