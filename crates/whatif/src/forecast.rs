//! Calls of the days to come: the same day of the weeks before, with their growth; a holiday like the
//! holidays before it.

use std::collections::BTreeMap;

use dialplan::Calendar;
use jiff::civil::{Date, Weekday};

/// Weeks of the past that are looked at.
const WEEKS: i32 = 8;
/// How much less a week counts than the one after it.
const FADES: f64 = 0.75;
/// The most by which calls grow from one week to the next: an epidemic triples them.
const GROWTH_MAX: f64 = 3.0;
/// Days before which nothing is foreseen.
pub const DAYS_MIN: usize = 14;

/// Calls of each hour of some days, by the clock on the wall.
pub type Days = BTreeMap<Date, [f64; 24]>;

/// What is foreseen.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// Calls of each hour.
    pub days: Days,
    /// By how much calls grow from one week to the next: 1 for not at all.
    pub growth: f64,
}

/// What kind of day it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    /// A working day from Monday to Friday.
    Working(i8),
    /// A Saturday or Sunday on which people work.
    Moved,
    /// A Saturday or Sunday.
    Weekend(i8),
    /// Another day on which nobody works.
    Holiday,
}

impl Class {
    fn of(day: Date, calendar: &Calendar) -> Class {
        let weekday = day.weekday();
        let is_weekend = matches!(weekday, Weekday::Saturday | Weekday::Sunday);
        let number = weekday.to_monday_zero_offset();
        match (calendar.is_working(day), is_weekend) {
            (true, false) => Class::Working(number),
            (true, true) => Class::Moved,
            (false, true) => Class::Weekend(number),
            (false, false) => Class::Holiday,
        }
    }

    /// Which days tell something of this one: those of the same class, or else the next best.
    fn kin(self) -> [fn(Class, Class) -> bool; 3] {
        let same = |this, other| this == other;
        let alike = |this: Class, other: Class| this.is_working() == other.is_working();
        [same, alike, |_, _| true]
    }

    fn is_working(self) -> bool {
        match self {
            Class::Working(_) | Class::Moved => true,
            Class::Weekend(_) | Class::Holiday => false,
        }
    }
}

/// Foresees `count` days from `first`, by the days before it; `None` if those are fewer than
/// [`DAYS_MIN`].
#[must_use]
pub fn forecast(past: &Days, calendar: &Calendar, first: Date, count: usize) -> Option<Forecast> {
    let known: Vec<Known> = past
        .range(..first)
        .filter_map(|(day, hours)| {
            let ago = days_between(*day, first);
            (ago <= 7 * WEEKS && hours.iter().sum::<f64>() > 0.0).then(|| Known {
                ago,
                class: Class::of(*day, calendar),
                hours,
            })
        })
        .collect();
    if known.len() < DAYS_MIN {
        return None;
    }
    let growth = growth(&known);
    let days = std::iter::successors(Some(first), |day| day.tomorrow().ok()).take(count);
    let days = days.map(|day| {
        let ahead = days_between(first, day);
        (day, like(&known, Class::of(day, calendar), ahead, growth))
    });
    Some(Forecast { days: days.collect(), growth })
}

/// The calls of the same hours a week before: what a forecast has to be better than.
#[must_use]
pub fn naive(past: &Days, first: Date, count: usize) -> Days {
    let days = std::iter::successors(Some(first), |day| day.tomorrow().ok()).take(count);
    let before = |day: Date| {
        // The last week that is known, for days farther off.
        let back = (days_between(first, day) / 7 + 1) * 7;
        day.checked_sub(jiff::Span::new().days(back)).ok().and_then(|day| past.get(&day))
    };
    days.map(|day| (day, before(day).copied().unwrap_or_default())).collect()
}

struct Known<'a> {
    /// Days before the first that is foreseen.
    ago: i32,
    class: Class,
    hours: &'a [f64; 24],
}

fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

