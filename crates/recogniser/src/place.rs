//! How many streams there are at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::NoRoom;

/// One of the places for streams; given back when it is dropped.
pub(crate) struct Place(Arc<AtomicUsize>);

impl Place {
    /// Takes a place, if there is one of `most`.
    pub(crate) fn take(taken: &Arc<AtomicUsize>, most: usize) -> Result<Place, NoRoom> {
        let more = |taken| (taken < most).then_some(taken + 1);
        let took = taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        took.map_err(|_| NoRoom)?;
        Ok(Place(Arc::clone(taken)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
