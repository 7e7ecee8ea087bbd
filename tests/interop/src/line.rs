//! The running program.

use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::Duration;

use journal::{CallRecord, Entry};
use nix::sys::signal::Signal;
use records::{Place, Reader};
use serde_json::Value;

use crate::block::Host;
use crate::folder::Folder;
use crate::process::Process;
use crate::program::{line122, root};
use crate::setup::{Setup, TRUST};
use crate::wait::{PATIENCE, until};
use crate::web::Web;

/// How long a program without calls may take to end.
const ENDS_WITHIN: Duration = Duration::from_secs(5);

/// `line122 run` with its folder.
#[derive(Debug)]
pub struct Line {
    // Ended before its folder goes.
    process: Process,
    folder: Folder,
    setup: Setup,
    /// The test has seen to its end.
    ended: bool,
    /// What an error in the log may be about.
    expected_error: Option<&'static str>,
}

/// Phones and folders.
impl Line {
    /// The demo with short times.
    #[must_use]
    #[track_caller]
    pub fn demo() -> Line {
        Setup::demo().start()
    }

    #[track_caller]
    pub(crate) fn start(setup: Setup) -> Line {
        let folder = Folder::new();
        let plan = folder.path().join("dialplan");
        std::fs::create_dir(&plan).expect("the folder of a test can be written");
        for (name, text) in &setup.plan {
            std::fs::write(plan.join(name), text).expect("the folder of a test can be written");
        }
        for (name, text) in &setup.files {
            std::fs::write(folder.path().join(name), text).expect("the folder can be written");
        }
        let process = Line::launch(&setup, &folder, "line122.log");
        let mut line = Line { process, folder, setup, ended: false, expected_error: None };
        line.wait_ready();
        line
    }

    /// The program starts, with what lies in the folder.
    fn launch(setup: &Setup, folder: &Folder, log: &str) -> Process {
        let mut command = program(setup.core);
        let addresses =
            [("SIP__UDP", setup.sip), ("SIP__TCP", setup.sip), ("WEB__LISTEN", setup.web)];
        for (name, address) in addresses {
            command.env(format!("LINE122__{name}"), address.to_string());
        }
        command
            .arg("run")
            .env("LINE122__MEDIA__ADDRESS", setup.sip.ip().to_string())
            .current_dir(folder.path())
            .env("LINE122__PATHS__DIALPLAN", folder.path().join("dialplan"))
            .env("LINE122__PATHS__PROMPTS", root().join("prompts"))
            .env("LINE122__PATHS__DATA", folder.path().join("data"));
        if setup.files.contains_key(TRUST) {
            command.env("SSL_CERT_FILE", folder.path().join(TRUST));
        }
        for (key, value) in &setup.settings {
            let name = format!("LINE122__{}", key.to_uppercase().replace('.', "__"));
            command.env(name, value);
        }
        Process::start(command, &folder.path().join(log))
    }

    /// The power comes back after [`Line::kill`].
    #[track_caller]
    pub fn start_again(&mut self) {
        self.begin_again();
        self.wait_ready();
    }

    /// The same, without waiting until it is ready.
    pub fn begin_again(&mut self) {
        assert_eq!(self.bad_lines(), Vec::<String>::new(), "the program logged before its end");
        self.process = Line::launch(&self.setup, &self.folder, "line122-again.log");
        self.ended = false;
    }

    fn wait_ready(&mut self) {
        until("the program is ready", PATIENCE, || {
            if let Some(status) = self.process.ends_within(Duration::ZERO) {
                self.ended = true;
                panic!("the program ended ({status}):\n{}", self.log());
            }
            if self.setup.has_secured_pages {
                // Those who go to these pages see for themselves.
                return self.connect_web().ok().map(drop);
            }
            self.get("/readyz").filter(|(status, _)| *status == 200).map(drop)
        });
    }

    /// The running program.
    #[must_use]
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Where it serves SIP over UDP and TCP.
    #[must_use]
    pub fn sip(&self) -> SocketAddr {
        self.setup.sip
    }

