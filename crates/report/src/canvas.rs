//! Shapes of pictures.

use std::fmt::Write;

/// The width of a picture.
pub const WIDTH: f64 = 980.0;
/// Where charts begin.
pub const LEFT: f64 = 56.0;
/// Where charts end.
pub const RIGHT: f64 = 950.0;

/// What is as it should be.
pub const BLUE: &str = "#1b6ca8";
/// What is lost.
pub const ORANGE: &str = "#d1602b";
/// Something beside it.
pub const GREEN: &str = "#5a9e6f";
/// What else there is.
pub const GREY: &str = "#a4a9b1";
/// The ground of bars.
pub const MUTED: &str = "#eef0f3";

/// What is drawn so far.
#[derive(Debug, Default)]
pub struct Canvas(String);

impl Canvas {
    /// A text; `style` is its size, and what else stands behind it.
    pub fn text(&mut self, x: f64, y: f64, style: &str, text: &str) {
        let text = escaped(text);
        let _ =
            writeln!(self.0, "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{style}\">{text}</text>");
    }

    /// A small text.
    pub fn small(&mut self, x: f64, y: f64, text: &str) {
        self.text(x, y, "11\" fill=\"#666", text);
    }

    /// A text in the middle of a place.
    pub fn middle(&mut self, x: f64, y: f64, text: &str) {
        self.text(x, y, "11\" fill=\"#666\" text-anchor=\"middle", text);
    }

    /// A bar that says what it is when pointed at.
    pub fn bar(&mut self, x: f64, y: f64, width: f64, height: f64, colour: &str, title: &str) {
        if width <= 0.0 || height <= 0.0 {
            return;
        }
        let title = match title {
            "" => String::new(),
            title => format!("<title>{}</title>", escaped(title)),
        };
        let _ = writeln!(
            self.0,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" \
             fill=\"{colour}\">{title}</rect>"
        );
    }

    /// A figure in a frame. A long name is broken behind its comma.
    pub fn tile(&mut self, x: f64, y: f64, width: f64, name: &str, value: &str, title: &str) {
        let _ = writeln!(
            self.0,
            "<g><title>{}</title><rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"78\" rx=\"6\" \
             fill=\"{MUTED}\"/>",
            escaped(title)
        );
        self.text(x + 10.0, y + 30.0, "22\" font-weight=\"bold", value);
        let (first, second) = name.split_once(", ").unwrap_or((name, ""));
        self.small(x + 10.0, y + 50.0, first);
        self.small(x + 10.0, y + 65.0, second);
        self.0 += "</g>\n";
    }

    /// Horizontal lines with round numbers; gives the number at the top.
    pub fn grid(&mut self, top: f64, height: f64, most: f64, unit: &str) -> f64 {
        let step = round_step(most / 4.0);
        let lines = (most / step).ceil().max(1.0);
        for nth in 0..=lines as u32 {
            let y = top + height * (1.0 - f64::from(nth) / lines);
            let colour = if nth == 0 { "#999" } else { "#e3e5e8" };
            let _ = writeln!(
                self.0,
                "<path d=\"M{LEFT} {y:.1}H{RIGHT}\" stroke=\"{colour}\" fill=\"none\"/>"
            );
            let text = format!("{}{unit}", f64::from(nth) * step);
            self.text(LEFT - 8.0, y + 4.0, "11\" fill=\"#666\" text-anchor=\"end", &text);
        }
        lines * step
    }

    /// A line through points; where one is missing it is broken.
    pub fn line(&mut self, points: &[Option<(f64, f64)>], colour: &str, title: &str) {
        for (x, y) in points.iter().flatten() {
            let _ =
                writeln!(self.0, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"/>");
        }
        let path = path(points);
        let _ = writeln!(
            self.0,
            "<path d=\"{path}\" stroke=\"{colour}\" stroke-width=\"2\" fill=\"none\"><title>{}</title></path>",
            escaped(title)
        );
    }

    /// A line through points, without marks.
    pub fn curve(&mut self, points: &[Option<(f64, f64)>], colour: &str) {
        let path = path(points);
        let _ = writeln!(
            self.0,
            "<path d=\"{path}\" stroke=\"{colour}\" stroke-width=\"1.6\" fill=\"none\"/>"
        );
    }

    /// Colours and what they stand for, at the right.
    pub fn legend(&mut self, y: f64, names: &[(&str, String)]) {
        let mut x = RIGHT;
        for (colour, name) in names.iter().rev() {
            x -= 30.0 + name.chars().count() as f64 * 6.6;
            self.bar(x, y - 22.0, 11.0, 11.0, colour, "");
            self.small(x + 16.0, y - 12.0, name);
        }
    }

    /// A line from left to right.
    pub fn rule(&mut self, y: f64) {
        let _ =
            writeln!(self.0, "<path d=\"M{LEFT} {y:.1}H{RIGHT}\" stroke=\"#ccc\" fill=\"none\"/>");
    }

    /// The picture, so high.
    #[must_use]
    pub fn finish(self, height: f64) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height:.0}\" width=\"{WIDTH}\" \
             height=\"{height:.0}\" font-family=\"sans-serif\" fill=\"#222\">\n\
             <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n{}</svg>\n",
            self.0
        )
    }
}

/// A path through points; where one is missing it is broken.
fn path(points: &[Option<(f64, f64)>]) -> String {
    let mut path = String::new();
    let mut draws = false;
    for point in points {
        if let Some((x, y)) = point {
            let _ = write!(path, "{}{x:.1} {y:.1}", if draws { 'L' } else { 'M' });
        }
        draws = point.is_some();
    }
    path
}

/// The next of 1, 2, 5, 10, 20 …
fn round_step(least: f64) -> f64 {
    let mut step = 1.0;
    loop {
        for round in [1.0, 2.0, 5.0] {
            if step * round >= least {
                return step * round;
            }
        }
        step *= 10.0;
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round() {
        assert_eq!(
            [0.0, 1.0, 1.1, 3.0, 7.0, 42.0].map(round_step),
            [1.0, 1.0, 2.0, 5.0, 10.0, 50.0]
        );
        assert_eq!(escaped("a<b & \"c\""), "a&lt;b &amp; &quot;c&quot;");
    }
}
