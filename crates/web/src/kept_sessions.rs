//! Sessions outlive the program: agents in the midst of a shift do not log in anew because of a restart.

use std::convert::Infallible;
use std::time::Duration;

use casework::Casework;

use crate::sessions::Sessions;

/// Between two writings at least: whoever is at work changes something each minute.
const PAUSE: Duration = Duration::from_secs(1);
/// Before what could not be written is tried again.
const RETRY: Duration = Duration::from_secs(5);

/// Takes up the sessions of the last run.
pub(crate) async fn take_up(sessions: &Sessions, casework: &Casework) {
    let kept = match casework.ask(records::Books::sessions).await {
        Ok(kept) => kept,
        Err(error) => return tracing::warn!(%error, "everybody has to log in anew"),
    };
    let ended = sessions.take_up(casework.now(), kept);
    sessions.not_kept(ended);
}

/// Keeps what changes until it is dropped.
pub(crate) async fn keep(sessions: &Sessions, casework: &Casework) -> Infallible {
    loop {
        let (kept, ended) = sessions.changes().await;
        let hashes: Vec<_> =
            kept.iter().map(|session| &session.hash).chain(&ended).cloned().collect();
        let written = casework.ask(move |books| books.keep_sessions(&kept, &ended)).await;
        let pause = match written {
            Ok(()) => PAUSE,
            Err(error) => {
                tracing::warn!(%error, "sessions are not kept: a restart would end them");
                sessions.not_kept(hashes);
                RETRY
            }
        };
        tokio::time::sleep(pause).await;
    }
}
