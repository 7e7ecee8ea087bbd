//! Tables in the format of Apache Parquet: flat, not compressed, columns that may be empty, names that come
//! again and again by a dictionary.
//!
//! That is a small part of the format, and all that a table of calls needs; the usual crate for it takes
//! a minute of a core to compile. What is written here is read in tests by pyarrow and by `DuckDB`.
//!
//! ```text
//! PAR1, then each group of rows: each column: [dictionary page] data page, then metadata, its length, PAR1
//! ```

use std::collections::HashMap;
use std::io::{self, Write};

use crate::thrift::{self, Struct, Type};

/// Rows of one group; so much is held in memory.
pub const GROUP_ROWS: usize = 20_000;

const MAGIC: &[u8; 4] = b"PAR1";
/// Who wrote the file, in the words of the specification; the version is that of this writer.
const CREATED_BY: &str = "line122 version 1.0.0";

// Numbers of the specification, parquet.thrift.
const OPTIONAL: i32 = 1;
const UNCOMPRESSED: i32 = 0;
const DATA_PAGE: i32 = 0;
const DICTIONARY_PAGE: i32 = 2;
const PLAIN: i32 = 0;
const RLE: i32 = 3;
const RLE_DICTIONARY: i32 = 8;

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text that is different in each row.
    Text,
    /// One of a few texts.
    Name,
    /// Milliseconds since the Unix epoch.
    Time,
    /// A number; as text it has so many digits behind the point.
    Number {
        /// How many.
        digits: usize,
    },
}

/// The value of a row in a column of its kind, or nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Of a column of texts or names.
    Text(Option<String>),
    /// Of a column of times.
    Time(Option<i64>),
    /// Of a column of numbers.
    Number(Option<f64>),
}

/// A table that is being written, row by row.
#[derive(Debug)]
pub struct Table<W> {
    columns: &'static [Column],
    out: W,
    /// Bytes that are written.
    at: u64,
    /// Rows of the group, column by column.
    cells: Vec<Vec<Cell>>,
    rows: u64,
    /// What is said of groups that are written.
    groups: Vec<Vec<u8>>,
}

impl<W: Write> Table<W> {
    /// Begins a table.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn new(columns: &'static [Column], mut out: W) -> io::Result<Table<W>> {
        out.write_all(MAGIC)?;
        let cells = columns.iter().map(|_| Vec::new()).collect();
        let at = MAGIC.len() as u64;
        Ok(Table { columns, out, at, cells, rows: 0, groups: Vec::new() })
    }

    /// Adds a row: a cell for each column.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn row(&mut self, row: impl IntoIterator<Item = Cell>) -> io::Result<()> {
        for (cells, cell) in self.cells.iter_mut().zip(row) {
            cells.push(cell);
        }
        self.rows += 1;
        match self.cells.first().is_some_and(|cells| cells.len() >= GROUP_ROWS) {
            true => self.group(),
            false => Ok(()),
        }
    }

    /// Ends the table.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(mut self) -> io::Result<()> {
        self.group()?;
        let root = Struct::new().text(4, "calls").i32(5, small(self.columns.len()));
        let mut schema = vec![root.finish()];
        schema.extend(self.columns.iter().map(|column| {
            let element = Struct::new().i32(1, column.kind.physical()).i32(3, OPTIONAL);
            let element = element.text(4, column.name);
            match column.kind {
                // UTF8 and TIMESTAMP_MILLIS.
                Kind::Text | Kind::Name => element.i32(6, 0),
                Kind::Time => element.i32(6, 9).nested(10, moment()),
                Kind::Number { .. } => element,
            }
            .finish()
        }));
        let about = Struct::new()
            .i32(1, 1)
            .list(2, Type::Struct, &schema)
            .i64(3, self.rows.cast_signed())
            .list(4, Type::Struct, &self.groups)
            .text(6, CREATED_BY)
            .finish();
        self.out.write_all(&about)?;
        self.out.write_all(&(about.len() as u32).to_le_bytes())?;
        self.out.write_all(MAGIC)?;
        self.out.flush()
    }

    /// Writes the rows that are held.
    fn group(&mut self) -> io::Result<()> {
        let rows = self.cells.first().map_or(0, Vec::len);
        if rows == 0 {
            return Ok(());
        }
        let begins = self.at;
        let mut chunks = Vec::with_capacity(self.columns.len());
        for (column, cells) in self.columns.iter().zip(&mut self.cells) {
            let chunk = Chunk::of(column.kind, cells);
            cells.clear();
            let first = self.at;
            let dictionary = chunk.dictionary.as_ref();
            let pages = dictionary.into_iter().chain([&chunk.data]);
            for page in pages.clone() {
                self.out.write_all(page)?;
                self.at += page.len() as u64;
            }
            let data = first + dictionary.map_or(0, Vec::len) as u64;
            chunks.push(chunk.about(column, rows, first, data));
        }
        let about = Struct::new()
            .list(1, Type::Struct, &chunks)
            .i64(2, (self.at - begins).cast_signed())
            .i64(3, rows as i64);
        self.groups.push(about.finish());
        Ok(())
    }
}

/// One column of a group, as pages with their headers.
struct Chunk {
    dictionary: Option<Vec<u8>>,
    data: Vec<u8>,
}

