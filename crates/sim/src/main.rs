//! `cargo run --release -p sim`: days of calls in virtual time, from a seed.
#![allow(clippy::print_stdout, reason = "a command-line tool talks to its user")]
#![allow(clippy::disallowed_methods, reason = "measures how fast it simulates")]

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Parser, ValueEnum};
use sim::run::{Options, Planted, Report, Trouble, run};

/// Simulates the calls of a region: every packet of days in minutes, from a seed, under faults. Every
/// rule that must hold is watched; the first one that is broken ends the run with its call.
#[derive(Clone, Debug, Parser)]
struct Arguments {
    /// Where everything random comes from; the same seed on the same commit repeats every byte
    #[arg(long, default_value_t = 122)]
    seed: u64,
    /// How many seeds, one after another
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// Days that are simulated
    #[arg(long, default_value_t = 1.0)]
    days: f64,
    /// Folder of the dialplan
    #[arg(long, default_value = "dialplans/demo")]
    region: PathBuf,
    /// Calls of a usual day
    #[arg(long, default_value_t = 1500)]
    calls: u32,
    /// How many times as many come in a surge
    #[arg(long, default_value_t = 3)]
    surge: u32,
    /// Of a thousand calls, how many have every packet of their media
    #[arg(long, default_value_t = 5)]
    media: u64,
    /// Nothing breaks
    #[arg(long)]
    calm: bool,
    /// Nothing breaks but the line's machine, about every so many seconds, and tears what it is writing
    #[arg(long, conflicts_with = "calm")]
    crashes: Option<u64>,
    /// End after so many minutes, whatever is left
    #[arg(long)]
    minutes: Option<f64>,
    /// Something wrong on purpose, for the tests of what is told then
    #[arg(long, hide = true)]
    plant: Option<Plant>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Plant {
    Packet,
    Panic,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let started = Instant::now();
    let limit = arguments.minutes.map(|minutes| Duration::from_secs_f64(minutes * 60.0));
    let in_time = || limit.is_none_or(|limit| started.elapsed() < limit);
    let (mut calls, mut runs, mut crashes) = (0, 0, 0);
    for seed in (arguments.seed..).take(usize::try_from(arguments.seeds).unwrap_or(usize::MAX)) {
        if !in_time() {
            break;
        }
        let report = simulate(&arguments, seed, &in_time);
        (calls, runs) = (calls + report.deeds.calls, runs + 1);
        crashes += report.deeds.crashes;
        if !report.findings.is_empty() {
            explain(&arguments, seed, &report);
            return ExitCode::FAILURE;
        }
        if report.is_hollow() {
            println!("nothing was shown: nobody came to a person\n{}", replay(&arguments, seed));
            return ExitCode::FAILURE;
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    let rate = calls as f64 / seconds;
    println!(
        "no rule was broken: {runs} seeds, {calls} calls, {rate:.0} calls a second, {crashes} crashes"
    );
    ExitCode::SUCCESS
}

fn simulate(arguments: &Arguments, seed: u64, in_time: &dyn Fn() -> bool) -> Report {
    let started = Instant::now();
    let shows = std::io::stderr().is_terminal();
    let mut shown = Instant::now();
    let report = run(&options(arguments, seed), &mut |share, calls| {
        if shows && shown.elapsed() > Duration::from_millis(200) {
            shown = Instant::now();
            let filled = "█".repeat((share * 30.0) as usize);
            let rate = calls as f64 / started.elapsed().as_secs_f64();
            eprint!("\rseed {seed} {filled:░<30} {:3.0} % {rate:.0} calls/s ", share * 100.0);
            let _ = std::io::stderr().flush();
        }
        in_time()
    });
    if shows {
        eprint!("\r\x1b[K");
    }
    let seconds = started.elapsed().as_secs_f64();
    let deeds = report.deeds;
    println!(
        "seed {seed}: {:.1} days, {} calls, {} faults, {} crashes, {} SIP messages, {} datagrams; \
         {:.1} s, {:.0} calls/s; hash {:016x}",
        report.lived.as_secs_f64() / 86_400.0,
        deeds.calls,
        deeds.faults,
        deeds.crashes,
        report.messages,
        report.datagrams,
        seconds,
        deeds.calls as f64 / seconds,
        report.hash,
    );
    if arguments.seeds == 1 {
        println!("{deeds:?}\nfaults: {:?}\njudged: {:?}", report.faults, report.judged);
        for (outcome, count) in &report.outcomes {
            println!("{count:>10}  {outcome:?}");
        }
    }
    report
}

fn options(arguments: &Arguments, seed: u64) -> Options {
    Options {
        seed,
        days: arguments.days,
        region: arguments.region.clone(),
        calls_a_day: arguments.calls,
        surge: arguments.surge,
        full_media: arguments.media,
        trouble: match arguments.crashes {
            Some(seconds) => Trouble::Crashes(Duration::from_secs(seconds)),
            None if arguments.calm => Trouble::None,
            None => Trouble::Seeded,
        },
        checks: true,
        planted: arguments.plant.map(|plant| match plant {
            Plant::Packet => Planted::Packet,
            Plant::Panic => Planted::Panic,
        }),
    }
}

fn explain(arguments: &Arguments, seed: u64, report: &Report) {
    for finding in &report.findings {
        let (at, check, what) = (finding.at.mono, finding.check, &finding.what);
        println!("{at}  {check}: {what}  {}", finding.calls.join(" "));
    }
    println!("\n{}\n{}", report.ladder, replay(arguments, seed));
}

/// The command that repeats a run.
fn replay(arguments: &Arguments, seed: u64) -> String {
    format!(
        "cargo run --release -p sim -- --seed {seed} --days {} --region {} --calls {} --surge {} --media {}{}{}{}",
        arguments.days,
        arguments.region.display(),
        arguments.calls,
        arguments.surge,
        arguments.media,
        if arguments.calm { " --calm" } else { "" },
        arguments.crashes.map(|seconds| format!(" --crashes {seconds}")).unwrap_or_default(),
        match arguments.plant {
            Some(Plant::Packet) => " --plant packet",
            Some(Plant::Panic) => " --plant panic",
            None => "",
        },
    )
}
