//! A phone that answers when nobody waits for it any more: a 200 that crossed our CANCEL.
//!
//! If the caller talks with another phone, it hears of this one as well (RFC 3261 §16.7 item 5): it
//! decides which it keeps, and acknowledges and ends the other (§13.2.2.4). If the caller has been
//! handed on, refused, or is gone, we acknowledge the answer and end the call at once (§13.3.1.4,
//! §15.1.1), as if we were the caller: no phone is left with a call that nobody is in.

use std::sync::Arc;

use sip::values::{CSeq, NameAddr};
use sip::{ClientTx, Dialog, Flow, HeaderName, Message, Method, NextHop, ServerTx};

use crate::Proxy;
use crate::calls::{CallKey, Side};
use crate::hops::{Way, way_back};
use crate::loose_route::our_route;
use crate::response_context::{Owner, relay};
use crate::turn::Turn;

/// Answers of one branch that are ended; a branch that forks further on may bring several.
const ANSWERS_MAX: usize = 10;

/// What becomes of a phone that answers all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IfAnswered {
    /// The caller hears of it, if it still talks.
    Tell,
    /// The call is ended.
    End,
}

/// A branch of which the caller is told every 2xx.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told {
    /// The caller's request.
    pub(crate) server: ServerTx,
    /// The clinic's call, if it is one.
    pub(crate) call: Option<CallKey>,
    pub(crate) way: Way,
}

/// What is kept of a branch that is no longer waited for.
#[derive(Debug)]
pub(crate) struct Late {
    /// The INVITE; all late branches of one request share it.
    invite: Arc<Message>,
    /// The call whose Record-Route it carried.
    key: CallKey,
    /// Set if the caller is to hear of an answer.
    told: Option<Told>,
    /// The ACK for each phone that answered, by its tag.
    acknowledged: Vec<(Box<str>, Message, NextHop)>,
}

impl Late {
    pub(crate) fn new(invite: Arc<Message>, key: CallKey, told: Option<Told>) -> Late {
        Late { invite, key, told, acknowledged: Vec::new() }
    }
}

impl Proxy {
    /// A 2xx after the first: of the same phone again, or of another that picked up as well. It goes
    /// on at once, each time that it comes (RFC 6026 §7.1).
    pub(crate) fn tell_answer(
        &mut self,
        turn: &mut Turn<'_>,
        told: Told,
        response: Message,
        flow: &Flow,
    ) {
        if let Some(key) = told.call {
            self.learn_party(turn, (key, Side::Callee), told.way, &response, flow);
            self.calls.answered(key, response.to_tag().unwrap_or_default());
        }
        relay(turn, told.server, response, flow);
    }

    /// Whether the caller is still in the call and can be told.
    fn hears(&self, turn: &Turn<'_>, told: Told) -> bool {
        turn.endpoint.request_of(told.server).is_some()
            && told.call.is_some_and(|key| self.calls.get(key).is_some())
    }

    /// A response to a branch that nobody waits for.
    pub(crate) fn late_response(
        &mut self,
        turn: &mut Turn<'_>,
        tx: ClientTx,
        response: Message,
        flow: &Flow,
    ) {
        if *response.method() != Method::Invite
            || !response.status().is_some_and(|status| status.is_success())
        {
            return;
        }
        let Some(tag) = response.to_tag() else { return };
        let Some(Owner::Late(late)) = self.clients.get(&tx) else { return };
        if let Some(told) = late.told
            && late.acknowledged.is_empty()
            && self.hears(turn, told)
        {
            return self.tell_answer(turn, told, response, flow);
        }
        let Some(Owner::Late(late)) = self.clients.get_mut(&tx) else { return };
        // The 200 is repeated until the ACK arrives (§13.3.1.4).
        if let Some((_, ack, hop)) = late.acknowledged.iter().find(|(known, ..)| **known == *tag) {
            turn.endpoint.send(turn.now, ack.clone(), hop.clone());
            return;
        }
        if late.acknowledged.len() == ANSWERS_MAX {
            return;
        }
        let beyond_us = without_our_routes(turn, &response, late.key);
        let Ok(mut dialog) = Dialog::uac(&late.invite, &beyond_us) else { return };
        let seq = late.invite.header(HeaderName::CSeq).and_then(|text| CSeq::parse(text).ok());
        let ack = dialog.ack(seq.map_or(0, |seq| seq.number));
        let next = dialog.next_hop();
        let hop = match way_back(&next.as_uri(), flow) {
            Some(flow) => NextHop::Flow(flow),
            None => NextHop::Uri(next),
        };
        late.acknowledged.push((tag.into(), ack.clone(), hop.clone()));
        turn.endpoint.send(turn.now, ack, hop.clone());
        let bye = turn.endpoint.request(turn.now, dialog.request(Method::Bye), hop);
        self.clients.insert(bye, Owner::Forgotten);
    }
}

/// The response with only those Record-Routes that stand between us and the phone.
fn without_our_routes(turn: &Turn<'_>, response: &Message, key: CallKey) -> Message {
    let mut copy = response.clone();
    copy.remove(HeaderName::RecordRoute);
    let is_ours = |text: &&str| {
        NameAddr::parse(text).is_ok_and(|route| our_route(turn.endpoint, &route.uri) == Some(key))
    };
    for route in response.elements(HeaderName::RecordRoute).take_while(|text| !is_ours(text)) {
        copy.push(HeaderName::RecordRoute, route);
    }
    copy
}
