//! A report as tables, with the formulas below them.

use std::collections::BTreeSet;
use std::io::{self, Write};

use report::formulas;
use report::{DueRow, Kind, Line, QualityRow, Report, Row};

use super::sheet::Sheet;
use crate::language::Language;

/// The figures of a line, in the order of its columns.
const FIGURES: [&str; 14] = [
    "calls",
    "offered",
    "answered",
    "abandoned",
    "abandoned_short",
    "call_back_taken",
    "sent_away",
    "broken",
    "service_level",
    "service_level_answered",
    "abandonment",
    "mean_wait",
    "longest_wait",
    "mean_handling",
];

/// Prints all tables and then what their figures mean.
pub(super) fn print(out: &mut impl Write, report: &Report, language: Language) -> io::Result<()> {
    let mut told = Told { out, report, language, figures: BTreeSet::new() };
    told.heading()?;
    told.lines(&[("", std::slice::from_ref(&total(report, language)))])?;
    let worked = |rows: &[Row]| -> Vec<Row> {
        rows.iter().filter(|row| row.line.calls > 0).cloned().collect()
    };
    let hours: Vec<Row> = worked(&report.by_hour)
        .into_iter()
        .map(|row| Row { title: Some(format!("{:>2}:00", row.key)), ..row })
        .collect();
    let origins: Vec<Row> = report
        .by_origin
        .iter()
        .map(|row| Row { title: Some(origin(&row.key, language).to_owned()), ..row.clone() })
        .collect();
    let days = if report.by_day.len() > 1 { worked(&report.by_day) } else { Vec::new() };
    told.lines(&[
        (language.pick("By hour", "По часам"), &hours),
        (language.pick("By day", "По дням"), &days),
        (language.pick("By topic", "По темам"), &report.by_topic),
        (language.pick("By origin", "Откуда"), &origins),
        (language.pick("By number", "По набранному номеру"), &report.by_number),
    ])?;
    told.clinics()?;
    told.agents()?;
    told.due_times()?;
    told.quality()?;
    told.legend()
}

fn total(report: &Report, language: Language) -> Row {
    Row {
        key: language.pick("all", "всего").to_owned(), title: None, line: report.total.clone()
    }
}

struct Told<'a, W> {
    out: &'a mut W,
    report: &'a Report,
    language: Language,
    /// What was shown, and has to be explained.
    figures: BTreeSet<&'static str>,
}

