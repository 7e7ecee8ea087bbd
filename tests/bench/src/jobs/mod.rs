//! What is measured.

use std::error::Error;

use crate::lab::Lab;
use crate::report::Row;

/// Measures one job on all its sides.
pub(crate) type Measure = fn(&Lab) -> Result<Vec<Row>, Box<dyn Error>>;

/// The job of this name.
pub(crate) fn named(job: &str) -> Option<Measure> {
    let jobs: [(&str, Measure); 0] = [];
    jobs.into_iter().find(|(name, _)| *name == job).map(|(_, measure)| measure)
}
