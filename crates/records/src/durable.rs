//! Small files that a power cut leaves either as they were or as they are to be.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Writes a file beside its place, moves it there, and makes both durable: whoever looks sees it whole, as
/// it was or as it is to be. The permissions of what was there stay.
///
/// # Errors
/// If it cannot be written; the file of before is as it was.
pub fn replace(new: &Path, place: &Path, bytes: &[u8]) -> io::Result<()> {
    write(new, bytes)?;
    if let Ok(known) = fs::metadata(place) {
        fs::set_permissions(new, known.permissions())?;
    }
    fs::rename(new, place)?;
    place.parent().map_or(Ok(()), sync)
}

/// Writes a file that nobody but its owner reads.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let options = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    let mut file = options?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// The names in a folder are durable.
pub(crate) fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