impl<W: Write> Told<'_, W> {
    fn heading(&mut self) -> io::Result<()> {
        let Report { region, kind, first_day, last_day, running, .. } = self.report;
        let kind = match kind {
            Kind::Day => self.language.pick("day", "день"),
            Kind::Week => self.language.pick("week", "неделя"),
            Kind::Month => self.language.pick("month", "месяц"),
        };
        write!(self.out, "{region}: {kind} {first_day}")?;
        if first_day != last_day {
            write!(self.out, " – {last_day}")?;
        }
        if *running {
            write!(self.out, " {}", self.language.pick("(so far)", "(ещё идёт)"))?;
        }
        for (what, of) in [
            (self.language.pick("topic", "тема"), &self.report.topic),
            (self.language.pick("clinic", "поликлиника"), &self.report.clinic),
            (self.language.pick("group", "группа"), &self.report.group),
        ] {
            if let Some(of) = of {
                write!(self.out, ", {what} {of}")?;
            }
        }
        writeln!(self.out)
    }

    /// The head of a column; the figure will be explained.
    fn head(&mut self, figure: &'static str) -> String {
        self.figures.insert(figure);
        let formula = formulas::of(figure);
        let within = self.report.target.within;
        formula.map_or(String::new(), |of| of.in_words(within, self.language.into()).0)
    }

    fn heads(&mut self, first: &str, figures: &[&'static str]) -> Sheet {
        let heads: Vec<String> = figures.iter().map(|figure| self.head(figure)).collect();
        Sheet::new(std::iter::once(first.to_owned()).chain(heads))
    }

    fn lines(&mut self, parts: &[(&str, &[Row])]) -> io::Result<()> {
        for (title, rows) in parts {
            if rows.is_empty() {
                continue;
            }
            let mut sheet = self.heads("", &FIGURES);
            for row in *rows {
                let name = row.title.clone().unwrap_or_else(|| row.key.clone());
                sheet.row(std::iter::once(name).chain(cells(&row.line)).collect());
            }
            self.sheet(title, &sheet)?;
        }
        Ok(())
    }

    fn sheet(&mut self, title: &str, sheet: &Sheet) -> io::Result<()> {
        if sheet.is_empty() {
            return Ok(());
        }
        writeln!(self.out)?;
        if !title.is_empty() {
            writeln!(self.out, "{title}")?;
        }
        sheet.print(self.out)
    }

    fn clinics(&mut self) -> io::Result<()> {
        if self.report.clinics.is_empty() {
            return Ok(());
        }
        let mut sheet = self.heads("", &["clinic_calls", "share_in_time", "forwarded", "lost"]);
        for row in &self.report.clinics {
            sheet.row(vec![
                row.title.clone(),
                row.calls.to_string(),
                percent(row.share_in_time),
                row.forwarded.to_string(),
                row.lost.to_string(),
            ]);
        }
        let title = self.language.pick("Clinics", "Поликлиники");
        self.sheet(title, &sheet)
    }

    fn agents(&mut self) -> io::Result<()> {
        if self.report.agents.is_empty() {
            return Ok(());
        }
        let figures = ["at_work", "talking", "wrapping_up", "on_breaks", "occupancy", "not_taken"];
        let mut sheet = self.heads("", &figures);
        for row in &self.report.agents {
            sheet.row(vec![
                format!("{} {}", row.agent, row.name),
                clock(row.at_work),
                clock(row.talking),
                clock(row.wrapping_up),
                clock(row.on_breaks),
                percent(row.occupancy),
                row.not_taken.to_string(),
            ]);
        }
        let title = self.language.pick("Agents, hours:minutes", "Операторы, часы:минуты");
        self.sheet(title, &sheet)
    }

    fn due_times(&mut self) -> io::Result<()> {
        let report = self.report;
        let Some(times) =
            report.due_times.as_ref().filter(|times| times.total.opened + times.total.due > 0)
        else {
            return Ok(());
        };
        let heads = [
            self.language.pick("met", "в срок"),
            self.language.pick("late", "с опозданием"),
            self.language.pick("overdue", "просрочены"),
            self.language.pick("pending", "ещё есть время"),
        ];
        let opened = [self.head("opened"), self.head("due")];
        let share = self.head("share_met");
        let heads = heads.map(str::to_owned);
        let mut sheet =
            Sheet::new(std::iter::once(String::new()).chain(opened).chain(heads).chain([share]));
        let all = self.language.pick("all", "всего");
        let urgent = self.language.pick("urgent", "срочные");
        let mut row = |name: &str, row: &DueRow| {
            let counts = [row.opened, row.due, row.met, row.late, row.overdue, row.pending];
            let counts = counts.map(|count| count.to_string());
            let name = row.title.as_deref().or(row.topic.as_deref()).unwrap_or(name);
            sheet.row(
                std::iter::once(name.to_owned())
                    .chain(counts)
                    .chain([percent(row.share_met)])
                    .collect(),
            );
        };
        row(all, &times.total);
        row(urgent, &times.urgent);
        times.by_topic.iter().for_each(|topic| row("", topic));
        let title = self.language.pick("Due times of cases", "Сроки обращений");
        self.sheet(title, &sheet)
    }

    fn quality(&mut self) -> io::Result<()> {
        let report = self.report;
        let Some(quality) = &report.quality else { return Ok(()) };
        let measured = self.language.pick("measured", "измерено").to_owned();
        let heads = [self.head("median_mos"), self.head("share_poor")];
        let mut sheet = Sheet::new([String::new(), measured].into_iter().chain(heads));
        let mut row = |name: String, row: &QualityRow| {
            let mos = row.median_mos.map_or("–".into(), |mos| format!("{mos:.2}"));
            sheet.row(vec![name, row.measured.to_string(), mos, percent(row.share_poor)]);
        };
        row(self.language.pick("all", "всего").to_owned(), &quality.total);
        let (trunk, site) = self.language.pick(("trunk", "site"), ("транк", "площадка"));
        quality.by_trunk.iter().for_each(|of| row(format!("{trunk} {}", of.key), of));
        quality.by_site.iter().for_each(|of| row(format!("{site} {}", of.key), of));
        self.sheet(self.language.pick("How calls were heard", "Качество связи"), &sheet)
    }

    fn legend(&mut self) -> io::Result<()> {
        if self.report.rung_back > 0 {
            let name = self.head("rung_back");
            let reached = self.language.pick("reached", "дозвонились");
            let Report { rung_back, rung_back_reached, .. } = self.report;
            writeln!(self.out, "\n{name}: {rung_back}, {reached}: {rung_back_reached}")?;
        }
        writeln!(self.out)?;
        for formula in formulas::FORMULAS {
            if self.figures.contains(formula.figure) {
                let within = self.report.target.within;
                let (name, text) = formula.in_words(within, self.language.into());
                writeln!(self.out, "{name}: {text}")?;
            }
        }
        Ok(())
    }
}

fn cells(line: &Line) -> [String; 14] {
    let count = |count: u64| if count == 0 { "·".to_owned() } else { count.to_string() };
    [
        line.calls.to_string(),
        count(line.offered),
        count(line.answered),
        count(line.abandoned),
        count(line.abandoned_short),
        count(line.call_back_taken),
        count(line.sent_away),
        count(line.broken),
        percent(line.service_level),
        percent(line.service_level_answered),
        percent(line.abandonment),
        seconds(line.mean_wait),
        seconds(line.longest_wait),
        seconds(line.mean_handling),
    ]
}

/// Where calls came from, for people.
fn origin(key: &str, language: Language) -> &str {
    let (english, russian) = match key {
        "direct" => ("directly", "прямо на линию"),
        "retired" => ("an old number", "на старый номер"),
        "clinic:no-answer" => ("clinic: no answer", "поликлиника: не ответила"),
        "clinic:busy" => ("clinic: busy", "поликлиника: занято"),
        "clinic:unreachable" => ("clinic: unreachable", "поликлиника: недоступна"),
        "clinic:unconditional" => ("clinic: forwards all", "поликлиника: всё переводит"),
        "clinic:deflected" => ("clinic: passed on", "поликлиника: передала"),
        "clinic:chosen" => ("clinic: chosen in menu", "поликлиника: выбрано в меню"),
        "clinic:unknown" => ("clinic: cause not told", "поликлиника: без причины"),
        _ => (key, key),
    };
    language.pick(english, russian)
}

fn percent(share: Option<f64>) -> String {
    share.map_or("–".into(), |share| format!("{:.1} %", share * 100.0))
}

fn seconds(value: Option<f64>) -> String {
    value.map_or("–".into(), |value| format!("{value:.0}"))
}

/// Hours and minutes.
fn clock(seconds: f64) -> String {
    let minutes = (seconds / 60.0).round() as u64;
    format!("{}:{:02}", minutes / 60, minutes % 60)
}
