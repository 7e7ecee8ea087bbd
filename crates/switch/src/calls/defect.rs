//! A defect shows itself as a panic: the call that met it ends alone, and is recorded.
//!
//! What the call holds is freed by the books that others keep of it, since the call itself may be half
//! changed. The cores that it works with are whole as long as the panic was not within one of them;
//! since nobody can tell, a line that fails more than [`DEFECTS_MAX`] times is ended as a whole, as it
//! is by a panic anywhere else. Its supervisor starts it anew, and the journal tells which calls were
//! cut off.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use journal::{CallId, HangupBy, Outcome};
use proxy::Party;

use super::desk::Desk;
use super::{Call, Calls};

/// Calls that may end by a defect before the line starts anew.
const DEFECTS_MAX: u32 = 10;

impl Calls {
    /// Lets a call act; if that panics, the call ends.
    pub(super) fn guarded(
        &mut self,
        desk: &mut Desk<'_>,
        id: CallId,
        act: impl FnOnce(&mut Call, &mut Desk<'_>),
    ) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        // The call is thrown away if it was left half changed.
        let Err(panic) = catch_unwind(AssertUnwindSafe(|| act(call, desk))) else { return };
        self.defects += 1;
        if self.defects > DEFECTS_MAX {
            resume_unwind(panic);
        }
        tracing::error!(call = %id, what = text_of(&*panic), "a defect ends this call");
        desk.counters.calls_failed_total += 1;
        if let Some(mut call) = self.calls.remove(&id) {
            call.bury(desk);
        }
    }
}

impl Call {
    /// Frees everything that stands in this call's name, in whatever state it is.
    fn bury(&mut self, desk: &mut Desk<'_>) {
        let held = desk.book.held_by(self.id);
        for offer in held.offers {
            desk.book.forget_offer(offer);
        }
        desk.queue(queue::Input::Leaves { call: self.id, why: queue::LeaveReason::Abandoned });
        for agent in held.agents {
            desk.agent_leaves(&agent, self.id);
        }
        if let Party::Trunk(trunk) = &self.from
            && std::mem::take(&mut self.holds_trunk)
        {
            desk.proxy.count_trunk_call(trunk, false);
        }
        for leg in held.legs {
            desk.hang_up(leg);
        }
        for stream in held.streams {
            desk.close_stream(stream);
        }
        desk.book.forget_timers(self.id);
        desk.book.outgoing.ended(self.id);
        self.write_record(desk, Outcome::Broken, HangupBy::System);
    }
}

fn text_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("a panic")
}
