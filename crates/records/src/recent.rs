use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use journal::CallRecord;

/// How many records are kept at hand.
pub const RECENT_MAX: usize = 200;

/// The last records, for the status page; the newest first.
#[derive(Clone, Debug, Default)]
pub struct Recent(Arc<Mutex<VecDeque<CallRecord>>>);

impl Recent {
    /// The records, newest first; at most [`RECENT_MAX`].
    #[must_use]
    pub fn newest(&self) -> Vec<CallRecord> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    pub(crate) fn push(&self, record: CallRecord) {
        let mut records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        records.truncate(RECENT_MAX - 1);
        records.push_front(record);
    }
}
