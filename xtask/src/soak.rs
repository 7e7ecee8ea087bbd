//! `cargo xtask soak`: the simulator on every core, seed after seed.

use std::path::Path;
use std::process::{Child, Command};
use std::thread::available_parallelism;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::Failure;

/// Seeds of one core are apart from those of the next.
const SEEDS_A_CORE: u64 = 1_000_000_000;
/// The regions that the cores simulate in turn.
const REGIONS: [&str; 2] = ["dialplans/demo", "crates/sim/regions/rough"];

/// How long.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Minutes
    #[arg(long, default_value_t = 480.0)]
    minutes: f64,
    /// The first seed; without one, the time decides, so that each night sees others
    #[arg(long)]
    seed: Option<u64>,
}

/// Runs until the time is over, or until a rule is broken: the simulator tells which call, and how to
/// replay it.
///
/// # Errors
/// If a run failed.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let build = Command::new("cargo")
        .current_dir(crate::root())
        .args(["build", "--release", "--package", "sim"])
        .status()?;
    if !build.success() {
        return Err(Failure("the simulator does not compile".to_owned()));
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let first = options.seed.unwrap_or(now);
    let cores = available_parallelism().map_or(1, |n| n.get() as u64);
    let children: Vec<Child> = (0..cores)
        .map(|core| start(&crate::root(), core, first + core * SEEDS_A_CORE, options.minutes))
        .collect::<Result<_, _>>()?;
    let mut failed = false;
    for mut child in children {
        failed |= !child.wait()?.success();
    }
    if failed {
        return Err(Failure("a rule was broken; the call and how to replay it are above".into()));
    }
    println!(
        "soak: {} minutes on {cores} cores from seed {first}: no rule was broken",
        options.minutes
    );
    Ok(())
}

fn start(root: &Path, core: u64, seed: u64, minutes: f64) -> Result<Child, Failure> {
    let region = REGIONS[(core % REGIONS.len() as u64) as usize];
    let child = Command::new(root.join("target/release/sim"))
        .current_dir(root)
        .args(["--seed", &seed.to_string(), "--seeds", &SEEDS_A_CORE.to_string()])
        .args(["--days", "0.3", "--calls", "4000", "--media", "5", "--region", region])
        .args(["--minutes", &minutes.to_string()])
        .spawn()?;
    Ok(child)
}
