//! Protects what we send.

use super::cipher::{Cipher, Place};
use super::index::Seen;
use super::keys::MasterKey;

/// Indices of SRTCP under one key (RFC 3711 §9.2).
const REPORTS_MAX: u64 = 1 << 31;

/// Our side's keys and how many packets they have protected.
#[derive(Debug)]
pub(super) struct Sender {
    pub(super) key: MasterKey,
    rtp: Cipher,
    rtcp: Cipher,
    sent: Option<Seen>,
    reports: u64,
}

impl Sender {
    pub(super) fn new(key: MasterKey) -> Sender {
        Sender {
            rtp: Cipher::for_rtp(&key),
            rtcp: Cipher::for_rtcp(&key),
            key,
            sent: None,
            reports: 0,
        }
    }

    /// Protects the RTP packet of ours from `start` to the end of `octets`, with a header of `header`
    /// octets. `false` if it must not be sent: two packets of one number would show the exclusive-or
    /// of what they carry (RFC 3711 §9.1).
    pub(super) fn protect_rtp(
        &mut self,
        octets: &mut Vec<u8>,
        start: usize,
        header: usize,
    ) -> bool {
        let Some((ssrc, seq)) = super::receiver::source_of(&octets[start..]) else { return false };
        // We have one source, and its first number is small (RFC 3711 §3.3.1).
        let index = match &self.sent {
            None => Some(u64::from(seq)),
            Some(sent) => sent.guess(seq).filter(|index| sent.is_new(*index)),
        };
        let Some(index) = index else { return false };
        self.sent.get_or_insert(Seen::first(index)).note(index);
        self.rtp.protect_rtp(Place { ssrc, index }, octets, start, header);
        true
    }

    /// Protects the report from `start` to the end of `octets`.
    pub(super) fn protect_rtcp(&mut self, octets: &mut Vec<u8>, start: usize) -> bool {
        let Some(ssrc) = super::receiver::reporter_of(&octets[start..]) else { return false };
        if self.reports >= REPORTS_MAX {
            return false;
        }
        let index = self.reports;
        self.reports += 1;
        self.rtcp.protect_rtcp(Place { ssrc, index }, octets, start);
        true
    }
}
