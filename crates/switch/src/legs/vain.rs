//! Who answers an INVITE that nobody waits for any more: each 2xx is acknowledged (RFC 3261 §13.2.2.4), and its dialog
//! ended at once, instead of leaving somebody with a silent call.

use ambient::Now;
use sip::{ClientTx, Dialog, Endpoint, Message, Method, NextHop};

use super::cseq_of;

/// Phones of one INVITE that are ended.
const ENDED_MAX: usize = 8;

/// The tags of those who answered one INVITE for nothing, and were told the end.
#[derive(Debug, Default)]
pub(super) struct InVain(Vec<Box<str>>);

impl InVain {
    /// Acknowledges a 2xx and ends its dialog; a copy of it is acknowledged again, and not ended twice. `used` is the last
    /// number that was used in the dialog beside the INVITE's.
    pub(super) fn end(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        response: &Message,
        used: u32,
    ) -> Option<ClientTx> {
        let theirs = response.to_tag()?;
        let is_ended = self.0.iter().any(|tag| **tag == *theirs);
        if !is_ended {
            if self.0.len() == ENDED_MAX {
                return None;
            }
            self.0.push(theirs.into());
        }
        // Of the INVITE only its CSeq is needed, which the response repeats.
        let mut dialog = Dialog::uac(response, response).ok()?;
        let hop = NextHop::Uri(dialog.next_hop());
        endpoint.send(now, dialog.ack(cseq_of(response).unwrap_or(1)), hop.clone());
        if is_ended {
            return None;
        }
        dialog.local_seq = dialog.local_seq.max(used);
        Some(endpoint.request(now, dialog.request(Method::Bye), hop))
    }
}
