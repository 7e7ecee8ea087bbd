//! DTLS in the way of RTP (RFC 5764): a handshake between the two media ends, whose certificates
//! signalling has named by their fingerprints (RFC 5763), gives the keys of SRTP.
//!
//! The protocol is dimpl's, which does no I/O either. Its secrets come from the operating system even
//! where everything else is repeatable.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ambient::Mono;
use dimpl::{Config, Dtls, DtlsCertificate, Output, SrtpProfile};
use sha2::{Digest, Sha256};

use crate::{MasterKey, SrtpKeys, Suite};

/// The first retransmission of a flight; doubles with each (RFC 6347 §4.2.4.1 has 1 s, which is long
/// for somebody who waits for a word).
const FIRST_RETRY: Duration = Duration::from_millis(250);
/// Retransmissions of a flight.
const RETRIES: usize = 5;
/// From the first packet to the keys.
const HANDSHAKE_MAX: Duration = Duration::from_secs(15);
/// Longest packet that is sent.
const PACKET_MAX: usize = 1200;

/// Our certificate, the same for all streams; it lasts as long as the program runs.
#[derive(Clone)]
pub struct Identity {
    certificate: DtlsCertificate,
    config: Arc<Config>,
    /// What the engine's time counts from, in the clock that dimpl speaks.
    start: Instant,
}

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the certificate for DTLS cannot be used: {0}")]
pub struct BadIdentity(String);

impl Identity {
    /// A certificate with its private key (ECDSA over P-256 or P-384), both in DER, the key as
    /// PKCS #8. `start` is the moment of [`Mono::from_start`] of nothing.
    ///
    /// # Errors
    /// If the key cannot be used.
    pub fn new(
        certificate: Vec<u8>,
        key: Vec<u8>,
        start: Instant,
    ) -> Result<Identity, BadIdentity> {
        let provider = dimpl::crypto::rust_crypto::default_provider();
        provider.key_provider.load_private_key(&key).map_err(|why| BadIdentity(why.to_string()))?;
        let config = Config::builder()
            .with_crypto_provider(provider)
            .mtu(PACKET_MAX)
            .flight_start_rto(FIRST_RETRY)
            .flight_retries(RETRIES)
            .handshake_timeout(HANDSHAKE_MAX)
            .build()
            .map_err(|why| BadIdentity(why.to_string()))?;
        let certificate = DtlsCertificate { certificate, private_key: key };
        Ok(Identity { certificate, config: Arc::new(config), start })
    }

    /// SHA-256 of the certificate, for `a=fingerprint` (RFC 8122).
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        Sha256::digest(&self.certificate.certificate).into()
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").finish_non_exhaustive()
    }
}

/// One stream's association. It lives on after the keys are there: the peer may have missed our last
/// words.
pub(crate) struct Association {
    dtls: Box<Dtls>,
    start: Instant,
    expected: [u8; 32],
    begin: bool,
    proven: bool,
    state: State,
    told: bool,
    /// When it is to be called again.
    pub(crate) wakes: Option<Mono>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Running,
    Done,
    Failed,
}

/// What has become of a handshake, told once.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The peer has proved who it is.
    Keys(SrtpKeys),
    /// No keys will come.
    Failed,
}

impl Association {
    /// Begins, or waits for the peer, who must show the certificate with this fingerprint.
    pub(crate) fn new(
        identity: &Identity,
        now: Mono,
        expected: [u8; 32],
        begin: bool,
    ) -> Association {
        let start = identity.start;
        let at = start + now.since_start();
        let mut dtls = Dtls::new_12(identity.config.clone(), identity.certificate.clone(), at);
        dtls.set_active(begin);
        let mut association = Association {
            dtls: Box::new(dtls),
            start,
            expected,
            begin,
            proven: false,
            state: State::Running,
            told: false,
            wakes: None,
        };
        association.wake(now);
        association
    }

