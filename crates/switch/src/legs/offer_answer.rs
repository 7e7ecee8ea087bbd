//! The session descriptions of one leg (RFC 3264): each leg negotiates by itself, and the media
//! engine joins what they agreed.

use std::net::SocketAddr;

use ambient::Entropy;
use sip::sdp::{
    self, Chosen, Codec, Description, Direction, Ice, IceOffer, Protection, SdpError, Security,
};

/// One leg's side of its session.
#[derive(Debug)]
pub(super) struct Session {
    /// Where we receive; known when the engine has opened the stream.
    pub(super) local: Option<SocketAddr>,
    /// The law offered first.
    prefer: Codec,
    /// What we want: hold is [`Direction::SendOnly`].
    pub(super) direction: Direction,
    /// How media is to be protected.
    pub(super) security: Security,
    /// The peer's name in ICE, as described last.
    peer_ufrag: Option<Box<str>>,
    /// It changed, and the peer has not agreed yet.
    pub(super) to_offer: bool,
    /// `o=`: identity and version (RFC 8866 §5.2).
    id: u64,
    version: u64,
    /// The peer's offer that has no answer yet.
    pub(super) offer: Option<Description>,
    /// Our offer has no answer yet.
    pub(super) awaits_answer: bool,
    /// Our description as last sent: a provisional and its 2xx carry the same.
    pub(super) sent: Option<Vec<u8>>,
    /// What was agreed last.
    pub(super) chosen: Option<Chosen>,
}

impl Session {
    pub(super) fn new(id: u64, prefer: Codec, security: Security) -> Session {
        // Some phones read o= into 31 bits.
        let id = id & 0x3fff_ffff;
        Session {
            local: None,
            prefer,
            direction: Direction::SendRecv,
            security,
            peer_ufrag: None,
            to_offer: false,
            id,
            version: id,
            offer: None,
            awaits_answer: false,
            sent: None,
            chosen: None,
        }
    }

    /// `o=` of our descriptions: identity and last version.
    pub(super) fn origin(&self) -> (u64, u64) {
        (self.id, self.version)
    }

    /// Takes up the descriptions of before a restart.
    pub(super) fn go_on(&mut self, id: u64, version: u64) {
        (self.id, self.version) = (id, version);
    }

    /// Our offer, with its version counted on; `None` without ports, or if media must be protected
    /// and there is no way to it.
    pub(super) fn make_offer(&mut self) -> Option<Vec<u8>> {
        let local = self.local?;
        self.version += 1;
        let session = (self.id, self.version);
        let body = sdp::offer(local, self.prefer, self.direction, session, &self.security)?;
        self.sent = Some(body.clone());
        self.awaits_answer = true;
        Some(body)
    }

    /// Nobody has offered anything: the INVITE came without.
    pub(super) fn is_blank(&self) -> bool {
        self.offer.is_none() && self.sent.is_none()
    }

    /// Our answer to the peer's pending offer.
    pub(super) fn make_answer(&mut self) -> Option<Result<(Vec<u8>, Chosen), SdpError>> {
        let (offer, local) = (self.offer.take()?, self.local?);
        self.version += 1;
        let session = (self.id, self.version);
        let made = offer.answer(local, self.direction, session, &self.security);
        if let Ok((body, chosen)) = &made {
            self.sent = Some(body.clone());
            self.agree(*chosen);
        }
        Some(made)
    }

    /// Reads the peer's answer to our offer.
    pub(super) fn take_answer(&mut self, body: &[u8]) -> Result<Chosen, SdpError> {
        self.awaits_answer = false;
        let answer = Description::parse_answer(body, &self.security)?;
        let chosen = answer.chosen()?;
        self.note_ice(answer.audio.ice);
        self.agree(chosen);
        Ok(chosen)
    }

    /// Reads the peer's offer, to be answered with [`Session::make_answer`]. One that restarts ICE is
    /// answered with a new name and password of ours, made of `entropy` (RFC 8445 §9).
    pub(super) fn take_offer(
        &mut self,
        body: &[u8],
        entropy: &mut Entropy,
    ) -> Result<(), SdpError> {
        let mut offer = Description::parse(body, &self.security)?;
        let restarts = self.note_ice(offer.audio.ice.take());
        if let (true, Some(ours)) = (restarts, &mut self.security.ice) {
            *ours = Ice::generate(entropy);
        }
        self.offer = Some(offer);
        Ok(())
    }

