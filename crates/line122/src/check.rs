use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use dialplan::{Diagnostic, Dialplan, PromptName, Severity};
use runtime::prompts::Prompts;

use crate::failure::Failure;
use crate::hearing;
use crate::language::Language;
use crate::settings::{RecogniserKind, Settings};
use crate::sounds;

/// How findings are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people, to stderr: each with its line of the file.
    #[default]
    Text,
    /// For programs, to stdout: one object.
    Json,
}

/// What `check` is asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Its folder; the one of the settings if not given
    folder: Option<PathBuf>,
    /// How findings are written
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// Fail on warnings, too
    #[arg(long)]
    strict: bool,
}

/// Prints what is wrong with a dialplan. With errors (or warnings, if `strict`) the exit code is 2.
pub(crate) fn check(
    options: &Options,
    settings: &Settings,
    language: Language,
) -> Result<(), Failure> {
    let folder = options.folder.as_deref().unwrap_or(&settings.paths.dialplan);
    let mut loaded = load_silently(folder, &Prompts::read(&settings.paths.prompts)?)?;
    if let Ok((plan, warnings)) = &mut loaded {
        warnings.extend(heard_for_trial(settings, folder, plan));
    }
    let (version, findings) = match &loaded {
        Ok((plan, warnings)) => (Some(&*plan.version), warnings),
        Err(findings) => (None, findings),
    };
    let mut stdout = std::io::stdout();
    match options.format {
        Format::Text => show(findings),
        Format::Json => {
            let json = serde_json::json!({ "version": version, "findings": findings });
            let _ = writeln!(stdout, "{json:#}");
        }
    }
    let errors = count(findings, Severity::Error);
    let warnings = count(findings, Severity::Warning);
    let shown = folder.display();
    if errors > 0 || options.strict && warnings > 0 {
        let text = language.pick(
            format!("{shown}: errors: {errors}, warnings: {warnings}"),
            format!("{shown}: ошибок: {errors}, предупреждений: {warnings}"),
        );
        return Err(Failure::Usage(text));
    }
    if let (Format::Text, Some(version)) = (options.format, version) {
        let in_order = language.pick("in order", "в порядке");
        let _ = writeln!(stdout, "{shown}: {in_order} ({version})");
    }
    Ok(())
}

/// Real callers would be heard by the small model.
fn heard_for_trial(settings: &Settings, folder: &Path, plan: &Dialplan) -> Option<Diagnostic> {
    let is_heard = settings.speech.recogniser == RecogniserKind::Embedded
        && plan.menus.values().any(|menu| ivr::turn::of_menu(menu).is_some());
    (is_heard && hearing::is_for_real_callers(folder)).then(|| Diagnostic {
        severity: Severity::Warning,
        file: folder.to_owned(),
        place: None,
        width: 0,
        source_line: String::new(),
        message: "the settings have callers heard by the small embedded model, which is not for real callers"
            .to_owned(),
        remedy: Some(
            "set speech.recogniser to \"model\", \"vosk\" or \"t-one\", or to \"off\" for keys alone"
                .to_owned(),
        ),
        elsewhere: Vec::new(),
    })
}

/// Loads the dialplan that a command names, or that of the settings; findings go to stderr.
pub(crate) fn named<'a>(
    folder: Option<&'a Path>,
    settings: &'a Settings,
) -> Result<(&'a Path, Dialplan), Failure> {
    let folder = folder.unwrap_or(&settings.paths.dialplan);
    let (plan, _) = load(folder, &Prompts::read(&settings.paths.prompts)?)?;
    Ok((folder, plan))
}

/// Loads a dialplan; findings go to stderr.
pub(crate) fn load(
    folder: &Path,
    prompts: &Prompts,
) -> Result<(Dialplan, Vec<Diagnostic>), Failure> {
    match load_silently(folder, prompts)? {
        Ok((plan, warnings)) => {
            show(&warnings);
            Ok((plan, warnings))
        }
        Err(findings) => {
            show(&findings);
            let errors = count(&findings, Severity::Error);
            Err(Failure::Usage(format!("{}: errors: {errors}", folder.display())))
        }
    }
}

type Loaded = Result<(Dialplan, Vec<Diagnostic>), Vec<Diagnostic>>;

fn load_silently(folder: &Path, prompts: &Prompts) -> Result<Loaded, Failure> {
    if !folder.is_dir() {
        let folder = folder.display();
        return Err(Failure::Usage(format!(
            "{folder}: no such folder; name the dialplan's folder with --dialplan or paths.dialplan"
        )));
    }
    let names: BTreeSet<PromptName> = prompts.names().map(PromptName::from).collect();
    Ok(dialplan::load(folder, &names).and_then(|(plan, warnings)| {
        sounds::add_own(&mut media::Library::default(), &plan, folder)?;
        Ok((plan, warnings))
    }))
}

fn count(findings: &[Diagnostic], severity: Severity) -> usize {
    findings.iter().filter(|finding| finding.severity == severity).count()
}

/// Writes findings to stderr.
pub(crate) fn show(findings: &[Diagnostic]) {
    let mut stderr = std::io::stderr().lock();
    for finding in findings {
        let _ = write!(stderr, "{}", finding.in_full());
    }
}
