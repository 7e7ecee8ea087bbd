//! Pages of long answers: how many, and after which.

use std::str::FromStr;

use super::problem::{self, Problem};

/// Entries of one page unless more or fewer are asked for.
const PAGE: usize = 50;
/// The most.
const PAGE_MAX: usize = 500;

/// After which entry the page begins, and how many it has at most.
pub(super) fn read<T: FromStr>(
    cursor: Option<&str>,
    limit: Option<usize>,
) -> Result<(Option<T>, usize), Problem> {
    let after = cursor.map(str::parse).transpose().map_err(|_| problem::WRONG.of("cursor"))?;
    Ok((after, limit.unwrap_or(PAGE).clamp(1, PAGE_MAX)))
}
