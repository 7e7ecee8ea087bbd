//! Writes the picture.

use std::fmt::Write;

use super::cards::{Row, schedules};
use super::labels::Labels;
use super::layout::{CARD_WIDTH, HEAD_HEIGHT, Layout, Line, MARGIN, Placed, row_y};
use super::weeks::{STEPS, Span};
use crate::{Dialplan, ScheduleId};

/// Colours of lines and of what they lead to, far enough from each other to be told apart.
const COLOURS: [&str; 10] = [
    "#1b6ca8", "#c2571a", "#2e7d32", "#7b3fa0", "#b3261e", "#00796b", "#8a6d00", "#5d4037",
    "#3f51b5", "#ad1457",
];
const GREY: &str = "#5f6670";
/// How wide a character is at 12 pixels, on the safe side for Cyrillic.
const CHARACTER: usize = 7;
const WEEK_WIDTH: usize = 504;
const WEEK_LEFT: usize = 200;
const WEEK_HEIGHT: usize = 22;

/// The picture as SVG.
pub(super) fn write(plan: &Dialplan, labels: &Labels, layout: &Layout<'_>) -> String {
    let schedules = schedules(plan);
    let weeks = if schedules.is_empty() { 0 } else { 60 + schedules.len() * WEEK_HEIGHT };
    let (width, height) =
        (layout.width.max(MARGIN + WEEK_LEFT + WEEK_WIDTH + MARGIN), layout.height + weeks);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{MARGIN}\" y=\"40\" font-size=\"19\">{}</text>\n",
        escaped(&plan.region.name)
    );
    for line in &layout.lines {
        draw_line(&mut svg, line);
    }
    for card in &layout.cards {
        draw_card(&mut svg, card);
    }
    if !schedules.is_empty() {
        draw_weeks(&mut svg, &schedules, labels, layout.height);
    }
    svg + "</svg>\n"
}

fn draw_line(svg: &mut String, line: &Line) {
    let ((x, y), (to_x, to_y)) = (line.from, line.to);
    let (colour, bend) = (colour(line.colour), (to_x - x) / 2);
    let _ = writeln!(
        svg,
        "<path d=\"M{x} {y}C{} {y} {} {to_y} {} {to_y}\" fill=\"none\" stroke=\"{colour}\" \
         stroke-width=\"1.6\" stroke-opacity=\"0.75\"/>\
         <path d=\"M{to_x} {to_y}l-8 -4v8z\" fill=\"{colour}\"/>",
        x + bend,
        to_x - bend,
        to_x - 8
    );
}

fn draw_card(svg: &mut String, placed: &Placed<'_>) {
    let Placed { card, x, y, height, .. } = placed;
    let colour = placed.colour.map_or(GREY, colour);
    let _ = writeln!(
        svg,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{CARD_WIDTH}\" height=\"{height}\" rx=\"6\" \
         fill=\"white\" stroke=\"{colour}\"/>\
         <path d=\"M{x} {}v-{}q0 -6 6 -6h{}q6 0 6 6v{}z\" fill=\"{colour}\"/>\
         <text x=\"{}\" y=\"{}\" fill=\"white\" font-size=\"10\" fill-opacity=\"0.85\">{}</text>",
        y + HEAD_HEIGHT - 6,
        HEAD_HEIGHT - 12,
        CARD_WIDTH - 12,
        HEAD_HEIGHT - 12,
        x + 10,
        y + 13,
        escaped(card.kind)
    );
    let title = shown(&card.title, CARD_WIDTH - 20, CHARACTER + 2);
    let _ = writeln!(
        svg,
        "<text x=\"{}\" y=\"{}\" fill=\"white\" font-size=\"13\" font-weight=\"bold\">{title}</text>",
        x + 10,
        y + 29
    );
    for (at, row) in card.rows.iter().enumerate() {
        let has_line = placed.has_line.get(at) == Some(&true);
        draw_row(svg, row, has_line, *x, row_y(*y, at) + 4);
    }
}

