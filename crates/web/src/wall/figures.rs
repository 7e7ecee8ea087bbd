//! The figures of today, from the records: read once whole, then as far as calls have ended since.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ambient::Wall as Clock;
use casework::{Casework, Trouble};
use dialplan::Dialplan;
use jiff::ToSpan;
use jiff::tz::TimeZone;
use journal::CallId;
use records::{CallsAsked, DatabaseError, Load, Reader};
use report::day::{QUARTERS, quarter_of};
use report::{Day, Kind, Line, Period};

use crate::reader::Records;

/// The usual day is the mean of the same weekday in so many weeks before.
const WEEKS: i64 = 4;

/// What the wall shows of the day.
#[derive(Debug)]
pub(crate) struct Figures {
    /// The line's.
    pub(crate) line: Line,
    /// Calls by the quarter of an hour in which they arrived, until now.
    pub(crate) today: Vec<u32>,
    /// The same of a usual day, if there was one.
    pub(crate) usual: Option<Vec<f64>>,
    /// Cases.
    pub(crate) load: Load,
}

/// Keeps up the figures.
pub(crate) struct Today {
    casework: Arc<Casework>,
    /// On a connection of their own: the first look of a day takes a while.
    records: Records,
    kept: Arc<Mutex<Option<Kept>>>,
}

/// What was counted.
struct Kept {
    day: Day,
    within: Duration,
    /// As far as the journal was read.
    place: i64,
    usual: Option<Vec<f64>>,
}

impl Today {
    /// Figures of these records and cases.
    pub(crate) fn new(casework: Arc<Casework>, records: &Records) -> Today {
        Today { casework, records: records.apart(), kept: Arc::default() }
    }

    /// The figures now.
    ///
    /// # Errors
    /// If they cannot be read.
    pub(crate) async fn look(&self) -> Result<Figures, Trouble> {
        let (now, plan) = (self.casework.now(), self.casework.plan());
        let millis = now.unix_millis();
        let load = self.casework.ask(move |books| books.load(millis)).await?;
        let kept = self.kept.clone();
        let read = move |reader: &mut Reader| {
            // Taken out: what is counted halfway, when the records fail, is forgotten.
            let known = kept.lock().unwrap_or_else(PoisonError::into_inner).take();
            let counted = count(reader, known, &plan, now)?;
            let zone = &plan.region.zone;
            let until = (quarter_of(now, zone) + 1).min(QUARTERS);
            let figures = Figures {
                line: counted.day.line(),
                today: counted.day.curve().iter().take(until).copied().collect(),
                usual: counted.usual.clone(),
                load,
            };
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(counted);
            Ok(figures)
        };
        self.records.ask(read).await
    }
}

/// Counts what has ended since, or begins a new day.
fn count(
    reader: &mut Reader,
    known: Option<Kept>,
    plan: &Dialplan,
    now: Clock,
) -> Result<Kept, DatabaseError> {
    let (zone, within) = (&plan.region.zone, plan.wall.within);
    // No calendar goes so far: a day without calls.
    let Ok(period) = Period::running(Kind::Day, now, zone) else { return Ok(Kept::none(now)) };
    let known = known.filter(|kept| kept.within == within && *kept.day.period() == period);
    let (mut kept, mut twice) = match known {
        Some(kept) => (kept, BTreeSet::new()),
        None => Kept::begin(reader, period, plan)?,
    };
    kept.place = reader.each_ended_behind(kept.place, |record| {
        if !twice.remove(&record.call) {
            kept.day.call(&record, plan);
        }
        Ok::<_, DatabaseError>(())
    })?;
    Ok(kept)
}

impl Kept {
    /// Reads what there is of a day; gives the calls that may be in the journal behind the place as well.
    fn begin(
        reader: &mut Reader,
        period: Period,
        plan: &Dialplan,
    ) -> Result<(Kept, BTreeSet<CallId>), DatabaseError> {
        let (zone, within) = (&plan.region.zone, plan.wall.within);
        let usual = usual(reader, &period, plan)?;
        let place = reader.last_place()?;
        let (day, counted) = read(reader, Day::new(period, zone.clone(), within), plan)?;
        Ok((Kept { day, within, place, usual }, counted))
    }

    fn none(now: Clock) -> Kept {
        let (zone, within) = (TimeZone::UTC, Duration::ZERO);
        let first = jiff::civil::Date::ZERO;
        let period = Period { kind: Kind::Day, first, last: first, from: now, until: now };
        Kept { day: Day::new(period, zone, within), within, place: 0, usual: None }
    }
}

/// The calls of a day that have ended.
fn read(
    reader: &mut Reader,
    mut day: Day,
    plan: &Dialplan,
) -> Result<(Day, BTreeSet<CallId>), DatabaseError> {
    let mut counted = BTreeSet::new();
    let Period { from, until, .. } = *day.period();
    let asked = CallsAsked { from: Some(from), until: Some(until), ..CallsAsked::default() };
    reader.each_call(&asked, |call| {
        counted.insert(call.record.call);
        day.call(&call.record, plan);
        Ok::<_, DatabaseError>(())
    })?;
    Ok((day, counted))
}

/// The mean of the same weekday before. A day without a single call was no day of the line: it is left
/// out.
#[allow(clippy::cast_precision_loss)] // at most four
fn usual(
    reader: &mut Reader,
    today: &Period,
    plan: &Dialplan,
) -> Result<Option<Vec<f64>>, DatabaseError> {
    let zone = &plan.region.zone;
    let mut sum = [0_u32; QUARTERS];
    let mut days = 0_usize;
    for weeks in 1..=WEEKS {
        let Ok(first) = today.first.checked_sub((7 * weeks).days()) else { continue };
        let Ok(period) = Period::with(Kind::Day, first, zone) else { continue };
        let day = Day::new(period, zone.clone(), plan.wall.within);
        let (day, _) = read(reader, day, plan)?;
        days += usize::from(day.curve().iter().any(|calls| *calls > 0));
        for (sum, calls) in sum.iter_mut().zip(day.curve()) {
            *sum += calls;
        }
    }
    let mean = |sum: u32| f64::from(sum) / days as f64;
    Ok((days > 0).then(|| sum.into_iter().map(mean).collect()))
}
