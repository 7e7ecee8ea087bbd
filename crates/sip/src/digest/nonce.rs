//! Nonces that the server can recognise without having kept them: the time of issue, randomness, and
//! a keyed hash over both. Only those that served a right password are kept, for their counts.

use std::collections::BTreeMap;
use std::time::Duration;

use ambient::{Entropy, Mono};
use sha2::{Digest, Sha256};

use super::hash::{hex, is_same_hex};

/// How long a nonce may be used; then it is stale.
pub const NONCE_LIFETIME: Duration = Duration::from_secs(300);
/// Nonces in use whose counts are kept. Past it the oldest go, and nonces of their age are stale.
pub const NONCES_MAX: usize = 65_536;

/// What identifies a nonce: when it was issued (nanoseconds since the start), and randomness.
type Id = (u64, u64);

/// Issues nonces and knows which counts were used.
pub(super) struct Nonces {
    key: [u8; 32],
    used: BTreeMap<Id, Counts>,
    /// Nonces issued up to here are stale, because their counts were given up.
    floor: Option<u64>,
}

/// The counts of a nonce that were used: the highest, and which of the 64 up to it.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    highest: u32,
    seen: u64,
}

impl Nonces {
    pub(super) fn new(entropy: &mut Entropy) -> Nonces {
        Nonces { key: entropy.bytes(), used: BTreeMap::new(), floor: None }
    }

    /// A new nonce.
    pub(super) fn issue(&self, now: Mono, entropy: &mut Entropy) -> String {
        let issued = u64::try_from(now.since_start().as_nanos()).unwrap_or(u64::MAX);
        let id = (issued, entropy.bits());
        format!("{:016x}{:016x}{}", id.0, id.1, self.seal(id))
    }

    /// Uses a count of a nonce, whose response was right; false if the nonce is not ours or too old,
    /// or the count was used before.
    pub(super) fn spend(&mut self, now: Mono, nonce: &str, count: u32) -> bool {
        let Some(id) = self.open(nonce) else { return false };
        let age = now.since(Mono::from_start(Duration::from_nanos(id.0)));
        let is_given_up = self.floor.is_some_and(|floor| id.0 <= floor);
        if age > NONCE_LIFETIME || is_given_up {
            return false;
        }
        if !self.used.contains_key(&id) {
            self.make_room(now);
        }
        self.used.entry(id).or_default().spend(count)
    }

    fn make_room(&mut self, now: Mono) {
        while let Some(oldest) = self.used.first_entry() {
            let issued = oldest.key().0;
            let age = now.since(Mono::from_start(Duration::from_nanos(issued)));
            if age > NONCE_LIFETIME {
                oldest.remove();
            } else if self.used.len() >= NONCES_MAX {
                self.used.pop_first();
                self.floor = Some(issued);
            } else {
                return;
            }
        }
    }

    fn open(&self, nonce: &str) -> Option<Id> {
        let id = (number(nonce.get(..16)?)?, number(nonce.get(16..32)?)?);
        is_same_hex(&self.seal(id), nonce.get(32..)?).then_some(id)
    }

    /// The keyed hash. Its input has a fixed length, so that no hash can be extended to another one.
    fn seal(&self, id: Id) -> String {
        let mut hasher = Sha256::new();
        hasher.update(self.key);
        hasher.update(id.0.to_be_bytes());
        hasher.update(id.1.to_be_bytes());
        hex(&hasher.finalize()[..16])
    }
}

impl Counts {
    /// Requests may overtake each other on the way, so any count is good that is not used and not
    /// more than 63 behind the highest.
    fn spend(&mut self, count: u32) -> bool {
        if count == 0 {
            return false;
        }
        if count > self.highest {
            let ahead = count - self.highest;
            self.seen = self.seen.checked_shl(ahead).unwrap_or(0) | 1;
            self.highest = count;
            return true;
        }
        let behind = self.highest - count;
        if behind >= u64::BITS || self.seen & (1 << behind) != 0 {
            return false;
        }
        self.seen |= 1 << behind;
        true
    }
}

fn number(text: &str) -> Option<u64> {
    let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u64::from_str_radix(text, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(seconds: u64) -> Mono {
        Mono::from_start(Duration::from_secs(seconds))
    }

    #[test]
    fn each_count_serves_once_in_any_order() {
        let mut entropy = Entropy::from_number(1);
        let mut nonces = Nonces::new(&mut entropy);
        let nonce = nonces.issue(after(1), &mut entropy);
        for count in [1, 3, 2, 70, 7] {
            assert!(nonces.spend(after(2), &nonce, count), "{count}");
            assert!(!nonces.spend(after(2), &nonce, count), "{count} again");
        }
        assert!(!nonces.spend(after(2), &nonce, 6), "64 behind the highest");
        assert!(!nonces.spend(after(2), &nonce, 0));
        assert!(nonces.spend(after(2), &nonce, u32::MAX));
    }

    #[test]
    fn a_nonce_is_ours_and_young() {
        let mut entropy = Entropy::from_number(1);
        let mut nonces = Nonces::new(&mut entropy);
        let nonce = nonces.issue(after(1), &mut entropy);
        let mut forged = nonce.clone().into_bytes();
        forged[3] = if forged[3] == b'0' { b'1' } else { b'0' };
        assert!(!nonces.spend(after(2), std::str::from_utf8(&forged).unwrap(), 1));
        for text in ["", "é", "+000000000000000", &nonce[..40]] {
            assert!(!nonces.spend(after(2), text, 1), "{text}");
        }
        let mut others = Nonces::new(&mut entropy);
        assert!(!others.spend(after(2), &nonce, 1));
        assert!(nonces.spend(after(301), &nonce, 1));
        assert!(!nonces.spend(after(302), &nonce, 2));
    }

    #[test]
    fn the_table_has_a_ceiling_and_forgets_no_replay() {
        let mut entropy = Entropy::from_number(1);
        let mut nonces = Nonces::new(&mut entropy);
        let issue = |nonces: &Nonces, entropy: &mut Entropy, nanos| {
            nonces.issue(Mono::from_start(Duration::from_nanos(nanos)), entropy)
        };
        let first = issue(&nonces, &mut entropy, 1);
        assert!(nonces.spend(after(1), &first, 1));
        for nanos in 2..=NONCES_MAX as u64 {
            let nonce = issue(&nonces, &mut entropy, nanos);
            assert!(nonces.spend(after(1), &nonce, 1));
        }
        assert_eq!(nonces.used.len(), NONCES_MAX);
        assert!(nonces.spend(after(1), &first, 2), "at the ceiling the first still serves");
        let one_more = issue(&nonces, &mut entropy, 1_000_000);
        assert!(nonces.spend(after(1), &one_more, 1));
        assert_eq!(nonces.used.len(), NONCES_MAX);
        assert!(!nonces.spend(after(1), &first, 1), "its counts are lost, so it is stale");
        assert!(!nonces.spend(after(1), &first, 3));
        // When all are old, they leave by themselves.
        let late = nonces.issue(after(400), &mut entropy);
        assert!(nonces.spend(after(400), &late, 1));
        assert_eq!(nonces.used.len(), 1);
    }
}
