//! What the language has and no part of the program obeys yet: an admin must not rely on it.

use crate::compile::entries;
use crate::findings::Findings;
use crate::read::{Field, TargetText};
use crate::source::{At, Spot};
use crate::tables::{CallBackTable, ClosedTable, OverflowTable, QueueTable, Root};

/// Warns of rules that are read and not obeyed.
pub(super) fn warn(root: &Root, findings: &mut Findings) {
    if let Some(at) = root.recording.given() {
        tell(at.spot, "talks are not recorded", findings);
    }
    let defaults = root.queue_defaults.or_empty();
    let queues: Vec<&QueueTable> = entries(&root.queues).map(|(.., queue)| queue).collect();
    let call_back = queues.iter().map(|queue| &queue.call_back).chain([&defaults.call_back]);
    for spot in call_back.filter_map(offer) {
        tell(spot, "waiting callers are not offered a call-back", findings);
    }
    let overflow = queues.iter().map(|queue| &queue.overflow).chain([&defaults.overflow]);
    let closed = queues.iter().map(|queue| &queue.closed).chain([&defaults.closed]);
    for spot in overflow.filter_map(overflow_to).chain(closed.filter_map(closed_to)) {
        tell(spot, "nobody is rung back: such a call ends", findings);
    }
}

fn tell(spot: Spot, what: &str, findings: &mut Findings) {
    findings
        .warning(spot, format!("not yet in force in this version: {what}"))
        .remedy("leave it for a later version, and do not rely on it");
}

fn offer(field: &Field<CallBackTable>) -> Option<Spot> {
    let offer = field.value()?.offer.given()?;
    offer.value.then_some(offer.spot)
}

fn overflow_to(field: &Field<OverflowTable>) -> Option<Spot> {
    call_back(field.value()?.to.given()?)
}

fn closed_to(field: &Field<ClosedTable>) -> Option<Spot> {
    call_back(field.value()?.to.given()?)
}

fn call_back(to: &At<TargetText>) -> Option<Spot> {
    matches!(to.value, TargetText::CallBack).then_some(to.spot)
}
