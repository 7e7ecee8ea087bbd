//! Checks, previews and applies dialplans under the running line.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex as StdMutex, PoisonError};

use dialplan::cases::{Verdict, coverage, load_cases};
use dialplan::draw::Labels;
use dialplan::{Diagnostic, Dialplan, PromptName, Severity, difference};
use media::Library;
use records::versions::{Files, Staged, read_folder};
use records::{Version, Versions};
use runtime::Remote;
use switch::{NextPlan, Switch};
use tokio::sync::Mutex;
use web::BoxFuture;
use web::dialplans::{
    By, Dialplans, Finding, Known, OnDisk, Overview, Preview, Proposal, Refusal, Tested,
};

use super::begin::{Begun, Kept, is_same, name_of, sound_files};
use super::touch::{Now, touched};
use crate::failure::Failure;
use crate::settings::Settings;
use crate::sounds::{self, Playing};

/// The dialplan of the running line. One change at a time.
pub(crate) struct Keeper {
    line: Remote<Switch>,
    versions: Versions,
    prompts: BTreeSet<PromptName>,
    /// The folder of the settings.
    folder: PathBuf,
    running: Mutex<Running>,
    on_disk: StdMutex<OnDisk>,
}

struct Running {
    version: Version,
    plan: Arc<Dialplan>,
    /// Dialplans before it, by which calls in progress may still go.
    former: Vec<Arc<Dialplan>>,
    playing: Playing,
}

/// A dialplan that was checked, with its files.
struct Checked {
    plan: Dialplan,
    findings: Vec<Finding>,
    tested: Tested,
    staged: Staged,
    /// The sounds of its own prompts.
    own: Library,
}

