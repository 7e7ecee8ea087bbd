//! Who asks: programs by their tokens, people by their sessions; their roles and rates; the audit.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use cases::{Actor, Case, Owner};
use dialplan::OrganisationId;
use records::{Access, DatabaseError, Role, Token};
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use super::Api;
use super::problem::{self, Problem};
use crate::accounts::{self, random_secret};
use crate::login::{Door, Refused};
use crate::sessions::Signed;

/// Requests of one token at once, and how soon there is room for another.
const BURST: u32 = 100;
const EVERY: Duration = Duration::from_millis(20);
/// Tokens whose rates are remembered; there are fewer.
const RATES_MAX: usize = 10_000;
/// What secrets begin with, so that they are found where they should not be.
const PREFIX: &str = "l122_";
/// The longest secret that is looked at.
const SECRET_MAX: usize = 128;

/// A new secret; it is shown once and never again.
///
/// # Errors
/// If the system gives no randomness.
pub fn new_secret() -> io::Result<String> {
    Ok(format!("{PREFIX}{}", random_secret()?))
}

/// What is kept of a secret. It is random and long, so that a plain hash hides it.
#[must_use]
pub fn token_hash(secret: &str) -> String {
    hash([secret.as_bytes()])
}

/// SHA-256 in hexadecimal digits; each part with its length, so that no two lists of parts are the same.
pub(crate) fn hash<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) struct Asker {
    /// By which rates and repeated requests are told apart: the name of a token, or `account:` and that
    /// of a person.
    pub(super) name: Arc<str>,
    actor: Actor,
    role: Role,
    organisation: Option<OrganisationId>,
}

impl Asker {
    fn by_token(token: Token) -> Asker {
        let Token { name, role, organisation, .. } = token;
        let actor = match &organisation {
            Some(organisation) => Actor::Organisation(organisation.clone()),
            None => Actor::Token(name.as_str().into()),
        };
        Asker { name: name.into(), actor, role, organisation }
    }

    fn by_session(signed: &Signed) -> Asker {
        let account = || Actor::Account(signed.name.as_str().into());
        let (actor, role, organisation) = match &signed.role {
            accounts::Role::Agent(agent) => (Actor::Agent(agent.clone()), Role::Operator, None),
            accounts::Role::Supervisor => (account(), Role::Curator, None),
            accounts::Role::Admin => (account(), Role::Admin, None),
            accounts::Role::Organisation(id) => (account(), Role::Operator, Some(id.clone())),
        };
        let name = actor.to_string().into();
        Asker { name, actor, role, organisation }
    }

    /// As the changes of a case name it.
    pub(super) fn actor(&self) -> Actor {
        self.actor.clone()
    }

    /// Whether it may do what this role may.
    pub(super) fn may(&self, role: Role) -> Result<(), Problem> {
        if self.role >= role { Ok(()) } else { Err(problem::NOT_ALLOWED) }
    }

    /// Whether it sees the line as a whole: an organisation sees its own cases and nothing else.
    pub(crate) fn sees_line(&self) -> Result<(), Problem> {
        if self.organisation.is_some() { Err(problem::NOT_ALLOWED) } else { Ok(()) }
    }

    /// Whether it sees numbers of citizens.
    pub(super) fn sees_numbers(&self) -> bool {
        self.role > Role::Reader
    }

    /// Whose cases it sees, if not everybody's.
    pub(super) fn only_of(&self) -> Option<Owner> {
        self.organisation.clone().map(Owner::Organisation)
    }

    /// Whether it sees a case.
    pub(super) fn sees(&self, case: &Case) -> bool {
        self.only_of().is_none_or(|owner| owner == case.owner)
    }
}

/// Lets through who shows a token or is logged in at a page, at a bearable rate.
pub(super) async fn only_known(
    State((api, door)): State<(Arc<Api>, Arc<Door>)>,
    mut request: Request,
    next: Next,
) -> Response {
    let asker = match secret(request.headers()).map(token_hash) {
        Some(hash) => match api.casework.ask(move |books| books.token(&hash)).await {
            Ok(Some(token)) => Asker::by_token(token),
            Ok(None) => return problem::NO_TOKEN.into_response(),
            Err(trouble) => return Problem::from(trouble).into_response(),
        },
        None => match door.lets_in(request.method(), request.headers()) {
            Ok(signed) => Asker::by_session(&signed),
            Err(Refused::NotSigned) => return problem::NO_TOKEN.into_response(),
            Err(Refused::Forged) => return problem::NOT_ALLOWED.into_response(),
        },
    };
    if !api.rates.pass(&asker.name, Instant::now()) {
        return problem::TOO_MANY.into_response();
    }
    request.extensions_mut().insert(asker);
    next.run(request).await
}

/// Writes into the audit that something of citizens is shown, before it is.
pub(super) async fn note(
    api: &Api,
    asker: &Asker,
    what: &'static str,
    subject: String,
) -> Result<(), Problem> {
    let who = asker.actor().to_string();
    // Numbers stand in the audit alone.
    tracing::debug!(audit = what, who, "the API shows something of citizens");
    let (at, what) = (api.casework.now().unix_millis(), what.to_owned());
    let access = Access { at, who, what, subject };
    let noted = api.casework.ask(move |books| books.note_access(&access));
    Ok(noted.await?)
}

fn secret(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, secret) = value.split_once(' ')?;
    let secret = secret.trim();
    (scheme.eq_ignore_ascii_case("bearer") && secret.len() <= SECRET_MAX).then_some(secret)
}

/// How much each token asks.
#[derive(Debug, Default)]
pub(super) struct Rates(Mutex<BTreeMap<String, Instant>>);

impl Rates {
    /// Whether there is room for another request of this token.
    fn pass(&self, token: &str, now: Instant) -> bool {
        let mut rates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if rates.len() >= RATES_MAX {
            rates.retain(|_, calm| *calm > now);
        }
        let calm = rates.get(token).map_or(now, |calm| (*calm).max(now)) + EVERY;
        if calm > now + EVERY * BURST {
            return false;
        }
        rates.insert(token.to_owned(), calm);
        true
    }
}

impl From<DatabaseError> for Problem {
    fn from(error: DatabaseError) -> Problem {
        casework::Trouble::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_a_burst_and_then_a_rate() {
        let rates = Rates::default();
        let now = Instant::now();
        let passed = |token, now| (0..200).filter(|_| rates.pass(token, now)).count();
        assert_eq!(passed("mis", now), 100);
        assert_eq!(passed("mis", now + Duration::from_secs(1)), 50);
        assert_eq!(passed("other", now), 100);
    }

    #[test]
    fn secrets_are_long_and_never_the_same() {
        let (one, other) = (new_secret().unwrap(), new_secret().unwrap());
        assert!(one.len() == 69 && one != other && token_hash(&one) != token_hash(&other));
        assert_ne!(hash([&b"ab"[..], b"c"]), hash([&b"a"[..], b"bc"]));
    }
}
