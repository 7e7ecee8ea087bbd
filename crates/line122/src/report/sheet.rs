//! A table for the terminal: columns as wide as they need to be.

use std::io::{self, Write};

/// Between two columns.
const GAP: &str = "  ";

/// A table; the first column is text, all others are numbers.
pub(crate) struct Sheet {
    heads: Vec<Vec<String>>,
    rows: Vec<Vec<String>>,
}

impl Sheet {
    /// A table with these heads; long ones are broken between words.
    pub(crate) fn new(heads: impl IntoIterator<Item = String>) -> Sheet {
        let broken = |head: String| head.split(' ').map(str::to_owned).collect();
        Sheet { heads: heads.into_iter().map(broken).collect(), rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(crate) fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let long = |text: &String| text.chars().count();
        let widths: Vec<usize> = (0..self.heads.len())
            .map(|at| {
                let cells = self.rows.iter().filter_map(|row| row.get(at));
                self.heads[at].iter().chain(cells).map(long).max().unwrap_or(0)
            })
            .collect();
        let high = self.heads.iter().map(Vec::len).max().unwrap_or(0);
        for line in 0..high {
            // Heads stand on their column: short ones at its bottom.
            let cell = |head: &Vec<String>| {
                (line + head.len()).checked_sub(high).map_or(String::new(), |at| head[at].clone())
            };
            print_line(out, &widths, &self.heads.iter().map(cell).collect::<Vec<_>>())?;
        }
        let whole = widths.iter().sum::<usize>() + GAP.len() * widths.len().saturating_sub(1);
        writeln!(out, "{}", "─".repeat(whole))?;
        self.rows.iter().try_for_each(|row| print_line(out, &widths, row))
    }
}

fn print_line(out: &mut impl Write, widths: &[usize], cells: &[String]) -> io::Result<()> {
    let mut line = String::new();
    for (at, (cell, width)) in cells.iter().zip(widths).enumerate() {
        match at {
            0 => line += &format!("{cell:<width$}"),
            _ => line += &format!("{GAP}{cell:>width$}"),
        }
    }
    writeln!(out, "{}", line.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_they_need_to_be() {
        let mut sheet = Sheet::new(["час", "в очередь", "x"].map(String::from));
        sheet.row(["8:00", "1", "12345"].map(String::from).to_vec());
        let mut out = Vec::new();
        sheet.print(&mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(
            text,
            "            в\nчас   очередь      x\n────────────────────\n8:00        1  12345\n"
        );
    }
}
