//! Who is logged in.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ambient::Wall;
use journal::CallId;
use serde::Serialize;
use tokio::sync::Notify;

use crate::accounts::{Role, random_secret};
use crate::api::{hash, token_hash};

/// Sessions at once; with one more, who has done nothing for the longest time is logged out.
pub(crate) const SESSIONS_MAX: usize = 1000;
/// Who does nothing for so long is logged out.
const IDLE_MAX: Duration = Duration::from_secs(30 * 60);
/// The longest session.
const LONGEST: Duration = Duration::from_secs(12 * 3600);
/// A sign of life is kept if the last one that was is older.
const KEPT_EACH: Duration = Duration::from_secs(60);

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

/// By which invitation somebody came in, and until when it opens the door.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Invited {
    pub(crate) by: CallId,
    pub(crate) until: Wall,
}

#[derive(Clone, Debug)]
struct Session {
    name: String,
    role: Role,
    from_elsewhere: bool,
    began: Wall,
    seen: Wall,
    /// The last sign of life that is kept.
    kept: Wall,
    invited: Option<Invited>,
}

/// All sessions, by the hash of the secret that the cookie holds: whoever reads what is kept of them can use none.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    all: Mutex<All>,
    /// Rings with the first change.
    changes: Notify,
}

#[derive(Debug, Default)]
struct All {
    sessions: BTreeMap<String, Session>,
    /// Those that have changed since they were kept.
    changed: BTreeSet<String>,
}

impl Sessions {
    /// Begins a session; gives the cookie's secret.
    pub(crate) fn begin(
        &self,
        now: Wall,
        name: String,
        role: Role,
        invited: Option<Invited>,
    ) -> io::Result<(String, Signed)> {
        self.add(Session { invited, ..Session::of_account(now, name, role) })
    }

    /// The same for who is known by a provider.
    pub(crate) fn begin_from_elsewhere(
        &self,
        now: Wall,
        name: String,
        role: Role,
    ) -> io::Result<(String, Signed)> {
        self.add(Session { from_elsewhere: true, ..Session::of_account(now, name, role) })
    }

    fn add(&self, session: Session) -> io::Result<(String, Signed)> {
        let token = random_secret()?;
        let mut all = self.all();
        let now = session.began;
        all.end_if(|session| !session.lasts(now));
        if all.sessions.len() >= SESSIONS_MAX {
            let idle = all.sessions.iter().min_by_key(|(_, session)| session.seen);
            if let Some(hash) = idle.map(|(hash, _)| hash.clone()) {
                all.end(&hash);
            }
        }
        let signed = session.signed(&token);
        let hash = token_hash(&token);
        all.sessions.insert(hash.clone(), session);
        all.changed.insert(hash);
        self.changes.notify_one();
        Ok((token, signed))
    }

    /// Whose session this is.
    pub(crate) fn of(&self, now: Wall, token: &str) -> Option<Signed> {
        let hash = token_hash(token);
        let All { sessions, changed } = &mut *self.all();
        let session = sessions.get_mut(&hash).filter(|session| session.lasts(now))?;
        session.seen = now;
        if now.since(session.kept) >= KEPT_EACH {
            session.kept = now;
            changed.insert(hash);
            self.changes.notify_one();
        }
        Some(session.signed(token))
    }

    /// Whose session this is, which is no sign of life: a page that only listens keeps no session.
    pub(crate) fn peek(&self, now: Wall, token: &str) -> Option<Signed> {
        let all = self.all();
        let session = all.sessions.get(&token_hash(token)).filter(|session| session.lasts(now))?;
        Some(session.signed(token))
    }

    pub(crate) fn end(&self, token: &str) {
        self.all().end(&token_hash(token));
        self.changes.notify_one();
    }

    /// Ends the sessions of who came in by an invitation.
    pub(crate) fn end_invited(&self, by: CallId) {
        self.all().end_if(|session| session.invited.is_some_and(|invited| invited.by == by));
        self.changes.notify_one();
    }

    fn all(&self) -> MutexGuard<'_, All> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A restart of the program ends no session.
impl Sessions {
    /// Takes up what was kept; gives the hashes of those that have ended since.
    pub(crate) fn take_up(&self, now: Wall, kept: Vec<records::Session>) -> Vec<String> {
        let mut ended = Vec::new();
        let mut all = self.all();
        for one in kept {
            let hash = one.hash.clone();
            match Session::of(one).filter(|session| session.lasts(now)) {
                Some(session) => _ = all.sessions.insert(hash, session),
                None => ended.push(hash),
            }
        }
        ended
    }

