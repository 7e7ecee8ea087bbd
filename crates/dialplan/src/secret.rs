//! Passwords that do not show themselves in logs.

use std::fmt;
use std::ops::Deref;

/// A password. It reads as text where it is used, and prints as `•••` wherever a whole structure is
/// printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Secret(text.into())
    }
}

impl Deref for Secret {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}
