//! Who sends a request: by digest of an account, or by the network of a trunk (RFC 3261 §22).

use std::sync::Arc;

use ambient::{Entropy, Now};
use sip::digest::{Algorithm, Authenticator, Role, Secret, Verdict};
use sip::values::NameAddr;
use sip::{Flow, HeaderName, Host, Message, StatusCode, Uri};

use crate::directory::Directory;
use crate::guard::Guard;
use crate::shield::Offence;
use crate::turn::{Incoming, Turn};
use crate::{Party, Proxy, Vouched};

/// Checks passwords.
#[derive(Debug)]
pub(crate) struct Auth {
    authenticator: Authenticator,
    guard: Guard,
}

/// What is known of a sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sender {
    /// Proven.
    Known(Party),
    /// Must give a password, or give it again since the nonce was old.
    Unproven { stale: bool },
    /// Gave a wrong password, guesses too often, or claims to be another account.
    Refused,
    /// Nobody we know.
    Stranger,
}

/// What the credentials of a request prove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// This account.
    Account(Arc<str>),
    Missing,
    Stale,
    Refused,
}

impl Auth {
    pub(crate) fn new(realm: &str, digest: &[Algorithm], entropy: Entropy) -> Auth {
        let authenticator = Authenticator::new(realm, digest, entropy);
        Auth { authenticator, guard: Guard::default() }
    }

    /// Checks the credentials of a request; `is_proven` says whether an account is registered from
    /// where the request comes.
    pub(crate) fn check(
        &mut self,
        now: Now,
        role: Role,
        request: &Message,
        flow: &Flow,
        directory: &Directory,
        is_proven: impl Fn(&str) -> bool,
    ) -> Proof {
        let source = flow.remote.ip();
        let guard = &mut self.guard;
        let mut is_shut = false;
        let verdict = self.authenticator.check(now, role, request, |user, _| {
            let account = directory.account(user);
            let name = account.map_or_else(|| user.into(), |account| account.name.clone());
            is_shut = guard.is_shut(now.mono, source, &name, is_proven(user));
            let account = account.filter(|_| !is_shut)?;
            Some(Secret::Password(Box::from(&*account.password)))
        });
        match verdict {
            Verdict::Missing => Proof::Missing,
            Verdict::Stale { .. } => Proof::Stale,
            Verdict::Refused { .. } if is_shut => Proof::Refused,
            Verdict::Refused { user } => {
                let account = directory.account(user);
                let name = account.map_or_else(|| user.into(), |account| account.name.clone());
                self.guard.failed(now.mono, source, &name);
                Proof::Refused
            }
            Verdict::Granted { user } => match directory.account(user) {
                Some(account) => {
                    self.guard.succeeded(source, &account.name);
                    Proof::Account(account.name.clone())
                }
                None => Proof::Refused,
            },
        }
    }
}

impl Proxy {
    /// What the credentials of a request prove.
    pub(crate) fn proof(&mut self, now: Now, role: Role, request: &Message, flow: &Flow) -> Proof {
        if let Some(Vouched::Account(name)) = self.vouched(flow)
            && let Some(account) = self.directory.account(name)
        {
            return Proof::Account(account.name.clone());
        }
        let Proxy { auth, directory, bindings, .. } = self;
        let source = flow.remote.ip();
        let proof = auth
            .check(now, role, request, flow, directory, |user| bindings.is_proven(user, source));
        if matches!(proof, Proof::Account(_)) {
            self.proved(flow);
        }
        proof
    }

    /// Who sends this request. An account's name in From is never taken on trust, not even from a
    /// trunk's network; a PBX may show its caller in From and prove its own account.
    pub(crate) fn identify(&mut self, turn: &Turn<'_>, incoming: &Incoming) -> Sender {
        let Incoming { message, flow, .. } = incoming;
        let claimed = self.claimed_account(turn, message).map(|account| account.name.clone());
        match self.proof(turn.now, Role::Proxy, message, flow) {
            Proof::Account(name) if claimed.as_ref().is_some_and(|claimed| *claimed != name) => {
                Sender::Refused
            }
            Proof::Account(name) => match self.directory.account(&name) {
                Some(account) => Sender::Known(account.party.clone()),
                None => Sender::Refused,
            },
            Proof::Refused => Sender::Refused,
            Proof::Stale => Sender::Unproven { stale: true },
            Proof::Missing if claimed.is_some() => Sender::Unproven { stale: false },
            Proof::Missing => match self.trunk_of(flow) {
                Some(trunk) => Sender::Known(Party::Trunk(trunk)),
                None => Sender::Stranger,
            },
        }
    }