    /// Waits for changes; gives what is to be kept, and the hashes of those that have ended.
    pub(crate) async fn changes(&self) -> (Vec<records::Session>, Vec<String>) {
        loop {
            self.changes.notified().await;
            let All { sessions, changed } = &mut *self.all();
            let (mut kept, mut ended) = (Vec::new(), Vec::new());
            for hash in std::mem::take(changed) {
                match sessions.get(&hash) {
                    Some(session) => kept.push(session.kept(hash)),
                    None => ended.push(hash),
                }
            }
            if !kept.is_empty() || !ended.is_empty() {
                return (kept, ended);
            }
        }
    }

    /// These were not kept: they are told again.
    pub(crate) fn not_kept(&self, hashes: impl IntoIterator<Item = String>) {
        self.all().changed.extend(hashes);
        self.changes.notify_one();
    }
}

impl All {
    fn end(&mut self, hash: &str) {
        if let Some((hash, _)) = self.sessions.remove_entry(hash) {
            self.changed.insert(hash);
        }
    }

    fn end_if(&mut self, is_over: impl Fn(&Session) -> bool) {
        let over = self.sessions.extract_if(.., |_, session| is_over(session));
        self.changed.extend(over.map(|(hash, _)| hash));
    }
}

impl Session {
    fn of_account(now: Wall, name: String, role: Role) -> Session {
        let (began, seen, kept) = (now, now, now);
        Session { name, role, from_elsewhere: false, began, seen, kept, invited: None }
    }

    fn lasts(&self, now: Wall) -> bool {
        now.since(self.seen) < IDLE_MAX
            && now.since(self.began) < LONGEST
            && self.invited.is_none_or(|invited| now < invited.until)
    }

    /// What a request repeats comes of the cookie's secret, which other sites do not know either.
    fn signed(&self, token: &str) -> Signed {
        Signed {
            name: self.name.clone(),
            role: self.role.clone(),
            from_elsewhere: self.from_elsewhere,
            csrf: hash([b"csrf", token.as_bytes()]),
        }
    }

    fn kept(&self, hash: String) -> records::Session {
        let (role, of) = self.role.parts();
        records::Session {
            hash,
            name: self.name.clone(),
            role: role.to_owned(),
            of: of.map(str::to_owned),
            from_elsewhere: self.from_elsewhere,
            began_at: self.began.unix_millis(),
            seen_at: self.kept.unix_millis(),
            invitation: self.invited.map(|invited| invited.by),
            ends_at: self.invited.map(|invited| invited.until.unix_millis()),
        }
    }

