use media::Identity;

use crate::{Clock, StartError};

/// A certificate for DTLS, made for this run of the program: whoever is to trust it learns its
/// fingerprint by signalling (RFC 5763 §5), so that nothing else stands in it.
///
/// # Errors
/// If the system gives no randomness.
pub fn dtls_identity(clock: Clock) -> Result<Identity, StartError> {
    let refused = |why: &dyn std::fmt::Display| {
        StartError::System(std::io::Error::other(format!("no certificate for DTLS: {why}")))
    };
    let made = rcgen::generate_simple_self_signed(vec!["line122".to_owned()])
        .map_err(|why| refused(&why))?;
    let (certificate, key) = (made.cert.der().to_vec(), made.signing_key.serialize_der());
    Identity::new(certificate, key, clock.started()).map_err(|why| refused(&why))
}