fn draw_row(svg: &mut String, row: &Row, has_line: bool, x: usize, y: usize) {
    let mut left = x + 10;
    if !row.mark.is_empty() {
        let mark = escaped(&row.mark);
        let _ = write!(svg, "<text x=\"{left}\" y=\"{y}\" font-weight=\"bold\">{mark}</text>");
        left += 16;
    }
    // What is written at the right end: a schedule, or where the call goes without a line.
    let end = match &row.when {
        Some(schedule) => Some((schedule.to_string(), "#8a6d00", "◷")),
        None if !has_line && !row.ends.is_empty() && row.ends != row.text => {
            Some((row.ends.clone(), GREY, "→"))
        }
        None => None,
    };
    let room = x + CARD_WIDTH - 10 - left;
    let taken = match &end {
        Some((text, ..)) => ((text.chars().count() + 2) * CHARACTER).min(room * 3 / 5),
        None => 0,
    };
    // A choice without words is called by where it leads.
    let text = match !has_line && row.text == row.ends && !row.ends.is_empty() {
        true => shown(&format!("→ {}", row.ends), room - taken, CHARACTER),
        false => shown(&row.text, room - taken, CHARACTER),
    };
    let _ = writeln!(svg, "<text x=\"{left}\" y=\"{y}\">{text}</text>");
    if let Some((text, colour, sign)) = end {
        let right = x + CARD_WIDTH - 10;
        let text = shown(&format!("{sign} {text}"), taken, CHARACTER);
        let _ = writeln!(
            svg,
            "<text x=\"{right}\" y=\"{y}\" text-anchor=\"end\" fill=\"{colour}\">{text}</text>"
        );
    }
}

fn draw_weeks(
    svg: &mut String,
    schedules: &[(&ScheduleId, Vec<Span>)],
    labels: &Labels,
    top: usize,
) {
    let (left, day) = (MARGIN + WEEK_LEFT, WEEK_WIDTH / 7);
    let title = escaped(labels.schedules);
    let _ = writeln!(
        svg,
        "<text x=\"{MARGIN}\" y=\"{}\" font-size=\"13\" font-weight=\"bold\">{title}</text>",
        top + 16
    );
    for (at, name) in labels.days.iter().enumerate() {
        let x = left + at * day;
        let _ = writeln!(svg, "<text x=\"{x}\" y=\"{}\" fill=\"{GREY}\">{name}</text>", top + 34);
    }
    for (at, (id, spans)) in schedules.iter().enumerate() {
        let y = top + 42 + at * WEEK_HEIGHT;
        let name = shown(&format!("◷ {id}"), WEEK_LEFT - 10, CHARACTER);
        let _ = writeln!(
            svg,
            "<text x=\"{MARGIN}\" y=\"{}\">{name}</text>\
             <rect x=\"{left}\" y=\"{y}\" width=\"{WEEK_WIDTH}\" height=\"14\" fill=\"#eef0f3\"/>",
            y + 11
        );
        for Span { from, to } in spans {
            let x_of = |step: u16| left + usize::from(step) * WEEK_WIDTH / usize::from(STEPS);
            let (x, width) = (x_of(*from), x_of(*to) - x_of(*from));
            let _ = writeln!(
                svg,
                "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"14\" fill=\"#d9a400\"/>"
            );
        }
        for day_at in 1..7 {
            let x = left + day_at * day;
            let _ = writeln!(svg, "<path d=\"M{x} {y}v14\" stroke=\"white\"/>");
        }
    }
}

fn colour(number: usize) -> &'static str {
    COLOURS[number % COLOURS.len()]
}

/// A text as far as it fits; the whole of it as a tool tip.
fn shown(text: &str, width: usize, character: usize) -> String {
    let room = (width / character).max(2);
    if text.chars().count() <= room {
        return escaped(text);
    }
    let start: String = text.chars().take(room - 1).collect();
    format!("{}…<title>{}</title>", escaped(start.trim_end()), escaped(text))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
