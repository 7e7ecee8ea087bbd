//! What a journal says at a start: how far the calls without a record had come, who is on duty, where
//! phones are, whom to call back.

use std::collections::BTreeMap;

use dialplan::{AgentId, QueueId};
use journal::{
    AgentState, CallBackId, CallId, Charged, Entry, LiveCall, OpenCallBack, OutsideCount,
    QueueState, Restored, SavedBinding, Side,
};

/// Reads a journal to find the moment at which the program ended.
///
/// A pure function of the entries it is given, in their order: the program hands it what the database
/// holds, the simulator the lines of its virtual disk. Entries of calls that have a record may be left
/// out.
#[derive(Debug, Default)]
pub struct Recovery {
    calls: BTreeMap<CallId, LiveCall>,
    agents: BTreeMap<AgentId, AgentState>,
    queues: BTreeMap<QueueId, QueueState>,
    bindings: BTreeMap<String, Vec<SavedBinding>>,
    call_backs: BTreeMap<CallBackId, OpenCallBack>,
    outside: BTreeMap<Charged, OutsideCount>,
}

impl Recovery {
    /// Takes the next entry. One that speaks of a call without an arrival changes nothing.
    pub fn take(&mut self, entry: Entry) {
        match entry {
            Entry::Arrived(arrived) => {
                let call = arrived.call;
                let live = LiveCall { arrived, steps: Vec::new(), near: None, far: None };
                self.calls.insert(call, live);
            }
            Entry::Stepped { call, step } => {
                if let Some(call) = self.calls.get_mut(&call) {
                    call.steps.push(step);
                }
            }
            Entry::LegUp(leg) => {
                if let Some(call) = self.calls.get_mut(&leg.call) {
                    match leg.side {
                        Side::Near => call.near = Some(*leg),
                        Side::Far => call.far = Some(*leg),
                    }
                }
            }
            Entry::LegDown { call, side } => {
                if let Some(call) = self.calls.get_mut(&call) {
                    match side {
                        Side::Near => call.near = None,
                        Side::Far => call.far = None,
                    }
                }
            }
            Entry::Ended(record) => {
                self.calls.remove(&record.call);
            }
            // A figure, which nothing depends on.
            Entry::Heard(_) => {}
            Entry::Agent(state) => {
                self.agents.insert(state.agent.clone(), state);
            }
            Entry::Queue(state) if state.closed.is_none() => {
                self.queues.remove(&state.queue);
            }
            Entry::Queue(state) => {
                self.queues.insert(state.queue.clone(), state);
            }
            Entry::Bound { account, bindings } if bindings.is_empty() => {
                self.bindings.remove(&account);
            }
            Entry::Bound { account, bindings } => {
                self.bindings.insert(account, bindings);
            }
            Entry::OutsideCounted(count) => {
                self.outside.insert(count.charged.clone(), count);
            }
            // It waits in the books for its case.
            Entry::RequestLeft(_) => {}
            Entry::CallBackOpened(call_back) => {
                let id = call_back.id;
                self.call_backs.insert(id, OpenCallBack { call_back, tries: 0, last: None });
            }
            Entry::CallBackTried(tried) => {
                if let Some(open) = self.call_backs.get_mut(&tried.call_back) {
                    open.tries += 1;
                    open.last = Some(tried);
                }
            }
            Entry::CallBackClosed { call_back, .. } => {
                self.call_backs.remove(&call_back);
            }
        }
    }

    /// What is to be known to go on.
    #[must_use]
    pub fn restored(self) -> Restored {
        Restored {
            calls: self.calls.into_values().collect(),
            agents: self.agents.into_values().collect(),
            queues: self.queues.into_values().collect(),
            bindings: self.bindings.into_iter().collect(),
            call_backs: self.call_backs.into_values().collect(),
            outside: self.outside.into_values().collect(),
        }
    }
}
