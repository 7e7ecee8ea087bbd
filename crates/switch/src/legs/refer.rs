//! Transfers as SIP tells them (RFC 3515, RFC 5589): the peer's REFER with the NOTIFYs that tell it
//! how the transfer goes, and our own.

use ambient::Now;
use sip::uri::escape;
use sip::values::{NameAddr, Replaces};
use sip::{DialogId, Endpoint, HeaderName, Message, Method, ServerTx, StatusCode, UriBuf};

use super::incoming::respond_within;
use super::leg::{Purpose, State};
use super::{LegEvent, LegId, Legs, Refer, cseq_of};

/// Their REFER, until its end is told.
#[derive(Debug)]
pub(super) struct Referral {
    /// What the `id` of its NOTIFYs says (RFC 3515 §2.4.6).
    cseq: u32,
    /// The request, until call control has taken or refused it.
    asked: Option<(ServerTx, Message)>,
}

/// Their REFER.
impl Legs {
    pub(super) fn on_refer(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        id: LegId,
        tx: ServerTx,
        request: &Message,
    ) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let free = matches!(leg.state, State::Established(_)) && leg.referral.is_none();
        let refusal = match (free, refer_of(request), cseq_of(request)) {
            // It waits for an ACK only to be ended: there is nobody to hand on.
            _ if leg.let_go => StatusCode(481),
            (true, Some(refer), Some(cseq)) => {
                leg.referral = Some(Referral { cseq, asked: Some((tx, request.clone())) });
                return self.tell(id, LegEvent::Refer(refer));
            }
            (true, _, _) => StatusCode(400),
            (false, _, _) => StatusCode(491),
        };
        endpoint.respond(now, tx, Message::response(request, refusal));
    }

    /// Takes the REFER of [`LegEvent::Refer`]: how it goes is told with [`Legs::notify_refer`].
    pub fn accept_refer(&mut self, now: Now, endpoint: &mut Endpoint, id: LegId) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let Some((tx, request)) = leg.referral.as_mut().and_then(|r| r.asked.take()) else {
            return;
        };
        let response = respond_within(endpoint, leg, &request, StatusCode(202));
        endpoint.respond(now, tx, response);
        // RFC 3515 §2.4.4: the first NOTIFY follows at once.
        self.notify_refer(now, endpoint, id, StatusCode(100));
    }

    /// Refuses the REFER of [`LegEvent::Refer`].
    pub fn refuse_refer(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        id: LegId,
        status: StatusCode,
    ) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        if let Some((tx, request)) = leg.referral.take().and_then(|r| r.asked) {
            endpoint.respond(now, tx, respond_within(endpoint, leg, &request, status));
        }
    }

    /// Tells the peer how its transfer goes (RFC 3515 §2.4.5); a final status ends the telling. One
    /// that has hung up is told nothing.
    pub fn notify_refer(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        id: LegId,
        status: StatusCode,
    ) {
        let Some(leg) = self.legs.get_mut(&id).filter(|leg| !leg.is_over()) else { return };
        let Some(Referral { cseq, asked: None }) = leg.referral else { return };
        if !status.is_provisional() {
            leg.referral = None;
        }
        self.send_within(now, endpoint, id, Method::Notify, Purpose::Aside, |notify| {
            notify.push(HeaderName::Event, format_args!("refer;id={cseq}"));
            let state = if status.is_provisional() {
                "active;expires=60"
            } else {
                "terminated;reason=noresource"
            };
            notify.push(HeaderName::SubscriptionState, state);
            let body = format!("SIP/2.0 {} {}\r\n", status.0, status.default_reason());
            notify.set_body("message/sipfrag;version=2.0", body.into_bytes());
        });
    }
}

/// Our REFER.
impl Legs {
    /// Asks the peer to call somebody, in place of a dialog of theirs if `replaces` names it by its
    /// identity at our side. How it goes is told with [`LegEvent::Referred`].
    pub fn refer(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        id: LegId,
        to: &UriBuf,
        replaces: Option<&DialogId>,
    ) {
        // Their side of the dialog is ours turned round.
        let embedded = replaces.map(|dialog| Replaces {
            call_id: &dialog.call_id,
            to_tag: &dialog.remote_tag,
            from_tag: &dialog.local_tag,
            early_only: false,
        });
        let refer_to = match embedded {
            Some(replaces) => format!("<{to}?Replaces={}>", escape(&replaces.to_string())),
            None => format!("<{to}>"),
        };
        self.send_within(now, endpoint, id, Method::Refer, Purpose::Refer, |request| {
            request.push(HeaderName::ReferTo, refer_to);
        });
        if let Some(leg) = self.legs.get_mut(&id) {
            // From now on, for the first NOTIFY may overtake the 202 (RFC 3515 §2.4.4).
            leg.refers = true;
        }
    }

    /// The answer to our REFER: taken (the NOTIFYs tell the rest) or refused.
    pub(super) fn on_refer_answered(&mut self, id: LegId, status: StatusCode) {
        if !status.is_provisional() && !status.is_success() {
            self.tell_referred(id, status);
        }
    }

    /// How the transfer goes that we asked for.
    pub(super) fn on_notify(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        id: LegId,
        tx: ServerTx,
        request: &Message,
    ) {
        let Some(leg) = self.legs.get(&id) else { return };
        let event = request.header(HeaderName::Event).and_then(|event| event.split(';').next());
        // We subscribe to nothing but the fate of our REFER.
        let expected = leg.refers && event.is_some_and(|event| event.trim() == "refer");
        let status = if expected { StatusCode(200) } else { StatusCode(481) };
        endpoint.respond(now, tx, Message::response(request, status));
        if let (true, Some(told)) = (expected, sipfrag_status(request.body())) {
            self.tell_referred(id, told);
        }
    }

    fn tell_referred(&mut self, id: LegId, status: StatusCode) {
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.refers = status.is_provisional();
        }
        self.tell(id, LegEvent::Referred(status));
    }
}

/// The status line that a NOTIFY of a transfer carries (RFC 3420).
fn sipfrag_status(body: &[u8]) -> Option<StatusCode> {
    let line = std::str::from_utf8(body).ok()?.lines().next()?;
    let code = line.strip_prefix("SIP/2.0 ")?.split(' ').next()?;
    code.parse().ok().filter(|code| (100..700).contains(code)).map(StatusCode)
}

fn refer_of(request: &Message) -> Option<Refer> {
    let value = request.header(HeaderName::ReferTo)?;
    let uri = NameAddr::parse(value).ok()?.uri;
    let replaces = match uri.header_field("Replaces") {
        Some(value) => Some(dialog_at_our_side(&Replaces::parse(&value).ok()?)),
        None => None,
    };
    let bare = uri.text.split('?').next()?;
    Some(Refer { to: UriBuf::parse(bare).ok()?, replaces })
}

/// The dialog that Replaces names, as it is known at the side that receives it.
pub(super) fn dialog_at_our_side(replaces: &Replaces<'_>) -> DialogId {
    DialogId {
        call_id: replaces.call_id.into(),
        local_tag: replaces.to_tag.into(),
        remote_tag: replaces.from_tag.into(),
    }
}