    /// Asks for a password.
    pub(crate) fn challenge(
        &mut self,
        turn: &mut Turn<'_>,
        incoming: &Incoming,
        role: Role,
        is_stale: bool,
    ) {
        let (now, authenticator) = (turn.now, &mut self.auth.authenticator);
        // Nothing is kept of who may never come back.
        turn.refuse_early(incoming, role.status(), |response| {
            authenticator.challenge(now, role, is_stale, response);
        });
        self.offence(turn.now, &incoming.flow, Offence::Challenged);
    }

    /// Identifies the sender of a request outside dialogs; answers it and gives `None` if it may
    /// not go on.
    pub(crate) fn admit(&mut self, turn: &mut Turn<'_>, incoming: &Incoming) -> Option<Party> {
        match self.identify(turn, incoming) {
            Sender::Known(party) => return Some(party),
            Sender::Unproven { stale } => self.challenge(turn, incoming, Role::Proxy, stale),
            // Who may not call learns nothing of whom could be called.
            Sender::Refused => self.turn_away(turn, incoming, Offence::Password),
            Sender::Stranger => self.turn_away(turn, incoming, Offence::Stranger),
        }
        None
    }

    /// Refuses a request whose sender is not proven: 403, of which nothing is kept.
    pub(crate) fn turn_away(&mut self, turn: &mut Turn<'_>, incoming: &Incoming, why: Offence) {
        turn.refuse_early(incoming, StatusCode(403), |_| {});
        self.log_turned_away(turn.now, incoming, why);
        self.offence(turn.now, &incoming.flow, why);
    }

    /// Whether a URI's host is our domain: any of our names and addresses, on whatever port.
    pub(crate) fn is_our_domain(&self, turn: &Turn<'_>, uri: &Uri<'_>) -> bool {
        let is_named = |name: &str| match uri.host {
            Host::Name(host) => host.eq_ignore_ascii_case(name),
            Host::Address(address) => name.parse() == Ok(address),
        };
        let is_bound = |bound: std::net::IpAddr| uri.host == Host::Address(bound);
        is_named(&self.config.realm)
            || self.config.domains.iter().any(|domain| is_named(domain))
            || turn.endpoint.listeners().iter().any(|listener| {
                is_bound(listener.bound.ip()) || is_named(&listener.advertised_host)
            })
    }

    fn claimed_account(
        &self,
        turn: &Turn<'_>,
        request: &Message,
    ) -> Option<&crate::directory::Account> {
        let from = NameAddr::parse(request.header(HeaderName::From)?).ok()?;
        let user = from.uri.user_unescaped()?;
        let account = self.directory.account(&user)?;
        self.is_our_domain(turn, &from.uri).then_some(account)
    }

    fn vouched(&self, flow: &Flow) -> Option<&Vouched> {
        self.vouched.get(&flow.connection?)
    }

    /// The trunk whose requests come over this flow: by the web server's word, by its certificate, its
    /// network, or our registration with it.
    #[must_use]
    pub fn trunk_of(&self, flow: &Flow) -> Option<dialplan::TrunkId> {
        if let Some(Vouched::Trunk(trunk)) = self.vouched(flow) {
            return Some(trunk.clone());
        }
        let source = flow.remote.ip();
        // A certificate says more than an address, which several may share behind a NAT.
        let names = flow.connection.and_then(|connection| self.certificates.get(&connection));
        names
            .and_then(|names| self.directory.trunk_named(names, source).cloned())
            .or_else(|| self.directory.trunk_at(source).cloned())
            .or_else(|| self.trunks.registrar_at(source))
    }
}