    /// Where it serves SIP over TLS, if the setup says so.
    #[must_use]
    pub fn tls(&self) -> SocketAddr {
        self.setup.tls
    }

    /// An address that nobody has yet.
    #[must_use]
    pub fn host(&self) -> Host {
        self.setup.host()
    }

    /// The phone that the demo's first clinic rings.
    #[must_use]
    pub fn clinic(&self) -> Host {
        self.setup.clinic()
    }

    /// The folder of this test.
    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Changes a file in the working folder.
    ///
    /// # Panics
    /// If it cannot be written.
    pub fn write_file(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).expect("the folder can be written");
    }

    /// What the program has logged.
    #[must_use]
    pub fn log(&self) -> String {
        self.process.output()
    }
}

/// What can be seen from outside.
impl Line {
    /// The web port.
    #[must_use]
    pub fn web(&self) -> Web {
        Web(self.setup.web)
    }

    /// A connection to the web port.
    ///
    /// # Errors
    /// If the port does not take it.
    pub fn connect_web(&self) -> std::io::Result<TcpStream> {
        self.web().connect()
    }

    /// Asks the web port; status and body.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<(u16, String)> {
        self.web().get(path)
    }

    /// A figure of `/metrics`.
    ///
    /// # Panics
    /// If the program does not tell it.
    #[must_use]
    #[track_caller]
    pub fn metric(&self, name: &str) -> f64 {
        let (_, text) = self.get("/metrics").expect("the web port answers");
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no {name} in {text}"))
    }

    /// A token of the API with this role, for the program of this name.
    #[must_use]
    #[track_caller]
    pub fn token(&self, name: &str, role: &str) -> String {
        self.run(&["token", "add", name, "--role", role]).trim().to_owned()
    }

    /// Runs the program beside it with these arguments; gives what it writes.
    ///
    /// # Panics
    /// If it fails.
    #[must_use]
    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> String {
        let output = Command::new(line122())
            .args(arguments)
            .current_dir(self.folder.path())
            .env("LINE122__WEB__LISTEN", self.setup.web.to_string())
            .env("LINE122__PATHS__PROMPTS", root().join("prompts"))
            .env("LC_ALL", "C.UTF-8")
            .output()
            .expect("the program can be started");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
        text
    }

    /// The state of calls, queues and agents.
    ///
    /// # Panics
    /// If the program does not tell it.
    #[must_use]
    pub fn status(&self) -> Value {
        let (status, body) = self.get("/api/status").expect("the web port answers");
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}"))
    }

    /// Waits until the status shows this.
    ///
    /// # Panics
    /// If it does not in time.
    #[track_caller]
    pub fn wait_status(&self, what: &str, shows: impl Fn(&Value) -> bool) -> Value {
        until(what, PATIENCE, || Some(self.status()).filter(|status| shows(status)))
    }

    /// Waits until this many calls are live.
    #[track_caller]
    pub fn wait_calls(&self, count: u64) {
        self.wait_status(&format!("{count} calls are live"), |status| {
            status["counters"]["calls_live"].as_u64() == Some(count)
        });
    }

    /// The entries of the journal.
    ///
    /// # Panics
    /// If it cannot be read.
    #[must_use]
    pub fn journal(&self) -> Vec<Entry> {
        self.journal_since(0).into_iter().map(|(_, entry)| entry).collect()
    }

    /// The entries of the journal behind this place, with their places.
    ///
    /// # Panics
    /// If it cannot be read.
    #[must_use]
    pub fn journal_since(&self, place: i64) -> Vec<(i64, Entry)> {
        let mut reader = self.reader();
        let mut entries: Vec<(i64, Entry)> = Vec::new();
        loop {
            let last = entries.last().map_or(place, |(place, _)| *place);
            let page = reader.entries(last).unwrap_or_else(|error| panic!("{error}"));
            if page.is_empty() {
                return entries;
            }
            entries.extend(page);
        }
    }

    /// Where the records are.
    #[must_use]
    pub fn place(&self) -> Place {
        Place::sqlite(self.folder.path().join("data"))
    }

    /// Reads the records beside the line.
    ///
    /// # Panics
    /// If there are none.
    #[must_use]
    pub fn reader(&self) -> Reader {
        Reader::open(&self.place()).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The records of all calls that have ended.
    #[must_use]
    pub fn records(&self) -> Vec<CallRecord> {
        self.journal().into_iter().filter_map(Entry::into_record).collect()
    }

    /// Waits for the record of the only call there was.
    ///
    /// # Panics
    /// If there is none in time, or more than one.
    #[must_use]
    #[track_caller]
    pub fn only_record(&self) -> CallRecord {
        until("a record", PATIENCE, || (!self.records().is_empty()).then_some(()));
        let mut records = self.records();
        assert_eq!(records.len(), 1, "one record a call: {records:#?}");
        records.remove(0)
    }

    /// Waits for the record of the call whose caller's dialog has this Call-ID.
    ///
    /// # Panics
    /// If there is none in time, or more than one.
    #[must_use]
    #[track_caller]
    pub fn record(&self, sip_call_id: &str) -> CallRecord {
        let of_call = || {
            let all = self.records().into_iter();
            all.filter(|record| record.sip_call_id == sip_call_id).collect::<Vec<_>>()
        };
        until(&format!("the record of call {sip_call_id}"), PATIENCE, || {
            (!of_call().is_empty()).then_some(())
        });
        let mut records = of_call();
        assert_eq!(records.len(), 1, "one record a call: {records:#?}");
        records.remove(0)
    }
}

