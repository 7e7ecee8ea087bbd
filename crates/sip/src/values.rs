//! Header values, parsed in place when asked for.

pub(crate) mod elements;
mod name_addr;
mod params;
pub(crate) mod token;
mod via;

use crate::Method;

pub use name_addr::NameAddr;
pub(crate) use name_addr::header_tag;
pub use params::Params;
pub use via::Via;

/// The value does not follow its grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed header value")]
pub struct BadValue;

/// CSeq (RFC 3261 §20.16).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CSeq {
    /// The sequence number.
    pub number: u32,
    /// The method.
    pub method: Method,
}

impl CSeq {
    /// Parses the value.
    ///
    /// # Errors
    /// If it does not follow its grammar, or the number is not below 2³¹ (RFC 3261 §8.1.1.5).
    pub fn parse(text: &str) -> Result<CSeq, BadValue> {
        let (number, method) = text.split_once([' ', '\t']).ok_or(BadValue)?;
        let method = method.trim();
        if !token::is_token(method) {
            return Err(BadValue);
        }
        let number = token::number(number).filter(|number| *number < 1 << 31).ok_or(BadValue)?;
        Ok(CSeq { number, method: Method::from_token(method) })
    }
}
