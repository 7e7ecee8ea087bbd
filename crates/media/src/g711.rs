//! G.711 by tables.

use std::sync::LazyLock;

use audio_codec_algorithms as g711;

use crate::Law;

/// The octet of silence.
pub(crate) const fn silence(law: Law) -> u8 {
    match law {
        Law::A => 0xd5,
        Law::Mu => 0xff,
    }
}

/// One sample in a law.
pub(crate) fn encode(law: Law, sample: i16) -> u8 {
    match law {
        Law::A => g711::encode_alaw(sample),
        Law::Mu => g711::encode_ulaw(sample),
    }
}

/// The samples of a law's octets.
#[must_use]
pub fn samples(law: Law) -> &'static [i16; 256] {
    static A: LazyLock<[i16; 256]> = LazyLock::new(|| table(g711::decode_alaw));
    static MU: LazyLock<[i16; 256]> = LazyLock::new(|| table(g711::decode_ulaw));
    match law {
        Law::A => &A,
        Law::Mu => &MU,
    }
}

/// The octets of one law for those of another (ITU-T G.711 tables 3 and 4); `None` between equals.
#[must_use]
pub fn transcoding(from: Law, to: Law) -> Option<&'static [u8; 256]> {
    static A_TO_MU: LazyLock<[u8; 256]> = LazyLock::new(|| table(g711::convert_alaw_to_ulaw));
    static MU_TO_A: LazyLock<[u8; 256]> = LazyLock::new(|| table(g711::convert_ulaw_to_alaw));
    match (from, to) {
        (Law::A, Law::Mu) => Some(&A_TO_MU),
        (Law::Mu, Law::A) => Some(&MU_TO_A),
        (Law::A, Law::A) | (Law::Mu, Law::Mu) => None,
    }
}

fn table<T: Copy + Default>(of: fn(u8) -> T) -> [T; 256] {
    let mut table = [T::default(); 256];
    for (octet, entry) in (0..=u8::MAX).zip(&mut table) {
        *entry = of(octet);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_silent() {
        for law in [Law::A, Law::Mu] {
            assert!(samples(law)[usize::from(silence(law))].abs() <= 8);
            assert_eq!(encode(law, 0), silence(law));
        }
    }

    #[test]
    fn transcoding_keeps_the_sound() {
        let table = transcoding(Law::A, Law::Mu).unwrap();
        for octet in 0..=255u8 {
            let before = f32::from(samples(Law::A)[usize::from(octet)]);
            let after = f32::from(samples(Law::Mu)[usize::from(table[usize::from(octet)])]);
            assert!(
                (before - after).abs() <= 16.0 + before.abs() * 0.05,
                "{octet}: {before} {after}"
            );
        }
    }
}
