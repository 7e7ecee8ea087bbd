use std::time::Duration;

use media::{Ice, Law, MasterKey, Peer, Protection, SrtpKeys, Suite};
use sip::sdp::{self, Chosen, Codec, Direction, KeyMaterial};

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
        protection: protection_of(chosen.protection),
        rtcp_mux: chosen.rtcp_mux,
        ice: chosen.ice.map(|ours| Ice { ufrag: ours.ufrag, password: ours.password }),
    }
}

fn protection_of(agreed: sdp::Protection) -> Protection {
    match agreed {
        sdp::Protection::Open => Protection::Open,
        sdp::Protection::Sdes(keys) => Protection::Srtp(SrtpKeys {
            local: key_of(&keys.local),
            remote: key_of(&keys.remote),
            remote_mki: keys.remote_mki,
        }),
        sdp::Protection::Dtls { fingerprint, begin } => {
            Protection::Dtls { fingerprint: fingerprint.0, begin }
        }
    }
}

fn key_of(key: &KeyMaterial) -> MasterKey {
    MasterKey::new(
        match key.suite() {
            sdp::Suite::AesCm128Sha1Tag80 => Suite::AesCm128Sha1Tag80,
            sdp::Suite::AesCm128Sha1Tag32 => Suite::AesCm128Sha1Tag32,
            sdp::Suite::AeadAes128Gcm => Suite::AeadAes128Gcm,
            sdp::Suite::AeadAes256Gcm => Suite::AeadAes256Gcm,
        },
        key.octets(),
    )
}
