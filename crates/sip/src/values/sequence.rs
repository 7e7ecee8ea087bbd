//! CSeq and RAck.

use std::fmt;

use super::{BadValue, number, token};
use crate::Method;

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
        let (number, method) = word(text)?;
        let method = method.trim_ascii();
        if !token::is_token(method) {
            return Err(BadValue);
        }
        let number = super::number(number)?;
        if number >= 1 << 31 {
            return Err(BadValue);
        }
        Ok(CSeq { number, method: Method::from_token(method) })
    }
}

impl fmt::Display for CSeq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, self.method)
    }
}

/// RAck: which provisional response a PRACK acknowledges (RFC 3262 §7.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RAck {
    /// The response's RSeq.
    pub rseq: u32,
    /// The response's CSeq.
    pub cseq: CSeq,
}

impl RAck {
    /// Parses the value.
    ///
    /// # Errors
    /// If it does not follow its grammar.
    pub fn parse(text: &str) -> Result<RAck, BadValue> {
        let (rseq, cseq) = word(text)?;
        Ok(RAck { rseq: number(rseq)?, cseq: CSeq::parse(cseq.trim_ascii_start())? })
    }
}

impl fmt::Display for RAck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.rseq, self.cseq)
    }
}

/// The text up to the first blank, and the rest.
fn word(text: &str) -> Result<(&str, &str), BadValue> {
    let blank = |byte: u8| matches!(byte, b' ' | b'\t');
    text.bytes().position(blank).map(|at| text.split_at(at)).ok_or(BadValue)
}
