use rand_chacha::ChaCha12Rng;
use rand_core::{Rng, SeedableRng};

/// Randomness handed to a core: cryptographically strong, and exactly repeatable from its seed.
///
/// The live program seeds it from the operating system, the simulator from a number.
#[derive(Clone, Debug)]
pub struct Entropy(ChaCha12Rng);

impl Entropy {
    /// Randomness from 32 bytes of the operating system.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Entropy {
        Entropy(ChaCha12Rng::from_seed(seed))
    }

    /// Repeatable randomness for tests and the simulator; not for a live system.
    #[must_use]
    pub fn from_number(seed: u64) -> Entropy {
        Entropy(ChaCha12Rng::seed_from_u64(seed))
    }

    /// Randomness of its own for a part of the core, so that one part's use of it does not change
    /// what another part draws.
    #[must_use]
    pub fn fork(&mut self) -> Entropy {
        let mut seed = [0; 32];
        self.0.fill_bytes(&mut seed);
        Entropy::from_seed(seed)
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// 32 random bits, as for an SSRC.
    pub fn bits32(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// A number from 0 to `bound - 1`, evenly distributed; 0 if `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        // Widening multiplication; the bias is at most bound / 2^64.
        let wide = u128::from(self.bits()) * u128::from(bound);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// `LEN` random bytes, as for a nonce key.
    pub fn bytes<const LEN: usize>(&mut self) -> [u8; LEN] {
        let mut bytes = [0; LEN];
        self.0.fill_bytes(&mut bytes);
        bytes
    }

    /// A token for tags, branches and Call-IDs: 16 characters of base 32, 80 random bits, which is
    /// more than the 32 bits that RFC 3261 §19.3 asks for.
    pub fn token(&mut self) -> String {
        const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
        let bits = (u128::from(self.bits()) << 64) | u128::from(self.bits());
        (0..16).map(|i| ALPHABET[(bits >> (5 * i)) as usize & 31] as char).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_tokens() {
        let (mut a, mut b) = (Entropy::from_number(122), Entropy::from_number(122));
        assert_eq!(a.token(), b.token());
        assert_ne!(a.token(), a.token());
        assert_eq!(a.token().len(), 16);
    }

    #[test]
    fn below_stays_below() {
        let mut entropy = Entropy::from_number(1);
        assert!((0..1000).all(|_| entropy.below(6) < 6));
        assert_eq!(entropy.below(0), 0);
    }
}