    /// Whether it is the one that a new description means (RFC 5763 §6.6, RFC 8842 §4).
    pub(crate) fn is_for(&self, expected: [u8; 32], begin: bool) -> bool {
        self.state != State::Failed && self.expected == expected && self.begin == begin
    }

    /// A packet of the peer.
    pub(crate) fn packet(&mut self, now: Mono, packet: &[u8]) {
        self.wake(now);
        if self.state != State::Failed && self.dtls.handle_packet(packet).is_err() {
            self.state = State::Failed;
        }
    }

    /// Time passes.
    pub(crate) fn wake(&mut self, now: Mono) {
        let at = self.start + now.since_start();
        if self.state != State::Failed && self.dtls.handle_timeout(at).is_err() {
            self.state = State::Failed;
        }
    }

    /// Hands out what is to be sent; after each of the above.
    pub(crate) fn drain(&mut self, mut send: impl FnMut(&[u8])) -> Option<Outcome> {
        let mut keys = None;
        let mut buffer = [0; 2 * PACKET_MAX];
        self.wakes = None;
        while self.state != State::Failed {
            match self.dtls.poll_output(&mut buffer) {
                Output::Packet(packet) => send(packet),
                Output::Timeout(at) => {
                    let at = at.saturating_duration_since(self.start);
                    self.wakes = (at < FAR_AWAY).then(|| Mono::from_start(at));
                    break;
                }
                Output::PeerCert(certificate) => {
                    self.proven = Sha256::digest(certificate)[..] == self.expected;
                    if !self.proven {
                        self.state = State::Failed;
                    }
                }
                Output::KeyingMaterial(material, profile) if self.proven => {
                    keys = keys_of(&material, profile, self.begin);
                    self.state = if keys.is_some() { State::Done } else { State::Failed };
                }
                // A certificate comes before keys, and none of ours is longer than the buffer.
                Output::KeyingMaterial(..) | Output::BufferTooSmall { .. } => {
                    self.state = State::Failed;
                }
                // Nothing but keys is wanted; that a call ends, signalling says.
                _ => {}
            }
        }
        match (keys, self.state) {
            (Some(keys), State::Done) => Some(Outcome::Keys(keys)),
            (_, State::Failed) if !std::mem::replace(&mut self.told, true) => Some(Outcome::Failed),
            (_, State::Running | State::Done | State::Failed) => None,
        }
    }
}

/// A wake-up beyond this is none.
const FAR_AWAY: Duration = Duration::from_secs(3600 * 24 * 365 * 30);

/// RFC 5764 §4.2: keys of client and server, then their salts.
fn keys_of(material: &[u8], profile: SrtpProfile, we_are_client: bool) -> Option<SrtpKeys> {
    let suite = match profile {
        SrtpProfile::AES128_CM_SHA1_80 => Suite::AesCm128Sha1Tag80,
        SrtpProfile::AEAD_AES_128_GCM => Suite::AeadAes128Gcm,
        SrtpProfile::AEAD_AES_256_GCM => Suite::AeadAes256Gcm,
        _ => return None,
    };
    let (key, salt) = (suite.key_octets(), suite.salt_octets());
    let (keys, salts) = material.split_at_checked(2 * key)?;
    if salts.len() != 2 * salt {
        return None;
    }
    let of = |side: usize| {
        let mut octets = [0; MasterKey::OCTETS_MAX];
        octets[..key].copy_from_slice(&keys[side * key..][..key]);
        octets[key..key + salt].copy_from_slice(&salts[side * salt..][..salt]);
        MasterKey::new(suite, octets)
    };
    let (client, server) = (of(0), of(1));
    let (local, remote) = if we_are_client { (client, server) } else { (server, client) };
    Some(SrtpKeys { local, remote, remote_mki: 0 })
}

impl fmt::Debug for Association {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Association").field("state", &self.state).finish_non_exhaustive()
    }
}

/// Whether a datagram is DTLS (RFC 7983 §7).
pub(crate) fn is_dtls(datagram: &[u8]) -> bool {
    matches!(datagram.first(), Some(20..=63))
}
