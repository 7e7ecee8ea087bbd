//! Registrations outlive the program: where phones are is told to be kept, and taken up again.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ambient::Now;
use journal::{SavedBinding, SavedFlow};
use sip::{Flow, NextHop, Transport, UriBuf};

use crate::bindings::{Binding, CONTACTS_MAX, CONTACTS_PER_ACCOUNT_MAX};
use crate::proxy::{Output, Proxy};
use crate::registrar::EXPIRES_MAX;

impl Proxy {
    /// Tells where the account can be reached from now on.
    pub(crate) fn keep_bindings(&mut self, now: Now, account: &str) {
        let bindings = self.bindings.of(account).iter().rev();
        let bindings = bindings.filter_map(|binding| saved(now, binding)).collect();
        self.outputs.push_back(Output::Bound { account: account.to_owned(), bindings });
    }

    /// Takes up the registrations of before a restart: of accounts that the dialplan still has, those
    /// that have not expired. The agents who can be reached are told as [`Output::Reachable`].
    pub fn restore_bindings(&mut self, now: Now, kept: Vec<(String, Vec<SavedBinding>)>) {
        for (name, kept) in kept {
            let Some(account) = self.directory.account(&name) else { continue };
            let password = account.password.clone();
            let restored = kept.into_iter().filter_map(|saved| restored(now, saved, &password));
            let bindings: Vec<Binding> = restored.take(CONTACTS_PER_ACCOUNT_MAX).collect();
            if bindings.is_empty() || self.bindings.len() + bindings.len() > CONTACTS_MAX {
                continue;
            }
            let account = Arc::<str>::from(name);
            self.bindings.replace(&account, bindings);
            self.bindings_changed(&account, true);
        }
    }
}

/// What is kept of a binding; `None` over a connection, which does not outlive the program: its phone
/// registers anew as soon as it has noticed.
fn saved(now: Now, binding: &Binding) -> Option<SavedBinding> {
    let flow = match &binding.hop {
        NextHop::Flow(flow) if flow.transport != Transport::Udp => return None,
        NextHop::Flow(flow) => Some(SavedFlow {
            transport: flow.transport.uri_param().to_owned(),
            local: flow.local,
            remote: flow.remote,
        }),
        NextHop::Uri(_) => None,
    };
    let left = i64::try_from(binding.expires.since(now.mono).as_millis()).unwrap_or(0);
    Some(SavedBinding {
        contact: binding.contact.to_string(),
        q: binding.q,
        expires: now.wall.unix_millis().saturating_add(left),
        call_id: binding.call_id.to_string(),
        cseq: binding.cseq,
        path: binding.path.iter().map(ToString::to_string).collect(),
        flow,
        source: binding.source,
        instance: binding.instance.as_deref().map(Into::into),
        reg_id: binding.reg_id,
    })
}

/// A binding of before; `None` if it has expired or cannot be read.
fn restored(now: Now, saved: SavedBinding, password: &dialplan::Secret) -> Option<Binding> {
    let left = saved.expires.saturating_sub(now.wall.unix_millis());
    let left = Duration::from_millis(u64::try_from(left).ok()?).min(EXPIRES_MAX);
    let contact = UriBuf::parse(&saved.contact).ok()?;
    let hop = match (saved.path.first(), &saved.flow) {
        (Some(first), _) => NextHop::Uri(uri_of(first)?),
        (None, Some(flow)) => NextHop::Flow(udp(flow.local, flow.remote)),
        (None, None) => NextHop::Uri(contact.clone()),
    };
    Some(Binding {
        contact,
        q: saved.q,
        password: password.clone(),
        expires: (!left.is_zero()).then(|| now.mono + left)?,
        call_id: saved.call_id.into(),
        cseq: saved.cseq,
        path: saved.path.into_iter().map(Into::into).collect(),
        hop,
        source: saved.source,
        instance: saved.instance.map(Into::into),
        reg_id: saved.reg_id,
    })
}

fn uri_of(name_addr: &str) -> Option<UriBuf> {
    let name_addr = sip::values::NameAddr::parse(name_addr).ok()?;
    UriBuf::parse(name_addr.uri.text).ok()
}

fn udp(local: Option<SocketAddr>, remote: SocketAddr) -> Flow {
    Flow { local, ..Flow::to(Transport::Udp, remote) }
}
