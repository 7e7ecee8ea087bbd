//! `cargo xtask fuzz`: any bytes into the parsers and the media engine, for a set time each.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use clap::Args;

use crate::{Failure, cargo, root};

/// Where real messages stand that a fuzzer begins with.
const TORTURE: [&str; 2] = ["crates/sip/tests/torture/rfc4475", "crates/sip/tests/torture/rfc5118"];
/// Valid examples by target, written by hand.
const SEEDS: &str = "fuzz/seeds";

/// What `cargo xtask fuzz` is asked.
#[derive(Args)]
pub(crate) struct Options {
    /// Which targets; all of fuzz/fuzz_targets if none is named
    targets: Vec<String>,
    /// For how many minutes each
    #[arg(long, default_value_t = 60)]
    minutes: u64,
}

/// How far a fuzzer came, as libFuzzer counts it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Progress {
    /// Inputs tried.
    runs: u64,
    /// Edges of the program that were reached.
    edges: u64,
    /// Inputs kept since each reached something new.
    corpus: u64,
}

/// Runs each target for its time and tells how far it came.
///
/// # Errors
/// If a target finds a crash (its input is named), or cargo-fuzz is not there.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let all = targets()?;
    for name in &options.targets {
        if !all.contains(name) {
            return Err(Failure(format!(
                "no target is called {name}; there are {}",
                all.join(", ")
            )));
        }
    }
    let chosen = if options.targets.is_empty() { &all } else { &options.targets };
    let mut build = cargo_fuzz("build");
    if !build.status()?.success() {
        let needs =
            "this needs cargo-fuzz and a C++ compiler: cargo install cargo-fuzz, apt install g++";
        return Err(Failure(needs.to_owned()));
    }
    let mut found = Vec::new();
    println!("{:<14}{:>12}{:>10}{:>10}", "target", "inputs", "edges", "corpus");
    for target in chosen {
        let (progress, is_sound) = fuzz(target, Duration::from_secs(options.minutes * 60))?;
        let Progress { runs, edges, corpus } = progress;
        println!("{target:<14}{runs:>12}{edges:>10}{corpus:>10}");
        if !is_sound {
            found.push(target.as_str());
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    let found = found.join(", ");
    Err(Failure(format!("{found}: a crash; its input is in fuzz/artifacts and becomes a test")))
}

fn cargo_fuzz(command: &str) -> Command {
    let mut fuzz = cargo();
    // Lets a stable compiler do what otherwise needs a nightly one.
    fuzz.env("RUSTC_BOOTSTRAP", "1").args(["fuzz", command]);
    fuzz
}

fn targets() -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(root().join("fuzz/fuzz_targets"))? {
        let path = entry?.path();
        if let Some(name) = path.file_stem().and_then(|name| name.to_str()) {
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// The folders of what a target begins with: they are read, never written.
fn first_inputs(target: &str) -> Vec<PathBuf> {
    let seeds = Path::new(SEEDS).join(target);
    let mut folders: Vec<PathBuf> = match target {
        "sip_message" | "sip_stream" => TORTURE.map(PathBuf::from).to_vec(),
        "dialplan" => vec!["dialplans/demo".into()],
        _ => Vec::new(),
    };
    if root().join(&seeds).is_dir() {
        folders.push(seeds);
    }
    folders
}

/// One target; its own words are shown as they come.
fn fuzz(target: &str, time: Duration) -> Result<(Progress, bool), Failure> {
    let corpus = PathBuf::from("fuzz/corpus").join(target);
    std::fs::create_dir_all(root().join(&corpus))?;
    let mut run = cargo_fuzz("run");
    run.arg(target).arg(&corpus).args(first_inputs(target));
    run.args(["--", &format!("-max_total_time={}", time.as_secs())]);
    let mut child = run.stderr(Stdio::piped()).spawn()?;
    let mut progress = Progress::default();
    if let Some(stderr) = child.stderr.take() {
        for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line);
            progress.read(&line);
            eprintln!("{line}");
        }
    }
    Ok((progress, child.wait()?.success()))
}

impl Progress {
    /// Reads `#204291 DONE cov: 2621 ft: 11518 corp: 1806/1693Kb lim: 3526 …`.
    fn read(&mut self, line: &str) {
        let Some(rest) = line.strip_prefix('#') else { return };
        let mut words = rest.split_whitespace();
        let Some(runs) = words.next().and_then(|runs| runs.parse().ok()) else { return };
        self.runs = runs;
        let mut after = |name: &str| {
            let value = words.by_ref().skip_while(|word| *word != name).nth(1)?;
            value.split('/').next()?.parse().ok()
        };
        if let Some(edges) = after("cov:") {
            self.edges = edges;
        }
        if let Some(corpus) = after("corp:") {
            self.corpus = corpus;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(folder: &Path) -> usize {
        let entries = std::fs::read_dir(root().join(folder)).expect("a folder of first inputs");
        entries.filter(|entry| entry.as_ref().is_ok_and(|entry| entry.path().is_file())).count()
    }

    #[test]
    fn every_target_begins_with_something() {
        let targets = targets().expect("fuzz/fuzz_targets");
        for target in &targets {
            let folders = first_inputs(target);
            assert!(!folders.is_empty(), "{target} has no first inputs");
            assert!(folders.iter().all(|folder| files(folder) > 0), "{target}: an empty folder");
        }
        for entry in std::fs::read_dir(root().join(SEEDS)).expect("the seeds") {
            let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
            assert!(targets.contains(&name), "{SEEDS}/{name} is no target's");
        }
    }

    #[test]
    fn the_words_of_a_fuzzer_are_understood() {
        let mut progress = Progress::default();
        for line in [
            "INFO: Seed: 1234",
            "#2\tINITED cov: 10 ft: 11 corp: 1/1b exec/s: 0 rss: 30Mb",
            "#204291\tDONE   cov: 2621 ft: 11518 corp: 1806/1693Kb lim: 3526 exec/s: 140 rss: 513Mb",
            "Done 204291 runs in 1201 second(s)",
        ] {
            progress.read(line);
        }
        assert_eq!(progress, Progress { runs: 204_291, edges: 2621, corpus: 1806 });
    }
}
