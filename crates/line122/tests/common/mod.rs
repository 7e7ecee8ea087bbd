//! A running program.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// How long to wait for what must come; the machine may be busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

pub(crate) fn line122() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_line122"));
    command
        .current_dir(workspace())
        .env("LC_ALL", "C")
        .env("LINE122__PATHS__DATA", "/dev/null/data")
        .env_remove("CARGO");
    command
}

pub(crate) fn run(arguments: &[&str]) -> Output {
    line122().args(arguments).output().unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A running line on ports of its own.
pub(crate) struct Line {
    pub(crate) child: Child,
    pub(crate) greeting: String,
    pub(crate) udp: String,
    pub(crate) tcp: String,
    pub(crate) web: String,
    data: Option<tempfile::TempDir>,
}

impl Line {
    pub(crate) fn start(more: &[&str]) -> Line {
        Line::start_in(tempfile::tempdir().unwrap(), more)
    }

    /// On the data of a line before it.
    pub(crate) fn start_in(data: tempfile::TempDir, more: &[&str]) -> Line {
        Line::start_as(line122(), data, more)
    }

    /// As the environment of this command has it.
    pub(crate) fn start_as(mut command: Command, data: tempfile::TempDir, more: &[&str]) -> Line {
        let mut child = command
            .args(["--sip", "127.0.0.1:0", "--web", "127.0.0.1:0"])
            .args(["--data", data.path().to_str().unwrap()])
            .args(["--set", "media.ports=30000-30999"])
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut greeting = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        for line in lines.by_ref().map_while(Result::ok) {
            greeting += &line;
            greeting.push('\n');
            if line.starts_with("Ctrl-C") {
                break;
            }
        }
        let found = |before: &str, after: &str| {
            let line = greeting.lines().find(|l| l.contains(before) && l.contains(after));
            let rest = line.unwrap_or_else(|| panic!("{greeting}")).split(before).nth(1).unwrap();
            rest.split(after).next().unwrap().trim().to_owned()
        };
        let (udp, tcp) = (found("SIP", "(UDP)"), found("SIP", "(TCP)"));
        let web = found("http://", "/");
        Line { child, greeting, udp, tcp, web, data: Some(data) }
    }

    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.web).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer[9..12].parse().unwrap();
        (status, answer)
    }

    /// The power is cut; gives what is left on the disk.
    pub(crate) fn kill(mut self) -> tempfile::TempDir {
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.data.take().unwrap()
    }

    pub(crate) fn status(&self) -> serde_json::Value {
        let (_, answer) = self.get("/api/status");
        serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap()
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    pub(crate) fn phone(&self, arguments: &[&str]) -> Child {
        line122().args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    pub(crate) fn exit_code(&mut self) -> Option<i32> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the program does not end");
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn until(what: &str, done: impl Fn() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < PATIENCE, "{what} does not happen");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// One line that says what to do, and the exit code.
pub(crate) fn complains(output: &Output, code: i32, parts: &[&str]) {
    let text = stderr(output);
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    for part in parts {
        assert!(text.contains(part), "{part} is missing: {text}");
    }
}

/// Settings by which callers are heard by the small model, as if it were a region's own; some of them
/// otherwise.
pub(crate) fn model_settings(other: &[(&str, &str)]) -> Vec<String> {
    const MODEL: &str = "crates/recogniser/models/small.onnx";
    let sums = Command::new("sha256sum").arg(MODEL).current_dir(workspace()).output().unwrap();
    let sums = String::from_utf8(sums.stdout).unwrap();
    let settings = [
        ("recogniser", "model"),
        ("model", MODEL),
        ("sha256", sums.split(' ').next().unwrap()),
        ("proof", "training/fixtures/doctor.wav"),
        ("says", "врача на дом"),
    ];
    let all = settings
        .iter()
        .chain(other)
        .flat_map(|(name, value)| ["--set".to_owned(), format!("speech.{name}={value}")]);
    all.collect()
}

/// A copy of the demo's dialplan, to be changed.
pub(crate) fn demo() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(workspace().join("dialplans/demo")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue; // its cases
        }
        std::fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    folder
}
