//! The ceilings of a case.

/// Characters of a text: the request, a note, an answer.
pub const TEXT_MAX: usize = 4000;

/// Changes of one case. The last [`RESERVED`] are kept for its end, so that no case is stuck open.
pub const CHANGES_MAX: u32 = 2000;

/// Changes that only an answer, a closing or a mark of the watch may be.
pub(crate) const RESERVED: u32 = 100;
