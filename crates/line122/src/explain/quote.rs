//! Lines of a dialplan's files, as they are quoted.

use std::collections::BTreeMap;
use std::path::Path;

use dialplan::Place;

/// The files that were quoted so far.
pub(crate) struct Quotes<'a> {
    folder: &'a Path,
    files: BTreeMap<Box<str>, String>,
}

impl<'a> Quotes<'a> {
    /// The files of a folder.
    pub(crate) fn of(folder: &'a Path) -> Quotes<'a> {
        Quotes { folder, files: BTreeMap::new() }
    }

    /// The text of a line without the blanks around it; empty if it cannot be read any more.
    pub(crate) fn line(&mut self, place: &Place) -> &str {
        let text = self.files.entry((&*place.file).into()).or_insert_with(|| {
            std::fs::read_to_string(self.folder.join(&*place.file)).unwrap_or_default()
        });
        let index = (place.line as usize).saturating_sub(1);
        text.lines().nth(index).unwrap_or_default().trim()
    }
}