impl Keeper {
    /// Keeps what the line has started with.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn new(
        line: Remote<Switch>,
        begun: Begun,
        playing: Playing,
        settings: &Settings,
    ) -> Result<Keeper, Failure> {
        let Kept { plan, version, versions, prompts } =
            begun.keep(settings, line.clock().now().wall)?;
        let folder = settings.paths.dialplan.clone();
        let on_disk = OnDisk { folder: name_of(&folder), ..OnDisk::default() };
        Ok(Keeper {
            line,
            versions,
            prompts,
            folder,
            running: Mutex::new(Running { version, plan, former: Vec::new(), playing }),
            on_disk: StdMutex::new(on_disk),
        })
    }

    /// The folder of the settings.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Looks at the folder of the settings; gives its files if they could be applied and are not
    /// what runs.
    pub(super) async fn look_at_folder(self: &Arc<Self>) -> Option<Proposal> {
        let (number, plan) = {
            let running = self.running.lock().await;
            (running.version.number, running.plan.clone())
        };
        let keeper = self.clone();
        let seen = blocking(move || {
            let folder = name_of(&keeper.folder);
            let files =
                read_folder(&keeper.folder).map_err(|error| Refusal::Failed(error.to_string()));
            let differs = !is_same(&plan, &keeper.folder, &keeper.versions.files(number));
            let checked =
                files.and_then(|files| Ok((keeper.check(&files, &keeper.folder)?, files)));
            let (findings, files) = match checked {
                Ok((checked, files)) => (checked.findings, Some(files)),
                Err(Refusal::Wrong(findings)) => (findings, None),
                Err(Refusal::Failed(text)) => (vec![Finding { is_error: true, text }], None),
                Err(Refusal::Overtaken { .. } | Refusal::Unknown) => (Vec::new(), None),
            };
            (OnDisk { folder, differs, findings }, files)
        });
        let (on_disk, files) = seen.await.ok()?;
        let errors = on_disk.findings.iter().filter(|finding| finding.is_error).count();
        let first = on_disk.findings.first().and_then(|finding| finding.text.lines().next());
        match (errors, on_disk.differs) {
            (0, false) => tracing::info!("the dialplan's files are those that run"),
            (0, true) => {
                tracing::info!(
                    "the dialplan's files have changed and are in order; not applied yet"
                );
            }
            (errors, _) => {
                tracing::warn!(errors, first, "the dialplan's files have changed and are wrong");
            }
        }
        let folder = on_disk.folder.clone();
        let differs = on_disk.differs;
        *self.on_disk.lock().unwrap_or_else(PoisonError::into_inner) = on_disk;
        let files = files.filter(|_| differs && errors == 0)?;
        Some(Proposal { by: By::default(), folder, files, write_back: false })
    }

    /// Where the sounds lie that a proposal names: beside its files, if these were not written elsewhere.
    fn sounds_of(&self, proposal: &Proposal) -> PathBuf {
        match proposal.write_back || proposal.folder.is_empty() {
            true => self.folder.clone(),
            false => PathBuf::from(&proposal.folder),
        }
    }

    /// The number of the version that runs.
    pub(super) async fn running(&self) -> u64 {
        self.running.lock().await.version.number
    }

    /// Frees dialplans by which no call goes any more; here, since the line must not wait for it.
    pub(super) async fn forget_former(&self) {
        self.running.lock().await.former.retain(|plan| Arc::strong_count(plan) > 1);
    }

    /// Checks files whose sounds lie in this folder.
    fn check(&self, files: &Files, sounds: &Path) -> Result<Checked, Refusal> {
        let staged = self.versions.stage(files).map_err(|e| Refusal::Failed(e.to_string()))?;
        let folder = staged.files();
        let wrong = |errors| Refusal::Wrong(findings(errors, &folder));
        let loaded = dialplan::load_with_sounds(&folder, sounds, &self.prompts);
        let (plan, warnings) = loaded.map_err(wrong)?;
        let mut own = Library::default();
        sounds::add_own(&mut own, &plan, sounds)
            .map_err(|errors| Refusal::Wrong(findings(errors, sounds)))?;
        let copied = staged.copy(sounds, sound_files(&plan));
        copied.map_err(|error| Refusal::Failed(error.to_string()))?;
        let mut findings = findings(warnings, &folder);
        let (untrue, tested) = cases(&plan, &folder);
        findings.extend(untrue);
        Ok(Checked { plan, findings, tested, staged, own })
    }

    async fn preview_of(
        self: Arc<Self>,
        files: Files,
        sounds: PathBuf,
    ) -> Result<Preview, Refusal> {
        let (plan, version) = {
            let running = self.running.lock().await;
            (running.plan.clone(), running.version.clone())
        };
        let keeper = self.clone();
        let checked = blocking(move || {
            let checked = keeper.check(&files, &sounds)?;
            let Checked { findings, tested, .. } = checked;
            Ok((difference(&plan, &checked.plan), findings, tested))
        });
        let (differences, findings, tested) = checked.await??;
        let look = |switch: &mut Switch, now| (switch.status(now), switch.calls_by_place());
        let (status, places) = self.line.with(look).await.ok_or_else(silent)?;
        let now = Now { status: &status, places: &places };
        let changes = differences.into_iter().map(|one| touched(one, &now)).collect();
        let calls = status.counters.calls_live;
        Ok(Preview { running: version, findings, changes, tested, calls })
    }

    async fn apply_files(
        self: Arc<Self>,
        files: Files,
        folder: String,
        sounds: PathBuf,
        by: By,
    ) -> Result<Version, Refusal> {
        let mut running = self.running.lock().await;
        let number = running.version.number;
        if by.replaces.is_some_and(|expected| expected != number) {
            return Err(Refusal::Overtaken { running: number });
        }
        let about = Version {
            number: 0,
            hash: String::new(),
            at: self.line.clock().now().wall.unix_millis(),
            who: by.who,
            comment: by.comment,
            folder,
        };
        let (keeper, before) = (self.clone(), running.plan.clone());
        let made = blocking(move || {
            let Checked { plan, staged, own, .. } = keeper.check(&files, &sounds)?;
            let plan = Arc::new(plan);
            let next = NextPlan::prepare(before, plan.clone())
                .map_err(|error| Refusal::Wrong(vec![error_of(error.to_string())]))?;
            let about = Version { hash: plan.version.to_string(), ..about };
            let kept = keeper.versions.keep(&staged, about);
            let version = kept.map_err(|error| Refusal::Failed(error.to_string()))?;
            Ok((plan, next, version, own))
        });
        let (plan, next, version, own) = made.await??;
        let former = running.former.iter().chain([&running.plan]).map(|plan| &**plan);
        let all = Arc::new(running.playing.with(&own, former));
        // Before the dialplan that names them; more than it needs harms nobody if it is not taken.
        self.line.set_prompts(all.clone());
        let changed = self.line.with(move |switch, now| switch.replace_plan(now, next)).await;
        let former = match changed {
            Some(Ok(former)) => former,
            Some(Err(error)) => return Err(self.undo(number, error.to_string())),
            None => return Err(self.undo(number, "the line does not answer".into())),
        };
        running.former.push(former.plan.clone());
        // Its look-ups are dropped where nobody waits.
        drop(tokio::task::spawn_blocking(move || drop(former)));
        tracing::warn!(
            audit = "apply",
            version = version.number,
            hash = version.hash,
            before = number,
            who = version.who,
            comment = version.comment,
            folder = version.folder,
            "a dialplan is applied"
        );
        (running.plan, running.version) = (plan, version.clone());
        running.playing.all = all;
        Ok(version)
    }

    /// Brings the folder of the settings up to what runs, if it held what ran before.
    async fn write_back(self: Arc<Self>, before: u64, files: Files) {
        let keeper = self.clone();
        let done = blocking(move || {
            let ran = read_folder(&keeper.versions.files(before))?;
            if read_folder(&keeper.folder)? != ran {
                return Err(std::io::Error::other("its files have been changed meanwhile"));
            }
            files.replace(&ran, &keeper.folder)
        });
        if let Ok(Err(error)) = done.await {
            let folder = self.folder.display();
            tracing::warn!(%folder, %error, "the folder does not get the dialplan that was applied");
        }
    }

    /// The line did not take what was written down already.
    fn undo(&self, number: u64, why: String) -> Refusal {
        if let Err(error) = self.versions.set_running(number) {
            tracing::error!(%error, "which version runs cannot be written");
        }
        Refusal::Failed(why)
    }

    fn files_of(&self, number: u64) -> Result<(Files, Version), Refusal> {
        let about = self.versions.about(number).map_err(|_| Refusal::Unknown)?;
        let files = read_folder(&self.versions.files(number));
        Ok((files.map_err(|error| Refusal::Failed(error.to_string()))?, about))
    }
}

