//! G.711, written from the recommendation and not with the program's own tables.

use std::sync::LazyLock;

/// A law of G.711.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// A-law, payload type 8.
    A,
    /// µ-law, payload type 0.
    Mu,
}

impl Law {
    /// Its static payload type (RFC 3551).
    #[must_use]
    pub fn payload_type(self) -> u8 {
        match self {
            Law::A => 8,
            Law::Mu => 0,
        }
    }

    /// Its name in SDP.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Law::A => "PCMA",
            Law::Mu => "PCMU",
        }
    }

    /// The law of a payload type.
    #[must_use]
    pub fn of_payload_type(payload_type: u8) -> Option<Law> {
        match payload_type {
            8 => Some(Law::A),
            0 => Some(Law::Mu),
            _ => None,
        }
    }

    /// The sample of a byte.
    #[must_use]
    pub fn decode(self, byte: u8) -> i16 {
        let (byte, bias) = match self {
            Law::A => (byte ^ 0x55, 0),
            Law::Mu => (!byte, 0x84),
        };
        let exponent = i32::from((byte >> 4) & 7);
        let mantissa = i32::from(byte & 15);
        let magnitude = match (self, exponent) {
            (Law::A, 0) => (mantissa << 4) + 8,
            (Law::A, _) => ((mantissa << 4) + 0x108) << (exponent - 1),
            (Law::Mu, _) => (((mantissa << 3) + bias) << exponent) - bias,
        };
        let is_positive = (byte & 0x80 != 0) == (self == Law::A);
        let sample = if is_positive { magnitude } else { -magnitude };
        i16::try_from(sample).expect("the laws stay within 16 bits")
    }

    /// The byte whose sample is nearest.
    #[must_use]
    pub fn encode(self, sample: i16) -> u8 {
        static NEAREST: LazyLock<[Vec<u8>; 2]> =
            LazyLock::new(|| [nearest(Law::A), nearest(Law::Mu)]);
        NEAREST[self as usize][usize::from(sample.cast_unsigned())]
    }
}

/// For each sample, read as unsigned, the byte whose sample is nearest.
fn nearest(law: Law) -> Vec<u8> {
    let distance = |sample: i16, byte: u8| i32::from(law.decode(byte)).abs_diff(sample.into());
    (0..=u16::MAX)
        .map(u16::cast_signed)
        .map(|sample| (0..=255).min_by_key(|byte| distance(sample, *byte)).unwrap_or_default())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        // ITU-T G.711 tables 1a and 2a.
        assert_eq!(Law::A.decode(0xd5), 8);
        assert_eq!(Law::A.decode(0x55), -8);
        assert_eq!(Law::A.decode(0xaa), 32256);
        assert_eq!(Law::Mu.decode(0xff), 0);
        assert_eq!(Law::Mu.decode(0x80), 32124);
        assert_eq!(Law::Mu.decode(0x00), -32124);
    }

    #[test]
    fn what_is_encoded_is_decoded_alike() {
        for law in [Law::A, Law::Mu] {
            for sample in (-32000..32000).step_by(77) {
                let again = law.decode(law.encode(sample));
                let error = (i32::from(again) - i32::from(sample)).abs();
                assert!(error <= 16 + i32::from(sample).abs() / 16, "{law:?} {sample} {again}");
            }
        }
    }
}
