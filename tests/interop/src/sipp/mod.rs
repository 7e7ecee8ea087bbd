//! SIPp: exact signalling by a scenario.

mod scenario;
mod trace;

use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::block::Host;
use crate::line::Line;
use crate::process::Process;
use crate::wait::{PATIENCE, until};

pub use scenario::{Scenario, Transport};
pub use trace::{Message, Trace};

/// How long a whole scenario may take.
const SCENARIO_MAX: Duration = Duration::from_secs(180);

/// How many calls, and how many a second.
#[derive(Clone, Copy, Debug)]
enum Pace {
    /// So many, within [`SCENARIO_MAX`]; what is sent and received is kept.
    Few { calls: u32, rate: u32 },
    /// Until it is told to stop.
    Endless { rate: u32 },
}

/// Numbers that [`Sipp::start_crowd`] has for its callers.
const NUMBERS: u32 = 100_000;

/// A running SIPp.
#[derive(Debug)]
pub struct Sipp {
    process: Process,
    /// The folder and the beginning of all file names.
    files: PathBuf,
    host: Host,
    call_id: String,
    /// How many events have been waited for.
    told: usize,
}

impl Sipp {
    /// Plays a scenario once from this host.
    #[must_use]
    #[track_caller]
    pub fn start(line: &Line, host: &Host, scenario: Scenario) -> Sipp {
        Sipp::start_many(line, host, scenario, 1, 1)
    }

    /// Plays a scenario so often, so many times a second.
    #[must_use]
    #[track_caller]
    pub fn start_many(line: &Line, host: &Host, scenario: Scenario, calls: u32, rate: u32) -> Sipp {
        Sipp::play(line.sip(), line.folder(), host, &scenario, Pace::Few { calls, rate })
    }

    /// Plays a scenario for everybody who calls, or so many times a second, until [`Sipp::stop`]; `[field0]`
    /// is another number for each.
    ///
    /// # Panics
    /// If the folder cannot be written.
    #[must_use]
    #[track_caller]
    pub fn start_crowd(line: &Line, host: &Host, scenario: &Scenario, rate: u32) -> Sipp {
        let numbers = (0..NUMBERS).map(|n| format!("+79{n:09}\n")).collect::<String>();
        let numbers = format!("SEQUENTIAL\n{numbers}");
        std::fs::write(line.folder().join("numbers.csv"), numbers).expect("it can be written");
        Sipp::play(line.sip(), line.folder(), host, scenario, Pace::Endless { rate })
    }

    /// No calls are begun any more; those in progress go on to their end.
    pub fn stop(&self) {
        self.process.signal(Signal::SIGUSR1);
    }

    /// Waits for the end of the calls in progress after [`Sipp::stop`], whatever became of them.
    pub fn wait_stopped(&mut self) {
        self.process.ends_within(SCENARIO_MAX);
    }

    /// The Call-IDs at which the scenario has come to `tells(event)` so far.
    #[must_use]
    pub fn told(&self, event: &str) -> Vec<String> {
        let log = std::fs::read_to_string(self.file(".logs")).unwrap_or_default();
        // The last line may be half written.
        let whole = log.rfind('\n').map_or("", |end| &log[..end]);
        let told = whole.lines().filter_map(|line| line.rsplit_once(' '));
        let told = told.filter(|(said, _)| said.ends_with(event));
        told.map(|(_, call_id)| call_id.to_owned()).collect()
    }

    /// Plays a scenario with this remote address.
    #[track_caller]
    fn play(
        remote: SocketAddr,
        folder: &Path,
        host: &Host,
        scenario: &Scenario,
        pace: Pace,
    ) -> Sipp {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let files = folder.join(format!("sipp-{number}-{}", host.ip()));
        let file = |suffix: &str| PathBuf::from(format!("{}{suffix}", files.display()));
        std::fs::write(file(".xml"), scenario.xml()).expect("the folder can be written");
        let mut command = Command::new("sipp");
        let ip = host.ip().to_string();
        command.arg(remote.to_string()).args(["-sf"]).arg(file(".xml"));
        command.args(["-t", scenario.transport().option(), "-i", &ip, "-mi", &ip]);
        command.args(["-p", &host.sip().port().to_string(), "-nostdin", "-skip_rlimit", "-aa"]);
        // Without "@host" the Call-ID may stand in file names and in Replaces as it is.
        let call_id = format!("call-{number}-{}", std::process::id());
        command.args(["-cid_str", &format!("{call_id}-%u")]);
        match pace {
            Pace::Few { calls, rate } => {
                command.args(["-m", &calls.to_string(), "-r", &rate.to_string()]);
                command.args(["-timeout", &SCENARIO_MAX.as_secs().to_string(), "-timeout_error"]);
                command.args(["-trace_msg", "-message_file"]).arg(file(".messages"));
            }
            Pace::Endless { rate } => {
                command.args(["-r", &rate.to_string(), "-inf"]).arg(folder.join("numbers.csv"));
                // By itself it stops at ten calls, and ends when the machine is slow.
                command.args(["-l", "1000", "-watchdog_interval", "0"]);
            }
        }
        command.args(["-trace_err", "-error_file"]).arg(file(".errors"));
        command.args(["-trace_logs", "-log_file"]).arg(file(".logs"));
        let process = Process::start(command, &file(".screen"));
        let sipp = Sipp { process, files, host: *host, call_id: format!("{call_id}-1"), told: 0 };
        if scenario.is_callee() {
            sipp.wait_listening(scenario.transport());
        }
        sipp
    }

