//! The 122 line: commands, configuration, wiring.

mod arguments;
mod banner;
mod check;
mod failure;
mod language;
mod logs;
mod run;
mod settings;
mod view;

use std::io::Write;
use std::process::ExitCode;

use arguments::{Arguments, Command};
use failure::Failure;
use language::Language;

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

fn execute(arguments: Arguments, language: Language) -> Result<(), Failure> {
    let loaded =
        settings::load(arguments.config.as_deref(), std::env::vars(), arguments.settings())?;
    match arguments.command.unwrap_or(Command::Run) {
        Command::Run => run::run(loaded.settings, language),
        Command::Config => {
            let _ = write!(std::io::stdout(), "{loaded}");
            Ok(())
        }
        Command::Check { folder } => check::check(&loaded.settings, folder.as_deref(), language),
    }
}
