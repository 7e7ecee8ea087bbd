//! Logins that have begun: somebody is at the provider and will come back.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use crate::accounts::random;

/// How long somebody may take at the provider.
pub(super) const PATIENCE: Duration = Duration::from_secs(10 * 60);
/// Logins at once; the oldest is forgotten for one more.
const BEGUN_MAX: usize = 1000;

/// One of them.
#[derive(Clone, Debug)]
pub(super) struct Begun {
    /// What the browser brings back, and has as a cookie: it is the one that went (RFC 6749 §10.12).
    pub(super) state: String,
    /// What the provider repeats within what it signs.
    pub(super) nonce: String,
    /// What shows that the code was given for us (RFC 7636).
    pub(super) verifier: String,
    /// The page that was wanted.
    pub(super) page: String,
    at: Instant,
}

impl Begun {
    /// What the provider is told of the verifier beforehand (RFC 7636 §4.2).
    pub(super) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(&self.verifier))
    }
}

/// All of them, by their state.
#[derive(Debug, Default)]
pub(super) struct AllBegun(Mutex<BTreeMap<String, Begun>>);

impl AllBegun {
    /// Begins one.
    ///
    /// # Errors
    /// If the system has no random numbers.
    pub(super) fn begin(&self, now: Instant, page: String) -> io::Result<Begun> {
        let secret = || Ok::<_, io::Error>(URL_SAFE_NO_PAD.encode(random::<32>()?));
        let begun =
            Begun { state: secret()?, nonce: secret()?, verifier: secret()?, page, at: now };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, begun| now - begun.at < PATIENCE);
        if all.len() >= BEGUN_MAX {
            let oldest = all.values().min_by_key(|begun| begun.at).map(|begun| begun.state.clone());
            oldest.map(|state| all.remove(&state));
        }
        all.insert(begun.state.clone(), begun.clone());
        Ok(begun)
    }

    /// Ends the one of this state: nobody comes back twice.
    pub(super) fn end(&self, now: Instant, state: &str) -> Option<Begun> {
        let begun = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(state);
        begun.filter(|begun| now - begun.at < PATIENCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_comes_back_once_and_in_time() {
        let all = AllBegun::default();
        let now = Instant::now();
        let begin = || all.begin(now, "/wall".into()).unwrap();
        let (first, second) = (begin(), begin());
        assert!(first.state != second.state && first.nonce != first.state);
        assert_eq!(all.end(now, &first.state).map(|begun| begun.page), Some("/wall".into()));
        assert!(all.end(now, &first.state).is_none());
        assert!(all.end(now + PATIENCE, &second.state).is_none());
        assert!(all.end(now, "").is_none());
    }

    #[test]
    fn at_the_ceiling_the_oldest_goes() {
        let all = AllBegun::default();
        let mut now = Instant::now();
        let first = all.begin(now, String::new()).unwrap();
        for _ in 0..BEGUN_MAX {
            now += Duration::from_millis(1);
            all.begin(now, String::new()).unwrap();
        }
        assert_eq!(all.0.lock().unwrap().len(), BEGUN_MAX);
        assert!(all.end(now, &first.state).is_none());
    }

    /// RFC 7636, appendix B.
    #[test]
    fn the_challenge_is_that_of_rfc_7636() {
        let mut begun = AllBegun::default().begin(Instant::now(), String::new()).unwrap();
        begun.verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into();
        assert_eq!(begun.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
