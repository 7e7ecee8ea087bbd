//! Codes of six digits that change every half minute (TOTP, RFC 6238): what an account has to show beside its password.
//!
//! SHA-1, six digits and thirty seconds are what every authenticator application knows; some take others and compute
//! these all the same.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::{Mutex, PoisonError};

use ambient::Wall;
use serde::Deserialize;
use totp_rs::{Builder, Secret, Totp};

use crate::accounts::random;

/// Steps of thirty seconds that a telephone's clock may be fast or slow (RFC 6238 §5.2).
const DRIFT: u16 = 1;

/// The secret that an account shares with somebody's authenticator.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct SecondFactor(Totp);

/// Why something is no second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no second factor: at least 26 letters and digits in base 32, as `line122 second-factor` prints them"
)]
pub struct NoSecondFactor;

impl SecondFactor {
    /// A new one.
    ///
    /// # Errors
    /// If the system has no random numbers.
    pub fn new() -> io::Result<SecondFactor> {
        // As long as the hash, as RFC 4226 §4 recommends.
        let secret: [u8; 20] = random()?;
        SecondFactor::of(secret.into()).map_err(io::Error::other)
    }

    /// What stands in the file of the accounts.
    #[must_use]
    pub fn to_base32(&self) -> String {
        self.0.secret().to_base32()
    }

    /// What an authenticator reads from a picture: `otpauth://totp/…`, with the name of the account and of the line.
    ///
    /// # Errors
    /// If one of the names has a colon, or the account has none.
    pub fn uri(&self, account: &str, line: &str) -> Result<String, String> {
        let named = Builder::new()
            .with_secret(self.0.secret().clone())
            .with_account_name(account)
            .with_issuer(Some(line));
        named.build().and_then(|named| named.to_url()).map_err(|error| error.to_string())
    }

    /// The code of this moment.
    #[must_use]
    pub fn code(&self, now: Wall) -> String {
        self.0.generate(seconds(now)).to_string()
    }

    fn of(secret: Secret) -> Result<SecondFactor, NoSecondFactor> {
        let built = Builder::new().with_secret(secret).with_skew(DRIFT).build();
        built.map(SecondFactor).map_err(|_| NoSecondFactor)
    }
}

impl TryFrom<String> for SecondFactor {
    type Error = NoSecondFactor;
    fn try_from(text: String) -> Result<SecondFactor, NoSecondFactor> {
        // People who copy it by hand write it in groups and in small letters.
        let text: String = text.split_whitespace().collect();
        let secret = Secret::try_from_base32(text.to_ascii_uppercase());
        SecondFactor::of(secret.map_err(|_| NoSecondFactor)?)
    }
}

impl fmt::Debug for SecondFactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecondFactor").finish_non_exhaustive()
    }
}

/// The steps whose codes were shown, by account: a code that somebody has looked at over a shoulder is worth nothing
/// (RFC 6238 §5.2). Only those are remembered that a code could be repeated of, so there are never more than accounts.
#[derive(Debug, Default)]
pub(crate) struct Shown(Mutex<BTreeMap<String, u64>>);

impl Shown {
    /// Whether this is a code of now that nobody has shown yet; then it is shown.
    pub(crate) fn takes(&self, now: Wall, name: &str, factor: &SecondFactor, code: &str) -> bool {
        let Some(step) = factor.0.check(code, seconds(now)) else { return false };
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // As far back as the clock may be set without a code being taken again.
        let oldest = step.saturating_sub(2 * u64::from(DRIFT));
        shown.retain(|_, last| *last >= oldest);
        if shown.get(name).is_some_and(|last| step <= *last) {
            return false;
        }
        shown.insert(name.to_owned(), step);
        true
    }
}

fn seconds(now: Wall) -> u64 {
    u64::try_from(now.unix_seconds()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "12345678901234567890", the secret of RFC 6238, appendix B.
    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    fn factor() -> SecondFactor {
        SECRET.to_owned().try_into().unwrap()
    }

    fn at(seconds: i64) -> Wall {
        Wall::from_unix_millis(seconds * 1000)
    }

    /// The last six digits of those of the RFC, which has eight.
    #[test]
    fn codes_are_those_of_rfc_6238() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(factor().code(at(seconds)), code);
            assert!(Shown::default().takes(at(seconds), "ivanov", &factor(), code), "{code}");
        }
    }

    #[test]
    fn a_clock_may_be_half_a_minute_fast_or_slow_and_no_more() {
        let now = 1_111_111_110;
        for (clock, is_taken) in [(-60, false), (-30, true), (0, true), (30, true), (60, false)] {
            let code = factor().code(at(now + clock));
            assert_eq!(Shown::default().takes(at(now), "a", &factor(), &code), is_taken, "{clock}");
        }
        for code in ["", "05047", "0050471", "+50471", "٠٥٠٤٧١"] {
            assert!(!Shown::default().takes(at(now), "a", &factor(), code), "{code}");
        }
    }

    #[test]
    fn a_code_is_taken_once_and_none_from_before_it() {
        let shown = Shown::default();
        let now = 1_111_111_110;
        let (before, code) = (factor().code(at(now - 30)), factor().code(at(now)));
        assert!(shown.takes(at(now), "ivanov", &factor(), &code));
        assert!(!shown.takes(at(now), "ivanov", &factor(), &code));
        assert!(
            !shown.takes(at(now + 30), "ivanov", &factor(), &code),
            "drift is no second chance"
        );
        assert!(!shown.takes(at(now), "ivanov", &factor(), &before));
        // Another account may have the same authenticator.
        assert!(shown.takes(at(now), "petrov", &factor(), &code));
        let later = factor().code(at(now + 120));
        assert!(shown.takes(at(now + 120), "ivanov", &factor(), &later));
        assert_eq!(shown.0.lock().unwrap().len(), 1, "petrov's can be repeated no more");
    }

    #[test]
    fn what_is_written_and_drawn_is_what_is_read() {
        let made = SecondFactor::new().unwrap();
        let text = made.to_base32();
        assert!(text.len() == 32 && text != SecondFactor::new().unwrap().to_base32());
        let in_groups = format!("{} {}", text[..8].to_lowercase(), &text[8..]);
        let read = SecondFactor::try_from(in_groups).unwrap();
        assert_eq!(read.code(at(1)), made.code(at(1)));
        assert_eq!(
            made.uri("ivanov", "122 Смоленск").unwrap(),
            format!(
                "otpauth://totp/122%20%D0%A1%D0%BC%D0%BE%D0%BB%D0%B5%D0%BD%D1%81%D0%BA:ivanov?secret={text}\
                 &issuer=122%20%D0%A1%D0%BC%D0%BE%D0%BB%D0%B5%D0%BD%D1%81%D0%BA"
            )
        );
        assert!(made.uri("a:b", "122").is_err() && made.uri("", "122").is_err());
        for wrong in ["", "GEZDGNBVGY3TQOJQ", "корова"] {
            let error = SecondFactor::try_from(wrong.to_owned()).unwrap_err().to_string();
            assert!(wrong.is_empty() || !error.contains(wrong), "a secret is not repeated");
        }
    }
}