    /// The Call-ID of the first call that this SIPp makes.
    #[must_use]
    pub fn call_id(&self) -> &str {
        &self.call_id
    }

    /// Waits until the scenario has come to `tells(event)`, or a call of several has come there
    /// again; gives the Call-ID there.
    ///
    /// # Panics
    /// If it does not in time.
    #[track_caller]
    pub fn wait_told(&mut self, event: &str) -> String {
        let file = self.file(".logs");
        let (at, call_id) =
            until(&format!("SIPp at {} tells {event:?}", self.host.ip()), PATIENCE * 2, || {
                let log = std::fs::read_to_string(&file).unwrap_or_default();
                let lines = log.lines().enumerate().skip(self.told);
                let told = lines.filter_map(|(at, line)| Some((at, line.rsplit_once(' ')?)));
                if let Some((at, (_, call_id))) =
                    told.clone().find(|(_, (said, _))| said.ends_with(event))
                {
                    return Some((at, call_id.to_owned()));
                }
                if self.process.ends_within(Duration::ZERO).is_some() {
                    panic!("SIPp ended before it told {event:?}:\n{}", self.story());
                }
                None
            });
        self.told = at + 1;
        call_id
    }

    /// Lets a scenario over UDP go on that waits in `nudged()`.
    ///
    /// # Panics
    /// If the scenario did not tell that it waits.
    pub fn nudge(&mut self) {
        let call_id = self.wait_told("waits");
        // SIPp knows a call by its Call-ID alone.
        let nudge = format!(
            "NUDGE sip:nudge SIP/2.0\r\nVia: SIP/2.0/UDP {ip};branch=z9hG4bKn\r\n\
             From: <sip:nudge@{ip}>;tag=n\r\nTo: <sip:nudge@{ip}>\r\nCall-ID: {call_id}\r\n\
             CSeq: 1 NUDGE\r\nContent-Length: 0\r\n\r\n",
            ip = self.host.ip()
        );
        let socket = UdpSocket::bind((self.host.ip(), 0)).expect("a free port");
        socket.send_to(nudge.as_bytes(), self.host.sip()).expect("loopback takes packets");
    }

    /// Waits for its end: every call went as the scenario says. Gives what was sent and received.
    ///
    /// # Panics
    /// If a call went otherwise.
    #[track_caller]
    pub fn finish(mut self) -> Trace {
        let Some(status) = self.process.ends_within(SCENARIO_MAX) else {
            panic!("SIPp goes on:\n{}", self.story());
        };
        assert!(status.success(), "SIPp failed ({status}):\n{}", self.story());
        self.trace()
    }

    /// Takes its host away from the network, as a power cut does.
    pub fn kill(mut self) -> Trace {
        self.process.kill();
        self.trace()
    }

    /// What was sent and received so far.
    #[must_use]
    pub fn trace(&self) -> Trace {
        Trace::read(&self.file(".messages"))
    }

    fn file(&self, suffix: &str) -> PathBuf {
        PathBuf::from(format!("{}{suffix}", self.files.display()))
    }

    /// What to read when it failed.
    fn story(&self) -> String {
        let read = |suffix| std::fs::read(self.file(suffix)).unwrap_or_default();
        let text = |suffix| String::from_utf8_lossy(&read(suffix)).into_owned();
        let (screen, messages) = (self.process.output(), text(".messages"));
        // The screen is drawn again every second; the last is enough.
        let last = screen.rfind("Scenario Screen").map_or(0, |at| at.saturating_sub(30));
        let last = screen.get(last..).unwrap_or(&screen);
        format!("--- messages ---\n{messages}\n--- errors ---\n{}\n{last}", text(".errors"))
    }

    /// A callee that is called before it listens would miss the call.
    fn wait_listening(&self, transport: Transport) {
        let (table, address) = (transport.table(), self.host.sip());
        let SocketAddr::V4(address) = address else { return };
        let ip = u32::from_ne_bytes(address.ip().octets());
        let entry = format!("{ip:08X}:{:04X}", address.port());
        until(&format!("SIPp listens at {address}"), PATIENCE, || {
            std::fs::read_to_string(table).ok()?.contains(&entry).then_some(())
        });
    }
}

#[cfg(test)]
mod tests;
