use ambient::{Mono, Now};
use sip::Flow;
use switch::{Input, Output, Switch};

/// What the signalling thread drives: the [`Switch`] of a running line, the built-in phone, or a
/// stand-in of a test.
pub trait Core: Send + 'static {
    /// Something happened.
    fn handle(&mut self, now: Now, input: Input);
    /// The time of [`Core::next_timeout`] has come.
    fn handle_timeout(&mut self, now: Now);
    /// What is to be done next; drained after each input.
    fn poll_output(&mut self) -> Option<Output>;
    /// When [`Core::handle_timeout`] is to be called.
    fn next_timeout(&self) -> Option<Mono>;
    /// Whether a connection over this flow is to be closed, since the core reads nothing of it.
    fn is_banned(&self, _now: Mono, _flow: &Flow) -> bool {
        false
    }
}

impl Core for Switch {
    fn handle(&mut self, now: Now, input: Input) {
        Switch::handle(self, now, input);
    }
    fn handle_timeout(&mut self, now: Now) {
        Switch::handle_timeout(self, now);
    }
    fn poll_output(&mut self) -> Option<Output> {
        Switch::poll_output(self)
    }
    fn next_timeout(&self) -> Option<Mono> {
        Switch::next_timeout(self)
    }
    fn is_banned(&self, now: Mono, flow: &Flow) -> bool {
        Switch::is_banned(self, now, flow)
    }
}
