//! Which part of the proxy a request is for.

use sip::{HeaderName, Method, StatusCode, Uri};

use crate::forward::copy_for;
use crate::loops;
use crate::response_context::{Context, Purpose};
use crate::screen::max_forwards;
use crate::shield::Offence;
use crate::turn::{Incoming, Turn};
use crate::{Party, Proxy};

/// Methods that we answer or forward; what Allow says.
const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, PRACK, UPDATE, INFO, REFER, NOTIFY, REGISTER, \
                     OPTIONS, MESSAGE";
/// Extensions of the line: of its registrar and of its calls.
const SUPPORTED: &str = "path, outbound, 100rel, timer, replaces, histinfo";

impl Proxy {
    /// Takes a request that belongs to no call of call control's.
    pub(crate) fn take_request(&mut self, turn: &mut Turn<'_>, mut incoming: Incoming) {
        if !self.screen(turn, &incoming) {
            return;
        }
        let key = self.take_own_routes(turn, &mut incoming.message);
        if incoming.message.to_tag().is_some() {
            return match key {
                Some(key) => self.forward_in_dialog(turn, &incoming, key),
                // In a dialog, but in none of ours (RFC 3261 §12.2.2).
                None => turn.refuse_early(&incoming, StatusCode(481), |_| {}),
            };
        }
        match incoming.message.method() {
            Method::Register => self.register_here(turn, &incoming),
            Method::Options => self.tell_options(turn, &incoming),
            Method::Invite => self.invite(turn, incoming),
            // They exist only within dialogs.
            Method::Bye | Method::Prack | Method::Update | Method::Info | Method::Ack => {
                turn.refuse_early(&incoming, StatusCode(481), |_| {});
            }
            // Nobody here keeps subscriptions or is transferred without a call.
            Method::Subscribe | Method::Notify | Method::Publish | Method::Refer => {
                if self.admit(turn, &incoming).is_some() {
                    self.not_allowed(turn, &incoming, StatusCode(405));
                }
            }
            Method::Message | Method::Other(_) => self.pass_to_phone(turn, &incoming),
            // A CANCEL is the endpoint's matter.
            Method::Cancel => {}
        }
    }

    fn register_here(&mut self, turn: &mut Turn<'_>, incoming: &Incoming) {
        let uri = Uri::parse(incoming.message.request_uri());
        if uri.is_ok_and(|uri| self.is_our_domain(turn, &uri)) {
            self.register(turn, incoming);
        } else {
            // We are nobody else's registrar, and relay to none.
            turn.refuse_early(incoming, StatusCode(404), |_| {});
            self.offence(turn.now, &incoming.flow, Offence::Stranger);
        }
    }

    /// RFC 3261 §11.2: the answer is the one that an INVITE would get, so a stranger learns nothing.
    fn tell_options(&mut self, turn: &mut Turn<'_>, incoming: &Incoming) {
        if self.is_stranger(&incoming.flow) {
            return self.turn_away(turn, incoming, Offence::Stranger);
        }
        self.answer_with(turn, incoming, StatusCode(200), |response| {
            response.push(HeaderName::Allow, ALLOW);
            response.push(HeaderName::Accept, "application/sdp");
            response.push(HeaderName::Supported, SUPPORTED);
        });
    }

    fn not_allowed(&mut self, turn: &mut Turn<'_>, incoming: &Incoming, status: StatusCode) {
        self.answer_with(turn, incoming, status, |response| {
            response.push(HeaderName::Allow, ALLOW);
        });
    }

    /// A request outside dialogs that only the phone of an account can understand, such as MESSAGE.
    /// It must come from another account.
    fn pass_to_phone(&mut self, turn: &mut Turn<'_>, incoming: &Incoming) {
        let Some(from) = self.admit(turn, incoming) else { return };
        let is_known = matches!(incoming.message.method(), Method::Message);
        let refusal = StatusCode(if is_known { 405 } else { 501 });
        let Ok(uri) = Uri::parse(incoming.message.request_uri()) else { return };
        let user = uri.user_unescaped().unwrap_or_default();
        let account = match from {
            Party::Agent(_) | Party::Clinic(_) => self.directory.account(&user),
            Party::Trunk(_) => None,
        };
        let Some(account) = account.map(|account| account.name.clone()) else {
            return self.not_allowed(turn, incoming, refusal);
        };
        if max_forwards(&incoming.message) == Some(0) {
            return self.answer(turn, incoming, StatusCode(483));
        }
        let targets = self.targets_of_account(turn.now, &account);
        if targets.is_empty() {
            return self.answer(turn, incoming, StatusCode(480));
        }
        let mark = loops::mark(&incoming.message, self.loop_key);
        let flow = incoming.flow.clone();
        let context = Context { branches: Vec::new(), best: None, purpose: Purpose::Alone, flow };
        self.contexts.insert(incoming.tx, context);
        for target in targets {
            let copy = copy_for(&incoming.message, &target, false);
            self.add_branch(turn, incoming.tx, copy, target.hop, mark);
        }
    }
}
