//! Times as RFC 3339 writes them.

use ambient::Wall;

/// `2026-11-22T12:00:00Z`
pub(super) fn text(millis: i64) -> String {
    jiff::Timestamp::from_millisecond(millis).unwrap_or_default().to_string()
}

/// The time that a text says, which must say its offset.
pub(super) fn read(text: &str) -> Option<Wall> {
    let at: jiff::Timestamp = text.parse().ok()?;
    Some(Wall::from_unix_millis(at.as_millisecond()))
}
