//! `line122 plan`, `apply`, `history` and `rollback`: they ask the running line.

use std::io::{IsTerminal, Write};
use std::path::Path;

use records::versions::read_folder;
use serde::Serialize;
use serde::de::DeserializeOwned;
use web::dialplans::{By, Finding, Overview, Preview, Proposal, Refusal};

use super::begin::name_of;
use super::{report, who};
use crate::arguments::ApplyArguments;
use crate::ask::ask;
use crate::failure::Failure;
use crate::language::Language;
use crate::settings::Settings;

/// Says what a dialplan would change.
pub(crate) fn plan(
    settings: &Settings,
    folder: Option<&Path>,
    language: Language,
) -> Result<(), Failure> {
    let proposal = proposal(settings, folder, "")?;
    let preview = preview(settings, &proposal, language)?;
    print(&report::preview(&preview, language));
    Ok(())
}

/// Applies a dialplan, after it was shown what it changes.
pub(crate) fn apply(
    settings: &Settings,
    folder: Option<&Path>,
    how: ApplyArguments,
    language: Language,
) -> Result<(), Failure> {
    let mut proposal = proposal(settings, folder, &how.comment)?;
    let preview = preview(settings, &proposal, language)?;
    print(&report::preview(&preview, language));
    if preview.changes.is_empty() || !agreed(&how, language)? {
        return Ok(());
    }
    // What was shown is what is done.
    proposal.by.replaces = Some(preview.running.number);
    let version = post(settings, "/api/dialplan/apply", &proposal, language)?;
    print(&report::applied(&version, language));
    Ok(())
}

/// Shows what was applied.
pub(crate) fn history(settings: &Settings, language: Language) -> Result<(), Failure> {
    let overview: Overview = get(settings, "/api/dialplan", language)?;
    print(&report::history(&overview, language));
    Ok(())
}

/// Applies an earlier version again.
pub(crate) fn rollback(
    settings: &Settings,
    number: u64,
    how: ApplyArguments,
    language: Language,
) -> Result<(), Failure> {
    let path = format!("/api/dialplan/versions/{number}");
    let preview: Preview = get(settings, &format!("{path}/preview"), language)?;
    show(&preview.findings);
    print(&report::preview(&preview, language));
    if preview.changes.is_empty() || !agreed(&how, language)? {
        return Ok(());
    }
    let replaces = Some(preview.running.number);
    let by = By { replaces, ..by(&how.comment) };
    let version = post(settings, &format!("{path}/rollback"), &by, language)?;
    print(&report::applied(&version, language));
    Ok(())
}

fn proposal(
    settings: &Settings,
    folder: Option<&Path>,
    comment: &str,
) -> Result<Proposal, Failure> {
    let folder = folder.unwrap_or(&settings.paths.dialplan);
    let files = read_folder(folder)
        .map_err(|error| Failure::Usage(format!("{}: {error}", folder.display())))?;
    Ok(Proposal { by: by(comment), folder: name_of(folder), files, write_back: false })
}

fn preview(
    settings: &Settings,
    proposal: &Proposal,
    language: Language,
) -> Result<Preview, Failure> {
    let preview: Preview = post(settings, "/api/dialplan/preview", proposal, language)?;
    show(&preview.findings);
    Ok(preview)
}

/// Who asks.
fn by(comment: &str) -> By {
    By { who: who::who(), comment: comment.into(), replaces: None }
}

fn agreed(how: &ApplyArguments, language: Language) -> Result<bool, Failure> {
    if how.yes {
        return Ok(true);
    }
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        let text = language
            .pick("nobody is there to be asked; say --yes", "спросить некого; укажите --yes");
        return Err(Failure::Usage(text.into()));
    }
    print(language.pick("Apply? [y/N] ", "Применить? [y/N] "));
    let mut answer = String::new();
    stdin.read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "д" | "да"))
}

fn get<T: DeserializeOwned>(
    settings: &Settings,
    path: &str,
    language: Language,
) -> Result<T, Failure> {
    read(ask(settings, ("GET", path), None, language)?, language)
}

fn post<T: DeserializeOwned>(
    settings: &Settings,
    path: &str,
    what: &impl Serialize,
    language: Language,
) -> Result<T, Failure> {
    let json = serde_json::to_string(what).map_err(|e| Failure::Runtime(e.to_string()))?;
    read(ask(settings, ("POST", path), Some(&json), language)?, language)
}

fn read<T: DeserializeOwned>(answer: crate::ask::Answer, language: Language) -> Result<T, Failure> {
    let unclear =
        |error: serde_json::Error| Failure::Runtime(format!("{}: {error}", answer.status));
    if answer.status == 200 {
        return serde_json::from_str(&answer.body).map_err(unclear);
    }
    Err(match serde_json::from_str(&answer.body).map_err(unclear)? {
        Refusal::Wrong(findings) => {
            show(&findings);
            let errors = findings.iter().filter(|finding| finding.is_error).count();
            Failure::Usage(language.pick(
                format!("errors: {errors}; nothing is changed"),
                format!("ошибок: {errors}; ничего не изменено"),
            ))
        }
        Refusal::Overtaken { running } => Failure::Runtime(language.pick(
            format!("meanwhile version {running} was applied; look again"),
            format!("тем временем применена версия {running}; посмотрите ещё раз"),
        )),
        Refusal::Unknown => Failure::Usage(language.pick(
            "there is no such version; `line122 history` shows all".into(),
            "такой версии нет; все версии покажет `line122 history`".into(),
        )),
        Refusal::Failed(why) => Failure::Runtime(why),
    })
}

fn show(findings: &[Finding]) {
    let mut stderr = std::io::stderr().lock();
    for finding in findings {
        let _ = write!(stderr, "{}", finding.text);
    }
}

fn print(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}
