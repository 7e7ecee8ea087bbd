//! The files of a dialplan, and places in them.

use std::borrow::Cow;
use std::ffi::OsStr;
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

impl Sources {
    /// The line at which something begins, from 1.
    pub(crate) fn line(&self, spot: Spot) -> u32 {
        let (line, ..) = self.files[spot.file].locate(spot.start);
        u32::try_from(line).unwrap_or(u32::MAX)
    }

    /// The Markdown files: names and texts.
    pub(crate) fn scripts(&self) -> impl Iterator<Item = (&str, &str)> {
        let is_script = |file: &&SourceFile| file.path.extension() == Some(OsStr::new("md"));
        let files = self.files.iter().filter(is_script);
        files.filter_map(|file| Some((file.path.file_name()?.to_str()?, file.text.as_str())))
    }

    /// Names a dialplan in call records: FNV-1a with 64 bits over the names and texts of its files, in
    /// sixteen hexadecimal digits. It tells versions apart; it does not protect against forgery.
    pub(crate) fn version(&self) -> String {
        const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
        const PRIME: u64 = 0x0000_0100_0000_01b3;
        let bytes = self.files.iter().flat_map(|file| {
            let name = file.path.file_name().unwrap_or_default().as_encoded_bytes();
            // A zero byte stands in no name and in no TOML text.
            name.iter().chain(&[0]).chain(file.text.as_bytes()).chain(&[0])
        });
        let hash = bytes.fold(OFFSET, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(PRIME));
        format!("{hash:016x}")
    }
}

impl SourceFile {
    /// Its name within the folder.
    pub(crate) fn name(&self) -> Cow<'_, str> {
        self.path.file_name().unwrap_or_default().to_string_lossy()
    }

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