/// The keeper as commands and pages see it.
#[derive(Clone)]
pub(crate) struct Shared(pub(crate) Arc<Keeper>);

impl Dialplans for Shared {
    fn overview(&self) -> BoxFuture<'_, Overview> {
        Box::pin(async {
            let (number, zone) = {
                let running = self.0.running.lock().await;
                (running.version.number, running.plan.region.zone.clone())
            };
            let versions = self.0.versions.list().unwrap_or_default();
            let known = |version: Version| {
                let at = jiff::Timestamp::from_millisecond(version.at).unwrap_or_default();
                let when = at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
                Known { version, when }
            };
            let folder = self.0.on_disk.lock().unwrap_or_else(PoisonError::into_inner).clone();
            Overview {
                running: number,
                versions: versions.into_iter().map(known).collect(),
                folder,
            }
        })
    }

    fn preview(&self, proposal: Proposal) -> BoxFuture<'_, Result<Preview, Refusal>> {
        let sounds = self.0.sounds_of(&proposal);
        Box::pin(self.0.clone().preview_of(proposal.files, sounds))
    }

    fn apply(&self, proposal: Proposal) -> BoxFuture<'_, Result<Version, Refusal>> {
        let sounds = self.0.sounds_of(&proposal);
        let Proposal { by, folder, files, write_back } = proposal;
        Box::pin(async move {
            if !write_back {
                return self.0.clone().apply_files(files, folder, sounds, by).await;
            }
            let before = self.0.running.lock().await.version.number;
            let folder = name_of(&self.0.folder);
            let version = self.0.clone().apply_files(files.clone(), folder, sounds, by).await?;
            self.0.clone().write_back(before, files).await;
            // Who asks next is told of the folder as it is now.
            drop(self.0.look_at_folder().await);
            Ok(version)
        })
    }

    fn files(&self, number: u64) -> BoxFuture<'_, Result<Files, Refusal>> {
        Box::pin(async move { self.0.files_of(number).map(|(files, _)| files) })
    }

    fn picture(&self, russian: bool) -> BoxFuture<'_, String> {
        Box::pin(async move {
            let plan = self.0.running.lock().await.plan.clone();
            let labels = if russian { Labels::RUSSIAN } else { Labels::ENGLISH };
            blocking(move || dialplan::draw::draw(&plan, &labels)).await.unwrap_or_default()
        })
    }

    fn preview_rollback(&self, number: u64) -> BoxFuture<'_, Result<Preview, Refusal>> {
        Box::pin(async move {
            let (files, _) = self.0.files_of(number)?;
            self.0.clone().preview_of(files, self.0.versions.files(number)).await
        })
    }

    fn rollback(&self, number: u64, by: By) -> BoxFuture<'_, Result<Version, Refusal>> {
        Box::pin(async move {
            let (files, about) = self.0.files_of(number)?;
            let comment = match by.comment.as_str() {
                "" => format!("rollback {number}"),
                comment => format!("rollback {number}: {comment}"),
            };
            let sounds = self.0.versions.files(number);
            self.0.clone().apply_files(files, about.folder, sounds, By { comment, ..by }).await
        })
    }
}

