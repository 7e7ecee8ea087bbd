//! Messages sent without a transaction: the ACK to a 2xx, an ACK that a proxy forwards, a response.
//! They are located as requests are, but are sent once and never fail over.

use ambient::Now;

use super::timers::{Owner, Timer};
use super::{DNS_PENDING_MAX, Endpoint};
use crate::locate::{self, DnsRecord, Locator};
use crate::{Message, NextHop};

/// A message without a transaction that is being located.
#[derive(Debug)]
pub(super) struct Loose {
    message: Message,
    locator: Locator,
    question: Option<u64>,
}

impl Endpoint {
    pub(super) fn send_loose(&mut self, now: Now, message: Message, to: NextHop) {
        let secure = message.needs_tls();
        let uri = match to {
            NextHop::Flow(flow) if secure && !flow.transport.is_secure() => return,
            NextHop::Flow(flow) => {
                self.send_once(message, flow);
                return;
            }
            NextHop::Uri(uri) => uri,
        };
        if self.loose.len() >= DNS_PENDING_MAX {
            return; // as good as lost: an ACK is sent again when its 2xx is
        }
        let id = self.new_id();
        let locator = Locator::new(&uri.as_uri(), secure, self.reach);
        self.loose.insert(id, Loose { message, locator, question: None });
        self.loose_next(now, id);
    }

    pub(super) fn loose_located(&mut self, now: Now, id: u64, records: &[DnsRecord]) {
        let Some(loose) = self.loose.get_mut(&id) else { return };
        loose.question = None;
        self.out.clock.disarm(&(Owner::Loose(id), Timer::Locate));
        loose.locator.answer(records, &mut self.entropy);
        self.loose_next(now, id);
    }

    fn loose_next(&mut self, now: Now, id: u64) {
        let Some(loose) = self.loose.get_mut(&id) else { return };
        match loose.locator.next(|flow| self.penalties.is_down(now.mono, flow)) {
            locate::Step::Try(flow) => {
                let message = self.loose.remove(&id).map(|loose| loose.message);
                if let Some(message) = message {
                    self.send_once(message, flow);
                }
            }
            locate::Step::Ask(name, kind) => match self.ask(Owner::Loose(id), name, kind) {
                Some(question) => {
                    if let Some(loose) = self.loose.get_mut(&id) {
                        loose.question = Some(question);
                    }
                    let at = now.mono + self.config.t1 * 64;
                    self.out.clock.arm((Owner::Loose(id), Timer::Locate), at);
                }
                None => self.forget_loose(id),
            },
            locate::Step::Done => self.forget_loose(id),
        }
    }

    pub(super) fn forget_loose(&mut self, id: u64) {
        if let Some(question) = self.loose.remove(&id).and_then(|loose| loose.question) {
            self.asked.remove(&question);
        }
    }
}
