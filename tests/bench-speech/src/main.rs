//! `cargo xtask bench speech`: what the robot understands of the sets that the recipe of the small model makes,
//! heard by the very listener and recogniser that run live, and what that costs.
#![allow(clippy::disallowed_methods, reason = "drives a recogniser in real time, decides no call")]
#![allow(clippy::print_stdout, reason = "a command-line tool talks to its user")]

mod choose;
mod confusion;
mod cost;
mod echo;
mod figures;
mod list;
#[path = "../../bench/src/machine.rs"]
mod machine;
mod meant;
mod model;
#[path = "../../bench/src/picture.rs"]
mod picture;
mod play;
#[path = "../../bench/src/report.rs"]
#[allow(dead_code, reason = "other benchmarks tell their rows at once")]
mod report;
#[path = "../../bench/src/sample.rs"]
mod sample;
mod tally;
#[path = "../../bench/src/usage.rs"]
#[allow(dead_code, reason = "other benchmarks measure other programs")]
mod usage;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use recogniser::Model;
use recogniser::model::Settings;
use speech::ear::Expects;
use speech::{BargeIn, Thresholds};

use choose::Choosing;
use confusion::Confusion;
use cost::Cost;
use figures::Share;
use list::{DEVELOPMENT, LINES, Recording};
use meant::{Fate, Meant, Menus};
use play::{Listening, Sound};
use report::Row;
use sample::Sample;
use tally::Tally;

/// A recording, what is listened for in it, what is said, and what the recogniser hears.
struct Case {
    recording: Recording,
    expects: Expects,
    meant: Meant,
    sound: Sound,
}

/// Between two words of progress.
const TELL_EVERY: usize = 500;
/// Callers who speak over a prompt; more say no more.
const SPOKEN_OVER_MAX: usize = 120;
/// Kinds of recordings that name a choice of the main menu.
const CHOICES: [&str; 2] = ["word", "sentence"];

/// The name of this system in the report.
const LINE122: &str = "line122";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Arguments are those that xtask hands on: rounds, the folders of the report, of recordings, of models, and perhaps
/// a model to measure in place of the embedded one.
fn run() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [rounds, out, sets, models, model @ ..] = arguments.as_slice() else {
        return Err("start it with `cargo xtask bench speech`".into());
    };
    let [out, sets, models] = [out, sets, models].map(PathBuf::from);
    let model = model.first().map(Path::new);
    let machine = machine::describe();
    let rounds = rounds.parse()?;
    // Before anything else takes memory and gives it back, of which a model could be made.
    let name = if model.is_some() { "the model" } else { "embedded model" };
    let mut rows = costs(name, model, rounds)?;
    let large = models.join("conformer.onnx");
    if large.exists() {
        rows.extend(costs("T-one's architecture", Some(&large), rounds)?);
    } else {
        println!(
            "without {}, T-one's architecture is not measured: make it with \
             `python crates/recogniser/tests/compare/models.py {}`",
            large.display(),
            models.display()
        );
    }
    rows.extend(understanding(&model::load(model, &Settings::default())?, &sets, &out)?);
    report::publish("speech", &machine, &rows, &out)
}

/// What is understood of all recordings.
fn understanding(model: &Model, sets: &Path, out: &Path) -> Result<Vec<Row>, Box<dyn Error>> {
    let cases = hear(model, list::read(sets)?)?;
    let development: Vec<&Case> =
        cases.iter().filter(|case| case.recording.voices == DEVELOPMENT).collect();
    // The program's are what callers meet.
    let of_program = Thresholds::default();
    let choosing = Choosing::new(&development);
    println!("by the {} recordings of the development voices", development.len());
    println!("- the program has {}", choosing.yield_of(of_program).tell());
    for (wrong_max, best) in choose::WRONG_MAX.into_iter().zip(choosing.best()) {
        let best = best.map_or_else(|| "none is good enough".to_owned(), choose::Yield::tell);
        println!("- at most {:.1} % wrong: {best}", 100.0 * wrong_max);
    }
    let (mut tally, mut confusion) = (Tally::default(), Confusion::default());
    let mut missed = String::from("file\tsaid\tfate\toutcome\n");
    for (nth, case) in cases.iter().enumerate() {
        let listening = Listening::after_prompt(case.expects.clone(), of_program);
        let played = listening.play(&case.sound);
        tally.add(case, &played);
        let outcome = played.over.as_ref().map(|(_, outcome)| outcome);
        confusion.add(case, outcome);
        let fate = outcome.map_or(Fate::Nothing, |outcome| case.meant.fate(outcome));
        let is_good = match case.meant {
            Meant::Other => fate == Fate::Nothing,
            Meant::Choice(_) | Meant::Numbers(_) | Meant::Told(..) => fate == Fate::Right,
        };
        if !is_good {
            let Recording { file, text, .. } = &case.recording;
            missed += &format!("{file}\t{text}\t{fate:?}\t{outcome:?}\n");
        }
        progress("listened to", nth + 1, cases.len());
    }
    println!("\n{}", tally.tables());
    fs::create_dir_all(out)?;
    let table = out.join("speech-confusion.json");
    fs::write(&table, serde_json::to_string_pretty(&confusion)? + "\n")?;
    let list = out.join("speech-missed.tsv");
    fs::write(&list, missed)?;
    println!("{}, {}\n", table.display(), list.display());
    let mut rows = rows(&tally);
    rows.extend(echoes(model, &cases)?);
    Ok(rows)
}

