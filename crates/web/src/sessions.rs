//! Who is logged in.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use journal::CallId;
use serde::Serialize;
use tokio::time::Instant;

use crate::accounts::{Role, random};

/// Sessions at once; with one more, who has done nothing for the longest time is logged out.
pub(crate) const SESSIONS_MAX: usize = 1000;
/// Who does nothing for so long is logged out.
const IDLE_MAX: Duration = Duration::from_secs(30 * 60);
/// The longest session.
const LONGEST: Duration = Duration::from_secs(12 * 3600);

/// Who sends a request.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Signed {
    pub(crate) name: String,
    #[serde(flatten)]
    pub(crate) role: Role,
    /// Who is known by a provider and has no account here.
    #[serde(skip)]
    pub(crate) from_elsewhere: bool,
    /// What a request that changes something must repeat: other sites do not know it.
    pub(crate) csrf: String,
}

#[derive(Debug)]
struct Session {
    signed: Signed,
    began: Instant,
    seen: Instant,
    invited: Option<Invited>,
}

/// By which invitation somebody came in, and until when it opens the door.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Invited {
    pub(crate) by: CallId,
    pub(crate) until: Instant,
}

/// All sessions, by the secret that the cookie holds. A restart ends them.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<BTreeMap<String, Session>>);

impl Sessions {
    /// Begins a session; gives the cookie's secret.
    pub(crate) fn begin(
        &self,
        now: Instant,
        name: String,
        role: Role,
        invited: Option<Invited>,
    ) -> io::Result<(String, Signed)> {
        let signed = Signed { name, role, from_elsewhere: false, csrf: secret()? };
        self.add(now, signed, invited)
    }

    /// The same for who is known by a provider.
    pub(crate) fn begin_from_elsewhere(
        &self,
        now: Instant,
        name: String,
        role: Role,
    ) -> io::Result<(String, Signed)> {
        let signed = Signed { name, role, from_elsewhere: true, csrf: secret()? };
        self.add(now, signed, None)
    }

    fn add(
        &self,
        now: Instant,
        signed: Signed,
        invited: Option<Invited>,
    ) -> io::Result<(String, Signed)> {
        let token = secret()?;
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, session| session.lasts(now));
        if sessions.len() >= SESSIONS_MAX {
            let idle = sessions.iter().min_by_key(|(_, session)| session.seen);
            if let Some(token) = idle.map(|(token, _)| token.clone()) {
                sessions.remove(&token);
            }
        }
        let session = Session { signed: signed.clone(), began: now, seen: now, invited };
        sessions.insert(token.clone(), session);
        Ok((token, signed))
    }

    /// Whose session this is.
    pub(crate) fn of(&self, now: Instant, token: &str) -> Option<Signed> {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let session = sessions.get_mut(token).filter(|session| session.lasts(now))?;
        session.seen = now;
        Some(session.signed.clone())
    }

    /// Whose session this is, which is no sign of life: a page that only listens keeps no session.
    pub(crate) fn peek(&self, now: Instant, token: &str) -> Option<Signed> {
        let sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let session = sessions.get(token).filter(|session| session.lasts(now))?;
        Some(session.signed.clone())
    }

    pub(crate) fn end(&self, token: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(token);
    }

    /// Ends the sessions of who came in by an invitation.
    pub(crate) fn end_invited(&self, by: CallId) {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, session| session.invited.is_none_or(|invited| invited.by != by));
    }
}

impl Session {
    fn lasts(&self, now: Instant) -> bool {
        now - self.seen < IDLE_MAX
            && now - self.began < LONGEST
            && self.invited.is_none_or(|invited| now < invited.until)
    }
}

fn secret() -> io::Result<String> {
    Ok(random::<32>()?.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_by_idleness_by_age_and_by_word() {
        let sessions = Sessions::default();
        let mut now = Instant::now();
        let begin = || sessions.begin(now, "ivanov".into(), Role::Admin, None).unwrap().0;
        let (idle, busy, ended) = (begin(), begin(), begin());
        let lives = |now: Instant, token: &str| sessions.of(now, token).is_some();
        assert!(idle != busy && idle.len() == 64);
        sessions.end(&ended);
        assert!(!lives(now, &ended) && !lives(now, "") && lives(now, &idle));
        for _ in 0..(12 * 3) {
            assert!(lives(now, &busy));
            now += Duration::from_secs(20 * 60);
        }
        assert!(!lives(now, &idle), "nothing for half an hour");
        assert!(!lives(now, &busy), "twelve hours");
    }

    #[test]
    fn who_was_invited_leaves_with_the_invitation() {
        let sessions = Sessions::default();
        let now = Instant::now();
        let by =
            |id: &str| Invited { by: id.parse().unwrap(), until: now + Duration::from_secs(60) };
        let begin = |invited| sessions.begin(now, "213".into(), Role::Admin, invited).unwrap().0;
        let (first, second, own) = (begin(Some(by("1"))), begin(Some(by("2"))), begin(None));
        let lives =
            |after, token: &str| sessions.of(now + Duration::from_secs(after), token).is_some();
        sessions.end_invited("1".parse().unwrap());
        assert!(!lives(0, &first) && lives(0, &second) && lives(0, &own));
        assert!(!lives(61, &second) && lives(61, &own));
    }

    #[test]
    fn at_the_ceiling_the_idlest_goes() {
        let sessions = Sessions::default();
        let mut now = Instant::now();
        let begin = |now| sessions.begin(now, "ivanov".into(), Role::Admin, None).unwrap().0;
        let first = begin(now);
        for _ in 1..SESSIONS_MAX {
            now += Duration::from_millis(1);
            begin(now);
        }
        let second = begin(now);
        assert!(sessions.of(now, &first).is_none());
        assert!(sessions.of(now, &second).is_some());
    }
}