/// The hours of a day of this class, `ahead` days after the first one.
fn like(known: &[Known<'_>], class: Class, ahead: i32, growth: f64) -> [f64; 24] {
    for is_kin in class.kin() {
        let (mut sums, mut weights) = ([0.0; 24], 0.0);
        for day in known.iter().filter(|day| is_kin(class, day.class)) {
            let weeks = f64::from(day.ago) / 7.0;
            let weight = FADES.powf(weeks);
            let grown = growth.powf(f64::from(day.ago + ahead) / 7.0);
            weights += weight;
            for (sum, calls) in sums.iter_mut().zip(day.hours) {
                *sum += weight * grown * calls;
            }
        }
        if weights > 0.0 {
            return sums.map(|sum| sum / weights);
        }
    }
    [0.0; 24]
}

/// The growth from week to week: the slope of the logarithm of each day's calls, compared with other days
/// of its class alone. The less it stands out of the noise, the less of it is believed.
fn growth(known: &[Known<'_>]) -> f64 {
    let mut classes: BTreeMap<Class, Vec<(f64, f64)>> = BTreeMap::new();
    for day in known {
        let week = -f64::from(day.ago) / 7.0;
        let calls = day.hours.iter().sum::<f64>();
        classes.entry(day.class).or_default().push((week, calls.ln()));
    }
    let (mut xx, mut xy, mut yy, mut free) = (0.0, 0.0, 0.0, -1.0);
    for points in classes.values() {
        let count = points.len() as f64;
        let middle = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
        let (week, level) = (middle(|point| point.0), middle(|point| point.1));
        for (x, y) in points {
            xx += (x - week) * (x - week);
            xy += (x - week) * (y - level);
            yy += (y - level) * (y - level);
        }
        free += count - 1.0;
    }
    if xx <= 0.0 || free < 1.0 {
        return 1.0;
    }
    let slope = xy / xx;
    let error = ((yy - slope * xy).max(0.0) / free / xx).sqrt();
    let signal = slope * slope;
    let believed = if signal > 0.0 { signal / (signal + error * error) } else { 0.0 };
    (slope * believed).exp().clamp(1.0 / GROWTH_MAX, GROWTH_MAX)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// Weeks with a rhythm: Mondays are busiest, weekends quiet, mornings busier than nights.
    fn weeks(count: i32, growth: f64) -> Days {
        let first = date(2026, 9, 7);
        (0..count * 7)
            .map(|n| {
                let day = first.checked_add(jiff::Span::new().days(n)).unwrap();
                let of_day = [1.3, 1.0, 1.0, 1.0, 0.9, 0.4, 0.3][usize::try_from(n % 7).unwrap()];
                let grown = growth.powf(f64::from(n) / 7.0);
                let hour = |h: usize| if (8..20).contains(&h) { 50.0 } else { 5.0 };
                (day, std::array::from_fn(|h| hour(h) * of_day * grown))
            })
            .collect()
    }

    fn total(hours: &[f64; 24]) -> f64 {
        hours.iter().sum()
    }

    #[test]
    fn the_rhythm_of_the_week_comes_again() {
        let (past, calendar) = (weeks(6, 1.0), Calendar::default());
        let told = forecast(&past, &calendar, date(2026, 10, 19), 7).unwrap();
        assert!((told.growth - 1.0).abs() < 1e-6);
        for (n, hours) in told.days.values().enumerate() {
            let before = past.values().nth(n).unwrap();
            assert!((total(hours) - total(before)).abs() < 1e-6, "{n}");
        }
        for (day, hours) in naive(&past, date(2026, 10, 19), 7) {
            assert!((total(&hours) - total(&told.days[&day])).abs() < 1e-6, "{day}");
        }
    }

    #[test]
    fn growth_goes_on() {
        let (past, calendar) = (weeks(6, 1.2), Calendar::default());
        let told = forecast(&past, &calendar, date(2026, 10, 19), 7).unwrap();
        assert!((told.growth - 1.2).abs() < 1e-3, "{}", told.growth);
        let will_be = weeks(7, 1.2);
        let (day, hours) = told.days.first_key_value().unwrap();
        let error = total(hours) / total(&will_be[day]) - 1.0;
        assert!(error.abs() < 0.01, "{error}");
        // A week that triples, and no more than that.
        let told = forecast(&weeks(4, 10.0), &calendar, date(2026, 10, 5), 7).unwrap();
        assert!((told.growth - GROWTH_MAX).abs() < 1e-9);
    }

    #[test]
    fn a_holiday_is_like_a_day_off_and_a_moved_day_like_a_working_day() {
        let past = weeks(6, 1.0);
        let prompts = std::collections::BTreeSet::from(["music".into()]);
        let plan = dialplan::load_str(&[("line.toml", PLAN)], &prompts);
        let (plan, _) = plan.unwrap_or_else(|findings| panic!("{findings:?}"));
        let told = forecast(&past, &plan.calendar, date(2026, 10, 19), 7).unwrap();
        let day = |n| total(&told.days[&date(2026, 10, n)]);
        // Tuesday the 20th is off, Saturday the 24th is a working day.
        assert!(day(20) < day(21) / 2.0, "{} {}", day(20), day(21));
        assert!(day(24) > day(25) * 2.0, "{} {}", day(24), day(25));
    }

    #[test]
    fn two_weeks_must_be_known() {
        let past = weeks(2, 1.0);
        let told = |first| forecast(&past, &Calendar::default(), first, 7);
        assert!(told(date(2026, 9, 21)).is_some() && told(date(2026, 9, 20)).is_none());
    }

    const PLAN: &str = r#"
        [region]
        name = "Область"
        time_zone = "Europe/Moscow"
        area_code = "4812"
        [service]
        numbers = ["122"]
        start = "queue:drugs"
        [holidays]
        off = ["20.10.2026"]
        working = ["24.10.2026"]
        [queues.drugs]
        topic = "Лекарства"
        music = "music"
        overflow = { after = "10m", to = "hangup" }
        serve = [{ group = "operators" }]
        [groups.operators]
        title = "Операторы"
        agents = ["201"]
        [agents.201]
        name = "Анна"
        kind = "operator"
        password = "secret"
    "#;
}
