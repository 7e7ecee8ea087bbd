//! With which dialplan the line starts.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ambient::Wall;
use dialplan::{Dialplan, PromptName};
use records::versions::{Files, read_folder};
use records::{Version, Versions};
use runtime::StartError;
use runtime::prompts::Prompts;

use crate::check;
use crate::failure::Failure;
use crate::settings::Settings;

/// What the line starts with.
pub(crate) struct Begun {
    pub(crate) plan: Arc<Dialplan>,
    /// The folder from which it was read, and its sounds with it.
    pub(crate) folder: PathBuf,
    /// The names that can be played until the next start.
    prompts: BTreeSet<PromptName>,
    /// The version that goes on; without, the files are kept as a new one when the line has started.
    ran: Option<(Versions, Version)>,
}

/// What runs, kept.
pub(super) struct Kept {
    pub(super) plan: Arc<Dialplan>,
    pub(super) prompts: BTreeSet<PromptName>,
    pub(super) versions: Versions,
    pub(super) version: Version,
}

impl Begun {
    /// Keeps what the line has started with.
    pub(super) fn keep(self, settings: &Settings, now: Wall) -> Result<Kept, Failure> {
        let Begun { plan, prompts, ran, folder: _ } = self;
        let (versions, version) = match ran {
            Some(ran) => ran,
            None => {
                let bad = |error: std::io::Error| StartError::File {
                    path: settings.paths.data.clone(),
                    why: format!("{error}; the dialplan is kept there"),
                };
                let versions = Versions::open(&settings.paths.data).map_err(bad)?;
                let version = note(&versions, &settings.paths.dialplan, &plan, now).map_err(bad)?;
                (versions, version)
            }
        };
        Ok(Kept { plan, prompts, versions, version })
    }
}

/// Loads what ran last, if it came from the folder of the settings: what was changed there since is
/// not applied by a power cut. Everything else is loaded from the folder.
pub(crate) fn begin(settings: &Settings, prompts: &Prompts) -> Result<Begun, Failure> {
    let folder = &settings.paths.dialplan;
    let names: BTreeSet<PromptName> = prompts.names().map(PromptName::from).collect();
    if !settings.dialplan.apply_on_change
        && let Some((versions, version)) = ran_last(settings)
        && version.folder == name_of(folder)
        && let kept = versions.files(version.number)
        && let Ok((plan, _)) = dialplan::load(&kept, &names)
        && !is_same(&plan, folder, &kept)
    {
        tracing::warn!(
            version = version.number,
            folder = %folder.display(),
            "the files differ from the version that was applied, which goes on; \
             `line122 plan` shows how"
        );
        let folder = kept;
        let ran = Some((versions, version));
        return Ok(Begun { plan: Arc::new(plan), folder, prompts: names, ran });
    }
    let (plan, _) = check::load(folder, prompts)?;
    Ok(Begun { plan: Arc::new(plan), folder: folder.clone(), prompts: names, ran: None })
}

fn ran_last(settings: &Settings) -> Option<(Versions, Version)> {
    // Nothing is made where nothing is: the folder may be a mistake.
    if !settings.paths.data.join("dialplans").is_dir() {
        return None;
    }
    let versions = Versions::open(&settings.paths.data).ok()?;
    match versions.running() {
        Ok(version) => version.map(|version| (versions, version)),
        Err(error) => {
            tracing::error!(%error, "the version that ran last cannot be read");
            None
        }
    }
}

/// Keeps what the line starts with, unless it is what ran last.
fn note(
    versions: &Versions,
    folder: &Path,
    plan: &Dialplan,
    now: Wall,
) -> std::io::Result<Version> {
    let files: Files = read_folder(folder)?;
    if let Ok(Some(version)) = versions.running()
        && is_same(plan, folder, &versions.files(version.number))
    {
        return Ok(version);
    }
    let about = Version {
        number: 0,
        hash: plan.version.to_string(),
        at: now.unix_millis(),
        who: "line122 run".into(),
        comment: String::new(),
        folder: name_of(folder),
    };
    let staged = versions.stage(&files)?;
    staged.copy(folder, sound_files(plan))?;
    versions.keep(&staged, about)
}

/// Whether two folders hold the same texts and the same sounds of this dialplan.
pub(super) fn is_same(plan: &Dialplan, folder: &Path, other: &Path) -> bool {
    let texts = |folder| read_folder(folder).ok();
    let sound = |folder: &Path, name| std::fs::read(folder.join(name)).ok();
    texts(folder) == texts(other)
        && sound_files(plan).all(|name| sound(folder, name) == sound(other, name))
}

/// The sound files that the dialplan names.
pub(super) fn sound_files(plan: &Dialplan) -> impl Iterator<Item = &str> {
    plan.prompts.values().filter_map(|prompt| prompt.file.as_deref())
}

/// The folder by its one true name.
pub(super) fn name_of(folder: &Path) -> String {
    let path = std::fs::canonicalize(folder);
    path.unwrap_or_else(|_| folder.to_owned()).to_string_lossy().into_owned()
}
