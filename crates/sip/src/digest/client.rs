//! The side that is asked: answers to challenges (RFC 7616, RFC 8760, RFC 3261 §22.1).

use ambient::Entropy;

use super::challenge::Challenge;
use super::credentials::Credentials;
use super::hash::{self, Counted, Input};
use super::{Algorithm, Role};
use crate::{HeaderName, Message};

/// Realms that one client answers to; a request may pass several proxies that each ask.
pub const REALMS_MAX: usize = 4;

/// Answers challenges with one user name and password, and goes on using a nonce with rising counts
/// until it is challenged anew.
pub struct Client {
    user: Box<str>,
    password: Box<str>,
    entropy: Entropy,
    sessions: Vec<Session>,
}

/// What one realm asked for last.
struct Session {
    role: Role,
    realm: Box<str>,
    nonce: Box<str>,
    opaque: Option<Box<str>>,
    algorithm: Algorithm,
    has_qop: bool,
    ha1: String,
    /// How often the nonce was used.
    count: u32,
    /// Call-ID and CSeq of the request that used it first.
    first_use: Option<(Box<str>, u32)>,
}

impl Client {
    /// A client that has not been challenged yet.
    #[must_use]
    pub fn new(user: &str, password: &str, entropy: Entropy) -> Client {
        Client { user: user.into(), password: password.into(), entropy, sessions: Vec::new() }
    }

    /// Takes a 401 or 407 into account. False if it cannot be answered: its algorithms are unknown,
    /// or it refuses what we answered to it a moment ago, so that the password must be wrong.
    pub fn learn(&mut self, challenge: &Message) -> bool {
        let role = match challenge.status() {
            Some(status) if status == Role::Server.status() => Role::Server,
            Some(status) if status == Role::Proxy.status() => Role::Proxy,
            Some(_) | None => return false,
        };
        let mut learned = false;
        for found in challenge.headers(role.asks_in()).filter_map(Challenge::parse) {
            // Of several algorithms of one realm the strongest (RFC 8760 §2.4).
            let is_best = challenge
                .headers(role.asks_in())
                .filter_map(Challenge::parse)
                .all(|other| other.realm != found.realm || other.algorithm <= found.algorithm);
            if is_best {
                if self.is_refused(role, &found, challenge) {
                    return false;
                }
                learned |= self.adopt(role, &found);
            }
        }
        learned
    }

    /// Adds credentials for every realm that has challenged us, in place of earlier ones.
    pub fn authorise(&mut self, request: &mut Message) {
        for role in [Role::Server, Role::Proxy] {
            if self.sessions.iter().any(|session| session.role == role) {
                request.remove(role.answered_in());
            }
        }
        let call = cseq_of(request).map(|number| (request.call_id().into(), number));
        for session in &mut self.sessions {
            let cnonce = self.entropy.token();
            let credentials = session.answer(&self.user, &cnonce, request, call.as_ref());
            request.push(session.role.answered_in(), credentials);
        }
    }

    /// [`Client::learn`] from a response, then [`Client::authorise`] the request that is to be sent
    /// again. The caller raises its CSeq (RFC 3261 §22.2).
    pub fn answer(&mut self, challenge: &Message, request: &mut Message) -> bool {
        let can = self.learn(challenge);
        if can {
            self.authorise(request);
        }
        can
    }

    /// The first use of the nonce was challenged again, and not for its age.
    fn is_refused(&self, role: Role, found: &Challenge<'_>, challenge: &Message) -> bool {
        let known = self.sessions.iter().find(|s| s.role == role && *s.realm == *found.realm);
        let Some(session) = known else { return false };
        let Some((call_id, number)) = &session.first_use else { return false };
        // A caller may raise CSeq before or after it is authorised.
        let is_answer = cseq_of(challenge).is_some_and(|n| n == *number || n == number + 1);
        !found.is_stale && session.count == 1 && is_answer && **call_id == *challenge.call_id()
    }

    fn adopt(&mut self, role: Role, found: &Challenge<'_>) -> bool {
        self.sessions.retain(|s| s.role != role || *s.realm != *found.realm);
        if self.sessions.len() == REALMS_MAX {
            return false;
        }
        self.sessions.push(Session {
            role,
            realm: found.realm.into(),
            nonce: found.nonce.into(),
            opaque: found.opaque.map(Into::into),
            algorithm: found.algorithm,
            has_qop: found.has_qop,
            ha1: hash::ha1(found.algorithm, &self.user, found.realm, &self.password),
            count: 0,
            first_use: None,
        });
        true
    }
}

impl Session {
    /// The value of the credentials header.
    fn answer(
        &mut self,
        user: &str,
        cnonce: &str,
        request: &Message,
        call: Option<&(Box<str>, u32)>,
    ) -> String {
        self.count = self.count.saturating_add(1);
        if self.count == 1 {
            self.first_use = call.cloned();
        }
        let nc = format!("{:08x}", self.count);
        let counted = self.has_qop.then_some(Counted { nc: &nc, cnonce });
        let input = Input {
            algorithm: self.algorithm,
            method: request.method().as_str(),
            uri: request.request_uri(),
            nonce: &self.nonce,
            counted,
        };
        Credentials {
            user,
            realm: &self.realm,
            nonce: &self.nonce,
            uri: input.uri,
            response: &hash::response(&input, &self.ha1),
            algorithm: self.algorithm,
            opaque: self.opaque.as_deref(),
            counted,
        }
        .to_string()
    }
}

/// What a log may show: no password.
impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("realms", &self.sessions.len()).finish_non_exhaustive()
    }
}

fn cseq_of(message: &Message) -> Option<u32> {
    let value = message.header(HeaderName::CSeq)?;
    crate::values::CSeq::parse(value).ok().map(|cseq| cseq.number)
}
