//! Identities that sort by the time of their making.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

use ambient::{Entropy, Wall};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! identities {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u64);

        impl $name {
            /// The identity that nothing has.
            pub const NONE: $name = $name(0);

            /// A new identity: 42 bits of time, 22 of randomness, so that identities sort by their
            /// making and never repeat across restarts.
            #[must_use]
            pub fn new(at: Wall, entropy: &mut Entropy) -> $name {
                $name((at.unix_millis().cast_unsigned() << 22) | (entropy.bits() & 0x3f_ffff))
            }

            /// When it was made.
            #[must_use]
            pub fn made_at(self) -> Wall {
                Wall::from_unix_millis((self.0 >> 22).cast_signed())
            }

            /// The first identity of this time: those made earlier sort before it, all others after.
            #[must_use]
            pub fn first_at(at: Wall) -> $name {
                $name(at.unix_millis().cast_unsigned() << 22)
            }
        }

        impl fmt::Display for $name {
            /// Sixteen hexadecimal digits.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:016x}", self.0)
            }
        }

        impl FromStr for $name {
            type Err = ParseIntError;
            fn from_str(text: &str) -> Result<$name, ParseIntError> {
                u64::from_str_radix(text, 16).map($name)
            }
        }

        // As text: the numbers of JSON end at 53 bits.
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$name, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
    )*};
}

identities! {
    /// A call of a citizen, from the first INVITE to the record; the same through transfers and
    /// returns to the queue.
    CallId;
    /// A case: a request that must get an answer.
    CaseId;
}
