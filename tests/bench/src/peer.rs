//! Other programs that do the same job.

/// The name of this system in tables.
pub(crate) const LINE122: &str = "line122";
/// The registrar and proxy: one worker, the fast allocator.
pub(crate) const KAMAILIO: &str = "Kamailio";
/// The media relay, in user space.
pub(crate) const RTPENGINE: &str = "rtpengine";
