//! People and phones of a world, and what happens to its line.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use ambient::Now;
use dialplan::{Dialplan, Number, QueueId};
use journal::{CallBackId, CaseId, Closing};
use sip::HeaderName;
use switch::Input;

use super::{LINE, World};
use crate::phone::{Phone, PhoneId, Voiced};
use crate::sparse::Speaker;
use crate::tap::Seen;

/// Addresses of phones: 127.1.0.1 and on, used again after fifteen million.
const HOSTS: usize = 240 * 250 * 250;

/// People and phones.
impl World {
    /// An address of the demo's trunk, which is all of loopback.
    fn new_address(&self) -> SocketAddr {
        let n = self.phones.len() % HOSTS;
        let (net, host) = ((n / 250 % 250) as u8, (n % 250) as u8 + 1);
        SocketAddr::new(Ipv4Addr::new(127, (n / 62_500) as u8 + 1, net, host).into(), 5060)
    }

    fn add_phone(&mut self, user: &str, address: SocketAddr) -> PhoneId {
        let id = PhoneId(self.phones.len());
        let phone = self.new_phone(id, user, address);
        self.phones.push(Some(phone));
        self.by_address.insert(address.ip(), id);
        id
    }

    fn new_phone(&mut self, id: PhoneId, user: &str, address: SocketAddr) -> Box<Phone> {
        let entropy = self.entropy.fork();
        let voiced = if self.full_phones {
            Voiced::Fully
        } else {
            Voiced::Sparsely(Speaker(u32::try_from(id.0).unwrap_or(u32::MAX).saturating_add(1)))
        };
        Box::new(Phone::new(self.now, address, LINE, user, voiced, entropy))
    }

    /// An agent's phone loses its power and starts anew: its calls are gone without a word, and it
    /// registers from another port, while the line still knows the one before.
    pub fn power_cycle(&mut self, id: PhoneId) {
        let Phone { address, woken_at, .. } = *self.phone(id);
        let user = self.phone(id).user().to_owned();
        if let Some(at) = woken_at {
            self.due.remove(&(at, id));
        }
        // Above those of its RTP.
        let port = 5062 + 2 * u16::try_from(self.entropy.below(400)).unwrap_or(0);
        let phone = self.new_phone(id, &user, SocketAddr::new(address.ip(), port));
        self.phones[id.0] = Some(phone);
        let now = self.now;
        self.phone_mut(id).register(now, &format!("demo-{user}"));
        self.settle();
    }

    /// A citizen's phone that reaches the line through the demo's trunk; no account.
    pub fn citizen(&mut self) -> PhoneId {
        let number = format!("+7910{:07}", self.phones.len());
        self.citizen_with(&number)
    }

    /// The same with this number.
    pub fn citizen_with(&mut self, number: &str) -> PhoneId {
        self.add_phone(number, self.new_address())
    }

    /// An agent's phone; it registers now.
    pub fn agent(&mut self, extension: &str) -> PhoneId {
        let id = self.add_phone(extension, self.new_address());
        let now = self.now;
        self.phone_mut(id).register(now, &format!("demo-{extension}"));
        self.settle();
        id
    }

    /// The phone at the address that the demo's clinic rings: 127.0.0.1:5091.
    pub fn clinic_phone(&mut self) -> PhoneId {
        self.add_phone("registry", SocketAddr::new(LINE.ip(), 5091))
    }

    /// The far end of a trunk: a phone for all numbers that are dialled there.
    pub fn outside(&mut self, address: SocketAddr) -> PhoneId {
        self.add_phone("outside", address)
    }

    /// Does something with a phone now.
    pub fn with_phone(&mut self, id: PhoneId, act: impl FnOnce(&mut Phone, Now)) {
        let now = self.now;
        act(self.phone_mut(id), now);
        self.settle();
    }

    /// Dials.
    pub fn dial(&mut self, id: PhoneId, number: &str) {
        self.dial_with(id, number, Vec::new());
    }

