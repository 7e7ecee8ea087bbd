//! `line122 prompts`: whether what callers hear is fit for them, and where to take it from.

mod asterisk;
mod judge;

use std::io::Write;
use std::path::{Path, PathBuf};

use media::measure;
use runtime::prompts::{Prompt, Prompts};

use crate::failure::Failure;
use crate::language::Language;
use crate::settings::Settings;
use judge::Fault;

/// What is done with prompts.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum PromptsCommand {
    /// Check the sounds of all prompts: loudness, clipping, silence, length
    Check,
    /// Take pieces of numbers and dates from Asterisk's Russian sounds
    Take {
        /// Their folder, with `digits` in it; looked for where Debian and Asterisk put it if not given
        #[arg(value_name = "FOLDER")]
        pack: Option<PathBuf>,
    },
}

/// Does what is asked.
pub(crate) fn prompts(
    what: PromptsCommand,
    settings: &Settings,
    language: Language,
) -> Result<(), Failure> {
    let prompts = Prompts::read(&settings.paths.prompts)?;
    match what {
        PromptsCommand::Check => check(&prompts, language),
        PromptsCommand::Take { pack } => asterisk::take(&prompts, pack.as_deref(), language),
    }
}

/// Judges every prompt; with a fault the exit code is 1.
fn check(prompts: &Prompts, language: Language) -> Result<(), Failure> {
    let mut faulty = 0;
    let mut tell = |file: &Path, what: String, about: &str, remedy: &str| {
        faulty += 1;
        let mut stderr = std::io::stderr().lock();
        let _ = writeln!(stderr, "{}: {what}", file.display());
        let _ = writeln!(stderr, "  {about}");
        let _ = writeln!(stderr, "  = {remedy}");
    };
    for (name, prompt) in prompts.missing() {
        let what = language.pick("there is no such file", "такого файла нет").to_owned();
        let remedy = language.pick(
            "record it, and put the recording into the folder studio under the prompt's name",
            "запишите его и положите запись в каталог studio под именем сообщения",
        );
        tell(&prompt.file, what, &about(name, prompt, language), remedy);
    }
    for (name, prompt) in prompts.each() {
        for fault in faults(prompt) {
            let (what, remedy) = fault.told(language);
            tell(&prompt.file, what, &about(name, prompt, language), remedy);
        }
    }
    let unheard = prompts.unheard().map_err(|error| Failure::Runtime(error.to_string()))?;
    for file in unheard {
        let what = language.pick("nobody hears it", "его никто не услышит").to_owned();
        let about = language.pick(
            "no prompt of manifest.toml has this name, or the name is there in another format, too",
            "в manifest.toml нет сообщения с таким именем, или это имя есть и в другом формате",
        );
        tell(
            &file,
            what,
            about,
            language.pick("rename it or take it away", "переименуйте или уберите"),
        );
    }
    if faulty > 0 {
        let told = language.pick("faults in the prompts", "замечаний к сообщениям");
        return Err(Failure::Untrue(format!("{told}: {faulty}")));
    }
    let count = prompts.each().count();
    let told = language.pick("prompts, all fit for the line", "сообщений, все годятся для линии");
    let _ = writeln!(std::io::stdout(), "{count} {told}");
    Ok(())
}

fn faults(prompt: &Prompt) -> Vec<Fault> {
    match measures(&prompt.file) {
        Ok(measures) if prompt.speech => judge::speech(&prompt.text, &measures),
        Ok(measures) => judge::tune(&measures),
        Err(why) => vec![Fault::Unreadable(why)],
    }
}

fn measures(file: &Path) -> Result<media::Measures, String> {
    let bytes = std::fs::read(file).map_err(|error| error.to_string())?;
    let extension = file.extension().and_then(|e| e.to_str()).unwrap_or_default();
    measure(extension, bytes).map_err(|error| error.to_string())
}

fn about(name: &str, prompt: &Prompt, language: Language) -> String {
    let word = language.pick("prompt", "сообщение");
    format!("{word} {name}: «{}»", prompt.text)
}
