//! Notices that the files of the dialplan have changed.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use web::Dialplans;
use web::dialplans::By;

use super::keeper::{Keeper, Shared};

/// How often the folder is looked at. What changed is read when it has not changed for as long: an
/// editor or a copy may be in the middle of it.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Names, sizes and times of the files.
type Stamp = Vec<(PathBuf, u64, Option<SystemTime>)>;

/// Looks at the folder for ever; applies what changed, if the settings say so.
pub(crate) async fn watch(keeper: Arc<Keeper>, applies: bool) {
    let mut read = None;
    let mut seen = None;
    let mut compared_with = None;
    loop {
        let folder = keeper.folder().to_owned();
        let number = keeper.running().await;
        let stamp = tokio::task::spawn_blocking(move || stamp(&folder)).await.unwrap_or_default();
        let is_quiet = seen.replace(stamp.clone()).is_none_or(|before| before == stamp);
        if is_quiet && read.as_ref() != Some(&stamp) {
            read = Some(stamp);
            let proposal = keeper.look_at_folder().await;
            if let Some(mut proposal) = proposal.filter(|_| applies) {
                proposal.by = By { who: "files on disk".into(), ..By::default() };
                if let Err(refusal) = Shared(keeper.clone()).apply(proposal).await {
                    tracing::error!(?refusal, "the changed dialplan is not applied");
                }
                keeper.look_at_folder().await;
            }
            compared_with = Some(keeper.running().await);
        } else if compared_with.is_some_and(|with| with != number) {
            // Another version was applied: the files are not new, but may differ from what runs.
            keeper.look_at_folder().await;
            compared_with = Some(number);
        }
        keeper.forget_former().await;
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn stamp(folder: &Path) -> Stamp {
    let mut stamp = Stamp::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let Ok(known) = entry.metadata() else { continue };
            match known.is_dir() {
                true => folders.push(entry.path()),
                false => stamp.push((entry.path(), known.len(), known.modified().ok())),
            }
        }
    }
    stamp.sort();
    stamp
}
