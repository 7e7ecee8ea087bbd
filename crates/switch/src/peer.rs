use std::time::Duration;

use media::{Law, Peer};
use sip::sdp::{Chosen, Codec, Direction};

/// What offer and answer agreed, as the media engine is told it. The phone's sound may come from
/// another address than its SDP says, as it does behind a NAT.
#[must_use]
pub fn peer_of(chosen: Chosen, dead_after: Duration) -> Peer {
    Peer {
        rtp: chosen.remote_rtp,
        rtcp: chosen.remote_rtcp,
        law: match chosen.codec.0 {
            Codec::Pcma => Law::A,
            Codec::Pcmu => Law::Mu,
        },
        payload_type: chosen.codec.1,
        telephone_event: chosen.telephone_event,
        send: matches!(chosen.direction, Direction::SendRecv | Direction::SendOnly),
        receive: matches!(chosen.direction, Direction::SendRecv | Direction::RecvOnly),
        dead_after,
        latch: true,
    }
}