    /// Remembers the peer's name in ICE; whether it is another than before.
    fn note_ice(&mut self, described: Option<IceOffer>) -> bool {
        let Some(IceOffer { ufrag, .. }) = described else { return false };
        let before = self.peer_ufrag.replace(ufrag);
        before.is_some() && before != self.peer_ufrag
    }

    fn agree(&mut self, chosen: Chosen) {
        self.chosen = Some(chosen);
        if let Protection::Dtls { begin, .. } = chosen.protection {
            self.security.began = Some(begin);
        }
    }
}

#[cfg(test)]
mod tests {
    use sip::sdp::{Fingerprint, Srtp};

    use super::*;

    fn browser(ufrag: &str) -> String {
        format!(
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n\
             m=audio 9 UDP/TLS/RTP/SAVPF 8\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=rtcp-mux\r\n\
             a=ice-ufrag:{ufrag}\r\na=ice-pwd:0123456789012345678901\r\na=setup:actpass\r\n\
             a=fingerprint:{}\r\n",
            Fingerprint([7; 32])
        )
    }

    fn session(entropy: &mut Entropy) -> Session {
        let security = Security {
            srtp: Srtp::Required,
            keys: None,
            fingerprint: Some(Fingerprint([1; 32])),
            began: None,
            ice: Some(Ice::generate(entropy)),
        };
        let mut session = Session::new(1, Codec::Pcma, security);
        session.local = Some(SocketAddr::from(([192, 0, 2, 1], 40_000)));
        session
    }

    #[test]
    fn rfc_8445_9_another_name_of_the_peer_gets_another_of_ours() {
        let mut entropy = Entropy::from_number(1);
        let mut session = session(&mut entropy);
        let mut met = |ufrag: &str| {
            session.take_offer(browser(ufrag).as_bytes(), &mut entropy).unwrap();
            let (body, chosen) = session.make_answer().unwrap().unwrap();
            let ours = chosen.ice.unwrap();
            let named = format!("a=ice-ufrag:{}\r\n", std::str::from_utf8(&ours.ufrag).unwrap());
            assert!(String::from_utf8(body).unwrap().contains(&named));
            (ours, chosen.protection)
        };
        let first = met("aaaa");
        assert_eq!(met("aaaa"), first, "hold, or the like");
        let restarted = met("bbbb");
        assert_ne!(restarted.0, first.0);
        assert_eq!(restarted.1, first.1, "the same DTLS association");
        assert_eq!(met("bbbb"), restarted);
    }

    #[test]
    fn after_an_offer_of_ours_the_peer_restarts_by_its_own() {
        let mut entropy = Entropy::from_number(1);
        let mut session = session(&mut entropy);
        let offered = session.make_offer().unwrap();
        let answer = browser("aaaa").replace("actpass", "active");
        let first = session.take_answer(answer.as_bytes()).unwrap();
        session.take_offer(browser("aaaa").as_bytes(), &mut entropy).unwrap();
        let (_, again) = session.make_answer().unwrap().unwrap();
        assert_eq!((again.ice, again.protection), (first.ice, first.protection));
        let body = session.make_offer().unwrap();
        let named = |body: &[u8]| {
            let body = String::from_utf8_lossy(body).into_owned();
            body.lines().find(|line| line.starts_with("a=ice-ufrag")).map(str::to_owned)
        };
        assert_eq!(named(&body), named(&offered), "an offer of ours restarts nothing");
        session.take_offer(browser("bbbb").as_bytes(), &mut entropy).unwrap();
        let (_, restarted) = session.make_answer().unwrap().unwrap();
        assert_ne!(restarted.ice, first.ice);
        assert_eq!(restarted.protection, first.protection);
    }

    #[test]
    fn an_offer_that_cannot_be_met_restarts_nothing() {
        let mut entropy = Entropy::from_number(1);
        let mut session = session(&mut entropy);
        session.take_offer(browser("aaaa").as_bytes(), &mut entropy).unwrap();
        let before = session.security.ice;
        let bad = browser("bbbb").replace("a=rtcp-mux\r\n", "");
        assert_eq!(session.take_offer(bad.as_bytes(), &mut entropy), Err(SdpError::NoIce));
        assert_eq!(session.security.ice, before);
    }
}
