//! A journal as lines of JSON: how a virtual disk, an export or an older journal holds it.

use journal::{Entry, Sequence};
use serde::Serialize;

/// A line, as it is written.
#[derive(Serialize)]
struct Written<'a> {
    sequence: Sequence,
    #[serde(flatten)]
    entry: &'a Entry,
}

/// Appends an entry's line to `lines`: one JSON object, then a line end.
///
/// # Errors
/// Never with the entries of today: none has a map with other keys than texts.
pub fn write_line(
    sequence: Sequence,
    entry: &Entry,
    lines: &mut Vec<u8>,
) -> Result<(), serde_json::Error> {
    let before = lines.len();
    let written = serde_json::to_writer(&mut *lines, &Written { sequence, entry });
    match written {
        Ok(()) => lines.push(b'\n'),
        Err(_) => lines.truncate(before),
    }
    written
}

/// Reads a line without its end. One that cannot be read was torn by a crash, so that nothing was
/// promised by it.
#[must_use]
pub fn read_line(line: &[u8]) -> Option<Entry> {
    serde_json::from_slice(line).ok()
}

/// Where the last whole line ends: what stands behind it was torn by a crash.
#[must_use]
pub fn whole_lines(journal: &[u8]) -> usize {
    journal.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)
}
