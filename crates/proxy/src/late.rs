//! A phone that answers when nobody waits for it any more: a 200 that crossed our CANCEL.
//!
//! The caller has been handed on, or is gone, or talks with another phone. So that the late phone is
//! not left with a call that nobody is in, we acknowledge its answer and end the call at once
//! (RFC 3261 §13.3.1.4, §15.1.1), as if we were the caller.

use std::sync::Arc;

use sip::values::{CSeq, NameAddr};
use sip::{ClientTx, Dialog, Flow, HeaderName, Message, Method, NextHop};

use crate::Proxy;
use crate::calls::CallKey;
use crate::hops::way_back;
use crate::loose_route::our_route;
use crate::response_context::Owner;
use crate::turn::Turn;

/// Answers of one branch that are ended; a branch that forks further on may bring several.
const ANSWERS_MAX: usize = 10;

/// What is kept of a branch that is no longer waited for.
#[derive(Debug)]
pub(crate) struct Late {
    /// The INVITE; all late branches of one request share it.
    invite: Arc<Message>,
    /// The call whose Record-Route it carried.
    key: CallKey,
    /// The ACK for each phone that answered, by its tag.
    acknowledged: Vec<(Box<str>, Message, NextHop)>,
}

impl Late {
    pub(crate) fn new(invite: Arc<Message>, key: CallKey) -> Late {
        Late { invite, key, acknowledged: Vec::new() }
    }
}

impl Proxy {
    /// A response to a branch that nobody waits for.
    pub(crate) fn late_response(
        &mut self,
        turn: &mut Turn<'_>,
        tx: ClientTx,
        response: &Message,
        flow: &Flow,
    ) {
        if *response.method() != Method::Invite
            || !response.status().is_some_and(|status| status.is_success())
        {
            return;
        }
        let Some(tag) = response.to_tag() else { return };
        let Some(Owner::Late(late)) = self.clients.get_mut(&tx) else { return };
        // The 200 is repeated until the ACK arrives (§13.3.1.4).
        if let Some((_, ack, hop)) = late.acknowledged.iter().find(|(known, ..)| **known == *tag) {
            turn.endpoint.send(turn.now, ack.clone(), hop.clone());
            return;
        }
        if late.acknowledged.len() == ANSWERS_MAX {
            return;
        }
        let beyond_us = without_our_routes(turn, response, late.key);
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
        NameAddr::parse(text).is_ok_and(|route| our_route(turn, &route.uri) == Some(key))
    };
    for route in response.elements(HeaderName::RecordRoute).take_while(|text| !is_ours(text)) {
        copy.push(HeaderName::RecordRoute, route);
    }
    copy
}