fn hear(model: &Model, recordings: Vec<Recording>) -> Result<Vec<Case>, Box<dyn Error>> {
    let (mut menus, count) = (Menus::read()?, recordings.len());
    let mut cases = Vec::with_capacity(count);
    for (nth, recording) in recordings.into_iter().enumerate() {
        if let Some((expects, meant)) = menus.of(&recording)? {
            let sound = Sound::of_recording(model, &recording.samples)?;
            cases.push(Case { recording, expects, meant, sound });
        }
        progress("heard", nth + 1, count);
    }
    Ok(cases)
}

fn progress(what: &str, done: usize, of: usize) {
    if done.is_multiple_of(TELL_EVERY) || done == of {
        println!("{what} {done} of {of}");
    }
}

/// The headline figures; the range of each is its 95 % interval.
fn rows(tally: &Tally) -> Vec<Row> {
    let mut rows = Vec::new();
    for voices in ["seen", "unseen"] {
        for line in LINES {
            let counts = tally.counts(voices, line, &CHOICES);
            rows.push(row("right choice", format!("{voices}, {line}"), counts.right()));
            rows.push(row("wrong choice", format!("{voices}, {line}"), counts.wrong()));
        }
    }
    let real = ["digit", "number", "day", "month", "ordinal"];
    for line in LINES {
        let counts = tally.counts("real", line, &real);
        rows.push(row("right word", format!("real, {line}"), counts.right()));
    }
    rows
}

fn row(what: &'static str, load: String, share: Share) -> Row {
    let (low, high) = share.interval();
    let sample: Sample = [low, share.percent(), high].into_iter().collect();
    Row { what, load, unit: "%", sides: vec![(LINE122, sample)] }
}

/// Prompts that come back, with nobody and with somebody speaking over them.
fn echoes(model: &Model, cases: &[Case]) -> Result<Vec<Row>, Box<dyn Error>> {
    let prompts = echo::prompts()?;
    let is_spoken = |case: &&Case| {
        let recording = &case.recording;
        recording.voices == "unseen" && recording.line == LINES[0] && recording.kind == "word"
    };
    let spoken: Vec<&Case> = cases.iter().filter(is_spoken).take(SPOKEN_OVER_MAX).collect();
    let Some(expects) = spoken.first().map(|case| case.expects.clone()) else {
        return Err("there are no words of unseen voices".into());
    };
    let mut rows = Vec::new();
    let thresholds = Thresholds::default();
    for level in echo::LEVELS {
        let echoes = echo::Echoes::hear(model, &prompts, level, &spoken)?;
        for (name, barge_in) in [("by voice", BargeIn::Voice), ("by keyword", BargeIn::Keyword)] {
            let alone = echoes.stopped_by_itself(&expects, thresholds, barge_in);
            let over = echoes.spoken_over(thresholds, barge_in);
            println!(
                "{name}, echo {level} dB: of {} prompts {} stop though nobody speaks; of {} callers who speak \
                 over one it stops for {} ({:.0} ms after they begin, p95 {:.0}), right {}, wrong {}",
                alone.of,
                alone.tell(),
                over.stopped.of,
                over.stopped.tell(),
                over.after.quantile(0.5),
                over.after.quantile(0.95),
                over.right.tell(),
                over.wrong.tell(),
            );
            rows.push(row(
                "prompt stops though nobody speaks",
                format!("{name}, {level} dB"),
                alone,
            ));
        }
    }
    Ok(rows)
}

fn costs(
    name: &'static str,
    file: Option<&Path>,
    rounds: usize,
) -> Result<Vec<Row>, Box<dyn Error>> {
    let cost = cost::measure(file, rounds)?;
    println!("{name}: {:.0} MB, and {:.0} kB a stream", cost.memory, cost.stream);
    let mut rows = Vec::new();
    for (streams, sample) in cost.chunk {
        let each = sample.median();
        println!(
            "{name}, {streams} at once: {each:.2} ms of CPU a chunk, real-time factor {:.4}, {:.1} streams a core",
            Cost::factor(each),
            Cost::streams(each)
        );
        let load = format!("{name}, {streams} at once");
        let sides = vec![(LINE122, sample)];
        rows.push(Row { what: "CPU of 300 ms", load, unit: "ms", sides });
    }
    Ok(rows)
}
