//! Who answers an INVITE that nobody waits for any more: each 2xx is acknowledged (RFC 3261 §13.2.2.4), and its dialog
//! ended at once, instead of leaving somebody with a silent call.

use ambient::Now;
use sip::{ClientTx, Dialog, Endpoint, Message, Method, NextHop};

use super::cseq_of;

/// Phones of one INVITE that are remembered: twice as many as early dialogs.
const PHONES_MAX: usize = 16;

/// The phones of one INVITE, as far as something was sent to them beside it.
#[derive(Debug, Default)]
pub(super) struct InVain(Vec<Phone>);

#[derive(Debug)]
struct Phone {
    tag: Box<str>,
    /// The last number of its dialog that a request of ours has.
    used: u32,
    /// It was told the end.
    is_ended: bool,
}

impl InVain {
    /// A request in the early dialog of this phone has used a number, so that no other may (RFC 3261 §12.2.1.1).
    pub(super) fn used(&mut self, tag: &str, number: u32) {
        if let Some(phone) = self.phone(tag) {
            phone.used = number;
        }
    }

    /// Acknowledges a 2xx and ends its dialog; a copy of it is acknowledged again, and not ended twice.
    pub(super) fn end(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        response: &Message,
    ) -> Option<ClientTx> {
        let phone = self.phone(response.to_tag()?)?;
        // Of the INVITE only its CSeq is needed, which the response repeats.
        let mut dialog = Dialog::uac(response, response).ok()?;
        let hop = NextHop::Uri(dialog.next_hop());
        endpoint.send(now, dialog.ack(cseq_of(response).unwrap_or(1)), hop.clone());
        if std::mem::replace(&mut phone.is_ended, true) {
            return None;
        }
        dialog.local_seq = dialog.local_seq.max(phone.used);
        Some(endpoint.request(now, dialog.request(Method::Bye), hop))
    }

    /// The phone with this tag, if it is known or there is room for it.
    fn phone(&mut self, tag: &str) -> Option<&mut Phone> {
        let known = self.0.iter().position(|phone| *phone.tag == *tag);
        let at = known.unwrap_or(self.0.len());
        if at == PHONES_MAX {
            return None;
        }
        if at == self.0.len() {
            self.0.push(Phone { tag: tag.into(), used: 0, is_ended: false });
        }
        Some(&mut self.0[at])
    }
}
