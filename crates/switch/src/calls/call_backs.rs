//! Whom to call back: each open call-back rests, stands in line, or is being called.
//!
//! A citizen has at most one; a later one takes its place. Those that stand in line do so in the name of
//! the call that they will be, at the place that the citizen had. What happens to one is told to the
//! journal, so that none is lost by a restart.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use ambient::{Entropy, Mono, Now, Timers};
use dialplan::{CallBackRule, Number, QueueId};
use journal::{
    CallBack, CallBackEnd, CallBackId, CallBackReason, CallBackTry, CallId, CaseId, Entry,
    OpenCallBack, Origin, Sequence, TryOutcome,
};
use queue::{Coming, Input, LeaveReason, Waiting};

use super::desk::Desk;
use super::resume::mono_of;
use crate::status::CallBackView;

/// Call-backs that are open at once; a further one is not promised.
pub(crate) const CALL_BACKS_MAX: usize = 20_000;
/// When one is looked at again that cannot be called now: out of hours, or nobody is on duty.
const LOOK_AGAIN: Duration = Duration::from_secs(60);
/// When a citizen is called again whose call-back was cut off, or who answered and left.
const SOON: Duration = Duration::from_secs(10);

/// An open call-back.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) call_back: CallBack,
    pub(crate) tries: u32,
    /// The call in whose name it stands in line or is being called.
    pub(crate) call: Option<CallId>,
}

impl Open {
    /// For people.
    pub(crate) fn view(&self) -> CallBackView {
        let CallBack { id, why, caller, queue, since, .. } = &self.call_back;
        CallBackView {
            call_back: *id,
            caller: caller.masked().into(),
            why: *why,
            queue: queue.clone(),
            since: *since,
            tries: self.tries,
            in_line: self.call.is_some(),
        }
    }
}

/// All open call-backs.
#[derive(Debug)]
pub(crate) struct CallBacks {
    entropy: Entropy,
    open: BTreeMap<CallBackId, Open>,
    // Looked up, never iterated.
    by_number: HashMap<Number, CallBackId>,
    by_call: HashMap<CallId, CallBackId>,
    timers: Timers<CallBackId>,
}

