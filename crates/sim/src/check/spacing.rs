//! Packet spacing within bounds: a prompt's packets leave every 20 ms, with the time stamps of real
//! time (RFC 3550 §5.1).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use ambient::{Mono, Now};

use super::dialogs::Change;
use super::{Check, Wrong, say};
use crate::tap::{Seen, Way};

/// A header and 20 ms of G.711.
const AUDIO: usize = 12 + 160;
/// How far from its time a packet may be.
const EARLY_OR_LATE: Duration = Duration::from_millis(5);
#[derive(Debug)]
struct Last {
    at: Mono,
    sequence: u16,
    stamp: u32,
    source: u32,
    /// It may have kept a way open (RFC 6263 §4), just before words began.
    is_silence: bool,
}

/// The last packet of each way.
#[derive(Debug, Default)]
pub(super) struct Spacing {
    last: BTreeMap<(u16, SocketAddr), Last>,
    /// Which call wants RTP there.
    calls: BTreeMap<SocketAddr, String>,
    judged: u64,
}

impl Check for Spacing {
    fn name(&self) -> &'static str {
        "spacing"
    }

    fn see(&mut self, now: Now, seen: &Seen<'_>, wrong: &mut Vec<Wrong>) {
        match seen {
            Seen::Sip { way: Way::In, sip, .. } => {
                if let Some(rtp) = sip.rtp() {
                    self.calls.insert(rtp, sip.call_id.to_owned());
                }
            }
            Seen::Dialog(Change::Over(dialog)) => {
                self.calls.retain(|_, call| *call != dialog.call_id);
            }
            _ => {}
        }
        let Seen::Rtp { way: Way::Out, port, peer, packet, full: true } = seen else { return };
        if port % 2 == 1 || packet.len() != AUDIO {
            return;
        }
        let four = |at: usize| u32::from_be_bytes(packet[at..at + 4].try_into().unwrap_or([0; 4]));
        let this = Last {
            at: now.mono,
            sequence: u16::from_be_bytes([packet[2], packet[3]]),
            stamp: four(4),
            source: four(8),
            is_silence: packet[12..].windows(2).all(|pair| pair[0] == pair[1]),
        };
        let Some(last) = self.last.insert((*port, *peer), this) else { return };
        let next = (four(4), u16::from_be_bytes([packet[2], packet[3]]));
        let gap = now.mono.since(last.at);
        // A new talkspurt (RFC 3550 §5.1, the marker) begins when it begins.
        let begins = packet[1] & 0x80 != 0;
        if begins || last.source != four(8) {
            return;
        }
        if next.1 != last.sequence.wrapping_add(1) {
            return;
        }
        self.judged += 1;
        let stamped = Duration::from_micros(u64::from(next.0.wrapping_sub(last.stamp)) * 125);
        let off = gap.abs_diff(stamped);
        if off > EARLY_OR_LATE && !(last.is_silence && gap < stamped) {
            let what = format!(
                "a packet from {port} to {peer} comes {gap:?} after the one before, stamped {stamped:?}"
            );
            let calls: Vec<&str> = self.calls.get(peer).map(String::as_str).into_iter().collect();
            say(wrong, what, &calls);
        }
    }

    fn judged(&self) -> u64 {
        self.judged
    }
}
