//! `line122 whatif` and `line122 calls`: what would be with more calls or other shifts.

mod picture;
mod table;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use records::CallsAsked;
use whatif::history::PastCall;
use whatif::{Answer, History, More, Question, Staff};

use crate::failure::Failure;
use crate::language::Language;
use crate::settings::Settings;

/// What is asked on the command line.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Folder of the dialplan; the one of the settings if not given
    #[arg(long, value_name = "DIR")]
    region: Option<PathBuf>,
    /// Calls of the past: CSV with the columns arrived,queue,waited,talked,outcome
    #[arg(long, value_name = "FILE")]
    calls: PathBuf,
    /// Who works when: TOML with [[shift]] tables
    #[arg(long, value_name = "FILE")]
    agents: PathBuf,
    /// How many times as many calls come
    #[arg(long, value_name = "TIMES", default_value_t = 1.0, value_parser = times)]
    grow: f64,
    /// How many agents each shift of a group gets in addition: volunteers=2
    #[arg(long, value_name = "GROUP=N", value_parser = more)]
    more: Vec<More>,
    /// Within how many seconds a call is to be answered
    #[arg(long, value_name = "SECONDS", default_value_t = 20)]
    within: u64,
    /// How often the days are played
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    plays: u32,
    /// The draw: the same number gives the same answer
    #[arg(long, default_value_t = 122)]
    seed: u64,
    /// Where the picture is written
    #[arg(long, value_name = "FILE", default_value = "whatif.svg")]
    picture: PathBuf,
}

/// As it is, and as it is asked, if that is something else.
pub(super) struct Comparison {
    pub(super) now: Answer,
    pub(super) then: Option<Answer>,
    pub(super) within: u64,
    pub(super) region: Box<str>,
}

/// Answers a manager's question.
pub(crate) fn ask(
    options: &Options,
    settings: &Settings,
    language: Language,
) -> Result<(), Failure> {
    let plan = crate::check::named(options.region.as_deref(), settings)?.1;
    let text = read(&options.calls)?;
    let history = History::read(&text, &plan).map_err(|why| usage(&options.calls, &why))?;
    let text = read(&options.agents)?;
    let staff = Staff::read(&text).map_err(|why| usage(&options.agents, &why))?;
    let as_it_is = Question {
        plan: &plan,
        history: &history,
        staff: &staff,
        grow: 1.0,
        more: &[],
        within: Duration::from_secs(options.within),
        plays: options.plays,
        seed: options.seed,
    };
    let asked = Question { grow: options.grow, more: &options.more, ..as_it_is };
    let is_other = !options.more.is_empty() || (options.grow - 1.0).abs() > f64::EPSILON;
    let whole = if is_other { options.plays * 2 } else { options.plays };
    let answer = |question: &Question<'_>, before: u32| {
        let shown = |play: u32| {
            // A line that is written over, for whoever waits at the terminal.
            let _ = write!(std::io::stderr(), "\r{} %  ", (before + play) * 100 / whole);
        };
        whatif::answer(question, shown).map_err(|why| usage(&options.agents, &why))
    };
    let now = answer(&as_it_is, 0)?;
    let then = if is_other { Some(answer(&asked, options.plays)?) } else { None };
    let _ = write!(std::io::stderr(), "\r      \r");
    let region = plan.region.name.clone();
    let comparison = Comparison { now, then, within: options.within, region };
    let mut out = std::io::stdout().lock();
    table::print(&mut out, &comparison, language)?;
    let drawn = picture::draw(&comparison, language);
    std::fs::write(&options.picture, drawn).map_err(|why| usage(&options.picture, &why))?;
    writeln!(out, "{}: {}", language.pick("drawn", "рисунок"), options.picture.display())?;
    Ok(())
}

/// Writes the calls of the journal as a history.
pub(crate) fn export(settings: &Settings) -> Result<(), Failure> {
    let plan = crate::check::named(None, settings)?.1;
    let mut calls = Vec::new();
    crate::store::reader(settings)?.each_call(&CallsAsked::default(), |call| {
        calls.extend(PastCall::of(&call.record));
        Ok::<_, Failure>(())
    })?;
    let history = History { calls };
    let out = std::io::stdout().lock();
    history.write(&plan.region.zone, out).map_err(|why| Failure::Runtime(why.to_string()))
}

fn read(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|why| usage(file, &why))
}

fn usage(file: &Path, why: &dyn std::fmt::Display) -> Failure {
    Failure::Usage(format!("{}: {why}", file.display()))
}

fn times(text: &str) -> Result<f64, String> {
    let times = text.replace(',', ".").parse().ok().filter(|t: &f64| (0.01..=100.0).contains(t));
    times.ok_or_else(|| "a number from 0.01 to 100 is expected".into())
}

fn more(text: &str) -> Result<More, String> {
    let read = |text: &str| {
        let (group, agents) = text.split_once('=')?;
        let agents = agents.parse().ok().filter(|agents| *agents <= 1000)?;
        Some(More { group: group.trim().to_owned(), agents })
    };
    read(text).ok_or_else(|| "GROUP=N is expected, such as volunteers=2".into())
}
