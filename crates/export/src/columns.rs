//! The columns of a call, the same in every format.

use dialplan::Dialplan;
use records::{CallQuality, CallRow, EndedCall, SideQuality};

use crate::parquet::{Cell, Column, Kind};

/// The columns: text that is different in each row, names that come again and again, times, numbers with
/// so many digits behind the point.
pub const COLUMNS: [Column; 21] = [
    column("call", Kind::Text),
    column("arrived", Kind::Time),
    column("ended", Kind::Time),
    column("caller", Kind::Text),
    column("dialled", Kind::Name),
    column("trunk", Kind::Name),
    column("origin", Kind::Name),
    column("clinic", Kind::Name),
    column("queue", Kind::Name),
    column("agent", Kind::Name),
    column("outcome", Kind::Name),
    column("hangup_by", Kind::Name),
    column("waited", Kind::Number { digits: 3 }),
    column("talked", Kind::Number { digits: 3 }),
    column("dialplan", Kind::Name),
    column("caller_mos", Kind::Number { digits: 2 }),
    column("caller_loss", Kind::Number { digits: 4 }),
    column("caller_jitter", Kind::Number { digits: 1 }),
    column("callee_mos", Kind::Number { digits: 2 }),
    column("callee_loss", Kind::Number { digits: 4 }),
    column("callee_jitter", Kind::Number { digits: 1 }),
];

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind }
}

/// What a call says in each column. Numbers of citizens are masked where the dialplan wants it, or who asks
/// must not see them. Spans are seconds, jitter is milliseconds.
#[must_use]
pub fn cells(call: &EndedCall, plan: &Dialplan, whole_numbers: bool) -> [Cell; COLUMNS.len()] {
    let mut row = CallRow::of(&call.record);
    if plan.privacy.mask_numbers || !whole_numbers {
        row.caller = call.record.caller.as_ref().map(dialplan::Number::masked);
    }
    let quality = CallQuality::of(&call.heard);
    let seconds = |span: Option<i64>| Cell::Number(span.map(|span| span as f64 / 1000.0));
    let name = |name: &str| Cell::Text(Some(name.to_owned()));
    let side = |of: Option<SideQuality>| {
        [of.map(|of| of.mos), of.map(|of| of.loss), of.map(|of| of.jitter)].map(Cell::Number)
    };
    let [caller_mos, caller_loss, caller_jitter] = side(quality.caller);
    let [callee_mos, callee_loss, callee_jitter] = side(quality.callee);
    [
        Cell::Text(Some(row.call)),
        Cell::Time(Some(row.arrived_at)),
        Cell::Time(Some(row.ended_at)),
        Cell::Text(row.caller),
        Cell::Text(Some(row.dialled)),
        Cell::Text(row.trunk),
        name(row.origin),
        Cell::Text(row.clinic),
        Cell::Text(row.queue),
        Cell::Text(row.agent),
        Cell::Text(Some(row.outcome)),
        Cell::Text(Some(row.hangup_by)),
        seconds(row.waited),
        seconds(row.talked),
        Cell::Text(Some(row.dialplan)),
        caller_mos,
        caller_loss,
        caller_jitter,
        callee_mos,
        callee_loss,
        callee_jitter,
    ]
}
