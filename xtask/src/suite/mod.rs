//! `cargo xtask test`: every test there is, in one run.

mod tally;

use std::io::{BufRead, BufReader, IsTerminal, Read};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use crate::Failure;
use crate::needs::{self, Need};
use tally::Tally;

/// The workspace crate whose tests start the real program beside SIPp, baresip and Chromium.
const INTEROP: &str = "interop";
/// The workspace crate whose tests start PostgreSQL.
const RECORDS: &str = "records";
/// How many tests run side by side: the interop tests wait for telephones far more than they compute.
const AT_ONCE: &str = "10";

/// Runs the tests and prints one summary.
///
/// # Errors
/// If a test fails, or a tool that the interop tests need is missing and cannot be installed.
pub(crate) fn run() -> Result<(), Failure> {
    let started = Instant::now();
    let phones = [
        needs::SIPP,
        needs::BARESIP,
        needs::OPENSSL,
        needs::PEBBLE,
        needs::RTPENGINE,
        needs::COTURN,
        needs::IPROUTE,
    ];
    let all = [&phones[..], &[needs::CHROMIUM, needs::POSTGRESQL]].concat();
    let missing = needs::provide(&all)?;
    needs::provide_client_generator()?;
    needs::provide_axe()?;
    needs::provide_openid()?;
    let mut workspace = vec!["--workspace"];
    if missing.contains(&needs::POSTGRESQL) {
        workspace.extend(["--exclude", RECORDS]);
    }
    if missing.iter().any(|need| *need != needs::POSTGRESQL) {
        workspace.extend(["--exclude", INTEROP]);
    }

    let mut tally = Tally::default();
    if has_nextest() {
        let run = ["nextest", "run", "--no-fail-fast", "--test-threads", AT_ONCE];
        tally += cargo(&run, &workspace, &[])?;
    } else {
        let run = ["test", "--no-fail-fast", "--all-targets"];
        tally += cargo(&run, &workspace, &["--", "--test-threads", AT_ONCE])?;
    }
    tally += cargo(&["test", "--no-fail-fast", "--doc"], &workspace, &[])?;
    tally += counted(&mut recipe())?;

    let outcome = outcome(&tally, &missing);
    println!(
        "\n{} passed, {} failed in {} s",
        tally.passed,
        tally.failed,
        started.elapsed().as_secs()
    );
    outcome
}

fn outcome(tally: &Tally, missing: &[Need]) -> Result<(), Failure> {
    if tally.failed > 0 {
        return Err(Failure("tests failed; each is shown above".to_owned()));
    }
    if !tally.complete {
        return Err(Failure("cargo failed before all tests had run; see above".to_owned()));
    }
    if !missing.is_empty() {
        return Err(Failure(format!(
            "tests were left out: they need {}",
            needs::instruction(missing)
        )));
    }
    Ok(())
}

fn has_nextest() -> bool {
    Command::new("cargo")
        .args(["nextest", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The tests of the recipe for models, which need no package of Python's.
fn recipe() -> Command {
    let mut python = Command::new("python3");
    python.args(["-m", "unittest", "discover", "-s", "training/tests"]).current_dir(crate::root());
    python
}

/// Runs cargo and counts its tests.
fn cargo(command: &[&str], packages: &[&str], to_tests: &[&str]) -> Result<Tally, Failure> {
    let mut cargo = crate::cargo();
    cargo.args(command).args(packages).args(to_tests);
    if std::io::stderr().is_terminal() {
        // Our pipes would hide the terminal from it.
        cargo.env("CARGO_TERM_COLOR", "always");
    }
    counted(&mut cargo)
}

/// Runs a command, lets its output through and counts the tests in it.
fn counted(command: &mut Command) -> Result<Tally, Failure> {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| Failure(format!("{}: {error}", command.get_program().display())))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    // Both at once: a full pipe that nobody reads would stop the tests.
    let counted = thread::scope(|scope| {
        let out = scope.spawn(|| relay(stdout, |line| println!("{line}")));
        let err = relay(stderr, |line| eprintln!("{line}"));
        out.join().map(|out| out + err)
    });
    let mut tally = counted.map_err(|_| Failure("reading the tests' output failed".to_owned()))?;
    tally.complete = child.wait()?.success() || tally.failed > 0;
    Ok(tally)
}

fn relay(pipe: Option<impl Read>, show: impl Fn(&str)) -> Tally {
    let mut tally = Tally::default();
    let Some(pipe) = pipe else { return tally };
    for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        tally.read(&line);
        show(&line);
    }
    tally
}
