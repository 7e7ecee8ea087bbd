//! Who is needed when, as a picture: the hours of the week, and the last week that was held out.

use report::canvas::{BLUE, Canvas, GREY, LEFT, RIGHT};
use whatif::staffing::{DayPlan, HourPlan};

use super::{Shown, weekday};
use crate::language::Language;

/// Which of an hour's numbers of agents is drawn.
type Agents = fn(&HourPlan) -> u32;

const CELL: f64 = 30.0;
const CHART: f64 = 170.0;

/// Draws an SVG.
pub(super) fn draw(shown: &Shown<'_>, language: Language) -> String {
    let Shown { region, wanted, staffing } = shown;
    let mut canvas = Canvas::default();
    canvas.text(LEFT, 44.0, "19\" font-weight=\"bold", region);
    let (share, within) = (wanted.share * 100.0, wanted.within.as_secs());
    let title = match language {
        Language::English => {
            format!("Agents that are needed to answer {share:.0} % of the calls within {within} s")
        }
        Language::Russian => format!(
            "Сколько нужно операторов, чтобы ответить на {share:.0} % звонков за {within} с"
        ),
    };
    canvas.text(LEFT, 68.0, "14\" fill=\"#555", &title);
    let mut y = 104.0;
    let plans: [(&str, Agents); 2] = [
        (
            language.pick("By Erlang C: nobody hangs up", "По Эрлангу C: никто не кладёт трубку"),
            |hour| hour.erlang_c,
        ),
        (
            language.pick(
                "By Erlang A: callers hang up as before",
                "По Эрлангу A: кладут трубку как прежде",
            ),
            |hour| hour.erlang_a,
        ),
    ];
    for (title, agents) in plans {
        canvas.text(LEFT, y, "14\" font-weight=\"bold", title);
        y = week(&mut canvas, y + 26.0, &staffing.days, agents, language) + 40.0;
    }
    if let Some(test) = &staffing.back_test
        && let Some(week) = test.weeks.last()
    {
        let title = language.pick(
            format!("Tried on the week of {}: calls by hour", week.first.strftime("%d.%m.%Y")),
            format!("Проверка на неделе с {}: звонки по часам", week.first.strftime("%d.%m.%Y")),
        );
        canvas.text(LEFT, y, "14\" font-weight=\"bold", &title);
        let names = [
            (GREY, language.pick("came", "поступило").to_owned()),
            (BLUE, language.pick("foreseen", "прогноз").to_owned()),
        ];
        y += 36.0;
        canvas.legend(y - 22.0, &names);
        let most = week.calls.iter().chain(&week.foreseen).fold(1.0, |a: f64, b| a.max(*b));
        let scale = canvas.grid(y, CHART, most, "");
        let step = (RIGHT - LEFT) / week.calls.len().max(1) as f64;
        for (nth, calls) in week.calls.iter().enumerate() {
            let height = CHART * calls / scale;
            let x = LEFT + nth as f64 * step;
            canvas.bar(x, y + CHART - height, step * 0.9, height, GREY, &format!("{calls:.0}"));
        }
        let points: Vec<Option<(f64, f64)>> = week
            .foreseen
            .iter()
            .enumerate()
            .map(|(nth, calls)| {
                Some((LEFT + (nth as f64 + 0.45) * step, y + CHART * (1.0 - calls / scale)))
            })
            .collect();
        canvas.curve(&points, BLUE);
        for day in 0..7 {
            let at = week.first.saturating_add(jiff::Span::new().days(day));
            let x = LEFT + (f64::from(day) + 0.5) * 24.0 * step;
            canvas.middle(
                x,
                y + CHART + 16.0,
                &format!("{} {}", weekday(at.weekday(), language), at.strftime("%d.%m")),
            );
        }
        y += CHART + 46.0;
        let [hourly, naive, least] = [test.hourly, test.hourly_naive, test.least]
            .map(|share| format!("{:.1} %", share * 100.0));
        let weeks = test.weeks.len();
        let words = match language {
            Language::English => format!(
                "Error by hour over {weeks} weeks (WAPE): {hourly}; a week like the last one: {naive}; by chance alone: {least}."
            ),
            Language::Russian => format!(
                "Ошибка по часам за {weeks} нед. (WAPE): {hourly}; если считать неделю как прошлая: {naive}; одна случайность: {least}."
            ),
        };
        canvas.small(LEFT, y, &words);
        y += 10.0;
    }
    canvas.finish(y + 20.0)
}

/// A cell for each hour of each day; gives where it ends.
fn week(
    canvas: &mut Canvas,
    top: f64,
    days: &[DayPlan],
    agents: Agents,
    language: Language,
) -> f64 {
    let left = LEFT + 74.0;
    let width = (RIGHT - left) / 24.0;
    let most = days.iter().flat_map(|day| &day.hours).map(agents).max().unwrap_or(1).max(1);
    for hour in 0..24 {
        canvas.middle(left + (f64::from(hour) + 0.5) * width, top - 6.0, &hour.to_string());
    }
    let mut y = top;
    for day in days {
        let style = if day.working { "12" } else { "12\" fill=\"#b4421a" };
        let name =
            format!("{} {}", weekday(day.day.weekday(), language), day.day.strftime("%d.%m"));
        canvas.text(LEFT, y + 19.0, style, &name);
        for (hour, of) in day.hours.iter().enumerate() {
            let needed = agents(of);
            let part = f64::from(needed) / f64::from(most);
            // From white to the blue of the report.
            let shade = |full: f64| (255.0 - (255.0 - full) * part * 0.8).round() as u8;
            let colour = format!("#{:02x}{:02x}{:02x}", shade(27.0), shade(108.0), shade(168.0));
            let x = left + hour as f64 * width;
            canvas.bar(
                x + 1.0,
                y + 1.0,
                width - 2.0,
                CELL - 4.0,
                &colour,
                &format!("{:.1}", of.calls),
            );
            let ink = if part > 0.85 {
                "12\" fill=\"white\" text-anchor=\"middle"
            } else {
                "12\" text-anchor=\"middle"
            };
            canvas.text(x + width / 2.0, y + 18.0, ink, &needed.to_string());
        }
        y += CELL;
    }
    y
}
