//! The report as a picture: the main figures, the calls by hour or day, topics, clinics, agents.

use crate::canvas::{BLUE, Canvas, GREEN, GREY, LEFT, MUTED, ORANGE, RIGHT, WIDTH};

use crate::formulas;
use crate::{Kind, Language, Report, Row};

/// Rows of a list that are drawn; the table has them all.
const ROWS_MAX: usize = 24;
/// The height of a row of bars.
const ROW: f64 = 22.0;
/// Where the bars of a list begin.
const BARS: f64 = 300.0;
const CHART: f64 = 170.0;

/// Draws an SVG.
#[must_use]
pub fn draw(report: &Report, language: Language) -> String {
    let mut sheet = Sheet { canvas: Canvas::default(), report, language, y: 44.0 };
    sheet.heading();
    sheet.tiles();
    sheet.calls(&by_hour(report), language.pick("Calls by hour", "Звонки по часам"));
    if report.by_day.len() > 1 {
        let days: Vec<(String, &Row)> =
            report.by_day.iter().map(|row| (short_day(&row.key), row)).collect();
        sheet.calls(&days, language.pick("Calls by day", "Звонки по дням"));
    }
    sheet.levels();
    sheet.topics();
    sheet.clinics();
    sheet.agents();
    sheet.footnotes();
    let height = sheet.y + 20.0;
    sheet.canvas.finish(height)
}

struct Sheet<'a> {
    canvas: Canvas,
    report: &'a Report,
    language: Language,
    /// How far down it is drawn.
    y: f64,
}

