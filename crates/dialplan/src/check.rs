//! Looks at the dialplan as a whole.

mod staff;
mod ways;

use crate::findings::Findings;
use crate::tables::Root;

/// Tells what is wrong or idle in the whole, though every part of it is right.
pub(crate) fn check(root: &Root, findings: &mut Findings) {
    let ways = ways::Ways::new(root);
    ways.loops(findings);
    ways.unreachable(findings);
    staff::check(root, findings);
}
