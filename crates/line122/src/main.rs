//! The 122 line: commands, configuration, wiring.

mod arguments;
mod ask;
mod banner;
mod bans;
mod cases;
mod casework;
mod check;
mod dialplans;
mod draw;
mod explain;
mod export;
mod failure;
mod hear;
mod hearing;
mod import;
mod kept_bans;
mod language;
mod logs;
mod password;
mod phone;
mod prompts;
mod recordings;
mod report;
mod run;
mod second_factor;
mod settings;
mod sounds;
mod staffing;
mod store;
mod token;
mod view;
mod whatif;

use std::io::Write;
use std::process::ExitCode;

use arguments::{Arguments, BansCommand, Command};
use failure::Failure;
use language::Language;

/// Calls come and go by the thousand with small pieces of memory of the same sizes; the system's
/// allocator grows the heap of a thread page by page with a system call each.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let language = Language::of_environment();
    let arguments = Arguments::read(language);
    match execute(arguments, language) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "line122: {failure}");
            failure.exit_code()
        }
    }
}

fn execute(mut arguments: Arguments, language: Language) -> Result<(), Failure> {
    let command = arguments.command.take().unwrap_or(Command::Run);
    let settings =
        || settings::load(arguments.config.as_deref(), std::env::vars(), arguments.settings());
    match command {
        Command::Run => run::run(settings()?.settings, language),
        Command::Config => {
            let _ = write!(std::io::stdout(), "{}", settings()?);
            Ok(())
        }
        Command::Check(options) => check::check(&options, &settings()?.settings, language),
        Command::Explain(options) => explain::tell(&options, &settings()?.settings, language),
        Command::Test(options) => cases::test(&options, &settings()?.settings, language),
        Command::Draw(options) => draw::draw(&options, &settings()?.settings, language),
        Command::Hear(options) => hear::hear(&options, &settings()?.settings, language),
        Command::Password => password::print_hash(language),
        Command::SecondFactor { account } => {
            second_factor::show(&settings()?.settings, &account, language)
        }
        Command::Plan { folder } => {
            let settings = settings()?.settings;
            dialplans::command::plan(&settings, folder.as_deref(), language)
        }
        Command::Apply { folder, how } => {
            let settings = settings()?.settings;
            dialplans::command::apply(&settings, folder.as_deref(), how, language)
        }
        Command::History => dialplans::command::history(&settings()?.settings, language),
        Command::Rollback { number, how } => {
            dialplans::command::rollback(&settings()?.settings, number, how, language)
        }
        Command::Schema => {
            import::print_schema(language);
            Ok(())
        }
        Command::Import { what } => import::import(&what, language),
        Command::Bans { what: None } => bans::show(&settings()?.settings, language),
        Command::Bans { what: Some(BansCommand::Lift { address }) } => {
            bans::lift(&settings()?.settings, address, language)
        }
        Command::Call { number, keys, from, phone } => {
            phone::run(phone.calling(number, keys, from), language)
        }
        Command::Whatif(options) => whatif::ask(&options, &settings()?.settings, language),
        Command::Calls => whatif::export(&settings()?.settings),
        Command::Report(options) => report::report(&options, &settings()?.settings, language),
        Command::Staffing(options) => staffing::staffing(&options, &settings()?.settings, language),
        Command::Export(options) => export::export(&options, &settings()?.settings, language),
        Command::Token { what } => token::token(&settings()?.settings, what, language),
        Command::Backup { to } => store::backup(&settings()?.settings, &to, language),
        Command::Restore { backup } => store::restore(&settings()?.settings, &backup, language),
        Command::Erase { older_than } => store::erase(&settings()?.settings, older_than, language),
        Command::Recordings { what } => {
            recordings::command::recordings(&settings()?.settings, what, language)
        }
        Command::Prompts { what } => prompts::prompts(what, &settings()?.settings, language),
        Command::Phone { answer, phone } => phone::run(phone.waiting(answer)?, language),
    }
}
