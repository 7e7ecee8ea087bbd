//! One call after another into a file.

use std::io::{self, Write};

use dialplan::Dialplan;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use records::EndedCall;

use crate::columns::{COLUMNS, cells};
use crate::parquet::{Cell, Kind, Table};

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values; times are the region's.
    Csv,
    /// Apache Parquet; times are moments.
    Parquet,
}

/// A file of calls.
#[derive(Debug)]
pub struct CallsFile<'a, W: Write> {
    plan: &'a Dialplan,
    whole_numbers: bool,
    file: File<W>,
}

#[derive(Debug)]
enum File<W: Write> {
    Csv(Box<csv::Writer<W>>),
    Parquet(Table<W>),
}

impl<'a, W: Write> CallsFile<'a, W> {
    /// Begins a file. Without `whole_numbers` those of citizens are masked.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn new(
        format: Format,
        plan: &'a Dialplan,
        whole_numbers: bool,
        out: W,
    ) -> io::Result<CallsFile<'a, W>> {
        let file = match format {
            Format::Csv => {
                let mut writer = csv::Writer::from_writer(out);
                writer.write_record(COLUMNS.map(|column| column.name))?;
                File::Csv(Box::new(writer))
            }
            Format::Parquet => File::Parquet(Table::new(&COLUMNS, out)?),
        };
        Ok(CallsFile { plan, whole_numbers, file })
    }

    /// Adds a call.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn put(&mut self, call: &EndedCall) -> io::Result<()> {
        let cells = cells(call, self.plan, self.whole_numbers);
        match &mut self.file {
            File::Csv(writer) => {
                let zone = &self.plan.region.zone;
                let texts =
                    COLUMNS.iter().zip(cells).map(|(column, cell)| text(column.kind, cell, zone));
                Ok(writer.write_record(texts)?)
            }
            File::Parquet(table) => table.row(cells),
        }
    }

    /// Ends the file.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(self) -> io::Result<()> {
        match self.file {
            File::Csv(mut writer) => writer.flush(),
            File::Parquet(table) => table.finish(),
        }
    }
}

fn text(kind: Kind, cell: Cell, zone: &TimeZone) -> String {
    match (cell, kind) {
        (Cell::Text(text), _) => text.unwrap_or_default(),
        (Cell::Time(millis), _) => millis.map_or(String::new(), |millis| {
            let at = Timestamp::from_millisecond(millis).unwrap_or_default();
            at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
        }),
        (Cell::Number(number), Kind::Number { digits }) => {
            number.map_or(String::new(), |number| format!("{number:.digits$}"))
        }
        (Cell::Number(number), Kind::Text | Kind::Name | Kind::Time) => {
            number.map_or(String::new(), |number| number.to_string())
        }
    }
}
