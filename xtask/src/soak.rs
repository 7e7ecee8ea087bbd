//! `cargo xtask soak`: the simulator on every core, seed after seed.

use std::io::{BufRead, BufReader};
use std::ops::AddAssign;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
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
    /// Nothing breaks but the line's machine, about every so many seconds
    #[arg(long)]
    crashes: Option<u64>,
    /// Instead of the simulator the real program: so many times it is killed under load and started again
    #[arg(long, conflicts_with_all = ["crashes", "seed", "minutes"])]
    kill: Option<u32>,
}

/// Runs until the time is over, or until a rule is broken: the simulator tells which call, and how to
/// replay it.
///
/// # Errors
/// If a run failed.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    if let Some(rounds) = options.kill {
        return kill(rounds);
    }
    let build = crate::cargo().args(["build", "--release", "--package", "sim"]).status()?;
    if !build.success() {
        return Err(Failure("the simulator does not compile".to_owned()));
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let first = options.seed.unwrap_or(now);
    let cores = available_parallelism().map_or(1, |n| n.get() as u64);
    let (tell, told) = mpsc::channel();
    let mut children = Vec::new();
    for core in 0..cores {
        let mut child = start(&crate::root(), core, first + core * SEEDS_A_CORE, options)?;
        let out =
            child.stdout.take().ok_or_else(|| Failure("no output of the simulator".into()))?;
        let tell = tell.clone();
        std::thread::spawn(move || tell.send(show(out)));
        children.push(child);
    }
    drop(tell);
    let mut done = Done::default();
    let mut broken = false;
    for of_core in told {
        match of_core {
            Some(of_core) => done += of_core,
            // The others would only bury what this one says.
            None => {
                broken = true;
                children.iter_mut().for_each(|child| drop(child.kill()));
            }
        }
    }
    for mut child in children {
        let status = child.wait()?;
        broken |= !status.success();
    }
    if broken {
        return Err(Failure("a rule was broken; the call and how to replay it are above".into()));
    }
    println!(
        "soak: {} minutes on {cores} cores from seed {first}: {} seeds, {} calls, {} calls a second, \
         {} crashes; no rule was broken",
        options.minutes, done.seeds, done.calls, done.rate, done.crashes
    );
    Ok(())
}

/// What was simulated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Done {
    seeds: u64,
    calls: u64,
    /// Calls a second.
    rate: u64,
    crashes: u64,
}

impl AddAssign for Done {
    fn add_assign(&mut self, other: Done) {
        self.seeds += other.seeds;
        self.calls += other.calls;
        self.rate += other.rate;
        self.crashes += other.crashes;
    }
}

/// Shows what a simulator says, seed by seed; gives what it has done, or nothing if it found something.
fn show(out: ChildStdout) -> Option<Done> {
    let mut done = None;
    for line in BufReader::new(out).lines().map_while(Result::ok) {
        println!("{line}");
        done = done.or_else(|| summary(&line));
    }
    done
}

/// The last line of the simulator.
fn summary(line: &str) -> Option<Done> {
    let numbers = line.strip_prefix("no rule was broken: ")?;
    let mut numbers = numbers.split(", ").map(|part| part.split(' ').next()?.parse().ok());
    let mut next = || numbers.next().flatten();
    Some(Done { seeds: next()?, calls: next()?, rate: next()?, crashes: next()? })
}

/// The interop test that kills the real program, with more rounds than it has every day.
fn kill(rounds: u32) -> Result<(), Failure> {
    let status = crate::cargo()
        .args(["nextest", "run", "--profile", "soak", "--workspace", "--no-capture"])
        .args(["-E", "package(interop) & test(kill::)"])
        .env("LINE122_KILLS", rounds.to_string())
        .status()?;
    if status.success() { Ok(()) } else { Err(Failure("something was lost; see above".into())) }
}

fn start(root: &Path, core: u64, seed: u64, options: &Options) -> Result<Child, Failure> {
    let region = REGIONS[(core % REGIONS.len() as u64) as usize];
    let child = Command::new(root.join("target/release/sim"))
        .current_dir(root)
        .args(["--seed", &seed.to_string(), "--seeds", &SEEDS_A_CORE.to_string()])
        .args(["--days", "0.3", "--calls", "4000", "--media", "5", "--region", region])
        .args(["--minutes", &options.minutes.to_string()])
        .args(options.crashes.iter().flat_map(|every| ["--crashes".into(), every.to_string()]))
        .stdout(Stdio::piped())
        .spawn()?;
    Ok(child)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_simulators_last_word_is_understood() {
        let line = "no rule was broken: 12 seeds, 34567 calls, 412 calls a second, 9 crashes";
        let done = Done { seeds: 12, calls: 34_567, rate: 412, crashes: 9 };
        assert_eq!(summary(line), Some(done));
        assert_eq!(summary("seed 1: 0.3 days, 10 calls"), None);
    }
}
