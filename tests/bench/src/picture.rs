//! The outcome as bars in an SVG.

use std::fmt::Write;

use crate::report::{Row, number};

const WIDTH: f64 = 930.0;
/// Where bars begin and how long the longest may be.
const LEFT: f64 = 300.0;
const LONGEST: f64 = 400.0;
const TITLE: f64 = 64.0;
const BAR: f64 = 18.0;
const GAP: f64 = 14.0;
/// This system, then its peers.
const COLOURS: [&str; 3] = ["#1b6ca8", "#b5b5b5", "#d9a441"];

/// A group of bars for each row, as long as the median, with a line from the smallest to the
/// greatest value. Each group has a scale of its own, since units differ.
pub(crate) fn draw(job: &str, machine: &str, rows: &[Row]) -> String {
    let bars: usize = rows.iter().map(|row| row.sides.len()).sum();
    let height = TITLE + bars as f64 * BAR + rows.len() as f64 * GAP;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"10\" y=\"24\" font-size=\"16\">{}</text>\n\
         <text x=\"10\" y=\"44\" fill=\"#666\">{}</text>\n",
        escaped(job),
        escaped(machine)
    );
    let mut y = TITLE;
    for row in rows {
        group(&mut svg, row, y);
        y += row.sides.len() as f64 * BAR + GAP;
    }
    svg + "</svg>\n"
}

fn group(svg: &mut String, row: &Row, mut y: f64) {
    let what = format!("{}, {}", row.what, row.load);
    let _ = writeln!(svg, "<text x=\"10\" y=\"{}\">{}</text>", y + 13.0, escaped(&what));
    let greatest = row.sides.iter().map(|(_, sample)| sample.max()).fold(0.0, f64::max);
    let scale = if greatest > 0.0 { LONGEST / greatest } else { 0.0 };
    for (side, (who, sample)) in row.sides.iter().enumerate() {
        let colour = COLOURS[side.min(COLOURS.len() - 1)];
        let length = |value: f64| if value.is_finite() { value.max(0.0) * scale } else { 0.0 };
        let middle = y + (BAR - 3.0) / 2.0;
        let _ = writeln!(
            svg,
            "<rect x=\"{LEFT}\" y=\"{y}\" width=\"{:.1}\" height=\"{}\" fill=\"{colour}\"/>\n\
             <path d=\"M{:.1} {middle}H{:.1}\" stroke=\"#333\"/>",
            length(sample.median()),
            BAR - 3.0,
            LEFT + length(sample.min()),
            LEFT + length(sample.max()),
        );
        let ratio = row.ratio(side).map_or(String::new(), |ratio| format!(" (we: {ratio:.2} ×)"));
        let told = format!("{who} {} {}{ratio}", number(sample.median()), row.unit);
        let x = LEFT + length(sample.max()) + 6.0;
        let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{}\">{}</text>", y + 12.0, escaped(&told));
        y += BAR;
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
