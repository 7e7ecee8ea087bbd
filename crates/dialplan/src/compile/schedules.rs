//! Schedules and the production calendar.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use super::region::time_zone;
use super::{Context, entries};
use crate::ScheduleId;
use crate::read::{DateRange, DayWord, Field, Many, Name};
use crate::schedule::{Calendar, DateSpan, DayKind, Schedule};
use crate::source::At;
use crate::tables::ScheduleTable;

/// How deep schedules may refer to each other.
const DEPTH_MAX: usize = 8;
/// How many schedules may be looked at to decide one.
const SIZE_MAX: usize = 100;
/// The most days that the production calendar may list.
const CALENDAR_DAYS_MAX: i64 = 366;

impl Context<'_> {
    /// All schedules, and the production calendar.
    pub(super) fn schedules(&mut self) -> (BTreeMap<ScheduleId, Schedule>, Arc<Calendar>) {
        let calendar = Arc::new(self.calendar());
        let mut building = Building { calendar: Arc::clone(&calendar), done: BTreeMap::new() };
        for (name, ..) in entries(&self.root.schedules) {
            self.schedule(name, &mut Vec::new(), &mut building);
        }
        let done = building.done.into_iter();
        let schedules = done.filter_map(|(name, built)| {
            Some((ScheduleId::from(&*name), Schedule::clone(&built?.schedule)))
        });
        (schedules.collect(), calendar)
    }

    /// Builds a schedule after those that it refers to; `way` are the names that lead here.
    fn schedule(
        &mut self,
        name: &str,
        way: &mut Vec<Arc<str>>,
        building: &mut Building,
    ) -> Option<Built> {
        if let Some(built) = building.done.get(name) {
            return built.clone();
        }
        let (name, spot, table) = self.root.schedules.value()?.get(name)?;
        way.push(Arc::clone(name));
        let mut extent = Extent { size: 1, depth: 1 };
        let mut parts = |context: &mut Self, names: &Field<Many<Name>>| {
            context.parts(names, way, building, &mut extent)
        };
        let (when, except, either) =
            (parts(self, &table.when), parts(self, &table.except), parts(self, &table.either));
        way.pop();
        let zone = table.time_zone.given().and_then(|written| time_zone(written, self.findings));
        let schedule = own_conditions(table);
        let built = Built {
            schedule: Arc::new(Schedule {
                zone,
                calendar: Arc::clone(&building.calendar),
                when,
                except,
                either,
                ..schedule
            }),
            extent,
        };
        let built = if extent.size > SIZE_MAX {
            self.findings
                .error(spot, format!("schedule \"{name}\" is made of more than {SIZE_MAX} others"))
                .remedy("write its hours and days out");
            None
        } else {
            Some(built)
        };
        building.done.insert(Arc::clone(name), built.clone());
        built
    }

    fn parts(
        &mut self,
        names: &Field<Many<Name>>,
        way: &mut Vec<Arc<str>>,
        building: &mut Building,
        extent: &mut Extent,
    ) -> Vec<Arc<Schedule>> {
        let mut parts = Vec::new();
        for At { spot, value } in names.value().map(|many| many.0.as_slice()).unwrap_or_default() {
            if !self.known("schedule", *spot, &value.0, &self.root.schedules) {
                continue;
            }
            if way.iter().any(|before| **before == *value.0) {
                self.findings
                    .error(*spot, format!("schedule \"{}\" depends on itself", value.0))
                    .remedy("remove one of the references");
                continue;
            }
            // Not built deeper than that either: the way is as long as the recursion.
            let part = match way.len() {
                DEPTH_MAX.. => None,
                _ => Some(self.schedule(&value.0, way, building)),
            };
            match part {
                Some(Some(part)) if part.extent.depth < DEPTH_MAX => {
                    extent.size += part.extent.size;
                    extent.depth = extent.depth.max(part.extent.depth + 1);
                    parts.push(part.schedule);
                }
                // It is wrong itself.
                Some(None) => {}
                Some(Some(_)) | None => {
                    let message =
                        format!("more than {DEPTH_MAX} schedules refer to each other in a row");
                    self.findings.error(*spot, message).remedy("write hours and days out");
                }
            }
        }
        parts
    }

    fn calendar(&mut self) -> Calendar {
        let mut calendar = Calendar::default();
        let Some(table) = self.root.holidays.value() else { return calendar };
        for (dates, kind) in [
            (&table.off, DayKind::Off),
            (&table.short, DayKind::Short),
            (&table.working, DayKind::Working),
        ] {
            for written in dates.value().map(|many| many.0.as_slice()).unwrap_or_default() {
                self.calendar_days(written, kind, &mut calendar);
            }
        }
        calendar
    }

    fn calendar_days(&mut self, written: &At<DateRange>, kind: DayKind, calendar: &mut Calendar) {
        let DateSpan::Once(first, last) = written.value.0 else {
            self.findings
                .error(written.spot, "the production calendar differs from year to year")
                .remedy("write the year: \"01.01.2027-08.01.2027\"");
            return;
        };
        if days_between(first, last) > CALENDAR_DAYS_MAX {
            self.findings
                .error(written.spot, format!("more than {CALENDAR_DAYS_MAX} days of the calendar"))
                .remedy("check the year");
            return;
        }
        for date in first.series(jiff::Span::new().days(1)).take_while(|date| *date <= last) {
            if calendar.days.insert(date, kind).is_some_and(|before| before != kind) {
                self.findings
                    .error(written.spot, format!("{date} is two kinds of day in [holidays]"))
                    .remedy("a day is one of off, short and working");
                return;
            }
        }
    }
}

/// Schedules built so far; `None` for one that is wrong.
struct Building {
    calendar: Arc<Calendar>,
    done: BTreeMap<Arc<str>, Option<Built>>,
}

#[derive(Clone)]
struct Built {
    schedule: Arc<Schedule>,
    extent: Extent,
}

/// What it takes to decide a schedule.
#[derive(Clone, Copy)]
struct Extent {
    /// How many schedules are looked at.
    size: usize,
    /// How many refer to each other in a row.
    depth: usize,
}

fn own_conditions(table: &ScheduleTable) -> Schedule {
    let mut schedule = Schedule::default();
    schedule.hours.extend(values(&table.hours).map(|hours| hours.0));
    schedule.dates.extend(values(&table.dates).map(|dates| dates.0));
    for day in values(&table.days).flat_map(|days| &days.0) {
        match day {
            DayWord::Weekday(day) => schedule.weekdays.push(*day),
            DayWord::Kind(kind) => schedule.kinds.push(*kind),
        }
    }
    schedule
}

fn values<T>(field: &Field<Many<T>>) -> impl Iterator<Item = &T> {
    field.value().into_iter().flat_map(|many| many.0.iter().map(|at| &at.value))
}

fn days_between(first: Date, last: Date) -> i64 {
    first.until(last).map_or(i64::MAX, |span| i64::from(span.get_days()))
}
