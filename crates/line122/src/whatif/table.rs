//! The answer as a table.

use std::io::{self, Write};

use whatif::{Answer, Hour};

use super::Comparison;
use crate::language::Language;

const WIDTH: usize = 9;

/// Prints the hours and the whole day.
pub(super) fn print(
    out: &mut impl Write,
    comparison: &Comparison,
    language: Language,
) -> io::Result<()> {
    let Comparison { now, then, within, region } = comparison;
    let answers: Vec<&Answer> = std::iter::once(now).chain(then).collect();
    let level = language.pick(format!("in {within} s, %"), format!("за {within} с, %"));
    let groups = [
        (language.pick("calls an hour", "звонков в час").to_owned(), false),
        (language.pick("on duty", "дежурят").to_owned(), false),
        (language.pick("mean wait, s", "среднее ожидание, с").to_owned(), true),
        (level, true),
        (language.pick("lost, %", "потеряно, %").to_owned(), false),
    ];
    let columns = |with_erlang: bool| answers.len() + usize::from(with_erlang);
    writeln!(out, "{region}")?;
    write!(out, "{:>6}", "")?;
    for (title, with_erlang) in &groups {
        write!(out, " │ {title:^width$}", width = columns(*with_erlang) * WIDTH)?;
    }
    writeln!(out)?;
    write!(out, "{:>6}", language.pick("hour", "час"))?;
    for (_, with_erlang) in &groups {
        write!(out, " │ {:>WIDTH$}", language.pick("now", "сейчас"))?;
        if answers.len() > 1 {
            write!(out, "{:>WIDTH$}", language.pick("then", "станет"))?;
        }
        if *with_erlang {
            write!(out, "{:>WIDTH$}", language.pick("Erlang C", "Эрланг C"))?;
        }
    }
    writeln!(out)?;
    let asked = then.as_ref().unwrap_or(now);
    for at in 0..24 {
        if answers.iter().all(|answer| answer.figures.hours[at].calls == 0) {
            continue;
        }
        let erlang = asked.erlang[at];
        write!(out, "{at:>3}:00")?;
        let cells = |out: &mut dyn Write, cell: &dyn Fn(&Answer) -> String| {
            write!(out, " │ ")?;
            answers.iter().try_for_each(|answer| write!(out, "{:>WIDTH$}", cell(answer)))
        };
        cells(out, &|answer| format!("{:.1}", answer.figures.calls_a_day(at)))?;
        cells(out, &|answer| format!("{:.1}", answer.on_duty[at]))?;
        cells(out, &|answer| number(answer.figures.hours[at].mean_wait()))?;
        write!(out, "{:>WIDTH$}", seconds(erlang.mean_wait))?;
        cells(out, &|answer| percent(answer.figures.hours[at].service_level()))?;
        write!(out, "{:>WIDTH$}", percent(Some(erlang.service_level)))?;
        cells(out, &|answer| percent(answer.figures.hours[at].abandonment()))?;
        writeln!(out)?;
    }
    for (answer, name) in
        answers.iter().zip([language.pick("Now", "Сейчас"), language.pick("Then", "Станет")])
    {
        whole_day(out, name, &answer.figures.total(), *within, language)?;
    }
    if asked.made_up > 0 {
        let (before, after) = language.pick(
            ("agents whom the dialplan does not name: ", ""),
            ("не названы в правилах (dialplan), но дежурят: ", ""),
        );
        writeln!(out, "{before}{}{after}", asked.made_up)?;
    }
    writeln!(
        out,
        "{}",
        language.pick(
            "In time: answered or abandoned in time, of all answered or abandoned. Lost: hung up after more \
             than 5 s, of all.\nErlang C: nobody hangs up, all agents are alike; \"∞\" means that they never \
             catch up.",
            "В срок: отвечены или сброшены в срок, из всех отвеченных и сброшенных. Потеряно: трубка \
             положена позже чем через 5 с, из всех.\nЭрланг C: никто не кладёт трубку, все операторы \
             одинаковы; «∞» — очередь только растёт."
        )
    )
}

fn whole_day(
    out: &mut impl Write,
    name: &str,
    day: &Hour,
    within: u64,
    language: Language,
) -> io::Result<()> {
    let (wait, p95) = (number(day.mean_wait()), number(day.wait_p95()));
    let (level, lost) = (percent(day.service_level()), percent(day.abandonment()));
    match language {
        Language::English => writeln!(
            out,
            "{name}: mean wait {wait} s, 95 of 100 within {p95} s, in {within} s {level} %, lost {lost} %"
        ),
        Language::Russian => writeln!(
            out,
            "{name}: среднее ожидание {wait} с, 95 из 100 — до {p95} с, за {within} с — {level} %, \
             потеряно {lost} %"
        ),
    }
}

fn number(value: Option<f64>) -> String {
    value.map_or("–".into(), |value| format!("{value:.1}"))
}

fn seconds(value: f64) -> String {
    if value.is_infinite() { "∞".into() } else { format!("{value:.1}") }
}

fn percent(share: Option<f64>) -> String {
    number(share.map(|share| share * 100.0))
}
