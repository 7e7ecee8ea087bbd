//! The answer as a picture: the hours of a day in three charts.

use std::fmt::Write;

use whatif::Answer;

use super::Comparison;
use crate::language::Language;

const WIDTH: f64 = 760.0;
const LEFT: f64 = 60.0;
const CHART: f64 = 640.0;
const HEIGHT: f64 = 130.0;
const STEP: f64 = 190.0;
const TOP: f64 = 92.0;
/// Now, then, Erlang C.
const COLOURS: [&str; 3] = ["#8a8f98", "#1b6ca8", "#c2571a"];

/// One value for each hour; none where nobody called.
type Line = [Option<f64>; 24];

/// Draws an SVG.
pub(super) fn draw(comparison: &Comparison, language: Language) -> String {
    let Comparison { now, then, within, region } = comparison;
    let asked = then.as_ref().unwrap_or(now);
    let hours = |answer: &Answer, value: fn(&whatif::Hour) -> Option<f64>| -> Line {
        std::array::from_fn(|at| value(&answer.figures.hours[at]))
    };
    let both = |value: fn(&whatif::Hour) -> Option<f64>| {
        [Some(hours(now, value)), then.as_ref().map(|then| hours(then, value))]
    };
    let erlang = |value: fn(whatif::erlang::ErlangHour) -> f64| -> Option<Line> {
        Some(std::array::from_fn(|at| {
            let called = asked.figures.hours[at].calls > 0;
            called.then(|| value(asked.erlang[at])).filter(|value| value.is_finite())
        }))
    };
    let percent = |lines: [Option<Line>; 2]| {
        lines.map(|line| line.map(|line| line.map(|value| value.map(|share| share * 100.0))))
    };
    let height = TOP + 3.0 * STEP;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{LEFT}\" y=\"28\" font-size=\"17\">{}</text>\n",
        region.replace('&', "&amp;").replace('<', "&lt;")
    );
    legend(&mut svg, then.is_some(), language);
    let level = language.pick(
        format!("answered or abandoned in {within} s, %"),
        format!("отвечены или сброшены за {within} с, %"),
    );
    let waits = both(whatif::Hour::mean_wait);
    // Erlang's waits without anybody hanging up would dwarf the others.
    let lost = percent(both(whatif::Hour::abandonment));
    let longest = waits.iter().flatten().flatten().flatten().fold(10.0, |a: f64, b| a.max(*b));
    let most_lost =
        lost.iter().flatten().flatten().flatten().fold(9.0, |a: f64, b| a.max(*b)) * 1.1;
    let charts = [
        (
            language.pick("mean wait, s", "среднее ожидание, с").to_owned(),
            waits,
            erlang(|hour| hour.mean_wait),
            longest * 1.1,
        ),
        (
            level,
            percent(both(whatif::Hour::service_level)),
            erlang(|hour| hour.service_level * 100.0),
            100.0,
        ),
        (language.pick("lost, %", "потеряно, %").to_owned(), lost, None, most_lost),
    ];
    for (nth, (title, [now, then], erlang, most)) in charts.into_iter().enumerate() {
        let top = TOP + nth as f64 * STEP;
        frame(&mut svg, &title, top, most);
        for (line, colour) in [now, then, erlang].into_iter().zip(COLOURS) {
            if let Some(line) = line {
                draw_line(&mut svg, &line, top, most, colour);
            }
        }
    }
    svg + "</svg>\n"
}

fn legend(svg: &mut String, compares: bool, language: Language) {
    let names = [
        Some(language.pick("now", "сейчас")),
        compares.then_some(language.pick("then", "станет")),
        Some(language.pick("Erlang C", "Эрланг C")),
    ];
    let mut x = LEFT;
    for (name, colour) in names.into_iter().zip(COLOURS) {
        let Some(name) = name else { continue };
        let _ = writeln!(
            svg,
            "<path d=\"M{x} 50h22\" stroke=\"{colour}\" stroke-width=\"3\"/>\
             <text x=\"{}\" y=\"54\">{name}</text>",
            x + 28.0
        );
        x += 110.0;
    }
}

fn frame(svg: &mut String, title: &str, top: f64, most: f64) {
    let _ =
        writeln!(svg, "<text x=\"{LEFT}\" y=\"{}\" font-weight=\"bold\">{title}</text>", top - 8.0);
    for part in 0..=4 {
        let value = most * f64::from(part) / 4.0;
        let y = y_of(value, top, most);
        let _ = writeln!(
            svg,
            "<path d=\"M{LEFT} {y:.1}h{CHART}\" stroke=\"#e3e3e3\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#666\">{value:.0}</text>",
            LEFT - 8.0,
            y + 4.0
        );
    }
    for hour in (0..24).step_by(3) {
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\" fill=\"#666\">{hour}:00</text>",
            x_of(hour),
            top + HEIGHT + 18.0
        );
    }
}

fn draw_line(svg: &mut String, line: &Line, top: f64, most: f64, colour: &str) {
    let mut path = String::new();
    let mut is_drawing = false;
    for (hour, value) in line.iter().enumerate() {
        let Some(value) = value else {
            is_drawing = false;
            continue;
        };
        let (x, y) = (x_of(hour), y_of(value.min(most), top, most));
        let _ = write!(path, "{}{x:.1} {y:.1}", if is_drawing { 'L' } else { 'M' });
        is_drawing = true;
        let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.5\" fill=\"{colour}\"/>");
    }
    let _ =
        writeln!(svg, "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>");
}

fn x_of(hour: usize) -> f64 {
    LEFT + CHART * (hour as f64 + 0.5) / 24.0
}

fn y_of(value: f64, top: f64, most: f64) -> f64 {
    top + HEIGHT * (1.0 - value / most)
}