impl Sheet<'_> {
    fn heading(&mut self) {
        let Report { region, kind, first_day, last_day, running, .. } = self.report;
        self.canvas.text(LEFT, self.y, "19\" font-weight=\"bold", region);
        let kind = match kind {
            Kind::Day => self.language.pick("Day", "День"),
            Kind::Week => self.language.pick("Week", "Неделя"),
            Kind::Month => self.language.pick("Month", "Месяц"),
        };
        let mut line = format!("{kind} {}", long_day(first_day));
        if first_day != last_day {
            line += &format!(" – {}", long_day(last_day));
        }
        for part in [&self.report.topic, &self.report.clinic, &self.report.group] {
            line += &part.as_ref().map_or(String::new(), |part| format!(" · {part}"));
        }
        if *running {
            line += self.language.pick(" · so far", " · ещё идёт");
        }
        self.canvas.text(LEFT, self.y + 24.0, "14\" fill=\"#555", &line);
        self.y += 46.0;
    }

    /// The figures that a supervisor looks at first.
    fn tiles(&mut self) {
        let total = &self.report.total;
        let seconds = |value: Option<f64>| match self.language {
            Language::English => value.map_or("–".into(), |value| format!("{value:.0} s")),
            Language::Russian => value.map_or("–".into(), |value| format!("{value:.0} с")),
        };
        let tiles = [
            ("offered", total.offered.to_string()),
            ("answered", total.answered.to_string()),
            ("service_level", percent(total.service_level)),
            ("service_level_answered", percent(total.service_level_answered)),
            ("abandonment", percent(total.abandonment)),
            ("mean_wait", seconds(total.mean_wait)),
            ("mean_handling", seconds(total.mean_handling)),
        ];
        let step = (RIGHT - LEFT + 10.0) / tiles.len() as f64;
        for (nth, (figure, value)) in tiles.iter().enumerate() {
            let x = LEFT + nth as f64 * step;
            let (name, formula) = self.words(figure);
            self.canvas.tile(x, self.y, step - 10.0, &name, value, &formula);
        }
        self.y += 112.0;
    }

    /// Calls as bars: answered, lost, and what else became of them.
    fn calls(&mut self, parts: &[(String, &Row)], title: &str) {
        let most = parts.iter().map(|(_, row)| row.line.offered).max().unwrap_or(0);
        self.title(title);
        let names = [
            (BLUE, self.words("answered").0),
            (ORANGE, self.words("abandoned").0),
            (GREY, self.language.pick("otherwise ended", "иначе завершены").to_owned()),
        ];
        self.canvas.legend(self.y - 22.0, &names);
        let scale = self.canvas.grid(self.y, CHART, most as f64, "");
        let step = (RIGHT - LEFT) / parts.len().max(1) as f64;
        let every = parts.len().div_ceil(24).max(1);
        for (nth, (name, row)) in parts.iter().enumerate() {
            let x = LEFT + nth as f64 * step;
            let line = &row.line;
            let other = line.call_back_taken + line.sent_away + line.broken;
            let mut base = self.y + CHART;
            for (count, colour) in [(line.answered, BLUE), (line.abandoned, ORANGE), (other, GREY)]
            {
                let height = CHART * count as f64 / scale;
                base -= height;
                self.canvas.bar(
                    x + step * 0.14,
                    base,
                    step * 0.72,
                    height,
                    colour,
                    &format!("{name}: {count}"),
                );
            }
            if nth % every == 0 {
                self.canvas.middle(x + step / 2.0, self.y + CHART + 16.0, name);
            }
        }
        self.y += CHART + 64.0;
    }

    /// Service level by hour, both formulas.
    fn levels(&mut self) {
        if self.report.total.answered + self.report.total.abandoned == 0 {
            return;
        }
        let (all, of_all) = self.words("service_level");
        let (answered, of_answered) = self.words("service_level_answered");
        self.title(
            self.language.pick("Service level by hour, %", "Уровень обслуживания по часам, %"),
        );
        self.canvas.legend(self.y - 22.0, &[(BLUE, all), (GREEN, answered)]);
        self.canvas.grid(self.y, CHART, 100.0, "");
        let step = (RIGHT - LEFT) / 24.0;
        let points = |of: fn(&Row) -> Option<f64>| -> Vec<Option<(f64, f64)>> {
            let rows = self.report.by_hour.iter().enumerate();
            rows.map(|(hour, row)| {
                of(row).map(|level| {
                    (LEFT + (hour as f64 + 0.5) * step, self.y + CHART * (1.0 - level))
                })
            })
            .collect()
        };
        let (one, other) =
            (points(|row| row.line.service_level), points(|row| row.line.service_level_answered));
        self.canvas.line(&other, GREEN, &of_answered);
        self.canvas.line(&one, BLUE, &of_all);
        for hour in 0..24 {
            let x = LEFT + (f64::from(hour) + 0.5) * step;
            self.canvas.middle(x, self.y + CHART + 16.0, &hour.to_string());
        }
        self.y += CHART + 64.0;
    }

    fn topics(&mut self) {
        let mut rows: Vec<&Row> = self.report.by_topic.iter().collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.line.offered));
        let Some(most) = rows.first().map(|row| row.line.offered.max(1)) else { return };
        let level = self.words("service_level").0;
        let title = self.language.pick("Topics: calls · ", "Темы: звонки · ");
        self.title(&format!("{title}{level}"));
        for row in rows.iter().take(ROWS_MAX) {
            let name = row.title.as_deref().unwrap_or(&row.key);
            let lost = row.line.offered - row.line.answered;
            let parts = [(row.line.answered, BLUE), (lost, ORANGE)]
                .map(|(count, colour)| (count as f64 / most as f64, colour, count.to_string()));
            let value = format!("{} · {}", row.line.offered, percent(row.line.service_level));
            self.bars(name, &parts, &value);
        }
        self.more(rows.len());
    }

    fn clinics(&mut self) {
        let rows = &self.report.clinics;
        if rows.is_empty() {
            return;
        }
        let (in_time, formula) = self.words("share_in_time");
        let title = self.language.pick("Clinics: ", "Поликлиники: ");
        self.title(&format!("{title}{in_time}"));
        let lost = self.words("lost").0;
        for row in rows.iter().take(ROWS_MAX) {
            let share = row.share_in_time.unwrap_or(0.0);
            let colour = if share < 0.5 { ORANGE } else { BLUE };
            let value = format!(
                "{} {} {} · {lost} {}",
                percent(row.share_in_time),
                self.language.pick("of", "из"),
                row.calls,
                row.lost
            );
            self.bars(&row.title, &[(share, colour, formula.clone())], &value);
        }
        self.more(rows.len());
    }

    fn agents(&mut self) {
        let rows = &self.report.agents;
        if rows.is_empty() {
            return;
        }
        let (occupancy, formula) = self.words("occupancy");
        let title = self.language.pick("Agents: ", "Операторы: ");
        self.title(&format!("{title}{occupancy}"));
        for row in rows.iter().take(ROWS_MAX) {
            let share = |part: f64| if row.at_work > 0.0 { part / row.at_work } else { 0.0 };
            let talking = share(row.talking).min(row.occupancy.unwrap_or(0.0));
            let parts = [
                (talking, BLUE, self.words("talking").0),
                (row.occupancy.unwrap_or(0.0) - talking, GREEN, self.words("wrapping_up").0),
            ];
            let hours = row.at_work / 3600.0;
            let hours = match self.language {
                Language::English => format!("{hours:.1} h"),
                Language::Russian => format!("{hours:.1} ч").replace('.', ","),
            };
            let value = format!("{} · {hours}", percent(row.occupancy));
            self.bars(&format!("{} {}", row.agent, row.name), &parts, &value);
        }
        self.more(rows.len());
        self.canvas.small(LEFT, self.y - 24.0, &format!("{occupancy}: {formula}"));
    }

    /// What the figures mean.
    fn footnotes(&mut self) {
        let figures = ["offered", "abandoned", "service_level", "service_level_answered"]
            .into_iter()
            .chain(["abandonment", "mean_wait", "mean_handling"])
            .chain((!self.report.clinics.is_empty()).then_some("share_in_time"));
        self.canvas.rule(self.y - 18.0);
        for figure in figures {
            let (name, formula) = self.words(figure);
            for line in broken(&format!("{name}: {formula}"), 128) {
                self.canvas.small(LEFT, self.y, &line);
                self.y += 16.0;
            }
        }
    }

    fn title(&mut self, title: &str) {
        self.canvas.text(LEFT, self.y, "14\" font-weight=\"bold", title);
        self.y += 34.0;
    }

    /// A row of a list: its name, its bar of parts from 0 to 1, and what is written behind it.
    fn bars(&mut self, name: &str, parts: &[(f64, &str, String)], value: &str) {
        let length = RIGHT - BARS - 210.0;
        let top = self.y - 18.0;
        self.canvas.text(LEFT, top + 13.0, "12", &shortened(name, 36));
        self.canvas.bar(BARS, top, length, ROW - 6.0, MUTED, "");
        let mut x = BARS;
        for (share, colour, title) in parts {
            let width = length * share.clamp(0.0, 1.0);
            self.canvas.bar(x, top, width, ROW - 6.0, colour, title);
            x += width;
        }
        self.canvas.text(BARS + length + 10.0, top + 13.0, "12", value);
        self.y += ROW;
    }

    fn more(&mut self, rows: usize) {
        if rows > ROWS_MAX {
            let more = rows - ROWS_MAX;
            let text = self.language.pick(format!("and {more} more"), format!("и ещё {more}"));
            self.canvas.small(LEFT, self.y - 4.0, &text);
            self.y += ROW;
        }
        self.y += 34.0;
    }

    fn words(&self, figure: &str) -> (String, String) {
        let within = self.report.target.within;
        formulas::of(figure).map(|of| of.in_words(within, self.language)).unwrap_or_default()
    }
}

fn by_hour(report: &Report) -> Vec<(String, &Row)> {
    report.by_hour.iter().map(|row| (row.key.clone(), row)).collect()
}

fn percent(share: Option<f64>) -> String {
    share.map_or("–".into(), |share| format!("{:.0} %", share * 100.0))
}

/// `2026-11-20` as `20.11.2026`.
fn long_day(day: &str) -> String {
    day.split('-').rev().collect::<Vec<_>>().join(".")
}

/// `2026-11-20` as `20.11`.
fn short_day(day: &str) -> String {
    day.split('-').skip(1).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join(".")
}

fn shortened(text: &str, most: usize) -> String {
    match text.chars().count() > most {
        true => text.chars().take(most - 1).chain(['…']).collect(),
        false => text.to_owned(),
    }
}

/// A text in lines of at most so many letters.
fn broken(text: &str, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line =
            lines.last_mut().filter(|line| line.chars().count() + word.chars().count() < most);
        match line {
            Some(line) if line.is_empty() => word.clone_into(line),
            Some(line) => *line += &format!(" {word}"),
            None => lines.push(format!("    {word}")),
        }
    }
    lines
}

const _: () = assert!(WIDTH > RIGHT && RIGHT > LEFT);