/// Does what waits for the disk, or takes long, beside the loop.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Refusal::Failed(error.to_string()))
}

fn silent() -> Refusal {
    Refusal::Failed("the line does not answer".into())
}

fn error_of(text: String) -> Finding {
    Finding { is_error: true, text }
}

/// What the cases beside a dialplan say against it, and what they reach. They warn: the admin decides who
/// is wrong.
fn cases(plan: &Dialplan, folder: &Path) -> (Vec<Finding>, Tested) {
    let cases = match load_cases(folder, plan) {
        Ok(cases) => cases,
        Err(errors) => {
            let all = findings(errors, folder).into_iter();
            let all = all.map(|one| Finding { is_error: false, ..one });
            return (all.collect(), Tested::default());
        }
    };
    let verdicts: Vec<Verdict> =
        cases.iter().map(|case| dialplan::cases::run(plan, case)).collect();
    let mut all = Vec::new();
    for (case, miss) in cases
        .iter()
        .zip(&verdicts)
        .flat_map(|(case, verdict)| verdict.misses.iter().map(move |miss| (case, miss)))
    {
        let came = miss.instead.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string);
        let text = format!(
            "{}: warning: case \"{}\": expected {} ({}); came {came}\n",
            case.place, case.name, miss.expected, miss.place
        );
        all.push(Finding { is_error: false, text });
    }
    let reached = coverage(plan, &verdicts);
    let tested = Tested {
        cases: cases.len(),
        untrue: verdicts.iter().filter(|verdict| !verdict.misses.is_empty()).count(),
        things: reached.all,
        unreached: reached.missed.iter().map(|thing| thing.name(plan)).collect(),
    };
    (all, tested)
}

/// For people; files are named as in the folder they came from.
fn findings(all: Vec<Diagnostic>, folder: &Path) -> Vec<Finding> {
    let finding = |mut one: Diagnostic| {
        let relative = |file: &mut PathBuf| {
            if let Ok(name) = file.strip_prefix(folder) {
                *file = name.to_owned();
            }
        };
        relative(&mut one.file);
        one.elsewhere.iter_mut().for_each(|place| relative(&mut place.file));
        Finding { is_error: one.severity == Severity::Error, text: one.in_full() }
    };
    all.into_iter().map(finding).collect()
}
