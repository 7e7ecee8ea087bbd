//! The side that asks: challenges and checks (RFC 7616, RFC 8760, RFC 3261 §22.2, §22.3).

use std::fmt;

use ambient::{Entropy, Now};

use super::challenge::Challenge;
use super::credentials::Credentials;
use super::nonce::Nonces;
use super::{Algorithm, hash};
use crate::{HeaderName, Message, StatusCode};

/// As what we ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A registrar or user agent: 401, WWW-Authenticate, Authorization.
    Server,
    /// A proxy: 407, Proxy-Authenticate, Proxy-Authorization.
    Proxy,
}

/// What is known of a user. Its `Debug` shows nothing, so that it gets into no log.
#[derive(Clone)]
pub enum Secret {
    /// The password.
    Password(Box<str>),
    /// The hash of [`ha1`](super::ha1) for the algorithm asked for.
    Ha1(Box<str>),
}

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// The sender knows the password of this user.
    Granted {
        /// The user name as it was sent.
        user: &'a str,
    },
    /// No credentials for our realm: challenge.
    Missing,
    /// The password is right, but the nonce is old, foreign or used: challenge with `stale=true`,
    /// which lets the phone try again without asking its user.
    Stale {
        /// The user name as it was sent.
        user: &'a str,
    },
    /// The password is wrong, or there is no such user.
    Refused {
        /// The user name as it was sent.
        user: &'a str,
    },
}

/// Asks for passwords and checks them.
///
/// Nonces are not kept until they served, so that a flood of requests without credentials fills no
/// table. Each authenticator has a key of its own: a nonce of another one (of another shard, or from
/// before a restart) is stale, which costs the phone one more round trip.
pub struct Authenticator {
    realm: Box<str>,
    offered: Box<[Algorithm]>,
    nonces: Nonces,
    opaque: String,
    entropy: Entropy,
}

impl Role {
    /// The status of a challenge.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Role::Server => StatusCode(401),
            Role::Proxy => StatusCode(407),
        }
    }

    /// The header of a challenge.
    pub(super) fn asks_in(self) -> HeaderName {
        match self {
            Role::Server => HeaderName::WwwAuthenticate,
            Role::Proxy => HeaderName::ProxyAuthenticate,
        }
    }

    /// The header of credentials.
    pub(super) fn answered_in(self) -> HeaderName {
        match self {
            Role::Server => HeaderName::Authorization,
            Role::Proxy => HeaderName::ProxyAuthorization,
        }
    }
}

impl Authenticator {
    /// An authenticator for one realm. `offered` is in the order of preference:
    /// [`Algorithm::ALL`], unless some phones stumble over what they do not know.
    #[must_use]
    pub fn new(realm: &str, offered: &[Algorithm], mut entropy: Entropy) -> Authenticator {
        Authenticator {
            // A quote would end the parameter.
            realm: realm.replace(['"', '\\'], "").into(),
            offered: offered.into(),
            nonces: Nonces::new(&mut entropy),
            opaque: entropy.token(),
            entropy,
        }
    }

    /// The realm.
    #[must_use]
    pub fn realm(&self) -> &str {
        &self.realm
    }

    /// Adds the challenges to a 401 or 407, one header for each algorithm (RFC 8760 §2.3).
    pub fn challenge(&mut self, now: Now, role: Role, is_stale: bool, response: &mut Message) {
        let nonce = self.nonces.issue(now.mono, &mut self.entropy);
        for algorithm in &self.offered {
            let challenge = Challenge {
                realm: &self.realm,
                nonce: &nonce,
                opaque: Some(&self.opaque),
                algorithm: *algorithm,
                has_qop: true,
                is_stale,
            };
            response.push(role.asks_in(), challenge);
        }
    }

    /// Checks the credentials of a request. `secret` gives what is known of a user, for the
    /// algorithm that the sender chose.
    ///
    /// The digest covers method and URI as the sender wrote them in its credentials, which need not
    /// be the Request-URI: a proxy on the way may have rewritten that.
    pub fn check<'a>(
        &mut self,
        now: Now,
        role: Role,
        request: &'a Message,
        secret: impl FnOnce(&str, Algorithm) -> Option<Secret>,
    ) -> Verdict<'a> {
        let ours = request
            .headers(role.answered_in())
            .filter_map(Credentials::parse)
            .filter(|found| *found.realm == *self.realm)
            .filter(|found| self.offered.contains(&found.algorithm))
            .max_by_key(|found| found.algorithm);
        let Some(credentials) = ours else { return Verdict::Missing };
        let user = credentials.user;
        let secret = secret(user, credentials.algorithm);
        let is_known = secret.is_some();
        // An unknown user costs as much time as a known one.
        let ha1 = match secret.unwrap_or(Secret::Password("".into())) {
            Secret::Password(password) => {
                hash::ha1(credentials.algorithm, user, &self.realm, &password)
            }
            Secret::Ha1(ha1) => ha1.to_ascii_lowercase(),
        };
        let expected = hash::response(&credentials.input(request.method().as_str()), &ha1);
        if !hash::is_same_hex(&expected, credentials.response) || !is_known {
            return Verdict::Refused { user };
        }
        let count = credentials.count();
        match count.is_some_and(|count| self.nonces.spend(now.mono, credentials.nonce, count)) {
            true => Verdict::Granted { user },
            false => Verdict::Stale { user },
        }
    }
}

/// What a log may show: no key.
impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticator").field("realm", &self.realm).finish_non_exhaustive()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Secret::Password(_) => "Password(…)",
            Secret::Ha1(_) => "Ha1(…)",
        })
    }
}
