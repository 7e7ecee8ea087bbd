//! Words of a region's own.

/// A prompt of the dialplan. Its sound is its file, or the one of the same name that comes with the
/// line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// What is said.
    pub text: Option<Box<str>>,
    /// The sound file, relative to the dialplan's folder.
    pub file: Option<Box<str>>,
}
