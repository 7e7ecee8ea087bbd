//! The calls that we proxy, from INVITE to BYE, and their records.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use ambient::{Mono, Now, Wall};
use dialplan::{ClinicId, Dialplan, Number, TrunkId};
use journal::{Arrived, CallId, CallRecord, HangupBy, Origin, Outcome, Step, StepKind};
use sip::{Message, NextHop, UriBuf};

use crate::hops::Hops;
use crate::response_context::FORKS_MAX;
use crate::timer::Timer;
use crate::{Output, Proxy};

/// How long a dialog without session timer is known after it was last heard of.
pub(crate) const SILENT_MAX: Duration = Duration::from_secs(4 * 3600);
/// What a session timer's end is given on top, for the BYE (RFC 4028 §10).
const SESSION_GRACE: Duration = Duration::from_secs(64);
/// Steps of a call that are recorded.
const STEPS_MAX: usize = 64;

/// How our Record-Route names a call: 64 random bits, so that nobody can use a call that is not his.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CallKey(pub(crate) u64);

impl std::fmt::Display for CallKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for CallKey {
    type Err = std::num::ParseIntError;
    fn from_str(text: &str) -> Result<CallKey, Self::Err> {
        u64::from_str_radix(text, 16).map(CallKey)
    }
}

/// A call that rings or talks through us.
#[derive(Debug)]
pub(crate) struct ProxiedCall {
    pub(crate) call: CallId,
    /// The dialplan of its arrival: it keeps its version.
    pub(crate) plan: Arc<Dialplan>,
    pub(crate) sip_call_id: Box<str>,
    pub(crate) caller_tag: Box<str>,
    /// Tags of the phones that answered: almost always one (see `late.rs`).
    pub(crate) callee_tags: Vec<Box<str>>,
    pub(crate) caller: Option<Number>,
    pub(crate) dialled: Number,
    pub(crate) trunk: Option<TrunkId>,
    pub(crate) clinic: ClinicId,
    pub(crate) steps: Vec<Step>,
    pub(crate) hops: Hops,
    /// Session-Expires that was agreed last (RFC 4028).
    pub(crate) session: Option<Duration>,
}

/// Which side of a proxied dialog sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Caller,
    Callee,
}

impl Side {
    pub(crate) fn other(self) -> Side {
        match self {
            Side::Caller => Side::Callee,
            Side::Callee => Side::Caller,
        }
    }
}

impl ProxiedCall {
    /// Notes what happened.
    pub(crate) fn note(&mut self, at: Wall, what: StepKind) {
        if self.steps.len() < STEPS_MAX {
            self.steps.push(Step { at: at.unix_millis(), what });
        }
    }

    /// Its beginning, for the journal.
    pub(crate) fn arrived(&self, at: Wall) -> Arrived {
        Arrived {
            call: self.call,
            at: at.unix_millis(),
            caller: self.caller.clone(),
            dialled: self.dialled.clone(),
            origin: Origin::Direct,
            trunk: self.trunk.clone(),
            sip_call_id: self.sip_call_id.to_string(),
            dialplan: self.plan.version.to_string(),
            proxied: true,
        }
    }

    /// Which side sends a message of this call; `None` if it belongs to another dialog.
    pub(crate) fn sender_of(&self, request: &Message) -> Option<Side> {
        if request.call_id() != &*self.sip_call_id {
            return None;
        }
        if request.from_tag() == Some(&*self.caller_tag) {
            return Some(Side::Caller);
        }
        (request.to_tag() == Some(&*self.caller_tag)).then_some(Side::Callee)
    }

    /// The tag of the phone in whose dialog the message is; `None` if that phone has not answered.
    pub(crate) fn answered_by(&self, request: &Message) -> Option<Box<str>> {
        let callee = match self.sender_of(request)? {
            Side::Caller => request.to_tag(),
            Side::Callee => request.from_tag(),
        };
        self.callee_tags.iter().find(|tag| Some(&***tag) == callee).cloned()
    }

