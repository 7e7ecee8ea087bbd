//! The calls of today and of four weeks, so that there is a curve and something to compare it with.

use std::path::Path;
use std::sync::mpsc;

use ambient::{Entropy, Wall};
use dialplan::{Dialplan, Number};
use journal::{CallId, CallRecord, Entry, HangupBy, Origin, Outcome, Sequence, Step, StepKind};
use records::{JournalWriter, Place, Recent};

/// Calls of each hour of a day.
const HOURS: [u64; 24] = [
    6, 4, 3, 3, 4, 8, 25, 70, 150, 190, 180, 165, 140, 130, 140, 135, 120, 110, 90, 70, 45, 30, 18,
    10,
];
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// Writes the calls that ended before `now` into records in a folder.
pub(crate) fn write(folder: &Path, plan: &Dialplan, now: Wall) -> Result<Place, String> {
    let place = Place::sqlite(folder);
    let (told, durable) = mpsc::channel();
    let tell = move |upto: Sequence| {
        let _ = told.send(upto);
    };
    let (writer, _) = JournalWriter::open(&place, now, Recent::default(), tell)
        .map_err(|error| error.to_string())?;
    let number = plan.service.numbers.first().cloned().ok_or("the line has no number")?;
    let offset = 3 * HOUR; // of Moscow
    let midnight = (now.unix_millis() + offset).div_euclid(DAY) * DAY - offset;
    let mut entropy = Entropy::from_number(7);
    let mut last = 0;
    for weeks in 0..=4 {
        for (hour, calls) in (0..).zip(HOURS) {
            // No two days are alike.
            let calls = calls * (80 + entropy.below(45)) / 100;
            for _ in 0..calls {
                let within = i64::try_from(entropy.below(3_600_000)).unwrap_or(0);
                let at = midnight - weeks * 7 * DAY + hour * HOUR + within;
                let record = call(&mut entropy, at, &number);
                if record.steps.last().is_some_and(|step| step.at < now.unix_millis()) {
                    last += 1;
                    writer.append(Sequence(last), Entry::Ended(record));
                }
            }
        }
    }
    while durable.recv().map_err(|error| error.to_string())?.0 < last {}
    Ok(place)
}

fn call(entropy: &mut Entropy, at: i64, number: &Number) -> CallRecord {
    let wait = i64::try_from(entropy.below(8) * entropy.below(8) * 1000).unwrap_or(0);
    let is_lost = entropy.below(100) < 4;
    let talk = i64::try_from(60_000 + entropy.below(240_000)).unwrap_or(0);
    let step = |at, what| Step { at, what };
    let mut steps = vec![step(at, StepKind::Queued("operator".into()))];
    if is_lost {
        steps.push(step(at + wait, StepKind::Ended));
    } else {
        steps.push(step(at + wait, StepKind::Connected("1001".into())));
        steps.push(step(at + wait + talk, StepKind::Ended));
    }
    CallRecord {
        call: CallId::new(Wall::from_unix_millis(at), entropy),
        sip_call_id: "made-up".into(),
        caller: None,
        dialled: number.clone(),
        trunk: None,
        origin: Origin::Direct,
        queue: Some("operator".into()),
        agent: (!is_lost).then(|| "1001".into()),
        steps,
        outcome: if is_lost { Outcome::Abandoned } else { Outcome::Answered },
        hangup_by: HangupBy::Caller,
        dialplan: "made-up".into(),
    }
}