    /// Dials with further headers in the INVITE.
    pub fn dial_with(&mut self, id: PhoneId, number: &str, headers: Vec<(HeaderName, String)>) {
        self.with_phone(id, |phone, now| phone.dial(now, number, headers));
    }

    /// Presses keys.
    pub fn press(&mut self, id: PhoneId, keys: &str) {
        self.with_phone(id, |phone, now| phone.press(now, keys));
    }

    /// Takes the ringing call.
    pub fn answer(&mut self, id: PhoneId) {
        self.with_phone(id, Phone::answer);
    }

    /// Hangs up.
    pub fn hang_up(&mut self, id: PhoneId) {
        self.with_phone(id, Phone::hang_up);
    }

    /// A phone is taken away for good.
    pub fn take_away(&mut self, id: PhoneId) {
        if let Some(phone) = self.phones[id.0].take() {
            if self.by_address.get(&phone.address.ip()) == Some(&id) {
                self.by_address.remove(&phone.address.ip());
            }
            if let Some(at) = phone.woken_at {
                self.due.remove(&(at, id));
            }
        }
    }

    /// From now on the disk makes nothing durable.
    pub fn stall_disk(&mut self) {
        self.line.disk.set_stalls(self.now.mono, true);
    }

    /// The disk works again; all that waited is durable now.
    pub fn free_disk(&mut self) {
        self.line.disk.set_stalls(self.now.mono, false);
        self.settle();
    }

    /// The line's machine loses its power.
    pub fn crash(&mut self) {
        self.line.crash();
        self.dns.forget();
        if let Some(ears) = &mut self.ears {
            ears.crash();
        }
        self.tap.show(self.now, &Seen::Crashed);
    }

    /// The line starts again, from what the disk holds.
    pub fn restart(&mut self) {
        let (news, restored) = self.line.disk.recover();
        self.tap.durable(self.now, &news);
        self.line.start(self.now);
        self.line.restore(self.now, restored);
        self.tap.show(self.now, &Seen::Started);
        self.settle();
    }

    /// A supervisor closes a queue, or opens it again.
    ///
    /// # Panics
    /// If the line does not run.
    pub fn close_queue(&mut self, queue: QueueId, closing: Option<Closing>) {
        let switch = self.line.switch.as_mut().expect("the line runs");
        switch.close_queue(self.now, queue, closing);
        self.settle();
    }

    /// An agent asks for a call-back about a case.
    ///
    /// # Panics
    /// If the line does not run.
    pub fn call_back_about(
        &mut self,
        case: CaseId,
        caller: Number,
        queue: QueueId,
    ) -> Option<(CallBackId, bool)> {
        let switch = self.line.switch.as_mut().expect("the line runs");
        let opened = switch.call_back_about(self.now, case, caller, queue);
        self.settle();
        opened
    }

    /// A person sees to all who are to be called back.
    pub fn close_call_backs(&mut self) {
        // A status shows some of them.
        while let open @ [_, ..] = &*self.status().call_backs
            && let Some(switch) = &mut self.line.switch
        {
            for view in open {
                switch.withdraw_call_back(self.now, view.call_back, "supervisor");
            }
        }
        self.settle();
    }

    /// The line goes over to a new dialplan.
    pub fn replace_plan(&mut self, plan: Dialplan) {
        self.line.replace_plan(self.now, Arc::new(plan));
        self.settle();
    }

    /// The line is told to stop taking calls.
    pub fn drain(&mut self, limit: Duration) {
        let deadline = self.now.mono + limit;
        self.line.handle(self.now, Input::Drain { deadline });
        self.settle();
    }

    /// A defect shows itself while the line handles this call.
    #[cfg(debug_assertions)]
    pub fn fail_call(&mut self, call: journal::CallId) {
        if let Some(switch) = &mut self.line.switch {
            switch.fail_call(self.now, call);
        }
        self.settle();
    }
}
