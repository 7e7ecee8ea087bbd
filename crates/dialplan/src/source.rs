//! The files of a dialplan, and places in them.

use std::path::PathBuf;

/// The files, in the order of their names.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    /// The folder, for findings about the whole.
    pub(crate) folder: PathBuf,
    pub(crate) files: Vec<SourceFile>,
}

/// One file.
#[derive(Debug)]
pub(crate) struct SourceFile {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    /// Offset of the first byte of each line.
    lines: Vec<usize>,
}

/// A place: bytes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot {
    pub(crate) file: usize,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// A value with the place where it stands.
#[derive(Clone, Debug)]
pub(crate) struct At<T> {
    pub(crate) spot: Spot,
    pub(crate) value: T,
}

impl SourceFile {
    pub(crate) fn new(path: PathBuf, text: String) -> SourceFile {
        let lines = std::iter::once(0)
            .chain(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at + 1))
            .collect();
        SourceFile { path, text, lines }
    }

    /// Line and column from 1, the column in characters, and the line itself.
    pub(crate) fn locate(&self, offset: usize) -> (usize, usize, &str) {
        let line = self.lines.partition_point(|start| *start <= offset).max(1);
        let start = self.lines[line - 1];
        let end = self.lines.get(line).map_or(self.text.len(), |next| next - 1);
        let text = self.text.get(start..end).unwrap_or_default().trim_end_matches('\r');
        let before = self.text.get(start..offset.min(self.text.len())).unwrap_or_default();
        (line, before.chars().count() + 1, text)
    }

    /// How many characters of its first line a place takes, at least one.
    pub(crate) fn width(&self, start: usize, end: usize) -> usize {
        let text = self.text.get(start..end.min(self.text.len())).unwrap_or_default();
        text.lines().next().unwrap_or_default().chars().count().max(1)
    }
}
