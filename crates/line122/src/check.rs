use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use dialplan::{Diagnostic, Dialplan, PromptName, Severity};
use runtime::prompts::Prompts;

use crate::failure::Failure;
use crate::language::Language;
use crate::settings::Settings;

/// Prints what is wrong with a dialplan.
pub(crate) fn check(
    settings: &Settings,
    folder: Option<&Path>,
    language: Language,
) -> Result<(), Failure> {
    let folder = folder.unwrap_or(&settings.paths.dialplan);
    let prompts = Prompts::read(&settings.paths.prompts)?;
    let (plan, _) = load(folder, &prompts)?;
    let in_order = language.pick("in order", "в порядке");
    let _ = writeln!(std::io::stdout(), "{}: {in_order} ({})", folder.display(), plan.version);
    Ok(())
}

/// Loads a dialplan; findings go to stderr, one line each.
pub(crate) fn load(
    folder: &Path,
    prompts: &Prompts,
) -> Result<(Dialplan, Vec<Diagnostic>), Failure> {
    if !folder.is_dir() {
        let folder = folder.display();
        return Err(Failure::Usage(format!(
            "{folder}: no such folder; name the dialplan's folder with --dialplan or paths.dialplan"
        )));
    }
    let names: BTreeSet<PromptName> = prompts.names().map(PromptName::from).collect();
    match dialplan::load(folder, &names) {
        Ok((plan, warnings)) => {
            show(&warnings);
            Ok((plan, warnings))
        }
        Err(findings) => {
            show(&findings);
            let errors = findings.iter().filter(|f| f.severity == Severity::Error).count();
            Err(Failure::Usage(format!("{}: errors: {errors}", folder.display())))
        }
    }
}

fn show(findings: &[Diagnostic]) {
    let mut stderr = std::io::stderr().lock();
    for finding in findings {
        let _ = writeln!(stderr, "{finding}");
    }
}
