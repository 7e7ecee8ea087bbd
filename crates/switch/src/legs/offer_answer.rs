//! The session descriptions of one leg (RFC 3264): each leg negotiates by itself, and the media
//! engine joins what they agreed.

use std::net::SocketAddr;

use sip::sdp::{self, Chosen, Codec, Description, Direction, SdpError};

/// One leg's side of its session.
#[derive(Debug)]
pub(super) struct Session {
    /// Where we receive; known when the engine has opened the stream.
    pub(super) local: Option<SocketAddr>,
    /// The law offered first.
    prefer: Codec,
    /// What we want: hold is [`Direction::SendOnly`].
    pub(super) direction: Direction,
    /// It changed, and the peer has not agreed yet.
    pub(super) to_offer: bool,
    /// `o=`: identity and version (RFC 8866 §5.2).
    id: u64,
    version: u64,
    /// The peer's offer that has no answer yet.
    pub(super) offer: Option<Description>,
    /// Our description as last sent: a provisional and its 2xx carry the same.
    pub(super) sent: Option<Vec<u8>>,
    /// What was agreed last.
    pub(super) chosen: Option<Chosen>,
}

impl Session {
    pub(super) fn new(id: u64, prefer: Codec) -> Session {
        // Some phones read o= into 31 bits.
        let id = id & 0x3fff_ffff;
        Session {
            local: None,
            prefer,
            direction: Direction::SendRecv,
            to_offer: false,
            id,
            version: id,
            offer: None,
            sent: None,
            chosen: None,
        }
    }

    /// Our offer, with its version counted on.
    pub(super) fn make_offer(&mut self) -> Option<Vec<u8>> {
        let local = self.local?;
        self.version += 1;
        let body = sdp::offer(local, self.prefer, self.direction, (self.id, self.version));
        self.sent = Some(body.clone());
        Some(body)
    }

    /// Our answer to the peer's pending offer.
    pub(super) fn make_answer(&mut self) -> Option<Result<(Vec<u8>, Chosen), SdpError>> {
        let (offer, local) = (self.offer.take()?, self.local?);
        self.version += 1;
        let made = offer.answer(local, self.direction, (self.id, self.version));
        if let Ok((body, chosen)) = &made {
            self.sent = Some(body.clone());
            self.chosen = Some(*chosen);
        }
        Some(made)
    }

    /// Reads the peer's answer to our offer.
    pub(super) fn take_answer(&mut self, body: &[u8]) -> Result<Chosen, SdpError> {
        let chosen = Description::parse(body)?.chosen()?;
        self.chosen = Some(chosen);
        Ok(chosen)
    }
}