impl CallBacks {
    pub(crate) fn new(entropy: Entropy) -> CallBacks {
        CallBacks {
            entropy,
            open: BTreeMap::new(),
            by_number: HashMap::new(),
            by_call: HashMap::new(),
            timers: Timers::default(),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Open> {
        self.open.values()
    }

    pub(crate) fn len(&self) -> usize {
        self.open.len()
    }

    pub(crate) fn next_timeout(&self) -> Option<Mono> {
        self.timers.next()
    }

    /// How large each of its tables is: all are empty without call-backs.
    pub(crate) fn footprint(&self) -> [(&'static str, usize); 4] {
        [
            ("call-backs", self.open.len()),
            ("numbers of call-backs", self.by_number.len()),
            ("calls of call-backs", self.by_call.len()),
            ("timers of call-backs", self.timers.len()),
        ]
    }

    /// The call-back that stands in line in the name of this call.
    pub(crate) fn of_call(&self, call: CallId) -> Option<&Open> {
        self.open.get(self.by_call.get(&call)?)
    }

    /// Takes up a call-back of before a restart; `call` is the one that was just being made for it.
    pub(crate) fn restore(&mut self, now: Now, kept: OpenCallBack, call: Option<CallId>) {
        let OpenCallBack { call_back, tries, last } = kept;
        let id = call_back.id;
        self.by_number.insert(call_back.caller.clone(), id);
        match call {
            Some(call) => {
                self.by_call.insert(call, id);
            }
            None => {
                let wait =
                    last.map_or(0, |last| last.again_at.saturating_sub(now.wall.unix_millis()));
                let wait = Duration::from_millis(u64::try_from(wait).unwrap_or(0));
                self.timers.arm(id, now.mono + wait);
            }
        }
        self.open.insert(id, Open { call_back, tries, call });
    }

    fn remove(&mut self, id: CallBackId) -> Option<Open> {
        let open = self.open.remove(&id)?;
        self.timers.disarm(&id);
        if self.by_number.get(&open.call_back.caller) == Some(&id) {
            self.by_number.remove(&open.call_back.caller);
        }
        if let Some(call) = open.call {
            self.by_call.remove(&call);
        }
        Some(open)
    }
}

impl Desk<'_> {
    /// Opens a call-back; `None` if there is no room, or the number is none that the line calls. The
    /// promise holds when the entry is durable.
    pub(crate) fn open_call_back(&mut self, mut call_back: CallBack) -> Option<Sequence> {
        if self.call_backs.len() >= CALL_BACKS_MAX || !self.plan.may_be_rung_back(&call_back.caller)
        {
            return None;
        }
        let id = call_back.id;
        if let Some(before) = self.call_backs.by_number.get(&call_back.caller).copied() {
            if before == id {
                return None;
            }
            if let Some(open) = self.call_backs.open.get(&before)
                && open.call_back.queue == call_back.queue
            {
                // Whoever calls again does not lose the place.
                call_back.since = call_back.since.min(open.call_back.since);
            }
            self.close_call_back(before, CallBackEnd::Replaced(id));
        }
        tracing::info!(call_back = %id, why = ?call_back.why, queue = %call_back.queue,
            "to be called back");
        self.counters.call_backs_total += 1;
        let call_backs = &mut self.call_backs;
        call_backs.by_number.insert(call_back.caller.clone(), id);
        call_backs.timers.arm(id, self.now.mono);
        let open = Open { call_back: call_back.clone(), tries: 0, call: None };
        call_backs.open.insert(id, open);
        Some(self.persist(Entry::CallBackOpened(call_back)))
    }

    /// Opens a call-back about a case, unless one to the same citizen is open: nobody is called by
    /// two. Gives it, and whether it is new; `None` as for [`Desk::open_call_back`].
    pub(crate) fn call_back_about(
        &mut self,
        case: CaseId,
        caller: Number,
        queue: QueueId,
    ) -> Option<(CallBackId, bool)> {
        if let Some(open) = self.call_backs.by_number.get(&caller) {
            return Some((*open, false));
        }
        let id = CallBackId(CallId::new(self.now.wall, &mut self.call_backs.entropy));
        let at = self.now.wall.unix_millis();
        let (why, origin) = (CallBackReason::Case, Origin::Direct);
        let case = Some(case);
        self.open_call_back(CallBack { id, why, caller, queue, since: at, origin, at, case })?;
        Some((id, true))
    }

    /// It is done with. A call that is being made for it goes on as a call.
    pub(crate) fn close_call_back(&mut self, id: CallBackId, how: CallBackEnd) {
        let Some(open) = self.call_backs.remove(id) else { return };
        if let Some(call) = open.call
            && !matches!(how, CallBackEnd::Served(_))
            && !self.book.is_in_progress(call)
        {
            // Of one that only stands in line nobody else knows. A citizen whose phone rings already keeps
            // the place, and is served as anybody who waits.
            self.queue(Input::Leaves { call, why: LeaveReason::SentOn });
        }
        tracing::info!(call_back = %id, ?how, tries = open.tries, "call-back closed");
        let at = self.now.wall.unix_millis();
        self.persist(Entry::CallBackClosed { call_back: id, at, how });
    }

    /// An agent talks with a citizen: nobody has to call any more.
    pub(crate) fn served(&mut self, caller: &Number, by: CallId) {
        let Some(id) = self.call_backs.by_number.get(caller).copied() else { return };
        let is_it = self.call_backs.by_call.get(&by) == Some(&id);
        let case = self
            .call_backs
            .open
            .get(&id)
            .is_some_and(|open| open.call_back.why == CallBackReason::Case);
        if is_it {
            self.close_call_back(id, CallBackEnd::Served(by));
        } else if !case {
            self.close_call_back(id, CallBackEnd::ServedMeanwhile(by));
        }
    }

    /// A try came to nothing: it is tried again later, as often as the dialplan says.
    pub(crate) fn call_back_failed(&mut self, call: CallId, outcome: TryOutcome) {
        let Some(id) = self.call_backs.by_call.remove(&call) else { return };
        let Some(open) = self.call_backs.open.get_mut(&id) else { return };
        open.call = None;
        open.tries += 1;
        let rule = rule_of(self.plan, open);
        let (tries, gave_up) = (open.tries, open.tries >= rule.tries);
        let between = match outcome {
            TryOutcome::NoAnswer | TryOutcome::Busy | TryOutcome::Unreachable => rule.between,
            TryOutcome::Left | TryOutcome::CutOff => SOON,
        };
        let again = self.now.wall + between;
        self.call_backs.timers.arm(id, self.now.mono + between);
        let at = self.now.wall.unix_millis();
        tracing::info!(call_back = %id, ?outcome, tries, "called back in vain");
        let again_at = again.unix_millis();
        self.persist(Entry::CallBackTried(CallBackTry { call_back: id, at, outcome, again_at }));
        if gave_up {
            self.close_call_back(id, CallBackEnd::GaveUp);
        }
    }

    /// The queue has sent it away: nobody is on duty, or it has stood too long. That is no try.
    pub(crate) fn call_back_rests(&mut self, call: CallId) {
        let Some(id) = self.call_backs.by_call.remove(&call) else { return };
        if let Some(open) = self.call_backs.open.get_mut(&id) {
            open.call = None;
            self.call_backs.timers.arm(id, self.now.mono + LOOK_AGAIN);
        }
    }

    /// Call-backs whose time has come stand in line.
    pub(crate) fn line_up_call_backs(&mut self) {
        while let Some(id) = self.call_backs.timers.pop_due(self.now.mono) {
            let Some(open) = self.call_backs.open.get_mut(&id) else { continue };
            let rule = rule_of(self.plan, open);
            let known = self.plan.queues.contains_key(&open.call_back.queue);
            if !known || !self.plan.may_call_back(&rule, self.now.wall) {
                self.call_backs.timers.arm(id, self.now.mono + LOOK_AGAIN);
                continue;
            }
            let call = CallId::new(self.now.wall, &mut self.call_backs.entropy);
            open.call = Some(call);
            self.call_backs.by_call.insert(call, id);
            let since = mono_of(self.now, open.call_back.since);
            let waiting = Waiting {
                call,
                queue: open.call_back.queue.clone(),
                waited: self.now.mono.since(since),
                returned_from: None,
                coming: match open.call_back.why {
                    CallBackReason::Broken => Coming::First,
                    CallBackReason::Asked | CallBackReason::Abandoned | CallBackReason::Case => {
                        Coming::Again
                    }
                },
                wants: None,
            };
            self.queue(Input::Waits(waiting));
        }
    }
}

fn rule_of(plan: &dialplan::Dialplan, open: &Open) -> CallBackRule {
    let queue = plan.queues.get(&open.call_back.queue);
    queue.map(|queue| queue.call_back.clone()).unwrap_or_default()
}