impl Chunk {
    fn of(kind: Kind, cells: &[Cell]) -> Chunk {
        let mut values = Vec::new();
        let mut dictionary = None;
        match kind {
            Kind::Name => {
                let mut known = HashMap::new();
                let (mut words, mut indices) = (Vec::new(), Vec::new());
                for text in cells.iter().filter_map(Cell::text) {
                    let next = known.len() as u32;
                    indices.push(*known.entry(text).or_insert_with(|| {
                        plain(&mut words, text);
                        next
                    }));
                }
                let width =
                    (u32::BITS - (known.len() as u32).saturating_sub(1).leading_zeros()).max(1);
                values.push(width as u8);
                packed(&mut values, &indices, width);
                let head = Struct::new().i32(1, small(known.len())).i32(2, PLAIN);
                dictionary = Some(page(DICTIONARY_PAGE, 7, head, &words));
            }
            Kind::Text => {
                cells.iter().filter_map(Cell::text).for_each(|text| plain(&mut values, text));
            }
            Kind::Time | Kind::Number { .. } => {
                values.extend(cells.iter().filter_map(Cell::eight_bytes).flatten());
            }
        }
        // Which cells hold something, with their length before them.
        let mut levels = Vec::new();
        let held: Vec<u32> = cells.iter().map(|cell| u32::from(cell.holds())).collect();
        packed(&mut levels, &held, 1);
        let mut body = (levels.len() as u32).to_le_bytes().to_vec();
        body.extend(levels);
        body.extend(values);
        let encoding = if dictionary.is_some() { RLE_DICTIONARY } else { PLAIN };
        let head =
            Struct::new().i32(1, small(cells.len())).i32(2, encoding).i32(3, RLE).i32(4, RLE);
        Chunk { dictionary, data: page(DATA_PAGE, 5, head, &body) }
    }

    /// What the metadata say of it, which begins at `first` and has its data page at `data`.
    fn about(&self, column: &Column, rows: usize, first: u64, data: u64) -> Vec<u8> {
        let mut encodings = vec![thrift::number(PLAIN), thrift::number(RLE)];
        encodings.extend(self.dictionary.is_some().then(|| thrift::number(RLE_DICTIONARY)));
        let length = (self.data.len() + self.dictionary.as_ref().map_or(0, Vec::len)) as i64;
        let about = Struct::new()
            .i32(1, column.kind.physical())
            .list(2, Type::I32, &encodings)
            .list(3, Type::Binary, &[thrift::binary(column.name)])
            .i32(4, UNCOMPRESSED)
            .i64(5, rows as i64)
            .i64(6, length)
            .i64(7, length)
            .i64(9, data.cast_signed());
        let about = match self.dictionary {
            Some(_) => about.i64(11, first.cast_signed()),
            None => about,
        };
        Struct::new().i64(2, first.cast_signed()).nested(3, about).finish()
    }
}

impl Kind {
    /// INT64, DOUBLE or `BYTE_ARRAY`.
    fn physical(self) -> i32 {
        match self {
            Kind::Time => 2,
            Kind::Number { .. } => 5,
            Kind::Text | Kind::Name => 6,
        }
    }
}

impl Cell {
    fn holds(&self) -> bool {
        match self {
            Cell::Text(text) => text.is_some(),
            Cell::Time(time) => time.is_some(),
            Cell::Number(number) => number.is_some(),
        }
    }

    fn text(&self) -> Option<&str> {
        if let Cell::Text(text) = self { text.as_deref() } else { None }
    }

    fn eight_bytes(&self) -> Option<[u8; 8]> {
        match self {
            Cell::Time(time) => time.map(i64::to_le_bytes),
            Cell::Number(number) => number.map(f64::to_le_bytes),
            Cell::Text(_) => None,
        }
    }
}

/// The logical type of moments: `TIMESTAMP`, in UTC, in milliseconds. Without it some readers take them for
/// times of no zone.
fn moment() -> Struct {
    let millis = Struct::new().nested(1, Struct::new());
    Struct::new().nested(8, Struct::new().yes(1).nested(2, millis))
}

/// A page with its header.
fn page(kind: i32, field: u8, head: Struct, body: &[u8]) -> Vec<u8> {
    let length = small(body.len());
    let mut page =
        Struct::new().i32(1, kind).i32(2, length).i32(3, length).nested(field, head).finish();
    page.extend(body);
    page
}

fn plain(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend((text.len() as u32).to_le_bytes());
    bytes.extend(text.as_bytes());
}

/// Numbers of `width` bits, the lowest first, as one run of groups of eight.
fn packed(bytes: &mut Vec<u8>, numbers: &[u32], width: u32) {
    let groups = numbers.len().div_ceil(8);
    thrift::varint(bytes, (groups as u64) << 1 | 1);
    let (mut held, mut bits) = (0_u64, 0);
    let padding = std::iter::repeat_n(&0, groups * 8 - numbers.len());
    for number in numbers.iter().chain(padding) {
        held |= u64::from(*number) << bits;
        bits += width;
        while bits >= 8 {
            bytes.push(held as u8);
            held >>= 8;
            bits -= 8;
        }
    }
}

/// Counts and lengths of a group, which is small.
fn small(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification: the numbers 0 to 7 with three bits each.
    #[test]
    fn bits_are_packed_from_the_lowest_on() {
        let mut bytes = Vec::new();
        packed(&mut bytes, &[0, 1, 2, 3, 4, 5, 6, 7], 3);
        assert_eq!(bytes, [3, 0b1000_1000, 0b1100_0110, 0b1111_1010]);
        let mut bytes = Vec::new();
        packed(&mut bytes, &[1, 0, 1], 1);
        assert_eq!(bytes, [3, 0b101]);
    }
}
