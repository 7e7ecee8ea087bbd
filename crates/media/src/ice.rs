//! ICE as the lite agent of one stream (RFC 8445 §2.5): the peer, a browser, tries its ways to our one
//! address by STUN requests (RFC 8489) that prove it has our password, and names the way that is used.
//!
//! Nothing else says where the peer is, so nothing is sent anywhere, and nothing is heard from anywhere,
//! that has not passed such a check. We ask nothing ourselves; the wire format is the crate `is`'s.

use std::net::SocketAddr;

use ambient::Mono;
use hmac::{Hmac, KeyInit, Mac};
use is::stun::StunMessage;
use sha1::Sha1;

use crate::engine::Engine;
use crate::srtp::Guard;
use crate::{Channel, Ice};

/// Addresses of the peer that are heard, beside the one that is sent to: those of a machine's networks,
/// with and without a NAT. Of more, those that passed first are forgotten.
const PROVEN_MAX: usize = 8;
/// Room for an answer: its longest has an address of IPv6 and the proof.
const ANSWER_MAX: usize = 128;

/// The longest request that is read; browsers' have about 120 octets.
const REQUEST_MAX: usize = 1024;
/// Octets of a STUN header, and what they say of a binding request (RFC 8489 §5).
const HEADER: usize = 20;
const BINDING_REQUEST: [u8; 2] = [0, 1];
const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
/// Attributes from here on may be passed over by who does not know them (RFC 8489 §14).
const OPTIONAL: u16 = 0x8000;
/// Those below that a check has: USERNAME, MESSAGE-INTEGRITY and that by SHA-256, PRIORITY, USE-CANDIDATE.
const OF_CHECKS: [u16; 5] = [0x0006, 0x0008, 0x001c, 0x0024, 0x0025];
const FINGERPRINT: u16 = 0x8028;

/// The lite agent of a stream.
#[derive(Debug)]
pub(crate) struct Agent {
    ours: Ice,
    /// What was ours until an ICE restart; good until the peer uses the new one (RFC 8445 §9).
    before: Option<Ice>,
    /// Where good checks came from, the newest first.
    proven: [Option<SocketAddr>; PROVEN_MAX],
    chosen: Option<SocketAddr>,
}

impl Agent {
    /// Nothing is known of the peer yet.
    pub(crate) fn new(ours: Ice) -> Agent {
        Agent { ours, before: None, proven: [None; PROVEN_MAX], chosen: None }
    }

    /// Described anew; with other credentials it is an ICE restart, during which all goes on where it is.
    pub(crate) fn renew(&mut self, ours: Ice) {
        if self.ours != ours {
            self.before = Some(std::mem::replace(&mut self.ours, ours));
        }
    }

    /// Where the peer is sent to; `None` before the first good check.
    pub(crate) fn chosen(&self) -> Option<SocketAddr> {
        self.chosen
    }

    /// Whether packets from there are the peer's.
    pub(crate) fn is_proven(&self, from: SocketAddr) -> bool {
        self.chosen == Some(from) || self.proven.contains(&Some(from))
    }

    /// Takes a check; gives the length of the answer to it. `None` if it proves nothing: then it gets no
    /// answer at all, as an error (RFC 8489 §9.1.3) would show a stranger that somebody is here, and
    /// would be sent to whomever the stranger pretends to be.
    fn check(
        &mut self,
        from: SocketAddr,
        datagram: &[u8],
        answer: &mut [u8; ANSWER_MAX],
    ) -> Option<usize> {
        if !has_form_of_check(datagram) {
            return None;
        }
        let request = StunMessage::parse(datagram).ok()?;
        let (named, _) = request.split_username()?;
        let known = [Some(self.ours), self.before].into_iter().flatten();
        let used = known.into_iter().find(|ours| ours.ufrag == *named.as_bytes())?;
        if !request.verify(&used.password, hmac_sha1) {
            return None;
        }
        // RFC 8445 §6.1.1: opposite a lite agent the other one controls. One that took itself for the
        // controlled one learns it (§7.3.1.1), whatever its tie-breaker: we cannot do its part.
        let reply = if request.ice_controlled().is_some() {
            StunMessage::binding_role_conflict_reply(request.trans_id())
        } else {
            self.note(from, used == self.ours, request.use_candidate());
            let seen = SocketAddr::new(from.ip().to_canonical(), from.port());
            StunMessage::binding_reply(request.trans_id(), seen)
        };
        reply.to_bytes(Some(&used.password), answer, hmac_sha1).ok()
    }

    fn note(&mut self, from: SocketAddr, is_newest: bool, nominated: bool) {
        if is_newest {
            self.before = None;
        }
        if !self.proven.contains(&Some(from)) {
            self.proven.rotate_right(1);
            self.proven[0] = Some(from);
        }
        // Before the peer has made up its mind, its first way is as good as any.
        if nominated || self.chosen.is_none() {
            self.chosen = Some(from);
        }
    }
}

impl Engine {
    /// A STUN packet came to a stream with ICE.
    pub(crate) fn check(&mut self, now: Mono, slot: u32, from: SocketAddr, packet: &[u8]) {
        let Some(stream) = self.streams.get(slot) else { return };
        let mut answer = [0; ANSWER_MAX];
        let checked = stream.ice.as_mut().and_then(|agent| agent.check(from, packet, &mut answer));
        let Some(length) = checked else {
            stream.refused += 1;
            return;
        };
        let way = (stream.id, Channel::Rtp, from);
        self.outbox.packet(way, (&mut Guard::Open, Channel::Rtp), &answer[..length], 0, |_| {});
        // As a report does, it shows that the far end lives. One that comes to no keys does not.
        if !matches!(stream.guard, Guard::Shut) {
            let awaits_audio = stream.reception.received() == 0;
            stream.note_heard(now, awaits_audio, &mut self.outbox);
        }
        self.begin_handshake(now, slot);
        self.settle(now, slot);
    }
}

/// Whether a datagram is STUN (RFC 7983 §7).
pub(crate) fn is_stun(datagram: &[u8]) -> bool {
    matches!(datagram.first(), Some(0..=3))
}

/// Whether it is worth reading: a binding request with nothing in it that would have to be understood and
/// is no part of a check, and with a FINGERPRINT at its end (RFC 8445 §7.1.4; whether that is right, the
/// proof says better).
fn has_form_of_check(datagram: &[u8]) -> bool {
    let Some((header, mut attributes)) = datagram.split_at_checked(HEADER) else { return false };
    let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
    let is_request = header[..2] == BINDING_REQUEST && header[4..8] == COOKIE;
    if !is_request || length != attributes.len() || datagram.len() > REQUEST_MAX {
        return false;
    }
    let mut last = 0;
    while let [high, low, length @ ..] = attributes {
        last = u16::from_be_bytes([*high, *low]);
        let Some((length, value)) = length.split_first_chunk() else { return false };
        let length = usize::from(u16::from_be_bytes(*length)).next_multiple_of(4);
        if last < OPTIONAL && !OF_CHECKS.contains(&last) {
            return false;
        }
        let Some(after) = value.get(length..) else { return false };
        attributes = after;
    }
    last == FINGERPRINT
}

fn hmac_sha1(key: &[u8], parts: &[&[u8]]) -> [u8; 20] {
    // A key of any length is one to HMAC (RFC 2104 §2).
    let Ok(mut hmac) = Hmac::<Sha1>::new_from_slice(key) else { return [0; 20] };
    parts.iter().for_each(|part| hmac.update(part));
    hmac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests;
