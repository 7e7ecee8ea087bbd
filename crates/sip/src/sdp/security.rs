//! How a session is protected: what we ask for, and what is agreed.
//!
//! What is "preferred" is offered as RFC 8643 says: plain RTP with keys or a fingerprint beside it,
//! of which the answer takes one or nothing. What is "required" is offered as SRTP. A browser's leg has
//! one profile, which is not ours to choose: DTLS with ICE (RFC 8827 §6.5).

use super::crypto::{Crypto, OurKeys, SdesKeys, Suite};
use super::fingerprint::{DtlsOffer, Fingerprint, Setup};
use super::ice::Ice;
use super::{Audio, Profile, SdpError};

/// Whether media is to be protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Srtp {
    /// Never.
    #[default]
    Off,
    /// If the other side can.
    Preferred,
    /// Otherwise there is no call.
    Required,
}

/// What we ask for and what we bring.
#[derive(Clone, Debug, Default)]
pub struct Security {
    /// Whether media is to be protected.
    pub srtp: Srtp,
    /// Our keys; `None` where signalling is open, so that they must not be written into it
    /// (RFC 4568 §7).
    pub keys: Option<OurKeys>,
    /// Our certificate; `None` without DTLS.
    pub fingerprint: Option<Fingerprint>,
    /// We began the DTLS association of this session, or waited for it: who does what stays so
    /// (RFC 5763 §6.6).
    pub began: Option<bool>,
    /// Our ICE: the other side is a browser. With it nothing goes but DTLS and ICE.
    pub ice: Option<Ice>,
}

/// How the session is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// Not at all.
    Open,
    /// SRTP with keys from the descriptions (RFC 4568).
    Sdes(SdesKeys),
    /// SRTP with keys from a DTLS handshake in the media's way (RFC 5764).
    Dtls {
        /// The certificate that the peer must show.
        fingerprint: Fingerprint,
        /// We begin.
        begin: bool,
    },
}

/// The lines of our offers, in our order.
pub(super) const OFFERED: [(u32, Suite); 2] =
    [(1, Suite::AesCm128Sha1Tag80), (2, Suite::AeadAes128Gcm)];

impl Security {
    /// Plain RTP.
    pub const OPEN: Security =
        Security { srtp: Srtp::Off, keys: None, fingerprint: None, began: None, ice: None };

    /// The profile of our offer; `None` if protection is required and there is no way to it.
    pub(super) fn profile(&self) -> Option<&'static str> {
        if self.ice.is_some() {
            return self.fingerprint.map(|_| "UDP/TLS/RTP/SAVPF");
        }
        match (self.srtp, &self.keys, &self.fingerprint) {
            (Srtp::Off | Srtp::Preferred, ..) => Some("RTP/AVP"),
            (Srtp::Required, Some(_), _) => Some("RTP/SAVP"),
            (Srtp::Required, None, Some(_)) => Some("UDP/TLS/RTP/SAVP"),
            (Srtp::Required, None, None) => None,
        }
    }

    /// What an offered line comes to: keys before a handshake, which takes time and work.
    pub(super) fn meet(&self, audio: &Audio) -> Result<Protection, SdpError> {
        self.choose(audio, |crypto, keys| Some(keys.of(crypto.key.suite())))
    }

    /// What an answered line comes to: only what we offered can be taken (RFC 4568 §5.1.3).
    pub(super) fn learn(&self, audio: &Audio) -> Result<Protection, SdpError> {
        self.choose(audio, |crypto, keys| {
            let line = (crypto.tag, crypto.key.suite());
            OFFERED.contains(&line).then(|| keys.of(line.1))
        })
    }

    fn choose(
        &self,
        audio: &Audio,
        ours: impl Fn(&Crypto, &OurKeys) -> Option<super::KeyMaterial>,
    ) -> Result<Protection, SdpError> {
        if self.ice.is_some() {
            let full = audio.ice.as_ref().is_some_and(|ice| !ice.lite);
            let by_dtls = audio.profile == Profile::DtlsSavp && audio.rtcp_mux;
            // Of two lite agents neither would ever find the other by checks.
            return self.by_dtls(audio).filter(|_| full && by_dtls).ok_or(SdpError::NoIce);
        }
        if self.srtp == Srtp::Off {
            let is_open = audio.profile == Profile::Avp;
            return is_open.then_some(Protection::Open).ok_or(SdpError::SrtpOff);
        }
        if audio.profile != Profile::DtlsSavp
            && let Some(keys) = &self.keys
        {
            let keys = audio.crypto.iter().find_map(|crypto| {
                let local = ours(crypto, keys)?;
                Some(SdesKeys { local, remote: crypto.key, remote_mki: crypto.mki })
            });
            if let Some(keys) = keys {
                return Ok(Protection::Sdes(keys));
            }
        }
        if let Some(protection) = self.by_dtls(audio) {
            return Ok(protection);
        }
        if audio.profile == Profile::Avp && self.srtp == Srtp::Preferred {
            return Ok(Protection::Open);
        }
        let only_keys = self.keys.is_none() && !audio.crypto.is_empty();
        Err(if only_keys { SdpError::KeysInTheOpen } else { SdpError::NoSrtp })
    }

    /// The handshake, if both sides have a certificate.
    fn by_dtls(&self, audio: &Audio) -> Option<Protection> {
        let (Some(_), Some(DtlsOffer { fingerprint, setup })) = (self.fingerprint, audio.dtls)
        else {
            return None;
        };
        let begin = match setup {
            Setup::Active => false,
            Setup::Passive => true,
            // RFC 5763 §5: whoever answers begins, so that it is done sooner.
            Setup::ActPass => self.began.unwrap_or(true),
        };
        Some(Protection::Dtls { fingerprint, begin })
    }
}

impl Protection {
    /// Whether media is protected.
    #[must_use]
    pub fn is_protected(self) -> bool {
        self != Protection::Open
    }
}

#[cfg(test)]
mod tests;
