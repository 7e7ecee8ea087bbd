use ambient::{Mono, Now};
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
}
