//! The limit of a drain: what is left of proxied calls.

use ambient::Now;
use journal::{HangupBy, Outcome};
use sip::{Endpoint, Message, ServerTx, StatusCode};

use crate::Proxy;
use crate::calls::CallKey;
use crate::late::IfAnswered;
use crate::response_context::Purpose;
use crate::turn::Turn;

impl Proxy {
    /// Ends every proxied call. One that rings is refused, so that a trunk may try elsewhere, and its
    /// phones stop ringing. Of one that talks only our part ends, with its record: the parties' media
    /// flows directly and goes on.
    pub fn end_all(&mut self, now: Now, endpoint: &mut Endpoint) {
        let turn = &mut Turn { now, endpoint };
        let ringing = self.contexts.iter().filter_map(|(server, context)| match &context.purpose {
            Purpose::Clinic(ringing) => Some((*server, ringing.key)),
            Purpose::Dialog { .. } | Purpose::Alone => None,
        });
        for (server, key) in ringing.collect::<Vec<_>>() {
            self.refuse_ringing(turn, server, key);
        }
        for key in self.calls.keys() {
            self.end_call(now, key, Outcome::AnsweredByClinic, HangupBy::System);
        }
    }

    fn refuse_ringing(&mut self, turn: &mut Turn<'_>, server: ServerTx, key: CallKey) {
        let Some(mut context) = self.contexts.remove(&server) else { return };
        self.stop_context_timers(server);
        self.leave_branches(turn, server, &mut context, None, IfAnswered::End);
        if let Some(request) = turn.endpoint.request_of(server) {
            let mut response = Message::response(request, StatusCode(503));
            response.set_to_tag(&self.entropy.token());
            turn.endpoint.respond(turn.now, server, response);
        }
        self.end_call(turn.now, key, Outcome::Broken, HangupBy::System);
    }
}
