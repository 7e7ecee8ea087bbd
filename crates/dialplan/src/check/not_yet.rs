//! What the language has and no part of the program obeys yet: an admin must not rely on it.

use crate::findings::Findings;
use crate::tables::Root;

/// Warns of rules that are read and not obeyed.
pub(super) fn warn(root: &Root, findings: &mut Findings) {
    if let Some(at) = root.recording.given() {
        findings
            .warning(at.spot, "not yet in force in this version: talks are not recorded")
            .remedy("leave it for a later version, and do not rely on it");
    }
}