    fn silent_after(&self) -> Duration {
        self.session.map_or(SILENT_MAX, |session| session + SESSION_GRACE)
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    by_key: BTreeMap<CallKey, ProxiedCall>,
    /// How many calls of a caller ring at a clinic.
    ringing: BTreeMap<(ClinicId, Number), usize>,
}

impl Calls {
    pub(crate) fn len(&self) -> usize {
        self.by_key.len()
    }
    /// How many callers ring at clinics.
    pub(crate) fn all_ringing(&self) -> usize {
        self.ringing.len()
    }
    pub(crate) fn clinics(&self) -> impl Iterator<Item = &ClinicId> {
        self.by_key.values().map(|call| &call.clinic)
    }
    pub(crate) fn keys(&self) -> Vec<CallKey> {
        self.by_key.keys().copied().collect()
    }
    /// A call that begins to ring.
    pub(crate) fn insert(&mut self, key: CallKey, call: ProxiedCall) {
        if let Some(caller) = &call.caller {
            *self.ringing.entry((call.clinic.clone(), caller.clone())).or_default() += 1;
        }
        self.by_key.insert(key, call);
    }
    pub(crate) fn get(&self, key: CallKey) -> Option<&ProxiedCall> {
        self.by_key.get(&key)
    }
    pub(crate) fn get_mut(&mut self, key: CallKey) -> Option<&mut ProxiedCall> {
        self.by_key.get_mut(&key)
    }
    /// A phone answered, with this tag: the first one, or one more.
    pub(crate) fn answered(&mut self, key: CallKey, tag: &str) -> Option<&mut ProxiedCall> {
        let call = self.by_key.get_mut(&key)?;
        stop_ringing(&mut self.ringing, call);
        if call.callee_tags.len() < FORKS_MAX
            && call.callee_tags.iter().all(|known| **known != *tag)
        {
            call.callee_tags.push(tag.into());
        }
        Some(call)
    }
    pub(crate) fn remove(&mut self, key: CallKey) -> Option<ProxiedCall> {
        let call = self.by_key.remove(&key)?;
        stop_ringing(&mut self.ringing, &call);
        Some(call)
    }
    /// How many calls of this caller ring at this clinic.
    pub(crate) fn ringing(&self, clinic: &ClinicId, caller: &Number) -> usize {
        self.ringing.get(&(clinic.clone(), caller.clone())).copied().unwrap_or(0)
    }
}

fn stop_ringing(ringing: &mut BTreeMap<(ClinicId, Number), usize>, call: &ProxiedCall) {
    let (true, Some(caller)) = (call.callee_tags.is_empty(), &call.caller) else { return };
    if let Entry::Occupied(mut entry) = ringing.entry((call.clinic.clone(), caller.clone())) {
        *entry.get_mut() -= 1;
        if *entry.get() == 0 {
            entry.remove();
        }
    }
}

impl Proxy {
    /// Something was heard of the call: it lives on.
    pub(crate) fn call_heard_of(&mut self, now: Mono, key: CallKey) {
        if let Some(call) = self.calls.get(key) {
            self.timers.arm(Timer::Silent(key), now + call.silent_after());
        }
    }

    /// Forgets a call and what it used; its record is still to be written.
    pub(crate) fn release_call(&mut self, key: CallKey) -> Option<ProxiedCall> {
        let call = self.calls.remove(key)?;
        self.timers.disarm(&Timer::Silent(key));
        if let Some(trunk) = &call.trunk {
            self.trunks.count(trunk, false);
        }
        Some(call)
    }

    /// Ends a call with its one record.
    pub(crate) fn end_call(&mut self, now: Now, key: CallKey, outcome: Outcome, by: HangupBy) {
        let Some(mut call) = self.release_call(key) else { return };
        let at = now.wall.unix_millis();
        call.steps.push(Step { at, what: StepKind::Ended });
        let record = CallRecord {
            call: call.call,
            sip_call_id: call.sip_call_id.into(),
            caller: call.caller,
            dialled: call.dialled,
            trunk: call.trunk,
            origin: Origin::Direct,
            queue: None,
            agent: None,
            steps: call.steps,
            outcome,
            hangup_by: by,
            dialplan: call.plan.version.to_string(),
        };
        self.outputs.push_back(Output::Record(Box::new(record)));
    }

    /// Where a request of this call goes that names `next` as its next hop; `None` if the call has
    /// no party there, so that nobody can use us as a relay.
    pub(crate) fn hop_in_call(&self, key: CallKey, from: Side, next: &UriBuf) -> Option<NextHop> {
        self.calls.get(key)?.hops.to(from.other(), next)
    }
}