/// The end.
impl Line {
    /// Asks the program to drain.
    pub fn terminate(&self) {
        self.process.signal(Signal::SIGTERM);
    }

    /// The test makes the program log errors that contain these words.
    pub fn expect_errors(&mut self, words: &'static str) {
        self.expected_error = Some(words);
    }

    /// Ends it at once, as a power cut does.
    pub fn kill(&mut self) {
        self.process.kill();
        self.ended = true;
    }

    /// What it has logged and must not.
    fn bad_lines(&self) -> Vec<String> {
        let expected = |line: &str| self.expected_error.is_some_and(|words| line.contains(words));
        let bad = |line: &&str| {
            (line.contains(" ERROR ") && !expected(line)) || line.contains("panicked at")
        };
        self.log().lines().filter(bad).map(str::to_owned).collect()
    }

    /// Waits for its end, and gives whether it ended well.
    ///
    /// # Panics
    /// If it goes on.
    pub fn wait_end(&mut self, patience: Duration) -> bool {
        let status = self.process.ends_within(patience);
        self.ended = true;
        status.unwrap_or_else(|| panic!("the program goes on:\n{}", self.log())).success()
    }
}

impl Drop for Line {
    /// A program that panicked, logged an error or does not end when asked fails the test.
    fn drop(&mut self) {
        if !self.ended {
            self.terminate();
        }
        let ended =
            self.ended || self.process.ends_within(ENDS_WITHIN).is_some_and(|s| s.success());
        let log = self.log();
        if std::thread::panicking() {
            println!("--- line122 ---\n{}", last_lines(&log, 200));
            return;
        }
        let bad = self.bad_lines();
        assert!(bad.is_empty(), "the program logged:\n{}", bad.join("\n"));
        assert!(ended, "the program does not end when asked:\n{}", last_lines(&log, 100));
    }
}

/// The program as a command, kept on one core if it is to be.
fn program(core: Option<u32>) -> Command {
    let Some(core) = core else { return Command::new(line122()) };
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", &core.to_string()]).arg(line122());
    command
}

fn last_lines(text: &str, count: usize) -> &str {
    let start = text.rmatch_indices('\n').nth(count).map_or(0, |(at, _)| at + 1);
    &text[start..]
}
