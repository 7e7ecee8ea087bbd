//! Who is needed when, as a table.

use std::io::{self, Write};

use whatif::staffing::DayPlan;

use super::{Shown, weekday};
use crate::language::Language;
use crate::report::Sheet;

/// Prints the hours of all days, the back-test, and what the numbers mean.
pub(super) fn print(out: &mut impl Write, shown: &Shown<'_>, language: Language) -> io::Result<()> {
    let Shown { region, wanted, staffing } = shown;
    let (share, within) = (wanted.share * 100.0, wanted.within.as_secs());
    match language {
        Language::English => writeln!(
            out,
            "{region}: agents that are needed to answer {share:.0} % of the calls within {within} s"
        ),
        Language::Russian => {
            writeln!(
                out,
                "{region}: сколько нужно операторов, чтобы ответить на {share:.0} % звонков за {within} с"
            )
        }
    }?;
    writeln!(
        out,
        "{}",
        language.pick("calls → by Erlang C (by Erlang A)", "звонков → по Эрлангу C (по Эрлангу A)")
    )?;
    writeln!(out)?;
    let heads = staffing.days.iter().map(|day| heading(day, language));
    let mut sheet = Sheet::new(std::iter::once(String::new()).chain(heads));
    for hour in 0..24 {
        let cells = staffing.days.iter().map(|day| {
            let of = day.hours[hour];
            format!("{:.0} → {} ({})", of.calls, of.erlang_c, of.erlang_a)
        });
        sheet.row(std::iter::once(format!("{hour:>2}:00")).chain(cells).collect());
    }
    let of_day = |day: &DayPlan| {
        let calls: f64 = day.hours.iter().map(|hour| hour.calls).sum();
        let c: u32 = day.hours.iter().map(|hour| hour.erlang_c).sum();
        let a: u32 = day.hours.iter().map(|hour| hour.erlang_a).sum();
        format!("{calls:.0} → {c} ({a})")
    };
    let all = language.pick("agent hours", "человеко-часы").to_owned();
    sheet.row(std::iter::once(all).chain(staffing.days.iter().map(of_day)).collect());
    sheet.print(out)?;
    writeln!(out)?;
    basis(out, shown, language)?;
    back_test(out, shown, language)?;
    writeln!(
        out,
        "{}",
        language.pick(
            "Erlang C: nobody hangs up. Erlang A: callers hang up as in the past, so that fewer agents do. \
             Both count\nagents who are ready, one queue for all topics; breaks and absences come on top.",
            "Эрланг C: никто не кладёт трубку. Эрланг A: звонящие кладут трубку как прежде, поэтому людей \
             нужно меньше.\nСчитаются готовые к работе операторы и одна очередь на все темы; перерывы и \
             отсутствия прибавьте сами."
        )
    )
}

fn heading(day: &DayPlan, language: Language) -> String {
    let off = if day.working { "" } else { language.pick(" off", " вых.") };
    format!("{}{off} {}", weekday(day.day.weekday(), language), day.day.strftime("%d.%m"))
}

/// What the plan is made of.
fn basis(out: &mut impl Write, shown: &Shown<'_>, language: Language) -> io::Result<()> {
    let of = &shown.staffing;
    let growth = (of.growth - 1.0) * 100.0;
    let (handling, patience, days) = (of.handling, of.patience, of.history);
    let minimum = shown.wanted.minimum;
    match language {
        Language::English => writeln!(
            out,
            "From {days} days: {growth:+.1} % from week to week, a call takes an agent {handling:.0} s (ring, talk, \
             wrap-up), callers wait {patience:.0} s on average before they hang up; never fewer than {minimum}."
        ),
        Language::Russian => writeln!(
            out,
            "По {days} дням: {growth:+.1} % от недели к неделе, звонок занимает оператора на {handling:.0} с (вызов, \
             разговор, постобработка), звонящие ждут в среднем {patience:.0} с, прежде чем положить трубку; не \
             меньше {minimum}."
        ),
    }
}

/// How good such forecasts would have been.
fn back_test(out: &mut impl Write, shown: &Shown<'_>, language: Language) -> io::Result<()> {
    let Some(test) = &shown.staffing.back_test else {
        return writeln!(
            out,
            "{}",
            language.pick(
                "The history is too short to hold out a week and try the forecast on it.",
                "История слишком коротка, чтобы проверить прогноз на отложенной неделе."
            )
        );
    };
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    let [hourly, hourly_naive, daily, daily_naive, least] =
        [test.hourly, test.hourly_naive, test.daily, test.daily_naive, test.least].map(percent);
    let weeks = test.weeks.len();
    match language {
        Language::English => writeln!(
            out,
            "Tried on the last weeks, each by those before it ({weeks}): wrong by {hourly} of the calls by hour (a week \
             like the last one: {hourly_naive}; by chance alone: {least}), {daily} by day ({daily_naive}).\n\
             WAPE: the sum of all errors without their signs ÷ the sum of all calls."
        ),
        Language::Russian => writeln!(
            out,
            "Проверка на последних неделях, каждая по предыдущим ({weeks}): ошибка {hourly} звонков по часам (если \
             считать неделю такой же, как прошлая: {hourly_naive}; одна случайность: {least}), {daily} по дням \
             ({daily_naive}).\nWAPE: сумма всех ошибок без знака ÷ сумма всех звонков."
        ),
    }
}
