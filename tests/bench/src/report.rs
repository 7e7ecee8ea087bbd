//! The outcome: a table for the terminal, the same as CSV, and a picture.

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::picture;
use crate::sample::Sample;

/// One quantity at one load, on each side. The first side is this system.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// What is measured: "CPU of a call".
    pub(crate) what: &'static str,
    /// At which load: "1000 calls/s".
    pub(crate) load: String,
    /// Of the values: "ms".
    pub(crate) unit: &'static str,
    /// Who, and what came out.
    pub(crate) sides: Vec<(&'static str, Sample)>,
}

impl Row {
    /// The median of the first side to that of another, if both were measured.
    pub(crate) fn ratio(&self, side: usize) -> Option<f64> {
        let ratio = self.sides.first()?.1.median() / self.sides.get(side)?.1.median();
        (side > 0 && ratio.is_finite()).then_some(ratio)
    }
}

impl Row {
    /// Tells the row at once, for those who wait for the rest.
    pub(crate) fn tell(self) -> Self {
        let sides = self.sides.iter();
        let sides = sides.map(|(who, sample)| format!("{who} {}", number(sample.median())));
        let sides: Vec<_> = sides.collect();
        println!("{}, {}: {} {}", self.what, self.load, sides.join(", "), self.unit);
        self
    }
}

/// Prints the table and writes JOB.csv and JOB.svg into this folder.
///
/// # Errors
/// If a file cannot be written.
pub(crate) fn publish(
    job: &str,
    machine: &str,
    rows: &[Row],
    folder: &Path,
) -> Result<(), Box<dyn Error>> {
    println!("\n{machine}\n\n{}", table(rows));
    fs::create_dir_all(folder)?;
    let file = |extension: &str| folder.join(format!("{job}.{extension}"));
    fs::write(file("csv"), csv(rows))?;
    fs::write(file("svg"), picture::draw(job, machine, rows))?;
    println!("{} and {}", file("csv").display(), file("svg").display());
    Ok(())
}

const TITLES: [&str; 7] = ["what", "load", "unit", "who", "median", "min–max", "line122 is"];

/// Aligned text: one line for each side of each row.
fn table(rows: &[Row]) -> String {
    let mut lines = vec![TITLES.map(str::to_owned)];
    for row in rows {
        for (side, (who, sample)) in row.sides.iter().enumerate() {
            let first = |text: &str| if side == 0 { text.to_owned() } else { String::new() };
            lines.push([
                first(row.what),
                first(&row.load),
                first(row.unit),
                (*who).to_owned(),
                number(sample.median()),
                format!("{}–{}", number(sample.min()), number(sample.max())),
                row.ratio(side).map_or(String::new(), |ratio| format!("{ratio:.2} ×")),
            ]);
        }
    }
    let widths = TITLES.iter().enumerate().map(|(column, _)| {
        lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default()
    });
    let widths: Vec<usize> = widths.collect();
    let mut text = String::new();
    for line in &lines {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        let _ = writeln!(text, "{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
    text
}

fn csv(rows: &[Row]) -> String {
    let mut text = "what,load,unit,who,median,min,max\n".to_owned();
    for row in rows {
        for (who, sample) in &row.sides {
            let _ = writeln!(
                text,
                "{},{},{},{who},{},{},{}",
                row.what,
                row.load,
                row.unit,
                sample.median(),
                sample.min(),
                sample.max()
            );
        }
    }
    text
}

/// Three digits that mean something, as far as the value has them.
pub(crate) fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.2}"),
        _ if value == 0.0 => "0".to_owned(),
        _ => format!("{value:.4}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_shows_each_side_and_the_ratio() {
        let sample = |values: [f64; 3]| values.into_iter().collect::<Sample>();
        let row = Row {
            what: "CPU of a call",
            load: "1000 calls/s".to_owned(),
            unit: "ms",
            sides: vec![
                ("line122", sample([0.05, 0.06, 0.04])),
                ("Kamailio", sample([0.11, 0.1, 0.1])),
            ],
        };
        let lines = [
            "what           load          unit  who       median  min–max        line122 is",
            "CPU of a call  1000 calls/s  ms    line122   0.0500  0.0400–0.0600",
            "                                   Kamailio  0.1000  0.1000–0.1100  0.50 ×",
        ];
        assert_eq!(table(&[row]), lines.join("\n") + "\n");
    }
}