    /// One with a role that this program does not know is none.
    fn of(kept: records::Session) -> Option<Session> {
        let seen = Wall::from_unix_millis(kept.seen_at);
        let until = kept.ends_at.map(Wall::from_unix_millis);
        Some(Session {
            role: Role::of_parts(&kept.role, kept.of.as_deref())?,
            name: kept.name,
            from_elsewhere: kept.from_elsewhere,
            began: Wall::from_unix_millis(kept.began_at),
            seen,
            kept: seen,
            invited: kept.invitation.zip(until).map(|(by, until)| Invited { by, until }),
        })
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const NOW: Wall = Wall::from_unix_millis(1_785_000_000_000);

    #[test]
    fn a_session_ends_by_idleness_by_age_and_by_word() {
        let sessions = Sessions::default();
        let mut now = NOW;
        let begin = || sessions.begin(now, "ivanov".into(), Role::Admin, None).unwrap().0;
        let (idle, busy, ended) = (begin(), begin(), begin());
        let lives = |now: Wall, token: &str| sessions.of(now, token).is_some();
        assert!(idle != busy && idle.len() == 64);
        sessions.end(&ended);
        assert!(!lives(now, &ended) && !lives(now, "") && lives(now, &idle));
        for _ in 0..(12 * 3) {
            assert!(lives(now, &busy));
            now = now + Duration::from_secs(20 * 60);
        }
        assert!(!lives(now, &idle), "nothing for half an hour");
        assert!(!lives(now, &busy), "twelve hours");
    }

    #[test]
    fn who_was_invited_leaves_with_the_invitation() {
        let sessions = Sessions::default();
        let until = NOW + Duration::from_secs(60);
        let by = |id: &str| Invited { by: id.parse().unwrap(), until };
        let begin = |invited| sessions.begin(NOW, "213".into(), Role::Admin, invited).unwrap().0;
        let (first, second, own) = (begin(Some(by("1"))), begin(Some(by("2"))), begin(None));
        let lives =
            |after, token: &str| sessions.of(NOW + Duration::from_secs(after), token).is_some();
        sessions.end_invited("1".parse().unwrap());
        assert!(!lives(0, &first) && lives(0, &second) && lives(0, &own));
        assert!(!lives(61, &second) && lives(61, &own));
    }

    #[test]
    fn at_the_ceiling_the_idlest_goes() {
        let sessions = Sessions::default();
        let mut now = NOW;
        let begin = |now| sessions.begin(now, "ivanov".into(), Role::Admin, None).unwrap().0;
        let first = begin(now);
        for _ in 1..SESSIONS_MAX {
            now = now + Duration::from_millis(1);
            begin(now);
        }
        let second = begin(now);
        assert!(sessions.of(now, &first).is_none());
        assert!(sessions.of(now, &second).is_some());
    }

    /// What is kept of the sessions, as a database has it.
    #[derive(Default)]
    struct Kept(BTreeMap<String, records::Session>);

    impl Kept {
        /// Writes down what has changed; says how much.
        fn write(&mut self, sessions: &Sessions) -> usize {
            let Some((kept, ended)) = sessions.changes().now_or_never() else { return 0 };
            let count = kept.len() + ended.len();
            self.0.extend(kept.into_iter().map(|one| (one.hash.clone(), one)));
            self.0.retain(|hash, _| !ended.contains(hash));
            count
        }
    }

    #[test]
    fn a_restart_ends_no_session_and_begins_none() {
        let (sessions, mut kept) = (Sessions::default(), Kept::default());
        let agent = || Role::Agent("201".into());
        let invited =
            Invited { by: "1".parse().unwrap(), until: NOW + Duration::from_secs(20 * 60) };
        let began = |invited| sessions.begin(NOW, "201".into(), agent(), invited).unwrap();
        let ((own, signed), (guest, _), (gone, _)) =
            (began(None), began(Some(invited)), began(None));
        let (elsewhere, _) =
            sessions.begin_from_elsewhere(NOW, "anna (OpenID)".into(), agent()).unwrap();
        assert_eq!(kept.write(&sessions), 4);
        sessions.end(&gone);
        assert_eq!((kept.write(&sessions), kept.0.len()), (1, 3));
        let secrets = [&own, &guest, &elsewhere];
        assert!(secrets.iter().all(|secret| !format!("{:?}", kept.0).contains(*secret)));
        // Signs of life are kept now and then.
        assert!(sessions.of(NOW + Duration::from_secs(59), &own).is_some());
        assert_eq!(kept.write(&sessions), 0);
        let later = NOW + Duration::from_secs(25 * 60);
        assert!(sessions.of(later, &own).is_some());
        assert_eq!(kept.write(&sessions), 1);

        let after = Sessions::default();
        let ended = after.take_up(later, kept.0.into_values().collect());
        assert_eq!(ended, [token_hash(&guest)], "the invitation has ended meanwhile");
        let same = after.of(later, &own).unwrap();
        assert_eq!((same.csrf, same.role), (signed.csrf, agent()));
        let known = after.of(later, &elsewhere).unwrap();
        assert!(known.from_elsewhere && known.name == "anna (OpenID)");
        assert!(after.of(later, &gone).is_none());
        // The one has shown signs of life since, the other has not.
        let end = NOW + Duration::from_secs(30 * 60);
        assert!(after.peek(end, &own).is_some() && after.peek(later, &guest).is_none());
    }

    #[test]
    fn what_could_not_be_kept_is_told_again() {
        let (sessions, mut kept) = (Sessions::default(), Kept::default());
        let (token, _) = sessions.begin(NOW, "ivanov".into(), Role::Admin, None).unwrap();
        assert!(sessions.changes().now_or_never().is_some());
        sessions.not_kept([token_hash(&token)]);
        assert_eq!((kept.write(&sessions), kept.0.len()), (1, 1));
        sessions.end(&token);
        sessions.not_kept([token_hash(&token)]);
        assert_eq!((kept.write(&sessions), kept.0.len()), (1, 0));
    }
}
