//! `cargo xtask bench JOB`: builds what measures (`tests/bench`) as users run it, and starts it.

use std::path::PathBuf;
use std::process::Command;

use clap::{Args, ValueEnum};

use crate::needs::{self, Need};
use crate::{Failure, cargo, root};

/// What `cargo xtask bench` is asked.
#[derive(Args)]
pub(crate) struct Options {
    /// What to measure
    job: Job,
    /// For how many seconds a load is kept up
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// How often each side is measured
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// For `speech`: the recordings, as `python3 training/make.py sets` makes them
    #[arg(long, value_name = "DIR", default_value = "target/speech/sets")]
    sets: PathBuf,
    /// For `speech`: where conformer.onnx is, of T-one's architecture with random weights
    #[arg(long, value_name = "DIR", default_value = "target/speech/models")]
    models: PathBuf,
    /// For `speech`: a model of T-one's interface to measure in place of the embedded one
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
}

/// The jobs that are compared, each with the same load on both sides.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Job {
    /// A proxied call, INVITE to BYE, against Kamailio
    Signalling,
    /// A registration with digest, against Kamailio
    Register,
    /// Prompts played at once on one core
    Ivr,
    /// Prompts played to callers who are listened to, against keys alone
    Hearing,
    /// Packets relayed between two callers, against rtpengine
    Relay,
    /// How much later a call is answered because its arrival must be durable first
    Journal,
    /// From a free agent to the INVITE that reaches it
    Queue,
    /// A large dialplan is applied under live calls
    Apply,
    /// The line is killed under live calls and starts again
    Restart,
    /// PostgreSQL is gone for a minute under live calls
    ServerGone,
    /// The disk under SQLite is full for a minute under live calls
    FullDisk,
    /// What the robot understands, by voice and line, and what recognition costs
    Speech,
    /// A call between a browser and a telephone, against one between two telephones
    Webrtc,
    /// What the wallboard of a large centre costs the server, the network and a browser
    Wall,
}

/// Measures one job and prints the comparison.
///
/// # Errors
/// If the job cannot be measured here.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let needs: &[Need] = match options.job {
        Job::Signalling | Job::Register => &[needs::SIPP, needs::KAMAILIO],
        Job::Ivr | Job::Hearing | Job::Queue | Job::Apply | Job::Restart | Job::FullDisk => &[],
        Job::Speech => &[],
        Job::Wall | Job::Webrtc => &[needs::CHROMIUM],
        Job::Relay => &[needs::RTPENGINE],
        Job::Journal | Job::ServerGone => &[needs::POSTGRESQL],
    };
    let missing = needs::provide(needs)?;
    if !missing.is_empty() {
        return Err(Failure(format!("this needs {}", needs::instruction(&missing))));
    }
    // These are measured without the program around them.
    let what: &[&str] = match options.job {
        Job::Speech => &["--package", "bench-speech"],
        Job::Wall => &["--package", "bench-wall"],
        _ => &["--workspace", "--bin", "line122", "--bin", "bench"],
    };
    succeed(cargo().args(["build", "--release"]).args(what))?;

    let target = std::env::var_os("CARGO_TARGET_DIR").map_or("target".into(), PathBuf::from);
    let target = root().join(target);
    if matches!(options.job, Job::Speech) {
        let mut bench = Command::new(target.join("release/bench-speech"));
        bench.arg(options.rounds.to_string()).arg(target.join("bench"));
        bench.args([&options.sets, &options.models]).args(&options.model);
        return succeed(bench.current_dir(root()));
    }
    let job = options.job.to_possible_value().map(|job| job.get_name().to_owned());
    let is_wall = matches!(options.job, Job::Wall);
    let mut bench =
        Command::new(target.join(if is_wall { "release/bench-wall" } else { "release/bench" }));
    if !is_wall {
        bench.arg(job.unwrap_or_default());
    }
    bench.args([options.seconds.to_string(), options.rounds.to_string()]);
    succeed(bench.arg(target.join("bench")).current_dir(root()))
}

fn succeed(command: &mut Command) -> Result<(), Failure> {
    let status = command.status()?;
    let program = command.get_program().to_string_lossy();
    if status.success() { Ok(()) } else { Err(Failure(format!("{program}: {status}"))) }
}
