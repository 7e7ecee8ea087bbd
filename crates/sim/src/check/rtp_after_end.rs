//! No RTP after the end: what the line has ended gets no packet more.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use ambient::{Mono, Now};

use super::dialogs::Change;
use super::{Check, Wrong, say};
use crate::tap::{Seen, Way};

/// Addresses of phones whose dialog is over: since when, and its Call-ID.
#[derive(Debug, Default)]
pub(super) struct RtpAfterEnd {
    ended: BTreeMap<SocketAddr, (Mono, String)>,
    judged: u64,
}

impl Check for RtpAfterEnd {
    fn name(&self) -> &'static str {
        "rtp-after-end"
    }

    fn see(&mut self, now: Now, seen: &Seen<'_>, wrong: &mut Vec<Wrong>) {
        match seen {
            Seen::Dialog(Change::Over(dialog)) => {
                if let Some(rtp) = dialog.rtp {
                    self.ended.insert(rtp, (now.mono, dialog.call_id.clone()));
                }
            }
            // Whoever is offered the address again may be sent to.
            Seen::Sip { way: Way::In, sip, .. } => {
                if let Some(rtp) = sip.rtp() {
                    self.ended.remove(&rtp);
                }
            }
            Seen::Rtp { way: Way::Out, peer, .. } => {
                self.judged += 1;
                if let Some((at, call)) = self.ended.get(peer)
                    && *at < now.mono
                {
                    say(wrong, format!("RTP to {peer} after the end at {at}"), &[call]);
                    self.ended.remove(peer);
                }
            }
            _ => {}
        }
    }

    fn judged(&self) -> u64 {
        self.judged
    }
}
