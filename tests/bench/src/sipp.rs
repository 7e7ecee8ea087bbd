//! SIPp as the load: callers, clinics and phones by the thousand.

use std::collections::HashMap;
use std::error::Error;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use interop::process::Process;
use interop::wait::{PATIENCE, until};

use crate::core::Core;
use crate::lab::Lab;

/// What a SIPp does.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    /// The scenario's text.
    pub(crate) scenario: &'static str,
    /// Where it sends from and listens.
    pub(crate) at: SocketAddr,
    /// New calls a second.
    pub(crate) rate: u32,
    /// All calls.
    pub(crate) calls: u32,
    /// Calls at once, if they are limited.
    pub(crate) at_once: Option<u32>,
    /// What a pause of the scenario lasts.
    pub(crate) pause: Duration,
    /// Lines for `[field0]` and on, if the scenario has such.
    pub(crate) users: Option<String>,
}

/// What came of a load.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Outcome {
    /// Calls that went as the scenario says.
    pub(crate) succeeded: u64,
    /// Calls that did not.
    pub(crate) failed: u64,
    /// From the first call to the end of the last.
    pub(crate) took: Duration,
}

/// A running SIPp.
#[derive(Debug)]
pub(crate) struct Sipp {
    process: Process,
    files: PathBuf,
    started: Instant,
}

impl Load {
    /// Calls from this address.
    pub(crate) fn from(scenario: &'static str, at: SocketAddr, rate: u32, calls: u32) -> Load {
        let (at_once, pause, users) = (None, Duration::ZERO, None);
        Load { scenario, at, rate, calls, at_once, pause, users }
    }

    /// Starts it towards a server.
    pub(crate) fn start(&self, lab: &Lab, to: SocketAddr) -> Sipp {
        let (mut command, files) = prepare(lab, self.scenario, self.at, self.pause);
        command.arg(to.to_string());
        command.args(["-m", &self.calls.to_string(), "-r", &self.rate.to_string()]);
        // SIPp's own limit is three seconds of the rate.
        command.args(["-l", &self.at_once.unwrap_or(self.calls).to_string()]);
        command.args(["-trace_stat", "-fd", "1", "-stf"]).arg(files.with_extension("csv"));
        if let Some(users) = &self.users {
            let file = files.with_extension("users");
            fs::write(&file, users).expect("the folder can be written");
            command.arg("-inf").arg(file);
        }
        let process = Process::start(command, &files.with_extension("log"));
        Sipp { process, files, started: Instant::now() }
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// If it does not end, or tells no figures.
    pub(crate) fn run(&self, lab: &Lab, to: SocketAddr) -> Result<Outcome, Box<dyn Error>> {
        self.start(lab, to).finish()
    }
}

/// Plays a scenario for all who call this address, until it is dropped.
pub(crate) fn answer(
    lab: &Lab,
    scenario: &'static str,
    at: SocketAddr,
    pause: Duration,
) -> Process {
    let (command, files) = prepare(lab, scenario, at, pause);
    let mut process = Process::start(command, &files.with_extension("log"));
    until(&format!("SIPp listens at {at}"), PATIENCE, || {
        if process.ends_within(Duration::ZERO).is_some() {
            panic!("SIPp ended:\n{}", process.output());
        }
        is_bound(at).then_some(())
    });
    process
}

fn prepare(lab: &Lab, scenario: &str, at: SocketAddr, pause: Duration) -> (Command, PathBuf) {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let files = lab.folder().join(format!("sipp-{number}.xml"));
    fs::write(&files, scenario).expect("the folder can be written");
    let mut command = Core::Load.command("sipp");
    command.arg("-sf").arg(&files).args(["-nostdin", "-skip_rlimit", "-t", "u1"]);
    command.args(["-i", &at.ip().to_string(), "-p", &at.port().to_string()]);
    command.args(["-d", &pause.as_millis().to_string()]);
    // Bursts wait in the socket, and what has ended is forgotten at once.
    command.args(["-buff_size", "4000000", "-deadcall_wait", "0"]);
    command.args(["-trace_err", "-error_file"]).arg(files.with_extension("errors"));
    (command, files)
}

impl Sipp {
    /// Waits for its end.
    ///
    /// # Errors
    /// If it does not end, or tells no figures.
    pub(crate) fn finish(mut self) -> Result<Outcome, Box<dyn Error>> {
        if self.process.ends_within(Duration::from_secs(120)).is_none() {
            return Err(format!("SIPp goes on:\n{}", self.process.output()).into());
        }
        let took = self.started.elapsed();
        let figures = fs::read_to_string(self.files.with_extension("csv"))?;
        let (Some(names), Some(values)) = (figures.lines().next(), figures.lines().last()) else {
            return Err("SIPp told no figures".into());
        };
        let values: HashMap<&str, &str> = names.split(';').zip(values.split(';')).collect();
        let count = |name| values.get(name).and_then(|value| value.parse().ok()).unwrap_or(0);
        let outcome =
            Outcome { succeeded: count("SuccessfulCall(C)"), failed: count("FailedCall(C)"), took };
        if outcome.succeeded == 0 {
            let errors = fs::read_to_string(self.files.with_extension("errors"))?;
            let first: Vec<&str> = errors.lines().take(20).collect();
            return Err(format!("no call succeeded:\n{}", first.join("\n")).into());
        }
        Ok(outcome)
    }
}

/// Whether somebody has a UDP socket at this address.
pub(crate) fn is_bound(at: SocketAddr) -> bool {
    let SocketAddr::V4(v4) = at else { return true };
    let entry = format!("{:08X}:{:04X}", u32::from_ne_bytes(v4.ip().octets()), v4.port());
    fs::read_to_string("/proc/net/udp").unwrap_or_default().contains(&entry)
}
