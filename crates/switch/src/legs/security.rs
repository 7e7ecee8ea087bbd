//! How a leg's media is protected.

use dialplan::plan::{MediaSecurity, Srtp, SrtpKeys};
use sip::sdp::{self, Ice, OurKeys, SdpError, Security};
use sip::{Endpoint, Flow, HeaderName, Message, StatusCode, Transport};

use super::Legs;

impl Legs {
    /// What a leg asks for and brings, over signalling of this transport.
    pub(super) fn security(&mut self, media: MediaSecurity, transport: Transport) -> Security {
        // Who speaks SIP over WebSocket is a browser's page, whose media is as it is (RFC 8827 §6.5),
        // whatever is wanted of telephones.
        if matches!(transport, Transport::Ws | Transport::Wss) {
            return Security {
                srtp: sdp::Srtp::Required,
                keys: None,
                fingerprint: self.settings.fingerprint,
                began: None,
                ice: Some(Ice::generate(&mut self.entropy)),
            };
        }
        let srtp = match media.srtp {
            Srtp::Off => return Security::OPEN,
            Srtp::Preferred => sdp::Srtp::Preferred,
            Srtp::Required => sdp::Srtp::Required,
        };
        // RFC 4568 §7: a key is as secret as what carries it.
        let may_send_keys = match media.keys {
            SrtpKeys::OverTls => matches!(transport, Transport::Tls | Transport::Wss),
            SrtpKeys::Anywhere => true,
        };
        let keys = may_send_keys.then(|| OurKeys::generate(&mut self.entropy));
        Security { srtp, keys, fingerprint: self.settings.fingerprint, began: None, ice: None }
    }
}

/// Whether our offer may have been refused for what it says of protection.
pub(super) fn may_offend(status: StatusCode, security: &Security) -> bool {
    let offered = security.keys.is_some() || security.fingerprint.is_some();
    matches!(status.0, 415 | 488 | 606) && security.srtp == sdp::Srtp::Preferred && offered
}

/// The refusal of a description, with a word for whoever looks for the fault (RFC 3261 §20.43).
pub(super) fn refusal(
    endpoint: &Endpoint,
    flow: &Flow,
    request: &Message,
    why: SdpError,
) -> Message {
    let code = match why {
        SdpError::SrtpOff | SdpError::NoSrtp | SdpError::KeysInTheOpen | SdpError::NoIce => 302,
        SdpError::NoAudio => 304,
        SdpError::NoCodec => 305,
        SdpError::Malformed => 399,
    };
    let mut response = Message::response(request, StatusCode(488));
    let host = endpoint.listener_for(flow).sent_by();
    response.push(HeaderName::Warning, format_args!("{code} {host} \"{why}\""));
    response
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ambient::Entropy;
    use sip::sdp::Fingerprint;

    use super::super::LegSettings;
    use super::*;

    fn legs() -> Legs {
        let settings = LegSettings {
            session_expires: Duration::from_secs(1800),
            t1: Duration::from_millis(500),
            t2: Duration::from_secs(4),
            fingerprint: Some(Fingerprint([7; 32])),
        };
        Legs::new(settings, Entropy::from_number(1))
    }

    #[test]
    fn a_leg_over_websocket_is_a_browsers_whatever_is_wanted_of_telephones() {
        let mut legs = legs();
        for srtp in [Srtp::Off, Srtp::Preferred, Srtp::Required] {
            for transport in [Transport::Ws, Transport::Wss] {
                let media = MediaSecurity { srtp, keys: SrtpKeys::Anywhere };
                let one = legs.security(media, transport);
                assert!(one.keys.is_none() && one.fingerprint.is_some());
                let other = legs.security(media, transport);
                assert!(one.ice.is_some() && one.ice != other.ice, "each leg has its own");
                assert!(!may_offend(StatusCode(488), &one), "nothing else could be offered");
            }
            for transport in [Transport::Udp, Transport::Tcp, Transport::Tls] {
                let media = MediaSecurity { srtp, keys: SrtpKeys::Anywhere };
                assert_eq!(legs.security(media, transport).ice, None);
            }
        }
    }
}
