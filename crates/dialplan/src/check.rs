//! Looks at the dialplan as a whole.

mod staff;
mod ways;

use crate::findings::Findings;
use crate::tables::Root;

/// Tells what is wrong or idle in the whole, though every part of it is right.
pub(crate) fn check(root: &Root, findings: &mut Findings) {
    let ways = ways::Ways::new(root);
    ways.loops(findings);
    staff::agents_in_no_group(root, findings);
    staff::shared_passwords(root, findings);
    // While references are wrong, what they should lead to only seems to be idle.
    if !findings.any_error() {
        ways.unreachable(findings);
        staff::idle(root, findings);
    }
}
