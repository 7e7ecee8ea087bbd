//! `cargo xtask bench wall`: what the wallboard of a large centre costs: the server's CPU, bytes for each viewer,
//! and the time of a frame in a real Chromium, if there is one.
//!
//! The pages, the channel and the API are the real ones; the centre is made up. `bench-wall show AGENTS WAITING
//! PORT` only shows it, to look at.
#![allow(clippy::disallowed_methods, reason = "drives a server in real time, decides no call")]
#![allow(clippy::print_stdout, reason = "a command-line tool talks to its user")]

mod browser;
mod centre;
#[path = "../../bench/src/machine.rs"]
mod machine;
mod past;
#[path = "../../bench/src/picture.rs"]
mod picture;
#[path = "../../bench/src/report.rs"]
#[allow(dead_code, reason = "other benchmarks tell their rows at once")]
mod report;
#[path = "../../bench/src/sample.rs"]
mod sample;
mod server;
#[path = "../../bench/src/usage.rs"]
#[allow(dead_code, reason = "other benchmarks measure other programs")]
mod usage;
mod viewers;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use centre::Size;
use report::Row;
use sample::Sample;
use server::{Server, TOKEN};
use viewers::Viewer;

/// What the wallboard is made for.
const LARGE: Size = Size { agents: 500, waiting: 1000 };
/// How many watch at once.
const VIEWERS: [usize; 2] = [1, 20];
const LINE122: &str = "line122";

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["show", agents, waiting, port] => show(agents, waiting, port).await,
        [seconds, rounds, folder] => measure(seconds, rounds, Path::new(folder)).await,
        _ => Err("start it with `cargo xtask bench wall`".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn show(agents: &str, waiting: &str, port: &str) -> Result<(), Box<dyn Error>> {
    let size = Size { agents: agents.parse()?, waiting: waiting.parse()? };
    let server = Server::start(size, port.parse()?).await?;
    println!("http://{}/wall#token={TOKEN}", server.address);
    std::future::pending().await
}

/// Arguments are those that xtask hands on: seconds of a round, rounds, the report's folder.
async fn measure(seconds: &str, rounds: &str, folder: &Path) -> Result<(), Box<dyn Error>> {
    let (lasts, rounds): (u64, usize) = (seconds.parse()?, rounds.parse()?);
    let lasts = Duration::from_secs(lasts);
    let server = Server::start(LARGE, 0).await?;
    let mut rows = Vec::new();
    for viewers in VIEWERS {
        rows.extend(watched(&server, viewers, lasts, rounds).await?);
    }
    match chromium::find() {
        Some(_) => rows.extend(drawn(&server, lasts * 2).await?),
        None => println!("no Chromium is here: the frames are not measured"),
    }
    report::publish("wall", &machine::describe(), &rows, folder)
}

/// What so many viewers cost.
async fn watched(
    server: &Server,
    viewers: usize,
    lasts: Duration,
    rounds: usize,
) -> Result<Vec<Row>, Box<dyn Error>> {
    let mut all = Vec::with_capacity(viewers);
    for _ in 0..viewers {
        all.push(Viewer::come(server.address).await?);
    }
    // The whole picture, and the figures of the day.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let whole = all[0].bytes();
    let (mut bytes, mut cpu) = (Sample::default(), Sample::default());
    for _ in 0..rounds {
        let (sum, used) = (all.iter().map(Viewer::bytes).sum::<u64>(), usage::own_cpu());
        tokio::time::sleep(lasts).await;
        let sum = all.iter().map(Viewer::bytes).sum::<u64>() - sum;
        let used = usage::own_cpu().saturating_sub(used);
        bytes.add(sum as f64 / viewers as f64 / lasts.as_secs_f64() / 1e3);
        cpu.add(used.as_secs_f64() * 1e3 / lasts.as_secs_f64());
    }
    let load = format!("{} agents, {} waiting, {viewers} viewers", LARGE.agents, LARGE.waiting);
    let row = |what, unit, sample| {
        Row { what, load: load.clone(), unit, sides: vec![(LINE122, sample)] }.tell()
    };
    Ok(vec![
        row("first 5 s of a viewer", "kB", [whole as f64 / 1e3].into_iter().collect()),
        row("each viewer", "kB/s", bytes),
        row("CPU of a second, the made-up centre with it", "ms", cpu),
    ])
}

/// What a frame takes.
async fn drawn(server: &Server, lasts: Duration) -> Result<Vec<Row>, Box<dyn Error>> {
    let (first, then) = browser::show(server.address, lasts).await?;
    let load = format!("{} agents, {} waiting", LARGE.agents, LARGE.waiting);
    println!("frames of 50 ms and more: {:?} at the start, {:?} later", first.long, then.long);
    let row = |what, values: Vec<f64>| {
        let sample = values.into_iter().collect();
        Row { what, load: load.clone(), unit: "ms", sides: vec![(LINE122, sample)] }.tell()
    };
    Ok(vec![row("a frame at the start", first.drawn), row("a frame", then.drawn)])
}
