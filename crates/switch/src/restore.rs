//! A start after an end: what the journal knows is taken up again.
//!
//! Agents and registrations at once; calls a few at a time, so that thousands of re-INVITEs do not
//! fall upon the network together. Nobody is offered a call before all who waited stand in line again:
//! so the order of the line outlives the program.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use ambient::{Mono, Now};
use dialplan::AgentId;
use journal::{CallBackId, CallId, LiveCall, Origin, Restored};

use crate::Switch;

/// Calls taken up in one turn.
const CALLS_A_TURN: usize = 50;
/// Time between turns: 2 500 calls a second.
const TURN: Duration = Duration::from_millis(20);
/// How long agents wait for the last calls to stand in line: a phone that does not answer keeps nobody
/// else from being served.
const LINE_UP_FOR: Duration = Duration::from_secs(3);

/// What is still to be taken up.
#[derive(Debug)]
pub(crate) struct Restoring {
    calls: VecDeque<LiveCall>,
    /// Agents whose phones are known, and who are told to the queue when the line stands.
    reachable: Vec<AgentId>,
    next: Mono,
    /// When the agents are told at the latest, once all calls are in work.
    until: Option<Mono>,
}

impl Restoring {
    /// When the next turn is due.
    pub(crate) fn next(&self) -> Mono {
        self.next
    }
}

impl Switch {
    /// Takes up what was when the program ended. To be called once, before anything else happens.
    pub fn restore(&mut self, now: Now, restored: Restored) {
        let Restored { calls, agents, queues, bindings, call_backs, outside } = restored;
        self.restore_outside_counts(now, outside);
        for state in agents {
            self.centre.handle(now, queue::Input::Restored(state));
        }
        for state in queues {
            self.centre.handle(now, queue::Input::QueueRestored(state));
        }
        // Of those that were just being made, the call tells what becomes of them.
        let made: BTreeMap<CallBackId, CallId> = calls
            .iter()
            .filter_map(|live| match live.arrived.origin {
                Origin::CallBack(of) => Some((of, live.arrived.call)),
                Origin::Direct | Origin::Clinic { .. } | Origin::Retired(_) => None,
            })
            .collect();
        for kept in call_backs {
            let call = made.get(&kept.call_back.id).copied();
            self.call_backs.restore(now, kept, call);
        }
        self.restoring = Some(Restoring {
            calls: calls.into(),
            reachable: Vec::new(),
            next: now.mono,
            until: None,
        });
        self.proxy.restore_bindings(now, bindings);
        self.go_on_restoring(now);
        self.settle(now);
    }

    /// Takes up the next calls; at the end, tells the queue who can be reached.
    pub(crate) fn go_on_restoring(&mut self, now: Now) {
        let Some(restoring) = &mut self.restoring else { return };
        if restoring.next > now.mono {
            return;
        }
        restoring.next = now.mono + TURN;
        let count = restoring.calls.len().min(CALLS_A_TURN);
        let calls: Vec<LiveCall> = restoring.calls.drain(..count).collect();
        let done = restoring.calls.is_empty();
        for live in calls {
            self.on_calls(now, |calls, desk| calls.resume(desk, live));
        }
        if !done {
            return;
        }
        // Registrations are told by the proxy in the same turn in which they are taken up.
        let lined_up = !self.calls.resuming();
        let Some(restoring) = &mut self.restoring else { return };
        let until = *restoring.until.get_or_insert(now.mono + LINE_UP_FOR);
        if lined_up || until <= now.mono {
            let reachable = std::mem::take(&mut restoring.reachable);
            self.restoring = None;
            for agent in reachable {
                self.centre.handle(now, queue::Input::Reachable { agent });
            }
        }
    }

    /// An agent's phone can be reached, or not any more.
    pub(crate) fn on_reach(&mut self, now: Now, agent: AgentId, reachable: bool) {
        match &mut self.restoring {
            Some(restoring) => {
                restoring.reachable.retain(|other| *other != agent);
                if reachable {
                    restoring.reachable.push(agent);
                }
            }
            None if reachable => self.centre.handle(now, queue::Input::Reachable { agent }),
            None => self.centre.handle(now, queue::Input::Unreachable { agent }),
        }
    }
}
