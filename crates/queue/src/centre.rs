//! The state machine.

use std::sync::Arc;

use ambient::{Mono, Now};
use dialplan::Dialplan;

use crate::{Input, Output, Snapshot};

/// The whole centre: queues, agents, offers.
#[derive(Debug)]
pub struct Centre {
    _private: (),
}

impl Centre {
    /// A centre where nobody waits and nobody is on duty.
    #[must_use]
    pub fn new(_plan: Arc<Dialplan>) -> Centre {
        todo!()
    }
    /// Applies one input of the log.
    pub fn handle(&mut self, _now: Now, _input: Input) {
        todo!()
    }
    /// Lets time pass. Applying it at any other times as well changes nothing.
    pub fn handle_timeout(&mut self, _now: Now) {
        todo!()
    }
    /// The next decision.
    pub fn poll_output(&mut self) -> Option<Output> {
        todo!()
    }
    /// When [`Centre::handle_timeout`] is to be called.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Mono> {
        todo!()
    }
    /// The state for people.
    #[must_use]
    pub fn snapshot(&self, _now: Now) -> Snapshot {
        todo!()
    }
}
